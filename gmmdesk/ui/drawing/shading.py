"""What a row's cluster, and how sure it is, look like; rows of no cluster are grey."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QColor

from gmmdesk.analysis import NO_CLUSTER
from gmmdesk.ui.colors import cluster_color, rgb
from gmmdesk.ui.drawing.schemes import Scheme
from gmmdesk.ui.drawing.tiles import parts
from gmmdesk.ui.theme import Opacity

CodeArray = npt.NDArray[np.uint16]
FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]
RowArray = npt.NDArray[np.int32]

CERTAINTIES = 6  # steps from "could be any" to "certain"
UNKNOWN = 0  # the code of a row whose cluster is not known


class Coded(Protocol):
    """The codes of rows, by their numbers: an array of them, or what finds them out when asked."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | IntArray | RowArray, /) -> CodeArray: ...


@dataclass(frozen=True, slots=True, eq=False)
class ByCluster:
    """The codes of rows with these clusters or NO_CLUSTER, and probabilities of them, (n,) each."""

    label: npt.NDArray[np.int32]
    probability: FloatArray
    n_clusters: int

    def __len__(self) -> int:
        return len(self.label)

    def __getitem__(self, rows: slice | IntArray | RowArray) -> CodeArray:
        return encode(self.label[rows], self.probability[rows], self.n_clusters)


@dataclass(frozen=True, slots=True, eq=False)
class Shading:
    """The codes of rows: UNKNOWN, else 1 + (1 + cluster) * CERTAINTIES + certainty.

    The cluster is NO_CLUSTER for rows that belong to none. `rows` are those that the codes
    are about, sorted, None for every row. Where a `scheme` says what the colours mean, its groups
    stand in the clusters' place.
    """

    coded: Coded
    n_clusters: int
    rows: IntArray | None = None
    scheme: Scheme | None = None

    @property
    def codes(self) -> CodeArray:
        """Those of all rows that this is about."""
        codes = np.empty(len(self.coded), np.uint16)
        for part in parts([slice(0, len(codes))]):
            codes[part] = self.coded[part]
        return codes

    @property
    def is_complete(self) -> bool:
        """Whether this is about every row."""
        return self.rows is None

    def at(self, rows: IntArray | RowArray) -> CodeArray:
        """The codes of some rows (m,), UNKNOWN for those that this is not about."""
        if self.rows is None:
            return self.coded[rows]
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        return np.where(self.rows[place] == rows, self.coded[place], UNKNOWN).astype(np.uint16)


def encode(label: npt.NDArray[np.int32], probability: FloatArray, n_clusters: int) -> CodeArray:
    """The codes of rows with these clusters or NO_CLUSTER, and probabilities of them, (n,) each."""
    least = 1.0 / max(n_clusters, 2)  # no likeliest cluster is less probable
    step = ((probability - least) * (CERTAINTIES / (1.0 - least))).astype(np.int64)
    group = label - NO_CLUSTER
    codes: CodeArray = (1 + group * CERTAINTIES + step.clip(0, CERTAINTIES - 1)).astype(np.uint16)
    return codes


def clusters_of(codes: CodeArray) -> IntArray:
    """The clusters (n,) that codes mean; NO_CLUSTER where there is none, one less where unknown."""
    return groups_of(codes) - 1 + NO_CLUSTER


def groups_of(codes: CodeArray) -> IntArray:
    """What codes mean, as one counts them (n,): 0 unknown, 1 no cluster, from 2 up clusters."""
    return (codes.astype(np.int64) - 1) // CERTAINTIES + 1


def n_codes(n_clusters: int) -> int:
    """How many codes there are of so many clusters."""
    return 1 + (1 + n_clusters) * CERTAINTIES


def inks(
    n_clusters: int,
    paper: QColor,
    neutral: QColor,
    chosen: Collection[int],
    fades: bool,
    *,
    given: Sequence[str],
    hidden: Collection[int] = (),
) -> FloatArray:
    """The colour of every code, (1 + (1 + n_clusters) * CERTAINTIES, 3), 0..1.

    Where clusters are `hidden`, there is a fourth number: whether rows are shown.

    A row that is certain has its cluster's colour, one of those `given` or of the palette, or the
    `neutral` one; others fade towards `paper`.
    """
    blank = rgb(paper)
    colors = np.empty((n_codes(n_clusters), 3))
    colors[UNKNOWN] = rgb(neutral)
    strengths = np.linspace(Opacity.FAINT, 1.0, CERTAINTIES) if fades else np.ones(CERTAINTIES)
    for cluster in range(NO_CLUSTER, n_clusters):
        dim = Opacity.FAINT if chosen and cluster not in chosen else 1.0
        first = 1 + (cluster - NO_CLUSTER) * CERTAINTIES
        ink = rgb(neutral if cluster == NO_CLUSTER else cluster_color(cluster, paper, given))
        for certainty, strength in enumerate(strengths):
            colors[first + certainty] = blank + strength * dim * (ink - blank)
    if not hidden:
        return colors
    shown = np.ones((len(colors), 1))
    for cluster in hidden:
        first = 1 + (cluster - NO_CLUSTER) * CERTAINTIES
        shown[slice(first, first + CERTAINTIES) if cluster >= NO_CLUSTER else UNKNOWN] = 0.0
    return np.hstack([colors, shown])
