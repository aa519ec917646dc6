"""Deeds of several hands or of one that knows too much: washing, front running, acting as one."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.largecaps.deed import Deed
from tradewind.surveillance.elsewhere.largecaps.parents import parent
from tradewind.surveillance.elsewhere.largecaps.setting import SECOND, spread
from tradewind.surveillance.elsewhere.largecaps.world import Actor


def wash(deed: Deed) -> Actor:
    """Trade again and again between hands of one owner, through the public book."""
    rng = deed.rng
    form = rng.choice(("self", "pair", "pair", "one way", "ring"))
    hands = deed.people({"self": 1, "ring": rng.randint(3, 6)}.get(form, 2))
    rounds = rng.randint(4, 12) if deed.evasive else rng.randint(5, 30)
    rounds = max(4, min(rounds, int(deed.share(1.0) / 8)))
    units, steady = spread(rng, 1.0, 4.0) if deed.evasive else spread(rng, 1.5, 15.0), rng.random() < 0.6
    size, met, turn = deed.size(units), [0], 0
    deed.verdict = lambda: met[0] >= 3
    for number in range(rounds):
        if form == "ring":
            seller, buyer = hands[turn % len(hands)], hands[(turn + 1) % len(hands)]
        elif form == "one way" or (form == "pair" and number % 2 == 0):
            seller, buyer = hands[0], hands[-1]
        else:
            seller, buyer = hands[-1], hands[0]
        turn += 1
        wanted = size if steady and not deed.evasive else deed.size(units, 0.5)
        before = met[0]
        yield from _meet(deed, seller, buyer, wanted, met)
        if met[0] == before and form == "ring" and rng.random() < 0.7:
            turn -= 1
        yield deed.wait(max(0.5, deed.left() / SECOND * 0.7 / (rounds - number)))


def _meet(deed: Deed, seller: str, buyer: str, size: int, met: list[int]) -> Actor:
    """Bring two hands together: inside the spread, behind a thin queue, or by taking out a thin price first."""
    rng, world = deed.rng, deed.world
    book = world.book(deed.symbol)
    patience = world.now + int(rng.uniform(0.1, 0.4) * deed.left() / 4)
    while (
        book.bid is None
        or book.ask is None
        or (book.ask - book.bid < 2 and min(deed.shown(True), deed.shown(False)) > 1.2 * size and world.now < patience)
    ):
        yield deed.human(0.05, 1.5)
    resting_buys = rng.random() < 0.5
    if book.ask - book.bid < 2:
        resting_buys = deed.shown(False) < deed.shown(True)
    first, second = (buyer, seller) if resting_buys else (seller, buyer)
    thin = deed.shown(not resting_buys)
    if book.ask - book.bid >= 2:
        price = book.bid + 1 if resting_buys else book.ask - 1
        order = deed.at(first, resting_buys, price, size)
    elif rng.random() < 0.75 or deed.shown(resting_buys) > size:
        price = book.ask if resting_buys else book.bid
        order = deed.at(first, resting_buys, price, thin + size)
    else:
        price = book.bid if resting_buys else book.ask
        order = deed.at(first, resting_buys, price, size)
    yield deed.quick() if rng.random() < 0.7 else deed.human(0.01, 0.5)
    if order.size:
        ahead, held = book.ahead(order), order.filled
        deed.at(second, not resting_buys, order.price, ahead + order.size, ioc=rng.random() < 0.7)
        met[0] += order.filled - held > 0.3 * size
        yield deed.quick()
    for old in deed.orders:
        world.venue.cancel(old)
    deed.orders.clear()


def front_running(deed: Deed) -> Actor:
    """Buy before a client's large order or before news, and close during it or after."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(2, 4) if deed.evasive else rng.choice((1, 1, 2)))
    buy, by_news = rng.random() < 0.5, rng.random() < 0.35
    units = spread(rng, 4, 12) if deed.evasive else spread(rng, 8, 50)
    before = rng.uniform(0.1, 0.35) * deed.share(1.0)
    fired = [False]

    def verdict() -> bool:
        opened, closed = (deed.bought, deed.sold) if buy else (deed.sold, deed.bought)
        return fired[0] and closed > 0.5 * opened > 0

    deed.verdict = verdict
    until = world.now + int(before * SECOND)
    slices = rng.randint(3, 15)
    sent = 0
    while world.now < until and deed.units(deed.bought + deed.sold) < units and sent < 3 * slices:
        sent += 1
        hand = rng.choice(hands)
        if rng.random() < 0.3:
            order = deed.place(hand, buy, rng.choice((-1, 0)), deed.size(units / slices))
            yield deed.wait(before / slices * 0.5)
            world.venue.cancel(order)
        else:
            deed.take(hand, buy, deed.size(units / slices), rng.choice((0, 0, 1)))
        yield deed.wait(before / slices * 0.5)
    if not deed.bought + deed.sold:
        deed.take(hands[0], buy, deed.size(units / 2), 1)
    lasts = rng.uniform(0.3, 0.5) * deed.share(1.0)
    fired[0] = True
    if by_news:
        world.news(deed.symbol, spread(rng, 3, 12) * (1 if buy else -1))
    else:
        client, style = rng.choice(deed.doings.institutions), rng.choice(("even", "urgent", "pegged", "urgent"))
        world.start(parent(world, client, deed.symbol, buy, spread(rng, 40, 200), lasts, style), world.now + 1)
    yield deed.wait(lasts * rng.choice((0.05, 0.3, 0.6, 0.9)))
    whole = abs(sum(deed.net.values()))
    parts = rng.randint(1, 10)
    for _ in range(6 * parts):
        hand = max(hands, key=lambda name: abs(deed.net.get(name, 0)))
        held = abs(deed.net.get(hand, 0))
        if not held:
            break
        size = min(held, whole // parts + 1)
        if rng.random() < 0.35:
            order = deed.place(hand, not buy, rng.choice((-1, 0)), size)
            yield deed.wait(max(0.3, deed.left() / SECOND * 0.25 / parts))
            world.venue.cancel(order)
        else:
            deed.take(hand, not buy, size, 1)
        yield deed.wait(max(0.1, deed.left() / SECOND * 0.3 / parts))


def coordinated(deed: Deed) -> Actor:
    """Several accounts do the same at the same moments."""
    rng, world = deed.rng, deed.world
    hands = deed.people(rng.randint(3, 6) if deed.evasive else rng.randint(3, 10))
    rounds = max(3, min(rng.randint(3, 12), int(deed.share(1.0) / 15)))
    within = spread(rng, 2, 12) if deed.evasive else spread(rng, 0.002, 4)
    units, alike = spread(rng, 0.6, 3) if deed.evasive else spread(rng, 1, 8), rng.choice((0.0, 0.05, 0.15))
    buy, turns = rng.random() < 0.5, rng.choice((0.0, 0.0, 0.5, 1.0))
    passive, absent = rng.choice((0.0, 0.0, 0.3)), rng.uniform(0.1, 0.3) if deed.evasive else rng.choice((0.0, 0.1))
    size, worked = deed.size(units), 0
    deed.verdict = lambda: worked >= 3 and len(deed.acted) >= 3
    yield deed.wait(deed.share(0.03))
    for number in range(rounds):
        order = rng.sample(hands, len(hands))
        came = traded = 0
        for hand in order:
            if rng.random() < absent:
                continue
            own = max(world.setting.lot, round(size * rng.lognormvariate(0, alike + 0.3 * deed.evasive)))
            own = max(world.setting.lot, own // world.setting.lot * world.setting.lot)
            if rng.random() < passive:
                deed.place(hand, buy, rng.choice((-1, 0)), own)
            else:
                traded += deed.take(hand, buy, own, rng.choice((0, 1)), rest=rng.random() < 0.3)
            came += 1
            yield deed.wait(within / len(hands))
        worked += came >= 2 and traded > 0
        yield deed.human(0.2, 3)
        for old in deed.orders:
            world.venue.cancel(old)
        deed.orders.clear()
        if rng.random() < turns and number >= rounds // 2 - 1:
            buy = not buy
        yield deed.wait(max(1.0, deed.left() / SECOND * 0.8 / (rounds - number)))
