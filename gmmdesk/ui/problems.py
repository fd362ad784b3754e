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
    """Say what went wrong and what to do, in one message; a fault of ours goes to the log.

    While a fault is shown others go to the log only: one while painting comes with every frame.
    """
    if isinstance(error, GmmdeskError):
        _open_box(QMessageBox.Icon.Warning, error.message, error.hint, parent)
        return
    log = record_fault(error)
    if not any(box.icon() is QMessageBox.Icon.Critical for box in _open_boxes):
        what = "Something went wrong inside gmmdesk. Your file is untouched."
        hint = f"Please report it with the log: {log}"
        _open_box(QMessageBox.Icon.Critical, what, hint, parent)


def _open_box(kind: QMessageBox.Icon, what: str, hint: str, parent: QWidget | None) -> None:
    box = QMessageBox(kind, "gmmdesk", what, parent=parent)
    box.setInformativeText(hint)
    box.setWindowModality(Qt.WindowModality.WindowModal)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    _open_boxes.add(box)
    for signal in (box.finished, box.destroyed):  # or destroyed with its parent
        signal.connect(lambda *_: _open_boxes.discard(box))
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
