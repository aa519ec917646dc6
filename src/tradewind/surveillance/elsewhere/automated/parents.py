"""Honest large business, easy to mistake for a deed: slicing, closing flow, blocks, luck, second thoughts."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.surveillance.elsewhere.automated.book import Order
from tradewind.surveillance.elsewhere.automated.world import SEC, Script, Sym, World


def parent(
    w: World, s: Sym, accts: Sequence[str], side: int, total: int, seconds: float, style: str, hurry: float = 0.4
) -> Script:
    """A parent order worked by time or by share of volume; accounts of one manager take their slices in rotation."""
    r, b = w.rng, s.book
    n = max(3, min(60, round(total / (1.2 * s.unit))))
    start, volume, done, k = w.t, b.volume, 0, r.randrange(len(accts))
    share = r.uniform(0.05, 0.25)
    while done < total and w.t < start + int(seconds * SEC):
        gap = seconds / n * r.uniform(0.6, 1.4)
        if style == "pov":
            due = min(total, int(share * (b.volume - volume)))
        else:
            due = int(total * min(1.0, (w.t - start) / SEC / seconds + 1 / n))
        want = (due - done) // s.lot * s.lot
        if want >= s.lot:
            acct = accts[k % len(accts)]
            k += 1
            want = min(want, 4 * s.unit // s.lot * s.lot + s.lot)
            if r.random() < hurry:
                done += b.enter(acct, side, b.touch(-side) + side, want, ioc=True).filled
                yield int(gap * SEC)
                continue
            o = b.enter(acct, side, b.touch(side), want)
            yield int(gap * 0.7 * SEC)
            if o.size and r.random() < 0.6:
                b.amend(o, b.touch(side), o.size)
                yield int(gap * 0.3 * SEC)
            done += o.filled
            left = o.size
            b.cancel(o)
            if left and r.random() < hurry + 0.2:
                done += b.enter(acct, side, b.touch(-side), left, ioc=True).filled
        yield int(gap * 0.3 * SEC) + 1


def institutions(w: World, s: Sym, volume: float) -> Script:
    """A day's parents, with a few managers who allocate over several accounts and some who sell what they built up."""
    r = w.rng
    length = (w.session.close - w.session.start) / SEC
    for _ in range(r.randint(2, 7)):
        kind = r.choices(["one", "many", "round", "moc"], [4, 2, 1, 3])[0]
        accts = r.sample(w.roles["fund"], 1 if kind in ("one", "moc") else r.randint(2, min(5, len(w.roles["fund"]))))
        side = r.choice([1, -1])
        total = max(3, round(volume * r.uniform(0.005, 0.04) / s.lot)) * s.lot
        style = r.choice(["twap", "twap", "pov"])
        if kind == "moc":
            span = min(length * 0.1, r.uniform(60, 900))
            w.push(_later(w, s, accts, side, total, span, "twap", 0.7), int((length - span - r.uniform(1, 20)) * SEC))
        elif kind == "round":
            span = length * r.uniform(0.1, 0.3)
            w.push(_later(w, s, accts, 1, total, span, style, 0.2), int(length * r.uniform(0.02, 0.3) * SEC))
            w.push(_later(w, s, accts, -1, total, span, style, 0.5), int(length * r.uniform(0.62, 0.68) * SEC))
        else:
            span = length * r.uniform(0.05, 0.5)
            at = length * r.uniform(0.0, 0.9)
            w.push(_later(w, s, accts, side, total, min(span, length - at - 5), style, 0.4), int(at * SEC))
    yield SEC


def _later(w: World, s: Sym, a: Sequence[str], side: int, total: int, span: float, style: str, hurry: float) -> Script:
    yield from parent(w, s, a, side, total, span, style, hurry)


def second_thoughts(w: World, s: Sym) -> Script:
    """Large honest resting orders: meant to trade, at times partly filled, taken back on news or when price left."""
    r, b = w.rng, s.book
    length = (w.session.close - w.session.start) / SEC
    for _ in range(r.randint(1, 5)):
        yield int(r.uniform(0.05, 0.22) * length * SEC)
        acct, side = r.choice(w.roles["fund"]), r.choice([1, -1])
        o = b.enter(acct, side, b.touch(side) - side * int(r.expovariate(1 / s.half)), w.size(s, r.uniform(4, 14), 0.3))
        s.pullers.append((acct, o))
        w.push(_patience(w, s, o), SEC)


def _patience(w: World, s: Sym, o: Order) -> Script:
    r, b = w.rng, s.book
    for _ in range(r.randint(2, 12)):
        yield int(r.expovariate(1 / max(8.0, 10 * s.beat)) * SEC)
        if abs(o.px - b.touch(o.side)) > 8 * s.half + 3:
            break
        if r.random() < 0.2:
            b.amend(o, b.touch(o.side) - o.side, o.size)
    b.cancel(o)


def blocks(w: World, s: Sym) -> Script:
    """Two unrelated funds agree by telephone and meet on the book at once: same size, no common hand."""
    r, b = w.rng, s.book
    length = (w.session.close - w.session.start) / SEC
    for _ in range(r.choice([0, 1, 1, 2, 4])):
        yield int(r.uniform(0.03, 0.24) * length * SEC)
        if b.ask() - b.bid() < 2:
            continue
        one, two = r.sample(w.roles["fund"], 2)
        side, size = r.choice([1, -1]), w.size(s, r.uniform(4, 15), 0.3)
        o = b.enter(one, side, round(b.mid()) if b.bid() < round(b.mid()) < b.ask() else b.touch(side) + side, size)
        yield int(SEC * r.uniform(0.0005, 0.05))
        if o.size:
            b.enter(two, -side, o.px, o.size, ioc=True)


def lucky(w: World, s: Sym) -> Script:
    """Before any headline somebody happens to stand right; for each lucky one another stands wrong."""
    r, b = w.rng, s.book
    for at, _ in sorted(s.news):
        when = at - int(r.uniform(5, 240) * SEC)
        if when <= w.t:
            continue
        yield when - w.t
        for acct in r.sample(w.roles["crowd"], r.randint(1, 3)):
            side = r.choice([1, -1])
            got = b.enter(acct, side, b.touch(-side) + side, w.size(s, r.uniform(1, 4), 0.4), ioc=True).filled
            if got:
                w.push(_leave(w, s, acct, side, got), at - w.t + int(r.uniform(5, 600) * SEC))


def _leave(w: World, s: Sym, acct: str, side: int, got: int) -> Script:
    s.book.enter(acct, -side, s.book.touch(side) - side * 2, got, ioc=True)
    yield from ()


def reactors(w: World, s: Sym, accts: Sequence[str]) -> None:
    """Fast desks that answer the same public sweep within milliseconds of each other, the whole day and alike."""
    r, b = w.rng, s.book
    busy = [0]
    need = max(2, round(s.half * r.uniform(1.0, 2.0)))

    def shot(acct: str, side: int) -> Script:
        pos = b.pos.get(acct, 0)
        if abs(pos) < 20 * s.unit or pos * side < 0:
            b.enter(acct, side, b.touch(-side), w.size(s, 0.7, 0.3), ioc=True)
        yield from ()

    def on_print(side: int, moved: int) -> None:
        if moved >= need and w.t > busy[0]:
            busy[0] = w.t + int(r.uniform(4, 30) * max(1.0, s.beat) * SEC)
            way = side if r.random() < 0.6 else -side
            for acct in accts:
                if r.random() < 0.8:
                    w.push(shot(acct, way), int(w.latency + SEC * r.uniform(0.0003, 0.008)))

    b.watch.append(on_print)
