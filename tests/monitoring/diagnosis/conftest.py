"""Slices of a small market of two feeds with news, and one fault of every kind to plant into them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from tradewind.monitoring.diagnosis import CauseKind, Diagnosis, Evidence, diagnose
from tradewind.monitoring.slices import LabelArrival, NewsArrival, Slice

K = CauseKind
REFERENCE, PERIOD, FAULT, SYMBOLS = 90, 30, 105, 24
"""Slices of the reference and of the period, the first slice at fault, and symbols."""
PRICES = ("open", "high", "low", "close", "adj_close")
FIELDS = (*PRICES, "volume")
WORDS = (
    "order",
    "plant",
    "quarter",
    "margin",
    "board",
    "review",
    "court",
    "permit",
    "export",
    "survey",
    "lease",
    "supply",
    "staff",
    "audit",
    "bond",
    "grid",
    "harbour",
    "licence",
    "merger",
    "outlook",
    "patent",
    "pricing",
    "quota",
    "rating",
    "strike",
    "tender",
    "union",
    "volume",
    "warrant",
    "yield",
)
Slices = list[Slice]


def news_of(day: int, symbols: list[str]) -> NewsArrival:
    """Return a usual slice's news: an item for about every third symbol, of eight words of its own."""
    rng = np.random.default_rng((11, day))
    about = [name for name in symbols if rng.random() < 1 / 3] or symbols[:1]
    return NewsArrival(
        symbol=np.array(about),
        published_at=np.full(len(about), np.datetime64("2024-01-01T12:00", "us")),
        source=rng.choice(np.array(["wire", "post", "desk"]), len(about)),
        text=np.array([" ".join(rng.choice(WORDS, 8, replace=False)) for _ in about], dtype=object),
        score=rng.uniform(-0.6, 0.6, len(about)),
    )


def scaled(one: Slice, factor: Any, names: tuple[str, ...] = PRICES) -> Slice:
    """Return the slice with fields ``names`` of its bars times ``factor``, one number or one a symbol."""
    return replace(one, bars=replace(one.bars, **{name: getattr(one.bars, name) * factor for name in names}))


def feed_stops(slices: Slices) -> Slices:
    """Feed alpha sends nothing for ten slices."""

    def cut(one: Slice) -> Slice:
        keep = one.feed != "alpha"
        columns = ("symbol", "probability", "expected_return", "lower", "upper")
        return replace(
            one,
            **{name: getattr(one, name)[keep] for name in ("symbol", "sector", "feed", "features")},
            bars=replace(one.bars, **{name: getattr(one.bars, name)[keep] for name in FIELDS}),
            served=tuple(replace(p, **{name: getattr(p, name)[keep] for name in columns}) for p in one.served),
        )

    return [cut(one) if FAULT <= day < FAULT + 10 else one for day, one in enumerate(slices)]


def unit_change(slices: Slices) -> Slices:
    """Feed alpha quotes in a hundredth of the currency."""
    return slices[:FAULT] + [scaled(one, np.where(one.feed == "alpha", 100.0, 1.0)) for one in slices[FAULT:]]


def unadjusted_split(slices: Slices) -> Slices:
    """S003 is split two for one, and nobody adjusts."""

    def halved(one: Slice) -> Slice:
        mine = one.symbol == "S003"
        return scaled(scaled(one, np.where(mine, 0.5, 1.0)), np.where(mine, 2.0, 1.0), ("volume",))

    return slices[:FAULT] + [halved(one) for one in slices[FAULT:]]


def stale_symbol(slices: Slices) -> Slices:
    """S005 repeats its last bar for twelve slices."""
    last = slices[FAULT - 1]

    def frozen(one: Slice) -> Slice:
        mine = one.symbol == "S005"
        stuck = {name: np.where(mine, getattr(last.bars, name), getattr(one.bars, name)) for name in FIELDS}
        return replace(one, bars=replace(one.bars, **stuck))

    return [frozen(one) if FAULT <= day < FAULT + 12 else one for day, one in enumerate(slices)]


def label_delay(slices: Slices) -> Slices:
    """From the fault on labels come six slices later."""
    came: dict[int, LabelArrival | None] = {}
    for day, one in enumerate(slices):
        came[day + 6 if day >= FAULT else day] = one.labels
    return [replace(one, labels=came.get(day)) for day, one in enumerate(slices)]


def moved(slices: Slices, change: Callable[[Any, Slice], Any]) -> Slices:
    """Return the slices with prices that follow ``change(log returns, slice)`` from the fault on."""
    close = np.log([one.bars.close for one in slices])
    returns = np.diff(close, axis=0, prepend=close[:1])
    for day in range(FAULT, len(slices)):
        returns[day] = change(returns[day], slices[day])
    factor = np.exp(close[0] + np.cumsum(returns, axis=0) - close)
    return [scaled(one, factor[day]) for day, one in enumerate(slices)]


