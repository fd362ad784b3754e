"""One pass over the rows: log densities, responsibilities and sufficient statistics, fused.

Rows are read in tiles that stay in the cache, features first, so that every elementwise step
runs along contiguous memory; no n x K array is kept. Chunks are added in their order, so that
the sums do not depend on how many threads ran.
"""

from __future__ import annotations

from functools import cached_property

from gmmdesk.engine.arrays import FloatArray
from gmmdesk.engine.kernels.batched import BatchedKernel, components_at_once
from gmmdesk.engine.kernels.expectation import Components, Expectation, Kernel
from gmmdesk.engine.kernels.feature import FeatureKernel
from gmmdesk.engine.kernels.incomplete import IncompleteKernel
from gmmdesk.engine.kernels.whitened import DiagonalKernel, WhitenedKernel
from gmmdesk.engine.models.covariance import Moments, entry
from gmmdesk.engine.models.whitening import Whitening
from gmmdesk.engine.parallel import ChunkMap
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.given import Start

__all__ = [
    "LOST_MAGNITUDE",
    "BatchedKernel",
    "Components",
    "DiagonalKernel",
    "Expectation",
    "FeatureKernel",
    "IncompleteKernel",
    "Kernel",
    "Kernels",
    "WhitenedKernel",
    "moments_for",
]

# From this many columns on, the products of all pairs of columns no longer fit a cache.
WHITEN_COLUMNS = 64
# The feature kernel may lose this factor of the machine epsilon: 4e-9 nats for a row, by a bound
# that is reached by no row unless all its products err to one side.
LOST_MAGNITUDE = 2e7


def moments_for(frame: Frame, spec: FitSpec) -> Moments:
    """The second moments that passes over `frame` have to make for the model of `spec`."""
    moments = entry(spec.family, frame.shape[1]).moments
    alike = not spec.noise and frame.fixed is None and frame.gaps is None
    if moments is Moments.POOLED and not alike:
        return Moments.FULL  # the components are not all that there is, or not all alike
    return moments


class Kernels:
    """The kernels for one frame, with the work arrays that all runs over it share.

    `whitened` is always exact; `choose` gives a faster one where that is exact enough.
    """

    def __init__(
        self, frame: Frame, n_components: int, moments: Moments, noise: bool = False
    ) -> None:
        self.frame = frame
        self._moments = moments
        diagonal = moments is Moments.DIAGONAL
        self.whitened: WhitenedKernel | IncompleteKernel
        self._fast: Kernel
        if frame.gaps is not None:
            self._fast = self.whitened = IncompleteKernel(frame, n_components, diagonal, noise)
            return
        exact = DiagonalKernel if diagonal else WhitenedKernel
        self._fast = self.whitened = exact(frame, n_components, noise)
        if noise and moments is Moments.POOLED:
            moments = Moments.FULL  # the noise has no part in what the components have in common
        if moments is not Moments.FULL or frame.shape[1] < WHITEN_COLUMNS:
            self._fast = FeatureKernel(frame, n_components, moments, noise)

    def numbers(self, n_threads: int) -> int:
        """Numbers held at once in passes on so many threads."""
        return sum(kernel.tiling.numbers(n_threads) for kernel in {self.whitened, self._fast})

    @property
    def fast(self) -> Kernel:
        """The fastest, which is not always exact enough."""
        return self._fast

    @property
    def are_pooled(self) -> bool:
        """Whether M-steps look at no more of the scatter than its sum over the components."""
        return self._moments is Moments.POOLED

    @property
    def components_at_once(self) -> int:
        """Of all mixtures that `batched` may be given together; 0 where it is not to be used."""
        return 0 if self.frame.gaps is not None else components_at_once(self.frame, self._moments)

    @cached_property
    def batched(self) -> BatchedKernel:
        """For several runs at once: as exact as the fast one."""
        return BatchedKernel(self.frame, self._moments)

    def measure(self, start: Start, chunk_map: ChunkMap) -> Statistics:
        """Statistics of the rows under `start`, which is always of the same ones.

        Many models begin with the same, and those along the axes with the same: they are kept.
        """
        along_axes = self._moments is Moments.DIAGONAL
        if along_axes not in start.measured:
            start.measured[along_axes] = self.whitened.measure(start.read, chunk_map)
        return start.measured[along_axes]

    def choose(
        self, means: FloatArray, whitening: Whitening, *, of_the_model: bool = True
    ) -> Kernel:
        """The kernel for an E-step with components of these.

        Where they are not of the model, its covariances are not taken for equal either.
        """
        if not of_the_model and self._moments is Moments.POOLED:
            return self.whitened
        if (
            self._fast is not self.whitened
            and whitening.lost_magnitudes(means).max() > LOST_MAGNITUDE
        ):
            return self.whitened
        return self._fast
