"""How fast to learn: fast after a change of regime, slowly in a stable one.

Sources: Robbins and Monro 1951 (rates that fall while nothing changes); Kuncheva and Plumpton 2008 (rates that rise
with detected change); Bifet and Gavaldà 2007 (ADWIN). A rate rests on filtered probabilities or past losses alone.
"""

from __future__ import annotations

import math
from typing import Any, Protocol, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.continual.regimes.context import entropy
from tradewind.core import InputError, Settings
from tradewind.core.arrays import AnyArray, FloatArray


class Standing(Protocol):
    """What a schedule reads of the regimes at a day; ``RegimeContext`` has it."""

    @property
    def entropy(self) -> float:
        """Entropy of the filtered regime probabilities, in shares of the largest possible: 0 certain, 1 anything."""
        ...

    @property
    def days_since_change(self) -> int:
        """Days since the most probable regime last changed."""
        ...


class ScheduleSettings(Settings):
    """Between which rates, and how fast from the one to the other.

    Attributes
    ----------
    floor, peak : least and greatest rate, in the unit of the learner (a step of Adam, of gradient descent).
    half_life : days of stability after which the effect of a change has halved.
    certain : entropy (0 certain, 1 anything) up to which the regime counts as known; doubt beyond it is unrest.
    doubtful : entropy from which unrest is complete.
    """

    floor: float = Field(default=0.001, gt=0.0)
    peak: float = Field(default=0.01, gt=0.0)
    half_life: float = Field(default=20.0, gt=0.0)
    certain: float = Field(default=0.4, ge=0.0, lt=1.0)
    doubtful: float = Field(default=0.95, gt=0.0, le=1.0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.peak < self.floor:
            raise ValueError(f"peak {self.peak:g} is below floor {self.floor:g}")
        if self.doubtful <= self.certain:
            raise ValueError(f"doubtful {self.doubtful:g} must be above certain {self.certain:g}")
        return self


class StabilitySchedule:
    """A learning rate by how stable the regime is.

    ``rate = floor * (peak / floor) ** unrest``; unrest in [0, 1] is the greater of doubt about the regime and what is
    left of the last change, ``0.5 ** (days / half_life)``. No regime told: the peak, for nothing is known to be stable.
    """

    def __init__(self, settings: ScheduleSettings | None = None) -> None:
        self.settings = settings or ScheduleSettings()

    def rate(self, context: Standing | None) -> float:
        """Return the rate for a day; between ``floor`` and ``peak``."""
        if context is None:
            return self.settings.peak
        return float(self._rates(np.array([context.entropy]), np.array([float(context.days_since_change)]))[0])

    def rates(self, probabilities: AnyArray) -> FloatArray:
        """(T,) rates of consecutive days with filtered probabilities (T, K); a day's rate reads no later day.

        Raises
        ------
        InputError : a row is not of probabilities.
        """
        table = np.asarray(probabilities, dtype=np.float64)
        if table.ndim != 2 or not np.allclose(table.sum(axis=1), 1.0, atol=1e-6) or (table < 0.0).any():
            raise InputError(
                "regime probabilities must be rows of sum 1", field="probabilities", fix="give filtered probabilities"
            )
        return self._rates(entropy(table), days_since_change(table).astype(np.float64))

    def _rates(self, doubtfulness: FloatArray, days: FloatArray) -> FloatArray:
        wanted = self.settings
        doubt = np.clip((doubtfulness - wanted.certain) / (wanted.doubtful - wanted.certain), 0.0, 1.0)
        unrest = np.maximum(doubt, 0.5 ** (np.maximum(days, 0.0) / wanted.half_life))
        rates: FloatArray = wanted.floor * (wanted.peak / wanted.floor) ** unrest
        return rates


def days_since_change(probabilities: AnyArray) -> AnyArray:
    """(T,) days since the most probable regime of rows (T, K) last changed; the first day counts as a change."""
    table = np.asarray(probabilities)
    likeliest = table.argmax(axis=1)
    changed = np.concatenate([[True], likeliest[1:] != likeliest[:-1]])[: len(table)]
    last = np.maximum.accumulate(np.where(changed, np.arange(len(table)), 0))
    return np.arange(len(table)) - last


class LossChange:
    """Days since the losses of a model changed, by ADWIN: a :class:`Standing` where no regime is told.

    Parameters
    ----------
    delta : ADWIN's bound on the chance of a false cut.
    """

    def __init__(self, delta: float = 0.002) -> None:
        from river.drift import ADWIN

        self._detector: Any = ADWIN(delta=delta, clock=4)  # type: ignore[no-untyped-call]  # a loss a day: looked at weekly
        self._days = 0
        self.entropy = 0.0

    @property
    def days_since_change(self) -> int:
        """Days since the last change; since the start where there was none."""
        return self._days

    def update(self, loss: float) -> bool:
        """Take in a day's mean loss (NaN: no forecast was judged) and return whether it reveals a change."""
        if not math.isfinite(loss):
            self._days += 1
            return False
        before = float(self._detector.estimation)
        self._detector.update(loss)
        found = bool(self._detector.drift_detected)
        worse = found and float(self._detector.estimation) > before
        self._days = 0 if worse else self._days + 1
        return worse
