"""Deeds of the book: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.appraised.book import Order
from tradewind.surveillance.elsewhere.appraised.hand import Hand
from tradewind.surveillance.elsewhere.appraised.world import SECOND, Process

Ladder = list[tuple[int, float]]  # ticks behind the touch, size


def fake_round(hand: Hand, buy: bool, ladder: Ladder, rested: bool) -> Process:
    """One turn: a real order on `buy`, false ones facing it, withdrawn once the real one has traded."""
    rng, book = hand.rng, hand.book
    deep = hand.stock.deep
    real_account = hand.accounts[0]
    want = deep * hand.soft(rng.uniform(0.3, 0.7), rng.uniform(0.2, 0.4))
    real: Order | None = hand.join(real_account, buy, want, 1) if rested else None
    yield hand.wait(0.02, 1.0)
    touch = book.touch()[1 if buy else 0]
    fakes: list[Order] = []
    for i, (behind, size) in enumerate(ladder):
        account = hand.accounts[-1 - i % max(1, len(hand.accounts) - 1)]
        fakes.append(hand.quote(account, not buy, touch + behind if buy else touch - behind, size))
        if hand.evasive:
            yield hand.wait(0.3, 3.0)
    shown, patience = hand.world.clock.now, min(150.0, max(6.0, 8 * hand.stock.gap()))
    while real is not None and real.live and hand.world.clock.now - shown < patience * SECOND and hand.left() > 0:
        yield hand.wait(0.2, 0.9)
        threatened = any(o.live and book.ahead(o) < 0.3 * deep for o in fakes)
        if threatened and not dodge(hand, fakes):
            break
        near = book.touch()[0 if buy else 1]
        if real.live and real.price != near and rng.random() < 0.3:
            hand.shift(real, near)
    if real is None:
        yield hand.wait(1.0, min(20.0, patience))
    if real is None or (real.filled < 0.5 * real.entered and not rested_enough(hand, real)):
        if real is not None:
            hand.pull(real)
        far = book.touch()[1 if buy else 0]
        if all(o.price != far for o in fakes if o.live):
            real = hand.take(real_account, buy, want, 0)
    yield hand.wait(0.01, hand.soft(0.4, 5.0))
    for order in reversed(fakes):
        hand.pull(order)
    if real is not None:
        hand.pull(real)
    false = sum(o.filled for o in fakes) / max(1, sum(o.entered for o in fakes))
    return real is not None and real.filled >= 0.3 * real.entered and false < 0.2


def rested_enough(hand: Hand, real: Order) -> bool:
    return real.filled > 0 and hand.rng.random() < 0.5


def dodge(hand: Hand, fakes: list[Order]) -> bool:
    """Step back from the front of the queue; false when there is nothing left to show."""
    for order in fakes:
        back = max(1, int(hand.stock.half))
        if order.live and hand.book.ahead(order) < 0.3 * hand.stock.deep:
            hand.shift(order, order.price - back if order.buy else order.price + back)
    return any(o.live for o in fakes)


def repeat(hand: Hand, rounds: int, ladder_of: object, rested: bool, flip: bool) -> Process:
    """Several turns, same way or turning about; done when at least two came off."""
    buy, good = hand.rng.random() < 0.5, 0
    pause = hand.span / rounds
    for turn in range(rounds):
        if hand.left() < 30:
            break
        ladder: Ladder = ladder_of()  # type: ignore[operator]
        good += bool((yield from fake_round(hand, buy, ladder, rested)))
        buy = not buy if flip else buy
        if turn < rounds - 1:
            yield hand.wait(0.2 * pause, 1.2 * pause)
    return good >= 2


def spoofing(hand: Hand) -> Process:
    """Large orders at or just behind the touch; resting, taking, or turning about."""
    rng, stock = hand.rng, hand.stock
    times = hand.soft(rng.uniform(5, 11), rng.uniform(2.2, 4))
    pieces = 1 if not hand.evasive else rng.randint(2, 3)
    back = max(1, int(stock.half * rng.uniform(0.3, 1.2)))

    def ladder() -> Ladder:
        size = times * stock.deep * rng.uniform(0.8, 1.2) / pieces
        return [(back + rng.randint(0, i), size * (rng.uniform(0.7, 1.3) if pieces > 1 else 1)) for i in range(pieces)]

    return (yield from repeat(hand, rng.randint(4, 9), ladder, rng.random() < 0.65, rng.random() < 0.5))


def layering(hand: Hand) -> Process:
    """Many levels of one side filled to lean on the other."""
    rng, stock = hand.rng, hand.stock
    levels = int(hand.soft(rng.randint(4, 9), rng.randint(3, 4)))
    times = hand.soft(rng.uniform(1.2, 3.5), rng.uniform(0.7, 1.3))
    step = max(1, int(stock.half * rng.uniform(0.3, 0.8)))
    even = rng.random() < 0.5

    def ladder() -> Ladder:
        size = times * stock.deep
        return [(step * (i + 1), size * (1 if even else rng.uniform(0.6, 1.0 + 0.15 * i))) for i in range(levels)]

    return (yield from repeat(hand, rng.randint(3, 7), ladder, rng.random() < 0.7, rng.random() < 0.4))


def stuffing(hand: Hand) -> Process:
    """Bursts of entries taken out at once: pairs, storms of changes, or sheaves."""
    rng, stock, book = hand.rng, hand.stock, hand.book
    bursts = rng.randint(3, 7)
    cap = max(500, min(5000, int(hand.world.target * 0.035)))
    each = int(rng.uniform(0.4, 1.0) * cap / bursts * hand.soft(1.0, 0.45))
    style = rng.choice(["pairs", "changes", "sheaves"])
    pace = hand.soft(rng.uniform(0.0003, 0.004), rng.uniform(0.004, 0.03))
    sent, traded = 0, 0
    for _ in range(bursts):
        before = hand.book.rows.__len__()
        deep = int(stock.half * rng.uniform(0.5, 4)) + 1
        live: list[Order] = []
        while len(book.rows) - before < each and hand.left() > 1:
            buy = rng.random() < 0.5
            bid, ask = book.touch()
            price = bid - rng.randint(1, deep) if buy else ask + rng.randint(1, deep)
            live.append(hand.quote(hand.who(), buy, price, stock.lot * rng.randint(1, 5)))
            if style == "changes":
                for _ in range(rng.randint(2, 12)):
                    hand.shift(live[-1], live[-1].price + rng.choice([-1, 1]), stock.lot * rng.randint(1, 5))
                    yield rng.expovariate(1 / pace)
            if len(live) >= (rng.randint(8, 40) if style == "sheaves" else 1):
                yield rng.expovariate(1 / pace)
                for order in live:
                    hand.pull(order)
                live.clear()
            yield rng.expovariate(1 / pace)
        for order in live:
            hand.pull(order)
        sent += len(book.rows) - before
        if hand.left() < 30:
            break
        yield hand.wait(0.02 * hand.span, 2 * hand.span / bursts)
    traded = sum(o.filled > 0 for o in hand.orders)
    return sent >= 0.6 * each * bursts and len(hand.orders) >= 60 and traded < 0.05 * len(hand.orders)
