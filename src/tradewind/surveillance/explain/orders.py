"""The life of each order, and what each account did and earned: read off an extract's rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.book import Tape
from tradewind.surveillance.events import Kind
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.explain.extract import Extract


@dataclass(slots=True)
class Lifeline:
    """One order of the alert's accounts.

    Attributes
    ----------
    order, account : id and code. ``side`` : +1 buy, -1 sell. ``price`` in price units, 0 for a market order.
    size : shares entered. ``level`` : price levels better than its own at entry, -1 where it crossed.
    entered, ended : times; ``ended`` is the last event seen of it.
    seq, seq_ended : sequence numbers of both.
    filled, cancelled : shares executed and taken back within the span.
    fills : number of executions.
    opening : True where its entry lies within the span; else it was entered at ``entered``, before it.
    """

    order: int
    account: int
    side: int
    price: int
    size: int
    level: int
    entered: int
    ended: int
    seq: int
    seq_ended: int
    filled: int = 0
    cancelled: int = 0
    fills: int = 0
    opening: bool = True

    @property
    def cancelled_share(self) -> float:
        """Return the share of its size that was taken back."""
        return self.cancelled / self.size if self.size else 0.0


@dataclass(frozen=True, kw_only=True)
class Execution:
    """One execution of an account of the alert; where both sides are its accounts there is one for each.

    ``side`` : what the account did, +1 bought, -1 sold. ``other`` : code of the other side, -1 unknown. ``passive`` :
    True where its order rested.
    """

    time: int
    seq: int
    account: int
    other: int
    side: int
    price: int
    size: int
    order: int
    passive: bool


@dataclass(slots=True)
class Doings:
    """What one account did within the alert's time, shares and counts.

    ``cash`` : dollars received less paid; ``net`` : shares bought less sold; ``worth`` : cash plus ``net`` at the last
    mid of the alert's time: a profit before fees, from a position of nothing at its start.
    """

    account: int
    name: str
    orders: int = 0
    entered_buy: int = 0
    entered_sell: int = 0
    cancels: int = 0
    cancelled: int = 0
    bought: int = 0
    sold: int = 0
    trades: int = 0
    taken: int = 0
    inside: int = 0
    cash: float = 0.0
    worth: float = 0.0

    @property
    def net(self) -> int:
        """Return shares bought less sold."""
        return self.bought - self.sold

    @property
    def entered(self) -> int:
        """Return the shares of all orders entered."""
        return self.entered_buy + self.entered_sell

    @property
    def traded(self) -> int:
        """Return shares bought and sold."""
        return self.bought + self.sold

    @property
    def one_sided(self) -> float:
        """Return how one-sided its orders were: 1 all on one side, 0 as much on both."""
        return abs(self.entered_buy - self.entered_sell) / self.entered if self.entered else 0.0


@dataclass(frozen=True, eq=False)
class Record:
    """An extract read order by order; everything lies within the span, ``doings`` within the alert's own time."""

    extract: Extract
    lifelines: tuple[Lifeline, ...]
    executions: tuple[Execution, ...]
    doings: tuple[Doings, ...]
    codes: frozenset[int] = field(default_factory=frozenset)

    @classmethod
    def of(cls, extract: Extract) -> Record:
        """Read an extract."""
        codes = frozenset(extract.accounts.tolist())
        lines = _lifelines(extract.tape, codes)
        executions = _executions(extract.tape, codes)
        return cls(extract, lines, executions, _doings(extract, lines, executions), codes)

    def during(self, time: int) -> bool:
        """Say whether a time lies within the alert's own."""
        return self.extract.alert.start <= time <= self.extract.alert.end

    @cached_property
    def own_executions(self) -> tuple[Execution, ...]:
        """Return the executions within the alert's own time."""
        return tuple(one for one in self.executions if self.during(one.time))

    @cached_property
    def own_orders(self) -> tuple[Lifeline, ...]:
        """Return the orders alive within the alert's own time."""
        alert = self.extract.alert
        return tuple(one for one in self.lifelines if one.entered <= alert.end and one.ended >= alert.start)

    def position(self, accounts: frozenset[int] | None = None) -> tuple[IntArray, IntArray]:
        """Return times and the accounts' summed position after each execution, from nothing at the span's start."""
        chosen = self.codes if accounts is None else accounts
        picked = [one for one in self.executions if one.account in chosen]
        time = np.array([one.time for one in picked], dtype=np.int64)
        return time, np.cumsum([one.side * one.size for one in picked], dtype=np.int64) if picked else time

    def volume_share(self) -> float:
        """Return the share of the symbol's volume in the alert's time with one of the accounts on a side."""
        traded = {(one.seq, one.time, one.price, one.size) for one in self.own_executions}
        total = self.extract.outline.volume
        return sum(size for *_, size in traded) / total if total else float("nan")


