"""What an incident is: something that goes wrong with a world, planted at a time, with the truth about it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Protocol

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import TimeArray
from tradewind.data import MarketShock
from tradewind.monitoring.slices import ServiceSample


class IncidentKind(StrEnum):
    """The twelve kinds."""

    FEED_STOPS = "feed_stops"
    UNIT_CHANGE = "unit_change"
    UNADJUSTED_SPLIT = "unadjusted_split"
    STALE_SYMBOL = "stale_symbol"
    SECTOR_ROTATION = "sector_rotation"
    VOLATILITY_SHOCK = "volatility_shock"
    CORRELATION_BREAK = "correlation_break"
    LABEL_DELAY = "label_delay"
    WRONG_MODEL_VERSION = "wrong_model_version"
    SLOW_DEPENDENCY = "slow_dependency"
    GRADUAL_DRIFT = "gradual_drift"
    ADVERSARIAL_NEWS = "adversarial_news"


@dataclass(frozen=True, kw_only=True)
class Truth:
    """What was planted: the sessions ``first`` to ``last`` (counted from the world's first) are at fault.

    ``subject`` : what is to blame, in the keys of :class:`~tradewind.monitoring.finding.Finding`; any of several values
    of a key, parted by ``|``, is right.
    """

    kind: IncidentKind
    first: int
    last: int
    subject: Mapping[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True, kw_only=True, eq=False)
class Stage:
    """What an incident may look at and change.

    Attributes
    ----------
    panel, news : the bars and items as they arrive. ``days`` : (T,) sessions. ``feed`` : (S,) feed of each symbol.
    versions : versions that have been served, oldest first; the last is the champion.
    served : (T,) index into ``versions`` of the one that answered on each session.
    label_delay : (T,) sessions by which labels due on each session come late.
    service : how the service did on each session.
    shocks : changes of the market itself; where there are any, the market is simulated anew with them.
    """

    panel: Panel
    news: News
    days: TimeArray
    feed: tuple[str, ...]
    versions: tuple[str, ...]
    served: tuple[int, ...]
    label_delay: tuple[int, ...]
    service: tuple[ServiceSample, ...]
    shocks: tuple[MarketShock, ...] = ()

    def with_columns(self, **columns: np.ndarray) -> Stage:
        """Return the stage with other columns of the panel."""
        changed: dict[str, Any] = dict(columns)
        return replace(self, panel=replace(self.panel, **changed))

    def rows(self, first: int, last: int, symbols: list[int]) -> np.ndarray:
        """(n,) True for the bars of ``symbols`` (codes) of the sessions ``first`` to ``last``."""
        inside = (self.panel.time >= self.days[first]) & (self.panel.time <= self.days[last])
        mask: np.ndarray = inside & np.isin(self.panel.symbol_code, symbols)
        return mask

    @property
    def sectors(self) -> tuple[str, ...]:
        """Names of the sectors by code; symbol ``i`` is of sector ``i % len(sectors)``."""
        return tuple(dict.fromkeys(self.panel.sectors))


class Incident(Protocol):
    """Plants one kind of incident: ``first`` is its first session, ``room`` how many sessions follow before the end."""

    kind: IncidentKind

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Return the stage with the incident, and the truth about it; ``stage`` stays as it was."""
        ...
