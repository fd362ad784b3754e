"""Session and model files with anything in them: an error in words or something sound.

GMMDESK_FUZZ=10000 in the environment tries so many cases of each kind instead of a few.
"""

from __future__ import annotations

import json
import tracemalloc
import zipfile
from contextlib import contextmanager, suppress
from dataclasses import replace
from io import BytesIO

import msgspec
import numpy as np
import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gmmdesk.errors import GmmdeskError, ReadError
from gmmdesk.export import write
from gmmdesk.export.model import load_model
from gmmdesk.export.model_file import ModelFile
from gmmdesk.session.files import read_session, write_session
from gmmdesk.session.past import Past, State
from gmmdesk.session.records import Session
from tests.fuzzing import cases

N_CASES = cases(25)
MOST_BYTES = 40 * 2**20  # that Python, NumPy and Arrow may allocate for files of some kilobytes

fuzzed = settings(max_examples=N_CASES, suppress_health_check=list(HealthCheck))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@pytest.fixture(scope="module")
def session_bytes(noisy, pasted, folder):
    """A session without a table, with noise and gaps; and one with its table inside."""
    contents = []
    for made, embed in ((noisy, None), (pasted, pasted.dataset)):
        session = replace(made.session, past=past_of(made.session), selected=bytes(range(5)))
        write_session(session, folder / "sound.gmmdesk", embed=embed)
        contents.append((folder / "sound.gmmdesk").read_bytes())
    return contents


def past_of(session):
    """A history with an answer that is another than the present one."""
    answer = session.answer._replace(finding=replace(session.answer.finding))
    settings, options = session.settings, session.data.options
    before = msgspec.structs.replace(options, decimal=",", missing_words=("none",))
    states = (State(settings, answer, before), State(settings, session.answer, options))
    return Past(states, ("finding clusters",), 1)


@pytest.fixture(scope="module")
def model_bytes(noisy, folder):
    write(noisy.analysis, folder / "sound.json")
    return (folder / "sound.json").read_bytes()


# --- mutations ---------------------------------------------------------------------------------


@st.composite
def mutated(draw, content):
    """`content` with some bytes changed, removed, repeated, moved or cut off."""
    content = bytearray(content)
    for _ in range(draw(st.integers(1, 6))):
        if not content:
            break
        at = draw(st.integers(0, len(content) - 1))
        length = draw(st.integers(1, 40))
        match draw(st.sampled_from(("set", "flip", "drop", "put", "repeat", "cut", "digit"))):
            case "set":
                content[at : at + length] = draw(st.binary(min_size=length, max_size=length))
            case "flip":
                content[at] ^= 1 << draw(st.integers(0, 7))
            case "drop":
                del content[at : at + length]
            case "put":
                content[at:at] = draw(st.binary(max_size=length))
            case "repeat":
                content[at:at] = content[at : at + length] * draw(st.integers(1, 20))
            case "cut":
                del content[at:]
            case "digit":
                content[at : at + 1] = draw(st.sampled_from((b"9" * 19, b"-", b"1e999", b"\xff")))
    return bytes(content)


VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats()
    | st.sampled_from((0, -1, 1, 2**31, 2**53, 1e308, -1e-320, "", "VVV", "EII", "sample:iris"))
    | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner),
    max_leaves=6,
)


@st.composite
def rewritten(draw, whole):
    """The JSON value `whole` with some values replaced, removed, doubled or exchanged."""
    whole = json.loads(json.dumps(whole))
    for _ in range(draw(st.integers(1, 4))):
        if not whole:
            break
        inner = whole
        while True:
            keys = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            key = draw(st.sampled_from(keys))
            is_leaf = not isinstance(inner[key], dict | list) or not inner[key]
            if is_leaf or draw(st.integers(0, 3)) == 0:
                break
            inner = inner[key]
        match draw(st.sampled_from(("replace", "remove", "double", "nudge"))):
            case "replace":
                inner[key] = draw(VALUES)
            case "remove":
                del inner[key]
            case "double" if isinstance(inner, list):
                inner.insert(key, inner[key])
            case "nudge" if isinstance(inner[key], int | float):
                inner[key] = inner[key] * draw(st.sampled_from((-1, 0, 2, 1e300, 1 + 1e-9)))
    return json.dumps(whole).encode()


def parts_of(content):
    with zipfile.ZipFile(BytesIO(content)) as archive:
        return {info.filename: archive.read(info) for info in archive.infolist()}


def archive_of(parts):
    file = BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return file.getvalue()


