"""Text that its format calls UTF-8, and is not."""

from __future__ import annotations

import io
import sqlite3

import numpy as np
import pytest

from gmmdesk.data.readers import read

pytestmark = pytest.mark.usefixtures("parsers_here")
NAMES = ["Zoë", "Käthe", "Jörg", "plain"]


def notes(dataset):
    return [note for note in dataset.receipt.notes if "not UTF-8" in note]


def test_of_numpy(file):
    sink = io.BytesIO()
    texts = [name.encode("cp1252") for name in NAMES]
    others = [b"a", b"b", "é".encode(), b"c"]
    np.save(sink, np.array([texts, texts[::-1], others]).T)
    dataset = read(file(sink.getvalue(), "t.npy"))
    assert dataset.column("x1").cells.to_pylist() == NAMES
    assert dataset.column("x3").cells.to_pylist() == ["a", "b", "é", "c"]
    assert len(notes(dataset)) == 1
    assert "'x1' and 'x2'." in notes(dataset)[0]


def test_of_a_database(tmp_path):
    path = tmp_path / "t.db"
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE t (who TEXT, fine TEXT)")
    for name in NAMES:
        connection.execute(
            "INSERT INTO t VALUES (CAST(? AS TEXT), ?)", (name.encode("cp1252"), name)
        )
    connection.commit()
    connection.close()
    dataset = read(path)
    assert dataset.column("who").cells.to_pylist() == NAMES
    assert dataset.column("fine").cells.to_pylist() == NAMES
    assert len(notes(dataset)) == 1
    assert "'who'." in notes(dataset)[0]


def test_of_late_lines_of_an_arff_file(file):
    rows = "".join(f"{i}.5, a{i % 7}\n" for i in range(100_000)).encode()
    late = b"1.5, " + "Jörg".encode("cp1252") + b"\n2.5, " + "Zoë".encode()
    header = b"@relation r\n@attribute x real\n@attribute s string\n@data\n"
    dataset = read(file(header + rows + late, "t.arff"))
    assert dataset.column("s").cells.to_pylist()[-2:] == ["Jörg", "Zoë"]
    assert "1 lines" in notes(dataset)[0]


def test_bytes_without_a_character_are_kept(file):
    sink = io.BytesIO()
    np.save(sink, np.array([b"a\x81", b"b"]))
    assert read(file(sink.getvalue(), "t.npy")).column("x1").cells.to_pylist() == ["a\x81", "b"]
