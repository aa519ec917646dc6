"""World: what is drawn for a market by its seed, its stocks, its accounts, its values."""

from __future__ import annotations

import math
from random import Random

from tradewind.surveillance.elsewhere.examined.engine import SECOND, Account, Book, Clock, Order, Script, Tape

TICKS = (0.0001, 0.001, 0.005, 0.01, 0.01, 0.01, 0.02, 0.05, 0.1, 0.25)
RESOLUTIONS = (1, 1, 100, 1_000, 1_000, 10_000, 1_000_000)
PEOPLE = ("noise", "noise", "noise", "retail", "retail", "informed", "trend", "reader")


class Stock:
    """One stock: its book and what its traders know of it. Prices in ticks, times in seconds."""

    def __init__(self, world: World, name: str, share: float) -> None:
        rng = world.rng
        while True:
            self.tick = rng.choice(TICKS)
            self.value = world.log(400, 30_000)
            if 0.4 < self.value * self.tick < 3_000:
                break
        self.world, self.book, self.share = world, Book(world.tape, name, world.say), share
        self.spread = max(1.0, min(world.log(1.0, 12.0), self.value * 0.003))
        self.sigma = min(self.spread * world.log(5, 45), 0.035 * self.value)
        self.unit = world.log(30, 2_000)
        self.heat, self.heated, self.slow, self.mood = 1.0, 0, self.value, 0.0
        self.jump_rate = world.log(0.3, 6)
        self.reflex = world.length * world.log(0.02, 0.25)
        self.stops: list[tuple[int, int, Account, int]] = []
        self.busy_until = 0

    def mid(self) -> float:
        bid, ask = self.book.best(1), self.book.best(-1)
        return (bid + ask) / 2 if bid and ask else float(self.book.last or bid or ask or round(self.value))

    def touch(self, side: int) -> int:
        """Return the best price of a side, or what it would be."""
        return self.book.best(side) or max(1, round(self.mid() - side * self.spread / 2))

    def take(self, account: Account, side: int, size: float, slip: float = 3.0) -> Order:
        """Trade at once, at most ``slip`` spreads beyond the touch."""
        price = max(1, self.touch(-side) + side * math.ceil(slip * self.spread))
        return self.book.submit(account, side, price, max(1, round(size)), ioc=True)

    def rest(self, account: Account, side: int, away: float, size: float) -> Order:
        """Rest an order ``away`` ticks behind the touch (negative: better than it), never crossing."""
        price = self.touch(side) - side * round(away)
        other = self.book.best(-side)
        if other and (price - other) * side >= 0:
            price = other - side
        return self.book.submit(account, side, max(1, price), max(1, round(size)))

    def stir(self, amount: float) -> None:
        """Make the crowd busier for a while."""
        self.heat = min(12.0, self.heat + amount)

    def lean(self) -> float:
        """Return the imbalance of the sizes near the touch, -1 to 1."""
        ticks = max(3, round(2 * self.spread))
        bid, ask = self.book.near(1, ticks), self.book.near(-1, ticks)
        return (bid - ask) / (bid + ask) if bid + ask else 0.0


