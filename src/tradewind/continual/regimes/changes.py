"""Change points: online ones for streams, and retrospective ones for diagnosis alone."""

from __future__ import annotations

import warnings
from typing import Annotated, Any, Literal

import numpy as np
from pydantic import Field
from scipy.special import gammaln

from tradewind.core import Settings, UsageError
from tradewind.core.arrays import FloatArray, IntArray


class ChangeSettings(Settings):
    """Settings of :class:`OnlineChange`.

    Attributes
    ----------
    mean_run : sessions between two changes that are expected (the hazard is one over it).
    longest : run lengths that are told apart; longer ones are one.
    recent : a change counts as recent where the run is shorter than this.
    location, weight, shape, scale : prior of mean and variance (normal-inverse-gamma) of a run.
    """

    mean_run: Annotated[float, Field(gt=1.0)] = 250.0
    longest: Annotated[int, Field(ge=10, le=5000)] = 500
    recent: Annotated[int, Field(ge=1)] = 10
    location: float = 0.0
    weight: Annotated[float, Field(gt=0.0)] = 0.1
    shape: Annotated[float, Field(gt=0.0)] = 1.0
    scale: Annotated[float, Field(gt=0.0)] = 1.0


class OnlineChange:
    """Bayesian change points of a series whose mean and variance are constant between them.

    Source: Adams and MacKay, "Bayesian online changepoint detection", 2007. Values are taken to be of about unit size.
    """

    def __init__(self, settings: ChangeSettings | None = None) -> None:
        self.settings = rule = settings or ChangeSettings()
        self.run_length: FloatArray = np.ones(1)
        self._prior = np.array([rule.location, rule.weight, rule.shape, rule.scale])
        self._held: FloatArray = self._prior[:, None].copy()

    def update(self, value: float) -> float:
        """Take in the next value; return the probability of a recent change; NaN is passed over."""
        if np.isfinite(value):
            self._advance(float(value))
        return self.recent_change

    @property
    def recent_change(self) -> float:
        """Probability that the last change was less than ``recent`` values ago; 1 in the first of them."""
        return float(min(self.run_length[: self.settings.recent].sum(), 1.0))

    @property
    def most_likely_run(self) -> int:
        """Values since the likeliest place of the last change."""
        return int(np.argmax(self.run_length))

    def _advance(self, value: float) -> None:
        location, weight, shape, scale = self._held
        spread = scale * (weight + 1.0) / (shape * weight)
        log_chance = (
            gammaln(shape + 0.5)
            - gammaln(shape)
            - 0.5 * np.log(2.0 * np.pi * shape * spread)
            - (shape + 0.5) * np.log1p(np.square(value - location) / (2.0 * shape * spread))
        )
        weighted = self.run_length * np.exp(log_chance - log_chance.max())
        hazard = 1.0 / self.settings.mean_run
        grown = np.concatenate([[hazard * weighted.sum()], weighted * (1.0 - hazard)])
        updated = np.array(
            [
                (weight * location + value) / (weight + 1.0),
                weight + 1.0,
                shape + 0.5,
                scale + weight * np.square(value - location) / (2.0 * (weight + 1.0)),
            ]
        )
        held = np.concatenate([self._prior[:, None], updated], axis=1)
        if len(grown) > self.settings.longest:  # what is longer keeps the statistics of the longest run
            grown[-2] += grown[-1]
            held[:, -2] = held[:, -1]
            grown, held = grown[:-1], held[:, :-1]
        self.run_length, self._held = grown / grown.sum(), held


class AdaptiveWindow:
    """Changes of a mean by ADWIN, through river; ``delta`` bounds the share of false alarms.

    Source: Bifet and Gavalda, "Learning from time-changing data with adaptive windowing", SDM 2007.
    """

    def __init__(self, delta: float = 0.002) -> None:
        from river.drift import ADWIN  # takes seconds to import

        if not 0.0 < delta < 1.0:
            raise UsageError(f"delta {delta} is no share", field="delta", fix="give a value between 0 and 1")
        make: Any = ADWIN
        self._adwin = make(delta=delta)

    def update(self, value: float) -> bool:
        """Take in the next value; return whether the mean has changed; NaN is passed over."""
        if not np.isfinite(value):
            return False
        self._adwin.update(value)
        return bool(self._adwin.drift_detected)

    @property
    def width(self) -> int:
        """Values in the window: those since the last change."""
        return int(self._adwin.width)


def retrospective_changes(
    values: FloatArray, *, penalty: float | None = None, least: int = 20, cost: Literal["l2", "normal"] = "normal"
) -> IntArray:
    """Return the first places of new stretches in ``values`` (T, d), looking at all of it: for diagnosis ONLY.

    It reads the future of every place but the last, so nothing may be trained or decided on it. PELT (Killick,
    Fearnhead and Eckley, JASA 2012) through ruptures; ``penalty`` None: 3 d log T on values of unit variance. Rows with
    NaN are passed over; ``least`` rows make a stretch; ``cost`` ``l2`` looks at means, ``normal`` at covariances too.
    """
    import ruptures  # takes seconds to import

    rows = np.asarray(values, dtype=np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    place = np.flatnonzero(np.isfinite(rows).all(axis=1))
    known = rows[place]
    if len(known) < 2 * least:
        return np.empty(0, dtype=np.int64)
    spread = known.std(axis=0)
    known = (known - known.mean(axis=0)) / np.where(spread > 0.0, spread, 1.0)
    weight = 3.0 * known.shape[1] * np.log(len(known)) if penalty is None else penalty
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="New behaviour in v1.1.5")  # of how it treats constant stretches
        search = ruptures.Pelt(model=cost, min_size=least, jump=1)
    found = search.fit(known).predict(pen=weight)
    return place[np.array(found[:-1], dtype=np.int64)]
