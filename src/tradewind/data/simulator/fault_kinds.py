"""The kinds of fault that can be planted, and what each does to a stretch of one symbol's bars."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np

from tradewind.core.arrays import AnyArray

PRICES = ("open", "high", "low", "close", "adj_close")
RAW_PRICES = ("open", "high", "low", "close")
STALE_BARS = 6
UNIT_BARS = 20
MISSING_BARS = 4
SPIKE, SPIKE_DEVIATIONS = float(np.log(1.8)), 12.0
SPIKE_WINDOW = 25  # bars before a fault that no other fault has touched


class FaultKind(StrEnum):
    """What is wrong with the bars."""

    STALE_PRICE = "stale_price"
    ZERO_VOLUME = "zero_volume"
    HIGH_BELOW_LOW = "high_below_low"
    DUPLICATE_BAR = "duplicate_bar"
    TIME_ZONE_SLIP = "time_zone_slip"
    UNADJUSTED_SPLIT = "unadjusted_split"
    PRICE_SPIKE = "price_spike"
    MISSING_FIELD = "missing_field"
    MISSING_BAR = "missing_bar"
    NEGATIVE_OR_ZERO_PRICE = "negative_or_zero_price"
    CLOSE_OUTSIDE_RANGE = "close_outside_range"
    UNIT_CHANGE = "unit_change"
    VOLUME_SPIKE = "volume_spike"
    ADJ_CLOSE_INCONSISTENT = "adj_close_inconsistent"


@dataclass(frozen=True, kw_only=True)
class Fault:
    """One planted fault.

    Attributes
    ----------
    kind, symbol : what and whose.
    time, end : session dates of the first and last bar at fault, as they were before the fault.
    bars : how many bars are at fault (removed, repeated or changed).
    field : the field at fault, None where it is the bar as a whole.
    detail : what was done, in words.
    """

    kind: FaultKind
    symbol: str
    time: datetime
    end: datetime
    bars: int
    field: str | None
    detail: str


@dataclass(kw_only=True, eq=False)
class Draft:
    """Columns of a panel that faults may write to, with how often each row is to appear (0 removed, 2 repeated)."""

    columns: dict[str, AnyArray]
    copies: AnyArray

    def scale(self, rows: slice, fields: tuple[str, ...], factor: float) -> None:
        """Multiply ``fields`` of ``rows`` by ``factor``."""
        for name in fields:
            self.columns[name][rows] *= factor


@dataclass(frozen=True, kw_only=True)
class Done:
    """Rows that were changed, the field at fault, and what was done."""

    rows: slice
    field: str | None
    detail: str


Plant = Callable[[Draft, slice, np.random.Generator], Done]


def _first(rows: slice, bars: int = 1) -> slice:
    return slice(rows.start, rows.start + bars)


def stale_price(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Repeat the bar before: same close, no range, same volume."""
    span, before, columns = _first(rows, STALE_BARS), rows.start - 1, draft.columns
    for name in RAW_PRICES:
        columns[name][span] = columns["close"][before]
    for name in ("adj_close", "volume"):
        columns[name][span] = columns[name][before]
    return Done(rows=span, field="close", detail=f"the close before is repeated for {STALE_BARS} bars without range")


