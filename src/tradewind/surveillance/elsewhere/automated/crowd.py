"""The many: retail and its wholesaler, informed traders, trend followers, news readers; and the news itself."""

from __future__ import annotations

import math
from collections import deque

from tradewind.surveillance.elsewhere.automated.book import Order
from tradewind.surveillance.elsewhere.automated.world import SEC, Script, Sym, World


def crowd(w: World, s: Sym) -> Script:
    """One self-exciting stream of decisions; who decides is drawn each time, a few accounts far more than most."""
    r, b = w.rng, s.book
    live: list[Order] = []
    people, informed, houses = w.roles["crowd"], w.roles["informed"], w.roles["wholesale"]
    noise = {a: r.gauss(0, 0.0015) for a in informed}
    skew = r.uniform(1.2, 3.0)
    mood = 0.0
    keep = r.uniform(15, 60)
    jump = 0.55 / (s.rate * s.heat_tau)
    read = r.uniform(0.15, 0.4)
    market_share, herd = r.uniform(0.3, 0.5), r.uniform(0.08, 0.3)
    slow, seen = b.mid(), w.t
    while True:
        s.heat *= math.exp(-max(0, w.t - s.heat_t) / SEC / s.heat_tau)
        s.heat_t = w.t
        lam = s.rate * w.pace * w.season() * 0.5 * (1 + min(s.heat, 15.0))
        yield int(r.expovariate(lam) * SEC)
        s.heat += jump
        if live and r.random() < min(0.55, len(live) / keep * 0.35):
            _tidy(w, s, live)
            continue
        u = r.random()
        mid = b.mid()
        slow += (mid - slow) * (1 - math.exp(-(w.t - seen) / SEC / (25 * s.beat)))
        seen = w.t
        mood = 0.97 * mood + r.gauss(0, 0.05)
        if u < 0.22:
            acct = r.choice(informed)
            edge = w.value(s) * (1 + noise[acct]) - mid
            noise[acct] = 0.98 * noise[acct] + r.gauss(0, 0.0003)
            side = 1 if edge > 0 else -1
            if abs(edge) > s.half * 1.5 + 1:
                b.enter(acct, side, b.touch(-side), w.size(s, 1.2), ioc=True)
            else:
                live.append(b.enter(acct, side, b.touch(side), w.size(s), ioc=False))
            continue
        hype = (
            s.hype * s.level / s.half * 0.03 if abs(s.hype) > 1e-6 and w.t - s.hype_t < 1.2 * s.hype_tau * SEC else 0.0
        )
        trend = herd * max(-1.0, min(1.0, (mid - slow) / (5 * s.half)))
        lean = mood + trend + read * b.imbalance() + max(-0.42, min(0.42, hype))
        side = 1 if r.random() < 0.5 + max(-0.45, min(0.45, lean)) else -1
        if u < 0.36:
            lots = max(1, round(s.unit / s.lot * r.choice([0.1, 0.3, 0.5, 1.0])))
            b.enter(r.choice(houses), side, b.touch(-side), lots * s.lot, ioc=True)
            continue
        acct = people[int(len(people) * r.random() ** skew)]
        if r.random() < market_share + abs(lean) * 0.3:
            big = 3.0 if r.random() < 0.05 else 0.9
            b.enter(acct, side, b.touch(-side) + side * int(r.expovariate(0.9)), w.size(s, big), ioc=True)
        else:
            back = int(r.expovariate(1 / (0.4 + 1.8 * s.half * r.choice([0.1, 1, 3]))))
            if back == 0 and b.ask() - b.bid() > 2 and r.random() < 0.35:
                back = -1
            live.append(b.enter(acct, side, b.touch(side) - side * back, w.size(s, 1.0, 1.0)))


