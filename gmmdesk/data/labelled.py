"""Files of SPSS, Stata and SAS, with the labels of their values and variables.

The parser is ReadStat (Evan Miller) by way of pyreadstat. It runs in a process of its own.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, BinaryIO

import pyreadstat

from gmmdesk.data.apart import damaged
from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.raw import RawTable, listed, seemly, unique_names
from gmmdesk.data.values import as_text, column_of
from gmmdesk.errors import ReadError
from gmmdesk.task import Task

_BYTES_PER_CELL = 32  # of Python's numbers in lists
_Labels = Mapping[Any, str]
_Parse = Callable[..., tuple[dict[str, list[Any]], Any]]


def parse_spss(file: BinaryIO, name: str, _options: ReadOptions, task: Task) -> RawTable:
    """The table in a file of SPSS: a system file (.sav, .zsav) or a portable one (.por)."""
    is_system = file.read(4) in (b"$FL2", b"$FL3")
    return _parse(pyreadstat.read_sav if is_system else pyreadstat.read_por, file, name, task)


def parse_stata(file: BinaryIO, name: str, _options: ReadOptions, task: Task) -> RawTable:
    """The table in a file of Stata (.dta)."""
    return _parse(pyreadstat.read_dta, file, name, task)


def parse_sas(file: BinaryIO, name: str, _options: ReadOptions, task: Task) -> RawTable:
    """The table in a file of SAS: a data set (.sas7bdat) or a transport file (.xpt)."""
    is_transport = file.read(6) == b"HEADER"
    parse = pyreadstat.read_xport if is_transport else pyreadstat.read_sas7bdat
    return _parse(parse, file, name, task)


def _parse(parse: _Parse, file: BinaryIO, name: str, task: Task) -> RawTable:
    """The table, user-missing values missing, labels in place of the codes of categories.

    Raises ReadError for a damaged file and for one without rows or columns.
    """
    facts = _read(parse, file, name, metadataonly=True)[1]
    check_columns(len(facts.column_names), name)
    if facts.number_rows and facts.number_rows > 0:
        check_memory(facts.number_rows * len(facts.column_names) * _BYTES_PER_CELL, name)
    task.step(0.1, "Reading")
    notes: list[str] = []
    try:
        cells, facts = _read(parse, file, name)
    except ReadError:
        # Dates beyond the year 9999 are no dates to the parser: then all stay numbers.
        cells, facts = _read(parse, file, name, disable_datetime_conversion=True)
        notes.append("Dates were left as numbers: some are out of the range of a calendar.")
    task.step(0.6)
    if not cells or not len(next(iter(cells.values()))):
        raise ReadError(f"{name} has no rows.", "Open a file with rows.")
    names, name_notes = unique_names(list(cells))
    measures = getattr(facts, "variable_measure", {}) or {}
    all_labels = facts.variable_value_labels or {}
    texts, numbers = [], []
    columns = []
    for i, (key, values) in enumerate(cells.items()):
        shown: list[Any] = values
        labels = all_labels.get(key)
        if labels:
            if _is_category(values, labels, measures.get(key, "unknown")):
                texts.append(names[i])
                shown = [_labelled(value, labels) for value in values]
            else:
                numbers.append(names[i])
        columns.append(column_of(_whole(shown), names[i]))
        task.step(0.6 + 0.4 * i / len(names))
    if texts:
        notes.append(f"Codes were replaced by their labels in {listed(texts)}.")
    if numbers:
        notes.append(
            f"Numbers were kept, not their labels, in {listed(numbers)}: measurements, or values"
            " without a label of their own."
        )
    described = {
        new: seemly(label)
        for new, label in zip(names, facts.column_labels or [], strict=False)
        if label and label.strip() and label.strip() != new
    }
    encoding = {"encoding": facts.file_encoding} if facts.file_encoding else {}
    return RawTable(names, columns, notes + name_notes, encoding, labels=described)


def _read(parse: _Parse, file: BinaryIO, name: str, **how: Any) -> tuple[dict[str, list[Any]], Any]:
    file.seek(0)
    try:
        return parse(file, output_format="dict", **how)
    except MemoryError:
        raise
    except Exception as error:  # the parser's own kinds of error, and whatever else it stumbles on
        if "allocate memory" in str(error):
            raise MemoryError from None
        raise damaged(name, re.sub(r"^.*?: (?=\w)", "", str(error))) from None


def _is_category(values: list[Any], labels: _Labels, measure: str) -> bool:
    """Whether labels say all that the values of a column do."""
    present = {value for value in values if value is not None and value != ""}
    if measure == "scale" or not present:
        return False
    texts = {labels.get(value) for value in present}
    return None not in texts and len(texts) == len(present)


def _labelled(value: Any, labels: _Labels) -> str | None:
    """The label of a value; its own text where that is blank."""
    if value is None or value == "":
        return None
    return labels.get(value, "").strip() or as_text(value)


def _whole(values: list[Any]) -> list[Any]:
    """Numbers as whole ones where all are: these formats keep them as floats."""
    if all(v is None or (type(v) is float and v.is_integer() and abs(v) < 2**53) for v in values):
        return [None if v is None else int(v) for v in values]
    return values
