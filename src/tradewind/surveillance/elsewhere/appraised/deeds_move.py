"""Deeds that move the price or know it will move: momentum ignition, pump and dump, front running."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.appraised.crowd import parent
from tradewind.surveillance.elsewhere.appraised.hand import Hand
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process


def push(hand: Hand, buy: bool, goal: float, pause: tuple[float, float], limit: float) -> Process:
    """Take until the middle has moved by `goal` ticks or `limit` is spent; returns the move."""
    rng, stock, book = hand.rng, hand.stock, hand.book
    start, spent, sign = book.mid(), 0, 1 if buy else -1
    end = hand.world.clock.now + int(60 * max(pause) * SECOND)
    while hand.world.clock.now < end and sign * (book.mid() - start) < goal and spent < limit and hand.left() > 20:
        size = stock.deep * rng.uniform(0.4, hand.soft(1.8, 0.9))
        spent += hand.take(hand.who(), buy, size, int(stock.wide) + 1).filled
        yield rng.uniform(*pause)
    return sign * (book.mid() - start)


def gather(hand: Hand, buy: bool, total: float, seconds: float, hurry: float) -> Process:
    """Build a position quietly, in slices at the touch and some that take."""
    rng, stock = hand.rng, hand.stock
    end = hand.world.clock.now + int(seconds * SECOND)
    slices = max(4, int(total / (stock.deep * hand.soft(0.35, 0.2))))
    while abs(hand.net()) < total and hand.world.clock.now < end and hand.left() > 60:
        size = min(total - abs(hand.net()), total / slices * rng.uniform(0.6, 1.5))
        behind = abs(hand.net()) / total < 1 - (end - hand.world.clock.now) / (seconds * SECOND)
        if rng.random() < hurry or (behind and rng.random() < 0.6):
            hand.take(hand.who(), buy, size, 0)
            yield hand.wait(0.3 * seconds / slices, 1.2 * seconds / slices)
        else:
            order = hand.join(hand.who(), buy, size, 1)
            yield hand.wait(0.3 * seconds / slices, 1.2 * seconds / slices)
            hand.pull(order)


def ignition(hand: Hand) -> Process:
    """A burst that starts a run, then out into those who follow; plain, prepared, or with shown support."""
    rng, stock = hand.rng, hand.stock
    style = rng.choice(["plain", "prepared", "support"])
    times, good = rng.randint(1, 3), 0
    for turn in range(times):
        buy = rng.random() < 0.5
        if style == "prepared":
            yield from gather(hand, buy, 3 * stock.deep, min(120.0, hand.span / 6), 0.2)
        goal = max(
            3.0, hand.soft(3.5, 2.2) * stock.wide, hand.soft(4.5, 3.0) * max(1.5, 0.5 * stock.wide, stock.typical)
        )
        start, flow = hand.book.mid(), hand.others(buy)
        pause = (0.02, 0.6) if not hand.evasive else (0.5, 3.0)
        moved = yield from push(hand, buy, goal, pause, 40 * stock.deep)
        shown = []
        if style == "support":
            bid, ask = hand.book.touch()
            back = int(stock.half) + 1
            shown = [hand.quote(hand.who(), buy, bid - back if buy else ask + back, 3 * stock.deep)]
        yield hand.wait(6, hand.soft(20, 30))
        for order in shown:
            hand.pull(order)
        held = abs(hand.net())
        yield from hand.unload(not buy, hand.soft(45, 100), max(0.5 * stock.deep, held / 12))
        followed = hand.others(buy) - flow
        bought, paid = hand.side_sum(buy)
        good += moved > 0.7 * goal and followed > 0.5 * stock.deep and abs(hand.net()) < 0.25 * max(1, held)
        if hand.left() < 200 or turn == times - 1 or start <= 0 or not bought or not paid:
            break
        yield hand.wait(0.3 * hand.span / times, 0.9 * hand.span / times)
    return good >= 1


def pump(hand: Hand) -> Process:
    """Gather, lift with buying and talk, sell out to those who came."""
    rng, stock, book = hand.rng, hand.stock, hand.book
    talk = rng.choice(["rumour", "buying", "both"])
    total = stock.deep * hand.soft(rng.uniform(9, 20), rng.uniform(5, 9))
    yield from gather(hand, True, total, 0.45 * hand.span, 0.3)
    held = hand.net()
    if held < 0.3 * total:
        return False
    cost = hand.side_sum(True)[1] / max(1, hand.side_sum(True)[0])
    start = book.mid()
    goal = max(5.0, hand.soft(6, 3) * stock.wide, hand.soft(0.5, 0.22) * stock.daily * stock.value)
    legs = rng.randint(3, 6)
    for leg in range(legs):
        if talk != "buying" and leg < 3:
            hand.world.announce(stock, True)
        stock.hype += hand.soft(0.8, 0.6) / legs * (2.2 if talk == "rumour" else 1.4)
        stock.heat += 0.15
        want = goal * (leg + 1) / legs - (book.mid() - start)
        yield from push(hand, True, max(1.0, want), (0.5, hand.soft(5, 12)), 8 * stock.deep)
        yield hand.wait(0.01 * hand.span, 0.25 * hand.span / legs)
    top = book.mid() - start
    held = hand.net()
    yield from hand.unload(False, 0.15 * hand.span, held / rng.randint(12, 25))
    stock.hype -= 0.6 * max(0.0, stock.hype)
    bought, sold, got = hand.side_sum(True)[0], *hand.side_sum(False)
    return top > 0.4 * goal and sold > 0.7 * bought and got > sold * cost


def front(hand: Hand) -> Process:
    """Ahead of a client's large order, or of news that only the hand knows."""
    if hand.news_at:
        return (yield from ahead_of_news(hand))
    return (yield from ahead_of_client(hand))


