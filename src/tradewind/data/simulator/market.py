"""A seeded market whose best possible directional accuracy is known."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.data.corporate_actions import CorporateAction
from tradewind.data.simulator.actions import backward_adjusted, list_actions
from tradewind.data.simulator.fault_kinds import Fault
from tradewind.data.simulator.newsroom import plan_news
from tradewind.data.simulator.process import Paths, Process
from tradewind.data.simulator.regimes import draw_regimes, observer_probability
from tradewind.data.simulator.sessions import Sessions, draw_sessions
from tradewind.data.simulator.settings import MarketSettings
from tradewind.data.simulator.traits import Traits, draw_traits
from tradewind.data.universe import Universe


@dataclass(frozen=True, kw_only=True, eq=False)
class SimulatedMarket:
    """A market, and the truth about it; n rows are the panel's.

    Attributes
    ----------
    panel, news, universe : the data, as a reader would give them; ``news`` is None where none decide.
    ceiling : best accuracy in expectation, on the rows that have a next bar, of somebody who knows the rules but not
        the hidden regime.
    ceiling_known_regime : the same for somebody who also knows the regime: the mean of ``max(p, 1 - p)``. Equal to
        ``ceiling`` in every kind but ``regimes``.
    planned_ceiling : what the settings lead one to expect of ``ceiling_known_regime``.
    probability : (n,) true probability that the next bar's adjusted close is higher, given all that is known at the
        row and the regime; NaN on each symbol's last row.
    observer_probability : (n,) the same without knowledge of the regime; NaN on each symbol's last row.
    regime : (n,) the rule in force for the move to the next bar: 0 random walk, 1 momentum, 2 reversal.
    actions : splits and dividends that happened, as ``tradewind.data.adjust_panel`` takes them.
    faults : what :func:`inject_faults` broke; empty in a clean market. Probabilities and ceilings stay those of the
        clean market, carried along with its rows.
    settings : what the market was made from.
    """

    panel: Panel
    news: News | None
    universe: Universe
    ceiling: float
    ceiling_known_regime: float
    planned_ceiling: float
    probability: FloatArray
    observer_probability: FloatArray
    regime: IntArray
    actions: tuple[CorporateAction, ...]
    faults: tuple[Fault, ...]
    settings: MarketSettings

    @cached_property
    def rise(self) -> FloatArray:
        """(n,) what happened: 1 where the next adjusted close is higher, 0 where not, NaN on each last row."""
        out = np.full(len(self.panel), np.nan)
        out[:-1] = self.panel.adj_close[1:] > self.panel.adj_close[:-1]
        out[self.panel.offsets[1:] - 1] = np.nan
        return out


def simulate(settings: MarketSettings) -> SimulatedMarket:
    """Simulate a market.

    Parameters
    ----------
    settings : what the market shall look like; the same settings give the same market, and more ``n_days`` give a
        market that begins with the shorter one (adjusted closes up to one factor per symbol).

    Raises
    ------
    UsageError : the calendar is unknown or does not reach far enough.

    Examples
    --------
    >>> market = simulate(MarketSettings(kind="momentum", n_symbols=5, n_days=300))
    >>> market.planned_ceiling, round(market.ceiling, 2)
    (0.7, 0.7)
    """
    days = draw_sessions(settings.calendar, settings.start, settings.n_days)
    traits = draw_traits(settings)
    regimes = draw_regimes(settings)
    plan = plan_news(settings, traits, days) if settings.has_news else None
    paths = Process(settings, traits, None if plan is None else plan.sentiment, regimes).run()
    listed = np.stack([traits.listed(day) for day in range(settings.n_days)])
    last = listed & ~np.vstack([listed[1:], np.zeros((1, settings.n_symbols), dtype=bool)])
    truth = np.where(last, np.nan, paths.probability)
    seen = truth
    if paths.by_regime is not None:
        seen = np.where(last, np.nan, _filtered(paths, paths.by_regime, listed, settings))
    # Rows of a panel run by symbol, then day: transpose, then keep the cells where a symbol trades.
    probability, observer = truth.T[listed.T], seen.T[listed.T]
    return SimulatedMarket(
        panel=_panel(paths, traits, days, listed),
        news=None if plan is None else plan.news,
        universe=Universe(
            symbols=traits.symbols,
            names=tuple(f"Simulated {name[3:]} Inc" for name in traits.symbols),
            sectors=traits.sector_names(),
            market_caps=traits.market_cap,
        ),
        ceiling=_expected_accuracy(observer, probability),
        ceiling_known_regime=_expected_accuracy(probability, probability),
        planned_ceiling=settings.planned_ceiling,
        probability=probability,
        observer_probability=observer,
        regime=np.broadcast_to(regimes[:, None], listed.shape).T[listed.T],
        actions=list_actions(paths.ratio, paths.cash, traits, [_date(day) for day in days.day]),
        faults=(),
        settings=settings,
    )


def _filtered(paths: Paths, by_regime: FloatArray, listed: BoolArray, settings: MarketSettings) -> FloatArray:
    """(T, S) probability of a rise for somebody who must infer the regime from the moves of listed symbols."""
    total = paths.close[1:] * paths.ratio[1:] > paths.close[:-1] - paths.cash[1:]
    rise = np.vstack([np.zeros((1, settings.n_symbols), dtype=bool), total])
    seen = listed & np.vstack([np.zeros((1, settings.n_symbols), dtype=bool), listed[:-1]])
    return observer_probability(by_regime, rise, seen, settings)


def _expected_accuracy(belief: FloatArray, truth: FloatArray) -> float:
    """Expected accuracy of calling a rise where ``belief`` is at least one half, on rows that have a next bar."""
    known = ~np.isnan(truth)
    return float(np.where(belief[known] >= 0.5, truth[known], 1.0 - truth[known]).mean())


def _panel(paths: Paths, traits: Traits, days: Sessions, listed: BoolArray) -> Panel:
    """Lay the listed cells of (T, S) paths out as a panel."""
    until_last = np.where(listed | (np.arange(len(listed))[:, None] < traits.entry), 1.0, 0.0)
    ratio = np.where(until_last > 0, paths.ratio, 1.0)  # actions after a delisting adjust nothing
    cash = np.where(until_last > 0, paths.cash, 0.0)
    adjusted = backward_adjusted(paths.close, ratio, cash)
    cells = listed.T
    time = np.broadcast_to(days.day, cells.shape)[cells]
    known = np.broadcast_to(days.close, cells.shape)[cells]
    columns = {name: getattr(paths, name).T[cells] for name in ("open", "high", "low", "close", "volume")}
    return Panel(
        symbols=traits.symbols,
        offsets=np.concatenate([[0], np.cumsum(cells.sum(axis=1))]).astype(np.int64),
        time=time,
        known_at=known,
        adj_close=adjusted.T[cells],
        sectors=traits.sector_names(),
        market_cap=traits.market_cap,
        **columns,
    )


def _date(day: np.datetime64) -> date:
    """Return the date of a session."""
    moment: date = day.astype("datetime64[D]").item()
    return moment
