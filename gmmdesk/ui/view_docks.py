"""The views: as tabs, side by side, or in windows of their own."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from msgspec.structs import replace
from PySide6.QtCore import QPoint, QTimer, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence
from PySide6.QtWidgets import QApplication, QMenu, QVBoxLayout, QWidget

from gmmdesk.session.view import Pane
from gmmdesk.ui import arrangement
from gmmdesk.ui.document import Document
from gmmdesk.ui.view_list import MAP, TABLE, VIEWS, View
from gmmdesk.ui.view_shell import ViewShell

if TYPE_CHECKING:
    from gmmdesk.ui.views.map import MapView
    from gmmdesk.ui.views.table import TableView

_ORDER = tuple(kind.title for kind in VIEWS)
_TIPS = {kind.title: kind.tip for kind in VIEWS}
_PAGES = {kind.title: kind.page for kind in VIEWS}
_WINDOW = (900.0, 640.0)  # how large a view begins that gets a window of its own, in pixels
_CORNER = QPoint(40, 40)  # and where, from that of the others


class ViewDocks(QWidget):
    """Makes each view when it is first seen, and moves views by menu or where they are dragged.

    Signals: `help_requested(name)`, with the page about a view; `looked_at` when others may have
    come in sight.
    """

    help_requested = Signal(str)
    looked_at = Signal()

    def __init__(self, document: Document) -> None:
        super().__init__()
        self._document = document
        self._views: dict[str, QWidget] = {}
        self._front = MAP
        self._shell: ViewShell | None = None
        # Of two tabs one comes in sight before the other goes.
        self._looking = QTimer(self, singleShot=True, interval=0)
        self._looking.timeout.connect(self.looked_at)
        self._room = QVBoxLayout(self)
        self._room.setContentsMargins(0, 0, 0, 0)
        self._all_as_tabs = QAction("&All as tabs", self)
        self._all_as_tabs.setToolTip("Bring all views back to tabs in this window")
        self._all_as_tabs.setShortcut(QKeySequence("Ctrl+Shift+T"))
        self._all_as_tabs.triggered.connect(self._put_all_among_tabs)
        self._make(MAP)
        self._offered = self.titles
        self.reset()
        document.dataset_changed.connect(self._on_document_dataset_changed)
        cast(QApplication, QApplication.instance()).focusChanged.connect(self._on_focus_changed)

    # -- the views ---------------------------------------------------------------------------

    @property
    def titles(self) -> tuple[str, ...]:
        """Of all views that the table can be seen in, open or not."""
        dataset = self._document.dataset
        kinds = (kind for kind in VIEWS if dataset is None or kind.fits(dataset))
        return tuple(kind.title for kind in kinds)

    @property
    def front_title(self) -> str:
        """The title of the view that was looked at last."""
        return self._front

    @property
    def map(self) -> MapView:
        return cast("MapView", self._views[MAP])

    @property
    def help_page(self) -> str:
        """The page of the help about the view that was looked at last."""
        return _PAGES[self._front]

    @property
    def has_moments(self) -> bool:
        """Whether a view is in sight that shows any moment of the timeline."""
        made = self._views.items()
        return any(VIEWS[_ORDER.index(title)].has_moments and v.isVisible() for title, v in made)

    def front(self) -> QWidget | None:
        """The view that was looked at last."""
        return self._views.get(self._front)

    def show_view(self, title: str) -> QWidget:
        """Show a view, opening it where it is closed."""
        if not self.shell.is_open(title):
            self.arrange(arrangement.among(self.panes(), title, _ORDER))
        self._on_shell_seen(title)
        self.shell.bring_to_front(title)
        self._front = title
        return self._views[title]

    def show_pair(self, x: str, y: str) -> None:
        """Show two columns on the map."""
        self.map.toolbar.set_axes((x, y))
        self.show_view(MAP)

    def show_column(self, name: str) -> None:
        """Show a column on the map, against what is there."""
        axes = self.map.toolbar.axes
        if axes is not None and name not in axes and self.map.toolbar.offers(name):
            self.map.toolbar.set_axes((name, axes[1]))
        self.show_view(MAP)

    def show_unsure_rows(self) -> None:
        """Show the rows that could belong elsewhere in the table, the least sure first."""
        table = cast("TableView", self.show_view(TABLE))
        table.show_rows("unsure", sorted_by="How sure")

    def close_workers(self) -> None:
        """Wait for what the views compute; no thread outlives this."""
        for view in self._views.values():
            cast(View, view).close_workers()

    def _make(self, title: str) -> QWidget:
        if title not in self._views:
            self._views[title] = VIEWS[_ORDER.index(title)].make(self._document, self)
        return self._views[title]

    # -- their places ------------------------------------------------------------------------

    @property
    def shell(self) -> ViewShell:
        """What holds them now."""
        assert self._shell is not None
        return self._shell

    def panes(self) -> tuple[Pane, ...]:
        """Where the open views are, as the user has left them."""
        return self.shell.panes()

    def arrange(self, panes: Sequence[Pane]) -> None:
        """Put the views where `panes` say; close those that they do not name."""
        room: list[Pane] = []
        left = set(self.titles)  # each view has one place, whatever a file says
        for pane in panes:
            views = tuple(dict.fromkeys(view for view in pane.views if view in left))
            left -= set(views)
            if views:
                front = pane.front if pane.front in views else views[0]
                room.append(Pane(views=views, front=front, place=pane.place, window=pane.window))
        if not room:
            self.reset()
            return
        before, self._shell = self._shell, ViewShell(_TIPS)
        self._room.addWidget(self._shell)
        self._shell.put(room)
        for title, view in self._views.items():  # before the old shell goes, and they with it
            place = self._shell.place(title)
            if place is None:
                view.setParent(self)
                view.hide()
            else:
                place.addWidget(view)
                view.show()
        self._shell.seen.connect(self._on_shell_seen)
        self._shell.chosen.connect(self._on_shell_chosen)
        self._shell.menu_requested.connect(self._on_shell_menu_requested)
        self._shell.torn_off.connect(self._move_out)
        if before is not None:
            self._room.removeWidget(before)
            before.hide()
            before.deleteLater()
        if all(self._front not in pane.views for pane in room):
            self._front = room[0].front

    def reset(self) -> None:
        """Show all views as tabs, the map in front."""
        self._front = MAP
        self.arrange((Pane(views=self.titles, front=MAP),))

    def _put_all_among_tabs(self) -> None:
        """Show all views as tabs, the one that is looked at in front."""
        front = self._front
        self.arrange((Pane(views=self.titles, front=front),))
        self.show_view(front)

    def _on_document_dataset_changed(self) -> None:
        """Open the views that have come to fit, and close those that do not fit any more."""
        before, self._offered = self._offered, self.titles
        panes = self.panes()
        for title in _ORDER:
            if title in self._offered and title not in before:
                front = panes[0].front
                panes = arrangement.among(panes, title, _ORDER)
                panes = tuple(replace(p, front=front) if title in p.views else p for p in panes)
            elif title in before and title not in self._offered:
                panes = arrangement.without(panes, title)
        if before != self._offered:
            self.arrange(panes)

    def _on_shell_seen(self, title: str) -> None:
        view, place = self._make(title), self.shell.place(title)
        if place is not None and not place.count():
            place.addWidget(view)
            view.show()
        self._looking.start()

    def _on_shell_chosen(self, title: str) -> None:
        self._front = title

    def _on_focus_changed(self, _before: QWidget | None, now: QWidget | None) -> None:
        title = None if now is None else self.shell.title_around(now)
        self._front = title or self._front

    # -- moving them -------------------------------------------------------------------------

    def menu_actions(self) -> list[QAction]:
        """To look at each view, and to move the one that is looked at."""
        group = QActionGroup(self)
        group.setExclusionPolicy(QActionGroup.ExclusionPolicy.None_)
        for number, kind in enumerate(VIEWS, 1):
            action = group.addAction(kind.title)
            action.setToolTip(kind.tip)
            action.setShortcut(QKeySequence(f"Ctrl+{number % 10}"))
            action.triggered.connect(partial(self.show_view, kind.title))
        group.addAction(_separator(self))
        for action in self._moves(None):
            group.addAction(action)
        group.addAction(_separator(self))

        def update() -> None:
            group.setEnabled(self._document.dataset is not None)
            self._all_as_tabs.setEnabled(self._document.dataset is not None)
            for kind, action in zip(VIEWS, group.actions(), strict=False):
                action.setVisible(kind.title in self.titles)

        self._document.dataset_changed.connect(update)
        update()
        return [*group.actions(), self._all_as_tabs]

    def _moves(self, title: str | None) -> list[QAction]:
        """What can be done with a view, by default with the one that is looked at."""
        found = []
        for text, tip, move in (
            ("Put it to the &right", "Show this view beside the others", self._move_right),
            ("Put it &below", "Show this view below the others", self._move_below),
            ("Put it in a &window", "Show this view in a window of its own", self._move_out),
            ("Put it &back among the tabs", "Show this view as a tab again", self._move_back),
            ("&Close it", "Hide this view; the menu View opens it again", self._close),
        ):
            action = QAction(text, self)
            action.setToolTip(tip)
            action.triggered.connect(lambda _=False, move=move: move(title or self._front))
            found.append(action)
        return found

    def _move_right(self, title: str) -> None:
        self.arrange(arrangement.beside(self.panes(), title, below=False))
        self.show_view(title)

    def _move_below(self, title: str) -> None:
        self.arrange(arrangement.beside(self.panes(), title, below=True))
        self.show_view(title)

    def _move_out(self, title: str, corner: QPoint | None = None) -> None:
        """Give a view a window of its own, at a point of the screen or over the others."""
        rest = arrangement.without(self.panes(), title)
        if rest and not self.shell.is_floating(title):
            corner = corner or self.mapToGlobal(_CORNER)
            window = (float(corner.x()), float(corner.y()), *_WINDOW)
            self.arrange((*rest, Pane(views=(title,), front=title, window=window)))
            self.show_view(title)

    def _move_back(self, title: str) -> None:
        self.arrange(arrangement.among(self.panes(), title, _ORDER))
        self.show_view(title)

    def _close(self, title: str) -> None:
        rest = arrangement.without(self.panes(), title)
        if rest:  # one view stays
            self.arrange(rest)

    def _on_shell_menu_requested(self, title: str, position: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        menu.setToolTipsVisible(True)
        about = menu.addAction(f"&What “{title}” shows")
        about.setToolTip("Open the page of the help about this view (F1)")
        about.triggered.connect(lambda: self.help_requested.emit(_PAGES[title]))
        menu.addSeparator()
        menu.addActions(self._moves(title))
        menu.addAction(self._all_as_tabs)
        menu.addSeparator()
        others = menu.addMenu("&Show another")  # tabs may be out of sight in a narrow place
        others.setToolTipsVisible(True)
        for other in self.titles:
            if other != title:
                action = others.addAction(other)
                action.setToolTip(_TIPS[other])
                action.triggered.connect(partial(self.show_view, other))
        menu.popup(position)


def _separator(parent: QWidget) -> QAction:
    action = QAction(parent)
    action.setSeparator(True)
    return action
