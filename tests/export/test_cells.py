"""Numbers in a local style: from a file, through a fit, to every kind of file."""

import csv

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.data.samples import open_table
from gmmdesk.export import write

# A local number, one that is plain as it stands, one that is plain but means another number
# here, one that cannot be read, and one that is missing; codes and dates are no numbers at all.
LENGTHS = ["8,1", "19", "1.234", "5,1cm", "NA", " +7,25", "-1e2", "1.000,5"]
READ = [8.1, 19.0, 1234.0, None, None, 7.25, -100.0, 1000.5]
WRITTEN = ["8.1", "19", "1234", "5,1cm", "NA", "7.25", "-1e2", "1000.5"]
ROWS = 24


@pytest.fixture(scope="module")
def german(tmp_path_factory):
    lines = ["Code;Datum;Länge;Breite"] + [
        f"{i:03d};{i % 28 + 1:02d}.03.2024;{LENGTHS[i % 8]};{i % 7},{i * 37 % 100:02d}"
        for i in range(ROWS)
    ]
    path = tmp_path_factory.mktemp("german") / "german.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    steps = analyse(
        open_table(path),
        Settings(columns=("Länge", "Breite"), k_max=1, models=("VVI",), restarts=1),
    )
    while True:
        try:
            next(steps)
        except StopIteration as end:
            return end.value


def test_the_table_is_read_as_these_tests_take_it(german):
    column = german.dataset.column("Länge")
    assert column.cells.to_pylist()[:8] == LENGTHS
    assert pa.array(column.parsed[:8], from_pandas=True).to_pylist() == READ
    assert len(german.dataset.column("Breite").unreadable) == 0


def test_text_files_hold_plain_numbers_and_what_could_not_be_read(german, tmp_path):
    write(german, tmp_path / "out.csv")
    with (tmp_path / "out.csv").open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["Länge"] for row in rows] == WRITTEN * 3
    assert [float(row["Breite"]) for row in rows] == german.dataset.column("Breite").parsed.tolist()
    assert [row["Code"] for row in rows] == [f"{i:03d}" for i in range(ROWS)]
    assert rows[1]["Datum"] == "02.03.2024"


def test_a_worksheet_holds_numbers_that_can_be_summed(german, tmp_path):
    write(german, tmp_path / "out.xlsx")
    sheet = openpyxl.load_workbook(tmp_path / "out.xlsx")["Rows"]
    codes, _, lengths, widths = (
        [cell.value for cell in column[1:]] for column in sheet.iter_cols(max_col=4)
    )
    assert lengths[:8] == [8.1, 19, 1234, "5,1cm", "NA", 7.25, -100, 1000.5]
    assert widths == german.dataset.column("Breite").parsed.tolist()
    assert codes == [f"{i:03d}" for i in range(ROWS)]


def test_parquet_has_numbers_where_every_cell_was_read(german, tmp_path):
    write(german, tmp_path / "out.parquet")
    table = pq.read_table(tmp_path / "out.parquet")
    assert table.schema.field("Breite").type == pa.float64()
    assert table["Breite"].to_pylist() == german.dataset.column("Breite").parsed.tolist()
    assert table["Länge"].to_pylist() == WRITTEN * 3
    assert table["Code"].to_pylist() == [f"{i:03d}" for i in range(ROWS)]
