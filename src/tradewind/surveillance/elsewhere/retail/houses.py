"""Institutions and their honest habits, many of which look like deeds: slicing, closing flow, blocks, cancels."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradewind.surveillance.elsewhere.retail.engine import BUY, SECOND, SELL, Actor, Book, Order, World
from tradewind.surveillance.elsewhere.retail.makers import Silent


def span(world: World, low: float, high: float) -> int:
    """A random stretch of the session."""
    return int((world.close - world.open) * world.rng.uniform(low, high))


def work(world: World, book: Book, accs: list[int], side: int, size: int, lasts: int, tempo: float = 1.0) -> Actor:
    """Slice a parent order: refill like an iceberg, or walk along a schedule; sub-accounts take their turns."""
    rng = world.rng
    end, start, done, turn = world.now + lasts, world.now, 0, 0
    iceberg = tempo < 4 and rng.random() < 0.35  # who is in a hurry does not hide
    piece = max(book.spec.lot, round(size / rng.randint(8, 40)))
    live: Order | None = None
    while done < size and world.now < end:
        if live is not None and live.size and rng.random() < (0.15 if iceberg else 0.5):
            world.cancel(live)
        if live is None or not live.size:
            done += live.filled if live is not None else 0
            acc = accs[turn % len(accs)]
            turn += 1
            behind = size * (world.now - start) / lasts - done
            qty = min(piece if iceberg else round(piece * rng.uniform(0.4, 1.6)), max(book.spec.lot, size - done))
            if not iceberg and (behind > 2 * piece or rng.random() < 0.1 * tempo):
                taken = world.submit(book, acc, side, book.touch(-side), qty, rest=False)
                done, live = done + taken.filled, None
            else:
                live = world.submit(book, acc, side, book.touch(side), qty)
        elif not iceberg and live.px != book.touch(side):
            world.modify(live, book.touch(side), live.size)
        yield int(rng.expovariate(tempo / (2.5 * book.beat() + 1e6)))
    if live is not None:
        world.cancel(live)


def parents(world: World, book: Book, accs: list[int]) -> Actor:
    """Funds come with large orders through the day; some spread one order over several of their accounts."""
    rng = world.rng
    while True:
        yield int(rng.expovariate(1 / (260 * book.beat())))
        team = rng.sample(accs, k=rng.choice((1, 1, 1, 2, 4)))
        size = round(book.spec.typical * rng.uniform(8, 70))
        world.spawn(work(world, book, team, rng.choice((BUY, SELL)), size, int(book.beat() * rng.uniform(60, 300))))


def closing_flow(world: World, book: Book, accs: list[int]) -> Actor:
    """Index trackers must trade near the close; on a rebalancing day all of them the same way."""
    rng = world.rng
    lean = rng.choice((0.5, 0.5, 0.5, 0.2, 0.8, 0.95))
    yield max(0, world.close - world.now - int(rng.uniform(180, 1500) * SECOND))
    for acc in accs:
        left = world.close - world.now
        side = BUY if rng.random() < lean else SELL
        size = round(book.spec.typical * rng.uniform(3, 25))
        world.spawn(work(world, book, [acc], side, size, max(SECOND, int(left * rng.uniform(0.6, 0.99))), 2.0))
        yield int(left * rng.uniform(0.02, 0.1))


def whale(world: World, book: Book, acc: int) -> Actor:
    """A holder shows a large order and means it; when news comes, or his mind changes, he takes it away."""
    rng = world.rng
    while True:
        yield int(rng.expovariate(1 / (300 * book.beat())))
        side = rng.choice((BUY, SELL))
        px = book.touch(side) - side * round(book.half() * rng.uniform(0, 2.5))
        order = world.submit(book, acc, side, px, round(book.spec.typical * rng.uniform(12, 60)), tag=Silent())
        end = world.now + int(book.beat() * rng.uniform(5, 150))
        placed = world.now
        while order.size and world.now < end and book.upset < placed:
            yield int(4 * SECOND * rng.random()) + 20_000_000
        world.cancel(order)


def block_cross(world: World, book: Book, accs: list[int]) -> Actor:
    """Two unrelated houses meet once inside the spread: a pre-arranged block, owners change."""
    rng = world.rng
    while True:
        yield int(rng.expovariate(1 / (700 * book.beat())))
        first, second = rng.sample(accs, k=2)
        bid, ask = book.touch(BUY), book.touch(SELL)
        if ask - bid >= 2:
            px = rng.randint(bid + 1, ask - 1)
            size = round(book.spec.typical * rng.uniform(6, 40))
            side = rng.choice((BUY, SELL))
            world.submit(book, first, side, px, size)
            yield int(rng.uniform(1e6, 2e9))
            world.submit(book, second, -side, px, size, rest=False)


def investor(world: World, book: Book, acc: int) -> Actor:
    """Buys over the morning, sells in the afternoon if it went well: no promotion, no pushing."""
    rng = world.rng
    yield span(world, 0.02, 0.35)
    side = rng.choice((BUY, BUY, SELL))
    size = round(book.spec.typical * rng.uniform(6, 30))
    yield from work(world, book, [acc], side, size, span(world, 0.08, 0.2))
    yield span(world, 0.1, 0.25)
    yield from work(world, book, [acc], -side, size, span(world, 0.05, 0.2))


def pairs(world: World, one: Book, two: Book, acc: int) -> Actor:
    """Trades the gap between two shares: buys one and sells the other within moments."""
    rng = world.rng
    usual = math.log(one.mid()) - math.log(two.mid())
    while True:
        yield int(rng.expovariate(1 / (12 * one.beat())))
        gap = math.log(one.mid()) - math.log(two.mid())
        usual = 0.98 * usual + 0.02 * gap
        if abs(gap - usual) > 2.5 * (one.spec.half_spread + two.spec.half_spread):
            side = SELL if gap > usual else BUY
            for book, way in ((one, side), (two, -side)):
                size = round(book.spec.typical * rng.uniform(0.5, 2))
                world.submit(book, acc, way, book.touch(-way), size, rest=False)
                yield int(rng.uniform(1e5, 4e6))


def announcement(world: World, book: Book, jump: float) -> None:
    """Publish news and move what the share is worth; quotes far from it are swept by the quickest."""
    world.news(book)
    book.fair += jump
    book.ref += 0.6 * jump
    book.mood += math.copysign(0.8, jump)
    book.heat = 4.0
    world.spawn(rush(world, book, BUY if jump > 0 else SELL), world.setting.latency * world.rng.uniform(1, 20))


def rush(world: World, book: Book, side: int) -> Actor:
    """Readers of news take what is stale, each once."""
    rng = world.rng
    for _ in range(rng.randint(3, 12)):
        acc = rng.choice(world.setting.people).acc
        limit = round(math.exp(book.ref)) + side
        if (limit - book.touch(-side)) * side >= 0:
            world.submit(book, acc, side, limit, round(book.spec.typical * rng.uniform(0.5, 4)), rest=False)
        yield int(rng.expovariate(1 / 4e8)) + 200_000


def newsroom(world: World, book: Book, lucky: list[int]) -> Actor:
    """Results and notices: most say little, some shock; some honest trader happens to have bought just before."""
    rng = world.rng
    while True:
        yield int(rng.expovariate(1 / (0.55 * (world.close - world.open))))
        big = book.spec.daily_vol * rng.uniform(0.4, 2.0)
        jump = rng.choice((-1, 1)) * (big if rng.random() < 0.6 else 0.05 * big)
        if rng.random() < 0.4:
            side = BUY if jump > 0 else SELL
            size = round(book.spec.typical * rng.uniform(1, 5))
            world.submit(book, rng.choice(lucky), side, book.touch(-side), size, rest=False)
            yield int(rng.uniform(20, 900) * SECOND)
        announcement(world, book, jump)


def trend(world: World, book: Book, acc: int) -> Actor:
    """A momentum follower with a rule: enters after a run, leaves when it stalls."""
    rng = world.rng
    held, memory = 0, rng.choice((4, 7, 12, 20))
    entry = rng.uniform(2.0, 5.0)
    while True:
        yield int(rng.uniform(4, 16) * SECOND)
        run = (book.past[-1] - book.past[-memory]) / book.spec.half_spread
        if held == 0 and abs(run) > entry and rng.random() < 0.4:
            side = BUY if run > 0 else SELL
            size = round(book.spec.typical * rng.uniform(1, 4))
            held = side * world.submit(book, acc, side, book.touch(-side), size, rest=False).filled
        elif held and (run * held <= 0 or rng.random() < 0.01):
            side = SELL if held > 0 else BUY
            held -= -side * world.submit(book, acc, side, book.touch(-side), abs(held), rest=False).filled


def staff(world: World, book: Book, house: Callable[[], int]) -> list[Actor]:
    """The institutions of one symbol, to be started at each session with the accounts they had before."""
    rng = world.rng
    funds = [house() for _ in range(6)]
    actors = [parents(world, book, funds), closing_flow(world, book, rng.sample(funds, k=rng.randint(1, 4)))]
    actors += [whale(world, book, house()), block_cross(world, book, funds), newsroom(world, book, funds)]
    actors += [trend(world, book, house()) for _ in range(rng.randint(1, 3))]
    if rng.random() < 0.7:
        actors.append(investor(world, book, rng.choice(funds)))
    return actors
