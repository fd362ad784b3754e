"""The answer and the chosen cluster, in the room there is."""

from __future__ import annotations

from gmmdesk.ui.widgets import Label


def test_a_long_name_of_a_cluster_ends_in_an_ellipsis(driver):
    driver.open("sample:blobs?n=300&k=2")
    document = driver.document
    document.change_settings("quick", k_min=2, k_max=2, models=("VVV",))
    driver.find()
    name = "those who come on Sundays & <b>pay</b> cash " * 6
    document.rename_cluster(0, name)
    document.set_current_cluster(0)
    (heading,) = [
        label for label in driver.window.findChildren(Label) if label.text() == document.names[0]
    ]
    assert heading.shown_text().startswith("those who come")
    assert heading.shown_text().endswith("…")
    document.set_current_cluster(None)
    assert heading.shown_text() == "Profile"
