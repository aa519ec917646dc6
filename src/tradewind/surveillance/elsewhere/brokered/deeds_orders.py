"""Schemes of false orders: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.brokered.act import Act
from tradewind.surveillance.elsewhere.brokered.book import Order
from tradewind.surveillance.elsewhere.brokered.stage import Play


def _rounds(act: Act, most: int) -> int:
    return act.rng.choice((1, 1, 2, act.rng.randint(2, most), act.rng.randint(2, most)))


def _fronts(act: Act, most: int) -> tuple[list[str], str]:
    """Return the accounts of the false side and the one of the genuine side, often the same."""
    if act.rng.random() < 0.5:
        account = act.people.band(1)[0]
        return [account], account
    band = act.people.band(act.rng.randint(2, most))
    return band[1:], band[0]


def spoofing(act: Act) -> Play:
    """One false order: left to rest, moved along with the price, shown for a moment before a strike, or on both sides.

    The genuine order waits at the touch or inside it, or takes once the price has moved.
    """
    rng, (fronts, real), side = act.rng, _fronts(act, 3), act.coin()
    tactic = rng.choice(("rest", "chase", "strike", "swing"))
    rounds, slow = _rounds(act, 9), rng.random() < 0.3
    behind = rng.choice((0, 0, rng.randint(0, 2), round(act.spread * act.over(0.3, 2.5))))
    gain = shown = burned = 0
    for k in range(rounds):
        scale = 0.3 + 0.7 * (k + 1) / rounds if slow else 1.0
        size = round(scale * max(act.book[side].near(3) * act.over(0.7, 3), act.size(3, 25)))
        want = act.size(0.5, 2.5)
        genuine = None
        early = rng.random() < 0.6
        if tactic != "strike" and early:
            genuine = act.rest(real, -side, want, -rng.randint(0, 1))
            yield act.span(1, 15)
        front = rng.choice(fronts)
        false = act.rest(front, side, size, behind)
        shown += size
        if tactic != "strike" and not early:
            yield act.over(0.01, 1)
            genuine = act.rest(real, -side, want, -rng.randint(0, 1))
        at, wait, taken = act.mid, act.span(6, 180), 0
        for _ in range(12):
            yield wait / 12
            if false.filled or (genuine and not genuine.left):
                break
            if tactic == "strike" and act.moved(at, side) > 0.7:
                break
            if tactic == "chase" and abs(act.touch(side) - side * behind - false.price) > act.spread:
                false = act.move(false, act.touch(side) - side * behind)
        if tactic == "strike" or (genuine and genuine.left and rng.random() < 0.5):
            if genuine:
                act.drop(genuine)
            taken = act.take(real, -side, want, 0.5).filled
            yield act.over(0.001, 0.4)
        burned += false.filled
        if false.left > 1 and rng.random() < 0.2:
            act.drop(false, false.left // 2)
            yield act.over(0.01, 0.3)
        act.drop(false)
        if genuine:
            yield act.over(0.01, 1)
            act.drop(genuine)
        gain += taken + (genuine.filled if genuine else 0)
        side = -side if tactic == "swing" else side
        yield act.span(5, 200)
    act.done = gain > 0 and burned < 0.25 * shown


def layering(act: Act) -> Play:
    """Several false levels: put up at once, built outwards, rolled after the price, or by several accounts in turn."""
    rng, (fronts, real), side = act.rng, _fronts(act, 5), act.coin()
    tactic = rng.choice(("wall", "built", "rolled", "relay"))
    levels, rounds = rng.randint(3, 9), _rounds(act, 6)
    apart = max(1, round(act.spread * act.over(0.15, 1)))
    first, grow = rng.choice((0, 1, apart)), rng.choice((1.0, 1.0, 1.25, 0.85))
    gain = shown = burned = 0
    for _ in range(rounds):
        base, want = max(act.book[side].near(5) * act.over(0.2, 0.8), act.size(1, 8)), act.size(0.5, 3)
        genuine = act.rest(real, -side, want, -rng.randint(0, 1)) if rng.random() < 0.7 else None
        yield act.span(1, 10)
        layers: list[Order] = []
        for level in range(levels):
            front = fronts[level % len(fronts)] if tactic == "relay" else fronts[0]
            size = max(round(base * grow**level * rng.uniform(0.9, 1.1)), 1)
            layers.append(act.rest(front, side, size, first + level * apart))
            shown += size
            yield act.span(1, 12) if tactic == "built" else act.over(1e-4, 0.1)
        wait = act.span(8, 200)
        for _ in range(10):
            yield wait / 10
            if (genuine and not genuine.left) or any(order.filled for order in layers[:2]):
                break
            layers.sort(key=lambda order: -side * order.price)
            if tactic == "rolled" and layers[-1].left and rng.random() < 0.6:
                burned += layers[-1].filled
                layers[-1] = act.move(layers[-1], act.touch(side) - side * first)
        if genuine is None or (genuine.left and rng.random() < 0.6):
            gain += act.take(real, -side, want, 0.5).filled
        burned += sum(order.filled for order in layers)
        order = rng.choice((1, -1))
        for layer in layers[::order]:
            act.drop(layer)
            yield act.over(1e-5, 0.15)
        if genuine:
            gain += genuine.filled
            act.drop(genuine)
        if rng.random() < 0.25:
            side = -side
        yield act.span(5, 250)
    act.done = gain > 0 and burned < 0.3 * shown


def quote_stuffing(act: Act) -> Play:
    """Bursts of orders taken back at once: flickering at one price, scattered, replaced, or piled up; often in turn."""
    rng, hands, side = act.rng, act.people.band(act.rng.choice((1, 1, 2, 4))), act.coin()
    tactic = rng.choice(("flicker", "scatter", "amend", "pile"))
    bursts = rng.choice((1, rng.randint(2, 4), rng.randint(4, 10)))
    each = max(round(act.over(60, 500) / bursts**0.5), 25)
    pause, scale, profits = act.over(5e-5, 8e-3), act.over(0.1, 2), rng.random() < 0.5
    fast = 0
    for k in range(bursts):
        hand, far = hands[k % len(hands)], round(act.spread * act.over(0.5, 12))
        began, sent, size = act.venue.now, 0, act.size(scale, scale)
        pile: list[Order] = []
        order = act.rest(hand, side, size, far)
        while sent < each:
            yield pause * rng.expovariate(1)
            sent += 2
            if tactic == "amend" and order.left:
                order = act.move(order, order.price + rng.choice((-1, 0, 1)))
            elif tactic == "pile":
                pile.append(act.rest(hand, side, size, far + sent // 6))
                if len(pile) > each // 4:
                    for held in pile:
                        act.drop(held)
                    pile = []
            else:
                act.drop(order)
                side = -side if tactic == "scatter" and rng.random() < 0.5 else side
                away = rng.randint(1, 2 * far + 2) if tactic == "scatter" else far
                order = act.rest(hand, side, size, away)
        for held in [*pile, order]:
            act.drop(held)
        rate = sent / max(act.venue.now - began, 1e-6)
        fast += rate > 5 / act.stage.beat[act.symbol]
        if profits:
            act.take(rng.choice(hands), act.coin(), act.size(), 0.5)
        yield act.span(3, 200)
    act.done = fast >= 0.7 * bursts
