"""Deeds done with trades: wash trading, marking the close, and accounts that act as one."""

from __future__ import annotations

from foreign_auditcase_book import Order
from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script


def wash_trading(hand: Hand) -> Script:
    """Trade without a change of owner: with oneself, in a pair, or round a ring."""
    rng = hand.rng
    rounds = max(4, min(hand.whole((4, 45), (4, 15)), int(hand.left / 2)))
    agreed = rng.random() < 0.6
    even = rng.random() < 0.5 and not hand.evasive
    quick = hand.span((0.0005, 2), (0.3, 12))
    scale = hand.span((0.5, 8), (0.4, 2))
    size = hand.size(scale)
    pace = hand.left * 0.85 / (rounds + 3)
    side = rng.choice((1, -1))
    for turn in range(rounds + 12):
        if hand.left < quick * 2 + 1 or (turn >= rounds and hand.matched >= 3):
            break
        giver = hand.accounts[turn % len(hand.accounts)]
        getter = hand.accounts[(turn + 1) % len(hand.accounts)]
        if not even:
            size = hand.size(scale * rng.uniform(0.5, 1.6))
        yield from _pass_on(hand, (giver, getter), (side, size, quick), agreed)
        hand.done = hand.matched >= max(2, min(5, rounds // 3))
        if rng.random() < (0.5 if len(hand.accounts) < 3 else 0.1):
            side = -side
        if hand.evasive and rng.random() < 0.3:
            hand.take(rng.choice(hand.accounts), rng.choice((1, -1)), hand.size(0.5), 0)
        yield max(0.02, pace * rng.uniform(0.3, 1.4) - quick)
    yield from hand.unload(min(10.0, hand.left * 0.6), 1)


def _pass_on(hand: Hand, pair: tuple[str, str], how: tuple[int, int, float], agreed: bool) -> Script:
    """Let one account rest an order and the other come for it."""
    side, size, quick = how
    book, stage = hand.market.book, hand.stage
    touch, against = book.best(side), book.best(-side)
    if touch is None or against is None:
        return
    gap = side * (against - touch)
    inside = gap // 2 if agreed else hand.rng.choice((1, 1, gap - 1, gap // 3))
    price = touch + side * max(0, min(gap - 1, inside))
    there = book.totals[-side].get(against, 0)
    if gap <= 1 and there <= 3 * size:
        price, size = against, size + there
    order = hand.send(Order(pair[0], side, price, size, crossable=True))
    yield quick * hand.rng.uniform(0.7, 1.3)
    if order.live:
        ahead = book.ahead(order)
        if ahead <= 2.5 * order.open:
            hand.send(Order(pair[1], -side, order.price, ahead + order.open, crossable=True), rest=False)
        elif hand.rng.random() < 0.6:
            yield min(stage.setting.events / 1e5, hand.left / 20)
    hand.drop(order)


def marking_the_close(hand: Hand) -> Script:
    """Trade one way before the bell, at its very end or over the last minutes, to set the closing price."""
    rng, market = hand.rng, hand.market
    side = rng.choice((1, -1))
    tactic = rng.choice(("burst", "creep", "steps"))
    stake = hand.span((0.5, 2.5), (0.3, 1))
    spread = market.stock.spread
    goal = hand.span((0.6, 5), (0.7, 2.5)) * spread
    if tactic != "burst":
        for _ in range(hand.whole((0, 4))):
            hand.post(hand.accounts[0], side, hand.size(stake), 0)
            yield hand.left / 20
    pieces = {"burst": hand.whole((3, 12)), "creep": hand.whole((8, 25)), "steps": hand.whole((3, 6))}[tactic]
    window = hand.left * {"burst": rng.uniform(0.05, 0.4), "creep": 0.9, "steps": 0.7}[tactic]
    window = max(3.0, min(window, hand.left - 0.3))
    yield max(0.001, hand.left - window - 0.2)
    start = market.mid()
    pauses = [rng.uniform(0.4, 1.6) for _ in range(pieces)]
    for turn, pause in enumerate(pauses):
        account = hand.accounts[turn % len(hand.accounts)]
        behind = goal * (turn + 1) / pieces - side * (market.mid() - start)
        if behind > 0 or not turn or rng.random() < 0.3:
            _push(hand, account, side, behind)
        if hand.evasive and rng.random() < 0.3:
            hand.post(account, -side, hand.size(0.5), 2 * spread)
        yield max(0.001, window * pause / sum(pauses))
    before = market.mid()
    _push(hand, hand.accounts[-1], side, max(goal - side * (before - start), 0.8 * spread))
    lifted = max(side * (market.mid() - start), side * (market.mid() - before))
    hand.done = hand.bought + hand.sold > 0 and lifted > 0.25 * spread


def _push(hand: Hand, account: str, side: int, behind: float) -> None:
    """Take what stands in the way of a price ``behind`` ticks off."""
    market = hand.market
    ticks = max(0, round(min(behind, 2.5 * market.stock.spread)))
    there = market.book.near(-side, ticks) if behind > 0 else 0
    most = hand.size(25 if not hand.evasive else 12)
    size = max(hand.size(0.6), min(most, there))
    hand.take(account, side, size, ticks / market.stock.spread)


def coordinated_accounts(hand: Hand) -> Script:
    """Let several accounts trade the same way at the same moments, wave after wave, and perhaps out again."""
    rng = hand.rng
    waves = max(4, min(hand.whole((4, 22), (4, 10)), int(hand.left / 5)))
    side = rng.choice((1, -1))
    scatter = min(hand.span((0.03, 2), (1.5, 12)), hand.left / waves / 3)
    even = rng.random() < 0.5 and not hand.evasive
    scale = hand.span((0.4, 3), (0.3, 1.2))
    passive = rng.random() < 0.25
    turning = rng.choice((waves, waves // 2, waves // 2, waves * 3 // 4))
    pace = hand.left * 0.95 / waves
    joined = 0
    for wave in range(waves):
        way = side if wave < turning else -side
        there = [name for name in hand.accounts if rng.random() < (0.65 if hand.evasive else 0.95)]
        rng.shuffle(there)
        before = hand.bought + hand.sold
        orders = []
        for account in there:
            size = hand.size(scale * (1 if even else rng.uniform(0.5, 1.8)))
            if passive or rng.random() < 0.1:
                orders.append(hand.post(account, way, size, -rng.choice((0, 1))))
            else:
                hand.take(account, way, size, 1.5)
            yield scatter / max(1, len(there)) * rng.uniform(0.2, 1.8)
        if hand.evasive and rng.random() < 0.4:
            hand.take(rng.choice(hand.accounts), -way, hand.size(0.3), 0)
        yield pace * rng.uniform(0.4, 0.8) if passive else pace * rng.uniform(0.5, 1.2) - scatter
        for order in orders:
            if order.live and rng.random() < 0.5:
                hand.take(order.account, way, order.open, 1)
            hand.drop(order)
        joined += len(there) > 1 and hand.bought + hand.sold > before
        hand.done = joined >= 3
