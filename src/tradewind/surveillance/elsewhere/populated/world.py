"""How a populated market is: drawn so widely that no two are one world."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.surveillance.elsewhere.populated.dice import Dice
from tradewind.surveillance.elsewhere.populated.names import account_names, symbol_names

TICKS = (1, 5, 10, 25, 50, 100, 100, 100, 250, 500, 1_000, 10_000)
"""Price steps in ten-thousandths of a dollar."""

SPARE = 260
"""Names kept for whoever comes with a purpose, honest or not."""


@dataclass(frozen=True, kw_only=True)
class Stock:
    """How a symbol is.

    Attributes
    ----------
    name, tick, start : its name, price step in price units, first worth in ticks.
    half : half the spread makers ask, in ticks, about.
    volatility : of its worth, in ticks for the root of a second.
    lot, unit : round lot and usual order, in shares.
    weight : its share of the flow.
    impact : by how many ticks makers change their minds on an order of the usual size.
    deep : what makers show at a level, in usual orders.
    """

    name: str
    tick: int
    start: float
    half: float
    volatility: float
    lot: int
    unit: int
    weight: float
    impact: float
    deep: float


@dataclass(frozen=True, kw_only=True)
class World:
    """How a market is.

    Attributes
    ----------
    sessions, seconds : how many, and how long each is.
    events : about how many there are, deeds and bursts apart.
    names : accounts; the first ``people`` are the population, ``zipf`` how uneven their activity is.
    made : share of events that makers make; ``makers`` of them in a symbol.
    curve, rush : how much busier open and close are, and how much busier yet the last twentieth.
    kinds : weights of the persuasions of people: by worth, trend, reversion, whim, herd.
    eager : share of people's orders that take; ``patience`` seconds their others stay.
    heeds : how much people and makers mind a lopsided book.
    herding : how readily a sudden move draws others in; ``stops`` chance that a buyer protects itself by a stop.
    tail, rounds : power of sizes, chance of whole lots.
    common : correlation of worths.
    news, false_news, shocks : news with a move, news without, moves without.
    noticed : chance that news is toned; ``silent`` whether the market publishes none.
    replaces : chance that an order is replaced rather than taken back; ``same_id`` whether its id stays.
    bare : whether takers send orders without price.
    clock, latency : resolution of times and mean time between two messages, ns.
    told : which side of a trade is told, or both.
    day_orders : whether what rests goes at the close.
    prevents : chance that an order that would meet its own account takes that one back first.
    purposes : how much honest business of each kind there is, about 1.
    """

    sessions: int
    seconds: float
    events: int
    names: tuple[str, ...]
    people: int
    zipf: float
    made: float
    makers: int
    curve: float
    rush: float
    kinds: tuple[float, ...]
    eager: float
    patience: float
    heeds: float
    herding: float
    stops: float
    tail: float
    rounds: float
    common: float
    news: int
    false_news: int
    shocks: int
    noticed: float
    silent: bool
    replaces: float
    same_id: bool
    bare: bool
    clock: int
    latency: float
    told: str
    day_orders: bool
    prevents: float
    purposes: float
    stocks: tuple[Stock, ...]

    @property
    def length(self) -> float:
        """Open seconds of all sessions."""
        return self.sessions * self.seconds


def draw_world(seed: int) -> World:
    """Draw a market; the same seed draws the same one."""
    dice = Dice(seed * 1_009 + 11)
    sessions = dice.choice((1, 1, 1, 1, 2, 3, 5))
    seconds = 60 * dice.spread(10, 450) / sessions**0.5
    people = dice.count(10, 3_000)
    return World(
        sessions=sessions,
        seconds=seconds,
        events=dice.count(13_000, 42_000),
        names=account_names(dice, people + SPARE),
        people=people,
        zipf=dice.choice((0.0, dice.uniform(0.2, 1.3), dice.uniform(0.2, 1.3))),
        made=dice.uniform(0.15, 0.65),
        makers=dice.randint(1, 6),
        curve=dice.choice((0.0, dice.uniform(0.1, 1.4))),
        rush=dice.choice((1.0, 1.0, dice.uniform(1.0, 4.0))),
        kinds=tuple(dice.spread(0.1, 2) for _ in range(5)),
        eager=dice.uniform(0.15, 0.6),
        patience=dice.spread(2, 600),
        heeds=dice.uniform(0.0, 0.5),
        herding=dice.choice((0.0, dice.spread(0.05, 1.0))),
        stops=dice.choice((0.0, dice.uniform(0.02, 0.4))),
        tail=dice.uniform(1.2, 3.5),
        rounds=dice.uniform(0.0, 1.0),
        common=dice.uniform(0.0, 0.95),
        news=dice.randint(0, 6),
        false_news=dice.choice((0, dice.randint(0, 12))),
        shocks=dice.randint(0, 5),
        noticed=dice.choice((1.0, dice.uniform(0.0, 1.0))),
        silent=dice.chance(0.2),
        replaces=dice.choice((0.0, dice.uniform(0.05, 0.8))),
        same_id=dice.chance(0.5),
        bare=dice.chance(0.3),
        clock=dice.choice((1, 1, 1_000, 1_000, 1_000_000)),
        latency=dice.spread(1_000, 400_000),
        told=dice.choice(("resting", "arriving", "both")),
        day_orders=dice.chance(0.5),
        prevents=dice.choice((1.0, 1.0, dice.uniform(0.4, 1.0))),
        purposes=dice.spread(0.5, 1.8),
        stocks=_stocks(dice, sessions * seconds),
    )


def _stocks(dice: Dice, length: float) -> tuple[Stock, ...]:
    names = symbol_names(dice, dice.choice((1, 1, 2, 2, 3, 4, 6, 8)))
    weights = [dice.paretovariate(1.4) for _ in names]
    alike = _stock(dice, "", 1.0, length) if dice.chance(0.4) else None
    stocks = []
    for name, weight in zip(names, weights, strict=True):
        stock = _stock(dice, name, weight / sum(weights), length)
        if alike is not None:  # one venue, one tick and one lot
            lots = max(round(stock.unit / stock.lot), 1)
            fields = {**vars(stock), "tick": alike.tick, "lot": alike.lot, "unit": alike.lot * lots}
            stock = Stock(**fields)
        stocks.append(stock)
    return tuple(stocks)


def _stock(dice: Dice, name: str, weight: float, length: float) -> Stock:
    half, lot = dice.spread(0.6, 10), dice.choice((1, 1, 1, 5, 10, 100, 100, 1_000))
    return Stock(
        name=name,
        tick=dice.choice(TICKS),
        start=half * dice.spread(400, 8_000),
        half=half,
        volatility=half * dice.spread(4, 60) / length**0.5,
        lot=lot,
        unit=lot * dice.count(1, 80),
        weight=weight,
        impact=half * dice.spread(0.03, 0.35),
        deep=dice.spread(0.7, 12),
    )
