"""Applying the answer to another file, as a user does it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QFileDialog,
    QLabel,
    QTableView,
    QTableWidget,
    QTabWidget,
)

from gmmdesk.data.options import ReadOptions
from gmmdesk.data.samples import load_sample
from gmmdesk.text import percent
from gmmdesk.ui.application_dialog import ApplicationDialog
from gmmdesk.ui.dialect_dialog import DialectDialog
from gmmdesk.ui.importing.dialog import ImportDialog
from gmmdesk.ui.mapping_dialog import MappingDialog
from gmmdesk.ui.widgets import Label


@pytest.fixture
def found(driver):
    """A window that has found clusters in iris."""
    driver.open("sample:iris")
    driver.document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    driver.document.edits.rename(0, "Big ones")
    return driver


def table(tmp_path, names, factor=1.0):
    dataset = load_sample("iris")
    columns = [c.name for c in dataset.columns if c.is_numeric]
    frame = pd.DataFrame(
        {new: dataset.column(old).numbers() for new, old in zip(names, columns, strict=True)}
    )
    frame[names[0]] *= factor
    path = tmp_path / "others.csv"
    frame.to_csv(path, index=False)
    return path, columns


def dialog_of(driver, kind):
    driver.qtbot.waitUntil(lambda: bool(driver.window.findChildren(kind)))
    (dialog,) = driver.window.findChildren(kind)
    return dialog


def close(driver, dialog):
    dialog.reject()
    driver.qtbot.waitUntil(lambda: not driver.window.findChildren(type(dialog)))


def words(dialog):
    return "\n".join(label.text() for label in dialog.findChildren(QLabel))


def test_the_same_names_are_applied_at_once(found, tmp_path, monkeypatch):
    columns = [c.name for c in found.document.dataset.columns if c.is_numeric]
    path, _ = table(tmp_path, columns)
    monkeypatch.setattr(QFileDialog, "exec", lambda _: QFileDialog.DialogCode.Accepted)
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(path)])
    found.window.actions_.apply.trigger()
    dialog = dialog_of(found, ApplicationDialog)
    lines = dialog.findChild(QTableWidget)
    analysis = found.document.analysis
    assert [lines.item(i, 0).text() for i in range(2)] == ["Big ones", "Cluster 2"]
    assert [lines.item(i, 1).text() for i in range(2)] == [str(n) for n in analysis.sizes]
    outlier = analysis.rows.outliers(0.001)
    outliers = [int(outlier[analysis.rows.label == k].sum()) for k in range(2)]
    assert [lines.item(i, 5).text() for i in range(2)] == [str(n) for n in outliers]
    weights = [percent(float(weight)) for weight in analysis.clusters.weights]
    assert [lines.item(i, 3).text() for i in range(2)] == weights
    assert "150 rows scored" in words(dialog)
    assert "What to check" not in words(dialog)

    out = tmp_path / "out.csv"
    monkeypatch.setattr(QFileDialog, "selectedFiles", lambda _: [str(out)])
    monkeypatch.setattr(DialectDialog, "exec", lambda _: QDialog.DialogCode.Accepted)
    (button,) = [b for b in dialog.findChildren(QDialogButtonBox)[0].buttons() if "Exp" in b.text()]
    found.wait(found.document.exported, button.click)
    rows = pd.read_csv(out)
    assert rows["gmm_cluster"].tolist() == (analysis.rows.label + 1).tolist()
    assert set(rows["gmm_cluster_name"]) == {"Big ones", "Cluster 2"}
    close(found, dialog)
    assert found.document.dataset.name != "others"  # the document stays as it is


def test_rows_that_fit_no_cluster_are_listed_the_farthest_out_first(found, tmp_path):
    columns = [c.name for c in found.document.dataset.columns if c.is_numeric]
    path, _ = table(tmp_path, columns)
    frame = pd.read_csv(path)
    frame.loc[6, columns[0]], frame.loc[99, columns[1]] = 99.0, 2000.0
    frame.to_csv(path, index=False)
    found.window.applying.open(str(path))
    dialog = dialog_of(found, ApplicationDialog)
    pages = dialog.findChild(QTabWidget)
    pages.setCurrentIndex(1)
    assert pages.tabText(1).startswith("Rows that fit no cluster (")
    (rows,) = [
        one
        for one in dialog.findChildren(QTableView)
        if one.accessibleName() == "Rows that fit no cluster"
    ]
    model = rows.model()
    assert [model.index(i, 0).data() for i in range(2)] == ["100", "7"]
    assert model.index(0, 1).data() in ("Big ones", "Cluster 2")
    assert model.index(0, 3).data() == "2000"
    assert model.index(1, 2).data() == "99"
    close(found, dialog)


def test_other_names_are_asked_about(found, tmp_path):
    columns = [c.name for c in found.document.dataset.columns if c.is_numeric]
    names = [columns[0].upper(), *columns[1:3], "something else"]
    path, _ = table(tmp_path, names, factor=10.0)
    found.window.applying.open(str(path))
    dialog = dialog_of(found, MappingDialog)
    choices = dialog.findChildren(QComboBox)
    assert [choice.currentText() for choice in choices[:3]] == names[:3]
    assert not dialog.apply_button.isEnabled()
    assert f"Still to be chosen: {columns[3]}" in words(dialog)
    choices[3].setCurrentText(names[1])
    assert "cannot stand for two columns" in words(dialog)
    assert not dialog.apply_button.isEnabled()
    choices[3].setCurrentText("something else")
    assert dialog.apply_button.isEnabled()
    dialog.apply_button.click()
    result = dialog_of(found, ApplicationDialog)
    assert "10 times as large, probably in another unit" in words(result)
    assert "'something else' was taken for" in words(result)
    close(found, result)


LONG = "Average monthly household expenditure on groceries, category {}"


@pytest.fixture
def long_names(driver, tmp_path):
    """A window with clusters in columns of long names with units; and another file of them."""

    def write(name, names, units):
        path = tmp_path / name
        head = ";".join([*names, "note"]) + "\n" + ";".join([*units, ""]) + "\n"
        lines = (
            f"{i % 2 * 9 + i / 30:.2f};{i % 2 * 5 + i % 7 / 9:.2f};x{i % 3}" for i in range(60)
        )
        path.write_text(head + "\n".join(lines).replace(".", ",") + "\n", encoding="utf-8")
        return path

    driver.open(write("first.csv", [LONG.format("A"), LONG.format("B")], ["EUR", "km"]))
    driver.document.change_settings("two", k_min=2, k_max=2, models=("VII",), restarts=1)
    driver.find()
    other = write("other.csv", [LONG.format("B").upper(), LONG.format("C")], ["m", "EUR"])
    driver.window.applying.open(str(other))
    return driver


def test_what_does_not_match_by_name_or_unit_is_marked_in_words(long_names):
    driver = long_names
    dialog = dialog_of(driver, MappingDialog)
    choices = dialog.findChildren(QComboBox)
    assert [choice.currentText() for choice in choices] == [
        LONG.format("C"),
        LONG.format("B").upper(),
    ]
    matches = [choice.accessibleDescription() for choice in choices]
    assert matches == ["Other name", "Other spelling, other unit"]
    assert set(matches) <= set(words(dialog).splitlines())
    assert {"EUR", "km", "m"} <= set(words(dialog).splitlines())
    assert "1 of the model's 2 columns has another name" in words(dialog)
    driver.qtbot.waitUntil(choices[0].hasFocus)  # the first that somebody has to look at

    QTest.keyClicks(choices[0], "note")
    assert choices[0].accessibleDescription() == "Holds no numbers"
    assert "“note” holds no numbers" in words(dialog)
    assert not dialog.apply_button.isEnabled()
    QTest.keyClick(choices[0], Qt.Key.Key_Home)
    assert choices[0].accessibleDescription() == "Nothing chosen"
    QTest.keyClick(choices[0], Qt.Key.Key_Down)
    assert [choice.accessibleDescription() for choice in choices] == ["Chosen twice"] * 2
    QTest.keyClick(choices[0], Qt.Key.Key_Down)
    assert matches[0] == choices[0].accessibleDescription()
    dialog.apply_button.click()
    result = dialog_of(driver, ApplicationDialog)
    assert f"{LONG.format('B')}: in m by this file, in km by the model's" in words(result)
    close(driver, result)


def test_long_names_are_shortened_in_their_middle_and_told_in_full(long_names):
    dialog = dialog_of(long_names, MappingDialog)
    labels = [one for one in dialog.findChildren(Label) if one.text().startswith("Average")]
    assert len(labels) == 2
    assert dialog.width() <= 1280
    dialog.resize(dialog.minimumSizeHint())
    for label, end in zip(labels, "AB", strict=True):
        long_names.qtbot.waitUntil(lambda label=label: "…" in label.shown_text())
        assert label.shown_text().endswith(end)
    close(long_names, dialog)


def test_a_file_that_cannot_be_scored_says_why(found, tmp_path):
    path = tmp_path / "others.csv"
    columns = [c.name for c in found.document.dataset.columns if c.is_numeric]
    path.write_text(",".join(columns) + "\n" + "1,2,3,\n1,2,4,\n" * 3)
    assert "no value that can be used" in found.message(
        lambda: found.window.applying.open(str(path))
    )


def test_it_waits_for_an_answer(driver):
    assert not driver.window.actions_.apply.isEnabled()
    driver.open("sample:iris")
    assert not driver.window.actions_.apply.isEnabled()


def thousands(path, seed):
    """Numbers such as 1.234, which mean one thing or another."""
    random = np.random.default_rng(seed)
    values = np.concatenate([random.integers(1000, 3000, 60), random.integers(7000, 9999, 60)])
    path.write_text("a;b\n" + "".join(f"{v / 1000:.3f};{v / 1000:.3f}\n" for v in values))
    return path


def test_the_other_file_is_read_like_the_first(driver, tmp_path):
    first = thousands(tmp_path / "october.csv", 1)
    options = ReadOptions(decimal=",", thousands=".")
    opened = driver.document.prepared_changed
    driver.wait(opened, lambda: driver.document.open(str(first), options))
    driver.document.change_settings("two", k_min=2, k_max=2, models=("VII",), restarts=1)
    driver.find()
    driver.window.applying.open(str(thousands(tmp_path / "november.csv", 2)))
    dialog = dialog_of(driver, ApplicationDialog)
    assert "1,000 times" not in words(dialog)
    close(driver, dialog)


def test_what_the_other_file_leaves_open_is_asked(found, tmp_path):
    columns = [c.name for c in found.document.dataset.columns if c.is_numeric]
    path = tmp_path / "open.csv"
    row = ";".join(["1.234"] * len(columns))
    path.write_text(";".join(columns) + "\n" + f"{row}\n" * 30)
    found.window.applying.open(str(path))
    dialog = dialog_of(found, ImportDialog)
    close(found, dialog)
