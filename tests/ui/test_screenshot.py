"""A picture of the map without a hand: complete, without a trace, and in words where it fails."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import QSettings
from PySide6.QtGui import QImage

from gmmdesk.ui.screenshot import main

Draw = Callable[..., tuple[int, str]]


@pytest.fixture
def picture(tmp_path: Path) -> Path:
    return tmp_path / "picture.png"


@pytest.fixture
def draw(picture: Path) -> Draw:
    """Runs the program in a process of its own: exit status and standard error."""

    def draw(*arguments: object) -> tuple[int, str]:
        command = [sys.executable, "-m", "gmmdesk.ui.screenshot", *map(str, arguments)]
        done = subprocess.run(
            [*command, "--out", picture], capture_output=True, text=True, timeout=100, check=False
        )
        return done.returncode, done.stderr

    return draw


def test_the_settings_of_the_user_stay_as_they_are(draw: Draw, picture: Path, home: Path) -> None:
    table = picture.with_name("table.csv")
    table.write_text("a,b\n" + "".join(f"{i % 2 * 9 + i * 0.1},{i * i % 7}\n" for i in range(30)))
    stored = QSettings(
        QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gmmdesk", "gmmdesk"
    )  # where the program's are, see conftest
    stored.setValue("theme", "dark")
    stored.sync()

    def files() -> dict[Path, bytes]:
        return {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}

    before = files()
    assert any(b"theme=dark" in content for content in before.values())
    assert draw(table, "--k", "2") == (0, "")
    assert files() == before
    assert QImage(str(picture)).pixelColor(1, 1).lightness() > 128


def test_the_picture_waits_for_what_is_drawn_in_the_background(draw: Draw, picture: Path) -> None:
    # So many rows that they are drawn as counts per cell.
    assert draw("sample:blobs?k=2&n=60000", "--k", "2", "--window") == (0, "")
    image = QImage(str(picture))
    assert (image.width(), image.height()) == (1280, 800)
    colored = sum(
        image.pixelColor(x, y).hsvSaturation() > 60
        for y in range(200, 460, 4)
        for x in range(400, 900, 4)
    )
    assert colored > 1_000  # the outlines alone are some hundred


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("text.csv",), "no column with numbers"),  # at once, before there is anything to wait for
        (("sample:iris", "--k", "0"), "0-0 is no range"),
    ],
)
def test_what_cannot_be_drawn_is_said(
    draw: Draw,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    words: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "text.csv").write_text("a,b\nx,y\nz,w\n")
    status, error = draw(*arguments)
    assert status == 2
    assert words in error
    assert "Traceback" not in error


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--size", "abc"), "'abc' is no size"),
        (("--size", "0x600"), "'0x600' is no size"),
        (("--view", "Nothing"), "invalid choice: 'Nothing'"),
    ],
)
def test_what_makes_no_sense_is_said_before_anything_is_opened(
    picture: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["sample:iris", "--out", str(picture), *arguments])
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_view_is_shown_in_front(draw: Draw, picture: Path) -> None:
    table = picture.with_name("table.csv")
    table.write_text("a,b\n" + "".join(f"{i % 2 * 9 + i * 0.1},{i * i % 7}\n" for i in range(30)))
    images = []
    for view in ("Map", "Matrix"):
        shown = ("--window", "--scale", "2") if view == "Map" else ("--view", view)
        assert draw(table, "--k", "2", *shown, "--select", "a > 9") == (0, "")
        images.append(QImage(str(picture)))
    assert images[0].width() == 2560
    assert images[0].scaledToWidth(1280) != images[1]
    colored = sum(
        images[1].pixelColor(x, y).hsvSaturation() > 60
        for y in range(130, 560, 4)
        for x in range(380, 940, 4)
    )
    assert colored > 500  # it waits for the cells, which are drawn in the background