def _lifelines(tape: Tape, codes: frozenset[int]) -> tuple[Lifeline, ...]:
    """Follow every order of the accounts through the rows; an id used again after its end is another order."""
    alive: dict[int, Lifeline] = {}
    done: list[Lifeline] = []
    for row in range(len(tape)):
        kind, order, time, seq = int(tape.kind[row]), int(tape.order[row]), int(tape.time[row]), int(tape.seq[row])
        own = int(tape.account[row]) in codes
        size = int(tape.size[row])
        if kind == Kind.NEW and own:
            if order in alive:
                done.append(alive.pop(order))
            alive[order] = _entered(tape, row)
        elif kind == Kind.CANCEL and own:
            line = alive.setdefault(order, _known(tape, row))
            line.cancelled, line.ended, line.seq_ended = line.cancelled + size, time, seq
        elif kind == Kind.TRADE:
            hit = [alive.setdefault(order, _known(tape, row))] if own and order else []
            taker = alive.get(int(tape.taker_order[row])) if int(tape.taker[row]) in codes else None
            for line in (*hit, *(() if taker is None else (taker,))):
                line.filled, line.fills, line.ended, line.seq_ended = line.filled + size, line.fills + 1, time, seq
    return tuple(sorted((*done, *alive.values()), key=lambda line: (line.entered, line.seq)))


def _entered(tape: Tape, row: int) -> Lifeline:
    time, seq = int(tape.time[row]), int(tape.seq[row])
    return Lifeline(
        int(tape.order[row]),
        int(tape.account[row]),
        int(tape.side[row]),
        int(tape.price[row]),
        int(tape.size[row]),
        int(tape.level[row]),
        time,
        time,
        seq,
        seq,
    )


def _known(tape: Tape, row: int) -> Lifeline:
    """Return an order that was entered before the span, as the book knows it."""
    line = _entered(tape, row)
    line.size, line.entered, line.opening = int(tape.order_size[row]), int(tape.order_time[row]), False
    return line


def _executions(tape: Tape, codes: frozenset[int]) -> tuple[Execution, ...]:
    found: list[Execution] = []
    trade: BoolArray = np.isin(tape.kind, (Kind.TRADE, Kind.HIDDEN))
    for row in np.flatnonzero(trade).tolist():
        maker, taker = int(tape.account[row]), int(tape.taker[row])
        arrived = int(tape.taker_side[row]) or -int(tape.side[row])
        for account, other, side, passive in ((taker, maker, arrived, False), (maker, taker, -arrived, True)):
            if account in codes:
                found.append(
                    Execution(
                        time=int(tape.time[row]),
                        seq=int(tape.seq[row]),
                        account=account,
                        other=other,
                        side=side,
                        price=int(tape.price[row]),
                        size=int(tape.size[row]),
                        order=int(tape.order[row] if passive else tape.taker_order[row]),
                        passive=passive,
                    )
                )
    return tuple(found)


def _doings(extract: Extract, lines: tuple[Lifeline, ...], executions: tuple[Execution, ...]) -> tuple[Doings, ...]:
    alert, tape = extract.alert, extract.tape
    found = {code: Doings(code, extract.name(code)) for code in extract.accounts.tolist()}
    for line in lines:
        if line.opening and alert.start <= line.entered <= alert.end:
            one = found[line.account]
            one.orders += 1
            one.entered_buy += line.size if line.side > 0 else 0
            one.entered_sell += line.size if line.side < 0 else 0
    inside = (tape.time >= alert.start) & (tape.time <= alert.end) & (tape.kind == Kind.CANCEL)
    for account, size in zip(tape.account[inside].tolist(), tape.size[inside].tolist(), strict=True):
        if account in found:
            found[account].cancels += 1
            found[account].cancelled += size
    for done in executions:
        if alert.start <= done.time <= alert.end:
            _count(found[done.account], done, found)
    mid = extract.outline.mid_at(alert.end)
    for one in found.values():
        one.worth = one.cash + (one.net * mid if one.net else 0.0)
    return tuple(found.values())


def _count(one: Doings, done: Execution, group: dict[int, Doings]) -> None:
    one.trades += 1
    one.bought += done.size if done.side > 0 else 0
    one.sold += done.size if done.side < 0 else 0
    one.taken += 0 if done.passive else done.size
    one.inside += done.size if done.other in group else 0
    one.cash -= done.side * done.size * done.price / PRICE_UNIT


def middle(values: list[float] | FloatArray) -> float:
    """Return the median; NaN of none."""
    return float(np.median(values)) if len(values) else float("nan")
