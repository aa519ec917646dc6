"""Honest trades that move the price or come at telling times: accumulators, funds at the close, stops, day traders."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.reactive.flow import Crowd
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Play


def accumulate(crowd: Crowd, symbol: int) -> Play:
    """Gather or shed a position and keep it: evenly or in haste, taking or waiting, over minutes or all day."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    side, slices, waits = draws.side(), draws.whole(5, 90), draws.random()
    span = min(draws.wide(0.01, 0.8) * venue.world.seconds, 0.97 * venue.left())
    size, regular, until = draws.wide(0.4, 5), draws.yes(0.3), venue.now / SECOND + span
    for _ in range(slices):
        shares = venue.shares(symbol, size * draws.wide(0.6, 1.6))
        pause = span / slices * (1.0 if regular else draws.wait(1.0))
        if draws.yes(waits):
            order = venue.submit(symbol, who, side, venue.touch(symbol, side), shares)
            yield pause
            venue.cancel(order)
        else:
            venue.take(symbol, who, side, shares, draws.choice([0, 1, round(venue.spread[symbol])]))
            yield pause
        if venue.now / SECOND > until:
            return


def rebalance(crowd: Crowd, symbol: int) -> Play:
    """Trade until the close because one is measured by it: funds of one opinion or of two, in some symbols or in one.

    They come early rather than late, in sizes that the market bears, and wait as well as take.
    """
    venue, draws = crowd.venue, crowd.venue.draws
    window = min(draws.wide(5, 1_800), 0.2 * venue.world.seconds)
    yield max(0.0, venue.left() - window)
    funds = crowd.members.some(1, draws.choice([1, 2, 6]))
    sides = {fund: draws.side() for fund in funds}
    if draws.yes(0.5):
        sides = dict.fromkeys(funds, draws.side())
    symbols = [symbol] if draws.yes(0.5) else [s for s in range(len(venue.books)) if draws.yes(0.6)] or [symbol]
    orders, size = draws.whole(3, 60), draws.wide(0.5, 6)
    for _ in range(orders):
        if venue.left() > window + 1:
            return
        fund, here = draws.choice(funds), draws.choice(symbols)
        shares = venue.shares(here, size * draws.wide(0.5, 2))
        if draws.yes(0.55):
            venue.take(here, fund, sides[fund], shares, draws.choice([0, 0, 1, 2]))
        else:
            venue.submit(here, fund, sides[fund], venue.touch(here, sides[fund]), shares)
        yield draws.wait(window / orders)


def cascade(crowd: Crowd, symbol: int) -> Play:
    """Stop-loss orders of many set one another off; the price comes back, or does not."""
    venue, draws, side = crowd.venue, crowd.venue.draws, crowd.venue.draws.side()
    size, pause, began = draws.wide(0.5, 5), draws.wide(0.005, 1), venue.middle[symbol]
    for _ in range(draws.whole(4, 40)):
        who = crowd.members.taker(symbol, side).name
        venue.take(symbol, who, side, venue.shares(symbol, size * draws.wide(0.5, 2)))
        yield draws.wait(pause)
    if draws.yes(0.6):
        crowd.pull(symbol, began, draws.uniform(0.1, 0.5), draws.wide(5, 400))


def momentum(crowd: Crowd, symbol: int) -> Play:
    """Trade with a move that others made, or against it, in a burst, and leave when it has gone on or stopped."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    trusts, bar, look = draws.yes(0.65), draws.wide(1.5, 6), draws.wide(1, 120)
    for _ in range(draws.randint(3, 20)):
        before = venue.middle[symbol]
        yield look
        moved = (venue.middle[symbol] - before) / max(venue.spread[symbol], 1.0)
        if abs(moved) < bar:
            continue
        side, held = (1 if moved > 0 else -1) * (1 if trusts else -1), 0
        for _ in range(draws.whole(1, 10)):
            held += venue.take(symbol, who, side, venue.shares(symbol, draws.wide(0.5, 5)))
            yield draws.wait(draws.wide(0.02, 2))
        yield draws.wide(1, 900)
        for _ in range(40):
            if held <= 0:
                break
            held -= venue.take(symbol, who, -side, min(held, venue.shares(symbol, 4)))
            yield draws.wide(0.1, 30)


def block(crowd: Crowd, symbol: int) -> Play:
    """Sell or buy a block in few large orders through several levels, and keep what one has."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    side = draws.side()
    for _ in range(draws.randint(1, 7)):
        size = venue.queue[symbol] / venue.paper(symbol).unit * draws.wide(0.8, 8)
        venue.take(symbol, who, side, venue.shares(symbol, size))
        yield draws.wide(0.02, 60)


def day_trader(crowd: Crowd, symbol: int) -> Play:
    """Buy, hold, sell, whatever happens meanwhile: now and then something does, and then it was luck."""
    venue, draws, who = crowd.venue, crowd.venue.draws, crowd.members.somebody()
    size, pieces, pause = draws.wide(0.8, 10), draws.whole(1, 14), draws.wide(0.3, 60)
    waits = draws.uniform(-0.4, 0.8)
    for _ in range(draws.randint(1, 6)):
        side, held = draws.side(), 0
        for _ in range(pieces):
            held += venue.take(symbol, who, side, venue.shares(symbol, size), 1)
            yield draws.wait(pause)
        if draws.yes(0.12):
            venue.publish(symbol, draws.choice([side, -side, 0]))
            aim = venue.middle[symbol] + draws.choice([1, 1, -1]) * side * venue.spread[symbol] * draws.wide(1, 8)
            crowd.pull(symbol, aim, draws.uniform(0.1, 0.5), draws.wide(10, 300))
        yield draws.wide(5, 1_500)
        for _ in range(3 * pieces):
            if held <= 0:
                break
            part = min(held, venue.shares(symbol, size))
            if draws.yes(waits):
                order = venue.submit(symbol, who, -side, venue.touch(symbol, -side), part)
                yield draws.wait(3 * pause)
                venue.cancel(order)
                held -= order.filled
            else:
                held -= venue.take(symbol, who, -side, part)
                yield draws.wait(pause)
        yield draws.wide(10, 2_000)


def rally(crowd: Crowd, symbol: int) -> Play:
    """A symbol that many buy for a reason, on rising volume, with holders who take their profit: no one's doing."""
    venue, draws = crowd.venue, crowd.venue.draws
    side = 1 if draws.yes(0.75) else -1
    span, steps = min(draws.wide(0.01, 0.3) * venue.world.seconds, 0.8 * venue.left()), draws.whole(20, 160)
    aim = venue.middle[symbol] + side * venue.spread[symbol] * draws.wide(3, 30)
    if draws.yes(0.6):
        venue.publish(symbol, side)
    crowd.pull(symbol, aim, draws.uniform(0.2, 0.5), span)
    holders = crowd.members.some(1, 6)
    for number in range(steps):
        crowd.take(symbol, side if draws.yes(0.8) else -side)
        if number > steps / 2 and draws.yes(0.2):
            venue.take(symbol, draws.choice(holders), -side, venue.shares(symbol, draws.wide(0.5, 6)), 1)
        if draws.yes(0.4 / steps):
            venue.publish(symbol, side)
        yield draws.wait(span / steps)
    if draws.yes(0.5):
        crowd.follow(symbol, -side, steps // 2, span / 3)
