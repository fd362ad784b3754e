"""The program with a window."""

from __future__ import annotations

import signal
import sys

from PySide6.QtCore import QSettings, QTimer
from PySide6.QtWidgets import QApplication

from gmmdesk import __version__
from gmmdesk.ui import problems, theme, warm_up
from gmmdesk.ui.garbage import GarbageCollector
from gmmdesk.ui.main_window import MainWindow


def make_application(arguments: list[str] | None = None) -> QApplication:
    """The QApplication with the program's name, settings and look."""
    app = QApplication(sys.argv[:1] if arguments is None else arguments)
    app.setApplicationName("gmmdesk")
    app.setOrganizationName("gmmdesk")
    app.setApplicationDisplayName("gmmdesk")
    app.setApplicationVersion(__version__)
    app.setDesktopFileName("gmmdesk")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    theme.install(app)
    return app


def main(source: str | None = None) -> int:
    """Open the window, with the file or sample `source` loaded; returns the exit status."""
    app = make_application()
    problems.install_exception_hook()

    window = MainWindow()
    window.show()
    QTimer.singleShot(0, warm_up.begin)
    QTimer.singleShot(0, window.offer_recovery)
    if source is not None:
        QTimer.singleShot(0, lambda: window.open_source(source))
    signal.signal(signal.SIGINT, lambda *_: window.close())
    garbage = GarbageCollector(app)
    garbage.start()
    status = app.exec()
    garbage.stop()
    return status
