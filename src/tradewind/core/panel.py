"""The panel: the bars of many symbols as one block of columns.

Rows are sorted by symbol, then time; symbol ``s`` owns rows ``offsets[s]:offsets[s + 1]``. There is no row
where a symbol has no bar, so symbols may start late, end early and miss days, and a window of *n* bars is
always *n* bars the symbol really had.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tradewind.core.arrays import AnyArray, FloatArray, Int32Array, IntArray, TimeArray, as_time
from tradewind.core.ids import array_id

PRICE_FIELDS = ("open", "high", "low", "close", "adj_close", "volume")
UNKNOWN_SECTOR = "unknown"


@dataclass(frozen=True, kw_only=True, eq=False)
class Panel:
    """Bars of many symbols, ragged, in struct-of-arrays form.

    Attributes
    ----------
    symbols : sorted symbol names, length S.
    offsets : (S + 1,) row bounds of each symbol.
    time : (n,) ``datetime64[us]``; for daily bars the session date at midnight.
    known_at : (n,) ``datetime64[us]`` UTC; when the bar could be known (a daily bar: at its session's close).
    open, high, low, close, adj_close, volume : (n,) float64; NaN where a field is missing.
    sectors : (S,) sector name per symbol, ``"unknown"`` where not given.
    market_cap : (S,) float64 in currency units, NaN where not given.
    fear : (n,) float64 or None; a market fear index (such as VIX) as known at ``known_at`` of each row.

    Prices are adjusted *for the whole history*: only ratios of ``adj_close`` are point in time, its level is not,
    so a feature must not change when a symbol's ``adj_close`` is multiplied by a constant.
    """

    symbols: tuple[str, ...]
    offsets: IntArray
    time: TimeArray
    known_at: TimeArray
    open: FloatArray
    high: FloatArray
    low: FloatArray
    close: FloatArray
    adj_close: FloatArray
    volume: FloatArray
    sectors: tuple[str, ...]
    market_cap: FloatArray
    fear: FloatArray | None = None

    def __post_init__(self) -> None:
        """Refuse a panel whose parts do not fit together."""
        n = len(self.time)
        if len(self.offsets) != len(self.symbols) + 1 or self.offsets[0] != 0 or self.offsets[-1] != n:
            raise ValueError("offsets must run from 0 to the number of rows, one bound per symbol")
        for name in (*PRICE_FIELDS, "known_at"):
            if len(getattr(self, name)) != n:
                raise ValueError(f"{name} has {len(getattr(self, name))} rows where time has {n}")

    def __len__(self) -> int:
        """Return the number of rows (bars)."""
        return len(self.time)

    @property
    def n_symbols(self) -> int:
        """Return the number of symbols."""
        return len(self.symbols)

    @cached_property
    def symbol_code(self) -> Int32Array:
        """(n,) index into ``symbols`` of each row."""
        return np.repeat(np.arange(self.n_symbols, dtype=np.int32), np.diff(self.offsets))

    @cached_property
    def times(self) -> TimeArray:
        """(T,) sorted distinct times of the panel."""
        return np.unique(self.time)

    @cached_property
    def time_code(self) -> IntArray:
        """(n,) index into ``times`` of each row; rows of one day share a code."""
        return np.searchsorted(self.times, self.time).astype(np.int64)

    @cached_property
    def sector_names(self) -> tuple[str, ...]:
        """Sorted distinct sectors."""
        return tuple(sorted(set(self.sectors)))

    @cached_property
    def sector_code(self) -> Int32Array:
        """(S,) index into ``sector_names`` of each symbol."""
        index = {name: code for code, name in enumerate(self.sector_names)}
        return np.array([index[name] for name in self.sectors], dtype=np.int32)

    @cached_property
    def id(self) -> str:
        """Content hash of the data: equal bars give an equal id."""
        names = np.frombuffer("\x00".join((*self.symbols, *self.sectors)).encode(), dtype=np.uint8)
        columns: list[AnyArray] = [names, self.offsets, self.time, *(getattr(self, f) for f in PRICE_FIELDS)]
        return array_id(columns)

    def rows_of(self, symbol: str) -> slice:
        """Return the row range of ``symbol``; KeyError when the panel does not hold it."""
        try:
            code = self.symbols.index(symbol)
        except ValueError:
            raise KeyError(symbol) from None
        return slice(int(self.offsets[code]), int(self.offsets[code + 1]))

    def select(self, mask: AnyArray) -> Panel:
        """Return the panel of the rows where boolean ``mask`` (n,) holds; symbols left without rows are dropped."""
        code = self.symbol_code[mask]
        kept = np.unique(code)
        counts = np.bincount(code, minlength=self.n_symbols)[kept]
        columns = {name: getattr(self, name)[mask] for name in ("time", "known_at", *PRICE_FIELDS)}
        return Panel(
            symbols=tuple(self.symbols[c] for c in kept),
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            sectors=tuple(self.sectors[c] for c in kept),
            market_cap=self.market_cap[kept],
            fear=None if self.fear is None else self.fear[mask],
            **columns,
        )

    def until(self, moment: np.datetime64 | str) -> Panel:
        """Return the panel as it stood at ``moment``: only rows whose ``time`` is not after it."""
        return self.select(self.time <= as_time(moment))

    @classmethod
    def from_columns(
        cls,
        columns: dict[str, AnyArray],
        *,
        sectors: dict[str, str] | None = None,
        market_cap: dict[str, float] | None = None,
    ) -> Panel:
        """Build a panel from long columns in any row order.

        ``columns`` holds ``symbol`` (str), ``time`` (datetime64), the six price fields and optionally ``known_at``
        and ``fear``; without ``known_at`` a bar counts as known at 21:00 UTC of its date (New York's close in winter).
        """
        symbol: AnyArray = np.asarray(columns["symbol"]).astype(str)
        time: TimeArray = np.asarray(columns["time"]).astype("datetime64[us]")
        order = np.lexsort((time, symbol))
        names, counts = np.unique(symbol, return_counts=True)
        known = columns.get("known_at")
        known_at = time + np.timedelta64(21, "h") if known is None else known.astype("datetime64[us]")
        fear = columns.get("fear")
        caps = market_cap or {}
        return cls(
            symbols=tuple(str(name) for name in names),
            offsets=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
            time=time[order],
            known_at=known_at[order],
            sectors=tuple((sectors or {}).get(str(name)) or UNKNOWN_SECTOR for name in names),
            market_cap=np.array([caps.get(str(name), np.nan) for name in names], dtype=np.float64),
            fear=None if fear is None else fear[order].astype(np.float64),
            **{name: np.asarray(columns[name])[order].astype(np.float64) for name in PRICE_FIELDS},
        )


def concat_symbols(panels: Sequence[Panel]) -> Panel:
    """Join panels of disjoint symbols into one."""
    columns: dict[str, AnyArray] = {
        "symbol": np.concatenate([np.array(p.symbols)[p.symbol_code] for p in panels]),
        **{name: np.concatenate([getattr(p, name) for p in panels]) for name in ("time", "known_at", *PRICE_FIELDS)},
    }
    return Panel.from_columns(
        columns,
        sectors={s: sector for p in panels for s, sector in zip(p.symbols, p.sectors, strict=True)},
        market_cap={s: float(cap) for p in panels for s, cap in zip(p.symbols, p.market_cap, strict=True)},
    )
