"""Deeds of those who know, or who deal with themselves: wash trades, and dealing before others."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.frontier.houses import work
from tradewind.surveillance.elsewhere.frontier.play import Play
from tradewind.surveillance.elsewhere.frontier.world import Actor


def wash_trading(play: Play) -> Actor:
    """One owner deals with himself: one account, a pair, or a ring."""
    rng, hand, world = play.rng, play.hand, play.world
    count = rng.choice((1, 2, 2, 2, 3, 4, 5, 6)) if not play.hidden else rng.randrange(2, 7)
    accounts = play.join(count, count)
    rounds, one_way = rng.randrange(4, 20), rng.random() < 0.3
    gap, delay = play.left / (rounds + 2), rng.choice((0.05, 2.0, 20.0))
    scale, alike, broken = rng.uniform(0.5, 4), rng.random() < (0.3 if play.hidden else 0.7), rng.random() < 0.07
    made, drift = 0, rng.choice((0.0, 0.0, 1.0))
    for number in range(rounds):
        if play.left < 5 or (broken and number):
            break
        giver, getter = accounts[number % len(accounts)], accounts[(number + 1) % len(accounts)]
        if one_way and len(accounts) == 2:
            giver, getter = accounts
        side = -1 if one_way or rng.random() < 0.5 else 1
        bid, ask = world.best(play.symbol, 1), world.best(play.symbol, -1)
        if bid is None or ask is None or ask - bid < 2:
            price = (ask or play.best(1)) if side < 0 else (bid or play.best(-1))
        else:
            price = min(ask - 1, max(bid + 1, round((bid + ask) / 2 + drift * (ask - bid) * rng.uniform(-0.2, 0.5))))
        size, before = play.size(scale), hand.inside
        order = play.post(giver, side, price, size)
        yield play.wait(delay)
        if order.live:
            rest = size if alike else max(1, int(size * rng.uniform(0.5, 1.3)))
            best = world.best(play.symbol, side)
            if best == order.price or rng.random() < 0.7:
                play.enter(getter, -side, order.price, rest, ioc=rng.random() < 0.7)
            for left in play.mine:
                if rng.random() < 0.8:
                    play.pull(left)
        made += hand.inside > before
        play.cover()
        yield play.wait(gap * rng.uniform(0.1, 1.2))
    hand.outcome = made >= 3


def front_running(play: Play) -> Actor:
    """Deal before a client's large order, or before news, and out again behind it."""
    rng, hand, world = play.rng, play.hand, play.world
    play.join(1, 1 + (rng.random() < 0.2) + play.hidden * rng.choice((0, 1, 2)))
    side, whole = rng.choice((1, -1)), play.left
    broken = rng.random() < 0.07
    ahead = whole * rng.uniform(0.05, 0.35)
    total = play.size(rng.uniform(1.0, 8))
    yield from play.collect(side, total, ahead, rng.randrange(1, 8), rng.uniform(0.001, 0.008))
    have = hand.net * side
    if broken or have <= 0:
        return
    yield play.wait(rng.uniform(0.5, 60))
    before = play.lift()
    if rng.random() < 0.4:
        jump = side * rng.uniform(0.6, 2.5) * world.set.volatility[play.symbol]
        world.publish(play.symbol, jump, rng.randrange(3, 14))
        lag = rng.uniform(30, 900)
    else:
        lag = play.left * rng.uniform(0.2, 0.55)
        pool = [name for name in world.rich + world.people if name not in hand.accounts]
        large = world.size(play.symbol, rng.uniform(8, 40), rng)
        client = work(world, rng.choice(pool), play.symbol, side, large, rng.randrange(4, 22), lag, rng)
        world.start(client)
        lag *= rng.uniform(0.4, 1.1)
    yield max(0.0, min(lag, play.left * 0.6))
    yield from play.unwind(max(5.0, play.left * rng.uniform(0.1, 0.6)), rng.randrange(1, 8))
    moved = (play.lift() - before) * side
    hand.outcome = abs(hand.net) < 0.4 * max(hand.bought, hand.sold) and moved > -0.02