class World:
    """All that a seed draws."""

    def __init__(self, seed: int, events: int | None) -> None:
        self.rng = rng = Random(f"third examiner {seed}")
        self.events = events or round(self.log(30_000, 110_000))
        days, rate = rng.choice((1, 1, 2, 3)), self.log(1.5, 70)
        while days > 1 and self.events / rate / days < 1_800:
            days -= 1
        self.length = min(28_800.0, max(1_000.0, self.events / rate / days))
        self.rate = self.events / days / self.length
        self.clock = Clock()
        self.say = rng.random() < 0.7
        told = rng.choice(("resting", "resting", "taking", "pair"))
        self.tape = Tape(self.clock, told, rng.randrange(10**3, 10**9), rng.choice((1, 1, 2, 7)))
        self.resolution = rng.choice(RESOLUTIONS)
        first = (rng.randrange(17_000, 20_500) * 86_400 + rng.randrange(7, 15) * 3_600) * SECOND
        span = round(self.length) * SECOND
        self.days = [(first + i * 86_400 * SECOND, first + i * 86_400 * SECOND + span) for i in range(days)]
        self.open, self.close = self.days[0]
        self.pace, self.smile, self.burst = 1.0, rng.uniform(0.0, 2.5), rng.uniform(0.0, 0.9)
        self.fidget = rng.uniform(0.1, 0.93)
        self.keep_id = rng.random() < 0.5
        self.market_orders = rng.random() < 0.6
        self.sizes = rng.choice(("round", "lognormal", "inverse", "mixed"))
        self.size_sigma, self.lot = rng.uniform(0.5, 1.3), rng.choice((1, 10, 100))
        self.taking, self.life, self.deep = self.log(0.08, 0.5), self.log(0.6, 12) / self.rate * 30, self.log(0.7, 4)
        count = rng.choice((1, 1, 2, 2, 3, 4))
        shares = [rng.uniform(0.3, 1.5) for _ in range(count)]
        letters = [chr(c) for c in range(65, 91)]
        names: set[str] = set()
        while len(names) < count:
            names.add("".join(rng.choices(letters, k=rng.choice((2, 3, 4)))))
        self.stocks = [Stock(self, n, s / sum(shares)) for n, s in zip(sorted(names), shares, strict=True)]
        self.accounts = self._people(round(self.log(24, 580)))
        self.people = [a for a in self.accounts if a.kind in PEOPLE]
        self.cumulative = self._cumulative()
        self.news: list[tuple[int, Stock, int]] = []

    def log(self, low: float, high: float) -> float:
        """Draw log-uniformly."""
        return math.exp(self.rng.uniform(math.log(low), math.log(high)))

    def _people(self, count: int) -> list[Account]:
        rng = self.rng
        style = rng.choice(("{:06d}", "A{:05d}", "{:04X}-7", "cl{:07d}", "T.{:05X}"))
        names = [style.format(n) for n in rng.sample(range(4_096, 65_000), count)]
        makers = max(3 * len(self.stocks), min(count // 3, round(count * self.log(0.02, 0.3))))
        kinds = ["maker"] * makers + ["fund"] * max(4, count // 12)
        kinds += ["spare"] * max(3, count // 20)
        kinds += [rng.choice(PEOPLE) for _ in range(count - len(kinds))]
        tail = rng.uniform(0.3, 1.6)
        safe = rng.uniform(0.8, 1.0)
        return [
            Account(n, k, math.exp(rng.gauss(0, 0.7)), min(6.0, math.exp(rng.gauss(0, tail))), rng.random() < safe)
            for n, k in zip(names, kinds, strict=True)
        ]

    def _cumulative(self) -> list[float]:
        total, sums = 0.0, []
        for account in self.people:
            total += account.weight
            sums.append(total)
        return sums

    def someone(self) -> Account:
        """Pick one of the people by how active they are."""
        return self.rng.choices(self.people, cum_weights=self.cumulative)[0]

    def some(self, count: int, kinds: tuple[str, ...] = PEOPLE) -> list[Account]:
        """Pick different accounts of the given kinds, evenly; fewer where there are not as many."""
        pool = [a for a in self.accounts if a.kind in kinds]
        return self.rng.sample(pool, min(count, len(pool)))

    def size(self, stock: Stock, scale: float = 1.0) -> int:
        """Draw the size of an ordinary order, of this market's distribution."""
        rng = self.rng
        how = rng.choice(("round", "lognormal", "inverse")) if self.sizes == "mixed" else self.sizes
        unit = stock.unit * scale
        if how == "inverse":
            return max(1, round(unit * 0.35 * min(60.0, rng.paretovariate(1.2))))
        drawn = unit * math.exp(self.size_sigma * rng.gauss(0, 1))
        return max(1, round(drawn / self.lot)) * self.lot if how == "round" else max(1, round(drawn))

    def busy(self) -> float:
        """Return how busy the time of day is, about 1 on average."""
        where = (self.clock.now - self.open) / max(1, self.close - self.open)
        return (1 + self.smile * (2 * where - 1) ** 4 * 2) / (1 + 0.4 * self.smile)

    def left(self) -> float:
        """Return the seconds to the close."""
        return (self.close - self.clock.now) / SECOND


def values(world: World, stock: Stock) -> Script:
    """Let the latent value walk and jump; traders half believe the price."""
    rng, dt = world.rng, world.length / 1_500
    while True:
        yield dt
        stock.value += stock.sigma * math.sqrt(dt / world.length) * rng.gauss(0, 1)
        if rng.random() < stock.jump_rate * dt / world.length:
            stock.value += rng.choice((-1, 1)) * stock.spread * world.log(1, 6)
            stock.stir(rng.uniform(0.5, 4))
        stock.value = max(40.0, stock.value + (stock.mid() - stock.value) * min(1.0, dt / stock.reflex))
        stock.slow += (stock.mid() - stock.slow) * min(1.0, 20 * dt / world.length)
        stock.mood *= 0.98


def announce(world: World, stock: Stock, tone: int, jump: float, told: bool = True) -> None:
    """Publish news: the value jumps by ``jump`` spreads."""
    world.tape.rows.append((world.clock.now, stock.book.name, "news", 0, "", tone if told else 0, 0, 0, "", 0))
    stock.value = max(40.0, stock.value + tone * jump * stock.spread)
    stock.mood = tone * 0.4
    stock.stir(world.rng.uniform(1.5, 6))


def governor(world: World) -> Script:
    """Hold the number of events near what was drawn."""
    rows, step, span = world.tape.rows, world.length / 150, world.length
    begun = len(rows)
    day = world.days.index((world.open, world.close))
    goal = world.events * (day + 1) / len(world.days) - begun
    seen = begun
    while True:
        yield step
        past = 1 - world.left() / span
        ahead = min(0.15, max(0.02, 1 - past))
        wanted = (goal * min(1.0, past + ahead) - (len(rows) - begun)) / (ahead * 150)
        factor = (max(1.0, wanted) / max(1.0, len(rows) - seen)) ** 0.4
        world.pace = min(60.0, max(0.02, world.pace * min(1.5, max(0.65, factor))))
        seen = len(rows)
