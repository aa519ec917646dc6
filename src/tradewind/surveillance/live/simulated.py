"""Simulated markets to learn from, of every kind there is."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Literal, Protocol

from tradewind.surveillance.elsewhere import (
    acceptance,
    appraised,
    automated,
    benchset,
    boardlots,
    examined,
    frontier,
    largecaps,
    midcaps,
    pennies,
    prosecuted,
    retail,
    trackers,
)
from tradewind.surveillance.elsewhere.brokered import brokered_market
from tradewind.surveillance.elsewhere.framed import Simulate, to_learn_from
from tradewind.surveillance.elsewhere.lively import lively_market
from tradewind.surveillance.elsewhere.plain import plain_market
from tradewind.surveillance.elsewhere.populated import populated_market
from tradewind.surveillance.elsewhere.reactive import reactive_market
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
    "largecaps",
    "frontier",
    "pennies",
    "acceptance",
    "trackers",
    "benchset",
]
"""``own``, ``busy`` : markets of our venue, the latter with episodes planted densely. ``plain`` : textbook scripts in a
Poisson flow. ``lively`` : arrivals that excite one another. ``populated`` : people and algorithms with purposes that
last. ``reactive`` : a book whose queues alone decide what comes next. ``brokered`` : owners, managers and brokers with
several accounts each. ``sketched`` : agents as an outside examiner would sketch them, every dial drawn widely.
``prosecuted`` : deeds as regulators' cases tell them. ``appraised`` : investors with reservation prices, and day
traders who react within a second. ``examined`` : as an examiner of surveillance would plant deeds among look-alikes.
``retail`` : private clients in small shares. ``automated`` : liquid shares in the hands of machines.
``boardlots`` : an exchange of board lots with daily limits. ``midcaps`` : thin shares with makers under obligation.
``largecaps`` : large shares with long queues. ``frontier`` : a young exchange where shares trade seldom.
``pennies`` : penny shares and their crowd. ``acceptance`` : as a bank would examine a product it might buy.
``trackers`` : index funds and the shares in them. ``benchset`` : as written to compare detectors on."""


class _Other(Protocol):
    def __call__(self, seed: int, *, schemes: Sequence[Scheme]) -> LabelledMarket: ...


_OTHERS: Mapping[Kind, _Other] = {
    "plain": plain_market,
    "lively": lively_market,
    "populated": populated_market,
    "reactive": reactive_market,
    "brokered": brokered_market,
    "sketched": sketched_market,
}

_FRAMED: Mapping[Kind, Simulate] = {
    "prosecuted": prosecuted.simulate,
    "appraised": appraised.simulate,
    "examined": examined.simulate,
    "retail": retail.simulate,
    "automated": automated.simulate,
    "boardlots": boardlots.simulate,
    "midcaps": midcaps.simulate,
    "largecaps": largecaps.simulate,
    "frontier": frontier.simulate,
    "pennies": pennies.simulate,
    "acceptance": acceptance.simulate,
    "trackers": trackers.simulate,
    "benchset": benchset.simulate,
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
    played = tuple(schemes or Scheme)
    return _OTHERS[kind](seed, schemes=played) if kind in _OTHERS else to_learn_from(_FRAMED[kind], seed, played)
