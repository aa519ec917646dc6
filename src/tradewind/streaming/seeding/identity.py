"""What tells one bar or item of a file from another: 64 bits of its content."""

from __future__ import annotations

import hashlib
from collections import Counter
from typing import Literal, cast

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import AnyArray, FloatArray
from tradewind.core.news import NEWS_KINDS
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features.news_rows import kind_of_items
from tradewind.streaming.records import NewsItem

_GOLDEN, _FIRST, _SECOND = (np.uint64(n) for n in (0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB))


def bar_digests(panel: Panel) -> AnyArray:
    """(n,) uint64 of each bar's values but ``adj_close``, whose level says nothing, and but symbol and time."""
    columns: list[AnyArray] = [panel.known_at.astype("datetime64[us]").astype(np.int64).view(np.uint64)]
    columns += [_bits(getattr(panel, name)) for name in PRICE_FIELDS if name != "adj_close"]
    if panel.fear is not None:
        columns.append(_bits(panel.fear))
    found = np.zeros(len(panel), dtype=np.uint64)
    for column in columns:
        found = _mixed(found + _GOLDEN ^ column)
    return found


def items_of(news: News) -> tuple[list[NewsItem], AnyArray]:
    """Return items as records in order of publication, and the (m,) uint64 digest of each.

    An item has no id, so that a source which brings it again is recognised by what it says. Items of the file that are
    equal count as often as they are there, as in batch: these have ids.
    """
    order = np.argsort(news.published_at, kind="stable")
    published = news.published_at[order].astype("datetime64[us]").astype(np.int64).tolist()
    kinds = [NEWS_KINDS[kind] for kind in kind_of_items(news)[order].tolist()]
    symbols, texts = (np.asarray(column)[order].tolist() for column in (news.symbol, news.text))
    rows = list(zip(symbols, published, kinds, texts, strict=True))
    often, before = Counter(rows), Counter[object]()
    items, digests = [], np.empty(len(rows), dtype=np.uint64)
    for i, row in enumerate(rows):
        symbol, at, kind, text = row
        place = before[row]
        before[row] += 1
        said = f"{symbol}\0{at}\0{kind}\0{place}\0{text}".encode("utf-8", "surrogatepass")
        digest = hashlib.blake2b(said, digest_size=8).digest()
        digests[i] = int.from_bytes(digest, "little")
        name = digest.hex() if often[row] > 1 else ""
        sort = cast(Literal["news", "social", "transcript"], kind)
        items.append(NewsItem(symbol=str(symbol), published_at=at, text=str(text), kind=sort, id=name))
    return items, digests


def _bits(column: FloatArray) -> AnyArray:
    """Return the bits of float64, of one kind where missing."""
    return np.ascontiguousarray(np.where(np.isnan(column), np.nan, column), dtype=np.float64).view(np.uint64)


def _mixed(value: AnyArray) -> AnyArray:
    """Return splitmix64's finaliser (Steele, Lea and Flood 2014): every bit depends on every other."""
    value = (value ^ (value >> np.uint64(30))) * _FIRST
    value = (value ^ (value >> np.uint64(27))) * _SECOND
    mixed: AnyArray = value ^ (value >> np.uint64(31))
    return mixed
