"""A window on a screen that nobody sees, a document without one, and how to wait for them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QCoreApplication, QPoint, Qt
from PySide6.QtGui import QContextMenuEvent, QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QWidget
from pytestqt.qtbot import QtBot

from gmmdesk.analysis import settings
from gmmdesk.ui import background, main_window, theme
from gmmdesk.ui.document import Document
from gmmdesk.ui.garbage import GarbageCollector
from gmmdesk.ui.main_window import MainWindow
from gmmdesk.ui.session_dialogs import Wish

# Two clusters, as a spreadsheet puts them on the clipboard.
TABLE = "who\twidth\theight\n" + "".join(
    f"row{i}\t{i % 2 * 10 + i / 40:.3f}\t{i % 2 * 5 + (i * 7 % 11) / 10:.3f}\n" for i in range(40)
)


class Driver:
    """A main window with the calls that tests repeat."""

    def __init__(self, qtbot: QtBot, window: MainWindow) -> None:
        self.qtbot = qtbot
        self.window = window
        self.document = window.document

    def open(self, source: object) -> None:
        """Open a file or sample and wait for it."""
        self.wait(self.document.prepared_changed, lambda: self.window.open_source(str(source)))

    def wait(self, signal: Any, begin: Callable[[], Any], timeout: int = 60_000) -> None:
        """Do something and wait for the signal it leads to."""
        with self.qtbot.waitSignal(signal, timeout=timeout):
            begin()

    def find(self) -> None:
        """Press Find clusters and wait for the answer."""
        self.wait(self.document.run_ended, self.window.workspace.model_panel.find_button.click)

    def message(self, begin: Callable[[], Any]) -> str:
        """Do something that fails; the text of the one message the user gets, which is closed."""
        from PySide6.QtWidgets import QMessageBox

        self.wait(self.document.problem_raised, begin)
        boxes = self.window.findChildren(QMessageBox)
        assert len(boxes) == 1
        text = f"{boxes[0].text()} {boxes[0].informativeText()}"
        boxes[0].accept()
        self.qtbot.waitUntil(lambda: not self.window.findChildren(QMessageBox))
        return text

    def click_tab(self, title: str) -> Any:
        """The view behind a tab, after a click on it."""
        views = self.window.workspace.views
        for bar in views.findChildren(QTabBar):
            titles = [bar.tabText(index) for index in range(bar.count())]
            if bar.isVisible() and title in titles:
                at = bar.tabRect(titles.index(title)).center()
                QTest.mouseClick(bar, Qt.MouseButton.LeftButton, pos=at)
        assert views.front_title == title
        view = views.front()
        assert view is not None
        self.qtbot.waitUntil(view.isVisible)
        return view

    def right_click(self, widget: QWidget, at: QPoint) -> QMenu:
        """The menu that a right click opens, as a window system sends it."""
        # The mouse goes there: a menu that opens under a mouse takes no click at that very place.
        QTest.mouseMove(widget, at)
        QTest.mouseClick(widget, Qt.MouseButton.RightButton, pos=at)
        event = QContextMenuEvent(QContextMenuEvent.Reason.Mouse, at, widget.mapToGlobal(at))
        QCoreApplication.sendEvent(widget, event)
        self.qtbot.waitUntil(lambda: QApplication.activePopupWidget() is not None)
        menu = QApplication.activePopupWidget()
        assert isinstance(menu, QMenu)
        return menu


def menu_texts(menu: QMenu) -> list[str]:
    return [one.text().replace("&", "") for one in menu.actions()]


def choose(menu: QMenu, text: str) -> None:
    """Click on what the menu calls so, which closes it."""
    action = menu.actions()[menu_texts(menu).index(text)]
    QTest.mouseClick(menu, Qt.MouseButton.LeftButton, pos=menu.actionGeometry(action).center())


@pytest.fixture(autouse=True, scope="session")
def starter() -> None:
    """What starts the threads of all workers stays until the end: no test leaves it behind."""
    background.starter()


@pytest.fixture(autouse=True, scope="session")
def garbage(qapp: Any) -> Iterator[None]:
    """Windows are collected on the UI thread alone, as in the program.

    A worker's thread, which happened to do it, would destroy them while others are drawn.
    """
    collector = GarbageCollector(qapp)
    collector.start()
    yield
    collector.stop()


@pytest.fixture(autouse=True, scope="session")
def empty_clipboard(qapp: Any) -> Iterator[None]:
    """Leave nothing on the clipboard: offscreen, Qt destroys it when Python is gone already."""
    yield
    QGuiApplication.clipboard().clear()


@pytest.fixture(autouse=True)
def quick_search(monkeypatch: pytest.MonkeyPatch) -> None:
    """Who asks for nothing else gets the four plain models: the search is tested elsewhere."""
    monkeypatch.setattr(settings, "ROWS_FOR_ALL_MODELS", 0)


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait longer than the five seconds that are usual: the machine may have other work too."""
    for wait in (QtBot.waitUntil, QtBot.waitSignal, QtBot.waitSignals, QtBot.waitExposed):
        monkeypatch.setitem(wait.__kwdefaults__, "timeout", 20_000)


@pytest.fixture
def csv(tmp_path: Path) -> Path:
    path = tmp_path / "things.csv"
    path.write_text(TABLE.replace("\t", ","), encoding="utf-8")
    return path


def shown_window(qtbot: QtBot) -> MainWindow:
    """A window on the screen, in which nothing goes on by itself."""
    window = MainWindow()
    window.build_workspace()
    window.document.fitting.replays = False
    window.document.checking.automatic = False
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    return window


@pytest.fixture
def driver(qtbot: QtBot, qapp: Any, monkeypatch: pytest.MonkeyPatch) -> Iterator[Driver]:
    from PySide6.QtCore import QSettings

    # Whoever is asked about unsaved work does not want it; a test can say otherwise.
    monkeypatch.setattr(main_window, "ask_about_unsaved", lambda *_: Wish.LOSE)
    qapp.setOrganizationName("gmmdesk")
    qapp.setApplicationName("gmmdesk")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    theme.install(qapp)
    window = shown_window(qtbot)
    yield Driver(qtbot, window)
    window.close()


def open_sample(qtbot: QtBot, document: Document, name: str) -> None:
    with qtbot.waitSignal(document.prepared_changed, timeout=10_000):
        document.open(f"sample:{name}")


def find_clusters(qtbot: QtBot, document: Document, k: int, **changes: Any) -> None:
    document.change_settings("Choose", k_min=k, k_max=k, restarts=1, **changes)
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()


@pytest.fixture
def document(qtbot: QtBot) -> Iterator[Document]:
    document = Document()
    document.fitting.replays = False
    document.checking.automatic = False
    problems: list[BaseException] = []
    document.problem_raised.connect(problems.append)
    yield document
    document.close()
    assert problems == []


@pytest.fixture
def iris(qtbot: QtBot, document: Document) -> Document:
    open_sample(qtbot, document, "iris")
    return document
