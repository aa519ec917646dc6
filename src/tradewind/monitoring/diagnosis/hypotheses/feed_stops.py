"""Does a feed no longer deliver? Bars that should have come and did not, by feed; and news that stay away."""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.hypotheses.stale_symbol import repeats
from tradewind.monitoring.diagnosis.odds import best_run, usual_rate

KIND = CauseKind.FEED_STOPS
OUTAGE = 0.95
"""Share of a feed's bars that an outage takes."""
LEAST_RATE = 1e-3
NEWS = "news"


def weigh(case: Case) -> Weighed:
    """Binomial likelihood ratio of an outage against the feed's usual share of missing bars, over its best stretch.

    A feed that sends its last bars again has stopped too: where most symbols of a feed repeat their bar exactly, the
    repeats count as missing.
    """
    frame = case.frame
    feeds = sorted(set(frame.feeds.tolist()))
    lost = (frame.expected & ~frame.arrived) | _frozen_feeds(case)
    gains, shares = [], []
    for feed in feeds:
        mine = frame.feeds == feed
        missing, due = lost[:, mine].sum(axis=1), frame.expected[:, mine].sum(axis=1)
        rate = max(usual_rate(missing[frame.usual], due[frame.usual]), LEAST_RATE)
        gain = missing * np.log(OUTAGE / rate) + (due - missing) * np.log((1 - OUTAGE) / (1 - rate))
        gains.append(np.where(missing >= 0.5 * np.maximum(due, 1), gain, np.minimum(gain, 0.0)))
        shares.append(missing / np.maximum(due, 1))
    counts = _news_counts(case)
    if counts is not None:
        feeds.append(NEWS)
        gains.append(_news_gain(case, counts))
        shares.append((counts == 0).astype(np.float64))
    gain = np.stack(gains, axis=1)[frame.period]
    best, first, last = best_run(gain)
    days = len(gain)
    odds = best - np.log(len(feeds) * max(days * (days + 1) / 2, 1))
    top = int(odds.argmax())
    if odds[top] <= 0.0:
        return Weighed(kind=KIND, log_odds=float(odds[top]), looked=f"all {len(feeds)} feeds delivered as usual")
    begin, end = frame.first + int(first[top]), frame.first + int(last[top])
    share = float(np.mean(shares[top][begin : end + 1]))
    what = "sent no item" if feeds[top] == NEWS else f"lost {share:.0%} of the bars it should have sent"
    item = Item(
        text=f"feed {feeds[top]} {what} in {end - begin + 1} slices from {frame.moment(begin):%Y-%m-%d %H:%M}",
        numbers={"share_missing": share, "slices": float(end - begin + 1)},
    )
    blamed = np.zeros(lost.shape, dtype=bool)
    if feeds[top] != NEWS:
        blamed[begin : end + 1] = (frame.feeds == feeds[top])[None, :]
    return Weighed(
        kind=KIND,
        log_odds=float(odds[top]),
        subject={"feed": feeds[top]},
        first=begin,
        last=end,
        items=(item,),
        looked=f"feed {feeds[top]} does not deliver",
        blamed=blamed,
        trace=Trace(name=f"bars missing from feed {feeds[top]}", unit="share", values=shares[top]),
    )


def _frozen_feeds(case: Case) -> BoolArray:
    """(T, S) repeats where at least 60 % of a feed's arrivals, and three of them, repeat their bar."""
    frame, again = case.frame, repeats(case.frame)
    out = np.zeros(again.shape, dtype=bool)
    for feed in set(frame.feeds.tolist()):
        mine = frame.feeds == feed
        count, due = again[:, mine].sum(axis=1), frame.arrived[:, mine].sum(axis=1)
        whole = (count >= 3) & (count >= 0.6 * due)
        out |= again & mine[None, :] & whole[:, None]
    return out


def _news_counts(case: Case) -> FloatArray | None:
    """(T,) items a slice; None where the reference holds none or too seldom to miss them."""
    counts = np.array([0 if one.news is None else len(one.news) for one in case.frame.slices], dtype=np.float64)
    usual = counts[case.frame.usual]
    return counts if (usual > 0).mean() >= 0.5 else None


def _news_gain(case: Case, counts: FloatArray) -> FloatArray:
    silent = usual_rate(counts[case.frame.usual] == 0, np.ones(case.frame.first))
    gain = np.where(counts == 0, float(np.log(OUTAGE / silent)), float(np.log((1 - OUTAGE) / (1 - silent))))
    return np.asarray(gain, dtype=np.float64)
