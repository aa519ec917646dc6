"""What a market keeps over night: orders that are entered anew, at the prices that people remember."""

from __future__ import annotations

from random import Random

from tradewind.surveillance.elsewhere.frontier.world import Actor, World


def remember(world: World, rng: Random) -> Actor:
    """Enter anew, at the opening, much of what was left in the book at the last close; at first, what people plan."""
    length = world.set.length
    while True:
        room = length / 60 * rng.uniform(0.02, 0.6)
        if world.left_over:
            old = [row for row in world.left_over if rng.random() < 0.65]
        else:
            old = []
            for name in world.people + world.rich:
                symbol, side = rng.randrange(len(world.set.symbols)), rng.choice((1, -1))
                away = world.set.spread * (0.3 + 2 * rng.expovariate(1.0))
                price = world.anchor(world.last[symbol] * (1 - side * away), side, rng)
                old.append((name, symbol, side, price, world.size(symbol, 1.0, rng)))
        rng.shuffle(old)
        for name, symbol, side, price, size in old:
            world.post(symbol, name, side, price, size)
            yield rng.expovariate(len(old) / room)
        yield world.session_left() - 0.01
        world.left_over = [
            (name, order.symbol, order.side, order.price, order.size)
            for name, orders in world.venue.own.items()
            for order in orders.values()
            if order.hand is None
        ]
        yield 0.02
