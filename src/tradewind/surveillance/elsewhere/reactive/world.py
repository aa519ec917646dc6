"""What a market is like: everything is drawn, widely, for each market and each of its symbols."""

from __future__ import annotations

from dataclasses import dataclass, replace

from tradewind.surveillance.elsewhere.reactive.draws import Draws
from tradewind.surveillance.venue.names import STYLES, account_names, symbol_names

SPARE = 400
"""Names kept for whoever is not of the crowd: nobody's part can be read from a name."""


@dataclass(frozen=True, kw_only=True)
class Paper:
    """How a symbol is.

    Attributes
    ----------
    name, tick, start, lot, unit : name, price step in price units, first price in ticks, lot and usual order in shares.
    weight : its share of the flow.
    grain : scale, in ticks, of the distance from the other side at which orders are placed; far below 1 queues are
        long and the spread is one tick. ``form``, ``tail`` : law of the distance; ``strays``
        share of orders that are far anywhere, ``hollow`` how near, in grains, nobody comes to the other side.
    standing : orders that rest at most times; few make a thin book.
    takes : market orders for one limit order; ``fits`` chance that one takes just what the best queue holds,
        ``rests`` that what it does not get waits, ``reaches`` that it goes beyond the best price.
    join : how much a long queue repels new orders (attracts them where negative); ``shy`` how much it repels takers,
        ``patience`` how much a wide spread does.
    sees : queues on each side that people look at; ``leans`` how much takers follow what these show, ``fears`` how
        much the waiting flee from it.
    herd : how much takers follow those before them (go against where negative), ``refills`` how much new orders come
        where queues were eaten, ``flees`` chance that an emptied queue scares another order away.
    moods : weight of a mood that lasts for a power law of orders with exponent ``lasting`` (Lillo, Mike, Farmer 2005).
    drift : bias of the takers toward one side.
    memory : seconds for which the flow is remembered; ``excites`` share of the pace that is made by recent takes.
    """

    name: str
    tick: int
    start: int
    lot: int
    unit: int
    weight: float
    grain: float
    form: str
    tail: float
    strays: float
    hollow: float
    standing: int
    takes: float
    fits: float
    rests: float
    reaches: float
    join: float
    shy: float
    patience: float
    sees: int
    leans: float
    fears: float
    herd: float
    refills: float
    flees: float
    moods: float
    lasting: float
    drift: float
    memory: float
    excites: float


@dataclass(frozen=True, kw_only=True)
class World:
    """How a market is.

    Attributes
    ----------
    sessions, seconds : how many, and how long each is; ``events`` about how many.
    members, names : how many make up the crowd; their names first, then spare ones.
    zipf : exponent of how busy they are, 0 for all alike; ``tastes`` how peculiar they are.
    machines : share of the events that quoting members and other programs make.
    crosses : chance that a member does not notice that it is about to trade with itself.
    sizes : power of order sizes; ``rounds`` chance of whole lots.
    shape : how the pace goes over a session; ``swing`` how strongly; ``regimes`` sudden changes of it; ``halts``.
    gaps : how far, in spreads, a session opens from the last close.
    news, empty_news, shocks, flashes : news that moves, news that does not, moves without, and moves that recover.
    amends : chance that an order is moved rather than cancelled; ``parts`` that only a part is cancelled.
    same_id, market_orders, told, day_orders, clock, latency : how the venue keeps and tells things.
    """

    sessions: int
    seconds: float
    events: int
    members: int
    names: tuple[str, ...]
    zipf: float
    tastes: float
    machines: float
    crosses: float
    sizes: float
    rounds: float
    shape: str
    swing: float
    regimes: int
    halts: int
    gaps: float
    news: int
    empty_news: int
    shocks: int
    flashes: int
    amends: float
    parts: float
    same_id: bool
    market_orders: bool
    told: str
    day_orders: bool
    clock: int
    latency: float
    papers: tuple[Paper, ...]

    @property
    def length(self) -> float:
        """Open seconds of all sessions."""
        return self.sessions * self.seconds


