"""Honest people whose doings look like something else, in a market in board lots."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from tradewind.surveillance.elsewhere.boardlots.pros import parent
from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book
from tradewind.surveillance.elsewhere.boardlots.world import World


def change_of_mind(w: World, a: Account, book: Book) -> Iterator[float]:
    """Enter something large near the best price, and think better of it; sometimes trade as usual meanwhile."""
    rng = w.rng
    for _ in range(rng.choice((1, 1, 2, 3))):
        side = rng.choice((1, -1))
        lots = max(5, book.near(side, 1) * rng.uniform(0.8, 5))
        order = w.send(a, book, side, book.touch(side) - side * rng.choice((0, 0, 1, 2)), lots)
        yield rng.uniform(2, 120)
        if rng.random() < 0.25:
            w.send(a, book, rng.choice((1, -1, side)), book.last, w.lots(book.typical), ioc=True)
            yield rng.uniform(0.5, 30)
        if rng.random() < 0.3:
            w.venue.modify(order, order.k, max(1, order.left // 3))
            yield rng.uniform(1, 60)
        w.venue.cancel(order)
        yield rng.uniform(5, 200)


def ladder(w: World, a: Account, book: Book) -> Iterator[float]:
    """Stand on several prices for a while, as a holder who sells into a rise or buys into a fall."""
    rng = w.rng
    side, n = rng.choice((1, -1)), rng.randint(3, 8)
    first = book.touch(side) - side * rng.randint(0, 2)
    lots = w.lots(book.typical * rng.uniform(0.7, 5))
    orders = []
    for i in range(n):
        orders.append(w.send(a, book, side, first - side * i, lots))
        yield rng.choice((0.01, 0.3, 2.0)) * rng.random()
    yield rng.uniform(10, 900)
    if rng.random() < 0.3:
        w.send(a, book, -side, book.touch(side), w.lots(book.typical), ioc=True)
    for order in orders:
        w.venue.cancel(order)
        yield rng.choice((0.002, 0.5)) * rng.random()


def burst(w: World, a: Account, book: Book) -> Iterator[float]:
    """Requote hastily for a second or two, as a house whose reference price jumps about."""
    rng = w.rng
    for _ in range(rng.randint(1, 3)):
        side = rng.choice((1, -1))
        for _ in range(rng.randint(10, max(14, min(90, w.setup.events // 500)))):
            k = book.touch(side) - side * rng.randint(0, 3)
            order = w.send(a, book, side, k, book.typical * rng.uniform(0.5, 2))
            yield rng.expovariate(1 / 0.004)
            w.venue.cancel(order)
            yield rng.expovariate(1 / 0.01)
        yield rng.uniform(1, 60)


def in_and_out(w: World, a: Account, book: Book) -> Iterator[float]:
    """Jump on a move with several quick orders and be out within minutes."""
    rng = w.rng
    side = 1 if book.last >= book.slow else -1
    before = a.pos[book.n]
    for _ in range(rng.randint(2, 8)):
        reach = book.touch(-side) + side * rng.randint(0, 1)
        w.send(a, book, side, reach, w.lots(book.typical * rng.uniform(0.8, 3)), ioc=True)
        yield rng.expovariate(1 / 1.5)
    yield rng.uniform(15, 400)
    for _ in range(rng.randint(1, 5)):
        held = (a.pos[book.n] - before) * side
        if held <= 0:
            return
        w.send(a, book, -side, book.touch(side) - side, max(1, held * rng.uniform(0.3, 1.0)), ioc=True)
        yield rng.uniform(1, 40)


def main_client(w: World, a: Account, book: Book) -> Iterator[float]:
    """Trade back and forth, as a client who likes one dealer's prices and hits them whenever they are in front."""
    rng = w.rng
    dealer = rng.choice(w.setup.houses[:4])
    for _ in range(rng.randint(8, 40)):
        for side in (1, -1) if rng.random() < 0.5 else (-1, 1):
            front = book.front(-side)
            if front is not None and front.account is dealer:
                w.send(a, book, side, front.k, min(front.left, w.lots(book.typical)), ioc=True)
                break
        yield rng.uniform(3, 90)


def long_climb(w: World, a: Account, book: Book) -> Iterator[float]:
    """Gather a stake over a long time, and give it back when the price has run or the patience ends."""
    rng = w.rng
    side, start = rng.choice((1, 1, -1)), a.pos[book.n]
    minutes = rng.uniform(4, 40)
    yield from parent(
        w, a, book, side, max(8, round(book.flow * minutes * rng.uniform(0.05, 0.3))), minutes * 60, "vwap"
    )
    yield rng.uniform(60, 2500)
    held = (a.pos[book.n] - start) * side
    if held > 2 and rng.random() < 0.7:
        yield from parent(w, a, book, -side, held, rng.uniform(200, 1800), "twap")


def lucky(w: World, a: Account, book: Book) -> Iterator[float]:
    """Be in the market by chance shortly before another's large order, and take the profit."""
    rng = w.rng
    side, start = rng.choice((1, -1)), a.pos[book.n]
    for _ in range(rng.randint(1, 4)):
        w.send(a, book, side, book.touch(-side), w.lots(book.typical * 1.5), ioc=True)
        yield rng.uniform(2, 50)
    yield rng.uniform(5, 200)
    if rng.random() < 0.5:
        lots = max(8, round(book.flow * 8 * rng.uniform(0.1, 0.4)))
        w.spawn(parent(w, rng.choice(w.setup.houses[10:]), book, side, lots, 480, "twap"))
    yield rng.uniform(60, 900)
    held = (a.pos[book.n] - start) * side
    if held > 0:
        w.send(a, book, -side, book.touch(side) - side, held, ioc=True)


def late(w: World, a: Account, book: Book) -> Iterator[float]:
    """Square up in a hurry before the end of the day, at whatever price."""
    rng = w.rng
    if not w.session.closes:
        return
    yield max(0.1, w.left() - rng.uniform(10, 300))
    side = rng.choice((1, -1))
    for _ in range(rng.randint(1, 6)):
        if w.left() < 1:
            return
        w.send(a, book, side, book.touch(-side) + side * rng.randint(0, 2), w.lots(book.typical * 3), ioc=True)
        yield rng.uniform(0.3, 25)


def circle(w: World, a: Account, book: Book) -> Iterator[float]:
    """Trade with a few others of alike taste at alike moments, each for themselves."""
    rng = w.rng
    group = [a, *(w.client(book) for _ in range(rng.randint(2, 6)))]
    for _ in range(rng.randint(1, 3)):
        side = 1 if book.last >= book.slow else -1
        for one in group:
            if rng.random() < 0.8:
                w.send(one, book, side, book.touch(-side), w.lots(one.lots), ioc=rng.random() < 0.3)
            yield rng.expovariate(1 / 3.0)
        yield rng.uniform(30, 400)


KINDS: tuple[Callable[[World, Account, Book], Iterator[float]], ...] = (
    change_of_mind, change_of_mind, ladder, ladder, burst, in_and_out, in_and_out, main_client, long_climb, lucky,
    late, circle,
)  # fmt: skip


def alikes(w: World, book: Book, often: float) -> Iterator[float]:
    """Send such people into the market, one after the other, at random."""
    rng = w.rng
    while True:
        yield w.every(often)
        if w.left() < 120:
            continue
        kind = rng.choice(KINDS)
        fast = kind in (burst, in_and_out) and rng.random() < 0.6
        account = rng.choice(w.setup.houses) if fast or rng.random() < 0.15 else rng.choice(w.setup.clients)
        w.spawn(kind(w, account, book))
