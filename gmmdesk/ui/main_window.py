"""The window: menus, panels and views around one document."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QByteArray, QSettings, Qt
from PySide6.QtGui import QCloseEvent, QDragEnterEvent, QDropEvent, QGuiApplication
from PySide6.QtWidgets import (
    QFileDialog,
    QMainWindow,
    QMessageBox,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from gmmdesk import __version__
from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import recent, theme
from gmmdesk.ui.actions import Actions
from gmmdesk.ui.document import Document
from gmmdesk.ui.export_dialog import choose_export_path
from gmmdesk.ui.icons import logo
from gmmdesk.ui.problems import show_problem
from gmmdesk.ui.status import StatusBar
from gmmdesk.ui.welcome import WelcomePage


class MainWindow(QMainWindow):
    """Opens with the welcome page; the workspace is built when the first table arrives."""

    def __init__(self, document: Document | None = None) -> None:
        super().__init__()
        self.document = document or Document(self)
        self.setWindowTitle("gmmdesk")
        self.setWindowIcon(logo(256))
        self.setAcceptDrops(True)
        self.resize(1280, 800)
        self.actions_ = Actions(self.document, self)
        self.actions_.fill_menu_bar(self.menuBar(), self.open_source)
        bar = self.addToolBar("Main")
        bar.setObjectName("main_tool_bar")
        bar.setMovable(False)
        bar.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.actions_.fill_tool_bar(bar, self.open_source)
        self.setStatusBar(StatusBar(self.document))

        self._welcome = WelcomePage()
        self._welcome.open_requested.connect(self._on_open_triggered)
        self._welcome.paste_requested.connect(self._on_paste_triggered)
        self._welcome.sample_requested.connect(lambda name: self.open_source(f"sample:{name}"))
        self._stack = QStackedWidget()
        self._stack.addWidget(self._welcome)
        self.setCentralWidget(self._stack)
        self._splitters: list[QSplitter] = []

        self.actions_.open.triggered.connect(self._on_open_triggered)
        self.actions_.paste.triggered.connect(self._on_paste_triggered)
        self.actions_.export.triggered.connect(self._on_export_triggered)
        self.actions_.quit.triggered.connect(self.close)
        self.actions_.help.triggered.connect(self._on_help_triggered)
        self.document.dataset_changed.connect(self._on_document_dataset_changed)
        self.document.problem_raised.connect(lambda error: show_problem(error, self))
        self._restore()

    # -- opening -----------------------------------------------------------------------------

    def open_source(self, source: str) -> None:
        """Open a path or "sample:NAME"."""
        self.document.open(source)

    def _on_open_triggered(self) -> None:
        from gmmdesk.data.readers import FILE_FILTERS

        start = str(QSettings().value("last_folder", str(Path.home())))
        path, _filter = QFileDialog.getOpenFileName(self, "Open a table", start, ";;".join(FILE_FILTERS))
        if path:
            self.open_source(path)

    def _on_paste_triggered(self) -> None:
        text = QGuiApplication.clipboard().text()
        if text.strip():
            self.document.open_text(text)
        else:
            self.document.problem_raised.emit(
                GmmdeskError(
                    "There is no table to paste.",
                    "Copy the cells in your spreadsheet first, with their headings.",
                )
            )

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if any(url.isLocalFile() for url in event.mimeData().urls()):
            event.acceptProposedAction()

    def dropEvent(self, event: QDropEvent) -> None:
        paths = [url.toLocalFile() for url in event.mimeData().urls() if url.isLocalFile()]
        if len(paths) == 1:
            event.acceptProposedAction()
            self.open_source(paths[0])
        elif paths:
            self.document.problem_raised.emit(
                GmmdeskError(f"{len(paths)} files were dropped.", "Drop one file at a time.")
            )

    def _on_document_dataset_changed(self) -> None:
        dataset = self.document.dataset
        assert dataset is not None
        if self._stack.count() == 1:
            self._stack.addWidget(self._make_workspace())
            # The panels were not there to hear the news.
            self.document.dataset_changed.emit()
            self.document.settings_changed.emit()
            return
        self._stack.setCurrentIndex(1)
        self.setWindowTitle(f"{dataset.path.name if dataset.path else dataset.name} — gmmdesk")
        if dataset.path is not None:
            recent.remember_file(dataset.path)
            QSettings().setValue("last_folder", str(dataset.path.parent))

    # -- the workspace -----------------------------------------------------------------------

    def _make_workspace(self) -> QWidget:
        """The panels and views; here, not above, because the plots take long to import."""
        from gmmdesk.ui.panels.clusters_panel import ClustersPanel
        from gmmdesk.ui.panels.columns_panel import ColumnsPanel
        from gmmdesk.ui.panels.data_panel import DataPanel
        from gmmdesk.ui.panels.model_panel import ModelPanel
        from gmmdesk.ui.views.convergence import ConvergenceView
        from gmmdesk.ui.views.map import MapView

        document = self.document
        left = QWidget()
        column = QVBoxLayout(left)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(2 * theme.SPACE)
        column.addWidget(DataPanel(document))
        column.addWidget(ColumnsPanel(document), 1)
        self.model_panel = ModelPanel(document)
        column.addWidget(self.model_panel)
        left.setMinimumWidth(280)

        self.map = MapView(document)
        self.convergence = ConvergenceView(document)
        middle = _splitter(Qt.Orientation.Vertical, (self.map, 3), (self.convergence, 1))
        middle.setSizes([560, 170])
        self.clusters_panel = ClustersPanel(document)
        self.clusters_panel.setContentsMargins(*[theme.SPACE] * 4)
        self.clusters_panel.setMinimumWidth(260)
        workspace = _splitter(
            Qt.Orientation.Horizontal, (left, 0), (middle, 1), (self.clusters_panel, 0)
        )
        workspace.setSizes([300, 660, 320])
        self._splitters = [workspace, middle]
        for splitter, name in zip(self._splitters, ("workspace", "middle"), strict=True):
            state = QSettings().value(f"splitter_{name}")
            if isinstance(state, QByteArray):
                splitter.restoreState(state)
        return workspace

    # -- leaving -----------------------------------------------------------------------------

    def _on_export_triggered(self) -> None:
        analysis = self.document.analysis
        if analysis is not None:
            path = choose_export_path(analysis, self)
            if path is not None:
                self.document.export(path)

    def _on_help_triggered(self) -> None:
        QMessageBox.about(
            self,
            "About gmmdesk",
            f"<h3>gmmdesk {__version__}</h3>"
            "<p>Finds clusters in a spreadsheet with Gaussian mixture models.</p>"
            "<p><b>Ctrl+O</b> open · <b>Ctrl+V</b> paste · <b>Ctrl+Return</b> find clusters · "
            "<b>Esc</b> stop · <b>Ctrl+E</b> export · <b>Ctrl+Z</b> undo</p>"
            "<p>Your data stay on this computer.</p>",
        )

    def _restore(self) -> None:
        geometry = QSettings().value("geometry")
        if isinstance(geometry, QByteArray):
            self.restoreGeometry(geometry)

    def closeEvent(self, event: QCloseEvent) -> None:
        settings = QSettings()
        settings.setValue("geometry", self.saveGeometry())
        for splitter, name in zip(self._splitters, ("workspace", "middle"), strict=False):
            settings.setValue(f"splitter_{name}", splitter.saveState())
        self.document.close()
        super().closeEvent(event)


def _splitter(orientation: Qt.Orientation, *widgets: tuple[QWidget, int]) -> QSplitter:
    splitter = QSplitter(orientation)
    splitter.setChildrenCollapsible(False)
    for i, (widget, stretch) in enumerate(widgets):
        splitter.addWidget(widget)
        splitter.setStretchFactor(i, stretch)
    return splitter
