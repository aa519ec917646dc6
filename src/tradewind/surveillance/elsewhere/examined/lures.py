"""Deeds with orders that are not meant: spoofing, layering, quote stuffing."""

from __future__ import annotations

from tradewind.surveillance.elsewhere.examined.engine import Account, Order, Script
from tradewind.surveillance.elsewhere.examined.work import Desk
from tradewind.surveillance.elsewhere.examined.world import Stock, World


class Hand(Desk):
    """Who plays an episode: its accounts, and how its success is judged. ``sly``: below 1 where it hides."""

    def __init__(self, world: World, stock: Stock, accounts: list[Account], scheme: str, evasive: bool) -> None:
        super().__init__(world, stock, accounts)
        self.scheme, self.evasive, self.done = scheme, evasive, False
        self.sly = world.rng.uniform(0.35, 0.7) if evasive else 1.0
        self.beat = 1 / (world.rate * stock.share)
        self.shown = self.eaten = self.hits = 0

    def pick(self) -> Account:
        return self.world.rng.choice(self.accounts)

    def settle(self, lures: list[Order]) -> None:
        """Cancel the lures and count what others took of them."""
        for order in lures:
            self.shown += order.size
            self.pull(order)
            self.eaten += order.filled

    def bait(self) -> tuple[Account, Account]:
        """Return the account of the genuine side and the one of the lures, often the same."""
        return self.accounts[0], self.accounts[-1]

    def genuine(self, account: Account, side: int) -> Order:
        rng, unit = self.world.rng, self.stock.unit
        return self.rest(account, side, rng.choice((0, -1, -1, -2)), unit * self.world.log(0.5, 5) * self.sly)

    def until_hit(self, order: Order, beats: float) -> Script:
        """Wait until an order has traded, or for so long."""
        for _ in range(20):
            yield beats * self.beat / 20
            if order.filled and (not order.left or self.world.rng.random() < 0.3):
                break

    def fooled(self) -> bool:
        return self.hits > 0 and self.eaten < 0.3 * self.shown


def spoofing(hand: Hand) -> Script:
    """A single large order that is not meant: beside a resting order, before a sweep, flipped, or trailing."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("classic", "classic", "sweep", "flip", "trail")), rng.choice((1, -1))
    times, bulk = rng.choice((1, 2, 3, 3, 5, 8)), stock.unit * world.log(6, 40) * hand.sly
    swaps, away, grows = rng.random() < 0.3, rng.choice((0, 1, 1, 2, 3)) * max(1, stock.spread / 3), rng.random() < 0.3
    true, false = hand.bait()
    for i in range(times):
        size = bulk * rng.uniform(0.7, 1.3) * (0.4 + 0.6 * (i + 1) / times if grows else 1)
        if tactic == "classic":
            real = hand.genuine(true, side)
            yield hand.beat * world.log(0.1, 8)
            lure = hand.rest(false, -side, away, size)
            yield from hand.until_hit(real, world.log(25, 250))
            yield world.log(0.001, 0.8)
            hand.settle([lure])
            yield world.log(0.01, 3) * hand.beat
            hand.pull(real)
            hand.hits += bool(real.filled)
        elif tactic == "trail":
            real, parts = hand.genuine(true, side), []
            lure = hand.rest(false, -side, max(1, away), size)
            for _ in range(rng.randint(3, 12)):
                yield hand.beat * world.log(6, 30)
                if (
                    abs(lure.price - stock.touch(-side)) > 2 * away + 1
                    or lure.filled
                    or lure.price == stock.touch(-side)
                ):
                    parts.append(lure)
                    hand.pull(lure)
                    lure = hand.rest(false, -side, max(1, away), size)
                if real.filled:
                    break
            hand.settle([*parts, lure])
            hand.pull(real)
            hand.hits += bool(real.filled)
        else:
            lure = hand.rest(false, -side, away, size)
            begun = stock.mid()
            for _ in range(12):
                yield hand.beat * world.log(2, 12)
                if (stock.mid() - begun) * side < 0:
                    break
            pause = world.log(0.0005, 0.3)
            if tactic == "flip":
                hand.settle([lure])
                yield pause
                hand.hits += bool(hand.take(true, side, stock.unit * world.log(2, 10) * hand.sly, 0.4))
            else:
                hand.hits += bool(hand.take(true, side, stock.unit * world.log(1, 6) * hand.sly, 0.2))
                yield pause
                hand.settle([lure])
        if swaps:
            side = -side
        yield hand.beat * world.log(8, 150) / hand.sly if i < times - 1 else 0.0
    hand.done = hand.fooled()


def layering(hand: Hand) -> Script:
    """Several levels on one side: all at once, built one by one, rolled with the price, or split over accounts."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, side = rng.choice(("stairs", "stairs", "built", "rolled", "split")), rng.choice((1, -1))
    times, levels = rng.choice((1, 1, 2, 3, 4, 6)), rng.randint(3, 9)
    size, gap = stock.unit * world.log(1.2, 9) * hand.sly, rng.choice((1, 1, 2)) * max(1, round(stock.spread / 4))
    first, rising, slow_pull = rng.choice((0, 1, 1, 2)), rng.uniform(-0.1, 0.4), rng.random() < 0.35
    true, false = hand.bait()
    crew = hand.accounts if tactic == "split" else [false]
    for i in range(times):
        lures: list[Order] = []
        early = rng.random() < 0.6
        real = hand.genuine(true, side) if early else None
        for j in range(levels):
            account = crew[j % len(crew)]
            lures.append(hand.rest(account, -side, (first + j) * gap, size * max(0.3, 1 + rising * j)))
            if tactic != "stairs":
                yield hand.beat * world.log(0.5, 9) if tactic != "rolled" else world.log(0.002, 0.2)
        real = real or hand.genuine(true, side)
        if tactic == "rolled":
            for _ in range(rng.randint(3, 14)):
                yield hand.beat * world.log(4, 20)
                top = stock.touch(-side)
                for j, lure in enumerate(lures):
                    if lure.left and (top - lure.price) * -side < gap / 2:
                        hand.settle([lure])
                        lures[j] = hand.rest(lure.account, -side, levels * gap, size)
                if real.filled:
                    break
        else:
            yield from hand.until_hit(real, world.log(25, 220))
        if not real.filled and rng.random() < 0.6:
            hand.hits += bool(hand.take(true, side, stock.unit * world.log(0.7, 4), 0.2))
        if slow_pull:
            for lure in lures[:-1]:
                hand.settle([lure])
                yield world.log(0.02, 1.5)
            lures = lures[-1:]
        hand.settle(lures)
        yield world.log(0.001, 2)
        hand.pull(real)
        hand.hits += bool(real.filled)
        yield hand.beat * world.log(10, 200) / hand.sly if i < times - 1 else 0.0
    hand.done = hand.fooled()


