"""What was found for prepared rows, in the units of the file and with its rows."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from gmmdesk.analysis.analysis import HeldOutRows, as_called
from gmmdesk.analysis.candidates import Candidate
from gmmdesk.analysis.known import order_of
from gmmdesk.analysis.scored import RowResults, log_units
from gmmdesk.data.dataset import Dataset, FloatArray
from gmmdesk.data.prepare import Prepared
from gmmdesk.engine import FitResult, Tried


def in_file_terms(scaled: FitResult, prepared: Prepared) -> FitResult:
    """In the prepared columns, with likelihoods and numbers of rows as in the file."""
    result = scaled.in_units(prepared.center, prepared.scale).with_rows(prepared.fitted_rows)
    added = prepared.total_log_slope
    if not added:
        return result
    return replace(
        result, log_likelihood=result.log_likelihood + added, history=result.history + added
    )


def candidate(one: Tried, prepared: Prepared, dataset: Dataset) -> Candidate:
    """What was tried, in the units of the file."""
    if one.result is None:
        nan = float("nan")
        return Candidate(
            model=one.spec.model,
            n_components=one.spec.n_components,
            log_likelihood=nan,
            n_parameters=0,
            bic=nan,
            icl=nan,
            aic=nan,
            status=str(
                one.error
                and one.error.naming(prepared.columns, dataset.numbers_of(prepared.fitted_rows))
            ),
            sound=one.sound,
        )
    result = in_file_terms(one.result.reordered(order_of(one.result.weights, None)), prepared)
    return Candidate(
        model=result.model,
        n_components=result.n_components,
        log_likelihood=result.log_likelihood,
        n_parameters=result.n_parameters,
        bic=result.bic,
        icl=result.icl,
        aic=result.aic,
        status=as_called(result, dataset).stop_reason,
        sound=one.sound,
        certainty=math.exp(result.log_certainty / result.size),
        held_out=_held_out_density(one.result, prepared),
    )


def _held_out_density(scaled: FitResult, prepared: Prepared) -> float:
    """The mean log density of the rows that were held out, in the file's units; nan without any."""
    held = prepared.held_out
    if held is None or not held.any():
        return math.nan
    slope = 0.0 if prepared.log_slope is None else prepared.log_slope[held]
    units = np.broadcast_to(log_units(prepared), len(held))[held]
    return float((scaled.log_density(prepared.X[held]) - units + slope).mean())


def column_means(prepared: Prepared) -> FloatArray:
    """The means of the values in each column, in the units of the file: (d,)."""
    if prepared.n_incomplete:
        means = np.asarray([np.nanmean(x) for x in prepared.X.T])
    else:
        means = np.asarray(prepared.X.mean(axis=0))
    return np.asarray(prepared.center + prepared.scale * means)


def held_out(rows: RowResults, prepared: Prepared) -> HeldOutRows | None:
    """How well the rows are described that were held out, if some were."""
    held = prepared.held_out
    if held is None or not held.any():
        return None
    return HeldOutRows(
        int(held.sum()),
        float(rows.log_density[held].mean()),
        float(rows.log_density[~held].mean()),
    )
