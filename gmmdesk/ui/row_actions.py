"""What can be done with the selected rows, wherever a menu or a button offers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import NamedTuple

import numpy as np
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtWidgets import QMenu, QWidget

from gmmdesk.analysis.away import Away, away
from gmmdesk.analysis.known import barred, marked
from gmmdesk.analysis.placing import with_component_at
from gmmdesk.analysis.scored import NO_CLUSTER
from gmmdesk.analysis.settings import MOST_KNOWN
from gmmdesk.data.row_names import row_called
from gmmdesk.engine.rows.memberships import MOST_FORBIDDEN
from gmmdesk.errors import UsageError
from gmmdesk.text import default_name
from gmmdesk.ui.distances_dialog import DistancesDialog
from gmmdesk.ui.document import Document
from gmmdesk.ui.export_dialog import choose_target
from gmmdesk.ui.leave_out_dialog import MOST_ROWS, LeaveOutDialog
from gmmdesk.ui.selection import How
from gmmdesk.ui.tables.copying import MOST_CELLS, copied, put_on_clipboard
from gmmdesk.ui.tables.fields import fields_of
from gmmdesk.ui.text import count, plain_action, shortened

_NOTHING = "No row is here, and none is selected"
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
    if document.analysis is not None and document.analysis.grouping is not None:
        return "split merged clusters first"  # the next fit is told of components
    return f"at most {MOST_KNOWN:,}" if document.selection.count > MOST_KNOWN else ""


def mark(cluster: int | None, name: str, document: Document, _parent: QWidget) -> None:
    """Say from the next fit on that the rows belong to a cluster (0-based), or to NO_CLUSTER.

    None says that nothing is known about them any more.
    """
    rows, settings, dataset = document.selection.rows, document.settings, document.dataset
    if rows is None or settings is None or dataset is None:
        return
    changed = marked(settings, cluster, dataset.numbers_of(rows.rows()))
    told = count(rows.count, "row")
    said = f"no more knowing about {told}" if cluster is None else f"marking {told} as {name}"
    # Where some rows are of no cluster, not every row has to have one.
    noise = settings.noise or cluster == NO_CLUSTER
    document.change_settings(said, known=changed.known, forbidden=changed.forbidden, noise=noise)


def keep_out(cluster: int | None, name: str, document: Document, _parent: QWidget) -> None:
    """Say from the next fit on that the rows do not belong to a cluster (0-based).

    None says that they may belong to any.
    """
    rows, settings, dataset = document.selection.rows, document.settings, document.dataset
    if rows is None or settings is None or dataset is None:
        return
    changed = barred(settings, cluster, dataset.numbers_of(rows.rows()))
    told = count(rows.count, "row")
    said = (
        f"letting {told} be of any cluster" if cluster is None else f"keeping {told} out of {name}"
    )
    document.change_settings(said, known=changed.known, forbidden=changed.forbidden)


def _clusters(document: Document) -> Sequence[tuple[str, Run]]:
    names = document.names or tuple(default_name(k) for k in range(_MOST_UNKNOWN))
    found: list[tuple[str, Run]] = [
        (shortened(name), partial(mark, k, name)) for k, name in enumerate(names)
    ]
    found.append(("No cluster", partial(mark, NO_CLUSTER, "rows of no cluster")))
    found.append(("Not known", partial(mark, None, "")))
    return found


def _no_keeping_out(document: Document) -> str:
    if document.analysis is None:
        return "once clusters are found"  # the numbers of clusters mean those of the answer
    return _no_marking(document)


def _other_clusters(document: Document) -> Sequence[tuple[str, Run]]:
    found: list[tuple[str, Run]] = [
        (shortened(name), partial(keep_out, k, name))
        for k, name in enumerate(document.names[:MOST_FORBIDDEN])
    ]
    return [*found, ("Any is possible", partial(keep_out, None, ""))]


def explain(row: int | None, document: Document, parent: QWidget) -> None:
    """Say why a row (0-based) is in its cluster."""
    from gmmdesk.ui.panels.why import WhyDialog

    if row is not None:
        WhyDialog(document, row, parent).open()


def copy(document: Document, _parent: QWidget) -> None:
    """Put the rows on the clipboard as they stand in the file, in its order."""
    dataset, rows = document.dataset, document.selection.rows
    if dataset is None or rows is None:
        return
    fields = fields_of(dataset, document.analysis_as_shown, document.names)
    if rows.count * len(fields) > MOST_CELLS:
        document.problem_raised.emit(
            UsageError(
                f"{count(rows.count, 'row')} of {count(len(fields), 'column')} are too many to"
                " copy.",
                f"Select {count(MOST_CELLS // len(fields), 'row')} at most, or export them.",
            )
        )
        return
    document.selection.ask(lambda: copied(fields, rows.rows()), put_on_clipboard)


def export(document: Document, parent: QWidget) -> None:
    """Write the rows with their clusters, after asking where."""
    if document.analysis is not None:
        target = choose_target(document.analysis, parent.window(), rows_only=True)
        if target is not None:
            document.export(target.path, as_input=target.as_input, selected=True)


def start_here(document: Document, _parent: QWidget) -> None:
    """Fit on with one more cluster, which begins at these rows."""
    analysis, rows = document.analysis, document.selection.rows
    if analysis is None or rows is None:
        return
    said = f"these clusters and one more at {count(rows.count, 'selected row')}"
    document.selection.ask(
        lambda: with_component_at(analysis, rows),
        lambda mixture: document.start_fit_from(mixture, said),
    )


def show_distances(document: Document, parent: QWidget) -> None:
    """Say how far the rows are from each cluster, and in which columns."""
    analysis, rows = document.analysis, document.selection.rows
    if analysis is None or rows is None:
        return

    def show(found: Away | None) -> None:
        if found is None:
            document.problem_raised.emit(
                UsageError("These rows are left out.", "Nothing is known about their clusters.")
            )
        else:
            DistancesDialog(found, document, parent.window()).open()

    document.selection.ask(lambda: away(analysis, rows), show)


def _no_results(document: Document) -> str:
    return "" if document.analysis is not None else "once clusters are found"


def _why(document: Document, row: int | None) -> RowAction:
    """To explain a row, or where it is None the first of those that are selected."""
    rows, dataset = document.selection.rows, document.dataset
    if row is None and rows is not None and rows.count:
        row = int(rows.mask.argmax())
    called = "" if row is None or dataset is None else plain_action(row_called(dataset, row))
    return RowAction(
        f"&Why is {called} in its cluster?…" if called else "&Why this cluster?…",
        "What speaks for the cluster of this row, and what would change it",
        partial(_no_reasons, row),
        partial(explain, row),
    )


def _no_reasons(row: int | None, document: Document) -> str:
    """Why it cannot be explained in which cluster a row is."""
    analysis = document.analysis
    if analysis is None:
        return _no_results(document)
    reason = analysis.prepared.reason(row) if row is not None else ""
    return f"left out, {reason}" if reason else ""


ROW_ACTIONS: tuple[RowAction, ...] = (
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
    RowAction(
        "Cannot belong &to",
        "From the next fit on these rows are in another cluster, whatever their values say; it goes"
        " on from the present clusters",
        _no_keeping_out,
        choices=_other_clusters,
    ),
    RowAction(
        "&Start a cluster here",
        "Fit on from the present clusters with one more, which begins at these rows",
        _no_results,
        start_here,
    ),
    RowAction(
        "&Distances to the clusters…",
        "How far these rows are from each cluster, and in which columns",
        _no_results,
        show_distances,
    ),
    RowAction(
        "&Copy\tCtrl+C",
        "Put these rows on the clipboard, as a spreadsheet takes them",
        lambda _document: "",
        copy,
    ),
    RowAction(
        "E&xport…",
        "Write these rows alone, with their clusters",
        _no_results,
        export,
    ),
)


def _select_clicked(document: Document, row: int) -> None:
    """Select a row (0-based) that a menu is asked for, unless it is among those selected."""
    mask, dataset = document.selection.mask, document.dataset
    if dataset is not None and (mask is None or not mask[row]):
        called = row_called(dataset, row)
        document.selection.change_rows(np.array([row]), How.REPLACE, called)


def add_row_actions(
    menu: QMenu, document: Document, parent: QWidget, row: int | None = None
) -> None:
    """Offer in `menu` what can be done with the selected rows; `row` is the one under the mouse."""
    menu.setToolTipsVisible(True)
    for one in (_why(document, row), *ROW_ACTIONS):
        refusal = one.refusal(document) if document.selection.count else "nothing is selected"
        words, *keys = one.text.split("\t")
        text = "\t".join([f"{words} ({refusal})" if refusal else words, *keys])
        if one.choices is None or refusal:
            action = menu.addAction(text)
            if one.run is not None:
                action.triggered.connect(_later(one.run, document, parent))
        else:
            choices = menu.addMenu(text)
            action = choices.menuAction()
            for words, run in one.choices(document):
                choice = choices.addAction(plain_action(words))
                choice.triggered.connect(_later(run, document, parent))
        action.setToolTip(one.tip)
        action.setEnabled(not refusal)


def open_row_menu(
    document: Document,
    widget: QWidget,
    place: QPoint,
    row: int | None,
    add_others: Callable[[QMenu], None] = lambda _menu: None,
) -> None:
    """Open a menu at a `place` of the screen, about what is selected and the `row` under the mouse.

    A row that is not selected is so first. `add_others` puts more before what is for rows.
    """
    if row is not None:
        _select_clicked(document, row)
    menu = QMenu(widget)
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    add_others(menu)
    if document.selection.count:
        add_row_actions(menu, document, widget, row)
    elif menu.isEmpty():
        menu.addAction(_NOTHING).setEnabled(False)
    menu.popup(place)


def _later(run: Run, document: Document, parent: QWidget) -> Callable[[], None]:
    """After the menu has closed: what asks for something else has the window to itself."""
    return lambda: QTimer.singleShot(0, parent, partial(run, document, parent))
