"""Deeds done with accounts: wash rings after Cao and others, running ahead of what is to come, and acting as one."""

from __future__ import annotations

import itertools

from foreign_hawkes_book import Order
from foreign_hawkes_deeds_orders import pretend
from foreign_hawkes_deeds_price import gather, unload
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Task
from foreign_hawkes_world import SECOND


def wash(hand: Hand) -> Task:
    """Trade with oneself, by one account, in pairs, or round a ring, at an agreed price or at any."""
    rng, accounts = hand.rng, hand.accounts
    hand.own_too = True
    trades = rng.randint(3, 24) if hand.left > 40 * hand.pace else rng.randint(3, 8)
    usual = hand.market.listing(hand.s).size * rng.uniform(0.6, 5.0) * (0.5 if hand.sly else 1.0)
    varied = hand.sly or rng.random() < 0.4
    lag = 0.001 * 2_000 ** rng.random()
    made = [0]
    hand.verdict = lambda: made[0] >= max(2, trades // 2)
    ways = rng.random() < 0.5
    for i in range(trades):
        first, second = accounts[i % len(accounts)], accounts[(i + 1) % len(accounts)]
        if len(accounts) > 2 and rng.random() < 0.2 and varied:
            first, second = rng.sample(accounts, 2)
        buy = ways if len(accounts) > 2 or (len(accounts) == 1 and not varied) else rng.random() < 0.5
        size = hand.lots(usual * (rng.uniform(0.4, 1.8) if varied else 1.0))
        before = hand.own
        yield from _pass(hand, (first, second), buy, size, lag * rng.uniform(0.5, 2.0))
        made[0] += hand.own > before
        if hand.sly and rng.random() < 0.4:
            yield from pretend(hand)
        yield hand.left * 0.85 / (trades - i) * rng.uniform(0.3, 1.5)


def _pass(hand: Hand, pair: tuple[str, str], buy: bool, size: int, lag: float) -> Task:
    """Let one account's order rest where the other one's finds it first."""
    for _ in range(6):
        if hand.best(False) - hand.best(True) > 1:
            break
        yield hand.pace * 0.15
    room = hand.best(False) - hand.best(True)
    inside = hand.rng.randint(1, room - 1) if room > 1 else 0
    order = hand.rest(pair[0], buy, hand.best(buy) + (inside if buy else -inside), size)
    yield lag
    if not order.open:
        return
    ahead = _ahead(hand, order)
    if ahead <= 4 * size:
        hand.meet(pair[1], order, ahead + order.open)
    hand.drop(order)


def _ahead(hand: Hand, order: Order) -> int:
    book = hand.book
    better = [price for price in book.prices[order.buy] if (price > order.price if order.buy else price < order.price)]
    queue = book.queues[order.buy][order.price].values()
    at_price = itertools.takewhile(lambda one: one is not order, queue)
    return sum(book.at(order.buy, price) for price in better) + sum(one.open for one in at_price)


def run_ahead(hand: Hand) -> Task:
    """Build a position before a client's large order or before news, and close it after."""
    rng, market = hand.rng, hand.market
    buy = rng.random() < 0.5
    news = rng.random() < 0.5
    whole = hand.left * 0.9
    size = hand.depth(not buy, 4) * rng.uniform(0.3, 1.4) * (0.6 if hand.sly else 1.0)
    hand.flatten = True
    hand.verdict = lambda: (
        hand.traded[buy] >= 0.4 * size
        and hand.traded[not buy] >= 0.6 * hand.traded[buy]
        and (hand.mean(False) > hand.mean(True))
    )
    before = whole * rng.uniform(0.1, 0.5)
    yield from gather(hand, buy, size, before)
    yield rng.uniform(0.2, 2.0) * hand.pace
    if news:
        market.headline(hand.s, (1 if buy else -1) * rng.uniform(6.0, 18.0))
        yield rng.uniform(1.0, 6.0) * hand.pace
    else:
        yield from _client(hand, buy, rng.uniform(0.25, 0.5) * hand.left)
    yield from unload(hand, not buy, hand.left * rng.uniform(0.05, 0.7))


def _client(hand: Hand, buy: bool, seconds: float) -> Task:
    """Wait while a client works his order: another account, which knows nothing."""
    rng, market = hand.rng, hand.market
    others = [a for a in market.world.of_role("fund", "client") if a.name not in hand.accounts]
    client = Hand(market, hand.s, (rng.choice(others).name,), rng, market.now + int(seconds * SECOND))
    slices = max(4, min(30, int(seconds / hand.pace * rng.uniform(0.5, 1.5))))
    child = client.depth(not buy, 2) * rng.uniform(0.3, 0.8)
    market.spawn(_work(client, buy, child, (slices, seconds)), market.now)
    yield seconds * rng.uniform(0.8, 1.05)


def _work(client: Hand, buy: bool, child: float, form: tuple[int, float]) -> Task:
    slices, seconds = form
    for _ in range(slices):
        client.take(client.accounts[0], buy, child * client.rng.uniform(0.5, 1.5), client.rng.choice((0, 1, 1)))
        yield seconds / slices * client.rng.uniform(0.5, 1.4)


def act_as_one(hand: Hand) -> Task:
    """Let several accounts trade the same way at the same moments, and get out the same way."""
    rng = hand.rng
    buy = rng.random() < 0.5
    rounds = rng.randint(3, 14)
    lag = rng.uniform(0.3, 3.0) if hand.sly else 0.001 * 1_000 ** rng.random()
    resting = rng.random() < 0.3
    turns = rounds if rng.random() < 0.4 else (rounds + 1) // 2
    usual = hand.market.listing(hand.s).size * rng.uniform(0.3, 2.5)
    same = not hand.sly and rng.random() < 0.5
    acted = [0]
    hand.verdict = lambda: acted[0] >= max(3, 0.6 * rounds) and len(hand.used) > 1
    for number in range(rounds):
        side = buy if number < turns else not buy
        order = list(hand.accounts)
        rng.shuffle(order)
        missing = rng.randrange(len(order)) if hand.sly and len(order) > 2 else -1
        moved = sum(hand.traded.values())
        sent = []
        for i, account in enumerate(order):
            size = usual * (1.0 if same else rng.uniform(0.5, 1.6))
            if i != missing and resting and rng.random() < 0.7:
                sent.append(hand.rest(account, side, hand.best(side), size))
            elif i != missing:
                hand.take(account, side, size, 1)
            yield lag * rng.uniform(0.2, 1.8)
        yield hand.left * 0.8 / (rounds - number) * rng.uniform(0.4, 1.2)
        for one in sent:
            hand.drop(one)
        acted[0] += sum(hand.traded.values()) > moved
        if hand.sly and rng.random() < 0.4:
            yield from pretend(hand)
