"""What is kept of an analysis makes it again, to the last bit, whatever kind it is of."""

from __future__ import annotations

from dataclasses import fields

import pytest

from gmmdesk.analysis import Finding, Settings, analyse
from gmmdesk.data.readers import read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import HoldOut, Logarithm
from gmmdesk.errors import Cancelled, DataError
from gmmdesk.task import Task
from tests.records import same
from tests.running import finish

KINDS = {
    "plain": {"k_min": 1, "k_max": 4},
    "gaps": {"k_min": 2, "k_max": 2, "missing": "em"},
    "noise": {"k_min": 2, "k_max": 2, "noise": True, "models": ("VVV",)},
    "prepared": {
        "k_min": 2,
        "k_max": 2,
        "steps": (Logarithm(columns=("body_mass_g",)), HoldOut(share=0.25, seed=3)),
    },
    "unscaled": {"k_min": 3, "k_max": 3, "models": ("VVI",), "scaling": "none"},
}


@pytest.mark.parametrize("kind", KINDS)
def test_the_analysis_is_made_again(kind):
    dataset = load_sample("penguins")
    analysis = finish(analyse(dataset, Settings(**{"models": ("VVV", "EEE"), **KINDS[kind]})))
    again = Finding.of(analysis).analysis(dataset)
    for name in ("settings", "prepared", "candidates", "best", "rows", "sizes", "certainty"):
        assert same(getattr(again, name), getattr(analysis, name)), name
    for name in ("noise", "trust", "column_means", "stopped_early", "held_out"):
        assert same(getattr(again, name), getattr(analysis, name)), name
    for f in fields(analysis.result):
        if f.name != "starts":
            assert same(getattr(again.result, f.name), getattr(analysis.result, f.name)), f.name
    assert [step.log_likelihood for step in again.trail] == [
        step.log_likelihood for step in analysis.trail
    ]
    for step, other in zip(again.trail, analysis.trail, strict=True):
        assert same(step.fit.parameters, other.fit.parameters)


def test_another_table_is_refused():
    dataset = load_sample("penguins")
    finding = Finding.of(finish(analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",)))))
    with pytest.raises(DataError, match="not the table"):
        finding.analysis(load_sample("iris"))
    header = ",".join(finding.columns)
    rows = "\n".join(",".join(str(i * (j + 2) % 13) for j in range(4)) for i in range(40))
    with pytest.raises(DataError, match="not the table"):
        finding.analysis(read_text(f"{header}\n{rows}"))


def test_it_can_be_cancelled():
    dataset = load_sample("iris")
    finding = Finding.of(finish(analyse(dataset, Settings(k_min=2, k_max=2, models=("VVV",)))))
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        finding.analysis(dataset, task=task)
