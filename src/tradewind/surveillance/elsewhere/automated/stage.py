"""What all deeds share: hands that act and remember, honest cover, and the plan of who does what where and when."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence

from tradewind.surveillance.elsewhere.automated.book import Book, Order
from tradewind.surveillance.elsewhere.automated.world import SEC, Script, Sym, World

SCHEMES = (
    "pump_and_dump", "spoofing", "layering", "quote_stuffing", "wash_trading", "marking_the_close",
    "momentum_ignition", "front_running", "coordinated_accounts",
)  # fmt: skip


class Deed:
    """One deed while it is played; every order sent through it is remembered as belonging to it."""

    def __init__(self, w: World, s: Sym, scheme: str, evasive: bool, rng: random.Random) -> None:
        self.w, self.s, self.scheme, self.evasive, self.r = w, s, scheme, evasive, rng
        self.b: Book = s.book
        self.t0 = self.t1 = 0
        self.session = 0
        self.accts: list[str] = []
        self.acted: set[str] = set()
        self.first = self.last = 0
        self.done = False
        self.inv = self.bought = self.sold = self.crossed = self.crosses = 0
        self.paid = self.got = 0.0
        self.tactic = ""

    def touch(self, t: int, acct: str) -> None:
        self.first = self.first or t
        self.last = t
        self.acted.add(acct)

    def fill(self, t: int, acct: str, side: int, size: int, px: int, own: bool) -> None:
        self.touch(t, acct)
        self.inv += side * size
        if side > 0:
            self.bought += size
            self.paid += size * px
        else:
            self.sold += size
            self.got += size * px
        if own and side > 0:
            self.crossed += size
            self.crosses += 1

    def gain(self) -> float:
        """Ticks a share between the average sale and the average purchase."""
        return self.got / self.sold - self.paid / self.bought if self.sold and self.bought else 0.0

    def cast(self, n: int) -> None:
        """Culprits: people of the crowd who trade honestly at other times, or accounts opened for the purpose."""
        fresh = self.r.random() < 0.35
        while len(self.accts) < n:
            people = self.w.roles["crowd"]
            a = self.w.account() if fresh else people[int(len(people) * self.r.random() ** 1.3)]
            if a not in self.accts:
                self.accts.append(a)

    def any(self) -> str:
        return self.r.choice(self.accts)

    def size(self, times: float, spread: float = 0.2) -> int:
        return max(1, round(self.s.unit * times * math.exp(self.r.gauss(0, spread)) / self.s.lot)) * self.s.lot

    def ticks(self, spreads: float) -> int:
        return max(1, round(spreads * 2 * self.s.half))

    def take(self, acct: str, side: int, size: int, slack: int = 0) -> int:
        """Aggress up to slack ticks through the other side's best; what is left dies."""
        if size < 1:
            return 0
        self.w.extra += 2
        px = self.b.touch(-side) + side * slack
        return self.b.enter(acct, side, px, size, ioc=True, deed=self).filled

    def rest(self, acct: str, side: int, px: int, size: int) -> Order:
        """Rest without trading."""
        self.w.extra += 1
        edge = self.b.touch(-side) - side
        px = min(px, edge) if side > 0 else max(px, edge)
        return self.b.enter(acct, side, px, size, deed=self)

    def pull(self, *orders: Order) -> None:
        for o in orders:
            self.w.extra += 1
            self.b.cancel(o)

    def nap(self, seconds: float, spread: float = 0.5) -> int:
        """A pause around so many seconds; the evasive vary theirs more."""
        return int(seconds * math.exp(self.r.gauss(0, spread + 0.3 * self.evasive)) * SEC) + 1

    def late(self, share: float = 1.0) -> bool:
        return self.w.t > self.t0 + (self.t1 - self.t0) * share

    def cover(self, chance: float) -> None:
        """Camouflage: an ordinary small order by one of the hands that is no part of the deed."""
        if self.evasive and self.r.random() < chance:
            side = self.r.choice([1, -1])
            self.b.enter(self.any(), side, self.b.touch(-side), self.size(0.5, 0.5), ioc=True)

    def out(self, seconds: float, pieces: int) -> Script:
        """Turn the position back to nothing, in pieces, crossing the spread."""
        for k in range(pieces * 3):
            if abs(self.inv) < self.s.lot:
                return
            side = -1 if self.inv > 0 else 1
            want = max(self.s.lot, abs(self.inv) // max(1, pieces - k) // self.s.lot * self.s.lot)
            self.take(self.any(), side, min(want, abs(self.inv)), self.ticks(0.6))
            yield self.nap(seconds / pieces, 0.3)


def lengths(scheme: str, w: World, s: Sym, evasive: bool, r: random.Random) -> float:
    """Seconds the deed may take; quiet symbols need longer for anything that waits for others."""
    day = w.length
    slow = 1.6 if evasive else 1.0
    low, high = {
        "pump_and_dump": (0.10 * day, 0.3 * day),
        "spoofing": (max(30, 25 * s.beat), max(600, 80 * s.beat)),
        "layering": (max(30, 25 * s.beat), max(600, 80 * s.beat)),
        "quote_stuffing": (4, 200),
        "wash_trading": (40, 0.15 * day),
        "marking_the_close": (15, min(900, 0.06 * day)),
        "momentum_ignition": (max(30, 20 * s.beat), max(300, 50 * s.beat)),
        "front_running": (max(90, 30 * s.beat), max(1200, 60 * s.beat)),
        "coordinated_accounts": (0.04 * day, 0.2 * day),
    }[scheme]
    return min(math.exp(r.uniform(math.log(low), math.log(max(high, low * 1.1)))) * slow, 0.35 * day)


def plan(w: World, seed: int, episodes: int, evasive: float, played: Sequence[str]) -> list[Deed]:
    """Draw the deeds and lay them where there is room, the long ones first."""
    r = random.Random(f"machines-deeds:{seed}")
    hidden = set(r.sample(range(episodes), round(evasive * episodes))) if episodes else set()
    drawn = []
    for k in range(episodes):
        d = Deed(
            w,
            r.choice(w.syms),
            played[(seed + k) % len(played)],
            k in hidden,
            random.Random(f"machines-deed:{seed}:{k}"),
        )
        drawn.append((lengths(d.scheme, w, d.s, d.evasive, r), d))
    room = len(w.syms) * len(w.sessions) * w.length * 0.55
    squeeze = min(1.0, room / max(1.0, sum(x for x, _ in drawn)))
    placed: list[Deed] = []
    for span, d in sorted(drawn, key=lambda x: (x[1].scheme != "marking_the_close", -x[0])):
        span *= squeeze
        for attempt in range(400):
            if attempt % 40 == 39:
                span = max(4.0, span * 0.8)
            d.s, d.session = r.choice(w.syms), r.randrange(len(w.sessions))
            day = w.sessions[d.session]
            at = r.uniform(0.02, 0.95) * w.length
            if d.scheme == "marking_the_close":
                at = w.length - span
            elif at + span > w.length - 30:
                continue
            d.t0, d.t1 = day.start + int(at * SEC), day.start + int((at + span) * SEC)
            gap = int(min(90.0, 0.008 * w.length) * SEC)
            if all(p.s is not d.s or d.t0 > p.t1 + gap or p.t0 > d.t1 + gap for p in placed):
                d.b = d.s.book
                placed.append(d)
                break
    return sorted(placed, key=lambda x: x.t0)


def perform(d: Deed, play: Callable[[Deed], Script]) -> Script:
    """Play the deed, then take out whatever it still has on the book."""
    yield from play(d)
    for a in d.accts:
        for o in [o for o in d.b.mine.get(a, {}).values() if o.deed is d]:
            d.pull(o)
