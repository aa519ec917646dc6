"""Deeds of several hands or of knowledge: wash trades, front-running, accounts that act as one."""

from __future__ import annotations

import math
from collections.abc import Callable

from tradewind.surveillance.elsewhere.retail.deed import Deed
from tradewind.surveillance.elsewhere.retail.engine import BUY, SELL, Actor
from tradewind.surveillance.elsewhere.retail.houses import announcement, work


def match(deed: Deed, first: int, second: int, side: int, size: float, delay: float, own: bool) -> Actor:
    """One hand meets itself: rest inside the spread where there is room, else at the touch, and hit it."""
    rng, book = deed.rng, deed.book
    bid, ask = book.touch(BUY), book.touch(SELL)
    px = rng.randint(bid + 1, ask - 1) if ask - bid >= 2 else bid if side == BUY else ask
    order = deed.order(first, side, px, size)
    yield int(delay)
    if not order.size:
        return
    ahead = 0
    for level, queue in book.levels[side].items():
        if (level - order.px) * side > 0:
            ahead += book.total[side].get(level, 0)
        elif level == order.px:
            for other in queue.values():
                if other is order:
                    break
                ahead += other.size
    if ahead <= 0.5 * order.size + 4 * book.spec.typical:
        qty = order.size + ahead
        deed.order(second, -side, order.px, qty, rest=False, own=own)
    deed.cancel(order)


def wash(deed: Deed, team: list[int], ring: bool, own: bool) -> Actor:
    """Rounds of trades within the hand: back and forth, or round a ring."""
    rng = deed.rng
    rounds = rng.randint(6, 30) if not deed.evasive else rng.randint(5, 14)
    size, side = deed.typical(1, 12) if not deed.evasive else deed.typical(0.5, 4), rng.choice((BUY, SELL))
    for i in range(rounds * 3):
        if deed.late() or deed.inner >= rounds:
            break
        if own:
            first = second = team[i % len(team)]
        elif ring:
            first, second = team[i % len(team)], team[(i + 1) % len(team)]
        else:
            first, second = (team[0], team[1]) if i % 2 else (team[1], team[0])
        if rng.random() < 0.3:
            side = -side
        delay = rng.uniform(5e5, 8e8) if not deed.evasive else deed.wait(0.6, 1.0)
        varied = size * (rng.uniform(0.6, 1.4) if deed.evasive or rng.random() < 0.4 else 1.0)
        yield from match(deed, first, second, side if ring else (BUY if i % 2 else SELL), varied, delay, own)
        deed.done = deed.inner >= 3
        deed.disguise()
        yield max(1000, int(deed.length / rounds * rng.uniform(0.3, 1.2)))


def profit(deed: Deed, side: int, start: float, turn: float) -> bool:
    """Out again for the most part, and the price went the way that was known (or it paid anyhow)."""
    held, gross = sum(deed.pos.values()), max(deed.hits[BUY], deed.hits[SELL])
    paid = deed.cash + held * deed.book.mid() > 0
    return gross > 0 and abs(held) <= 0.4 * gross and (paid or (turn - start) * side > 0.6 * deed.book.half())


def enter(deed: Deed, acc: int, side: int, clips: int, beats: float) -> Actor:
    """Take the stand ahead of what is known."""
    for _ in range(clips):
        if deed.rng.random() < 0.3:
            order = deed.post(acc, side, 0, deed.typical(0.6, 2.5))
            yield deed.wait(beats)
            deed.cancel(order)
        else:
            deed.take(acc, side, deed.typical(0.6, 3.0), 0.5)
            yield deed.wait(beats)


def ahead_of_client(deed: Deed) -> Actor:
    """A broker knows a parent order is coming; he goes first and sells to it or after it."""
    rng, book = deed.rng, deed.book
    team = deed.cast(1 if not deed.evasive else rng.randint(2, 3))
    side = rng.choice((BUY, SELL))
    client = deed.world.setting.account(rng)
    start = book.mid()
    for acc in team:
        yield from enter(deed, acc, side, rng.randint(3, 7), 0.8 if not deed.evasive else 3.0)
    deed.disguise()
    lasts = max(int(0.45 * deed.length), int(20 * book.beat()))
    size = round(deed.typical(90, 260))
    deed.world.spawn(work(deed.world, book, [client], side, size, lasts, 4.0), rng.uniform(1e8, 2e10))
    yield int(lasts * rng.uniform(0.6, 1.0))
    turn = book.mid()
    for acc in team:
        yield from deed.unwind(acc, rng.randint(2, 6), 1.0)
    deed.done = profit(deed, side, start, turn)


