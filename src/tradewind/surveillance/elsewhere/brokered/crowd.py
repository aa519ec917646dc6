"""The public and the makers: everything that goes on while nobody has a plan."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.brokered.book import Order
from tradewind.surveillance.elsewhere.brokered.setting import spread_over
from tradewind.surveillance.elsewhere.brokered.stage import Play, Stage

STEPS = 2_500
"""Changes of mind a session."""


def start_crowd(stage: Stage) -> None:
    """Open the market and let the public, the makers, the worth and the nights go on."""
    setting, rng = stage.setting, stage.rng
    desks = [owner for owner in stage.people.owners if owner.kind in {"desk", "broker"}] or stage.people.owners
    for symbol in range(len(setting.papers)):
        fill(stage, symbol)
        stage.start(0.01, _public(stage, symbol))
        stage.start(0.01, _minds(stage, symbol))
        for _ in range(setting.makers):
            account = rng.choice(rng.choice(desks).accounts) if rng.random() < 0.4 else stage.people.fresh()
            stage.start(rng.random() * stage.pulse[symbol], _maker(stage, symbol, account))
    stage.start(setting.seconds - 0.002, _nights(stage))


def fill(stage: Stage, symbol: int) -> None:
    """Have the public line up on both sides before the open."""
    paper, rng, value = stage.setting.papers[symbol], stage.rng, stage.moods[symbol].value
    for _ in range(60):
        side = rng.choice((1, -1))
        away = paper.spread * (0.5 + min(rng.expovariate(0.25), 40))
        price = max(1, round(value - side * away))
        order = stage.venue.submit(stage.people.anyone(), (symbol, side), stage.size(symbol), price)
        stage.start(rng.expovariate(1) * 2 * stage.setting.life * stage.beat[symbol], order)


def _public(stage: Stage, symbol: int) -> Play:
    setting, rng, people = stage.setting, stage.rng, stage.people
    pause = 2.1 * stage.beat[symbol] / (1 - setting.machine_share)
    while True:
        yield rng.expovariate(1) * pause * stage.gap(symbol)
        if rng.random() < 0.002:
            stage.stir(symbol, heat=spread_over(rng, 1, 8), life=40 * stage.pulse[symbol])
        account = people.anyone()
        if rng.random() < setting.takers:
            want = math.tanh(stage.pull(symbol, depth=setting.depth_pull))
            side = 1 if rng.random() < 0.5 + 0.5 * want else -1
            take(stage, symbol, side, account)
        else:
            _rest(stage, symbol, account)


def take(stage: Stage, symbol: int, side: int, account: str, scale: float = 1.0) -> Order:
    """Take what is offered near the touch with an order of the account's usual size."""
    other = stage.venue.books[symbol][-side]
    size = stage.size(symbol, scale * stage.people.size(account))
    reach = round(stage.setting.papers[symbol].spread * stage.rng.choice((0, 0, 1, 2)))
    limit = other.best() + side * reach if other.best() else round(stage.mid(symbol))
    bare = stage.setting.market_orders and stage.rng.random() < 0.7 and size < other.near(3)
    flash = stage.rng.random() < 0.7
    order = stage.venue.submit(account, (symbol, side), size, 0 if bare else max(limit, 1), flash=flash)
    if order.left:
        stage.start(stage.rng.expovariate(1) * stage.setting.life * stage.beat[symbol], order)
    return order


def _rest(stage: Stage, symbol: int, account: str) -> None:
    rng, paper, setting = stage.rng, stage.setting.papers[symbol], stage.setting
    book, mid = stage.venue.books[symbol], stage.mid(symbol)
    side = 1 if rng.random() < 0.5 + 0.15 * math.tanh(stage.moods[symbol].talk) else -1
    if not book[side].keys or not book[-side].keys:
        price = round(mid - side * paper.spread * (0.5 + rng.expovariate(0.5)))
    else:
        gap = book[-1].best() - book[1].best()
        draw = rng.random()
        better = rng.randrange(gap - paper.spread) if gap > paper.spread else 0
        away = 0 if draw < 0.3 else -better if draw < 0.45 else int(paper.spread * rng.expovariate(0.3) + rng.random())
        price = book[side].best() - side * away
        if setting.herd > 0.9 and rng.random() < 0.2:
            step = 10 if paper.spread < 4 else 50
            price = round(price / step) * step
    if price < 1 or (book[-side].keys and side * (price - book[-side].best()) >= 0):
        return
    order = stage.venue.submit(account, (symbol, side), stage.size(symbol, stage.people.size(account)), price)
    life = rng.lognormvariate(0, 1.2) * setting.life * stage.beat[symbol]
    if rng.random() < setting.amends:
        stage.start(life * rng.random(), _second_thoughts(stage, order, life))
    else:
        stage.start(life, order)


