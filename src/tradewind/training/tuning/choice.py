"""Which trial is taken: the default, unless another beats it by more than chance would."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewind.training.tuning.space import Value

State = Literal["complete", "pruned", "failed", "unfinished"]


@dataclass(frozen=True, kw_only=True)
class Trial:
    """One variant that was tried.

    Attributes
    ----------
    stage : ``members``, ``weights`` or ``joint``; ``model`` : the member, ``ensemble`` in the last two.
    number : in its search; 0 is the default.
    params : what it tried.
    splits : scores by split, then period; higher is better. Empty splits were not judged.
    score, std_error : mean over periods, and its standard error; NaN where the trial failed.
    reason : why it failed or was given up.
    seconds : time its fits took.
    """

    stage: str
    model: str
    number: int
    params: Mapping[str, Value]
    splits: tuple[tuple[float, ...], ...]
    state: State
    reason: str = ""
    seconds: float = 0.0

    @property
    def periods(self) -> tuple[float, ...]:
        """Scores of all periods in order of time."""
        return tuple(score for split in self.splits for score in split)

    @property
    def score(self) -> float:
        """Mean over the periods that could be judged."""
        return _mean_and_error(np.array(self.periods))[0]

    @property
    def std_error(self) -> float:
        """Standard error of the score over periods."""
        return _mean_and_error(np.array(self.periods))[1]


@dataclass(frozen=True, kw_only=True)
class Advantage:
    """By how much one trial's score lies above another's, over the periods of both."""

    mean: float
    std_error: float

    def beats(self, margin: float) -> bool:
        """Whether the advantage is above 0 and above ``margin`` standard errors."""
        return self.mean > 0.0 and self.mean > margin * self.std_error


def advantage(one: Trial, other: Trial) -> Advantage:
    """Return the paired advantage of ``one`` over ``other``, over the splits that both were judged on.

    Pairing takes out what all models find hard alike.
    """
    both = min(len(one.periods), len(other.periods))
    mean, error = _mean_and_error(np.array(one.periods[:both]) - np.array(other.periods[:both]))
    return Advantage(mean=mean, std_error=error)


def choose(trials: Sequence[Trial], margin: float, fixed: int = 1) -> tuple[Trial | None, Trial | None]:
    """Return (trial taken, best challenger), None where no trial was completed.

    The first ``fixed`` trials are challengers in their order, then the best of the rest; each must beat the one that
    holds the place by ``margin`` standard errors. Where the default failed, the first that did not takes its place.
    """
    complete = [trial for trial in trials if trial.state == "complete" and np.isfinite(trial.score)]
    given = [trial for trial in complete if trial.number < fixed]
    rest = sorted((t for t in complete if t.number >= fixed), key=lambda t: (-t.score, t.number))
    holder: Trial | None = None
    for challenger in [*given, *rest[:1]]:
        if holder is None or advantage(challenger, holder).beats(margin):
            holder = challenger
    others = sorted((t for t in complete if t.number > 0), key=lambda t: (-t.score, t.number))
    return holder, others[0] if others else None


def _mean_and_error(values: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> tuple[float, float]:
    known = values[np.isfinite(values)] if len(values) else values
    if not len(known):
        return float("nan"), float("nan")
    error = known.std(ddof=1) / np.sqrt(len(known)) if len(known) > 1 else float("inf")
    return float(known.mean()), float(error)
