"""Honest many: strangers who happen to do the same, and single people with luck or second thoughts."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.sketched.act import Act
from tradewind.surveillance.elsewhere.sketched.exchange import Play


def news_rush(act: Act) -> Play:
    """Many strangers react to one piece of news within the same second or seconds."""
    rng, side = act.rng, act.rng.choice((-1, 1))
    act.crowd.break_news(act.symbol, side, told=rng.random() < 0.8)
    many, within = rng.randint(5, 30), rng.choice((0.3, 1.0, 5.0, 20.0))
    size = act.people.size()
    for name in act.cast(many):
        yield rng.expovariate(many / within)
        act.take(name, side, size if rng.random() < 0.3 else act.people.size(name))


def stop_run(act: Act) -> Play:
    """A price falls through a level at which stop orders of many lie."""
    rng, side = act.rng, act.rng.choice((-1, 1))
    level = act.mid + side * act.paper.spread * rng.uniform(1, 3)
    for _ in range(60):
        yield act.beat * 2
        if side * (act.mid - level) >= 0:
            break
    for name in act.cast(rng.randint(4, 20)):
        act.take(name, side, act.people.size(name), reach=rng.randint(0, 3))
        yield rng.uniform(0.0005, 0.3)


def followers(act: Act) -> Play:
    """Those who buy what has risen."""
    rng = act.rng
    for name in act.cast(rng.randint(3, 10)):
        for _ in range(rng.randint(2, 5)):
            side = 1 if act.mid >= act.crowd.slow[act.symbol] else -1
            act.take(name, side, act.people.size(name))
            yield act.gap(act.long(0.5, 6))


def analyst(act: Act) -> Play:
    """A note recommends a share, and buyers come over the next while."""
    rng, side = act.rng, act.rng.choice((-1, 1, 1))
    act.exchange.news(act.symbol, side, rng.randrange(1, 1 << 62))
    act.crowd.hype[act.symbol] += side * rng.uniform(0.3, 1.2)
    act.crowd.value[act.symbol] += side * act.paper.jump * 0.5
    buyers, time = rng.randint(8, 40), act.long(10, 80)
    for name in act.cast(buyers):
        yield act.gap(time / buyers)
        act.take(name, side, act.people.size(name))


def lucky(act: Act) -> Play:
    """Somebody with the usual size who happened to trade before news, and keeps it or not."""
    rng, side, account = act.rng, act.rng.choice((-1, 1)), act.cast(1)[0]
    for _ in range(rng.randint(1, 3)):
        act.take(account, side, act.people.size(account))
        yield act.gap(act.long(1, 20))
    act.crowd.break_news(act.symbol, side)
    if rng.random() < 0.4:
        yield act.gap(act.long(5, 60))
        act.take(account, -side, act.people.size(account))


def partners(act: Act) -> Play:
    """Two desks of different firms, one at the touch and one crossing, that keep meeting by chance."""
    rng, (one, two) = act.rng, act.cast(2)
    size, side = act.usual(1, 4), act.rng.choice((-1, 1))
    for _ in range(rng.randint(4, 18)):
        order = act.quote(one, side, size)
        yield act.gap(act.long(0.2, 4))
        act.take(two, -side, act.people.size(two))
        yield act.gap(act.long(0.5, 8))
        if rng.random() < 0.7:
            act.pull(order)
    act.clear()


def second_thoughts(act: Act) -> Play:
    """A big order deep in the book, taken back after a while."""
    rng, account, side = act.rng, act.cast(1)[0], act.rng.choice((-1, 1))
    for _ in range(rng.choice((1, 1, 2, 3))):
        away = act.paper.spread * rng.randint(1, 10)
        order = act.put(account, side, act.touch(side) - side * away, act.usual(8, 60))
        yield act.gap(act.long(3, 80))
        act.pull(order)
        if rng.random() < 0.3:
            act.take(account, side, act.people.size(account))
        yield act.gap(act.long(2, 20))


def herd(act: Act) -> Play:
    """Small orders of many at a round price."""
    rng, side = act.rng, act.rng.choice((-1, 1))
    grid = rng.choice((5, 10, 50))
    price = int(act.touch(side) // grid) * grid + (grid if side < 0 else 0)
    many = rng.randint(8, 30)
    for name in act.cast(many):
        act.put(name, side, price, act.usual(0.2, 1.2))
        yield act.gap(act.long(0.1, 2))
    yield act.gap(act.long(5, 40))
    for order in rng.sample(act.orders, len(act.orders) // 2):
        act.pull(order)
        yield act.gap(act.long(0.05, 1))
