"""The population: persons with persuasions, horizons and positions, who come back again and again."""

from __future__ import annotations

from bisect import bisect_left
from functools import partial

from tradewind.surveillance.elsewhere.populated.book import Order
from tradewind.surveillance.elsewhere.populated.exchange import SECOND, Exchange, Play

WORTH, TREND, REVERSION, WHIM, HERD = range(5)


class Person:
    """Somebody with an account: what moves it, how it trades, and how much it dares to hold."""

    __slots__ = ("account", "bias", "eager", "kind", "life", "limit", "memory", "reach", "size", "symbols")

    def __init__(self, exchange: Exchange, account: str) -> None:
        dice, world = exchange.dice, exchange.world
        self.account = account
        self.kind = dice.choices(range(5), world.kinds)[0]
        self.bias = dice.gauss(0.0, 2.0)
        self.memory = dice.randrange(3)
        self.eager = min(max(world.eager + dice.gauss(0, 0.2), 0.02), 0.98)
        self.life = world.patience * dice.spread(0.2, 5)
        self.reach = dice.spread(0.3, 5)
        self.size = dice.spread(0.4, 2.5)
        self.limit = dice.spread(3, 60)
        weights = [stock.weight for stock in exchange.stocks]
        self.symbols = tuple(dice.choices(range(len(weights)), weights, k=dice.randint(1, 4)))


