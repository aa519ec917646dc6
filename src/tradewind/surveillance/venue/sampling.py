"""Markets drawn at random over wide ranges, in two families: what models learn from, and what they have never seen.

Domain randomisation (Tobin et al. 2017): what holds in all of these markets has a chance to hold in a stranger's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from tradewind.core.errors import UsageError
from tradewind.surveillance.venue.names import STYLES, symbol_names
from tradewind.surveillance.venue.settings import AgentGroup, CrowdRules, SymbolSettings, VenueSettings

Family = Literal["train", "unseen"]

_DAY = 86_400_000_000_000
_FIRST_DAY = 1_672_617_600_000_000_000


@dataclass(frozen=True)
class _Trader:
    """How often a kind is there, how many of it (at most), and its range of shares of the events."""

    kind: str
    chance: float
    most: int
    low: float
    high: float


_MIXES: dict[str, tuple[_Trader, ...]] = {
    "train": (
        _Trader("maker", 0.85, 8, 0.1, 0.45),
        _Trader("informed", 0.9, 6, 0.01, 0.08),
        _Trader("trend", 0.8, 10, 0.01, 0.08),
        _Trader("reversion", 0.6, 8, 0.01, 0.06),
        _Trader("executor", 0.7, 6, 0.01, 0.1),
        _Trader("house", 0.5, 3, 0.01, 0.06),
        _Trader("flicker", 0.55, 4, 0.01, 0.15),
        _Trader("arbitrage", 0.5, 3, 0.005, 0.04),
        _Trader("closer", 0.7, 8, 0.005, 0.02),
        _Trader("block", 0.6, 4, 0.002, 0.02),
        _Trader("reactor", 0.7, 8, 0.005, 0.01),
        _Trader("scalper", 0.6, 8, 0.01, 0.06),
    ),
    "unseen": (
        _Trader("joiner", 0.7, 8, 0.05, 0.3),
        _Trader("maker", 0.3, 3, 0.1, 0.3),
        _Trader("patient", 0.7, 8, 0.03, 0.15),
        _Trader("informed", 0.4, 4, 0.01, 0.08),
        _Trader("breakout", 0.6, 12, 0.01, 0.06),
        _Trader("trend", 0.3, 12, 0.01, 0.1),
        _Trader("iceberg", 0.6, 5, 0.01, 0.08),
        _Trader("grid", 0.5, 6, 0.01, 0.08),
        _Trader("executor", 0.6, 10, 0.02, 0.15),
        _Trader("house", 0.5, 4, 0.01, 0.06),
        _Trader("flicker", 0.5, 3, 0.02, 0.2),
        _Trader("closer", 0.7, 12, 0.005, 0.03),
        _Trader("block", 0.6, 6, 0.002, 0.03),
        _Trader("reactor", 0.6, 10, 0.005, 0.01),
    ),
}


def _log_uniform(rng: np.random.Generator, low: float, high: float) -> float:
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _symbols(rng: np.random.Generator, seed: int, unseen: bool, days: int) -> tuple[SymbolSettings, ...]:
    count = round(_log_uniform(rng, 1, 16 if unseen else 12))
    lots = int(rng.choice([1, 10, 100] if not unseen else [1, 5, 100, 1000]))
    ticks = [1, 10, 100, 500] if not unseen else [1, 50, 100, 250, 1000]
    beta = float(rng.uniform(0.1, 0.8))
    skew = float(rng.uniform(0.0, 1.2))
    found = []
    for i, name in enumerate(symbol_names(count, seed)):
        tick = int(rng.choice(ticks))
        price = max(_log_uniform(rng, 1.0 if unseen else 2.0, 2000.0 if unseen else 900.0) * 10_000, 150.0 * tick)
        unit = max(price * _log_uniform(rng, 1e-4, 1.5e-3), float(tick))
        volatility = max(_log_uniform(rng, 0.004, 0.05) / np.sqrt(days), 12.0 * unit / price / np.sqrt(days))
        found.append(
            SymbolSettings(
                name=name,
                price=price,
                tick=tick,
                unit=unit,
                lot=lots,
                typical=max(int(_log_uniform(rng, 3, 300)) * (1 if lots > 1 else 3), 2) * lots,
                volatility=min(float(volatility), 0.08),
                beta=beta,
                share=float((i + 1) ** -skew),
            )
        )
    return tuple(found)


def _crowd(rng: np.random.Generator, unseen: bool) -> CrowdRules:
    if unseen:
        return CrowdRules(
            limits=float(rng.uniform(0.35, 0.65)),
            markets=float(rng.uniform(0.04, 0.22)),
            depth=_log_uniform(rng, 25, 300),
            inside=float(rng.uniform(0.05, 0.5)),
            size_law=str(rng.choice(["pareto", "exponential"])),
            size_spread=float(rng.uniform(0.8, 1.4)),
            place_law=str(rng.choice(["exponential", "even"])),
            place_power=float(rng.uniform(0.6, 2.0)),
            round_sizes=float(rng.uniform(0, 1)),
            excite=float(rng.uniform(0.3, 0.85)),
            pull=float(rng.uniform(0, 3)),
            skew=float(rng.uniform(0, 1.6)),
            self_trades=bool(rng.random() < 0.4),
        )
    return CrowdRules(
        limits=float(rng.uniform(0.4, 0.6)),
        markets=float(rng.uniform(0.05, 0.2)),
        depth=_log_uniform(rng, 30, 200),
        inside=float(rng.uniform(0.1, 0.4)),
        size_law="lognormal",
        size_spread=float(rng.uniform(0.4, 1.3)),
        place_law="power",
        place_power=float(rng.uniform(0.8, 2.0)),
        round_sizes=float(rng.uniform(0, 0.8)),
        excite=float(rng.uniform(0, 0.5)),
        skew=float(rng.uniform(0.2, 1.3)),
        self_trades=bool(rng.random() < 0.4),
    )


def _groups(rng: np.random.Generator, family: str, accounts: int) -> tuple[AgentGroup, ...]:
    busy = max(accounts // 25, 1)
    found = []
    for t in _MIXES[family]:
        if rng.random() < t.chance:
            count = min(int(rng.integers(1, t.most + 1)), busy)
            found.append(AgentGroup(kind=t.kind, count=count, share=_log_uniform(rng, t.low, t.high)))
    return tuple(found)


def sample_settings(seed: int, family: Family = "train", *, events: int | None = None) -> VenueSettings:
    """Draw the settings of a market; ``events`` fixes their number (drawn from 40,000 to 150,000 otherwise).

    ``train`` and ``unseen`` differ in kinds of traders, in the laws of sizes, placement and arrival, and in
    ranges; no seed gives the same market in both. Raises UsageError for another family.
    """
    if family not in _MIXES:
        raise UsageError(f"{family} is no family of markets", fix="choose train or unseen")
    unseen = family == "unseen"
    rng = np.random.default_rng([seed, 101 if unseen else 100])
    days = int(rng.choice([1, 1, 1, 2, 3, 5]))
    length = int(_log_uniform(rng, 300 if unseen else 600, 8 * 3600 if unseen else 6.5 * 3600)) * 1_000_000_000
    opens = _FIRST_DAY + int(rng.integers(0, 700)) * _DAY + int(rng.integers(0, 15)) * 3_600_000_000_000
    accounts = int(_log_uniform(rng, 10 if unseen else 20, 5000 if unseen else 3000))
    own_seed = int(rng.integers(1 << 62))
    count = events if events is not None else int(_log_uniform(rng, 40_000, 150_000))
    return VenueSettings(
        seed=own_seed,
        events=count,
        symbols=_symbols(rng, own_seed, unseen, days),
        sessions=tuple((opens + day * _DAY, opens + day * _DAY + length) for day in range(days)),
        accounts=accounts,
        account_style=str(rng.choice(STYLES)),
        crowd=_crowd(rng, unseen),
        groups=_groups(rng, family, accounts),
        news_per_session=float(rng.uniform(1, 12)) if rng.random() < 0.8 else 0.0,
        news_size=_log_uniform(rng, 0.15, 1.0),
        news_published=bool(rng.random() < 0.75),
        u_shape=float(rng.uniform(0, 1.8)),
        clustering=float(rng.uniform(0.1, 0.8)),
        impact=_log_uniform(rng, 0.5, 3.0),
        decay=_log_uniform(rng, 0.05, 0.6),
        day_orders=bool(rng.random() < 0.6),
        resolution=int(rng.choice([1, 1, 1_000, 1_000_000])),
    )
