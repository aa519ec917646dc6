"""The markets on which surveillance is measured; none of them was ever learned from.

``unseen`` : our venue with habits, settings and tactics of the family that training never draws.
``unseen_evasive`` : the same, every episode played to escape. ``unseen_fresh`` : other seeds of it.
``auditcase`` : an independent simulator as an auditor would write it to test a product.
``hawkes`` : one of orders that excite one another, as a researcher of microstructure would write it,
without sight of the other. Other seeds of both helped to set the bars.
``auditcase_evasive``, ``hawkes_evasive`` : the same, every episode played to escape.
``..._history`` : markets whose answers are known, on which the bars of a venue are set.
``calm``, ``calm_unseen``, ``calm_auditcase``, ``calm_hawkes`` : without any scheme.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import foreign_auditcase
import foreign_hawkes
from tradewind.surveillance.elsewhere.framed import FramedMarket, as_read
from tradewind.surveillance.events import EventTable, join_tables
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import iter_venue, sample_settings, simulate_calm

FIRST = {
    "unseen": 129_000,
    "unseen_evasive": 131_001,
    "unseen_fresh": 132_001,
    "auditcase": 4_001,
    "auditcase_evasive": 6_001,
    "hawkes": 4_001,
    "hawkes_evasive": 6_001,
    "unseen_history": 154_001,
    "unseen_evasive_history": 155_001,
    "auditcase_history": 20_001,
    "hawkes_history": 20_001,
    "calm": 789_001,
    "calm_unseen": 799_001,
    "calm_auditcase": 30_001,
    "calm_hawkes": 30_001,
}
"""The first seed of each suite."""

CALM_EVENTS = 500_000
SIMULATORS: dict[str, Callable[..., FramedMarket]] = {
    "auditcase": foreign_auditcase.simulate,
    "hawkes": foreign_hawkes.simulate,
}
"""The simulators that share nothing with our venues but the form of what they hand on."""


@dataclass(frozen=True, kw_only=True, eq=False)
class BenchMarket:
    """A market whose manipulation is known. ``sessions`` are found in the gaps of the events, as a run does."""

    name: str
    events: EventTable
    truth: tuple[Planted, ...] = ()
    attempts: tuple[Planted, ...] = ()

    @property
    def sessions(self) -> Sessions:
        """When it was open."""
        return Sessions.of_times(self.events.time)


def make(suite: str, seed: int, events: int | None = None) -> BenchMarket:
    """Simulate the market ``seed`` of a suite, of about ``events`` events where that is given."""
    name = f"{suite} {seed}"
    if suite.startswith("calm"):
        return BenchMarket(name=name, events=_calm(suite, seed, events or CALM_EVENTS))
    venue, *how = suite.split("_")
    evasive = 1.0 if "evasive" in how else 0.0
    simulate = SIMULATORS.get(venue)
    if simulate is None:
        market = sample_market(seed, family="unseen", evasive=evasive, events=events)
        return BenchMarket(name=name, events=market.events, truth=market.truth, attempts=market.attempts)
    made = as_read(simulate(seed, events=events, evasive=evasive))
    return BenchMarket(name=name, events=made.events, truth=made.truth, attempts=made.attempts)


def _calm(suite: str, seed: int, events: int) -> EventTable:
    if suite == "calm":
        return join_tables(list(simulate_calm(seed, events)))
    if suite == "calm_unseen":
        return join_tables(list(iter_venue(sample_settings(seed, "unseen", events=events))))
    return as_read(SIMULATORS[suite.removeprefix("calm_")](seed, events=events, episodes=0)).events
