import io
import json
import signal
import subprocess
import sys

import numpy as np
import openpyxl
import pandas as pd
import pytest

from gmmdesk import __version__, cli
from gmmdesk.analysis import Settings, analyse
from gmmdesk.cli import progress, values
from gmmdesk.cli.arguments import asked_settings, parser, settings_for
from gmmdesk.data.samples import SAMPLES, load_sample
from gmmdesk.engine import MODELS
from gmmdesk.errors import Cancelled

QUICK = ["--k", "2", "--model", "VVV", "--restarts", "1"]


@pytest.fixture
def run(capsys):
    """Runs a command in this process: exit status, standard output and standard error."""

    def run(*arguments):
        status = cli.main([str(argument) for argument in arguments])
        return status, *capsys.readouterr()

    return run


@pytest.fixture
def table(tmp_path):
    """A small table with two groups, a text column, and a cell that is no number."""
    rng = np.random.default_rng(0)
    lines = ["name,height,weight"]
    for i in range(60):
        height, weight = rng.normal((i % 2) * 8, 1, 2).round(3)
        lines.append(f"row {i},{height},{weight}")
    lines[6] = "row 5,5.1cm,3.2"
    path = tmp_path / "table.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def strict(text):
    def refuse(constant):
        raise AssertionError(f"{constant} is no JSON")

    return json.loads(text, parse_constant=refuse)


def names(folder):
    return sorted(path.name for path in folder.iterdir())


# --- fit ---------------------------------------------------------------------------------------


def test_a_table_without_clusters_is_said_to_have_none(run, tmp_path):
    path = tmp_path / "none.csv"
    X = np.random.default_rng(5).normal(size=(200, 3)) @ np.diag([1.0, 10.0, 0.1]) + 5.0
    pd.DataFrame(X, columns=["a", "b", "c"]).to_csv(path, index=False)
    status, out, err = run("fit", path, "--k", "1-2", "--restarts", "1", "--stability", "4")
    assert (status, err) == (0, "")
    said = out.splitlines()[1:]
    assert said[0] == "No clusters: one bell-shaped group describes these data best."
    assert not said[1].startswith("  !")


def test_fit_gives_its_verdict_and_how_often_the_clusters_are_found_again(run, table):
    status, out, _ = run("fit", table, *QUICK, "--stability", "4")
    assert status == 0
    said = " ".join(out.splitlines()[1:5])
    assert said.startswith("Two clusters of any shape, as asked.   - All is well: ")
    assert "  - The two were found again in" in said
    assert "4 of 4 resamples (halves of the rows)" in said
    status, out, _ = run("fit", table, "--k", "1-3", "--model", "EEE", "--json")
    verdict = strict(out)["verdict"]
    assert verdict["claim"] == "clusters"
    assert verdict["groups"] == [1, 2]
    assert verdict["single_bic_difference"] > 10
    assert verdict["resamples"] is None
    for wrong in ("0", "-1", "many", "10001"):
        status, _, err = run("fit", table, "--stability", wrong)
        assert status == 2
        assert "no number of halves" in err or "--stability" in err


