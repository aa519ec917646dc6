"""Deeds done with orders that are not meant: spoofing and layering after Lee, Eom and Park, and quote stuffing."""

from __future__ import annotations

from dataclasses import dataclass, field

from foreign_hawkes_book import Order
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Task


@dataclass
class Lure:
    """How orders that are not meant are shown, and what they have brought so far."""

    levels: int
    away: int
    step: int
    times: float
    patience: float
    stagger: float
    delay: float
    strike: bool
    gained: int = 0
    false: list[Order] = field(default_factory=list)


def spoof(hand: Hand) -> Task:
    """Show one large order or two, and trade on the other side while they stand."""
    return _lure(hand, 1 if hand.rng.random() < 0.7 else 2)


def layer(hand: Hand) -> Task:
    """Show orders on three levels or more, and trade on the other side while they stand."""
    return _lure(hand, hand.rng.randint(3, 8))


def _lure(hand: Hand, levels: int) -> Task:
    rng, sly = hand.rng, hand.sly
    far = rng.random() < 0.2
    rounds = max(1, min(rng.choice((1, 1, 2, 3, 4)), int(hand.left / (7 * hand.pace))))
    plan = Lure(
        levels=levels,
        away=rng.randint(4, 7) if far else rng.randint(0, 2),
        step=rng.choice((1, 1, 1, 2)),
        times=rng.uniform(0.8, 2.0) if sly else 1.5 * 4 ** rng.random(),
        patience=hand.left / (rounds + 0.5),
        stagger=rng.uniform(0.3, 4.0) if sly else 0.002 * 400 ** rng.random(),
        delay=rng.uniform(1.0, 12.0) if sly else 0.01 * 500 ** rng.random(),
        strike=rng.random() < 0.35,
    )
    hand.verdict = lambda: plan.gained > 0
    hand.flatten = rng.random() < 0.4
    flips, buy = rng.random() < 0.45, rng.random() < 0.5
    for _ in range(rounds):
        yield from _round(hand, plan, buy)
        if sly and rng.random() < 0.5:
            yield from pretend(hand)
        yield hand.pace * rng.uniform(0.05, 1.5)
        buy = not buy if flips else buy


def _round(hand: Hand, plan: Lure, buy: bool) -> Task:
    """Show orders of one side until the other one has brought a trade, and take them away."""
    rng, trader = hand.rng, hand.accounts[0]
    wanted = hand.depth(not buy, 1) * rng.uniform(0.15, 0.9)
    start, before = hand.best(buy), hand.traded[not buy]
    real = None
    if not plan.strike:
        inside = rng.choice((0, 1, 1)) * (1 if buy else -1)
        real = hand.rest(trader, not buy, hand.best(not buy) - inside, wanted)
        yield max(0.05, plan.stagger)
    yield from _show(hand, plan, buy)
    began = hand.left
    while began - hand.left < plan.patience and hand.left > plan.delay + plan.levels * plan.stagger + 2:
        yield min(3.0, hand.pace * rng.uniform(0.05, 0.25))
        if hand.traded[not buy] > before and (real is None or not real.open or rng.random() < 0.15):
            break
        moved = (hand.best(buy) - start) * (1 if buy else -1)
        waited = began - hand.left
        if (plan.strike and moved >= 1) or waited > 0.7 * plan.patience:
            hand.take(trader, not buy, wanted, 0)
            if hand.traded[not buy] > before:
                break
        yield from _guard(hand, plan, buy)
        if real is not None and real.open and abs(real.price - hand.best(not buy)) > hand.unit:
            hand.drop(real)
            real = hand.rest(trader, not buy, hand.best(not buy), _wanted(hand, wanted, before, buy))
    if any(order.open for order in plan.false):
        plan.gained += hand.traded[not buy] - before
    yield plan.delay
    for order in plan.false:
        hand.drop(order)
        if hand.sly or plan.stagger > 0.3:
            yield plan.stagger
    plan.false.clear()
    if real is not None:
        hand.drop(real)


def _wanted(hand: Hand, wanted: float, before: int, buy: bool) -> float:
    """Return what is still wanted of a side."""
    return max(1.0, wanted - (hand.traded[not buy] - before))


