"""The map's controls have room in every width."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from gmmdesk.ui.as_prepared import AsPrepared
from gmmdesk.ui.views.map.toolbar import MapToolbar


def test_lines_break_where_room_is_short(qtbot, document):
    around, bar = QWidget(), MapToolbar(AsPrepared(document))
    qtbot.addWidget(around)
    layout = QVBoxLayout(around)
    layout.addWidget(bar)
    layout.addStretch()
    bar.set_columns(("width", "height", "depth"))
    with qtbot.waitExposed(around):
        around.show()
    controls = (bar.x_box, bar.y_box, bar.swap, bar.layers_button, bar.lock, bar.reset)

    def is_in_one_line():
        shown = [control.geometry() for control in controls if control.isVisible()]
        assert all(bar.rect().contains(geometry) for geometry in shown)
        return bar.layers_button.y() < bar.x_box.geometry().bottom()

    around.resize(800, 200)
    qtbot.waitUntil(is_in_one_line)
    around.resize(around.minimumSizeHint().width(), 200)
    qtbot.waitUntil(lambda: not is_in_one_line())
    assert bar.width() < 400
    around.resize(500, 200)
    bar.set_columns(("width",))
    qtbot.waitUntil(is_in_one_line)
    assert not bar.y_box.isVisible()
