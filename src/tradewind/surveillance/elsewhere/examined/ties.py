"""Deeds told by who trades with or before whom: washing, front running, coordination."""

from __future__ import annotations

import math
from functools import partial

from tradewind.surveillance.elsewhere.examined.crowd import flock
from tradewind.surveillance.elsewhere.examined.engine import Account, Script
from tradewind.surveillance.elsewhere.examined.lures import Hand
from tradewind.surveillance.elsewhere.examined.work import Desk
from tradewind.surveillance.elsewhere.examined.world import announce


def cross(hand: Hand, one: Account, two: Account, side: int, size: float) -> Script:
    """``one`` rests an order inside the spread or first in a queue, ``two`` of the same hand trades with it."""
    rng, stock, world = hand.world.rng, hand.stock, hand.world
    for _ in range(25):
        if stock.touch(-1) - stock.touch(1) >= 2:
            break
        yield hand.beat * world.log(0.5, 5)
    order = hand.rest(one, side, -rng.randint(1, max(1, int(stock.touch(-1) - stock.touch(1)) - 1)), size)
    yield world.log(0.0005, 0.3) if rng.random() < 0.7 else world.log(0.3, 3)
    ahead = sum(stock.book.shown[side].get(stock.touch(side) - side * i, 0) for i in range(3))
    lead = ahead - order.left if 0 < ahead - order.left < 3 * size and stock.touch(side) != order.price else 0
    hand.at(two, -side, order.price, (order.left or size) + lead)
    if rng.random() < 0.9:
        yield world.log(0.001, 2)
        hand.clear()


def washing(hand: Hand) -> Script:
    """Trades without a change of owner: with oneself, to and fro, round a ring, or matched orders among noise."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic = rng.choice(("self", "pair", "ring", "matched"))
    crew = hand.accounts[: {"self": 1, "pair": 2, "matched": 3}.get(tactic, 5)]
    if len(crew) == 1:
        tactic = "self"
    keep, rounds = [a.stp for a in crew], rng.randint(3, 24)
    for account in crew:
        account.stp = False
    size, same = stock.unit * world.log(0.5, 8) * hand.sly, rng.random() < 0.5
    pace, side = min(hand.beat * world.log(5, 300) / hand.sly, world.left() * 0.5 / rounds), rng.choice((1, -1))
    lots = []
    for i in range(rounds):
        one = crew[0] if tactic == "self" else crew[i % len(crew)]
        two = one if tactic == "self" else crew[(i + 1) % len(crew)]
        if tactic == "matched":
            one, two = rng.sample(crew, 2)
        lot = size * (1 if same else world.log(0.4, 2.5))
        lots.append(lot)
        yield from cross(hand, one, two, side, lot)
        if tactic == "pair":
            side = -side if rng.random() < 0.9 else side
        if rng.random() < 0.15:
            hand.take(hand.world.rng.choice(crew), rng.choice((1, -1)), stock.unit * world.log(0.2, 1), 0.3)
        yield pace * rng.expovariate(1) if i < rounds - 1 else 0.0
    names = {a.name for a in crew}
    met = [c for c in stock.book.crosses if c[0] >= hand.first and c[3].name in names and c[4].name in names]
    for account, stp in zip(crew, keep, strict=True):
        account.stp = stp
    hand.done = len(met) >= max(2, rounds / 3) and sum(c[2] for c in met) > 0.3 * sum(lots)


def ahead(hand: Hand) -> Script:
    """Deal on what is to come: an insider before news, a tipped ring, a broker before a client, a tailgater."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("news", "ring", "client", "client", "tailgate")), rng.choice((1, -1))
    lasts = min(world.length * world.log(0.005, 0.15), world.left() * 0.3)
    crew = hand.accounts if tactic == "ring" else hand.accounts[: rng.choice((1, 1, 2))]
    total = stock.unit * world.log(5, 60) * hand.sly / len(crew)
    if tactic == "tailgate":
        yield from tailgate(hand, side, crew)
        return
    if rng.random() < 0.3:
        lasts = world.log(1, 20)
    for i, account in enumerate(crew):
        script = hand.work(account, side, total, lasts * (1 if i == len(crew) - 1 else 0.8), rng.uniform(0, 0.9))
        if i < len(crew) - 1:
            world.clock.after(lasts * rng.uniform(0, 0.2), script)
        else:
            yield from script
    yield world.log(0.5, 0.02 * world.length + 2)
    if tactic == "client":
        client = rng.choice([a for a in world.accounts if a.kind == "fund"])
        far = min(world.length * world.log(0.01, 0.08), world.left() * 0.3)
        size = max(
            stock.unit * world.log(30, 200), stock.book.near(-side, math.ceil(3 * stock.spread)) * world.log(0.5, 3)
        )
        if rng.random() < 0.4:
            stock.take(client, side, size, world.log(1, 4))
            stock.rest(client, side, 0, size / 2)
        else:
            world.clock.after(0, Desk(world, stock, [client]).work(client, side, size, far, 0.15))
        stock.stir(1.5)
        stock.value += side * stock.spread * rng.uniform(0.5, 3)
        yield far * rng.uniform(0.4, 1.0)
    else:
        announce(world, stock, side, world.log(3, 12), rng.random() < 0.7)
        flock(world, stock, side, rng.randint(4, 20), world.log(0.5, 20), world.log(0.02, 2))
        yield world.log(1, 0.03 * world.length + 5)
    held = hand.net()
    yield from hand.flatten(min(lasts, world.left() * 0.4) * world.log(0.1, 1), rng.uniform(0.8, 1), rng.random())
    hand.done = held * side > 0.3 * total and abs(hand.net()) < 0.6 * abs(held)


