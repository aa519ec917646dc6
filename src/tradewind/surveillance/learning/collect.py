"""Candidates of labelled markets, each with the answer whether an alert raised from it would be true."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.evaluation.matching import TOLERANCE, match
from tradewind.surveillance.events.table import EventTable
from tradewind.surveillance.learning.described import (
    CandidateSource,
    Described,
    LabelledMarket,
    column_monotone,
    column_names,
    columns,
)
from tradewind.surveillance.learning.table import CandidateTable, MarketRecord, Ragged, SchemeTable
from tradewind.surveillance.schemes import Scheme

_UNSETTLED = -2
"""Mark of a row that is neither right nor wrong."""


@dataclass(frozen=True)
class _Claim:
    """A candidate by name, as an alert raised from it would read."""

    scheme: Scheme
    symbol: str
    accounts: tuple[str, ...]
    start: int
    end: int


def collect(
    market: LabelledMarket,
    source: CandidateSource,
    *,
    name: str = "market",
    venue: str = "",
    tolerance_ns: int = TOLERANCE,
) -> CandidateTable:
    """Return the labelled candidates that ``source`` finds in one market.

    A row is positive where it names the scheme, symbol, one account and the time of a planted episode: the rule of
    :func:`~tradewind.surveillance.evaluation.matching.match`. What points to a planted deed under another scheme's
    name is negative, so that models learn to tell schemes apart. What meets an attempt that was not carried through is
    left out. ``venue`` : what made the market, if anything is known of it.
    """
    events = market.events
    described = source.describe(events, market.sessions)
    claims = [_claim(candidate, events) for candidate in described.candidates]
    met = match(claims, market.truth, tolerance_ns=tolerance_ns)
    planted = np.full(len(claims), -1, dtype=np.int64)
    planted[met.alert[::-1]] = met.planted[::-1]  # the first of several stays
    unsettled = match(claims, market.attempts, tolerance_ns=tolerance_ns, any_scheme=True).true & (planted < 0)
    record = MarketRecord(
        name=name,
        symbols=events.symbols.all(),
        accounts=events.accounts.all(),
        truth=tuple(market.truth),
        events=len(events),
        venue=venue,
    )
    schemes = {
        scheme: _scheme_table(source, scheme, described, np.where(unsettled, _UNSETTLED, planted))
        for scheme in source.schemes
    }
    return CandidateTable(markets=(record,), schemes=schemes)


def _claim(candidate: Candidate, events: EventTable) -> _Claim:
    return _Claim(
        candidate.scheme,
        events.symbols[candidate.symbol],
        tuple(events.accounts[code] for code in candidate.accounts if code >= 0),
        candidate.start,
        candidate.end,
    )


def _scheme_table(source: CandidateSource, scheme: Scheme, described: Described, planted: IntArray) -> SchemeTable:
    rows = np.array(
        [i for i, c in enumerate(described.candidates) if c.scheme is scheme and planted[i] != _UNSETTLED],
        dtype=np.int64,
    )
    found: Sequence[Candidate] = [described.candidates[i] for i in rows]
    names = column_names(source, scheme)
    variants = tuple(dict.fromkeys(c.variant for c in found))
    values = columns(found, described.views[rows]) if found else np.empty((0, len(names)), dtype=np.float32)

    def whole(name: str) -> IntArray:
        return np.array([getattr(c, name) for c in found], dtype=np.int64)

    return SchemeTable(
        scheme=scheme,
        names=names,
        monotone=column_monotone(source, scheme),
        variants=variants,
        values=values,
        rule=np.array([c.rule for c in found], dtype=np.float64),
        label=planted[rows] >= 0,
        planted=planted[rows],
        market=np.zeros(len(found), dtype=np.int64),
        row=whole("row"),
        known_at=described.known_at[rows],
        start=whole("start"),
        end=whole("end"),
        episode=whole("episode"),
        revision=whole("revision"),
        symbol=whole("symbol").astype(np.int32),
        variant=np.array([variants.index(c.variant) for c in found], dtype=np.int64),
        accounts=Ragged.of([c.accounts for c in found]),
        evidence=Ragged.of([c.evidence for c in found]),
    )
