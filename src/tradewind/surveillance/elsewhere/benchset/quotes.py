"""The deeds of the market `benchset` made of orders not meant, or of trades between one's own."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tradewind.surveillance.elsewhere.benchset.hand import Hand
from tradewind.surveillance.elsewhere.benchset.schemes import (
    coordinated_accounts,
    front_running,
    marking_the_close,
    momentum_ignition,
    pump_and_dump,
)
from tradewind.surveillance.elsewhere.benchset.venue import BUY, SELL, Order
from tradewind.surveillance.elsewhere.benchset.world import Actor, between


def show(hand: Hand, layered: bool) -> Actor:
    """Show size on one side while a small order on the other is filled, take it back, and again."""
    rng, place, book = hand.rng, hand.place, hand.place.book
    names = hand.hire(2, 4) if hand.plan.evasive else hand.hire(1, 2)
    cycles, side = rng.randint(3, 9), rng.choice((BUY, SELL))
    flips, takes, good = rng.random() < 0.5, rng.choice((0.2, 0.6, 1.0)), 0
    hold, quick = hand.span / cycles * rng.uniform(0.3, 0.8), between(rng, 0.001, 0.5)
    for n in range(cycles):
        if hand.left < 0.05 * hand.span or (hand.plan.broken and n > 0):
            break
        real = hand.size(1, 4)
        inside = side * (abs(hand.touch(-side) - hand.touch(side)) > 2)
        small = hand.send(names[0], side, hand.touch(side) + inside, real)
        yield hand.pause(min(hold * 0.2, 2))
        prices = rng.randint(3, 7) if layered else rng.randint(1, 2)
        depth = book.depth(-side, 1 + round(2 * place.half))
        size = max(depth * (0.5 if hand.plan.evasive else 1) * between(rng, 0.6, 3), hand.size(8, 30))
        step, away = max(1, round(place.half * rng.uniform(0, 0.6))), rng.randint(0, 2)
        shown = list[Order]()
        for level in range(prices):
            price = max(hand.touch(-side) * -side - away - step * level, 1 - 10**9) * -side
            shown.append(hand.send(rng.choice(names), -side, price, hand.alike(round(size / prices))))
            yield hand.pause(quick)
        place.mood += side * -0.08
        waited = hand.world.now + hold
        while small.alive and hand.world.now < waited and not hand.late and all(o.alive for o in shown[:1]):
            yield hand.pause(hold / 12)
        if small.alive and not hand.plan.broken and rng.random() < takes:
            hand.cancel(small)
            real -= small.done
            extra = hand.take(rng.choice(names), side, real, 0.5)
        else:
            extra = 0
        for order in shown if rng.random() < 0.5 else shown[::-1]:
            hand.cancel(order)
            yield quick * 0.2 * rng.random()
        hand.cancel(small)
        pulled = sum(o.left for o in shown) >= 0.6 * sum(o.size for o in shown)
        good += pulled and small.done + extra > 0
        side = -side if flips else side
        yield hand.pause(hand.span / cycles * 0.1)
    hand.done = good >= 2


def quote_stuffing(hand: Hand) -> Actor:
    """Bursts of orders that live for milliseconds."""
    rng = hand.rng
    names = hand.hire(2, 4) if hand.plan.evasive else hand.hire(1, 2)
    bursts = rng.randint(2, 10)
    most = 0.03 * hand.world.rows / bursts / 2
    count = max(25, int(min(most, between(rng, 40, 400)) * (0.4 if hand.plan.evasive else 1)))
    gap = between(rng, 0.0003, 0.01)
    lag, sides = rng.choice((0, 0, 1, 10, count)), rng.choice(((BUY,), (SELL,), (BUY, SELL)))
    far, good = rng.randint(0, 8), 0
    for n in range(bursts):
        if hand.late or (hand.plan.broken and n > 0):
            break
        live, name = list[Order](), rng.choice(names)
        for _ in range(count):
            side = rng.choice(sides)
            price = max(1, hand.touch(side) - side * rng.randint(0, far))
            live.append(hand.send(name, side, price, hand.size(0.2, 2)))
            yield gap * rng.uniform(0.2, 1)
            while len(live) > lag:
                hand.cancel(live.pop(0))
                yield gap * 0.3 * rng.random()
        for order in live:
            hand.cancel(order)
        hand.orders.clear()
        good += 1
        yield hand.pause(hand.span / bursts * 0.6)
    hand.done = good >= 2


def wash_trading(hand: Hand) -> Actor:
    """Trade with oneself, between a pair or round a ring, inside the spread or through a short queue."""
    rng, place, book = hand.rng, hand.place, hand.place.book
    shape = rng.choice(("self", "pair", "pair", "one way", "ring"))
    names = hand.hire(3, 6) if shape == "ring" or (hand.plan.evasive and shape == "self") else hand.hire(2, 2)
    if shape == "self" and not hand.plan.evasive:
        hand.accounts = names = names[:1]
    rounds, good, side = rng.randint(4, 22), 0, rng.choice((BUY, SELL))
    size, quick = hand.size(1, 8), between(rng, 0.001, 1.0) * (3 if hand.plan.evasive else 1)
    same, tries = rng.random() < 0.6, 0
    while good < rounds and tries < 3 * rounds and not hand.late:
        if hand.plan.broken and tries > 1:
            break
        tries += 1
        piece = hand.alike(size) if same else hand.size(1, 8)
        first, second = names[tries % len(names)], names[(tries + 1) % len(names)]
        if shape == "one way":
            first, second = names
        if shape != "one way" and rng.random() < 0.5:
            side = -side
        bid, ask = hand.touch(BUY), hand.touch(SELL)
        touch = bid if side == BUY else ask
        if ask - bid < 2 and book.depth(side, 1) > 2 * piece:
            yield hand.pause(min(hand.span / rounds * 0.15, 4 / place.rate))
            continue
        price = rng.randint(bid + 1, ask - 1) if ask - bid > 1 else touch
        rest = hand.send(first, side, price, piece)
        yield hand.pause(quick)
        ahead = 0
        if rest.alive and book.best(side) == price:
            for order in book.levels[side][price].queue.values():
                if order is rest:
                    break
                ahead += order.left
        own = hand.own
        if rest.alive and book.best(side) == price and ahead <= 3 * piece:
            hand.send(second, -side, price, rest.left + ahead, ioc=True)
        hand.cancel(rest)
        good += hand.own > own
        yield hand.pause(hand.span / rounds * 0.7)
    hand.done = good >= 3 and 2 * hand.own >= 0.5 * hand.gross


SCRIPTS: dict[str, Callable[[Hand], Actor]] = {
    "pump_and_dump": pump_and_dump,
    "spoofing": partial(show, layered=False),
    "layering": partial(show, layered=True),
    "quote_stuffing": quote_stuffing,
    "wash_trading": wash_trading,
    "marking_the_close": marking_the_close,
    "momentum_ignition": momentum_ignition,
    "front_running": front_running,
    "coordinated_accounts": coordinated_accounts,
}
