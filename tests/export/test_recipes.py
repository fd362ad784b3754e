"""What can be run elsewhere gives the same numbers there."""

from __future__ import annotations

import json
import shlex
import subprocess
import sys

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from msgspec.structs import replace

from gmmdesk import cli
from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.cells import Cells
from gmmdesk.analysis.combining import combined
from gmmdesk.analysis.grouping import Grouping
from gmmdesk.data.readers import read, read_text
from gmmdesk.data.samples import load_sample
from gmmdesk.data.steps import parse_step
from gmmdesk.errors import UsageError
from gmmdesk.export.recipes import arguments, command, python_script
from tests.running import finish

EVIL = ['a"b', "it's; $(touch evil)", '"); import os; os.mkdir("evil") #', "=1+1", "-k", "x,y é"]


def found(dataset, **changes):
    chosen = {"k_min": 2, "k_max": 2, "models": ("VVV",), "restarts": 1, "seed": 5, **changes}
    return finish(analyse(dataset, Settings(**chosen)))


def table_file(path, names, *, gaps=False):
    rng = np.random.default_rng(0)
    X = rng.normal(size=(80, len(names))).round(3) + 6.0 * (np.arange(80) % 2)[:, None]
    cells = [[repr(float(x)) for x in row] for row in X]
    if gaps:
        cells[3][0] = cells[9][-1] = cells[10][0] = ""
    quoted = ['"' + name.replace('"', '""') + '"' for name in names]
    path.write_text("\n".join(",".join(row) for row in [quoted, *cells]) + "\n", "utf-8")
    return path


def cases(folder):
    """Analyses of several files with several settings, by name."""
    plain = read(table_file(folder / "plain.csv", EVIL[:3], gaps=True))
    for model in ("VVV", "EEE", "VVI", "VII", "VEV"):
        yield model, found(plain, models=(model,))
    two = read(table_file(folder / "two.csv", ["x", "y"], gaps=True))
    for changes in (
        {"noise": True},
        {"missing": "em"},
        {"scaling": "none"},
        {"k_min": 1, "k_max": 1},
    ):
        yield str(changes), found(two, **changes)
    yield "one column", found(read(table_file(folder / "one.csv", ["x"])))
    text = "x;y\n" + "".join(f"{i % 7},{i}5;{i * i % 11 + 20 * (i % 2)}\n" for i in range(60))
    (folder / "local.csv").write_text(text, "utf-8")
    yield "decimal commas", found(read(folder / "local.csv"))
    rng = np.random.default_rng(1)
    columns = {name: rng.normal(size=50) + 5.0 * (np.arange(50) % 2) for name in ("a b", "c")}
    pq.write_table(pa.table(columns), folder / "t.parquet")
    yield "Parquet", found(read(folder / "t.parquet"))
    yield "sample", found(load_sample("faithful"))
    for changes in ({"k_min": 3}, {"k_min": 3, "noise": True}, {"k_min": 3, "models": ("VEV",)}):
        apart = found(two, k_max=3, **changes)
        grouping = Grouping.combining([0, 1, 0], apart.scaled.weights)
        yield f"combined {changes}", combined(apart, grouping)


def test_the_scripts_give_the_same_numbers(tmp_path):
    analyses = dict(cases(tmp_path))
    paths = []
    for number, analysis in enumerate(analyses.values()):
        paths.append(str(tmp_path / f"script {number}.py"))
        (tmp_path / paths[-1]).write_text(python_script(analysis), "utf-8")
    before = sorted(tmp_path.iterdir())
    # One process for all, as each has to load the same packages.
    runner = "import runpy, sys\nfor p in sys.argv[1:]: print('file', 0); runpy.run_path(p)"
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", runner, *paths],
        cwd=tmp_path,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    assert sorted(tmp_path.iterdir()) == before
    parts = done.stdout.split("file 0\n")[1:]
    for (name, analysis), part in zip(analyses.items(), parts, strict=True):
        likelihood, bic, *sizes = (line.rsplit(" ", 1)[1] for line in part.splitlines())
        result = analysis.result
        assert float(likelihood) == pytest.approx(result.log_likelihood, rel=1e-10), name
        assert float(bic) == pytest.approx(result.bic, rel=1e-10), name
        noise = [] if analysis.noise is None else [analysis.noise.n_rows]
        assert list(map(int, sizes)) == noise + analysis.sizes.tolist(), name


