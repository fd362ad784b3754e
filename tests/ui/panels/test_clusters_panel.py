"""The answer and the chosen cluster, in the room there is."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import Qt

from gmmdesk.ui.tables.clusters_model import ClustersModel
from gmmdesk.ui.text import percent
from gmmdesk.ui.widgets import Label
from tests.ui.views.map.conftest import give, scattered


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


def test_rows_of_no_cluster_have_the_last_line(qtbot, document):
    give(qtbot, document, scattered())
    model = ClustersModel(document)
    document.change_settings(
        "noise", k_min=2, k_max=2, restarts=2, models=("VVV",), noise=True, criterion="icl"
    )
    counts = []
    document.progressed.connect(lambda: counts.append(model.rowCount()))
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.start_fit()
    assert set(counts) == {3}
    noise = document.analysis.noise
    texts = [model.data(model.index(2, j), Qt.ItemDataRole.DisplayRole) for j in range(4)]
    assert texts == [
        "No cluster",
        str(noise.n_rows),
        percent(noise.weight),
        percent(noise.certainty),
    ]
    assert noise.n_rows == np.sum(document.analysis.rows.label < 0)
    line = model.index(2, 0)
    assert not line.flags() & (Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEditable)
    assert "noise component" in model.data(line, Qt.ItemDataRole.ToolTipRole)
    assert not model.data(line, Qt.ItemDataRole.DecorationRole).isNull()
    with qtbot.waitSignal(document.run_ended, timeout=20_000):
        document.change_settings("none", noise=False)
        document.start_fit()
    assert model.rowCount() == 2
