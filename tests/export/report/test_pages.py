"""A report as a file: what it says is what was found, and nothing in it can do harm."""

from __future__ import annotations

import io
import re
from dataclasses import replace

import numpy as np
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.describe import HIGH_OR_LOW
from gmmdesk.data.dataset import Dataset
from gmmdesk.data.readers import read
from gmmdesk.data.steps import parse_step
from gmmdesk.engine import Resampled
from gmmdesk.errors import Cancelled, ExportError
from gmmdesk.export import write
from gmmdesk.export.report import page, report, write_html
from gmmdesk.task import Task
from tests.export.report.conftest import parsed
from tests.running import finish

HOSTILE = "<script>alert('1')</script> & \"x\" \x07"


def rows(n: int = 90, columns: int = 2, seed: int = 0) -> np.ndarray:
    random = np.random.default_rng(seed)
    return random.normal(size=(n, columns)) + 6.0 * (np.arange(n) % 3)[:, None]


def table(tmp_path, values, names=None, texts=None) -> Dataset:
    names = names or [f"c{j}" for j in range(values.shape[1])]
    lines = ["\t".join([*names, *(["kind"] if texts else [])])]
    for i, line in enumerate(values):
        cells = ["" if np.isnan(v) else f"{v:.6f}" for v in line]
        lines.append("\t".join([*cells, *([texts[i % len(texts)]] if texts else [])]))
    path = tmp_path / "rows.tsv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return read(path)


def answered(dataset, **settings):
    chosen = {"k_min": 3, "k_max": 3, "models": ("VVI",), "restarts": 1, **settings}
    return finish(analyse(dataset, Settings(**chosen)))


def names_of(analysis):
    return tuple(f"Cluster {k + 1}" for k in range(analysis.n_clusters))


def html_of(analysis, names=None) -> str:
    file = io.BytesIO()
    write_html(analysis, file, names or names_of(analysis), Task())
    return file.getvalue().decode()


@pytest.fixture
def analysis(tmp_path):
    return answered(table(tmp_path, rows()), k_min=1, k_max=4, models=("VVI", "EEE"))


def test_of_a_single_cluster_no_column_separates_clusters(tmp_path):
    told = "columns that separate the clusters most"
    dataset = table(tmp_path, rows(columns=3))
    assert told in html_of(answered(dataset))
    assert told not in html_of(answered(dataset, k_min=1, k_max=1))


def test_a_brief_one_ends_with_whether_to_trust_the_answer(analysis):
    content = report(analysis, names_of(analysis))
    whole, brief = (page(one) for one in (content, replace(content, is_brief=True)))
    for said in ("The answer", "Typical values", "How many clusters", "Can it be trusted?"):
        assert f"<h2>{said}</h2>" in brief
    for said in ("Methods, ready to paste", "Settings and numbers", "Making it again"):
        assert f"<h2>{said}</h2>" in whole
        assert said not in brief
    assert "The whole report also says" in brief
    assert "The whole report" not in whole


def test_no_line_ends_before_the_sign_of_a_share(tmp_path):
    path = tmp_path / "half 50 %.tsv"
    table(tmp_path, rows()).path.rename(path)
    written = html_of(answered(read(path)))
    commands = "".join(re.findall("<pre>.*?</pre>", written, re.DOTALL))
    assert "half 50 %.tsv" in commands
    rest = re.sub("<pre>.*?</pre>", "", written.partition("<body>")[2], flags=re.DOTALL)
    assert re.search(r"\d\u00a0%", rest)
    assert not re.search(r"\d %", rest)


