"""What every planted scheme shares: waking, timing, orders that count as the deed, and the truth about it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

import numpy as np

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.habits import ordinary_trading
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.venue import Desk

SECOND = 1_000_000_000
Play = Generator[int, None, None]
"""A course of action: runs when woken, yields the time of its next wake-up (it may be woken earlier)."""
S = TypeVar("S", bound=SchemeSettings)

_REFERENCE_RATE = 10.0
"""Events per second of the market for which durations are given."""

_FAR = 4.0


@dataclass
class _Task:
    due: int
    play: Play
    eager: bool


class SchemeScript(ABC, Generic[S]):
    """A script of the venue whose deed is written as one generator.

    A subclass writes :meth:`deed` with the orders below, which mark the first and last moment and who took part, and
    says in :meth:`happened` whether the deed was done. What the accounts do besides (:class:`Habits`) is not marked.
    """

    scheme: ClassVar[Scheme]

    def __init__(self, episode: Episode, settings: S, cast: Cast) -> None:
        self.episode, self.settings = episode, settings
        self.rng = np.random.default_rng([episode.seed, 1])
        self.symbol = ""
        self.names: list[str] = cast.members(episode, self.people(), self.rng)
        self.desk: Desk
        self.close = 0
        self.stretch = 1.0
        self.first = self.last = 0
        self.busy = False
        self._orders: list[int] = []
        self._live: list[int] = []
        self._settled: dict[str, int] = {}
        self._acts: dict[str, int] = {}
        self._tasks: list[_Task] = []

    # ----------------------------------------------------------------------------------------- what a scheme defines
    @abstractmethod
    def people(self) -> int:
        """Return how many accounts the scheme needs."""

    @abstractmethod
    def deed(self) -> Play:
        """Play the scheme from its first to its last act."""

    @abstractmethod
    def happened(self) -> bool:
        """Return whether what was done is the scheme; called after the run."""

    def facts(self) -> dict[str, float]:
        """Return what was measured while it was played, for the truth's parameters."""
        return {}

    # ------------------------------------------------------------------------------------------- the venue's protocol
    @property
    def accounts(self) -> Sequence[str]:
        return tuple(self.names)

    @property
    def wake_on_fill(self) -> bool:
        return True

    def start(self, desk: Desk) -> int | None:
        """Choose where and when; the venue calls this before the market opens."""
        self.desk = desk
        self.symbol = desk.symbols[self.episode.symbol % len(desk.symbols)]
        self._tasks = [_Task(self.opening(), self._whole_deed(), eager=True)]
        for i, name in enumerate(self.names):
            play = ordinary_trading(self, name, np.random.default_rng([self.episode.seed, 2, i]))
            first = next(play, None)
            if first is not None:
                self._tasks.append(_Task(first, play, eager=False))
        return self._next()

    def wake(self, now: int, desk: Desk) -> int | None:
        """Go on with whatever is due; the deed is also told of its own executions."""
        self.desk = desk
        for task in list(self._tasks):
            if task.due <= now or (task.eager and self.busy):
                due = next(task.play, None)
                if due is None:
                    self._tasks.remove(task)
                else:
                    task.due = max(due, now + 1)
        return self._next()

    def truth(self) -> tuple[Planted, ...]:
        """Return the episode, if anything was done; it says itself whether it was carried through."""
        if not self.first:
            return ()
        guilty = [name for name in self._acts if name not in self.innocent()]
        return (
            Planted(
                scheme=self.scheme,
                symbol=self.symbol,
                accounts=tuple(sorted(guilty, key=lambda name: -self._acts[name])),
                start=self.first,
                end=self.last,
                evasive=self.episode.evasive,
                parameters={**self.settings.numbers(), **self.facts()},
                done=self.happened(),
            ),
        )

    def innocent(self) -> frozenset[str]:
        """Return accounts it acted for that are not to blame."""
        return frozenset()

    # ---------------------------------------------------------------------------------------------------------- timing
    def opening(self) -> int:
        """Return when the deed starts: a share of the open time, kept off the first and last minutes of a session."""
        sessions = self.desk.sessions
        lengths = sessions.closes - sessions.opens
        into = self.episode.begin * float(lengths.sum())
        before = np.concatenate([[0.0], np.cumsum(lengths)])
        day = min(int(np.searchsorted(before, into, side="right")) - 1, len(lengths) - 1)
        share = min(max((into - before[day]) / float(lengths[day]), 0.03), 0.85)
        return int(sessions.opens[day] + share * float(lengths[day]))

    def seconds(self, value: float) -> int:
        """Return a duration in nanoseconds, stretched where the market is slow."""
        return max(int(value * self.stretch * SECOND), 1)

    def room(self) -> float:
        """Return the nanoseconds until shortly before the session's close."""
        return float(self.close - self.desk.now) * 0.97

    def fit(self, value: float, times: int) -> int:
        """Return a duration as :meth:`seconds`, shortened so that ``times`` of it fit before the close."""
        return int(max(min(self.seconds(value), self.room() / max(times, 1)), 1))

    def jitter(self, duration: int, spread: float = 0.5) -> int:
        """Return the duration times a factor around 1: lognormal, ``spread`` its standard deviation."""
        return max(int(duration * float(np.exp(spread * self.rng.standard_normal() - spread**2 / 2))), 1)

    def until(self, time: int, done: Callable[[], bool] | None = None) -> Play:
        """Wait until ``time`` or until ``done``, whichever is first; never beyond the close."""
        time = min(time, self.close)
        while self.desk.now < time and not (done is not None and done()):
            yield time

    def rest(self, duration: int) -> Play:
        """Wait some nanoseconds."""
        yield from self.until(self.desk.now + duration)

    # ---------------------------------------------------------------------------------------------------------- orders
    def unit(self) -> float:
        """Return the symbol's typical order, in shares."""
        return max(self.desk.typical_size(self.symbol), float(self.desk.lot(self.symbol)))

    def shares(self, multiple: float) -> int:
        """Return a size in shares, at least one lot."""
        return max(round(multiple * self.unit()), self.desk.lot(self.symbol))

    def enter(self, account: str, side: int, price: int | None, size: int, *, ioc: bool = False) -> int:
        """Enter an order that belongs to the deed; return 0 where the venue took none."""
        if size <= 0 or (price is not None and price <= 0):
            return 0
        order = self.desk.submit(self.symbol, account, side, price, size, ioc=ioc)
        if order:
            self._orders.append(order)
            self._live.append(order)
            self.mark(account)
        return order

    def withdraw(self, order: int, size: int = 0) -> bool:
        """Take an order of the deed back; False where nothing was left."""
        if order and self.desk.cancel(order, size):
            self.mark(self.desk.order(order).account)
            return True
        return False

    def take(self, account: str, side: int, size: int, levels: int = 3) -> int:
        """Buy or sell at once what the best ``levels`` of the other side offer; return the shares executed.

        Levels further than :data:`_FAR` typical spreads behind the best are left alone: nobody pays any price.
        """
        offered = self.desk.depth(self.symbol, -side, levels)
        if not offered:
            return 0
        far = _FAR * self.typical_spread()
        limit = [price for price, _ in offered if abs(price - offered[0][0]) <= far][-1]
        return self.filled(self.enter(account, side, limit, size, ioc=True))

    def at_level(self, side: int, level: int) -> int:
        """Return the price of a side's level (0 the best), or as many ticks behind its last one; 0 where it is empty.

        The script's own orders count as levels too.
        """
        book = self.desk.depth(self.symbol, side, level + 1)
        if not book:
            return 0
        return book[-1][0] - side * (level + 1 - len(book)) * self.desk.tick(self.symbol)

    def touch(self, side: int, *, improve: bool = False) -> int:
        """Return a side's best price, or one tick better where the spread leaves room."""
        best, other = self.desk.best(self.symbol, side), self.desk.best(self.symbol, -side)
        tick = self.desk.tick(self.symbol)
        if improve and best and other and abs(other - best) > tick:
            return best + side * tick
        return best

    def filled(self, order: int) -> int:
        """Return the shares of an order that were executed."""
        return self.desk.order(order).filled if order else 0

    def gone(self, order: int) -> Callable[[], bool]:
        """Return a question for :meth:`until`: whether nothing of an order rests any more."""
        return lambda: self.left(order) == 0

    def left(self, order: int) -> int:
        """Return the shares of an order that rest in the book."""
        return self.desk.order(order).left if order else 0

    def holding(self, account: str | None = None) -> int:
        """Return the shares bought less sold by the deed's orders, of one account or of all."""
        states = [self.desk.order(order) for order in self._live]
        for state in states:
            if not state.left:
                self._settled[state.account] = self._settled.get(state.account, 0) + state.side * state.filled
        live = [state for state in states if state.left]
        self._live = [state.order for state in live]
        resting = sum(state.side * state.filled for state in live if account in (None, state.account))
        return resting + (sum(self._settled.values()) if account is None else self._settled.get(account, 0))

    def typical_spread(self) -> float:
        """Return the symbol's typical spread, at least one tick."""
        return max(self.desk.spread(self.symbol), float(self.desk.tick(self.symbol)))

    def mark(self, account: str) -> None:
        """Count an act of an account as part of the deed, at the time of the last event."""
        self.first = self.first or self.desk.stamp
        self.last = max(self.last, self.desk.stamp)
        self._acts[account] = self._acts.get(account, 0) + 1

    # ------------------------------------------------------------------------------------------------------- internals
    def _whole_deed(self) -> Play:
        self.busy = True
        sessions = self.desk.sessions
        day = int(sessions.index(np.array([self.desk.now], dtype=np.int64))[0])
        self.close = int(sessions.closes[max(day, 0)])
        rate = max(self.desk.rate(self.symbol), 1e-3)
        self.stretch = min(max(_REFERENCE_RATE / rate, 1.0), 20.0)
        yield from self.deed()
        for order in self._orders:
            self.withdraw(order)
        self.busy = False

    def _next(self) -> int | None:
        return min((task.due for task in self._tasks), default=None)
