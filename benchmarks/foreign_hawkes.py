"""A market of mutually exciting order flow: point processes make the orders, a Zipf law says whose they are."""

from __future__ import annotations

import random
from functools import partial

import polars as pl

from foreign_hawkes_alike import Desks
from foreign_hawkes_flow import Flow
from foreign_hawkes_makers import make_makers
from foreign_hawkes_market import Market
from foreign_hawkes_plan import Crew, make_plan
from foreign_hawkes_world import SECOND, make_world
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket

LOOKS = 3.5
"""Rows between two looks at the state of the market, about."""


class Run:
    """A market at work, session by session."""

    def __init__(self, seed: int, events: int, episodes: int, evasive: float) -> None:
        self.world = make_world(seed, events)
        self.market = Market(seed, self.world)
        self.flow = Flow(self.market, seed)
        self.makers = make_makers(self.market, random.Random(f"hawkes:{seed}:makers"))
        self.desks = Desks(self.market, seed)
        self.crew = Crew(self.market, seed, make_plan(seed, self.world, episodes, evasive))
        seconds = sum(close - start for start, close in self.world.sessions) / SECOND
        self.beat = max(1.0, LOOKS * seconds / events)

    def session(self, day: int) -> None:
        """Run one session from its first order to its close."""
        market, venue, kernel = self.market, self.market.venue, self.market.kernel
        start, close = self.world.sessions[day]
        venue.now, market.close = start, close
        market.agenda.clear()
        kernel.rest()
        for state in market.states:
            state.belief += (state.value - state.belief) * 0.5
            state.anchor, state.traded = state.belief, start
            state.metas.clear()
        for s in range(len(market.states)):
            self.flow.fill(s)
        for maker in self.makers:
            maker.open()
        self.desks.open(close)
        self.crew.open(day)
        for news in self.world.news:
            if start <= news.time < close:
                market.at(news.time, partial(market.headline, news.s, news.jump))
        self._beat(start, close)
        while self._next(close):
            pass
        venue.now = close
        venue.close()
        self.flow.end_day()

    def _beat(self, start: int, close: int) -> None:
        """Look at the state of the market, and again a while later."""
        market = self.market
        share = min(1.0, (market.venue.now - start) / (close - start))
        market.drift(self.beat, self.flow.season(share))
        self.desks.metas(self.beat, close)
        self.flow.steer(share, self.beat, len(market.venue.rows))
        market.at(market.now + int(self.beat * SECOND), partial(self._beat, start, close))

    def _next(self, close: int) -> bool:
        """Let the next thing happen, by thinning what the intensities allow; say whether the session goes on."""
        market, kernel = self.market, self.market.kernel
        most = kernel.total()
        gap = market.rng.expovariate(most)
        due = market.agenda[0][0]
        if market.venue.now + int(gap * SECOND) >= min(due, close):
            kernel.wait(max(0.0, (min(due, close) - market.venue.now) / SECOND))
            market.venue.now = max(market.venue.now, min(due, close))
            if due >= close:
                return False
            market.work()
            return True
        kernel.wait(gap)
        market.venue.now += int(gap * SECOND)
        if market.rng.random() * most <= kernel.total():
            self.flow.act(*kernel.pick(market.rng.random()))
        return True


def simulate(seed: int, *, events: int | None = None, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    """Make the market ``seed`` with about ``events`` rows and ``episodes`` deeds planned, some played to hide."""
    if events is None:
        events = random.Random(f"hawkes:{seed}:events").randint(40_000, 100_000)
    run = Run(seed, events, episodes, evasive)
    for day in range(len(run.world.sessions)):
        run.session(day)
    return _framed(run)


def _framed(run: Run) -> FramedMarket:
    columns = ("timestamp_ns", "symbol", "kind", "order_id", "account", "side", "price", "size")
    events = pl.DataFrame(run.market.venue.rows, schema=columns, orient="row").select(
        "timestamp_ns",
        "symbol",
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("venue_seq"),
        *columns[2:],
    )
    told = sorted(run.crew.told, key=lambda deed: (deed["start"], deed["symbol"]))
    truth, attempts = (
        pl.DataFrame([deed for deed in told if deed["done"] == done], schema=dict(CASE_SCHEMA))
        for done in (True, False)
    )
    return FramedMarket(events, truth, attempts)
