"""Honest behaviour that resembles abuse.

Parent orders (like coordination and ignition), blocks that are withdrawn (like spoofing), makers that flicker (like
stuffing), funds at the close (like marking it), desks that meet themselves (like washing), baskets and clocks (like
coordination), investors lucky before news (like insiders).
"""

from __future__ import annotations

from collections.abc import Iterator

from tradewind.surveillance.elsewhere.prosecuted.engine import SECOND, Process
from tradewind.surveillance.elsewhere.prosecuted.world import Stock, World


def execute(world: World, stock: Stock, order: tuple[int, int, int], duration: int, passive: float = 0.5) -> Process:
    """Slice a parent order (account, side, shares) over ``duration`` ns; ``passive`` of the slices wait at the best."""
    venue, rng = world.venue, world.rng
    account, side, total = order
    pieces = max(4, min(60, total // max(stock.typical, 1)))
    each = max(stock.lot, total // pieces // stock.lot * stock.lot)
    gap = duration // pieces
    for _ in range(pieces):
        book = venue.books[stock.symbol]
        if rng.random() < passive:
            child = world.place(stock, account, side, book.best(side), each)
            yield int(gap * rng.uniform(0.5, 0.8))
            left = child.size
            venue.cancel(stock.symbol, child)
            if left:
                world.take(stock, account, side, left, 1 + int(stock.half))
        else:
            world.take(stock, account, side, each, 1 + int(stock.half))
            yield int(gap * rng.uniform(0.5, 0.8))
        yield int(gap * rng.uniform(0.2, 0.5))


def clockwork(world: World, stock: Stock, order: tuple[int, int, int], every: int, times: int) -> Process:
    """A slice on every full period of the clock, as scheduled algorithms send them."""
    account, side, each = order
    for _ in range(times):
        now = world.venue.now
        yield every - now % every + int(world.rng.expovariate(1 / 0.02) * SECOND)
        world.take(stock, account, side, each, 1 + int(stock.half))


def block(world: World, stock: Stock, account: int) -> Process:
    """A large genuine limit order near the touch: waits, is partly filled or moved nearer, in the end withdrawn."""
    venue, rng = world.venue, world.rng
    side = rng.choice((1, -1))
    book = venue.books[stock.symbol]
    price = book.best(side) - side * int(rng.uniform(0, 2) * stock.half)
    order = world.place(stock, account, side, price, world.size(stock, rng.uniform(4, 10)))
    for _ in range(rng.randint(1, 3)):
        yield int(rng.uniform(20, 150) * stock.beat * SECOND)
        if order.size and rng.random() < 0.6:
            nearer = book.best(side)
            venue.modify(stock.symbol, order, nearer, order.size)
    venue.cancel(stock.symbol, order)
    if rng.random() < 0.4:
        world.take(stock, account, side, world.size(stock, 3), 1 + int(stock.half))


def flicker(world: World, stock: Stock) -> Process:
    """A maker adjusts one quote to and fro dozens of times within a second or two."""
    venue, rng = world.venue, world.rng
    maker, side = rng.choice(stock.makers), rng.choice((1, -1))
    order = world.place(stock, maker, side, venue.books[stock.symbol].best(side), world.size(stock))
    for _ in range(rng.randint(8, 40)):
        yield int(rng.expovariate(25.0) * SECOND)
        best = venue.books[stock.symbol].best(side)
        if maker % 2:
            venue.modify(stock.symbol, order, max(1, best - side * rng.randint(0, 1)), max(order.size, 1))
        else:
            venue.cancel(stock.symbol, order)
            order = world.place(stock, maker, side, best - side * rng.randint(0, 1), world.size(stock))
    venue.cancel(stock.symbol, order)


def meet_oneself(world: World, stock: Stock, account: int) -> Process:
    """Two desks of one firm, each with its own passive and aggressive orders; they sometimes meet."""
    venue, rng = world.venue, world.rng
    for _ in range(rng.randint(6, 20)):
        side = rng.choice((1, -1))
        order = world.place(stock, account, side, venue.books[stock.symbol].best(side), world.size(stock))
        yield int(rng.expovariate(0.1) * stock.beat * SECOND)
        world.take(stock, account, rng.choice((1, -1)), world.size(stock), 1)
        yield int(rng.expovariate(0.05) * stock.beat * SECOND)
        venue.cancel(stock.symbol, order)


def basket(world: World, account: int, stocks: list[Stock]) -> Process:
    """One account trades a list of stocks the same way in one moment, again and again."""
    rng = world.rng
    for _ in range(rng.randint(3, 12)):
        side = rng.choice((1, -1))
        for stock in stocks:
            world.take(stock, account, side, world.size(stock, 0.6), 1 + int(stock.half))
            yield int(rng.expovariate(100.0) * SECOND)
        yield int(rng.uniform(30, 300) * stocks[0].beat * SECOND)


def round_trip(world: World, stock: Stock, account: int, holding: int) -> Process:
    """A day trader or investor: in with a few orders, out after ``holding`` ns."""
    rng = world.rng
    side, total = rng.choice((1, -1)), world.size(stock, rng.uniform(3, 10))
    yield from execute(world, stock, (account, side, total), holding // 6, 0.6)
    yield int(holding * 0.6)
    position = world.venue.positions.get((account, stock.symbol), 0)
    if position * side > 0:
        yield from execute(world, stock, (account, -side, abs(position)), holding // 6, 0.6)


def start_honest(world: World) -> None:
    """Schedule look-alikes over every session, by each stock's own pace."""
    rng, venue = world.rng, world.venue
    people = [world.new_account() for _ in range(rng.randint(10, 60))]
    for opening, closing in world.days:
        length = closing - opening
        for stock in world.stocks:
            for at, process in look_alikes(world, stock, people, length):
                venue.start(opening + int(length * at), process)
        if len(world.stocks) > 2 and rng.random() < 0.7:
            chosen = rng.sample(world.stocks, rng.randint(2, min(6, len(world.stocks))))
            venue.start(opening + int(length * rng.uniform(0.05, 0.6)), basket(world, rng.choice(people), chosen))


def look_alikes(world: World, stock: Stock, people: list[int], length: int) -> Iterator[tuple[float, Process]]:
    """One session's honest processes of one stock, each with its start as a share of the session's ``length`` (ns)."""
    rng = world.rng
    beats = length / SECOND / stock.beat

    def moments(per: float) -> list[float]:
        return [rng.uniform(0.02, 0.85) for _ in range(int(beats / per + rng.random()))]

    for at in moments(2500):
        order = (rng.choice(people), rng.choice((1, -1)), world.size(stock, rng.uniform(8, 30)))
        yield at, execute(world, stock, order, int(length * rng.uniform(0.03, 0.12)))
    for at in moments(4000):
        order = (rng.choice(people), rng.choice((1, -1)), world.size(stock, 0.6))
        every = max(1, int(rng.uniform(20, 80) * stock.beat)) * SECOND
        yield at, clockwork(world, stock, order, every, min(rng.randint(4, 15), int(0.14 * length / every)))
    for at in moments(1200):
        yield at, block(world, stock, rng.choice(people))
    for at in moments(1500):
        yield at, flicker(world, stock)
    for at in moments(9000):
        yield at, meet_oneself(world, stock, rng.choice(people))
    for at in moments(2000):
        yield at, round_trip(world, stock, rng.choice(people), int(length * rng.uniform(0.05, 0.14)))
    if rng.random() < 0.5:  # a fund at the close
        span = rng.uniform(0.02, 0.06)
        order = (rng.choice(people), rng.choice((1, -1)), world.size(stock, rng.uniform(6, 16)))
        yield 1 - span, execute(world, stock, order, int(span * length * 0.95), 0.6)
