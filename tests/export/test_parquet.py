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
    assert table.schema.equals(schema(analysis, typed_cells))
    assert table.equals(pa.Table.from_batches(list(batches(analysis, Task(), typed_cells))))
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
