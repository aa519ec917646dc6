"""Deeds that move a price by dealing: pumps, closes, bursts, and accounts that act as one."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.frontier.play import Play
from tradewind.surveillance.elsewhere.frontier.venue import Order
from tradewind.surveillance.elsewhere.frontier.world import Actor


def pump_and_dump(play: Play) -> Actor:
    """Collect, lift by buying (and by promotion), sell into those who follow."""
    rng, hand, world = play.rng, play.hand, play.world
    play.join(1, rng.choice((1, 2, 4)) + 2 * play.hidden)
    whole, start = play.left, play.lift()
    goal = rng.uniform(0.02, 0.05) if play.hidden else rng.uniform(0.03, 0.12)
    told = rng.random() < 0.55
    yield from play.collect(1, play.size(rng.uniform(3, 14)), whole * rng.uniform(0.1, 0.35), rng.randrange(3, 12))
    until = play.left * rng.uniform(0.35, 0.6)
    pace = whole * rng.uniform(0.02, 0.05)
    broken = rng.random() < 0.08
    props: list[Order] = []
    told_at, belief = rng.uniform(0.0, 0.5) * goal, goal * rng.uniform(0.3, 0.8)
    world.start(fade(play, belief, until, whole - until))
    world.start(fans(play, until + rng.uniform(0.2, 0.8) * (play.left - until), rng.randrange(6, 40)))
    while play.left > until and play.lift() - start < goal:
        if told and play.lift() - start >= told_at:
            told = False
            if rng.random() < 0.5:
                world.publish(play.symbol, belief / 4, rng.randrange(4, 12))
            else:
                world.excite(play.symbol, 1, rng.randrange(4, 14), 300)
        play.take(play.someone(), 1, play.size(rng.uniform(0.7, 3)), rng.uniform(0.002, 0.012))
        if rng.random() < 0.35:
            for order in props[:-2]:
                play.pull(order)
            props.append(play.post(play.someone(), 1, play.best(1) + 1, play.size(1.2)))
        if rng.random() < 0.4:
            world.excite(play.symbol, 1, rng.randrange(1, 4), 60)
        if broken and play.lift() - start > goal / 3:
            return
        play.cover()
        yield play.wait(pace)
    for order in props:
        play.pull(order)
    top = play.lift()
    cost = hand.paid / hand.bought if hand.bought else 0.0
    cost = max(cost * rng.uniform(0.994, 1.004), math.exp(start + 0.3 * (top - start)))
    yield from play.unwind(play.left * rng.uniform(0.5, 0.95), rng.randrange(8, 30), 0.003, patience=0.5, floor=cost)
    if hand.sold > 0.45 * hand.bought and top - start > 0.012:
        earned = math.log(hand.earned / hand.sold)
        hand.outcome = earned > math.log(hand.paid / hand.bought) - 0.003 or earned > start + 0.3 * (top - start)


def fans(play: Play, seconds: float, count: int) -> Actor:
    """People who see a price rise and want to be there too, one after the other."""
    end = play.world.now + seconds
    for _ in range(count):
        yield 2 * seconds / count * play.rng.random()
        if play.world.now > end:
            return
        play.world.excite(play.symbol, 1, 1, 5)


def fade(play: Play, belief: float, rise: float, seconds: float) -> Actor:
    """Let the market believe in a rise, and forget it later."""
    for _ in range(8):
        yield rise / 8
        play.world.value[play.symbol] += belief / 8
    for _ in range(8):
        yield seconds / 8
        play.world.value[play.symbol] -= belief / 8


def marking_the_close(play: Play) -> Actor:
    """Deal in the last minutes, or the last seconds, so that the session ends on another price."""
    rng, hand, world = play.rng, play.hand, play.world
    play.join(1, 1 + rng.choice((0, 0, 1)) + 2 * play.hidden)
    side = 1 if rng.random() < 0.75 else -1
    span = rng.choice((20.0, 90.0, 240.0, 600.0)) * rng.uniform(0.6, 1.4)
    yield max(0.0, world.session_left() - span)
    start, goal = play.lift(), rng.uniform(0.004, 0.012) if play.hidden else rng.uniform(0.006, 0.04)
    count, done = rng.randrange(2, 12), 0
    broken, burst = rng.random() < 0.06, rng.random() < 0.4
    while world.session_left() > 1.2:
        moved = (play.lift() - start) * side
        if moved < goal and done < 3 * count:
            play.take(play.someone(), side, play.size(rng.uniform(0.3, 2.0)), rng.uniform(0.001, 0.01))
            done += 1
            if rng.random() < 0.3:
                play.post(play.someone(), side, play.best(-side) - side, play.size(0.8))
            if broken and done > 1:
                return
        left = world.session_left()
        yield min(left - 0.8, rng.expovariate(count / span) if not burst else rng.uniform(0.1, 0.15 * left + 0.2))
    for _ in range(rng.choice((1, 3, 5))):
        if (play.lift() - start) * side < min(goal, 0.006):
            play.take(play.someone(), side, play.size(0.5), rng.uniform(0.002, 0.01))
    yield max(0.0, world.session_left() - 0.05)
    dealt = hand.bought if side > 0 else hand.sold
    hand.outcome = bool(dealt and (play.lift() - start) * side > 0.003)


def momentum_ignition(play: Play) -> Actor:
    """Start a move by a fast burst, let others run after it, and get out among them."""
    rng, hand, world = play.rng, play.hand, play.world
    play.join(1, 1 + rng.choice((0, 0, 1)) + play.hidden)
    side = rng.choice((1, -1))
    if rng.random() < 0.4:
        yield from play.collect(side, play.size(1.5), min(200.0, play.left / 4), 3)
    for _ in range(rng.choice((1, 1, 2, 3))):
        if play.left < 60:
            break
        start, goal = play.lift(), rng.uniform(0.006, 0.012) if play.hidden else rng.uniform(0.008, 0.03)
        tempo = rng.choice((0.02, 0.3, 2.0)) * (3 if play.hidden else 1)
        count, peak = rng.randrange(3, 16), 0.0
        for number in range(2 * count):
            play.take(play.someone(), side, play.size(rng.uniform(0.4, 1.6)), rng.uniform(0.001, 0.006))
            yield play.wait(tempo)
            peak = max(peak, (play.lift() - start) * side)
            if peak > goal or (number >= count and peak > 0.005):
                break
        if rng.random() < 0.07:
            return
        world.excite(play.symbol, side, rng.randrange(1, 6), 15)
        yield play.wait(rng.uniform(8, 70))
        moved = max(peak, (play.lift() - start) * side)
        if hand.net * side > 0:
            yield from play.unwind(min(rng.uniform(5, 200), play.left / 2), rng.randrange(1, 7))
        hand.outcome |= moved > 0.004 and abs(hand.net) < 0.5 * max(hand.bought, hand.sold)
        yield play.wait(rng.uniform(40, 300))


def coordinated_accounts(play: Play) -> Actor:
    """Several accounts do the same at the same moments, round after round."""
    rng, hand, world = play.rng, play.hand, play.world
    accounts = play.join(3, rng.randrange(3, 11))
    rounds, side = rng.randrange(2, 9), rng.choice((1, -1))
    turns = rng.random() < 0.35
    within = rng.choice((0.2, 2.0, 15.0)) * (rng.uniform(2, 8) if play.hidden else 1)
    rest, scale, alike = rng.random() * 0.5, rng.uniform(0.3, 1.5), rng.choice((0.0, 0.05, 0.15))
    gap = play.left / (rounds + 1)
    within = min(within, gap / 4)
    full, broken = 0, rng.random() < 0.07
    for number in range(rounds):
        if turns and number == rounds // 2:
            side = -side
        size, dealt = play.size(scale, 0.4), hand.bought + hand.sold
        who = [name for name in accounts if rng.random() < (0.7 if play.hidden else 0.92)]
        who = who if len(who) >= 3 else list(accounts)
        rng.shuffle(who)
        acted = 0
        passive = rng.random() < rest
        for name in who:
            if play.left < 2:
                break
            lot = world.set.lots[play.symbol]
            own = max(lot, int(size * rng.gauss(1, alike + 0.1 * play.hidden)) // lot * lot)
            if passive:
                play.clear(side, play.best(side))
                play.post(name, side, play.best(side) + side * rng.choice((0, 0, 1)), own)
            else:
                play.take(name, side, own, rng.uniform(0.002, 0.012))
            acted += 1
            yield play.wait(within / len(who))
        full += acted >= 3 and (passive or hand.bought + hand.sold > dealt)
        if broken or play.left < 30:
            break
        play.cover()
        yield play.wait(gap * rng.uniform(0.3, 0.9))
        for order in play.mine:
            if rng.random() < 0.7:
                play.pull(order)
    hand.outcome = full >= 2 and len(hand.acted) >= 3 and hand.bought + hand.sold > 0
