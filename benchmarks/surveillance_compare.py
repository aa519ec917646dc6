"""Ours beside the rules alone and beside PyOD's outlier detectors: recall at the same precision on the same events.

Rules and model judge the same candidates through the same book of alerts. PyOD's detectors score what every account did
in every symbol in windows of 10, 60 and 300 seconds; each is fitted on other markets and on the market itself, and for
each scheme the best of all of them is taken, chosen knowing the truth. A window counts as right where it meets an
episode of whatever scheme. What meets an attempt that came to nothing is left out for all.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from surveillance_detect import Claim, load
from surveillance_markets import BenchMarket, make
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.book import replay_all
from tradewind.surveillance.evaluation import Judged, match
from tradewind.surveillance.learning import CandidateTable, collect, joined, judge
from tradewind.surveillance.learning.baselines import (
    AnomalyResult,
    WindowedMarket,
    Windows,
    activity,
    compare,
    model_scores,
    rule_scores,
    run_anomalies,
)
from tradewind.surveillance.learning.baselines.comparison import LOWEST
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme

SECONDS = (10, 60, 300)
PRECISION = 0.95
DRAWS = 300


class Prepared(NamedTuple):
    """A market as rules and models see it, and as outlier detectors do."""

    table: CandidateTable
    windowed: WindowedMarket


def prepare(suite: str, seed: int, events: int | None) -> Prepared:
    """Simulate a market, collect its candidates and count what its accounts did."""
    market = make(suite, seed, events)
    tape = replay_all(market.events)
    windows = tuple(_settled(activity(tape, seconds * 10**9), market) for seconds in SECONDS)
    names = market.events.symbols, market.events.accounts
    windowed = WindowedMarket(windows=windows, truth=market.truth, symbols=names[0], accounts=names[1])
    return Prepared(collect(market, Surveyor(), name=market.name), windowed)


def outliers(fitted_on: Sequence[WindowedMarket], markets: Sequence[WindowedMarket], place: int, name: str) -> Any:
    """Run one detector on windows of one length."""
    few, scored = ([replace(m, windows=(m.windows[place],)) for m in group] for group in (fitted_on, markets))
    return run_anomalies(few, scored, detectors=(name,))


def _settled(windows: Windows, market: BenchMarket) -> Windows:
    """Leave out what meets an attempt and no episode."""
    symbols, accounts = market.events.symbols, market.events.accounts
    tried = {(deed.symbol, account) for deed in market.attempts for account in deed.accounts}
    places = [
        i for i in range(len(windows)) if (symbols[int(windows.symbol[i])], accounts[int(windows.account[i])]) in tried
    ]
    claims = [
        Claim(
            Scheme.SPOOFING,
            symbols[int(windows.symbol[i])],
            (accounts[int(windows.account[i])],),
            int(windows.start[i]),
            int(windows.end[i]),
        )
        for i in places
    ]
    vain = match(claims, market.attempts, any_scheme=True).true & ~match(claims, market.truth, any_scheme=True).true
    keep = np.ones(len(windows), dtype=bool)
    keep[np.array(places, dtype=np.int64)[vain]] = False
    return Windows(**{f.name: getattr(windows, f.name)[keep] for f in fields(Windows)})


@dataclass(frozen=True, kw_only=True, eq=False)
class Ranked:
    """Claims from the highest score down, and episodes with the best score that meets each, with their markets."""

    score: FloatArray
    true: BoolArray
    market: IntArray
    best: FloatArray
    home: IntArray

    def recall(self, weight: FloatArray) -> float:
        """Return the recall at the lowest bar with the precision asked, each market counting ``weight`` times."""
        planted = weight[self.home]
        if not planted.sum():
            return float("nan")
        counted = weight[self.market]
        kept, hits = np.cumsum(counted), np.cumsum(counted * self.true)
        last = np.append(np.diff(self.score) != 0, True) if len(self.score) else np.empty(0, dtype=bool)
        enough = np.flatnonzero(last & (kept > 0) & (hits >= PRECISION * kept))
        if not len(enough):
            return 0.0
        return float(planted[self.best >= self.score[enough[-1]]].sum() / planted.sum())


def _ranked(score: FloatArray, true: BoolArray, market: IntArray, best: FloatArray, home: IntArray) -> Ranked:
    order = np.argsort(-score, kind="stable")[: max(int(3 * true.sum()), 1000)]  # deeper down none is precise enough
    return Ranked(score=score[order], true=true[order], market=market[order], best=best, home=home)


def of_alerts(judged: Sequence[Judged], scheme: Scheme | None) -> Ranked:
    """Rank the alerts of one scheme, or of all."""
    score, true, market, best, home = [], [], [], [], []
    for number, one in enumerate(judged):
        met = match(one.alerts, one.truth)
        mine = np.array([scheme is None or a.scheme is scheme for a in one.alerts], dtype=bool)
        wanted = np.array([scheme is None or p.scheme is scheme for p in one.truth], dtype=bool)
        all_scores = np.array([a.score for a in one.alerts])
        score.append(all_scores[mine])
        true.append(met.true[mine])
        market.append(np.full(int(mine.sum()), number))
        best.append(met.best(all_scores)[wanted])
        home.append(np.full(int(wanted.sum()), number))
    return _ranked(*(np.concatenate(one) for one in (score, true, market, best, home)))


def of_windows(result: AnomalyResult, sizes: Sequence[int], truths: Sequence[int], scheme: Scheme | None) -> Ranked:
    """Rank the windows of a detector; ``sizes`` and ``truths`` are windows and episodes of each market."""
    mine = np.array([scheme is None or one is scheme for one in result.scheme], dtype=bool)
    market, home = (np.repeat(np.arange(len(counts)), counts) for counts in (sizes, truths))
    return _ranked(result.score, result.true, market, result.best[mine], home[mine])


def summary(
    prepared: Sequence[Prepared], anomalies: Sequence[AnomalyResult], lengths: Sequence[int], path: Path | None
) -> dict[str, Any]:
    """Return recall of all sides and the differences with intervals over markets; ``lengths`` place each result."""
    table = joined([one.table for one in prepared])
    model = load(path)
    scores, ruled = model_scores(table, model), rule_scores(table)
    rows = compare(table, scores, anomalies, precision=PRECISION).to_dict()["rows"]
    ours = judge(table, scores, dict.fromkeys(scores, LOWEST))
    rules = judge(table, ruled, dict.fromkeys(ruled, LOWEST))
    n = len(prepared)
    draws = np.random.default_rng(7).multinomial(n, np.full(n, 1 / n), size=DRAWS).astype(np.float64)
    for row in rows:
        scheme = None if row["name"] == "overall" else Scheme(row["name"])
        place = next(i for i, one in enumerate(anomalies) if one.name == row["anomalies_name"])
        sizes = [len(one.windowed.windows[lengths[place]]) for one in prepared]
        truths = [len(one.windowed.truth) for one in prepared]
        mine = of_alerts(ours, scheme)
        for name, other in (
            ("rules", of_alerts(rules, scheme)),
            ("anomalies", of_windows(anomalies[place], sizes, truths, scheme)),
        ):
            gaps = [mine.recall(weight) - other.recall(weight) for weight in draws]
            row[f"gain_over_{name}"] = [row["ours"] - row[name], *np.nanquantile(gaps, [0.025, 0.975]).tolist()]
    return {
        "precision": PRECISION,
        "markets": n,
        "events": table.events,
        "windows": [sum(len(one.windowed.windows[i]) for one in prepared) for i in range(len(SECONDS))],
        "rows": rows,
        "detectors": {one.name: one.recall(None, PRECISION) for one in anomalies},
    }
