"""Quote stuffing: orders entered and cancelled at once, by hundreds, so that others must wade through them.

MAR article 12(2)(c)(i) and (ii). Egginton, Van Ness and Van Ness (2016, "Quote stuffing") find bursts of up to a minute
in which messages come at tens of times a symbol's usual rate and nearly all are cancelled.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import SECOND, Play, SchemeScript
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "bursts": Range(1, 6, log=True, whole=True),
    "messages": Range(150, 2000, log=True, whole=True),
    "intensity": Range(20.0, 100.0, log=True),
    "pause": Range(5.0, 120.0, log=True),
    "accounts": Range(1, 2, whole=True),
    "size": Range(0.1, 2.0, log=True),
    "level": Range(0, 8, whole=True),
    "alive": Range(1, 4, whole=True),
    "both_sides": Range(0.0, 0.5),
    "replaces": Range(0.0, 0.0),
    "varied": Range(0.0, 0.2),
}
_UNSEEN: Space = {
    **_TRAIN,
    "bursts": Range(2, 12, log=True, whole=True),
    "messages": Range(100, 3000, log=True, whole=True),
    "intensity": Range(10.0, 200.0, log=True),
    "accounts": Range(3, 5, whole=True),
    "alive": Range(5, 20, whole=True),
    "replaces": Range(0.5, 1.0),
    "varied": Range(0.3, 1.0),
}
_EVASIVE: Space = {
    **_TRAIN,
    "bursts": Range(2, 10, log=True, whole=True),
    "messages": Range(80, 500, log=True, whole=True),
    "intensity": Range(6.0, 20.0, log=True),
    "pause": Range(20.0, 300.0, log=True),
    "accounts": Range(2, 6, whole=True),
    "level": Range(0, 5, whole=True),
    "alive": Range(1, 10, whole=True),
    "both_sides": Range(0.2, 1.0),
    "replaces": Range(0.0, 0.5),
    "varied": Range(0.5, 1.0),
}


@dataclass(frozen=True, kw_only=True)
class StuffingSettings(SchemeSettings):
    """Parameters of quote stuffing.

    Attributes
    ----------
    bursts : how many, ``pause`` seconds apart.
    messages : orders entered (and taken back) in a burst.
    intensity : their rate over the symbol's usual rate of events.
    accounts : among how many they are dealt out.
    size : size of an order.
    level : price level about which they are laid, 0 the best; inside it none is meant to trade.
    alive : orders that stand at any time; each is taken back when that many newer ones are there.
    both_sides : chance that an order is on the other side of the burst's own.
    replaces : chance that the oldest order is moved rather than taken back and followed by another.
    varied : chance that size and price of an order differ from those of the one before.
    """

    scheme: ClassVar[Scheme] = Scheme.QUOTE_STUFFING
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    bursts: int
    messages: int
    intensity: float
    pause: float
    accounts: int
    size: float
    level: int
    alive: int
    both_sides: float
    replaces: float
    varied: float

    def within(self, events: int) -> StuffingSettings:
        """Return the settings with fewer bursts or messages, so that they make at most a tenth of ``events``."""
        low = self.full_space()["messages"].low
        bursts = int(min(max(0.1 * events / (2 * low), 1), self.bursts))
        messages = int(min(max(0.1 * events / (2 * bursts), low), self.messages))
        return replace(self, bursts=bursts, messages=messages)


class Stuffing(SchemeScript[StuffingSettings]):
    """Enters and cancels, burst by burst; what makes it the scheme is the rate, and that hardly anything trades."""

    scheme = Scheme.QUOTE_STUFFING

    def __init__(self, episode: Episode, settings: StuffingSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._entered = self._entered_shares = 0
        self._rate = 0.0

    def people(self) -> int:
        return self.settings.accounts

    def deed(self) -> Play:
        settings = self.settings
        usual = max(self.desk.rate(self.symbol), 0.2)
        for burst in range(settings.bursts):
            if self.room() < SECOND:
                break
            yield from self._burst(max(settings.intensity * usual, 10.0))
            if burst + 1 < settings.bursts:
                yield from self.rest(self.jitter(self.fit(settings.pause, 2 * (settings.bursts - burst))))

    def happened(self) -> bool:
        traded = sum(self.filled(order) for order in self._orders)
        return self._entered >= 50 and traded <= 0.1 * self._entered_shares

    def facts(self) -> dict[str, float]:
        return {"orders_entered": float(self._entered), "messages_per_second": self._rate}

    def _burst(self, rate: float) -> Play:
        """Send ``messages`` orders at ``rate`` messages a second; every one is two messages."""
        settings, began = self.settings, self.desk.now
        gap = min(2.0 / rate * SECOND, self.room() / 2 / settings.messages)
        side = 1 if self.rng.random() < 0.5 else -1
        standing: list[int] = []
        size, away = self.shares(settings.size), 0
        for i in range(settings.messages):
            if self.rng.random() < settings.varied:
                size = self.shares(settings.size * float(self.rng.lognormal(0.0, 0.4)))
                away = int(self.rng.integers(0, 4))
            way = -side if self.rng.random() < settings.both_sides else side
            price = self.at_level(way, settings.level) - way * away * self.desk.tick(self.symbol)
            moved = False
            if len(standing) >= settings.alive:
                oldest = standing.pop(0)
                moved = self.rng.random() < settings.replaces and self._move(oldest, away)
                if moved:
                    standing.append(oldest)
                else:
                    self.withdraw(oldest)
            if not moved:
                order = self.enter(self.names[i % len(self.names)], way, price, size)
                if order:
                    standing.append(order)
                    self._count(order)
            yield from self.rest(int(gap * float(self.rng.exponential())) + 1)
        for order in standing:
            self.withdraw(order)
        took = max((self.desk.now - began) / SECOND, 1e-3)
        self._rate = max(self._rate, 2 * settings.messages / took)

    def _move(self, order: int, away: int) -> bool:
        state = self.desk.order(order)
        price = self.at_level(state.side, self.settings.level) - state.side * away * self.desk.tick(self.symbol)
        if price <= 0 or not self.desk.replace(order, price, max(state.left, 1)):
            return False
        self.mark(state.account)
        self._entered += 1
        return True

    def _count(self, order: int) -> None:
        self._entered += 1
        self._entered_shares += self.desk.order(order).size
