"""What counts as a change of the market."""

from __future__ import annotations

from typing import Annotated

from pydantic import Field

from tradewind.core import Settings


class RegimeWatcherSettings(Settings):
    """Settings of :class:`RegimeWatcher`.

    Bounds are in robust deviations (by the median of absolute deviations) of the same mean over the reference.

    Attributes
    ----------
    reference : sessions of the reference, which end before those looked at; ``least``: those it needs.
    volatility_window, volatility_bound : sessions whose mean log size of moves is looked at, and its bound.
    correlation_window, correlation_bound : the same for the log ratio of the variance of the market to that of symbols
        about it, which grows with their correlation and not with their volatility.
    sector_window, sector_bound : the same for the mean return of a sector less that of the others, in units of the
        day's moves.
    pair_bound : bound that two sectors on opposite sides pass together: what leaves one sector goes to another, and two
        at once are chance far more seldom than one.
    release : share of a bound below which a shift is over.
    longest : sessions after which a shift that lasts is the new usual: the reference begins anew there.
    probability, confirm : a regime has changed where another had this filtered probability for so many sessions.
    distinct : by how much the mean log dispersion of these sessions must differ from that of the regime told before: a
        model of a market that has but one regime finds several that differ by little.
    """

    reference: Annotated[int, Field(ge=40, le=2000)] = 250
    least: Annotated[int, Field(ge=20)] = 60
    volatility_window: Annotated[int, Field(ge=1, le=60)] = 5
    volatility_bound: Annotated[float, Field(gt=0.0)] = 4.5
    correlation_window: Annotated[int, Field(ge=2, le=120)] = 20
    correlation_bound: Annotated[float, Field(gt=0.0)] = 4.0
    sector_window: Annotated[int, Field(ge=1, le=120)] = 15
    sector_bound: Annotated[float, Field(gt=0.0)] = 4.5
    pair_bound: Annotated[float, Field(gt=0.0)] = 2.8
    release: Annotated[float, Field(gt=0.0, le=1.0)] = 0.6
    longest: Annotated[int, Field(ge=1)] = 40
    probability: Annotated[float, Field(gt=0.5, lt=1.0)] = 0.9
    confirm: Annotated[int, Field(ge=1)] = 5
    distinct: Annotated[float, Field(ge=0.0)] = 0.35
