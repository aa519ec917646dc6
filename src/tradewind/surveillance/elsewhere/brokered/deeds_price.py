"""Schemes that move a price: pump and dump, marking the close, momentum ignition, accounts in concert."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.brokered.act import Act, Work
from tradewind.surveillance.elsewhere.brokered.book import Order
from tradewind.surveillance.elsewhere.brokered.stage import Play


def _sell_into(act: Act, hands: list[str], side: int, total: int, seconds: float) -> Work:
    """Get out of what is held: into the followers' orders, at once, or in slices."""
    way = act.rng.choice(("rest", "slices", "sweep"))
    if way == "sweep":
        done = 0
        for k in range(6):
            done += act.take(hands[k % len(hands)], -side, total - done, act.over(1, 4)).filled
            if done >= 0.9 * total:
                break
            yield seconds / 6
        return done
    slices, eager = act.rng.randint(4, 20), 0.9 if way == "slices" else 0.4
    done = yield from act.work(hands, -side, total, (seconds, slices), eager=eager)
    for k in range(10):
        if done < 0.5 * total:
            yield seconds / 15
            done += act.take(hands[k % len(hands)], -side, total - done, 6.0).filled
    return done


def pump_and_dump(act: Act) -> Play:
    """Gather, lift the price by promotion, by own buying or by both, and sell it to those who follow."""
    rng, hands = act.rng, act.people.band(act.rng.choice((1, 2, 3, 5, 8)))
    side, tactic = act.coin(0.85), act.rng.choice(("talk", "buying", "both", "stairs"))
    slices = rng.randint(5, 30)
    held = yield from act.work(hands, side, slices * act.size(0.7, 3), (act.span(80, 1_500), slices), eager=0.6)
    yield act.span(5, 200)
    goal, steps, time = act.over(3, 12), rng.randint(6, 25), act.span(80, 900)
    lifters = hands if rng.random() < 0.6 else hands[: max(1, len(hands) // 2)]
    if tactic in {"talk", "both"}:
        act.stage.stir(act.symbol, talk=side * act.over(0.7, 1.6), life=2 * time)
        act.stage.stir(act.symbol, heat=act.over(0.5, 3), life=2 * time)
        act.stage.moods[act.symbol].worth += side * goal * 0.4 * act.spread
    top, start = 0.0, act.mid
    for k in range(2 * steps):
        yield time / steps * rng.expovariate(1)
        top = max(top, act.moved(start, side))
        if k >= steps and act.moved(start, side) > 0.6 * goal:
            break
        if act.moved(start, side) > goal or (tactic == "talk" and rng.random() < 0.5):
            continue
        hand, reach = lifters[k % len(lifters)], act.over(0.3, 2.5)
        if tactic == "stairs" and k % 2:
            act.stage.start(time / steps, act.rest(hand, side, act.size(1, 5), -1))
        else:
            held += act.push(hand, side, reach, rng.uniform(0.5, 1.0))
    top = max(top, act.moved(start, side))
    yield act.span(1, 80)
    sold = yield from _sell_into(act, hands, side, held, act.span(30, 700))
    act.stage.moods[act.symbol].worth -= side * goal * 0.4 * act.spread * (tactic in {"talk", "both"})
    act.done = top > 1.5 and sold > 0.4 * held


def marking_the_close(act: Act) -> Play:
    """Set the closing price: one sweep, steady buying, small trades at the offer, or bids that hold it; maybe daily."""
    rng, hands, side = act.rng, act.people.band(act.rng.choice((1, 1, 2, 3))), act.coin(0.7)
    tactic, length = rng.choice(("sweep", "steady", "ticks", "hold")), act.stage.setting.seconds
    days, marked = rng.choice((1, 1, 3)), 0
    for day in range(days):
        window = length * (act.over(0.001, 0.01) if tactic == "sweep" else act.over(0.004, 0.06))
        window = min(max(window, 2 * act.stage.pulse[act.symbol]), 900.0)
        yield max(act.stage.left_today() - window, 0.0)
        start, goal = act.mid, act.over(1.0, 5)
        steps = rng.randint(1, 4) if tactic == "sweep" else rng.randint(5, 25)
        props: list[Order] = []
        for k in range(steps):
            yield 0.9 * window / steps * rng.uniform(0.6, 1.05)
            hand = hands[k % len(hands)]
            if tactic == "ticks":
                act.take(hand, side, act.size(0.1, 0.6), 0.3)
            if tactic == "hold" and act.moved(start, side) > 0.6:
                props.append(act.rest(hand, side, act.size(1, 6)))
            elif act.moved(start, side) < goal and (tactic != "ticks" or rng.random() < 0.5):
                act.push(hand, side, max(goal / steps, 0.8) * rng.uniform(0.5, 1.5), rng.uniform(0.7, 1))
        yield max(act.stage.left_today() - act.over(0.01, 0.2), 0.0)
        if act.moved(start, side) < 0.8 * goal:
            act.push(hands[-1], side, goal, 1.0)
        marked += side * (act.venue.last[act.symbol] - start) > 0.6 * act.spread
        act.done = marked >= 0.5 * (day + 1)
        for order in props[: -1 if rng.random() < 0.5 else None]:
            act.drop(order)
        yield act.stage.left_today() + 0.1


def momentum_ignition(act: Act) -> Play:
    """Start a move others follow: a blast, faster and faster, with bids shown behind it, or after gathering quietly."""
    rng, hands, side = act.rng, act.people.band(act.rng.choice((1, 1, 2, 3))), act.coin()
    tactic = rng.choice(("blast", "faster", "shown", "gathered"))
    held, start = 0, act.mid
    if tactic == "gathered":
        slices = rng.randint(4, 15)
        held += yield from act.work(hands, side, slices * act.size(0.5, 2), (act.span(50, 500), slices), eager=0.2)
    sparks, seconds = rng.randint(4, 18), act.span(4, 120)
    goal, shows, from_here = act.over(2, 7), [], act.mid
    for k in range(sparks + sparks // 2):
        slow = 2.0 * max(1 - k / sparks, 0.1) ** 2 if tactic == "faster" else rng.expovariate(1)
        yield min(seconds / sparks, 20) * slow
        if act.moved(from_here, side) < goal:
            held += act.push(hands[k % len(hands)], side, max(1.6 * goal / sparks, 0.4), rng.uniform(0.6, 1))
        if tactic == "shown":
            shows.append(act.rest(hands[-1], side, act.size(2, 8), rng.randint(1, 2 + act.spread)))
    act.stage.stir(act.symbol, talk=side * 0.5, life=seconds + act.span(10, 40))
    act.stage.stir(act.symbol, heat=act.over(1, 4), life=seconds + act.span(10, 40))
    yield act.span(2, 25)
    top = act.moved(min(start, from_here) if side > 0 else max(start, from_here), side)
    for order in shows:
        held += order.filled
        act.drop(order)
    sold = yield from _sell_into(act, hands, side, held, act.span(10, 250))
    act.done = top > 1.0 and sold > 0.4 * held


def coordinated_accounts(act: Act) -> Play:
    """Strangers to the eye, one plan: buy in waves, lift in relay, hold the price by turns, or share out the parts."""
    rng, hands, side = act.rng, act.people.band(act.rng.choice((3, 4, 5, 6, 8, 12))), act.coin(0.7)
    tactic = rng.choice(("waves", "relay", "hold", "parts"))
    waves, start, held = rng.randint(2, 8), act.mid, 0
    close, gap, alike = act.over(0.003, 4), act.span(20, 250), rng.random() < 0.3
    same, sold, shown = act.size(0.5, 3), 0, 0
    buyers = hands[: max(2, round(len(hands) * 0.7))] if tactic == "parts" else hands
    sellers = hands[len(buyers) :] or hands
    for wave in range(waves):
        props: list[Order] = []
        rng.shuffle(buyers)
        crew = buyers if rng.random() < 0.5 else buyers[: max(2, round(len(buyers) * rng.uniform(0.5, 1)))]
        for hand in crew:
            size = same if alike else act.size(0.5, 3)
            if tactic == "hold":
                props.append(act.rest(hand, side, 2 * size, rng.choice((-1, 0, 0))))
            elif tactic == "relay":
                held += act.push(hand, side, act.over(0.2, 1.2), rng.uniform(0.4, 1))
            else:
                held += act.take(hand, side, size, act.over(0.3, 2)).filled
                if act.moved(start, side) < 0.3 * (wave + 1) and rng.random() < 0.4:
                    held += act.push(hand, side, act.over(0.5, 2), rng.uniform(0.5, 1))
            shown += 1
            yield min(gap / 3, 10 * close) if tactic == "relay" else min(close, gap / 10) * rng.expovariate(1)
        yield gap * rng.uniform(0.3, 1.5)
        if tactic == "parts" and wave:
            sold += act.take(rng.choice(sellers), -side, round(held / waves), 1.5).filled
        for order in props:
            held += order.filled
            act.drop(order)
            yield close * rng.uniform(0.02, 0.1)
    if tactic != "hold" and act.moved(start, side) < 1.0:
        for hand in buyers:
            held += act.push(hand, side, act.over(0.5, 1.5), rng.uniform(0.6, 1))
            yield min(close, gap / 10) * rng.expovariate(1)
    top = act.moved(start, side)
    if rng.random() < 0.8 and held > sold:
        yield act.span(5, 150)
        sold += yield from _sell_into(act, list(sellers), side, held - sold, act.span(10, 300))
    act.done = shown >= 4 and (top > 0.5 or (tactic == "hold" and top > -1.0 and held > 0))
