"""Layering: orders on several levels of one side, moved along with the market, that are never meant to trade.

FINRA Rule 5210 supplementary material .03; MAR article 12(2)(c). FCA v. Da Vinci Invest (2015) describes orders of even
size on several levels opposite a small one, and the withdrawal of all of them within seconds after that has traded.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tradewind.surveillance.planting.pressure import PressureScript, PressureSettings
from tradewind.surveillance.planting.script import Play
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "cycles": Range(1, 10, log=True, whole=True),
    "genuine": Range(0.5, 3.0, log=True),
    "clips": Range(1, 1, whole=True),
    "improve": Range(0.0, 1.0),
    "patience": Range(1.0, 60.0, log=True),
    "persist": Range(0.6, 1.0),
    "reaction": Range(0.005, 1.0, log=True),
    "pause": Range(2.0, 60.0, log=True),
    "flip": Range(0.0, 1.0),
    "accounts": Range(1, 1, whole=True),
    "decoy": Range(0.0, 0.2),
    "levels": Range(4, 8, whole=True),
    "layer": Range(2.0, 10.0, log=True),
    "uneven": Range(0.0, 0.15),
    "stagger": Range(0.001, 0.1, log=True),
    "moves": Range(0, 4, whole=True),
    "nearest": Range(0, 1, whole=True),
}
_UNSEEN: Space = {
    **_TRAIN,
    "clips": Range(2, 5, whole=True),
    "levels": Range(3, 10, whole=True),
    "layer": Range(1.5, 20.0, log=True),
    "uneven": Range(0.3, 0.9),
    "stagger": Range(0.1, 1.0, log=True),
    "moves": Range(0, 8, whole=True),
    "nearest": Range(0, 3, whole=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "cycles": Range(2, 8, log=True, whole=True),
    "genuine": Range(0.4, 1.5, log=True),
    "clips": Range(1, 3, whole=True),
    "patience": Range(5.0, 120.0, log=True),
    "reaction": Range(0.5, 15.0, log=True),
    "pause": Range(20.0, 300.0, log=True),
    "accounts": Range(1, 3, whole=True),
    "decoy": Range(0.3, 1.0),
    "levels": Range(3, 5, whole=True),
    "layer": Range(0.8, 2.5, log=True),
    "uneven": Range(0.2, 0.8),
    "stagger": Range(0.2, 3.0, log=True),
    "moves": Range(0, 3, whole=True),
    "nearest": Range(0, 3, whole=True),
}


@dataclass(frozen=True, kw_only=True)
class LayeringSettings(PressureSettings):
    """Parameters of layering, beside those it shares with spoofing; with 3 accounts two of them press.

    Attributes
    ----------
    levels : price levels that carry an order.
    layer : size of each of these orders.
    uneven : standard deviation of the logarithm of their sizes.
    stagger : seconds between two of them, when entered and when taken back.
    moves : how often at most they are moved along with the best price in a cycle.
    nearest : level of the nearest of them, 0 the best price.
    """

    scheme: ClassVar[Scheme] = Scheme.LAYERING
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    levels: int
    layer: float
    uneven: float
    stagger: float
    moves: int
    nearest: int


class Layering(PressureScript[LayeringSettings]):
    """Presses with several levels."""

    scheme = Scheme.LAYERING
    _layers: list[int]
    _anchor: int
    _moved: int

    def pressure(self) -> list[int]:
        return self._layers

    def press(self, side: int) -> Play:
        self._layers, self._moved = [], 0
        settings, pressers = self.settings, self.names[1:] or self.names
        self._anchor = self.at_level(side, settings.nearest)
        if not self._anchor:
            return
        step = self._step(side)
        for i in range(settings.levels):
            size = self.shares(settings.layer * float(np.exp(settings.uneven * self.rng.standard_normal())))
            order = self.enter(pressers[i % len(pressers)], side, self._anchor - side * i * step, size)
            if order:
                self._layers.append(order)
            yield from self.until(self.desk.now + self.jitter(self.seconds(settings.stagger)), self.hit)

    def hold(self, side: int) -> None:
        """Follow the best price, away from it as toward it, so that the layers neither trade nor stay behind."""
        live = [order for order in self._layers if self.left(order)]
        others = [price for price, _ in self.desk.depth(self.symbol, side, 3)]
        own = {self.desk.order(order).price for order in live}
        outside = [price for price in others if price not in own]
        if not live or not outside or self._moved >= self.settings.moves:
            return
        shift = outside[0] - self._anchor - side * self.settings.nearest * self.desk.tick(self.symbol) * -1
        if abs(shift) < 2 * self.desk.tick(self.symbol):
            return
        self._moved += 1
        self._anchor += shift
        for order in live:
            state = self.desk.order(order)
            if state.price + shift > 0 and self.desk.replace(order, state.price + shift, state.left):
                self.mark(state.account)

    def lift(self, *, fast: bool) -> Play:
        for order in self._layers:
            self.withdraw(order)
            if not (fast or self.hit()):
                yield from self.until(self.desk.now + self.jitter(self.seconds(self.settings.stagger)), self.hit)

    def _step(self, side: int) -> int:
        """Return the distance between layers: the usual distance between the levels of this side."""
        book = [price for price, _ in self.desk.depth(self.symbol, side, 8)]
        tick = self.desk.tick(self.symbol)
        if len(book) < 2:
            return tick
        gaps = np.abs(np.diff(np.array(book)))
        return max(int(np.median(gaps)) // tick * tick, tick)
