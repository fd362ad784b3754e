"""A small spreadsheet: it computes the formulas of one sheet, as the programs that open it do.

Only what the workbook's formulas use, and strictly: arrays are computed with inside SUMPRODUCT
alone, anything else that a program might understand otherwise is an error here.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
from openpyxl.utils import range_boundaries

TOKEN = re.compile(
    r"""\s*(?:(?P<number>\d+(?:\.\d+)?(?:E[+-]?\d+)?)|(?P<text>"(?:[^"]|"")*")"""
    r"""|(?P<range>\$?[A-Z]{1,3}\$?\d+(?::\$?[A-Z]{1,3}\$?\d+)?)(?![A-Z(])"""
    r"""|(?P<name>[A-Z]+)\(|(?P<mark><>|>=|<=|[-+*/^&=<>(),]))"""
)
LEVELS = (("=", "<>", "<", ">"), ("&",), ("+", "-"), ("*", "/"), ("^",))


class CellError(Exception):
    """#VALUE!, #NUM! and the like."""


class Spreadsheet:
    """The values of a worksheet (openpyxl) whose formulas are computed when they are asked for."""

    def __init__(self, sheet: Any) -> None:
        self._sheet = sheet
        self._known: dict[tuple[int, int], Any] = {}

    def value(self, row: int, column: int) -> Any:
        """Of a cell, both from 1; None where it is empty, CellError where it is an error."""
        if (row, column) not in self._known:
            cell = self._sheet.cell(row, column)
            found = cell.value
            if cell.data_type == "f":
                try:
                    found = _scalar(_Formula(found[1:], self).result())
                except CellError as error:
                    found = error
            self._known[row, column] = found
        return self._known[row, column]

    def area(self, address: str) -> np.ndarray:
        left, top, right, bottom = range_boundaries(address.replace("$", ""))
        rows = range(top, bottom + 1)
        return np.array(
            [[self.value(i, j) for j in range(left, right + 1)] for i in rows], dtype=object
        )


class _Formula:
    def __init__(self, text: str, book: Spreadsheet) -> None:
        self._tokens = []
        at = 0
        while at < len(text):
            match = TOKEN.match(text, at)
            assert match, f"unknown here: {text[at : at + 30]}"
            self._tokens.append((match.lastgroup, match[match.lastgroup]))
            at = match.end()
        self._book = book
        self._at = 0
        self._in_array = False

    def result(self) -> Any:
        value = self._level(0)()
        assert self._at == len(self._tokens)
        return value

    def _peek(self) -> str:
        return self._tokens[self._at][1] if self._at < len(self._tokens) else ""

    def _next(self) -> tuple[str, str]:
        self._at += 1
        return self._tokens[self._at - 1]

    def _level(self, depth: int) -> Callable[[], Any]:
        """A function that computes what follows: IF leaves out the branch that is not wanted."""
        if depth == len(LEVELS):
            return self._item()
        left = self._level(depth + 1)
        while self._peek() in LEVELS[depth]:
            mark, right = self._next()[1], self._level(depth + 1)
            left = self._operation(mark, left, right)
        return left

    def _operation(
        self, mark: str, left: Callable[[], Any], right: Callable[[], Any]
    ) -> Callable[[], Any]:
        is_array = self._in_array

        def compute() -> Any:
            a, b = left(), right()
            if not is_array:
                a, b = _scalar(a), _scalar(b)
            with np.errstate(over="ignore"):
                return np.vectorize(OPERATIONS[mark], otypes=[object])(a, b)

        return compute

    def _item(self) -> Callable[[], Any]:
        kind, text = self._next()
        if kind == "number":
            return lambda: float(text)
        if kind == "text":
            return lambda: text[1:-1].replace('""', '"')
        if kind == "range":
            return lambda: self._book.area(text)
        if kind == "name":
            before, self._in_array = self._in_array, self._in_array or text == "SUMPRODUCT"
            arguments = [self._level(0)]
            while self._peek() == ",":
                self._next()
                arguments.append(self._level(0))
            assert self._next()[1] == ")"
            is_array, self._in_array = self._in_array, before
            assert is_array or text != "MMULT"
            return lambda: FUNCTIONS[text](*arguments)
        if text == "-":
            inner = self._item()
            return lambda: np.vectorize(lambda x: -_number(x), otypes=[object])(inner())
        assert text == "("
        inner = self._level(0)
        assert self._next()[1] == ")"
        return inner


