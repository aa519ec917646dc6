"""Has accuracy fallen since the promotion, by more than chance, at whatever day one looks?"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from tradewind.core import UsageError
from tradewind.core.arrays import FloatArray
from tradewind.monitoring.retraining.rollback.settings import DAYS, GuardSettings
from tradewind.registry import ModelRecord


@dataclass(frozen=True, kw_only=True)
class GuardReference:
    """What the previous champion did: ``accuracy`` (a share) and the standard ``deviation`` of its days.

    ``rows`` : forecasts of such a day; 0 where it is not known. A day of fewer deviates more. ``horizon`` : bars that a
    label takes: so many days in a row are right or wrong together.
    """

    accuracy: float
    deviation: float
    rows: float = 0.0
    horizon: int = 1

    def of_day(self, rows: FloatArray | float) -> FloatArray:
        """(...) standard deviation of a day of so many forecasts: never less than measured, more where they are fewer.

        What a day's forecasts share stays; the rest is ``p (1 - p)`` over their number. Where labels overlap, it is
        that of a day which would give their sum the same deviation if days were independent.
        """
        count = np.maximum(np.asarray(rows, dtype=np.float64), 1.0)
        fewer = np.maximum(1.0 / count - 1.0 / self.rows, 0.0) if self.rows > 0 else np.zeros_like(count)
        found: FloatArray = np.sqrt(self.horizon * (self.deviation**2 + self.accuracy * (1.0 - self.accuracy) * fewer))
        return found

    @classmethod
    def of_record(cls, record: ModelRecord) -> Self:
        """Return what the trial in a promoted version's record says of the champion before it.

        Raises
        ------
        UsageError : the record holds no trial.
        """
        told: Mapping[str, Any] = (record.metrics.get("trial") or {}).get("judgement") or {}
        accuracy, deviation = told.get("champion_accuracy"), told.get("champion_deviation")
        if accuracy is None or not deviation:
            raise UsageError(
                f"{record.reference} was not tried against a champion, so nothing says what is to be expected of it",
                fix="promote what `tradewind retrain` has tried, or give the guard a reference",
            )
        bars, days = float(told.get("n") or 0), float(told.get("n_days") or 0)
        rule: Mapping[str, Any] = record.settings.get("label") or {}
        return cls(
            accuracy=float(accuracy),
            deviation=float(deviation),
            rows=bars / days if days else 0.0,
            horizon=int(rule.get("horizon") or 1),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Level:
    """Where the test stands: (..., bets) arrays, so that many histories can be followed at once.

    ``log`` : logarithm of each bet's wealth since it last began anew; ``total``, ``days`` : sum and number of the daily
    accuracies since then.
    """

    log: FloatArray
    total: FloatArray
    days: FloatArray

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"log": self.log.tolist(), "total": self.total.tolist(), "days": self.days.tolist()}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> Self:
        """Read what :meth:`to_dict` wrote."""
        return cls(**{name: np.asarray(row[name], dtype=np.float64) for name in ("log", "total", "days")})


class Detector:
    """An e-detector (Shin, Ramdas and Rinaldo 2024, *NEJSDS* 2): bets on a fall that begin anew where they have lost.

    Each bet multiplies its wealth by ``exp(b z - b^2 / 2)``, with ``z`` by how many deviations a day lies below what is
    tolerated, and begins anew with 1 where it is below. That is a fair game or worse while accuracy holds, if the tails
    of a day's accuracy are no heavier than a normal's of that deviation; so the mean of the bets passes ``c`` for the
    first time after ``c`` days or more on average. A fall is told where it passes ``252 years`` and the mean since the
    winning bet began lies below what is expected by more than ``drop``.
    """

    def __init__(self, reference: GuardReference, settings: GuardSettings | None = None) -> None:
        self.reference, self.settings = reference, settings or GuardSettings()
        self._bets = np.asarray(self.settings.bets, dtype=np.float64)
        self._limit = float(np.log(DAYS * self.settings.years))
        self._floor = reference.accuracy * (1.0 - self.settings.tolerated)

    def start(self, shape: tuple[int, ...] = ()) -> Level:
        """Return the level of ``shape`` histories of which no day has been seen."""
        zeros = np.zeros((*shape, len(self._bets)))
        return Level(log=zeros, total=zeros, days=zeros)

    def update(self, level: Level, accuracy: FloatArray | float, rows: FloatArray | float = np.inf) -> Level:
        """Take in a day's accuracy (...) over ``rows`` forecasts (as many as the reference's, if absent)."""
        day = np.asarray(accuracy, dtype=np.float64)[..., None]
        anew = level.log <= 0.0
        z = (self._floor - day) / (self.settings.inflate * self.reference.of_day(rows))[..., None]
        log = np.where(anew, 0.0, level.log) + self._bets * z - 0.5 * self._bets**2
        return Level(log=log, total=np.where(anew, 0.0, level.total) + day, days=np.where(anew, 0.0, level.days) + 1.0)

    def evidence(self, level: Level) -> FloatArray:
        """(...) logarithm of the mean of the bets' wealth; a fall is told above ``log(252 years)``."""
        found: FloatArray = np.logaddexp.reduce(level.log, axis=-1) - np.log(len(self._bets))
        return found

    def recent(self, level: Level) -> FloatArray:
        """(...) mean accuracy since the winning bet began; NaN before the first day."""
        best = np.argmax(level.log, axis=-1)[..., None]
        total = np.take_along_axis(level.total, best, axis=-1)[..., 0]
        days = np.take_along_axis(level.days, best, axis=-1)[..., 0]
        out = np.full(np.shape(total), np.nan)
        np.divide(total, days, out=out, where=days > 0)
        return out

    def fallen(self, level: Level) -> FloatArray:
        """(...) 1 where accuracy has fallen by more than ``drop`` and more than chance, else 0."""
        low = self.recent(level) < self.reference.accuracy * (1.0 - self.settings.drop)
        told: FloatArray = ((self.evidence(level) > self._limit) & low).astype(np.float64)
        return told

    def words(self, level: Level) -> str:
        """Return where the test stands, in a sentence."""
        days = int(level.days[np.argmax(level.log)])
        return (
            f"accuracy {float(self.recent(level)):.4f} over {days} days where {self.reference.accuracy:.4f} was "
            f"expected (log evidence {float(self.evidence(level)):.1f}, limit {self._limit:.1f})"
        )
