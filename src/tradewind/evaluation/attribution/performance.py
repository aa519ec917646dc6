"""Everything a backtest's return is made of: sectors, factors, selection and timing, symbols, costs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from tradewind.core import Panel, UsageError
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.evaluation.attribution.brinson import PeriodEffects, daily_effects, linked
from tradewind.evaluation.attribution.factors import FactorAttribution, attribute_factors, factor_returns
from tradewind.evaluation.attribution.settings import PerformanceSettings
from tradewind.evaluation.attribution.timing import Timing, split_timing
from tradewind.evaluation.backtest import Backtest

LEAST_DAYS = 20


@dataclass(frozen=True, kw_only=True)
class SymbolLine:
    """What one symbol gave before costs, summed over days, and its mean weight."""

    symbol: str
    sector: str
    weight: float
    contribution: float


@dataclass(frozen=True, kw_only=True, eq=False)
class Performance:
    """The attribution of a backtest.

    Attributes
    ----------
    days, gross_by_day : (D,) days of the backtest and its returns before costs.
    total : all days linked. periods : the same by period, each linked within itself.
    factors, timing : sums of daily gross returns, split. cost : sum of daily costs, <= 0. net : gross sum plus cost.
    symbols : every symbol, the largest contribution first; they sum to the gross sum.
    """

    days: TimeArray
    gross_by_day: FloatArray
    total: PeriodEffects
    periods: tuple[PeriodEffects, ...]
    factors: FactorAttribution
    timing: Timing
    cost: float
    net: float
    symbols: tuple[SymbolLine, ...]
    settings: PerformanceSettings

    @property
    def largest_gap(self) -> float:
        """Largest rounding error of any sum: every part of this attribution adds up to within it."""
        gaps = [self.total.gap, self.factors.gap, self.timing.gap, self.timing.gross + self.cost - self.net]
        gaps += [period.gap for period in self.periods]
        gaps.append(self.timing.gross - sum(line.contribution for line in self.symbols))
        return float(np.max(np.abs(gaps)))

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (no daily series)."""
        factors = {k: v for k, v in asdict(self.factors).items() if k != "daily"}
        return {
            "first": str(self.days[0])[:10],
            "last": str(self.days[-1])[:10],
            "days": len(self.days),
            "total": _period(self.total),
            "periods": [_period(period) for period in self.periods],
            "factors": {**factors, "alpha_statistic": self.factors.alpha_statistic},
            "timing": asdict(self.timing),
            "cost": self.cost,
            "net": self.net,
            "symbols": [asdict(line) for line in self.symbols],
            "largest_gap": self.largest_gap,
            "settings": self.settings.model_dump(mode="json"),
        }


def _period(period: PeriodEffects) -> dict[str, Any]:
    sums = {effect: period.total(effect) for effect in ("allocation", "selection", "interaction")}
    return {**asdict(period), "active": period.active, **sums}


def attribute_performance(
    result: Backtest,
    panel: Panel,
    settings: PerformanceSettings | None = None,
    *,
    benchmark: FloatArray | None = None,
) -> Performance:
    """Split what ``result`` earned.

    Parameters
    ----------
    panel : the bars it was traded on, with sectors; earlier bars than the backtest's let factors be formed at once.
    benchmark : (D, S) weights of the benchmark; equal weights of all symbols, which is ``result.market``, when None.

    Raises
    ------
    UsageError : too few days, a symbol the prices lack, or a day that lost everything.
    """
    rules = settings or PerformanceSettings()
    if len(result.days) < LEAST_DAYS:
        raise UsageError(
            f"{len(result.days)} days are too few to attribute, {LEAST_DAYS} are needed", fix="give a longer span"
        )
    sector = dict(zip(panel.symbols, panel.sectors, strict=True))
    names = [sector.get(str(symbol), "unknown") for symbol in result.symbols]
    held = np.full(result.weights.shape, 1.0 / len(result.symbols)) if benchmark is None else benchmark
    daily = daily_effects(result.weights, held, result.moves, names)
    factors = attribute_factors(result.gross, factor_returns(result, panel, rules), rules)
    given = (result.weights * result.moves).sum(axis=0)
    return Performance(
        days=result.days,
        gross_by_day=result.gross,
        total=linked(daily, result.returns, "all days", slice(None), rules.link),
        periods=tuple(
            linked(daily, result.returns, name, part, rules.link) for name, part in _spans(result.days, rules.period)
        ),
        factors=factors,
        timing=split_timing(result, lags=rules.lags),
        cost=float((result.returns - result.gross).sum()),
        net=float(result.returns.sum()),
        symbols=tuple(
            SymbolLine(
                symbol=str(result.symbols[s]),
                sector=names[s],
                weight=float(result.weights[:, s].mean()),
                contribution=float(given[s]),
            )
            for s in np.argsort(-given, kind="stable")
        ),
        settings=rules,
    )


def _spans(days: TimeArray, period: str) -> Iterator[tuple[str, slice]]:
    """Yield the name and the rows of each calendar period."""
    month = days.astype("datetime64[M]").astype(np.int64)
    code = month // {"month": 1, "quarter": 3, "year": 12}[period]
    edges = np.flatnonzero(np.r_[True, code[1:] != code[:-1], True])
    for first, last in pairwise(edges):
        text = str(days[first].astype("datetime64[M]"))
        year, number = text.split("-")
        names = {"month": text, "quarter": f"{year} Q{(int(number) + 2) // 3}", "year": year}
        yield names[period], slice(int(first), int(last))
