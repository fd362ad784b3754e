"""Arrow files, SQLite databases and ARFF files."""

from __future__ import annotations

import datetime as dt
import io
import sqlite3
from pathlib import Path

import pyarrow as pa
import pyarrow.feather
import pyarrow.parquet

from tests.data.format_corpus.case import DATE, ID, NUMBER, TEXT, Case, Make

ARROW_TABLE = pa.table(
    {
        "x": [1.5, 2.5, None],
        "c": pa.array(["a", "b", "a"]).dictionary_encode(),
        "d": pa.array([0, 1, 2], pa.date32()),
        "l": [[1], None, [2, 3]],
        "b": [b"\xff", b"", None],
    }
)
ARROW_READ = {
    "x": (NUMBER, [1.5, 2.5, None]),
    "c": (TEXT, ["a", "b", "a"]),
    "d": (DATE, [dt.date(1970, 1, 1), dt.date(1970, 1, 2), dt.date(1970, 1, 3)]),
    "l": (ID, ["[1]", None, "[2, 3]"]),
    "b": (ID, ["ff", "", None]),
}
ARROW_NOTES = ("lists or records were turned into text: l", "bytes were turned into text")


def arrow_stream(table: pa.Table) -> bytes:
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as stream:
        stream.write_table(table)
    return sink.getvalue()


def twice_named() -> bytes:
    arrays = [pa.array([1.5, 2.0]), pa.array([3, 5])]
    return arrow_stream(pa.Table.from_arrays(arrays, ["x", "x"]))


ARROW = [
    Case(
        "t.feather",
        lambda path: pa.feather.write_feather(ARROW_TABLE, path),
        ARROW_READ,
        ARROW_NOTES,
    ),
    Case("t.arrows", arrow_stream(ARROW_TABLE), ARROW_READ, ARROW_NOTES),
    Case(
        "twice.arrows",
        twice_named(),
        {"x": (NUMBER, [1.5, 2.0]), "x (2)": (NUMBER, [3, 5])},
        ("Repeated column names",),
    ),
    Case("no rows.arrows", arrow_stream(ARROW_TABLE.slice(0, 0)), error="has no rows"),
    Case("cut.arrow", arrow_stream(ARROW_TABLE)[:300], error="damaged"),
    Case("head.feather", b"ARROW1\0\0" + b"\xff" * 40, error="damaged"),
]


def database(script: str) -> Make:
    def make(path: Path) -> None:
        connection = sqlite3.connect(path)
        connection.executescript(script)
        connection.commit()
        connection.close()

    return make


TWO_TABLES = """
    CREATE TABLE bare (a);
    CREATE TABLE "odd ""name" (k INTEGER, x REAL, v);
    INSERT INTO "odd ""name" VALUES (3, 1.5, x'00ff'), (9, NULL, 'text'), (4, 2.5, 7);
    CREATE VIEW double AS SELECT 2 * x AS twice, k FROM "odd ""name" WHERE x NOT NULL;
"""
ENDLESS = """
    CREATE TABLE t (n); INSERT INTO t VALUES (1), (2);
    CREATE VIEW endless AS
        WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r) SELECT n FROM r;
    CREATE VIEW huge AS SELECT replace(hex(zeroblob(100000000)), '00', 'ab') AS s FROM t;
"""
VIRTUAL = """
    CREATE VIRTUAL TABLE search USING fts5(body); INSERT INTO search VALUES ('a');
    CREATE TABLE plain (x); INSERT INTO plain VALUES (1.5), (2.5);
"""
TABLES = ("bare", 'odd "name', "double")
DATABASES = [
    Case(
        "first.sqlite",
        database(TWO_TABLES),
        {
            "k": (NUMBER, [3, 9, 4]),
            "x": (NUMBER, [1.5, None, 2.5]),
            "v": (ID, ["00ff", "text", "7"]),
        },
        sheets=TABLES,
    ),
    Case(
        "view.db",
        database(TWO_TABLES),
        {"twice": (NUMBER, [3.0, 5.0]), "k": (NUMBER, [3, 4])},
        sheet="double",
        sheets=TABLES,
    ),
    Case("no such.db", database(TWO_TABLES), error="has no table 'x'", sheet="x"),
    Case("empty table.db", database(TWO_TABLES), error="Table 'bare' .* is empty", sheet="bare"),
    Case("no table.db", database("CREATE TABLE t (a)"), error="no table with rows"),
    Case("endless.db", database(ENDLESS), error="does more than select", sheet="endless"),
    Case("huge cell.db", database(ENDLESS), error="does more than select|damaged", sheet="huge"),
    Case(
        "virtual.db",
        database(VIRTUAL),
        {"x": (NUMBER, [1.5, 2.5])},
        ("Virtual tables, .*: search",),
        sheets=("plain",),
    ),
    Case(
        "log.db",
        database("PRAGMA journal_mode=WAL; CREATE TABLE t (x); INSERT INTO t VALUES (1.5), (2)"),
        {"x": (NUMBER, [1.5, 2.0])},
        sheets=("t",),
    ),
    Case(
        "codes.db",
        database("CREATE TABLE t (c TEXT, n); INSERT INTO t VALUES ('007', 1.5), ('012', 3)"),
        {"c": (ID, ["007", "012"]), "n": (NUMBER, [1.5, 3.0])},
        sheets=("t",),
    ),
    Case("cut.db", b"SQLite format 3\0" + bytes(200), error="damaged|no table"),
]

ARFF_HEAD = """% made by hand
@RELATION 'a b'
@attribute width\tNUMERIC
@attribute 'the colour' {red, 'dark blue'}
@attribute note string
@attribute n integer
@attribute n date 'yyyy-MM-dd'
@data
"""
ARFF = [
    Case(
        "dense.arff",
        ARFF_HEAD
        + "1.5,red,'hi, there',3,'2020-01-02'\n% remark\n?,?,?,?,?\n"
        + "2,'dark blue',é,7,'2021-02-03'\n",
        {
            "width": (NUMBER, [1.5, None, 2.0]),
            "the colour": (ID, ["red", None, "dark blue"]),
            "note": (ID, ["hi, there", None, "é"]),
            "n": (NUMBER, [3, None, 7]),
            "n (2)": (DATE, ["2020-01-02", None, "2021-02-03"]),
        },
        ("'n' to 'n \\(2\\)'",),
    ),
    Case(
        "sparse.arff",
        "@relation r\n@attribute a numeric\n@attribute b {x, y}\n@attribute c numeric\n@data\n"
        "{0 2, 1 y}\n{2 7.5}\n{}\n",
        {"a": (NUMBER, [2, 0, 0]), "b": (TEXT, ["y", "x", "x"]), "c": (NUMBER, [0.0, 7.5, 0.0])},
    ),
    Case(
        "no integer.arff",
        "@relation r\n@attribute a integer\n@data\n3.7\n1\n2.2\n",
        {"a": (NUMBER, [3.7, 1.0, 2.2])},
    ),
    Case("no rows.arff", ARFF_HEAD, error="no rows"),
    Case("few cells.arff", ARFF_HEAD + "1.5,red\n", error="damaged"),
    Case("unknown value.arff", ARFF_HEAD + "1,green,a,1,b\n", error="damaged"),
    Case(
        "far index.arff",
        "@relation r\n@attribute a numeric\n@data\n{999999999 1}\n",
        error="damaged",
    ),
]
