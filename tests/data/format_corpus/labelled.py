"""Files of SPSS, Stata and SAS."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat

from tests.data.format_corpus.case import CONST, DATE, ID, NUMBER, TEXT, Case, Make


def stat(write: Any, columns: dict[str, list[Any]], **how: Any) -> Make:
    return lambda path: write(pd.DataFrame(columns), path, **how)


def nameless(path: Path) -> None:
    pyreadstat.write_sav(pd.DataFrame({"income": [5.0, 2.0, 5.0]}), path)
    path.write_bytes(path.read_bytes().replace(b"INCOME", bytes(6), 1))


SURVEY = {
    "sex": [1.0, 2.0, 1.0, None],
    "income": [1200.5, 999.0, 830.25, 2000.0],
    "city": ["Köln", "", "Málaga", "Köln"],
}
STATISTICS = [
    Case(
        "labels.sav",
        stat(
            pyreadstat.write_sav,
            SURVEY,
            column_labels={"sex": "Sex of the respondent", "income": "Income\nper month"},
            variable_value_labels={"sex": {1: "male", 2: "female"}, "income": {999: "refused"}},
            missing_ranges={"income": [999]},
        ),
        {
            "sex": (TEXT, ["male", "female", "male", None]),
            "income": (NUMBER, ["1200.5", "refused", "830.25", "2000"]),
            "city": (TEXT, ["Köln", None, "Málaga", "Köln"]),
        },
        ("labels in sex", r"calls missing count as such: income \(999 'refused' 1 time\)"),
        labels={"sex": "Sex of the respondent", "income": "Income per month"},
    ),
    Case(
        "packed.zsav",
        stat(pyreadstat.write_sav, SURVEY, compress=True),
        {
            "sex": (NUMBER, [1, 2, 1, None]),
            "income": (NUMBER, [1200.5, 999.0, 830.25, 2000.0]),
            "city": (TEXT, ["Köln", None, "Málaga", "Köln"]),
        },
    ),
    Case(
        "scale.sav",
        stat(
            pyreadstat.write_sav,
            {"age": [1.0, 2.0, 3.5]},
            variable_value_labels={"age": {1.0: "one", 2.0: "two", 3.5: "more"}},
            variable_measure={"age": "scale"},
        ),
        {"age": (NUMBER, [1.0, 2.0, 3.5])},
        ("Numbers were kept",),
    ),
    Case(
        "same labels.sav",
        stat(
            pyreadstat.write_sav,
            {"score": [2.0, 1.0, 3.0]},
            variable_value_labels={"score": {1: "other", 2: "other", 3: "yes"}},
        ),
        {"score": (NUMBER, [2, 1, 3])},
        ("without a label of their own",),
    ),
    Case(
        "dates.sav",
        stat(
            pyreadstat.write_sav,
            {
                "day": [dt.date(2020, 2, 29), dt.date(1583, 1, 1), None],
                "moment": [dt.datetime(2020, 1, 1, 5, 6, 7)] * 3,
            },
        ),
        {
            "day": (DATE, [dt.date(2020, 2, 29), dt.date(1583, 1, 1), None]),
            "moment": (DATE, [dt.datetime(2020, 1, 1, 5, 6, 7)] * 3),
        },
    ),
    Case(
        "late dates.sav",
        stat(pyreadstat.write_sav, {"day": [1e13, 2e13, 3e13]}, variable_format={"day": "DATE11"}),
        {"day": (NUMBER, [1e13, 2e13, 3e13])},
        ("Dates were left as numbers",),
    ),
    Case(
        "portable.por",
        stat(pyreadstat.write_por, {"X": [1.5, -2.0, None], "NAME": ["a", "b", "a"]}),
        {"X": (NUMBER, [1.5, -2.0, None]), "NAME": (TEXT, ["a", "b", "a"])},
    ),
    Case("no name.sav", nameless, {"Column 1": (NUMBER, [5, 2, 5])}, ("were called Column 1",)),
    Case("no rows.sav", stat(pyreadstat.write_sav, {"x": np.empty(0)}), error="has no rows"),
    Case("cut.sav", b"$FL2@(#) SPSS DATA FILE", error="damaged or cut short"),
    Case(
        "labels.dta",
        stat(
            pyreadstat.write_dta,
            {"sex": [1.0, 2.0, 1.0], "n": [3, 100_000, 5], "t": ["é", "日本", ""]},
            variable_value_labels={"sex": {1: "male", 2: "female"}},
            column_labels=["", "how many", ""],
        ),
        {
            "sex": (TEXT, ["male", "female", "male"]),
            "n": (NUMBER, [3, 100_000, 5]),
            "t": (ID, ["é", "日本", None]),
        },
        ("labels in sex",),
        labels={"n": "how many"},
    ),
    Case(
        "codes.dta",
        stat(
            pyreadstat.write_dta,
            {"age": [31.5, "a", "b", 44.0, None], "job": [1, "c", 2, 1, 1]},
            missing_user_values={"age": ["a", "b"], "job": ["c"]},
            variable_value_labels={"age": {"a": "refused"}, "job": {1: "yes", 2: "no", "c": "?"}},
        ),
        {
            "age": (NUMBER, ["31.5", "refused", ".b", "44", None]),
            "job": (TEXT, ["yes", "?", "no", "yes", "yes"]),
        },
        (
            "labels in job",
            r"age \(\.a 'refused' 1 time and \.b 1 time\) and job \(\.c '\?' 1 time\)",
        ),
    ),
    Case(
        "old.dta",
        stat(pyreadstat.write_dta, {"x": [1.5, None, 2.0]}, version=8),
        {"x": (NUMBER, [1.5, None, 2.0])},
    ),
    Case(
        "transport.xpt",
        stat(pyreadstat.write_xport, {"x": [1.5, None, 2.0], "s": ["a", "b", "a"]}),
        {"x": (NUMBER, [1.5, None, 2.0]), "s": (TEXT, ["a", "b", "a"])},
    ),
    Case(
        "one row.xpt",
        stat(pyreadstat.write_xport, {"x": [1.5]}, file_format_version=5),
        {"x": (CONST, [1.5])},
    ),
]
