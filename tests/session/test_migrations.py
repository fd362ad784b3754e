"""Sessions of every version there was can be opened for ever."""

from __future__ import annotations

import json
import re
import zipfile
from pathlib import Path

import pytest

from gmmdesk.analysis import Settings, analyse
from gmmdesk.analysis.settings import Searched
from gmmdesk.data.seeds import LARGEST_SEED
from gmmdesk.errors import ReadError
from gmmdesk.session import migrations
from gmmdesk.session.files import read_session
from gmmdesk.session.migrations import MIGRATIONS, migrated
from gmmdesk.session.records import VERSION
from tests.running import finish
from tests.session.conftest import PASTED


# Written by the program when a version was new, and never changed since.
def _version(path):
    return int(path.stem.removeprefix("version"))


SAMPLES = sorted((Path(__file__).parent / "data").glob("version*.gmmdesk"), key=_version)


def test_there_is_a_sample_and_a_migration_for_every_version():
    assert [_version(path) for path in SAMPLES] == list(range(1, VERSION + 1))
    assert sorted(MIGRATIONS) == list(range(1, VERSION))


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_a_stored_session_opens(path):
    session, found = read_session(path)
    assert found.dataset.n_rows == 40
    assert found.dataset.columns[0].cells[3].as_py() == "003"
    assert session.settings == Settings(k_min=1, k_max=2, models=("VVV", "EEE"))
    assert session.answer.names()[0] == "Chinstrap, Adélie 🐧"
    assert dict(session.answer.given_colors) == {1: "#123456"}
    assert session.view.map.axes == ("height", 2)
    assert session.view.current_cluster == 1
    # Clusters have the colours and shapes of their numbers, unless a session says otherwise.
    assert session.answer.cluster_signs() == ((0, 1) if _version(path) < 5 else (2, 0))
    assert session.answer.outlier_level == (None if _version(path) < 6 else 0.01)
    tried = () if session.answer.difference is None else session.answer.difference.attempts
    assert [one.remedy for one in tried] == ["At most 2 clusters"] * (_version(path) >= 8)
    known = session.answer.difference and session.answer.difference.described
    assert (known is not None and known.n_powers) == ((0, 1) if _version(path) >= 10 else False)
    after = (Searched(k_min=1, k_max=3, models=("VVV", "EEE")),)
    assert session.answer.finding.after == (after if _version(path) >= 12 else ())
    # What was in sight before there was another scale is in sight again.
    assert session.view.map.as_prepared is (session.view.map.region is None)
    analysis = session.answer.finding.analysis(found.dataset)
    from gmmdesk.data.readers import read_text

    now = finish(analyse(read_text(PASTED), session.settings))
    assert analysis.result.log_likelihood == pytest.approx(now.result.log_likelihood, rel=1e-9)
    assert (analysis.rows.label == now.rows.label).all()


def test_migrations_are_made_one_after_the_other(tmp_path, monkeypatch):
    """An imagined past, in which seeds were called numbers and before that there were none."""
    steps = {
        -1: lambda json: {**json, "settings": {**json["settings"], "number": 7}},
        0: lambda json: {
            **json,
            "settings": {
                ("seed" if key == "number" else key): value
                for key, value in json["settings"].items()
            },
        },
    }
    with zipfile.ZipFile(SAMPLES[0]) as archive:
        parts = {info.filename: archive.read(info) for info in archive.infolist()}
    oldest = json.loads(parts["session.json"])
    oldest["version"] = -1
    del oldest["settings"]["seed"]
    parts["session.json"] = json.dumps(oldest).encode()
    path = tmp_path / "old.gmmdesk"
    with zipfile.ZipFile(path, "w") as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    table = {**steps, **{n: step for n, step in MIGRATIONS.items() if n >= 1}}
    monkeypatch.setattr(migrations, "MIGRATIONS", table)
    assert read_session(path)[0].settings.seed == 7


def test_a_version_that_never_was_is_refused():
    with pytest.raises(KeyError):
        migrated({"version": -5})


@pytest.mark.parametrize("view", ["[1]", '"all"', '{"map": 7}', '{"map": {"region": 7}}'])
def test_an_old_session_that_is_damaged_is_refused_as_a_new_one(tmp_path, view):
    old = tmp_path / "old.gmmdesk"
    path = next(one for one in SAMPLES if one.stem == "version8")
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(old, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            if name == "session.json":
                content = json.dumps(json.loads(content) | {"view": json.loads(view)}).encode()
            changed.writestr(name, content)
    with pytest.raises(ReadError):
        read_session(old)


@pytest.mark.parametrize("path", SAMPLES, ids=lambda path: path.stem)
def test_seeds_of_more_digits_than_can_be_typed_now_stay(tmp_path, path):
    old = tmp_path / "old.gmmdesk"
    with zipfile.ZipFile(path) as archive, zipfile.ZipFile(old, "w") as changed:
        for name in archive.namelist():
            content = archive.read(name)
            changed.writestr(name, re.sub(rb'"seed": ?\d+', b'"seed":%d' % LARGEST_SEED, content))
    assert read_session(old)[0].settings.seed == LARGEST_SEED
