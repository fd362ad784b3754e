"""Awkward files, each with the reading that is expected of it.

A file is a few lines, written by the test that reads it. What is not said is not checked, but every
case says all columns that it is about.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import xlsxwriter

from gmmdesk.data.options import Kind

NAN = math.nan
INF = math.inf


@dataclass(frozen=True)
class Expected:
    """A column: its kind; its cells as kept, or its numbers (nan where there is none)."""

    kind: str
    cells: list[object] | None = None
    numbers: list[float] | None = None
    unreadable: tuple[int, ...] = ()  # places in the file: lines, or rows of the sheet
    unit: str = ""
    order: str = ""


@dataclass(frozen=True)
class Case:
    """A file and its reading: columns by name, questions as (option, columns), words of notes."""

    name: str
    content: str | bytes | Callable[[Path], None]
    columns: dict[str, Expected]
    questions: tuple[tuple[str, tuple[str, ...]], ...] = ()
    options: dict[str, Any] = field(default_factory=dict)
    suffix: str = ".csv"
    encoding: str = "utf-8"
    decimal: str | None = None
    thousands: str | None = None
    delimiter: str | None = None
    found_encoding: str | None = None
    notes: str = ""


def number(*values: float, unreadable: tuple[int, ...] = (), unit: str = "") -> Expected:
    return Expected("number", numbers=list(values), unreadable=unreadable, unit=unit)


def text(*cells: object) -> Expected:
    return Expected("text", cells=list(cells))


def identifier(*cells: object) -> Expected:
    return Expected("identifier", cells=list(cells))


def date(*cells: object, order: str = "", unreadable: tuple[int, ...] = ()) -> Expected:
    return Expected("date", cells=list(cells), order=order, unreadable=unreadable)


def sheet(*rows: list[object], name: str = "Data", at: tuple[int, int] = (0, 0)) -> Any:
    """What writes a workbook with these rows, the first cell `at` (row, column)."""

    def write(path: Path) -> None:
        with xlsxwriter.Workbook(path) as book:
            page = book.add_worksheet(name)
            for i, row in enumerate(rows):
                for j, cell in enumerate(row):
                    if cell is not None:
                        page.write(at[0] + i, at[1] + j, cell)

    return write


PRICE = ("decimal", ("price",))

CASES = (
    # --- decimal marks and thousands -----------------------------------------------------------
    Case(
        "decimal commas after semicolons",
        "x;y\n0,9;a\n1,25;b\n-3,5;a\n",
        {"x": number(0.9, 1.25, -3.5), "y": text("a", "b", "a")},
        decimal=",",
        delimiter=";",
    ),
    Case(
        "decimal commas in quotes after commas",
        'x,y\n"0,9",a\n"1,25",b\n"-3,5",a\n',
        {"x": number(0.9, 1.25, -3.5), "y": text("a", "b", "a")},
        decimal=",",
        delimiter=",",
    ),
    Case(
        "points that may group thousands",
        "price,y\n1.234,a\n2.500,b\n3.125,a\n",
        {"price": number(1.234, 2.5, 3.125), "y": text("a", "b", "a")},
        questions=(PRICE,),
    ),
    Case(
        "commas that may be decimal marks",
        'price,y\n"1,234",a\n"2,500",b\n"3,125",a\n',
        {"price": number(1234, 2500, 3125), "y": text("a", "b", "a")},
        questions=(PRICE,),
    ),
    Case(
        "points that may group thousands, after semicolons",
        "price;y\n1.234;a\n2.500;b\n3.125;a\n",
        {"price": number(1234, 2500, 3125), "y": text("a", "b", "a")},
        questions=(PRICE,),
    ),
    Case(
        "the same with the answer that points are decimal marks",
        "price;y\n1.234;a\n2.500;b\n3.125;a\n",
        {"price": number(1.234, 2.5, 3.125), "y": text("a", "b", "a")},
        options={"decimal": "."},
        decimal=".",
    ),
    Case(
        "the same with the answer that points group thousands",
        "price,y\n1.234,a\n2.500,b\n3.125,a\n",
        {"price": number(1234, 2500, 3125), "y": text("a", "b", "a")},
        options={"thousands": "."},
        thousands=".",
    ),
    Case(
        "points in one column, commas in another, neither of them proof",
        "price;size\n1.234;2,500\n2.500;1,125\n3.125;7,250\n",
        {"price": number(1234, 2500, 3125), "size": number(2.5, 1.125, 7.25)},
        questions=(PRICE, ("decimal", ("size",))),
    ),
    Case(
        "another column proves what the marks mean",
        "price;size\n1.234;0,5\n2.500;1,75\n3.125;3,25\n",
        {"price": number(1234, 2500, 3125), "size": number(0.5, 1.75, 3.25)},
        decimal=",",
        thousands=".",
    ),
    Case(
        "two columns prove the opposite, a third is open",
        "price;a;b\n1.234;0,5;0.5\n2.500;1,75;1.75\n3.125;3,25;3.25\n",
        {
            "price": number(1.234, 2.5, 3.125),
            "a": number(0.5, 1.75, 3.25),
            "b": number(0.5, 1.75, 3.25),
        },
        questions=(PRICE,),
    ),
    Case(
        "a single cell late in the file proves it",
        "price,n\n" + "1.234,4\n" * 6_000 + "0.5,4\n" + "1.234,5\n" * 6_000,
        {"price": number(*[1.234] * 6_000, 0.5, *[1.234] * 6_000)},
        decimal=".",
    ),
    Case(
        "several groups prove themselves",
        "price;y\n1.234.567;a\n2.500;b\n3.125;a\n",
        {"price": number(1234567, 2500, 3125), "y": text("a", "b", "a")},
        decimal=",",
        thousands=".",
    ),
    Case(
        "both marks in one cell",
        'price,y\n"1,234.50",a\n"2,500.25",b\n"3,125.75",a\n',
        {"price": number(1234.5, 2500.25, 3125.75), "y": text("a", "b", "a")},
        decimal=".",
        thousands=",",
    ),
    Case(
        "thousands with no-break spaces",
        "price;y\n1\u00a0234,5;a\n2\u00a0500,25;b\n7;a\n",
        {"price": number(1234.5, 2500.25, 7), "y": text("a", "b", "a")},
        decimal=",",
    ),
    Case(
        "thousands with narrow no-break spaces, in Latin-1's absence",
        "price;y\n1\u202f234,5;a\n2\u202f500,25;b\n7;a\n",
        {"price": number(1234.5, 2500.25, 7), "y": text("a", "b", "a")},
        encoding="utf-16",
    ),
    Case(
        "Swiss thousands",
        "price;y\n1'234.5;a\n2'500.25;b\n7;a\n",
        {"price": number(1234.5, 2500.25, 7), "y": text("a", "b", "a")},
        thousands="'",
        decimal=".",
    ),
    Case(
        "one cell in another style is unreadable",
        "x;y\n0,9;a\n1,25;b\n3.5.1;a\n2,5;a\n1,5;b\n",
        {
            "x": number(0.9, 1.25, NAN, 2.5, 1.5, unreadable=(4,)),
            "y": text("a", "b", "a", "a", "b"),
        },
        decimal=",",
    ),
    Case(
        "a chosen decimal point makes commas unreadable",
        "x;y\n1.5;a\n2,5;b\n3.5;a\n4.5;b\n",
        {"x": number(1.5, NAN, 3.5, 4.5, unreadable=(3,)), "y": text("a", "b", "a", "b")},
        options={"decimal": ".", "thousands": ""},
    ),
    Case(
        "nothing before the group: a point behind a zero groups no thousands",
        "x;y\n0.962;0,5\n1.234;1,75\n0.875;3,25\n1.5;2,5\n",
        {"x": number(0.962, 1.234, 0.875, 1.5), "y": number(0.5, 1.75, 3.25, 2.5)},
    ),
    Case(
        "some points are decimal marks among decimal commas, others could group thousands",
        "x;y\n0,9;a\n1,25;b\n1.234;a\n2,5;a\n7.68;b\n" + "1,5;b\n" * 9,
        {
            "x": number(0.9, 1.25, NAN, 2.5, NAN, *[1.5] * 9, unreadable=(4, 6)),
            "y": text("a", "b", "a", "a", "b", *"b" * 9),
        },
        decimal=",",
        thousands="",
        notes="others, such as '7.68', a decimal point: these could not be read",
    ),
    Case(
        "as many with either decimal mark",
        "x;y\n0,962;a\n7.68;b\n8.833;a\n9,107;b\n14.935;b\n",
        {"x": identifier("0,962", "7.68", "8.833", "9,107", "14.935"), "y": text(*"ababb")},
        notes="a decimal point: it was left as text",
    ),
    Case(
        "one cell with a decimal point where another proves that points group thousands",
        "x;y\n1.234,5;a\n7.68;b\n8.833;a\n9,1;b\n1,5;b\n2,5;b\n",
        {
            "x": number(1234.5, NAN, 8833, 9.1, 1.5, 2.5, unreadable=(3,)),
            "y": text(*"ababbb"),
        },
        decimal=",",
        thousands=".",
    ),
    # --- signs around numbers ------------------------------------------------------------------
    Case(
        "percent signs",
        "share,y\n12%,a\n7.5 %,b\n-3%,a\n",
        {"share": number(12, 7.5, -3), "y": text("a", "b", "a")},
        notes="percent signs",
    ),
    Case(
        "currency with local marks",
        "paid;y\n5 €;a\n1.250,50 €;b\n3 €;a\n",
        {"paid": number(5, 1250.5, 3), "y": text("a", "b", "a")},
        decimal=",",
        thousands=".",
        notes="euro signs",
    ),
    Case(
        "typographic minus signs",
        "x,y\n\u22121.5,a\n2.5,b\n\u22120.25,a\n",
        {"x": number(-1.5, 2.5, -0.25), "y": text("a", "b", "a")},
    ),
    Case(
        "numbers at the ends of the range",
        "x,y\n1.5e308,a\n-1.5e308,b\n1e-308,a\n5e-324,b\n",
        {"x": number(1.5e308, -1.5e308, 1e-308, 5e-324), "y": text("a", "b", "a", "b")},
    ),
    Case(
        "infinities",
        "x,y\ninf,a\n1.5,b\n-Infinity,a\n",
        {"x": number(INF, 1.5, -INF), "y": text("a", "b", "a")},
    ),
    # --- what is no number ---------------------------------------------------------------------
    Case(
        "leading zeros",
        "zip,x\n00123,1.5\n10115,2.5\n80331,4.5\n",
        {"zip": identifier("00123", "10115", "80331"), "x": number(1.5, 2.5, 4.5)},
    ),
    Case(
        "long numbers",
        "iban,x\n12345678901234567890,1.5\n12345678901234567891,2.5\n12345678901234567892,4.5\n",
        {
            "iban": identifier(*(f"1234567890123456789{i}" for i in range(3))),
            "x": number(1.5, 2.5, 4.5),
        },
    ),
    Case(
        "versions",
        "v,x\n1.9,1.5\n1.10,2.5\n1.11,4.5\n",
        {"v": Expected("number", cells=["1.9", "1.10", "1.11"]), "x": number(1.5, 2.5, 4.5)},
    ),
    Case(
        "truths",
        "ok,x\nTRUE,1.5\nFALSE,2.5\nTRUE,4.5\n",
        {"ok": text("TRUE", "FALSE", "TRUE"), "x": number(1.5, 2.5, 4.5)},
    ),
    Case(
        "words for missing values, of programs and of people",
        "x,y\n1.5,a\nNA,b\nn/a,a\n-999,b\n2.5,a\n4,b\n",
        {
            "x": Expected(
                "number",
                cells=["1.5", "NA", "n/a", "-999", "2.5", "4"],
                numbers=[1.5, NAN, NAN, -999, 2.5, 4],
                unreadable=(4,),
            ),
            "y": text("a", "b", "a", "b", "a", "b"),
        },
    ),
    Case(
        "the same with the words that were chosen",
        "x,y\n1.5,a\nNA,b\nn/a,a\n-999,b\n2.5,a\n4,b\n",
        {
            "x": Expected(
                "number",
                cells=["1.5", "NA", "n/a", "-999", "2.5", "4"],
                numbers=[1.5, NAN, NAN, NAN, 2.5, 4],
            ),
            "y": text("a", "b", "a", "b", "a", "b"),
        },
        options={"missing_words": ("n/a", "-999")},
    ),
    # --- dates ---------------------------------------------------------------------------------
    Case(
        "ISO dates",
        "day,x\n2019-01-05,1.5\n2019-02-28,2.5\n2019-02-30,4.5\n",
        {
            "day": date(
                "2019-01-05", "2019-02-28", "2019-02-30", order="year-first", unreadable=(4,)
            ),
            "x": number(1.5, 2.5, 4.5),
        },
    ),
    Case(
        "dates with points",
        "day;x\n5.1.2019;1,5\n6.1.2019;2,5\n17.1.2019;4,5\n",
        {
            "day": date("5.1.2019", "6.1.2019", "17.1.2019", order="day-first"),
            "x": number(1.5, 2.5, 4.5),
        },
    ),
    Case(
        "American dates that prove themselves",
        "day,x\n1/5/2019,1.5\n12/31/2019,2.5\n2/2/2019,4.5\n",
        {
            "day": date("1/5/2019", "12/31/2019", "2/2/2019", order="month-first"),
            "x": number(1.5, 2.5, 4.5),
        },
    ),
    Case(
        "dates that may be read both ways",
        "day,x\n1/5/2019,1.5\n2/6/2019,2.5\n3/3/2019,4.5\n",
        {"day": date("1/5/2019", "2/6/2019", "3/3/2019"), "x": number(1.5, 2.5, 4.5)},
        questions=(("date_order", ("day",)),),
    ),
    Case(
        "the same with the answer",
        "day,x\n1/5/2019,1.5\n2/6/2019,2.5\n3/3/2019,4.5\n",
        {
            "day": date("1/5/2019", "2/6/2019", "3/3/2019", order="day-first"),
            "x": number(1.5, 2.5, 4.5),
        },
        options={"date_order": "day-first"},
    ),
    Case(
        "one column of dates proves the other",
        "born,seen\n1/5/2019,13/5/2019\n2/6/2019,30/6/2019\n3/4/2019,4/7/2019\n",
        {
            "born": date("1/5/2019", "2/6/2019", "3/4/2019", order="day-first"),
            "seen": date("13/5/2019", "30/6/2019", "4/7/2019", order="day-first"),
        },
    ),
    Case(
        "dates with names of months and times",
        "day,at\n5-Jan-2019,10:30\n6-Feb-2019,11:15\n7-Mar-2019,9:45\n",
        {
            "day": date("5-Jan-2019", "6-Feb-2019", "7-Mar-2019"),
            "at": date("10:30", "11:15", "9:45"),
        },
    ),
    Case(
        "dates without separators",
        "day,x\n20200101,1.5\n19991231,2.5\n20240229,4.5\n",
        {"day": date(20200101, 19991231, 20240229), "x": number(1.5, 2.5, 4.5)},
    ),
    # --- headers -------------------------------------------------------------------------------
    Case(
        "a row of units",
        "length,mass,name\ncm,kg,\n1.5,2,a\n3.25,4,b\n2,7,a\n",
        {
            "length": number(1.5, 3.25, 2, unit="cm"),
            "mass": number(2, 4, 7, unit="kg"),
            "name": text("a", "b", "a"),
        },
        notes="units",
    ),
    Case(
        "a row of units, of which one is not known, of a table that begins with a number",
        "alcohol;acid;hue;kind\n% vol;g/l;lux;\n11,5;2;3;a\n12,5;3,5;4;b\n13;4;5;a\n",
        {
            "alcohol": number(11.5, 12.5, 13, unit="% vol"),
            "acid": number(2, 3.5, 4, unit="g/l"),
            "hue": number(3, 4, 5, unit="lux"),
            "kind": text("a", "b", "a"),
        },
        notes="units",
    ),
    Case(
        "units in brackets",
        "length,mass\n[cm],(kg)\n1.5,2\n3.25,4\n2,7\n",
        {"length": number(1.5, 3.25, 2, unit="[cm]"), "mass": number(2, 4, 7, unit="(kg)")},
    ),
    Case(
        "a row of units whose first cells are empty",
        "name,group,length,score\n,,cm,bloops\na,x,1.5,2\nb,y,3.25,4\nc,x,2,7\n",
        {
            "name": Expected("identifier", cells=["a", "b", "c"]),
            "length": number(1.5, 3.25, 2, unit="cm"),
            "score": number(2, 4, 7, unit="bloops"),
        },
        notes="none of the rows: cm and bloops",
    ),
    Case(
        "a row of values without a name is no row of units",
        "name,length,score\n,bloops,refused\na,1.5,2\nb,3.25,4\nc,2,7\nd,3,5\n",
        {"length": number(NAN, 1.5, 3.25, 2, 3, unreadable=(2,))},
    ),
    Case(
        "a row of units that is none of them by choice",
        "length,name\ncm,a\n1.5,b\n3.25,a\n2,b\n4,a\n",
        {"length": number(NAN, 1.5, 3.25, 2, 4, unreadable=(2,))},
        options={"units_row": False},
    ),
    Case(
        "a row of units that is one by choice",
        "length,name\nbloops,wide\n1.5,b\n3.25,a\n2,b\n4,a\n",
        {
            "length": number(1.5, 3.25, 2, 4, unit="bloops"),
            "name": Expected("text", cells=["b", "a", "b", "a"], unit="wide"),
        },
        options={"units_row": True},
    ),
    Case(
        "a row of units that is longer than the header",
        "length,name\nbloops,wide,\n1.5,b\n3.25,a\n2,b\n4,a\n",
        {"length": number(1.5, 3.25, 2, 4, unit="bloops")},
        options={"units_row": True},
    ),
    Case(
        "two header rows",
        "Size,,Colour\nlength,width,hue\n1.5,2,r\n3.25,4,g\n2,7,r\n",
        {
            "Size length": number(1.5, 3.25, 2),
            "Size width": number(2, 4, 7),
            "Colour hue": text("r", "g", "r"),
        },
        options={"header_rows": 2},
    ),
    Case(
        "two header rows, the upper one like a title",
        "Size,,\nlength,width,hue\n1.5,2,r\n3.25,4,g\n2,7,r\n",
        {"Size length": number(1.5, 3.25, 2), "Size width": number(2, 4, 7)},
        options={"header_rows": 2},
    ),
    Case(
        "no header",
        "1.5,2\n3.25,4\n2.75,7\n",
        {"Column 1": number(1.5, 3.25, 2.75), "Column 2": number(2, 4, 7)},
        notes="numbered",
    ),
    Case(
        "names that look like values by choice",
        "1.5,2\n3.25,4\n2.75,7\n2.5,4\n",
        {"1.5": number(3.25, 2.75, 2.5), "2": number(4, 7, 4)},
        options={"header_rows": 1},
    ),
    Case(
        "values that look like names by choice",
        "a,b\nx,y\nx,z\n",
        {"Column 1": text("a", "x", "x"), "Column 2": identifier("b", "y", "z")},
        options={"header_rows": 0},
    ),
    Case(
        "junk above the header",
        "Measured in March\n\nby the second team\nx,y\n1.5,2\n3.25,4\n2.75,7\n",
        {"x": number(1.5, 3.25, 2.75), "y": number(2, 4, 7)},
        notes="“Measured in March” and “by the second team”",
    ),
    Case(
        "junk like a table above the header, skipped by choice",
        "site,north\nteam,2\nx,y\n1.5,2\n3.25,4\nx7,7\n2.75,7\n4.5,1\n",
        {"x": number(1.5, 3.25, NAN, 2.75, 4.5, unreadable=(6,)), "y": number(2, 4, 7, 7, 1)},
        options={"skip_rows": 2},
    ),
    Case(
        "duplicated and empty names",
        "x,,x,x (2),\n1.5,2,3,4,5\n2.5,3,4,5,7\n2.75,9,9,9,9\n",
        {
            "x": number(1.5, 2.5, 2.75),
            "Column 2": number(2, 3, 9),
            "x (3)": number(3, 4, 9),
            "x (2)": number(4, 5, 9),
            "Column 5": number(5, 7, 9),
        },
        notes="'x' to 'x (3)'",
    ),
    # --- delimiters, quotes, lines -------------------------------------------------------------
    Case("tabs", "x\ty\n1.5\ta b\n2.5\tc, d\n4\ta b\n", {"x": number(1.5, 2.5, 4)}, delimiter="\t"),
    Case("bars", "x|y\n1.5|a\n2.5|b\n4|a\n", {"x": number(1.5, 2.5, 4)}, delimiter="|"),
    Case(
        "spaces that align columns",
        "x     y\n1.5   2\n10.25 4\n2.75  7\n",
        {"x": number(1.5, 10.25, 2.75), "y": number(2, 4, 7)},
        suffix=".txt",
        delimiter=" ",
    ),
    Case(
        "a delimiter of one's own",
        "x^y\n1.5^2\n3.25^4\n2.75^7\n",
        {"x": number(1.5, 3.25, 2.75), "y": number(2, 4, 7)},
        options={"delimiter": "^"},
        delimiter="^",
    ),
    Case(
        "single quotes by choice",
        "x,y\n1.5,'a, b'\n2.5,'c'\n4,'a, b'\n",
        {"x": number(1.5, 2.5, 4), "y": text("a, b", "c", "a, b")},
        options={"quote": "'"},
    ),
    Case(
        "no quotes by choice",
        'x,y\n1.5,"a\n2.5,b"\n4,"a\n',
        {"x": number(1.5, 2.5, 4), "y": text('"a', 'b"', '"a')},
        options={"quote": ""},
    ),
    Case(
        "delimiters, quotes and line ends in quotes",
        'x,y\n1.5,"a, ""b"""\n2.5,"two\nlines"\nx4,c\n4.5,c\n5.5,c\n',
        {
            "x": number(1.5, 2.5, NAN, 4.5, 5.5, unreadable=(5,)),
            "y": text('a, "b"', "two\nlines", "c", "c", "c"),
        },
    ),
    Case(
        "trailing delimiters",
        "x,y\n1.5,a,\n2.5,b,\n4,a,\n",
        {"x": number(1.5, 2.5, 4), "y": text("a", "b", "a")},
        notes="beyond the last column",
    ),
    Case(
        "ragged lines",
        "x,y,z\n1.5,2,3\n2.5\n4,5\n4.5,6,7\n",
        {
            "x": number(1.5, 2.5, 4, 4.5),
            "y": number(2, NAN, 5, 6),
            "z": number(3, NAN, NAN, 7),
        },
        notes="too few cells",
    ),
    Case(
        "blank lines",
        "x,y\n\n1.5,2\n\n\nx2,4\n4,7\n4.5,6\n\n",
        {"x": number(1.5, NAN, 4, 4.5, unreadable=(6,)), "y": number(2, 4, 7, 6)},
        notes="blank line",
    ),
    Case(
        "line ends of old Macintoshes",
        "x,y\r1.5,a\r2.5,b\r4,a\r",
        {"x": number(1.5, 2.5, 4), "y": text("a", "b", "a")},
    ),
    Case(
        "the first line states the delimiter",
        "sep=;\nx;y\n1,5;a\n2,5;b\n4;a\n",
        {"x": number(1.5, 2.5, 4), "y": text("a", "b", "a")},
        delimiter=";",
    ),
    # --- encodings -----------------------------------------------------------------------------
    Case(
        "a byte order mark",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4), "y": text("é", "b", "é")},
        encoding="utf-8-sig",
        found_encoding="utf-8-sig",
    ),
    Case(
        "a byte order mark and the encoding by choice",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4)},
        encoding="utf-8-sig",
        options={"encoding": "UTF-8"},
    ),
    Case(
        "UTF-16",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4), "y": text("é", "b", "é")},
        encoding="utf-16",
        found_encoding="utf-16",
    ),
    Case(
        "UTF-16 without a mark",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4)},
        encoding="utf-16-be",
        found_encoding="utf-16-be",
    ),
    Case(
        "UTF-16 without a mark and the encoding by choice",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4)},
        encoding="utf-16-be",
        options={"encoding": "utf-16"},
    ),
    Case(
        "Latin-1",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4), "y": text("é", "b", "é")},
        encoding="latin-1",
        found_encoding="cp1252",
        notes="was read as cp1252",
    ),
    Case(
        "Windows-1252",
        "größe €,y\n1.5,“é”\n2.5,b\n4,“é”\n",
        {"größe €": number(1.5, 2.5, 4), "y": text("“é”", "b", "“é”")},
        encoding="cp1252",
        found_encoding="cp1252",
    ),
    Case(
        "an old encoding by choice",
        "größe,y\n1.5,é\n2.5,b\n4,é\n",
        {"größe": number(1.5, 2.5, 4), "y": text("é", "b", "é")},
        encoding="cp850",
        options={"encoding": "cp850"},
        found_encoding="cp850",
    ),
    # --- choices of kinds and rows -------------------------------------------------------------
    Case(
        "kinds by choice",
        "a,b,c,d,e\n1,007,1.50,x,5\n2,008,2.25,y,6x\n1,112,3.00,x,8y\n2,113,4.75,y,1\n",
        {
            "a": Expected("category", cells=["1", "2", "1", "2"]),
            "b": Expected("number", numbers=[7, 8, 112, 113], cells=["007", "008", "112", "113"]),
            "c": text("1.50", "2.25", "3.00", "4.75"),
            "d": Expected("left out", cells=["x", "y", "x", "y"]),
            "e": number(5, NAN, NAN, 1, unreadable=(3, 4)),
        },
        options={
            "kinds": (
                ("a", Kind.CATEGORY),
                ("b", Kind.NUMBER),
                ("c", Kind.TEXT),
                ("d", Kind.LEAVE_OUT),
                ("e", Kind.NUMBER),
            )
        },
    ),
    Case(
        "a column that names rows by choice",
        "a,b\n5,1.5\n9,2.5\n2,4.5\n",
        {"a": identifier("5", "9", "2"), "b": number(1.5, 2.5, 4.5)},
        options={"kinds": (("a", Kind.IDENTIFIER),)},
    ),
    Case(
        "a question that a kind answers",
        "price,y\n1.234,a\n2.500,b\n3.125,a\n",
        {"price": text("1.234", "2.500", "3.125")},
        options={"kinds": (("price", Kind.TEXT),)},
    ),
    Case(
        "the first rows",
        'x,y\n1.5,"a\nb"\n\nx2,c\n4,c\n4.5,d\n5.5,d\n',
        {"x": number(1.5, NAN, 4, unreadable=(5,)), "y": text("a\nb", "c", "c")},
        options={"row_limit": 3},
        notes="first 3 rows",
    ),
    # --- workbooks -----------------------------------------------------------------------------
    Case(
        "a sheet with numbers as text",
        sheet(["price", "y"], ["1,5", "a"], ["2,25", "b"], ["x", "a"], ["4", "a"], ["3", "a"]),
        {"price": number(1.5, 2.25, NAN, 4, 3, unreadable=(4,))},
        suffix=".xlsx",
        decimal=",",
    ),
    Case(
        "a sheet with numbers as text that leave it open",
        sheet(["price", "y"], ["1.234", "a"], ["2.500", "b"], ["3.125", "a"]),
        {"price": number(1.234, 2.5, 3.125)},
        questions=(PRICE,),
        suffix=".xlsx",
    ),
    Case(
        "a table far from the corner",
        sheet(["x", "y"], [1.5, 2], ["?!", 4], [4, 7], [3.5, 7], [2.5, 1], at=(4, 3)),
        {"x": number(1.5, NAN, 4, 3.5, 2.5, unreadable=(7,)), "y": number(2, 4, 7, 7, 1)},
        suffix=".xlsx",
    ),
    Case(
        "a range of cells",
        sheet(
            ["note", None, None, "total"],
            [None, "x", "y", 99],
            [None, 1.5, 2, 99],
            [None, 2.5, 4, 99],
            [None, 4, 7, 99],
            [None, "end", "end", 99],
        ),
        {"x": number(1.5, 2.5, 4), "y": number(2, 4, 7)},
        options={"cell_range": "B2:C5"},
        suffix=".xlsx",
    ),
    Case(
        "columns of a sheet that lie right of the first one filled",
        sheet(["a", "x", "y"], [9, 1.5, 2], [9, 2.5, 4], [9, 4, 7], at=(0, 2)),
        {"x": number(1.5, 2.5, 4), "y": number(2, 4, 7)},
        options={"cell_range": "D:E"},
        suffix=".xlsx",
    ),
    Case(
        "two header rows and units on a sheet",
        sheet(
            ["Size", None, "Name"],
            ["length", "mass", None],
            ["cm", "kg", None],
            [1.5, 2, "a"],
            [2.5, 4, "b"],
            [4, 7, "a"],
        ),
        {
            "Size length": number(1.5, 2.5, 4, unit="cm"),
            "Size mass": number(2, 4, 7, unit="kg"),
            "Name": text("a", "b", "a"),
        },
        options={"header_rows": 2},
        suffix=".xlsx",
    ),
    Case(
        "rows of a sheet to skip",
        sheet(["a", "b"], [1, 2], ["x", "y"], [1.5, 2], [2.5, 4], [4, 7]),
        {"x": number(1.5, 2.5, 4), "y": number(2, 4, 7)},
        options={"skip_rows": 2},
        suffix=".xlsx",
    ),
    Case(
        "numbers of a sheet that stand for missing values",
        sheet(["x", "y"], [1.5, 2], [-999, 4], [4, -999], [2.5, 1]),
        {"x": number(1.5, NAN, 4, 2.5), "y": number(2, 4, NAN, 1)},
        options={"missing_words": ("-999",)},
        suffix=".xlsx",
    ),
)
