"""The clients of the market with their habits, and how a venue names accounts and counts orders."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from dataclasses import dataclass

from tradewind.surveillance.elsewhere.acceptance.settings import Settings, spread_log


@dataclass
class Client:
    """One client: how often, how large, how boldly, and which way."""

    name: str
    weight: float
    scale: float
    lots: int
    bold: float
    patience: float
    sticky: float
    side: int
    home: int

    def size(self, rng: random.Random, unit: int, lot: int) -> int:
        """Draw a size as this client likes them."""
        step = lot * self.lots
        return max(1, round(unit * self.scale * rng.lognormvariate(-0.2, 0.7) / step)) * step


def order_numbers(rng: random.Random) -> Callable[[], int]:
    """Return how a venue counts its orders: by one, with gaps, or by what looks like chance."""
    start, style = rng.randrange(1, 10 ** rng.randint(2, 11)), rng.randrange(3)
    if style == 0:
        return itertools.count(start).__next__
    own = random.Random(rng.getrandbits(64))
    if style == 1:
        widest, state = rng.choice((3, 20, 400)), [start]

        def gaps() -> int:
            state[0] += own.randint(1, widest)
            return state[0]

        return gaps
    factor = own.randrange(10**9) * 2 + 1
    counter = itertools.count(start)
    return lambda: (next(counter) * factor) % 2**47 + 1


def population(rng: random.Random, settings: Settings) -> tuple[list[Client], Callable[[], str]]:
    """Return the clients, and a source of further names in the same style."""
    style, used = rng.randrange(4), set[str]()
    prefix = "".join(rng.choice("ABCDEFGHKLMNPRSTVWXZ") for _ in range(rng.choice((1, 2, 3))))

    def name() -> str:
        while True:
            found = (
                f"{prefix}{rng.randrange(10**5):05d}"
                if style == 0
                else f"{rng.randrange(16**7):07x}"
                if style == 1
                else f"{prefix}-{rng.randrange(10**4):04d}-{rng.randrange(100):02d}"
                if style == 2
                else str(10**7 + rng.randrange(9 * 10**7))
            )
            if found not in used:
                used.add(found)
                return found

    tail = rng.uniform(0.9, 1.8)
    clients = [
        Client(
            name=name(),
            weight=rng.paretovariate(tail),
            scale=spread_log(rng, 0.25, 3.0) * (rng.choice((1.0, 1.0, 1.0, 1.0, 4.0))),
            lots=rng.choice((1, 1, 1, 5, 10)),
            bold=rng.betavariate(1.2, 1.5),
            patience=spread_log(rng, 4.0, 900.0),
            sticky=rng.uniform(0.5, 0.97),
            side=rng.choice((1, -1)),
            home=rng.randrange(len(settings.symbols)),
        )
        for _ in range(settings.clients)
    ]
    return clients, name
