"""What does not change about each simulated symbol: sector, loadings, volatility, first price, life span."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.data.simulator.settings import MarketSettings
from tradewind.data.simulator.streams import Stream, stream

SECTOR_NAMES = (
    "Technology",
    "Health Care",
    "Financials",
    "Energy",
    "Industrials",
    "Consumer Staples",
    "Consumer Discretionary",
    "Utilities",
    "Materials",
    "Real Estate",
    "Communication Services",
)
YEAR = 252
NEVER = np.iinfo(np.int64).max


@dataclass(frozen=True, kw_only=True, eq=False)
class Traits:
    """Constants of S symbols.

    Attributes
    ----------
    symbols : S names, sorted.
    sector : (S,) sector code; the leader of sector ``k`` is symbol ``k``.
    market_load, sector_load, own_load : (S,) loadings of a unit-variance shock; their squares sum to 1.
    volatility : (S,) daily volatility.
    price, volume, market_cap : (S,) first close, usual volume in shares, and size in currency units.
    entry, exit : (S,) first session and the session after the last.
    dividend_phase : (S,) where in the cycle of dividends a symbol starts, in [0, 1).
    """

    symbols: tuple[str, ...]
    sector: IntArray
    market_load: FloatArray
    sector_load: FloatArray
    own_load: FloatArray
    volatility: FloatArray
    price: FloatArray
    volume: FloatArray
    market_cap: FloatArray
    entry: IntArray
    exit: IntArray
    dividend_phase: FloatArray

    def listed(self, day: int) -> BoolArray:
        """(S,) True for the symbols that trade on session ``day``."""
        mask: BoolArray = (self.entry <= day) & (day < self.exit)
        return mask

    def sector_names(self) -> tuple[str, ...]:
        """Return the sector name of each symbol."""
        return tuple(SECTOR_NAMES[k] if k < len(SECTOR_NAMES) else f"Sector {k:02d}" for k in self.sector)


def draw_traits(settings: MarketSettings) -> Traits:
    """Draw the constants of every symbol; they do not depend on ``n_days``."""
    n = settings.n_symbols
    rng = stream(settings.seed, Stream.TRAITS)
    beta, spread, phase = rng.uniform(0.6, 1.4, n), rng.uniform(0.7, 1.3, n), rng.random(n)
    price, volume = rng.uniform(40.0, 160.0, n), rng.lognormal(14.0, 0.6, n)
    cap = rng.lognormal(23.0, 0.8, n)
    sector = np.arange(n) % settings.n_sectors
    leaders = np.arange(n) < settings.n_sectors
    cap[leaders] = cap.max() * rng.uniform(1.5, 3.0, int(leaders.sum()))
    market = beta * np.sqrt(settings.factors * 2.0 / 3.0)
    own_sector = np.full(n, np.sqrt(settings.factors / 3.0))
    half = settings.turnover_horizon // 2
    late = (rng.random(n) < settings.late_listing) & ~leaders
    early = (rng.random(n) < settings.early_delisting) & ~leaders
    entry_day, exit_day = rng.integers(1, half, n), rng.integers(half + 30, 2 * half, n)
    width = max(3, len(str(n - 1)))
    return Traits(
        symbols=tuple(f"SIM{i:0{width}d}" for i in range(n)),
        sector=sector,
        market_load=market,
        sector_load=own_sector,
        own_load=np.sqrt(1.0 - market**2 - own_sector**2),
        volatility=settings.volatility / np.sqrt(YEAR) * spread,
        price=price,
        volume=volume,
        market_cap=cap,
        entry=np.where(late, entry_day, 0),
        exit=np.where(early, exit_day, NEVER),
        dividend_phase=phase,
    )