STEPS = {
    "logarithms": ["log income shift=1", "log debt"],
    "powers": ["box-cox income", "yeo-johnson age debt"],
    "components": ["log income", "components share=1"],
    "some components": ["components number=2"],
    "conditions": ["leave-out age > 55", "leave-out city contains er"],
    "held out": ["leave-out-rows 3 7 11 reason=odd", "hold-out share=0.25 seed=4", "log income"],
    "indicators": ["indicators city", "components share=0.95"],
}


def people(path):
    """Incomes, ages, debts and cities of 200 people, with gaps."""
    rng = np.random.default_rng(0)
    rich = rng.random(200) < 0.4
    columns = [
        np.exp(rng.normal(2.0 + 2.0 * rich, 0.4)).round(3).tolist(),
        rng.normal(40.0 - 12.0 * rich, 4.0).round(2).tolist(),
        np.where(rng.random(200) < 0.7, 0.5, rng.gamma(3.0, 2.0, 200).round(3)).tolist(),
        rng.choice(["Bern", "Rome", "Oslo"], 200, p=[0.2, 0.5, 0.3]).tolist(),
    ]
    lines = [list(map(str, row)) for row in zip(*columns, strict=True)]
    lines[4][0] = lines[9][1] = lines[20][3] = ""
    text = "\n".join(["income,age,debt,city", *map(",".join, lines)])
    path.write_text(text + "\n", "utf-8")
    return path


@pytest.fixture(scope="module")
def scripts_of_steps(tmp_path_factory):
    """For each of STEPS, and the first with EM: the analysis, and what its script has found."""
    folder = tmp_path_factory.mktemp("scripts")
    dataset = read(people(folder / "people.csv"))
    wanted = {name: (lines, {}) for name, lines in STEPS.items()}
    wanted["not equal"] = (["leave-out debt = 0.5"], {"columns": ("income", "age")})
    wanted["gaps"] = (STEPS["powers"], {"missing": "em"})
    wanted["noise"] = (STEPS["components"], {"noise": True})
    analyses = {
        name: found(dataset, **chosen, steps=tuple(map(parse_step, lines)))
        for name, (lines, chosen) in wanted.items()
    }
    paths = []
    for name, analysis in analyses.items():
        paths.append(str(folder / f"{name}.py"))
        (folder / paths[-1]).write_text(python_script(analysis), "utf-8")
    runner = (
        "import runpy, sys, numpy as np\n"
        "for p in sys.argv[1:]:\n"
        "    said = runpy.run_path(p)\n"
        "    names = 'probabilities clusters log_density log_likelihood bic used'.split()\n"
        "    np.savez(p + '.npz', **{name: said[name] for name in names})\n"
    )
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", runner, *paths],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    answers = {}
    for (name, analysis), path in zip(analyses.items(), paths, strict=True):
        with np.load(path + ".npz") as said:
            answers[name] = (analysis, dict(said))
    return answers


