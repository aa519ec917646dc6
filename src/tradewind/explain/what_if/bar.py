"""One bar of one symbol, and panels with other bars in its place."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields, replace

import numpy as np

from tradewind.core import Labels, Panel
from tradewind.core.arrays import IntArray
from tradewind.core.panel import PRICE_FIELDS


@dataclass(frozen=True, kw_only=True)
class Bar:
    """One bar of one symbol, as the panel holds it."""

    open: float
    high: float
    low: float
    close: float
    adj_close: float
    volume: float

    @classmethod
    def at(cls, panel: Panel, row: int) -> Bar:
        """Return the bar of ``row``."""
        return cls(**{name: float(getattr(panel, name)[row]) for name in PRICE_FIELDS})


def with_bars(panel: Panel, rows: IntArray, bars: Sequence[Bar]) -> Panel:
    """Return ``panel`` with ``bars`` in place of those of ``rows``."""
    columns = {}
    for field in fields(Bar):
        column = getattr(panel, field.name).copy()
        column[rows] = [getattr(bar, field.name) for bar in bars]
        columns[field.name] = column
    return replace(panel, **columns)


def copies(panel: Panel, rows: slice, count: int) -> Panel:
    """Return ``count`` symbols, each with the bars of ``rows`` (of one symbol of ``panel``)."""
    code = int(panel.symbol_code[rows.start])
    length = rows.stop - rows.start
    columns = {name: np.tile(getattr(panel, name)[rows], count) for name in ("time", "known_at", *PRICE_FIELDS)}
    return Panel(
        symbols=tuple(f"{i:08d}" for i in range(count)),
        offsets=np.arange(count + 1, dtype=np.int64) * length,
        sectors=(panel.sectors[code],) * count,
        market_cap=np.full(count, panel.market_cap[code]),
        fear=None if panel.fear is None else np.tile(panel.fear[rows], count),
        **columns,
    )


def no_labels(panel: Panel) -> Labels:
    """Return labels of which none is known."""
    unknown = np.full(len(panel), np.nan)
    return Labels(
        start=panel.time,
        end=np.full(len(panel), np.datetime64("NaT"), dtype="datetime64[us]"),
        direction=unknown,
        forward_return=unknown,
        horizon=1,
    )
