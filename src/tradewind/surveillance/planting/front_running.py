"""Front running and insider dealing: a position taken before what is known to come, closed once it has come.

Insider dealing before news: MAR articles 8 and 14, Securities Exchange Act Rule 10b-5; Meulbroek (1992) and the cases
studied by Ahern (2020), in which positions are built hours to days ahead. Before a client's large order: MAR article
7(1)(d), FINRA Rules 5270 and 5320.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from tradewind.surveillance.planting.cast import Cast
from tradewind.surveillance.planting.episode import Episode, SchemeSettings
from tradewind.surveillance.planting.script import SECOND, Play, SchemeScript
from tradewind.surveillance.planting.space import Range, Space
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.venue import Desk, ScheduledNews

_TRAIN: Space = {
    "insider": Range(0, 1, whole=True),
    "lead": Range(2.0, 120.0, log=True),
    "ahead": Range(0.02, 1.5, log=True),
    "pieces": Range(1, 8, whole=True),
    "size": Range(6.0, 40.0, log=True),
    "passive": Range(0.0, 0.3),
    "accounts": Range(1, 1, whole=True),
    "hold": Range(2.0, 120.0, log=True),
    "exits": Range(1, 6, whole=True),
    "parents": Range(2, 6, whole=True),
    "slices": Range(8, 25, log=True, whole=True),
    "slice_size": Range(1.5, 6.0, log=True),
    "slice_gap": Range(0.2, 5.0, log=True),
    "decoy": Range(0.0, 0.1),
}
_UNSEEN: Space = {
    **_TRAIN,
    "lead": Range(1.0, 600.0, log=True),
    "ahead": Range(0.003, 5.0, log=True),
    "pieces": Range(1, 15, whole=True),
    "size": Range(4.0, 80.0, log=True),
    "passive": Range(0.3, 0.8),
    "accounts": Range(1, 3, whole=True),
    "hold": Range(0.5, 300.0, log=True),
    "parents": Range(1, 8, whole=True),
    "slices": Range(5, 50, log=True, whole=True),
    "slice_gap": Range(0.05, 15.0, log=True),
}
_EVASIVE: Space = {
    **_TRAIN,
    "lead": Range(60.0, 900.0, log=True),
    "ahead": Range(0.5, 10.0, log=True),
    "pieces": Range(4, 15, whole=True),
    "size": Range(2.5, 10.0, log=True),
    "passive": Range(0.3, 0.9),
    "accounts": Range(1, 4, whole=True),
    "hold": Range(20.0, 400.0, log=True),
    "exits": Range(3, 10, whole=True),
    "parents": Range(2, 6, whole=True),
    "decoy": Range(0.1, 0.4),
}


@dataclass(frozen=True, kw_only=True)
class FrontRunningSettings(SchemeSettings):
    """Parameters of front running.

    Attributes
    ----------
    insider : 1 to trade before scheduled news, where there is any; 0 to trade before a client's orders.
    lead : seconds over which the position is built before news; ``ahead`` those before a client's order.
    pieces, exits : orders that build and that close the position.
    size : the position, in typical orders.
    passive : chance that a building order is laid at the best price rather than trading at once.
    accounts : among how many it is dealt out.
    hold : seconds after news until the position is closed.
    parents : large orders of the client, one after another.
    slices, slice_size, slice_gap : orders by which the client works one, their size and the seconds between them.
    decoy : chance of a small trade the other way before a piece.
    """

    scheme: ClassVar[Scheme] = Scheme.FRONT_RUNNING
    spaces: ClassVar[dict[str, Space]] = {"train": _TRAIN, "unseen": _UNSEEN, "evasive": _EVASIVE}

    insider: int
    lead: float
    ahead: float
    pieces: int
    size: float
    passive: float
    accounts: int
    hold: float
    exits: int
    parents: int
    slices: int
    slice_size: float
    slice_gap: float
    decoy: float


class FrontRunning(SchemeScript[FrontRunningSettings]):
    """Trades ahead; it is the scheme where a position was built in time and most of it closed afterwards."""

    scheme = Scheme.FRONT_RUNNING

    def __init__(self, episode: Episode, settings: FrontRunningSettings, cast: Cast) -> None:
        super().__init__(episode, settings, cast)
        self._client = cast.stranger(self.rng)
        self._item: ScheduledNews | None = None
        self._won = 0
        self._built = self._gain = 0.0

    @property
    def accounts(self) -> Sequence[str]:
        return (*self.names, self._client)

    def people(self) -> int:
        return self.settings.accounts

    def opening(self) -> int:
        """Return when the position is begun: before the news it knows of, else at the episode's own time."""
        self._item = self._known_news(self.desk) if self.settings.insider else None
        if self._item is None:
            return super().opening()
        self.symbol = self._item.symbol
        return self._item.time - self._lead(self._item.time)

    def deed(self) -> Play:
        if self._item is not None:
            yield from self._before_news(self._item)
            return
        side = 1 if self.rng.random() < 0.5 else -1
        parents = self.settings.parents
        for parent in range(parents):
            if self.room() < 5 * SECOND:
                return
            yield from self._before_client(side, parents - parent)
            yield from self.rest(self.jitter(int(self.room() / (3 * (parents - parent)))))
            if self.rng.random() < 0.5:
                side = -side

    def happened(self) -> bool:
        return self._won > 0

    def facts(self) -> dict[str, float]:
        return {
            "variant": float(self._item is not None),
            "times": float(self._won),
            "position": self._built,
            "gain_in_spreads": self._gain,
        }

    # -------------------------------------------------------------------------------------------------- before the news
    def _known_news(self, desk: Desk) -> ScheduledNews | None:
        """Return news worth knowing: one of those that move a price most, late enough in its session."""
        worth = [item for item in desk.news if item.jump and self._lead(item.time) >= SECOND]
        worth.sort(key=lambda item: -abs(item.jump))
        return worth[int(self.rng.integers(min(len(worth), 3)))] if worth else None

    def _lead(self, time: int) -> int:
        """Return the nanoseconds before ``time`` at which building starts, within the session."""
        sessions = self.desk.sessions
        day = max(int((sessions.opens <= time).sum()) - 1, 0)
        length = int(sessions.closes[day] - sessions.opens[day])
        since = time - int(sessions.opens[day]) - length // 50
        return max(min(int(self.settings.lead * SECOND), since, length // 6), 0)

    def _before_news(self, item: ScheduledNews) -> Play:
        side = 1 if item.jump > 0 else -1
        yield from self._build(side, max(int(0.9 * (item.time - self.desk.now)), 1))
        held = side * self.holding()
        if held <= 0:
            return
        yield from self.until(item.time)
        yield from self.rest(self.jitter(self.fit(self.settings.hold, 4)))
        yield from self._leave(side, self.fit(self.settings.hold, 4))
        self._note(held, side)

    # ------------------------------------------------------------------------------------------------ before the client
    def _before_client(self, side: int, left: int) -> Play:
        """Build, let the client's order come, and close into its later part."""
        settings = self.settings
        yield from self._build(side, self.fit(settings.ahead, 10 * left))
        held = side * self.holding()
        gap = self.fit(settings.slice_gap, 2 * left * settings.slices)
        turn, exits = settings.slices // 2, 0
        for i in range(settings.slices):
            yield from self.rest(self.jitter(gap))
            self._work(side)
            if held > 0 and i >= turn and exits < settings.exits:
                exits += 1
                self._close_some(side, settings.exits - exits + 1)
        if held > 0:
            yield from self._leave(side, self.jitter(gap))
            self._note(held, side)

    def _work(self, side: int) -> None:
        """Trade a slice of the client's order; the client is not to blame, and its orders are no part of the deed."""
        desk, symbol = self.desk, self.symbol
        offered = desk.depth(symbol, -side, 3)
        size = self.shares(self.settings.slice_size * float(self.rng.lognormal(0.0, 0.2)))
        if offered:
            far = [price for price, _ in offered if abs(price - offered[0][0]) <= 3 * self.typical_spread()]
            desk.submit(symbol, self._client, side, far[-1], size, ioc=True)

    # ------------------------------------------------------------------------------------------------- the position
    def _build(self, side: int, span: int) -> Play:
        settings = self.settings
        until, resting = self.desk.now + span, 0
        for piece in range(settings.pieces):
            account = self.names[piece % len(self.names)]
            if self.rng.random() < settings.decoy:
                self.take(account, -side, self.shares(0.3), 1)
            wanted = self.shares(settings.size) - side * self.holding() - self.left(resting)
            size = max(wanted // (settings.pieces - piece), 1)
            if wanted <= 0:
                break
            if self.rng.random() < settings.passive:
                self.withdraw(resting)
                resting = self.enter(account, side, self.touch(side, improve=True), size)
            else:
                self.take(account, side, size, 3)
            yield from self.until(self.desk.now + max((until - self.desk.now) // (settings.pieces - piece), 1))
        self.withdraw(resting)
        if side * self.holding() < self.shares(0.25 * settings.size):
            self.take(self.names[0], side, self.shares(0.5 * settings.size), 3)

    def _close_some(self, side: int, parts: int) -> None:
        for account in self.names:
            size = side * self.holding(account) // parts
            if size > 0:
                self.take(account, -side, size, 2)

    def _leave(self, side: int, span: int) -> Play:
        exits = self.settings.exits
        for i in range(exits + 3):
            if side * self.holding() <= 0:
                return
            self._close_some(side, max(exits - i, 1))
            yield from self.rest(max(span // exits, 1))

    def _note(self, held: int, side: int) -> None:
        """Count a position that was built and closed, and what it earned."""
        if held >= self.shares(1.5) and side * self.holding() <= 0.4 * held:
            self._won += 1
            self._built = max(self._built, held / self.unit())
            states = [self.desk.order(order) for order in self._orders]
            earned = -sum(state.side * state.paid for state in states) + self.holding() * self.desk.mid(self.symbol)
            self._gain = earned / held / self.typical_spread()
