"""What can be done with the selected rows, wherever a menu or a button offers it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.ui.document import Document
from gmmdesk.ui.leave_out_dialog import MOST_ROWS, LeaveOutDialog


class RowAction(NamedTuple):
    """Something to be done with the selected rows of a document, from a widget.

    `refusal` says why it cannot be done now, in a few words; empty where it can.
    """

    text: str
    tip: str
    run: Callable[[Document, QWidget], object]
    refusal: Callable[[Document], str]


def leave_out(document: Document, parent: QWidget) -> None:
    """Ask for the reason, then leave the rows out from the next fit on."""
    rows = document.selection.rows
    if rows is not None:
        LeaveOutDialog(document, rows.rows().tolist(), parent).open()


def _no_leaving_out(document: Document) -> str:
    if document.is_running:
        return "while clusters are being found"
    return f"at most {MOST_ROWS:,}" if document.selection.count > MOST_ROWS else ""


ROW_ACTIONS: tuple[RowAction, ...] = (
    RowAction(
        "&Leave out…",
        "Find clusters without these rows; they stay in the table and the export",
        leave_out,
        _no_leaving_out,
    ),
)


def add_row_actions(menu: QMenu, document: Document, parent: QWidget) -> None:
    """Offer in `menu` what can be done with the selected rows."""
    menu.setToolTipsVisible(True)
    for one in ROW_ACTIONS:
        refusal = one.refusal(document) if document.selection.count else "nothing is selected"
        action = menu.addAction(f"{one.text} ({refusal})" if refusal else one.text)
        action.setToolTip(one.tip)
        action.setEnabled(not refusal)
        # After the menu has closed: what asks for something else has the window to itself.
        action.triggered.connect(
            lambda _=False, one=one: QTimer.singleShot(
                0, parent, partial(one.run, document, parent)
            )
        )
