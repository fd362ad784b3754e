"""Fitted mixtures as records and two rows of numbers, and back; nothing is believed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.engine import FitResult, FitSpec, Noise, Parameters, Region, Tried
from gmmdesk.engine.models.covariance import MODELS
from gmmdesk.engine.result import Collapse
from gmmdesk.errors import FitError, UsageError
from gmmdesk.session.arrays import Array, ArrayShelf, UnsoundError
from gmmdesk.session.records import ErrorRecord, FitRecord, SpecRecord, TriedRecord

_FLOATS, _INTEGERS = "fits", "fit_rows"
_MAX_COMPONENTS = 100_000


# --- out ---------------------------------------------------------------------------------------


def to_records(tried: Sequence[Tried]) -> tuple[tuple[TriedRecord, ...], dict[str, Array]]:
    """The records of all candidates, and the arrays beside them: their numbers end to end."""
    floats: list[Array] = []
    integers: list[Array] = []
    records = tuple(_tried_record(one, floats, integers) for one in tried)
    arrays = {
        _FLOATS: np.concatenate([np.empty(0), *(array.ravel() for array in floats)]),
        _INTEGERS: np.concatenate([np.empty(0, "i8"), *integers]).astype("i8"),
    }
    return records, arrays


def _tried_record(one: Tried, floats: list[Array], integers: list[Array]) -> TriedRecord:
    error, fit = one.error, one.result
    if error is not None and error.rows is not None:
        integers.append(error.rows)
    return TriedRecord(
        spec=SpecRecord.of(one.spec),
        error=None
        if error is None
        else ErrorRecord(
            text=error.text,
            hint=error.hint,
            column=error.column,
            n_rows=None if error.rows is None else len(error.rows),
        ),
        fit=None if fit is None else _fit_record(fit, floats, integers),
    )


def _fit_record(fit: FitResult, floats: list[Array], integers: list[Array]) -> FitRecord:
    parameters, collapse, guarded = fit.parameters, fit.collapse, fit.guarded
    floats += [parameters.weights, parameters.means, parameters.covariances, fit.history]
    if parameters.noise is not None:
        floats += [parameters.noise.region.origin, parameters.noise.region.edges]
    if fit.cells is not None:
        floats.append(fit.cells)
    if collapse is not None:
        integers.append(collapse.rows)
    if guarded is not None:
        integers.append(guarded)
    return FitRecord(
        model=fit.model,
        n_components=fit.n_components,
        log_likelihood=float(fit.log_likelihood),
        log_certainty=float(fit.log_certainty),
        n_parameters=int(fit.n_parameters),
        n_rows=int(fit.n_rows),
        n_iterations=len(fit.history),
        ending=fit.ending,
        n_sampled=int(fit.n_sampled),
        size=float(fit.size),
        regularization=fit.regularization,
        mended=tuple(map(int, fit.mended)),
        collapsed=None if collapse is None else int(collapse.component),
        collapse_kept=collapse is not None and collapse.kept,
        n_collapse_rows=0 if collapse is None else len(collapse.rows),
        n_guarded=None if guarded is None else len(guarded),
        missing=fit.missing,
        has_cells=fit.cells is not None,
        noise_weight=None if fit.noise is None else float(fit.noise.weight),
    )


# --- back --------------------------------------------------------------------------------------


class _Row:
    """A row of numbers that is taken up piece by piece."""

    def __init__(self, numbers: Array) -> None:
        self._numbers = numbers
        self._at = 0

    def take(self, *shape: int) -> Array:
        stop = self._at + int(np.prod(shape, dtype=object))
        if stop > len(self._numbers):
            raise UnsoundError("its fits have too few numbers")
        piece = self._numbers[self._at : stop].reshape(shape)
        self._at = stop
        return piece

    def take_indices(self, n: int, below: int) -> Array:
        piece = self.take(n)
        if n and not (piece.min() >= 0 and piece.max() < below):
            raise UnsoundError("its fits point to rows that are not there")
        return piece

    def check_end(self) -> None:
        if self._at != len(self._numbers):
            raise UnsoundError("its fits have too many numbers")


def from_records(records: Sequence[TriedRecord], d: int, shelf: ArrayShelf) -> tuple[Tried, ...]:
    """The candidates again, in d columns; raises UnsoundError where anything does not fit."""
    floats = _Row(shelf.take(_FLOATS, "f8", None))
    integers = _Row(shelf.take(_INTEGERS, "i8", None))
    tried = tuple(_tried(record, d, floats, integers) for record in records)
    floats.check_end()
    integers.check_end()
    return tried


def _tried(record: TriedRecord, d: int, floats: _Row, integers: _Row) -> Tried:
    if (record.error is None) == (record.fit is None):
        raise UnsoundError("a candidate has both a fit and an error, or neither")
    try:
        spec: FitSpec = record.spec.spec()
    except (UsageError, TypeError, ValueError) as error:
        raise UnsoundError(str(error)) from error
    if record.error is not None:
        return Tried(spec, error=_error(record.error, integers))
    assert record.fit is not None
    return Tried(spec, result=_fit(record.fit, d, floats, integers))


def _error(record: ErrorRecord, integers: _Row) -> FitError:
    rows = None
    if record.n_rows is not None:
        rows = integers.take_indices(record.n_rows, 2**53)
    try:
        return FitError(record.text, record.hint, record.column, rows)
    except (ValueError, KeyError, IndexError, AttributeError) as error:  # braces of its own
        raise UnsoundError("the error of a candidate is none") from error


def _fit(record: FitRecord, d: int, floats: _Row, integers: _Row) -> FitResult:
    K = record.n_components
    if record.model not in MODELS or K > _MAX_COMPONENTS:
        raise UnsoundError(f"there is no model {record.model} with {K} clusters")
    weights, means, covariances = floats.take(K), floats.take(K, d), floats.take(K, d, d)
    history = floats.take(record.n_iterations)
    noise = None
    if record.noise_weight is not None:
        noise = Noise(record.noise_weight, Region(floats.take(d), floats.take(d, d)))
        if not np.isfinite(noise.log_density):
            raise UnsoundError("the region of the noise has no volume")
    if (weights < 0).any() or abs(weights.sum() + (record.noise_weight or 0) - 1) > 1e-6:
        raise UnsoundError("the weights do not add up to 1")
    _check_covariances(covariances)
    cells = floats.take(d) if record.has_cells else None
    named = record.mended if record.collapsed is None else (*record.mended, record.collapsed)
    check_components(named, K)
    collapse = None
    if record.collapsed is not None:
        rows = integers.take_indices(record.n_collapse_rows, record.n_rows)
        collapse = Collapse(record.collapsed, rows, record.collapse_kept)
    guarded = None
    if record.n_guarded is not None:
        guarded = integers.take_indices(record.n_guarded, record.n_rows)
    return FitResult(
        model=record.model,
        parameters=Parameters(weights, means, covariances, noise),
        log_likelihood=record.log_likelihood,
        log_certainty=record.log_certainty,
        n_parameters=record.n_parameters,
        n_rows=record.n_rows,
        history=history,
        ending=record.ending,
        n_sampled=record.n_sampled,
        size=record.size,
        regularization=record.regularization,
        mended=record.mended,
        collapse=collapse,
        guarded=guarded,
        missing=record.missing,
        cells=cells,
    )


def _check_covariances(covariances: Array) -> None:
    for k, covariance in enumerate(covariances, start=1):
        spread = np.sqrt(np.abs(np.diag(covariance)))
        flaw = UnsoundError(f"the covariance of cluster {k} is not positive definite")
        if not (spread > 0).all():
            raise flaw
        with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
            correlation = covariance / spread / spread[:, None]
        if not np.allclose(correlation, correlation.T, rtol=0, atol=1e-9):
            raise flaw
        try:
            np.linalg.cholesky(correlation)
        except np.linalg.LinAlgError:
            raise flaw from None


def check_components(indices: Sequence[int], K: int) -> None:
    """Raise UnsoundError where one of the `indices` is none of K components'."""
    if not all(0 <= index < K for index in indices):
        raise UnsoundError("a cluster is named that is not there")
