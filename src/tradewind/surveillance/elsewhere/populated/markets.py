"""Populated markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.elsewhere.populated.deeds import PLAYS, Deed
from tradewind.surveillance.elsewhere.populated.exchange import SECOND
from tradewind.surveillance.elsewhere.populated.honest import start_honest
from tradewind.surveillance.elsewhere.populated.town import Town
from tradewind.surveillance.elsewhere.populated.world import World, draw_world
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_741_597_200 * SECOND
"""2025-03-10 09:00 UTC."""


def populated_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
    """Draw and run a populated market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    world = draw_world(seed)
    town = Town(world, seed)
    start_honest(town)
    deeds, dice = list[Deed](), town.dice
    shift = dice.randrange(len(schemes))
    for number in range(episodes):
        deed = Deed(schemes[(number + shift) % len(schemes)], town, dice.randrange(len(world.stocks)))
        deeds.append(deed)
        day = 0 if deed.scheme == Scheme.MARKING_THE_CLOSE and dice.chance(0.5) else dice.randrange(world.sessions)
        town.ex.start((day + dice.uniform(0.06, 0.7)) * world.seconds, PLAYS[deed.scheme](deed))
    town.ex.run()
    time = OpenTime(first=OPEN, sessions=world.sessions, session=int(world.seconds * SECOND), clock=world.clock)
    return told_market(
        town.ex.rows,
        world.told,
        time,
        (planted for deed in deeds for planted in _planted(deed, world, time)),
        symbols=[stock.name for stock in world.stocks],
        ticks=[stock.tick for stock in world.stocks],
    )


def _planted(deed: Deed, world: World, time: OpenTime) -> list[Planted]:
    return [
        Planted(
            scheme=deed.scheme,
            symbol=world.stocks[part.symbol].name,
            accounts=tuple(name for name, _ in part.acts.most_common()),
            start=time.told_one(part.first),
            end=time.told_one(part.last),
            parameters={"tactic": float(deed.tactic)},
            done=part.done,
        )
        for part in deed.parts.values()
    ]