# --- what may come of it -----------------------------------------------------------------------


_pools = []  # what was allocated from them may live on


@contextmanager
def bounded():
    """Little may be allocated meanwhile; what Arrow allocates tracemalloc does not see."""
    before = pa.default_memory_pool()
    pool = pa.proxy_memory_pool(before)
    _pools.append(pool)
    pa.set_memory_pool(pool)
    tracemalloc.start()
    try:
        yield
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        pa.set_memory_pool(before)
        assert peak + pool.max_memory() < MOST_BYTES


def outcome(read, path, content):
    """What `read` makes of a file with this content: nothing but ReadError may be raised."""
    path.write_bytes(content)
    with bounded():
        try:
            return read(path)
        except ReadError:
            return None


def check_session(folder, content):
    found = outcome(read_session, folder / "s.gmmdesk", content)
    if found is None:
        return
    session, table = found
    assert isinstance(session, Session)
    if session.answer is not None and table.dataset is not None:
        # Another table may be named, or other settings; or numbers that are sound and absurd.
        with suppress(GmmdeskError), np.errstate(all="ignore"):
            session.answer.finding.analysis(table.dataset, n_threads=1)


def check_model(folder, content):
    model = outcome(load_model, folder / "m.json", content)
    assert model is None or isinstance(model, ModelFile)


@fuzzed
@given(st.data())
def test_sessions_of_mutated_bytes(session_bytes, folder, data):
    check_session(folder, data.draw(mutated(data.draw(st.sampled_from(session_bytes)))))


@fuzzed
@given(st.data())
def test_sessions_of_mutated_parts(session_bytes, folder, data):
    """Where the archive is whole, with the check sums of what is in it."""
    parts = parts_of(data.draw(st.sampled_from(session_bytes)))
    name = data.draw(st.sampled_from(sorted(parts)))
    parts[name] = data.draw(mutated(parts[name]))
    check_session(folder, archive_of(parts))


@fuzzed
@given(st.data())
def test_sessions_of_mutated_json(session_bytes, folder, data):
    parts = parts_of(data.draw(st.sampled_from(session_bytes)))
    parts["session.json"] = data.draw(rewritten(json.loads(parts["session.json"])))
    check_session(folder, archive_of(parts))


def rewritten_table(content, n_rows, options=None):
    """The session `content`, its table with as many rows of zeros and nothing."""
    parts = parts_of(content)
    schema = pa.ipc.open_file(parts["table.arrow"]).schema
    cells = {pa.string(): "", pa.bool_(): False}
    columns = [pa.repeat(pa.scalar(cells.get(kind, 0), kind), n_rows) for kind in schema.types]
    file = BytesIO()
    with pa.ipc.new_file(file, schema, options=options) as writer:
        writer.write_batch(pa.record_batch(columns, schema=schema))
    record = json.loads(parts["session.json"])
    record["table"]["n_rows"] = n_rows
    parts |= {"session.json": json.dumps(record).encode(), "table.arrow": file.getvalue()}
    return archive_of(parts)


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
def test_a_table_that_grows_when_it_is_unpacked_is_refused(session_bytes, folder, codec):
    path = folder / "bomb.gmmdesk"
    path.write_bytes(
        rewritten_table(session_bytes[1], 4_000_000, pa.ipc.IpcWriteOptions(compression=codec))
    )
    assert path.stat().st_size < 2_000_000
    with bounded(), pytest.raises(ReadError, match="compressed in a way that no session has"):
        read_session(path)


def test_what_arrow_unpacks_is_measured(session_bytes):
    """Else no test here could fail."""
    options = pa.ipc.IpcWriteOptions(compression="zstd")
    parts = parts_of(rewritten_table(session_bytes[1], 4_000_000, options))
    with pytest.raises(AssertionError), bounded():
        pa.ipc.open_file(parts["table.arrow"]).read_all()


def test_a_table_that_is_not_compressed_is_read(session_bytes, folder):
    found = outcome(read_session, folder / "s.gmmdesk", rewritten_table(session_bytes[1], 100))
    assert found is not None
    assert found[1].dataset.n_rows == 100


@fuzzed
@given(st.data())
def test_models_of_mutated_bytes(model_bytes, folder, data):
    check_model(folder, data.draw(mutated(model_bytes)))


@fuzzed
@given(st.data())
def test_models_of_mutated_json(model_bytes, folder, data):
    check_model(folder, data.draw(rewritten(json.loads(model_bytes))))