def _tidy(w: World, s: Sym, live: list[Order]) -> None:
    """People forget, chase or give up their resting orders; far ones go first."""
    r, b = w.rng, s.book
    i = max(
        (r.randrange(len(live)) for _ in range(2)), key=lambda k: abs(live[k].px - b.mid()) if live[k].size else 1e12
    )
    o = live[i]
    live[i] = live[-1]
    live.pop()
    if not o.size:
        return
    if (r.random() < 0.35 and b.amend(o, b.touch(o.side) - o.side * r.choice([0, 0, 1, 2]), o.size)) or (
        r.random() < 0.1 and o.size > s.lot and b.amend(o, o.px, o.size // s.lot // 2 * s.lot)
    ):
        live.append(o)
    else:
        b.cancel(o)


def followers(w: World, s: Sym, accts: list[str]) -> None:
    """Momentum machines: a move of some spreads within a short look-back sets them off, each at its own speed."""
    r, b = w.rng, s.book
    trail: deque[tuple[int, int]] = deque()
    busy: set[str] = set()
    look = int(max(4.0, 3 * s.beat) * r.uniform(0.7, 2) * SEC)
    threshold = max(2.0, s.half * r.uniform(1.8, 3.5))

    def ride(acct: str, side: int) -> Script:
        bought = b.enter(acct, side, b.touch(-side) + side, w.size(s, r.uniform(0.8, 2.5), 0.4), ioc=True).filled
        for _ in range(r.randint(0, 2)):
            yield int(r.expovariate(1 / (0.3 * s.beat + 0.2)) * SEC)
            bought += b.enter(acct, side, b.touch(-side), w.size(s, 1.0, 0.4), ioc=True).filled
        if bought:
            yield int(max(5.0, r.expovariate(1 / (12 * s.beat))) * SEC)
            rest = b.enter(acct, -side, b.touch(-side), bought)
            yield int(r.expovariate(1 / (4 * s.beat)) * SEC)
            if rest.size:
                left = rest.size
                b.cancel(rest)
                b.enter(acct, -side, b.touch(side) - side * 3, left, ioc=True)
        yield int(r.expovariate(1 / (10 * s.beat)) * SEC)
        busy.discard(acct)

    def on_print(side: int, moved: int) -> None:
        if not moved:
            return
        trail.append((w.t, b.last))
        while trail and trail[0][0] < w.t - look:
            trail.popleft()
        move = b.last - trail[0][1]
        if move * side > threshold:
            for acct in accts:
                if acct not in busy and r.random() < 0.35:
                    busy.add(acct)
                    w.push(ride(acct, side), int(w.latency + SEC * math.exp(r.uniform(-6.5, 0.5))))

    b.watch.append(on_print)


def publish(w: World, s: Sym, jump: float, hype: float = 0.0, tau: float = 600.0, quiet: bool = False) -> None:
    """A headline: value moves by jump for good, the crowd's excitement by hype for a while; machines read at once."""
    r = w.rng
    for z in [s] + ([s.twin] if s.twin else []):
        z.shift += jump
        if hype:
            z.hype, z.hype_t, z.hype_tau = hype, w.t, tau
        if quiet:
            continue
        z.heat = min(12.0, z.heat + r.uniform(1, 5))
        z.heat_t = max(z.heat_t, w.t - 1)
        z.alarm_t = w.t if abs(jump) > 0.001 else z.alarm_t
        for _acct, o in z.pullers:
            if o.size and r.random() < 0.8:
                w.push(_pull(z, o), int(w.latency * r.uniform(1, 40)))
        for bot in w.roles["bot"]:
            if r.random() < 0.7:
                right = r.random() < 0.85 and abs(jump + hype) > 0.0008
                side = (1 if jump + hype > 0 else -1) if right else r.choice([1, -1])
                w.push(_bot(w, z, bot, side, right), int(w.latency * r.uniform(0.8, 6) + SEC * r.uniform(0, 0.02)))
    if not quiet:
        s.book.tape.row(s.book.tape.stamp(), s.name, "news", 0, "", "", 0.0, 0)


def _pull(s: Sym, o: Order) -> Script:
    s.book.cancel(o)
    yield from ()


def _bot(w: World, s: Sym, acct: str, side: int, sure: bool) -> Script:
    """Reads the headline, trades on it, and lets go when value is in the price."""
    r, b = w.rng, s.book
    got = 0
    for _ in range(r.randint(1, 4) if sure else 1):
        edge = (w.value(s) - b.mid()) * side
        if sure and edge < s.half:
            break
        got += b.enter(acct, side, b.touch(-side) + side * 2, w.size(s, r.uniform(1, 3), 0.4), ioc=True).filled
        yield int(SEC * r.uniform(0.002, 0.3))
    if got:
        yield int(max(20.0, r.expovariate(1 / (20 * s.beat))) * SEC)
        b.enter(acct, -side, b.touch(side) - side * 2, got, ioc=True)


def newsroom(w: World, s: Sym) -> Script:
    """The day's true news, some at full minutes and known to come, some not; some of it moves nothing."""
    r = w.rng
    length = w.session.close - w.session.start
    plan = sorted(r.uniform(0.02, 0.97) for _ in range(r.choice([0, 1, 1, 2, 3, 4])))
    for x in plan:
        at = w.session.start + int(x * length)
        if r.random() < 0.4:
            at = at // (300 * SEC) * 300 * SEC + r.randrange(SEC)
        if at <= w.t:
            continue
        jump = r.gauss(0, 0.006) if r.random() < 0.7 else r.gauss(0, 0.0005)
        s.news.append((at, jump))
    for _ in range(r.choice([0, 0, 1, 2])):
        s.news.append((w.session.start + int(r.uniform(0.05, 0.95) * length), -99.0))
    for at, jump in sorted(s.news):
        if at > w.t:
            yield at - w.t
        if jump < -1:
            publish(w, s, r.gauss(0, 0.004), quiet=True)
        else:
            publish(w, s, jump)
