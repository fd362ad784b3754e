"""One arrangement of views in docks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import cast

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import (
    QApplication,
    QDockWidget,
    QHBoxLayout,
    QMainWindow,
    QTabBar,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from gmmdesk.session.view import Pane
from gmmdesk.ui import arrangement, theme

_AREA = Qt.DockWidgetArea.TopDockWidgetArea
_LEFT = Qt.MouseButton.LeftButton
_TEAR = 24  # how far a tab is dragged before it leaves the others, in pixels
_LEAST = QSize(240, 160)  # of a window, in pixels


class ViewShell(QMainWindow):
    """Shows views where panes say, until the user drags them elsewhere.

    A new arrangement takes a new shell: Qt's docks remember too much of where they were. `tips`
    are the tabs' by the views' titles.

    Signals: `seen(title)`, a view is in sight, and may have to be put into its place first;
    `chosen(title)`, it has come in sight; `menu_requested(title, position)` on its tab;
    `torn_off(title, position)`, its tab was dragged away; both in pixels of the screen.
    """

    seen = Signal(str)
    chosen = Signal(str)
    menu_requested = Signal(str, QPoint)
    torn_off = Signal(str, QPoint)

    def __init__(self, tips: Mapping[str, str]) -> None:
        super().__init__()
        self.setWindowFlags(Qt.WindowType.Widget)
        self.setDockOptions(
            QMainWindow.DockOption.AllowNestedDocks | QMainWindow.DockOption.AllowTabbedDocks
        )
        self.setTabPosition(Qt.DockWidgetArea.AllDockWidgetAreas, QTabWidget.TabPosition.North)
        self.setDocumentMode(True)
        self._tips = tips
        self._docks: dict[str, QDockWidget] = {}
        self._asked: tuple[Pane, ...] = ()
        self._is_ready = False  # docks are seen in passing while they are put in their places
        self._is_settled = False
        self._settling = QTimer(self, singleShot=True, interval=0)
        self._settling.timeout.connect(self._settle)

    def put(self, panes: Sequence[Pane]) -> None:
        """Make the places; once."""
        self._asked = tuple(panes)
        for pane in panes:
            for title in pane.views:
                self._docks[title] = self._dock(title)
        self._divide([pane for pane in panes if pane.window is None])
        for pane in panes:
            if pane.window is not None:
                self._float(pane.views, pane.window)
            self._docks[pane.front].raise_()
        self._is_ready = True
        self._settling.start()

    def place(self, title: str) -> QVBoxLayout | None:
        """Where a view is to stand; None while it is closed."""
        dock = self._docks.get(title)
        return None if dock is None else cast(QVBoxLayout, dock.widget().layout())

    def is_open(self, title: str) -> bool:
        """Whether a view is somewhere to be seen, be it behind other tabs."""
        return title in self._docks and not self._docks[title].isHidden()

    def is_floating(self, title: str) -> bool:
        """Whether a view has a window of its own."""
        return self.is_open(title) and self._docks[title].isFloating()

    def bring_to_front(self, title: str) -> None:
        """Show an open view before the other tabs and windows."""
        dock = self._docks[title]
        dock.raise_()
        if dock.isFloating():
            dock.activateWindow()

    def title_around(self, widget: QWidget) -> str | None:
        """Of the view that `widget` is a part of."""
        for title, dock in self._docks.items():
            if dock.isAncestorOf(widget):
                return title
        return None

    # -- places ------------------------------------------------------------------------------

    def panes(self) -> tuple[Pane, ...]:
        """Where the open views are now."""
        if not self._is_settled:
            return self._asked  # nothing has a size yet, and nobody has moved anything
        width, height = max(self.width(), 1), max(self.height(), 1)
        found, seen = [], set[str]()
        for title, dock in self._docks.items():
            if title in seen or dock.isHidden():
                continue
            if dock.isFloating():
                x, y, wide, high = cast(tuple[int, int, int, int], dock.geometry().getRect())
                window = (float(x), float(y), float(wide), float(high))
                found.append(Pane(views=(title,), front=title, window=window))
                continue
            views, front, box = self._tabs(title)
            seen.update(views)
            place = (box.x() / width, box.y() / height, box.width() / width, box.height() / height)
            left, top, w, h = (min(max(part, 0.0), 1.0) for part in place)
            found.append(Pane(views=views, front=front, place=(left, top, w, h)))
        return tuple(found)

    def _tabs(self, title: str) -> tuple[tuple[str, ...], str, QRect]:
        """The views that share a view's place in the order of their tabs, which is seen, where."""
        for bar in self._tab_bars():
            tabs = tuple(bar.tabText(index) for index in range(bar.count()))
            if title in tabs:
                front = tabs[bar.currentIndex()]
                return tabs, front, self._docks[front].geometry().united(bar.geometry())
        return (title,), title, self._docks[title].geometry()

    def _divide(self, panes: Sequence[Pane]) -> None:
        """The first view of each pane stands for it until its tabs come.

        A dock has to be shown before another is put relative to it.
        """
        if not panes:
            return
        first = {pane: self._docks[pane.views[0]] for pane in panes}
        cuts = arrangement.cuts(panes)
        whole = first[cuts[0].first if cuts else panes[0]]
        self.addDockWidget(_AREA, whole)
        whole.show()
        for cut in cuts:
            self.splitDockWidget(first[cut.first], first[cut.second], _across(cut))
            first[cut.second].show()
        # Tabs come after the cuts: a dock that has tabs cannot be cut.
        for pane in panes:
            for title in pane.views[1:]:
                self.tabifyDockWidget(first[pane], self._docks[title])
                self._docks[title].show()

    def _share_room(self) -> None:
        """Give the panes their sizes."""
        first = {pane: self._docks[pane.views[0]] for pane in self._asked}
        for cut in arrangement.cuts([pane for pane in self._asked if pane.window is None]):
            length = self.width() if cut.is_horizontal else self.height()
            sizes = [max(1, round(share * length)) for share in cut.shares]
            self.resizeDocks([first[cut.first], first[cut.second]], sizes, _across(cut))

    def _float(self, views: Sequence[str], window: Sequence[float]) -> None:
        for offset, title in enumerate(views):
            dock = self._docks[title]
            self.addDockWidget(_AREA, dock)
            dock.setFloating(True)
            box = QRect(*map(int, window)).translated(QPoint(_TEAR, _TEAR) * offset)
            dock.setGeometry(_on_screen(box))
            dock.show()

    # -- docks and tabs ----------------------------------------------------------------------

    def _dock(self, title: str) -> QDockWidget:
        dock = _Dock(title, self)
        dock.setObjectName(title)
        place = QWidget(dock)
        QVBoxLayout(place).setContentsMargins(0, 0, 0, 0)
        dock.setWidget(place)
        dock.visibilityChanged.connect(partial(self._on_visibility_changed, title))
        dock.dockLocationChanged.connect(self._settling.start)
        dock.topLevelChanged.connect(self._settling.start)
        return dock

    def _on_visibility_changed(self, title: str, is_visible: bool) -> None:
        # Qt only moves a dock out of sight that is behind another: its view would work on.
        self._docks[title].widget().setVisible(is_visible)
        if is_visible and self._is_ready and self.isVisible():
            self.seen.emit(title)
            self.chosen.emit(title)
        self._settling.start()

    def _tab_bars(self) -> list[QTabBar]:
        children = self.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        return [bar for bar in children if bar.isVisible()]

    def _settle(self) -> None:
        """Fit tabs and titles to where the docks are now."""
        if not self.isVisible():
            return
        if not self._is_settled:
            self._share_room()
            self._is_settled = True
        for title, dock in self._docks.items():
            if not dock.isHidden() and not dock.visibleRegion().isEmpty():
                self.seen.emit(title)
            has_tab = bool(self.tabifiedDockWidgets(dock)) and not dock.isFloating()
            if has_tab and dock.titleBarWidget() is None:
                dock.setTitleBarWidget(_nothing(dock))  # its tab says it already
            elif not has_tab and dock.titleBarWidget() is not None:
                # None brings back Qt's own, which its stubs do not know.
                dock.setTitleBarWidget(None)  # type: ignore[arg-type]
        for bar in self._tab_bars():
            for index in range(bar.count()):
                bar.setTabToolTip(index, self._tips.get(bar.tabText(index), ""))
            if bar.contextMenuPolicy() != Qt.ContextMenuPolicy.CustomContextMenu:
                theme.narrow(bar)
                bar.setElideMode(Qt.TextElideMode.ElideNone)
                bar.setUsesScrollButtons(True)
                bar.setAccessibleName("Views")
                bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
                bar.customContextMenuRequested.connect(partial(self._on_tab_menu_requested, bar))
                bar.installEventFilter(self)

    def _on_tab_menu_requested(self, bar: QTabBar, position: QPoint) -> None:
        index = bar.tabAt(position)
        if index >= 0:
            self.menu_requested.emit(bar.tabText(index), bar.mapToGlobal(position))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self._settling.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(watched, QTabBar) and isinstance(event, QMouseEvent):
            is_drag = event.type() == QEvent.Type.MouseMove and event.buttons() == _LEFT
            around = watched.rect().adjusted(-_TEAR, -_TEAR, _TEAR, _TEAR)
            if is_drag and watched.count() > 1 and not around.contains(event.position().toPoint()):
                title = watched.tabText(watched.currentIndex())
                self.torn_off.emit(title, event.globalPosition().toPoint())
                return True
        return super().eventFilter(watched, event)


class _Dock(QDockWidget):
    """A view's place. Keys that the view leaves are the main window's, where it floats too."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        super().keyPressEvent(event)
        shell = self.parentWidget()
        if self.isFloating() and shell is not None and not event.isAccepted():
            QApplication.sendEvent(shell, event)


def _across(cut: arrangement.Cut) -> Qt.Orientation:
    return Qt.Orientation.Horizontal if cut.is_horizontal else Qt.Orientation.Vertical


def _nothing(parent: QWidget) -> QWidget:
    """A title bar that takes no room."""
    nothing = QWidget(parent)
    QHBoxLayout(nothing).setContentsMargins(0, 0, 0, 0)
    return nothing


def _on_screen(box: QRect) -> QRect:
    """Moved and cut to what a screen shows: a window may have been saved on one that is gone."""
    screen = QGuiApplication.screenAt(box.center()) or QGuiApplication.primaryScreen()
    room = screen.availableGeometry()
    box.setSize(box.size().expandedTo(_LEAST).boundedTo(room.size()))
    box.moveLeft(min(max(box.left(), room.left()), room.right() - box.width() + 1))
    box.moveTop(min(max(box.top(), room.top()), room.bottom() - box.height() + 1))
    return box
