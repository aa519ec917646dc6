"""Pump and dump: a position is gathered quietly, the price lifted by buying and promotion, the position sold into it.

MAR articles 12(1)(c) and 12(2)(d); Securities Exchange Act section 9(a)(2) and Rule 10b-5. Allen and Gale (1992,
"Stock-price manipulation") and Aggarwal and Wu (2006, "Stock market manipulations"), who find it in illiquid stocks,
over minutes to weeks, with rising volume and volatility and a fall afterwards.
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
    "gather": Range(0.03, 0.25, log=True),
    "lift": Range(0.01, 0.1, log=True),
    "dump": Range(0.01, 0.12, log=True),
    "clips": Range(15, 60, log=True, whole=True),
    "stake": Range(0.08, 0.4, log=True),
    "reach": Range(4.0, 15.0, log=True),
    "accounts": Range(1, 3, whole=True),
    "rumours": Range(0, 3, whole=True),
    "takes": Range(0.1, 0.6),
    "passive": Range(0.0, 0.4),
    "short": Range(0.0, 0.0, whole=True),
}
_UNSEEN: Space = {
    **_TRAIN,
    "gather": Range(0.01, 0.4, log=True),
    "lift": Range(0.004, 0.2, log=True),
    "dump": Range(0.004, 0.2, log=True),
    "clips": Range(10, 90, log=True, whole=True),
    "accounts": Range(3, 6, whole=True),
    "rumours": Range(0, 5, whole=True),
    "passive": Range(0.4, 0.9),
    "short": Range(0, 1, whole=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "gather": Range(0.1, 0.35, log=True),
    "lift": Range(0.06, 0.2, log=True),
    "dump": Range(0.06, 0.25, log=True),
    "clips": Range(30, 90, log=True, whole=True),
    "stake": Range(0.04, 0.15, log=True),
    "reach": Range(3.0, 7.0, log=True),
    "accounts": Range(2, 6, whole=True),
    "rumours": Range(0, 2, whole=True),
    "passive": Range(0.3, 0.9),
}


@dataclass(frozen=True, kw_only=True)
class PumpSettings(SchemeSettings):
    """Parameters of pump and dump.

    Attributes
    ----------
    gather, lift, dump : how long each stage takes, as shares of the market's open time.
    clips : orders of each stage.
    stake : position gathered, as a share of what the symbol trades meanwhile.
    reach : rise aimed at, in typical spreads.
    accounts : among how many it is dealt out.
    rumours : items of promotion published during the lift.
    takes : share of the gathering orders that trade at once.
    passive : share of the dumping orders that are laid at the best price first.
    short : 1 for the mirror image, a bear raid: sell quietly, push down, buy back.
    """

    scheme: ClassVar[Scheme] = Scheme.PUMP_AND_DUMP
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    gather: float
    lift: float
    dump: float
    clips: int
    stake: float
    reach: float
    accounts: int
    rumours: int
    takes: float
    passive: float
    short: int


class PumpAndDump(SchemeScript[PumpSettings]):
    """Gathers, lifts, dumps; it is the scheme where the price rose by 1.5 spreads at least and half was sold again."""

    scheme = Scheme.PUMP_AND_DUMP

    def __init__(self, episode: Episode, settings: PumpSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._side = -1 if settings.short else 1
        self._rise = 0.0
        self._left = 1.0

    def people(self) -> int:
        return self.settings.accounts

    def opening(self) -> int:
        """Return a start early enough for all three stages."""
        settings = self.settings
        whole = settings.gather + settings.lift + settings.dump
        sessions = self.desk.sessions
        lengths = sessions.closes - sessions.opens
        into = (0.02 + self.episode.begin * max(0.94 - whole, 0.0)) * float(lengths.sum())
        return self._clock(into)

    def deed(self) -> Play:
        settings, sessions = self.settings, self.desk.sessions
        self.close = int(sessions.closes[-1])
        open_time = float((sessions.closes - sessions.opens).sum())
        yield from self._gather(settings.gather * open_time)
        if self._side * self.holding() <= 0:
            return
        yield from self._lift(settings.lift * open_time)
        most = max(self._side * self.holding(), 1)
        yield from self._dump(settings.dump * open_time)
        self._left = self._side * self.holding() / most

    def happened(self) -> bool:
        return self._rise >= 1.5 and self._left <= 0.5

    def facts(self) -> dict[str, float]:
        return {"rise_in_spreads": self._rise, "sold_share": 1.0 - self._left}

    def _gather(self, span: float) -> Play:
        settings = self.settings
        wanted = max(settings.stake * self.desk.volume(self.symbol) * span / SECOND, settings.clips / 2 * self.unit())
        clip, resting = max(round(wanted / settings.clips), 1), 0
        for _ in range(2 * settings.clips):
            if self._side * self.holding() >= wanted:
                break
            account = self._anyone()
            takes = self.rng.random() < settings.takes
            size = max(round(clip * float(self.rng.lognormal(0.0, 0.4))), 1)
            if takes:
                self.take(account, self._side, size, 1)
            else:
                resting = self.enter(account, self._side, self.touch(self._side), size)
            yield from self._wait(span / (2 * settings.clips))
            self.withdraw(resting)

    def _lift(self, span: float) -> Play:
        """Buy up what is offered below a line that climbs to the aim, bolder where the price lags behind.

        The whole rise is made in one session where it fits into one: a night would undo it.
        """
        settings, sessions = self.settings, self.desk.sessions
        day = max(int((sessions.opens <= self.desk.now).sum()) - 1, 0)
        if day + 1 < len(sessions.opens) and self.desk.now + 1.3 * span > sessions.closes[day]:
            yield from self.until(int(sessions.opens[day + 1] + 0.02 * (sessions.closes[day] - sessions.opens[day])))
        began, spread = self.desk.mid(self.symbol), self.typical_spread()
        noise = 0.4 * began * self.desk.volatility(self.symbol, span / SECOND)
        aim = settings.reach * min(max(noise, spread), 5 * spread)
        usual = max(self.desk.volume(self.symbol) * span / SECOND / settings.clips, 2.5 * self.unit())
        rumours = set(self.rng.choice(settings.clips, min(settings.rumours, settings.clips), replace=False).tolist())
        bold, clips = 1.0, settings.clips
        for i in range(2 * clips):
            if i in rumours:
                self.desk.publish(self.symbol, self._side)
            line = began + self._side * aim * min((i + 1) / clips, 1.0)
            self._sweep(line, usual * bold * float(self.rng.lognormal(0.0, 0.4)))
            yield from self._wait(span / clips)
            rise = self._side * (self.desk.mid(self.symbol) - began)
            self._rise = max(self._rise, rise / spread)
            if i + 1 >= clips and (rise >= 0.6 * aim or self._rise >= 2.0):
                break
            bold = min(bold * 1.5, 16.0) if rise < 0.7 * self._side * (line - began) else max(bold / 1.3, 0.7)

    def _sweep(self, line: float, most: float) -> None:
        """Buy what is offered no further than ``line``, ``most`` shares of it."""
        side = self._side
        offered = [
            (price, shares) for price, shares in self.desk.depth(self.symbol, -side, 8) if side * (price - line) <= 0
        ]
        if offered:
            size = min(sum(shares for _, shares in offered), round(most))
            self.enter(self._anyone(), side, offered[-1][0], max(size, 1), ioc=True)

    def _dump(self, span: float) -> Play:
        settings = self.settings
        for i in range(settings.clips):
            holders = [name for name in self.names if self._side * self.holding(name) > 0]
            if not holders:
                break
            account = holders[int(self.rng.integers(len(holders)))]
            left = self._side * self.holding() / (settings.clips - i)
            size = min(max(round(left * float(self.rng.lognormal(0.0, 0.3))), 1), self._side * self.holding(account))
            resting = 0
            if self.rng.random() < settings.passive:
                resting = self.enter(account, -self._side, self.touch(-self._side), size)
            else:
                self.take(account, -self._side, size, 2)
            yield from self._wait(0.9 * span / settings.clips)
            self.withdraw(resting)
        for _ in range(40):
            holders = [name for name in self.names if self._side * self.holding(name) > 0]
            for name in holders:
                self.take(name, -self._side, self._side * self.holding(name), 6)
            if not holders:
                break
            yield from self._wait(0.05 * span)

    def _anyone(self) -> str:
        return self.names[int(self.rng.integers(len(self.names)))]

    def _wait(self, span: float) -> Play:
        """Wait some nanoseconds of open time, about; nights do not count."""
        into = self._into(self.desk.now) + span * float(self.rng.uniform(0.4, 1.6))
        yield from self.until(max(self._clock(into), self.desk.now + 1))

    def _into(self, time: int) -> float:
        """Return the nanoseconds of open time before ``time``."""
        sessions = self.desk.sessions
        return float(np.clip(time - sessions.opens, 0, sessions.closes - sessions.opens).sum())

    def _clock(self, into: float) -> int:
        """Return the time before which the market was open for ``into`` nanoseconds."""
        sessions = self.desk.sessions
        lengths = sessions.closes - sessions.opens
        before = np.concatenate([[0], np.cumsum(lengths)])
        day = min(int(np.searchsorted(before, into, side="right")) - 1, len(lengths) - 1)
        return int(sessions.opens[day] + min(into - before[day], lengths[day]))