def ahead_of_client(hand: Hand) -> Process:
    """Position, let the client's order run, hand the position over to it; once or several times."""
    rng, stock, world = hand.rng, hand.stock, hand.world
    times = rng.choice([1, 2, 3])
    whole = hand.span / times
    for _ in range(times):
        if hand.left() < 0.6 * whole:
            break
        buy, team = rng.random() < 0.5, rng.choice(world.managers)
        mine = stock.deep * hand.soft(rng.uniform(3, 7), rng.uniform(1.5, 3))
        yield from gather(hand, buy, mine, min(0.25 * whole, rng.uniform(15, 300)), hand.soft(0.8, 0.4))
        yield hand.wait(0.5, hand.soft(10, 60))
        seconds = 0.35 * whole
        size = max(stock.deep * rng.uniform(22, 40), stock.turnover() * seconds * rng.uniform(0.5, 0.9))
        world.clock.spawn(parent(world, stock, team[:1], (buy, size, seconds), 0.9))
        yield hand.wait(0.35 * seconds, 0.8 * seconds)
        yield from hand.unload(not buy, 0.5 * seconds, max(stock.lot, abs(hand.net()) / rng.randint(4, 9)))
        yield hand.wait(0.05 * whole, 0.2 * whole)
    return closed_well(hand)


def ahead_of_news(hand: Hand) -> Process:
    """Gather until shortly before the news, close when the price has gone."""
    rng, stock, world = hand.rng, hand.stock, hand.world
    buy = hand.good
    mine = stock.deep * hand.soft(rng.uniform(5, 12), rng.uniform(2, 5))
    before = (hand.news_at - world.clock.now) / SECOND
    yield from gather(hand, buy, mine, max(5.0, before * rng.uniform(0.6, 0.95)), 0.5)
    yield max(0.1, (hand.news_at - world.clock.now) / SECOND)
    yield hand.wait(20, 0.2 * hand.span)
    yield from hand.unload(not buy, 0.2 * hand.span, max(stock.lot, abs(hand.net()) / rng.randint(4, 10)))
    return closed_well(hand)


def closed_well(hand: Hand) -> bool:
    """Most of the position closed, at a gain."""
    bought, paid = hand.side_sum(True)
    sold, got = hand.side_sum(False)
    if not bought or not sold or min(bought, sold) < 0.7 * max(bought, sold):
        return False
    return got / sold > paid / bought
