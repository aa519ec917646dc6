"""The many clients of a market in board lots: traders of the day, savers, and what brokers and rumours tell them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

from tradewind.surveillance.elsewhere.boardlots.venue import Account, Book, Order
from tradewind.surveillance.elsewhere.boardlots.world import World


def crowd(w: World, book: Book) -> Iterator[float]:
    """Let one client after another come to the market."""
    yield w.rng.random()
    while True:
        act(w, book, w.client(book))
        yield w.wait(0.3, book)


def opinion(w: World, book: Book, account: Account) -> float:
    """Return how much a client would rather buy (above 0) than sell."""
    n = book.n
    move = min(max(book.last - book.slow, -4.0), 4.0)
    return (
        account.value * min(max(w.fair(book) - book.mid(), -15.0), 15.0)
        + account.trend * move
        + account.lean * book.tilt()
        + w.mood[n]
        + w.brokers[account.broker][n]
    )


def act(w: World, book: Book, account: Account) -> None:
    """Let a client enter one order after their habits."""
    rng = w.rng
    signal = opinion(w, book, account)
    held = account.pos[book.n]
    lots = w.lots(account.lots)
    side = 1 if rng.gauss(signal, 1.4) > 0 else -1
    take = account.take + 0.04 * min(4.0, abs(signal))
    if account.day and held:
        if rng.random() < 0.6 or (w.session.closes and w.left() < 1500):
            side, lots = (-1 if held > 0 else 1), min(abs(held), 3 * lots)
            take += 0.2
        elif abs(held) > 6 * account.lots:
            side = -1 if held > 0 else 1
    if rng.random() < take:
        _take(w, book, account, side, lots)
    else:
        _offer(w, book, account, side, lots)


def _take(w: World, book: Book, account: Account, side: int, lots: int) -> None:
    front = book.front(-side)
    if front is not None and front.account is account:
        return
    rng = w.rng
    limit = book.touch(-side)
    if front is None:
        w.send(account, book, side, book.last + side, lots)
        return
    room = rng.choice((0, 0, 0, 0, 1, 1, 2))
    if rng.random() < 0.12:
        w.send(account, book, side, limit + side * rng.randint(1, 5), lots, ioc=True)
        order = None
    else:
        order = w.send(account, book, side, limit + side * room, lots)
    if order is not None and order.left:
        w.after(rng.expovariate(2 / account.patience), partial(reconsider, w, order))
    if account.day and rng.random() < 0.5:
        trigger = book.last - side * rng.randint(2, 12)
        book.stops.append((trigger, account, -side, lots))
        if rng.random() < 0.5:
            w.after(rng.expovariate(1 / account.patience), partial(_leave, w, book, account, side))


def _leave(w: World, book: Book, account: Account, side: int) -> None:
    held = account.pos[book.n] * side
    if held <= 0:
        return
    if w.rng.random() < 0.5:
        w.send(account, book, -side, book.touch(side) - 2 * side, held, ioc=True)
    else:
        order = w.send(account, book, -side, book.touch(-side) + side * w.rng.randint(0, 2), held)
        w.after(w.rng.expovariate(1 / account.patience), partial(reconsider, w, order))


def _offer(w: World, book: Book, account: Account, side: int, lots: int) -> None:
    rng = w.rng
    k = book.touch(side)
    if rng.random() < 0.3 and (book.touch(-side) - k) * side > 1:
        k += side
    else:
        k -= side * int(rng.expovariate(1 / account.depth))
    order = w.send(account, book, side, k, lots)
    if order.left:
        w.after(rng.expovariate(1 / account.patience), partial(reconsider, w, order))


def reconsider(w: World, order: Order) -> float | None:
    """Let a client think again about an order that stands; return the seconds to the next thought."""
    if not order.left:
        return None
    rng, account = w.rng, order.account
    draw = rng.random()
    if draw < 0.5:
        w.venue.cancel(order)
        if rng.random() < 0.25:
            w.after(rng.uniform(0.5, 8.0), partial(_again, w, order.book, account, order.side))
        return None
    if draw < 0.75:
        step = rng.choice((1, 1, 2, -1))
        w.venue.modify(order, order.k + order.side * step, order.left)
    elif draw < 0.82:
        w.venue.modify(order, order.k, max(1, order.left // 2))
    elif draw < 0.86:
        w.venue.modify(order, order.k, order.left + w.lots(account.lots))
    return rng.expovariate(1 / account.patience)


def _again(w: World, book: Book, account: Account, side: int) -> None:
    if w.rng.random() < 0.5:
        _take(w, book, account, side, w.lots(account.lots))
    else:
        _offer(w, book, account, side, w.lots(account.lots))


def opening(w: World) -> Iterator[float]:
    """Let savers fill the books with what they thought of before each session."""
    rng = w.rng
    while True:
        for book in w.books:
            fair = w.fair(book)
            for _ in range(round(min(1.5, 0.3 + w.rate) * rng.randint(20, 60))):
                account = w.client(book)
                side = rng.choice((1, -1))
                if w.left() < 60:
                    break
                yield rng.expovariate(6.0)
                order = w.send(account, book, side, fair - side * (1 + rng.expovariate(0.22)), w.lots(account.lots))
                if order.left:
                    w.after(rng.expovariate(0.3 / account.patience), partial(reconsider, w, order))
        yield w.left() + rng.uniform(0.01, 0.9)


def broker_calls(w: World, book: Book) -> Iterator[float]:
    """Let a broker recommend a share now and then: its clients trade alike within seconds or minutes."""
    rng = w.rng
    while True:
        yield 60 + w.every(1300)
        broker = rng.randrange(w.setup.brokers)
        side = rng.choice((1, -1))
        clients = [c for c in w.setup.clients if c.broker == broker]
        called = rng.sample(clients, min(len(clients), rng.randint(3, 18)))
        window = rng.choice((4.0, 20.0, 90.0, 300.0))
        alike = w.lots(book.typical * rng.uniform(0.5, 2.5)) if rng.random() < 0.5 else 0
        w.brokers[broker][book.n] += 0.7 * side
        for account in called:
            w.after(rng.random() * window, partial(_called, w, book, account, side, alike))


def _called(w: World, book: Book, account: Account, side: int, alike: int) -> None:
    lots = alike or w.lots(account.lots)
    if w.rng.random() < 0.7:
        _take(w, book, account, side, lots)
    else:
        _offer(w, book, account, side, lots)


def rumours(w: World, book: Book) -> Iterator[float]:
    """Let short-lived talk lift or press a share for some minutes."""
    rng = w.rng
    while True:
        yield rng.expovariate(1 / 4500)
        if rng.random() < 0.3:
            w.venue.news(book)
        strength, turns = rng.choice((1, -1)) * rng.uniform(0.08, 0.3), rng.randint(2, 10)
        for _ in range(turns):
            w.mood[book.n] += strength
            w.heat[book.n] = min(4.0, w.heat[book.n] + 0.4)
            yield rng.uniform(10, 60)
        if rng.random() < 0.5:
            w.mood[book.n] -= strength * turns * 0.5


def publish(w: World, book: Book, jump: float) -> None:
    """Publish news that changes a share's value by the factor ``1 + jump``, and let people hurry."""
    w.venue.news(book)
    w.values[book.n] *= 1 + jump
    w.heat[book.n] = min(4.0, w.heat[book.n] + 40 * abs(jump) + 0.3)
    w.mood[book.n] += 25 * jump


def newsroom(w: World, book: Book) -> Iterator[float]:
    """Publish news now and then, much of it stale."""
    rng = w.rng
    while True:
        yield rng.expovariate(w.setup.news / 7000)
        size = 0.0 if rng.random() < 0.4 else w.setup.daily_vol * rng.gauss(0.0, 0.55)
        if rng.random() < 0.04:
            size *= 5
        publish(w, book, min(0.25, max(-0.2, size)))
