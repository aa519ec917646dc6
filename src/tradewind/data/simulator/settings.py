"""What a simulated market shall look like."""

from __future__ import annotations

from datetime import date
from enum import StrEnum
from typing import Annotated, Self

from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.data.simulator.shocks import MarketShock

MOMENTUM_LOOKBACK = 5
REVERSAL_LOOKBACK = 1
CROSS_SECTION_FACTORS = 0.4
USUAL_SECTORS = 5
MIN_BARS_AFTER_LISTING = 30


class MarketKind(StrEnum):
    """Which rule gives the sign of the next move.

    ``random_walk``: a fair coin.  ``momentum``: the sign of the trailing ``lookback`` bars.  ``reversal``: its
    opposite.  ``news``: the sentiment of the items known at the row.  ``regimes``: a hidden Markov chain that
    switches between random walk, momentum and reversal.  ``cross_section``: market, sector and own factors, and
    with ``lead_lag`` the sector leader's move of today.
    """

    RANDOM_WALK = "random_walk"
    MOMENTUM = "momentum"
    REVERSAL = "reversal"
    NEWS = "news"
    REGIMES = "regimes"
    CROSS_SECTION = "cross_section"


OVERLAYS = (MarketKind.NEWS, MarketKind.CROSS_SECTION)


class MarketSettings(Settings):
    """Settings of :func:`simulate`.

    Attributes
    ----------
    n_symbols, n_days : symbols, and sessions from ``start`` on.
    start : first possible session.
    kind : the rule of the next move's sign.
    overlays : ``news`` and/or ``cross_section`` (lead-lag) on top of ``kind``: where an overlay speaks, it decides;
        news before lead-lag.
    ceiling : probability in [0.5, 1] that the next move follows the rule where the rule speaks.
    lookback : bars of the trailing return; None: 5 for momentum, 1 for reversal (also within ``regimes``).
    factor_share : share in [0, 0.6] of a move's variance that the market (2/3) and the sector (1/3) give to a symbol of
        beta 1; None: 0.4 for ``cross_section``, else 0 (independent coins, so that plain binomial intervals hold).
    sectors : number of sectors, None: 5 or as many as symbols; symbol ``i`` belongs to sector ``i % sectors``.
    lead_lag : in a ``cross_section`` market: the sector leader's move gives the followers' next sign.
    volatility : mean yearly volatility of a symbol (0.25 is 25 %).
    news_rate : share of rows with signed news (``news`` only); ``distractor_rate``: share of rows with a neutral item.
    after_close_share : share of items published after the previous session's close instead of during the day.
    regime_length : mean length of a hidden regime in sessions.
    regime_volatility : volatility of random walk, momentum and reversal regimes relative to the usual.
    splits : splits per symbol and year (dear shares are split, cheap ones merged; 0: none ever).
    dividends : cash dividends per symbol and year; ``dividend_yield``: their yearly sum relative to the price.
    late_listing, early_delisting : share of symbols that start late and that end early (sector leaders never do).
    turnover_horizon : late listings fall in the first half of this many sessions, delistings in the second half. It
        does not follow ``n_days``, so that a longer market has the shorter one as its beginning.
    shocks : planned changes of the market; ``ceiling`` and the probabilities are those under the shocks,
        ``planned_ceiling`` that of the market without them.
    calendar : name of an exchange of ``exchange_calendars``; None: every weekday, close at 21:00 UTC.
    seed : the same settings and seed give the same market.
    """

    n_symbols: Annotated[int, Field(ge=1, le=5000)] = 20
    n_days: Annotated[int, Field(ge=3, le=20000)] = 1000
    start: date = date(2012, 1, 3)
    kind: MarketKind = MarketKind.RANDOM_WALK
    overlays: tuple[MarketKind, ...] = ()
    ceiling: Annotated[float, Field(ge=0.5, le=1.0)] = 0.70
    lookback: Annotated[int, Field(ge=1, le=250)] | None = None
    factor_share: Annotated[float, Field(ge=0.0, le=0.6)] | None = None
    sectors: Annotated[int, Field(ge=1)] | None = None
    lead_lag: bool = True
    volatility: Annotated[float, Field(gt=0.0, le=1.0)] = 0.25
    news_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.5
    distractor_rate: Annotated[float, Field(ge=0.0, le=1.0)] = 0.2
    after_close_share: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3
    regime_length: Annotated[float, Field(gt=1.0)] = 60.0
    regime_volatility: tuple[float, float, float] = (1.0, 1.0, 1.0)
    splits: Annotated[float, Field(ge=0.0, le=12.0)] = 0.0
    dividends: Annotated[float, Field(ge=0.0, le=12.0)] = 0.0
    dividend_yield: Annotated[float, Field(ge=0.0, le=0.2)] = 0.02
    late_listing: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    early_delisting: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    turnover_horizon: Annotated[int, Field(ge=120)] = 500
    shocks: tuple[MarketShock, ...] = ()
    calendar: str | None = "XNYS"
    seed: Annotated[int, Field(ge=0)] = 0

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """Refuse values that contradict each other."""
        if self.n_sectors > self.n_symbols:
            raise ValueError(f"{self.sectors} sectors need at least as many symbols; n_symbols is {self.n_symbols}")
        if any(kind not in OVERLAYS for kind in self.overlays):
            raise ValueError("only news and cross_section can lie on top of another kind")
        strange = [one for one in self.shocks if one.kind == "rotation" and max(one.up, one.down) >= self.n_sectors]
        if strange:
            raise ValueError(f"a rotation names sector {max(strange[0].up, strange[0].down)} of {self.n_sectors}")
        if min(self.regime_volatility) <= 0:
            raise ValueError("regime_volatility must be positive")
        if self.late_listing > 0 and self.turnover_horizon // 2 + MIN_BARS_AFTER_LISTING > self.n_days:
            raise ValueError(
                f"with late listings n_days must be at least {self.turnover_horizon // 2 + MIN_BARS_AFTER_LISTING} "
                "(half of turnover_horizon and 30); lower turnover_horizon"
            )
        return self

    @property
    def n_sectors(self) -> int:
        """``sectors`` with None resolved."""
        return self.sectors or min(USUAL_SECTORS, self.n_symbols)

    @property
    def has_news(self) -> bool:
        """Whether news decide some moves."""
        return MarketKind.NEWS in (self.kind, *self.overlays)

    @property
    def has_lead_lag(self) -> bool:
        """Whether sector leaders lead their followers."""
        return self.lead_lag and MarketKind.CROSS_SECTION in (self.kind, *self.overlays)

    @property
    def factors(self) -> float:
        """``factor_share`` with None resolved."""
        if self.factor_share is not None:
            return self.factor_share
        return CROSS_SECTION_FACTORS if self.kind is MarketKind.CROSS_SECTION else 0.0

    @property
    def momentum_lookback(self) -> int:
        """Bars of the trailing return that momentum follows."""
        return self.lookback or MOMENTUM_LOOKBACK

    @property
    def reversal_lookback(self) -> int:
        """Bars of the trailing return that reversal opposes."""
        return self.lookback or REVERSAL_LOOKBACK

    @property
    def planned_ceiling(self) -> float:
        """Best possible accuracy of long samples in which every regime is known; warm-up bars are not counted."""
        edge = self.ceiling - 0.5
        speaks = {MarketKind.MOMENTUM: 1.0, MarketKind.REVERSAL: 1.0, MarketKind.REGIMES: 2.0 / 3.0}.get(self.kind, 0.0)
        if self.has_lead_lag:
            followers = 1.0 - self.n_sectors / self.n_symbols
            speaks = followers + (1.0 - followers) * speaks
        if self.has_news:
            speaks = self.news_rate + (1.0 - self.news_rate) * speaks
        return 0.5 + edge * speaks
