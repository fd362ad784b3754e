"""Files of SPSS, Stata and SAS, with the labels of their values and variables.

The parser is ReadStat (Evan Miller) by way of pyreadstat. It runs in a process of its own.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, BinaryIO

import pyarrow as pa
import pyreadstat

from gmmdesk.data.apart import damaged
from gmmdesk.data.limits import check_columns, check_memory
from gmmdesk.data.options import Kind, ReadOptions
from gmmdesk.data.raw import RawTable, seemly, unique_names
from gmmdesk.data.row_choice import keep_first
from gmmdesk.data.sas_labels import SasLabels, sas_labels
from gmmdesk.data.sas_transport import missing_letters
from gmmdesk.data.values import as_text, column_of
from gmmdesk.errors import ReadError
from gmmdesk.task import Task
from gmmdesk.text import joined

_BYTES_PER_CELL = 32  # of Python's numbers in lists
_NUMBER_OR_NOTHING = re.compile(r"[-+\d., ]*$")
_Cells = dict[str, list[Any]]
_Labels = Mapping[Any, str]
_Parse = Callable[..., tuple[_Cells, Any]]
_Codes = dict[str, list[Any]]  # of columns, a list as long as their cells; None where there is none
_FindCodes = Callable[[_Parse, BinaryIO, str, _Cells, Any], _Codes]


def parse_spss(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in a file of SPSS: a system file (.sav, .zsav) or a portable one (.por)."""
    if file.read(4) not in (b"$FL2", b"$FL3"):
        return _parse(pyreadstat.read_por, file, name, options, task)
    return _parse(pyreadstat.read_sav, file, name, options, task, find_codes=_defined_codes)


def parse_stata(file: BinaryIO, name: str, options: ReadOptions, task: Task) -> RawTable:
    """The table in a file of Stata (.dta)."""
    parse = partial(pyreadstat.read_dta, user_missing=True)
    return _parse(parse, file, name, options, task, find_codes=_lettered_codes)


def parse_sas(
    file: BinaryIO,
    name: str,
    options: ReadOptions,
    task: Task,
    *,
    catalog: str = "",
    parses_catalog: bool = True,
) -> RawTable:
    """The table in a file of SAS: a data set (.sas7bdat) or a transport file (.xpt).

    With the labels that formats give in the catalog at a path, if there is one: it is read where
    a column has a format that somebody has made, and only looked at if it is not to be parsed.
    """
    if file.read(6) == b"HEADER":
        parse = pyreadstat.read_xport
        find_codes: _FindCodes = _transported_codes
    else:
        parse = partial(pyreadstat.read_sas7bdat, user_missing=True)
        find_codes = _lettered_codes
    found = SasLabels()

    def find_labels(facts: Any) -> Mapping[str, _Labels]:
        nonlocal found
        formats = getattr(facts, "original_variable_types", None) or {}
        found = sas_labels(formats, name, catalog, parses_catalog=parses_catalog)
        return found.labels

    table = _parse(parse, file, name, options, task, find_codes=find_codes, find_labels=find_labels)
    table.notes += found.notes
    table.interpretation |= found.interpretation
    return table


def _no_codes(_parse: _Parse, _file: BinaryIO, _name: str, _cells: _Cells, _facts: Any) -> _Codes:
    return {}


def _labels_within(facts: Any) -> Mapping[str, _Labels]:
    return facts.variable_value_labels or {}


def _parse(
    parse: _Parse,
    file: BinaryIO,
    name: str,
    options: ReadOptions,
    task: Task,
    *,
    find_codes: _FindCodes = _no_codes,
    find_labels: Callable[[Any], Mapping[str, _Labels]] = _labels_within,
) -> RawTable:
    """The table, user-missing values missing, labels in place of the codes of categories.

    Raises ReadError for a damaged file and for one without rows or columns.
    """
    facts = _read(parse, file, name, metadataonly=True)[1]
    check_columns(len(facts.column_names), name)
    n_in_file = facts.number_rows if facts.number_rows and facts.number_rows > 0 else None
    if n_in_file:
        n_read = min(n_in_file, options.row_limit or n_in_file)
        n_bytes = n_read * len(facts.column_names) * _BYTES_PER_CELL
        check_memory(n_bytes, name, n_in_file, n_read, can_sample=False)
    task.step(0.1, "Reading")
    notes: list[str] = []
    # One more shows whether there are more.
    parse = partial(parse, row_limit=options.row_limit + 1 if options.row_limit else 0)
    try:
        cells, facts = _read(parse, file, name)
    except ReadError:
        # Dates beyond the year 9999 are no dates to the parser: then all stay numbers.
        parse = partial(parse, disable_datetime_conversion=True)
        cells, facts = _read(parse, file, name)
        notes.append("Dates were left as numbers: some are out of the range of a calendar.")
    if not cells or not len(next(iter(cells.values()))):
        raise ReadError(f"{name} has no rows.", "Open a file with rows.")
    if len(cells) < len(facts.column_names):
        raise damaged(name, "columns have the same name")
    codes = find_codes(parse, file, name, cells, facts)
    task.step(0.6)
    names, name_notes = unique_names([key or "" for key in cells])
    measures = getattr(facts, "variable_measure", {}) or {}
    all_labels = find_labels(facts)
    texts, numbers, coded = [], [], []
    table = RawTable(names, [], rows_in_file=n_in_file if options.row_limit else None)
    for i, (key, values) in enumerate(cells.items()):
        shown: list[Any] = values
        labels = all_labels.get(key) or {}
        if labels and (key not in codes or any(value in labels for value in values)):
            is_number = options.kind(names[i]) is Kind.NUMBER
            if not is_number and _is_category(values, labels, measures.get(key, "unknown")):
                texts.append(names[i])
                shown = [_labelled(value, labels) for value in values]
            else:
                numbers.append(names[i])
        column = column_of(_whole(shown), names[i])
        if key in codes:
            words = _words(codes[key], labels, {v for v in shown if isinstance(v, str)})
            coded.append(_told(names[i], codes[key], words))
            table.codes[names[i]] = pa.chunked_array(
                [pa.array([words.get(code) for code in codes[key]], pa.string())]
            )
        table.columns.append(column)
        task.step(0.6 + 0.4 * i / len(names))
    if texts:
        notes.append(
            f"Codes were replaced by their labels in {joined(texts)}. Choose the kind number for"
            " a column to work with its codes."
        )
    if numbers:
        notes.append(
            f"Numbers were kept, not their labels, in {joined(numbers)}: measurements, values"
            " without a label of their own, or as you chose."
        )
    if coded:
        notes.append(f"Cells that the file itself calls missing count as such: {joined(coded)}.")
    table.notes = notes + name_notes
    table.labels = {
        new: seemly(label)
        for new, label in zip(names, facts.column_labels or [], strict=False)
        if label and label.strip() and label.strip() != new
    }
    if facts.file_encoding:
        table.interpretation["encoding"] = facts.file_encoding
    return keep_first(table, options.row_limit)


