"""Components of a mixture combined into clusters: which are together, and what each cluster is."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from gmmdesk.data.dataset import FloatArray
from gmmdesk.engine import Parameters
from gmmdesk.engine.density import added
from gmmdesk.text import default_name


@dataclass(frozen=True, slots=True)
class Grouping:
    """Which of the K components make up each of C < K clusters.

    `of` (K,) is the cluster of each component, both 0-based; clusters are numbered by decreasing
    weight. `leads` (C,) is the component of each cluster by whose colour it goes: one of
    its own.
    """

    of: tuple[int, ...]
    leads: tuple[int, ...]

    @classmethod
    def led(cls, leads: Sequence[int], weights: FloatArray) -> Grouping | None:
        """Of components of these `weights` (K,) that each follow the one in `leads` (K,).

        Who leads follows itself. None where each does: then nothing is combined.
        """
        heads = [k for k, lead in enumerate(leads) if lead == k]
        if len(heads) == len(leads):
            return None
        total = dict.fromkeys(heads, 0.0)
        for lead, weight in zip(leads, weights.tolist(), strict=True):
            total[lead] += weight
        order = sorted(heads, key=lambda head: -total[head])
        return cls(tuple(order.index(lead) for lead in leads), tuple(order))

    @classmethod
    def combining(cls, groups: Sequence[int], weights: FloatArray) -> Grouping | None:
        """Of components that are together where `groups` (K,) is the same; the heaviest leads."""
        heaviest: dict[int, int] = {}
        for k in np.argsort(-weights, kind="stable").tolist():
            heaviest.setdefault(groups[k], k)
        return cls.led([heaviest[group] for group in groups], weights)

    @property
    def n_clusters(self) -> int:
        return len(self.leads)

    @property
    def followed(self) -> tuple[int, ...]:
        """The component that leads the cluster of each, (K,): see `led`."""
        return tuple(self.leads[cluster] for cluster in self.of)

    def parts(self, cluster: int) -> tuple[int, ...]:
        """The components of a cluster."""
        return tuple(k for k, own in enumerate(self.of) if own == cluster)

    def added(self, shares: FloatArray) -> FloatArray:
        """Probabilities (m, C) of the clusters, where those of the components are (m, K).

        A column more, that of noise, stays as it is.
        """
        return np.ascontiguousarray(added(shares.T, self.of).T)

    def moments(self, mixture: Parameters) -> Parameters:
        """The clusters of a mixture (K) as one (C): weights, means and covariances of each.

        Those of the mixture of its components: E[x] and E[xx'] add up by their weights.
        """
        weights, at = mixture.weights, list(self.of)
        shares = weights / added(weights, self.of)[at]
        means = added(shares[:, None] * mixture.means, self.of)
        away = mixture.means - means[at]
        inner = mixture.covariances + away[:, :, None] * away[:, None, :]
        covariances = added(shares[:, None, None] * inner, self.of)
        alone = [k for k, cluster in enumerate(self.of) if self.of.count(cluster) == 1]
        for k in alone:  # to the last bit
            means[at[k]], covariances[at[k]] = mixture.means[k], mixture.covariances[k]
        return replace(
            mixture, weights=added(weights, self.of), means=means, covariances=covariances
        )


def parts_of(grouping: Grouping | None, clusters: Iterable[int]) -> tuple[int, ...]:
    """The components of clusters (0-based); each is one where none are combined."""
    if grouping is None:
        return tuple(clusters)
    return tuple(k for cluster in clusters for k in grouping.parts(cluster))


def together(
    grouping: Grouping | None, weights: FloatArray, clusters: Iterable[int]
) -> Grouping | None:
    """With `clusters` (0-based) made one, which has the colour of what leads the heaviest.

    `weights` (K,) are those of the components.
    """
    before = Grouping(*[tuple(range(len(weights)))] * 2) if grouping is None else grouping
    chosen = sorted(set(clusters), key=lambda c: -float(weights[list(before.parts(c))].sum()))
    lead, members = before.leads[chosen[0]], {k for c in chosen for k in before.parts(c)}
    followed = [lead if k in members else old for k, old in enumerate(before.followed)]
    return Grouping.led(followed, weights)


def split_up(grouping: Grouping, weights: FloatArray, cluster: int) -> Grouping | None:
    """With the components of one cluster (0-based) on their own again."""
    own = grouping.parts(cluster)
    followed = [k if k in own else lead for k, lead in enumerate(grouping.followed)]
    return Grouping.led(followed, weights)


def about_clusters(told: str, grouping: Grouping | None) -> str:
    """What is `told` of components, which are called clusters as long as none are merged."""
    if grouping is not None:
        return told
    return told.replace("component", "cluster").replace("Component", "Cluster")


def cluster_names(
    given: Mapping[int, str], n_components: int, grouping: Grouping | None
) -> tuple[str, ...]:
    """What clusters are called where some components were `given` names, by 0-based component.

    A cluster made of several goes by the names of all of them, that of the one that leads it
    first, else by its own number: the name of a part does not name the whole.
    """
    if grouping is None:
        return tuple(given.get(k, default_name(k)) for k in range(n_components))
    own = {k: name for k, name in given.items() if name != default_name(k)}
    called = [
        _in_one([own.get(k, "") for k in sorted(grouping.parts(cluster), key=lead.__ne__)])
        for cluster, lead in enumerate(grouping.leads)
    ]
    taken = set(called)
    names = []
    for cluster in range(grouping.n_clusters):
        numbers = itertools.chain([cluster], itertools.count(grouping.n_clusters))
        free = (name for n in numbers if (name := default_name(n)) not in taken)
        name = called[cluster] or next(free)
        taken.add(name)
        names.append(name)
    return tuple(names)


def _in_one(names: Sequence[str]) -> str:
    """What is made of parts with these names, "" for one that has none: "Low + High + 1 more"."""
    told = list(dict.fromkeys(filter(None, names)))
    n_others = names.count("")
    return " + ".join([*told, f"{n_others} more"] if told and n_others else told)


def part_names(names: Sequence[str], grouping: Grouping | None) -> tuple[str, ...]:
    """What components are called, (K,), where `names` (C,) are those of the clusters."""
    if grouping is None:
        return tuple(names)
    told = []
    for k, cluster in enumerate(grouping.of):
        own = grouping.parts(cluster)
        part = f" (part {own.index(k) + 1})" if len(own) > 1 else ""
        told.append(f"{names[cluster]}{part}")
    return tuple(told)
