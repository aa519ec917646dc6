"""Deeds that lie in who trades: washing, coordination, and trading ahead of a client or of news."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.lively.deeds.deed import Deed
from tradewind.surveillance.elsewhere.lively.deeds.prices import unwind
from tradewind.surveillance.elsewhere.lively.venue import Play


def washing(deed: Deed) -> Play:
    """Trade within one's own accounts: with oneself, to and fro, round a ring, or all with one."""
    venue, rng = deed.venue, deed.venue.rng
    ring = deed.gang(1, int(rng.choice([1, 2, 2, 4, 7])))
    star, legs = venue.chance(0.25), round(venue.draw(3, 50))
    size, uneven = venue.draw(0.4, 12), float(rng.choice([0.0, rng.uniform(0, 0.5)]))
    delay, pause, parts = venue.draw(0.0005, 8), venue.draw(0.4, 120), int(rng.choice([1, 1, 1, 2, 3]))
    mixing, matched, matches, gross = float(rng.uniform(0, 0.3)), 0, 0, 0
    common = deed.shares(size)
    for turn in range(legs):
        seller, buyer = ring[turn % len(ring)], ring[(turn + 1) % len(ring)]
        if star and len(ring) > 2:
            seller, buyer = (ring[0], ring[1 + turn % (len(ring) - 1)])[:: 1 if turn % 2 else -1]
        side = venue.side()
        first, second = (buyer, seller) if side > 0 else (seller, buyer)
        shares = max(round(common * float(rng.lognormal(0.0, uneven))), 1)
        price = _place(deed, second, side)
        order = deed.enter(first, side, price, shares)
        already = order.filled
        yield delay * venue.draw(0.6, 1.6)
        for part in range(parts):
            before, wanted = order.filled, order.left // (parts - part)
            if wanted <= 0 or _before(deed, price, side, order.left) > 3 * shares:
                break
            got = _meet(deed, second, -side, price, wanted + _before(deed, price, side, order.left))
            matched += order.filled - before
            matches += order.filled > before
            gross += got
            if part + 1 < parts:
                yield venue.draw(0.01, 2)
        gross += order.filled + already
        deed.withdraw(order)
        deed.carried(through=matches >= 2 and 2 * matched >= 0.2 * gross)
        if venue.chance(mixing):
            gross += deed.take(seller, venue.side(), max(shares // 3, 1), 1)
        yield pause * venue.draw(0.3, 3)


def _place(deed: Deed, helper: str, side: int) -> int:
    """Return a price inside the spread; at the other side's best, bought out first, where there is no room."""
    bid, ask = deed.touch(1), deed.touch(-1)
    if ask - bid > 1:
        return int(deed.venue.rng.integers(bid + 1, ask))
    offered = deed.venue.books[deed.symbol].depth(-side, 1)
    if offered and offered[0][1] <= 6 * deed.venue.nature(deed.symbol).unit:
        deed.take(helper, side, offered[0][1], 0)
        return offered[0][0]
    return deed.touch(side)


def _before(deed: Deed, price: int, side: int, own: int) -> int:
    """Return the shares of others that trade before an order that rests."""
    book = deed.venue.books[deed.symbol].depth(side, 12)
    return max(sum(shares for at, shares in book if side * (at - price) >= 0) - own, 0)


def _meet(deed: Deed, account: str, side: int, price: int, size: int) -> int:
    """Take down to a price and no further."""
    return deed.take(account, side, size, max(side * (price - deed.touch(-side)), 0))


def together(deed: Deed) -> Play:
    """Act on the same side at the same moments, each for little; all of them, some, or by turns."""
    venue, rng = deed.venue, deed.venue.rng
    gang = deed.gang(*((2, 3) if venue.chance(0.25) else (3, 9)))
    rounds, interval, late = round(venue.draw(4, 35)), venue.draw(3, 180), venue.draw(0.004, 3)
    size, uneven = venue.draw(0.3, 3), float(rng.uniform(0, 0.6))
    joins, takes, loyal = float(rng.uniform(0.5, 1)), float(rng.uniform(0, 1)), float(rng.uniform(0.2, 1))
    ordered, side, common = venue.chance(0.4), venue.side(), 0
    for _ in range(rounds):
        acting = [name for name in gang if venue.chance(joins)]
        if len(acting) < 2:
            acting = gang[:2]
        if not ordered:
            acting = [acting[i] for i in rng.permutation(len(acting))]
        taking, placed = venue.chance(takes), []
        for name in acting:
            shares = deed.shares(size * float(rng.lognormal(0.0, uneven)))
            if taking:
                deed.take(name, side, shares)
            else:
                placed.append(deed.enter(name, side, deed.touch(side), shares))
            yield min(float(rng.exponential(late)), 8.0 / len(acting))
        common += len(set(acting)) >= 2
        deed.carried(through=common >= 3)
        yield interval * venue.draw(0.4, 2)
        for order in placed:
            deed.withdraw(order)
        side = side if venue.chance(loyal) else -side


def informed(deed: Deed) -> Play:
    """Trade ahead of news, of a move that is known to come, or of a client's large order."""
    who = deed.gang(1, 2)
    for _ in range(int(deed.venue.rng.choice([1, 1, 2, 3]))):
        if deed.venue.chance(0.45):
            yield from _before_news(deed, who)
        else:
            yield from _before_client(deed, who)
        yield deed.venue.draw(10, 400)


def _build(deed: Deed, who: list[str], side: int, span: float) -> Play:
    venue, rng = deed.venue, deed.venue.rng
    pieces, size, waits = round(venue.draw(1, 15)), venue.draw(1.5, 40), float(rng.uniform(-0.5, 0.6))
    for number in range(pieces):
        name, shares = who[number % len(who)], deed.shares(size / pieces * venue.draw(0.7, 1.4))
        pause = float(rng.exponential(span / pieces))
        if venue.chance(waits):
            order = deed.enter(name, side, deed.touch(side), shares)
            yield pause
            deed.withdraw(order)
        else:
            deed.take(name, side, shares)
            yield pause


def _before_news(deed: Deed, who: list[str]) -> Play:
    venue, side = deed.venue, deed.venue.side()
    before = side * deed.held()
    yield from _build(deed, who, side, min(venue.draw(1, 600), venue.left() / 3))
    bought = side * deed.held() - before
    yield venue.draw(0.2, 120)
    if venue.chance(0.8):
        venue.publish(deed.symbol, side)
    deed.push(side * venue.draw(1.0, 8), float(venue.rng.uniform(0.5, 1)))
    deed.draw_in(side, round(venue.draw(1, 20)), venue.draw(0.1, 10))
    yield venue.draw(0.3, 200)
    yield from unwind(
        deed, who, side, round(venue.draw(1, 10)), venue.draw(0.2, 120), float(venue.rng.uniform(-0.5, 0.6))
    )
    deed.carried(through=bought > 0 and side * deed.held() - before <= 0.5 * bought)


def _before_client(deed: Deed, who: list[str]) -> Play:
    venue, rng, side = deed.venue, deed.venue.rng, deed.venue.side()
    client = venue.anyone()
    while client in who:
        client = venue.newcomer()
    before = side * deed.held()
    yield from _build(deed, who, side, venue.draw(0.2, 90))
    bought = side * deed.held() - before
    yield venue.draw(0.01, 20)
    slices, size, gap = round(venue.draw(2, 40)), venue.draw(1, 8), venue.draw(0.1, 15)
    leaves, waits = float(rng.uniform(0.3, 1)), float(rng.uniform(0, 0.4))
    for number in range(slices):
        shares = deed.shares(size * venue.draw(0.6, 1.6))
        if venue.chance(waits):
            venue.submit(deed.symbol, client, side, deed.touch(side), shares)
        else:
            venue.take(deed.symbol, client, side, shares)
        yield float(rng.exponential(gap))
        if number >= leaves * slices:
            for name in who:
                deed.take(name, -side, min(side * deed.held(name), max(bought // 4, 1)))
    yield from unwind(deed, who, side, round(venue.draw(1, 6)), venue.draw(0.2, 60), float(rng.uniform(-0.5, 0.5)))
    deed.carried(through=bought > 0 and side * deed.held() - before <= 0.5 * bought)
