"""What a fresh start shows."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QPixmap

from gmmdesk.ui.welcome import Logo, WelcomePage


def test_the_logo_is_sharp_on_every_screen(qtbot):
    """Drawn twice as large it shows more than its pixels do."""
    page = WelcomePage()
    qtbot.addWidget(page)
    logo = page.findChild(Logo)
    small, large = logo.grab().toImage(), QPixmap(2 * logo.size())
    large.setDevicePixelRatio(2)
    large.fill(Qt.GlobalColor.transparent)
    logo.render(large)
    image = large.toImage()
    image.setDevicePixelRatio(1)
    corner = image.pixelColor(image.width() // 2, image.height() // 2)
    assert corner.alpha() == 255
    assert image != small.scaled(image.size())
