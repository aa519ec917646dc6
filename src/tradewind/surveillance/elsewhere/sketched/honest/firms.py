"""Honest firms: execution algorithms, funds, makers, fast traders, pairs traders."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import SECOND, Order, Play
from tradewind.surveillance.events.table import Kind


def slice_by_time(act: Act) -> Play:
    """A parent order worked in even slices: laid, moved after the touch, crossed when late."""
    rng, account, side = act.rng, act.cast(1)[0], act.rng.choice((-1, 1))
    many, piece, time = rng.randint(8, 40), act.usual(0.5, 3), act.long(20, 200)
    for _ in range(many):
        order = act.quote(account, side, piece)
        for _ in range(rng.randint(1, 3)):
            yield act.gap(time / many / 3)
            if order.left and order.price != act.touch(side):
                order = act.move(order, act.touch(side))
        if order.left and rng.random() < 0.6:
            rest = order.left
            act.pull(order)
            act.take(account, side, rest, reach=1)
    act.clear()


def slice_by_volume(act: Act) -> Play:
    """A parent order that takes a share of what others trade."""
    rng, account, side = act.rng, act.cast(1)[0], act.rng.choice((-1, 1))
    share, finish, seen = rng.uniform(0.05, 0.3), act.exchange.now + act.long(20, 150) * SECOND, act.exchange.now
    while act.exchange.now < finish:
        yield act.gap(max(0.05, 3 * act.beat))
        recent = (row for row in act.exchange.rows[-400:] if row.time > seen and row.symbol == act.symbol)
        volume = sum(row.size for row in recent if row.kind == Kind.TRADE)
        seen = act.exchange.now
        if volume and rng.random() < 0.7:
            act.take(account, side, share * volume, reach=0)
        elif volume:
            act.pull(act.orders[-1]) if act.orders else None
            act.quote(account, side, act.people.rounded(share * volume))
    act.clear()


def allocate(act: Act) -> Play:
    """One manager's parent order over several accounts, in turn or all at once."""
    rng, side = act.rng, act.rng.choice((-1, 1))
    accounts, at_once = act.cast(rng.randint(2, 8)), rng.random() < 0.5
    rounds = rng.randint(1, 6) if at_once else rng.randint(4, 20)
    parts = {name: act.usual(0.4, 3) for name in accounts}
    time = act.long(5, 80)
    for n in range(rounds):
        for name in accounts if at_once else (accounts[n % len(accounts)],):
            act.take(name, side, parts[name], reach=1) if rng.random() < 0.7 else act.quote(name, side, parts[name])
            yield rng.uniform(0.0001, 0.05) if at_once else act.gap(time / rounds / 3)
        yield act.gap(time / rounds)
    act.clear()


def iceberg(act: Act) -> Play:
    """A large order of which only a tip is shown, refilled at its price."""
    rng, account, side = act.rng, act.cast(1)[0], act.rng.choice((-1, 1))
    tip, refills = act.usual(0.8, 3), rng.randint(5, 25)
    order = act.quote(account, side, tip)
    price, finish = order.price, act.exchange.now + act.long(30, 150) * SECOND
    while refills and act.exchange.now < finish:
        yield act.gap(min(1.0, 0.4 * act.beat))
        if not order.left:
            order, refills = act.put(account, side, price, tip), refills - 1
        elif side * (act.touch(side) - order.price) > 3 * act.paper.spread:
            order = act.move(order, act.touch(side))
            price = order.price
    act.clear()


def buy_the_close(act: Act) -> Play:
    """An index fund that must trade near the close, whatever the price."""
    rng, seconds = act.rng, act.crowd.sketch.seconds
    left = seconds - act.exchange.now / SECOND % seconds
    lead = min(act.long(5, 60), 0.1 * seconds)
    yield max(0.01, left - lead)
    many = rng.randint(4, 15)
    for account in act.cast(rng.choice((1, 1, 2, 3))):
        act.exchange.start(rng.uniform(0, 0.2) * lead, _spread(act, account, rng.choice((-1, 1)), many, 0.75 * lead))
    yield 0.9 * lead


