"""A simulated market as foreign files would have it: other trade rows, other names, other spellings.

For testing that what reads foreign files understands them: the market is the same, whatever its dialect.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal

import numpy as np
import polars as pl

from tradewind.core.arrays import AnyArray
from tradewind.core.errors import UsageError
from tradewind.core.files import atomic_path
from tradewind.surveillance.events.table import PRICE_UNIT, EventTable, Kind

TradeRows = Literal["maker", "taker", "both", "none"]
"""Which order a TRADE row names: the resting one, the arriving one, one row each, or there are no TRADE rows."""


@dataclass(frozen=True, kw_only=True)
class ForeignStyle:
    """How a foreign file is written.

    Attributes
    ----------
    trades : which orders its trades name.
    columns : the file's name for each of the nine contract columns that it calls otherwise.
    kinds, sides : its spellings; the contract's where empty.
    replaces : True where a cancel and a new order under the same id are one row of the kind ``replace``.
    clock : ``ns``, or ``datetime`` for a column of times.
    """

    trades: TradeRows = "maker"
    columns: Mapping[str, str] = field(default_factory=dict)
    kinds: Mapping[Kind, str] = field(default_factory=dict)
    sides: Mapping[int, str] = field(default_factory=dict)
    replaces: bool = False
    clock: Literal["ns", "datetime"] = "ns"


_KINDS: tuple[Mapping[Kind, str], ...] = (
    {Kind.NEW: "new", Kind.CANCEL: "cancel", Kind.TRADE: "trade", Kind.NEWS: "news"},
    {Kind.NEW: "ADD", Kind.CANCEL: "DELETE", Kind.TRADE: "EXECUTE", Kind.NEWS: "NEWS"},
    {Kind.NEW: "submit", Kind.CANCEL: "remove", Kind.TRADE: "fill", Kind.NEWS: "announcement"},
)
_SIDES: tuple[Mapping[int, str], ...] = ({1: "buy", -1: "sell"}, {1: "B", -1: "S"}, {1: "BID", -1: "ASK"})
_COLUMNS: tuple[Mapping[str, str], ...] = (
    {},
    {"timestamp_ns": "ts", "venue_seq": "seq", "kind": "event_type", "account": "account_id", "size": "qty"},
    {"timestamp_ns": "timestamp", "symbol": "ticker", "venue_seq": "sequence", "kind": "event", "size": "quantity"},
)


def sample_style(seed: int) -> ForeignStyle:
    """Draw a style at random."""
    rng = np.random.default_rng([seed, 31])
    return ForeignStyle(
        trades=(("maker", "taker", "both", "none"))[int(rng.integers(4))],
        columns=_COLUMNS[int(rng.integers(len(_COLUMNS)))],
        kinds=_KINDS[int(rng.integers(len(_KINDS)))],
        sides=_SIDES[int(rng.integers(len(_SIDES)))],
        replaces=bool(rng.random() < 0.5),
    )


def _renumbered(events: EventTable, rows: AnyArray, changes: Mapping[str, AnyArray]) -> EventTable:
    picked: dict[str, Any] = {**events.take(rows).columns(), **changes}
    picked["seq"] = events.seq[0] + np.arange(len(rows), dtype=np.int64) if len(rows) else events.seq[:0]
    return replace(events, **picked)


def in_dialect(events: EventTable, style: TradeRows) -> EventTable:
    """Return a simulated market with its trades told otherwise.

    ``events`` come from the venue: each TRADE names the resting order and follows the NEW row of the one that arrived.
    Sequence numbers are counted anew. Raises UsageError for another style.
    """
    if style == "maker":
        return events
    if style not in ("taker", "both", "none"):
        raise UsageError(f"{style} is no way to tell trades", fix="choose maker, taker, both or none")
    trade = events.kind == Kind.TRADE
    if style == "none":
        return _renumbered(events, np.flatnonzero(~trade), {})
    entered = np.maximum.accumulate(np.where(events.kind == Kind.NEW, np.arange(len(events)), 0))
    if style == "taker":
        source = np.where(trade, entered, np.arange(len(events)))
        changes = {name: getattr(events, name)[source] for name in ("order", "account", "side")}
        return _renumbered(events, np.arange(len(events)), changes)
    rows = np.repeat(np.arange(len(events)), 1 + trade)
    second = np.concatenate([[False], rows[1:] == rows[:-1]]) if len(rows) else np.zeros(0, bool)
    source = np.where(second, entered[rows], rows)
    return _renumbered(events, rows, {name: getattr(events, name)[source] for name in ("order", "account", "side")})


def _one_row_replaces(frame: pl.DataFrame) -> pl.DataFrame:
    """Join each cancel with the new order under the same id that follows it at once."""
    following = frame.select(pl.all().shift(-1).name.suffix("_next"))
    wide = pl.concat([frame, following], how="horizontal")
    joined = (
        (pl.col("kind") == int(Kind.CANCEL))
        & (pl.col("kind_next") == int(Kind.NEW))
        & (pl.col("order_id") == pl.col("order_id_next"))
        & (pl.col("symbol") == pl.col("symbol_next"))
    ).fill_null(value=False)
    wide = wide.with_columns(joined.alias("joined")).filter(~pl.col("joined").shift(1).fill_null(value=False))
    return wide.with_columns(
        pl.when("joined").then(0).otherwise("kind").alias("kind"),
        *(pl.when("joined").then(f"{c}_next").otherwise(c).alias(c) for c in ("price", "size", "timestamp_ns")),
    ).select(frame.columns)


def write_foreign(events: EventTable, path: str | Path, style: ForeignStyle) -> Path:
    """Write a simulated market as a foreign Parquet or CSV file (by the name's ending) and return where.

    Prices are dollars; what has no price or side has none there. Raises UsageError for another ending.
    """
    target = Path(path)
    if target.suffix not in (".parquet", ".csv"):
        raise UsageError(f"{target.name} is neither Parquet nor CSV", fix="name it .parquet or .csv")
    told = in_dialect(events, style.trades)
    symbols, accounts = list(told.symbols.all()), list(told.accounts.all())
    frame = pl.DataFrame(
        {
            "timestamp_ns": told.time,
            "symbol": pl.Series(symbols).gather(told.symbol),
            "venue_seq": told.seq,
            "kind": told.kind.astype(np.int64),
            "order_id": told.order,
            "account": pl.Series([*accounts, None], dtype=pl.String).gather(
                np.where(told.account < 0, len(accounts), told.account)
            ),
            "side": told.side.astype(np.int64),
            "price": told.price / PRICE_UNIT,
            "size": told.size,
        }
    )
    if style.replaces:
        frame = _one_row_replaces(frame)
    kinds = {0: "replace", **{int(kind): style.kinds.get(kind, kind.name.lower()) for kind in Kind}}
    sides = {1: style.sides.get(1, "buy"), -1: style.sides.get(-1, "sell"), 0: None}
    frame = frame.with_columns(
        pl.col("kind").replace_strict(kinds, return_dtype=pl.String),
        pl.col("side").replace_strict(sides, return_dtype=pl.String),
        pl.when(pl.col("price") > 0).then("price").alias("price"),
    )
    if style.clock == "datetime":
        frame = frame.with_columns(pl.from_epoch("timestamp_ns", time_unit="ns"))
    frame = frame.rename({ours: theirs for ours, theirs in style.columns.items() if ours in frame.columns})
    with atomic_path(target) as partial:
        if target.suffix == ".csv":
            frame.write_csv(partial)
        else:
            frame.write_parquet(partial)
    return target
