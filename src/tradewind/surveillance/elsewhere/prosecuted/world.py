"""The honest side: stocks, accounts, sessions, and who sends which orders when.

Per stock: Hawkes arrivals (Bacry, Mastromatteo & Muzy 2015) under a U-shaped day; makers who skew quotes by inventory
(Ho & Stoll 1981) and by the book's imbalance (Cont, Kukanov & Stoikov 2014); traders on a noisy value with jumps at
news (Byrd, Hybinette & Balch 2020, ABIDES); followers of momentum; noise with persistent signs; parent orders sliced
over time. Look-alikes that are honest: ``honest``.

Scalars come from ``random.Random(seed)``, several times faster than a numpy generator called once a number.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import exp, log, sqrt
from random import Random

from tradewind.surveillance.elsewhere.prosecuted.engine import SECOND, Book, Order, Process, Venue


@dataclass
class Stock:
    """One symbol: what it is (tick, lot, spread, pace, volatility) and how it stands (value, belief, hype, trend)."""

    symbol: int
    name: str
    tick: float
    lot: int
    typical: int
    half: float  # usual half spread, ticks
    beat: float  # seconds between actions at the day's average pace
    sigma: float  # daily volatility, as a fraction
    value: float  # fundamental, ticks
    makers: list[int]
    crowd: list[int]
    belief: float = 0.0  # log mark-up over the value that traders on value accept (promotion)
    hype: float = 0.0  # chance that an action is a buyer (+) or seller (-) of the herd
    heat: float = 0.0  # Hawkes excitation
    fast: float = 0.0
    slow: float = 0.0
    sign: int = 1
    resting: list[Order] = field(default_factory=list)
    quotes: dict[tuple[int, int, int], Order] = field(default_factory=dict)


@dataclass
class Habits:
    """What differs between whole markets."""

    branching: float
    decay: float  # of the excitation, per beat
    maker_share: float
    cancel_share: float
    take_share: float
    value_share: float
    trend_share: float
    levels: int
    crowded: int  # resting orders of the crowd, both sides, above which it only withdraws
    persistence: float
    u_shape: float
    good_till_cancel: bool


class World:
    """Venue, stocks, accounts and sessions of one market; ``news`` plans (time, symbol, jump) ahead."""

    def __init__(self, rng: Random, venue: Venue, stocks: list[Stock], habits: Habits) -> None:
        self.rng, self.venue, self.stocks, self.habits = rng, venue, stocks, habits
        self.days: list[tuple[int, int]] = []
        self.accounts = 0
        self.news: list[tuple[int, int, float]] = []

    def new_account(self) -> int:
        """An account nobody has seen."""
        self.accounts += 1
        return self.accounts - 1

    def size(self, stock: Stock, scale: float = 1.0) -> int:
        """An order size: lognormal about the stock's typical one, in lots."""
        shares = stock.typical * scale * self.rng.lognormvariate(0.0, 0.7)
        return max(stock.lot, int(shares / stock.lot) * stock.lot)

    def member(self, stock: Stock) -> int:
        """An account of the crowd; a few of them do most of the trading."""
        crowd = stock.crowd
        return crowd[int(len(crowd) * self.rng.random() ** 2.5)]

    def imbalance(self, book: Book) -> float:
        """(bid - ask) / (bid + ask) shares over four levels."""
        bid, ask = book.depth(1, 4), book.depth(-1, 4)
        return (bid - ask) / (bid + ask) if bid + ask else 0.0

    def take(self, stock: Stock, account: int, side: int, size: int, reach: int = 2) -> Order:
        """Cross the spread with an order that reaches ``reach`` ticks beyond the best price and never rests."""
        price = self.venue.books[stock.symbol].best(-side) + side * reach
        return self.venue.submit(stock.symbol, account, side, max(price, 1), size, keep=False)

    def place(self, stock: Stock, account: int, side: int, price: int, size: int) -> Order:
        """Rest an order at ``price``, or one tick short of the other side if it would cross."""
        other = self.venue.books[stock.symbol].best(-side)
        price = min(price, other - 1) if side == 1 else max(price, other + 1)
        return self.venue.submit(stock.symbol, account, side, max(price, 1), size)


