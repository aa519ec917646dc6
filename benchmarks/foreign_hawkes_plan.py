"""The plan of the deeds: which, where, when, by whom; and how each is carried through and told."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import Any

from foreign_hawkes_deeds_accounts import act_as_one, run_ahead, wash
from foreign_hawkes_deeds_orders import layer, spoof, stuff
from foreign_hawkes_deeds_price import ignite, mark_close, pump
from foreign_hawkes_hand import Hand
from foreign_hawkes_market import Market, Task
from foreign_hawkes_world import SECOND, World
from tradewind.surveillance.schemes import Scheme

APART = 130 * SECOND
"""What lies between two deeds on a symbol at least."""
HOW = {
    Scheme.SPOOFING: (spoof, (8, 70), (1, 1, 1, 2)),
    Scheme.LAYERING: (layer, (8, 80), (1, 1, 2, 3, 4)),
    Scheme.QUOTE_STUFFING: (stuff, (2, 30), (1, 1, 2, 3)),
    Scheme.WASH_TRADING: (wash, (8, 120), (1, 2, 2, 3, 4, 6)),
    Scheme.MARKING_THE_CLOSE: (mark_close, (4, 60), (1, 1, 2, 4)),
    Scheme.MOMENTUM_IGNITION: (ignite, (6, 50), (1, 1, 2, 3)),
    Scheme.PUMP_AND_DUMP: (pump, (30, 180), (1, 2, 3, 5)),
    Scheme.FRONT_RUNNING: (run_ahead, (20, 120), (1, 1, 2, 3)),
    Scheme.COORDINATED_ACCOUNTS: (act_as_one, (10, 120), (3, 3, 4, 6, 8)),
}
"""How each scheme is played, for how many trades of its symbol, and by how many accounts."""


@dataclass(frozen=True)
class Deed:
    """A deed that is planned."""

    scheme: Scheme
    s: int
    day: int
    begin: int
    until: int
    sly: bool


def make_plan(seed: int, world: World, episodes: int, evasive: float) -> tuple[Deed, ...]:
    """Lay the deeds out over symbols and sessions."""
    rng = random.Random(f"hawkes:{seed}:plan")
    schemes: list[Scheme] = []
    while len(schemes) < episodes:
        turn = list(HOW)
        rng.shuffle(turn)
        schemes += turn
    schemes = schemes[:episodes]
    schemes.sort(key=lambda scheme: scheme != Scheme.MARKING_THE_CLOSE)
    found: list[Deed] = []
    for scheme in schemes:
        deed = _place(rng, world, scheme, found, rng.random() < evasive)
        if deed is not None:
            found.append(deed)
    return tuple(found)


def _place(rng: random.Random, world: World, scheme: Scheme, found: list[Deed], sly: bool) -> Deed | None:
    low, high = HOW[scheme][1]
    wanted = max(5.0, world.pace * low * (high / low) ** rng.random() * (1.4 if sly else 1.0))
    for attempt in range(150):
        day, s = rng.randrange(len(world.sessions)), rng.randrange(len(world.listings))
        start, close = world.sessions[day]
        length = int(wanted * SECOND * min(1.0, 1.4 * 0.985**attempt))
        length = min(length, (close - start) // 3)
        if scheme == Scheme.MARKING_THE_CLOSE:
            length = max(min(length, 900 * SECOND), 60 * SECOND)
            begin = close - length - SECOND // 10
        else:
            begin = rng.randint(start + 120 * SECOND, close - 200 * SECOND - length)
        near = [deed for deed in found if (deed.day, deed.s) == (day, s)]
        if all(begin > deed.until + APART or begin + length + APART < deed.begin for deed in near):
            return Deed(scheme, s, day, begin, begin + length, sly)
    return None


class Crew:
    """Carries the plan through and tells of it."""

    def __init__(self, market: Market, seed: int, plan: tuple[Deed, ...]) -> None:
        self.market, self.plan = market, plan
        self.rng = random.Random(f"hawkes:{seed}:crew")
        self.told: list[dict[str, Any]] = []

    def open(self, day: int) -> None:
        """Put the deeds of a session on the agenda."""
        for deed in self.plan:
            if deed.day == day:
                self.market.spawn(self._play(deed), deed.begin)

    def _play(self, deed: Deed) -> Task:
        market = self.market
        accounts = self._pick(deed)
        tactic = HOW[deed.scheme][0]
        rng = random.Random(f"{deed.scheme}:{deed.begin}:{self.rng.random()}")
        hand = Hand(market, deed.s, accounts, rng, deed.until, deed.sly)
        for name in accounts:
            market.busy[deed.s, name] += 1
        for pause in tactic(hand):
            if pause >= hand.left:
                break
            yield pause
        hand.finish()
        for name in accounts:
            market.busy[deed.s, name] -= 1
        if hand.last > hand.first:
            self._tell(deed, hand)

    def _tell(self, deed: Deed, hand: Hand) -> None:
        self.told.append(
            {
                "scheme": deed.scheme.value,
                "symbol": self.market.listing(deed.s).symbol,
                "accounts": sorted(hand.used),
                "start": hand.first,
                "end": hand.last,
                "done": hand.verdict(),
                "evasive": deed.sly,
            }
        )

    def _pick(self, deed: Deed) -> tuple[str, ...]:
        rng = self.rng
        count = rng.choice(HOW[deed.scheme][2])
        if deed.sly:
            count += rng.choice((0, 1, 2))
        people = self.market.world.accounts
        free = [account for account in people if not self.market.busy[deed.s, account.name]]
        weights = [0.08 if account.role == "quiet" else account.weight**0.5 for account in free]
        picked: dict[str, None] = {}
        while len(picked) < count:
            picked[rng.choices(free, weights)[0].name] = None
        return tuple(picked)
