"""The universe: which symbols there are, their names, sectors and sizes."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import polars as pl

from tradewind.core import SchemaError
from tradewind.core.arrays import FloatArray
from tradewind.core.panel import UNKNOWN_SECTOR
from tradewind.data.cells import read_number, read_text
from tradewind.data.faults import FaultLog
from tradewind.data.schema import UNIVERSE, check_columns
from tradewind.data.tables import load_table, save_table


@dataclass(frozen=True, kw_only=True, eq=False)
class Universe:
    """Symbols with what is known of them, in the order of the file.

    Attributes
    ----------
    symbols : S distinct symbols.
    names : S names; the symbol where none is given.
    sectors : S sectors; ``"unknown"`` where none is given.
    market_caps : (S,) float64 in currency units; NaN where not given.
    file : where it was read from, for messages; None where it was made in memory.
    """

    symbols: tuple[str, ...]
    names: tuple[str, ...]
    sectors: tuple[str, ...]
    market_caps: FloatArray
    file: Path | None = None

    def __len__(self) -> int:
        """Return the number of symbols."""
        return len(self.symbols)

    @property
    def sector_of(self) -> dict[str, str]:
        """Sector by symbol."""
        return dict(zip(self.symbols, self.sectors, strict=True))

    @property
    def market_cap_of(self) -> dict[str, float]:
        """Market capitalisation by symbol."""
        return dict(zip(self.symbols, self.market_caps.tolist(), strict=True))


def read_universe(path: str | Path) -> Universe:
    """Read ``symbol, name, sector[, market_cap]`` from CSV or Parquet.

    Raises
    ------
    InputError : the file cannot be read, lacks a column, names a symbol twice or not at all, or holds a
        ``market_cap`` that is not a number above zero; the message names the row.
    """
    table = load_table(path)
    check_columns(table, UNIVERSE)
    log = FaultLog(table)
    texts = {c.name: read_text(table, c, log) for c in UNIVERSE.columns if c.name != "market_cap"}
    symbol = texts["symbol"]
    caps = np.full(len(symbol), np.nan)
    if "market_cap" in table.frame.columns:
        caps = read_number(table, UNIVERSE.columns[-1], log)
    log.add((~symbol.is_first_distinct() & symbol.is_not_null()).to_numpy(), "symbol", "is here twice", "keep one row")
    log.settle(None)
    return Universe(
        symbols=tuple(symbol),
        names=tuple(texts["name"].fill_null(symbol)),
        sectors=tuple(texts["sector"].fill_null(UNKNOWN_SECTOR)),
        market_caps=caps,
        file=table.file,
    )


def write_universe(universe: Universe, path: str | Path) -> Path:
    """Write ``universe`` as CSV or Parquet, by the suffix, whole or not at all; OutputError where that fails."""
    frame = pl.DataFrame(
        {
            "symbol": list(universe.symbols),
            "name": list(universe.names),
            "sector": list(universe.sectors),
            "market_cap": pl.Series(universe.market_caps).fill_nan(None),
        },
        schema_overrides={"symbol": pl.String, "name": pl.String, "sector": pl.String},
    )
    return save_table(frame, path)


def check_universe_meets(universe: Universe, symbols: tuple[str, ...], prices: Path) -> None:
    """Raise SchemaError when the universe and the file ``prices``, which has ``symbols``, share no symbol."""
    if not set(universe.symbols) & set(symbols):
        raise SchemaError(
            f"none of its symbols ({', '.join(universe.symbols[:3])}, ...) is in {prices.name} "
            f"({', '.join(symbols[:3])}, ...)",
            file=universe.file or "the universe",
            field="symbol",
            fix="give the universe of these prices, or spell the symbols alike",
        )
