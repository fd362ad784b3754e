"""The choices for a fit, as they are typed and clicked."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QAbstractSpinBox, QApplication, QComboBox

from gmmdesk.data.seeds import LARGEST_SEED, MOST_SEED
from gmmdesk.engine import MODELS
from gmmdesk.ui.widgets import ScrolledForm


@pytest.fixture
def opened(driver, tmp_path):
    path = tmp_path / "things.csv"
    path.write_text("a,b\n" + "".join(f"{i * i % 17},{i * 5 % 23}\n" for i in range(400)))
    driver.open(path)
    driver.document.change_settings("quick", models=("VVV",), restarts=2)
    return driver


def spin(driver, name):
    panel = driver.window.workspace.model_panel
    (found,) = [box for box in panel.findChildren(QAbstractSpinBox) if box.accessibleName() == name]
    return found


def button(driver, text):
    panel = driver.window.workspace.model_panel
    (found,) = [button for button in panel.findChildren(QAbstractButton) if button.text() == text]
    return found


def type_number(driver, name, text):
    """Type into a box as a user does, who does not press Return yet."""
    box = spin(driver, name)
    box.setFocus()
    box.selectAll()
    driver.qtbot.keyClicks(box, text)
    return box


def press_find(driver, box):
    driver.qtbot.keyClick(box, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def click_find(driver, _box):
    find = driver.window.workspace.model_panel.find_button
    find.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # as buttons are on macOS
    driver.qtbot.mouseClick(find, Qt.MouseButton.LeftButton)


@pytest.mark.parametrize("find", [press_find, click_find])
def test_the_number_being_typed_is_the_one_that_is_found(opened, find):
    button(opened, "Ex&actly").click()
    box = type_number(opened, "Number of clusters", "5")
    opened.wait(opened.document.run_ended, lambda: find(opened, box))
    assert opened.document.analysis.n_clusters == 5
    assert opened.document.analysis.settings == opened.document.settings
    assert box.text() == "5"


@pytest.mark.parametrize(
    ("name", "typed", "setting", "value"),
    [("Seed", "7", "seed", 7), ("Stop below", "1e-3", "tol", 1e-3)],
)
def test_so_is_every_other_number(opened, name, typed, setting, value):
    button(opened, "Ex&actly").click()
    button(opened, "More settings").click()
    box = type_number(opened, name, typed)
    opened.wait(opened.document.run_ended, lambda: press_find(opened, box))
    assert getattr(opened.document.analysis.settings, setting) == value


@pytest.mark.parametrize(
    ("name", "setting", "value"),
    [
        ("Seed", "seed", MOST_SEED),
        ("Restarts", "restarts", 5_000),
        ("Iterations", "max_iter", 10**8),
    ],
)
def test_numbers_from_elsewhere_are_shown_and_stay(opened, name, setting, value):
    """Of a session, or of the command line: every digit of them, also where one passes by."""
    button(opened, "More settings").click()
    opened.document.change_settings("as before", **{setting: value})
    box = spin(opened, name)
    assert box.text() == str(value)
    box.setFocus()
    opened.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert getattr(opened.document.settings, setting) == value
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Return):
        opened.qtbot.keyClick(box, key)
    assert getattr(opened.document.settings, setting) == value - 1


def test_a_larger_seed_of_an_old_session_is_shown_and_stays_until_another_is_typed(opened):
    button(opened, "More settings").click()
    opened.document.change_settings("as before", seed=LARGEST_SEED)
    box = spin(opened, "Seed")
    assert box.text() == str(LARGEST_SEED)
    box.setFocus()
    opened.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert opened.document.settings.seed == box.value() == LARGEST_SEED
    opened.qtbot.keyClick(type_number(opened, "Seed", "7"), Qt.Key.Key_Return)
    assert opened.document.settings.seed == box.value() == 7
    assert box.minimum() == 0


def test_more_digits_than_a_seed_has_cannot_be_typed(opened):
    button(opened, "More settings").click()
    box = type_number(opened, "Seed", "9" * 40)
    opened.qtbot.keyClick(box, Qt.Key.Key_Return)
    assert box.text() == str(opened.document.settings.seed) == str(MOST_SEED)


@pytest.mark.parametrize(
    ("name", "typed", "asked"),
    [
        ("Fewest clusters", "99", (99, 100)),
        ("Fewest clusters", "12", (12, 13)),
        ("Fewest clusters", "9", (9, 10)),
        ("Most clusters", "4", (3, 4)),
        ("Most clusters", "3", (2, 3)),
        ("Most clusters", "100", (4, 100)),
    ],
)
def test_a_range_stays_a_range(opened, name, typed, asked):
    opened.document.change_settings("range", k_min=4, k_max=9)
    box = type_number(opened, name, typed)
    opened.qtbot.keyClick(box, Qt.Key.Key_Return)
    settings = opened.document.settings
    assert (settings.k_min, settings.k_max) == asked
    shown = [int(spin(opened, each).text()) for each in ("Fewest clusters", "Most clusters")]
    assert tuple(shown) == asked
    assert button(opened, "Choose for &me, from").isChecked()


def turn_wheel(box, steps=1):
    """Turn the mouse wheel down above `box`."""
    window = box.window()
    at = box.mapTo(window, box.rect().center())
    QTest.wheelEvent(window.windowHandle(), QPointF(at), QPoint(0, -120 * steps))


def test_settings_that_have_no_room_scroll_and_do_not_change(opened):
    qtbot, window = opened.qtbot, opened.window
    button(opened, "More settings").click()
    (criterion,) = [box for box in window.findChildren(QComboBox) if box.findData("icl") > 0]
    tolerance = spin(opened, "Stop below")
    form = window.workspace.model_panel.findChild(ScrolledForm)

    def is_laid_out():
        """Whether the window is as low as it can be, the button below having moved down."""
        window.resize(window.width(), 500)  # each time: on the way it may have to be higher
        is_lowest = window.height() == window.minimumHeight()
        return is_lowest and form.height() == form.minimumSizeHint().height()

    qtbot.waitUntil(is_laid_out)
    assert tolerance.visibleRegion().isEmpty()
    before = opened.document.settings
    turn_wheel(criterion, 10)
    assert criterion.currentData() == before.criterion
    qtbot.waitUntil(lambda: criterion.visibleRegion().isEmpty())
    spin(opened, "Seed").setFocus()
    for _ in range(3):
        qtbot.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
    assert tolerance.hasFocus()
    qtbot.waitUntil(lambda: not tolerance.visibleRegion().isEmpty())
    turn_wheel(tolerance)
    assert opened.document.settings == before  # not before the number is complete
    qtbot.keyClick(tolerance, Qt.Key.Key_Return)
    assert opened.document.settings.tol < before.tol


def shape_box(driver):
    panel = driver.window.workspace.model_panel
    (box,) = [
        one
        for one in panel.findChildren(QComboBox)
        if one.accessibleName() == "Shape of the clusters"
    ]
    return box


def test_every_model_of_the_family_can_be_searched(opened):
    panel = opened.window.workspace.model_panel
    box = shape_box(opened)
    box.setFocus()
    box.setCurrentText("Choose for me")
    box.activated.emit(box.currentIndex())
    opened.document.change_settings("quick", k_min=2, k_max=2, restarts=1)
    seen = []
    hint = panel._hint
    opened.document.progressed.connect(lambda: seen.append(hint.text()))
    opened.document.fitting.replays = True
    opened.find()
    assert {one.model for one in opened.document.analysis.candidates} == set(MODELS)
    assert seen
    assert all(words.startswith(("Trying 2 clusters, ", "Showing again")) for words in seen)


def test_a_replay_is_called_one(opened):
    panel, document = opened.window.workspace.model_panel, opened.document
    document.change_settings("quick", k_min=2, k_max=2, restarts=1)
    document.fitting.replays = True
    seen = []
    document.progressed.connect(lambda: seen.append((document.is_replaying, panel._hint.text())))
    opened.find()
    assert any(replaying for replaying, _ in seen)
    assert all(words.startswith("Showing again") == replaying for replaying, words in seen)


def test_rows_with_gaps_can_take_part(driver, tmp_path):
    path = tmp_path / "gaps.csv"
    rows = [f"{i * i % 17 + i % 2 * 90},{i * 5 % 23}\n" for i in range(60)]
    path.write_text("a,b\n" + "".join(rows) + "3,\n,4\n")
    driver.open(path)
    quick = {"k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 2}
    driver.wait(
        driver.document.prepared_changed, lambda: driver.document.change_settings("quick", **quick)
    )
    assert len(driver.document.prepared.rows) == 60
    panel = driver.window.workspace.model_panel
    button(driver, "More settings").click()
    (box,) = [
        box
        for box in panel.findChildren(QComboBox)
        if box.accessibleName() == "Rows with missing values"
    ]
    assert box.currentText() == "Leave out"
    box.setFocus()
    driver.wait(
        driver.document.prepared_changed, lambda: driver.qtbot.keyClick(box, Qt.Key.Key_Down)
    )
    assert box.currentText() == "Use what they have"
    assert driver.document.settings.missing == "em"
    assert len(driver.document.prepared.rows) == 62
    driver.find()
    assert driver.document.analysis.prepared.n_incomplete == 2


def test_noise_and_prior_are_settings(opened):
    document = opened.document
    button(opened, "More settings").click()
    tick = button(opened, "Some rows may belong to no cluster")
    assert "(noise component)" in tick.toolTip()
    assert not tick.isChecked()
    tick.click()
    assert document.settings.noise
    (box,) = [
        box
        for box in opened.window.workspace.model_panel.findChildren(QComboBox)
        if box.accessibleName() == "Keep clusters from collapsing"
    ]
    assert "(conjugate prior)" in box.toolTip()
    assert box.currentText() == "When needed"
    box.setFocus()
    for text, prior in (("Always", "always"), ("Never", "never")):
        opened.qtbot.keyClick(box, Qt.Key.Key_Down)
        assert (box.currentText(), document.settings.prior) == (text, prior)
    for _ in range(3):
        document.undo()
    assert (tick.isChecked(), box.currentText()) == (False, "When needed")
    assert (document.settings.noise, document.settings.prior) == (False, "guard")


def test_the_usual_range_is_there_where_a_number_was_asked_for(opened, qtbot):
    """As in a session that is opened again."""
    opened.document.change_settings("exactly", k_min=3, k_max=3)
    panel = type(opened.window.workspace.model_panel)(opened.document)
    qtbot.addWidget(panel)
    names = ("Fewest clusters", "Most clusters")
    low, high = (
        box.value()
        for name in names
        for box in panel.findChildren(QAbstractSpinBox)
        if box.accessibleName() == name
    )
    assert (low, high) == (1, 9)
    (auto,) = [one for one in panel.findChildren(QAbstractButton) if "Choose for" in one.text()]
    auto.click()
    assert (opened.document.settings.k_min, opened.document.settings.k_max) == (1, 9)


def test_the_longest_name_of_a_shape_is_not_cut(opened):
    box = shape_box(opened)
    one_line = box.height()
    opened.document.change_settings("a remedy", models=("EEI",))
    lines = box.shown_text().split("\n")
    assert " ".join(lines) == "Stretched along the columns, same shape and size"
    opened.qtbot.waitUntil(lambda: box.height() >= len(lines) * box.fontMetrics().lineSpacing())
    opened.document.undo()
    opened.qtbot.waitUntil(lambda: box.height() == one_line)


@pytest.mark.parametrize(
    ("models", "shown", "told"),
    [
        (("EEI",), "Stretched along the columns, same shape and size", "EEI"),
        (("VVE",), "Same direction", "VVE"),
        (("tied",), "Same shape", "EEE"),
        (("EEI", "VVE"), "Best of 2 shapes", "Same direction"),
        (tuple(MODELS), "Choose for me", "14"),
    ],
)
def test_the_shape_says_what_is_set_also_by_other_means(opened, models, shown, told):
    box = shape_box(opened)
    offered = [box.itemText(i) for i in range(box.count())]
    opened.document.change_settings("a remedy", models=models)
    assert box.currentText() == shown
    assert told in box.toolTip()
    opened.qtbot.keyClick(box, Qt.Key.Key_Home)
    assert opened.document.settings.models == tuple(MODELS)
    assert [box.itemText(i) for i in range(box.count())] == offered
    opened.document.undo()
    assert box.currentText() == (shown if models != tuple(MODELS) else "Any shape")
