"""When honest desks are at work: drawn by session and symbol, after news, and for several symbols at once."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial

from foreign_hawkes_desks import allocate, close_fund, crossing, flicker, follow, hedge, ladder, swing
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Market, Meta, Task
from foreign_hawkes_world import SECOND, Account

Work = Callable[[Hand], Task]
DESKS: tuple[tuple[Work, tuple[str, ...], tuple[int, int], tuple[float, float]], ...] = (
    (hedge, ("fund", "prop", "patient"), (1, 1), (20, 120)),
    (ladder, ("patient", "fund", "prop"), (1, 1), (30, 150)),
    (flicker, ("maker",), (1, 2), (10, 40)),
    (crossing, ("group",), (3, 8), (10, 80)),
    (allocate, ("group",), (3, 6), (40, 250)),
    (swing, ("fund", "prop", "retail"), (1, 1), (60, 260)),
    (follow, ("prop", "retail"), (1, 2), (60, 300)),
)
"""What honest desks do, whose accounts and how many do it, and for how many trades of the symbol it lasts."""


class Desks:
    """All honest work that has a purpose of its own."""

    def __init__(self, market: Market, seed: int) -> None:
        self.market = market
        self.rng = random.Random(f"hawkes:{seed}:desks")
        self.keen = [a.name for a in market.world.of_role("prop", "retail") if self.rng.random() < 0.2]
        market.after_news = self.news

    def open(self, close: int) -> None:
        """Draw what happens in the session that begins now."""
        market, rng = self.market, self.rng
        length = (close - market.now) / SECOND
        for s in range(len(market.states)):
            for work, roles, seats, lasts in DESKS:
                for _ in range(rng.choice((0, 0, 1, 1, 2))):
                    seconds = min(0.4 * length, rng.uniform(*lasts) * market.world.pace)
                    begin = market.now + int(rng.uniform(0.01, 0.98 - seconds / length) * length * SECOND)
                    self._start(s, work, self._seats(roles, rng.randint(*seats)), (begin, seconds))
            for _ in range(rng.choice((0, 1, 1, 2))):
                seconds = 40 * 20 ** rng.random()
                who = self._seats(rng.choice((("fund",), ("group",), ("retail", "fund"))), rng.randint(1, 3))
                self._start(s, close_fund, who, (close - int(seconds * SECOND), seconds - rng.uniform(0.2, 6.0)))
        if rng.random() < 0.35:
            self._rebalance(close)
        market.spawn(self._pairs(close), market.now + 300 * SECOND)

    def metas(self, seconds: float, close: int) -> None:
        """Let large orders come up that the flow will slice; some must be done by the close."""
        market, rng = self.market, self.rng
        for s, state in enumerate(market.states):
            state.metas[:] = [meta for meta in state.metas if market.venue.now < meta.until]
            if rng.random() < seconds / (30 * market.world.pace):
                who = self._seats(("group",), rng.randint(2, 5)) if rng.random() < 0.3 else self._seats(("fund",), 1)
                children = min(200.0, 6 * rng.paretovariate(1.3))
                child = max(1, round(market.listing(s).size * rng.lognormvariate(-0.3, 0.5)))
                until = close if rng.random() < 0.3 else market.now + int(children * 12 * market.world.pace * SECOND)
                state.metas.append(Meta(who, rng.random() < 0.5, round(children * child), child, until))

    def news(self, s: int, jump: float) -> None:
        """Let those who trade on news do so, each in his time, and some take their profit."""
        market, rng = self.market, self.rng
        if abs(jump) < 1.5:
            return
        for name in rng.sample(self.keen, min(len(self.keen), rng.randint(3, 10))):
            begin = market.now + int(0.05 * 1_500 ** rng.random() * SECOND)
            self._start(s, partial(_on_news, buy=jump > 0), (name,), (begin, 60 * market.world.pace))

    def _start(self, s: int, work: Work, accounts: tuple[str, ...], when: tuple[int, float]) -> None:
        begin, seconds = when
        until = min(begin + int(seconds * SECOND), self.market.close - SECOND // 10)
        if until > begin:
            self.market.spawn(_until(work, Hand(self.market, s, accounts, self.rng, until)), begin)

    def _seats(self, roles: tuple[str, ...], count: int) -> tuple[str, ...]:
        world, rng = self.market.world, self.rng
        if roles == ("maker",):
            return tuple(rng.sample(world.makers, count))
        if roles == ("group",):
            group = rng.choice(world.groups)
            return tuple(rng.sample(group, min(len(group), count)))
        people = world.of_role(*roles)
        picked: dict[str, Account] = {}
        for account in rng.choices(people, [account.weight**0.6 for account in people], k=count):
            picked[account.name] = account
        return tuple(picked)

    def _rebalance(self, close: int) -> None:
        """Let an index fund trade every symbol at the same moments before the close."""
        rng = self.rng
        who = self._seats(("fund",), rng.randint(1, 3))
        seconds = rng.uniform(60, 900)
        for s in range(len(self.market.states)):
            self._start(s, close_fund, who, (close - int(seconds * SECOND), seconds - 1.0))

    def _pairs(self, close: int) -> Task:
        """Buy one symbol and sell another at one moment when they have run apart."""
        market, rng = self.market, self.rng
        who = self._seats(("prop",), 1)
        while market.now < close - 60 * SECOND:
            first, second = rng.sample(range(len(market.states)), 2)
            apart = market.trend(first) - market.trend(second)
            if abs(apart) > 2.5:
                for s, buy in ((first, apart < 0), (second, apart > 0)):
                    hand = Hand(market, s, who, rng, close)
                    hand.take(who[0], buy, hand.depth(not buy, 1) * rng.uniform(0.2, 0.7), 1)
                    yield 0.001 * 100 ** rng.random()
            yield market.world.pace * rng.uniform(1, 10)


def _until(work: Work, hand: Hand) -> Task:
    """Work until the time is over, and leave nothing behind."""
    for pause in work(hand):
        if pause >= hand.left:
            break
        yield pause
    hand.finish()


def _on_news(hand: Hand, buy: bool) -> Task:
    size = hand.market.listing(hand.s).size * hand.rng.lognormvariate(0.0, 0.7)
    hand.take(hand.seat(), buy, size, hand.rng.choice((0, 1, 2)))
    if hand.rng.random() < 0.4:
        yield hand.left * hand.rng.uniform(0.1, 0.9)
        hand.take(hand.seat(), not buy, size)
