"""The card beside the mouse: which row this is, what it holds, where it belongs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
import pyarrow as pa
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from gmmdesk.analysis import palette
from gmmdesk.data.dataset import Column, ColumnKind, Dataset
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import responsibilities
from gmmdesk.ui import text
from gmmdesk.ui.views.map.projection import original_rows

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_VALUES = 12  # columns on a card
_ALL_CLUSTERS = 6  # with more clusters, only the likeliest three are listed
_LONGEST_LABEL = 60  # characters
_JUDGED_ROWS = 10_000  # whose texts are compared
_DISTINCT = 0.8  # of the rows, at least, have a text of their own where it names them
_DISTANCE = 14  # pixels between the mouse and the card


class HoverCard(QLabel):
    """A small card over the plot; the mouse passes through it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._room = parent
        self.setTextFormat(Qt.TextFormat.RichText)
        self.setFrameShape(QFrame.Shape.StyledPanel)
        self.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self.setAutoFillBackground(True)
        self.setMargin(8)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_at(self, point: QPoint, content: str) -> None:
        """Show `content` (HTML) beside `point`, inside the parent."""
        self.setText(content)
        self.adjustSize()
        room = self._room.size()
        x, y = point.x() + _DISTANCE, point.y() + _DISTANCE
        if x + self.width() > room.width():
            x = point.x() - _DISTANCE - self.width()
        if y + self.height() > room.height():
            y = point.y() - _DISTANCE - self.height()
        self.move(max(0, x), max(0, y))
        self.show()
        self.raise_()


def row_card(
    dataset: Dataset,
    prepared: Prepared,
    place: int,
    parameters: Parameters | None,  # in the units of prepared.X
    names: Sequence[str],
) -> str:
    """About the used row at `place`: its identity, its values, and its clusters if known."""
    row = int(prepared.rows[place])
    lines = [f"<b>Row {row + 1:,}</b>"]
    label = _naming_column(dataset)
    if label is not None:
        cell = label.cells[row].as_py()
        if cell is not None:
            lines[0] += f" · {html.escape(str(cell)[:_LONGEST_LABEL])}"
    values = original_rows(prepared, np.array([place]))
    pairs = [
        (html.escape(name), _value(float(value)))
        for name, value in zip(prepared.columns, values[0], strict=True)
    ]
    lines.append(_table(pairs[:_MOST_VALUES]))
    if len(pairs) > _MOST_VALUES:
        lines.append(f"and {text.count(len(pairs) - _MOST_VALUES, 'more column')}")
    if parameters is not None:
        likely = responsibilities(parameters, prepared.X[place : place + 1])[0]
        order = np.argsort(-likely, kind="stable")
        most = len(order) if len(order) <= _ALL_CLUSTERS else 3
        lines.append(
            _table([(_name(int(k), names), text.percent(float(likely[k]))) for k in order[:most]])
        )
    return "".join(lines)


@lru_cache(maxsize=4)
def _naming_column(dataset: Dataset) -> Column | None:
    """The column that tells rows apart for a person: not a counter where there are names."""
    label = dataset.row_label
    if label is None or not pa.types.is_integer(label.cells.type):
        return label
    texts = (column for column in dataset.columns if column.kind is ColumnKind.TEXT)
    return next((column for column in texts if _mostly_distinct(column)), label)


def _mostly_distinct(column: Column) -> bool:
    head = column.cells.slice(0, _JUDGED_ROWS)
    return len(head.unique()) >= _DISTINCT * len(head)


def _value(value: float) -> str:
    """A value as it may have stood in the file: without padding."""
    shown = text.number(value, 6)
    mantissa, mark, exponent = shown.partition("e")
    if "." in mantissa:
        mantissa = mantissa.rstrip("0").rstrip(".")
    return mantissa + mark + exponent


def cluster_card(cluster: int, weight: float, names: Sequence[str]) -> str:
    return f"{_name(cluster, names)} · {text.percent(weight)} of the rows"


def crowd_card(title: str, counts: IntArray, names: Sequence[str]) -> str:
    """About many rows: `counts` (1 + K,), the first those of no known cluster."""
    total = int(counts.sum())
    shares = [
        (_name(k, names), text.percent(float(counts[1 + k]) / total))
        for k in np.argsort(-counts[1:], kind="stable")
        if counts[1 + k]
    ]
    return f"<b>{text.count(total, 'row')}</b> {html.escape(title)}{_table(shares)}"


def _name(cluster: int, names: Sequence[str]) -> str:
    name = names[cluster] if cluster < len(names) else f"Cluster {cluster + 1}"
    return f'<span style="color:{palette.color(cluster)}">●</span> {html.escape(name)}'


def _table(pairs: Sequence[tuple[str, str]]) -> str:
    rows = "".join(
        f'<tr><td>{name}</td><td align="right" style="padding-left:14px">{value}</td></tr>'
        for name, value in pairs
    )
    return f'<table cellspacing="1" style="margin-top:5px">{rows}</table>' if rows else ""