def ahead_of_news(deed: Deed) -> Actor:
    """Somebody knows the results before they are out."""
    rng, book = deed.rng, deed.book
    team = deed.cast(rng.choice((1, 1, 2)) if not deed.evasive else rng.randint(2, 4), 0.4)
    side = rng.choice((BUY, BUY, SELL))
    start = book.mid()
    for _ in range(rng.randint(2, 5)):
        for acc in team:
            yield from enter(deed, acc, side, 1, 1.0)
        yield int(0.5 * deed.length / 4 * rng.uniform(0.4, 1.2))
        deed.disguise()
    announcement(deed.world, book, side * max(6 * book.spec.half_spread, book.spec.daily_vol * rng.uniform(0.8, 2.2)))
    yield max(deed.wait(6, 3.0), int(0.15 * deed.length * rng.random()))
    turn = book.mid()
    for acc in team:
        yield from deed.unwind(acc, rng.randint(2, 7), 1.0)
    deed.done = profit(deed, side, start, turn)


def ahead_of_blocks(deed: Deed) -> Actor:
    """A desk steps in front of each of a client's blocks, a few moments before, and out after."""
    rng, book, (acc,) = deed.rng, deed.book, deed.cast(1)
    side, client = rng.choice((BUY, SELL)), deed.world.setting.account(rng)
    blocks = rng.randint(3, 7)
    good = 0
    for _ in range(blocks):
        if deed.late():
            break
        before = deed.cash + sum(deed.pos.values()) * book.mid()
        deed.take(acc, side, deed.typical(1, 4), 0.5)
        yield int(rng.uniform(3e6, 2e9)) if not deed.evasive else deed.wait(1.0, 2.0)
        held = abs(deed.pos[acc])
        if held and rng.random() < 0.7:  # lie in wait where the block must pass
            deed.post(acc, -side, max(1, round(rng.uniform(0.3, 1.0) * book.half())), held)
        px = book.touch(-side) + side * round(3 * book.half())
        order = deed.world.submit(book, client, side, px, round(deed.typical(12, 40)))
        yield deed.wait(1.0, 0.2)
        deed.withdraw()
        yield from deed.unwind(acc, rng.randint(1, 3), 0.5 if not deed.evasive else 1.5)
        deed.world.cancel(order)
        good += deed.cash + sum(deed.pos.values()) * book.mid() > before
        deed.disguise()
        yield max(1000, int(deed.length / blocks * rng.uniform(0.3, 0.9)))
    deed.done = good >= 2 and profit(deed, 1, 0.0, book.mid())  # each block was judged by itself


def concert(deed: Deed, team: list[int], style: str) -> Actor:
    """The same accounts, the same side, the same moments, again and again."""
    rng = deed.rng
    rounds, sides = rng.randint(5, 16), rng.choice((BUY, SELL))
    lags = [0] + [int(rng.uniform(2e6, 1.5e9)) for _ in team[1:]]
    size, good = deed.typical(0.3, 2.0), 0
    for _ in range(rounds):
        if deed.late():
            break
        side = sides if style != "swing" else rng.choice((BUY, SELL))
        share = 1.0 if not deed.evasive else rng.uniform(0.6, 1.0)
        members = [a for a in team if rng.random() < share] or team[:2]
        if style != "leader":
            rng.shuffle(members)
        traded = 0
        for acc in members:
            qty = size * (rng.uniform(0.9, 1.1) if not deed.evasive else rng.lognormvariate(0, 0.6))
            if style == "rest":
                deed.post(acc, side, 0, qty)
                traded += 1
            else:
                traded += deed.take(acc, side, qty, 0.7) > 0
            if deed.evasive:
                yield int(rng.expovariate(1 / 3e9))
            elif style == "leader":
                yield lags[team.index(acc)]
            else:
                yield int(rng.expovariate(1 / 1.2e8))
        good += traded >= min(3, len(team))
        deed.done = good >= 4
        deed.disguise()
        yield max(1000, int(deed.length / rounds * rng.uniform(0.4, 1.25)))
    deed.withdraw()
    if style == "rest":
        deed.done = deed.done and sum(deed.hits.values()) > 2 * math.ceil(size)


HANDPLAY: dict[str, tuple[Callable[[Deed], Actor], ...]] = {
    "wash_trading": (
        lambda d: wash(d, d.cast(2), False, False),
        lambda d: wash(d, d.cast(d.rng.randint(3, 6), 0.5), True, False),
        lambda d: wash(d, d.cast(d.rng.choice((1, 1, 2))), False, True),
    ),
    "front_running": (ahead_of_client, ahead_of_news, ahead_of_blocks),
    "coordinated_accounts": (
        lambda d: concert(d, d.cast(d.rng.randint(3, 9)), "hit"),
        lambda d: concert(d, d.cast(d.rng.randint(3, 6), 0.5), "leader"),
        lambda d: concert(d, d.cast(d.rng.randint(3, 8), 0.2), "swing"),
        lambda d: concert(d, d.cast(d.rng.randint(4, 8)), "rest"),
    ),
}
