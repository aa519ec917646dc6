"""Spoofing and layering: orders shown, the other side traded, the orders taken back."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

from tradewind.surveillance.explain.extract import SECOND, clock, lasted, price, shares
from tradewind.surveillance.explain.orders import Execution, Lifeline, Record, middle
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told
from tradewind.surveillance.schemes import Scheme

TAKEN_BACK = 0.8
"""Least share of an order cancelled to count as pretence."""
AFTER = 20 * SECOND
"""Longest time from the opposite execution to the cancellation of what was pretended."""


class _Timed:
    """Executions in time order, found by time."""

    def __init__(self, executions: Sequence[Execution]) -> None:
        self._all = list(executions)
        self._times = [e.time for e in executions]

    def between(self, start: int, end: int) -> list[Execution]:
        """Return those from ``start`` to ``end``, both included."""
        return self._all[bisect_left(self._times, start) : bisect_right(self._times, end)]


def pretence_story(record: Record) -> Story:
    """Pair orders that were taken back with executions on the other side while they stood."""
    baits, genuine = _parts(record)
    lifted = sorted({one.account for one in baits}), sorted({one.account for one in genuine})
    roles = {record.extract.name(code): _role(code in lifted[0], code in lifted[1]) for code in record.extract.accounts}
    cycles = _cycles(baits, genuine)
    steps = [step for number, cycle in enumerate(cycles, 1) for step in _cycle_steps(record, number, *cycle)]
    facts = _facts(record, baits, genuine, len(cycles))
    return told(_summary(record, baits, facts), steps, roles, facts, [_cycle_grid(cycles)])


def _parts(record: Record) -> tuple[list[Lifeline], list[Execution]]:
    """Return the orders pretended and the executions they served, of the alert's own time."""
    found: list[tuple[Lifeline, list[Execution]]] = []
    sides = {side: _Timed([e for e in record.own_executions if e.side == side]) for side in (1, -1)}
    for line in record.own_orders:
        if line.cancelled_share < TAKEN_BACK or not line.size or not line.side:
            continue
        hit = sides[-line.side].between(line.entered, line.ended)
        if hit and line.ended - hit[-1].time <= max(AFTER, line.ended - line.entered):
            found.append((line, hit))
    least = middle([float(line.size) for line, _ in found]) / 4 if found else 0.0
    kept = [(line, hit) for line, hit in found if line.size >= least]
    served = {(e.seq, e.account): e for _, hit in kept for e in hit}
    return [line for line, _ in kept], sorted(served.values(), key=lambda e: (e.time, e.seq))


def _cycles(baits: Sequence[Lifeline], genuine: Sequence[Execution]) -> list[tuple[list[Lifeline], list[Execution]]]:
    """Join orders on one side whose lives overlap into cycles, with the executions during each."""
    groups: list[list[Lifeline]] = []
    reach = 0
    for line in sorted(baits, key=lambda one: one.entered):
        last = groups[-1] if groups else []
        if last and last[0].side == line.side and line.entered <= reach:
            last.append(line)
            reach = max(reach, line.ended)
        else:
            groups.append([line])
            reach = line.ended
    sides = {side: _Timed([e for e in genuine if e.side == side]) for side in (1, -1)}
    found = []
    for group in groups:
        start, end = group[0].entered, max(line.ended for line in group)
        found.append((group, sides[-group[0].side].between(start, end)))
    return found


def _cycle_steps(record: Record, number: int, group: list[Lifeline], hits: list[Execution]) -> list[Step]:
    extract, typical = record.extract, record.extract.outline.typical_order
    steps = []
    for line in group[:4]:
        size = f", {line.size / typical:.1f} times the symbol's median order" if typical else ""
        steps.append(
            Step(
                time=line.entered,
                seq=line.seq if line.opening else -1,
                who=extract.name(line.account),
                what=f"Entered {_side(line.side)} {shares(line.size)} at {price(line.price)}{size}; {_level(line)}.",
                why=f"Bait of cycle {number}: shows {'demand' if line.side > 0 else 'supply'} that was not meant.",
                order=line.order,
            )
        )
    if hits:
        steps.append(_hit_step(record, number, hits))
    for line in group[:4]:
        before = [e.time for e in hits if e.time <= line.ended]
        since = f", {lasted(line.ended - before[-1])} after the execution" if before else ""
        steps.append(
            Step(
                time=line.ended,
                seq=line.seq_ended,
                who=extract.name(line.account),
                what=f"Took back {shares(line.cancelled)} of {shares(line.size)} after "
                f"{lasted(line.ended - line.entered)}{since}; executed {shares(line.filled)}.",
                why=f"Bait of cycle {number} withdrawn once it had served.",
                order=line.order,
            )
        )
    return steps