def flow(world: World, stock: Stock) -> Process:
    """All spontaneous orders of one stock, through every session."""
    venue, rng, habits = world.venue, world.rng, world.habits
    book = venue.books[stock.symbol]
    for opening, closing in world.days:
        stock.value *= exp(stock.sigma * 0.4 * rng.gauss(0, 1))
        yield opening - venue.now + int(rng.random() * 0.2 * SECOND)
        stock.belief = stock.hype = stock.heat = 0.0
        open_book(world, stock)
        stock.fast = stock.slow = book.mid()
        length = closing - opening
        while True:
            wait = 0.0
            while True:  # thinning (Ogata 1981)
                step = rng.expovariate(1.0) / (1.3 * (1.0 + stock.heat))
                heat = stock.heat * exp(-step * habits.decay)
                wait += step
                through = (venue.now + wait * stock.beat * SECOND - opening) / length
                shape = (1 + habits.u_shape * (12 * (through - 0.5) ** 2 - 1)) * (1 - habits.branching) + heat
                keep = rng.random() * 1.3 * (1.0 + stock.heat) < shape
                stock.heat = heat
                if keep or through >= 1.0:
                    break
            if through >= 1.0:
                break
            yield int(wait * stock.beat * SECOND)
            stock.heat += habits.branching * habits.decay
            drift(stock, book.mid(), wait, length / SECOND, rng)
            act(world, stock, book, through)
        yield max(closing - venue.now, 1)
        yield from close_book(world, stock)


def drift(stock: Stock, mid: float, beats: float, day: float, rng: Random) -> None:
    """Move value and trend over ``beats``; promotion and hype fade."""
    step = stock.sigma * sqrt(beats * stock.beat / day)
    stock.value *= 1 + step * rng.gauss(0, 1)
    stock.fast += (mid - stock.fast) * (1 - exp(-beats / 12))
    stock.slow += (mid - stock.slow) * (1 - exp(-beats / 90))
    stock.hype *= exp(-beats / 250)


def act(world: World, stock: Stock, book: Book, through: float) -> None:
    """One arrival: whose, and what."""
    rng, habits = world.rng, world.habits
    draw = rng.random()
    if draw < habits.maker_share:
        requote(world, stock, book, through)
        return
    draw = (draw - habits.maker_share) / (1 - habits.maker_share)
    if draw < habits.cancel_share:
        if len(stock.resting) > rng.random() * habits.crowded:
            withdraw(world, stock)
        else:
            rest_some(world, stock, book)
    elif draw < habits.cancel_share + habits.take_share:
        take_some(world, stock, book)
    elif draw < habits.cancel_share + habits.take_share + habits.value_share:
        trade_on_value(world, stock, book)
    elif draw < habits.cancel_share + habits.take_share + habits.value_share + habits.trend_share:
        follow(world, stock)
    else:
        rest_some(world, stock, book)


