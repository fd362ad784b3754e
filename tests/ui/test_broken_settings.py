"""A settings file with anything in it: the window opens, works and closes."""

from __future__ import annotations

import random

import pytest
from PySide6.QtCore import QSettings

from gmmdesk.ui import recent, theme
from gmmdesk.ui.main_window import MainWindow

BROKEN = {
    "empty": b"",
    "bytes": random.Random(1).randbytes(4_000),
    "no ini": b"<html>\n" * 50,
    "cut": b"[General]\ngeometry=@ByteArray(\\x1\\xd9\\xd0\\xcb\\0",
    "other types": b"[General]\ngeometry=7\nrecent_files=@Invalid()\ntheme=@Size(3 4)\n"
    b"last_folder=@Variant(\\0\\0\\0\\x7f\\0\\0\\0\\x5QDate\\0)\nworkspace_splitter=true\n",
    "wrong bytes": b"[General]\ngeometry=@ByteArray(nonsense)\n"
    b"workspace_splitter=@ByteArray(\\0\\0\\0\\xff\\xff\\xff)\n"
    b"middle_splitter=@ByteArray(\\xff\\xff\\xff\\xff\\x7f\\xff\\xff\\xff)\n",
    "variants": b"[General]\nrecent_files=@Variant(\\0\\0\\0\\t\\xff\\xff\\xff\\xff)\n"
    b"theme=@Variant(\\0\\0\\x4\\0\\0\\0\\0\\x5x\\0)\n",
    "odd paths": b"[General]\nrecent_files=a\\0b, /dev/null, \\xd800, @ByteArray(x)\n"
    b"last_folder=a\\0b\n",
    "long": b"[General]\ntheme=" + b"x" * 1_000_000 + b"\n",
}


@pytest.fixture
def settings_file(home, qapp):
    qapp.setOrganizationName("gmmdesk")
    qapp.setApplicationName("gmmdesk")
    QSettings.setDefaultFormat(QSettings.Format.IniFormat)
    path = home / "config" / "gmmdesk" / "gmmdesk.ini"
    path.parent.mkdir(parents=True, exist_ok=True)
    return path


def work(qtbot, qapp):
    """Open the window and a file, look at the menus, and close."""
    theme.install(qapp)
    window = MainWindow()
    window.build_workspace()
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    with qtbot.waitSignal(window.document.prepared_changed, timeout=20_000):
        window.open_source("sample:iris")
    for name in recent.recent_files():
        assert isinstance(name, str)
    window.actions_._fill_recent(window.open_source)
    assert window.width() > 300
    assert all(size > 0 for size in window.workspace.sizes())
    window.close()


@pytest.mark.qt_log_ignore("QVariant::load")  # Qt says what it makes of it
@pytest.mark.parametrize("kind", BROKEN)
def test_a_broken_settings_file_stops_nothing(qtbot, qapp, settings_file, kind):
    settings_file.write_bytes(BROKEN[kind])
    work(qtbot, qapp)


def test_a_folder_in_place_of_the_settings_stops_nothing(qtbot, qapp, settings_file):
    settings_file.mkdir()
    work(qtbot, qapp)
    assert settings_file.is_dir()
