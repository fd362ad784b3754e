"""An answer as Python and as a command, on the clipboard."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from gmmdesk.export.recipes import command, python_script


def test_the_clipboard_gets_what_makes_the_answer_again(driver):
    actions, document = driver.window.actions_, driver.document
    assert not actions.copy_python.isEnabled()
    driver.open("sample:iris")
    assert not actions.copy_command.isEnabled()
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",), restarts=1)
    driver.find()
    actions.copy_python.trigger()
    assert QGuiApplication.clipboard().text() == python_script(document.analysis)
    assert driver.window.statusBar().currentMessage() == "The Python script is on the clipboard."
    actions.copy_command.trigger()
    assert QGuiApplication.clipboard().text() == command(document.analysis)


def test_of_a_pasted_table_it_says_why_not(driver):
    rows = "".join(f"{i % 5 + 0.25}\t{i * i % 7 + 0.5}\n" for i in range(40))
    driver.wait(
        driver.document.prepared_changed, lambda: driver.document.open_text(f"x\ty\n{rows}")
    )
    driver.document.change_settings("quick", k_min=1, k_max=1, models=("VVV",), restarts=1)
    driver.find()
    assert "was pasted" in driver.message(driver.window.actions_.copy_command.trigger)
