"""Alerts that scores of a table of candidates would have raised, market by market."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

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
    return Heard(table, scores, thresholds, settings).judged(thresholds)


class Heard:
    """What the book of alerts hears of a table's candidates, made once for as many bars as are tried.

    Parameters
    ----------
    scores : as in :func:`judge`. lowest : by scheme, the lowest bar that will be tried; other schemes are silent.
    """

    def __init__(
        self,
        table: CandidateTable,
        scores: Mapping[Scheme, FloatArray],
        lowest: Mapping[Scheme, float],
        settings: AlertSettings | None = None,
    ) -> None:
        self._rules = settings or AlertSettings()
        self._schemes = tuple(scores)
        by_market: list[list[Scored]] = [[] for _ in table.markets]
        for scheme, score in scores.items():
            if scheme not in lowest:
                continue
            part = table.schemes[scheme]
            loud = np.flatnonzero(np.nan_to_num(score, nan=-1.0) >= lowest[scheme] * self._rules.keep)
            for row in loud.tolist():
                scored = Scored(
                    candidate=part.candidate(row),
                    known_at=int(part.known_at[row]),
                    score=float(score[row]),
                    values=part.values[row],
                    names=part.names,
                )
                by_market[int(part.market[row])].append(scored)
        self._markets = [
            _Market(one, Names(one.symbols), Names(one.accounts), sorted(heard, key=lambda s: s.order))
            for one, heard in zip(table.markets, by_market, strict=True)
        ]

    def judged(self, thresholds: Mapping[Scheme, float]) -> list[Judged]:
        """Return each market's alerts at these bars, beside its truth."""
        least = {scheme: bar * self._rules.keep for scheme, bar in thresholds.items()}
        found = []
        for one in self._markets:
            book = AlertBook(one.symbols, one.accounts, thresholds, self._rules)
            loud = [s for s in one.heard if s.score >= least.get(s.candidate.scheme, np.inf)]
            alerts = latest(book.take(loud))
            record = one.record
            found.append(Judged(market=record.name, alerts=alerts, truth=record.truth, events=record.events))
        return found

    def tally(self, thresholds: Mapping[Scheme, float]) -> Tally:
        """Count the alerts at these bars."""
        kept, true, found = dict.fromkeys(self._schemes, 0), dict.fromkeys(self._schemes, 0), 0
        for one in self.judged(thresholds):
            met = match(one.alerts, one.truth)
            found += int(met.found.sum())
            for alert, right in zip(one.alerts, met.true.tolist(), strict=True):
                kept[alert.scheme] += 1
                true[alert.scheme] += right
        return Tally(kept, true, found)


class _Market(NamedTuple):
    """A market, the names behind its codes, and the finds that are loud enough for some bar, in order."""

    record: MarketRecord
    symbols: Names
    accounts: Names
    heard: list[Scored]


@dataclass(frozen=True)
class Tally:
    """Alerts and true ones by the scheme they are called by, and planted episodes found by any."""

    kept: Mapping[Scheme, int]
    true: Mapping[Scheme, int]
    found: int
