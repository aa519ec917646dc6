"""Schemes of prices, as the cases describe them: pump and dump, the close, ignition, trading ahead of others."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.prosecuted.case import Case, bought
from tradewind.surveillance.elsewhere.prosecuted.engine import SECOND, Order, Process
from tradewind.surveillance.elsewhere.prosecuted.honest import execute
from tradewind.surveillance.elsewhere.prosecuted.world import react


def pump_and_dump(case: Case) -> Process:
    """Gather quietly, promote and lift, sell into the crowd (SEC v. Lebed 2000, SEC v. Constantin 2022).

    Counts when the price rose by a day's volatility and six half spreads, three quarters of the holding were sold, and
    sold dearer than bought.
    """
    rng, stock, world = case.rng, case.stock, case.world
    accounts = list(case.hire(3, 7) if case.evasive else case.hire(1, 4))
    span = min(case.closing - case.now, int(rng.uniform(500, 1600) * stock.beat * SECOND)) * 0.9
    lift = stock.sigma * rng.uniform(1.5, 4.0)
    target, parts = case.shares(20, 60), rng.randint(10, 24)
    buys: list[Order] = []
    case.begin()
    floor = case.mid()
    for _ in range(parts):  # gathering
        account, side = rng.choice(accounts), 1
        if rng.random() < 0.6:
            buys.append(case.place(account, side, case.inside(side), target // parts))
        else:
            buys.append(case.take(account, side, target // parts))
        yield int(span * 0.35 / parts * rng.uniform(0.5, 1.5))
        case.cancel(buys[-1])
    stories, public = rng.randint(2, 5), rng.random() < 0.7  # press releases, or talk in closed groups
    pushes = rng.randint(8, 20)
    for push in range(pushes + pushes // 2):  # the pump
        if push >= pushes // 2 and case.mid() > floor * (1 + 0.8 * lift):
            break
        if push < stories:
            if public:
                world.venue.news(stock.symbol)
            world.venue.start(case.now, react(world, stock, 1.2 * lift / stories, true=False))
        stock.hype = min(0.6, stock.hype + 0.12)
        buys.append(case.push(rng.choice(accounts), 1, 2.0, 6.0 if push < pushes // 2 else 25.0))
        yield int(span * 0.22 / pushes * rng.uniform(0.5, 1.5))
    top = case.mid()
    sells: list[Order] = []
    for step in range(150):  # the dump
        holders = [a for a in accounts if case.held(a) > 0]
        gained, lost = bought(buys)[0], bought(sells)[0]
        if not holders or lost >= 0.95 * gained or case.now > case.closing - 10 * stock.beat * SECOND:
            break
        account = rng.choice(holders)
        size = min(case.held(account), max(stock.lot, gained // 20))
        if step < 10:
            stock.hype = max(stock.hype, 0.4)
        else:
            stock.belief *= 0.94
            stock.hype = max(-0.5, stock.hype - 0.03)
        if rng.random() < 0.4:
            order = case.place(account, -1, case.inside(-1), size)
        else:
            order = case.take(account, -1, size, 1.5)
        sells.append(order)
        yield int(span * 0.3 / 24 * rng.uniform(0.4, 1.4))
        case.cancel(order)
    end = case.now
    (gained, paid), (sold, got) = bought(buys), bought(sells)
    rise = top / floor - 1
    enough = rise > max(stock.sigma, 6 * stock.half / floor) and sold >= 0.75 * gained and got > paid > 0
    case.finish(enough, rise=rise / stock.sigma, sold=sold / max(gained, 1), margin=got / paid - 1 if paid else 0.0)
    case.end = end
    for _ in range(40):  # the story is over
        stock.belief *= 0.85
        yield int(4 * stock.beat * SECOND)


def marking_the_close(case: Case) -> Process:
    """Buying (or selling) in the last minutes to set the price (SEC v. Athena 2014, FCA v. Rameshkumar Goenka 2011).

    Counts when the last trade stands two half spreads beyond the price before, and the accounts did a fifth of the
    volume since.
    """
    rng, stock, venue = case.rng, case.stock, case.world.venue
    accounts = list(case.hire(2, 3) if case.evasive else case.hire(1, 2))
    side = rng.choice((1, -1))
    while case.now < case.closing - 2 * SECOND and rng.random() < 0.7:  # an interest to protect
        case.take(accounts[0], side, case.shares(0.5, 1.5))
        yield min(case.beats(5, 20), max(1, (case.closing - case.now) // 12))
    case.begin()
    before, mark = case.mid(), len(venue.trades)
    pushes = rng.randint(8, 25)
    left, goal = case.closing - case.now, stock.half * rng.uniform(3, 9)
    for push in range(pushes):
        account = rng.choice(accounts)
        if case.evasive and rng.random() < 0.4:
            case.place(account, side, case.inside(side), case.shares(1, 3))
        else:
            case.push(account, side, rng.uniform(1.0, 3.0))
        pause = left * (0.85 / pushes * rng.uniform(0.5, 1.3) if push < pushes - 2 else 0.02)
        if case.now + pause > case.closing - left // 50:
            break
        yield int(pause)
        if side * (case.mid() - before) > goal:
            yield int(max(1, (case.closing - case.now) * 0.97))
            break
    case.push(accounts[0], side, rng.uniform(2.5, 5.0))
    done = [t for t in venue.trades[mark:] if t[1] == stock.symbol]
    own = sum(t[3] for t in done if t[4] in accounts or t[5] in accounts)
    volume = sum(t[3] for t in done)
    moved = side * ((done[-1][2] if done else before) - before) / stock.half
    happened = moved >= 2 and own >= 0.2 * volume
    case.finish(happened, moved=moved, share=own / max(volume, 1))


def momentum_ignition(case: Case) -> Process:
    """A burst of aggressive orders that others follow, sold into (SEC concept release 34-61358, ESMA 2012/122).

    Counts when the price moved three half spreads in the burst and three quarters of what was bought were sold again.
    """
    rng, stock = case.rng, case.stock
    accounts = list(case.hire(2, 3) if case.evasive else case.hire(1, 2))
    side = rng.choice((1, -1))
    case.begin()
    ins: list[Order] = []
    start_price = case.mid()
    for _ in range(rng.randint(0, 4)):
        ins.append(case.place(rng.choice(accounts), side, case.inside(side), case.shares(0.8, 2.0)))
        yield case.beats(1, 8)
        case.cancel(ins[-1])
    pushes = rng.randint(8, 24)
    reach = rng.uniform(1.5, 3.5)
    goal = stock.half * rng.uniform(4, 9)
    for _ in range(pushes * 3):
        ins.append(case.push(rng.choice(accounts), side, reach))
        yield min(case.beats(0.02, 0.5), case.seconds(0.02, 3.0))
        if side * (case.mid() - start_price) > goal:
            break
    moved = side * (case.mid() - start_price) / stock.half
    yield case.beats(3, 12)
    outs: list[Order] = []
    gained = bought(ins)[0]
    for _ in range(80):
        holders = [a for a in accounts if side * case.held(a) > 0]
        if not holders or bought(outs)[0] >= 0.98 * gained or case.now > case.closing - 5 * SECOND:
            break
        account = rng.choice(holders)
        size = min(side * case.held(account), max(stock.lot, gained // 8))
        if rng.random() < 0.5:
            outs.append(case.place(account, -side, case.inside(-side), size))
        else:
            outs.append(case.take(account, -side, size, 1.0))
        yield case.beats(1, 6)
        case.cancel(outs[-1])
    (gained, paid), (sold, got) = bought(ins), bought(outs)
    happened = moved >= 3 and sold >= 0.75 * gained > 0
    case.finish(
        happened, moved=moved, sold=sold / max(gained, 1), margin=side * (got / paid - 1) if paid and got else 0
    )


def front_running(case: Case) -> Process:
    """A position ahead of a client's large order (FINRA 5270) or of news (SEC v. insiders), closed into it.

    Counts when at least half of what was wanted was held before the event, three quarters of it were closed, and the
    price had moved the right way in between; a profit after spreads is usual, not needed.
    """
    rng, stock, world = case.rng, case.stock, case.world
    venue = world.venue
    accounts = list(case.hire(2, 3) if case.evasive else case.hire(1, 1 if rng.random() < 0.7 else 2))
    side, ahead = rng.choice((1, -1)), case.shares(8, 25)
    insider = rng.random() < 0.45
    lead = case.beats(15, 60) if insider else case.beats(5, 30)
    event = case.now + int(lead * 1.1)
    client_time = int(rng.uniform(80, 220) * stock.beat * SECOND)
    case.begin()
    if insider:
        jump = side * stock.sigma * rng.uniform(1.0, 3.0)
        venue.start(event, headline(case, jump))
    else:
        client = world.new_account() if rng.random() < 0.5 else rng.choice(stock.crowd)
        total = max(stock.lot, int(stock.typical * rng.uniform(60, 140) / stock.lot) * stock.lot)
        venue.start(event, execute(world, stock, (client, side, total), client_time, 0.15))
    parts, entry = rng.randint(3, 12), case.mid()
    ins: list[Order] = []
    for _ in range(parts):
        size = max(stock.lot, ahead // parts // stock.lot * stock.lot)
        account = rng.choice(accounts)
        if rng.random() < 0.4:
            ins.append(case.place(account, side, case.inside(side), size))
        else:
            ins.append(case.take(account, side, size))
        yield int(lead / parts * rng.uniform(0.6, 1.2))
        case.cancel(ins[-1])
    wait = case.beats(20, 60) if insider else int(client_time * rng.uniform(0.5, 0.9))
    while bought(ins)[0] < 0.6 * ahead and case.now < event + 5 * stock.beat * SECOND and len(ins) < 30:
        ins.append(case.push(accounts[0], side, 1.5, 3.0))
        yield case.beats(0.2, 1.5)
    early = bought(ins)[0]
    yield max(event - case.now, 1) + wait
    moved = side * (case.mid() - entry) / stock.half
    outs: list[Order] = []
    gained = bought(ins)[0]
    for _ in range(90):
        holders = [a for a in accounts if side * case.held(a) > 0]
        if not holders or bought(outs)[0] >= 0.98 * gained or case.now > case.closing - 5 * SECOND:
            break
        account = rng.choice(holders)
        size = min(side * case.held(account), max(stock.lot, gained // 8))
        if rng.random() < 0.5:
            outs.append(case.place(account, -side, case.inside(-side), size))
        else:
            outs.append(case.take(account, -side, size))
        yield case.beats(1, 6)
        case.cancel(outs[-1])
    (gained, paid), (sold, got) = bought(ins), bought(outs)
    margin = side * (got / paid - 1) if paid and got else 0.0
    happened = moved > 0.5 and early >= 0.5 * ahead and sold >= 0.75 * gained > 0
    case.finish(happened, moved=moved, margin=margin / stock.sigma, early=early / ahead, sold=sold / max(gained, 1))
    case.note["insider"] = float(insider)


def headline(case: Case, jump: float) -> Process:
    """The news an insider knew."""
    case.world.venue.news(case.stock.symbol)
    yield from react(case.world, case.stock, jump)
