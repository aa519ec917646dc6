"""Brokered markets drawn at random, with what was done in them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import cycle, islice

from tradewind.surveillance.elsewhere.brokered import deeds_orders, deeds_price, deeds_trades
from tradewind.surveillance.elsewhere.brokered.act import Act
from tradewind.surveillance.elsewhere.brokered.book import SECOND
from tradewind.surveillance.elsewhere.brokered.crowd import start_crowd
from tradewind.surveillance.elsewhere.brokered.honest_crowds import CROWDS
from tradewind.surveillance.elsewhere.brokered.honest_hands import HANDS
from tradewind.surveillance.elsewhere.brokered.setting import Setting, draw_setting
from tradewind.surveillance.elsewhere.brokered.stage import Play, Stage
from tradewind.surveillance.elsewhere.market import OpenTime, ToldMarket, told_market
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

OPEN = 1_726_480_800 * SECOND
"""2024-09-16 10:00 UTC."""

PLAYS: dict[Scheme, Callable[[Act], Play]] = {
    Scheme.PUMP_AND_DUMP: deeds_price.pump_and_dump,
    Scheme.SPOOFING: deeds_orders.spoofing,
    Scheme.LAYERING: deeds_orders.layering,
    Scheme.QUOTE_STUFFING: deeds_orders.quote_stuffing,
    Scheme.WASH_TRADING: deeds_trades.wash_trading,
    Scheme.MARKING_THE_CLOSE: deeds_price.marking_the_close,
    Scheme.MOMENTUM_IGNITION: deeds_price.momentum_ignition,
    Scheme.FRONT_RUNNING: deeds_trades.front_running,
    Scheme.COORDINATED_ACCOUNTS: deeds_price.coordinated_accounts,
}


def brokered_market(seed: int, *, episodes: int = 9, schemes: Sequence[Scheme] = tuple(Scheme)) -> ToldMarket:
    """Draw and run a brokered market; the same seed gives the same market.

    ``episodes`` deeds go round ``schemes`` from a drawn start.
    """
    setting = draw_setting(seed)
    stage, acts = run_stage(setting, seed, episodes, schemes)
    time = OpenTime(first=OPEN, sessions=setting.sessions, session=int(setting.seconds * SECOND), clock=setting.clock)
    return told_market(
        stage.venue.rows,
        setting.told,
        time,
        [
            Planted(
                scheme=act.scheme,
                symbol=setting.papers[act.symbol].name,
                accounts=tuple(act.accounts),
                start=time.told_one(act.first),
                end=time.told_one(act.last),
                done=act.done,
            )
            for act in acts
            if act.accounts and act.scheme
        ],
        symbols=[paper.name for paper in setting.papers],
        ticks=[paper.tick for paper in setting.papers],
    )


def run_stage(setting: Setting, seed: int, episodes: int, schemes: Sequence[Scheme]) -> tuple[Stage, list[Act]]:
    """Run a market; return it with the acts of its culprits."""
    acts: list[Act] = []
    stage = Stage(setting, seed)
    start_crowd(stage)
    rng = stage.rng
    kinds = [*HANDS, *CROWDS]
    rng.shuffle(kinds)
    for play in islice(cycle(kinds), max(6, round(episodes * rng.uniform(0.9, 1.4)))):
        act = Act(stage, rng.randrange(len(setting.papers)))
        stage.played[play.__name__] += 1
        stage.start((rng.randrange(setting.sessions) + rng.uniform(0.03, 0.85)) * setting.seconds, play(act))
    shift = rng.randrange(len(schemes)) if schemes else 0
    for scheme in islice(cycle([*schemes[shift:], *schemes[:shift]]), episodes):
        act = Act(stage, rng.randrange(len(setting.papers)), scheme)
        acts.append(act)
        # Few begin so late that they could not come to an end.
        at = (rng.randrange(setting.sessions) + rng.uniform(0.04, 0.66)) * setting.seconds
        stage.start(at, PLAYS[scheme](act))
    stage.run()
    return stage, acts
