"""Operations of the replay: the book of a symbol around an alert, event by event."""

from __future__ import annotations

from typing import Annotated

import numpy as np
from fastapi import APIRouter, Query

from tradewind.core.arrays import AnyArray, IntArray
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.book import BookReplay, Tape
from tradewind.surveillance.book.resting import resting
from tradewind.surveillance.events import EventTable, Kind, Names
from tradewind.surveillance.events.table import PRICE_UNIT
from tradewind.surveillance.explain.extract import Span
from tradewind.web.problems import Problem
from tradewind.web.views.surveillance.chains import alert_of_case, market_of
from tradewind.web.views.surveillance.desk import AtDesk, moment
from tradewind.web.views.surveillance.recorded import Recorded
from tradewind.web.views.surveillance.replay_shapes import ReplayBook, ReplayRows, ReplayStretch

router = APIRouter()
AT_ONCE = 20_000


@router.get("/cases/{case}/alerts/{alert}/replay")
def show_replay(
    desk: AtDesk,
    case: str,
    alert: str,
    at: Annotated[int | None, Query(ge=0, description="Nanoseconds from the span's beginning.")] = None,
    limit: Annotated[int, Query(ge=100, le=50_000)] = AT_ONCE,
) -> ReplayStretch:
    """Return the book as it stands at a moment of the alert's span and the events that follow, `limit` at most.

    Without `at` the stretch begins with the span, or, where that is long, a little before the alert.
    """
    found = alert_of_case(desk, case, alert)
    return stretch_of(market_of(desk), found, at, limit)


def stretch_of(market: Recorded, alert: Alert, at: int | None, limit: int) -> ReplayStretch:
    """Return a stretch of the replay.

    Raises
    ------
    Problem : the recorded events hold nothing of that symbol at that time (404).
    """
    span = Span.around(alert)
    events, before = market.until(alert.symbol, span.start, span.end)
    if before >= len(events):
        raise Problem(
            404,
            "There is no record of that time",
            f"The recorded events hold nothing about {alert.symbol} around alert {alert.id}.",
            fix="put the events the alert was raised on into the folder of events (tradewind dashboard --events)",
        )
    first = _first(events, before, span, alert, at, limit)
    last = _whole(events, min(first + limit, len(events)), first)
    replay = BookReplay(market.symbols, market.accounts, style=market.style)
    replay.update(events.take(slice(0, first)))
    book = resting(replay, market.symbols, market.accounts)
    tape = replay.update(events.take(slice(first, last)))
    start = span.start if first == before else int(events.time[first])
    ended = last >= len(events)
    coded = _Coded(market.accounts, alert)
    return ReplayStretch(
        alert=alert.id,
        symbol=alert.symbol,
        base=str(span.start),
        base_time=moment(span.start),
        start=start - span.start,
        end=(span.end if ended else int(events.time[last - 1])) - span.start,
        span=span.end - span.start,
        alert_start=alert.start - span.start,
        alert_end=alert.end - span.start,
        next=None if ended else int(events.time[last]) - span.start,
        rows_before=first - before,
        rows_total=len(events) - before,
        price_unit=PRICE_UNIT,
        book=coded.book(book),
        rows=coded.rows(tape, span.start),
        accounts=coded.names,
        suspects=list(range(coded.suspects)),
        orders=coded.own_orders(),
        named=np.flatnonzero(np.isin(tape.seq, alert.evidence)).tolist(),
    )


def _first(events: EventTable, before: int, span: Span, alert: Alert, at: int | None, limit: int) -> int:
    """Return the first row of the stretch: at the moment asked for, else so that the alert begins in it."""
    if at is None:
        if len(events) - before <= limit:
            return before
        onset = int(np.searchsorted(events.time[before:], alert.start)) + before
        return _whole(events, max(before, onset - limit // 10))
    found = int(np.searchsorted(events.time[before:], span.start + at)) + before
    return _whole(events, min(max(found, before), len(events) - 1), before)


def _whole(events: EventTable, row: int, least: int = 0) -> int:
    """Return the nearest row at or before ``row`` (after it, where there is none) at which a moment begins."""
    if row >= len(events):
        return len(events)
    down = row
    while down > least and events.time[down] == events.time[down - 1]:
        down -= 1
    if down > least or row == least:
        return down
    while row < len(events) and events.time[row] == events.time[row - 1]:
        row += 1
    return row


class _Coded:
    """Numbers for accounts and orders that are small, with the suspects' first."""

    def __init__(self, accounts: Names, alert: Alert) -> None:
        self._accounts = accounts
        codes = [code for name in alert.accounts if (code := accounts.find(name)) >= 0]
        self._account: dict[int, int] = {code: place for place, code in enumerate(codes)}
        self.suspects = len(codes)
        self.names = [accounts[code] for code in codes]
        self._order: dict[int, int] = {0: -1}
        self._ids: list[int] = []
        self._own: dict[int, str] = {}

    def account(self, column: AnyArray) -> list[int]:
        """Return accounts as places in :attr:`names`."""
        found = []
        for code in column.tolist():
            if code < 0:
                found.append(-1)
                continue
            place = self._account.get(code)
            if place is None:
                place = self._account[code] = len(self.names)
                self.names.append(self._accounts[code])
            found.append(place)
        return found

    def order(self, column: IntArray) -> list[int]:
        """Return orders by number; -1: none."""
        found = []
        for order in column.tolist():
            place = self._order.get(order)
            if place is None:
                place = self._order[order] = len(self._ids)
                self._ids.append(order)
            found.append(place)
        return found

    def _note(self, orders: list[int], accounts: list[int]) -> None:
        for order, account in zip(orders, accounts, strict=True):
            if order >= 0 and 0 <= account < self.suspects:
                self._own[order] = str(self._ids[order])

    def own_orders(self) -> dict[str, str]:
        """Return the venue's ids of the suspects' orders by number."""
        return {str(order): name for order, name in self._own.items()}

    def book(self, events: EventTable) -> ReplayBook:
        """Return the orders that rest; ``events`` as :func:`resting` gives them."""
        entered = events.kind == Kind.NEW
        left = events.size[entered].copy()
        taken = np.flatnonzero(events.kind == Kind.CANCEL)
        left[np.cumsum(entered)[taken] - 1] -= events.size[taken]
        table = events.take(entered)
        orders, accounts = self.order(table.order), self.account(table.account)
        self._note(orders, accounts)
        return ReplayBook(
            order=orders,
            side=table.side.tolist(),
            price=table.price.tolist(),
            left=left.tolist(),
            account=accounts,
        )

    def rows(self, tape: Tape, base: int) -> ReplayRows:
        """Return the events as the book met them."""
        orders, accounts = self.order(tape.order), self.account(tape.account)
        taker_orders, takers = self.order(tape.taker_order), self.account(tape.taker)
        self._note(orders, accounts)
        self._note(taker_orders, takers)
        return ReplayRows(
            time=(tape.time - base).tolist(),
            kind=tape.kind.tolist(),
            order=orders,
            account=accounts,
            side=tape.side.tolist(),
            price=tape.price.tolist(),
            size=tape.size.tolist(),
            left=tape.order_left.tolist(),
            level=tape.level.tolist(),
            taker_order=taker_orders,
            taker=takers,
            taker_side=tape.taker_side.tolist(),
            seq=tape.seq.tolist(),
        )
