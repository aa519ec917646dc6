"""What spoofing and layering share: a small order that is meant, against larger ones on the other side that are not."""

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import TypeVar

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import Play, SchemeScript


@dataclass(frozen=True, kw_only=True)
class PressureSettings(SchemeSettings):
    """Parameters of both schemes.

    Attributes
    ----------
    cycles : how often it is played.
    genuine : size of the order that is meant.
    clips : into how many orders that order is cut, one after another (an iceberg).
    improve : chance that the order that is meant betters the best price.
    patience : seconds the pressure stays while the order that is meant waits.
    persist : chance that it crosses the spread once patience is over.
    reaction : seconds between its execution and the first cancel.
    pause : seconds between cycles.
    flip : chance that the next cycle is played the other way round, which takes the profit.
    accounts : 1, or 2 where one account presses and another trades.
    decoy : chance of a small trade with the pressure before a cycle, to look two-sided.
    """

    cycles: int
    genuine: float
    clips: int
    improve: float
    patience: float
    persist: float
    reaction: float
    pause: float
    flip: float
    accounts: int
    decoy: float


_MORE = 2
"""Cycles that are tried beyond those planned while none has paid."""

P = TypeVar("P", bound=PressureSettings)


class PressureScript(SchemeScript[P]):
    """Plays cycles: the order that is meant, the pressure, its execution, the cancels.

    What makes a cycle the scheme: the order that is meant executes at least in part and at least four fifths of the
    pressure are taken back. Two cycles whose pressure is taken back with no execution opposite are attempts, and count
    too: the law asks for the intent alone. A player whom no cycle has paid tries up to two more.
    """

    def __init__(self, episode: Episode, settings: P, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._won = self._attempts = 0
        self._meant = self._pressed = self._executed = 0

    def people(self) -> int:
        return self.settings.accounts

    @abstractmethod
    def press(self, side: int) -> Play:
        """Enter the orders that are not meant, on ``side``; :meth:`pressure` then names them."""

    @abstractmethod
    def pressure(self) -> list[int]:
        """Return the orders that are not meant."""

    @abstractmethod
    def lift(self, *, fast: bool) -> Play:
        """Take the orders that are not meant back; ``fast``: all at once, for others begin to trade with them."""

    def hold(self, side: int) -> None:
        """Do something to the pressure while it stands: nothing unless a scheme moves it along."""

    def presser(self) -> str:
        """Return the account that presses."""
        return self.names[-1]

    def trader(self) -> str:
        """Return the account that means its order."""
        return self.names[0]

    def deed(self) -> Play:
        side = 1 if self.rng.random() < 0.5 else -1
        for cycle in range(self.settings.cycles + _MORE):
            if self.room() < self.seconds(0.2) or (cycle >= self.settings.cycles and self._won):
                break
            yield from self._cycle(side)
            if cycle + 1 < self.settings.cycles or not self._won:
                left = max(self.settings.cycles - cycle, 1)
                yield from self.rest(self.jitter(self.fit(self.settings.pause, 2 * left)))
            if self.rng.random() < self.settings.flip:
                side = -side

    def happened(self) -> bool:
        return self._won > 0 or self._attempts >= 2

    def facts(self) -> dict[str, float]:
        return {
            "cycles_won": float(self._won),
            "cancelled_share": 1.0 - self._executed / max(self._pressed, 1),
            "pressure_to_genuine": self._pressed / max(self._meant, 1),
        }

    def _cycle(self, side: int) -> Play:
        """Play one cycle; ``side`` is the genuine order's."""
        settings = self.settings
        patience = self.jitter(self.fit(settings.patience, 2))
        if self.rng.random() < settings.decoy:
            self.take(self.presser(), -side, self.shares(0.5), 1)
        size = self.shares(settings.genuine / settings.clips)
        meant = [self._offer(side, size)]
        yield from self.rest(self.jitter(self.seconds(0.02)))
        yield from self.press(-side)
        deadline = self.desk.now + patience
        while self.desk.now < min(deadline, self.close):
            yield from self.until(
                min(deadline, self.desk.now + max(patience // 8, 1)),
                lambda: self.left(meant[-1]) == 0 or self.hit(),
            )
            if self.hit():
                break
            if self.left(meant[-1]) == 0:
                if len(meant) >= settings.clips:
                    break
                meant.append(self._offer(side, size))
            self.hold(-side)
        got = sum(self.filled(order) for order in meant)
        if got == 0 and self.rng.random() < settings.persist:
            self.withdraw(meant[-1])
            got = self._cross(side, size)
        if got:
            reaction = self.jitter(self.seconds(settings.reaction))
            yield from self.until(self.desk.now + reaction, self.hit)
        yield from self.lift(fast=self.hit())
        self.withdraw(meant[-1])
        self._count(got)

    def _offer(self, side: int, size: int) -> int:
        improve = self.rng.random() < self.settings.improve
        return self.enter(self.trader(), side, self.touch(side, improve=improve), size)

    def _cross(self, side: int, size: int) -> int:
        """Trade at the other side's best price, unless the pressure itself is what stands there."""
        best = self.desk.best(self.symbol, -side)
        if any(self.desk.order(order).price == best for order in self.pressure() if self.left(order)):
            return 0
        return self.take(self.trader(), side, size, 1)

    def hit(self) -> bool:
        """Return whether others are trading with the pressure, which was never meant."""
        pressure = self.pressure()
        size = sum(self.desk.order(order).size for order in pressure)
        return sum(self.filled(order) for order in pressure) > 0.05 * size

    def _count(self, got: int) -> None:
        pressure = self.pressure()
        size = sum(self.desk.order(order).size for order in pressure)
        executed = sum(self.filled(order) for order in pressure)
        self._pressed += size
        self._executed += executed
        self._meant += got
        taken_back = size > 0 and executed <= 0.2 * size
        self._won += taken_back and got > 0
        self._attempts += taken_back and got == 0
