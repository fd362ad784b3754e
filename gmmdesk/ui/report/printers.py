"""Whether the printers of this machine answer, asked where nobody has to wait for them."""

from __future__ import annotations

import os
import subprocess
import time

from gmmdesk.errors import GmmdeskError
from gmmdesk.interpreter import start_python
from gmmdesk.task import Task

PATIENCE = 10.0  # seconds
_STEP = 0.05  # seconds
_QUESTION = "gmmdesk.ui.report.printers:ask"


def wait_for_printers(task: Task) -> None:
    """Return once they answer; raises GmmdeskError where they do not, Cancelled with the task.

    A print server that is silent holds up whoever asks it for ever and, as Qt asks with the
    interpreter locked, all threads of a program: another process is to find that out.
    """
    try:
        process = start_python(
            _QUESTION,
            {},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "QT_QPA_PLATFORM": "offscreen"},
        )
    except OSError:  # who cannot ask first has to trust them
        return
    try:
        end = time.monotonic() + PATIENCE
        while process.poll() is None:
            task.step()
            if time.monotonic() > end:
                raise GmmdeskError(
                    "The printers of this machine do not answer.",
                    "Save the report as PDF and print that later, or see whether the print service"
                    " of the system runs.",
                )
            time.sleep(_STEP)
    finally:
        process.kill()
        process.wait()


def ask() -> None:
    """Do what the dialog for printing begins with."""
    from PySide6.QtGui import QGuiApplication
    from PySide6.QtPrintSupport import QPrinter, QPrinterInfo

    application = QGuiApplication([])
    QPrinterInfo.availablePrinterNames()
    QPrinter(QPrinter.PrinterMode.HighResolution)
    del application
