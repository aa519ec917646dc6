"""Honest people whose trading looks like a scheme."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from tradewind.surveillance.elsewhere.examined.crowd import flock
from tradewind.surveillance.elsewhere.examined.engine import Script
from tradewind.surveillance.elsewhere.examined.work import Desk
from tradewind.surveillance.elsewhere.examined.world import Stock, World, announce

Honest = Callable[[World, Stock], Script]
ANYBODY = ("noise", "informed", "trend", "reader", "fund")


def algorithm(world: World, stock: Stock) -> Script:
    """A parent order sliced by time or volume, replaced when it is left behind."""
    rng, [account], lasts = world.rng, world.some(1, ("fund",)), world.length * world.log(0.03, 0.4)
    desk, side, total = Desk(world, stock, [account]), rng.choice((1, -1)), stock.unit * world.log(15, 120)
    if rng.random() < 0.5:
        yield from desk.work(account, side, total, lasts, rng.uniform(0.3, 0.95))
        return
    part, begun, done, seen = rng.uniform(0.05, 0.25), stock.book.volume, 0, 0
    for _ in range(60):
        yield lasts / 60
        seen = stock.book.volume - begun
        if part * seen - done > stock.unit and done < total:
            order = desk.rest(account, side, 0, part * seen - done)
            for _ in range(rng.randint(1, 4)):
                yield lasts / 250
                if order.left and order.price != stock.touch(side):
                    done += order.filled
                    order = stock.book.replace(order, stock.touch(side), order.left, world.keep_id)
            desk.pull(order)
            done += order.filled


def allocation(world: World, stock: Stock) -> Script:
    """One manager buys or sells for several accounts, in turn or at once, in proportion."""
    rng, side = world.rng, world.rng.choice((1, -1))
    accounts = world.some(rng.randint(2, 6), ("fund", "noise"))
    parts, lasts = [stock.unit * world.log(2, 15) for _ in accounts], world.length * world.log(0.01, 0.15)
    desk, at_once = Desk(world, stock, accounts), rng.random() < 0.5
    for account, part in zip(accounts, parts, strict=True):
        script = desk.work(account, side, part, lasts, rng.uniform(0.2, 0.8))
        if at_once:
            world.clock.after(world.log(0.001, 3), script)
        else:
            yield from script
    yield 0.0


def surprise(world: World, stock: Stock) -> Script:
    """News that strangers answer within the same second or seconds; sometimes somebody was just lucky before."""
    rng, tone = world.rng, world.rng.choice((1, -1))
    if rng.random() < 0.5:
        lucky = world.someone()
        size = world.size(stock, lucky.scale)
        stock.take(lucky, tone, size)
        yield world.length * world.log(0.002, 0.03)
        world.clock.after(world.length * world.log(0.003, 0.1), partial(stock.take, lucky, -tone, size))
    announce(world, stock, tone, world.log(2, 10), rng.random() < 0.7)
    flock(world, stock, tone, rng.randint(4, 25), world.log(0.3, 12), world.log(0.01, 1))


def note(world: World, stock: Stock) -> Script:
    """An analyst's note that buyers follow for a while, and that fades."""
    rng, tone, lasts = world.rng, world.rng.choice((1, 1, 1, -1)), world.length * world.log(0.01, 0.1)
    announce(world, stock, tone, rng.uniform(0.5, 2.5))
    for _ in range(rng.randint(3, 8)):
        flock(world, stock, tone, rng.randint(1, 5), lasts / 8)
        yield lasts / 6
    stock.value -= tone * stock.spread * rng.uniform(0, 2)


def stop_run(world: World, stock: Stock) -> Script:
    """A large order meets stops placed beyond a round price, which then go off in a row."""
    rng, side = world.rng, world.rng.choice((1, -1))
    level = round(stock.mid() + side * stock.spread * rng.uniform(0.8, 2.5))
    for account in world.some(rng.randint(4, 15)):
        stock.stops.append((side, level + side * rng.randint(0, 2), account, world.size(stock, account.scale)))
    yield world.length * 0.002
    for account in world.some(rng.randint(1, 3)):
        stock.take(account, side, stock.unit * world.log(5, 25), 2.5)
        yield world.log(0.1, 5)


def burst(world: World, stock: Stock) -> Script:
    """A fast trader sends bursts of orders and cancels and trades some of them."""
    rng, [account] = world.rng, world.some(1, ("maker", "reader"))
    for _ in range(rng.randint(1, 6)):
        for _ in range(rng.randint(8, 60)):
            side = rng.choice((1, -1))
            order = stock.rest(account, side, rng.choice((-1, 0, 0, 1, 2, 3)), world.size(stock))
            yield world.log(0.0003, 0.03)
            if rng.random() < 0.9:
                stock.book.cancel(order)
            if rng.random() < 0.05:
                stock.take(account, side, world.size(stock), 0)
        yield world.length * world.log(0.001, 0.03)


def clock_trade(world: World, stock: Stock) -> Script:
    """Index funds that trade into the close, or at the open and at the close."""
    rng, side = world.rng, world.rng.choice((1, -1))
    lasts = min(1_200.0, world.length * world.log(0.01, 0.06))
    accounts = world.some(rng.randint(1, 5), ("fund",))
    if rng.random() < 0.3:
        stock.take(accounts[0], -side, stock.unit * world.log(3, 15))
        yield 1.0
    yield max(0.0, world.left() - lasts)
    for account in accounts:
        lean = side if rng.random() < 0.7 else -side
        desk = Desk(world, stock, [account])
        world.clock.after(0, desk.work(account, lean, stock.unit * world.log(4, 40), lasts * 0.95, rng.random()))


