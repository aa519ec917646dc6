"""Momentum ignition: a burst of aggressive orders that starts a move, in which the starter sells to those who follow.

MAR article 12(2)(c)(iii); described by the SEC's Concept Release on Equity Market Structure (2010) and by Credit Suisse
(Tse, Lin and Vincent 2012, "High frequency trading: the good, the bad, and the regulation"): a burst of seconds, a move
of some minutes, a reversal.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass
from typing import ClassVar

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import SECOND, Play, SchemeScript
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "cycles": Range(1, 3, whole=True),
    "burst": Range(0.5, 8.0, log=True),
    "orders": Range(6, 30, log=True, whole=True),
    "size": Range(1.0, 5.0, log=True),
    "reach": Range(3.0, 10.0, log=True),
    "wait": Range(1.0, 30.0, log=True),
    "unwind": Range(3.0, 90.0, log=True),
    "clips": Range(3, 12, whole=True),
    "passive": Range(0.0, 0.6),
    "pause": Range(30.0, 300.0, log=True),
    "accounts": Range(1, 1, whole=True),
    "flip": Range(0.0, 1.0),
}
_UNSEEN: Space = {
    **_TRAIN,
    "cycles": Range(1, 5, whole=True),
    "burst": Range(0.05, 20.0, log=True),
    "orders": Range(4, 50, log=True, whole=True),
    "size": Range(0.6, 10.0, log=True),
    "wait": Range(0.2, 60.0, log=True),
    "unwind": Range(0.5, 200.0, log=True),
    "passive": Range(0.6, 1.0),
    "accounts": Range(1, 3, whole=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "cycles": Range(1, 4, whole=True),
    "burst": Range(10.0, 60.0, log=True),
    "orders": Range(8, 40, log=True, whole=True),
    "size": Range(0.5, 2.0, log=True),
    "reach": Range(2.0, 5.0, log=True),
    "unwind": Range(40.0, 300.0, log=True),
    "passive": Range(0.4, 1.0),
    "accounts": Range(1, 4, whole=True),
}


@dataclass(frozen=True, kw_only=True)
class IgnitionSettings(SchemeSettings):
    """Parameters of momentum ignition.

    Attributes
    ----------
    cycles : how often, ``pause`` seconds apart.
    burst : seconds of aggressive orders.
    orders : how many of them at most.
    size : size of one; half as much again each time that the price does not move.
    reach : move at which the burst ends, in typical spreads.
    wait : seconds in which the others are left to follow.
    unwind : seconds in which the position is closed, in ``clips`` orders.
    passive : share of these that are laid at the best price first; what is left of them trades at once later.
    accounts : how many take part, each with its share of the burst, which it sells itself.
    flip : chance that the next cycle goes the other way.
    """

    scheme: ClassVar[Scheme] = Scheme.MOMENTUM_IGNITION
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    cycles: int
    burst: float
    orders: int
    size: float
    reach: float
    wait: float
    unwind: float
    clips: int
    passive: float
    pause: float
    accounts: int
    flip: float


class Ignition(SchemeScript[IgnitionSettings]):
    """Starts moves; it is the scheme where one moved the price by a spread at least and most was sold into it."""

    scheme = Scheme.MOMENTUM_IGNITION

    def __init__(self, episode: Episode, settings: IgnitionSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._won = 0
        self._moved = 0.0

    def people(self) -> int:
        return self.settings.accounts

    def deed(self) -> Play:
        settings = self.settings
        side = 1 if self.rng.random() < 0.5 else -1
        for cycle in range(settings.cycles):
            if self.room() < 2 * SECOND:
                return
            moved, bought = yield from self._ignite(side)
            self._moved = max(self._moved, moved)
            if bought:
                yield from self.rest(self.jitter(self.fit(settings.wait, 6)))
                yield from self._unwind(side)
                self._won += moved >= 1.0 and abs(self.holding()) <= 0.4 * bought
            if cycle + 1 < settings.cycles:
                yield from self.rest(self.jitter(self.fit(settings.pause, 3 * (settings.cycles - cycle))))
            if self.rng.random() < settings.flip:
                side = -side

    def happened(self) -> bool:
        return self._won > 0

    def facts(self) -> dict[str, float]:
        return {"cycles_won": float(self._won), "move_in_spreads": self._moved}

    def _ignite(self, side: int) -> Generator[int, None, tuple[float, int]]:
        """Buy in a burst; return the move in typical spreads and the shares bought."""
        settings = self.settings
        began, spread = self.desk.mid(self.symbol), self.typical_spread()
        gap = self.fit(settings.burst, 6) / settings.orders
        moved, bought, bold = 0.0, 0, 1.0
        for i in range(settings.orders):
            before = moved
            account = self.names[i % len(self.names)]
            bought += self.take(account, side, self.shares(bold * settings.size), 2)
            moved = side * (self.desk.mid(self.symbol) - began) / spread
            if moved >= settings.reach:
                break
            if moved <= before:
                bold = min(bold * 1.5, 8.0)
            yield from self.rest(int(gap * float(self.rng.uniform(0.3, 1.7))) + 1)
        return moved, bought

    def _unwind(self, side: int) -> Play:
        """Close what is held, account by account, in clips; whatever rests is traded at once at the end."""
        settings = self.settings
        gap = self.fit(settings.unwind, 3) / settings.clips
        for clip in range(settings.clips):
            account = self.names[clip % len(self.names)]
            left = settings.clips - clip
            share = side * self.holding(account) / max(-(-left // len(self.names)), 1)
            size = round(share)
            if size > 0:
                if self.rng.random() < settings.passive:
                    order = self.enter(account, -side, self.touch(-side, improve=True), size)
                    yield from self.until(self.desk.now + int(gap), self.gone(order))
                    self.withdraw(order)
                else:
                    self.take(account, -side, size, 3)
            yield from self.rest(self.jitter(int(gap) + 1))
        for account in self.names:
            for _ in range(12):
                size = side * self.holding(account)
                if size > 0:
                    self.take(account, -side, size, 5)
                    yield from self.rest(self.jitter(self.fit(0.5, 30)))
