"""Is somebody feeding the news? Bursts of near-copies, of extreme score, that the price does not follow."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import Frame, place

KIND = CauseKind.ADVERSARIAL_NEWS
WORD = re.compile(r"[a-z]{2,}")
EXTREME = 0.3
"""Size of a score from which an item takes sides."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Items:
    """All items: (k,) row of the slice, column of the symbol, score, source, and whether it echoes another."""

    row: FloatArray
    column: FloatArray
    score: FloatArray
    source: AnyArray
    echo: FloatArray


def weigh(case: Case) -> Weighed:
    """Odds that echoes of one symbol in one slice come from a campaign and not from the usual counts.

    Usual counts are negative binomial, fitted by moments to the reference (news come in clusters); a campaign doubles
    to multiplies them. Score and price decide the rest: a campaign takes one side, and the price does not follow.
    """
    frame = case.frame
    news = _collect(case)
    if news is None or not (news.row < frame.first).any():
        return Weighed(kind=KIND, known=False, looked="no news in the reference to compare with")
    shape = len(frame), len(frame.symbols)
    loud = np.zeros(shape)
    strong = (news.echo > 0) & (np.abs(news.score) >= EXTREME)
    np.add.at(loud, (news.row[strong].astype(int), news.column[strong].astype(int)), 1.0)
    window = 2
    recent = np.sum([np.vstack([np.zeros((k, shape[1])), loud[: shape[0] - k]]) for k in range(window)], axis=0)
    odds = _count_odds(recent, frame)
    odds += np.where(odds > 0.0, _price_odds(case, news, strong), 0.0)
    own = odds[frame.period]
    looks = np.log(own.size)
    row, column = np.unravel_index(int(own.argmax()), own.shape)
    total = float(own[row, column]) - float(looks)
    symbol = str(frame.symbols[column])
    if total <= 0.0:
        return Weighed(kind=KIND, log_odds=total, looked="no burst of copied news of one mind")
    mine = strong & (news.column == column) & (news.row >= frame.first)
    hot = own[:, column] - looks > 0.0
    days = np.flatnonzero(hot)
    mine &= np.isin(news.row, frame.first + np.unique(np.concatenate([days, np.maximum(days - 1, 0)])))
    sources = Counter(news.source[mine].tolist()).most_common(3)
    score = float(news.score[mine].mean())
    begin, end = int(news.row[mine].min()), int(news.row[mine].max())
    shown = ", ".join(f"{name} ({count})" for name, count in sources)
    items = (
        Item(
            text=f"{int(mine.sum())} near-copies about {symbol} of mean score {score:+.2f} from {shown}; usual are "
            f"{recent[frame.usual].mean():.2f} a symbol in {window} slices",
            numbers={"copies": float(mine.sum()), "score": score, "usual": float(recent[frame.usual].mean())},
        ),
        Item(
            text=f"{symbol} moved {_move(frame, begin, end, int(column)):+.1%} meanwhile",
            numbers={"move": _move(frame, begin, end, int(column))},
        ),
    )
    return Weighed(
        kind=KIND,
        log_odds=total,
        subject={"source": sources[0][0], "symbol": symbol},
        first=begin,
        last=end,
        items=items,
        looked=f"copied news push {symbol}",
        trace=Trace(name=f"copied news about {symbol}", unit="items", values=loud[:, column]),
    )


def _collect(case: Case) -> Items | None:
    frame = case.frame
    rows, columns, scores, sources, texts = [], [], [], [], []
    for t, one in enumerate(frame.slices):
        if one.news is None or not len(one.news):
            continue
        at, known = place(frame.symbols, one.news.symbol)
        rows += [t] * len(at)
        columns += at.tolist()
        scores += np.nan_to_num(one.news.score[known]).tolist()
        sources += one.news.source[known].tolist()
        texts += [_words(text, frame.symbols[a]) for text, a in zip(one.news.text[known], at, strict=True)]
    if not rows:
        return None
    row, column = np.array(rows, dtype=np.float64), np.array(columns, dtype=np.float64)
    echo = _echoes(row, column, texts, case)
    return Items(row=row, column=column, score=np.array(scores), source=np.array(sources, dtype=str), echo=echo)


def _words(text: object, symbol: str) -> frozenset[str]:
    return frozenset(WORD.findall(str(text).lower())) - {symbol.lower()}


def _echoes(row: FloatArray, column: FloatArray, texts: list[frozenset[str]], case: Case) -> FloatArray:
    """(k,) how many items of the same symbol within the last slices share most of their words with each (Jaccard)."""
    out = np.zeros(len(row))
    past: dict[int, list[int]] = {}
    for i in range(len(row)):
        before = past.setdefault(int(column[i]), [])
        before[:] = [j for j in before if row[i] - row[j] < case.settings.echo_slices][-200:]
        for j in before:
            both, either = len(texts[i] & texts[j]), len(texts[i] | texts[j])
            if either and both >= case.settings.echo_similarity * either:
                out[i] += 1.0
                out[j] += 1.0 if row[j] == row[i] else 0.0
        before.append(i)
    return out


def _count_odds(counts: FloatArray, frame: Frame) -> FloatArray:
    """(T, S) log ratio of a uniform law over counts up to the largest seen to the usual law."""
    from scipy.stats import nbinom  # takes a second to import

    usual = counts[frame.usual]
    mean = max(float(usual.mean()), 0.5 / usual.size * 2.0)
    variance = max(float(usual.var()), 1.05 * mean)
    size = mean**2 / (variance - mean)
    top = float(counts.max())
    chance = nbinom.logpmf(counts.astype(np.int64), size, size / (size + mean))
    odds = np.where(counts >= 3.0, -np.log(top + 1.0) - chance, -1.0)
    return np.asarray(odds, dtype=np.float64)


def _price_odds(case: Case, news: Items, strong: AnyArray) -> FloatArray:
    """(T, S) +1 where the price of the slice and the next went against the echoes' score, -2 where it followed far."""
    frame = case.frame
    side = np.zeros(frame.arrived.shape)
    np.add.at(side, (news.row[strong].astype(int), news.column[strong].astype(int)), news.score[strong])
    returns = np.nan_to_num(frame.returns)
    scale = np.nan_to_num(np.nanstd(frame.returns[frame.usual], axis=0), nan=0.02) + 1e-9
    after = returns + np.vstack([returns[1:], np.zeros((1, returns.shape[1]))])
    along = np.sign(side) * after / scale
    return np.where(along > 3.0, -2.0, np.where(along <= 0.5, 1.0, 0.0))


def _move(frame: Frame, begin: int, end: int, column: int) -> float:
    return float(np.expm1(np.nansum(frame.returns[begin : end + 1, column])))
