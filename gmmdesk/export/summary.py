"""A fit, or a model applied, in one object, for programs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from gmmdesk.analysis import Analysis, Application
from gmmdesk.analysis.headline import marks
from gmmdesk.analysis.labels import Labelled
from gmmdesk.analysis.profiles import in_file_columns, original_covariances
from gmmdesk.analysis.shape_words import verdict_with_shapes
from gmmdesk.data.dataset import IntArray
from gmmdesk.data.steps import command
from gmmdesk.engine.rows.memberships import NOISE, belongs


def summary(analysis: Analysis, names: Sequence[str] = ()) -> dict[str, Any]:
    """What `gmmdesk fit --json` prints: plain values, in the units of the file.

    `log_likelihood` is the total over the used rows in nats; of bic, icl and aic lower is better.
    `weights` has K entries, `means` is K x d, `covariances` is K x d x d; `noise` is the weight of
    no cluster, null where each row has to have one. `verdict` says how many clusters there are and
    on what grounds; its words call them `names` (K,), or by their numbers. `preparation` says what
    steps did, what is typical of each cluster in the columns of the file, and how well rows that
    were held out are described; it is absent without steps. `columns`, `means` and `covariances`
    are those of the file also where all principal components have taken its columns' place. Where
    steps have bent a column or lost something of it there are none of these: then they are of the
    columns that were fitted, such as "log(income)" or "PC1".
    Where clusters are made of several components of the mixture, `k` and all of these are about the
    components, and `merged` says what the clusters are; else it is absent.
    """
    result, prepared = analysis.result, analysis.prepared
    columns, mixture = in_file_columns(result.parameters, prepared.preparation)
    return {
        "file": analysis.dataset.receipt.source,
        "rows_read": analysis.dataset.n_rows,
        "rows_used": len(prepared.fitted_rows),
        "rows_left_out": prepared.n_left_out,
        "columns": list(columns),
        "model": result.model,
        "k": result.n_components,
        "seed": analysis.settings.seed,
        "log_likelihood": float(result.log_likelihood),
        "n_parameters": int(result.n_parameters),
        "bic": float(result.bic),
        "icl": float(result.icl),
        "aic": float(result.aic),
        "converged": bool(result.converged),
        "n_iterations": int(result.n_iterations),
        "stop_reason": analysis.as_told.stop_reason,
        "weights": result.weights.tolist(),
        "means": mixture.means.tolist(),
        "covariances": mixture.covariances.tolist(),
        "noise": None if result.noise is None else float(result.noise.weight),
        "verdict": _verdict(analysis, names),
        **({} if analysis.settings.start is None else {"start": analysis.settings.start.said}),
        **({} if analysis.known is None else _known(analysis.known)),
        **({} if analysis.grouping is None else {"merged": _merged(analysis)}),
        **({"preparation": _preparation(analysis)} if prepared.outcomes else {}),
    }


def _merged(analysis: Analysis) -> dict[str, Any]:
    """The clusters that components of the mixture make up.

    `components` has the cluster of each component, from 1. `weights` are C, `means` C x d and
    `covariances` C x d x d, those of the mixture of each cluster's components; `sizes` are rows,
    and `icl` is that of the clusters.
    """
    assert analysis.grouping is not None
    _, clusters = in_file_columns(analysis.clusters, analysis.prepared.preparation)
    return {
        "k": analysis.n_clusters,
        "components": [cluster + 1 for cluster in analysis.grouping.of],
        "weights": clusters.weights.tolist(),
        "means": clusters.means.tolist(),
        "covariances": clusters.covariances.tolist(),
        "sizes": analysis.sizes.tolist(),
        "icl": analysis.icl,
    }


def _known(known: IntArray) -> dict[str, Any]:
    """How many rows were known to belong to a cluster, or to none, or kept out of some."""
    kept_out = int((known < NOISE).sum())
    told = {"rows_known": int(belongs(known).sum())}
    return told | ({"rows_kept_out": kept_out} if kept_out else {})


def _verdict(analysis: Analysis, names: Sequence[str]) -> dict[str, Any]:
    """The verdict in words, and what it rests on.

    `groups` has the group of each cluster, from 1: groups lie apart. `single_bic_difference` is how
    much higher BIC is for a single cluster, `rival_k` the best other number of clusters and
    `rival_difference` how much higher the criterion is there; null where nothing was tried.
    `marks` has what each cluster may be instead, empty where nothing is told. `resamples` are
    halves of the rows that were fitted anew, `resamples_same` how many led to the same clusters;
    null where nobody has looked. `labels` is the column that was not used and agrees best with the
    clusters, null where none has an adjusted Rand index of 0.65 or more.
    Where clusters are made of several components, `n_components` is the number of these, and they
    are what is counted in `rival_k`, compared in the differences and found again in `starts_same`;
    `groups`, `claim` and `resamples_same` are about the clusters. Else it is absent.
    """
    verdict = analysis.verdict
    rival, resampled, labelled = verdict.rival, verdict.resampled, verdict.labelled
    return {
        "text": verdict_with_shapes(analysis, names).text,
        "claim": verdict.claim,
        "groups": [group + 1 for group in verdict.groups],
        "marks": list(marks(verdict)),
        **({"n_components": verdict.n_components} if verdict.is_combined else {}),
        "single_bic_difference": verdict.single_difference,
        "rival_k": None if rival is None else rival.n_components,
        "rival_difference": verdict.rival_difference,
        "starts": verdict.n_starts,
        "starts_same": verdict.n_agreeing,
        "resamples": None if resampled is None else resampled.n,
        "resamples_same": None if resampled is None else resampled.n_same,
        "labels": None if labelled is None else _labelled(labelled),
    }


def _labelled(labelled: Labelled) -> dict[str, Any]:
    found = labelled.agreement
    return {
        "column": labelled.column,
        "adjusted_rand_index": found.adjusted_rand_index,
        "rows": found.n,
        "rows_agreeing": found.n_agreeing,
    }


def _preparation(analysis: Analysis) -> dict[str, Any]:
    """What the steps did, and the answer in the columns of the file.

    `log_likelihood_is_of` says in whose units it is: the "file" columns, or those that were
    "fitted" where some of the file's are lost. `columns` are those that were fitted, `covariances`
    those of the columns that `profiles` are about, null where one is bent. `profiles` give a
    centre for each cluster and the range of the middle 68 % of its rows.
    """
    prepared, held_out = analysis.prepared, analysis.held_out
    covariances = original_covariances(analysis.result, prepared)
    return {
        "steps": [
            {
                "step": command(outcome.step),
                "did": outcome.text,
                "rows": [outcome.rows_before, outcome.rows_after],
                "columns": [outcome.columns_before, outcome.columns_after],
            }
            for outcome in prepared.outcomes
        ],
        "columns": list(prepared.columns),
        "log_likelihood_is_of": "file" if prepared.keeps_density else "fitted",
        "profiles": [
            {
                "column": one.name,
                "center_is": "mean" if one.is_mean else "median",
                "exact": one.exact,
                "centers": one.centers.tolist(),
                "lows": one.lows.tolist(),
                "highs": one.highs.tolist(),
            }
            for one in analysis.profiles
        ],
        "covariances": None if covariances is None else covariances.tolist(),
        "rows_held_out": prepared.n_held_out,
        "log_density_used": None if held_out is None else held_out.log_density_used,
        "log_density_held_out": None if held_out is None else held_out.log_density,
    }


def application_summary(application: Application) -> dict[str, Any]:
    """What `gmmdesk apply --json` prints: plain values, in the units of the file.

    `sizes` has the rows of each of K clusters, `noise` those of no cluster (null where each has to
    have one), `outliers` those that fit none; `shares_before` are those that the clusters, and last
    the rows of none, had of the rows they were found in. `columns` maps the model's columns to the
    file's.
    `drift` compares them: means and spreads (standard deviations), the share of rows far outside
    of what the model has seen, and the power of ten that explains a difference (1 where none does).
    """
    model, prepared = application.model, application.prepared
    return {
        "file": application.dataset.receipt.source,
        "model_origin": model.origin,
        "rows_read": application.dataset.n_rows,
        "rows_used": len(prepared.rows),
        "rows_left_out": prepared.n_left_out,
        "columns": dict(application.columns),
        "extra_columns": list(application.extra),
        "model": model.model,
        "k": application.n_clusters,
        "cluster_names": list(model.names),
        "sizes": application.sizes.tolist(),
        "noise": None if application.noise is None else application.noise.n_rows,
        "shares_before": list(application.shares_before),
        "outliers": application.n_outliers,
        "log_likelihood": application.log_likelihood,
        "drift": [
            {
                "column": one.column,
                "mean": one.file.mean,
                "spread": one.file.spread,
                "model_mean": one.model.mean,
                "model_spread": one.model.spread,
                "outside": one.outside,
                "factor": one.factor,
                "differs": one.differs,
            }
            for one in application.drift
        ],
        "warnings": list(application.warnings),
    }
