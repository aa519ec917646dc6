"""Which purposes there are in a market, how many of each, and when they begin."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from tradewind.surveillance.elsewhere.populated.exchange import Play
from tradewind.surveillance.elsewhere.populated.honest import closers, desks, executors, holders, quoters
from tradewind.surveillance.elsewhere.populated.town import Town

Purpose = Callable[[Town, int], Play]

PURPOSES: Sequence[tuple[Purpose, float, float]] = (
    (executors.schedule, 1.0, 10.0),
    (executors.participate, 0.4, 4.0),
    (executors.iceberg, 0.4, 4.0),
    (executors.peg, 0.4, 4.0),
    (executors.block, 0.4, 4.0),
    (executors.trial, 0.7, 6.0),
    (closers.on_close, 0.5, 4.0),
    (closers.rebalance, 0.2, 1.5),
    (closers.benchmark, 0.3, 2.0),
    (closers.go_home, 0.3, 4.0),
    (closers.late, 0.4, 4.0),
    (holders.accumulate, 0.6, 4.0),
    (holders.swing, 1.0, 8.0),
    (holders.momentum, 0.5, 5.0),
    (holders.cascade, 0.3, 3.0),
    (holders.rally, 0.2, 2.0),
    (holders.reader, 0.3, 3.0),
    (quoters.nervous, 0.7, 6.0),
    (quoters.ladder, 0.4, 4.0),
    (quoters.scalp, 0.4, 5.0),
    (quoters.machine, 0.4, 5.0),
    (quoters.refresh, 0.2, 3.0),
    (quoters.probe, 0.2, 3.0),
    (quoters.storm, 0.2, 2.5),
    (desks.omnibus, 0.4, 3.0),
    (desks.allocate, 0.4, 3.0),
    (desks.robots, 0.3, 2.5),
    (desks.copy, 0.2, 2.5),
    (desks.clocks, 0.2, 2.0),
    (desks.accident, 0.3, 3.0),
    (desks.counterparties, 0.4, 3.0),
    (desks.agency, 0.3, 3.0),
    (desks.unlike_minds, 0.3, 2.5),
    (desks.hedge, 0.3, 3.0),
)
"""Each purpose, and between which its mean number in a market is drawn."""


_DAILY = (closers.on_close, closers.rebalance, closers.benchmark, closers.go_home, closers.late)


def start_honest(town: Town) -> None:
    """Let the honest purposes of a market begin, each in its time."""
    world, dice, ex = town.world, town.dice, town.ex
    weights = [stock.weight + 0.1 for stock in ex.stocks]
    for purpose, least, most in PURPOSES:
        for _ in range(dice.many(dice.spread(least, most) * world.purposes)):
            at = dice.uniform(0.02, 0.95) * world.length
            if purpose in _DAILY:
                at = (dice.randrange(world.sessions) + dice.uniform(0.02, 0.6)) * world.seconds
            ex.start(at, purpose(town, dice.choices(range(len(weights)), weights)[0]))
    for count, told, true in ((world.news, True, True), (world.false_news, True, False), (world.shocks, False, True)):
        for _ in range(count):
            symbol = dice.randrange(len(ex.stocks))
            ex.start(dice.uniform(0.03, 0.97) * world.length, town.event(symbol, told=told, true=true))
