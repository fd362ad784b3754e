"""What can be done with the selected rows, wherever a menu or a button offers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.analysis.known import marked
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.settings import MOST_KNOWN
from gmmdesk.text import count, shortened
from gmmdesk.ui.document import Document
from gmmdesk.ui.leave_out_dialog import MOST_ROWS, LeaveOutDialog

_MOST_UNKNOWN = 9  # clusters to choose from before any have been found

Run = Callable[[Document, QWidget], object]


class RowAction(NamedTuple):
    """Something to be done with the selected rows of a document, from a widget.

    `refusal` says why it cannot be done now, in a few words; empty where it can. `choices` are what
    to choose from, in words, and what is then done in place of `run`.
    """

    text: str
    tip: str
    refusal: Callable[[Document], str]
    run: Run | None = None
    choices: Callable[[Document], Sequence[tuple[str, Run]]] | None = None


def leave_out(document: Document, parent: QWidget) -> None:
    """Ask for the reason, then leave the rows out from the next fit on."""
    rows = document.selection.rows
    if rows is not None:
        LeaveOutDialog(document, rows.rows().tolist(), parent).open()


def _no_leaving_out(document: Document) -> str:
    if document.is_running:
        return "while clusters are being found"
    return f"at most {MOST_ROWS:,}" if document.selection.count > MOST_ROWS else ""


def _no_marking(document: Document) -> str:
    if document.is_running:
        return "while clusters are being found"
    return f"at most {MOST_KNOWN:,}" if document.selection.count > MOST_KNOWN else ""


def mark(cluster: int | None, name: str, document: Document, _parent: QWidget) -> None:
    """Say from the next fit on that the rows belong to a cluster (0-based), or to NO_CLUSTER.

    None says that nothing is known about them any more.
    """
    rows, settings = document.selection.rows, document.settings
    if rows is None or settings is None:
        return
    known = marked(settings, cluster, rows.rows())
    told = count(rows.count, "row")
    said = f"no more knowing about {told}" if cluster is None else f"marking {told} as {name}"
    # Where some rows are of no cluster, not every row has to have one.
    noise = settings.noise or cluster == NO_CLUSTER
    document.change_settings(said, known=known, noise=noise)


def _clusters(document: Document) -> Sequence[tuple[str, Run]]:
    names = document.names or tuple(f"Cluster {k + 1}" for k in range(_MOST_UNKNOWN))
    found: list[tuple[str, Run]] = [
        (shortened(name), partial(mark, k, name)) for k, name in enumerate(names)
    ]
    found.append(("No cluster", partial(mark, NO_CLUSTER, "rows of no cluster")))
    found.append(("Not known", partial(mark, None, "")))
    return found


def explain(document: Document, parent: QWidget) -> None:
    """Say why the first of the rows is in its cluster."""
    from gmmdesk.ui.panels.why import WhyDialog

    rows = document.selection.rows
    if rows is not None and rows.count:
        WhyDialog(document, int(rows.mask.argmax()), parent).open()


def _no_explaining(document: Document) -> str:
    return "once clusters are found" if document.analysis is None else ""


ROW_ACTIONS: tuple[RowAction, ...] = (
    RowAction(
        "&Why this cluster?…",
        "What speaks for the cluster of the first of these rows, and what would change it",
        _no_explaining,
        explain,
    ),
    RowAction(
        "&Leave out…",
        "Find clusters without these rows; they stay in the table and the export",
        _no_leaving_out,
        leave_out,
    ),
    RowAction(
        "Known to &belong to",
        "From the next fit on these rows are in that cluster, whatever their values say",
        _no_marking,
        choices=_clusters,
    ),
)


def add_row_actions(menu: QMenu, document: Document, parent: QWidget) -> None:
    """Offer in `menu` what can be done with the selected rows."""
    menu.setToolTipsVisible(True)
    for one in ROW_ACTIONS:
        refusal = one.refusal(document) if document.selection.count else "nothing is selected"
        text = f"{one.text} ({refusal})" if refusal else one.text
        if one.choices is None or refusal:
            action = menu.addAction(text)
            if one.run is not None:
                action.triggered.connect(_later(one.run, document, parent))
        else:
            choices = menu.addMenu(text)
            action = choices.menuAction()
            for words, run in one.choices(document):
                choice = choices.addAction(words.replace("&", "&&"))
                choice.triggered.connect(_later(run, document, parent))
        action.setToolTip(one.tip)
        action.setEnabled(not refusal)


def _later(run: Run, document: Document, parent: QWidget) -> Callable[[], None]:
    """After the menu has closed: what asks for something else has the window to itself."""
    return lambda: QTimer.singleShot(0, parent, partial(run, document, parent))
