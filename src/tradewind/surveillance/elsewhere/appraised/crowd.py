"""Honest people who look suspicious now and then: slicers, closing funds, blocks, followers, stops."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.appraised.book import Order
from tradewind.surveillance.elsewhere.appraised.flow import take
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process, Stock, World

POLL = 3.0


def parent(world: World, stock: Stock, accounts: list[str], order: tuple[bool, float, float], hurry: float) -> Process:
    """Work (buy, size, seconds) in slices, accounts in turn; `hurry` is the share of slices that take."""
    rng, book = world.rng, stock.book
    buy, total, seconds = order
    done, end = 0, world.clock.now + int(seconds * SECOND)
    slices = max(4, int(total / max(stock.lot, stock.deep * rng.uniform(0.15, 0.6))))
    turn = 0
    while done < total and world.clock.now < end and world.left() > 3:
        who = accounts[turn % len(accounts)]
        turn += 1
        size = stock.lots(min(total - done, total / slices * rng.uniform(0.5, 1.6)))
        if rng.random() < hurry:
            bid, ask = book.touch()
            collar = int(stock.half)
            done += book.submit(who, buy, ask + collar if buy else bid - collar, size, rest=False).filled
            yield rng.expovariate(slices / seconds)
        else:
            child = book.submit(who, buy, book.touch()[0 if buy else 1], size)
            yield min(rng.expovariate(slices / seconds), max(0.1, world.left() - 2))
            book.cancel(child)
            done += child.filled


def managers(world: World, stock: Stock) -> Process:
    """Institutions come a few times a day and work for a good while."""
    rng = world.rng
    yield rng.expovariate(1 / 2500)
    while world.left() > 1500:
        team = rng.choice(world.managers)
        if stock.working.get(team[0], 0) > world.clock.now:
            yield 200.0
            continue
        seconds = min(world.left() - 60, rng.uniform(1200, 9000))
        stock.working[team[0]] = world.clock.now + int((seconds + 300) * SECOND)
        total = max(6 * stock.unit * stock.lot, stock.turnover() * seconds * rng.uniform(0.04, 0.14))
        order = (rng.random() < 0.5, total, seconds)
        world.clock.spawn(parent(world, stock, team, order, rng.uniform(0.1, 0.5)))
        yield rng.expovariate(1 / (world.length / rng.uniform(2, 5)))


def closing(world: World, stock: Stock) -> Process:
    """Funds that must trade at the closing price: on both sides, modest, near the touch."""
    rng, book = world.rng, stock.book
    yield max(0.0, world.left() - rng.uniform(300, 900))
    sides = [(fund, rng.random() < 0.5) for fund in rng.sample(world.funds, min(len(world.funds), rng.randint(1, 4)))]
    while world.left() > 2:
        fund, buy = rng.choice(sides)
        bid, ask = book.touch()
        size = stock.lots(stock.deep * rng.uniform(0.05, 0.25))
        if ask - bid <= 1.5 * stock.wide:
            passive = rng.random() < 0.5
            order = book.submit(fund, buy, (bid if buy else ask) if passive else (ask if buy else bid), size, passive)
            if order.live:
                world.clock.at(world.clock.now + int(rng.uniform(5, 60) * SECOND), partial(book.cancel, order))
        yield min(rng.expovariate(1 / 20), max(0.1, world.left()))


def blocks(world: World, stock: Stock) -> Process:
    """Someone shows a large order, waits for minutes, mostly in vain, and withdraws."""
    rng, book = world.rng, stock.book
    while world.left() > 600:
        yield rng.expovariate(1 / (world.length / rng.uniform(2, 6)))
        if world.left() < 300:
            return
        who, buy = rng.choice(world.blocks), rng.random() < 0.5
        bid, ask = book.touch()
        away = int(rng.uniform(0, 3) * stock.half)
        order = book.submit(who, buy, bid - away if buy else ask + away, stock.lots(stock.deep * rng.uniform(2, 7)))
        yield min(rng.uniform(20, 600), world.left() - 60)
        if order.live and rng.random() < 0.4:
            book.cancel(order, stock.lots(order.size * 0.4))
            yield min(rng.uniform(5, 100), world.left() - 30)
        book.cancel(order)


def watch(world: World, stock: Stock) -> Process:
    """Keep the tape's short memory; send followers after a run and fire the stops it reaches."""
    rng, book = world.rng, stock.book
    look, nerve, keen = rng.randint(6, 14), rng.uniform(2.3, 3.0), rng.uniform(0.8, 1.6)
    stock.path.clear()
    while world.left() > 3:
        mid = book.mid()
        stock.path.append(mid)
        stock.wide += 0.01 * (min(book.spread(), 5 * stock.half) - stock.wide)
        level = (book.depth(True, 3) + book.depth(False, 3)) / 6
        stock.deep += 0.01 * (min(level, 4 * stock.deep) - stock.deep)
        if len(stock.path) > look:
            run = mid - stock.path[-look - 1]
            z = abs(run) / max(1.5, 0.5 * stock.wide, stock.typical)
            stock.typical += 0.005 * (min(abs(run) * 1.25, 3 * stock.typical) - stock.typical)
            if z > nerve:
                chase(world, stock, run > 0, keen * (z - nerve + 0.5))
        stock.appetite = min(12.0, stock.appetite + 0.02 * POLL * stock.rate * world.pace)
        if stock.stops:
            fire(world, stock)
        yield POLL * rng.uniform(0.7, 1.3)