def draw_world(seed: int) -> World:
    """Draw a market; the same seed draws the same one."""
    draws = Draws.of(seed, 1)
    sessions = draws.choice([1, 1, 1, 1, 2, 3, 5])
    members = draws.whole(8, 2_600)
    symbols = draws.choice([1, 1, 1, 2, 2, 3, 4, 6, 8])
    return World(
        sessions=sessions,
        seconds=60 * draws.wide(8, 500) / sessions**0.5,
        events=draws.whole(15_000, 42_000),
        members=members,
        names=account_names(members + SPARE, draws.choice(STYLES), seed),
        zipf=draws.choice([0.0, draws.uniform(0.2, 1.4), draws.uniform(0.6, 1.1)]),
        tastes=draws.choice([0.0, draws.random(), draws.random()]),
        machines=draws.choice([0.05, draws.uniform(0.1, 0.45), draws.uniform(0.4, 0.7)]),
        crosses=draws.choice([0.0, 0.05, 0.1]),
        sizes=draws.uniform(1.2, 4.0),
        rounds=draws.choice([1.0, draws.random()]),
        shape=draws.choice(["flat", "smile", "open", "close", "lunch"]),
        swing=draws.random(),
        regimes=draws.choice([0, 0, draws.randint(1, 8)]),
        halts=draws.choice([0, 0, 0, 1, 2]),
        gaps=draws.wide(0.5, 30),
        news=draws.randint(0, 6),
        empty_news=draws.choice([0, draws.randint(0, 12)]),
        shocks=draws.randint(0, 5),
        flashes=draws.choice([0, 0, 1, 2]),
        amends=draws.choice([0.0, draws.uniform(0.05, 0.7)]),
        parts=draws.choice([0.0, draws.uniform(0.0, 0.25)]),
        same_id=draws.yes(0.5),
        market_orders=draws.yes(0.35),
        told=draws.choice(["resting", "arriving", "both"]),
        day_orders=draws.yes(0.5),
        clock=draws.choice([1, 1, 1_000, 1_000, 1_000_000]),
        latency=draws.wide(500, 500_000),
        papers=tuple(_papers(draws, symbol_names(symbols, seed))),
    )


def _papers(draws: Draws, names: tuple[str, ...]) -> list[Paper]:
    weights = [draws.heavy(1.2, 20) for _ in names]
    alike = _paper(draws, "", 0.0) if draws.yes(0.3) else None
    return [
        _paper(draws, name, weight / sum(weights))
        if alike is None
        else _like(alike, name, weight / sum(weights), draws)
        for name, weight in zip(names, weights, strict=True)
    ]


def _like(paper: Paper, name: str, weight: float, draws: Draws) -> Paper:
    return replace(paper, name=name, weight=weight, start=round(paper.start * draws.wide(0.7, 1.5)))


def _paper(draws: Draws, name: str, weight: float) -> Paper:
    lot = draws.choice([1, 1, 1, 5, 10, 100, 100, 1_000])
    grain = draws.choice([draws.wide(0.15, 0.8), draws.wide(0.8, 6), draws.wide(4, 40)])
    return Paper(
        name=name,
        tick=draws.choice([1, 5, 10, 50, 100, 100, 100, 500, 1_000, 2_500]),
        start=round(max(grain, 1.0) * draws.wide(200, 8_000)),
        lot=lot,
        unit=lot * draws.whole(1, 80),
        weight=weight,
        grain=grain,
        form=draws.choice(["power", "exponential", "hump"]),
        tail=draws.uniform(0.8, 2.5),
        strays=draws.uniform(0.05, 0.35),
        hollow=draws.choice([0.0, draws.uniform(0.0, 0.8), draws.uniform(0.3, 1.5)]),
        standing=draws.whole(30, 500 if grain > 0.8 else 220),
        takes=draws.wide(0.12, 0.6),
        fits=draws.choice([0.0, draws.uniform(0, 0.6)]),
        rests=draws.choice([0.0, draws.random()]),
        reaches=draws.choice([0.0, draws.uniform(0, 0.5)]),
        join=draws.uniform(-0.4, 1.2),
        shy=draws.choice([0.0, draws.uniform(0, 0.5)]),
        patience=draws.uniform(0.2, 1.5),
        sees=draws.choice([1, 2, 3, 5, 8]),
        leans=draws.uniform(0.1, 0.7),
        fears=draws.uniform(0.0, 0.6),
        herd=draws.uniform(-0.1, 0.25),
        refills=draws.uniform(-0.2, 0.7),
        flees=draws.choice([0.0, draws.uniform(0, 0.8)]),
        moods=draws.uniform(0.0, 0.3),
        lasting=draws.uniform(1.1, 2.0),
        drift=draws.choice([0.0, 0.0, draws.uniform(-0.06, 0.06)]),
        memory=draws.wide(0.2, 120),
        excites=draws.uniform(0.0, 0.7),
    )
