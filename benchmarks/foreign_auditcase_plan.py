"""The auditor's plan: which deed is played where and when, and which honest business beside it."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from foreign_auditcase_alike_quotes import (
    both_sides,
    flicker,
    hedger,
    ladder,
    patient_whale,
    refreshed,
    slip_of_the_hand,
)
from foreign_auditcase_alike_trades import (
    adviser,
    block_sweep,
    broker_cross,
    day_trader,
    follower,
    fund_at_close,
    news_herd,
    parent_order,
    run_up,
    stops,
)
from foreign_auditcase_deeds_moves import front_running, momentum_ignition, pump_and_dump
from foreign_auditcase_deeds_quotes import layering, quote_stuffing, spoofing
from foreign_auditcase_deeds_trades import coordinated_accounts, marking_the_close, wash_trading
from foreign_auditcase_hand import Hand
from foreign_auditcase_stage import Script
from foreign_auditcase_world import SECOND, Setting, log_uniform
from tradewind.surveillance.schemes import Scheme

Play = Callable[[Hand], Script]
APART = 95
"""Seconds between two deeds in one stock, at least."""

ROWS_TO_REACT = 160
"""Rows of a stock within which others have the time to answer a deed."""


@dataclass(frozen=True)
class Kind:
    """A kind of business: how it is played, for how many seconds, and by how many accounts."""

    play: Play
    seconds: tuple[float, float]
    accounts: tuple[int, ...]


DEEDS: Mapping[Scheme, Kind] = {
    Scheme.PUMP_AND_DUMP: Kind(pump_and_dump, (240, 1_800), (1, 1, 2, 3, 4, 5)),
    Scheme.SPOOFING: Kind(spoofing, (30, 360), (1, 1, 1, 2)),
    Scheme.LAYERING: Kind(layering, (45, 400), (1, 1, 2, 3, 4)),
    Scheme.QUOTE_STUFFING: Kind(quote_stuffing, (8, 150), (1, 1, 1, 2)),
    Scheme.WASH_TRADING: Kind(wash_trading, (40, 1_200), (1, 2, 2, 3, 4, 5, 6)),
    Scheme.MARKING_THE_CLOSE: Kind(marking_the_close, (20, 900), (1, 1, 2, 3)),
    Scheme.MOMENTUM_IGNITION: Kind(momentum_ignition, (25, 300), (1, 1, 2, 3)),
    Scheme.FRONT_RUNNING: Kind(front_running, (60, 1_200), (1, 1, 1, 2, 3)),
    Scheme.COORDINATED_ACCOUNTS: Kind(coordinated_accounts, (90, 1_500), (3, 3, 4, 5, 6, 8)),
}
HONEST = (
    Kind(hedger, (40, 400), (1,)),
    Kind(ladder, (30, 400), (1,)),
    Kind(both_sides, (30, 400), (1,)),
    Kind(flicker, (20, 200), (1,)),
    Kind(slip_of_the_hand, (30, 200), (1,)),
    Kind(refreshed, (60, 900), (1,)),
    Kind(patient_whale, (200, 1_500), (1,)),
    Kind(adviser, (100, 1_500), (3, 4, 5, 6)),
    Kind(parent_order, (60, 1_500), (1,)),
    Kind(broker_cross, (120, 1_500), (1, 2, 3)),
    Kind(news_herd, (120, 900), (3, 5, 8)),
    Kind(run_up, (240, 1_800), (2, 4, 6)),
    Kind(follower, (60, 400), (1,)),
    Kind(block_sweep, (10, 60), (1,)),
    Kind(stops, (10, 120), (4, 8, 12)),
    Kind(day_trader, (60, 900), (1,)),
)
AT_CLOSE = Kind(fund_at_close, (20, 900), (1, 2, 3))


@dataclass
class Part:
    """One piece of business in the plan; ``stock`` is the place of the stock, ``start`` and ``end`` are times."""

    kind: Kind
    seconds: float
    stock: int = 0
    start: int = 0
    end: int = 0
    scheme: str = ""
    evasive: bool = False


@dataclass
class Cell:
    """One stock on one day: what is planned there, the deed at its close apart."""

    stock: int
    session: tuple[int, int]
    parts: list[Part] = field(default_factory=list)
    last: Part | None = None

    @property
    def room(self) -> float:
        """Seconds that deeds may fill, less what lies between them."""
        seconds = (self.session[1] - self.session[0]) / SECOND - 130
        seconds -= APART * (len(self.parts) + 1)
        return seconds - (self.last.seconds + APART if self.last else 0)

    @property
    def free(self) -> float:
        """Seconds that nothing is planned for."""
        return self.room - sum(part.seconds for part in self.parts)


def plan_deeds(setting: Setting, episodes: int, evasive: float) -> list[Part]:
    """Plan the deeds: all schemes in turn, spread over stocks and sessions, none near another in one stock."""
    rng = random.Random(f"auditcase/{setting.seed}/deeds")
    schemes = list(Scheme)
    rng.shuffle(schemes)
    cells = [Cell(place, session) for session in setting.sessions for place in range(len(setting.stocks))]
    rng.shuffle(cells)
    parts = []
    for turn in range(episodes):
        scheme = schemes[turn % len(schemes)]
        kind, sly = DEEDS[scheme], rng.random() < evasive
        seconds = min(kind.seconds[1], log_uniform(rng, kind.seconds) * (rng.uniform(1.2, 2.5) if sly else 1))
        parts.append(Part(kind, seconds, scheme=scheme.value, evasive=sly))
    for part in parts:
        if part.scheme == Scheme.MARKING_THE_CLOSE:
            _at_close(part, cells)
    for part in rng.sample(parts, len(parts)):
        if part.scheme != Scheme.MARKING_THE_CLOSE:
            weights = [max(cell.free, 1.0) ** 2 for cell in cells]
            rng.choices(cells, weights)[0].parts.append(part)
    seconds = sum(closes - opens for opens, closes in setting.sessions) / SECOND
    for cell in cells:
        pace = setting.events / seconds * setting.stocks[cell.stock].weight
        _lay_out(cell, rng, ROWS_TO_REACT / pace)
    return [part for cell in cells for part in [*cell.parts, cell.last] if part is not None]


def _at_close(part: Part, cells: list[Cell]) -> None:
    for cell in cells:
        if cell.last is None:
            cell.last = part
            part.seconds = min(part.seconds, 0.12 * (cell.session[1] - cell.session[0]) / SECOND)
            return


def _lay_out(cell: Cell, rng: random.Random, least: float) -> None:
    opens, closes = cell.session
    if cell.last is not None:
        late = log_uniform(rng, (0.01, 8 if cell.last.evasive else 4))
        cell.last.stock, cell.last.end = cell.stock, closes - int(late * SECOND)
        cell.last.start = cell.last.end - int(cell.last.seconds * SECOND)
    while cell.parts and cell.room < 15 * len(cell.parts):
        cell.parts.pop()
    for part in cell.parts:
        if part.scheme != Scheme.QUOTE_STUFFING:
            part.seconds = max(part.seconds, least)
    wanted = sum(part.seconds for part in cell.parts)
    scale = min(1.0, 0.85 * cell.room / wanted) if wanted else 1.0
    breaks = [rng.expovariate(1) for _ in range(len(cell.parts) + 1)]
    spare = (cell.room - scale * wanted) / sum(breaks)
    time = opens + 120 * SECOND
    for part, pause in zip(cell.parts, breaks, strict=False):
        time += int((pause * spare + APART) * SECOND)
        part.stock, part.start = cell.stock, time
        time += int(part.seconds * scale * SECOND)
        part.end = time


def plan_honest(setting: Setting, episodes: int) -> list[Part]:
    """Plan the honest business that may look like a deed; it knows nothing of the deeds."""
    rng = random.Random(f"auditcase/{setting.seed}/honest")
    parts = []
    count = round(max(episodes, setting.events / 4_500) * rng.uniform(1.2, 2.2))
    kinds = [kind for _ in range(math.ceil(count / len(HONEST))) for kind in rng.sample(HONEST, len(HONEST))]
    for kind in kinds[:count]:
        opens, closes = rng.choice(setting.sessions)
        seconds = min(log_uniform(rng, kind.seconds), (closes - opens) / SECOND / 4)
        start = rng.randint(opens + 60 * SECOND, closes - int((seconds + 5) * SECOND))
        parts.append(Part(kind, seconds, rng.randrange(len(setting.stocks)), start, start + int(seconds * SECOND)))
    for session in setting.sessions:
        for stock in range(len(setting.stocks)):
            for _ in range(rng.choice((0, 1, 1, 2))):
                start = session[1] - int(log_uniform(rng, AT_CLOSE.seconds) * SECOND)
                end = session[1] - int(rng.uniform(0.01, 3) * SECOND)
                parts.append(Part(AT_CLOSE, (end - start) / SECOND, stock, start, end))
    return parts