def stuffing(hand: Hand) -> Script:
    """Floods: enter and cancel in pairs, walls of orders then a mass cancel, one order moved to and fro, in relay."""
    rng, world, stock = hand.world.rng, hand.world, hand.stock
    tactic, bursts = rng.choice(("pairs", "wall", "shuffle", "relay")), rng.choice((1, 1, 2, 3, 5))
    total = world.log(0.003, 0.02) * world.events * (hand.sly if hand.evasive else 1) / 2
    per, gap = max(40, round(total / bursts)), world.log(0.0003, 0.02) / hand.sly
    size, sides, sent = stock.unit * world.log(0.1, 2), rng.choice(((1,), (-1,), (1, -1))), 0
    depth = rng.choice((1, 3, 10)) * max(1, stock.spread / 2)
    for i in range(bursts):
        orders: list[Order] = []
        account, n = hand.accounts[0], 0
        while n < per:
            away = rng.uniform(0, 2 * depth) + (rng.random() < 0.8)
            if tactic == "relay":
                account = hand.accounts[n % len(hand.accounts)]
            if tactic == "wall":
                for _ in range(rng.randint(10, 60)):
                    orders.append(hand.rest(account, rng.choice(sides), 1 + rng.uniform(0, 2 * depth), size))
                    n += 1
                    yield gap * rng.uniform(0.1, 1)
                yield world.log(0.01, 0.5)
            else:
                orders.append(hand.rest(account, rng.choice(sides), away, size))
                n += 1
                yield gap * rng.expovariate(1)
                if tactic == "shuffle":
                    for _ in range(rng.randint(3, 20)):
                        order = orders[-1]
                        if not order.left:
                            break
                        price = max(1, stock.touch(order.side) - order.side * rng.randint(0, round(2 * depth)))
                        hand.note(account)
                        orders[-1] = stock.book.replace(order, price, order.left, world.keep_id)
                        n += 1
                        yield gap * rng.expovariate(1)
            hand.settle(orders)
            sent += len(orders)
            orders = []
        hand.hits += n
        if rng.random() < 0.4:
            hand.take(hand.pick(), rng.choice((1, -1)), stock.unit * world.log(0.5, 5), 0.5)
        yield world.length * world.log(0.0005, 0.02) if i < bursts - 1 else 0.0
    hand.done = hand.hits >= 0.9 * per * bursts and hand.eaten < 0.15 * hand.shown
    hand.orders.clear()
