"""Flow cytometry: files of FCS 2.0 to 3.1, one row an event. Runs in a process of its own."""

from __future__ import annotations

import io
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
_UNDONE = "no compensation, gain, logarithm or other transformation was applied"


def parse_fcs(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The events of a data set of the file, as they are stored: nothing is transformed.

    Channels are called by what they stain ($PnS), or by their own name ($PnN).
    Raises ReadError for a damaged file, and for one without events.
    """
    task.step(0.0, "Reading")
    content = file.read()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            sets = _data_sets(content, name, task)
            titles = [f"Data set {i}" for i in range(1, len(sets) + 1)]
            wanted = options.sheet or titles[0]
            if wanted not in titles:
                raise ReadError(f"{name} has no data set '{wanted}'.", f"Its last is {titles[-1]}.")
            offset = sets[titles.index(wanted)]
            _check(_parsed(content, offset, only_text=True).text, name)
            data = _parsed(content, offset, ignore_offset_error=True)
            raw = _table(data, name)
    except (MemoryError, ReadError):
        raise
    except Exception as error:  # the parser trusts what it reads, and so stumbles in any way
        raise damaged(name, f"{type(error).__name__}, {error}") from None
    if len(titles) > 1:
        raw.sheets = tuple(titles)
        raw.interpretation["sheet"] = wanted
    return raw


def _parsed(content: bytes, offset: int, **how: bool) -> Any:
    # From a stream of its own each time: the parser closes it.
    return flowio.FlowData(io.BytesIO(content), nextdata_offset=offset, **how)


def _data_sets(content: bytes, name: str, task: Task) -> list[int]:
    """Where each data set of the file begins."""
    offsets = [0]
    while len(offsets) <= MAX_MEMBERS:
        task.step()
        text = _parsed(content, offsets[-1], only_text=True).text
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


def _table(data: Any, name: str) -> RawTable:
    n_channels = int(data.channel_count)
    events = np.array(data.events)
    if not n_channels or not len(events):
        raise ReadError(f"{name} has no events.", "Open a file with events.")
    if len(events) != n_channels * int(data.event_count):
        raise damaged(name, f"it should hold {data.event_count:,} events of {n_channels} channels")
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
    return RawTable(names, columns, notes, labels=labels, kinds=kinds)
