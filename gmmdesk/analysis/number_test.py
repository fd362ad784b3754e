"""One number of clusters against the next: the bootstrap likelihood-ratio test, on request."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from gmmdesk.analysis.analysis import Analysis
from gmmdesk.engine import LikelihoodRatio, ThreadedMap, likelihood_ratio
from gmmdesk.errors import UsageError
from gmmdesk.task import Task
from gmmdesk.text import count, p_in_words

# Simulated tables for each test: with 99 the smallest p-value is 0.01, which tells as much as the
# verdict needs (McLachlan, 1987).
SIMULATED = 99
LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class NumberTest:
    """The test of `fewer` clusters against one more, of one model, as far as it has come.

    Where clusters are merged, the `noun` says that it is of their components.
    """

    fewer: int
    model: str
    n_asked: int
    ratio: LikelihoodRatio
    noun: str = "cluster"

    @property
    def sentence(self) -> str:
        """What came out, with the number of simulations."""
        what = f"{self.fewer} against {count(self.fewer + 1, self.noun)} ({self.model})"
        n = len(self.ratio.simulated)
        if n < self.n_asked:
            return f"{what}: {n} of {self.n_asked} simulated tables…"
        p = self.ratio.p_value
        so = f"{self.fewer + 1} describe the rows better than chance would have it"
        if p > LEVEL:
            so = f"{self.fewer + 1} describe the rows no better than chance would have it"
        as_much = self.ratio.n_as_large
        return (
            f"{what}: {so}. Of {n} tables simulated with {self.fewer},"
            f" {f'{as_much:,}' if as_much else 'none'} gained as much by one more"
            f" ({p_in_words(p)})."
        )


def compare_numbers(
    analysis: Analysis,
    n_simulated: int = SIMULATED,
    *,
    task: Task | None = None,
    n_threads: int | None = None,
) -> Generator[tuple[NumberTest, ...], None, tuple[NumberTest, ...]]:
    """Test the answer's K against K - 1 and K + 1, as far as these were tried.

    Yields what there is after each simulated table.

    Raises UsageError where neither was fitted with the answer's model, Cancelled when the task is.
    """
    if analysis.known is not None:
        raise UsageError(
            "Where some rows are known to belong to a cluster, there is no such test.",
            "Find clusters without what is known first.",
        )
    task = task or Task()
    answer = analysis.tried[analysis.best]
    fitted = {
        one.spec.n_components: one.result
        for one in analysis.tried
        if one.spec.model == answer.spec.model and one.sound and one.result is not None
    }
    noun = "cluster" if analysis.grouping is None else "component"
    K = analysis.result.n_components
    pairs = [k for k in (K - 1, K) if k in fitted and k + 1 in fitted]
    if not pairs:
        raise UsageError(
            f"Neither {K - 1} nor {K + 1} {noun}s of this shape ({answer.spec.model}) were tried.",
            "Let the number of clusters be chosen from a range, and find clusters again.",
        )
    done: tuple[NumberTest, ...] = ()
    with ThreadedMap(n_threads, task.checkpoint) as chunk_map:
        for at, k in enumerate(pairs):
            test = None
            for ratio in likelihood_ratio(
                fitted[k], fitted[k + 1], answer.spec, n_simulated, chunk_map
            ):
                test = NumberTest(k, answer.spec.model, n_simulated, ratio, noun)
                task.step((at + len(ratio.simulated) / n_simulated) / len(pairs))
                yield (*done, test)
            if test is not None:
                done = (*done, test)
    return done
