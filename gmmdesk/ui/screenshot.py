"""A picture of the map, or of the whole window, made by the program itself without a hand.

python -m gmmdesk.ui.screenshot FILE --out PICTURE.png [--window] [--theme dark] ...
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import (
    QEventLoop,
    QMessageLogContext,
    QObject,
    QTimer,
    QtMsgType,
    SignalInstance,
    qInstallMessageHandler,
)

from gmmdesk.errors import GmmdeskError
from gmmdesk.ui import theme
from gmmdesk.ui.app import make_application
from gmmdesk.ui.main_window import MainWindow


def main(arguments: list[str] | None = None) -> int:
    """Open FILE, find its clusters, save the picture; 2 with a message when that fails."""
    parser = argparse.ArgumentParser(prog="python -m gmmdesk.ui.screenshot", description=__doc__)
    parser.add_argument("file", metavar="FILE", help="a data file or sample:NAME")
    parser.add_argument("--out", type=Path, required=True, metavar="PNG")
    parser.add_argument("--window", action="store_true", help="the whole window, not only the map")
    parser.add_argument("--size", default="1280x800", metavar="WxH")
    parser.add_argument("--theme", choices=sorted(theme.SCHEMES), default="light")
    parser.add_argument("--k", type=int, help="this many clusters instead of choosing")
    parser.add_argument("--cluster", type=int, help="the cluster (from 1) to highlight")
    options = parser.parse_args(arguments)
    width, height = (int(part) for part in options.size.split("x"))

    qInstallMessageHandler(_on_qt_message)
    _app = make_application(["screenshot"])
    theme.set_scheme(options.theme)
    window = MainWindow()
    window.resize(width, height)
    window.show()
    window.build_workspace()
    document = window.document
    document.fitting.replays = False
    try:
        _wait(window, lambda: document.open(options.file), document.file_work.ended)
        if options.k is not None:
            document.change_settings("Change number", k_min=options.k, k_max=options.k)
        _wait(window, document.start_fit, document.run_ended)
        if options.cluster is not None:
            document.set_current_cluster(options.cluster - 1)
        _settle(600)  # the map draws in the background
        picture = (
            window.grab().toImage()
            if options.window
            else window.workspace.map.picture((width, height))
        )
    except GmmdeskError as error:
        print(error, file=sys.stderr)
        return 2
    finally:
        window.close()
    if not picture.save(str(options.out)):
        print(f"The picture cannot be written to {options.out}.", file=sys.stderr)
        return 2
    return 0


def _wait(window: MainWindow, begin: Callable[[], None], ended: SignalInstance) -> None:
    """Begin something and wait for its signal; raises what the document reports as a problem."""
    loop = QEventLoop()
    problems: list[BaseException] = []
    document = window.document
    document.problem_raised.disconnect()
    document.problem_raised.connect(problems.append)
    document.problem_raised.connect(loop.quit)
    connection = ended.connect(lambda: QTimer.singleShot(0, loop.quit))
    begin()
    loop.exec()
    QObject.disconnect(connection)
    if problems:
        raise problems[0]


def _on_qt_message(_kind: QtMsgType, _context: QMessageLogContext, text: str) -> None:
    """Print what Qt has to say, but not what its screen without a display cannot do."""
    if not text.startswith("This plugin does not support"):
        print(text, file=sys.stderr)


def _settle(milliseconds: int) -> None:
    loop = QEventLoop()
    QTimer.singleShot(milliseconds, loop.quit)
    loop.exec()


if __name__ == "__main__":
    sys.exit(main())
