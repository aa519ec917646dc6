"""Orders worked by algorithms, honest ladders, changes of mind, trading into the close, arbitrage, chance pairs."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.acceptance.book import Order
from tradewind.surveillance.elsewhere.acceptance.settings import SECOND, spread_log
from tradewind.surveillance.elsewhere.acceptance.world import Play, World


def lots(w: World, amount: float) -> int:
    """Return an amount in whole lots, one at least."""
    return max(1, round(amount / w.s.lot)) * w.s.lot


def parent(w: World, symbol: int) -> Play:
    """Work a large order in one of the usual ways; some are called off on the way."""
    rng = w.rng
    style = rng.randrange(4)
    account, side = w.client().name, rng.choice((1, -1))
    total = w.s.units[symbol] * spread_log(rng, 6, 60)
    if style == 0:
        yield from sliced(w, symbol, account, side, total, spread_log(rng, 120, 2_400))
    elif style == 1:
        yield from _iceberg(w, symbol, account, side, total)
    elif style == 2:
        yield from _pegged(w, symbol, account, side, total)
    else:
        for _ in range(rng.randint(2, 5)):
            yield from sliced(w, symbol, account, side, total / 6, spread_log(rng, 10, 120))
            yield int(spread_log(rng, 5, 200) * SECOND)


def sliced(w: World, symbol: int, account: str, side: int, total: float, over: float) -> Play:
    """Work an order in slices over so many seconds: first patiently, then across the spread."""
    rng = w.rng
    count = max(3, min(40, int(total / w.s.units[symbol] / rng.uniform(0.7, 2))))
    even, bold = rng.random() < 0.5, rng.uniform(0.2, 1.0)
    for _ in range(count):
        size = lots(w, total / count * (1 if even else rng.uniform(0.4, 1.7)))
        pause = over / count * (rng.uniform(0.9, 1.1) if even else rng.expovariate(1.0))
        if rng.random() < bold:
            w.take(symbol, account, side, size, rng.choice((1, 2, 3)))
            yield int(pause * SECOND) + 1
        else:
            order = w.rest(symbol, account, side, w.touch(symbol, side), size)
            yield int(pause * 0.7 * SECOND) + 1
            left = order.size
            if order.live:
                w.books[symbol].cancel(order)
                w.take(symbol, account, side, left, 1)
            yield int(pause * 0.3 * SECOND) + 1


def _iceberg(w: World, symbol: int, account: str, side: int, total: float) -> Play:
    rng, shown = w.rng, lots(w, w.s.units[symbol] * spread_log(w.rng, 0.5, 2))
    left, price, until = total, w.touch(symbol, side), w.now + int(spread_log(rng, 200, 3_000) * SECOND)
    order = w.rest(symbol, account, side, price, shown)
    while left > 0 and w.now < until:
        yield int(spread_log(rng, 0.02, 3) * SECOND)
        if not order.live:
            left -= order.filled
            order = w.rest(symbol, account, side, price, shown)
        elif (w.touch(symbol, side) - price) * side > 3 + w.s.half[symbol]:
            price = w.touch(symbol, side)
            w.books[symbol].modify(order, price, order.size)
            yield int(spread_log(rng, 5, 60) * SECOND)
    w.books[symbol].cancel(order)


def _pegged(w: World, symbol: int, account: str, side: int, total: float) -> Play:
    rng, until = w.rng, w.now + int(spread_log(w.rng, 60, 1_500) * SECOND)
    order = w.rest(symbol, account, side, w.touch(symbol, side), lots(w, total / rng.randint(2, 10)))
    while order.live and w.now < until:
        yield int(spread_log(rng, 1, 30) * SECOND)
        touch = w.touch(symbol, side)
        if touch != order.price:
            w.books[symbol].modify(order, touch, order.size or 1)
    w.books[symbol].cancel(order)


def ladder(w: World, symbol: int) -> Play:
    """Stand with honest orders on 3 to 8 prices of a side, and take back what is left when the price moves."""
    rng = w.rng
    account, side, book = w.client().name, rng.choice((1, -1)), w.books[symbol]
    size, count = w.s.units[symbol] * spread_log(rng, 0.6, 6), rng.randint(3, 8)
    step, first = rng.choice((1, 1, 2, 3)), w.touch(symbol, side) - side * rng.choice((0, 0, 1, 2))
    quick, start = spread_log(rng, 0.002, 1.5), w.mid(symbol)
    orders: list[Order] = []
    for i in range(count):
        orders.append(w.rest(symbol, account, side, first - side * step * i, lots(w, size * rng.uniform(0.8, 1.2))))
        yield int(rng.expovariate(1 / quick) * SECOND) + 1
    if rng.random() < 0.25:
        w.take(symbol, account, -side, lots(w, size * 0.2), 0)
    until, away = w.now + int(spread_log(rng, 4, 400) * SECOND), rng.uniform(1, 4) * (1 + w.s.half[symbol])
    while w.now < until and abs(w.mid(symbol) - start) < away:
        yield int(spread_log(rng, 0.3, 8) * SECOND)
    rng.shuffle(orders)
    for order in orders:
        book.cancel(order)
        yield int(rng.expovariate(1 / quick) * SECOND) + 1


def second_thoughts(w: World, symbol: int) -> Play:
    """Enter a large order and take it back after a change of mind; now and then deal on the other side instead."""
    rng = w.rng
    account, side = w.client().name, rng.choice((1, -1))
    size = lots(w, w.s.units[symbol] * spread_log(rng, 4, 25))
    order = w.rest(symbol, account, side, w.touch(symbol, side) - side * rng.choice((0, 1, 2, 4)), size)
    yield int(spread_log(rng, 0.5, 240) * SECOND)
    if rng.random() < 0.3:
        w.books[symbol].modify(order, w.touch(symbol, side), max(1, order.size // 2))
        yield int(spread_log(rng, 2, 60) * SECOND)
    w.books[symbol].cancel(order)
    if rng.random() < 0.3:
        yield int(spread_log(rng, 2, 300) * SECOND)
        w.take(symbol, account, rng.choice((side, side, -side)), size // rng.randint(2, 6) + 1, 1)


def chance_pair(w: World, symbol: int) -> Play:
    """Let two strangers meet again and again: one stands at the touch for long, the other deals in small pieces."""
    rng = w.rng
    one, other, side = w.client().name, w.client().name, rng.choice((1, -1))
    if one == other:
        return
    size, both = w.s.units[symbol] * spread_log(rng, 0.5, 3), rng.random() < 0.35
    for _ in range(rng.randint(4, 14)):
        inside = rng.random() < 0.7
        amount = lots(w, size * (1 if rng.random() < 0.5 else rng.uniform(0.6, 1.5)))
        order = w.rest(symbol, one, side, w.touch(symbol, side) + side * inside, amount)
        yield int(spread_log(rng, 0.1, 15) * SECOND)
        w.take(symbol, other, -side, amount if rng.random() < 0.5 else lots(w, size), 0)
        yield int(spread_log(rng, 1, 90) * SECOND)
        w.books[symbol].cancel(order)
        if both and rng.random() < 0.6:
            side = -side
            one, other = (other, one) if rng.random() < 0.5 else (one, other)


def closing(w: World, symbol: int) -> Play:
    """Send index funds and careless closers into the last minutes of every session."""
    rng, s = w.rng, w.s
    while True:
        window = min(spread_log(rng, 90, 900), s.seconds * 0.1)
        yield w.end - w.now - int(window * SECOND) if w.end - w.now > window * SECOND else 1
        for _ in range(rng.randint(1, 4)):
            account, side = w.client().name, rng.choice((1, -1))
            last = spread_log(rng, 2, window)
            total = s.units[symbol] * spread_log(rng, 3, 40)
            w.spawn(sliced(w, symbol, account, side, total, last * 0.95), window - last)
        for _ in range(rng.randint(0, 3)):
            w.spawn(_careless(w, symbol), max(0.0, window - spread_log(rng, 1, 60)))
        yield w.end - w.now + SECOND


def _careless(w: World, symbol: int) -> Play:
    """Close a position at any price shortly before the bell."""
    size = lots(w, w.s.units[symbol] * spread_log(w.rng, 1, 12))
    w.take(symbol, w.client().name, w.rng.choice((1, -1)), size, w.rng.choice((2, 5, 10)))
    yield 1


def arbitrage(w: World, account: str, mean: float) -> Play:
    """Deal in a symbol that lags the others, and the other way in the one that leads."""
    rng, count = w.rng, len(w.books)
    while True:
        yield w.wait(mean, 0)
        moves = [(w.mid(i) - w.past[i][-min(len(w.past[i]), 3)]) / w.s.levels[i] for i in range(count)]
        low, high = moves.index(min(moves)), moves.index(max(moves))
        if low != high and moves[high] - moves[low] > 2 * w.s.half[low] / w.s.levels[low]:
            w.take(low, account, 1, lots(w, w.s.units[low] * rng.uniform(0.5, 2)), 0)
            w.take(high, account, -1, lots(w, w.s.units[high] * rng.uniform(0.5, 2)), 0)
