"""A picture of the map, or of the whole window, made by the program itself without a hand.

python -m gmmdesk.ui.screenshot FILE --out PICTURE.png [--window] [--theme dark] ...
"""

from __future__ import annotations

import argparse
import os
import re
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QCoreApplication,
    QEventLoop,
    QMessageLogContext,
    QObject,
    QSettings,
    QSize,
    QTimer,
    QtMsgType,
    SignalInstance,
    qInstallMessageHandler,
)
from PySide6.QtGui import QImage

from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import theme
from gmmdesk.ui.app import make_application
from gmmdesk.ui.document import Document
from gmmdesk.ui.main_window import MainWindow
from gmmdesk.ui.reading import Found, Source
from gmmdesk.ui.view_list import VIEWS

if TYPE_CHECKING:
    from gmmdesk.data.row_set import RowSet

_VIEWS = [kind.title for kind in VIEWS]


def main(arguments: list[str] | None = None) -> int:
    """Open FILE, find its clusters, save the picture; 2 with a message when that fails."""
    parser = argparse.ArgumentParser(prog="python -m gmmdesk.ui.screenshot", description=__doc__)
    parser.add_argument("file", metavar="FILE", help="a data file or sample:NAME")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    parser.add_argument("--window", action="store_true", help="the whole window, not only the map")
    parser.add_argument("--view", choices=_VIEWS, help="in the window, show this view in front")
    parser.add_argument("--size", type=_size, default=(1280, 800), metavar="WxH")
    parser.add_argument("--theme", choices=sorted(theme.SCHEMES), default="light")
    parser.add_argument("--k", type=int, help="this many clusters instead of choosing")
    parser.add_argument("--cluster", type=int, help="the cluster (from 1) to highlight")
    parser.add_argument("--select", metavar="CONDITION", help="the rows to select")
    parser.add_argument("--scale", type=float, default=1.0, help="pixels for one of --size")
    options = parser.parse_args(arguments)

    qInstallMessageHandler(_on_qt_message)
    os.environ["QT_SCALE_FACTOR"] = str(options.scale)
    try:
        with tempfile.TemporaryDirectory() as folder:
            # The user's settings stay as they are, and do not show in the picture.
            QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
            _app = make_application(["screenshot"])
            picture = _picture(options)
    except GmmdeskError as error:
        print(error, file=sys.stderr)
        return 2
    if not picture.save(str(options.out)):
        print(f"The picture cannot be written to {options.out}.", file=sys.stderr)
        return 2
    return 0


def _size(text: str) -> tuple[int, int]:
    match = re.fullmatch(r"([1-9]\d{0,3})x([1-9]\d{0,3})", text)
    if match is None:
        raise argparse.ArgumentTypeError(f"'{text}' is no size in pixels, such as 1280x800")
    return int(match[1]), int(match[2])


def _picture(options: argparse.Namespace) -> QImage:
    theme.set_scheme(options.theme)
    window = MainWindow()
    window.resize(*options.size)
    window.show()
    window.build_workspace()
    document = window.document
    document.fitting.replays = False
    document.checking.automatic = False  # how far that is would be chance

    def find() -> None:
        if options.k is not None:
            document.change_settings("Change number", k_min=options.k, k_max=options.k)
        document.start_fit()

    try:
        _wait(window, lambda: document.open(options.file), document.file_work.ended)
        _wait(window, find, document.run_ended)
        if options.cluster is not None:
            document.set_current_cluster(options.cluster - 1)
        if options.select is not None:
            document.selection.set(_meeting(options.select, document))
        # The window lays itself out, and the map draws in the background.
        QCoreApplication.processEvents()
        _wait_while(lambda: window.workspace.map.is_busy)
        if options.view is not None:
            view = window.workspace.views.show_view(options.view)
            QCoreApplication.processEvents()
            _wait_while(lambda: getattr(view, "is_busy", False))
            window.grab()  # axes learn how much room they need when they are painted
            QCoreApplication.processEvents()
        if options.window or options.view is not None:
            return window.grab().toImage()
        return _map(window, QSize(*options.size), dark=options.theme == "dark")
    finally:
        window.close_for_good()


def _meeting(condition: str, document: Document) -> RowSet:
    """The rows that meet a condition; raises UsageError where it makes no sense."""
    from gmmdesk.data.row_set import RowSet
    from gmmdesk.ui.tables.conditions import Wanted
    from gmmdesk.ui.tables.fields import fields_of

    dataset = document.dataset
    assert dataset is not None
    wanted = Wanted(condition, dataset.receipt.decimal or ".")
    fields = fields_of(dataset, document.analysis_as_shown, document.names)
    return RowSet.of_mask(wanted.rows(fields, dataset.n_rows))


def _map(window: MainWindow, size: QSize, *, dark: bool) -> QImage:
    """The map alone, with nothing around it."""
    from gmmdesk.ui.figures.composing import Figure
    from gmmdesk.ui.figures.formats import picture
    from gmmdesk.ui.figures.options import FigureOptions

    source = window.workspace.map.figure()
    assert source is not None
    figure = Figure(source, FigureOptions.of_pixels(size, dark=dark))
    try:
        _wait_while(lambda: figure.is_busy)
        return picture(figure)
    finally:
        source.close()


def _wait_while(busy: Callable[[], bool]) -> None:
    while busy():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def _wait(window: MainWindow, begin: Callable[[], None], ended: SignalInstance) -> None:
    """Begin something and wait for its signal; raises what the document reports as a problem."""
    loop = QEventLoop()
    problems: list[BaseException] = []
    document = window.document
    document.problem_raised.disconnect()
    document.problem_raised.connect(problems.append)
    document.problem_raised.connect(loop.quit)

    def on_questions_raised(found: Found) -> None:
        open_ones = [q for q in found.dataset.receipt.questions if q.changes_numbers]
        if open_ones:
            problems.append(GmmdeskError(open_ones[0].text, "Open it in the window and answer."))
        else:
            document.accept(found)

    def on_too_large_raised(_source: Source, error: GmmdeskError) -> None:
        problems.append(error)

    for signal, slot in (
        (document.questions_raised, on_questions_raised),
        (document.too_large_raised, on_too_large_raised),
    ):
        signal.disconnect()
        signal.connect(slot)
    connection = ended.connect(lambda: QTimer.singleShot(0, loop.quit))
    begin()
    if not problems:  # else nothing may be left to wait for
        loop.exec()
    QObject.disconnect(connection)
    if problems:
        raise problems[0]


def _on_qt_message(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Print what Qt has to say, but not what its screen without a display cannot do."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
