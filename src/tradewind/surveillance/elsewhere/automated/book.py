"""The venue: a price-time book in whole ticks, and the tape that every accepted message is written to."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Callable
from typing import Protocol

SIDE = {1: "buy", -1: "sell"}


class Owner(Protocol):
    """Whoever wants to know what became of its orders; only deeds do, honest agents look at positions."""

    def touch(self, t: int, acct: str) -> None: ...

    def fill(self, t: int, acct: str, side: int, size: int, px: int, own: bool) -> None: ...


class Order:
    """One order's life; size is what is still open."""

    __slots__ = ("acct", "deed", "filled", "oid", "px", "side", "size")

    def __init__(self, oid: int, acct: str, side: int, px: int, size: int, deed: Owner | None) -> None:
        self.oid, self.acct, self.side, self.px, self.size = oid, acct, side, px, size
        self.deed, self.filled = deed, 0


class Level:
    """Orders at one price in time order, with their sum so that depth is cheap to read."""

    __slots__ = ("orders", "total")

    def __init__(self) -> None:
        self.orders: dict[int, Order] = {}
        self.total = 0


class Tape:
    """Columns of the public record; its stamp never goes back and never repeats for two messages."""

    def __init__(self) -> None:
        self.now = self.last = self.beat = 0
        self.ids = 1000
        self.time, self.oid, self.size = list[int](), list[int](), list[int]()
        self.sym, self.kind, self.acct, self.side = list[str](), list[str](), list[str](), list[str]()
        self.price = list[float]()

    def stamp(self) -> int:
        """The gateway serialises: two messages are always some nanoseconds apart."""
        self.beat += 1
        self.last = max(self.now, self.last + 60 + self.beat * 7919 % 870)
        return self.last

    def row(self, t: int, sym: str, kind: str, oid: int, acct: str, side: str, price: float, size: int) -> None:
        self.time.append(t)
        self.sym.append(sym)
        self.kind.append(kind)
        self.oid.append(oid)
        self.acct.append(acct)
        self.side.append(side)
        self.price.append(price)
        self.size.append(size)


