"""How numbers look in an OpenDocument sheet, of which LibreOffice writes the styles so."""

from __future__ import annotations

import zipfile

import pytest

from gmmdesk.data import opendocument_formats
from gmmdesk.data.readers import options_of, read
from gmmdesk.data.workbook_formats import column_formats


def number(places, more=""):
    return f'<number:number number:decimal-places="{places}" number:min-integer-digits="1"{more}/>'


def style(kind, parts, more=""):
    return f'<number:{kind}-style style:name="D" {more}>{parts}</number:{kind}-style>'


def text(words):
    return f"<number:text>{words}</number:text>"


GROUPED = number(2, ' number:grouping="true"')
LONG = 'number:style="long"'
NEGATIVE = (
    '<style:text-properties fo:color="#FF0000"/>' + text("-") + number(1)
    + '<style:map style:condition="value(){}" style:apply-style-name="P"/>'
)  # fmt: skip
LOOKS = [
    (style("number", '<number:number number:min-integer-digits="1"/>'), ""),  # any number
    (style("percentage", number(1) + text("%")), "0.0%"),
    (style("number", GROUPED + text(" €")), '#,##0.00" €"'),
    (
        style("currency", "<number:currency-symbol>$</number:currency-symbol>" + GROUPED),
        '"$"#,##0.00',
    ),
    (style("number", number(3, ' number:min-decimal-places="1"')), "0.0##"),
    (
        style(
            "number",
            number(2, ' number:min-exponent-digits="2"').replace(":number ", ":scientific-number "),
        ),
        "0.00E+00",
    ),
    (
        style(
            "date",
            f"<number:day {LONG}/>{text('.')}<number:month {LONG}/><number:year {LONG}/>",
        ),
        "dd.mmyyyy",
    ),
    (
        style("date", '<number:day/><number:month number:textual="true"/><number:year/>'),
        "dmmmyy",
    ),
    (
        style(
            "time",
            f'<number:hours/>{text(":")}<number:seconds {LONG} number:decimal-places="1"/>',
            'number:truncate-on-overflow="false"',
        ),
        "[h]:ss.0",
    ),
    (style("time", text("--"), 'number:truncate-on-overflow="false"'), ""),
    (style("time", text("") + "<number:hours/>", 'number:truncate-on-overflow="false"'), "[h]"),
    (style("number", NEGATIVE.format("&gt;=0")), "0.00;[Red]-0.0"),
    (style("number", NEGATIVE.format("&gt;5")), ""),
    (style("number", "<number:fraction number:min-numerator-digits='1'/>"), ""),
    (style("number", number(999_999_999)), ""),
    (style("number", number("x")), ""),
    (style("number", text('a "b"')), ""),
    ("", ""),
]


@pytest.fixture
def sheet(tmp_path):
    """Writes a sheet S in B3, behind another one: as many columns as there are `cells`' styles."""
    names = "".join(
        f' xmlns:{name}="urn:oasis:names:tc:opendocument:xmlns:{urn}:1.0"'
        for name, urn in {
            "office": "office",
            "table": "table",
            "text": "text",
            "style": "style",
            "number": "datastyle",
            "fo": "xsl-fo-compatible",
        }.items()
    )

    def cell(value, name=""):
        given = f' table:style-name="{name}"' if name else ""
        kind = f'"float" office:value="{value}"' if isinstance(value, float) else '"string"'
        return (
            f"<table:table-cell{given} office:value-type={kind}><text:p>{value}</text:p>"
            "</table:table-cell>"
        )

    def write(data_style, cells, of_column=""):
        automatic = (
            '<style:style style:name="c" style:family="table-cell" style:parent-style-name="p"/>'
            '<style:style style:name="p" style:family="table-cell" style:data-style-name="D"/>'
            '<style:style style:name="d" style:family="table-cell" style:data-style-name="D"'
            ' style:parent-style-name="d"/>'
        )
        positive = style("number", number(2)).replace('"D"', '"P"')
        row = "<table:table-row><table:table-cell/>{}</table:table-row>"
        rows = row.format("".join(cell(f"n{j}") for j in range(len(cells))))
        for i in range(6):
            rows += row.format("".join(cell(i * j + 1.5, name) for j, name in enumerate(cells)))
        path = tmp_path / "t.ods"
        with zipfile.ZipFile(path, "w") as archive:
            archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
            archive.writestr(
                "META-INF/manifest.xml",
                '<m:manifest xmlns:m="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>',
            )
            styles = f"<office:styles>{data_style}{positive}</office:styles>"
            archive.writestr(
                "styles.xml", f"<office:document-styles{names}>{styles}</office:document-styles>"
            )
            archive.writestr(
                "content.xml",
                f"<office:document-content{names}>"
                f"<office:automatic-styles>{automatic}</office:automatic-styles>"
                "<office:body><office:spreadsheet>"
                f'<table:table table:name="Other"><table:table-row>{cell(1.5)}</table:table-row>'
                '</table:table><table:table table:name="S">'
                '<table:table-column table:number-columns-repeated="2"/>'
                f'<table:table-column table:default-cell-style-name="{of_column}"/>'
                '<table:table-row table:number-rows-repeated="2"><table:table-cell/>'
                f"</table:table-row>{rows}</table:table>"
                "</office:spreadsheet></office:body></office:document-content>",
            )
        return path

    return write


