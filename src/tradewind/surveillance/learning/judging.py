"""Alerts that scores of a table of candidates would have raised, market by market."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.alerting.book import AlertBook, latest
from tradewind.surveillance.alerting.scored import Scored
from tradewind.surveillance.alerting.settings import AlertSettings
from tradewind.surveillance.evaluation.matching import match
from tradewind.surveillance.evaluation.scores import Judged
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.learning.table import CandidateTable, MarketRecord
from tradewind.surveillance.schemes import Scheme


def judge(
    table: CandidateTable,
    scores: Mapping[Scheme, FloatArray],
    thresholds: Mapping[Scheme, float],
    settings: AlertSettings | None = None,
) -> list[Judged]:
    """Return each market's alerts beside its truth, as the book of alerts makes them of ``scores``.

    ``scores`` : by scheme, one for each row of its table; NaN raises nothing. Schemes without a threshold are silent.
    """
    rules = settings or AlertSettings()
    by_market: list[list[Scored]] = [[] for _ in table.markets]
    for scheme, score in scores.items():
        if scheme not in thresholds:
            continue
        part = table.schemes[scheme]
        loud = np.flatnonzero(np.nan_to_num(score, nan=-1.0) >= thresholds[scheme] * rules.keep)
        for row in loud.tolist():
            scored = Scored(
                candidate=part.candidate(row),
                known_at=int(part.known_at[row]),
                score=float(score[row]),
                values=part.values[row],
                names=part.names,
            )
            by_market[int(part.market[row])].append(scored)
    return [
        judged_market(market, scored, thresholds, rules)
        for market, scored in zip(table.markets, by_market, strict=True)
    ]


def judged_market(
    market: MarketRecord, scored: Sequence[Scored], thresholds: Mapping[Scheme, float], settings: AlertSettings
) -> Judged:
    """Return one market's alerts beside its truth."""
    book = AlertBook(Names(market.symbols), Names(market.accounts), thresholds, settings)
    alerts = latest(book.take(scored))
    return Judged(market=market.name, alerts=alerts, truth=market.truth, events=market.events)


@dataclass(frozen=True)
class Tally:
    """Alerts and true ones by the scheme they are called by, and planted episodes found by any."""

    kept: Mapping[Scheme, int]
    true: Mapping[Scheme, int]
    found: int


def tally(table: CandidateTable, scores: Mapping[Scheme, FloatArray], thresholds: Mapping[Scheme, float]) -> Tally:
    """Count the alerts that :func:`judge` makes of ``scores`` on all markets of ``table``."""
    kept, true, found = dict.fromkeys(scores, 0), dict.fromkeys(scores, 0), 0
    for one in judge(table, scores, thresholds):
        met = match(one.alerts, one.truth)
        found += int(met.found.sum())
        for alert, right in zip(one.alerts, met.true.tolist(), strict=True):
            kept[alert.scheme] += 1
            true[alert.scheme] += right
    return Tally(kept, true, found)