def _show(hand: Hand, plan: Lure, buy: bool) -> Task:
    sign = 1 if buy else -1
    whole = hand.depth(buy, 3) * plan.times * (1 + 0.25 * (plan.levels - 1))
    for level, size in enumerate(hand.split(whole, plan.levels)):
        price = hand.best(buy) - sign * (plan.away + level * plan.step)
        if level and plan.false:
            price = plan.false[-1].price - sign * plan.step
        parts = hand.rng.randint(2, 3) if hand.sly and plan.levels < 3 else 1
        for part in hand.split(size, parts):
            plan.false.append(hand.rest(hand.seat(1), buy, price, part))
            yield plan.stagger * hand.rng.uniform(0.5, 1.5)


def _guard(hand: Hand, plan: Lure, buy: bool) -> Task:
    """Step back with what may soon trade."""
    best = hand.best(buy)
    front = hand.book.at(buy, best)
    for i, order in enumerate(plan.false):
        if order.open and order.price == best and order.open > 0.7 * front:
            if hand.rng.random() < 0.5:
                hand.shift(order, best - (1 + plan.step) * (1 if buy else -1))
            else:
                hand.drop(order)
                plan.false[i] = hand.rest(order.account, buy, best - (2 if buy else -2), _false_size(hand, buy, plan))
            yield 0.001 + 0.2 * plan.stagger


def _false_size(hand: Hand, buy: bool, plan: Lure) -> float:
    """Return the size of one order that is not meant, as the book looks now."""
    return hand.depth(buy, 3) * plan.times / plan.levels


def pretend(hand: Hand) -> Task:
    """Look like anybody: a small order that rests a while, or trades."""
    account, buy, rng = hand.seat(), hand.rng.random() < 0.5, hand.rng
    size = hand.market.listing(hand.s).size * rng.uniform(0.2, 1.0)
    if rng.random() < 0.3:
        hand.take(account, buy, size)
        return
    order = hand.rest(account, buy, hand.best(buy) - (1 if buy else -1) * rng.randint(0, 4), size)
    yield hand.pace * rng.uniform(0.2, 1.5)
    hand.drop(order)


def stuff(hand: Hand) -> Task:
    """Enter and cancel orders in bursts that nobody can follow, and now and then profit from those who cannot."""
    rng = hand.rng
    slow = hand.sly or rng.random() < 0.3
    number = int(max(60, hand.market.world.events * rng.uniform(0.0012, 0.008)) * (0.5 if hand.sly else 1.0))
    bursts = rng.randint(1, 6)
    beat = min(0.05 * 10 ** rng.random(), hand.left * 0.6 / number) if slow else 0.0003 * 60 ** rng.random()
    style = rng.choice(("flicker", "ladder", "modify", "both"))
    counted = [0]
    hand.verdict = lambda: counted[0] >= 0.6 * number
    hand.flatten = True
    rest = max(0.5, hand.left - number * beat * 2.2) / bursts
    for _ in range(bursts):
        buy, away = rng.random() < 0.5, rng.randint(1, 9)
        lasting = {"flicker": 1, "modify": 1}.get(style, rng.randint(2, 12))
        for i in range(max(1, number // bursts // lasting)):
            side = buy if style != "both" else i % 2 == 0
            yield from _volley(hand, side, (away, lasting, beat), counted, style == "modify")
        if rng.random() < 0.4:
            hand.take(hand.accounts[0], rng.random() < 0.5, hand.depth(buy, 1) * 0.3)
        if hand.sly and rng.random() < 0.6:
            yield from pretend(hand)
        yield rest * rng.uniform(0.02, 0.7)


def _volley(hand: Hand, buy: bool, form: tuple[int, int, float], counted: list[int], moves: bool) -> Task:
    away, lasting, beat = form
    rng, sign = hand.rng, 1 if buy else -1
    usual = hand.market.listing(hand.s).size * rng.uniform(0.3, 2.0)
    sent = []
    for level in range(lasting):
        sent.append(hand.rest(hand.seat(), buy, hand.best(buy) - sign * (away + level), usual))
        counted[0] += 1
        yield beat * rng.uniform(0.4, 1.6)
    for order in sent:
        if moves:
            for _ in range(rng.randint(1, 4)):
                hand.shift(order, order.price - sign * rng.choice((-1, 1, 2)))
                yield beat * rng.uniform(0.4, 1.6)
        hand.drop(order)
        yield beat * rng.uniform(0.1, 0.8)
