"""The fit in one object, for programs."""

from __future__ import annotations

from typing import Any

from gmmdesk.analysis import Analysis


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