def requote(world: World, stock: Stock, book: Book, through: float) -> None:
    """A maker brings one of its quotes to where it wants it: skewed by inventory, imbalance and value."""
    rng, venue = world.rng, world.venue
    maker = stock.makers[int(rng.random() * len(stock.makers))]
    side = 1 if rng.random() < 0.5 else -1
    level = int(rng.random() ** 1.5 * world.habits.levels)
    inventory = venue.positions.get((maker, stock.symbol), 0) / (stock.typical * 40)
    wide = stock.half * (1.0 + 0.5 * (1 - min(through * 12, 1)) + min(abs(stock.fast - stock.slow) / stock.half, 4) / 4)
    worth = stock.value * exp(stock.belief)
    mid = book.mid()
    fair = mid + 0.03 * max(-4 * wide, min(4 * wide, worth - mid)) + 0.5 * wide * world.imbalance(book)
    fair -= max(-1.5, min(1.5, inventory)) * wide * 0.8
    gap = max(1.0, stock.half * 0.6)
    target = round(fair - side * (wide * (0.8 + 0.4 * rng.random()) + level * gap))
    key = (maker, side, level)
    order = stock.quotes.get(key)
    size = world.size(stock, 1.2 + 0.4 * level)
    if order is not None and order.size:
        if abs(order.price - target) <= (0.3 * wide if level else 0) and order.size > stock.typical // 3:
            return
        other = book.best(-side)
        target = min(target, other - 1) if side == 1 else max(target, other + 1)
        if target == order.price:
            return
        if maker % 2:
            venue.modify(stock.symbol, order, max(target, 1), size)
            return
        venue.cancel(stock.symbol, order)
    stock.quotes[key] = world.place(stock, maker, side, target, size)


def withdraw(world: World, stock: Stock) -> None:
    """Somebody takes an order back; far and old ones go with the rest."""
    resting, rng = stock.resting, world.rng
    for _ in range(3):
        if not resting:
            return
        at = int(rng.random() * len(resting))
        order = resting[at]
        if order.size and rng.random() < 0.12:
            book = world.venue.books[stock.symbol]
            price = book.best(order.side)
            world.venue.modify(stock.symbol, order, price, order.size)
            return
        resting[at] = resting[-1]
        resting.pop()
        if order.size:
            world.venue.cancel(stock.symbol, order)
            return


def take_some(world: World, stock: Stock, book: Book) -> None:
    """A marketable order: persistent sign, tilted by the book's imbalance and by hype."""
    rng = world.rng
    if rng.random() < abs(stock.hype):
        side = 1 if stock.hype > 0 else -1
    else:
        leaning = world.imbalance(book)
        if abs(leaning) < 0.5 and rng.random() < world.habits.persistence:
            side = stock.sign
        else:
            side = 1 if rng.random() < 0.5 + 0.42 * leaning else -1
    stock.sign = side
    world.take(stock, world.member(stock), side, world.size(stock, 0.7), 1 + int(stock.half * rng.random()))


def trade_on_value(world: World, stock: Stock, book: Book) -> None:
    """Buy below a noisy view of the value, sell above it; across the spread when the gap is wide."""
    rng = world.rng
    view = stock.value * exp(stock.belief) * (1 + 0.25 * stock.sigma * rng.gauss(0, 1))
    gap = view - book.mid()
    side = 1 if gap > 0 else -1
    wide = max(2.2 * stock.half, 0.2 * stock.sigma * stock.value)
    if abs(gap) > wide:
        eager = min(3.0, abs(gap) / (2 * wide))
        world.take(stock, world.member(stock), side, world.size(stock, max(1.0, eager)), 1 + int(stock.half * eager))
    else:
        price = round(book.best(side) - side * rng.random() * stock.half)
        stock.resting.append(world.place(stock, world.member(stock), side, price, world.size(stock)))


def follow(world: World, stock: Stock) -> None:
    """Go with a trend of more than a half spread and a half."""
    trend = (stock.fast - stock.slow) / stock.half
    if abs(trend) > 1.2:
        side = 1 if trend > 0 else -1
        world.take(stock, world.member(stock), side, world.size(stock, 0.8), 1 + int(stock.half * 0.5))
    else:
        withdraw(world, stock)


def rest_some(world: World, stock: Stock, book: Book) -> None:
    """A passive order: inside, at or behind the best price, with a heavy tail of depths."""
    rng = world.rng
    side = 1 if rng.random() < 0.5 else -1
    draw = rng.random()
    best = book.best(side)
    if draw < 0.2:
        price = best + side * (1 + int(rng.random() * stock.half * 0.6))
    elif draw < 0.5:
        price = best
    else:
        price = best - side * (1 + int(stock.half * rng.paretovariate(1.4) * 0.8))
    if price < book.last * 0.6 or price > book.last * 1.6:
        price = best
    if len(stock.resting) > world.habits.crowded:
        withdraw(world, stock)
    stock.resting.append(world.place(stock, world.member(stock), side, price, world.size(stock)))


