"""Front running and insider dealing (MAR 8 and Annex; FINRA 5270): a position before a client's order or news."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.deeds.affair import Affair
from tradewind.surveillance.elsewhere.reactive.venue import Play


def front_running(affair: Affair) -> Play:
    """Know something, once or again: of a client's order, of news, or of news long before."""
    draws = affair.draws
    who = affair.members.some(1, draws.choice([1, 1, 2, 3]))
    tactic = draws.choice(["client", "client", "news", "insider"])
    for _ in range(1 if tactic == "insider" else draws.choice([1, 1, 2, 4])):
        if tactic == "client":
            yield from _before_client(affair, who)
        else:
            yield from _before_news(affair, who, long=tactic == "insider")
        yield affair.slow(draws.wide(10, 300))


def _before_news(affair: Affair, who: list[str], *, long: bool) -> Play:
    """Buy before good news or sell before bad; the crowd is drawn after it, and one leaves into that."""
    venue, draws, side = affair.venue, affair.draws, affair.draws.side()
    before = side * affair.held()
    ahead = venue.world.seconds * draws.wide(0.02, 0.25) if long else affair.slow(draws.wide(1, 120))
    ahead = min(ahead, 0.4 * venue.left())
    yield from affair.gather(who, side, draws.wide(2, 50), draws.whole(1, 20), ahead)
    bought = side * affair.held() - before
    yield min(draws.wide(0.2, 120), 0.1 * venue.left())
    if draws.yes(0.85):
        venue.publish(affair.symbol, side if draws.yes(0.8) else 0)
    yield draws.wide(0.01, 2)
    aim = venue.middle[affair.symbol] + side * affair.spread * draws.wide(3, 30)
    span = affair.slow(draws.wide(10, 200))
    affair.crowd.pull(affair.symbol, aim, draws.uniform(0.35, 0.6), span)
    affair.crowd.follow(affair.symbol, side, draws.whole(2, 25), affair.slow(draws.wide(0.3, 15)))
    yield draws.wide(0.1, 1.0) * span
    yield from affair.leave(who, side, draws.whole(1, 12), affair.slow(draws.wide(0.3, 80)))
    affair.carried(through=bought > 0 and side * affair.held() - before <= 0.5 * bought)


def _before_client(affair: Affair, who: list[str]) -> Play:
    """Trade before a client's large order, and leave into it, by waiting for it or by taking, or after it."""
    venue, draws, side = affair.venue, affair.draws, affair.draws.side()
    client = affair.members.other(*who)
    before = side * affair.held()
    slices, gap, each = draws.whole(2, 40), affair.slow(draws.wide(0.05, 8)), draws.wide(1, 8)
    yield from affair.gather(
        who, side, slices * each * draws.wide(0.1, 0.8), draws.whole(1, 10), affair.slow(draws.wide(0.2, 40))
    )
    bought = side * affair.held() - before
    yield draws.wide(0.005, 15)
    exits = draws.choice(["waiting", "taking", "after"])
    begins, waits, last = draws.uniform(0.1, 0.8), draws.uniform(0, 0.4), None
    for number in range(slices):
        if exits == "waiting" and number >= begins * slices and (last is None or last.left == 0):
            name = draws.choice(who)
            held = side * affair.held(name)
            if held > 0:
                price = affair.touch(-side) - side * (affair.touch(-1) - affair.touch(1) > 1)
                last = affair.enter(name, -side, price, min(held, max(bought // 3, 1)))
        shares = affair.shares(each * draws.wide(0.6, 1.7))
        if draws.yes(waits):
            venue.submit(affair.symbol, client, side, affair.touch(side), shares)
        else:
            venue.take(affair.symbol, client, side, shares)
        yield draws.wait(gap)
        if exits == "taking" and number >= begins * slices:
            name = draws.choice(who)
            affair.take(name, -side, min(side * affair.held(name), max(bought // 4, 1)))
    if last is not None:
        affair.withdraw(last)
    yield from affair.leave(who, side, draws.whole(1, 8), affair.slow(draws.wide(0.3, 60)))
    affair.carried(through=bought > 0 and side * affair.held() - before <= 0.5 * bought)