def rebalance_at_open(act: Act) -> Play:
    """Trades in the first minutes of the day."""
    rng, seconds = act.rng, act.crowd.sketch.seconds
    left = seconds - act.exchange.now / SECOND % seconds
    if act.exchange.now / SECOND + left < seconds * act.crowd.sketch.sessions - 1:
        yield left + rng.uniform(0.5, 3)
    for account in act.cast(rng.randint(1, 4)):
        time = act.long(3, 20)
        act.exchange.start(0.01, _spread(act, account, rng.choice((-1, 1)), rng.randint(3, 15), time))


def _spread(act: Act, account: str, side: int, many: int, time: float) -> Play:
    for _ in range(many):
        act.take(account, side, act.usual(0.6, 3), reach=1)
        yield act.gap(time / many)


def buyer_then_seller(act: Act) -> Play:
    """A big buyer who moves the price, and later somebody else who sells as much."""
    buyer, seller = act.cast(2)
    size, side = act.usual(10, 50), act.rng.choice((-1, 1))
    yield from act.trade(buyer, side, size, act.long(10, 80), patience=0.2)
    yield act.gap(act.long(3, 40))
    yield from act.trade(seller, -side, size, act.long(10, 80), patience=0.2)


def race(act: Act) -> Play:
    """A fast trader: bursts of quotes that follow every stir of the touch, some of them executed."""
    rng, account = act.rng, act.rng.choice((act.cast(1)[0], act.rng.choice(act.people.makers)))
    size = act.usual(0.3, 2)
    for _ in range(rng.randint(3, 12)):
        for _ in range(rng.randint(3, 15)):
            side = rng.choice((-1, 1))
            order = act.quote(account, side, size)
            yield rng.uniform(0.0005, 0.05)
            if rng.random() < 0.85:
                act.pull(order)
        if rng.random() < 0.7:
            act.take(account, rng.choice((-1, 1)), size)
        yield act.gap(act.long(0.5, 8))
    act.clear()


def flicker(act: Act) -> Play:
    """A maker whose quotes flicker, and who pulls them all when the price jumps."""
    rng, account, size = act.rng, act.rng.choice(act.people.makers), act.usual(1, 6)
    quotes: list[Order] = []
    for _ in range(rng.randint(15, 60)):
        before = act.mid
        quotes += [act.put(account, side, act.touch(side) - side * rng.randint(0, 2), size) for side in (1, -1)]
        yield act.gap(act.long(0.05, 2))
        if abs(act.mid - before) > act.paper.spread or rng.random() < 0.8:
            for order in quotes:
                act.pull(order)
            quotes = []
    act.clear()


def layers(act: Act) -> Play:
    """A maker with size on many levels of both sides, renewed as the price moves."""
    rng, account = act.rng, act.rng.choice((act.cast(1)[0], act.rng.choice(act.people.makers)))
    depth, size, step = rng.randint(3, 8), act.usual(1, 8), max(1, act.paper.spread // 2)
    lean = rng.choice((1.0, 1.0, 2.5))
    for _ in range(rng.randint(4, 20)):
        for side in (1, -1):
            for level in range(depth):
                price = act.touch(side) - side * level * step
                act.put(account, side, price, act.people.rounded(size * (lean if side > 0 else 1.0)))
        yield act.gap(act.long(1, 15))
        act.clear()
        yield rng.uniform(0.001, 0.3)


def pairs(act: Act) -> Play:
    """Buys one symbol and sells another in the same moment, back later."""
    rng, account = act.rng, act.cast(1)[0]
    other = Act(act.crowd, rng.randrange(len(act.crowd.sketch.papers)), act.name)
    size, side, rounds = act.usual(0.6, 3), rng.choice((-1, 1)), rng.randint(3, 12)
    for n in range(2 * rounds):
        way = side if n < rounds else -side
        act.take(account, way, size)
        yield rng.uniform(0.0005, 0.2)
        other.take(account, -way, size)
        yield act.gap(act.long(1, 15))