@pytest.mark.parametrize(("data_style", "code"), LOOKS)
def test_what_a_style_says_is_said_as_a_format_code(sheet, data_style, code):
    with sheet(data_style, ["c", "d"]).open("rb") as file:
        assert column_formats(file, "S", 4, 1, 2) == [code, code]


@pytest.fixture
def rewritten(tmp_path):
    """Writes a sheet again, with one of its parts as `change` makes it of its text."""

    def write(path, name, change):
        copied = tmp_path / "rewritten.ods"
        with zipfile.ZipFile(path) as archive, zipfile.ZipFile(copied, "w") as copy:
            for part in archive.namelist():
                text = archive.read(part).decode()
                if part == name:
                    assert change(text) != text
                    text = change(text)
                copy.writestr(part, text)
        return copied

    return write


DEEP = "<number:a-style>" * 50_000 + "</number:a-style>" * 50_000


@pytest.mark.usefixtures("parsers_here")
@pytest.mark.parametrize(
    ("part", "before", "after"),
    [
        ("styles.xml", "<office:document-styles", "<?xml version='1.0' encoding='none'?><a"),
        ("styles.xml", "</office:styles>", ""),
        ("styles.xml", LOOKS[1][0], DEEP),
        ("content.xml", 'columns-repeated="2"', 'columns-repeated="two"'),
    ],
)
def test_no_damage_to_the_styles_keeps_a_table_from_being_read(
    sheet, rewritten, part, before, after
):
    path = rewritten(sheet(LOOKS[1][0], ["c", "d"]), part, lambda text: text.replace(before, after))
    with path.open("rb") as file:
        assert set(column_formats(file, "S", 4, 1, 2)) <= {""}
    assert read(path).n_rows == 6


@pytest.mark.parametrize("limit", ["_MOST_ELEMENTS", "_MOST_IN_ROW"])
def test_no_more_of_a_row_is_looked_at_than_was_meant_to(monkeypatch, sheet, rewritten, limit):
    """Where it goes on without end, which here is its damage."""
    monkeypatch.setattr(opendocument_formats, limit, 60)
    path = sheet(LOOKS[1][0], ["c"] * 500)
    path = rewritten(path, "content.xml", lambda text: text[: len(text) // 8])
    with path.open("rb") as file:
        assert column_formats(file, "S", 4, 1, 2) == ["", ""]


@pytest.mark.usefixtures("parsers_here")
def test_the_style_of_a_column_is_that_of_its_cells(sheet):
    dataset = read(sheet(LOOKS[1][0], ["", "", "c"], of_column="c"))
    assert dataset.receipt.format == "OpenDocument"
    assert options_of("OpenDocument") == options_of("Excel") != ()
    columns = dataset.columns
    assert [column.number_format for column in columns] == ["", "0.0%", "0.0%"]
