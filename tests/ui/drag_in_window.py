"""Opens a window on a sample, drags a rectangle over its map, and prints what is selected.

Run on a real screen by test_real_window: `python -m tests.ui.drag_in_window PICTURE`.
"""

from __future__ import annotations

import sys
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QElapsedTimer, QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from gmmdesk.ui import theme
from gmmdesk.ui.main_window import MainWindow
from gmmdesk.ui.views.map.selecting import Tool

LEFT = Qt.MouseButton.LeftButton
_STEPS = 8
_WAIT_MS = 20_000


def wait_for(is_so: Callable[[], bool]) -> bool:
    """Let the window work until something is so; False where it never is."""
    clock = QElapsedTimer()
    clock.start()
    while not is_so() and clock.elapsed() < _WAIT_MS:
        QTest.qWait(20)
    return is_so()


def main() -> None:
    app = QApplication([])
    theme.install(app)
    window = MainWindow()
    window.build_workspace()
    window.show()
    assert QTest.qWaitForWindowExposed(window)
    window.open_source("sample:faithful")
    document, view = window.document, window.workspace.map
    assert wait_for(lambda: view.rows.scene is not None and not view.is_busy)
    QTest.mouseClick(view.tools.buttons[Tool.RECTANGLE], LEFT)
    x0, x1, y0, y1 = view.rows.scene.bounds
    plot, port = view.plot, view.plot.viewport()

    def at(x: float, y: float) -> QPoint:
        return plot.mapFromScene(plot.box.mapViewToScene(QPointF(x, y)))

    start, end = at(x0 - 0.1, y0 - 1.0), at((x0 + x1) / 2, (y0 + y1) / 2)
    QTest.mousePress(port, LEFT, pos=start)
    for step in range(1, _STEPS + 1):
        here = start + (end - start) * step / _STEPS
        QCoreApplication.sendEvent(
            port,
            QMouseEvent(
                QEvent.Type.MouseMove,
                QPointF(here),
                QPointF(port.mapToGlobal(here)),
                Qt.MouseButton.NoButton,
                LEFT,
                Qt.KeyboardModifier.NoModifier,
            ),
        )
        QTest.qWait(20)
    QTest.mouseRelease(port, LEFT, pos=end)
    panel = window.workspace.selection_panel
    assert wait_for(lambda: document.selection.count > 0 and not panel.is_busy and not view.is_busy)
    window.grab().save(sys.argv[1])
    print(document.selection.count, panel.isVisible(), panel.said[0])
    window.document.commands.mark_saved()
    window.close()


main()
