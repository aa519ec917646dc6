"""Those who quote: sponsored makers, bots whose quotes flicker, and takers of what is out of line."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.pennies.setting import Share, spread_out
from tradewind.surveillance.elsewhere.pennies.venue import Order
from tradewind.surveillance.elsewhere.pennies.world import Actor, World


def maker(world: World, share: Share, account: str) -> Actor:
    """A sponsored maker who must stand on both sides, and moves with his own idea of the price."""
    rng, venue, book = world.rng, world.venue, share.book
    pause = spread_out(rng, 2, 25)
    big = rng.uniform(4, 15)
    layers = rng.choice((1, 1, 2, 3))
    replaces = rng.random() < 0.5
    quotes: dict[tuple[int, int], Order] = {}
    idle = max(rng.uniform(0.6, 1.3), share.half * rng.uniform(0.15, 0.5))
    setting = world.setting
    part = rng.uniform(0.1, 0.25) * setting.rows / (setting.makers * len(setting.shares))
    spent = 0
    pause = max(pause, 2.0 * layers * setting.makers * len(setting.shares) * world.end / setting.rows)
    fair = world.fair(share)
    while True:
        now = world.fair(share)
        fair = now if abs(now - fair) > idle else fair
        skew = max(-2.0, min(2.0, book.held.get(account, 0) / (share.base * big * 4))) * share.half * 0.5
        half = share.half * (1 + 0.04 * share.heat)
        for side in (1, -1):
            for layer in range(layers):
                price = max(1, round(fair - skew - side * (half + layer)))
                other = book.best(-side)
                if other is not None and (price - other) * side >= 0:
                    price = max(1, other - side)
                if other is not None and other - side < 1:
                    continue
                old = quotes.get((side, layer))
                size = max(1, round(share.base * big * rng.uniform(0.8, 1.2)))
                if old is not None and old.live:
                    if old.price == price and old.size > 0.3 * share.base * big:
                        continue
                    spent += 2
                    if replaces and venue.modify(old, price, size):
                        continue
                    venue.cancel(old)
                spent += 1
                other = book.best(-side)
                if other is None or (price - other) * side < 0:
                    quotes[side, layer] = venue.enter(book, account, side, price, size)
        allowed = 60 + part * world.tau / world.end
        yield rng.expovariate(1 / pause) * max(1.0, (spent / allowed) ** 3) + setting.latency


def flicker(world: World, share: Share, account: str, budget: int) -> Actor:
    """A quoting bot whose orders flicker by the hundred in a second now and then, for reasons of its own."""
    rng, venue = world.rng, world.venue
    mean = world.setting.length * rng.uniform(0.1, 0.4)
    while budget > 0:
        yield rng.expovariate(1 / mean)
        for _ in range(rng.randint(1, 4)):
            count = min(int(spread_out(rng, 15, 160)), budget // 2 + 10)
            gap = spread_out(rng, 0.0005, 0.02)
            both = rng.random() < 0.6
            side = rng.choice((1, -1))
            for _ in range(count):
                order = world.rest(share, account, side, rng.choice((-1, 0, 0, 1)), world.size(share, 0.7))
                yield rng.expovariate(1 / gap)
                venue.cancel(order)
                yield rng.expovariate(1 / gap)
                side = -side if both else side
            budget = max(0, budget - 2 * count)
            if rng.random() < 0.4:
                world.take(share, account, side, world.size(share, 0.7), 0)
            yield rng.uniform(1, 90)


def takers(world: World, share: Share, accounts: list[str]) -> Actor:
    """Arbitrageurs who hit what stands clearly off the fair price."""
    rng, book = world.rng, share.book
    pause = rng.uniform(10, 60)
    while True:
        yield rng.expovariate(1 / pause)
        fair = world.fair(share)
        for side in (1, -1):
            other = book.best(-side)
            if other is not None and (fair - other) * side > 0.6 + 0.3 * share.half:
                size = min(book.depth[-side][other], world.size(share, rng.uniform(1, 5)))
                world.take(share, rng.choice(accounts), side, size, 0)
                break