@pytest.mark.parametrize("name", [*STEPS, "not equal", "gaps", "noise"])
def test_a_script_takes_the_steps(scripts_of_steps, name):
    analysis, said = scripts_of_steps[name]
    result, prepared = analysis.result, analysis.prepared
    np.testing.assert_array_equal(np.flatnonzero(said["used"]), prepared.rows)
    expected = analysis.responsibilities(slice(None))
    np.testing.assert_allclose(said["probabilities"], expected, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(said["log_density"], analysis.rows.log_density, rtol=1e-9)
    assert float(said["log_likelihood"]) == pytest.approx(result.log_likelihood, rel=1e-10)
    assert float(said["bic"]) == pytest.approx(result.bic, rel=1e-10)
    n_clusters = analysis.n_clusters
    np.testing.assert_array_equal(said["clusters"], (analysis.rows.label + 1) % (n_clusters + 1))


@pytest.mark.parametrize(
    ("name", "imports"),
    [
        ("EEE", ["import numpy as np", "import pandas as pd", "from sklearn.mixture import"]),
        ("VEV", ["import numpy as np", "import pandas as pd", "from gmmdesk.sklearn import"]),
    ],
)
def test_scikit_learn_where_it_has_the_model(tmp_path, name, imports):
    script = python_script(found(read(table_file(tmp_path / "t.csv", ["x", "y"])), models=(name,)))
    lines = [line for line in script.splitlines() if line.startswith(("import", "from"))]
    assert [line[: len(wanted)] for line, wanted in zip(lines, imports, strict=True)] == imports


def test_the_command_gives_the_same_numbers(tmp_path):
    folder = tmp_path / "a folder; with $HOME & 'quotes'"
    folder.mkdir()
    analysis = found(
        read(table_file(folder / "-t.csv", EVIL, gaps=True)),
        columns=tuple(EVIL[i] for i in (5, 0, 1, 2, 4)),
        models=("VVI", "EEE"),
        k_max=3,
        noise=True,
        criterion="icl",
    )
    line = command(analysis)
    assert shlex.split(line) == arguments(analysis)
    line = command(analysis, 60)
    longest = max(len(shlex.quote(word)) for word in arguments(analysis))
    assert max(map(len, line.split("\n"))) <= max(60, longest + len("  ") + len(" \\"))
    assert line.count("\n") > 3
    program = f"{shlex.quote(sys.executable)} -m "
    done = subprocess.run(
        ["sh", "-c", program + line.replace("gmmdesk fit ", "gmmdesk fit --json ", 1)],
        cwd=folder,
        check=False,
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr
    summary = json.loads(done.stdout)
    result = analysis.result
    assert summary["columns"] == list(analysis.prepared.columns)
    assert (summary["model"], summary["k"]) == (result.model, analysis.n_clusters)
    assert summary["log_likelihood"] == result.log_likelihood
    assert summary["means"] == result.means.tolist()
    assert [path.name for path in folder.iterdir()] == ["-t.csv"]


def test_the_command_searches_before_what_fits_were_taken_over_from(tmp_path, capsys):
    table, cells = read(table_file(tmp_path / "t.csv", ["x", "y"])), Cells()
    wide = Settings(k_max=4, models=("VII", "VVV"), restarts=2)
    for settings in (wide, replace(wide, k_min=4, models=("VVV",))):
        steps = analyse(table, settings, kept=cells.of(table, settings))
        analysis = cells.keep(finish(steps))
    words = arguments(analysis)
    assert "--after=1-4:VII,VVV" in words
    told = {}
    for name, given in (("after", words), ("afresh", [w for w in words if "--after" not in w])):
        assert cli.main([*given[1:-2], "--json", *given[-2:]]) == 0
        told[name] = json.loads(capsys.readouterr().out)["log_likelihood"]
    assert told["after"] == analysis.result.log_likelihood
    assert told["afresh"] != told["after"]


def test_the_command_of_a_sample_and_of_all_models():
    analysis = found(load_sample("faithful"))
    words = arguments(analysis)
    assert words[:2] == ["gmmdesk", "fit"]
    assert words[-2:] == ["--", "sample:faithful"]
    assert {"--k=2", "--model=VVV", "--seed=5", "--tol=1e-05"} < set(words)


def test_a_pasted_table_has_no_file():
    analysis = found(read_text("x,y\n" + "".join(f"{i % 5},{i * i % 7}\n" for i in range(40))))
    for make in (command, python_script):
        with pytest.raises(UsageError, match="pasted"):
            make(analysis)