def open_book(world: World, stock: Stock) -> None:
    """Makers set their first quotes about the value as the day opens."""
    rng, venue = world.rng, world.venue
    book = venue.books[stock.symbol]
    gap = max(1.0, stock.half * 0.6)
    known = bool(book.keys[1] and book.keys[-1])
    fair = 0.5 * (book.mid() + stock.value) if known else stock.value
    for maker in stock.makers:
        for level in range(world.habits.levels):
            for side in (1, -1):
                price = round(fair - side * (stock.half * (1.2 + rng.random()) + level * gap))
                key = (maker, side, level)
                stock.quotes[key] = world.place(stock, maker, side, price, world.size(stock, 1.2 + 0.4 * level))
    while len(stock.resting) < world.habits.crowded // 2:  # what the crowd left overnight or enters at the open
        side = 1 if rng.random() < 0.5 else -1
        price = round(fair - side * stock.half * (1.5 + rng.paretovariate(1.2)))
        if 0.7 * fair < price < 1.4 * fair:
            stock.resting.append(world.place(stock, world.member(stock), side, price, world.size(stock)))


def close_book(world: World, stock: Stock) -> Process:
    """Makers leave at the close; day orders lapse with them, or most stay until cancelled."""
    rng, venue = world.rng, world.venue
    leaving = [order for order in stock.quotes.values() if order.size]
    stay = 0.7 if world.habits.good_till_cancel else 0.0
    kept: list[Order] = []
    for order in stock.resting:
        if order.size:
            (kept if rng.random() < stay else leaving).append(order)
    stock.resting[:] = kept
    stock.quotes.clear()
    for order in leaving:
        yield int(rng.expovariate(200.0) * SECOND)
        venue.cancel(stock.symbol, order)


def announce(world: World) -> Process:
    """The planned headlines: the value jumps, arrivals heat up, some of the crowd piles in."""
    venue, rng = world.venue, world.rng
    for at, symbol, jump in sorted(world.news):
        yield max(at - venue.now, 1)
        stock = world.stocks[symbol]
        venue.news(symbol)
        venue.start(venue.now, react(world, stock, jump))
        for _ in range(int(rng.random() * 2)):
            yield int(rng.random() * 2 * SECOND)
            venue.news(symbol)


def react(world: World, stock: Stock, jump: float, true: bool = True) -> Process:
    """News sinks in: the value jumps, or only belief in it if the news is not ``true``.

    Makers pull stale quotes at once, others within beats, the crowd piles in.
    """
    venue, rng = world.venue, world.rng
    if true:
        stock.value *= exp(jump)
    else:
        stock.belief += jump
    strength = min(1.0, abs(jump) / stock.sigma)
    stock.heat += 3.0 * strength
    stale = -1 if jump > 0 else 1
    if strength > 0.3:
        stock.hype = max(-0.6, min(0.6, stock.hype - 0.4 * stale))
    leaving = [o for o in stock.quotes.values() if o.size and o.side == stale and rng.random() < strength]
    for order in leaving:
        yield int(rng.expovariate(100.0) * SECOND)
        venue.cancel(stock.symbol, order)
    leaving = [o for o in stock.resting if o.size and o.side == stale and rng.random() < 0.7 * strength]
    for order in sorted(leaving, key=lambda o: stale * -o.price):
        yield int(rng.expovariate(6.0) * stock.beat * SECOND)
        venue.cancel(stock.symbol, order)


def log_uniform(rng: Random, low: float, high: float) -> float:
    """A draw whose logarithm is uniform."""
    return exp(rng.uniform(log(low), log(high)))
