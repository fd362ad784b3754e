"""The clusters' colours, as eyes with and without a colour vision deficiency see them."""

import itertools

import numpy as np
import pytest

from gmmdesk.analysis.palette import NO_COLOR, PALETTE, color, readable, sign, signs_after

LIGHT, DARK = "#FFFFFF", "#1E242B"
# What linear sRGB becomes for who lacks a kind of cone (Machado, Oliveira and Fernandes, 2009,
# severity 1).
SEEN = {
    "all cones": np.eye(3),
    "protanopia": [
        [0.152286, 1.052583, -0.204868],
        [0.114503, 0.786281, 0.099216],
        [-0.003882, -0.048116, 1.051998],
    ],
    "deuteranopia": [
        [0.367322, 0.860646, -0.227968],
        [0.280085, 0.672501, 0.047413],
        [-0.011820, 0.042940, 0.968881],
    ],
    "tritanopia": [
        [1.255528, -0.076749, -0.178779],
        [-0.078411, 0.930809, 0.147602],
        [0.004733, 0.691367, 0.303900],
    ],
}
TO_XYZ = np.array(
    [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ]
)


def lab(name, eye):
    """CIELAB of an sRGB colour as an eye sees it (D65)."""
    srgb = np.array([int(name[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    linear = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    t = TO_XYZ @ np.clip(np.array(SEEN[eye]) @ linear, 0, 1) / TO_XYZ.sum(axis=1)
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


@pytest.mark.parametrize("eye", SEEN)
@pytest.mark.parametrize("paper", [LIGHT, DARK])
@pytest.mark.parametrize(("n", "least"), [(6, 16.0), (12, 13.0), (20, 10.0)])
def test_colours_differ_for_every_eye(eye, paper, n, least):
    """By many times what can just be told apart, a distance of about 2.3 (Mahy et al., 1994)."""
    names = [readable(name, paper) for name in PALETTE[:n]]
    places = [lab(name, eye) for name in (*names, NO_COLOR, paper)]
    gaps = [np.linalg.norm(a - b) for a, b in itertools.combinations(places[:n], 2)]
    assert min(gaps) >= least
    assert min(np.linalg.norm(a - places[-1]) for a in places[:n]) >= least  # from the paper


def test_white_and_black_are_where_they_belong():
    assert lab("#FFFFFF", "all cones") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#000000", "all cones") == pytest.approx([0, 0, 0], abs=1e-9)


@pytest.mark.parametrize(
    ("n", "kept", "signs"),
    [
        (3, {}, ()),
        (3, {0: 0, 1: 1, 2: 2}, ()),
        (2, {0: 1, 1: 0}, (1, 0)),
        (4, {0: 0, 2: 1, 3: 2}, (0, 3, 1, 2)),  # a new one gets what nobody has
        (3, {2: 0}, (1, 2, 0)),
        (2, {1: 24}, (0, 24)),
    ],
)
def test_clusters_keep_their_signs_and_new_ones_get_others(n, kept, signs):
    assert signs_after(n, kept) == signs
    every = [sign(k, signs) for k in range(n)]
    assert len(set(every)) == n
    assert all(every[k] == kept[k] for k in kept)
    assert sign(-1, signs) == -1


def test_there_are_twenty_and_then_they_repeat():
    assert len(set(PALETTE)) == 20
    assert color(20) == color(0)
