"""Quote stuffing: bursts of orders entered and taken back."""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.surveillance.events import Kind
from tradewind.surveillance.explain.extract import SECOND, clock, lasted, shares
from tradewind.surveillance.explain.orders import Record, middle
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told

PAUSE = 2 * SECOND
"""Least silence between two bursts; longer where the accounts' own rhythm is slower."""


def stuffing_story(record: Record) -> Story:
    """Tell bursts of messages, their rate against the symbol's and what became of the orders."""
    extract, alert = record.extract, record.extract.alert
    tape = extract.tape
    own = np.isin(tape.account, extract.accounts) & np.isin(tape.kind, (Kind.NEW, Kind.CANCEL))
    rows = np.flatnonzero(own & (tape.time >= alert.start) & (tape.time <= alert.end))
    time = tape.time[rows]
    bursts = _bursts(time)
    usual = _usual_rate(record, len(rows))
    steps: list[Step] = []
    table: list[tuple[str, ...]] = []
    peak = 0.0
    for number, (first, last) in enumerate(bursts, 1):
        part = rows[first:last]
        length = max(int(time[last - 1] - time[first]), 1)
        entered, gone = (int((tape.kind[part] == kind).sum()) for kind in (Kind.NEW, Kind.CANCEL))
        rate = len(part) / max(length / SECOND, 1e-3)
        peak = max(peak, rate)
        who = extract.name(int(np.bincount(tape.account[part]).argmax()))
        against = f", {rate / usual:,.0f} times what others send" if usual else ""
        steps.append(
            Step(
                time=int(time[first]),
                seq=int(tape.seq[part[0]]),
                who=who,
                what=f"Burst {number}: {count_of(entered, 'order')} entered and {count_of(gone, 'cancellation')} in "
                f"{lasted(length)}, {rate:,.0f} messages a second{against}.",
                why="Messages without trades load the venue and hide genuine orders.",
                order=int(tape.order[part[0]]),
            )
        )
        table.append(
            (str(number), clock(int(time[first])), lasted(length), shares(entered), shares(gone), f"{rate:,.0f}")
        )
    facts = _facts(record, len(rows), len(bursts), peak, usual)
    grid = Grid(
        title="Bursts",
        columns=("Burst", "From (UTC)", "Length", "Entered", "Cancelled", "Messages a second"),
        rows=tuple(table[:20]),
        note=f"{len(table) - 20} more bursts are not shown." if len(table) > 20 else "",
        left=2,
    )
    roles = {one.name: f"sent {count_of(one.orders + one.cancels, 'message')}" for one in record.doings}
    return told(_summary(record, facts), steps, roles, facts, [grid])


def _bursts(time: IntArray) -> list[tuple[int, int]]:
    """Cut the accounts' messages where they fell silent: (first, last + 1) positions."""
    if not len(time):
        return []
    gaps = np.diff(time)
    pause = max(PAUSE, int(20 * np.median(gaps))) if len(gaps) else PAUSE
    edges = [0, *(np.flatnonzero(gaps > pause) + 1).tolist(), len(time)]
    found = list(pairwise(edges))
    largest = max(b - a for a, b in found)
    return [(a, b) for a, b in found if b - a >= max(2, largest // 20)]


def _usual_rate(record: Record, own: int) -> float:
    """Return the messages a second that others send over the span."""
    outline = record.extract.outline
    span = record.extract.span
    others = max(int(outline.messages.sum()) - own, 0)
    return others / max((span.end - span.start) / SECOND, 1e-9)


def _facts(record: Record, messages: int, bursts: int, peak: float, usual: float) -> dict[str, float]:
    lines = [line for line in record.own_orders if line.opening]
    entered = sum(line.size for line in lines)
    rows = record.extract.outline.rows
    return {
        "messages": float(messages),
        "bursts": float(bursts),
        "orders": float(len(lines)),
        "cancelled_share": sum(line.cancelled for line in lines) / entered if entered else float("nan"),
        "filled_shares": float(sum(line.filled for line in lines)),
        "peak_rate": peak,
        "others_rate": usual,
        "share_of_events": messages / rows if rows else float("nan"),
        "lifetime_s": middle([(line.ended - line.entered) / SECOND for line in lines if line.cancelled]),
    }


def _summary(record: Record, facts: dict[str, float]) -> list[str]:
    alert = record.extract.alert
    return [
        f"{names_of(alert.accounts)} sent {shares(facts['messages'])} orders and cancellations in {alert.symbol} in "
        f"{count_of(int(facts['bursts']), 'burst')}, {facts['share_of_events']:.1%} of all events of the symbol then.",
        f"{facts['cancelled_share']:.1%} of the shares entered were taken back, half of the orders within "
        f"{lasted(facts['lifetime_s'] * SECOND)}; {shares(facts['filled_shares'])} shares were executed.",
        f"At most {facts['peak_rate']:,.0f} messages a second were sent; all others together send "
        f"{facts['others_rate']:,.1f} a second around that time.",
    ]
