"""Deeds of orders that are not meant: one price or two, three and more, and floods of orders."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.frontier.play import Play
from tradewind.surveillance.elsewhere.frontier.venue import Order
from tradewind.surveillance.elsewhere.frontier.world import Actor


def spoofing(play: Play) -> Actor:
    """Show something large on one price or two."""
    yield from lure(play, play.rng.choice((1, 1, 1, 2)))


def layering(play: Play) -> Actor:
    """Show it on three prices or more."""
    yield from lure(play, play.rng.randrange(3, 8))


def lure(play: Play, levels: int) -> Actor:
    """Show size on one side, deal on the other, take the size away; again and again."""
    rng, hand = play.rng, play.hand
    accounts = play.join(1, 1 + (rng.random() < 0.3) + play.hidden * rng.choice((0, 1, 2)))
    shown_by = accounts if rng.random() < 0.5 else accounts[:1]
    side, rounds, wins = rng.choice((1, -1)), rng.randrange(1, 9) + (levels < 3), 0
    scale, start = rng.uniform(4, 16) / levels**0.6, rng.choice((0, 0, 1, 2))
    gap, stay = rng.uniform(0.0008, 0.006), rng.choice((8.0, 30.0, 120.0)) * rng.uniform(0.5, 1.5)
    hit = rng.random() < 0.35
    swap, lag = rng.random() < 0.25, rng.choice((0.05, 0.5, 4.0))
    alone = rng.random() < 0.05
    for _ in range(rounds):
        if play.left < stay * 2.5:
            break
        genuine: Order | None = None
        if not hit:
            price = play.best(-side) - side * rng.choice((0, 1, 1, 2))
            genuine = play.post(play.someone(), -side, price, play.size(rng.uniform(0.2, 0.9)))
            yield play.wait(rng.choice((0.2, 3.0, 15.0)))
        shown = yield_orders(play, shown_by, side, levels, scale, gap, start)
        depth = sum(order.size for order in shown)
        passed, sold = 0.0, 0
        if play.hidden and rng.random() < 0.4:
            play.post(play.someone(), -side, play.best(-side) - side * rng.randrange(3), play.size(0.3))
        while passed < stay and play.left > 5:
            step = max(0.05, play.wait(stay / 8))
            yield step
            passed += step
            if genuine is not None and (genuine.filled and (not genuine.live or rng.random() < 0.3)):
                break
            if rng.random() < 0.3:
                follow(play, shown, side, gap, start)
        sold = genuine.filled if genuine is not None else 0
        if not sold and not alone:
            sold = strike(play, shown, side)
        yield play.wait(lag)
        kept = sum(order.size for order in shown if order.live)
        for order in sorted(shown, key=lambda order: -order.price * side):
            play.pull(order)
            if play.hidden and rng.random() < 0.5:
                yield play.wait(1.0)
        if genuine is not None and rng.random() < 0.6:
            play.pull(genuine)
        wins += sold > 0 and kept > 0.6 * depth
        side = -side if swap else side
        play.cover()
        yield play.wait(rng.uniform(10, 200))
    hand.outcome = wins > 0


def yield_orders(
    play: Play, accounts: list[str], side: int, levels: int, scale: float, gap: float, start: int
) -> list[Order]:
    """Lay the large orders, from near the best price outward."""
    base, shown = play.best(side), list[Order]()
    step = max(1, round(base * gap))
    for level in range(levels):
        price = max(1, base - side * step * (start + level))
        size = play.size(scale, 0.1 if play.rng.random() < 0.5 else 0.4)
        play.clear(side, price)
        shown.append(play.post(play.rng.choice(accounts), side, price, size))
    return shown


def follow(play: Play, shown: list[Order], side: int, gap: float, start: int) -> None:
    """Move the large orders after the price; they stay behind the first in the row."""
    others = play.best(side)
    for level, order in enumerate(shown):
        price = others - side * max(1, round(others * gap)) * (max(start, 1) + level)
        if order.live and (price - order.price) * side > 0:
            play.world.move(order, price, order.size)


def strike(play: Play, shown: list[Order], side: int) -> int:
    """Deal with those who stand before the large orders."""
    best = play.world.best(play.symbol, side)
    live = [order for order in shown if order.live]
    if best is None or not live:
        return 0
    front = max(order.price * side for order in live) * side
    if best == front:
        if len(live) == 1 or play.rng.random() < 0.3:
            return 0
        for order in live:
            if order.price == front:
                play.world.venue.modify(order, max(1, front - side), order.size)
        best = play.best(side)
        if any(order.live and order.price == best for order in shown):
            return 0
    price = max(order.price * side for order in live if order.live) * side + side
    if (best - price) * side < 0:
        return 0
    return play.enter(play.someone(), -side, price, play.size(0.7), ioc=True).filled


def quote_stuffing(play: Play) -> Actor:
    """Flood the venue with orders that are gone at once, in several bursts."""
    rng, hand, world = play.rng, play.hand, play.world
    accounts = play.join(1, 1 + (rng.random() < 0.2) + 2 * play.hidden)
    most = max(30, int(world.set.events * 0.0125))
    bursts = rng.randrange(2, 9)
    length = max(15, min(most // bursts * 2, rng.randrange(40, 400)) // (3 if play.hidden else 1))
    gap, style = rng.choice((0.0003, 0.001, 0.003)) * (6 if play.hidden else 1), rng.choice(("pairs", "batch", "move"))
    far, both, done = rng.uniform(0.0, 0.04), rng.random() < 0.4, 0
    side, broken = rng.choice((1, -1)), rng.random() < 0.06
    for _ in range(bursts):
        count, orders = max(8, int(length * rng.uniform(0.6, 1.4))), list[Order]()
        scale = rng.uniform(0.1, 0.6)
        for number in range(count):
            if play.left < 3:
                break
            side = -side if both else side
            base = play.best(side)
            price = max(1, round(base * (1 - side * far * rng.random())) - side)
            if style == "move" and orders and orders[-1].live and number % 10:
                world.move(orders[-1], price, orders[-1].size)
            else:
                if style == "move":
                    while orders:
                        play.pull(orders.pop())
                orders.append(play.post(rng.choice(accounts), side, price, play.size(scale)))
            yield gap * rng.expovariate(1.0)
            if style == "pairs" or (style == "batch" and len(orders) >= 12):
                while orders:
                    play.pull(orders.pop())
        for order in orders:
            play.pull(order)
        done += 1
        if broken or play.left < 10:
            break
        play.cover()
        yield play.wait(play.left / bursts * rng.uniform(0.1, 0.8))
    hand.outcome = done >= 2
