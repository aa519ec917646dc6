"""Machines that live off the book: competing makers, peggers, latency arbitrage and pairs trading."""

from __future__ import annotations

import math

from tradewind.surveillance.elsewhere.automated.book import Order
from tradewind.surveillance.elsewhere.automated.world import SEC, Script, Sym, World


class Maker:
    """Quotes around its own belief: order flow teaches it, value pulls it, inventory and displayed depth lean it."""

    def __init__(self, w: World, s: Sym, acct: str, wake: float) -> None:
        r = w.rng
        self.w, self.s, self.acct, self.wake = w, s, acct, wake
        self.style = r.choices(["replace", "modify", "flicker"], [4, 4, 2])[0]
        self.levels = r.choice([1, 2, 2, 3, 4])
        self.gap = max(1, round(s.half * r.uniform(0.4, 1.2)))
        self.width = r.uniform(0.75, 1.6)
        self.times = r.uniform(0.6, 2.5)
        self.limit = s.unit * r.uniform(15, 60)
        self.tau = math.exp(r.uniform(math.log(300), math.log(3000)))
        self.kappa = s.half * r.uniform(0.15, 0.55)
        self.lean = s.half * r.uniform(0.0, 1.2)
        self.lat = int(w.latency * r.uniform(0.5, 4)) + 1
        self.belief = w.value(s)
        self.bias, self.known, self.trust = 0.0, s.shift, r.uniform(0.4, 0.95)
        self.flow, self.seen = s.book.flow, w.t
        self.base = s.book.pos.get(acct, 0)
        self.kicked = False
        self.slots: dict[tuple[int, int], Order] = {}

    def run(self) -> Script:
        yield self.w.rng.randrange(SEC // 2)
        while True:
            self.quote()
            yield int(self.w.rng.expovariate(self.w.pace * self.w.season() * self.wake) * SEC)
            if self.style == "flicker" and self.w.rng.random() < 0.06:
                yield from self.flicker()

    def flicker(self) -> Script:
        """Honest nerves: the same small quotes off and on again on both sides, many times a second."""
        r = self.w.rng
        for _ in range(r.randint(3, 14)):
            for o in list(self.slots.values()):
                self.s.book.cancel(o)
            yield int(SEC * r.uniform(0.001, 0.06))
            self.quote()
            yield int(SEC * r.uniform(0.002, 0.2))

    def kick(self) -> None:
        if not self.kicked:
            self.kicked = True
            self.w.push(self._kicked(), int(self.lat * self.w.rng.uniform(0.7, 2.0)))

    def _kicked(self) -> Script:
        self.kicked = False
        self.quote()
        yield from ()

    def quote(self) -> None:
        w, s, b = self.w, self.s, self.s.book
        dt = (w.t - self.seen) / SEC
        self.seen = w.t
        run = abs(b.flow - self.flow)
        self.belief *= 1 + self.trust * (s.shift - self.known)
        self.known = s.shift
        self.belief += self.kappa * max(-8.0, min(8.0, b.flow - self.flow))
        self.flow = b.flow
        self.bias = 0.97 * self.bias + w.rng.gauss(0, 0.1 * s.half)
        self.belief += (w.value(s) + self.bias - self.belief) * min(1.0, dt / self.tau)
        self.belief += 0.05 * (b.mid() - self.belief) if b.bids and b.asks else 0.0
        inv = max(-1.5, min(1.5, (b.pos.get(self.acct, 0) - self.base) / self.limit))
        fair = self.belief + self.lean * b.imbalance() - inv * s.half * 1.5
        alarm = w.alarm(s)
        half = s.half * self.width * (1 + alarm + 0.08 * min(8.0, run))
        keep = max(0.5, 0.35 * s.half)
        for side in (1, -1):
            top = math.floor(fair - half) if side > 0 else math.ceil(fair + half)
            edge = b.ask() - 1 if side > 0 else b.bid() + 1
            if (top - edge) * side > 0:
                top = edge
            full = abs(inv) > 1 and inv * side > 0
            for i in range(self.levels):
                px = top - side * i * self.gap
                o = self.slots.get((side, i))
                if o is not None and o.size:
                    if full or alarm > 2.2:
                        b.cancel(o)
                        continue
                    if abs(o.px - px) <= keep * (1 + i * 0.5) and o.size * 3 > s.unit * self.times:
                        continue
                    if self.style == "modify" and b.amend(o, max(1, px), max(o.size, s.lot)):
                        continue
                    b.cancel(o)
                if full or alarm > 2.2 or px < 2:
                    continue
                edge = b.ask() - 1 if side > 0 else b.bid() + 1
                px = min(px, edge) if side > 0 else max(px, edge)
                self.slots[side, i] = b.enter(
                    self.acct, side, px, min(w.size(s, self.times * (1 + 0.4 * i), 0.25), 5 * s.unit)
                )


def nerves(w: World, s: Sym, makers: list[Maker]) -> None:
    """After prints and big new orders some makers look again at once, each with its own latency."""

    def on_print(side: int, moved: int) -> None:
        for m in makers:
            if w.rng.random() < (0.07 if moved == 0 else 0.35) * min(1.0, w.pace):
                m.kick()

    s.book.watch.append(on_print)


def peg(w: World, s: Sym, acct: str, wake: float) -> Script:
    """A busy but honest execution machine: one small order that follows the touch, hundreds of amendments a fill."""
    r, b = w.rng, s.book
    o: Order | None = None
    side = r.choice([1, -1])
    while True:
        yield int(r.expovariate(w.pace * w.season() * wake) * SEC)
        if o is None or not o.size:
            if r.random() < 0.3:
                side = -side
            o = b.enter(acct, side, b.touch(side), w.size(s, 0.5, 0.4))
        elif o.px != b.touch(side):
            b.amend(o, b.touch(side), o.size)
        elif b.ask() - b.bid() > 2 and r.random() < 0.3:
            b.amend(o, o.px + side, o.size)


def latency_arb(w: World, a: Sym, z: Sym, accts: list[str]) -> None:
    """Two listings of one thing: a move here is hit there within micro- or milliseconds, and hedged back."""
    ratio = a.path[0] / z.path[0]
    lats = {acct: int(w.latency * w.rng.uniform(0.3, 2)) for acct in accts}
    busy: set[str] = set()

    def race(acct: str, src: Sym, dst: Sym, scale: float) -> Script:
        busy.discard(acct)
        fair = src.book.mid() * scale
        edge = dst.half * w.rng.uniform(0.8, 1.6)
        b = dst.book
        side = 1 if b.ask() < fair - edge else -1 if b.bid() > fair + edge else 0
        if side and abs(b.pos.get(acct, 0)) < 60 * dst.unit:
            got = b.enter(acct, side, b.touch(-side), w.size(dst, 0.8, 0.3), ioc=True).filled
            if got:
                yield lats[acct]
                o = src.book
                lots = max(1, round(got / dst.unit * src.unit / src.lot))
                o.enter(acct, -side, o.touch(side) + side, lots * src.lot, ioc=True)

    def watch(src: Sym, dst: Sym, scale: float) -> None:
        def on_print(side: int, moved: int) -> None:
            if moved:
                for acct in accts:
                    if acct not in busy and w.rng.random() < 0.5:
                        busy.add(acct)
                        w.push(race(acct, src, dst, scale), lats[acct])

        src.book.watch.append(on_print)

    watch(a, z, 1 / ratio)
    watch(z, a, ratio)


def pairs(w: World, a: Sym, z: Sym, acct: str) -> Script:
    """Statistical arbitrage: when the ratio strays from its own slow mean, both legs at nearly the same moment."""
    r = w.rng
    mean, var = math.log(a.book.mid() / z.book.mid()), 1e-7
    while True:
        yield int(r.expovariate(w.pace / (3 * a.beat)) * SEC)
        x = math.log(a.book.mid() / z.book.mid()) - mean
        mean += 0.02 * x
        var += 0.03 * (x * x - var)
        held = a.book.pos.get(acct, 0) / a.unit
        side = -1 if x > 1.6 * math.sqrt(var) else 1 if x < -1.6 * math.sqrt(var) else 0
        if side and held * side < 12:
            n = r.uniform(0.5, 2)
            a.book.enter(acct, side, a.book.touch(-side), w.size(a, n, 0.2), ioc=True)
            yield int(w.latency * r.uniform(0.2, 3))
            z.book.enter(acct, -side, z.book.touch(side), w.size(z, n, 0.2), ioc=True)
