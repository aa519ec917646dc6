"""Deeds done to the price: pump and dump, marking the close, momentum ignition."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.automated.crowd import publish
from tradewind.surveillance.elsewhere.automated.stage import Deed
from tradewind.surveillance.elsewhere.automated.world import SEC, Script


def _gather(d: Deed, side: int, want: int, share: float, quiet: bool) -> Script:
    """Build a position without showing it, until want or the share of the time is there."""
    r, b, s = d.r, d.b, d.s
    while d.inv * side < want and not d.late(share):
        hand = d.any()
        left = (d.t0 + int((d.t1 - d.t0) * share) - d.w.t) / SEC
        pause = max(0.3, min(3 * s.beat, left / max(1.0, (want - d.inv * side) / s.unit)))
        if quiet and r.random() < 0.6:
            o = d.rest(hand, side, b.touch(side) + (side if b.ask() - b.bid() > 2 else 0), d.size(1.0, 0.4))
            yield d.nap(pause)
            d.pull(o)
        else:
            d.take(hand, side, d.size(0.9, 0.4))
            yield d.nap(pause)
        d.cover(0.08)


def pump_and_dump(d: Deed) -> Script:
    """Gather, lift (rumour, sweeps, or a long walk of small prints), and sell to whoever came."""
    r, b, s, w = d.r, d.b, d.s, d.w
    d.tactic = r.choice(["rumour", "sweeps", "ramp", "rumour+sweeps"])
    d.cast(r.randint(3, 7) if d.evasive else r.choice([1, 2, 3, 5]))
    low = b.mid()
    want = d.size(r.uniform(10, 45), 0.1)
    yield from _gather(d, 1, want, 0.4, True)
    if d.inv < 4 * s.unit:
        return
    start, peak = b.mid(), b.mid()
    rise = min(max(low * r.uniform(0.004, 0.02), 8 * s.half + 4), r.uniform(12, 40) * s.half + 4)
    if "rumour" in d.tactic:
        publish(w, s, 0.0, rise / low * r.uniform(0.8, 1.6), max(120.0, (d.t1 - d.t0) / SEC * r.uniform(0.15, 0.4)))
    elif d.evasive or r.random() < 0.75:  # the promotion runs in closed chat rooms, off the tape
        hype, share = (1.8, 0.7) if d.evasive else (1.2, 0.35)
        publish(w, s, 0.0, rise / low * hype, max(120.0, (d.t1 - d.t0) / SEC * share), quiet=True)
    rise *= 0.7 if d.evasive else 1.0
    spent, cap = 0, want * r.uniform(0.4, 1.1) * (0.5 if d.evasive else 1.0)
    lift = "sweeps" in d.tactic or d.tactic == "ramp"
    while lift and b.mid() < start + rise and spent < cap and not d.late(0.55 if d.evasive else 0.7):
        if d.tactic == "ramp" or d.evasive:
            spent += d.take(d.any(), 1, d.size(0.7, 0.5), d.ticks(0.3))
            yield d.nap(max(0.2, s.beat * 0.25))
        else:
            for _ in range(r.randint(2, 6)):
                spent += d.take(d.any(), 1, d.size(1.8), d.ticks(1.0))
                yield d.nap(0.15)
            yield d.nap(max(1.0, s.beat * 0.8))
        peak = max(peak, b.mid())
    waited = 0
    while not lift and b.mid() < start + 0.5 * rise and waited < 60 and not d.late(0.7):
        waited += 1
        d.take(d.any(), 1, d.size(0.6, 0.4), 1)
        yield d.nap(max(1.0, s.beat))
        peak = max(peak, b.mid())
    style = r.choice(["steady", "blocks"])
    while d.inv >= s.lot and not d.late(1.15):
        peak = max(peak, b.mid())
        at = min(d.inv, d.size(0.9 if style == "steady" else 2.5, 0.4))
        if r.random() < (0.5 if d.evasive else 0.3):
            o = d.rest(d.any(), -1, b.ask(), at)
            yield d.nap(max(0.3, s.beat * 0.8))
            d.pull(o)
        else:
            d.take(d.any(), -1, at, d.ticks(0.4))
        yield d.nap(max(0.1, s.beat * 0.4))
    d.done = d.sold > 0.7 * d.bought and d.gain() > 0 and peak - low > max(4 * s.half, min(0.002 * low, 10 * s.half))


def marking_the_close(d: Deed) -> Script:
    """Move the last price: one late burst, a drip that quickens, small prints in the last seconds, or two hands."""
    r, b, s, w = d.r, d.b, d.s, d.w
    d.tactic = r.choice(["burst", "drip", "paint", "pair"])
    d.cast(r.randint(2, 4) if d.evasive or d.tactic == "pair" else 1)
    side = r.choice([1, 1, -1])
    close = w.session.close
    before = b.mid()
    tail = {"burst": r.uniform(2, 20), "paint": r.uniform(1, 8)}.get(d.tactic, (d.t1 - d.t0) / SEC * 0.9)
    if d.evasive:
        tail = max(tail, r.uniform(30, 200))
    yield max(1, close - int(tail * SEC) - w.t)
    prop = None
    if d.tactic == "pair":
        prop = d.rest(d.accts[0], side, b.touch(side), d.size(3))
    before = b.mid()
    reach = min(max(4 * s.half + 1, before * r.uniform(0.0015, 0.008)), r.uniform(6, 20) * s.half + 1)
    goal = before + side * reach
    steps = 0
    while w.t < close - SEC // 20 and steps < 400:
        steps += 1
        left = (close - w.t) / SEC
        due = before + (goal - before) * min(1.0, 1.05 - left / tail) if d.tactic in ("drip", "pair") else goal
        if (b.mid() - due) * side < 0:
            small = d.tactic == "paint" or d.evasive
            d.take(
                d.any(),
                side,
                d.size((0.5 if small else 1.5) * (1 + 0.06 * min(steps, 40)), 0.4),
                d.ticks(0.25 if small else 0.8),
            )
        elif (b.last - b.touch(-side)) * side < 0 and r.random() < 0.5:
            d.take(d.any(), side, s.lot, 0)
        if prop is not None and (b.touch(side) - prop.px) * side > 3:
            d.pull(prop)
            prop = d.rest(d.accts[0], side, b.touch(side), d.size(3))
        d.cover(0.03)
        yield min(d.nap(min(max(0.03, tail / r.uniform(25, 60)), 6.0)), max(1, close - SEC // 50 - w.t))
    d.done = d.bought + d.sold > 0 and (b.last - before) * side >= max(2 * s.half + 1, min(0.0008 * before, 4 * s.half))


def momentum_ignition(d: Deed) -> Script:
    """Light the fuse and sell to the runners: bare burst, a stop run through the last low, or two hands."""
    r, b, s = d.r, d.b, d.s
    d.tactic = r.choice(["burst", "run", "hands"])
    d.cast(r.randint(3, 4) if d.evasive else 2 if d.tactic == "hands" else 1)
    side = r.choice([1, -1])
    hits = 0
    for _ in range(r.choice([1, 1, 2, 3])):
        if d.late(0.6):
            break
        stock = d.size(r.uniform(2, 5))
        yield from _gather(d, side, stock, 0.35, True)
        start = b.mid()
        fuse = r.uniform(2.5, 5.5) * s.half + 1
        shots, cap = 0, abs(d.inv) + d.size(r.uniform(12, 40))
        while (b.mid() - start) * side < fuse and shots < 80 and abs(d.inv) < cap and not d.late(0.8):
            shots += 1
            small = d.tactic == "run" or d.evasive
            d.take(d.any(), side, d.size(0.8 if small else 2.0, 0.3), d.ticks(0.5 if small else 1.2))
            yield d.nap(r.uniform(0.2, 0.9) if d.evasive else 10 ** r.uniform(-2.5, -0.6))
        lit = (b.mid() - start) * side
        yield d.nap(max(0.4, min(3.0, s.beat)), 0.4)
        tries = 0
        top = lit
        while d.inv * side >= s.lot and tries < 60 and not d.late(1.1):
            tries += 1
            top = max(top, (b.mid() - start) * side)
            hand = d.accts[-1] if d.tactic == "hands" else d.any()
            at = min(abs(d.inv), max(d.size(1.2, 0.4), abs(d.inv) // 8 // s.lot * s.lot))
            if r.random() < 0.4:
                o = d.rest(hand, -side, b.touch(-side), at)
                yield d.nap(max(0.2, 0.7 * s.beat))
                d.pull(o)
            else:
                d.take(hand, -side, at, d.ticks(0.2))
                yield d.nap(max(0.05, 0.2 * s.beat))
        hits += top >= 0.6 * fuse and abs(d.inv) < 0.4 * max(d.bought, d.sold)
        yield d.nap(max(2.0, 2 * s.beat))
    d.done = hits > 0
