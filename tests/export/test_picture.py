"""The clustered picture."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from PIL import Image

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.analysis.palette import PALETTE
from gmmdesk.errors import ExportError
from gmmdesk.export import check_target, endings_for, write
from gmmdesk.export.picture import clustered_picture

WIDTH, HEIGHT = 4, 3


@pytest.fixture
def picture(make):
    """An analysis of a picture of 4 x 3 pixels, whose sixth pixel is left out."""
    rng = np.random.default_rng(1)
    colors = {name: rng.integers(0, 256, 12).astype(np.uint8) for name in ("red", "green", "blue")}
    left_out = np.arange(12) == 5
    columns = {name: pa.array(cells, mask=left_out) for name, cells in colors.items()}
    columns["x"] = np.tile(np.arange(WIDTH), HEIGHT)
    columns["y"] = np.repeat(np.arange(HEIGHT), WIDTH)
    analysis = make(columns, ["red", "green", "blue"])
    receipt = replace(analysis.dataset.receipt, picture=(WIDTH, HEIGHT))
    return replace(analysis, dataset=replace(analysis.dataset, receipt=receipt))


def test_pixels_have_the_mean_colour_of_their_cluster(picture):
    pixels = clustered_picture(picture).reshape(-1, 4)
    labels, used = picture.rows.label, picture.prepared.rows
    for k in range(picture.n_clusters):
        rows = used[labels == k]
        for channel, name in enumerate(("red", "green", "blue")):
            values = [picture.dataset.column(name).cells[int(row)].as_py() for row in rows]
            assert set(pixels[rows, channel]) <= {round(float(np.mean(values)))}
        assert (pixels[rows, 3] == 255).all()
    assert pixels[5].tolist() == [0, 0, 0, 0]


def test_or_the_colour_of_the_palette(picture):
    labels = np.array(picture.rows.label)
    labels[0] = NO_CLUSTER
    picture = replace(picture, rows=replace(picture.rows, label=labels))
    pixels = clustered_picture(picture, "palette").reshape(-1, 4)[picture.prepared.rows]
    wanted = ["#808080", *(PALETTE[label] for label in labels[1:])]
    assert [f"#{bytes(pixel[:3].tolist()).hex().upper()}" for pixel in pixels] == wanted


def test_gray_of_many_levels_is_scaled(make):
    levels = np.array([0, 0, 65_535, 65_535], np.uint16)
    columns = {"gray": levels, "x": [0, 1, 0, 1], "y": [0, 0, 1, 1]}
    analysis = make(columns, ["gray", "x"])
    receipt = replace(analysis.dataset.receipt, picture=(2, 2))
    analysis = replace(
        analysis,
        dataset=replace(analysis.dataset, receipt=receipt),
        rows=replace(analysis.rows, label=np.array([0, 0, 1, 1], np.int32)),
    )
    assert clustered_picture(analysis)[..., 0].tolist() == [[0, 0], [255, 255]]


def test_it_is_written_as_png(picture, tmp_path):
    assert endings_for(picture.dataset)[-1] == ".png"
    path = tmp_path / "out.png"
    write(picture, path)
    with Image.open(io.BytesIO(path.read_bytes())) as image:
        assert image.size == (WIDTH, HEIGHT)
        assert (np.asarray(image) == clustered_picture(picture)).all()


def test_a_table_is_no_picture(analysis, tmp_path):
    assert ".png" not in endings_for(analysis.dataset)
    with pytest.raises(ExportError, match="did not come from a picture") as caught:
        check_target(tmp_path / "out.png", analysis.dataset)
    assert caught.value.hint.endswith(".parquet, .json, .html.")
    with pytest.raises(ExportError, match="not a picture"):
        clustered_picture(analysis)
