"""Settings of a simulated venue: symbols, sessions, accounts, rules of the crowd and groups of traders."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import pairwise

from tradewind.core.errors import UsageError

TRADERS: Mapping[str, int] = {
    "informed": 2,
    "maker": 3,
    "trend": 4,
    "reversion": 5,
    "executor": 6,
    "flicker": 7,
    "arbitrage": 8,
    "closer": 9,
    "block": 10,
    "house": 11,
    "reactor": 12,
    "scalper": 13,
    "joiner": 14,
    "patient": 15,
    "breakout": 16,
    "iceberg": 17,
    "grid": 18,
}
"""Kinds of traders by the number under which the kernel knows them; 0 is nature, 1 the pool of small traders."""


@dataclass(frozen=True, kw_only=True)
class SymbolSettings:
    """One symbol.

    ``price``, ``tick`` and ``unit`` (the natural step in which spreads and distances are measured) in ten-thousandths
    of a dollar; ``lot`` and ``typical`` (size of an order) in shares; ``volatility`` of the log fundamental a session;
    ``beta`` the weight of the common factor; ``share`` of the market's events.
    """

    name: str
    price: float = 500_000.0
    tick: int = 100
    unit: float = 200.0
    lot: int = 1
    typical: int = 100
    volatility: float = 0.015
    beta: float = 0.4
    share: float = 1.0


@dataclass(frozen=True, kw_only=True)
class AgentGroup:
    """``count`` traders of one kind in each symbol that make about ``share`` of its events.

    ``settings`` fixes what would be drawn, by name (``levels`` of a maker).
    """

    kind: str
    count: int
    share: float
    settings: Mapping[str, float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in TRADERS:
            raise UsageError(f"{self.kind} is no kind of trader", fix=f"choose among {', '.join(TRADERS)}")


@dataclass(frozen=True, kw_only=True)
class CrowdRules:
    """How the pool of small traders behaves.

    Attributes
    ----------
    limits, markets : shares of limit and market orders; the rest are cancels once ``depth`` orders rest in a symbol.
    depth : orders of the pool that rest in a symbol, about.
    inside : share of limit orders within the spread.
    size_law, size_spread : ``lognormal``, ``pareto`` or ``exponential``, and how heavy its tail is.
    place_law, place_power : ``power``, ``exponential`` or ``even`` distances behind the best price, and how steep.
    round_sizes : share of sizes that are round numbers.
    excite : 0 for arrivals at random, towards 1 for clusters. pull : how much thin queues draw market orders.
    skew : exponent of the Zipf law by which few accounts trade most.
    self_trades : False where the venue cancels the resting order rather than let an account trade with itself.
    """

    limits: float = 0.5
    markets: float = 0.12
    depth: float = 80.0
    inside: float = 0.25
    size_law: str = "lognormal"
    size_spread: float = 1.0
    place_law: str = "power"
    place_power: float = 1.2
    round_sizes: float = 0.3
    excite: float = 0.2
    pull: float = 0.0
    skew: float = 0.8
    self_trades: bool = True


@dataclass(frozen=True, kw_only=True)
class VenueSettings:
    """A market to simulate.

    Attributes
    ----------
    seed : everything random comes from it.
    events : how many events there should be, about, whatever the length of the sessions.
    symbols, sessions : what trades, and when (opening and close, nanoseconds since 1970-01-01 UTC, sorted).
    accounts, account_style : how many accounts, and how they are named; see ``names.STYLES``.
    crowd, groups : the small traders, and the traders with a purpose.
    news_per_session, news_size : items a session over all symbols; their jump, in session volatilities.
        ``news_published`` False keeps the jumps and writes no NEWS rows.
    u_shape : depth of the day's activity curve, 0 flat to 2. clustering : standard deviation of log activity.
    impact, decay : how far a session's turnover of one sign would move the price (session volatilities), and the
        share of a session over which that is forgotten.
    day_orders : True where all resting orders are cancelled at the close.
    resolution : nanoseconds to which times are cut.
    """

    seed: int = 0
    events: int = 100_000
    symbols: tuple[SymbolSettings, ...] = (SymbolSettings(name="AAA"),)
    sessions: tuple[tuple[int, int], ...] = ((1_704_895_200_000_000_000, 1_704_918_600_000_000_000),)
    accounts: int = 300
    account_style: str = "plain"
    crowd: CrowdRules = field(default_factory=CrowdRules)
    groups: tuple[AgentGroup, ...] = (
        AgentGroup(kind="maker", count=3, share=0.3),
        AgentGroup(kind="informed", count=2, share=0.05),
        AgentGroup(kind="trend", count=4, share=0.04),
    )
    news_per_session: float = 4.0
    news_size: float = 0.5
    news_published: bool = True
    u_shape: float = 1.0
    clustering: float = 0.5
    impact: float = 1.5
    decay: float = 0.15
    day_orders: bool = True
    resolution: int = 1

    def __post_init__(self) -> None:
        if not self.symbols or not self.sessions or self.accounts < 2 or self.events < 1:
            raise UsageError("a market needs a symbol, a session, two accounts and an event at least")
        flat = [time for session in self.sessions for time in session]
        if any(later <= earlier for earlier, later in pairwise(flat)):
            raise UsageError("sessions must be sorted and may not overlap")
