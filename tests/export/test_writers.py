import errno
import shutil

import pyarrow as pa
import pytest

from gmmdesk.errors import Cancelled, ExportError
from gmmdesk.export import WRITERS, check_target, default_names, write
from gmmdesk.export.summary import summary
from gmmdesk.task import Task

TABLES = [ending for ending, writer in WRITERS.items() if not writer.needs_picture]


@pytest.mark.parametrize("ending", [*TABLES, ".CSV"])
def test_the_ending_decides(analysis, tmp_path, ending):
    path = tmp_path / f"out{ending}"
    write(analysis, path)
    starts = {".xlsx": b"PK", ".parquet": b"PAR1", ".json": b"{", ".html": b"<!DOCTYPE html>"}
    start = starts.get(ending, b"\xef\xbb\xbfcode")
    assert path.read_bytes().startswith(start)
    assert [other.name for other in tmp_path.iterdir()] == [path.name]


@pytest.mark.parametrize("name", ["out", "out.pdf", "out.xls", ".csv"])
def test_other_endings_are_refused(analysis, tmp_path, name):
    with pytest.raises(ExportError, match=r"no format") as caught:
        write(analysis, tmp_path / name)
    assert ".xlsx, .csv" in caught.value.hint
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("ending", TABLES)
def test_a_full_disk_leaves_the_old_file(analysis, tmp_path, monkeypatch, ending):
    path = tmp_path / f"out{ending}"
    path.write_bytes(b"old")
    open_file = type(path).open

    def open_full(self, mode="r", *args, **more):
        file = open_file(self, mode, *args, **more)
        if "x" not in mode:
            return file

        class Full:
            def __enter__(self):
                return self

            def __exit__(self, *_):
                file.close()

            def __getattr__(self, name):
                return getattr(file, name)

            def write(self, _data):
                raise OSError(errno.ENOSPC, "No space left on device")

        return Full()

    monkeypatch.setattr(type(path), "open", open_full)
    with pytest.raises(ExportError, match="no space left"):
        write(analysis, path)
    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("ending", TABLES)
def test_cancelled_before_it_starts(analysis, tmp_path, ending):
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write(analysis, tmp_path / f"out{ending}", task=task)
    assert list(tmp_path.iterdir()) == []


def test_progress_runs_from_nothing_to_all(analysis, tmp_path):
    task = Task()
    write(analysis, tmp_path / "out.csv", task=task)
    assert (task.fraction, task.what) == (1.0, "Writing out.csv")


def test_the_input_is_never_overwritten(make, tmp_path):
    path = tmp_path / "in.csv"
    path.write_text("x\n1\n")
    link = tmp_path / "link.csv"
    shutil.copy(path, tmp_path / "copy.csv")
    link.hardlink_to(path)
    analysis = make({"x": [1.0, 2.0, 4.0]}, ["x"], path=path)
    for name in ("in.csv", "link.csv"):
        with pytest.raises(ExportError, match="lose the original"):
            write(analysis, tmp_path / name)
    assert path.read_text() == "x\n1\n"
    write(analysis, tmp_path / "copy.csv")


def test_a_table_too_long_for_excel_is_offered_other_formats(make, tmp_path):
    dataset = make({"x": pa.array(range(1_048_576), pa.float64())}, ["x"]).dataset
    with pytest.raises(ExportError, match=r"1,048,576 rows.*holds 1,048,575") as caught:
        check_target(tmp_path / "out.xlsx", dataset)
    assert "Parquet" in caught.value.hint
    check_target(tmp_path / "out.csv", dataset)


def test_the_number_of_names_must_fit(analysis, tmp_path):
    with pytest.raises(ExportError, match="2 clusters but 1 names"):
        write(analysis, tmp_path / "out.csv", names=["one"])
    assert default_names(2) == ("Cluster 1", "Cluster 2")


def test_summary_has_the_fields_programs_rely_on(analysis):
    found = summary(analysis)
    assert list(found) == [
        *("file", "rows_read", "rows_used", "rows_left_out", "columns", "model", "k", "seed"),
        *("log_likelihood", "n_parameters", "bic", "icl", "aic", "converged", "n_iterations"),
        *("stop_reason", "weights", "means", "covariances", "noise", "verdict"),
    ]
    assert (found["rows_read"], found["rows_used"], found["rows_left_out"]) == (40, 37, 3)
    assert found["covariances"] == analysis.result.covariances.tolist()
    assert found["bic"] == analysis.result.bic
