"""A deed: who does it, what belongs to it, whether it came off; and where deeds find room in the market."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence

from tradewind.surveillance.elsewhere.retail.engine import BUY, SECOND, SELL, Actor, Book, Order, World
from tradewind.surveillance.elsewhere.retail.flow import act

SCHEMES = (
    "pump_and_dump",
    "spoofing",
    "layering",
    "quote_stuffing",
    "wash_trading",
    "marking_the_close",
    "momentum_ignition",
    "front_running",
    "coordinated_accounts",
)
# seconds (low, high, log-uniform) and ordinary trade intervals (low, high): the longer of the two is wished for
WISHES = {
    "pump_and_dump": (900, 14000, 250, 800),
    "spoofing": (8, 600, 25, 120),
    "layering": (8, 600, 25, 120),
    "quote_stuffing": (3, 400, 1, 10),
    "wash_trading": (30, 6000, 20, 200),
    "marking_the_close": (4, 900, 2, 30),
    "momentum_ignition": (10, 500, 25, 90),
    "front_running": (120, 4000, 80, 260),
    "coordinated_accounts": (600, 14000, 100, 500),
}


class Deed:
    """Keeps the accounts, the moments and the stock of one manipulation."""

    lasting = False

    def __init__(self, world: World, book: Book, scheme: str, evasive: bool, length: int, deadline: int) -> None:
        self.world, self.book, self.scheme, self.evasive = world, book, scheme, evasive
        self.rng = world.rng
        self.length, self.deadline = length, deadline
        self.team: list[int] = []
        self.acted: set[int] = set()
        self.first = self.last = 0
        self.done = False
        self.pos: Counter[int] = Counter()
        self.cash = 0
        self.inner = 0  # trades within the hand
        self.hits: Counter[int] = Counter()  # size filled by side

    def cast(self, count: int, fresh: float = 0.3) -> list[int]:
        """Choose the culprits: clients who also trade honestly, or accounts opened for this."""
        pool = self.world.setting.people
        while len(self.team) < count:
            new = self.rng.random() < fresh
            acc = self.world.setting.account(self.rng) if new else self.rng.choice(pool).acc
            if acc not in self.team:
                self.team.append(acc)
        return self.team

    def mark(self, acc: int) -> None:
        """Note that an account did something that belongs to the deed."""
        self.acted.add(acc)
        self.last = self.world.last_ts
        self.first = self.first or self.world.last_ts

    def filled(self, order: Order, size: int, other: int) -> None:
        self._count(order.acc, order.side, size, size * order.px)
        self.inner += other in self.team
        self.mark(order.acc)

    def _count(self, acc: int, side: int, size: int, paid: int) -> None:
        self.pos[acc] += side * size
        self.hits[side] += size
        self.cash -= side * paid

    def order(self, acc: int, side: int, px: int, size: float, rest: bool = True, own: bool = False) -> Order:
        """Enter an order of the deed."""
        order = self.world.submit(self.book, acc, side, px, round(size), rest=rest, tag=self, own=own)
        self._count(acc, side, order.filled, order.paid)
        self.mark(acc)
        return order

    def post(self, acc: int, side: int, away: int, size: float) -> Order:
        """Rest an order `away` ticks behind the touch (negative: inside), never crossing."""
        px = self.book.touch(side) - side * away
        against = self.book.touch(-side)
        if (px - against) * side >= 0:
            px = against - side
        return self.order(acc, side, px, size)

    def take(self, acc: int, side: int, size: float, reach: float = 2.0) -> int:
        """Cross the spread, sweeping at most `reach` half-spreads."""
        px = self.book.touch(-side) + side * round(reach * self.book.half())
        return self.order(acc, side, px, size, rest=False).filled

    def cancel(self, order: Order) -> None:
        if self.world.cancel(order):
            self.mark(order.acc)

    def withdraw(self) -> None:
        """Take out whatever of the deed still rests."""
        for _, order in list(self.world.orders.values()):
            if order.tag is self:
                self.cancel(order)

    def modify(self, order: Order, px: int, size: int) -> None:
        if self.world.modify(order, px, size):
            self.mark(order.acc)

    def wait(self, beats: float, seconds: float = 0.0) -> int:
        """A wait of about so many trade intervals, at least so many seconds, drawn anew each time."""
        return int(max(beats * self.book.beat(), seconds * SECOND) * self.rng.uniform(0.5, 1.5)) + 1000

    def late(self) -> bool:
        """Whether the room given is used up."""
        return self.world.now >= self.deadline

    def disguise(self) -> None:
        """Who hides also trades like anyone else in between."""
        if self.evasive and self.rng.random() < 0.4:
            members = [p for p in self.world.setting.people if p.acc in self.team]
            if members:
                act(self.world, self.book, self.rng.choice(members))

    def unwind(self, acc: int, pieces: int, beats: float, reach: float = 0.5) -> Actor:
        """Bring an account's stock back to nothing, partly by resting, partly by hitting."""
        goal = abs(self.pos[acc])
        size = max(self.book.spec.lot, math.ceil(goal / max(1, pieces)))
        for _ in range(pieces * 4):
            held = self.pos[acc]
            if not held:
                return
            side = SELL if held > 0 else BUY
            qty = min(abs(held), size)
            if self.rng.random() < 0.4:
                order = self.post(acc, side, 0, qty)
                yield self.wait(beats)
                self.cancel(order)
            else:
                self.take(acc, side, qty, reach)
                yield self.wait(beats)

    def typical(self, low: float, high: float) -> float:
        """A size in multiples of the ordinary trade."""
        return self.book.spec.typical * self.rng.uniform(low, high)


