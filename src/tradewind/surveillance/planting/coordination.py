"""Coordinated accounts: several accounts under one hand, on the same side at the same moments, each one harmless.

MAR articles 12(1)(a) and 12(2)(a) on persons acting in collaboration; SEC v. Lek Securities (2017), in which groups of
accounts were steered together. What they have in common are moments, sizes and repetition (Cao et al. 2014).
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
    "accounts": Range(2, 8, whole=True),
    "rounds": Range(6, 25, log=True, whole=True),
    "interval": Range(5.0, 90.0, log=True),
    "jitter": Range(0.01, 1.0, log=True),
    "size": Range(0.4, 2.5, log=True),
    "uneven": Range(0.0, 0.25),
    "participation": Range(0.75, 1.0),
    "takes": Range(0.3, 1.0),
    "loyal": Range(0.3, 0.9),
    "ladder": Range(0.0, 0.0),
}
_UNSEEN: Space = {
    **_TRAIN,
    "accounts": Range(3, 12, whole=True),
    "rounds": Range(5, 40, log=True, whole=True),
    "interval": Range(2.0, 200.0, log=True),
    "jitter": Range(0.003, 3.0, log=True),
    "size": Range(0.2, 4.0, log=True),
    "takes": Range(0.0, 1.0),
    "ladder": Range(0.5, 1.0),
}
_EVASIVE: Space = {
    **_TRAIN,
    "accounts": Range(3, 10, whole=True),
    "rounds": Range(10, 30, log=True, whole=True),
    "interval": Range(30.0, 300.0, log=True),
    "jitter": Range(1.0, 8.0, log=True),
    "size": Range(0.3, 1.2, log=True),
    "uneven": Range(0.3, 0.8),
    "participation": Range(0.45, 0.75),
    "takes": Range(0.3, 1.0),
    "ladder": Range(0.0, 0.5),
}


@dataclass(frozen=True, kw_only=True)
class CoordinationSettings(SchemeSettings):
    """Parameters of coordinated accounts.

    Attributes
    ----------
    accounts : how many.
    rounds : common moments, ``interval`` seconds apart on average.
    jitter : mean seconds by which an account is late.
    size : size of an order; ``uneven`` the standard deviation of its logarithm.
    participation : chance that an account takes part in a round; two always do.
    takes : share of rounds that trade at once; in the others limit orders are entered at the best price.
    loyal : chance that a round is on the same side as the one before.
    ladder : chance that the accounts of a round act one after another in a fixed order rather than at random.
    """

    scheme: ClassVar[Scheme] = Scheme.COORDINATED_ACCOUNTS
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    accounts: int
    rounds: int
    interval: float
    jitter: float
    size: float
    uneven: float
    participation: float
    takes: float
    loyal: float
    ladder: float


class Coordination(SchemeScript[CoordinationSettings]):
    """Acts in rounds; it is the scheme where three rounds at least saw two accounts or more."""

    scheme = Scheme.COORDINATED_ACCOUNTS

    def __init__(self, episode: Episode, settings: CoordinationSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._rounds = 0

    def people(self) -> int:
        return self.settings.accounts

    def deed(self) -> Play:
        settings = self.settings
        side = 1 if self.rng.random() < 0.5 else -1
        for number in range(settings.rounds):
            if self.room() < SECOND // 2:
                return
            orders = yield from self._round(side)
            self._rounds += len({self.desk.order(order).account for order in orders}) >= 2
            if number + 1 < settings.rounds:
                yield from self.rest(self.jitter(self.fit(settings.interval, 2 * (settings.rounds - number)), 0.7))
            for order in orders:
                self.withdraw(order)
            if self.rng.random() > settings.loyal:
                side = -side

    def happened(self) -> bool:
        return self._rounds >= 3

    def facts(self) -> dict[str, float]:
        return {"common_moments": float(self._rounds)}

    def _round(self, side: int) -> Generator[int, None, list[int]]:
        """Let the accounts of one round act; return their orders."""
        settings = self.settings
        joins = [name for name in self.names if self.rng.random() < settings.participation]
        if len(joins) < 2:
            joins = [self.names[i] for i in self.rng.permutation(len(self.names))[:2]]
        if self.rng.random() >= settings.ladder:
            joins = [joins[i] for i in self.rng.permutation(len(joins))]
        takes = self.rng.random() < settings.takes
        late = sorted(float(self.rng.exponential()) for _ in joins)
        late = [delay - late[0] for delay in late]
        unit = self.fit(settings.jitter, 20)
        began, common = self.desk.now, settings.size * float(self.rng.lognormal(0.0, 0.2))
        orders = []
        for name, delay in zip(joins, late, strict=True):
            yield from self.until(began + int(delay * unit))
            size = self.shares(common * float(self.rng.lognormal(0.0, settings.uneven)))
            price = self.touch(-side if takes else side)
            order = self.enter(name, side, price, size, ioc=takes)
            if order:
                orders.append(order)
        return orders
