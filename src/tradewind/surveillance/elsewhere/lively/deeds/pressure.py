"""Orders that are not meant: spoofing, layering and quote stuffing; sources of the schemes are in ``planting``."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.surveillance.elsewhere.lively.book import Order
from tradewind.surveillance.elsewhere.lively.deeds.deed import Deed
from tradewind.surveillance.elsewhere.lively.venue import Play


@dataclass
class Pressing:
    """How one deed presses: sizes in usual orders, times in seconds."""

    deed: Deed
    levels: int

    def __post_init__(self) -> None:
        deed, draw, rng = self.deed, self.deed.venue.draw, self.deed.venue.rng
        self.trader = deed.crook()
        self.presser = self.trader if rng.random() < 0.75 else deed.crook()
        self.genuine = draw(0.3, 4)
        self.ratio = max(draw(2, 50), 1.5 / self.genuine)  # less would press on nobody
        self.cycles = round(draw(1, 15))
        self.patience = draw(0.2, 60) * min(deed.slow, 2.5)
        self.reaction = draw(0.003, 2)
        self.pause = draw(0.5, 150) * min(deed.slow, 2.0)
        self.crosses = float(rng.uniform(0, 1))
        self.takes = rng.random() < 0.25
        self.first = rng.random() < 0.3
        self.away = round(deed.spread * float(rng.uniform(0, 1.5)))
        self.gap = max(1, round(deed.spread * draw(0.1, 1)))
        self.stepwise = rng.random() < 0.35
        self.follows = rng.random() < 0.4
        self.flips = float(rng.uniform(0, 0.7))
        self.effect = draw(0.02, 0.6)
        self.won = self.attempts = 0
        self.pressed: list[Order] = []

    def press(self, side: int, size: int) -> list[Order]:
        """Enter what is not meant on ``side``."""
        deed, rng = self.deed, self.deed.venue.rng
        each = max(round(size * self.ratio / self.levels), 1)
        best = deed.touch(side)
        deed.push(side * self.effect, 0.0)
        self.pressed = [
            deed.enter(
                self.presser,
                side,
                best - side * (self.away + k * self.gap),
                max(round(each * float(rng.uniform(0.8, 1.2))), 1),
            )
            for k in range(self.levels)
        ]
        return list(self.pressed)

    def cycle(self, side: int) -> Play:
        """Play one cycle; ``side`` is that of the order that is meant."""
        deed, venue = self.deed, self.deed.venue
        size = deed.shares(self.genuine)
        pressure = self.press(-side, size) if self.first or self.takes else []
        if pressure:
            yield venue.draw(0.01, 2)
        meant = None
        if not self.takes:
            meant = deed.enter(self.trader, side, deed.touch(side) + side * self._room(), size)
        if not pressure:
            yield venue.draw(0.005, 1)
            pressure = self.press(-side, size)
        yield from self._stand(side, meant, pressure)
        got = meant.filled if meant is not None else 0
        if not got and (self.takes or venue.chance(self.crosses)):
            if meant is not None:
                deed.withdraw(meant)
            if all(o.price != deed.touch(-side) for o in pressure if o.left):
                got = deed.take(self.trader, side, size, 0)
        yield self.reaction
        for order in pressure:
            deed.withdraw(order)
            if self.stepwise:
                yield venue.draw(0.005, 0.8)
        if meant is not None and meant.left:
            deed.withdraw(meant)
        kept = sum(o.filled for o in self.pressed) <= 0.2 * sum(o.size for o in self.pressed[: self.levels])
        self.won += got > 0 and kept
        self.attempts += kept
        deed.carried(through=self.won > 0 or self.attempts >= 2)

    def _stand(self, side: int, meant: Order | None, pressure: list[Order]) -> Play:
        """Let the pressure stand, moved along where it is, until the other order has traded or patience ends."""
        deed = self.deed
        best = deed.touch(-side)
        for _ in range(12):
            yield self.patience / 12
            hit = sum(o.filled for o in pressure) > 0.05 * sum(o.size for o in pressure)
            if hit or (meant is not None and meant.left == 0):
                return
            if self.follows and deed.touch(-side) != best:
                moved, best = deed.touch(-side) - best, deed.touch(-side)
                for place, order in enumerate(pressure):
                    if order.left:
                        pressure[place] = deed.replace(order, order.price + moved, order.left)
                        self.pressed.append(pressure[place])

    def _room(self) -> int:
        """Return 1 where the best price can be bettered and is, as drawn."""
        return int(self.deed.touch(-1) - self.deed.touch(1) > 1 and self.deed.venue.chance(0.4))

    def play(self) -> Play:
        """Play all cycles."""
        side = self.deed.venue.side()
        for _ in range(self.cycles):
            yield from self.cycle(side)
            yield self.pause * self.deed.venue.draw(0.4, 2)
            if self.deed.venue.chance(self.flips):
                side = -side


def spoofing(deed: Deed) -> Play:
    """Press on one level, now and then on two."""
    yield from Pressing(deed, 2 if deed.venue.chance(0.25) else 1).play()


def layering(deed: Deed) -> Play:
    """Press on three to nine."""
    yield from Pressing(deed, int(deed.venue.rng.integers(3, 10))).play()


def stuffing(deed: Deed) -> Play:
    """Enter and take back at once, by turns or in batches, or move orders to and fro; in one to three symbols."""
    venue, rng = deed.venue, deed.venue.rng
    who = deed.crook()
    count = min(int(rng.choice([1, 1, 1, 2, 3])), len(venue.books))
    symbols = [(deed.symbol + k) % len(venue.books) for k in range(count)]
    orders = round(venue.draw(60, min(3_000, venue.settings.events / 10)))
    bursts, rate = round(venue.draw(1, 8)), venue.draw(15, 1_500)
    batch = round(venue.draw(1, 40)) if venue.chance(0.5) else 1
    moves, both, size = venue.chance(0.35), venue.chance(0.5), venue.draw(0.2, 4)
    near, far = venue.draw(0.1, 3), venue.draw(0.5, 8)
    entered = dict.fromkeys(symbols, 0)

    def away(symbol: int, way: int) -> int:
        distance = 1 + round(venue.nature(symbol).half * (near + far * float(rng.random())))
        return venue.touch(symbol, way) - way * distance

    for _ in range(bursts):
        side, standing = venue.side(), list[Order]()
        for number in range(max(orders // bursts, 1)):
            symbol = symbols[number % count]
            side = -side if both and venue.chance(0.5) else side
            if moves and len(standing) >= batch:
                order = standing.pop(0)
                order = deed.replace(order, away(order.symbol, order.side), order.left)
                entered[order.symbol] += 1
                standing.append(order)
            else:
                standing.append(deed.enter(who, side, away(symbol, side), venue.shares(symbol, size), symbol))
                entered[symbol] += 1
            if not moves and len(standing) >= batch:
                for order in standing:
                    deed.withdraw(order)
                standing.clear()
            if entered[symbol] >= 50:
                deed.carried(symbol=symbol)
            yield float(rng.exponential(1 / rate))
        for order in standing:
            deed.withdraw(order)
        yield venue.draw(0.3, 60)
