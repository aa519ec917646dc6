"""Did a feed or a symbol change its unit? Prices or volumes times a power of ten from one bar to the next."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import log_ratio
from tradewind.monitoring.diagnosis.hypotheses.price_jumps import jump_odds, spread, stays

KIND = CauseKind.UNIT_CHANGE
PRICE_FACTORS = np.array([1000.0, 100.0, 10.0, 0.1, 0.01, 0.001])
VOLUME_FACTORS = np.array([1000.0, 100.0, 0.01, 0.001])
SINGLE_TEN = np.log(0.05)
"""Odds that one symbol's price times or by ten is a unit and not a split of ten to one."""

SPLIT_LIKE = -8.0
"""Log odds taken off where the volume of that symbol moves the other way, as a split's does and a unit's does not."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Jump:
    """The most telling jump of a field: its odds, row, columns, factor, and (T, S) bars in the wrong unit."""

    field: str
    odds: float
    row: int
    columns: BoolArray
    factor: float
    blamed: BoolArray


def weigh(case: Case) -> Weighed:
    """Sum the odds of equal jumps on one day over the symbols of a feed, for prices and for volumes."""
    frame = case.frame
    found = [jump for name in ("close", "volume") if (jump := _best(case, name)) is not None]
    if not found or max(jump.odds for jump in found) <= 0.0:
        return Weighed(kind=KIND, looked="no price or volume jumped by a power of ten")
    jump = max(found, key=lambda one: one.odds)
    names = frame.symbols[jump.columns]
    feed = str(frame.feeds[jump.columns][0])
    mine = (frame.feeds == feed) & frame.arrived[jump.row]
    whole = len(names) >= 3 and jump.columns[mine].mean() >= 0.5
    subject = {"feed": feed} if whole else {"symbol": str(names[0])}
    who = f"{len(names)} of {int(mine.sum())} symbols of feed {feed}" if whole else ", ".join(names[:3].tolist())
    last = int(np.flatnonzero(jump.blamed.any(axis=1))[-1])
    item = Item(
        text=f"{jump.field} of {who} times {jump.factor:g} from one bar to the next, for {last - jump.row + 1} slices",
        numbers={"factor": jump.factor, "symbols": float(len(names)), "slices": float(last - jump.row + 1)},
    )
    level = log_ratio(frame.fields[jump.field], np.nanmedian(frame.fields[jump.field][frame.usual], axis=0)[None, :])
    return Weighed(
        kind=KIND,
        log_odds=jump.odds,
        subject={**subject, "metric": jump.field},
        first=jump.row,
        last=last,
        items=(item,),
        looked=f"{jump.field} of {who} changed its unit",
        blamed=jump.blamed,
        trace=Trace(
            name=f"{jump.field} of {who} over its usual level",
            unit="log ratio",
            values=np.asarray(np.nanmedian(level[:, jump.columns], axis=1)),
        ),
    )


def _best(case: Case, name: str) -> Jump | None:
    frame = case.frame
    before = _steady(case) if name == "volume" else frame.level_before(name)
    moves = log_ratio(frame.fields[name], before)
    factors = VOLUME_FACTORS if name == "volume" else PRICE_FACTORS
    scale = spread(moves[frame.usual])
    gain, factor = jump_odds(np.where(case.blamed, np.nan, moves)[frame.period], scale, factors)
    gain = np.where(gain > 0.0, gain, 0.0)
    best: Jump | None = None
    looks = gain.shape[0] * len(factors)
    for value in factors:
        here = np.where(factor == value, gain, 0.0)
        alone = here - np.log(looks * gain.shape[1]) + (SINGLE_TEN if value in {0.1, 10.0} else 0.0)
        if name == "close":
            alone = alone + SPLIT_LIKE * _like_a_split(case, value)
        row, column = divmod(int(alone.argmax()), alone.shape[1])
        candidates: list[tuple[float, int, int, BoolArray | None]] = [(float(alone.max()), row, column, None)]
        for feed in sorted(set(frame.feeds.tolist())):
            mine = frame.feeds == feed
            together = (here * mine).sum(axis=1) - np.log(looks)
            if ((here > 3.0) & mine).sum(axis=1).max() >= 3:
                candidates.append((float(together.max()), int(together.argmax()), 0, mine))
        for odds, row, column, symbols in candidates:
            if best is not None and odds <= best.odds:
                continue
            columns = np.zeros(gain.shape[1], dtype=bool)
            if symbols is None:
                columns[column] = True
            else:
                columns = symbols & (here[row] > 0.0)
            best = Jump(
                field=name,
                odds=odds,
                row=frame.first + row,
                columns=columns,
                factor=float(value),
                blamed=np.zeros(0, dtype=bool),
            )
    return None if best is None or best.odds <= 0.0 else _with_blame(case, best)


def _like_a_split(case: Case, factor: float) -> BoolArray:
    """(t, S) True in the period where volume moves against ``factor`` by half of its log or more."""
    moves = log_ratio(case.frame.fields["volume"], _steady(case))[case.frame.period]
    like: BoolArray = np.nan_to_num(-moves / np.log(factor)) > 0.5
    return like


def _with_blame(case: Case, jump: Jump) -> Jump:
    frame = case.frame
    blamed = np.zeros(frame.arrived.shape, dtype=bool)
    for column in np.flatnonzero(jump.columns):
        bars = stays(frame, jump.field, jump.row, int(column), jump.factor)
        end = min(jump.row + bars + 1, len(frame))  # and the bar on which it comes back
        blamed[jump.row : end, column] = True
    return Jump(field=jump.field, odds=jump.odds, row=jump.row, columns=jump.columns, factor=jump.factor, blamed=blamed)


def _steady(case: Case, window: int = 10) -> FloatArray:
    """(T, S) median volume of the ``window`` slices before; a single bar's volume says little."""
    volume = case.frame.fields["volume"]
    out = np.full(volume.shape, np.nan)
    for row in range(3, len(volume)):
        past = volume[max(0, row - window) : row]
        seen = np.isfinite(past).any(axis=0)
        out[row, seen] = np.nanmedian(past[:, seen], axis=0)
    return out
