"""Spoofing: one price level carries an order far too large to be meant, until the small order opposite has traded.

Dodd-Frank Act section 747 ("bidding or offering with the intent to cancel the bid or offer before execution"); MAR
article 12(2)(c). Ranges follow Lee, Eom and Park (2013), who find spoof orders on the KRX of several times the typical
size held for tens of seconds, and CFTC v. Sarao (2015) and United States v. Coscia (2017): seconds and below.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from tradewind.surveillance.planting.pressure import PressureScript, PressureSettings
from tradewind.surveillance.planting.script import Play
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "cycles": Range(1, 12, log=True, whole=True),
    "genuine": Range(0.5, 2.5, log=True),
    "clips": Range(1, 1, whole=True),
    "improve": Range(0.0, 1.0),
    "patience": Range(0.5, 40.0, log=True),
    "persist": Range(0.6, 1.0),
    "reaction": Range(0.005, 1.0, log=True),
    "pause": Range(2.0, 60.0, log=True),
    "flip": Range(0.0, 1.0),
    "accounts": Range(1, 1, whole=True),
    "decoy": Range(0.0, 0.2),
    "spoof": Range(5.0, 30.0, log=True),
    "orders": Range(1, 2, whole=True),
    "level": Range(0, 3, whole=True),
    "parts": Range(1, 1, whole=True),
}
_UNSEEN: Space = {
    **_TRAIN,
    "cycles": Range(2, 20, log=True, whole=True),
    "clips": Range(2, 5, whole=True),
    "patience": Range(0.1, 120.0, log=True),
    "spoof": Range(3.5, 50.0, log=True),
    "orders": Range(1, 4, whole=True),
    "level": Range(0, 5, whole=True),
    "parts": Range(2, 5, whole=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "cycles": Range(2, 10, log=True, whole=True),
    "genuine": Range(0.3, 1.2, log=True),
    "clips": Range(1, 3, whole=True),
    "patience": Range(5.0, 120.0, log=True),
    "reaction": Range(0.5, 15.0, log=True),
    "pause": Range(20.0, 300.0, log=True),
    "accounts": Range(1, 2, whole=True),
    "decoy": Range(0.3, 1.0),
    "spoof": Range(2.0, 6.0, log=True),
    "orders": Range(1, 4, whole=True),
    "level": Range(0, 3, whole=True),
    "parts": Range(1, 5, whole=True),
}


@dataclass(frozen=True, kw_only=True)
class SpoofingSettings(PressureSettings):
    """Parameters of spoofing, beside those it shares with layering.

    Attributes
    ----------
    spoof : size of what is not meant.
    orders : number of orders that make it up, all at one price.
    level : which price level of its side it stands at, 0 the best.
    parts : in how many cancels it is taken back.
    """

    scheme: ClassVar[Scheme] = Scheme.SPOOFING
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    spoof: float
    orders: int
    level: int
    parts: int


class Spoofing(PressureScript[SpoofingSettings]):
    """Presses with one level."""

    scheme = Scheme.SPOOFING
    _spoofs: list[int]

    def pressure(self) -> list[int]:
        return self._spoofs

    def press(self, side: int) -> Play:
        self._spoofs = []
        settings = self.settings
        price = self.at_level(side, settings.level)
        for i in range(settings.orders):
            order = self.enter(self.presser(), side, price, self.shares(settings.spoof / settings.orders))
            if order:
                self._spoofs.append(order)
            if i + 1 < settings.orders:
                yield from self.rest(self.jitter(self.seconds(0.05)))

    def lift(self, *, fast: bool) -> Play:
        parts = 1 if fast else self.settings.parts
        for part in range(parts):
            for order in self._spoofs:
                left = self.left(order)
                self.withdraw(order, 0 if part + 1 == parts else left // (parts - part))
            if part + 1 < parts:
                yield from self.rest(self.jitter(self.seconds(0.1)))
