"""What the formulas give for one line: programs that do not compute show it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gmmdesk.analysis.fitted_model import farthest_distances
from gmmdesk.engine.density import added
from gmmdesk.export.score_sheet.layout import ScoreLayout
from gmmdesk.export.sheets import Cell


def scored(layout: ScoreLayout, x: Sequence[float | str]) -> Sequence[Cell]:
    """The results and steps for the typed x (m,), in their order."""
    model, K, taken = layout.model, layout.K, layout.taken
    known = taken.values(x)
    z = (np.array([known[key] for key in taken.prepared]) - layout.centers) / model.scale
    y = layout.components.whitening.inverses @ (z - layout.components.means)[:, :, None]
    squared = (y[:, :, 0] ** 2).sum(axis=1)
    logs = np.append(layout.components.constants - squared / 2, [])
    if layout.components.background is not None:
        logs = np.append(logs, layout.components.background)
    order = np.argsort(-logs, kind="stable")
    best = int(order[0])
    densities = np.exp(logs - logs[best])
    total = float(densities.sum())
    if layout.grouping is not None:
        densities = added(densities, layout.grouping.of)
        order = np.argsort(-densities, kind="stable")
    chosen = int(order[0])
    sure = float(densities[chosen]) / total
    own = float(squared[best] if best < K else squared.min())
    clusters = layout.constants["cluster"]
    limit = float(farthest_distances(layout.d, model.outlier_level)[-1])
    units = float(np.log(model.scale).sum()) - taken.log_slope
    slope = known[taken.slope] if taken.slope else 0.0
    results: list[Cell] = [
        *(clusters[chosen], layout.constants["name"][chosen], "", sure),
        *(densities / total).tolist(),
        clusters[int(order[1])] if len(order) > 1 else "",
        1.0 - sure,
        float(logs[best]) + float(np.log(total)) - units + slope,
        *(own**0.5, own > limit),
    ]
    helpers = [known[helper.key] for helper in taken.helpers]
    steps: list[Cell] = [1, *helpers, *z.tolist(), 1, *squared.tolist(), *logs.tolist()]
    steps += [float(logs[best]), total, best + 1]
    if layout.grouping is not None:
        steps += [*densities.tolist(), chosen + 1]
    steps += [int(order[1]) + 1 if len(order) > 1 else "", own]
    return [*results, *steps]
