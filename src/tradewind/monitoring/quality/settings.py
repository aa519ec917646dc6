"""When bars that do not come, and news that come in bursts, are worth telling."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class FeedSettings(Settings):
    """When a feed counts as failing.

    Attributes
    ----------
    least_symbols : a feed that is expected to bring fewer is judged symbol by symbol.
    missing_share : share of a feed's expected bars that, missing at one time, is told of.
    absent_sessions : sessions in a row without a bar after which a single symbol is told of.
    forget_sessions : sessions after which a symbol without a bar is not expected of its feed any more.
    """

    least_symbols: int = Field(default=2, ge=1)
    missing_share: float = Field(default=0.3, gt=0, le=1)
    absent_sessions: int = Field(default=2, ge=1)
    forget_sessions: int = Field(default=60, ge=2)


class NewsSettings(Settings):
    """When news about a symbol look made up: a burst of items that say the same, loudly.

    Attributes
    ----------
    memory : sessions over which the usual number of items is counted. ``least`` : sessions before anything is told.
    p_value : chance of the day's number of items about the symbol under its usual rate (Poisson), times the number of
        symbols, at most.
    copies : share of the burst that says the same as another item of it (after symbols, figures and case are taken
        out), at least; or ``one_source`` : share of one source of it, at least, where that source's usual share is no
        more than half of that.
    tone : size of the burst's mean score, at least.
    items : items of the burst, at least.
    """

    memory: int = Field(default=60, ge=5)
    least: int = Field(default=10, ge=2)
    p_value: float = Field(default=0.001, gt=0, lt=1)
    copies: float = Field(default=0.5, gt=0, le=1)
    one_source: float = Field(default=0.9, gt=0, le=1)
    tone: float = Field(default=0.3, ge=0, le=1)
    items: int = Field(default=5, ge=2)
