"""Deeds done with orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.acceptance.book import Order
from tradewind.surveillance.elsewhere.acceptance.deed import Deed
from tradewind.surveillance.elsewhere.acceptance.settings import spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play


def spoofing(d: Deed) -> Play:
    """Show a large order on one price or two, deal on the other side, take it back."""
    yield from _deceive(d, d.rng.choice((1, 1, 1, 2)), spread_log(d.rng, 5, 25))


def layering(d: Deed) -> Play:
    """The same with orders on three prices or more."""
    yield from _deceive(d, d.rng.randint(3, 8), spread_log(d.rng, 2, 9))


def _deceive(d: Deed, prices: int, large: float) -> Play:
    rng = d.rng
    hands = d.hands(1, 3) if d.evasive else d.hands(1, rng.choice((1, 1, 1, 2)))
    style = rng.choice(("rest", "rest", "rest", "take", "flip"))
    rounds = rng.randint(2, 6) if d.evasive else rng.randint(3, 12)
    hold, quick = spread_log(rng, 1.0, 40.0), spread_log(rng, 0.001, 0.25)
    away, step, side = rng.choice((0, 1, 1, 2)), rng.choice((1, 1, 1, 2)), rng.choice((1, -1))
    turns, follow, first = rng.random() < 0.35, rng.random() < 0.3, rng.random() < 0.5
    sized, came = d.size(large * 0.8, large * 1.2), 0
    for _ in range(rounds):
        genuine: Order | None = None
        got = 0
        if style == "rest" and first:
            genuine = d.rest(hands[0], side, d.touch(side) + side * rng.choice((0, 1)), d.size(0.4, 1.6))
            yield d.pause(0.05, 3.0)
        lures: list[Order] = []
        for i in range(prices):
            size = d.size(large * 0.6, large * 1.4) if d.evasive or rng.random() < 0.2 else sized
            price = lures[0].price + side * step * i if lures else d.touch(-side) + side * away
            shown_by = hands[i % (len(hands) - 1) + 1] if len(hands) > 1 else hands[0]
            lures.append(d.rest(shown_by, -side, price, size))
            yield int(quick * 1e9 * rng.uniform(0.5, 1.5)) + 1
        if style == "rest" and genuine is None:
            genuine = d.rest(hands[0], side, d.touch(side) + side * rng.choice((0, 1)), d.size(0.4, 1.6))
        before = genuine.filled if genuine is not None else 0
        for _ in range(10):
            yield d.pause(hold / 14, hold / 7)
            if genuine is not None and not genuine.live:
                break
            if follow and lures[0].live and (d.touch(-side) - lures[0].price) * side + away < -1:
                for order in lures:
                    d.book.modify(order, order.price - side, order.size)
        if style == "flip":
            for order in lures:
                d.pull(order)
        if genuine is not None:
            got = genuine.filled - before
            if not got and genuine.live and rng.random() < 0.7:
                d.pull(genuine)
                got = d.take(hands[0], side, genuine.size or d.size(0.4, 1.6), 1)
        else:
            got = d.take(hands[0], side, d.size(0.5, 3), 1)
        yield int(quick * 1e9 * rng.uniform(0.5, 3)) + 1
        unmet = sum(order.filled for order in lures) < sum(order.filled + order.size for order in lures) / 2
        rng.shuffle(lures)
        for order in lures:
            d.pull(order)
            yield int(quick * 1e9 * rng.uniform(0.1, 0.6)) + 1
        if genuine is not None:
            d.pull(genuine)
        came += bool(got and unmet)
        d.done = came >= 2 or (came == 1 and rounds == 2)
        if turns:
            side = -side
        d.cover(hands)
        yield d.within(0.8, rounds) if rng.random() < 0.5 else d.pause(2, 40)


def quote_stuffing(d: Deed) -> Play:
    """Flood the book in several bursts of orders that stand for milliseconds."""
    rng = d.rng
    hands = d.hands(1, 4) if d.evasive else d.hands(1, rng.choice((1, 1, 2)))
    bursts = rng.randint(3, 8)
    budget = d.w.s.events * rng.uniform(0.02, 0.055) / 2
    count = int(max(50, min(spread_log(rng, 60, 900), budget / bursts)))
    gap = spread_log(rng, 0.03, 2.0) * (2.5 if d.evasive else 1.0)
    style, side = rng.choice(("one", "two", "batch", "amend", "far")), rng.choice((1, -1))
    size = d.size(0.2, 3)
    for burst in range(bursts):
        batch: list[Order] = []
        many = int(count * rng.uniform(0.7, 1.3)) if d.evasive else count
        back = rng.randint(8, 30) if style == "far" else rng.randint(0, 4)
        for i in range(many):
            if style == "two":
                side = -side
            amount = d.size(0.2, 3) if d.evasive else size
            price = d.touch(side) - side * (back + rng.choice((0, 0, 1, 2)))
            order = d.rest(hands[i % len(hands)], side, price, amount)
            yield int(gap * 1e6 * rng.uniform(0.3, 1.7)) + 1
            if style == "amend" and rng.random() < 0.6:
                d.book.modify(order, order.price, order.size + d.w.s.lot)
                yield int(gap * 1e6 * rng.uniform(0.3, 1.7)) + 1
            batch.append(order)
            if style != "batch" or len(batch) >= 25:
                for old in batch:
                    d.pull(old)
                    yield int(gap * 1e6 * rng.uniform(0.1, 0.6)) + 1
                batch.clear()
        for old in batch:
            d.pull(old)
        d.done = burst >= 1
        if rng.random() < 0.3:
            d.take(hands[0], rng.choice((1, -1)), d.size(0.3, 2), 1)
        d.cover(hands)
        yield d.within(0.8, bursts) if rng.random() < 0.5 else d.pause(0.5, 30)
