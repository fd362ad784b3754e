"""JSON and JSON lines."""

from __future__ import annotations

import json

from tests.data.format_corpus.case import CONST, CSV, CSV_READ, ID, NUMBER, RECORDS, TEXT, Case

JSON = [
    Case("records.json", RECORDS, CSV_READ),
    Case("columns.json", '{"x": [1.5, 2.5, 0.5], "y": [2, 7, 1]}', CSV_READ),
    Case(
        "split.json",
        '{"columns":["x","y"],"index":[4,5,6],"data":[[1.5,2],[2.5,7],[0.5,1]]}',
        CSV_READ,
    ),
    Case("by row.json", '{"x":{"0":1.5,"1":2.5,"2":0.5},"y":{"0":2,"1":7,"2":1}}', CSV_READ),
    Case("rows.json", '[["x","y"],[1.5,2],[2.5,7],[0.5,1]]', CSV_READ),
    Case("lines.jsonl", '{"x":1.5,"y":2}\n\n{"x":2.5,"y":7}\r\n{"y":1,"x":0.5}', CSV_READ),
    Case("rows.ndjson", '["x","y"]\n[1.5,2]\n[2.5,7]\n[0.5,1]\n', CSV_READ),
    Case("mark.json", b"\xef\xbb\xbf \n" + RECORDS.encode(), CSV_READ),
    Case("utf16.json", RECORDS.encode("utf-16"), CSV_READ),
    Case("records.txt", RECORDS, CSV_READ, ("JSON file in spite of its ending",)),
    Case("table.json", CSV, CSV_READ, ("read as a text table",)),
    Case(
        "gaps.json",
        '[{"a":1},{"b":"x"},{"a":2.5,"b":""},null]',
        {"a": (NUMBER, [1.0, None, 2.5, None]), "b": (ID, [None, "x", None, None])},
    ),
    Case(
        "nested.json",
        '[{"p":{"q":1,"r":{"s":2}},"l":[1,2]},{"p":{"q":3,"r":{"s":5}},"l":[]}]',
        {"p.q": (NUMBER, [1, 3]), "p.r.s": (NUMBER, [2, 5]), "l": (ID, ["[1, 2]", "[]"])},
        ("columns of their own: p and p.r", "turned into text: l"),
    ),
    Case(
        "tables.json",
        '{"meta": {"v": 1}, "first": [{"x": 1}, {"x": 2}], "second": [{"z": 3}, {"z": 5}]}',
        {"z": (NUMBER, [3, 5])},
        sheet="second",
        sheets=("first", "second"),
    ),
    Case(
        "no such table.json",
        '{"first": [{"x": 1}]}',
        error="has no table 'other'. Its tables are: first",
        sheet="other",
    ),
    Case(
        "constants.json",
        '[{"x":NaN},{"x":1.5},{"x":2.5}]',
        {"x": (NUMBER, [None, 1.5, 2.5])},
        ("NaN, which is no JSON",),
    ),
    Case(
        "twice.json",
        '[{"x":1,"x":2},{"x":3}]',
        {"x": (NUMBER, [1, 3]), "x (2)": (CONST, [2, None])},
        ("come twice in a record were numbered: 'x'",),
    ),
    Case(
        "big numbers.json",
        '[{"id":12345678901234567890,"k":9007199254740993},{"id":1,"k":2}]',
        {"id": (ID, ["12345678901234567890", "1"]), "k": (ID, [9007199254740993, 2])},
    ),
    Case(
        "mixed.json",
        '[{"v":1},{"v":"two"},{"v":true},{"v":[3]}]',
        {"v": (ID, ["1", "two", "true", "[3]"])},
        ("turned into text: v",),
    ),
    Case(
        "truths.json",
        '[{"t":true,"x":1},{"t":false,"x":2},{"t":null,"x":4}]',
        {"t": (TEXT, [True, False, None]), "x": (NUMBER, [1, 2, 4])},
    ),
    Case(
        "names.json",
        json.dumps(
            [
                {"a\nb": 1, "c\x1b[31m": 2, "": 3, "=1+1": 4},
                {"a\nb": 5, "c\x1b[31m": 4, "": 9, "=1+1": 0},
            ]
        ),
        {
            "a b": (NUMBER, [1, 5]),
            "c\u241b[31m": (NUMBER, [2, 4]),
            "Column 3": (NUMBER, [3, 9]),
            "=1+1": (NUMBER, [4, 0]),
        },
        ("taken out of column names: 'a b' and 'c\u241b", "without a name were called Column 3"),
    ),
    Case("half a pair.json", '[{"s":"\\ud800"},{"s":"b"}]', {"s": (ID, ["?", "b"])}),
    Case("deep.json", "[" * 100_000, error="nested deeper than 32"),
    Case("deep cell.json", '[{"a":' + "[" * 40 + "]" * 40 + "}]", error="nested deeper than 32"),
    Case(
        "deep records.json",
        '[{"a":' + '{"a":' * 40 + "1" + "}" * 42 + "]",
        error="nested deeper|damaged",
    ),
    Case("comma.json", '[{"x":1},]', error="no JSON: .*line 1"),
    Case("cut.jsonl", '{"x":1}\n{"x":', error="no JSON"),
    Case("not utf-8.json", b'[{"x":"\xff"}]', error="no utf-8 text"),
    Case(
        "long number.json",
        '[{"x":' + "9" * 5_000 + '},{"x":1}]',
        {"x": ("identifier", ["9" * 5_000, "1"])},
    ),
    Case("uneven.json", '{"x":[1,2],"y":[1]}', error="from 1 to 2 values"),
    Case("wide row.json", '[["a"],[1,2]]', error="Row 1 .* has 2 cells"),
    Case("empty list.json", "[]", error="no rows|no table"),
    Case("single.json", '{"x": 1', error="no JSON"),
    Case("scalars and records.json", '[{"x": 1}, 2]', error="side by side"),
]
