import json
from dataclasses import replace

import msgspec
import numpy as np
import pytest

from gmmdesk.errors import ExportError, ReadError
from gmmdesk.export import model, write
from gmmdesk.export.model import fitted_model, load_model


@pytest.fixture
def saved(analysis, tmp_path):
    path = tmp_path / "model.json"
    write(analysis, path, names=["Tall", "Small"])
    return path


def test_reads_back_exactly(analysis, saved):
    loaded = load_model(saved)
    result = analysis.result
    np.testing.assert_array_equal(loaded.weights, result.weights)
    np.testing.assert_array_equal(loaded.means, result.means)
    np.testing.assert_array_equal(loaded.covariances, result.covariances)
    np.testing.assert_array_equal(loaded.scaling.center, analysis.prepared.center)
    np.testing.assert_array_equal(loaded.scaling.scale, analysis.prepared.scale)
    assert loaded.columns == ("height", "width")
    assert loaded.cluster_names == ("Tall", "Small")
    assert (loaded.criteria.log_likelihood, loaded.criteria.bic) == (
        result.log_likelihood,
        result.bic,
    )
    assert loaded.provenance.settings == analysis.settings
    assert loaded.provenance.rows_left_out == {
        "missing: height; missing: width": 1,
        "missing: height": 1,
        "missing: width": 1,
    }


def test_has_exactly_the_fields_of_the_format(saved):
    assert list(json.loads(saved.read_text("utf-8"))) == [
        *("format", "version", "columns", "scaling", "model", "weights", "means"),
        *("covariances", "fitted", "cluster_names", "criteria", "provenance"),
    ]


def test_says_what_counts_as_an_outlier_where_the_user_has_chosen_it(analysis, tmp_path):
    write(replace(analysis, outlier_level=0.05), tmp_path / "model.json")
    assert fitted_model(load_model(tmp_path / "model.json")).outlier_level == 0.05


def test_scores_rows_as_the_analysis_does(analysis, noisy, tmp_path):
    for one in (analysis, noisy):
        write(one, tmp_path / "model.json", names=["Tall", "Small"])
        loaded = fitted_model(load_model(tmp_path / "model.json"), "model.json")
        direct = one.fitted_model(["Tall", "Small"])
        assert loaded.columns == direct.columns
        assert loaded.names == direct.names
        assert loaded.origin.startswith("model.json, fitted to folder/table.csv on 20")
        assert loaded.outlier_level == 0.001
        for field in ("center", "scale"):
            np.testing.assert_array_equal(getattr(loaded, field), getattr(direct, field))
        for field in ("weights", "means", "covariances"):
            np.testing.assert_array_equal(
                getattr(loaded.scaled, field), getattr(direct.scaled, field)
            )
    assert loaded.scaled.noise.log_density == direct.scaled.noise.log_density


def test_without_the_scale_of_the_fit_the_units_of_the_file_do(noisy, tmp_path):
    path = tmp_path / "model.json"
    write(noisy, path)
    content = json.loads(path.read_text("utf-8"))
    del content["fitted"]
    path.write_text(json.dumps(content), "utf-8")
    loaded, scaled = fitted_model(load_model(path)).scaled, noisy.scaled.parameters
    np.testing.assert_allclose(loaded.means, scaled.means, rtol=1e-12, atol=1e-14)
    np.testing.assert_allclose(loaded.covariances, scaled.covariances, rtol=1e-12)
    assert loaded.noise.log_density == pytest.approx(scaled.noise.log_density, rel=1e-12)


@pytest.mark.parametrize(
    ("path", "words"),
    [
        (["means", 0, 0], "not the same mixture"),
        (["covariances", 1, 0, 1], "not the same mixture"),
        (["noise", "edges", 0, 0], "not the same mixture"),
        (["noise", "origin", 0], "not the same mixture"),
        (["noise"], "whether there is noise"),
        (["means"], "shape"),
    ],
)
def test_two_mixtures_in_one_file_are_refused(noisy, tmp_path, path, words):
    target = tmp_path / "model.json"
    write(noisy, target)
    content = json.loads(target.read_text("utf-8"))
    place = content["fitted"]
    for key in path[:-1]:
        place = place[key]
    was = place[path[-1]]
    place[path[-1]] = (
        was + 1e-3 if isinstance(was, float) else was[:1] if path != ["noise"] else None
    )
    target.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ReadError, match=words):
        load_model(target)


