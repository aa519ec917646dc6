"""Coordinated accounts: the same side at the same moments."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

from tradewind.surveillance.explain.extract import SECOND, clock, lasted, shares
from tradewind.surveillance.explain.orders import Record, middle
from tradewind.surveillance.explain.story import Grid, Step, Story, count_of, names_of, told

COLUMNS = 5
"""Accounts the table of moments has room for."""
REACH = 10 * SECOND
"""Longest time between the first and the last account of a moment."""


@dataclass(frozen=True)
class Act:
    """One thing an account did: an order entered, a market order's executions included."""

    time: int
    seq: int
    account: int
    side: int
    size: int
    order: int


@dataclass(frozen=True)
class Moment:
    """Acts of two accounts or more on one side, close in time."""

    acts: tuple[Act, ...]

    @property
    def accounts(self) -> tuple[int, ...]:
        """Return the accounts in the order in which they acted."""
        return tuple(dict.fromkeys(act.account for act in self.acts))

    @property
    def lateness(self) -> int:
        """Return the time from the first account to the last, nanoseconds."""
        first: dict[int, int] = {}
        for act in self.acts:
            first.setdefault(act.account, act.time)
        return max(first.values()) - min(first.values())


def together_story(record: Record) -> Story:
    """Tell the moments at which accounts acted together, who led and who followed."""
    moments = find_moments(record)
    extract = record.extract
    led = {code: sum(m.acts[0].account == code for m in moments) for code in record.codes}
    joined = {code: sum(code in m.accounts for m in moments) for code in record.codes}
    steps = []
    for number, moment in enumerate(moments, 1):
        first = moment.acts[0]
        names = [extract.name(code) for code in moment.accounts]
        total = sum(act.size for act in moment.acts)
        side = "buy" if first.side > 0 else "sell"
        steps.append(
            Step(
                time=first.time,
                seq=first.seq,
                who=names[0],
                what=f"Moment {number}: {names_of(names)} each entered orders to {side}, {shares(total)} shares "
                f"in all, within {lasted(moment.lateness)}.",
                why="The same side at the same moment, as if under one hand.",
                order=first.order,
            )
        )
    facts = _facts(record, moments)
    roles = {
        extract.name(code): f"led {led[code]} and joined in {joined[code]} of {count_of(len(moments), 'moment')}"
        for code in extract.accounts.tolist()
    }
    return told(_summary(record, facts), steps, roles, facts, [_grid(record, moments)])


def find_moments(record: Record) -> list[Moment]:
    """Return the moments of the alert's own time; the reach is a tenth of the accounts' usual pause, 10 s at most."""
    acts = [
        Act(line.entered, line.seq, line.account, line.side, line.size, line.order)
        for line in record.own_orders
        if line.opening and record.during(line.entered)
    ]
    if not acts:  # a source of trades alone
        acts = [Act(e.time, e.seq, e.account, e.side, e.size, e.order) for e in record.own_executions if not e.passive]
    acts.sort(key=lambda act: (act.time, act.seq))
    pauses = [float(b.time - a.time) for a, b in pairwise(acts) if b.account == a.account]
    reach = min(REACH, int(middle(pauses) / 2)) if pauses else REACH
    found: list[Moment] = []
    for side in (1, -1):
        group: list[Act] = []
        for act in (act for act in acts if act.side == side):
            if group and act.time - group[0].time > reach:
                found += [Moment(tuple(group))] if len({a.account for a in group}) > 1 else []
                group = []
            group.append(act)
        found += [Moment(tuple(group))] if len({a.account for a in group}) > 1 else []
    return sorted(found, key=lambda moment: (moment.acts[0].time, moment.acts[0].seq))


def _facts(record: Record, moments: list[Moment]) -> dict[str, float]:
    orders = sum(one.orders for one in record.doings)
    return {
        "moments": float(len(moments)),
        "accounts": float(len(record.codes)),
        "accounts_a_moment": sum(len(m.accounts) for m in moments) / len(moments) if moments else float("nan"),
        "lateness_s": middle([m.lateness / SECOND for m in moments]),
        "orders": float(orders),
        "orders_together_share": sum(len(m.acts) for m in moments) / orders if orders else float("nan"),
        "share_of_volume": record.volume_share(),
    }


def _summary(record: Record, facts: dict[str, float]) -> list[str]:
    alert = record.extract.alert
    if not facts["moments"]:
        return [
            f"The events show no moment at which two of {names_of(alert.accounts)} acted on one side of "
            f"{alert.symbol}; "
            "the alert rests on the model's reading of other features."
        ]
    return [
        f"{names_of(alert.accounts)} acted on the same side of {alert.symbol} at "
        f"{count_of(int(facts['moments']), 'moment')}, {facts['accounts_a_moment']:.1f} of "
        f"{int(facts['accounts'])} accounts at a time.",
        f"From the first to the last account of a moment it took {lasted(facts['lateness_s'] * SECOND)} (median); "
        f"{facts['orders_together_share']:.0%} of their {shares(facts['orders'])} orders fell into such moments.",
        f"They stood on a side of {facts['share_of_volume']:.1%} of the symbol's volume then.",
    ]


def _grid(record: Record, moments: list[Moment]) -> Grid:
    codes = _busiest(moments, record)[:COLUMNS]
    rows = []
    for number, moment in enumerate(moments[:24], 1):
        first: dict[int, int] = {}
        for act in moment.acts:
            first.setdefault(act.account, act.time)
        start = moment.acts[0].time
        cells = [f"+{lasted(first[code] - start)}" if code in first else "–" for code in codes]
        cells = [
            "first" if code in first and first[code] == start else cell for code, cell in zip(codes, cells, strict=True)
        ]
        rows.append((str(number), clock(start), "buy" if moment.acts[0].side > 0 else "sell", *cells))
    more = f"{len(moments) - 24} more moments are not shown. " if len(moments) > 24 else ""
    hidden = len(record.codes) - len(codes)
    return Grid(
        title="Who acted when",
        columns=("Moment", "From (UTC)", "Side", *(_short(record.extract.name(code)) for code in codes)),
        rows=tuple(rows),
        note=more
        + (f"The {COLUMNS} accounts with most moments of {len(record.codes)}. " if hidden > 0 else "")
        + "Time after the first.",
        left=3,
    )


def _busiest(moments: list[Moment], record: Record) -> list[int]:
    """Return the accounts, those in most moments first."""
    joined = {code: sum(code in moment.accounts for moment in moments) for code in record.extract.accounts.tolist()}
    return sorted(joined, key=lambda code: (-joined[code], code))


def _short(name: str) -> str:
    return name if len(name) <= 14 else f"{name[:6]}…{name[-6:]}"
