"""Tells when the market itself changes: its regime, the size of its moves, how they hang together, its sectors."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from tradewind.continual.regimes import (
    MarketDay,
    MarketReader,
    ObservationSettings,
    RegimeContext,
    RegimeFilter,
    RegimeModel,
    RegimeSettings,
    market_observations,
)
from tradewind.core import Panel, Severity
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.core.panel import UNKNOWN_SECTOR
from tradewind.core.plain import finite
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.regime.gauge import Gauge, GaugeRule, Reading
from tradewind.monitoring.regime.settings import RegimeWatcherSettings
from tradewind.monitoring.slices import Slice

MODELLED = (0, 2)
"""Columns of the market observations that the model sees: return and log dispersion, which are of single sessions.
Means over many sessions stay near where they are by themselves, and a model of them finds regimes in any market."""
DISPERSION = 1
"""Place of the log dispersion among :data:`MODELLED`."""
FORGET_SECTOR = 250
"""Sessions without a return after which a sector is forgotten."""


class RegimeWatcher:
    """Watches the market of the slices; findings are of the area ``regime``.

    ``regime_change`` : another regime of the model has been the likely one for some sessions; told once.
    ``volatility_shift``, ``correlation_shift``, ``sector_rotation`` (one finding a sector) : told with every slice as
    long as they are in force.

    Parameters
    ----------
    settings : windows and bounds.
    model : of the regimes, on the columns :data:`MODELLED` of market observations; without one no change of regime is
        told.
    observations : windows of the observations; those the model was fitted with.
    """

    name = "regime"

    def __init__(
        self,
        settings: RegimeWatcherSettings | None = None,
        model: RegimeModel | None = None,
        observations: ObservationSettings | None = None,
    ) -> None:
        self.settings = rule = settings or RegimeWatcherSettings()
        self._reader = MarketReader(observations)
        self._filter = None if model is None else RegimeFilter(model)
        self._volatility = Gauge(_rule(rule, rule.volatility_window, rule.volatility_bound))
        self._correlation = Gauge(_rule(rule, rule.correlation_window, rule.correlation_bound))
        self._sizes: deque[float] = deque(maxlen=rule.volatility_window)
        self._parts: deque[tuple[float, float, int]] = deque(maxlen=rule.correlation_window)
        self._sectors: dict[str, Gauge] = {}
        self._pair: tuple[str, str] | None = None
        self._unseen: dict[str, int] = {}
        self._told: str | None = None
        self._recent: deque[float] = deque(maxlen=rule.confirm)
        self._streak, self._level = 0, float("nan")

    @classmethod
    def trained_on(
        cls,
        panel: Panel,
        settings: RegimeWatcherSettings | None = None,
        regimes: RegimeSettings | None = None,
    ) -> RegimeWatcher:
        """Return a watcher whose model is fitted on ``panel`` and whose references are filled from it.

        The first slice it is shown must be later than the panel's last bar.

        Raises
        ------
        UsageError : the panel has too few sessions for a model.
        """
        seen = market_observations(panel)
        until = str(seen.time[-1]) if len(seen.time) else ""
        model = RegimeModel.fit(
            seen.values[:, list(MODELLED)], regimes or RegimeSettings(order_by=DISPERSION), fitted_until=until
        )
        watcher = cls(settings, model)
        order = np.lexsort((panel.symbol_code, panel.time))
        bounds = np.searchsorted(panel.time[order], panel.times)[1:]
        names, sectors = np.array(panel.symbols, dtype=str), np.array(panel.sectors, dtype=str)
        for rows in np.split(order, bounds):
            code = panel.symbol_code[rows]
            watcher._take(names[code], sectors[code], panel.adj_close[rows])
        return watcher

    @property
    def context(self) -> RegimeContext | None:
        """The regime after the newest slice; None without a model."""
        return None if self._filter is None else self._filter.context

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in the next slice and return what has changed in the market."""
        before = self._told
        self._take(one.symbol, one.sector, one.bars.adj_close)
        found = [*self._shifts(one)]
        if self._told is not None and before is not None and before != self._told:
            found.insert(0, self._changed(one, before, self._told))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return the regime and the score of every gauge."""
        context = self.context
        scores = {sector: gauge.reading.score for sector, gauge in sorted(self._sectors.items())}
        plain: Mapping[str, Any] = finite(
            {
                "regime": None if context is None else context.to_dict(),
                "volatility_score": self._volatility.reading.score,
                "correlation_score": self._correlation.reading.score,
                "sector_scores": scores,
            }
        )
        return plain

    def _take(self, symbol: AnyArray, sector: AnyArray, adj_close: FloatArray) -> None:
        day = self._reader.update(symbol, adj_close)
        if self._filter is not None:
            self._filter.update(day.values[list(MODELLED)])
            self._confirm(self._filter.context, float(day.values[2]))
        if not np.isfinite(day.values[0]):
            return
        own, size = float(np.square(day.returns).mean()), len(day.returns)
        if own <= 0.0:
            return
        self._sizes.append(0.5 * float(np.log(own)))
        if len(self._sizes) == self.settings.volatility_window:
            self._volatility.update(float(np.mean(np.array(self._sizes))))
        self._parts.append((size * float(day.values[0]) ** 2, float(day.returns.var(ddof=1)), size))
        if len(self._parts) == self.settings.correlation_window:
            shared, alone = np.array(self._parts)[:, :2].sum(axis=0).tolist()
            if min(shared, alone) > 0.0:
                self._correlation.update(float(np.log(shared / alone)))
        self._take_sectors(day, dict(zip(symbol.tolist(), sector.tolist(), strict=True)), float(np.sqrt(own)))

    def _take_sectors(self, day: MarketDay, sector_of: Mapping[str, str], unit: float) -> None:
        sectors = np.array([sector_of[name] for name in day.symbol.tolist()], dtype=str)
        names = [name for name in np.unique(sectors).tolist() if name != UNKNOWN_SECTOR]
        names = names if len(names) > 1 else []
        rule = self.settings
        for name in names:
            if name not in self._sectors:
                self._sectors[name] = Gauge(_rule(rule, rule.sector_window, rule.sector_bound, single=True))
            inside = sectors == name
            away = float(day.returns[inside].mean() - day.returns[~inside].mean()) / unit
            self._sectors[name].update(away)
        self._unseen = {name: 0 if name in names else self._unseen.get(name, 0) + 1 for name in self._sectors}
        for name in [name for name, count in self._unseen.items() if count > FORGET_SECTOR]:
            del self._sectors[name]

    def _confirm(self, context: RegimeContext, log_dispersion: float) -> None:
        """Take ``context`` for the regime in force where it has lasted, and the market moves otherwise than it did.

        A session that tells nothing confirms nothing.
        """
        assert self._filter is not None
        if not np.isfinite(log_dispersion):
            return
        self._recent.append(log_dispersion)
        likely = float(context.probability.max()) >= self.settings.probability
        if self._told is None:
            if likely:
                self._told = context.regime
                place = context.names.index(context.regime)
                self._level = float(self._filter.model.parameters.mean[place, DISPERSION])
        elif likely and context.regime != self._told:
            self._streak = min(self._streak + 1, context.days_since_change + 1)
            level = float(np.mean(np.array(self._recent)))
            if self._streak >= self.settings.confirm and abs(level - self._level) >= self.settings.distinct:
                self._told, self._level, self._streak = context.regime, level, 0
        else:
            self._streak = 0

    def _changed(self, one: Slice, before: str, now: str) -> Finding:
        assert self._filter is not None
        context = self._filter.context
        stressed = now == context.names[-1]
        return Finding(
            kind="regime_change",
            area=Area.REGIME,
            severity=Severity.WARNING if stressed else Severity.INFO,
            message=(
                f"the market went from the regime {before!r} to {now!r}: filtered probability "
                f"{context.probability.max():.2f}, the likeliest for {context.days_since_change + 1} sessions"
            ),
            time=bar_time(one),
            known_at=one.known_at,
            subject={"regime": now},
            statistic=float(context.probability.max()),
            threshold=self.settings.probability,
            evidence={"before": before, **context.to_dict()},
        )

    def _correlated(self, log_ratio: float) -> float:
        """Return the average correlation of symbols of equal volatility that gives such a ratio."""
        ratio, size = float(np.exp(log_ratio)), self._parts[-1][2]
        return (ratio - 1.0) / (ratio + size - 1.0)

    def _shifts(self, one: Slice) -> Iterator[Finding]:
        if self._volatility.on:
            reading = self._volatility.reading
            yield _finding(
                one,
                "volatility_shift",
                f"moves of the market are {np.exp(reading.now - reading.usual):.2f} times as large as usual over "
                f"{self.settings.volatility_window} sessions ({reading.score:+.1f} deviations)",
                self._volatility,
            )
        if self._correlation.on:
            reading = self._correlation.reading
            yield _finding(
                one,
                "correlation_shift",
                f"the correlation of symbols is {self._correlated(reading.now):.2f} over "
                f"{self.settings.correlation_window} sessions, usually {self._correlated(reading.usual):.2f} "
                f"({reading.score:+.1f} deviations)",
                self._correlation,
            )
        turned = self._turned()
        for name, score in turned.items():
            way = "ahead of" if score > 0 else "behind"
            found = _finding(
                one,
                "sector_rotation",
                f"the sector {name!r} runs {way} the market by {abs(score):.1f} usual deviations over "
                f"{self.settings.sector_window} sessions",
                self._sectors[name],
                {"sector": name},
                {"sectors": turned},
            )
            # A sector that has not passed its own bound is told for the pair that it is one of.
            yield found if self._sectors[name].on else replace(found, threshold=self.settings.pair_bound)

    def _turned(self) -> dict[str, float]:
        """Return the scores of the sectors that part from the others, by name: alone, or as an opposite pair.

        Those that have had no return for as long as the window tell of nothing any more.
        """
        present = {name for name, count in self._unseen.items() if count <= self.settings.sector_window}
        scores = {name: gauge.reading.score for name, gauge in sorted(self._sectors.items()) if name in present}
        known = {name: score for name, score in scores.items() if np.isfinite(score)}
        found = {name for name in present if self._sectors[name].on}
        self._pair = self._opposed(known)
        return {name: scores[name] for name in sorted(found | set(self._pair or ()))}

    def _opposed(self, scores: Mapping[str, float]) -> tuple[str, str] | None:
        """Return the pair in force, or else the sectors furthest ahead and behind where both have passed the bound."""
        bound = self.settings.pair_bound
        if self._pair is not None:
            ahead, behind = (scores.get(name, 0.0) for name in self._pair)
            if min(ahead, -behind) >= bound * self.settings.release:
                return self._pair
        if len(scores) < 2:
            return None
        first, last = max(scores, key=lambda name: scores[name]), min(scores, key=lambda name: scores[name])
        return (first, last) if min(scores[first], -scores[last]) >= bound else None


def _rule(settings: RegimeWatcherSettings, window: int, bound: float, *, single: bool = False) -> GaugeRule:
    return GaugeRule(
        window=window,
        bound=bound,
        single=single,
        reference=settings.reference,
        least=settings.least,
        release=settings.release,
        longest=settings.longest,
    )


def _finding(
    one: Slice,
    kind: str,
    message: str,
    gauge: Gauge,
    subject: Mapping[str, str] | None = None,
    evidence: Mapping[str, Any] | None = None,
) -> Finding:
    reading: Reading = gauge.reading
    return Finding(
        kind=kind,
        area=Area.REGIME,
        severity=Severity.WARNING,
        message=message,
        time=bar_time(one),
        known_at=one.known_at,
        subject=subject or {},
        statistic=reading.score,
        threshold=gauge.rule.bound,
        evidence=finite({"now": reading.now, "usual": reading.usual, "sessions": reading.since, **(evidence or {})}),
    )
