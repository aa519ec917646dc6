"""Simulated markets to learn from, of every kind there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from tradewind.surveillance.elsewhere.appraised import appraised_market
from tradewind.surveillance.elsewhere.automated import automated_market
from tradewind.surveillance.elsewhere.boardlots import boardlots_market
from tradewind.surveillance.elsewhere.brokered import brokered_market
from tradewind.surveillance.elsewhere.examined import examined_market
from tradewind.surveillance.elsewhere.lively import lively_market
from tradewind.surveillance.elsewhere.midcaps import midcaps_market
from tradewind.surveillance.elsewhere.plain import plain_market
from tradewind.surveillance.elsewhere.populated import populated_market
from tradewind.surveillance.elsewhere.prosecuted import prosecuted_market
from tradewind.surveillance.elsewhere.reactive import reactive_market
from tradewind.surveillance.elsewhere.retail import retail_market
from tradewind.surveillance.elsewhere.sketched import sketched_market
from tradewind.surveillance.learning import LabelledMarket
from tradewind.surveillance.planting import busy_market, sample_market
from tradewind.surveillance.schemes import Scheme

Kind = Literal[
    "own",
    "busy",
    "plain",
    "lively",
    "populated",
    "reactive",
    "brokered",
    "sketched",
    "prosecuted",
    "appraised",
    "examined",
    "retail",
    "automated",
    "boardlots",
    "midcaps",
]
"""``own``, ``busy`` : markets of our venue, the latter with episodes planted densely. ``plain`` : textbook scripts in a
Poisson flow. ``lively`` : arrivals that excite one another. ``populated`` : people and algorithms with purposes that
last. ``reactive`` : a book whose queues alone decide what comes next. ``brokered`` : owners, managers and brokers with
several accounts each. ``sketched`` : agents as an outside examiner would sketch them, every dial drawn widely.
``prosecuted`` : deeds as regulators' cases tell them. ``appraised`` : investors with reservation prices, and day
traders who react within a second. ``examined`` : as an examiner of surveillance would plant deeds among look-alikes.
``retail`` : private clients in small shares. ``automated`` : liquid shares in the hands of machines.
``boardlots`` : an exchange of board lots with daily limits. ``midcaps`` : thin shares with makers under obligation."""


class _Other(Protocol):
    def __call__(self, seed: int, *, schemes: Sequence[Scheme]) -> LabelledMarket: ...


_OTHERS: Mapping[Kind, _Other] = {
    "plain": plain_market,
    "lively": lively_market,
    "populated": populated_market,
    "reactive": reactive_market,
    "brokered": brokered_market,
    "sketched": sketched_market,
    "prosecuted": prosecuted_market,
    "appraised": appraised_market,
    "examined": examined_market,
    "retail": retail_market,
    "automated": automated_market,
    "boardlots": boardlots_market,
    "midcaps": midcaps_market,
}


def simulated(
    kind: Kind,
    seed: int,
    *,
    events: int | None = None,
    evasive: float = 0.0,
    schemes: Sequence[Scheme] | None = None,
) -> LabelledMarket:
    """Return a market of a kind; the same seed gives the same one.

    ``events`` and ``schemes`` as in :func:`.planting.sample_market` and :func:`.planting.busy_market`; the other venues
    have a size of their own, and draw themselves how hard a deed is to see, which ``evasive`` says for ours.
    """
    if kind == "own":
        return sample_market(seed, events=events, evasive=evasive, schemes=schemes)
    if kind == "busy":
        return busy_market(seed, events=events, evasive=evasive, schemes=schemes)
    return _OTHERS[kind](seed, schemes=tuple(schemes or Scheme))
