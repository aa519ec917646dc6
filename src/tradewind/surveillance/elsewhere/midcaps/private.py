"""Private investors with habits of their own: patient and hasty ones, ladders, stops, changes of mind, tips."""

from __future__ import annotations

import heapq
import math
from bisect import bisect
from dataclasses import dataclass
from functools import partial
from itertools import accumulate

from tradewind.surveillance.elsewhere.midcaps.settings import spread_out
from tradewind.surveillance.elsewhere.midcaps.venue import Order
from tradewind.surveillance.elsewhere.midcaps.world import Gen, World


@dataclass(frozen=True)
class Client:
    """One client and his habits."""

    account: str
    broker: int
    weight: float
    size: float
    round_to: int
    hurry: float
    far: float
    patience: float
    likes_buying: float
    follows: float


class Crowd:
    """All private clients, and what they hold ready should prices move."""

    def __init__(self, world: World, accounts: list[str]) -> None:
        rng = world.rng
        self.world = world
        self.brokers = rng.choice((2, 3, 3))
        shares = [rng.uniform(0.3, 1) for _ in range(self.brokers)]
        tail = rng.uniform(0.9, 1.6)
        self.clients = [
            Client(
                account=account,
                broker=rng.choices(range(self.brokers), shares)[0],
                weight=min(60.0, rng.paretovariate(tail)),
                size=min(8.0, math.exp(rng.gauss(-0.4, 0.8))),
                round_to=rng.choice((1, 1, 5, 10, 50, 100)),
                hurry=rng.betavariate(1.6, 1.6),
                far=spread_out(rng, 0.3, 8),
                patience=spread_out(rng, 120, 15_000),
                likes_buying=rng.gauss(0, 0.25),
                follows=rng.gauss(0.02, 0.08),
            )
            for account in accounts
        ]
        self.weights = [
            list(accumulate(client.weight * rng.choice((0.05, 0.3, 1, 3)) for client in self.clients))
            for _ in world.symbols
        ]
        self.below: list[list[tuple[int, int, Client, int]]] = [[] for _ in world.symbols]
        self.above: list[list[tuple[int, int, Client, int]]] = [[] for _ in world.symbols]
        self.count = 0
        world.on_trade.append(self._stops)

    def pick(self, symbol: int) -> Client:
        """Draw a client, the busy ones more often."""
        sums = self.weights[symbol]
        return self.clients[bisect(sums, self.world.rng.random() * sums[-1], 0, len(sums) - 1)]

    def quantity(self, symbol: int, client: Client, scale: float = 1.0) -> int:
        """Draw the size of a client's order."""
        rough = self.world.share(symbol).unit * client.size * scale * math.exp(self.world.rng.gauss(-0.2, 0.6))
        if rough > 2 * client.round_to:
            return round(rough / client.round_to) * client.round_to
        return max(1, int(rough))

    def flow(self, symbol: int) -> Gen:
        """Let clients come one after the other."""
        mean = self.world.rng.uniform(6, 13)
        while True:
            yield self.world.pause(symbol, mean) / (1 + abs(self.world.mood[symbol]))
            self.act(symbol, self.pick(symbol))

    def act(self, symbol: int, client: Client, side: int = 0, scale: float = 1.0) -> None:
        """Let a client enter one order as is his habit."""
        world, rng = self.world, self.world.rng
        if not side:
            pull = client.likes_buying + client.follows * world.trend[symbol] + world.mood[symbol]
            side = 1 if rng.random() < 0.5 + 0.5 * math.tanh(pull) else -1
        size, half = self.quantity(symbol, client, scale), world.share(symbol).half
        if rng.random() < client.hurry * 0.75:
            order = world.take(symbol, client.account, side, size, 1.5 * half, rng.random() < 0.6)
            if order is None:
                return
            if order.filled and rng.random() < 0.12:
                self._guard(client, order)
            if order.filled and rng.random() < 0.06:
                world.later(rng.uniform(15, 900), lambda: self.out(client, order))
            if order.live:
                self._wait(order, client)
            return
        best = world.venue.best(symbol, side) or world.view(symbol) - side * half
        away = rng.expovariate(1 / client.far) * half if rng.random() < 0.8 else -rng.random() * half
        self._wait(world.rest(symbol, client.account, side, best - side * away, size), client)

    def out(self, client: Client, order: Order) -> None:
        """Close what an order has opened."""
        half = self.world.share(order.symbol).half
        self.world.take(order.symbol, client.account, -order.side, order.filled, 2 * half)

    def _wait(self, order: Order, client: Client) -> None:
        rng, venue = self.world.rng, self.world.venue
        if rng.random() < 0.2:
            nearer = rng.uniform(0, 1.5) * self.world.share(order.symbol).half
            self.world.later(
                rng.expovariate(2 / client.patience),
                lambda: venue.modify(order, round(order.price + order.side * nearer), order.size),
            )
        if rng.random() < 0.75:
            self.world.later(rng.expovariate(1 / client.patience), lambda: venue.cancel(order))

    def ladders(self, symbol: int) -> Gen:
        """Orders of one client on several prices, left for long and mostly taken back together."""
        rng, world = self.world.rng, self.world
        while True:
            yield world.pause(symbol, 900)
            client, side, half = self.pick(symbol), rng.choice((1, -1)), world.share(symbol).half
            start = world.venue.best(symbol, side) or world.view(symbol)
            size, gap = self.quantity(symbol, client, rng.uniform(0.5, 3)), rng.uniform(0.2, 2) * half
            orders = []
            for level in range(rng.randint(3, 7)):
                orders.append(world.rest(symbol, client.account, side, start - side * gap * (level + 0.3), size))
                yield rng.choice((0.001, 0.1, 2.0)) * rng.uniform(0.5, 2)
            stay = spread_out(rng, 8, 4_000)
            for order in orders:
                world.later(stay + rng.uniform(0, 3), partial(world.venue.cancel, order))

    def regrets(self, symbol: int) -> Gen:
        """Large orders near the touch that are honestly taken back before long; some then cross the spread."""
        rng, world = self.world.rng, self.world
        while True:
            yield world.pause(symbol, 700)
            client, side, half = self.pick(symbol), rng.choice((1, -1)), world.share(symbol).half
            start = world.venue.best(symbol, side) or world.view(symbol)
            size = int(world.share(symbol).unit * spread_out(rng, 3, 22)) + 1
            order = world.rest(symbol, client.account, side, start - side * rng.uniform(-0.4, 1.5) * half, size)
            yield spread_out(rng, 1, 400)
            left = order.size
            world.venue.cancel(order)
            chance = rng.random()
            if left and chance < 0.3:
                world.take(symbol, client.account, side, left, 1.5 * half)
            elif left and chance < 0.4:
                world.take(symbol, client.account, -side, self.quantity(symbol, client), half)

    def tips(self, symbol: int) -> Gen:
        """A broker recommends a share: many of its clients do alike, within minutes."""
        rng, world = self.world.rng, self.world
        yield rng.uniform(0, 3_000)
        while True:
            yield rng.expovariate(1 / 14_000)
            broker, side = rng.randrange(self.brokers), 1 if rng.random() < 0.8 else -1
            within, scale = spread_out(rng, 40, 1_800), rng.uniform(0.6, 1.6)
            for _ in range(int(spread_out(rng, 5, 40))):
                client = next((c for c in (self.pick(symbol) for _ in range(9)) if c.broker == broker), None)
                if client is not None:
                    world.later(rng.expovariate(2.5 / within), partial(self.act, symbol, client, side, scale))
            world.mood[symbol] += side * 0.2

    def regulars(self, symbol: int) -> Gen:
        """A client who deals small and often, so nearly always with the same makers."""
        rng, world = self.world.rng, self.world
        client = self.pick(symbol)
        while True:
            for _ in range(int(spread_out(rng, 3, 30))):
                side = 1 if rng.random() < 0.5 else -1
                world.take(symbol, client.account, side, self.quantity(symbol, client, 0.6), world.share(symbol).half)
                yield world.pause(symbol, 25)
            yield world.pause(symbol, 1_500)

    def _guard(self, client: Client, order: Order) -> None:
        rng = self.world.rng
        self.count += 1
        away = 1 - order.side * spread_out(rng, 0.003, 0.03)
        trigger = round(self.world.last[order.symbol] * away)
        if order.side > 0:
            heapq.heappush(self.below[order.symbol], (-trigger, self.count, client, order.filled))
        else:
            heapq.heappush(self.above[order.symbol], (trigger, self.count, client, order.filled))

    def _stops(self, symbol: int, price: int, side: int, size: int) -> None:
        for heap, sign in ((self.below[symbol], -1), (self.above[symbol], 1)):
            while heap and heap[0][0] <= sign * price:
                _, _, client, held = heapq.heappop(heap)
                delay = self.world.settings.latency * self.world.rng.uniform(1, 30)
                self.world.later(delay, partial(self._stop, symbol, client, sign, held))

    def _stop(self, symbol: int, client: Client, side: int, size: int) -> None:
        self.world.take(symbol, client.account, side, size, 4 * self.world.share(symbol).half)
