"""Brinson-Fachler attribution of a portfolio's return over its benchmark's, by sector and period.

For sector s with portfolio weight w, benchmark weight v, returns r and b there and benchmark return B:

- allocation ``(w - v) (b - B)``: was more held in sectors that beat the benchmark? (Brinson and Fachler 1985,
  "Measuring non-US equity portfolio performance", *Journal of Portfolio Management* 11(3))
- selection ``v (r - b)``: did the symbols held beat their sector?
- interaction ``(w - v) (r - b)``: both at once (Brinson, Hood and Beebower 1986).

A book of longs and shorts has sectors whose weights nearly cancel, where ``r`` means nothing. Longs and shorts of a
sector are therefore two segments (the benchmark holds no shorts) that are added up afterwards. What the weights leave
of 1 is cash, which earns nothing: its line is allocation alone, and with it the effects of a day sum to the portfolio's
return less the benchmark's. A segment in which nothing is held has no selection.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.evaluation.attribution.linking import Link, compounded, linking_factors

CASH = "cash"
EFFECTS = ("allocation", "selection", "interaction")


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyEffects:
    """Effects of every day.

    Attributes
    ----------
    sectors : G names, the last is cash. effects : (D, G, 3) allocation, selection and interaction; they sum over the
        last two axes to ``portfolio - benchmark``.
    weight, held : (D, G) weight of each sector in the portfolio and in the benchmark.
    portfolio, benchmark : (D,) returns before costs.
    """

    sectors: tuple[str, ...]
    effects: FloatArray
    weight: FloatArray
    held: FloatArray
    portfolio: FloatArray
    benchmark: FloatArray


def daily_effects(
    weights: FloatArray, benchmark: FloatArray, moves: FloatArray, sector: Sequence[str] | AnyArray
) -> DailyEffects:
    """Attribute each day.

    Parameters
    ----------
    weights, benchmark : (D, S) weights held over each day; a benchmark's sum to 1 where it is fully invested.
    moves : (D, S) returns of the symbols over the day, finite. sector : (S,) name of each symbol's sector.
    """
    names, code = np.unique(np.asarray(sector, dtype=str), return_inverse=True)
    code = code.astype(np.int64)
    total = (benchmark * moves).sum(axis=1)
    own_weight = _by_sector(benchmark, code, len(names))
    own_return = _ratio(_by_sector(benchmark * moves, code, len(names)), own_weight, total[:, None])
    effects = np.zeros((len(moves), len(names) + 1, 3))
    weight = np.zeros((len(moves), len(names) + 1))
    for longs in (True, False):
        part = np.maximum(weights, 0.0) if longs else np.minimum(weights, 0.0)
        mine = _by_sector(part, code, len(names))
        earned = _by_sector(part * moves, code, len(names))
        base = own_weight if longs else np.zeros_like(own_weight)
        beyond = np.where(mine != 0, _ratio(earned, mine, own_return) - own_return, 0.0)
        effects[:, :-1, 0] += (mine - base) * (own_return - total[:, None])
        effects[:, :-1, 1] += base * beyond
        effects[:, :-1, 2] += (mine - base) * beyond
        weight[:, :-1] += mine
    weight[:, -1] = 1.0 - weights.sum(axis=1)
    cash = 1.0 - benchmark.sum(axis=1)
    effects[:, -1, 0] = (weight[:, -1] - cash) * (0.0 - total)
    return DailyEffects(
        sectors=(*map(str, names), CASH),
        effects=effects,
        weight=weight,
        held=np.concatenate([own_weight, cash[:, None]], axis=1),
        portfolio=(weights * moves).sum(axis=1),
        benchmark=total,
    )


def _by_sector(values: FloatArray, code: IntArray, count: int) -> FloatArray:
    out = np.zeros((len(values), count))
    for s, g in enumerate(code):
        out[:, g] += values[:, s]
    return out


def _ratio(top: FloatArray, bottom: FloatArray, otherwise: FloatArray) -> FloatArray:
    """Return ``top / bottom``, and ``otherwise`` where ``bottom`` is zero."""
    out = np.broadcast_to(otherwise, top.shape).copy()
    np.divide(top, bottom, out=out, where=bottom != 0)
    return out


@dataclass(frozen=True, kw_only=True)
class SectorEffect:
    """One sector over a period: mean weights, and linked effects as parts of the period's active return."""

    sector: str
    weight: float
    benchmark_weight: float
    allocation: float
    selection: float
    interaction: float

    @property
    def total(self) -> float:
        """Sum of the three effects."""
        return self.allocation + self.selection + self.interaction


@dataclass(frozen=True, kw_only=True)
class PeriodEffects:
    """A period's attribution.

    ``portfolio`` : compounded return after costs. ``benchmark`` : the benchmark's. ``cost`` : the linked effect of
    costs, <= 0. Sector effects and ``cost`` sum to ``portfolio - benchmark``.
    """

    name: str
    days: int
    portfolio: float
    benchmark: float
    sectors: tuple[SectorEffect, ...]
    cost: float

    @property
    def active(self) -> float:
        """Return over the benchmark's."""
        return self.portfolio - self.benchmark

    def total(self, effect: str) -> float:
        """Return the sum over sectors of ``allocation``, ``selection`` or ``interaction``."""
        return float(sum(getattr(sector, effect) for sector in self.sectors))

    @property
    def gap(self) -> float:
        """Active return less all effects: rounding alone."""
        return self.active - sum(self.total(effect) for effect in EFFECTS) - self.cost


def linked(daily: DailyEffects, net: FloatArray, name: str, days: slice, link: Link = "carino") -> PeriodEffects:
    """Link the effects of the rows ``days``; ``net`` (D,) are the portfolio's returns after costs.

    Raises
    ------
    UsageError : a day lost everything.
    """
    portfolio, benchmark = net[days], daily.benchmark[days]
    factor = linking_factors(portfolio, benchmark, link)
    effects = np.einsum("d,dge->ge", factor, daily.effects[days])
    return PeriodEffects(
        name=name,
        days=len(portfolio),
        portfolio=compounded(portfolio),
        benchmark=compounded(benchmark),
        sectors=tuple(
            SectorEffect(
                sector=sector,
                weight=float(daily.weight[days, g].mean()),
                benchmark_weight=float(daily.held[days, g].mean()),
                allocation=float(effects[g, 0]),
                selection=float(effects[g, 1]),
                interaction=float(effects[g, 2]),
            )
            for g, sector in enumerate(daily.sectors)
        ),
        cost=float(factor @ (portfolio - daily.portfolio[days])),
    )