class Crowd:
    """Lets people come, at the market's pace; some are drawn in by sudden moves and by news."""

    def __init__(self, exchange: Exchange) -> None:
        self.exchange = exchange
        world, dice = exchange.world, exchange.dice
        self.tempo = 1.0
        self.excess = 0
        self.rate = world.events * (1 - world.made) / world.length / 3.2
        self.people: list[Person] = []
        self._weights: list[float] = []
        self._fresh = iter(world.names[world.people :])
        self._stirred = [-1] * len(exchange.stocks)
        places = list(range(1, world.people + 1))
        for name, place in zip(world.names, places, strict=False):
            self.join(name, (place / world.people) ** -world.zipf)
        self._mean = self._weights[-1] / world.people
        self._bar = dice.spread(1.2, 4)
        exchange.heard.append(self._hear)

    # ----------------------------------------------------------------------------------------------------------- people
    def join(self, account: str, weight: float) -> None:
        """Let an account be one of the people, this busy."""
        self.people.append(Person(self.exchange, account))
        self._weights.append((self._weights[-1] if self._weights else 0.0) + weight)

    def person(self) -> Person:
        """Draw somebody, the busy more often."""
        place = bisect_left(self._weights, self.exchange.dice.random() * self._weights[-1])
        return self.people[min(place, len(self.people) - 1)]

    def newcomer(self) -> str:
        """Return an account nobody has used; somebody's once there are none left."""
        return next(self._fresh, None) or self.person().account

    def somebody(self) -> str:
        """Choose who has a purpose, honest or not: somebody known, or a new account, mostly with other business too."""
        dice, world = self.exchange.dice, self.exchange.world
        what = dice.random()
        if what < 0.25:
            return self.person().account
        if what < 0.45:
            return world.names[dice.randrange(world.people)]
        name = self.newcomer()
        if dice.chance(0.7):
            self.join(name, min(self._mean * dice.spread(0.1, 6), 0.03 * self._weights[-1]))
        return name

    def several(self, least: int, most: int) -> list[str]:
        """Choose so many distinct accounts."""
        wanted = self.exchange.dice.randint(least, most)
        chosen = dict.fromkeys(self.somebody() for _ in range(wanted))
        for _ in range(50):
            if len(chosen) >= wanted:
                break
            chosen[self.newcomer()] = None
        return list(chosen)

    # ------------------------------------------------------------------------------------------------------------- time
    def busy(self) -> float:
        """Return how busy this time of day is, about 1."""
        exchange, world = self.exchange, self.exchange.world
        through = (exchange.now % exchange.session) / exchange.session
        curve = 1 + world.curve * ((2 * through - 1) ** 2 - 1 / 3)
        return float(curve * (world.rush if through > 0.95 else 1.0))

    def come(self) -> Play:
        """Let people come."""
        dice = self.exchange.dice
        while True:
            yield dice.expovariate(self.rate * self.tempo * self.busy())
            person = self.person()
            symbol = dice.choice(person.symbols)
            self.act(person, symbol, self.opinion(person, symbol))

    # ---------------------------------------------------------------------------------------------------------- opinion
    def opinion(self, person: Person, symbol: int) -> int:
        """Return the side somebody wants: by persuasion, by the book, and by what it holds."""
        exchange, dice = self.exchange, self.exchange.dice
        stock, mid = exchange.stocks[symbol], exchange.mid(symbol)
        width = 2 * stock.half
        lean = 0.3 * (exchange.worth[symbol] - mid) / width
        if person.kind == WORTH:
            lean += 1.2 * ((exchange.worth[symbol] - mid) / width + 0.2 * person.bias)
        elif person.kind == TREND:
            lean += exchange.drift(symbol, person.memory)
        elif person.kind == REVERSION:
            lean -= exchange.drift(symbol, person.memory)
        elif person.kind == HERD:
            lean += 2 * exchange.drift(symbol, 0)
        if exchange.world.heeds:
            lean += 2 * exchange.world.heeds * exchange.books[symbol].imbalance()
        held = exchange.held.get((person.account, symbol), 0) / stock.unit / person.limit
        up = 0.5 + 0.4 * max(-1.0, min(lean, 1.0)) - 0.45 * max(-1.0, min(held, 1.0))
        return 1 if dice.random() < up else -1

    # ------------------------------------------------------------------------------------------------------------- acts
    def act(self, person: Person, symbol: int, side: int) -> None:
        """Let somebody take, or place an order and look after it."""
        exchange, dice = self.exchange, self.exchange.dice
        size = max(round(exchange.usual(symbol) * person.size), 1)
        if dice.random() < person.eager:
            exchange.take(symbol, person.account, side, size, self._reach(symbol))
            return
        self.place(person, symbol, side, size)

    def follow(self, symbol: int, side: int) -> None:
        """Let somebody take the side of others."""
        exchange = self.exchange
        exchange.take(symbol, self.person().account, side, exchange.usual(symbol), self._reach(symbol))

    def place(self, person: Person, symbol: int, side: int, size: int) -> None:
        """Let somebody place an order near the best price, or far."""
        exchange, dice = self.exchange, self.exchange.dice
        stock, touch = exchange.stocks[symbol], exchange.touch(symbol, side)
        away = round(stock.half * person.reach * min(dice.paretovariate(1.5) - 1, 30))
        if away == 0 and dice.random() < 0.4 and exchange.room(symbol) > 0:
            away = -dice.randint(1, max(exchange.room(symbol) // 2, 1))
        order = exchange.enter(symbol, person.account, side, touch - side * away, size)
        if order.left:
            exchange.later(person.life * dice.lognormvariate(0, 1), partial(self._look, person, order))

    def _look(self, person: Person, order: Order) -> None:
        """Let somebody take back an order, move it, or insist."""
        exchange, dice = self.exchange, self.exchange.dice
        if not order.left:
            return
        symbol, side, left = order.symbol, order.side, order.left
        if dice.random() < exchange.world.replaces:
            moved = exchange.replace(order, exchange.touch(symbol, side) - side * dice.randint(0, 3), left)
            if moved.left:
                exchange.later(person.life * dice.lognormvariate(0, 1), partial(self._look, person, moved))
            return
        exchange.cancel(order)
        if dice.random() < 0.3 * person.eager:
            exchange.take(symbol, person.account, side, left, 1)

    def _reach(self, symbol: int) -> int:
        dice = self.exchange.dice
        return 0 if dice.random() < 0.5 else round(self.exchange.gap[symbol] * dice.expovariate(1.5))

    # --------------------------------------------------------------------------------------------------- being drawn in
    def _hear(self, symbol: int, side: int, who: str, shares: int) -> None:  # noqa: ARG002
        """Let a sudden move draw people in, for a while."""
        exchange, dice, herding = self.exchange, self.exchange.dice, self.exchange.world.herding
        if not herding or exchange.now < self._stirred[symbol]:
            return
        drift = exchange.drift(symbol, 0)
        if drift * side > self._bar:
            self.draw_in(symbol, side, dice.many(6 * herding), exchange.memories[0])
            self._stirred[symbol] = exchange.now + int(exchange.memories[1] * SECOND)

    def draw_in(self, symbol: int, side: int, people: int, span: float) -> None:
        """Let so many people follow within about ``span`` seconds."""
        for _ in range(people):
            self.exchange.later(self.exchange.dice.wait(span), partial(self.follow, symbol, side))
