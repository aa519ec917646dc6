"""The nine schemes as textbook scripts for the plain venue; sources of the schemes are in ``planting``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from tradewind.surveillance.elsewhere.plain.venue import SECOND, PlainVenue, Play
from tradewind.surveillance.schemes import Scheme


@dataclass
class Deed:
    """One scheme being played: who, where, from when; ``end`` is set when it is done."""

    scheme: Scheme
    venue: PlainVenue
    symbol: int
    number: int
    accounts: list[str] = field(default_factory=list)
    begin: int = 0
    end: int = 0

    def crook(self) -> str:
        """Choose who does it: now and then somebody of the crowd, else a new account."""
        rng, traders = self.venue.rng, self.venue.traders
        fresh = f"Q{self.number:03d}{'ABCDEFGH'[len(self.accounts)]}"
        name = traders[int(rng.integers(len(traders)))] if rng.random() < 0.4 else fresh
        self.accounts.append(name)
        return name

    def gang(self, least: int, most: int) -> list[str]:
        """Choose ``least`` to ``most`` accounts."""
        return [self.crook() for _ in range(int(self.venue.rng.integers(least, most + 1)))]

    def lots(self, least: int, most: int) -> int:
        """Draw a size of ``least`` to ``most`` lots."""
        return int(self.venue.rng.integers(least, most + 1)) * self.venue.lot[self.symbol]

    def side(self) -> int:
        """Draw a side."""
        return 1 if self.venue.rng.random() < 0.5 else -1

    def wait(self, least: float, most: float) -> float:
        """Draw seconds."""
        return float(self.venue.rng.uniform(least, most))

    def take(self, account: str, side: int, size: int, reach: int = 5) -> int:
        """Take from the book; return what was executed."""
        return size - self.venue.take(self.symbol, account, side, size, reach).left

    def push(self, share: float) -> None:
        """Let the market follow: move the value by a share of itself."""
        self.venue.value[self.symbol] *= 1 + share

    def play(self) -> Play:
        """Play it, and note from when until when."""
        yield 0.0
        self.begin = self.venue.now
        yield from PLAYS[self.scheme](self)
        self.end = self.venue.now


def bait(deed: Deed, levels: int) -> Play:
    """Large orders on one side while the other trades, then gone; several times."""
    venue, symbol, who, side = deed.venue, deed.symbol, deed.crook(), deed.side()
    for _ in range(int(venue.rng.integers(2, 8))):
        genuine = venue.submit(symbol, who, side, venue.touch(symbol, side), deed.lots(3, 3))
        size = deed.lots(20, 60) // max(1, levels // 2)
        away = venue.touch(symbol, -side)
        pretended = [venue.submit(symbol, who, -side, away + side * (1 + k), size) for k in range(levels)]
        for _ in range(20):
            yield deed.wait(0.05, 0.3)
            if genuine.left == 0:
                break
        else:
            venue.cancel(symbol, genuine)
            deed.take(who, side, deed.lots(2, 2))
        for order in pretended:
            venue.cancel(symbol, order)
        yield deed.wait(1, 20)


def spoofing(deed: Deed) -> Play:
    """On one level."""
    return bait(deed, 1)


def layering(deed: Deed) -> Play:
    """On three to six."""
    return bait(deed, int(deed.venue.rng.integers(3, 7)))


def stuffing(deed: Deed) -> Play:
    """Hundreds of orders entered and taken back at once."""
    venue, symbol, who = deed.venue, deed.symbol, deed.crook()
    for _ in range(int(venue.rng.integers(300, 1500))):
        side = deed.side()
        price = venue.touch(symbol, side) - side * int(venue.rng.integers(3, 10))
        venue.cancel(symbol, venue.submit(symbol, who, side, price, deed.lots(1, 1)))
        yield float(venue.rng.exponential(0.003))


def washing(deed: Deed) -> Play:
    """Shares sold on round a ring of one to four."""
    venue, symbol, ring = deed.venue, deed.symbol, deed.gang(1, 4)
    for turn in range(int(venue.rng.integers(6, 25))):
        seller, buyer = ring[turn % len(ring)], ring[(turn + 1) % len(ring)]
        bid, ask = venue.touch(symbol, 1), venue.touch(symbol, -1)
        price = (bid + ask) // 2 if ask - bid > 1 else ask
        while venue.books[symbol].best(-1) == price:  # who waits there already would trade first
            deed.take(buyer, 1, venue.books[symbol].levels[-1][price][0].left, price - venue.touch(symbol, -1))
        size = deed.lots(5, 15)
        venue.submit(symbol, seller, -1, price, size)
        yield deed.wait(0.001, 0.1)
        deed.take(buyer, 1, size, price - venue.touch(symbol, -1))
        yield deed.wait(1, 20)


def closing(deed: Deed) -> Play:
    """Purchases or sales in the last minute and a half."""
    venue, who, side = deed.venue, deed.crook(), deed.side()
    yield max(0.0, (venue.length - venue.now) / SECOND - deed.wait(20, 90))
    deed.begin = venue.now
    while venue.now < venue.length - 2 * SECOND:
        deed.take(who, side, deed.lots(8, 25), 8)
        yield deed.wait(1, 6)


def igniting(deed: Deed) -> Play:
    """A burst that others follow, sold into."""
    venue, who, side, held = deed.venue, deed.crook(), deed.side(), 0
    for _ in range(int(venue.rng.integers(8, 20))):
        held += deed.take(who, side, deed.lots(8, 20), 6)
        deed.push(side * deed.wait(0.5, 2) / venue.value[deed.symbol])
        yield deed.wait(0.05, 0.5)
    yield deed.wait(2, 20)
    while held > 0:
        size = min(held, deed.lots(15, 15))
        held -= max(deed.take(who, -side, size, 4), 1)
        yield deed.wait(0.2, 2)


def pumping(deed: Deed) -> Play:
    """Bought quietly, lifted, sold."""
    venue, gang, held = deed.venue, deed.gang(1, 3), 0
    minutes = min(10.0, venue.length / SECOND / 60 / 6)
    for phase, reach in ((1, 2), (2, 8)):
        until = venue.now + int(minutes * 60 * SECOND)
        while venue.now < until:
            held += deed.take(gang[int(venue.rng.integers(len(gang)))], 1, deed.lots(4, 12) * phase, reach)
            if phase == 2:
                deed.push(deed.wait(0.0002, 0.001))
            yield float(venue.rng.exponential(minutes))
    while held > 0:
        size = min(held, deed.lots(40, 40))
        held -= max(deed.take(gang[int(venue.rng.integers(len(gang)))], -1, size, 10), 1)
        deed.push(-deed.wait(0.0002, 0.001))
        yield float(venue.rng.exponential(minutes * 0.75))


def informed(deed: Deed) -> Play:
    """Bought before news, sold after."""
    venue, who, side = deed.venue, deed.crook(), deed.side()
    times = int(venue.rng.integers(5, 15))
    for _ in range(times):
        deed.take(who, side, deed.lots(8, 8))
        yield deed.wait(1, 15)
    venue.publish(deed.symbol, side)
    deed.push(side * deed.wait(0.01, 0.03))
    yield deed.wait(10, 40)
    for _ in range(times):
        deed.take(who, -side, deed.lots(8, 8))
        yield deed.wait(0.5, 5)


def together(deed: Deed) -> Play:
    """Several accounts that take the same side at the same moments."""
    gang = deed.gang(3, 7)
    for _ in range(int(deed.venue.rng.integers(6, 15))):
        side = deed.side()
        for account in gang:
            deed.take(account, side, deed.lots(4, 4))
            yield deed.wait(0.0, 0.1)
        yield deed.wait(5, 40)


PLAYS: Mapping[Scheme, Callable[[Deed], Play]] = {
    Scheme.PUMP_AND_DUMP: pumping,
    Scheme.SPOOFING: spoofing,
    Scheme.LAYERING: layering,
    Scheme.QUOTE_STUFFING: stuffing,
    Scheme.WASH_TRADING: washing,
    Scheme.MARKING_THE_CLOSE: closing,
    Scheme.MOMENTUM_IGNITION: igniting,
    Scheme.FRONT_RUNNING: informed,
    Scheme.COORDINATED_ACCOUNTS: together,
}
