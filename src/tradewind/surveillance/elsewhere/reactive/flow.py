"""The crowd: orders, takes and cancels whose intensities depend on the queues (Cont, Stoikov and Talreja 2010).

Intensities are those of a queue-reactive book (Huang, Lehalle and Rosenbaum 2015), simulated by thinning (Lewis and
Shedler 1979): each symbol proposes at a rate that its queues cannot exceed, and the state of the queues decides. There
is no value behind the price: it moves when a queue is empty.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial

from tradewind.surveillance.elsewhere.reactive.book import Order
from tradewind.surveillance.elsewhere.reactive.members import Members
from tradewind.surveillance.elsewhere.reactive.venue import SECOND, Play, Venue

_ACCEPTED = 0.55
"""Share of proposals that the queues let through, about."""
CROWD = 0.8
"""Part of the events that is the crowd's and the machines': the rest is business of its own kind."""
_ROWS_OF_TAKE = 2.4
"""Rows that an order which takes leaves, about."""


class State:
    """What the crowd knows of one symbol: its own orders, the flow remembered, the mood, a price that draws it."""

    __slots__ = (
        "activity",
        "aim",
        "flow",
        "fresh",
        "live",
        "mood",
        "mood_left",
        "places",
        "pull",
        "since",
        "until",
        "usual",
    )

    def __init__(self) -> None:
        self.live: list[Order] = []
        self.flow = self.activity = 0.0
        self.since = self.until = 0
        self.mood, self.mood_left = 1, 0
        self.aim = self.pull = 0.0
        self.places = self.fresh = self.usual = 0.0


class Crowd:
    """Members who place, take and cancel as the queues and the recent flow suggest."""

    def __init__(self, venue: Venue, members: Members) -> None:
        self.venue, self.members = venue, members
        self.states = [State() for _ in venue.books]
        self.pace: Callable[[int], float] = _even
        for symbol, paper in enumerate(venue.world.papers):
            world, state = venue.world, self.states[symbol]
            rows = CROWD * world.events * (1 - world.machines) * paper.weight / world.length
            state.places = rows / (2.0 + paper.takes * (_ROWS_OF_TAKE - 1.0))
            state.fresh = state.places / paper.standing
            state.usual = state.places * paper.takes * paper.memory + 1.0
        venue.heard.append(self._hear)

    # --------------------------------------------------------------------------------------------------------- arrivals
    def stream(self, symbol: int) -> Play:
        """Let one symbol's members act."""
        venue, draws, state, paper = self.venue, self.venue.draws, self.states[symbol], self.venue.paper(symbol)
        places, takes = state.places / _ACCEPTED, state.places * paper.takes / _ACCEPTED
        while True:
            cancels = state.fresh / _ACCEPTED * len(state.live)
            total = (places + takes + cancels) * self._busy(symbol)
            wait = draws.expovariate(total)
            if wait > 30.0:
                yield 30.0
                continue
            yield wait
            what = draws.random() * (places + takes + cancels)
            if what < places:
                self.place(symbol)
            elif what < places + takes:
                self.maybe_take(symbol)
            else:
                self._leave(symbol)
            self._look(symbol, venue)

    def _busy(self, symbol: int) -> float:
        paper, state = self.venue.paper(symbol), self.states[symbol]
        self._fade(symbol)
        state.usual += 0.005 * (state.activity - state.usual)
        excited = 1 - paper.excites + paper.excites * min(state.activity / state.usual, 5.0)
        return max(self.pace(symbol) * excited, 0.02)

    def _fade(self, symbol: int) -> None:
        state, now = self.states[symbol], self.venue.now
        if now > state.since:
            keep = math.exp((state.since - now) / SECOND / self.venue.paper(symbol).memory)
            state.flow *= keep
            state.activity *= keep
            state.since = now

    def _look(self, symbol: int, venue: Venue) -> None:
        book = venue.books[symbol]
        bids, asks = book[1], book[-1]
        if bids.keys and asks.keys:
            bid, ask = -bids.keys[0], asks.keys[0]
            venue.middle[symbol] = (bid + ask) / 2
            venue.spread[symbol] += 0.01 * (ask - bid - venue.spread[symbol])
            shown = (bids.lengths[-bid] + asks.lengths[ask]) / 2
            venue.queue[symbol] += 0.01 * (shown - venue.queue[symbol])

    # ----------------------------------------------------------------------------------------------------------- orders
    def place(self, symbol: int, side: int = 0) -> None:
        """Propose a limit order at a drawn distance from the other side; long queues repel it, or draw it."""
        venue, draws, paper = self.venue, self.venue.draws, self.venue.paper(symbol)
        if not side:
            lean = 0.5 - 0.35 * paper.refills * self._flow(symbol)
            side = 1 if draws.random() < lean else -1
        price = max(venue.touch(symbol, -side) - side * self._distance(symbol), 1)
        waiting = venue.books[symbol][side].length(price) / max(venue.queue[symbol], 1.0)
        repelled = 1.0 / (1.0 + paper.join * waiting) if paper.join >= 0 else 0.0
        wanted = repelled or min(0.5 - paper.join * waiting, 1.0)
        if waiting and draws.random() > wanted:
            return
        if not waiting and len(venue.books[symbol][side].keys) > 3 and draws.random() < 0.3:
            return
        who = self.members.placer(symbol, side)
        order = venue.submit(symbol, who.name, side, price, self.members.size(symbol, who))
        if order.left > 0:
            self.states[symbol].live.append(order)

    def _distance(self, symbol: int) -> int:
        draws, paper = self.venue.draws, self.venue.paper(symbol)
        if draws.random() < paper.strays:
            return 1 + int(paper.grain * paper.hollow + draws.random() * 12.0 * max(paper.grain, 1.0))
        if paper.form == "power":
            far = draws.paretovariate(paper.tail) - 1.0
        elif paper.form == "exponential":
            far = draws.expovariate(1.0)
        else:
            far = abs(draws.gauss(1.0, 0.6))
        return 1 + int(paper.grain * (paper.hollow + min(far, 40.0)))

    def maybe_take(self, symbol: int) -> None:
        """Propose a market order: the shown queues, the flow, the mood say which way, length and spread whether."""
        venue, draws, paper = self.venue, self.venue.draws, self.venue.paper(symbol)
        side = 1 if draws.random() < self._upward(symbol) else -1
        ladder = venue.books[symbol][-side]
        if not ladder.keys:
            return
        wide = (venue.touch(symbol, -1) - venue.touch(symbol, 1)) / max(venue.spread[symbol], 1.0)
        willing = max(wide, 1.0) ** -paper.patience
        if paper.shy:
            willing *= math.exp(-paper.shy * min(ladder.near(1) / max(venue.queue[symbol], 1.0), 6.0))
        if draws.random() < 0.8 * willing:
            self.take(symbol, side)

    def take(self, symbol: int, side: int) -> None:
        """Let a member take."""
        venue, draws, paper = self.venue, self.venue.draws, self.venue.paper(symbol)
        ladder = venue.books[symbol][-side]
        if not ladder.keys:
            return
        who = self.members.taker(symbol, side)
        for _ in range(4):
            if ladder.first().account != who.name or draws.random() < venue.world.crosses:
                break
            who = self.members.taker(symbol, side)
        else:
            return
        size = self.members.size(symbol, who)
        if draws.random() < paper.fits:
            size = max(min(size * 2, ladder.near(1)), 1)
        reach = 0 if draws.random() > paper.reaches else round(draws.expovariate(1.0) * venue.spread[symbol])
        if paper.rests and draws.random() < paper.rests:
            order = venue.submit(symbol, who.name, side, ladder.best() + side * reach, size)
            if order.left > 0:
                self.states[symbol].live.append(order)
        else:
            venue.take(symbol, who.name, side, size, reach)

    def _upward(self, symbol: int) -> float:
        """Return the chance that who takes buys."""
        venue, paper, state = self.venue, self.venue.paper(symbol), self.states[symbol]
        if state.mood_left <= 0:
            state.mood, state.mood_left = venue.draws.side(), int(venue.draws.heavy(paper.lasting, 300))
        state.mood_left -= 1
        up = 0.5 + paper.drift + paper.moods * state.mood
        up += 0.5 * paper.leans * self.imbalance(symbol) + paper.herd * self._flow(symbol)
        if venue.now < state.until:
            far = (state.aim - venue.middle[symbol]) / (2.0 * venue.spread[symbol])
            up += state.pull * max(-1.0, min(far, 1.0))
        return min(max(up, 0.03), 0.97)

    def imbalance(self, symbol: int) -> float:
        """Return how much longer the bids are than the asks among the queues people look at, in [-1, 1]."""
        book, sees = self.venue.books[symbol], self.venue.paper(symbol).sees
        bids, asks = book[1].near(sees), book[-1].near(sees)
        return (bids - asks) / max(bids + asks, 1)

    def _flow(self, symbol: int) -> float:
        """Return which way the last takes went, in [-1, 1]."""
        state, paper = self.states[symbol], self.venue.paper(symbol)
        return max(-1.0, min(state.flow / (0.5 * state.places * paper.takes * paper.memory + 2.0), 1.0))

    def _leave(self, symbol: int) -> None:
        """Propose a cancel: who waits on the short side, or was passed by the flow, rather leaves."""
        venue, draws, paper, state = self.venue, self.venue.draws, self.venue.paper(symbol), self.states[symbol]
        if not state.live:
            return
        order = self._pick(symbol)
        if order is None:
            return
        against = -order.side * (self.imbalance(symbol) + self._flow(symbol)) / 2
        if draws.random() > _ACCEPTED * (1 + paper.fears * against):
            state.live.append(order)
            return
        world = venue.world
        if draws.random() < world.parts and order.left > 1:
            venue.cancel(order, draws.randrange(1, order.left))
            state.live.append(order)
        elif draws.random() < world.amends:
            price = venue.touch(symbol, -order.side) - order.side * self._distance(symbol)
            moved = venue.amend(order, price, order.left)
            if moved.left > 0:
                state.live.append(moved)
        else:
            venue.cancel(order)

    def _pick(self, symbol: int) -> Order | None:
        """Take an order that still rests out of the list of live ones."""
        live, draws = self.states[symbol].live, self.venue.draws
        while live:
            place = int(draws.random() * len(live))
            order, live[place] = live[place], live[-1]
            live.pop()
            if order.left > 0:
                return order
        return None

    # ---------------------------------------------------------------------------------------------------------- feeling
    def _hear(self, symbol: int, side: int, shares: int, swept: int) -> None:
        venue, paper, state = self.venue, self.venue.paper(symbol), self.states[symbol]
        self._fade(symbol)
        weight = min((shares / max(venue.clip[symbol], 1.0)) ** 0.5, 4.0)
        state.flow += side * weight
        state.activity += min(weight, 2.0)
        for _ in range(min(swept, 3)):
            if venue.draws.random() < paper.flees:
                venue.later(venue.draws.wait(0.3), partial(self._flee, symbol, -side))

    def _flee(self, symbol: int, side: int) -> None:
        """Let somebody near the best price of a side take an order back."""
        state = self.states[symbol]
        for _ in range(4):
            order = self._pick(symbol)
            if order is None:
                return
            if order.side == side:
                self.venue.cancel(order)
                return
            state.live.append(order)

    def pull(self, symbol: int, aim: float, strength: float, seconds: float) -> None:
        """Let takers be drawn to a price for a while."""
        state = self.states[symbol]
        state.aim, state.pull = max(aim, 30.0), strength
        state.until = self.venue.now + int(seconds * SECOND)

    def follow(self, symbol: int, side: int, others: int, seconds: float) -> None:
        """Let so many members take one way within about ``seconds``."""
        for _ in range(others):
            self.venue.later(self.venue.draws.wait(seconds), partial(self.take, symbol, side))

    def fill(self, symbol: int, share: float) -> None:
        """Put orders into an empty book."""
        for turn in range(round(share * self.venue.paper(symbol).standing)):
            self.place(symbol, 1 if turn % 2 else -1)
        self._look(symbol, self.venue)


def _even(_: int) -> float:
    """Return the pace of a market that is always as busy."""
    return 1.0
