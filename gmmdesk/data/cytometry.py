"""Flow cytometry: files of FCS 2.0 to 3.1, one row an event. Runs in a process of its own."""

from __future__ import annotations

import sys
import warnings
from typing import Any, BinaryIO

import flowio
import numpy as np
import pyarrow as pa

from gmmdesk.data.apart import damaged
from gmmdesk.data.limits import MAX_MEMBERS, check_columns
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, unique_names
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_ORDERS = {"1,2,3,4", "4,3,2,1", "1,2", "2,1"}
_SPAN_FROM = 26  # in the header, where the first and last byte of the events are told
_MOST_IN_HEADER = 99_999_999
_UNDONE = "no compensation, gain, logarithm or other transformation was applied"


def parse_fcs(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The events of a data set of the file, as they are stored: nothing is transformed.

    Channels are called by what they stain ($PnS), or by their own name ($PnN).
    Raises ReadError for a damaged file, and for one without events.
    """
    task.step(0.0, "Reading")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sets = _data_sets(file, name, task)
            titles = [f"Data set {i}" for i in range(1, len(sets) + 1)]
            wanted = options.sheet or titles[0]
            if wanted not in titles:
                raise ReadError(f"{name} has no data set '{wanted}'.", f"Its last is {titles[-1]}.")
            offset = sets[titles.index(wanted)]
            head = _head(file, offset)
            _check(head.text, name)
            span = _span_of(head, options.row_limit)
            limit = None if span is None else options.row_limit
            raw = _table(_events(file, offset, span), name, limit)
    except (MemoryError, ReadError):
        raise
    except Exception as error:  # the parser trusts what it reads, and so stumbles in any way
        raise damaged(name, f"{type(error).__name__}, {error}") from None
    if len(titles) > 1:
        raw.sheets = tuple(titles)
        raw.interpretation["sheet"] = wanted
    return raw


class _Cut:
    """A file whose data set at `offset` says that its events lie within `span` (first, last byte).

    The parser closes it, and not the file.
    """

    def __init__(
        self, file: BinaryIO, offset: int, span: tuple[int, int] | None, *, is_head: bool
    ) -> None:
        self._file = file
        self._offset = offset
        self._header = b""
        if span is not None:
            file.seek(offset)
            before = file.read(_SPAN_FROM)
            self._header = before + "".join(f"{place:>8}" for place in span).encode()
        self.close = lambda: None
        self.seek = file.seek
        # What the parser compares with where the events end, also where it is to read none.
        self.tell = (lambda: sys.maxsize) if is_head else file.tell

    def read(self, n: int = -1) -> bytes:
        start = self._file.tell() - self._offset
        content = self._file.read(n)
        if not 0 <= start < len(self._header):
            return content
        changed = self._header[start : start + len(content)]
        return changed + content[len(changed) :]


def _head(file: BinaryIO, offset: int) -> Any:
    view = _Cut(file, offset, None, is_head=True)
    return flowio.FlowData(view, nextdata_offset=offset, only_text=True)


def _events(file: BinaryIO, offset: int, span: tuple[int, int] | None) -> Any:
    """The data set at `offset`, with the events within `span` or else all."""
    return flowio.FlowData(
        _Cut(file, offset, span, is_head=False),
        nextdata_offset=offset,
        ignore_offset_error=True,
        use_header_offsets=span is not None,
    )


def _span_of(head: Any, row_limit: int | None) -> tuple[int, int] | None:
    """Where the first events lie; None where they cannot be told."""
    if row_limit is None or row_limit >= int(head.event_count):
        return None
    text, header = head.text, head.header
    places = header["data_start"], header["data_stop"]
    if head.version != "2.0" and places != (0, 0):
        told = int(text["begindata"]), int(text["enddata"])
        if told != places:  # which the parser has to judge
            return None
    elif places == (0, 0):
        places = int(text["begindata"]), int(text["enddata"])
    bits = sum(int(text[f"p{i}b"]) for i in range(1, int(head.channel_count) + 1))
    last = places[0] + row_limit * bits // 8 - 1
    fits = bits % 8 == 0 and last <= min(places[1], _MOST_IN_HEADER)
    return (places[0], last) if fits else None


def _data_sets(file: BinaryIO, name: str, task: Task) -> list[int]:
    """Where each data set of the file begins."""
    offsets = [0]
    while len(offsets) <= MAX_MEMBERS:
        task.step()
        text = _head(file, offsets[-1]).text
        following = int(text.get("nextdata", "0") or 0)
        if not following:
            return offsets
        if following < 0:
            raise damaged(name, "its next data set begins before it")
        offsets.append(offsets[-1] + following)
    raise ReadError(f"{name} holds more than {MAX_MEMBERS:,} data sets.", "Split it.")


def _check(text: dict[str, str], name: str) -> None:
    """Refuse what the parser would take for something else."""
    check_columns(int(text["par"]), name)
    if text.get("byteord", "").replace(" ", "") not in _ORDERS:
        raise ReadError(
            f"{name} stores its numbers in an unusual order of bytes ({text.get('byteord')}).",
            "Export it again as FCS 3.0 or 3.1.",
        )
    if any(key.endswith("datatype") and key != "datatype" for key in text):
        raise ReadError(
            f"{name} mixes types of numbers (FCS 3.2).", "Export it again as FCS 3.0 or 3.1."
        )


def _table(data: Any, name: str, row_limit: int | None) -> RawTable:
    n_channels, n_events = int(data.channel_count), int(data.event_count)
    events = np.array(data.events)
    if not n_channels or not len(events):
        raise ReadError(f"{name} has no events.", "Open a file with events.")
    if len(events) != n_channels * (row_limit or n_events):
        raise damaged(name, f"it should hold {n_events:,} events of {n_channels} channels")
    events = events.reshape(-1, n_channels)
    if events.dtype.kind in "iu":
        events = events.astype(np.int64)
    stains = [str(label).strip() for label in data.pns_labels]
    channels = [str(label).strip() for label in data.pnn_labels]
    if not len(stains) == len(channels) == n_channels:
        raise damaged(name, f"it names {len(channels)} of its {n_channels} channels")
    names, notes = unique_names([s or c for s, c in zip(stains, channels, strict=True)])
    columns = [
        pa.chunked_array([pa.array(np.ascontiguousarray(events[:, j]))]) for j in range(n_channels)
    ]
    notes.append(f"Values are as stored in the file: {_UNDONE}.")
    if any(key in data.text for key in ("spill", "spillover", "comp")):
        notes.append("The file carries a matrix for compensation, which was not used.")
    labels = {
        new: f"channel {channel}"
        for new, stain, channel in zip(names, stains, channels, strict=True)
        if stain and channel
    }
    kinds = dict.fromkeys(names, ("number", ""))
    if data.time_index is not None:
        kinds[names[data.time_index]] = ("date", "time of the event, no measurement of it")
    raw = RawTable(names, columns, notes, labels=labels, kinds=kinds)
    if row_limit is not None:
        raw.is_chosen, raw.rows_in_file = True, n_events
    return raw