class Book:
    """Matching for one symbol. Asks are kept negated so that the best price is always the last key."""

    def __init__(self, tape: Tape, name: str, tick: float, digits: int, unit: int, last: int) -> None:
        self.tape, self.name, self.tick, self.digits, self.unit, self.last = tape, name, tick, digits, unit, last
        self.bids: list[int] = []
        self.asks: list[int] = []
        self.levels: dict[int, Level] = {}
        self.mine: dict[str, dict[int, Order]] = {}
        self.pos: dict[str, int] = {}
        self.flow = 0.0
        self.volume = 0
        self.watch: list[Callable[[int, int], None]] = []

    def bid(self) -> int:
        return self.bids[-1] if self.bids else min(self.last, -self.asks[-1] if self.asks else self.last) - 1

    def ask(self) -> int:
        return -self.asks[-1] if self.asks else max(self.last, self.bids[-1] if self.bids else self.last) + 1

    def mid(self) -> float:
        return 0.5 * (self.bid() + self.ask())

    def touch(self, side: int) -> int:
        return self.bid() if side > 0 else self.ask()

    def depth(self, side: int, levels: int) -> int:
        keys = self.bids if side > 0 else self.asks
        return sum(self.levels[p * side].total for p in keys[-levels:])

    def imbalance(self) -> float:
        """Share of displayed size that is on the bid, from -1 to 1: what naive machines lean on."""
        b, a = self.depth(1, 5), self.depth(-1, 5)
        return (b - a) / (b + a) if b + a else 0.0

    def _row(self, t: int, kind: str, o: Order, px: int, size: int) -> None:
        self.tape.row(t, self.name, kind, o.oid, o.acct, SIDE[o.side], round(px * self.tick, self.digits), size)

    def _put(self, o: Order) -> None:
        if o.px not in self.levels:
            self.levels[o.px] = Level()
            insort(self.bids if o.side > 0 else self.asks, o.px * o.side)
        level = self.levels[o.px]
        level.orders[o.oid] = o
        level.total += o.size
        self.mine.setdefault(o.acct, {})[o.oid] = o

    def _drop(self, o: Order) -> None:
        level = self.levels[o.px]
        del level.orders[o.oid]
        level.total -= o.size
        if not level.orders:
            del self.levels[o.px]
            keys = self.bids if o.side > 0 else self.asks
            del keys[bisect_left(keys, o.px * o.side)]
        del self.mine[o.acct][o.oid]

    def enter(
        self,
        acct: str,
        side: int,
        px: int,
        size: int,
        ioc: bool = False,
        stp: bool = True,
        deed: Owner | None = None,
    ) -> Order:
        """Accept, match, rest or kill the rest; self-match prevention takes the older own orders out first."""
        if stp and self.mine.get(acct):
            for own in [o for o in self.mine[acct].values() if o.side != side and (o.px - px) * side <= 0]:
                self.cancel(own)
        px = max(px, 1)
        t = self.tape.stamp()
        self.tape.ids += 1
        o = Order(self.tape.ids, acct, side, px, size, deed)
        self._row(t, "new", o, px, size)
        if deed is not None:
            deed.touch(t, acct)
        other = self.asks if side > 0 else self.bids
        start = other[-1] if other else 0
        while o.size and other:
            best = -side * other[-1]
            if (best - px) * side > 0:
                break
            for r in list(self.levels[best].orders.values()):
                self._trade(t, o, r)
                if not o.size:
                    break
        if o.size:
            if ioc:
                self._row(t, "cancel", o, px, o.size)
                o.size = 0
            else:
                self._put(o)
        if o.filled:
            self.flow += side * (o.filled / self.unit) ** 0.7
            moved = abs(start - other[-1]) if other else 3
            for w in self.watch:
                w(side, moved)
        elif o.size >= 6 * self.unit:
            for w in self.watch:
                w(side, 0)
        return o

    def _trade(self, t: int, o: Order, r: Order) -> None:
        n, px = min(o.size, r.size), r.px
        self._row(t, "trade", r, px, n)
        if n == r.size:
            self._drop(r)
        else:
            self.levels[px].total -= n
        r.size -= n
        r.filled += n
        o.size -= n
        o.filled += n
        for x in (o, r):
            self.pos[x.acct] = self.pos.get(x.acct, 0) + n * x.side
        self.last = px
        self.volume += n
        own = o.deed is not None and o.deed is r.deed
        if o.deed is not None:
            o.deed.fill(t, o.acct, o.side, n, px, own)
        if r.deed is not None:
            r.deed.fill(t, r.acct, r.side, n, px, own)

    def cancel(self, o: Order, quiet: bool = False) -> None:
        """Take out what is open; quiet is the venue's own sweep at the close, which is nobody's act."""
        if not o.size:
            return
        self._row(t := self.tape.stamp(), "cancel", o, o.px, o.size)
        self._drop(o)
        o.size = 0
        if o.deed is not None and not quiet:
            o.deed.touch(t, o.acct)

    def amend(self, o: Order, px: int, size: int) -> bool:
        """Change in place; only a pure reduction keeps its queue place. Refused where it would trade."""
        if not o.size or size <= 0 or px < 1 or (px == o.px and size == o.size):
            return False
        if (self.asks and px >= -self.asks[-1]) if o.side > 0 else (self.bids and px <= self.bids[-1]):
            return False
        t = self.tape.stamp()
        if px == o.px and size < o.size:
            self.levels[px].total += size - o.size
            o.size = size
        else:
            self._drop(o)
            o.px, o.size = px, size
            self._put(o)
        self._row(t, "modify", o, px, size)
        if o.deed is not None:
            o.deed.touch(t, o.acct)
        return True
