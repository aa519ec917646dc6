"""Checks that need the other symbols: sessions a symbol missed, sessions all missed, and dates off by one."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from tradewind.core import Event, Panel, Severity
from tradewind.core.arrays import AnyArray, FloatArray, IntArray, TimeArray
from tradewind.quality.bars import Bars
from tradewind.quality.settings import QualitySettings

LEAST_SYMBOLS = 3


@dataclass(frozen=True, kw_only=True)
class PanelCheck:
    """A check of a whole panel; it cannot be made on one symbol's arriving bar."""

    kind: str
    severity: Severity
    find: Callable[[PanelCheck, Panel, Bars, QualitySettings], list[Event]]

    def event(self, message: str, known_at: np.datetime64, **rest: Any) -> Event:
        """Return an event of this kind."""
        moment = known_at.astype("datetime64[us]").item()
        return Event(kind=self.kind, severity=self.severity, message=message, known_at=moment, **rest)


def _presence(panel: Panel, bars: Bars) -> tuple[TimeArray, IntArray, FloatArray]:
    """Return the panel's dates (T,), each row's index into them, and the part of living symbols with a bar (T,)."""
    dates, code = np.unique(bars.date, return_inverse=True)
    start, stop = code[panel.offsets[:-1]], code[panel.offsets[1:] - 1]
    living = np.zeros(len(dates) + 1)
    np.add.at(living, start, 1.0)
    np.add.at(living, stop + 1, -1.0)
    return dates, code, np.bincount(code, minlength=len(dates)) / np.maximum(np.cumsum(living)[:-1], 1.0)


def _absent(check: PanelCheck, panel: Panel, bars: Bars, settings: QualitySettings) -> list[Event]:
    """Sessions between a symbol's bars where most others have one; left to the calendar where there is one."""
    if bars.sessions is not None or not settings.daily or panel.n_symbols < LEAST_SYMBOLS:
        return []
    dates, code, share = _presence(panel, bars)
    usual = np.concatenate([[0], np.cumsum(share >= settings.quorum)])
    previous = np.concatenate([code[:1], code[:-1]])
    count = usual[code] - usual[np.minimum(previous + 1, len(dates))]
    events = []
    for row in np.flatnonzero(bars.has_previous & (code > previous) & (count > 0)):
        gap = np.arange(previous[row] + 1, code[row])
        gap = gap[share[gap] >= settings.quorum]
        events.append(
            check.event(
                f"{len(gap)} sessions of the panel without a bar, the last on {dates[gap[-1]]}",
                panel.known_at[row],
                symbol=panel.symbols[panel.symbol_code[row]],
                event_time=dates[gap[0]].astype("datetime64[us]").item(),
                field="time",
                evidence={"sessions": len(gap), "until": str(dates[gap[-1]])},
            )
        )
    return events


def _empty_session(check: PanelCheck, panel: Panel, bars: Bars, settings: QualitySettings) -> list[Event]:
    """Exchange sessions on which no symbol at all has a bar."""
    if bars.sessions is None or not settings.daily or not len(panel):
        return []
    have = np.unique(bars.date)
    inside = bars.sessions[(bars.sessions > have[0]) & (bars.sessions < have[-1])]
    events = []
    for day in inside[~np.isin(inside, have)]:
        after = have[np.searchsorted(have, day)]
        events.append(
            check.event(
                f"no symbol has a bar on the session of {day}",
                panel.known_at[bars.date == after].min(),
                event_time=day.astype("datetime64[us]").item(),
                field="time",
            )
        )
    return events


def _date_shift(check: PanelCheck, panel: Panel, bars: Bars, settings: QualitySettings) -> list[Event]:
    """Blocks of a symbol whose returns go with those of the others one session off, and not on the same session.

    One finding per block of ``shift_window`` bars, known with its last bar. The others' return of a session is the
    mean over the symbols on it; a symbol's own part is taken out.
    """
    if not settings.daily or panel.n_symbols < LEAST_SYMBOLS:
        return []
    dates, code = np.unique(bars.date, return_inverse=True)
    move = np.clip(np.nan_to_num(bars.adjusted_return), -0.2, 0.2)
    total, count = np.bincount(code, move, len(dates)), np.bincount(code, minlength=len(dates))
    events = []
    width = settings.shift_window
    for s, name in enumerate(panel.symbols):
        rows = np.arange(panel.offsets[s] + 1, panel.offsets[s + 1])
        blocks = len(rows) // width
        if not blocks:
            continue
        rows = rows[len(rows) - blocks * width :] if blocks else rows
        others = _others(total, count, code[rows], move[rows])
        table = np.stack([_correlation(move[rows].reshape(blocks, width), o.reshape(blocks, width)) for o in others])
        best = 1 + 2 * (table[2] > table[0]) - 1  # 0 where the session before fits better, 2 where the one after
        top = table[best, np.arange(blocks)]
        wrong = (top > settings.shift_correlation) & (top - table[1] > settings.shift_margin)
        for b in np.flatnonzero(wrong):
            first, last = rows[b * width], rows[(b + 1) * width - 1]
            late = int(1 - best[b])  # the panel moved a session before: the symbol is dated a session late
            events.append(
                check.event(
                    f"returns follow the panel {'one session late' if late > 0 else 'one session early'} "
                    f"(correlation {top[b]:.2f}, on the same session {table[1, b]:.2f}): dates shifted by a day?",
                    panel.known_at[last],
                    symbol=name,
                    event_time=panel.time[first].astype("datetime64[us]").item(),
                    field="time",
                    evidence={
                        "sessions": late,
                        "correlation": round(float(top[b]), 4),
                        "on_the_session": round(float(table[1, b]), 4),
                        "until": str(bars.date[last]),
                    },
                )
            )
    return events


def _others(total: AnyArray, count: IntArray, code: IntArray, own: FloatArray) -> tuple[FloatArray, ...]:
    """Mean return of the other symbols on the session before, the same and the one after, for each row."""
    same = (total[code] - own) / np.maximum(count[code] - 1, 1)
    whole = total / np.maximum(count, 1)
    before = whole[np.maximum(code - 1, 0)]
    after = whole[np.minimum(code + 1, len(whole) - 1)]
    return before, same, after


def _correlation(a: FloatArray, b: FloatArray) -> FloatArray:
    """Pearson correlation along the last axis; 0 where one side does not vary."""
    a, b = a - a.mean(axis=-1, keepdims=True), b - b.mean(axis=-1, keepdims=True)
    size = np.sqrt((a * a).sum(axis=-1) * (b * b).sum(axis=-1))
    fit: FloatArray = np.where(size > 0, (a * b).sum(axis=-1) / np.where(size > 0, size, 1.0), 0.0)
    return fit


PANEL_CHECKS = (
    PanelCheck(kind="missing_bar", severity=Severity.WARNING, find=_absent),
    PanelCheck(kind="missing_session", severity=Severity.WARNING, find=_empty_session),
    PanelCheck(kind="date_shift", severity=Severity.ERROR, find=_date_shift),
)
