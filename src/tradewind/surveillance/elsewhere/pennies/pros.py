"""Honest people of some size: parents worked in slices, closers, day traders, ladders, and pairs that meet often."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.pennies.setting import Share, spread_out
from tradewind.surveillance.elsewhere.pennies.venue import Order
from tradewind.surveillance.elsewhere.pennies.world import Actor, World


def work(world: World, share: Share, account: str, side: int, total: int, duration: float, style: str) -> Actor:
    """Work a large order: in time, with the volume, as an iceberg, or pegged to the best price."""
    rng, venue = world.rng, world.venue
    until = world.tau + min(duration, world.left() - 5)
    slices = max(4, min(60, round(total / share.base / 1.5)))
    step = max(0.5, (until - world.tau) / slices)
    child = max(1, total // slices)
    gone = 0
    turned = rng.random() < 0.12
    while gone < total and world.tau < until:
        size = min(total - gone, max(1, round(child * rng.uniform(0.7, 1.4))))
        if style in ("twap", "vwap"):
            gone += world.take(share, account, side, size, 2).done
            pace = 1.0 if style == "twap" else 1.6 / (1.0 + min(1.5, 0.3 * share.heat))
            yield step * pace * rng.uniform(0.6, 1.4)
        else:
            order = world.rest(share, account, side, 0, size * (2 if style == "iceberg" else 1))
            yield step * rng.uniform(0.5, 1.2)
            if style == "peg":
                venue.modify(order, world.behind(share, side, 0), order.size)
                yield step * rng.uniform(0.3, 1)
            venue.cancel(order)
            gone += order.done
            if order.done < size // 2 and rng.random() < 0.6:
                gone += world.take(share, account, side, size, 1).done
        if turned and gone > total * 0.4:
            return


def parents(world: World, share: Share) -> Actor:
    """Small funds whose large orders come a few times a session."""
    rng = world.rng
    mean = world.setting.length * rng.uniform(0.2, 0.7)
    while True:
        yield rng.expovariate(1 / mean)
        style = rng.choice(("twap", "vwap", "iceberg", "peg"))
        total = world.size(share, rng.uniform(8, 50))
        account = world.some(share, 1)[0]
        world.start(work(world, share, account, rng.choice((1, -1)), total, spread_out(rng, 200, 6000), style))


def closers(world: World, share: Share) -> Actor:
    """Index funds and careless people who trade in the last minutes of each session."""
    rng = world.rng
    regulars = world.some(share, rng.randint(1, 4))
    span = spread_out(rng, 20, 600)
    while True:
        yield max(0.01, world.left() - span)
        for account in regulars:
            if rng.random() < 0.7:
                world.start(_closer(world, share, account), rng.uniform(0, span * 0.8))
        yield world.left() + 1.0


def _closer(world: World, share: Share, account: str) -> Actor:
    rng = world.rng
    side = rng.choice((1, -1))
    for _ in range(rng.choice((1, 1, 2, 3, 5))):
        world.take(share, account, side, world.size(share, spread_out(rng, 0.7, 9)), rng.choice((0, 1, 2, 3)))
        yield rng.uniform(0.1, max(0.2, world.left() * 0.3))


def day_trader(world: World, share: Share, account: str) -> Actor:
    """In with a burst when a share moves, and out minutes later, often at a gain."""
    rng = world.rng
    mean = world.setting.length * rng.uniform(0.05, 0.4)
    hot = rng.uniform(0.1, 0.8)
    while True:
        yield rng.expovariate(1 / mean)
        for _ in range(60):
            world.calm(share)
            if abs(share.mood) > hot:
                break
            yield 10.0
        side = 1 if share.mood >= 0 else -1
        got = 0
        gap = spread_out(rng, 0.05, 8)
        for _ in range(rng.randint(2, 12)):
            got += world.take(share, account, side, world.size(share, rng.uniform(0.5, 3)), 1).done
            yield rng.expovariate(1 / gap)
        yield spread_out(rng, 20, 600)
        while got > 0:
            part = min(got, world.size(share, rng.uniform(1, 5)))
            world.take(share, account, -side, part, 1)
            got -= part
            yield rng.expovariate(1 / gap)


def ladder(world: World, share: Share, account: str) -> Actor:
    """Orders on several prices, taken back when the price moves or when patience ends."""
    rng, venue = world.rng, world.venue
    mean = world.setting.length * rng.uniform(0.08, 0.5)
    steps = rng.randint(3, 8)
    times = spread_out(rng, 0.7, 6)
    while True:
        yield rng.expovariate(1 / mean)
        for _ in range(rng.randint(1, 5)):
            side = rng.choice((1, -1))
            start = rng.choice((0, 0, 1, 2))
            orders: list[Order] = []
            for k in range(steps):
                orders.append(world.rest(share, account, side, start + k, world.size(share, times)))
                yield rng.uniform(0.01, 0.6)
            mid = share.book.mid()
            until = world.tau + spread_out(rng, 4, 900)
            while world.tau < until and abs(share.book.mid() - mid) < 1.5 and any(o.live for o in orders):
                yield 2.0
            if any(o.done for o in orders) and rng.random() < 0.3:
                world.take(share, account, -side, sum(o.done for o in orders), 1)
            for order in orders:
                venue.cancel(order)
                yield rng.uniform(0.005, 0.3)


def turncoats(world: World, share: Share) -> Actor:
    """Large orders entered in earnest and taken back after a change of mind."""
    rng, venue = world.rng, world.venue
    mean = world.setting.length * rng.uniform(0.05, 0.3)
    while True:
        yield rng.expovariate(1 / mean)
        account = world.some(share, 1)[0]
        for _ in range(rng.choice((1, 1, 2, 3))):
            side = rng.choice((1, -1))
            times = spread_out(rng, 4, 18)
            order = world.rest(share, account, side, rng.choice((0, 0, 1)), world.size(share, times))
            yield spread_out(rng, 3, 240)
            if rng.random() < 0.3:
                world.take(share, account, rng.choice((1, -1)), world.size(share), 0)
                yield rng.uniform(0.5, 10)
            venue.cancel(order)
            yield rng.uniform(5, 120)


def friends(world: World, share: Share, first: str, second: str) -> Actor:
    """Two who meet again and again without a common owner: one quotes inside the spread, the other takes."""
    rng, venue, book = world.rng, world.venue, share.book
    mean = world.setting.length * rng.uniform(0.15, 0.6)
    swift = spread_out(rng, 0.05, 8)
    while True:
        yield rng.expovariate(1 / mean)
        for _ in range(rng.randint(4, 18)):
            side = rng.choice((1, -1))
            size = world.size(share, rng.uniform(0.7, 3))
            bid, ask = book.best(1), book.best(-1)
            inside = bid is not None and ask is not None and ask - bid > 1
            order = world.rest(share, first, side, -1 if inside else 0, size)
            yield rng.expovariate(1 / swift)
            if inside or rng.random() < 0.3:
                world.take(share, second, -side, max(1, round(size * rng.choice((1, 1, 0.6, 1.3)))), 0)
            yield rng.uniform(1, 20)
            venue.cancel(order)
            yield rng.uniform(5, 200)
