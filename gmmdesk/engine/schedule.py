"""What the candidates of a search wait for, and what they begin with."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from gmmdesk.engine.candidate_fits import Trial, Tried
from gmmdesk.engine.spec import FitSpec
from gmmdesk.engine.starts.warm_starts import beside, parents, simpler, warm_starts


class Schedule:
    """Which candidates are done, and what may begin.

    A candidate's first fit waits for those that its starts are made of. Then it is tried again from
    where models next to it have ended meanwhile. What starts are made of does not depend on when
    that was done, or where; only candidates that are `done` before are taken as they are.
    """

    def __init__(self, specs: Sequence[FitSpec], done: Mapping[int, Tried]) -> None:
        self._specs = specs
        self._first = dict(done)  # by place
        self._last = dict(done)
        places: dict[tuple[str, int], list[int]] = {}
        for place, spec in enumerate(specs):
            places.setdefault((spec.family, spec.n_components), []).append(place)

        def at(models: Iterable[str], n_components: int) -> list[int]:
            return sorted(i for model in models for i in places.get((model, n_components), ()))

        self._fewer = [at((spec.family,), spec.n_components - 1) for spec in specs]
        self._simpler = [at(simpler(spec.family), spec.n_components) for spec in specs]
        self._parents = [at(parents(spec.family), spec.n_components) for spec in specs]
        self._beside = [at(beside(spec.family), spec.n_components) for spec in specs]
        left = [place for place in range(len(specs)) if place not in done]
        self._waiting = [(place, False) for place in left]
        self._waiting += [(place, True) for place in left if self._is_tried_again(place)]
        self._work, self._done = sum(self._work_of(place) for place, _ in self._waiting), 0
        self._waiting.sort(key=lambda one: (specs[one[0]].n_components, one))
        self._all_wait = False  # as `next` found them, since when nothing has been done

    def _is_tried_again(self, place: int) -> bool:
        spec = self._specs[place]
        is_alone = not self._beside[place] and not self._parents[place]
        return spec.restarts > 1 and spec.n_components > 1 and not is_alone

    def __len__(self) -> int:
        """The fits that wait."""
        return len(self._waiting)

    @property
    def tried(self) -> tuple[Tried, ...]:
        """Those that were fitted once at least, in the order of the candidates."""
        begun = {place: replace(one, provisional=True) for place, one in self._first.items()}
        found = begun | self._last
        return tuple(found[place] for place in sorted(found))

    def next(self) -> Trial | None:
        """The first that waits for none, which then begins; None where all do."""
        if self._all_wait:
            return None
        for i, (place, again) in enumerate(self._waiting):
            if (self._may_be_tried_again if again else self._may_begin)(place):
                del self._waiting[i]
                return self._again(place) if again else self._begin(place)
        self._all_wait = True
        return None

    def give_back(self, trial: Trial) -> None:
        """It was begun, but not ended."""
        self._waiting.insert(0, (trial.place, trial.found is not None))
        self._all_wait = False

    def note(self, trial: Trial, tried: Tried) -> bool:
        """What `trial` led to; returns whether nothing is left to do for its candidate."""
        place = trial.place
        self._done += self._work_of(place)
        self._all_wait = False
        if trial.found is None:
            self._first[place] = tried
            if not tried.sound and (place, True) in self._waiting:
                self._waiting.remove((place, True))
                self._work -= self._work_of(place)
        is_last = (place, True) not in self._waiting
        if is_last:
            self._last[place] = tried
        return is_last

    @property
    def share(self) -> float:
        """Of the work, that of the fits that have ended."""
        return self._done / self._work if self._work else 1.0

    def _work_of(self, place: int) -> int:
        """Each iteration takes longer with more components, and so many more are needed."""
        return int(self._specs[place].n_components ** 2)

    def _may_begin(self, place: int) -> bool:
        fewer, simpler = self._fewer[place], self._simpler[place]
        return self._last.keys() >= {*fewer} and self._first.keys() >= {*simpler}

    def _begin(self, place: int) -> Trial:
        spec = self._specs[place]
        before = [self._first[i] for i in self._simpler[place]]
        before += [self._last[i] for i in self._fewer[place]]
        fitted = [one.result for one in before if one.result is not None]
        return Trial(place, spec, tuple(warm_starts(spec.family, spec.n_components, fitted)))

    def _may_be_tried_again(self, place: int) -> bool:
        is_begun = self._first.keys() >= {place, *self._beside[place]}
        return is_begun and self._last.keys() >= {*self._parents[place]}

    def _again(self, place: int) -> Trial:
        others = [self._first[i] for i in self._beside[place]]
        # It has begun from where these ended first.
        others += [self._last[i] for i in self._parents[place] if self._rose(i)]
        warm = tuple(
            one.result.parameters for one in others if one.result is not None and one.sound
        )
        return Trial(place, self._specs[place], warm, self._first[place].result)

    def _rose(self, place: int) -> bool:
        """Whether another model led higher than the first fit."""
        first, last = self._first[place].result, self._last[place].result
        return bool(first and last and last.log_likelihood > first.log_likelihood)