def chase(world: World, stock: Stock, up: bool, force: float) -> None:
    """A few quick traders jump on, each in a moment of its own."""
    rng = world.rng
    for _ in range(
        min(5, int(force + rng.random()), max(int(stock.appetite), int(force > 2.5 and stock.appetite > -4)))
    ):
        stock.appetite -= 1
        when = world.clock.now + int(rng.uniform(0.2, 6) * SECOND)
        who = rng.choice(world.quick)
        world.clock.spawn(ride(world, stock, who, up), when)


def ride(world: World, stock: Stock, who: str, up: bool) -> Process:
    """Follow with a marketable order; leave on a target, a loss, or time."""
    rng, book = world.rng, stock.book
    if world.left() < 20 or who in world.busy:
        return
    held = take(world, stock, who, up, stock.lots(stock.unit * stock.lot * rng.uniform(0.5, 2)))
    entry, limit = book.mid(), rng.uniform(40, 700)
    while held and limit > 0 and world.left() > 15:
        wait = rng.uniform(3, 12)
        limit -= wait
        yield wait
        gain = (book.mid() - entry) * (1 if up else -1)
        if abs(gain) > 3 * stock.wide:
            break
    if held and world.left() > 1 and rng.random() < 0.9:
        take(world, stock, who, not up, held)


def fire(world: World, stock: Stock) -> None:
    """Stops that the last price reached become marketable orders, one cascade at most a poll."""
    last, rng = stock.book.last, world.rng
    ready = [s for s in stock.stops if (last >= s[0] if s[1] else last <= s[0])]
    if not ready:
        return
    stock.stops = [s for s in stock.stops if s not in ready][-200:]
    for _, buy, who, size in ready[:6]:
        when = world.clock.now + int(rng.uniform(0.01, 1.5) * SECOND)
        if who not in world.busy and when < world.close - SECOND:
            world.clock.at(when, partial(take, world, stock, who, buy, size))


def governor(world: World) -> Process:
    """Hold the number of events near its target, gently."""
    seen = len(world.rows)
    while world.left() > 0:
        wanted = world.target / (len(world.days) * world.length) * world.shape() * 90
        yield 90.0
        got, seen = len(world.rows) - seen, len(world.rows)
        ratio = min(2.0, max(0.5, wanted / max(1, got)))
        world.pace = min(4.0, max(0.35, world.pace * math.exp(0.12 * math.log(ratio))))


def expire(stock: Stock) -> None:
    """Day orders end at the close."""
    orders: list[Order] = stock.book.resting()
    for order in sorted(orders, key=lambda o: o.oid):
        stock.book.cancel(order)
