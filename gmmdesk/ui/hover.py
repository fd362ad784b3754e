"""The card beside the mouse: which row this is, what it holds, where it belongs."""

from __future__ import annotations

import html
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QPalette
from PySide6.QtWidgets import QFrame, QLabel, QWidget

from gmmdesk.analysis import NO_CLUSTER, palette
from gmmdesk.analysis.ellipse import GUESSED
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.analysis.palette import character
from gmmdesk.data.calendar import python_value
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import responsibilities
from gmmdesk.text import default_name
from gmmdesk.ui import text

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

_MOST_VALUES = 12  # columns on a card
_ALL_CLUSTERS = 6  # with more clusters, only the likeliest three are listed
_LONGEST = 40  # characters of a name
_DISTANCE = 14  # pixels between the mouse and the card


class Looks(NamedTuple):
    """The colours of clusters, "#RRGGBB", and their shapes; where these are too few, as usual."""

    colors: Sequence[str] = ()
    signs: Sequence[int] = ()


PLAIN = Looks()


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
        """Show `content` (HTML) beside `point`, inside what is in sight of the parent."""
        self.setText(content)
        self.adjustSize()
        room = self._room.visibleRegion().boundingRect()
        x, y = point.x() + _DISTANCE, point.y() + _DISTANCE
        if x + self.width() > room.x() + room.width():
            x = point.x() - _DISTANCE - self.width()
        if y + self.height() > room.y() + room.height():
            y = point.y() - _DISTANCE - self.height()
        self.move(max(room.x(), x), max(room.y(), y))
        self.show()
        self.raise_()


def likely(
    prepared: Prepared, place: int, parameters: Parameters | None, grouping: Grouping | None
) -> FloatArray | None:
    """The probabilities (C,) of a used row's clusters, with noise (C + 1,), if they are known.

    `parameters` are those of the components, in the units of `Prepared.X`.
    """
    if parameters is None:
        return None
    found = responsibilities(parameters, prepared.X[place : place + 1], missing=True)
    return (found if grouping is None else grouping.added(found))[0]


def row_card(
    dataset: Dataset,
    prepared: Prepared,
    place: int,
    likely: FloatArray | None,
    names: Sequence[str],
    *,
    looks: Looks = PLAIN,
) -> str:
    """About the used row at `place`: its identity, its values, and its clusters if known.

    `likely` (C,) are its probabilities of these, with noise (C + 1,), its own last.
    """
    row = int(prepared.rows[place])
    called = dataset.number_of(row)
    lines = [f"<b>Row {called:,}</b>"]
    label = dataset.row_label
    if label is not None:
        cell = python_value(label.cells, row)
        if cell is not None and str(cell) != str(called):
            lines[0] += f" · {_short(str(cell))}"
    pairs = [
        (_short(name), text.exact(dataset.column(name).number(row)))
        for name in prepared.preparation.inputs
    ]
    lines.append(_table(pairs[:_MOST_VALUES]))
    if len(pairs) > _MOST_VALUES:
        lines.append(f"and {text.count(len(pairs) - _MOST_VALUES, 'more column')}")
    if likely is not None:
        order = np.argsort(-likely, kind="stable")
        most = len(order) if len(order) <= _ALL_CLUSTERS else 3
        lines.append(
            _table(
                [
                    (
                        _name(int(k) if k < len(names) else NO_CLUSTER, names, looks),
                        text.percent(float(likely[k])),
                    )
                    for k in order[:most]
                ]
            )
        )
    return "".join(lines)


def cluster_card(
    cluster: int,
    weight: float,
    names: Sequence[str],
    looks: Looks = PLAIN,
    *,
    is_guessed: bool = False,
) -> str:
    """About a cluster; where its ellipse `is_guessed`, what is to be thought of that."""
    share = html.escape(text.percent(weight))
    card = f"{_name(cluster, names, looks)} · {share} of the rows"
    return f"{card}<br>{html.escape(GUESSED)}" if is_guessed else card


def crowd_card(title: str, counts: IntArray, names: Sequence[str], looks: Looks = PLAIN) -> str:
    """About many rows: `counts` (2 + K,), first those whose cluster is not known (yet).

    Then those that belong to none.
    """
    total, known = int(counts.sum()), int(counts[1:].sum())
    shares = [
        (
            _name(int(group) + NO_CLUSTER, names, looks),
            text.percent(float(counts[1 + group]) / known),
        )
        for group in np.argsort(-counts[1:], kind="stable")
        if counts[1 + group]
    ]
    looked_at = f"<br>of {known:,} looked at so far" if 0 < known < total else ""
    return f"<b>{text.count(total, 'row')}</b> {html.escape(title)}{looked_at}{_table(shares)}"


def _name(cluster: int, names: Sequence[str], looks: Looks) -> str:
    if cluster == NO_CLUSTER:
        mark = character(NO_CLUSTER)
        return f'<span style="color:{palette.NO_COLOR}">{mark}</span> {palette.NO_NAME}'
    name = names[cluster] if cluster < len(names) else default_name(cluster)
    colors, signs = looks
    color = colors[cluster] if cluster < len(colors) else palette.color(cluster)
    mark = character(palette.sign(cluster, signs))
    return f'<span style="color:{color}">{mark}</span> {_short(name)}'


def _short(words: str) -> str:
    return html.escape(text.shortened(words, _LONGEST))


def _table(pairs: Sequence[tuple[str, str]]) -> str:
    """Names, as HTML, and what they have, which may be "< 0.1 %"."""
    beside = '<td align="right" style="padding-left:14px">'
    rows = "".join(
        f"<tr><td>{name}</td>{beside}{html.escape(value)}</td></tr>" for name, value in pairs
    )
    return f'<table cellspacing="1" style="margin-top:5px">{rows}</table>' if rows else ""
