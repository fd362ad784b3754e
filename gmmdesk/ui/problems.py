"""The one place where an error reaches the user, and where a fault is written down."""

from __future__ import annotations

import logging
import sys
from types import TracebackType

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QMessageBox, QWidget

from gmmdesk.errors import GmmdeskError
from gmmdesk.faults import record_fault

_open_boxes: set[QMessageBox] = set()  # one without a parent would be collected at once


def show_problem(error: BaseException, parent: QWidget | None = None) -> None:
    """Say what went wrong and what to do, in one message; a fault of ours goes to the log."""
    box = QMessageBox(parent)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    if isinstance(error, GmmdeskError):
        box.setIcon(QMessageBox.Icon.Warning)
        box.setText(error.message)
        box.setInformativeText(error.hint)
    else:
        path = record_fault(error)
        box.setIcon(QMessageBox.Icon.Critical)
        box.setText("Something went wrong inside gmmdesk. Your file is untouched.")
        box.setInformativeText(f"Please report it with the log: {path}")
    box.setWindowTitle("gmmdesk")
    _open_boxes.add(box)
    box.finished.connect(lambda _result: _open_boxes.discard(box))
    box.open()


def install_exception_hook() -> None:
    """Show what escapes from a slot instead of printing it to a console nobody sees."""

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            QApplication.quit()
            return
        logging.getLogger("gmmdesk").error("unexpected", exc_info=(kind, error, trace))
        show_problem(error, QApplication.activeWindow())

    sys.excepthook = hook
