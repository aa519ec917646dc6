"""The stage: a clock with a diary, the pace of the market, and the hands that play a script on it."""

from __future__ import annotations

import heapq
import itertools
from collections.abc import Callable, Generator

from foreign_auditcase_book import Venue
from foreign_auditcase_hand import Hand
from foreign_auditcase_market import Market
from foreign_auditcase_world import SECOND, Setting

Action = Callable[[], None]
Script = Generator[float, None, None]
"""A script yields how many seconds it waits."""
ROWS_PER_ARRIVAL = 3.0


class Stage:
    """Runs the sessions and keeps the tape near the length asked for."""

    def __init__(self, setting: Setting, share: float) -> None:
        self.setting = setting
        self.venue = Venue()
        self.markets = [Market(stock, setting.seed) for stock in setting.stocks]
        self.venue.books = {market.stock.symbol: market.book for market in self.markets}
        self.target = setting.events * share
        self.work = 300.0
        self.played = 0
        self.session = setting.sessions[0]
        self.hands: dict[int, tuple[Hand, Script]] = {}
        self.over: list[Hand] = []
        self._diary: list[tuple[int, int, Action]] = []
        self._places = itertools.count()
        self.gain = 1.0

    @property
    def now(self) -> int:
        """The time on the clock."""
        return self.venue.now

    def at(self, time: int, action: Action) -> None:
        """Note an action for a time."""
        heapq.heappush(self._diary, (time, next(self._places), action))

    def later(self, seconds: float, action: Action) -> None:
        """Note an action for later."""
        self.at(self.now + max(1_000, int(seconds * SECOND)), action)

    def busy(self, market: Market) -> float:
        """Return how many arrivals a second a stock sees now."""
        return self.gain * market.stock.weight * self.setting.shape(self.now, self.session) * (1 + market.heat)

    def run(self, session: tuple[int, int]) -> None:
        """Let a session pass, all actions noted for it done, and end it."""
        self.at(session[0], self._pace)
        while self._diary and self._diary[0][0] < session[1]:
            self.venue.now, _, action = heapq.heappop(self._diary)
            action()
        self._diary.clear()
        self.venue.now = session[1]
        for place in list(self.hands):
            self._finish(place)
        self.venue.close()

    def begin(self, session: tuple[int, int]) -> None:
        """Turn the clock to the opening of a session."""
        self.session = session
        self.venue.now = session[0]
        for market in self.markets:
            market.open(session)
        self.gain = self._gain()

    def launch(self, hand: Hand, script: Script) -> None:
        """Let a hand begin with its script."""
        place = next(self._places)
        self.hands[place] = (hand, script)
        hand.since = self.now
        self._step(place)

    def _step(self, place: int) -> None:
        if place not in self.hands:
            return
        hand, script = self.hands[place]
        wait = None if self.now >= hand.deadline else next(script, None)
        if wait is None:
            self._finish(place)
        else:
            wake = self.now + max(1_000, int(wait * SECOND))
            self.at(min(wake, max(hand.deadline, self.now + 1_000)), lambda: self._step(place))

    def _finish(self, place: int) -> None:
        hand, script = self.hands.pop(place)
        script.close()
        for order in hand.orders:
            hand.drop(order)
        self.over.append(hand)

    def _pace(self) -> None:
        self.work += 15 * self.gain * self.setting.shape(self.now, self.session)
        self.gain = self._gain()
        self.later(15, self._pace)

    def _gain(self) -> float:
        made = len(self.venue.rows) - self.played
        each = (made + 300 * ROWS_PER_ARRIVAL) / self.work
        left = 0.0
        for session in self.setting.sessions:
            start, end = max(self.now, session[0]), session[1]
            steps = [start + (end - start) * (2 * step + 1) // 40 for step in range(20)]
            if start < end:
                left += sum(self.setting.shape(time, session) for time in steps) / 20 * (end - start) / SECOND
        return max(0.05, self.target - made) / max(1.0, left) / each
