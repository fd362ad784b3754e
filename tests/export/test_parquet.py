import pyarrow as pa
import pyarrow.parquet as pq

from gmmdesk.export import parquet, write
from gmmdesk.export.cells import typed_cells
from gmmdesk.export.rows import batches, schema
from gmmdesk.task import Task


def test_reads_back_with_its_types(analysis, tmp_path):
    path = tmp_path / "out.parquet"
    write(analysis, path)
    table = pq.read_table(path)
    cells_of = typed_cells(analysis.dataset.columns)
    assert table.schema.equals(schema(analysis, cells_of))
    assert table.equals(pa.Table.from_batches(list(batches(analysis, Task(), cells_of))))
    assert table.schema.field("code").type == pa.string()
    assert table.schema.field("gmm_outlier").type == pa.bool_()
    assert table.schema.field("gmm_cluster").type == pa.int32()


def test_rows_are_gathered_into_groups(analysis, tmp_path, monkeypatch):
    monkeypatch.setattr("gmmdesk.export.rows.LEAST_ROWS", 8)
    monkeypatch.setattr("gmmdesk.export.rows.BATCH_CELLS", 1)
    monkeypatch.setattr(parquet, "GROUP_ROWS", 16)
    path = tmp_path / "out.parquet"
    write(analysis, path)
    metadata = pq.read_metadata(path)
    assert [metadata.row_group(i).num_rows for i in range(3)] == [16, 16, 8]