def tailgate(hand: Hand, side: int, crew: list[Account]) -> Script:
    """Ahead of each child of a client's parent order, out again by selling to the client."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    client = rng.choice([a for a in world.accounts if a.kind == "fund"])
    children, won = rng.randint(3, 9), 0
    for i in range(children):
        size, account = stock.unit * world.log(0.7, 6) * hand.sly, crew[i % len(crew)]
        got = hand.take(account, side, size, 0.6)
        yield world.log(0.005, 1.5)
        offer = hand.rest(account, -side, 0 if rng.random() < 0.6 else -1, got) if got else None
        yield world.log(0.005, 0.5)
        stock.take(client, side, stock.unit * world.log(5, 40), world.log(0.7, 2.5))
        yield hand.beat * world.log(3, 40)
        if offer:
            won += bool(offer.filled)
            hand.pull(offer)
            if offer.filled < got:
                hand.take(account, -side, got - offer.filled, 0.5)
        yield min(hand.beat * world.log(20, 300), world.left() * 0.5 / children) if i < children - 1 else 0.0
    hand.done = won >= max(1, children / 4)


def together(hand: Hand) -> Script:
    """Accounts under one hand: struck at once, a leader with echoes, orders in lockstep, a rota, or a split push."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("struck", "echo", "lockstep", "rota", "flips")), rng.choice((1, -1))
    crew, rounds = hand.accounts, rng.randint(3, 14)
    size, same = stock.unit * world.log(0.6, 6) * hand.sly, rng.random() < 0.5
    jitter = world.log(0.0005, 1.5) / hand.sly
    pace = min(hand.beat * world.log(10, 400) / hand.sly, world.left() * 0.5 / rounds)
    lag, met = world.log(0.01, 4), 0
    for i in range(rounds):
        lots = [size if same else world.size(stock, size / stock.unit) for _ in crew]
        active = crew if rng.random() < 0.7 or len(crew) < 4 else rng.sample(crew, len(crew) - 1)
        if tactic == "lockstep":
            away, orders = rng.choice((-1, 0, 0, 1, 2)), []
            for account, lot in zip(active, lots, strict=False):
                orders.append(hand.rest(account, side, away, lot))
                yield jitter * rng.random()
            yield hand.beat * world.log(5, 60)
            for order in orders:
                hand.pull(order)
                yield jitter * 0.3 * rng.random()
            met += len(orders) > 2
        elif tactic == "rota":
            met += bool(hand.take(crew[i % len(crew)], side, lots[0], 0.6))
        else:
            if tactic == "flips":
                side = -side if i % 2 else side
            filled = 0
            for j, (account, lot) in enumerate(zip(active, lots, strict=False)):
                filled += bool(hand.take(account, side, lot, 1.0))
                yield lag * rng.uniform(0.9, 1.1) if tactic == "echo" and not j else jitter * rng.random()
            met += filled >= 2
        if rng.random() < 0.1:
            world.clock.after(hand.beat * 5, partial(flock, world, stock, side, 3, hand.beat * 20))
        yield pace * rng.uniform(0.3, 1.7) if i < rounds - 1 else 0.0
    hand.done = met >= max(3, 0.6 * rounds) and len(hand.acted) >= 3
