"""The messages of an Arrow file, read one after the other, none of which may be compressed.

Arrow unpacks a compressed message at once and without a limit: a few kilobytes become gigabytes. It
does not say either whether one is compressed, so that is read here where the format has it. The
index at the end of the file, which may point anywhere, is not used.

Source: Apache Arrow Columnar Format 1.5, "Serialization and Interprocess Communication (IPC)", and
the tables Message and RecordBatch of its Message.fbs and FlatBuffers' binary format.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import Final

import pyarrow as pa

from gmmdesk.session.arrays import UnsoundError

_MAGIC: Final = b"ARROW1\x00\x00"
_HEADER: Final = 2  # of the fields of a Message, by number
_COMPRESSION: Final = 3  # of those of a RecordBatch


def plain_batches(content: bytes) -> tuple[pa.Schema, Iterator[pa.RecordBatch]]:
    """The schema and the rows of an Arrow file; nothing takes more memory than it has bytes.

    Raises UnsoundError, also while the rows are read, and what Arrow raises.
    """
    if not content.startswith(_MAGIC):
        raise UnsoundError("its table is no Arrow file")
    messages = iter(pa.ipc.MessageReader.open_stream(pa.py_buffer(content).slice(len(_MAGIC))))
    first = next(messages, None)
    if first is None or first.type != "schema":
        raise UnsoundError("its table has no columns")
    schema = pa.ipc.read_schema(first)
    return schema, (_batch(message, schema) for message in messages)


def _batch(message: pa.Message, schema: pa.Schema) -> pa.RecordBatch:
    if message.type != "record batch":
        raise UnsoundError("its table has parts that no session has")
    if _is_compressed(message.metadata.to_pybytes()):
        raise UnsoundError("its table is compressed in a way that no session has")
    return pa.ipc.read_record_batch(message, schema)


def _is_compressed(metadata: bytes) -> bool:
    try:
        (message,) = struct.unpack_from("<I", metadata)
        place = _field(metadata, message, _HEADER)
        if place is None:
            raise UnsoundError("its table is damaged")
        batch = place + struct.unpack_from("<I", metadata, place)[0]
        return _field(metadata, batch, _COMPRESSION) is not None
    except struct.error as error:
        raise UnsoundError("its table is damaged") from error


def _field(metadata: bytes, table: int, number: int) -> int | None:
    """Where a field of the FlatBuffers table at `table` is; None where it is absent."""
    index = table - struct.unpack_from("<i", metadata, table)[0]
    if index < 0:
        raise UnsoundError("its table is damaged")
    (n_bytes,) = struct.unpack_from("<H", metadata, index)
    entry = 4 + 2 * number
    if entry + 2 > n_bytes:
        return None
    (offset,) = struct.unpack_from("<H", metadata, index + entry)
    return table + offset if offset else None