def test_fit_prints_what_the_library_finds(run):
    status, out, err = run("fit", "sample:faithful", *QUICK, "--seed", "3", "--json")
    assert (status, err) == (0, "")
    found = strict(out)
    assert list(found) == [
        *("file", "rows_read", "rows_used", "rows_left_out", "columns", "model", "k", "seed"),
        *("log_likelihood", "n_parameters", "bic", "icl", "aic", "converged", "n_iterations"),
        *("stop_reason", "weights", "means", "covariances", "noise", "verdict"),
    ]
    steps = analyse(
        load_sample("faithful"), Settings(k_min=2, k_max=2, models=("VVV",), restarts=1, seed=3)
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            result = end.value.result
            break
    assert found["log_likelihood"] == result.log_likelihood
    assert found["means"] == result.means.tolist()
    assert found["covariances"] == result.covariances.tolist()
    assert (found["file"], found["k"], found["seed"]) == ("sample:faithful", 2, 3)


def test_fit_writes_every_file_that_is_asked_for(run, table, tmp_path):
    outputs = [tmp_path / f"out{ending}" for ending in (".csv", ".tsv", ".xlsx", ".parquet")]
    options = [option for path in outputs for option in ("--out", path)]
    status, out, err = run("fit", table, *QUICK, *options, "--save", tmp_path / "model.json")
    assert (status, err) == (0, "")
    assert names(tmp_path) == sorted([table.name, "model.json", *(path.name for path in outputs)])
    assert all(f"written: {path}" in out for path in outputs)
    frame = pd.read_csv(outputs[0])
    assert len(frame) == 60
    assert frame["gmm_left_out"].notna().sum() == 1
    assert frame["height"][5] == "5.1cm"
    assert "2 clusters" in out
    assert "59 of 60 rows" in out


def test_quiet_prints_nothing(run, table, tmp_path):
    assert run("fit", table, *QUICK, "--quiet", "--out", tmp_path / "o.csv") == (0, "", "")
    assert (tmp_path / "o.csv").exists()


def test_options_reach_the_settings(monkeypatch, run, table):
    class SeenError(Exception):
        pass

    def spy(dataset, settings, **_):
        raise SeenError(settings)

    monkeypatch.setattr("gmmdesk.analysis.analyse", spy)
    monkeypatch.setattr(cli, "record_fault", lambda error: seen.append(error.args[0]) or "log")
    for options, expected in (
        ((), Settings()),
        (("--model", "all", "--k", "1-9"), Settings()),
        (("--model", "usual"), Settings()),
        (("--k", "4"), Settings(k_min=4, k_max=4)),
        (("--k", "2-5"), Settings(k_min=2, k_max=5)),
        (("--columns", 'height, "weight, kg"'), Settings(columns=("height", "weight, kg"))),
        (("--model", "EEE,VVI"), Settings(models=("EEE", "VVI"))),
        (("--criterion", "icl", "--seed", "4"), Settings(criterion="icl", seed=4)),
        # As commands of before, which stand in reports of then, may have it.
        (("--seed", str(2**63 - 1)), Settings(seed=2**63 - 1)),
        (("--restarts", "2", "--max-iter", "9"), Settings(restarts=2, max_iter=9)),
        (("--scale", "none", "--tol", "1e-3"), Settings(scaling="none", tol=1e-3)),
        (("--missing", "leave-out"), Settings()),
        (("--noise",), Settings(noise=True)),
        (("--prior", "always"), Settings(prior="always")),
        (("--prior", "guard"), Settings()),
    ):
        seen = []
        run("fit", table, *options)
        assert seen == [expected]


@pytest.mark.parametrize(
    ("asked", "n_rows", "expected"),
    [
        (("--model", "usual"), 5_000, tuple(MODELS)),
        (("--model", "usual"), 5_001, ("VVV", "EEE", "VVI", "VII")),  # as in the window
        (("--model", "all"), 5_001, tuple(MODELS)),
        ((), 5_001, ("EEI",)),  # those of a session
    ],
)
def test_usual_models_are_those_of_the_window(asked, n_rows, expected):
    arguments = parser().parse_args(["fit", "any.csv", *asked])
    settings = asked_settings(arguments, Settings(models=("EEI",)))
    dataset = load_sample(f"blobs?k=2&n={n_rows}")
    assert settings_for(dataset, settings, arguments).models == expected


def test_a_range_beyond_the_rows_ends_before_them(run, tmp_path):
    (tmp_path / "few.csv").write_text("x,y\n" + "".join(f"{i},{i * i % 5}\n" for i in range(20)))
    status, out, _ = run("fit", tmp_path / "few.csv", "--k", "1-1000", "--model", "VII")
    assert status == 0
    assert "among 6 fits" in out


def test_a_name_in_quotes_may_hold_a_line_break():
    assert values.names('"a\nb", c') == ("a\nb", "c")


@pytest.mark.skipif(sys.platform in ("win32", "darwin"), reason="every name is Unicode")
def test_a_name_that_is_no_text_is_written_with_replacements(run, table, tmp_path):
    path = tmp_path / "\udcff.xlsx"  # the byte FF; and a note says that it is no workbook
    table.rename(path)
    outputs = [tmp_path / f"out{ending}" for ending in (".xlsx", ".csv", ".parquet", ".json")]
    options = [option for out in outputs for option in ("--out", out)]
    for arguments in (("inspect", path), ("fit", path, *QUICK, *options)):
        status, out, err = run(*arguments, "--json")
        assert (status, err) == (0, "")
        found = strict(out)
        assert found.get("source", found.get("file")) == f"{tmp_path}/\ufffd.xlsx"
        assert run(*arguments)[0] == 0
    assert all(out.exists() for out in outputs)


@pytest.mark.parametrize("name", ["full", "tied", "diag", "spherical"])
def test_models_have_other_names(run, name):
    status, out, _ = run("fit", "sample:iris", "--k", "2", "--model", name, "--json")
    other = {"full": "VVV", "tied": "EEE", "diag": "VVI", "spherical": "VII"}
    assert (status, strict(out)["model"]) == (0, other[name])


def test_fit_prints_a_script(run, table):
    status, out, err = run("fit", table, *QUICK, "--print-python")
    assert (status, err) == (0, "")
    compile(out, "script.py", "exec")
    assert "columns = ['height', 'weight']" in out


# --- apply -------------------------------------------------------------------------------------


@pytest.fixture
def model(run, table):
    path = table.with_name("model.json")
    status, _, err = run("fit", table, *QUICK, "--save", path, "--out", table.with_name("fit.csv"))
    assert (status, err) == (0, "")
    return path


@pytest.mark.parametrize("ending", ["csv", "tsv", "parquet", "xlsx"])
def test_apply_to_the_file_of_the_fit_writes_the_same(run, model, table, ending):
    out, fit_out = table.with_name(f"applied.{ending}"), table.with_name(f"fit.{ending}")
    run("fit", table, *QUICK, "--out", fit_out, "--quiet")
    assert run("apply", model, table, "--out", out, "--quiet") == (0, "", "")
    if ending == "xlsx":
        sheets, applied = (
            pd.read_excel(path, sheet_name=None, engine="calamine") for path in (fit_out, out)
        )
        assert [*applied] == ["Rows", "Clusters", "Parameters", "Score new rows", "About"]
        for name in ("Rows", "Clusters", "Parameters"):
            pd.testing.assert_frame_equal(applied[name], sheets[name], check_exact=True)
    else:
        assert out.read_bytes() == fit_out.read_bytes()


def test_apply_says_what_it_found(run, model, table):
    status, out, err = run("apply", model, table)
    assert (status, err) == (0, "")
    assert "59 of 60 rows scored with the model VVV of 2 clusters" in out
    assert "left out: 1 row\n  1 unreadable: '5.1cm' in height" in out
    assert "before: the share (weight) in the rows in which the clusters were found" in out
    status, out, err = run("apply", model, table, "--json")
    found = strict(out)
    assert found["shares_before"] == strict(model.read_text())["weights"]
    assert f"{found['shares_before'][0]:.1%}" in run("apply", model, table)[1]
    assert found["columns"] == {"height": "height", "weight": "weight"}
    assert (found["rows_read"], found["rows_used"], sum(found["sizes"])) == (60, 59, 59)
    assert [one["differs"] for one in found["drift"]] == [False, False]
    assert found["warnings"] == []


def test_apply_says_which_rows_fit_no_cluster_and_what_is_of_the_model(run, model, table):
    other, out = table.with_name("other.csv"), table.with_name("other.xlsx")
    header, *lines = table.read_text().splitlines()
    far = ["900" if name in ("height", "weight") else "x" for name in header.split(",")]
    other.write_text("\n".join([header, *lines[:20], ",".join(far)]) + "\n")
    status, said, err = run("apply", model, other, "--out", out)
    assert (status, err) == (0, "")
    assert "fits no cluster (outliers): row 21" in said
    assert "files of rows mark them as outliers" in said
    book = openpyxl.load_workbook(out)
    about = {row[0].value: row[1].value for row in book["About"].iter_rows(max_col=2)}
    assert "fits no cluster (outliers): row 21" in about["Which fit no cluster"]
    assert about["What is of the model"].startswith("Weights, means and spreads of clusters are")
    head = next(one for one in book["Clusters"][1] if str(one.value).startswith("Mean of"))
    assert head.comment.text == about["What is of the model"]


def test_apply_with_other_names(run, model, table):
    text = table.read_text("utf-8").replace("height,weight", "size=1,Weight", 1)
    table.write_text(text, "utf-8")
    status, out, err = run("apply", model, table)
    assert (status, out) == (2, "")
    assert "lacks the column 'height'" in err
    status, out, err = run("apply", model, table, "--map", "height=size=1")
    assert (status, err) == (0, "")
    assert "note: 'size=1' was taken for 'height'." in out
    assert "note: 'Weight' was taken for 'weight'." in out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--map", "height"], "names one column"),
        (["--map", "size=height"], "model has no column 'size'"),
        (["--map", "height=size"], "table has no column 'size'"),
        (["--map", "height=height", "--map", "height=weight"], "twice"),
        (["--out", "model.json"], "holds no rows"),
        (["--out", "rows.doc"], "no format"),
        (["--sheet", "x"], "no sheets"),
    ],
)
def test_apply_refuses(run, model, table, arguments, words):
    status, out, err = run("apply", model, table, *arguments)
    assert (status, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1


def test_apply_refuses_what_is_no_model(run, table):
    status, _, err = run("apply", table, table)
    assert status == 2
    assert "is no sound model file" in err


# --- errors ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["fit"], "FILE"),
        (["fat", "x"], "fat"),
        (["fit", "absent.csv"], "absent.csv"),
        (["fit", "."], "folder"),
        (["inspect", "sample:absent"], "absent"),
        (["fit", "sample:iris", "--k", "0"], "'0' is no number"),
        (["fit", "sample:iris", "--k", "0-3"], "'0-3'"),
        (["fit", "sample:iris", "--k", "5-2"], "5-2"),
        (["fit", "sample:iris", "--k", "many"], "'many'"),
        (["fit", "sample:iris", "--k", "1000"], "1000"),
        (["fit", "sample:iris", "--k", "1-99999999999"], "at most 1,000"),
        (["fit", "sample:iris", "--seed", "x"], "--seed"),
        (["fit", "sample:iris", "--seed", "-1"], "-1 is no seed"),
        (["fit", "sample:iris", "--seed", str(2**63)], "from 0 to 999,999,999,999,999"),
        (["fit", "sample:iris", "--step", f"hold-out seed={2**63}"], "999,999,999,999,999"),
        (["fit", "sample:iris", "--step", "components number=16385"], "16,385 principal"),
        (["inspect", "sample:iris", "--sample", "9", "--sample-seed", str(2**63)], "is no seed"),
        (["inspect", "sample:iris", "--limit-rows", "3000000000"], "2,000,000,000"),
        (["fit", "sample:iris", "--restarts", "0"], "0 restarts"),
        (["fit", "sample:iris", "--max-iter", "9999999999"], "9,999,999,999 iterations"),
        (["fit", "sample:iris", "--tol", "nan"], "tol"),
        (["fit", "sample:iris", "--model", "QQQ"], "QQQ"),
        (["fit", "sample:iris", "--criterion", "best"], "best"),
        (["fit", "sample:iris", "--scale", "big"], "big"),
        (["fit", "sample:iris", "--missing", "zero"], "'zero'"),
        (["fit", "sample:iris", "--columns", "petal"], "petal"),
        (["fit", "sample:iris", "--columns", "species"], "species"),
        (["fit", "sample:iris", "--columns", "a\nb"], "line break"),
        (["fit", "sample:iris", "--columns", ""], "--columns"),
        (["fit", "sample:iris", "--columns", "a,,b"], "'a,,b'"),
        (["fit", "sample:iris", "--model", ""], "--model"),
        (["fit", "sample:iris", "--sheet", "2"], "sheet"),
        (["fit", "sample:iris", "--unknown"], "--unknown"),
        (["fit", "--unknown"], "--unknown"),
        (["fit", "--colums=a"], "Did you mean --columns?"),
        (["fit", "sample:iris", "--out", "o.pdf"], ".pdf"),
        (["fit", "sample:iris", "--out", "absent/o.csv"], "absent"),
        (["fit", "sample:iris", "--save", "model.txt"], "model.txt"),
    ],
)
def test_unusable_input_is_one_message_and_status_2(run, arguments, words, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    status, out, err = run(*arguments)
    assert (status, out) == (2, "")
    assert err.startswith("gmmdesk: ")
    assert err.count("\n") == 1
    assert words in err
    assert names(tmp_path) == []


def test_the_input_is_not_overwritten(run, table):
    before = table.read_bytes()
    status, _, err = run("fit", table, *QUICK, "--out", table)
    assert status == 2
    assert "lose the original" in err
    assert table.read_bytes() == before


def test_a_fault_is_one_line_and_a_log(run, monkeypatch, home):
    def fail(_arguments):
        raise ZeroDivisionError("inner detail")

    monkeypatch.setitem(cli.COMMANDS, "samples", fail)
    status, out, err = run("samples")
    assert (status, out) == (1, "")
    assert err.count("\n") == 1
    (log,) = home.rglob("gmmdesk.log")
    assert str(log) in err
    assert "inner detail" in log.read_text("utf-8")
    assert "Traceback" not in err


@pytest.mark.parametrize("stop", [KeyboardInterrupt, Cancelled])
def test_interrupted_while_writing(run, table, tmp_path, monkeypatch, stop):
    def interrupted(*_):
        raise stop

    monkeypatch.setattr("gmmdesk.export.delimited.batches", interrupted)
    assert run("fit", table, *QUICK, "--out", tmp_path / "o.csv") == (130, "", "")
    assert names(tmp_path) == [table.name]


@pytest.mark.skipif(sys.platform == "win32", reason="Windows ends a process without a signal")
@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_told_to_end_while_writing(run, table, tmp_path, monkeypatch, name):
    told = getattr(signal, name)
    before = signal.getsignal(told)
    monkeypatch.setattr("gmmdesk.export.delimited.batches", lambda *_: signal.raise_signal(told))
    with pytest.raises(SystemExit) as ended:
        run("fit", table, *QUICK, "--out", tmp_path / "o.csv")
    assert ended.value.code == 128 + told
    assert names(tmp_path) == [table.name]
    assert signal.getsignal(told) is before


def test_a_reader_that_has_had_enough_is_no_error():
    process = subprocess.Popen(
        [sys.executable, "-m", "gmmdesk", "samples"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    with process.stderr:
        assert process.stderr.read() == b""
    assert process.wait() == 0


# --- progress ----------------------------------------------------------------------------------


class Terminal(io.StringIO):
    def isatty(self):
        return True


@pytest.mark.parametrize(("options", "shown"), [((), True), (("--quiet",), False)])
def test_progress_goes_to_a_terminal_and_is_wiped(run, table, monkeypatch, options, shown):
    terminal = Terminal()
    monkeypatch.setattr(sys, "stderr", terminal)
    monkeypatch.setattr(progress, "_REFRESH", 0.0)
    status, _, _ = run("fit", table, *QUICK, *options)
    text = terminal.getvalue()
    assert status == 0
    assert ("Fit 1 of 1: VVV, 2 clusters, iteration" in text) is shown
    assert not shown or text.endswith(" \r")


# --- how a file is read ------------------------------------------------------------------------


@pytest.fixture
def open_ended(tmp_path):
    """A table in which nothing tells what the points in one column mean, nor the dates."""
    lines = ["price;size;day"]
    lines += [
        f"{1 + i % 7}.{100 + 7 * i};{i * i % 11};{1 + i % 9}/{1 + i % 5}/2020" for i in range(60)
    ]
    path = tmp_path / "open.csv"
    path.write_text("\n".join(lines), encoding="utf-8")
    return path


def test_what_nothing_in_the_file_decides_is_asked(run, open_ended):
    status, out, err = run("fit", open_ended, *QUICK)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    for words in ("'price'", "1.100 or 1100", "--decimal point", "--decimal comma"):
        assert words in err
    status, out, err = run("inspect", open_ended, "--json")
    assert (status, err) == (0, "")
    questions = strict(out)["questions"]
    assert [(q["option"], q["columns"], q["changes_numbers"]) for q in questions] == [
        ("decimal", ["price"], True),
        ("date_order", ["day"], False),
    ]
    assert questions[0]["meanings"] == [[".", "1.100"], [",", "1100"]]
    assert "--dates day-first" in run("inspect", open_ended)[1]


@pytest.mark.parametrize(
    ("options", "least"),
    [
        (("--decimal", "point"), 1.1),
        (("--decimal", ","), 1100.0),
        (("--thousands", "none"), 1.1),
        (("--thousands", "point"), 1100.0),
    ],
)
def test_an_answer_is_followed(run, open_ended, options, least):
    status, out, err = run("fit", open_ended, "--k", "1", "--model", "VVV", *options, "--json")
    assert (status, err) == (0, "")
    assert least * 2 < strict(out)["means"][0][0] < least * 6


def test_a_column_that_is_no_number_needs_no_answer(run, open_ended):
    for kind in ("text", "leave-out"):
        status, out, _ = run("fit", open_ended, *QUICK, "--kinds", f"price={kind}", "--json")
        assert (status, strict(out)["columns"]) == (0, ["size"])


def test_inspect_tells_how_and_why_and_every_cell(run, tmp_path):
    path = tmp_path / "t.csv"
    lines = ["Title", "x;y;z", "cm;;"]
    lines += [f"{i},5;a;{'?!' if i % 6 == 2 else i % 4}" for i in range(30)]
    path.write_bytes("\n".join(lines).encode("utf-16"))
    found = strict(run("inspect", path, "--json", "--na=a", "--kinds", "y=category")[1])
    facts = {f["what"]: (f["value"], f["chosen"]) for f in found["findings"]}
    assert facts["Encoding"] == ("utf-16", False)
    assert facts["Delimiter"] == ("semicolon", False)
    assert facts["Rows to skip"] == ("1", False)
    assert facts["Row of units"] == ("cm", False)
    assert facts["Decimal mark"] == ("comma", False)
    assert facts["Missing values"] == ("a", True)
    assert facts["Kind of y"] == ("category", True)
    assert all(f["reason"] for f in found["findings"])
    assert found["options"] == {"missing_words": ["a"], "kinds": [["y", "category"]]}
    assert found["unreadable_cells"] == [
        {"row": i + 1, "place": i + 4, "column": "z", "raw": "?!"} for i in range(2, 30, 6)
    ]
    assert found["place"] == "line"
    assert {"row": 1, "place": 4, "column": "x", "raw": "0,5", "value": 0.5} in found["cells"]
    assert found["columns"][0]["unit"] == "cm"
    shown = run("inspect", path)[1]
    assert "row 3: '?!' (line 6)" in shown
    assert "the first row holds names" in shown


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--decimal", "dot"), "no decimal mark 'dot'"),
        (("--delimiter", "ab"), "'ab' is no delimiter"),
        (("--encoding", "klingon"), "no encoding 'klingon'"),
        (("--header-rows", "many"), "--header-rows"),
        (("--units-row", "maybe"), "neither yes nor no"),
        (("--range", "B2"), "it is a CSV file"),
        (("--kinds", "name"), "write it like"),
        (("--kinds", "name=thing"), "'name=thing'"),
        (("--kinds", "absent=text"), "no column 'absent'"),
        (("--limit-rows", "0"), "number of rows to read"),
        (("--limit-rows", "5", "--sample", "5"), "both"),
    ],
)
def test_choices_that_cannot_be(run, table, options, words):
    status, out, err = run("inspect", table, *options)
    assert (status, out) == (2, "")
    assert err.count("\n") == 1
    assert words in err


def test_a_part_of_the_rows(run, table):
    found = strict(run("inspect", table, "--json", "--sample", "20", "--sample-seed", "4")[1])
    assert (found["n_rows"], found["rows_in_file"]) == (20, 60)
    assert "20 rows of 60, drawn at random with seed 4" in found["notes"][0]
    assert strict(run("inspect", table, "--json", "--limit-rows", "5")[1])["n_rows"] == 5


def test_what_is_left_out_or_stands_for_a_gap_is_still_exported(run, table, tmp_path):
    text = table.read_text("utf-8").splitlines()
    text[3] = "row 2,-999,3.5"
    table.write_text("\n".join(text), "utf-8")
    out = tmp_path / "out.csv"
    options = ("--na=-999", "--kinds", "weight=leave-out", "--out", out, "--json")
    status, printed, err = run("fit", table, "--k", "2", "--model", "V", *options)
    assert (status, err) == (0, "")
    assert strict(printed)["columns"] == ["height"]
    assert strict(printed)["rows_left_out"] == 2
    rows = pd.read_csv(out, dtype=str)
    assert rows["height"][2] == "-999"
    assert rows["gmm_left_out"].notna().tolist() == [i in (2, 5) for i in range(60)]
    assert rows["weight"].tolist() == [line.split(",")[2] for line in text[1:]]


def test_a_file_too_large_names_the_options_that_help(run, table, monkeypatch):
    monkeypatch.setattr("gmmdesk.data.limits.available_memory", lambda: 1_000)
    status, _, err = run("fit", table, *QUICK)
    assert status == 2
    assert err.count("\n") == 1
    for words in ("GB of memory for", "are free", "--limit-rows N", "--sample N", "would fit"):
        assert words in err


def test_marks_by_name_or_by_themselves(run, tmp_path):
    path = tmp_path / "t.txt"
    path.write_text("x|y\n'1|5'|2\n'2|5'|3\n'4|5'|5\n")
    for delimiter, quote in (("bar", "single"), ("|", "'")):
        options = ("--delimiter", delimiter, "--quote", quote, "--json")
        columns = strict(run("inspect", path, *options)[1])["columns"]
        assert [column["name"] for column in columns] == ["x", "y"]


# --- inspect and samples -----------------------------------------------------------------------


def test_inspect_shows_what_was_found(run, table):
    status, out, err = run("inspect", table)
    assert (status, err) == (0, "")
    lines = {tuple(line.split()[:2]): line for line in out.splitlines()}
    assert "row 6: '5.1cm'" in lines["yes", "height"]
    assert "text" in lines["no", "name"] or "identifier" in lines["no", "name"]
    assert "60 rows, 3 columns" in out


def test_inspect_as_json(run, table):
    status, out, _ = run("inspect", table, "--json")
    found = strict(out)
    assert status == 0
    assert (found["format"], found["n_rows"]) == ("CSV", 60)
    height = found["columns"][1]
    assert height["kind"] == "number"
    assert (height["recommended"], height["n_unreadable"]) == (True, 1)
    assert height["unreadable"] == [{"row": 6, "text": "5.1cm"}]


def test_samples_are_listed(run):
    status, out, _ = run("samples")
    assert status == 0
    for name, sample in SAMPLES.items():
        assert f"sample:{name}" in out
        assert sample.licence in out


def test_a_console_without_the_letters_is_no_fault(run, table, monkeypatch):
    table.write_text(table.read_text("utf-8").replace("height", "høyde Ω"), "utf-8")
    ascii_only = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    monkeypatch.setattr(sys, "stdout", ascii_only)
    assert cli.main(["inspect", str(table)]) == 0
    ascii_only.seek(0)
    assert "h?yde ?" in ascii_only.read()


# --- the program as a whole --------------------------------------------------------------------


def test_version_and_help(capsys):
    for option, words in (("--version", f"gmmdesk {__version__}\n"), ("--help", "sample:NAME")):
        with pytest.raises(SystemExit) as ended:
            cli.main([option])
        assert ended.value.code == 0
        assert words in capsys.readouterr().out


@pytest.mark.parametrize(
    ("modules", "slow"),
    [
        ("gmmdesk.__main__", {"numpy", "scipy", "pandas", "pyarrow", "msgspec", "PySide6"}),
        (
            "gmmdesk.ui.app, gmmdesk.ui.main_window",
            {"numpy", "scipy", "pandas", "pyarrow", "pyqtgraph"},
        ),
    ],
)
def test_the_way_to_the_window_imports_nothing_slow(modules, slow):
    code = f"import sys, {modules}; print(sorted({slow!r} & set(sys.modules)))"
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "[]"


def test_rows_with_missing_values_can_take_part(run, table, tmp_path):
    out = tmp_path / "out.csv"
    status, printed, err = run("fit", table, *QUICK, "--missing", "em", "--out", out)
    assert (status, err) == (0, "")
    assert "from 60 of 60 rows in 2 columns, 1 with missing values" in printed
    rows = pd.read_csv(out)
    assert rows["gmm_cluster"].notna().all()
    assert rows["gmm_left_out"].isna().all()
    assert rows["height"][5] == "5.1cm"
    status, _, err = run("fit", table, "--missing", "guess")
    assert status == 2
    assert "'guess'" in err
    assert "leave-out, em" in err


def test_rows_may_belong_to_no_cluster(run, tmp_path):
    rng = np.random.default_rng(0)
    rows = np.concatenate([rng.normal((0, 0), 0.3, (60, 2)), rng.normal((8, 8), 0.3, (60, 2))])
    rows = np.concatenate([rows, rng.uniform(-20.0, 30.0, (20, 2))])
    scattered, out = tmp_path / "scattered.csv", tmp_path / "out.csv"
    pd.DataFrame(rows, columns=["x", "y"]).to_csv(scattered, index=False)
    status, printed, err = run("fit", scattered, *QUICK, "--noise", "--out", out)
    assert (status, err) == (0, "")
    frame = pd.read_csv(out)
    n_noise = (frame["gmm_cluster"] == 0).sum()
    assert 15 <= n_noise <= 20
    (line,) = [line.split() for line in printed.splitlines() if line.split()[:1] == ["none"]]
    assert line[1] == str(n_noise)
    status, printed, _ = run("fit", scattered, *QUICK, "--noise", "--json")
    found = strict(printed)
    assert sum(found["weights"]) + found["noise"] == pytest.approx(1.0)
    status, _, err = run("fit", scattered, "--prior", "sometimes")
    assert status == 2
    assert "'sometimes'" in err
    assert "guard, always, never" in err
