"""Schemes of who trades with whom and who knew what: wash trading and front running."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.brokered.act import Act
from tradewind.surveillance.elsewhere.brokered.honest_crowds import break_news
from tradewind.surveillance.elsewhere.brokered.honest_hands import client_order
from tradewind.surveillance.elsewhere.brokered.stage import Play


def wash_trading(act: Act) -> Play:
    """Trade without a change of owner: in one account, between two, round a ring, through the queue, or as a net."""
    rng, tactic = act.rng, act.rng.choice(("self", "pair", "ring", "queue", "net"))
    count = {"self": 1, "pair": 2, "ring": rng.randint(3, 7), "queue": 2, "net": rng.randint(3, 8)}[tactic]
    hands = act.people.band(count)
    trips, gap = rng.choice((rng.randint(3, 8), rng.randint(6, 30))), act.span(3, 120)
    same, vary = act.size(1, 8), rng.random() < 0.6
    meant, side, quick = 0, act.coin(), act.over(5e-4, 2)
    for k in range(trips):
        if tactic in {"net", "queue"}:
            side = act.coin()
        one = hands[k % count] if tactic != "net" else rng.choice(hands)
        other = hands[(k + 1) % count] if tactic != "net" else rng.choice([h for h in hands if h != one])
        size = act.size(0.7, 5) if vary else same
        bid, ask = act.touch(1), act.touch(-1)
        inside = rng.randint(bid + 1, ask - 1) if ask - bid > 1 and rng.random() < 0.8 else act.touch(side)
        if inside == act.touch(side) and tactic != "queue" and act.book[side].within(inside) > 2 * size:
            size += act.book[side].within(inside)
        order = act.rest(one, side, size, price=inside)
        meant += size
        yield min(quick * rng.expovariate(1), gap) * (4 if tactic == "queue" else 1)
        pieces = rng.choice((1, 1, 2, 3))
        for _ in range(pieces):
            if not order.left:
                break
            ahead = act.book[side].within(order.price) - order.left
            want = order.left if pieces == 1 else max(order.left // 2, 1)
            reach = max(-side * (order.price - act.touch(side)), 0) / act.spread
            act.take(other, -side, want + (ahead if rng.random() < 0.8 else 0), reach, own=True)
            yield quick * rng.uniform(0.1, 1)
        act.drop(order)
        if count == 2 and rng.random() < 0.5:
            hands.reverse()
        yield gap * rng.expovariate(1)
    trades, shares = act.crossed()
    act.done = trades >= 3 and shares > 0.3 * meant


def front_running(act: Act) -> Play:
    """Trade ahead of a client's order, or of news, and out into the flow, after it, or not at all."""
    rng, hands = act.rng, act.people.band(act.rng.choice((1, 1, 2, 3, 4)))
    side, news = act.coin(), act.rng.random() < 0.5
    tactic, slices = rng.choice(("one go", "slices", "bids", "trail")), rng.randint(4, 25)
    own = act.size(2, 12) * len(hands)
    held, time = 0, act.span(5, 80) if not news else act.span(40, 1_200)
    start = act.mid
    flow, pace = act.over(4, 14), act.span(60, 600)
    if tactic == "one go":
        for hand in hands:
            held += act.take(hand, side, round(own / len(hands)), 2.5).filled
            yield act.span(1, 20)
    else:
        eager = {"slices": 0.8, "bids": 0.25, "trail": 0.5}[tactic]
        held += yield from act.work(hands, side, own, (time, slices), eager=eager)
    yield act.span(3, 60) if not news else act.span(10, 600)
    if news:
        yield from break_news(act, side, act.over(5, 20))
        yield act.span(20, 200)
    else:
        act.stage.start(0.0, _client(Act(act.stage, act.symbol), side, flow, pace))
        if tactic == "trail":
            yield pace * rng.uniform(0.1, 0.3)
            held += act.take(hands[0], side, act.size(1, 4), 1.5).filled
        yield pace * rng.uniform(0.5, 1.2)
    won = act.moved(start, side)
    keeps = rng.random() < 0.2
    sold = 0
    if not keeps:
        sold = yield from act.work(hands, -side, held, (act.span(20, 400), rng.choice((1, 3, 12))), eager=0.7)
    act.done = held > 0 and won > 0.5 and (keeps or sold > 0.4 * held)


def _client(act: Act, side: int, spreads: float, seconds: float) -> Play:
    yield from client_order(act, side, spreads, seconds, act.rng.randint(6, 25))
