"""Deeds done with orders that are not meant: spoofing, layering and quote stuffing."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

from foreign_auditcase_book import Order
from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script
from foreign_auditcase_world import SECOND


@dataclass
class Lure:
    """How a lure is laid: the wanted ``size``, and lures on ``levels`` of ``factor`` times what the book shows."""

    size: float
    levels: int
    factor: float
    step: float
    takes: bool = False
    flat: bool = True


def spoofing(hand: Hand) -> Script:
    """Show one or two large orders against the side that is wanted; perhaps turn round and do it again."""
    tactic = hand.rng.choice(("one", "one", "two", "flip", "flip", "lean"))
    side = hand.rng.choice((1, -1))
    wanted = hand.whole((1, 4), (1, 3))
    for turn in range(wanted + 5):
        if (turn >= wanted and hand.done) or hand.left < 6:
            break
        lure = Lure(
            size=hand.span((0.6, 5), (0.4, 2)),
            levels=2 if tactic == "two" or (hand.evasive and hand.rng.random() < 0.5) else 1,
            factor=hand.span((0.7, 5), (0.35, 1.2)),
            step=hand.span((0.2, 1.5)),
            takes=tactic == "lean",
        )
        yield from _lay(hand, side, lure)
        if tactic == "flip":
            side = -side
        yield min(hand.span((0.3, 12), (3, 40)), hand.left / 8)
    yield from hand.unload(min(hand.left * 0.6, hand.span((1, 60), (20, 120))), hand.whole((1, 3), (3, 6)))


def layering(hand: Hand) -> Script:
    """Show orders on three levels or more against the side that is wanted, by one account or several."""
    side = hand.rng.choice((1, -1))
    wanted = hand.whole((1, 4), (1, 3))
    turns = hand.rng.random() < 0.3
    takes = hand.rng.random() < 0.2
    for turn in range(wanted + 5):
        if (turn >= wanted and hand.done) or hand.left < 6:
            break
        lure = Lure(
            size=hand.span((0.5, 4), (0.3, 1.5)),
            levels=hand.whole((3, 9), (3, 5)),
            factor=hand.span((0.8, 5), (0.4, 1.4)),
            step=hand.span((0.12, 0.6)),
            takes=takes,
            flat=hand.rng.random() < 0.5 and not hand.evasive,
        )
        yield from _lay(hand, side, lure)
        if turns:
            side = -side
        yield min(hand.span((0.3, 12), (3, 40)), hand.left / 8)
    yield from hand.unload(min(hand.left * 0.6, hand.span((1, 60), (20, 120))), hand.whole((1, 3), (3, 6)))


def _lay(hand: Hand, side: int, lure: Lure) -> Script:
    rng, market = hand.rng, hand.market
    accounts = hand.accounts
    size, start = hand.size(lure.size), market.mid()
    meant: list[Order] = []
    if not lure.takes and rng.random() < 0.7:
        meant.append(_ask(hand, side, size))
        yield min(hand.span((0.02, 3), (0.5, 12)), hand.left / 10)
    yield from _decoy(hand)
    shown = market.near(-side) * lure.factor / lure.levels
    offset = rng.choice((0, 1, 2)) if lure.factor < 2 else rng.choice((1, 2, 3))
    lures: list[Order] = []
    for level in range(lure.levels):
        weight = 1.0 if lure.flat else rng.uniform(0.6, 1.5)
        back = offset + level * max(1.0, lure.step * market.stock.spread)
        big = hand.size(weight * shown / market.stock.typical)
        lures.append(hand.post(accounts[-1 - level % max(1, len(accounts) - 1)], -side, big, back))
        yield hand.span((0.001, 0.6), (0.2, 4))
    if not meant and not lure.takes:
        meant.append(_ask(hand, side, size))
    before = sum(order.filled for order in meant)
    patience = min(max(hand.beat, hand.span((1, 40), (8, 60))), hand.left * 0.45)
    until = hand.stage.now + int(patience * SECOND)
    while hand.stage.now < until:
        yield patience / 25
        if lure.takes and side * (start - market.mid()) > 0.2 * market.stock.spread:
            break
        if meant and not meant[0].live:
            break
        if meant and meant[0].filled and rng.random() < 0.05:
            break
        _keep_up(hand, side, meant)
        _step_back(hand, side, lures)
    if lure.takes:
        got = hand.take(accounts[0], side, size, 0.5)
        hand.done |= got > 0 and side * (start - market.mid()) > -0.3 * market.stock.spread
    else:
        hand.done |= sum(order.filled for order in meant) - before >= 0.4 * size
    yield hand.span((0.005, 1.5), (0.5, 8))
    yield from _withdraw(hand, lures)
    for order in meant:
        hand.drop(order)


def _ask(hand: Hand, side: int, size: int) -> Order:
    """Rest the order that is meant, at the touch or before it."""
    return hand.post(hand.accounts[0], side, size, -hand.rng.choice((0, 0.3, 0.6)) * hand.market.gap())


def _decoy(hand: Hand) -> Script:
    """Mix an honest looking trade in, where the hand hides."""
    if hand.evasive and hand.rng.random() < 0.5:
        hand.post(hand.rng.choice(hand.accounts), hand.rng.choice((1, -1)), hand.size(0.5), hand.span((1, 6)))
        yield hand.span((0.3, 4))


def _keep_up(hand: Hand, side: int, meant: list[Order]) -> None:
    """Bring the order that is meant back to the touch, now and then."""
    touch = hand.market.book.best(side)
    if meant and touch is not None and meant[0].price != touch and hand.rng.random() < 0.15:
        hand.change(meant[0], touch, meant[0].open)


def _step_back(hand: Hand, side: int, lures: list[Order]) -> None:
    """Move a lure that might trade away from the touch."""
    touch = hand.market.book.best(-side)
    for order in lures:
        if order.live and order.price == touch and not hand.evasive and hand.rng.random() < 0.3:
            ticks = max(1, round(hand.market.stock.spread * 0.7))
            hand.change(order, order.price - order.side * ticks, order.open)


def _withdraw(hand: Hand, lures: list[Order]) -> Script:
    """Cancel the lures: at once, one by one, or in pieces."""
    pieces = hand.evasive and hand.rng.random() < 0.4
    pause = hand.rng.choice((0.0, 0.0, 0.05, 0.4))
    lot = hand.market.stock.lot
    for order in lures:
        if pieces and order.open > 2 * lot:
            hand.change(order, order.price, lot * max(1, order.open // (3 * lot)))
            yield hand.span((0.5, 6))
        hand.drop(order)
        if pause or hand.evasive:
            yield hand.span((pause / 2 + 1e-4, pause + 2e-4), (0.2, 5))


def quote_stuffing(hand: Hand) -> Script:
    """Enter and cancel orders in bursts, fast or slow, and perhaps trade while the others cannot keep up."""
    rng = hand.rng
    rate = hand.span((15, 900), (5, 25))
    room = min(hand.left * 0.75, hand.stage.setting.events * 0.03 / rate)
    count = int(max(60, min(rate * room, hand.span((120, 1_600), (90, 400)))))
    bursts = hand.whole((1, 6), (2, 8))
    tactic = rng.choice(("pairs", "batch", "amend", "ladder"))
    pause = max(0.01, (hand.left - count / rate - 3) / bursts) * rng.uniform(0.1, 0.7)
    side = rng.choice((1, -1))
    sent = 0
    for _ in range(bursts):
        hand.market.jammed = hand.stage.now + int(count / bursts / rate * SECOND)
        account = rng.choice(hand.accounts)
        back = hand.span((1, 25))
        goal = sent + count // bursts + 1
        while sent < goal:
            if hand.evasive:
                account = rng.choice(hand.accounts)
            sent += yield from _flood(hand, account, side * rng.choice((1, 1, -1)), (tactic, rate, back))
        hand.done |= sent >= 0.7 * count
        yield pause * rng.uniform(0.3, 1.0)
    if rng.random() < 0.5:
        hand.take(hand.accounts[0], side, hand.size(hand.span((0.5, 4))), 1)
        yield min(hand.left * 0.3, hand.span((1, 20)))
        yield from hand.unload(min(5.0, hand.left * 0.3), 2)


def _flood(hand: Hand, account: str, side: int, how: tuple[str, float, float]) -> Generator[float, None, int]:
    """Send some orders and take them back; return how many messages were worth counting."""
    tactic, rate, back = how
    rng = hand.rng
    gap = 1 / rate
    many = {"pairs": 1, "amend": 1, "batch": rng.randint(4, 15), "ladder": rng.randint(3, 8)}[tactic]
    scale = hand.span((0.2, 3))
    orders = []
    for level in range(many):
        orders.append(hand.post(account, side, hand.size(scale), back + (level if tactic == "ladder" else 0)))
        yield gap * rng.uniform(0.2, 0.8)
    if tactic == "amend":
        many = rng.randint(4, 20)
        for _ in range(many):
            order = orders[0]
            hand.change(order, order.price - side * rng.choice((1, 2, -1, -2)), order.open)
            yield gap * rng.uniform(0.5, 1.5)
    for order in orders:
        hand.drop(order)
        yield gap * rng.uniform(0.1, 0.6)
    return many
