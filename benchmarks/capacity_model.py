"""How many nodes a demand takes, and what they cost: arithmetic on figures measured on one core."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from pydantic import Field

from tradewind.core import Settings
from tradewind.core.arrays import FloatArray

INPUTS = Path(__file__).parent / "results" / "capacity.toml"
HOURS = 730.0
"""Hours of a month."""


class Demand(Settings):
    """What callers ask for: ``peak`` requests a second, of kinds by ``mix`` (shares that add up to 1)."""

    peak: float = Field(gt=0)
    mix: dict[str, float]
    answer_bytes: float = Field(gt=0)
    trough: float = Field(gt=0, le=1)
    burst: float = Field(ge=1)
    burst_seconds: float = Field(ge=0)
    burst_every: float = Field(gt=0)


class Fleet(Settings):
    """How nodes are laid out, how busy they may be, and how faults are noticed (seconds); ``symbols`` asked for by
    a Zipf law, which says how fast a lost cache fills again."""

    zones: int = Field(ge=1)
    cores: int = Field(ge=1)
    most_busy: float = Field(gt=0, lt=1)
    most_busy_zone_lost: float = Field(gt=0, lt=1)
    spare_nodes: int = Field(ge=0)
    most_wait: float = Field(gt=0)
    detect: float = Field(ge=0)
    retry: float = Field(ge=0)
    symbols: int = Field(ge=1)
    zipf: float = Field(ge=0)


class Work(Settings):
    """A kind of request: ``per_core`` a second on one core."""

    name: str
    per_core: float = Field(gt=0)
    measured: bool
    source: str


class StoreLoad(Settings):
    """A store beside the nodes: operations a request and ``fixed`` a second, and what one unit takes."""

    name: str
    per_request: float = Field(ge=0)
    fixed: float = Field(default=0.0, ge=0)
    per_unit: float = Field(gt=0)
    spare: int = Field(ge=0)
    unit: str
    measured: bool
    source: str


class Audit(Settings):
    """Bytes of a kept audit line, and how long it is kept."""

    line_bytes: float
    keep_days: float


class Prices(Settings):
    """US dollars."""

    node_hour: float
    redis_hour: float
    broker_hour: float
    database_hour: float
    balancer_hour: float
    storage_gb_month: float
    egress_gb: float
    reserved: float = Field(gt=0, le=1)

    def hour(self, unit: str) -> float:
        """Return the price of an hour of ``unit``."""
        return {"redis": self.redis_hour, "broker": self.broker_hour, "database": self.database_hour}[unit]


class Inputs(Settings):
    """Everything the model rests on."""

    demand: Demand
    fleet: Fleet
    work: tuple[Work, ...]
    store: tuple[StoreLoad, ...]
    audit: Audit
    prices: Prices

    def seconds(self) -> dict[str, float]:
        """Return the core seconds of one request by kind."""
        return {work.name: 1.0 / work.per_core for work in self.work}

    def mean_seconds(self) -> float:
        """Return the core seconds of a request of the mix."""
        return sum(share * self.seconds()[kind] for kind, share in self.demand.mix.items())


@dataclass(frozen=True, kw_only=True)
class Plan:
    """Nodes in all, the same in every zone, and how busy they are at the peak."""

    nodes: int
    busy: float
    busy_zone_lost: float
    cores_of_work: float


@dataclass(frozen=True, kw_only=True)
class Cost:
    """US dollars a month by part, of a fleet that is always up, and of one that follows the day."""

    parts: dict[str, float]
    scaled: float
    requests: float

    @property
    def total(self) -> float:
        """Return the sum."""
        return sum(self.parts.values())

    @property
    def per_million(self) -> float:
        """Return the cost of a million requests."""
        return self.total / self.requests * 1e6


def plan_fleet(inputs: Inputs) -> Plan:
    """Return the least fleet that keeps both marks: of how busy it is with all up, and with a zone and spares lost."""
    fleet = inputs.fleet
    work = inputs.demand.peak * inputs.mean_seconds()
    for per_zone in range(1, 100_000):
        nodes = per_zone * fleet.zones
        left = nodes - per_zone * (fleet.zones > 1) - fleet.spare_nodes
        if left < 1:
            continue
        busy, lost = work / (nodes * fleet.cores), work / (left * fleet.cores)
        if busy <= fleet.most_busy and lost <= fleet.most_busy_zone_lost:
            return Plan(nodes=nodes, busy=busy, busy_zone_lost=lost, cores_of_work=work)
    raise ValueError("no fleet of fewer than 100,000 nodes a zone would do")


def units_of(inputs: Inputs, store: StoreLoad) -> int:
    """Return how many units of a store the peak takes, spare ones included."""
    return math.ceil((store.fixed + store.per_request * inputs.demand.peak) / store.per_unit) + store.spare


def day_curve(inputs: Inputs, hours: int = 24) -> FloatArray:
    """Return the (hours,) rates of a day: a cosine between trough and peak."""
    low, high = inputs.demand.trough * inputs.demand.peak, inputs.demand.peak
    angle = 2.0 * np.pi * (np.arange(hours) + 0.5) / hours
    curve: FloatArray = low + (high - low) * (1.0 - np.cos(angle)) / 2.0
    return curve


def cost_of(inputs: Inputs, plan: Plan) -> Cost:
    """Return what a month costs."""
    prices, demand = inputs.prices, inputs.demand
    curve = day_curve(inputs)
    requests = float(curve.mean()) * HOURS * 3600.0
    lines_gb = requests * inputs.audit.line_bytes / 1e9 * inputs.audit.keep_days / (HOURS / 24.0)
    parts = {
        "nodes": plan.nodes * prices.node_hour * prices.reserved * HOURS,
        **{
            store.name: units_of(inputs, store) * prices.hour(store.unit) * prices.reserved * HOURS
            for store in inputs.store
        },
        "load balancers": prices.balancer_hour * HOURS,
        f"audit lines of {inputs.audit.keep_days:g} days": lines_gb * prices.storage_gb_month,
        "answers sent": requests * demand.answer_bytes / 1e9 * prices.egress_gb,
    }
    floor = inputs.fleet.zones
    needed = np.maximum(floor, np.ceil(plan.nodes * curve / demand.peak))
    scaled = float(needed.mean()) * prices.node_hour * HOURS  # by the hour: what comes and goes is not reserved
    return Cost(parts=parts, scaled=scaled, requests=requests)
