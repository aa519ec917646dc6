"""A market for the demonstration: every scheme planted once, over three symbols."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.evaluation import match
from tradewind.surveillance.planting import Episode, make_market, sample_plan
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import Market, sample_settings

DEMO_SEED = 2_024
EVENTS = 150_000


def demo_market(seed: int = DEMO_SEED, events: int = EVENTS) -> Market:
    """Return a market with one episode of every scheme; one for which it gives no chance is not there.

    The same seed gives the same market. Seeds of training markets lie elsewhere.
    """
    venue = sample_settings(seed, events=events)
    rng = np.random.default_rng([seed, 11])
    plan: list[Episode] = []
    for number, scheme in enumerate(Scheme):
        (episode,) = sample_plan(rng, venue, schemes=[scheme], episodes=1)
        begin = 0.08 + 0.75 * number / len(Scheme)
        plan.append(replace(episode, begin=begin, symbol=number % len(venue.symbols), crew=number))
    return make_market(venue, plan)


@dataclass(frozen=True, kw_only=True)
class Confronted:
    """One planted episode and the best alert that meets it, None where none does."""

    planted: Planted
    alert: Alert | None


def confront(alerts: Sequence[Alert], truth: Sequence[Planted]) -> tuple[list[Confronted], list[Alert]]:
    """Return every planted episode with its best alert, and the alerts that meet none."""
    met = match(alerts, truth)
    best: dict[int, Alert] = {}
    for a, p in zip(met.alert.tolist(), met.planted.tolist(), strict=True):
        if p not in best or alerts[a].score > best[p].score:
            best[p] = alerts[a]
    pairs = [Confronted(planted=planted, alert=best.get(number)) for number, planted in enumerate(truth)]
    return pairs, [alert for number, alert in enumerate(alerts) if not met.true[number]]
