"""A fit, or a model applied, in one object, for programs."""

from __future__ import annotations

from typing import Any

from gmmdesk.analysis import Analysis, Application


def summary(analysis: Analysis) -> dict[str, Any]:
    """What `gmmdesk fit --json` prints: plain values, in the units of the file.

    `log_likelihood` is the total over the used rows in nats; of bic, icl and aic lower is better.
    `weights` has K entries, `means` is K x d, `covariances` is K x d x d; `noise` is the weight of
    no cluster, null where each row has to have one.
    """
    result, prepared = analysis.result, analysis.prepared
    return {
        "file": analysis.dataset.receipt.source,
        "rows_read": analysis.dataset.n_rows,
        "rows_used": len(prepared.rows),
        "rows_left_out": prepared.n_left_out,
        "columns": list(prepared.columns),
        "model": result.model,
        "k": analysis.n_clusters,
        "seed": analysis.settings.seed,
        "log_likelihood": float(result.log_likelihood),
        "n_parameters": int(result.n_parameters),
        "bic": float(result.bic),
        "icl": float(result.icl),
        "aic": float(result.aic),
        "converged": bool(result.converged),
        "n_iterations": int(result.n_iterations),
        "stop_reason": result.stop_reason,
        "weights": result.weights.tolist(),
        "means": result.means.tolist(),
        "covariances": result.covariances.tolist(),
        "noise": None if result.noise is None else float(result.noise.weight),
    }


def application_summary(application: Application) -> dict[str, Any]:
    """What `gmmdesk apply --json` prints: plain values, in the units of the file.

    `sizes` has the rows of each of K clusters, `noise` those of no cluster (null where each has to
    have one), `outliers` those that fit none. `columns` maps the model's columns to the file's.
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
        "columns": dict(zip(model.columns, prepared.columns, strict=True)),
        "extra_columns": list(application.extra),
        "model": model.model,
        "k": application.n_clusters,
        "cluster_names": list(model.names),
        "sizes": application.sizes.tolist(),
        "noise": None if application.noise is None else application.noise.n_rows,
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
