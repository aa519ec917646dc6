"""Load and chaos scenarios as data: what deploy/load/*.toml and deploy/chaos/*.toml say, and the requests they plan.

A load scenario is a row of phases of open-loop arrivals with a mix of requests; a chaos scenario is faults put into a
server while a load scenario runs, and what callers may see of them. deploy/README.md lists every key.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal, Self

import numpy as np
from pydantic import Field, model_validator

from tradewind.core import Settings
from tradewind.core.arrays import FloatArray, IntArray

FOLDER = Path(__file__).parents[1] / "deploy"

Kind = Literal[
    "cached", "fresh", "batch", "compute", "explain", "history", "graphql", "stream", "unauthorised", "malformed"
]
FaultKind = Literal[
    "kill-server",
    "redis-down",
    "broker-down",
    "disk-full",
    "clock-jump",
    "corrupt-model",
    "half-written-message",
    "slow-clients",
    "overload",
]


class Phase(Settings):
    """``seconds`` of Poisson arrivals at ``rate`` a second, or rising from there to ``until`` in a straight line."""

    seconds: float = Field(gt=0)
    rate: float = Field(ge=0)
    until: float | None = Field(default=None, ge=0)


class SlowClients(Settings):
    """``count`` connections that send and read ``bytes_per_second``, beside the arrivals."""

    count: int = Field(default=0, ge=0)
    bytes_per_second: float = Field(default=50.0, gt=0)


class Expected(Settings):
    """What must hold of a run.

    ``p99_ms`` of the accepted requests; ``good`` the least share of all requests that gets a right answer; ``lost`` the
    most requests without any answer; ``wrong`` the most answers that are not what an undisturbed server gives. Refusals
    (429, 503) carry Retry-After where ``told``. ``recovered`` : seconds after the last fault by which answers are good
    again and every acknowledged prediction, bar and audit line is there once.
    """

    p99_ms: float | None = Field(default=None, gt=0)
    good: float = Field(default=1.0, ge=0, le=1)
    lost: int | None = Field(default=0, ge=0)
    wrong: Literal[0] = 0
    told: bool = True
    recovered: float | None = Field(default=None, gt=0)


class LoadScenario(Settings):
    """Arrivals over time, of requests drawn from ``mix`` (weights by kind), over ``symbols`` drawn by a Zipf law.

    ``bars_per_second`` are sent into the log meanwhile. ``batch`` is how many symbols or rows a batch holds.
    """

    name: str
    words: str
    seed: int = 0
    mix: dict[Kind, float] = Field(default={"cached": 1.0})
    symbols: int = Field(default=500, ge=1)
    zipf: float = Field(default=1.1, ge=0)
    batch: int = Field(default=50, ge=1)
    bars_per_second: float = Field(default=0.0, ge=0)
    connections: int = Field(default=64, ge=1)
    phase: tuple[Phase, ...] = Field(min_length=1)
    slow: SlowClients = SlowClients()
    expect: Expected = Expected()

    @model_validator(mode="after")
    def _weights(self) -> Self:
        if not self.mix or min(self.mix.values()) < 0 or sum(self.mix.values()) <= 0:
            raise ValueError("mix needs weights of 0 and more, one of them above 0")
        return self

    @property
    def seconds(self) -> float:
        """How long it lasts."""
        return sum(phase.seconds for phase in self.phase)

    def plan(self, *, scale: float = 1.0) -> Plan:
        """Return the requests of one run, every rate multiplied by ``scale``; equal seeds give equal plans."""
        rng = np.random.default_rng(self.seed)
        parts, start = [], 0.0
        for phase in self.phase:
            parts.append(start + _arrivals(phase, scale, rng))
            start += phase.seconds
        due = np.concatenate(parts)
        kinds = tuple(self.mix)
        weights = np.array([self.mix[kind] for kind in kinds], dtype=np.float64)
        rank = np.arange(1, self.symbols + 1, dtype=np.float64) ** -self.zipf
        return Plan(
            due=due,
            kinds=kinds,
            kind=rng.choice(len(kinds), size=len(due), p=weights / weights.sum()),
            symbol=rng.choice(self.symbols, size=len(due), p=rank / rank.sum()),
        )


class Plan:
    """Requests of a run: ``due`` (n,) seconds from the start, ascending; ``kind`` (n,) places in ``kinds``; ``symbol``
    (n,) places in the universe."""

    def __init__(self, *, due: FloatArray, kinds: tuple[Kind, ...], kind: IntArray, symbol: IntArray) -> None:
        self.due, self.kinds, self.kind, self.symbol = due, kinds, kind, symbol

    def __len__(self) -> int:
        """Return the number of requests."""
        return len(self.due)


class Fault(Settings):
    """One fault: ``at`` seconds from the start, for ``lasts`` seconds, ``times`` times with ``every`` seconds between.

    ``clock-jump`` moves the clock by ``by`` seconds. ``overload`` multiplies the rates by ``by``.
    """

    kind: FaultKind
    at: float = Field(ge=0)
    lasts: float = Field(default=0.0, ge=0)
    times: int = Field(default=1, ge=1)
    every: float = Field(default=0.0, ge=0)
    by: float = 0.0

    @model_validator(mode="after")
    def _whole(self) -> Self:
        if self.times > 1 and self.every <= self.lasts:
            raise ValueError("every must be longer than lasts, so that one fault ends before the next begins")
        if self.kind in {"clock-jump", "overload"} and self.by == 0.0:
            raise ValueError(f"{self.kind} needs by")
        return self

    @property
    def moments(self) -> tuple[float, ...]:
        """Seconds from the start at which it begins."""
        return tuple(self.at + self.every * n for n in range(self.times))

    @property
    def over(self) -> float:
        """Seconds from the start at which the last one has ended."""
        return self.moments[-1] + self.lasts


class ChaosScenario(Settings):
    """``fault`` put into a server while the load scenario ``load`` (a file's name, without ending) runs."""

    name: str
    words: str
    load: str
    scale: float = Field(default=1.0, gt=0)
    redis: bool = False
    kafka: bool = False
    fault: tuple[Fault, ...] = Field(min_length=1)
    expect: Expected = Expected()

    def load_scenario(self) -> LoadScenario:
        """Return the load that runs meanwhile.

        Raises
        ------
        UsageError : there is no such scenario.
        """
        return LoadScenario.from_toml(FOLDER / "load" / f"{self.load}.toml")


def load_scenarios() -> dict[str, LoadScenario]:
    """Return every scenario of deploy/load by name."""
    found = (LoadScenario.from_toml(path) for path in sorted((FOLDER / "load").glob("*.toml")))
    return {scenario.name: scenario for scenario in found}


def chaos_scenarios() -> dict[str, ChaosScenario]:
    """Return every scenario of deploy/chaos by name."""
    found = (ChaosScenario.from_toml(path) for path in sorted((FOLDER / "chaos").glob("*.toml")))
    return {scenario.name: scenario for scenario in found}


def _arrivals(phase: Phase, scale: float, rng: np.random.Generator) -> FloatArray:
    """Arrivals of a Poisson process whose rate is a straight line: evenly drawn times, bent by the inverse integral."""
    first = phase.rate * scale
    last = first if phase.until is None else phase.until * scale
    count = rng.poisson((first + last) / 2.0 * phase.seconds)
    share = np.sort(rng.random(count))
    if last == first:
        return share * phase.seconds
    slope = (last - first) / 2.0
    whole = first + slope
    bent: FloatArray = (-first + np.sqrt(first * first + 4.0 * slope * share * whole)) / (2.0 * slope)
    return bent * phase.seconds