def plan(
    world: World, seed: int, episodes: int, evasive: float, played: Sequence[str]
) -> list[tuple[Deed, int, Actor]]:
    """Go round the schemes over seeds and give each deed a place with room around it."""
    from tradewind.surveillance.elsewhere.retail.handplay import HANDPLAY
    from tradewind.surveillance.elsewhere.retail.orderplay import ORDERPLAY
    from tradewind.surveillance.elsewhere.retail.priceplay import PRICEPLAY

    rng, plays = world.rng, HANDPLAY | ORDERPLAY | PRICEPLAY
    lanes: dict[tuple[int, int], list[tuple[str, float, bool]]] = {
        (s, b): [] for s in range(len(world.setting.sessions)) for b in range(len(world.books))
    }
    room = {lane: (world.setting.sessions[lane[0]][1] - world.setting.sessions[lane[0]][0]) / SECOND for lane in lanes}
    marked: set[tuple[int, int]] = set()
    for i in range(episodes):
        scheme = played[(seed * episodes + i) % len(played)]
        hide = rng.random() < evasive
        free = [lane for lane in lanes if lane not in marked]
        if scheme == "marking_the_close" and not free:  # a close can be marked but once
            if "coordinated_accounts" not in played:
                continue
            scheme = "coordinated_accounts"
        low, high, least, most = WISHES[scheme]
        choice = free if scheme == "marking_the_close" else list(lanes)
        lane = max(choice, key=lambda key: room[key] * rng.uniform(0.6, 1.0))
        beat = 1 / (0.14 * world.books[lane[1]].spec.pace)
        wish = max(math.exp(rng.uniform(math.log(low), math.log(high))), rng.uniform(least, most) * beat)
        wish *= 1.4 if hide else 1.0
        if scheme == "marking_the_close":
            marked.add(lane)
            wish = min(wish, 1500.0)
        room[lane] -= wish + 300
        lanes[lane].append((scheme, wish, hide))
    found: list[tuple[Deed, int, Actor]] = []
    for (session, index), wishes in lanes.items():
        start, end = world.setting.sessions[session]
        book = world.books[index]
        rng.shuffle(wishes)
        wishes.sort(key=lambda w: w[0] == "marking_the_close")  # the close comes last
        total = sum(w[1] for w in wishes)
        usable = (end - start) / SECOND - 420
        scale = min(1.0, 0.72 * usable / total) if total else 1.0
        slack = usable - total * scale
        gaps = [rng.uniform(0.5, 1.5) for _ in range(len(wishes) + 1)]
        at = start + 300.0 * SECOND
        for (scheme, wish, hide), gap in zip(wishes, gaps, strict=False):
            length = int(wish * scale * SECOND)
            at += slack * gap / sum(gaps) * SECOND
            begin = int(at)
            if scheme == "marking_the_close":
                begin = end - length
            at += length
            deed = Deed(world, book, scheme, hide, length, min(begin + length, end - 2 * SECOND))
            if scheme == "marking_the_close":
                deed.deadline = end
            tactic = rng.choice(plays[scheme])
            found.append((deed, begin, tactic(deed)))
    return found