def _read(parse: _Parse, file: BinaryIO, name: str, **how: Any) -> tuple[_Cells, Any]:
    file.seek(0)
    try:
        return parse(file, output_format="dict", **how)
    except MemoryError:
        raise
    except Exception as error:  # the parser's own kinds of error, and whatever else it stumbles on
        if "allocate memory" in str(error):
            raise MemoryError from None
        raise damaged(name, re.sub(r"^.*?: (?=\w)", "", str(error))) from None


# --- values that stand for one kind of missing of several ---------------------------------------


def _defined_codes(parse: _Parse, file: BinaryIO, name: str, cells: _Cells, _facts: Any) -> _Codes:
    """SPSS: values that a column declares as missing, such as 999, are those read only if asked."""
    facts = _read(parse, file, name, metadataonly=True, user_missing=True)[1]
    declared = [key for key in cells if key and facts.missing_ranges.get(key)]
    if not declared:
        return {}
    whole, _ = _read(parse, file, name, usecols=declared, user_missing=True)
    codes = {
        key: [
            code if value is None and code != "" else None
            for value, code in zip(cells[key], whole[key], strict=True)
        ]
        for key in declared
        if len(whole.get(key, ())) == len(cells[key])
    }
    return {key: _whole(found) for key, found in codes.items() if any(c is not None for c in found)}


def _lettered_codes(
    _parse: _Parse, _file: BinaryIO, _name: str, cells: _Cells, facts: Any
) -> _Codes:
    """Stata's .a to .z and SAS's .A to .Z and ._: letters among the numbers, taken out of them."""
    codes = {}
    for key in facts.missing_user_values or {}:
        values = cells.get(key, [])
        found = [value if isinstance(value, str) else None for value in values]
        if facts.readstat_variable_types.get(key) != "string" and any(found):
            codes[key] = found
            cells[key] = [None if isinstance(value, str) else value for value in values]
    return codes


def _transported_codes(
    _parse: _Parse, file: BinaryIO, _name: str, cells: _Cells, _facts: Any
) -> _Codes:
    """The letters of SAS in a transport file, of which the parser says only that they are none."""
    n_rows = len(next(iter(cells.values())))
    keys, codes = list(cells), {}
    for place, letters in missing_letters(file, n_rows).items():
        values = cells[keys[place]] if place < len(keys) else []
        pairs = list(zip(values, letters, strict=False))
        if pairs and all(value is None for value, letter in pairs if letter is not None):
            codes[keys[place]] = letters
    return codes


def _words(codes: list[Any], labels: _Labels, taken: set[str]) -> dict[Any, str]:
    """What a cell with each of the codes says: its label, if no other cell means that, else it."""
    distinct = {code for code in codes if code is not None}
    labelled = {code: labels.get(code, "").strip() for code in distinct}
    counts = Counter(labelled.values())
    return {
        code: label
        if counts[label] == 1 and label not in taken and not _NUMBER_OR_NOTHING.match(label)
        else _bare(code)
        for code, label in labelled.items()
    }


def _bare(code: Any) -> str:
    text = as_text(code) or ""
    return f".{text}" if len(text) == 1 and (text.isalpha() or text == "_") else text


def _told(name: str, codes: list[Any], words: Mapping[Any, str]) -> str:
    """Such as "income (999 'refused' 3 times)"."""
    counts = Counter(code for code in codes if code is not None)
    kinds = [
        _bare(code)
        + (f" '{words[code]}'" if words[code] != _bare(code) else "")
        + f" {n:,} time{'s' * (n > 1)}"
        for code, n in counts.most_common()
    ]
    return f"{name} ({joined(kinds)})"


# --- labels -------------------------------------------------------------------------------------


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
