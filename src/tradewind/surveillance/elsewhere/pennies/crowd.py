"""The crowd of small private clients, the news they hear, and the pace at which a market is to go."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.pennies.setting import Share
from tradewind.surveillance.elsewhere.pennies.world import Actor, World


def crowd(world: World, share: Share) -> Actor:
    """One share's clients: they arrive as they are excited, and each acts by habit."""
    rng = world.rng
    while True:
        wait = rng.expovariate(world.rate(share))
        if wait > 15.0:
            yield 15.0
            continue
        yield wait
        _act(world, share)


def _side(world: World, share: Share, herd: float) -> int:
    gap = (share.value - math.log(max(1.0, share.book.mid()))) / max(share.vol * 0.5, share.rel_tick())
    lean = 0.3 * world.setting.lean * share.book.imbalance()
    want = 1.6 * herd * share.mood + 0.5 * max(-3.0, min(3.0, gap)) + lean
    return 1 if world.rng.random() < 1 / (1 + math.exp(-want)) else -1


def _act(world: World, share: Share) -> None:
    rng, book, venue = world.rng, share.book, world.venue
    client = world.pick(share)
    mine = [order for order in book.own.get(client.name, {}).values() if order.mark is None]
    if mine and rng.random() < 0.35:
        order = mine[0]
        if rng.random() < 0.6:
            venue.cancel(order)
        elif rng.random() < 0.7:
            venue.modify(order, world.behind(share, order.side, rng.randint(0, 2)), order.size)
        else:
            venue.modify(order, order.price, max(1, order.size // 2))
        return
    held = book.held.get(client.name, 0)
    side = _side(world, share, client.herd)
    size = max(1, round(world.size(share, client.size) / client.lot) * client.lot)
    if held > 0 and rng.random() < 0.35:
        side, size = -1, held if rng.random() < 0.6 else max(1, held // 2)
    urgent = client.patience < rng.random() * (1.0 + 0.3 * min(2.0, share.heat * 0.1))
    if urgent:
        slip = rng.choice((0, 0, 0, 1, 1, 2))
        best = book.best(-side)
        if best is not None and rng.random() < 0.4:
            rest = venue.enter(book, client.name, side, best + side * slip, size)
            if rest.live:
                world.fleeting(rest, rng.expovariate(1 / client.patience_s))
        else:
            world.take(share, client.name, side, size, slip)
        if side > 0 and rng.random() < 0.15:
            stop = round(book.last * (1 - share.vol * rng.uniform(0.4, 2.0))) - 1
            stops = world.stops[book.name]
            stops.append((stop, client.name, size))
            del stops[:-40]
        return
    away = rng.choice((-1, 0, 0, 0, 1, 1, 2, 3, rng.randint(2, 9)))
    price = world.behind(share, side, away)
    if away > 2 and price > 40:
        price -= (price % 5) * side if rng.random() < 0.6 else 0
    order = venue.enter(book, client.name, side, max(1, price), size)
    if rng.random() < 0.75:
        world.fleeting(order, rng.expovariate(1 / client.patience_s))


def values(world: World) -> Actor:
    """What the shares are worth: a walk with calm and wild spells and a part common to all."""
    rng, setting = world.rng, world.setting
    step = 20.0
    unit = math.sqrt(step / setting.length)
    wild = 0.0
    while True:
        wild = 0.985 * wild + rng.gauss(0, 0.15)
        both = rng.gauss(0, 1)
        for share in setting.shares:
            part = min(0.95, setting.common * share.beta)
            shock = part * both + math.sqrt(1 - part * part) * rng.gauss(0, 1)
            share.value += 0.6 * share.vol * unit * math.exp(wild) * shock
        yield step


def publish(world: World, share: Share, jump: float, *, heat: float = 6.0) -> None:
    """Tell the market something: the worth jumps at once, the crowd takes its time."""
    world.venue.news(share.book)
    share.value += jump
    world.stir(share, heat, max(-1.5, min(1.5, jump / share.vol)))


def newsroom(world: World, share: Share) -> Actor:
    """Public news, true or dull; now and then somebody was in before, knowing or by luck."""
    rng = world.rng
    mean = world.setting.length * rng.uniform(0.35, 1.2)
    while True:
        wait = rng.expovariate(1 / mean)
        early = rng.random() < 0.5
        jump = share.vol * rng.choice((-1, 1, 1)) * rng.lognormvariate(-0.4, 0.7)
        lead = min(wait, rng.uniform(60, 1800))
        yield wait - lead
        if early:
            for account in world.some(share, rng.randint(1, 4)):
                side = (1 if jump > 0 else -1) * rng.choice((1, 1, -1))
                world.start(early_bird(world, share, account, side, lead), rng.uniform(0, 0.8) * lead)
        yield lead
        publish(world, share, jump if rng.random() < 0.75 else jump * 0.05, heat=rng.uniform(1, 10))


def early_bird(world: World, share: Share, account: str, side: int, lead: float) -> Actor:
    """An honest view, traded in a few orders, and out again some time later."""
    rng = world.rng
    got = 0
    for _ in range(rng.randint(1, 5)):
        got += world.take(share, account, side, world.size(share, rng.uniform(0.8, 4))).done
        yield rng.uniform(2, 0.3 * lead + 3)
    yield rng.uniform(0.5, 2.5) * lead
    if got and rng.random() < 0.7:
        world.take(share, account, -side, got, 2)


def storms(world: World, share: Share) -> Actor:
    """Long quiet stretches, then talk in a chat group that sets the crowd afire for no reason."""
    rng = world.rng
    mean = world.setting.length * rng.uniform(0.4, 1.5)
    while True:
        yield rng.expovariate(1 / mean)
        mood = rng.choice((1, 1, 1, -1)) * rng.uniform(0.3, 1.6)
        for _ in range(rng.randint(1, 6)):
            world.stir(share, rng.uniform(2, 10), mood * rng.uniform(0.3, 1))
            yield rng.uniform(20, 400)
        if rng.random() < 0.5:
            world.stir(share, rng.uniform(2, 8), -mood)


def letters(world: World, share: Share) -> Actor:
    """Clients of one adviser, who trade the same side within seconds of his letter."""
    rng = world.rng
    flock = world.some(share, rng.randint(5, 25))
    mean = world.setting.length * rng.uniform(0.15, 0.9)
    close = rng.choice((1.0, 4.0, 15.0, 60.0))
    alike = rng.random() < 0.5
    while True:
        yield rng.expovariate(1 / mean)
        side = rng.choice((1, 1, -1))
        for _ in range(rng.randint(1, 4)):
            size = world.size(share, rng.uniform(0.4, 2))
            for account in flock:
                if rng.random() < 0.7:
                    own = max(1, round(size * (rng.choice((1, 1, 0.5, 2)) if alike else rng.lognormvariate(0, 0.5))))
                    world.start(_follow(world, share, account, side, own), rng.uniform(0, close))
            yield rng.uniform(20, 900)


def _follow(world: World, share: Share, account: str, side: int, size: int) -> Actor:
    if world.rng.random() < 0.7:
        world.take(share, account, side, size, 1)
    else:
        world.fleeting(world.rest(share, account, side, 0, size), world.rng.uniform(60, 1200))
    yield from ()


def pacer(world: World) -> Actor:
    """Hold the tape to about its size, by the pace of the crowd."""
    step = world.setting.length / 20
    rows = 0
    yield step
    while True:
        now = len(world.venue.rows)
        recent = max(now - rows, 1) / step / world.season()
        wanted = max(world.setting.rows - now, 50) / max(world.end - world.tau, step)
        world.pace = max(0.1, min(8.0, world.pace * max(0.6, min(1.7, (wanted / recent) ** 0.6))))
        rows = now
        yield step
