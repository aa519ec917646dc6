"""Wash trades: trades without a change of owner (MAR Annex II 1 A(e); CEA 4c(a); Cong et al. 2023 on their sizes)."""

from __future__ import annotations

from collections.abc import Generator

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def _legs(affair: Affair) -> list[tuple[str, str]]:
    """Return who sells to whom in each trade: with oneself, to and fro, round a ring, by a hub, or all mixed."""
    draws, tactic = affair.draws, affair.draws.choice(["self", "pair", "pair", "ring", "hub", "mixed"])
    legs = draws.whole(3, 45)
    if tactic == "self":
        who = affair.members.somebody()
        return [(who, who)] * legs
    who_all = affair.members.some(2, 2) if tactic == "pair" else affair.members.some(3, 8)
    n = len(who_all)
    if tactic == "mixed":
        return [tuple(draws.sample(who_all, 2)) for _ in range(legs)]  # type: ignore[misc]
    if tactic == "hub":
        pairs = [(who_all[0], who_all[1 + k // 2 % (n - 1)]) for k in range(legs)]
        return [(b, a) if k % 2 else (a, b) for k, (a, b) in enumerate(pairs)]
    return [(who_all[k % n], who_all[(k + 1) % n]) for k in range(legs)]


def washing(affair: Affair) -> Play:
    """Let one side wait inside the spread, or where nobody is before it, and the other meet it."""
    draws = affair.draws
    legs, size, uneven = _legs(affair), draws.wide(0.3, 15), draws.choice([0.0, 0.0, draws.uniform(0, 0.7)])
    delay, pause = draws.wide(0.0003, 6), affair.slow(draws.wide(0.3, 90))
    parts, other_trades, alternates = draws.choice([1, 1, 2, 4]), draws.uniform(0, 0.3), draws.yes(0.5)
    common, met, own, gross = affair.shares(size), 0, 0, 0
    for number, (seller, buyer) in enumerate(legs):
        side = (1 if number % 2 else -1) if alternates else draws.side()
        first, second = (buyer, seller) if side > 0 else (seller, buyer)
        shares = max(round(common * draws.lognormvariate(0, uneven)), 1) if uneven else common
        opening = yield from _opening(affair, side)
        if opening == 0:
            continue
        order = affair.enter(first, side, opening, shares)
        yield delay * draws.wide(0.5, 2)
        for part in range(parts):
            if order.left <= 0 or _before(affair, order) > 2 * shares:
                break
            before, wanted = order.filled, max(order.left // (parts - part), 1)
            reach = max(side * (affair.touch(side) - order.price), 0)
            gross += affair.take(second, -side, wanted + _before(affair, order), reach)
            own += order.filled - before
            met += order.filled > before
            if part + 1 < parts:
                yield draws.wide(0.01, 2)
        affair.withdraw(order)
        gross += order.filled
        affair.carried(through=met >= 2 and 2 * own >= 0.35 * gross)
        if draws.yes(other_trades):
            gross += affair.take(first, draws.side(), max(shares // 3, 1), 0)
        yield pause * draws.wide(0.3, 3)


def _before(affair: Affair, order: Order) -> int:
    """Return the shares of others that trade before an order."""
    return affair.venue.books[affair.symbol][order.side].ahead(order) if order.left > 0 else 0


def _opening(affair: Affair, side: int) -> Generator[float, None, int]:
    """Wait for a price at which one will be first, or nearly so; 0 where none comes."""
    draws = affair.draws
    for _ in range(12):
        bid, ask = affair.touch(1), affair.touch(-1)
        if ask - bid > 1:
            return draws.randint(bid + 1, ask - 1)
        if affair.venue.books[affair.symbol][side].length(affair.touch(side)) < 0.6 * affair.venue.queue[affair.symbol]:
            return affair.touch(side)
        yield affair.beat * draws.uniform(0.3, 1)
    return affair.touch(side) if draws.yes(0.5) else 0