def test_its_numbers_are_those_of_the_analysis(analysis):
    found = parsed(html_of(analysis))
    values = [one for tag, one in found.tags if tag == "td" and "data-center" in one]
    centers = np.array([float(one["data-center"]) for one in values])
    spreads = np.array([float(one["data-spread"]) for one in values])
    means = analysis.result.means
    np.testing.assert_array_equal(centers.reshape(means.shape[::-1]).T, means)
    np.testing.assert_allclose(
        spreads.reshape(means.shape[::-1]).T,
        np.sqrt(np.diagonal(analysis.result.covariances, axis1=1, axis2=2)),
        rtol=1e-12,
    )
    sized = {row[0].lstrip("●▲■◆▼✚★✖").strip(): row[1] for row in found.rows if len(row) == 5}
    for name, size in zip(names_of(analysis), analysis.sizes.tolist(), strict=True):
        assert sized[name] == f"{size:,}"
    shown = dict(row for row in found.rows if len(row) == 2)
    assert float(shown["BIC"].replace(",", "").replace("−", "-")) == pytest.approx(
        analysis.result.bic, rel=1e-7
    )
    assert shown["SHA-256"] == analysis.dataset.receipt.sha256


def test_what_is_read_tells_the_same_as_what_is_exact(analysis):
    for content in report(analysis, names_of(analysis)).tables:
        for _name, is_mean, values, _all in content.lines:
            assert is_mean
            for value in values:
                shown = float(value.text.replace(",", "").replace("−", "-"))
                assert abs(shown - value.exact[0]) <= 0.05 * value.exact[1]


def test_it_says_what_the_window_says_and_how_to_make_it_again(analysis):
    from gmmdesk.export.answer import answer_of
    from gmmdesk.export.recipes import command
    from gmmdesk.export.report.style import CODE_LETTERS

    text = parsed(html_of(analysis)).text
    answer = answer_of(analysis)
    assert all(said in text for said in (answer.headline, *(one.text for one in answer.grounds)))
    assert " ".join(command(analysis, CODE_LETTERS).split()) in " ".join(text.split())
    for one in analysis.candidates:
        assert one.model in text
    for reference in ("Dempster", "Schwarz", "Scrucca", "Celeux", "Kass"):
        assert reference in text


def test_it_says_what_high_means_as_the_window_does(analysis):
    text = parsed(html_of(analysis)).text.replace("\N{NO-BREAK SPACE}", " ")
    assert HIGH_OR_LOW in text


def test_names_of_the_file_and_of_clusters_stay_text(tmp_path):
    dataset = table(tmp_path, rows(), ["<b>width</b>", "x</title><img src=x>"], [HOSTILE, "b"])
    analysis = answered(dataset)
    names = (HOSTILE, "]]><!--", "{{ 7 * 7 }}")
    content = html_of(analysis, names)
    found = parsed(content)
    tags = {tag for tag, _ in found.tags}
    assert not tags & {"script", "img"}
    assert "\x07" not in content
    assert "<script" not in content
    assert "<b>width" not in content
    assert "{{ 7 * 7 }}" in found.text
    assert "<b>width</b>" in found.text


def test_it_needs_nothing_from_elsewhere_and_runs_nothing(analysis):
    content = html_of(analysis)
    found = parsed(content)
    loads = {"src", "href", "data", "action", "srcset", "poster", "xlink:href"}
    for tag, attributes in found.tags:
        assert tag not in ("script", "iframe", "object", "embed", "link", "base", "form", "a")
        assert not loads & set(attributes)
        assert not any(name.startswith("on") for name in attributes)
    assert "@import" not in content
    assert "url(" not in content
    metas = [one for tag, one in found.tags if tag == "meta" and "http-equiv" in one]
    assert [one["content"] for one in metas] == ["default-src 'none'; style-src 'unsafe-inline'"]
    addresses = set(re.findall(r"https?://[^\"]*", content))
    assert addresses == {"http://www.w3.org/2000/svg"}  # names what an element is; nothing loads it


