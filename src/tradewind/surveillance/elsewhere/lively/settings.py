"""How a lively market is: drawn widely, for each market and for each of its symbols."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.surveillance.venue.names import STYLES, account_names, symbol_names

TICKS = (1, 10, 50, 100, 100, 100, 250, 1_000)
"""Price steps in ten-thousandths of a dollar."""

_SPARE = 160
"""Names kept for makers, look-alikes and whoever does deeds: nobody's part can be read from a name."""


def spread_out(rng: np.random.Generator, least: float, most: float) -> float:
    """Draw log-uniformly between ``least`` and ``most``."""
    return float(np.exp(rng.uniform(np.log(least), np.log(most))))


@dataclass(frozen=True, kw_only=True)
class Nature:
    """How a symbol is.

    Attributes
    ----------
    name, tick, start : its name, price step in price units, first value in ticks.
    half : half the usual spread, in ticks.
    volatility : of the value, in ticks for the root of a second.
    lot, unit : round lot and usual order, in shares.
    weight : its share of the flow.
    impact : by how many ticks an order of the usual size moves the value; ``lasting`` the share of it that stays,
        the rest decays in ``decay`` seconds.
    reach : scale of the distance from the best price at which orders are placed, in ticks; ``tail`` its power.
    life : median seconds an order of the crowd stays.
    """

    name: str
    tick: int
    start: float
    half: float
    volatility: float
    lot: int
    unit: int
    weight: float
    impact: float
    lasting: float
    decay: float
    reach: float
    tail: float
    life: float


@dataclass(frozen=True, kw_only=True)
class LivelySettings:
    """How a market is.

    Attributes
    ----------
    sessions, seconds : how many, and how long each is.
    events : about how many the crowd and the makers make.
    made : share of them that makers make; ``makers`` how many there are, ``dominant`` whether one makes most.
    names : accounts; the first ``accounts`` are the crowd, busy by a power law of exponent ``zipf``.
    takes : share of arrivals that take; ``splits`` chance that who took takes again.
    excites : market orders that one sets off on its side; ``refills`` limit orders it draws on the other,
        ``flees`` chance that an order there is taken back, ``echoes`` limit orders that a limit order sets off.
    memory : seconds in which excitement halves, about.
    smile : how much busier open and close are.
    tail : power of the sizes; ``rounds`` chance of a whole multiple of the lot.
    herd : how much the crowd follows the last move.
    common : correlation of the symbols.
    turns : changes of regime.
    news, quiet_news, jumps : news that moves prices, news that does not, and moves without.
    replaces : chance that an order of the crowd is replaced rather than taken back; ``same_id`` whether its id stays.
    market_orders : whether those who take send orders without price.
    clock : resolution of the times told, ns; ``latency`` mean ns between two actions.
    told : whether trades name the resting order, the arriving one, or both have a row.
    day_orders : whether what rests is taken back at the close.
    """

    sessions: int
    seconds: float
    events: int
    made: float
    makers: int
    dominant: bool
    names: tuple[str, ...]
    accounts: int
    zipf: float
    takes: float
    splits: float
    excites: float
    refills: float
    flees: float
    echoes: float
    memory: float
    smile: float
    tail: float
    rounds: float
    herd: float
    common: float
    turns: int
    news: int
    quiet_news: int
    jumps: int
    replaces: float
    same_id: bool
    market_orders: bool
    clock: int
    latency: float
    told: str
    day_orders: bool
    natures: tuple[Nature, ...]

    @property
    def length(self) -> float:
        """Open seconds of all sessions."""
        return self.sessions * self.seconds


def draw_settings(seed: int) -> LivelySettings:
    """Draw a market; the same seed draws the same one."""
    rng = np.random.default_rng([seed, 91])
    sessions = int(rng.choice([1, 1, 1, 2, 3]))
    accounts = round(spread_out(rng, 15, 1_500))
    makers = int(rng.integers(2, 7))
    symbols = int(rng.choice([1, 1, 2, 2, 3, 4, 6]))
    style = str(rng.choice(STYLES))
    return LivelySettings(
        sessions=sessions,
        seconds=60 * spread_out(rng, 25, 390) / sessions**0.5,
        events=round(spread_out(rng, 16_000, 55_000)),
        made=float(rng.uniform(0.15, 0.6)),
        makers=makers,
        dominant=bool(rng.random() < 0.25),
        names=account_names(accounts + _SPARE, style, seed),
        accounts=accounts,
        zipf=float(rng.uniform(0.3, 1.3)),
        takes=float(rng.uniform(0.15, 0.45)),
        splits=float(rng.uniform(0.0, 0.5)),
        excites=float(rng.uniform(0.05, 0.6)),
        refills=float(rng.uniform(0.2, 1.2)),
        flees=float(rng.uniform(0.0, 0.6)),
        echoes=float(rng.uniform(0.0, 0.4)),
        memory=spread_out(rng, 0.05, 20),
        smile=float(rng.uniform(0.0, 1.4)),
        tail=float(rng.uniform(1.3, 3.0)),
        rounds=float(rng.uniform(0.3, 1.0)),
        herd=float(rng.uniform(-0.1, 0.2)),
        common=float(rng.uniform(0.0, 0.9)),
        turns=int(rng.integers(0, 6)),
        news=int(rng.integers(0, 6)),
        quiet_news=int(rng.integers(0, 8)),
        jumps=int(rng.integers(0, 5)),
        replaces=float(rng.choice([0.0, rng.uniform(0.05, 0.6)])),
        same_id=bool(rng.random() < 0.5),
        market_orders=bool(rng.random() < 0.3),
        clock=int(rng.choice([1, 1, 1_000, 1_000, 1_000_000])),
        latency=spread_out(rng, 2_000, 200_000),
        told=str(rng.choice(["resting", "arriving", "both"])),
        day_orders=bool(rng.random() < 0.5),
        natures=_natures(rng, symbol_names(symbols, seed)),
    )


def _natures(rng: np.random.Generator, names: tuple[str, ...]) -> tuple[Nature, ...]:
    weights = rng.pareto(1.5, len(names)) + 0.3
    return tuple(_nature(rng, name, float(w / weights.sum())) for name, w in zip(names, weights, strict=True))


def _nature(rng: np.random.Generator, name: str, weight: float) -> Nature:
    half, lot = spread_out(rng, 0.7, 8), int(rng.choice([1, 1, 10, 100]))
    return Nature(
        name=name,
        tick=int(rng.choice(TICKS)),
        start=spread_out(rng, 1_500, 30_000),
        half=half,
        volatility=half * spread_out(rng, 0.02, 0.25),
        lot=lot,
        unit=lot * round(spread_out(rng, 1, 60)),
        weight=weight,
        impact=half * spread_out(rng, 0.02, 0.25),
        lasting=float(rng.uniform(0.2, 0.9)),
        decay=spread_out(rng, 5, 400),
        reach=half * spread_out(rng, 0.4, 4),
        tail=float(rng.uniform(1.0, 2.5)),
        life=spread_out(rng, 3, 300),
    )
