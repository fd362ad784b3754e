"""The switch of axes as prepared, which stands in every view that it is about."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QApplication

from gmmdesk.data.steps import parse_step
from gmmdesk.ui.as_prepared import AsPrepared


class WindowsShown(QObject):
    """Switches that have been shown outside of any view."""

    def __init__(self):
        super().__init__()
        self.found = []

    def eventFilter(self, watched, event):
        is_shown = event.type() is QEvent.Type.Show
        if is_shown and isinstance(watched, AsPrepared) and watched.isWindow():
            self.found.append(watched)
        return False


def test_a_view_that_is_made_late_has_the_switch_and_no_window_of_it_flashes_up(driver):
    driver.open("sample:customers")
    steps = (parse_step("log average_order_usd"),)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("log", steps=steps),
    )
    windows = WindowsShown()
    QApplication.instance().installEventFilter(windows)
    views = [driver.click_tab(title) for title in ("Matrix", "Densities")]
    QApplication.instance().removeEventFilter(windows)
    assert windows.found == []
    assert all(view.as_prepared.isVisible() for view in views)
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("none", steps=()),
    )
    assert not any(view.as_prepared.isVisibleTo(view) for view in views)
