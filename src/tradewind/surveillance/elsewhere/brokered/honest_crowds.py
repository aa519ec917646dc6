"""Honest machines and crowds whose doings look like somebody's scheme."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.brokered.act import Act
from tradewind.surveillance.elsewhere.brokered.book import Order
from tradewind.surveillance.elsewhere.brokered.crowd import take
from tradewind.surveillance.elsewhere.brokered.stage import Play


def break_news(act: Act, tone: int, spreads: float) -> Play:
    """Publish news: what the paper is worth jumps, and strangers react in the same moments."""
    stage = act.stage
    if stage.setting.news_told:
        act.venue.news(act.symbol, tone, act.rng.randrange(1 << 40))
    mood = stage.moods[act.symbol]
    mood.worth, mood.value = (max(p + tone * spreads * act.spread, act.spread * 40.0) for p in (mood.worth, mood.value))
    stage.stir(act.symbol, talk=tone * 0.8, life=act.span(30, 200))
    stage.stir(act.symbol, heat=act.over(1.5, 6), life=act.span(30, 200))
    for account in act.people.strangers(act.rng.randint(6, 25)):
        yield act.over(1e-3, 0.4) * min(10 * stage.pulse[act.symbol], 1)
        take(stage, act.symbol, tone, account)


def public_news(act: Act) -> Play:
    """News that nobody knew before."""
    yield from break_news(act, act.coin(), act.over(4, 20))


def lucky_before_news(act: Act) -> Play:
    """Somebody happens to trade as large as usual before news."""
    tone, account = act.coin(), act.people.band(1)[0]
    for _ in range(act.rng.randint(1, 4)):
        take(act.stage, act.symbol, tone, account)
        yield act.span(10, 200)
    yield from break_news(act, tone, act.over(4, 20))
    if act.rng.random() < 0.5:
        yield act.span(50, 500)
        take(act.stage, act.symbol, -tone, account)


def analyst_note(act: Act) -> Play:
    """A note is read by one after the other, who buy."""
    tone = act.coin(0.75)
    act.stage.stir(act.symbol, talk=tone * act.over(0.3, 1), life=act.span(150, 900))
    for account in act.people.strangers(act.rng.randint(8, 30)):
        yield act.span(2, 40)
        take(act.stage, act.symbol, tone, account, act.over(0.8, 2.5))


def stop_run(act: Act) -> Play:
    """Stops of many strangers lie close together and go off in a row."""
    side, level = act.coin(), act.mid
    level += side * act.spread * act.over(0.6, 3)
    stops = sorted(level + side * act.rng.expovariate(0.7) * act.spread for _ in range(act.rng.randint(8, 30)))
    stops = stops if side > 0 else stops[::-1]
    for _ in range(4_000):
        yield 2 * act.stage.beat[act.symbol]
        while stops and side * (act.mid - stops[0]) >= 0:
            stops.pop(0)
            take(act.stage, act.symbol, side, act.people.anyone(), act.over(0.7, 2))
            yield act.over(0.001, 0.05)
        if not stops:
            return


def followers(act: Act) -> Play:
    """Some wait for a move and go with it."""
    hands = act.people.strangers(act.rng.randint(2, 6))
    before = act.mid
    for _ in range(250):
        yield act.span(8, 15)
        move = act.moved(before, 1)
        before += 0.2 * (act.mid - before)
        if abs(move) > 1.5:
            take(act.stage, act.symbol, 1 if move > 0 else -1, act.rng.choice(hands))


def quick_bursts(act: Act) -> Play:
    """A quick trader sends bursts of orders and cancels for reasons of its own, trading now and then."""
    account = act.people.household("desk")[0]
    for _ in range(act.rng.randint(3, 15)):
        side = act.coin()
        order = act.rest(account, side, act.size(0.3, 1))
        for _ in range(act.rng.randint(5, 45)):
            yield act.over(2e-4, 0.03)
            if order.left and act.rng.random() < 0.6:
                order = act.move(order, act.touch(side) - side * act.rng.randint(0, 3))
            else:
                act.drop(order)
                order = act.rest(account, side, act.size(0.3, 1), act.rng.randint(0, 3))
        act.drop(order)
        if act.rng.random() < 0.4:
            act.take(account, side, act.size(0.3, 1), 0.0)
        yield act.span(10, 150)


def layered_maker(act: Act) -> Play:
    """A maker quotes many levels, leans to one side when full, and pulls all on a shock."""
    account, levels, tilt = act.people.band(1)[0], act.rng.randint(4, 9), act.coin()
    apart, size = max(1, round(act.spread * act.over(0.2, 1))), act.size(1, 4)
    for _ in range(act.rng.randint(5, 25)):
        quotes: list[Order] = []
        for level in range(levels):
            for side in (1, -1):
                scale = 2 if side == tilt else 1
                quotes.append(act.rest(account, side, size * scale, level * apart))
        at, wait = act.mid, act.span(8, 120)
        for _ in range(8):
            yield wait / 8
            if abs(act.mid - at) > act.spread:
                break
        for order in quotes:
            act.drop(order)
        tilt = tilt if act.rng.random() < 0.6 else -tilt
        yield act.over(0.001, 0.5)


def iceberg(act: Act) -> Play:
    """A large order shows one slice after the other at one price."""
    account, side, size = act.people.band(1)[0], act.coin(), act.size(0.5, 2)
    price = act.touch(side)
    order = act.rest(account, side, size, price=price)
    for _ in range(400):
        yield act.stage.beat[act.symbol] * 3
        if not order.left:
            order = act.rest(account, side, size, price=price)
        elif side * (act.mid - price) > 3 * act.spread:
            break
    act.drop(order)


def pairs(act: Act) -> Play:
    """Buy one symbol and sell another at the same time; with one symbol only, go in and out."""
    account, side = act.people.band(1)[0], act.coin()
    other = Act(act.stage, act.rng.randrange(len(act.stage.moods)))
    for _ in range(act.rng.randint(3, 14)):
        act.take(account, side, act.size(0.5, 3), 1.0)
        yield act.over(1e-3, 0.2)
        other.take(account, -side, other.size(0.5, 3), 1.0)
        yield act.span(30, 300)
        side = -side if act.rng.random() < 0.4 else side


def deep_regret(act: Act) -> Play:
    """Somebody places a big order deep in the book, or near it, and thinks better of it."""
    account, side = act.people.band(1)[0], act.coin()
    for _ in range(act.rng.choice((1, 1, 2, 3))):
        away = round(act.spread * act.over(0.5, 10))
        order = act.rest(account, side, act.size(4, 20), away)
        yield act.span(10, 600)
        act.drop(order)
        yield act.span(20, 400)
        if act.rng.random() < 0.3:
            act.take(account, act.coin(), act.size(), 1.0)


def round_prices(act: Act) -> Play:
    """Small people line up at a round price."""
    side = act.coin()
    step = 10 ** len(str(2 * act.spread))
    price = round((act.touch(side) - side * step / 3) / step) * step
    for account in act.people.strangers(act.rng.randint(8, 30)):
        yield act.span(1, 25)
        if price > 0:
            act.stage.start(act.span(80, 900), act.rest(account, side, act.size(0.3, 1), price=price))


CROWDS = (
    public_news,
    lucky_before_news,
    analyst_note,
    stop_run,
    followers,
    quick_bursts,
    layered_maker,
    iceberg,
    pairs,
    deep_regret,
    round_prices,
)
