"""The list of preparation steps, as it is clicked, typed and undone."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractSpinBox,
    QComboBox,
    QDialogButtonBox,
    QDoubleSpinBox,
    QLabel,
    QLineEdit,
    QListWidget,
    QRadioButton,
    QSpinBox,
    QToolButton,
    QWidget,
)

from gmmdesk.data.prepare import prepare
from gmmdesk.data.seeds import MOST_SEED
from gmmdesk.data.steps import (
    DropColumn,
    HoldOut,
    Indicators,
    LeaveOutRows,
    LeaveOutWhere,
    Logarithm,
    Power,
    PrincipalComponents,
    parse_step,
    phrase,
)
from gmmdesk.ui.panels.look import Columns, Told
from gmmdesk.ui.panels.step_dialog import Outlook, ScreePlot, StepDialog
from gmmdesk.ui.panels.step_editors import KINDS

LOG = parse_step("log average_order_usd")
HOLD = parse_step("hold-out share=0.25 seed=3")


@pytest.fixture
def opened(driver):
    driver.open("sample:customers")
    panel = driver.window.workspace.preparation_panel
    panel.header.click()
    settle(driver)
    return driver


def panel_of(driver):
    return driver.window.workspace.preparation_panel


def settle(driver):
    """Wait until it is known what the steps do."""
    panel = panel_of(driver)
    driver.qtbot.waitUntil(lambda: not panel.is_busy and driver.document.prepared is not None)


def set_steps(driver, *steps):
    driver.wait(
        driver.document.prepared_changed,
        lambda: driver.document.change_settings("steps", steps=tuple(steps)),
    )
    settle(driver)


def lines(driver):
    items = panel_of(driver).list
    return [items.item(i).text() for i in range(items.count())]


def steps(driver):
    return driver.document.settings.steps


def labels(driver):
    return [label.text() for label in panel_of(driver).findChildren(QLabel) if label.isVisible()]


def test_it_is_folded_away_and_says_what_it_is_for(driver):
    driver.open("sample:faithful")
    panel = panel_of(driver)
    assert panel.header.text() == "Preparation"
    assert not panel.body.isVisible()
    panel.header.click()
    assert panel.body.isVisible()
    assert any(text.startswith("No steps:") for text in labels(driver))
    assert not panel.list.isVisible()


def test_steps_say_what_they_did(opened):
    set_steps(opened, LOG, parse_step("leave-out days_since_last_order > 400"), HOLD)
    first, second, third = lines(opened)
    assert first == "Logarithm of average_order_usd\nNow log(average_order_usd)."
    assert second.endswith("of 1,139 rows.")
    assert "The fit does not see" in third
    assert panel_of(opened).header.text() == "Preparation: 3 steps"
    assert "Last, columns are scaled so that each counts alike." in labels(opened)
    status = opened.window.statusBar().findChildren(QLabel)
    assert any("held out" in label.text() for label in status)


def test_switching_off_moving_and_removing_can_be_undone(opened):
    set_steps(opened, LOG, HOLD)
    items = panel_of(opened).list
    items.item(0).setCheckState(Qt.CheckState.Unchecked)
    settle(opened)
    assert [step.on for step in steps(opened)] == [False, True]
    assert lines(opened)[0].endswith("Switched off.")
    assert panel_of(opened).header.text() == "Preparation: 1 step, 1 off"
    opened.document.undo()
    assert steps(opened) == (LOG, HOLD)
    settle(opened)
    items.setCurrentRow(0)
    opened.qtbot.keyClick(items, Qt.Key.Key_Down, Qt.KeyboardModifier.ControlModifier)
    assert steps(opened) == (HOLD, LOG)
    assert items.currentRow() == 1
    assert not panel_of(opened).down_button.isEnabled()
    panel_of(opened).up_button.click()
    assert steps(opened) == (LOG, HOLD)
    opened.qtbot.keyClick(items, Qt.Key.Key_Delete)
    assert steps(opened) == (HOLD,)
    said = opened.document.undo_stack.undoText()
    assert said == "removing the step “Logarithm of average_order_usd”"
    opened.document.undo()
    opened.document.undo()
    assert steps(opened) == (HOLD, LOG)
    opened.document.redo()
    assert steps(opened) == (LOG, HOLD)
    settle(opened)


def test_dragging_changes_the_order(opened):
    set_steps(opened, LOG, HOLD)
    items = panel_of(opened).list
    items.insertItem(0, items.takeItem(1))  # what a drop does, as far as the panel sees it
    panel_of(opened).list.model().rowsMoved.emit(items.rootIndex(), 1, 1, items.rootIndex(), 0)
    opened.qtbot.waitUntil(lambda: steps(opened) == (HOLD, LOG))
    settle(opened)


def test_rows_that_were_left_out_before_the_steps_are_told(driver, tmp_path):
    path = tmp_path / "gaps.csv"
    rows = [f"{i % 7}.5,{i * i % 11}" for i in range(30)]
    path.write_text("\n".join(["x,y", *rows, "k.A.,1", ",2", ""]))
    driver.open(path)
    panel_of(driver).header.click()
    settle(driver)
    assert "First, 2 rows with a missing or unreadable cell are left out." in labels(driver)


def test_a_step_that_cannot_be_done_says_why(opened):
    bad = parse_step("log days_since_last_order")
    opened.document.change_settings("steps", steps=(bad,))
    opened.qtbot.waitUntil(lambda: any("have no logarithm" in text for text in labels(opened)))
    assert lines(opened) == ["Logarithm of days_since_last_order"]
    opened.document.undo()
    settle(opened)


def test_with_an_answer_there_the_steps_still_tell(opened):
    opened.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    opened.find()
    before = opened.document.analysis
    opened.document.change_settings("steps", steps=(LOG,))
    opened.qtbot.waitUntil(lambda: lines(opened)[0].endswith("Now log(average_order_usd)."))
    assert opened.document.analysis is before
    opened.find()
    assert opened.document.analysis.prepared.columns[0] == "log(average_order_usd)"
    opened.document.set_current_cluster(0)
    hint = [label.text() for label in opened.window.findChildren(QLabel) if label.isVisible()]
    assert any("medians" in text for text in hint)


def truth(driver):
    """What the lines should be, found out without the window."""
    settings = driver.document.settings
    prepared = prepare(driver.document.dataset, settings.columns, steps=settings.steps)
    told = iter(prepared.outcomes)
    return [
        f"{phrase(step)}\n{next(told).text if step.on else 'Switched off.'}"
        for step in settings.steps
    ]


def test_lines_are_right_at_every_moment_of_the_history(opened):
    """Before there is an answer, with one, when the choices are its own again, and in jumps."""
    document, panel = opened.document, panel_of(opened)
    old = parse_step("leave-out days_since_last_order > 300")
    few = parse_step("leave-out average_order_usd < 60")
    set_steps(opened, old)
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    opened.find()
    document.change_settings("steps", steps=(old, few))
    document.change_settings("steps", steps=(few, old))
    opened.find()
    panel.list.setCurrentRow(0)
    panel.move_step(1)
    panel.list.item(0).setCheckState(Qt.CheckState.Unchecked)
    last = document.undo_stack.count()
    right = []
    for at in (*reversed(range(last)), *range(1, last + 1), 2, last, 0, 5):
        document.go_to_step(at)
        opened.qtbot.waitUntil(lambda: lines(opened) == truth(opened))
        opened.qtbot.waitUntil(lambda: not panel.is_busy and not document.is_bringing_back)
        settle(opened)
        assert lines(opened) == truth(opened)
        right.append(tuple(lines(opened)))
    assert len(set(right)) == 5  # moving the step back makes two alike


def test_lines_follow_choices_that_are_made_while_a_fit_runs(opened):
    document = opened.document
    old = parse_step("leave-out days_since_last_order > 300")
    set_steps(opened, HOLD)
    document.change_settings("long", k_min=2, k_max=9, restarts=200, tol=1e-12)
    opened.wait(document.progressed, opened.window.workspace.model_panel.find_button.click)
    document.change_settings("steps", steps=(old, HOLD))
    opened.qtbot.waitUntil(lambda: lines(opened) == truth(opened))
    opened.wait(document.run_ended, document.stop_fit)
    settle(opened)
    assert document.is_stale
    assert lines(opened) == truth(opened)


def test_suggestions_are_in_sight_and_steps_come_before_them(opened):
    panel = panel_of(opened)

    def offers():
        buttons = panel.findChildren(QToolButton)
        return [each for each in buttons if each.text() == "Add" and not each.isHidden()]

    def height_of(widget):
        return widget.mapTo(panel, widget.rect().topLeft()).y()

    label = next(each for each in panel.findChildren(QLabel) if each.text().startswith("Last, "))
    first = offers()[0]
    opened.qtbot.waitUntil(lambda: height_of(first) < height_of(label))
    assert first.visibleRegion().boundingRect() == first.rect()
    set_steps(opened, HOLD)
    # Qt shows what was put into a layout a little later.
    opened.qtbot.waitUntil(
        lambda: bool(offers()) and height_of(panel.list) < height_of(offers()[0])
    )


def test_a_suggestion_is_one_click(opened):
    panel = panel_of(opened)
    assert panel.header.text() == "Preparation: 2 suggestions"
    (button,) = [
        each
        for each in panel.findChildren(QToolButton)
        if each.accessibleName() == "Add Logarithm of average_order_usd"
    ]
    opened.wait(opened.document.prepared_changed, button.click)
    settle(opened)
    assert steps(opened) == (LOG,)
    assert not any("average_order_usd: skewness" in text for text in labels(opened))


# --- the dialogs -------------------------------------------------------------------------------


def open_dialog(driver, kind):
    actions = panel_of(driver).add_button.menu().actions()
    actions[list(KINDS).index(kind)].trigger()
    (dialog,) = panel_of(driver).findChildren(StepDialog)
    assert dialog.isVisible()
    return dialog


def accept(driver, dialog):
    dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()


def named(dialog, kind, name):
    (found,) = [each for each in dialog.findChildren(kind) if each.accessibleName() == name]
    return found


def tick(dialog, name):
    items = dialog.findChild(QListWidget)
    (item,) = items.findItems(name, Qt.MatchFlag.MatchExactly)
    item.setCheckState(Qt.CheckState.Checked)


def fill_condition(dialog):
    box = named(dialog, QComboBox, "Column")
    box.setCurrentIndex(box.findData("days_since_last_order"))
    named(dialog, QLineEdit, "Value").setText("400")
    named(dialog, QLineEdit, "Reason").setText("gone")


def fill_power(dialog):
    tick(dialog, "average_order_usd")
    named(dialog, QComboBox, "For").setCurrentIndex(1)


FILLED = {
    LeaveOutWhere: (
        fill_condition,
        LeaveOutWhere(column="days_since_last_order", operator=">", value=400.0, reason="gone"),
    ),
    LeaveOutRows: (
        lambda dialog: named(dialog, QLineEdit, "Rows").setText("3, 7-9"),
        LeaveOutRows(rows=(3, 7, 8, 9)),
    ),
    DropColumn: (lambda dialog: None, DropColumn(column="average_order_usd")),
    Logarithm: (lambda dialog: tick(dialog, "average_order_usd"), LOG),
    Power: (fill_power, Power(columns=("average_order_usd",), method="box-cox")),
    PrincipalComponents: (
        lambda dialog: named(dialog, QDoubleSpinBox, "Share of the variance").setValue(80),
        PrincipalComponents(share=0.8),
    ),
    HoldOut: (
        lambda dialog: named(dialog, QDoubleSpinBox, "Seed").setValue(MOST_SEED),
        HoldOut(share=0.2, seed=MOST_SEED),
    ),
}


@pytest.mark.parametrize("kind", FILLED, ids=lambda kind: kind.__name__)
def test_steps_are_filled_in_and_changed(opened, kind):
    fill, expected = FILLED[kind]
    dialog = open_dialog(opened, kind)
    fill(dialog)
    opened.wait(opened.document.prepared_changed, lambda: accept(opened, dialog))
    settle(opened)
    assert steps(opened) == (expected,)
    opened.qtbot.waitUntil(lambda: not panel_of(opened).findChildren(StepDialog))
    opened.qtbot.keyClick(panel_of(opened).list, Qt.Key.Key_Return)
    (again,) = panel_of(opened).findChildren(StepDialog)
    accept(opened, again)
    assert steps(opened) == (expected,)  # shown as it was, so nothing has changed


def test_categories_are_offered_as_columns(driver):
    driver.open("sample:penguins")
    panel_of(driver).header.click()
    settle(driver)
    dialog = open_dialog(driver, Indicators)
    box = named(dialog, QComboBox, "Column")
    names = [box.itemText(i) for i in range(box.count())]
    assert {"species", "sex"} <= set(names)
    assert "bill_length_mm" not in names
    box.setCurrentIndex(names.index("sex"))
    driver.wait(driver.document.prepared_changed, lambda: accept(driver, dialog))
    settle(driver)
    assert steps(driver) == (Indicators(column="sex"),)
    assert any(column.startswith("sex = ") for column in driver.document.prepared.columns)


def test_columns_of_identifiers_are_offered_last(opened):
    dialog = open_dialog(opened, Indicators)
    box = named(dialog, QComboBox, "Column")
    names = [box.itemText(i) for i in range(box.count())]
    assert names == ["last_order", "customer"]


def test_what_cannot_be_a_step_is_said_in_the_dialog(opened):
    dialog = open_dialog(opened, Logarithm)
    accept(opened, dialog)
    assert dialog.isVisible()
    assert any("names no column" in label.text() for label in dialog.findChildren(QLabel))
    dialog.reject()
    assert steps(opened) == ()


def test_the_scree_plot_follows_the_choice(opened):
    dialog = open_dialog(opened, PrincipalComponents)

    plot = dialog.findChild(ScreePlot)
    opened.qtbot.waitUntil(lambda: plot.n_kept == 3 and "Kept 3 of 3" in dialog.told)
    named(dialog, QDoubleSpinBox, "Share of the variance").setValue(40)
    assert plot.n_kept == 1
    opened.qtbot.waitUntil(lambda: "Kept 1 of 3 components" in dialog.told)
    dialog.reject()


def write(dialog, name, text):
    named(dialog, QLineEdit, name).setText(text)


def choose(dialog, name, item):
    box = named(dialog, QComboBox, name)
    box.setCurrentIndex(box.findText(item))


# What is filled in, and what is said of it before OK is pressed; "!" where OK refuses it.
TOLD = [
    (LeaveOutWhere, lambda d: write(d, "Value", "400"), "of 1,139 rows."),
    (
        LeaveOutWhere,
        lambda d: write(d, "Value", "sechzig"),
        "! holds numbers; 'sechzig' is not one",
    ),
    (LeaveOutWhere, lambda d: write(d, "Value", "0,5"), "! The decimal mark is a point here"),
    (LeaveOutWhere, lambda d: write(d, "Value", "nan"), "! holds numbers; 'nan' is not one"),
    (LeaveOutWhere, lambda d: write(d, "Reason", "why"), "! nothing to compare with"),
    (LeaveOutRows, lambda d: write(d, "Rows", "3, x"), "! 'x' is no row"),
    (LeaveOutRows, lambda d: write(d, "Rows", "5000"), "! There is no row 5,000"),
    (LeaveOutRows, lambda d: write(d, "Rows", "3, 4"), "Left out 2 of 1,139 rows."),
    (DropColumn, lambda d: choose(d, "Column", "days_between_orders"), "it lacks"),
    (Logarithm, lambda d: tick(d, "days_since_last_order"), "have no logarithm"),
    (Power, lambda d: tick(d, "average_order_usd"), "Powers: average_order_usd"),
    (
        PrincipalComponents,
        lambda d: (
            d.findChildren(QRadioButton)[1].setChecked(True),
            named(d, QSpinBox, "Number of components").setValue(9),
        ),
        "3 columns have no 9 principal components",
    ),
    (HoldOut, lambda d: named(d, QDoubleSpinBox, "Seed").setValue(4), "The fit does not see"),
]


def test_what_a_step_would_do_is_said_while_it_is_filled_in(opened):
    for kind, fill, expected in TOLD:
        dialog = open_dialog(opened, kind)
        assert dialog.told == ""
        fill(dialog)
        said = expected.removeprefix("! ")
        opened.qtbot.waitUntil(lambda dialog=dialog, said=said: said in dialog.told)
        if said != expected:
            accept(opened, dialog)
            assert dialog.isVisible()
            assert said in dialog.told
        dialog.reject()
        opened.qtbot.waitUntil(lambda: not panel_of(opened).findChildren(StepDialog))
    assert steps(opened) == ()


def test_a_step_after_one_that_cannot_be_taken_is_not_blamed(opened):
    opened.document.change_settings("steps", steps=(parse_step("log days_since_last_order"),))
    dialog = open_dialog(opened, LeaveOutWhere)
    write(dialog, "Value", "400")
    opened.qtbot.waitUntil(lambda: dialog.told.startswith("The steps before this one cannot"))
    accept(opened, dialog)
    assert len(steps(opened)) == 2


SHOWN = [
    LeaveOutWhere(column="days_since_last_order", operator=">", value=123456789012.5),
    LeaveOutWhere(column="segment", operator="=", value="007"),
    LeaveOutRows(rows=(1, 2, 5), reason="why"),
    Logarithm(columns=("average_order_usd",), shift=1234567.891),
    Logarithm(columns=("average_order_usd",), shift=1e-7),
    PrincipalComponents(share=0.33333),
    HoldOut(share=0.123456789, seed=2**31 - 1),
]


def test_a_step_that_is_only_looked_at_stays_as_it_is(qtbot):
    window = QWidget()
    qtbot.addWidget(window)
    for step in SHOWN:
        dialog = StepDialog(
            type(step),
            step,
            Columns(["segment", "days_since_last_order"], ["segment"], ["average_order_usd"]),
            Outlook(lambda _step: None, lambda _step, _task: Told(""), tuple),
            window,
        )
        dialog.open()
        for box in dialog.findChildren(QAbstractSpinBox):
            box.interpretText()
        dialog.findChild(QDialogButtonBox).button(QDialogButtonBox.StandardButton.Ok).click()
        assert dialog.step == step


@pytest.mark.parametrize("lines", [("log average_order_usd",), ("components number=2",)])
def test_every_view_shows_columns_that_steps_have_changed(opened, lines):
    problems = []
    opened.document.problem_raised.connect(problems.append)
    set_steps(opened, *map(parse_step, lines))
    opened.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    opened.find()
    views = opened.window.workspace.views
    for title in views.titles:
        shown = opened.click_tab(title)
        busy = [each for each in (shown, *shown.findChildren(QWidget)) if hasattr(each, "is_busy")]
        opened.qtbot.waitUntil(lambda busy=busy: not any(each.is_busy for each in busy))
    opened.click_tab("Map")
    axes = opened.window.workspace.map.toolbar.axes
    assert axes is not None
    assert set(axes) <= {*opened.document.settings.columns, "PC1", "PC2"}
    assert problems == []