CASES = {
    "one column": ({"columns": 1}, {}, []),
    "one cluster": ({}, {"k_min": 1, "k_max": 1}, ["One cluster"]),
    "noise": ({}, {"noise": True}, ["No cluster", "Banfield"]),
    "a logarithm": ({"shift": 30.0}, {"steps": (parse_step("log c0"),)}, ["Logarithm", "(median)"]),
    "components": (
        {"columns": 3},
        {"steps": (parse_step("components number=2"),)},
        ["principal components"],
    ),
    "rows held out": ({}, {"steps": (parse_step("hold-out share=0.2"),)}, ["held out"]),
    "a prior": ({}, {"prior": "always"}, ["Fraley, C., & Raftery, A. E. (2007)"]),
    "AIC": ({}, {"criterion": "aic", "k_max": 4}, ["Akaike"]),
    "gaps left out": ({"gaps": True}, {}, ["with missing values"]),
    "gaps used": ({"gaps": True}, {"missing": "em"}, ["missing at random"]),
    "many of everything": (
        {"columns": 30, "n": 400},
        {"k_min": 9, "k_max": 9, "models": ("EEI",)},
        ["The 6 columns that separate the clusters most, of 30", "Cluster 9"],
    ),
    "many clusters": (
        {"n": 280},
        {"k_min": 14, "k_max": 14, "models": ("EII",)},
        ["Could be of", "from 1 % on"],
    ),
}


@pytest.mark.parametrize("case", CASES)
def test_every_kind_of_answer_has_a_report(tmp_path, case):
    shape, settings, told = CASES[case]
    values = rows(shape.get("n", 90), shape.get("columns", 2)) + shape.get("shift", 0.0)
    if shape.get("gaps"):
        values[::11, 0] = np.nan
    analysis = answered(table(tmp_path, values), **settings)
    content = html_of(analysis)
    found = parsed(content)
    for words in told:
        assert words in found.text, words
    assert "nan" not in re.findall(r'"(nan)"', content)
    assert len(content) < 1_000_000


def test_it_tells_of_halves_in_which_the_clusters_were_found_again(analysis):
    text = parsed(html_of(replace(analysis, resampled=Resampled((1.0, 0.95, 0.2))))).text
    assert "in 2 of 3 resamples" in text
    assert "in 2 of 3 random halves" in text
    assert "Hennig, C. (2007)" in text


def test_an_answer_that_was_stopped_says_so(tmp_path, analysis):
    stopped = replace(analysis, stopped_early=True)
    text = parsed(html_of(stopped)).text
    assert "stopped before its end" in text
    assert "had the lowest value" not in text


def test_colours_and_names_are_those_that_were_given(analysis):
    names = ("Small ones", *names_of(analysis)[1:])
    colors = ("#123456", *[analysis.color(k) for k in range(1, analysis.n_clusters)])
    content = html_of(replace(analysis, colors=colors), names)
    assert content.count("#123456") > 3
    assert "Small ones" in parsed(content).text


def test_a_colour_that_is_none_does_not_get_into_the_file(analysis):
    colors = ('"><script>', *[analysis.color(k) for k in range(1, analysis.n_clusters)])
    assert "<script" not in html_of(replace(analysis, colors=colors))


def test_the_file_is_complete_or_absent(tmp_path, analysis):
    target = tmp_path / "report.html"
    write(analysis, target)
    before = target.read_bytes()
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write(analysis, target, task=task)
    assert target.read_bytes() == before
    assert [one.name for one in tmp_path.iterdir() if "part" in one.name] == []
    with pytest.raises(ExportError):
        write(analysis, tmp_path / "nowhere" / "report.html")


def test_in_the_dark_every_colour_of_the_figures_has_another(analysis):
    content = html_of(analysis)
    figures = "".join(re.findall(r"<svg .*?</svg>", content, re.DOTALL))
    used = set(re.findall(r'(?:fill|stroke)="(#[0-9A-Fa-f]{6})"', figures))
    assert used
    dark = content[content.index("prefers-color-scheme") :]
    for color in used:
        assert f'[fill="{color}"] {{ fill: #' in dark


def test_the_same_page_is_made_for_the_same_report(analysis):
    content = report(analysis, names_of(analysis))
    assert page(content) == page(content)
