"""The foreign market `auditcase`: what an independent auditor writes to test a surveillance product.

A compact exchange with many agents: arrivals without a plan around a latent value, people who know it, makers with
stock at hand, followers of trends and their opponents, and small traders. On it, deeds out of the rule books, and the
honest business that is most often taken for them.
"""

from __future__ import annotations

import random

import polars as pl

from foreign_auditcase_book import TICKS_PER_UNIT
from foreign_auditcase_flow import Flow
from foreign_auditcase_hand import Hand
from foreign_auditcase_makers import Maker
from foreign_auditcase_plan import Part, plan_deeds, plan_honest
from foreign_auditcase_stage import Stage
from foreign_auditcase_world import Setting, setting_of
from tradewind.surveillance.elsewhere.framed import CASE_SCHEMA, FramedMarket

COLUMNS = {
    "timestamp_ns": pl.Int64(),
    "symbol": pl.String(),
    "kind": pl.String(),
    "order_id": pl.Int64(),
    "account": pl.String(),
    "side": pl.String(),
    "price": pl.Float64(),
    "size": pl.Int64(),
}


def simulate(seed: int, *, events: int | None = None, episodes: int = 9, evasive: float = 0.0) -> FramedMarket:
    """Make the market ``seed``: about ``events`` rows, ``episodes`` deeds planned, ``evasive`` of them hidden."""
    setting = setting_of(seed, events, episodes)
    stage = Stage(setting, 0.96 if episodes else 1.0)
    agents: list[Flow | Maker] = [Flow(stage, market) for market in stage.markets]
    agents += [Maker(stage, market, name) for market in stage.markets for name in setting.people.makers]
    parts = plan_deeds(setting, episodes, evasive) + plan_honest(setting, episodes)
    for session in setting.sessions:
        stage.begin(session)
        for agent in agents:
            agent.open()
        for place, part in enumerate(parts):
            if session[0] <= part.start < session[1]:
                _cast(stage, setting, part, place)
        stage.run(session)
    deeds = [hand for hand in stage.over if hand.scheme and hand.first < hand.last]
    deeds.sort(key=lambda hand: (hand.first, hand.market.stock.symbol))
    return FramedMarket(
        events=_tape(stage),
        truth=_cases([hand for hand in deeds if hand.done]),
        attempts=_cases([hand for hand in deeds if not hand.done]),
    )


def _cast(stage: Stage, setting: Setting, part: Part, place: int) -> None:
    """Give a part to accounts, and note when it begins."""
    rng = random.Random(f"auditcase/{setting.seed}/part/{part.scheme}/{place}")
    count = rng.choice(part.kind.accounts) + (part.evasive and rng.random() < 0.5)
    people = setting.people
    if part.scheme:
        accounts = people.culprits(rng, count)
    else:
        accounts = rng.sample(rng.choice((people.crowd, people.retail, people.funds, people.funds)), count)
    hand = Hand(stage, stage.markets[part.stock], rng, accounts, part.end, part.scheme, part.evasive)
    stage.at(part.start, lambda: stage.launch(hand, part.kind.play(hand)))


def _tape(stage: Stage) -> pl.DataFrame:
    told = [(*row[:6], row[6] / TICKS_PER_UNIT, row[7]) for row in stage.venue.rows]
    rows = pl.DataFrame(told, schema=COLUMNS, orient="row")
    return rows.select(
        "timestamp_ns",
        "symbol",
        pl.int_range(1, pl.len() + 1, dtype=pl.Int64).alias("venue_seq"),
        "kind",
        "order_id",
        "account",
        "side",
        "price",
        "size",
    )


def _cases(hands: list[Hand]) -> pl.DataFrame:
    return pl.DataFrame(
        [
            {
                "scheme": hand.scheme,
                "symbol": hand.market.stock.symbol,
                "accounts": list(hand.held),
                "start": hand.first,
                "end": hand.last,
                "done": hand.done,
                "evasive": hand.evasive,
            }
            for hand in hands
        ],
        schema=dict(CASE_SCHEMA),
    )
