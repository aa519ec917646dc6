"""Simulated markets to learn from, of every kind there is."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from tradewind.surveillance.learning import LabelledMarket
from tradewind.surveillance.lively import lively_market
from tradewind.surveillance.plain import plain_market
from tradewind.surveillance.planting import busy_market, sample_market
from tradewind.surveillance.schemes import Scheme

Kind = Literal["own", "busy", "plain", "lively"]


def simulated(
    kind: Kind,
    seed: int,
    *,
    events: int | None = None,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] | None = None,
) -> LabelledMarket:
    """Return a market: ``own`` and ``busy`` ones of our venue, others of the plain and the lively venue.

    ``events`` and ``schemes`` as in :func:`.planting.sample_market` and :func:`.planting.busy_market`; the other venues
    have a size of their own. ``evasive`` holds for our venue; the lively one draws its variants itself.
    """
    if kind == "busy":
        return busy_market(seed, events=events, evasive=evasive, schemes=schemes)
    if kind == "plain":
        return plain_market(seed, schemes=tuple(schemes or Scheme))
    if kind == "lively":
        return lively_market(seed, schemes=tuple(schemes or Scheme))
    return sample_market(seed, events=events, evasive=evasive, schemes=schemes)