def _scalar(value: Any) -> Any:
    if isinstance(value, np.ndarray):
        assert value.size == 1, "an array outside of SUMPRODUCT"
        value = value.reshape(-1)[0]
    if isinstance(value, CellError):
        raise value
    return value


def _number(value: Any) -> float:
    if isinstance(value, CellError):
        raise value
    if value is None:
        return 0.0
    if isinstance(value, str):
        raise CellError("#VALUE!")
    number = float(value)
    if not np.isfinite(number):
        raise CellError("#NUM!")
    return number


def _text(value: Any) -> str:
    return "" if value is None else str(_scalar(value))


def _same(x: Any, y: Any) -> bool:
    return bool(_scalar(x) == _scalar(y))


OPERATIONS: dict[str, Callable[[Any, Any], Any]] = {
    "+": lambda x, y: _number(x) + _number(y),
    "-": lambda x, y: _number(x) - _number(y),
    "*": lambda x, y: _number(_number(x) * _number(y)),
    "/": lambda x, y: _number(_number(x) / _number(y)),
    "^": lambda x, y: _number(np.float64(_number(x)) ** _number(y)),
    "&": lambda x, y: _text(x) + _text(y),
    "=": _same,
    "<>": lambda x, y: not _same(x, y),
    "<": lambda x, y: _number(x) < _number(y),
    ">": lambda x, y: _number(x) > _number(y),
}


def _cells(values: Sequence[Callable[[], Any]]) -> list[Any]:
    return [cell for value in values for cell in np.atleast_1d(value()).reshape(-1).tolist()]


def _numbers(values: Sequence[Callable[[], Any]]) -> list[float]:
    """The numbers among cells: text and empty ones do not count, errors do."""
    return [
        _number(cell)
        for cell in _cells(values)
        if isinstance(cell, (int, float, CellError)) and not isinstance(cell, bool)
    ]


def _array(value: Any) -> np.ndarray:
    return np.vectorize(_number, otypes=[float])(value)


def _is_number(value: Callable[[], Any]) -> bool:
    try:
        found = _scalar(value())
    except CellError:
        return False
    return isinstance(found, (int, float)) and not isinstance(found, bool)


def _match(wanted: Any, cells: Any, exact: Any) -> int:
    assert exact() == 0
    return _cells([cells]).index(_scalar(wanted())) + 1


def _index(cells: Any, *place: Any) -> Any:
    *row, column = (int(_number(_scalar(one()))) for one in place)
    area = cells()
    assert area.shape[0] == 1
    assert row in ([], [1])
    assert 1 <= column <= area.shape[1]
    return area[0, column - 1]


def _exact(text: Any, others: Any) -> Any:
    known = _text(text())
    return np.vectorize(lambda other: _text(other) == known, otypes=[object])(others())


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "EXACT": _exact,
    "IF": lambda test, yes, no: yes() if _scalar(test()) else no(),
    "ISNUMBER": _is_number,
    "COUNT": lambda *values: sum(
        isinstance(cell, (int, float)) and not isinstance(cell, bool) for cell in _cells(values)
    ),
    "COUNTA": lambda *values: sum(cell is not None for cell in _cells(values)),
    "SUM": lambda *values: _number(sum(_numbers(values))),
    "SUMPRODUCT": lambda value: _number(_array(value()).sum()),
    "MMULT": lambda a, b: (_array(a()) @ _array(b())).astype(object),
    "ABS": lambda value: abs(_number(_scalar(value()))),
    "EXP": lambda value: np.vectorize(lambda x: np.exp(_number(x)), otypes=[object])(value()),
    "LN": lambda value: np.log(_number(_scalar(value()))),
    "SQRT": lambda value: np.sqrt(_number(_scalar(value()))),
    "MAX": lambda *values: max(_numbers(values), default=0.0),
    "MIN": lambda *values: min(_numbers(values), default=0.0),
    "LARGE": lambda cells, n: sorted(_numbers([cells]), reverse=True)[int(n()) - 1],
    "MATCH": _match,
    "INDEX": _index,
    "MID": lambda text, start, n: _text(text())[int(start()) - 1 :][: int(n())],
}