def _hit_step(record: Record, number: int, hits: list[Execution]) -> Step:
    total = sum(e.size for e in hits)
    others = sorted({record.extract.name(e.other) for e in hits})
    value = sum(e.size * e.price for e in hits) / total
    how = count_of(len(hits), "execution")
    return Step(
        time=hits[0].time,
        seq=hits[0].seq,
        who=record.extract.name(hits[0].account),
        what=f"{'Bought' if hits[0].side > 0 else 'Sold'} {shares(total)} at {price(round(value))} on "
        f"average in {how}, "
        f"against {names_of(others)}.",
        why=f"The genuine side of cycle {number}: traded while the bait stood on the other side.",
        order=hits[0].order,
    )


def _facts(record: Record, baits: Sequence[Lifeline], genuine: Sequence[Execution], cycles: int) -> dict[str, float]:
    entered, taken = sum(line.size for line in baits), sum(line.cancelled for line in baits)
    typical = record.extract.outline.typical_order
    sides = {side: _Timed([e for e in genuine if e.side == side]) for side in (1, -1)}
    hits = [(line, sides[-line.side].between(line.entered, line.ended)) for line in baits]
    delays = [(line.ended - hit[-1].time) / SECOND for line, hit in hits if hit]
    return {
        "cycles": float(cycles),
        "bait_orders": float(len(baits)),
        "bait_shares": float(entered),
        "bait_cancelled_shares": float(taken),
        "bait_cancelled_share": taken / entered if entered else float("nan"),
        "bait_filled_shares": float(sum(line.filled for line in baits)),
        "genuine_shares": float(sum(e.size for e in genuine)),
        "bait_size_vs_median_order": middle([float(b.size) for b in baits]) / typical if typical else float("nan"),
        "bait_prices": float(len({(line.side, line.price) for line in baits})),
        "bait_lifetime_s": middle([(b.ended - b.entered) / SECOND for b in baits]),
        "cancel_delay_s": middle(delays),
    }


def _summary(record: Record, baits: Sequence[Lifeline], facts: dict[str, float]) -> list[str]:
    alert = record.extract.alert
    if not baits:
        return [
            f"The events of {names_of(alert.accounts)} in {alert.symbol} show no order of which four fifths or more "
            "were taken back while the other side traded; the alert rests on the model's reading of other features."
        ]
    layered = "on several prices" if alert.scheme is Scheme.LAYERING else "of unusual size"
    sides = sorted({"buy" if line.side > 0 else "sell" for line in baits})
    return [
        f"{names_of(alert.accounts)} entered {count_of(len(baits), 'order')} to {' and '.join(sides)} "
        f"{shares(facts['bait_shares'])} shares of {alert.symbol} {layered} and took "
        f"{facts['bait_cancelled_share']:.1%} of them back; {shares(facts['bait_filled_shares'])} were executed.",
        f"While they stood, {shares(facts['genuine_shares'])} shares were executed on the other side, in "
        f"{count_of(int(facts['cycles']), 'cycle')}; the orders were gone {lasted(facts['cancel_delay_s'] * SECOND)} "
        "after the last such execution (median).",
        f"The median such order was {facts['bait_size_vs_median_order']:.1f} times the symbol's median order and stood "
        f"{lasted(facts['bait_lifetime_s'] * SECOND)}.",
    ]


def _cycle_grid(cycles: Sequence[tuple[list[Lifeline], list[Execution]]]) -> Grid:
    rows = []
    for number, (group, hits) in enumerate(cycles[:20], 1):
        end = max(line.ended for line in group)
        rows.append(
            (
                str(number),
                clock(group[0].entered),
                _side(group[0].side).removeprefix("an order to "),
                shares(len(group)),
                shares(len({line.price for line in group})),
                shares(sum(line.size for line in group)),
                shares(sum(line.cancelled for line in group)),
                shares(sum(e.size for e in hits)),
                lasted(end - max((e.time for e in hits), default=end)),
            )
        )
    more = f"{len(cycles) - 20} more cycles are not shown." if len(cycles) > 20 else ""
    return Grid(
        title="Cycles",
        columns=(
            "Cycle",
            "From (UTC)",
            "Side",
            "Orders",
            "Prices",
            "Shares shown",
            "Taken back",
            "Traded opposite",
            "Last gone after",
        ),
        rows=tuple(rows),
        note=more,
        left=3,
    )


def _side(side: int) -> str:
    return "an order to buy" if side > 0 else "an order to sell"


def _level(line: Lifeline) -> str:
    if line.level < 0:
        return "it crossed the best price"
    return (
        "at or inside the best price" if line.level == 0 else f"{count_of(line.level, 'level')} behind the best price"
    )


def _role(bait: bool, genuine: bool) -> str:
    if bait and genuine:
        return "showed the orders and traded the other side"
    return "showed the orders" if bait else "traded the other side" if genuine else "took part in the pattern otherwise"