def zero_volume(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Lose the volume while the price moves."""
    draft.columns["volume"][rows.start] = 0.0
    return Done(rows=_first(rows), field="volume", detail="volume set to 0")


def high_below_low(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Swap high and low."""
    at, columns = rows.start, draft.columns
    columns["high"][at], columns["low"][at] = columns["low"][at], columns["high"][at]
    return Done(rows=_first(rows), field="high", detail="high and low swapped")


def duplicate_bar(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Repeat the row."""
    draft.copies[rows.start] = 2
    return Done(rows=_first(rows), field=None, detail="the bar is there twice")


def time_zone_slip(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Move whole weeks of bars one day back, as when midnight UTC is read in New York: Mondays become Sundays."""
    day = draft.columns["time"][rows].astype("datetime64[D]").astype(np.int64)
    week = (day + 3) // 7  # weeks start on Monday: 1970-01-01 was a Thursday
    starts = np.flatnonzero(np.diff(week)) + 1
    end = starts[2] if len(starts) > 2 else starts[-1]
    span = slice(rows.start + int(starts[0]), rows.start + int(end))
    for name in ("time", "known_at"):
        draft.columns[name][span] -= np.timedelta64(1, "D")
    return Done(rows=span, field="time", detail="dates moved one day back")


def unadjusted_split(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Split the shares from the row to the symbol's end without adjusting the closes before."""
    ratio = float(rng.integers(2, 5))
    draft.scale(rows, PRICES, 1.0 / ratio)
    draft.scale(rows, ("volume",), ratio)
    return Done(rows=rows, field="adj_close", detail=f"{ratio:g}-for-1 split left out of adj_close")


def price_spike(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Let the close jump by 12 recent standard deviations, at least to 1.8 times, and come back on the next bar."""
    at, columns = rows.start, draft.columns
    past = np.log(columns["adj_close"][rows.start - SPIKE_WINDOW : rows.start])
    jump = max(SPIKE, SPIKE_DEVIATIONS * float(np.diff(past).std()))
    factor = float(np.exp(jump if rng.random() < 0.5 else -jump))
    draft.scale(_first(rows), ("close", "adj_close"), factor)
    columns["high"][at] = max(columns["high"][at], columns["close"][at])
    columns["low"][at] = min(columns["low"][at], columns["close"][at])
    return Done(rows=_first(rows), field="close", detail=f"close times {factor:.3g} for one bar")


def missing_field(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Lose one field of the bar."""
    name = str(rng.choice((*RAW_PRICES, "volume")))
    draft.columns[name][rows.start] = np.nan
    return Done(rows=_first(rows), field=name, detail=f"{name} is missing")


def missing_bar(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Lose several sessions."""
    span = _first(rows, MISSING_BARS)
    draft.copies[span] = 0
    return Done(rows=span, field=None, detail=f"{MISSING_BARS} sessions removed")


def negative_or_zero_price(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Set one price to zero or below."""
    name, zero = str(rng.choice(RAW_PRICES)), rng.random() < 0.5
    draft.columns[name][rows.start] *= 0.0 if zero else -1.0
    return Done(rows=_first(rows), field=name, detail=f"{name} {'set to 0' if zero else 'made negative'}")


def close_outside_range(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Put the close 3 % beyond the bar's range."""
    at, columns = rows.start, draft.columns
    goal = columns["high"][at] * 1.03 if rng.random() < 0.5 else columns["low"][at] / 1.03
    draft.scale(_first(rows), ("close", "adj_close"), goal / columns["close"][at])
    return Done(rows=_first(rows), field="close", detail="close put 3 % beyond the bar's range")


def unit_change(draft: Draft, rows: slice, rng: np.random.Generator) -> Done:
    """Give the volume or the prices in hundredths for a stretch."""
    span = _first(rows, UNIT_BARS)
    if rng.random() < 0.5:
        draft.scale(span, ("volume",), 100.0)
        return Done(rows=span, field="volume", detail=f"volume times 100 for {UNIT_BARS} bars")
    draft.scale(span, PRICES, 100.0)
    return Done(rows=span, field="close", detail=f"prices in cents for {UNIT_BARS} bars")


def volume_spike(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Multiply one bar's volume by 60."""
    draft.scale(_first(rows), ("volume",), 60.0)
    return Done(rows=_first(rows), field="volume", detail="volume times 60 for one bar")


def adj_close_inconsistent(draft: Draft, rows: slice, _: np.random.Generator) -> Done:
    """Let one adjusted close part from its close without a corporate action."""
    draft.scale(_first(rows), ("adj_close",), 1.15)
    return Done(rows=_first(rows), field="adj_close", detail="adj_close times 1.15 for one bar, close as it was")


PLANTS: dict[FaultKind, Plant] = {
    FaultKind.STALE_PRICE: stale_price,
    FaultKind.ZERO_VOLUME: zero_volume,
    FaultKind.HIGH_BELOW_LOW: high_below_low,
    FaultKind.DUPLICATE_BAR: duplicate_bar,
    FaultKind.TIME_ZONE_SLIP: time_zone_slip,
    FaultKind.UNADJUSTED_SPLIT: unadjusted_split,
    FaultKind.PRICE_SPIKE: price_spike,
    FaultKind.MISSING_FIELD: missing_field,
    FaultKind.MISSING_BAR: missing_bar,
    FaultKind.NEGATIVE_OR_ZERO_PRICE: negative_or_zero_price,
    FaultKind.CLOSE_OUTSIDE_RANGE: close_outside_range,
    FaultKind.UNIT_CHANGE: unit_change,
    FaultKind.VOLUME_SPIKE: volume_spike,
    FaultKind.ADJ_CLOSE_INCONSISTENT: adj_close_inconsistent,
}
LASTING = frozenset({FaultKind.UNADJUSTED_SPLIT})
