"""Honest people whose doings look like somebody's scheme: managers, brokers, funds, families and desks."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.brokered.act import Act, Work
from tradewind.surveillance.elsewhere.brokered.stage import Play


def client_order(act: Act, side: int, spreads: float, seconds: float, slices: int) -> Work:
    """Have a broker work a client's order so large that it moves the price."""
    hands = act.people.band(1) if act.rng.random() < 0.7 else act.people.household("manager")[:3]
    done = 0
    for k in range(slices):
        yield seconds / slices * act.rng.uniform(0.4, 1.6)
        hand = hands[k % len(hands)]
        done += act.push(hand, side, act.rng.uniform(0.5, 1.5) * min(spreads / 4, 2.0), act.rng.uniform(0.5, 1.0))
        if act.rng.random() < 0.3:
            act.stage.start(seconds / slices, act.rest(hand, side, act.size(1, 4)))
    mood = act.stage.moods[act.symbol]
    mood.worth += side * spreads * 0.4 * act.spread
    return done


def sliced_by_time(act: Act) -> Play:
    """An execution algorithm: one account, one side, even slices, cancels and replaces."""
    slices = act.rng.randint(8, 50)
    hands = act.people.band(1)
    yield from act.work(hands, act.coin(), slices * act.size(0.5, 2), (act.span(150, 3_000), slices), eager=0.3)


def sliced_by_volume(act: Act) -> Play:
    """An execution algorithm that takes a part of what others trade."""
    account, side, share = act.people.band(1)[0], act.coin(), act.rng.uniform(0.05, 0.25)
    for _ in range(act.rng.randint(8, 35)):
        seen = len(act.venue.rows)
        yield act.span(10, 60)
        traded = sum(row.size for row in act.venue.rows[seen:] if row.taker and row.symbol == act.symbol)
        if traded * share >= 1:
            act.stage.start(act.span(10, 40), act.rest(account, side, round(traded * share)))


def allocated_at_once(act: Act) -> Play:
    """A manager buys for all clients at the same moments, in equal or proportional parts."""
    hands, side = act.people.household("manager"), act.coin()
    parts = [act.over(0.4, 2.5) if act.rng.random() < 0.6 else 1.0 for _ in hands]
    base, eager = act.size(0.4, 1.5), act.rng.random()
    for _ in range(act.rng.randint(1, 7)):
        for hand, part in zip(hands, parts, strict=True):
            if act.rng.random() < eager:
                act.take(hand, side, round(base * part), 1.0)
            else:
                act.stage.start(act.span(30, 300), act.rest(hand, side, round(base * part)))
            yield act.over(1e-4, 0.3)
        yield act.span(30, 500)


def allocated_in_turn(act: Act) -> Play:
    """A manager buys for one client after the other."""
    hands = act.people.household("manager")
    slices = len(hands) * act.rng.randint(1, 6)
    total = slices * act.size(0.5, 2)
    yield from act.work(hands, act.coin(), total, (act.span(100, 2_500), slices), eager=act.rng.random())


def family_buys(act: Act) -> Play:
    """Two or three of a family buy the same within an hour, and one sells it to pay for something."""
    hands, side = act.people.household("family"), act.coin(0.7)
    for hand in hands:
        act.take(hand, side, act.size(0.5, 2), 1.0)
        yield act.span(5, 300)
    yield act.span(100, 800)
    act.take(hands[0], -side, act.size(0.5, 1), 1.0)


def desk_meets_itself(act: Act) -> Play:
    """Two algorithms of one desk work against each other and sometimes meet."""
    hands = act.people.household("desk")[:3]
    for _ in range(act.rng.randint(15, 60)):
        hand, side = act.rng.choice(hands), act.coin()
        if act.rng.random() < 0.5:
            act.take(hand, side, act.size(0.3, 1), 0.0)
        else:
            act.stage.start(act.span(5, 80), act.rest(hand, side, act.size(0.3, 1.5)))
        yield act.span(3, 30)


def two_firms_meet(act: Act) -> Play:
    """One firm offers what another happens to want, again and again."""
    one, other = (act.people.strangers(2) * 2)[:2]
    side = act.coin()
    for _ in range(act.rng.randint(4, 15)):
        size = act.size()
        better = act.touch(side) + side * act.rng.randint(0, 1)
        order = act.rest(one, side, size, price=better)
        yield act.over(0.01, 3)
        act.take(other, -side, size if act.rng.random() < 0.4 else act.size(), 0.0)
        yield act.span(2, 30)
        act.drop(order)
        yield act.span(5, 60)


def client_block(act: Act) -> Play:
    """A client's large order that nobody ran ahead of."""
    yield from client_order(act, act.coin(), act.over(2, 10), act.span(60, 800), act.rng.randint(4, 25))


def buyer_then_seller(act: Act) -> Play:
    """A big buyer moves the price; later another owner sells as much."""
    side, spreads = act.coin(0.7), act.over(4, 12)
    act.stage.stir(act.symbol, talk=side * 0.3, life=act.span(100, 400))
    yield from client_order(act, side, spreads, act.span(100, 700), act.rng.randint(5, 20))
    yield act.span(50, 500)
    yield from client_order(act, -side, spreads, act.span(60, 500), act.rng.randint(5, 20))


def closing_fund(act: Act) -> Play:
    """An index fund trades at the close because it must, a manager over several accounts."""
    hands = act.people.household("manager")[: act.rng.randint(1, 4)]
    before = act.stage.setting.seconds * act.over(0.004, 0.06)
    yield max(act.stage.left_today() - before, 0.0)
    side, slices = act.coin(), act.rng.randint(3, 25)
    total = slices * act.size(0.5, 3)
    yield from act.work(hands, side, total, (0.85 * act.stage.left_today(), slices), eager=act.rng.uniform(0.4, 1))


def opening_rebalance(act: Act) -> Play:
    """A rebalancing at the open of the next day, or now on the last; sometimes back at the close."""
    left = act.stage.left_today()
    if act.venue.now + left + 1 < act.stage.total:
        yield left + act.over(0.01, 2)
    account, side, slices = act.people.band(1)[0], act.coin(), act.rng.randint(2, 12)
    for _ in range(slices):
        act.take(account, side, act.size(1, 4), 2.0)
        yield act.span(1, 15)
    if act.rng.random() < 0.5:
        yield max(act.stage.left_today() - act.stage.setting.seconds * act.over(0.003, 0.03), 0)
        act.take(account, -side, act.size(1, 5), 2.0)


HANDS = (
    sliced_by_time,
    sliced_by_volume,
    allocated_at_once,
    allocated_in_turn,
    family_buys,
    desk_meets_itself,
    two_firms_meet,
    client_block,
    buyer_then_seller,
    closing_fund,
    opening_rebalance,
)
