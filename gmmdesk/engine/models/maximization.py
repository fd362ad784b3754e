"""The M-step: from sufficient statistics to the parameters that they make likeliest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.models.covariance import Hint, Moments, entry
from gmmdesk.engine.models.fixed import Fixed
from gmmdesk.engine.models.penalty import Penalty
from gmmdesk.engine.models.whitening import CollapsedComponent, Whitening, equalized, whiten
from gmmdesk.engine.parameters import Noise, Parameters
from gmmdesk.engine.rows.frame import Frame
from gmmdesk.engine.rows.statistics import Statistics, stacked
from gmmdesk.engine.spec import FitSpec

# Of a typical variance, what is added to a component that is kept from collapsing: a thousandth of
# the spread, and six digits above what counts as collapsed.
FLOOR = 1e-6
# Expected rows below which a component is empty: its mean is made of rounding errors.
EMPTY = 1e-8


class Maximization:
    """The M-step of one model, with the prior, noise and fixed parameters that it was asked for.

    In the frame's coordinates. `check` is called now and then by what takes long, and may raise;
    an M-step that is not `exact` raises the likelihood as far as is cheap. `like_mclust` takes
    mclust's update where that is not the maximum, if the likelihood does not fall with it.
    """

    def __init__(
        self,
        frame: Frame,
        spec: FitSpec,
        check: Callable[[], object],
        *,
        exact: bool = True,
        like_mclust: bool = False,
    ) -> None:
        self._frame = frame
        self._spec = spec
        self._model = entry(spec.family, frame.shape[1])
        self._hint = Hint(exact=exact, like_mclust=like_mclust, check=check)
        self._prior = (
            None
            if spec.prior is None
            else spec.prior.penalty(frame, self._model, spec.n_components)
        )

    @property
    def along_axes(self) -> bool:
        """Whether covariances are kept as variances (K, d)."""
        return self._model.moments is Moments.DIAGONAL

    def log_prior(self, parameters: Parameters, whitening: Whitening) -> float:
        """The logarithm of the prior of the parameters, nats, up to a constant; 0 without one."""
        return 0.0 if self._prior is None else self._prior.value(parameters, whitening)

    def penalty(self, statistics: Statistics, floored: Sequence[int]) -> Penalty | None:
        """What this M-step adds to the log-likelihood, if it does: prior, regularization, floors.

        `floored` are components that are kept from collapsing by a floor under their covariance.
        """
        share = self._spec.regularization
        if not (share or floored):
            return self._prior
        added = statistics.ridge(share, self._frame.variances)
        if floored:
            added += statistics.floor(floored, FLOOR, self._frame.typical)
        prior = self._prior
        if prior is None:
            return Penalty(np.zeros(len(statistics.sizes)), added, 0.0, np.zeros(added.shape[1]))
        if prior.scatter.ndim == 3:
            added = added[:, :, None] * np.eye(added.shape[1])
        return replace(prior, scatter=prior.scatter + added * len(added) / len(statistics.sizes))

    def __call__(
        self, statistics: Statistics, penalty: Penalty | None, previous: FloatArray | None
    ) -> tuple[Parameters, Whitening]:
        """The parameters and the factors of their covariances; `previous` are the last ones.

        Raises CollapsedComponent.
        """
        sizes = statistics.sizes
        _refuse_empty(sizes)
        regular = statistics if penalty is None else penalty.applied(statistics)
        fixed = self._frame.fixed
        if fixed is None:
            covariances, whitening = self._covariances(regular, previous)
        else:
            shrinkage = 0.0 if penalty is None else penalty.shrinkage
            regular = fixed.about_means(regular, sizes + shrinkage)
            covariances, whitening = self._partly_fixed(fixed, regular, previous)
        total = sizes.sum() + statistics.noise
        noise = None
        if self._spec.noise:
            assert self._frame.region is not None
            noise = Noise(statistics.noise / float(total), self._frame.region)
        return Parameters(sizes / total, regular.means, covariances, noise), whitening

    def of_batch(
        self, batch: Statistics, previous: FloatArray | None
    ) -> tuple[Parameters, Whitening]:
        """The M-steps of several mixtures, for what has a prior at most.

        `batch` and `previous` have an axis for the mixtures before the others, and so have the
        parameters; the factors of all covariances follow each other. Raises CollapsedComponent,
        which counts the components so too.
        """
        _refuse_empty(batch.sizes)
        weights = batch.sizes / batch.sizes.sum(axis=-1, keepdims=True)
        if self._prior is not None:
            regular = [self._prior.applied(batch.at(i)) for i in range(len(weights))]
            batch = stacked(regular)
        covariances = self._model.covariances(batch, self._hint._replace(previous=previous))
        flat = covariances.reshape(-1, *covariances.shape[2:])
        factored, whitening = self._factored(flat, batch.sizes)
        return Parameters(weights, batch.means, factored.reshape(covariances.shape)), whitening

    def _covariances(
        self, statistics: Statistics, previous: FloatArray | None
    ) -> tuple[FloatArray, Whitening]:
        covariances = self._model.covariances(statistics, self._hint._replace(previous=previous))
        return self._factored(covariances, statistics.sizes)

    def _factored(self, covariances: FloatArray, sizes: FloatArray) -> tuple[FloatArray, Whitening]:
        """As the model has them, with their factors; for `sizes` see `equalized`."""
        whitening = whiten(covariances, self._frame.typical)
        if self._model.equal_volumes:
            return equalized(covariances, whitening, sizes)
        return covariances, whitening

    def _partly_fixed(
        self, fixed: Fixed, statistics: Statistics, previous: FloatArray | None
    ) -> tuple[FloatArray, Whitening]:
        """The model holds for the covariances that are free."""
        free = fixed.free_covariances
        if len(free) == len(statistics.sizes):
            return self._covariances(statistics, previous)
        covariances = fixed.covariances.copy()
        if len(free):
            before = None if previous is None else previous[free]
            try:
                covariances[free], _ = self._covariances(_only(statistics, free), before)
            except CollapsedComponent as collapsed:
                raise CollapsedComponent(int(free[collapsed.component])) from None
        return covariances, whiten(covariances)


def _refuse_empty(sizes: FloatArray) -> None:
    """Raise CollapsedComponent for a component without rows."""
    if not sizes.min() > EMPTY:
        raise CollapsedComponent(int(np.argmin(sizes)))


def _only(statistics: Statistics, components: IntArray) -> Statistics:
    return Statistics(
        statistics.sizes[components],
        statistics.means[components],
        statistics.scatter[components],
    )