@pytest.mark.parametrize("factor", [1e200, 1e300])
def test_a_mixture_on_a_scale_without_end_is_refused(noisy, tmp_path, factor):
    target = tmp_path / "model.json"
    write(noisy, target)
    content = json.loads(target.read_text("utf-8"))
    content["scaling"]["scale"] = [factor * one for one in content["scaling"]["scale"]]
    target.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ReadError, match="not the same mixture"):
        load_model(target)


@pytest.mark.parametrize(
    ("path", "value", "words"),
    [
        (["format"], "other", "format"),
        (["version"], 2, "newer gmmdesk"),
        (["version"], 0, "version"),
        (["unknown"], 1, "unknown"),
        (["model"], "XYZ", "model"),
        (["weights"], [0.5, 0.6], "add up to 1"),
        (["weights"], [1.0], "cluster_names"),
        (["weights"], [1.5, -0.5], "weights"),
        (["weights", 0], None, "weights"),
        (["weights", 0], "0.5", "weights"),
        (["means", 0], [1.0], "ragged"),
        (["means"], [[1.0], [2.0]], "2 x 2"),
        (["covariances", 0, 0, 0], -1.0, "positive definite"),
        (["covariances", 0, 0, 0], 0.0, "positive definite"),
        (["covariances", 0, 0, 1], 0.5, "symmetric"),
        (["covariances", 1], [[1.0, 2.0], [2.0, 1.0]], "positive definite"),
        (["covariances"], [], "2 x 2 x 2"),
        (["cluster_names"], ["a", "a"], "different names"),
        (["cluster_names"], ["a", ""], "cluster_names"),
        (["columns"], ["a", "a"], "named twice"),
        (["columns"], ["a", "b", "c"], "must have the shape"),
        (["scaling", "method"], "magic", "magic"),
        (["scaling", "scale", 0], 0.0, "positive"),
        (["criteria", "n_parameters"], 0, "n_parameters"),
        (["provenance", "settings", "models"], ["QQQ"], "QQQ"),
    ],
)
def test_every_field_is_checked(saved, path, value, words):
    content = json.loads(saved.read_text("utf-8"))
    place = content
    for key in path[:-1]:
        place = place[key]
    place[path[-1]] = value
    saved.write_text(json.dumps(content), "utf-8")
    with pytest.raises(ReadError, match=words) as caught:
        load_model(saved)
    assert str(saved) in caught.value.message
    assert caught.value.hint


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xff\xfe",
        b"[]",
        b"null",
        b"[" * 100_000,
        b'{"format": "gmmdesk-model", "version": 1}',
    ],
)
def test_other_files_are_refused(tmp_path, data):
    path = tmp_path / "model.json"
    path.write_bytes(data)
    with pytest.raises(ReadError, match="no sound model"):
        load_model(path)


@pytest.mark.parametrize("number", ["NaN", "Infinity", "1e999"])
def test_numbers_that_are_not_finite_are_refused(saved, number):
    text = saved.read_text("utf-8")
    weight = msgspec.json.encode(load_model(saved).means[0][0]).decode()
    assert weight in text
    saved.write_text(text.replace(weight, number), "utf-8")
    with pytest.raises(ReadError):
        load_model(saved)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ReadError, match=r"absent\.json cannot be read"):
        load_model(tmp_path / "absent.json")


def test_the_size_is_limited_both_ways(analysis, saved, monkeypatch):
    size = saved.stat().st_size
    monkeypatch.setattr(model, "MAX_BYTES", size - 1)
    with pytest.raises(ReadError, match="larger than"):
        load_model(saved)
    monkeypatch.setattr(model, "MAX_BYTES", 100)
    with pytest.raises(ExportError, match="model file holds"):
        write(analysis, saved.with_name("other.json"))


def test_noise_is_kept_and_checked(noisy, tmp_path):
    path = tmp_path / "noisy.json"
    write(noisy, path)
    kept, noise = load_model(path).noise, noisy.result.noise
    assert (kept.weight, kept.log_density) == (noise.weight, noise.log_density)
    np.testing.assert_array_equal(kept.origin, noise.region.origin)
    np.testing.assert_array_equal(kept.edges, noise.region.edges)
    whole = json.loads(path.read_text("utf-8"))
    for field, value, words in (
        ("weight", 0.5, "add up to 1"),
        ("weight", 1.5, "weight"),
        ("log_density", 0.0, "log_density"),
        ("origin", [0.0], "noise.origin"),
        ("edges", [[1.0, 0.0], [1.0]], "noise.edges"),
        ("edges", [[1.0, 1.0], [1.0, 1.0]], "log_density"),
        ("region", 1, "region"),
    ):
        path.write_text(json.dumps(whole | {"noise": whole["noise"] | {field: value}}), "utf-8")
        with pytest.raises(ReadError, match=words):
            load_model(path)