def iceberg(world: World, stock: Stock) -> Script:
    """A large order that shows a small part of itself, again and again at one price."""
    rng, [account], side = world.rng, world.some(1, ANYBODY), world.rng.choice((1, -1))
    left, peak, away = stock.unit * world.log(15, 80), stock.unit * world.log(0.7, 4), rng.choice((0, 0, 1, 2))
    order = stock.rest(account, side, away, peak)
    price = order.price
    for _ in range(400):
        yield world.log(0.01, 1) + 3 / world.rate
        if not order.left:
            left -= order.filled
            if left <= 0 or (price - stock.touch(-side)) * side >= 0:
                break
            order = stock.book.submit(account, side, price, max(1, round(min(peak, left))))
    stock.book.cancel(order)


def pairs(world: World, stock: Stock) -> Script:
    """Buys one stock and sells another at the same moments, later the other way."""
    rng, [account] = world.rng, world.some(1, ANYBODY)
    other = rng.choice(world.stocks)
    for i in range(rng.randint(4, 16)):
        side = 1 if i % 2 else -1
        size = world.log(1, 6)
        stock.take(account, side, size * stock.unit)
        yield world.log(0.001, 0.5)
        if other is not stock:
            other.take(account, -side, size * other.unit)
        yield world.length * world.log(0.003, 0.04)


def two_giants(world: World, stock: Stock) -> Script:
    """A big buyer who moves the price, and later another one who sells."""
    rng, side = world.rng, world.rng.choice((1, 1, -1))
    first, second = world.some(2, ANYBODY)
    lasts = world.length * world.log(0.02, 0.15)
    yield from Desk(world, stock, [first]).work(first, side, stock.unit * world.log(25, 120), lasts, 0.2)
    stock.stir(1)
    yield lasts * rng.uniform(0.2, 1.5)
    yield from Desk(world, stock, [second]).work(second, -side, stock.unit * world.log(20, 100), lasts, 0.2)


def two_desks(world: World, stock: Stock) -> Script:
    """A liquidity seeker who often meets the same firm's resting orders, among others'."""
    rng = world.rng
    one, two = world.some(2, ANYBODY)
    for _ in range(rng.randint(4, 14)):
        side = rng.choice((1, -1))
        order = stock.rest(one, side, -1, stock.unit * world.log(0.7, 4))
        yield world.log(0.2, 8)
        stock.take(two, -side, stock.unit * world.log(0.7, 4), 0.5)
        yield world.log(1, 10)
        stock.book.cancel(order)
        yield world.length * world.log(0.002, 0.02)


def second_thoughts(world: World, stock: Stock) -> Script:
    """Large orders deep in the book, taken back because somebody changed their mind."""
    rng = world.rng
    for account in world.some(rng.randint(1, 4), ANYBODY):
        away = stock.spread * world.log(0.5, 8)
        order = stock.rest(account, rng.choice((1, -1)), away, stock.unit * world.log(5, 40))
        yield world.log(3, 0.03 * world.length)
        stock.book.cancel(order)


def herd(world: World, stock: Stock) -> Script:
    """Small traders whose orders gather on a round price, within minutes."""
    rng, side, grid = world.rng, world.rng.choice((1, -1)), world.rng.choice((10, 50, 100))
    price = round((stock.mid() - side * stock.spread) / grid) * grid
    for account in world.some(rng.randint(6, 25), ("retail", "noise")):
        away = min(0.2 * stock.mid(), max(0, (stock.touch(side) - price) * side))
        order = stock.rest(account, side, away, world.size(stock, 0.5))
        world.clock.after(world.life * world.log(0.5, 8), partial(stock.book.cancel, order))
        yield world.length * world.log(0.0001, 0.004)


def followers(world: World, stock: Stock) -> Script:
    """Momentum traders who join a move that nobody made on purpose."""
    rng, side = world.rng, world.rng.choice((1, -1))
    stock.value += side * stock.spread * world.log(1.5, 6)
    for _ in range(rng.randint(2, 6)):
        flock(world, stock, side, rng.randint(1, 4), world.log(0.5, 20))
        yield world.log(0.5, 30)


def layered_maker(world: World, stock: Stock) -> Script:
    """A maker who shows many levels on both sides, heavier on one, and moves them all with the price."""
    rng, [account], heavy = world.rng, world.some(1, ("maker",)), world.rng.choice((1, -1))
    levels, size, lasts = rng.randint(3, 8), stock.unit * world.log(1, 5), world.log(20, 0.1 * world.length)
    for _ in range(rng.randint(3, 15)):
        sizes = [(s, i, size * (2.5 if s == heavy else 1)) for s in (1, -1) for i in range(levels)]
        orders = [stock.rest(account, s, i * max(1, stock.spread / 3), z) for s, i, z in sizes]
        yield lasts / 10
        for order in orders:
            stock.book.cancel(order)


KINDS: tuple[Honest, ...] = (
    *(algorithm, algorithm, allocation, allocation, surprise, surprise, note, stop_run, burst, burst, clock_trade),
    *(clock_trade, iceberg, pairs, two_giants, two_desks, second_thoughts, herd, followers, layered_maker),
)


def plan_honest(world: World, count: int) -> list[tuple[int, Stock, Honest]]:
    """Return when, where and which look-alikes will happen."""
    rng = world.rng
    found: list[tuple[int, Stock, Honest]] = []
    for _ in range(count):
        begun, ended = rng.choice(world.days)
        kind = rng.choice(KINDS)
        where = 0.001 if kind is clock_trade else rng.uniform(0.03, 0.93)
        found.append((round(begun + where * (ended - begun)), rng.choice(world.stocks), kind))
    return found
