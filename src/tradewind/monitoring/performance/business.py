"""What the forecasts earn, against what they earned when the model was approved."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tradewind.core import Severity
from tradewind.core.plain import finite
from tradewind.evaluation.trading_metrics import drawdown_curve, equity_curve
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.performance.book import Book, BookDay
from tradewind.monitoring.performance.business_expectation import YEAR, BusinessExpectation, sharpe
from tradewind.monitoring.performance.cusum import Cusum
from tradewind.monitoring.performance.expectation import Promise
from tradewind.monitoring.performance.settings import BusinessSettings
from tradewind.monitoring.performance.settling import Settling
from tradewind.monitoring.slices import Slice

Regime = Callable[[Slice], str | None]


class BusinessWatcher:
    """Trades what callers were told, once its returns are known, and watches what it earns.

    Kinds: ``pnl_below_expectation`` (overall and by regime), ``hit_rate_drop`` (share of days that gain),
    ``drawdown``. Money is noisy: a fall of skill shows in :class:`PerformanceWatcher` long before it does here.

    Parameters
    ----------
    regime : names a slice's regime from what it and those before hold.
    """

    name = "business"

    def __init__(
        self,
        expectation: BusinessExpectation,
        settings: BusinessSettings | None = None,
        *,
        version: str | None = None,
        regime: Regime | None = None,
    ) -> None:
        self.settings, self.expectation, self._regime = settings or BusinessSettings(), expectation, regime
        self._settling = Settling(self.settings.settling, version=version)
        self._book = Book(expectation.trading)
        self._days: deque[BookDay] = deque(maxlen=YEAR)
        each = self.settings.false_alarms_per_year / (3 if expectation.regimes else 2)
        self._returns = self._watch(expectation.returns, each, self.settings.shifts)
        # A gain or none is far from normal; only sums over many days, which a small shift takes, are near it.
        self._hits = self._watch(expectation.hits, each, (min(self.settings.shifts),))
        self._regimes = {
            name: self._watch(promise, each / len(expectation.regimes), self.settings.shifts)
            for name, promise in sorted(expectation.regimes.items())
        }
        self._by_regime: dict[str, deque[float]] = {name: deque(maxlen=YEAR) for name in self._regimes}

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in forecasts and returns and return where less is earned than expected."""
        self._settling.add(one, self._regime(one) if self._regime else None)
        for day in self._settling.settled():
            earned = self._book.trade(day.rows)
            if earned is not None:
                self._take(earned, day.regime)
        self._settling.overdue()
        return [*self._below(one), *self._fallen(one)]

    def state(self) -> Mapping[str, Any]:
        """Return the window's figures with their bands, the drawdown and the level of each test (1 is an alarm)."""
        plain: dict[str, Any] = finite(
            {
                **self.rolling(),
                "bands": {name: list(band) for name, band in self.expectation.bands.items()},
                "levels": {
                    "returns": self._returns.level,
                    "hit_rate": self._hits.level,
                    **{f"regime={name}": one.level for name, one in self._regimes.items()},
                },
                "drawdown": self._drawdown(),
                "drawdown_limit": self.expectation.drawdown,
            }
        )
        return plain

    def rolling(self) -> dict[str, float]:
        """Return Sharpe ratio, P&L (sum of returns), hit rate and turnover per day of the last ``window`` days."""
        some = list(self._days)[-self.settings.window :]
        returns = np.array([day.returns for day in some])
        if len(some) < 2:
            return {"days": float(len(some))}
        return {
            "days": float(len(some)),
            "sharpe": float(sharpe(returns)),
            "pnl": float(returns.sum()),
            "hit_rate": float((returns > 0).mean()),
            "turnover": float(np.mean([day.turnover for day in some])),
        }

    def _watch(self, promise: Promise, alarms: float, shifts: Sequence[float]) -> Cusum:
        return Cusum(
            centre=promise.value,
            deviation=promise.deviation * promise.inflation,
            side=-1,
            tolerance=self.settings.errors * promise.error,
            shifts=shifts,
            alarms_per_year=alarms,
        )

    def _take(self, earned: BookDay, regime: str | None) -> None:
        self._days.append(earned)
        self._returns.update(earned.returns)
        self._hits.update(float(earned.returns > 0))
        if regime in self._regimes:
            self._regimes[regime].update(earned.returns)
            self._by_regime[regime].append(earned.returns)

    def _drawdown(self) -> float:
        curve = drawdown_curve(equity_curve(np.array([day.returns for day in self._days])))
        return float(curve[-1]) if len(curve) else 0.0

    def _below(self, one: Slice) -> Iterator[Finding]:
        earned = [day.returns for day in self._days]
        watched: list[tuple[str, dict[str, str], Cusum, Promise, list[float]]] = [
            ("pnl_below_expectation", {"metric": "returns"}, self._returns, self.expectation.returns, earned),
            (
                "hit_rate_drop",
                {"metric": "hit_rate"},
                self._hits,
                self.expectation.hits,
                [float(r > 0) for r in earned],
            ),
        ]
        for name, cusum in self._regimes.items():
            promise = self.expectation.regimes[name]
            watched.append(("pnl_below_expectation", {"regime": name}, cusum, promise, list(self._by_regime[name])))
        for kind, subject, cusum, promise, values in watched:
            if not cusum.alarmed or cusum.count < self.settings.least_days:
                continue
            run = max(1, min(cusum.run, len(values)))
            seen = float(np.mean(values[-run:]))
            effect = (seen - promise.value) / promise.deviation
            unit = "share of days that gain" if kind == "hit_rate_drop" else "mean return a day"
            place = f" in regime {subject['regime']}" if "regime" in subject else ""
            words = (
                f"{unit}{place} has been {seen:.4g} over {run} days where {promise.value:.4g} is expected "
                f"({effect:+.2f} daily standard deviations)"
            )
            evidence = {"seen": seen, "expected": promise.value, "effect": effect, "days": run, **self.rolling()}
            yield _finding(one, kind, words, subject, (cusum.level, 1.0, cusum.p_value()), evidence)

    def _fallen(self, one: Slice) -> Iterator[Finding]:
        fall, limit = self._drawdown(), self.expectation.drawdown
        if fall > limit:
            words = (
                f"the portfolio is {fall:.1%} below its peak of the last year; by expectation {limit:.1%} is very rare"
            )
            evidence = {"days": len(self._days), **self.rolling()}
            yield _finding(one, "drawdown", words, {"metric": "drawdown"}, (fall, limit, None), evidence)


def _finding(
    one: Slice,
    kind: str,
    message: str,
    subject: Mapping[str, str],
    seen: tuple[float, float, float | None],
    evidence: Mapping[str, Any],
) -> Finding:
    return Finding(
        kind=kind,
        area=Area.BUSINESS,
        severity=Severity.ERROR if kind == "drawdown" else Severity.WARNING,
        message=message,
        time=bar_time(one),
        known_at=one.known_at,
        subject=subject,
        statistic=seen[0],
        threshold=seen[1],
        p_value=seen[2],
        evidence=finite(dict(evidence)),
    )