def volatility_shock(slices: Slices) -> Slices:
    """Moves are three times as large."""
    return moved(slices, lambda returns, one: 3.0 * returns)


def correlation_break(slices: Slices) -> Slices:
    """All symbols move nearly as one, no further than before."""
    rng = np.random.default_rng(5)
    return moved(slices, lambda returns, one: 0.01 * (0.97 * rng.normal() + 0.24 * rng.normal(size=len(returns))))


def sector_rotation(slices: Slices) -> Slices:
    """Money moves from Finance to Tech."""
    return moved(
        slices,
        lambda returns, one: (
            returns + np.where(one.sector == "Tech", 0.007, np.where(one.sector == "Finance", -0.007, 0))
        ),
    )


def adversarial_news(slices: Slices) -> Slices:
    """A blog says the same of S007 twelve times a slice for three slices; the price does not care."""

    def fed(one: Slice) -> Slice:
        assert one.news is not None
        n, old = 12, one.news
        text = [f"insiders say giant offer for the firm arrives soon buy now {WORDS[i]}" for i in range(n)]
        extra: dict[str, Any] = {
            "symbol": np.full(n, "S007"),
            "published_at": np.full(n, old.published_at[0]),
            "source": np.full(n, "blog"),
            "text": np.array(text, dtype=object),
            "score": np.full(n, 0.9),
        }
        return replace(one, news=NewsArrival(**{k: np.concatenate([getattr(old, k), v]) for k, v in extra.items()}))

    return [fed(one) if FAULT <= day < FAULT + 3 else one for day, one in enumerate(slices)]


def slow_dependency(slices: Slices) -> Slices:
    """The audit log answers five times as slowly."""

    def slow(one: Slice) -> Slice:
        assert one.service is not None
        parts = {**one.service.dependencies, "audit_log": 5.0 * one.service.dependencies["audit_log"]}
        return replace(one, service=replace(one.service, dependencies=parts))

    return slices[:FAULT] + [slow(one) for one in slices[FAULT:]]


def wrong_model_version(slices: Slices) -> Slices:
    """Callers get demo/0."""
    return slices[:FAULT] + [
        replace(one, served=tuple(replace(part, version="demo/0") for part in one.served)) for one in slices[FAULT:]
    ]


def fading(day: int) -> float:
    """Skill that turns round between the first and the last slice of the period."""
    return 0.9 - 1.8 * float(np.clip((day - REFERENCE) / PERIOD, 0.0, 1.0))


FAULTS: dict[CauseKind, tuple[Callable[[Slices], Slices], dict[str, Any]]] = {
    K.FEED_STOPS: (feed_stops, {}),
    K.UNIT_CHANGE: (unit_change, {}),
    K.UNADJUSTED_SPLIT: (unadjusted_split, {}),
    K.STALE_SYMBOL: (stale_symbol, {}),
    K.LABEL_DELAY: (label_delay, {}),
    K.VOLATILITY_SHOCK: (volatility_shock, {}),
    K.CORRELATION_BREAK: (correlation_break, {}),
    K.SECTOR_ROTATION: (sector_rotation, {}),
    K.GRADUAL_DRIFT: (list, {"skill": 0.9, "true_skill": fading}),
    K.ADVERSARIAL_NEWS: (adversarial_news, {}),
    K.SLOW_DEPENDENCY: (slow_dependency, {}),
    K.WRONG_MODEL_VERSION: (wrong_model_version, {}),
    K.NO_FAULT: (list, {}),
}


@dataclass(frozen=True, kw_only=True)
class Planted:
    """Slices with a fault, cut into reference and period."""

    slices: Slices

    def evidence(self, **changes: Any) -> Evidence:
        """Return the evidence of the slices, with ``changes``."""
        given = {"reference": self.slices[:REFERENCE], "period": self.slices[REFERENCE : REFERENCE + PERIOD]}
        return Evidence(**{**given, **changes})

    def diagnosis(self, **changes: Any) -> Diagnosis:
        """Return the diagnosis of the slices."""
        return diagnose(self.evidence(**changes))


@pytest.fixture(scope="session")
def plant(make_slices: Callable[..., Slices]) -> Callable[..., Planted]:
    """Return ``plant(kind, seed=0, days=120, **market)``: the small market with a fault of ``kind``."""

    def planted(kind: CauseKind, *, seed: int = 0, days: int = REFERENCE + PERIOD, **market: Any) -> Planted:
        def dressed(day: int, one: Slice) -> Slice:
            feed = np.where(np.arange(len(one)) % 2 == 0, "alpha", "beta")
            return replace(one, feed=feed, news=news_of(day + 1000 * seed, one.symbol.tolist()))

        change, usual = FAULTS[kind]
        return Planted(slices=change(make_slices(days, SYMBOLS, seed, hook=dressed, **{**usual, **market})))

    return planted
