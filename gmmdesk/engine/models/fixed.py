"""Means and covariances that a fit leaves as they are."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from gmmdesk.engine.arrays import FloatArray, IntArray
from gmmdesk.engine.models.whitening import CollapsedComponent, whiten
from gmmdesk.engine.rows.statistics import Statistics
from gmmdesk.errors import FitError


@dataclass(frozen=True, slots=True, eq=False)
class Fixed:
    """`means` (K, d) and `covariances` (K, d, d), nan throughout those that are free.

    The covariances that are free obey the model among themselves.
    """

    means: FloatArray
    covariances: FloatArray

    @classmethod
    def of(
        cls,
        n_components: int,
        n_columns: int,
        means: dict[int, npt.ArrayLike] | None = None,
        covariances: dict[int, npt.ArrayLike] | None = None,
    ) -> Fixed:
        """Those given for some components (0-based): means (d,) and covariances (d, d).

        Raises FitError for a component that is not there and for what is no mean or covariance.
        """
        shapes = {"mean": (n_columns,), "covariance": (n_columns, n_columns)}
        arrays = []
        for what, given in (("mean", means or {}), ("covariance", covariances or {})):
            array = np.full((n_components, *shapes[what]), np.nan)
            for component, values in given.items():
                if component not in range(n_components):
                    raise FitError(
                        f"A {what} is fixed for component {component + 1} of {n_components}.",
                        "Fix those of components that are there.",
                    )
                value = np.asarray(values, dtype=np.float64)
                if value.shape != shapes[what] or not np.isfinite(value).all():
                    raise FitError(
                        f"The fixed {what} of component {component + 1} has the shape "
                        f"{value.shape} or a number that is not finite.",
                        f"Give an array of the shape {shapes[what]}.",
                    )
                array[component] = value
            arrays.append(array)
        fixed = cls(*arrays)
        for component in fixed.fixed_covariances:
            covariance = fixed.covariances[component]
            try:
                if not np.allclose(covariance, covariance.T, rtol=1e-9, atol=0.0):
                    raise CollapsedComponent(0)
                whiten(covariance[None])
            except CollapsedComponent:
                raise FitError(
                    f"The fixed covariance of component {component + 1} is none.",
                    "Give a symmetric, positive definite matrix.",
                ) from None
        return fixed

    def check(self, n_components: int, n_columns: int) -> None:
        """Raise FitError when these are for other components or columns."""
        if self.means.shape != (n_components, n_columns):
            raise FitError(
                f"The fixed parameters are for means of the shape {self.means.shape}.",
                f"Give them for {n_components} components in {n_columns} columns.",
            )

    @property
    def fixed_covariances(self) -> IntArray:
        """The components (0-based) whose covariances are given."""
        return np.flatnonzero(~np.isnan(self._flat).any(axis=1))

    @property
    def free_covariances(self) -> IntArray:
        """The components (0-based) whose covariances are not."""
        return np.flatnonzero(np.isnan(self._flat).any(axis=1))

    @property
    def n_fixed_means(self) -> int:
        """Components whose means are given."""
        return int((~np.isnan(self.means[:, 0])).sum())

    def in_frame(self, center: FloatArray, unit: float, along_axes: bool) -> Fixed:
        """For z = (x - center) / unit; covariances as variances (K, d) where those are needed.

        Raises FitError where a covariance does not lie along the axes.
        """
        covariances = self.covariances / unit**2
        if along_axes:
            variances = covariances.diagonal(axis1=1, axis2=2).copy()
            d = variances.shape[1]
            for k in self.fixed_covariances:
                if (covariances[k][~np.eye(d, dtype=bool)] != 0.0).any():
                    raise FitError(
                        f"The fixed covariance of component {k + 1} has correlations.",
                        "Choose a model that allows them, or fix variances only.",
                    )
            covariances = variances
        return Fixed((self.means - center) / unit, covariances)

    def about_means(self, statistics: Statistics, rows: FloatArray) -> Statistics:
        """Statistics of `rows` (K,) about the means that are given, where they are."""
        given = ~np.isnan(self.means[:, 0])
        return statistics.about(np.where(given[:, None], self.means, statistics.means), rows)

    @property
    def _flat(self) -> FloatArray:
        return self.covariances.reshape(len(self.covariances), -1)
