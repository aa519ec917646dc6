"""Marking the close: trades at the end of a session that set the price at which it is settled.

MAR article 12(2)(b); FINRA Rule 5210. Comerton-Forde and Putnins (2011, "Measuring closing price manipulation") find
large moves, wide spreads and trades of one side in the last half hour, mostly in its last minutes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import SECOND, Play, SchemeScript
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme

_TRAIN: Space = {
    "window": Range(15.0, 600.0, log=True),
    "pieces": Range(4, 25, log=True, whole=True),
    "size": Range(0.8, 6.0, log=True),
    "reach": Range(2.0, 8.0, log=True),
    "rush": Range(0.0, 2.0),
    "accounts": Range(1, 1, whole=True),
    "holding": Range(0.0, 20.0),
    "support": Range(0.0, 0.3),
    "opposite": Range(0.0, 0.1),
}
_UNSEEN: Space = {
    **_TRAIN,
    "window": Range(3.0, 900.0, log=True),
    "pieces": Range(3, 40, log=True, whole=True),
    "size": Range(0.5, 15.0, log=True),
    "rush": Range(0.0, 4.0),
    "accounts": Range(1, 3, whole=True),
    "support": Range(0.3, 0.8),
}
_EVASIVE: Space = {
    **_TRAIN,
    "window": Range(120.0, 1200.0, log=True),
    "pieces": Range(8, 40, log=True, whole=True),
    "size": Range(0.3, 1.5, log=True),
    "reach": Range(1.5, 4.0, log=True),
    "rush": Range(0.0, 1.0),
    "accounts": Range(1, 4, whole=True),
    "support": Range(0.0, 0.5),
    "opposite": Range(0.1, 0.25),
}


@dataclass(frozen=True, kw_only=True)
class CloseSettings(SchemeSettings):
    """Parameters of marking the close.

    Attributes
    ----------
    window : seconds before the close in which it is done, at most an eighth of the session.
    pieces : orders.
    size : size of one; doubled while the price does not move.
    reach : move aimed at, in typical spreads; once there, pieces are only thrown in to hold it.
    rush : 0 where pieces come evenly, larger where they crowd toward the close.
    accounts : how many share them.
    holding : position bought before, which profits; in typical orders. Its purchase is no part of the deed.
    support : chance that a piece is a limit order at the best price instead.
    opposite : chance of a small trade the other way.
    """

    scheme: ClassVar[Scheme] = Scheme.MARKING_THE_CLOSE
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    window: float
    pieces: int
    size: float
    reach: float
    rush: float
    accounts: int
    holding: float
    support: float
    opposite: float


class MarkingTheClose(SchemeScript[CloseSettings]):
    """Trades one way up to the close; it is the scheme where the price followed or it made a third of the volume."""

    scheme = Scheme.MARKING_THE_CLOSE

    def __init__(self, episode: Episode, settings: CloseSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._side = 1 if self.rng.random() < 0.5 else -1
        self._pieces = self._shares = 0
        self._moved = self._share = 0.0

    def people(self) -> int:
        return self.settings.accounts

    def opening(self) -> int:
        """Return when the holding is bought: the middle of the session that ``begin`` falls into."""
        sessions = self.desk.sessions
        day = min(int(self.episode.begin * len(sessions.opens)), len(sessions.opens) - 1)
        length = int(sessions.closes[day] - sessions.opens[day])
        return int(sessions.opens[day]) + int(length * float(self.rng.uniform(0.1, 0.6)))

    def deed(self) -> Play:
        settings, sessions = self.settings, self.desk.sessions
        day = int(sessions.index(np.array([self.desk.now], dtype=np.int64))[0])
        length = int(sessions.closes[day] - sessions.opens[day])
        window = int(min(settings.window * SECOND, length / 8))
        yield from self._prepare(window)
        begin = self.close - window
        yield from self.until(begin)
        began, spread = self.desk.mid(self.symbol), self.typical_spread()
        usual = self.desk.volume(self.symbol) * window / SECOND
        places = np.sort(self.rng.beta(1.0 + settings.rush, 1.0, settings.pieces))
        for place in places:
            yield from self.until(begin + int(float(place) * window * 0.97))
            self._piece(began, spread)
        yield from self.until(begin + int(window * float(self.rng.uniform(0.975, 0.995))))
        for _ in range(3):
            if self._side * (self.desk.mid(self.symbol) - began) >= 0.7 * spread:
                break
            self._push(self.names[0], 3.0 * settings.size)
            yield from self.rest(max(window // 1000, 1))
        self._moved = self._side * (self.desk.last(self.symbol) - began) / spread
        self._shares = max(self._side * self.holding(), self._shares)
        self._share = self._shares / max(usual + self._shares, 1.0)

    def happened(self) -> bool:
        return len(self._orders) >= 2 and self._shares > 0 and (self._moved >= 0.5 or self._share >= 0.3)

    def facts(self) -> dict[str, float]:
        return {"move_in_spreads": self._moved, "share_of_volume": self._share, "pieces_traded": float(self._pieces)}

    def _prepare(self, window: int) -> Play:
        """Buy the holding in small orders at the best price."""
        wanted, account = self.settings.holding, self.names[0]
        while wanted > 0.5 and self.room() > 2 * window + SECOND:
            price = self.touch(self._side)
            order = 0
            if price:
                order = self.desk.submit(self.symbol, account, self._side, price, self.shares(1.0))
            wanted -= 1.0
            yield from self.rest(self.jitter(int((self.room() - window) / (2 * wanted + 4))))
            if order:
                self.desk.cancel(order)

    def _piece(self, began: float, spread: float) -> None:
        settings, side = self.settings, self._side
        account = self.names[int(self.rng.integers(len(self.names)))]
        moved = side * (self.desk.mid(self.symbol) - began) / spread
        if moved >= settings.reach and self.rng.random() < 0.5:
            return
        if self.rng.random() < settings.opposite:
            self.take(account, -side, self.shares(0.3 * settings.size), 1)
        bold = 2.0 if self._pieces >= 2 and moved < 0.3 else 1.0
        size = self.shares(bold * settings.size * float(self.rng.lognormal(0.0, 0.3)))
        if self.rng.random() < settings.support:
            self.enter(account, side, self.touch(side, improve=True), size)
            return
        self._push(account, size / self.unit())

    def _push(self, account: str, multiple: float) -> None:
        got = self.take(account, self._side, self.shares(multiple), 3)
        self._pieces += got > 0
        self._shares += got
