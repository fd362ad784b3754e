"""Whether an answer can be trusted, in one record for each component: for sheets and programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from gmmdesk.analysis.diagnosis import Diagnosis
from gmmdesk.analysis.diagnosis_words import remarks
from gmmdesk.analysis.grouping import part_names
from gmmdesk.analysis.outliers import OddRow
from gmmdesk.analysis.remark import Grade


@dataclass(frozen=True, slots=True)
class Judged:
    """One component (0-based): its rows, its shape, what is doubtful, and its cluster.

    A component is a cluster, unless several are combined into one: then overlap is the cluster's.
    `is_bell` is None where there are too few rows to tell, and `p_value` nan; `departure` is
    "skewed", "heavy", "light" or "other" where it is no bell. Of its rows a share of `elsewhere`
    is expected to belong to others, most of all, `nearest_share`, to `nearest` (None with no other,
    and nan where it has no rows). `doubts` are the texts of the findings that speak against it.
    """

    component: int
    cluster: int
    name: str
    n_rows: int
    is_bell: bool | None
    p_value: float
    departure: str
    skewed: tuple[str, ...]
    elsewhere: float
    nearest: int | None
    nearest_share: float
    doubts: tuple[str, ...]


def judged(found: Diagnosis, names: Sequence[str]) -> tuple[Judged, ...]:
    """What `found` says of each of the K components; the C clusters are called `names` (C,)."""
    C, grouping = len(names), found.analysis.grouping
    parts, sizes = part_names(names, grouping), found.analysis.part_sizes
    doubts = [one for one in remarks(found, names) if one.grade is Grade.IN_DOUBT]
    told = []
    for k, (shape, skewed) in enumerate(zip(found.shapes, found.skewed, strict=True)):
        c = k if grouping is None else grouping.of[k]
        others = found.overlap[c, :C].copy()
        elsewhere, others[c] = 1.0 - others[c], -math.inf
        nearest = int(others.argmax()) if C > 1 and not np.isnan(others).any() else None
        told.append(
            Judged(
                component=k,
                cluster=c,
                name=parts[k],
                n_rows=int(sizes[k]),
                is_bell=shape.is_bell if shape.is_judged else None,
                p_value=shape.p_value,
                departure="" if shape.is_bell else shape.departure,
                skewed=skewed,
                elsewhere=float(elsewhere),
                nearest=nearest,
                nearest_share=math.nan if nearest is None else float(others[nearest]),
                doubts=tuple(one.text for one in doubts if k in one.components),
            )
        )
    return tuple(told)


def diagnosis_summary(found: Diagnosis, names: Sequence[str]) -> dict[str, Any]:
    """What `gmmdesk fit --json --diagnose` adds: plain values; clusters and rows count from 1.

    Rows are numbered as in the file, also where not all of them were read.

    `clusters` has an entry for each component, of which several can be one cluster. `bell` and
    `p_value` are null where too few rows tell; `overlap` has the shares of its cluster's rows that
    belong to each of C clusters (and, last, to none where there is noise). `outliers` lie
    so far from their cluster that less than `level` of its rows should lie as far; `rarity` is that
    share for each, and `expected` would be outliers by chance. The first have the columns that make
    them odd, with what 95 % of the component has there.
    """
    grouping = found.analysis.grouping
    of = grouping.of if grouping is not None else tuple(range(len(names)))
    rows = found.analysis.dataset.numbers_of(found.outliers.rows).tolist()
    return {
        "clusters": [
            {
                "component": one.component + 1,
                "cluster": one.cluster + 1,
                "name": one.name,
                "rows": one.n_rows,
                "bell": one.is_bell,
                "p_value": _finite(one.p_value),
                "departure": one.departure or None,
                "skewed": list(one.skewed),
                "overlap": [_finite(share) for share in found.overlap[one.cluster].tolist()],
                "doubts": list(one.doubts),
            }
            for one in judged(found, names)
        ],
        "findings": [
            {
                "about": one.about,
                "grade": one.grade,
                "text": one.text,
                "remedies": list(one.may_help),
            }
            for one in remarks(found, names)
        ],
        "outliers": {
            "level": found.outliers.level,
            "n": found.outliers.n,
            "expected": found.outliers.n_expected,
            "rows": rows,
            "rarity": found.outliers.rarity.tolist(),
            "odd": [
                _odd(row, one, of[one.cluster])
                for row, one in zip(rows, found.odd_rows, strict=False)
            ],
        },
    }


def _odd(row: int, one: OddRow, cluster: int) -> dict[str, Any]:
    return {
        "row": row,
        "cluster": cluster + 1,
        "columns": [
            {
                "column": odd.column,
                "value": odd.value,
                "is": odd.word,
                "low": odd.low,
                "high": odd.high,
                "share": odd.share,
            }
            for odd in one.columns
        ],
    }


def _finite(value: float) -> float | None:
    return value if math.isfinite(value) else None
