"""A session comes back as it was saved; a file that is none is refused in words."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import re
import shutil
import sys
import zipfile
from dataclasses import fields, replace
from pathlib import Path

import msgspec
import numpy as np
import pytest

from gmmdesk.analysis import Settings
from gmmdesk.data.options import ReadOptions
from gmmdesk.data.readers import read
from gmmdesk.data.samples import open_table
from gmmdesk.errors import Cancelled, ExportError, ReadError
from gmmdesk.session import container, tables
from gmmdesk.session.files import read_session, write_session
from gmmdesk.session.records import Session
from gmmdesk.session.tables import reference_to
from gmmdesk.task import Task
from tests.records import same
from tests.session.conftest import PASTED, session_about


def same_rows(analysis, other):
    return same(analysis.rows, other.rows) and same(analysis.prepared, other.prepared)


@pytest.mark.parametrize("kind", ["penguins", "noisy", "prepared", "pasted"])
@pytest.mark.parametrize("embedded", [False, True])
def test_it_comes_back_as_it_was(request, tmp_path, kind, embedded):
    made = request.getfixturevalue(kind)
    path = tmp_path / "s.gmmdesk"
    bits = b"" if kind == "noisy" else bytes(range(-(-made.dataset.n_rows // 8)))
    before = replace(made.session, selected=bits)
    write_session(before, path, embed=made.dataset if embedded else None)
    session, found = read_session(path)
    assert session.data == made.session.data
    assert session.selected == before.selected
    assert (session.settings, session.view) == (made.session.settings, made.session.view)
    answer, before = session.answer, made.session.answer
    assert (answer.history, answer.elapsed) == (before.history, before.elapsed)
    assert (answer.given_names, answer.given_colors) == (before.given_names, before.given_colors)
    assert answer.outlier_level == before.outlier_level == 0.05
    if kind == "pasted" and not embedded:
        assert found.dataset is None
        assert "not in the session" in str(found.problem)
        return
    assert not found.changed
    assert found.dataset.name == made.dataset.name
    again = answer.finding.analysis(found.dataset)
    assert same_rows(again, made.analysis)
    for f in fields(made.analysis.result):
        if f.name != "starts":
            assert same(getattr(again.result, f.name), getattr(made.analysis.result, f.name))
    assert same(again.candidates, made.analysis.candidates)
    assert again.after == made.analysis.after != ()
    assert len(again.trail) == len(made.analysis.trail) > 1
    for step, other in zip(again.trail, made.analysis.trail, strict=True):
        assert same(step.fit, other.fit)
        assert (step.candidate, step.n_candidates) == (other.candidate, other.n_candidates)


def test_a_remedy_may_name_columns_of_long_names(tmp_path):
    stored = Path(__file__).parent / "data" / "version8.gmmdesk"
    session, _ = read_session(stored)
    difference = session.answer.difference
    tried = replace(difference.attempts[-1], remedy=f"Do without {'x' * 100_000}")
    answer = session.answer._replace(difference=replace(difference, attempts=(tried,)))
    write_session(replace(session, answer=answer), tmp_path / "s.gmmdesk")
    again, _ = read_session(tmp_path / "s.gmmdesk")
    assert again.answer.difference.attempts == (tried,)


def test_an_embedded_table_keeps_every_cell(pasted, tmp_path):
    path = tmp_path / "s.gmmdesk"
    write_session(pasted.session, path, embed=pasted.dataset)
    dataset = read_session(path)[1].dataset
    assert dataset.receipt == pasted.dataset.receipt
    for column, before in zip(dataset.columns, pasted.dataset.columns, strict=True):
        assert column.cells.equals(before.cells)
        for f in fields(before):
            if f.name != "cells":
                assert same(getattr(column, f.name), getattr(before, f.name)), f.name
    assert dataset.columns[0].cells[3].as_py() == "003"


def test_words_for_missing_values_of_one_column_are_kept(tmp_path):
    from dataclasses import replace

    (tmp_path / "t.csv").write_text("a,b\n1.5,2\n2.5,7\n3.5,1\n")
    dataset = read(tmp_path / "t.csv")
    column = dataset.columns[0]
    column = replace(column, missing_words=(*column.missing_words, "refused"))
    dataset = replace(dataset, columns=(column, *dataset.columns[1:]))
    session = Session(reference_to(dataset, None), session_settings(dataset))
    write_session(session, tmp_path / "s.gmmdesk", embed=dataset)
    again = read_session(tmp_path / "s.gmmdesk")[1].dataset
    assert [c.missing_words for c in again.columns] == [c.missing_words for c in dataset.columns]


def test_a_table_with_types_of_its_own_can_be_embedded(tmp_path):
    import pandas as pd

    frame = pd.DataFrame(
        {
            "when": pd.date_range("2024-01-01", periods=50, freq="h"),
            "yes": [i % 2 == 0 for i in range(50)],
            "small": np.arange(50, dtype="f4"),
            "word": pd.Categorical(["a", "b"] * 25),
            "empty": [None] * 50,
        }
    )
    file = tmp_path / "t.parquet"
    frame.to_parquet(file)
    dataset = read(file)
    session = Session(reference_to(dataset, None), session_settings(dataset))
    write_session(session, tmp_path / "s.gmmdesk", embed=dataset)
    again = read_session(tmp_path / "s.gmmdesk")[1].dataset
    for column, before in zip(again.columns, dataset.columns, strict=True):
        assert column.cells.equals(before.cells)
    assert [c.kind for c in again.columns] == [c.kind for c in dataset.columns]
    assert again.path == file


def session_settings(dataset):
    from gmmdesk.analysis import Settings

    return Settings(columns=dataset.recommended)


def test_generated_rows_are_generated_again(tmp_path):
    from gmmdesk.data.samples import load_sample

    made = session_about(load_sample("blobs?n=200&k=2&seed=3"), k_min=2, k_max=2, models=("VII",))
    write_session(made.session, tmp_path / "s.gmmdesk")
    session, found = read_session(tmp_path / "s.gmmdesk")
    assert not found.changed
    assert same_rows(session.answer.finding.analysis(found.dataset), made.analysis)


# --- the table elsewhere -----------------------------------------------------------------------


@pytest.fixture
def project(tmp_path):
    """A folder with a table and a session about it that does not hold it."""
    folder = tmp_path / "project"
    (folder / "data").mkdir(parents=True)
    table = folder / "data" / "things.csv"
    table.write_text(PASTED.replace("\t", ","))
    made = session_about(read(table), k_min=2, k_max=2, models=("VVV",))
    path = folder / "s.gmmdesk"
    made.session = replace(made.session, data=reference_to(made.dataset, path))
    write_session(made.session, path)
    return folder, table, path, made


def test_a_session_is_not_read_as_a_table(project):
    with pytest.raises(ReadError, match="is a gmmdesk session, not a table"):
        read(project[2])


def test_the_table_is_found_where_it_was(project):
    folder, table, path, _ = project
    moved = folder.parent / "elsewhere.gmmdesk"
    path.rename(moved)
    found = read_session(moved)[1]
    assert found.dataset.path == table
    assert not found.changed


def test_a_folder_moved_as_a_whole_keeps_its_table(project):
    folder, _, _, _ = project
    moved = folder.parent / "moved"
    folder.rename(moved)
    found = read_session(moved / "s.gmmdesk")[1]
    assert found.dataset.path == moved / "data" / "things.csv"
    assert not found.changed


def test_the_unchanged_table_is_preferred_to_the_changed_one(project):
    folder, table, _, _ = project
    copy = folder.parent / "copy"
    shutil.copytree(folder, copy)
    table.write_text(table.read_text() + "x,1,2\n")
    found = read_session(copy / "s.gmmdesk")[1]
    assert found.dataset.path == copy / "data" / "things.csv"
    assert not found.changed


def test_a_changed_table_is_noticed(project):
    _, table, path, made = project
    table.write_text(table.read_text().replace("0.000", "0.001", 1))
    session, found = read_session(path)
    assert found.changed
    assert found.dataset.n_rows == made.dataset.n_rows
    assert session.answer is not None


def test_a_catalog_that_changed_is_noticed(tmp_path):
    """Of SAS: what values mean stands beside the table."""
    with zipfile.ZipFile(Path(__file__).parents[1] / "data" / "sas_files" / "haven.zip") as file:
        file.extractall(tmp_path)
    table, catalog = tmp_path / "hadley.sas7bdat", tmp_path / "formats.sas7bcat"
    path, other = tmp_path / "s.gmmdesk", tmp_path / "other.gmmdesk"
    data = reference_to(read(table), path)
    assert data.sha256 == hashlib.sha256(table.read_bytes()).hexdigest()
    write_session(Session(data, Settings()), path)
    assert not read_session(path)[1].changed
    content = catalog.read_bytes()
    catalog.write_bytes(content.replace(b"Female", b"female"))
    told = "The catalog formats.sas7bcat, which says what values in the table hadley mean, has"
    assert read_session(path)[1].changed == f"{told} changed"
    catalog.unlink()
    assert read_session(path)[1].changed == f"{told} gone"
    write_session(Session(reference_to(read(table), other), Settings()), other)
    assert not read_session(other)[1].changed
    catalog.write_bytes(content)
    assert not read_session(path)[1].changed
    assert read_session(other)[1].changed == f"{told} been put beside it"


def test_a_missing_table_is_named(project):
    _, table, path, _ = project
    table.unlink()
    session, found = read_session(path)
    assert found.dataset is None
    assert "things.csv" in str(found.problem)
    assert session.data.path == str(table)


def test_the_sheet_that_was_read_is_read_again(tmp_path):
    import pandas as pd

    file = tmp_path / "book.xlsx"
    with pd.ExcelWriter(file) as book:
        for sheet, step in (("one", 3), ("two", 5)):
            pd.DataFrame({"a": [i * step % 17 for i in range(30)]}).to_excel(
                book, sheet_name=sheet, index=False
            )
    options = ReadOptions(sheet="two")
    dataset = read(file, options)
    session = Session(reference_to(dataset, None), session_settings(dataset))
    write_session(session, tmp_path / "s.gmmdesk")
    found = read_session(tmp_path / "s.gmmdesk")[1]
    assert found.dataset.columns[0].cells.equals(dataset.columns[0].cells)
    assert found.dataset.receipt.sheet == "two"


# --- what is refused ---------------------------------------------------------------------------


def rewritten(path, part, change):
    """The session file at `path` with the bytes of one part changed."""
    with zipfile.ZipFile(path) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    parts[part] = change(parts[part])
    if parts[part] is None:
        del parts[part]
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)


def edited(*keys, value):
    """A change of one field of the JSON."""

    def change(content):
        whole = json.loads(content)
        inner = whole
        for key in keys[:-1]:
            inner = inner[key]
        inner[keys[-1]] = value
        return json.dumps(whole).encode()

    return change


JSON = "session.json"
FLAWS = {
    "format": (JSON, edited("format", value="other"), "format"),
    "newer": (JSON, edited("version", value=99), "newer gmmdesk"),
    "never": (JSON, edited("version", value=0), "no sound session"),
    "unknown": (JSON, edited("extra", value=1), "extra"),
    "settings": (JSON, edited("settings", "k_max", value=0), "no range"),
    "columns": (JSON, edited("answer", "columns", value=["one"]), "no sound session"),
    "best": (JSON, edited("answer", "best", value=500), "candidate"),
    "names": (JSON, edited("answer", "names", value=[[0, "Cluster 2"]]), "same name"),
    "twice": (JSON, edited("answer", "names", value=[[0, "A"], [0, "B"]]), "two names"),
    "color": (JSON, edited("answer", "colors", value=[[0, "red"]]), "colors"),
    "outside": (JSON, edited("answer", "colors", value=[[9, "#000000"]]), "not there"),
    "trust": (JSON, edited("answer", "trust", "flat", value=[7]), "not there"),
    "no json": (JSON, lambda content: b"[" * 100_000, "no sound session"),
    "no text": (JSON, lambda content: b"\xff\xfe" + content, "no sound session"),
    "absent": ("arrays/fits.npy", lambda content: None, "fits is missing"),
    "cut": ("arrays/fits.npy", lambda content: content[:-8], "size"),
    "pickle": (
        "arrays/fits.npy",
        lambda content: content.replace(b"<f8", b"|O ", 1),
        "fits",
    ),
    "large": (
        "arrays/certainty.npy",
        lambda content: re.sub(rb"\(\d,\), } {9}", b"(3000000000,), }", content, count=1),
        "certainty",
    ),
    "nan": ("arrays/fits.npy", lambda content: content[:-8] + b"\xff" * 8, "not finite"),
    "sum": ("arrays/fits.npy", lambda content: content[:128] + bytes(8) + content[136:], "add up"),
    "spec": (JSON, edited("answer", "tried", 0, "spec", "restarts", value=0), "restarts"),
    "few": (
        JSON,
        edited("answer", "tried", 0, "fit", "n_iterations", value=10**6),
        "no sound session",
    ),
    "many": (
        JSON,
        edited("answer", "tried", 0, "fit", "n_iterations", value=0),
        "no sound session",
    ),
    "neither": (JSON, edited("answer", "tried", 0, "fit", value=None), "neither"),
}


@pytest.mark.parametrize("flaw", FLAWS)
def test_what_is_wrong_is_named(penguins, tmp_path, flaw):
    path = tmp_path / "s.gmmdesk"
    write_session(penguins.session, path)
    part, change, words = FLAWS[flaw]
    before = path.read_bytes()
    rewritten(path, part, change)
    assert path.read_bytes() != before
    with pytest.raises(ReadError, match=words) as raised:
        read_session(path)
    assert "s.gmmdesk" in str(raised.value)
    assert raised.value.hint


def test_an_answer_before_that_had_no_clusters_is_refused(tmp_path):
    """What was in doubt of them is told as a share."""
    path = tmp_path / "s.gmmdesk"
    session, _ = read_session(Path(__file__).parent / "data" / "version8.gmmdesk")
    write_session(session, path)
    keys = "answer", "difference", "attempts", 0, "n_components"
    rewritten(path, JSON, edited(*keys, value=0))
    with pytest.raises(ReadError, match="n_components"):
        read_session(path)


def test_a_file_of_another_kind_is_refused(tmp_path):
    path = tmp_path / "s.gmmdesk"
    for content in (b"", b"PK", b"a,b\n1,2\n" * 10, b"PK\x05\x06" + bytes(18)):
        path.write_bytes(content)
        with pytest.raises(ReadError, match="no sound session"):
            read_session(path)
    with pytest.raises(ReadError, match="cannot be read"):
        read_session(tmp_path / "gone.gmmdesk")
    with pytest.raises(ReadError, match="cannot be read"):
        read_session(tmp_path)


def test_a_table_that_does_not_fit_its_record_is_refused(pasted, tmp_path):
    path = tmp_path / "s.gmmdesk"
    for part, change, words in (
        (JSON, edited("table", "columns", 1, "name", value="who"), "same name"),
        (JSON, edited("table", "columns", 1, "kind", value="odd"), "odd"),
        (JSON, edited("table", "n_rows", value=39), "40 rows"),
        (JSON, edited("table", "columns", 1, "has_parsed", value=True), "missing or too many"),
        ("table.arrow", lambda content: content[:200], "no sound session"),
        ("table.arrow", lambda content: None, "missing"),
    ):
        write_session(pasted.session, path, embed=pasted.dataset)
        rewritten(path, part, change)
        with pytest.raises(ReadError, match=words):
            read_session(path)


@pytest.mark.parametrize(("kind", "most"), [("inside", 5), ("limited", 3), ("elsewhere", 64 << 20)])
def test_more_selected_rows_than_the_table_can_have_are_not_unpacked(
    pasted, penguins, tmp_path, kind, most
):
    session = (penguins if kind == "elsewhere" else pasted).session
    if kind == "limited":
        options = msgspec.structs.replace(session.data.options, row_limit=24)
        session = replace(session, data=msgspec.structs.replace(session.data, options=options))
    path = tmp_path / "s.gmmdesk"

    def read_with(n_bytes):
        write_session(session, path, embed=pasted.dataset if kind == "inside" else None)
        with zipfile.ZipFile(path, "a", zipfile.ZIP_DEFLATED) as archive:
            archive.writestr("selected.bits", bytes(n_bytes))
        return read_session(path)[0]

    assert len(read_with(most).selected) == most
    with pytest.raises(ReadError, match=r"selected\.bits is larger than"):
        read_with(most + 1)


def test_archives_that_expand_or_have_many_parts_are_refused(penguins, tmp_path):
    path = tmp_path / "s.gmmdesk"
    write_session(penguins.session, path)
    with zipfile.ZipFile(path, "a") as archive:
        for i in range(container.MAX_PARTS):
            archive.writestr(f"more/{i}", b"")
    with pytest.raises(ReadError, match="parts that no session has"):
        read_session(path)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(JSON, b" " * (container.MAX_JSON_BYTES + 1))
    with pytest.raises(ReadError, match="larger than"):
        read_session(path)
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(JSON, b"{}")
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr(JSON, b"{}")
    with pytest.raises(ReadError, match="parts that no session has"):
        read_session(path)


# --- what goes wrong while writing -------------------------------------------------------------


def test_a_full_disk_leaves_the_earlier_file(penguins, tmp_path, monkeypatch):
    path = tmp_path / "s.gmmdesk"
    write_session(penguins.session, path)
    before = path.read_bytes()

    def full(*_):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(ExportError, match="no space left"):
        write_session(penguins.session, path, embed=penguins.dataset)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="only where there is a full device")
def test_a_device_that_is_full_is_named(penguins, tmp_path, monkeypatch):
    ordinary = Path.open

    def onto_full(path, mode="r", *rest, **options):
        if "x" in mode:
            return ordinary(Path("/dev/full"), mode.replace("x", "w"), *rest, **options)
        return ordinary(path, mode, *rest, **options)

    monkeypatch.setattr(Path, "open", onto_full)
    with pytest.raises(ExportError, match="no space left"):
        write_session(penguins.session, tmp_path / "s.gmmdesk")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_is_gone_is_named(penguins, tmp_path):
    with pytest.raises(ExportError, match="does not exist"):
        write_session(penguins.session, tmp_path / "drive" / "s.gmmdesk")


@pytest.mark.skipif(sys.platform != "linux", reason="where nobody may write is known of Linux")
def test_a_read_only_folder_is_named(penguins, tmp_path):
    tmp_path.chmod(0o555)
    # An administrator may write anywhere but where the kernel keeps its own.
    folder = Path("/sys/kernel") if os.geteuid() == 0 else tmp_path
    before = sorted(folder.iterdir())
    with pytest.raises(ExportError, match=r"write-protected|permission denied"):
        write_session(penguins.session, folder / "s.gmmdesk")
    assert sorted(folder.iterdir()) == before


def test_saving_and_opening_can_be_cancelled(penguins, tmp_path):
    path = tmp_path / "s.gmmdesk"
    task = Task()
    task.cancel()
    with pytest.raises(Cancelled):
        write_session(penguins.session, path, task=task)
    assert not path.exists()
    write_session(penguins.session, path)
    with pytest.raises(Cancelled):
        read_session(path, task)


def test_everything_about_a_fit_s_settings_is_kept():
    """A setting that is added to the engine is to be added to the record."""
    from gmmdesk.engine import FitSpec
    from gmmdesk.session.records import SpecRecord

    assert set(SpecRecord.__struct_fields__) == {field.name for field in fields(FitSpec)}


def refusing(place):
    pytest.fail(f"{place} was looked at")


@pytest.mark.parametrize("path", ["\\\\host\\share\\t.csv", "//host/share/t.csv", "\\/host\\t.csv"])
def test_a_table_on_another_computer_is_not_looked_at_unasked(
    penguins, tmp_path, monkeypatch, path
):
    data = msgspec.structs.replace(penguins.session.data, path=path, relative=None)
    write_session(replace(penguins.session, data=data), tmp_path / "s.gmmdesk")
    monkeypatch.setattr(tables, "open_table", lambda place, *_, **__: refusing(place))
    found = read_session(tmp_path / "s.gmmdesk")[1]
    assert found.dataset is None
    assert path in found.unasked
    assert path in found.problem.message


def test_outside_the_folder_of_a_session_only_what_is_allowed_is_read(tmp_path):
    (tmp_path / "near" / "deep").mkdir(parents=True)
    for folder in (tmp_path, tmp_path / "near", tmp_path / "near" / "deep"):
        (folder / "t.csv").write_text("a,b\n" + "".join(f"{i}.5,{i % 3}\n" for i in range(9)))
    session = tmp_path / "near" / "s.gmmdesk"

    def found(table, allowed):
        data = reference_to(open_table(str(table)), session)
        return tables.find_table(data, session, Task(), may_read=allowed)

    for inside in (tmp_path / "near" / "t.csv", tmp_path / "near" / "deep" / "t.csv"):
        assert found(inside, lambda _: False).dataset is not None
    outside = tmp_path / "t.csv"
    assert found(outside, lambda _: False).unasked == (str(outside),)
    assert found(outside, lambda place: place == str(outside)).dataset is not None