def _second_thoughts(stage: Stage, order: Order, life: float) -> Play:
    if order.left and stage.rng.random() < 0.4:
        stage.venue.cancel(order, max(1, order.left // stage.rng.randint(1, 4)))
    elif order.left:
        touch = stage.venue.books[order.symbol][order.side].best()
        order = stage.venue.amend(order, touch, order.left)
    yield life
    stage.venue.cancel(order)


def _minds(stage: Stage, symbol: int) -> Play:
    mood, rng, paper = stage.moods[symbol], stage.rng, stage.setting.papers[symbol]
    step = stage.setting.seconds / STEPS
    moves, fear = paper.swing * paper.spread / STEPS**0.5, 1.0
    while True:
        yield step
        fear = min(max(fear * rng.lognormvariate(0, 0.05), 0.4), 2.5)
        jump = rng.gauss(0, 25 * moves) if rng.random() < 1 / STEPS else 0.0
        mood.worth = max(mood.worth + moves * fear * rng.gauss(0, 1) + jump, 40.0 * paper.spread)
        mood.value += 0.05 * (stage.mid(symbol) - mood.value) + 0.04 * (mood.worth - mood.value)
        mood.talk *= math.exp(-step / mood.talk_life)
        mood.heat *= math.exp(-step / mood.heat_life)


def _maker(stage: Stage, symbol: int, account: str) -> Play:
    setting, rng, venue, paper = stage.setting, stage.rng, stage.venue, stage.setting.papers[symbol]
    levels, nerve = rng.choice((1, 1, 2, 3, 5)), spread_over(rng, 1.5, 8)
    apart, half = max(1, round(paper.spread * rng.uniform(0.3, 1.5))), paper.spread * rng.uniform(0.4, 1.0)
    tight = max(1, round(paper.spread * rng.uniform(0.4, 0.9)))
    slack, trust = rng.choice((0, 0, 1)) + paper.spread * rng.uniform(0.0, 0.4), rng.uniform(0.2, 0.6)
    scale = spread_over(rng, 0.5, 3)
    pause = setting.makers * 2.5 * stage.beat[symbol] / setting.machine_share
    quotes: dict[tuple[int, int], Order] = {}
    before = stage.mid(symbol)
    while True:
        yield rng.expovariate(1) * pause * stage.gap(symbol)
        mid = stage.mid(symbol)
        if abs(mid - before) > nerve * paper.spread:
            for order in quotes.values():
                venue.cancel(order)
            before = mid
            yield pause * rng.uniform(1, 6)
            continue
        before += 0.4 * (mid - before)
        centre = mid + trust * max(min(stage.moods[symbol].value - mid, paper.spread), -paper.spread)
        places = [(side, level) for level in range(levels) for side in (1, -1)]
        for side, level in places:
            price = round(centre - side * (half + level * apart))
            other = venue.books[symbol][-side].best()
            price = max(price if not other else side * min(side * price, side * other - tight), 1)
            held = quotes.get((side, level))
            if held and held.left and abs(held.price - price) <= slack:
                continue
            size = stage.size(symbol, scale)
            if held and held.left and rng.random() < 0.5:
                quotes[side, level] = venue.amend(held, price, size)
            else:
                if held:
                    venue.cancel(held)
                quotes[side, level] = venue.submit(account, (symbol, side), size, price)


def _nights(stage: Stage) -> Play:
    while True:
        for side in [side for book in stage.venue.books for side in book.values() if stage.setting.day_orders]:
            for order in [order for level in side.levels.values() for order in level.values()]:
                stage.venue.cancel(order)
        yield 0.003
        for symbol, mood in enumerate(stage.moods):
            paper = stage.setting.papers[symbol]
            night = stage.rng.gauss(0, 0.25 * paper.swing * paper.spread)
            if stage.setting.day_orders:
                mood.worth = mood.value = max(mood.value + night, 40.0 * paper.spread)
                fill(stage, symbol)
            else:
                mood.worth = max(mood.worth + night, 40.0 * paper.spread)
        yield stage.setting.seconds - 0.003
