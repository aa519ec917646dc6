"""A discrete-event simulation of a fleet: open-loop arrivals, queues before cores, nodes and zones that are lost.

A node is a first-come, first-served queue before ``cores`` equal servers; the recursion over arrivals is that of Kiefer
and Wolfowitz, "On the theory of queues with many servers", Trans. AMS 78, 1955. The balancer draws two nodes that it
believes in and takes the one with the earlier free core (Mitzenmacher, "The power of two choices", IEEE TPDS 12, 2001).
Tests compare it with the exact M/M/c (Erlang) and M/D/c (Crommelin 1932) queues.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numba
import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray

ANSWERED, REFUSED, LOST = 0, 1, 2


@dataclass(frozen=True, kw_only=True)
class Outage:
    """Nodes that are gone from ``start`` to ``end`` (seconds); what they were doing is lost."""

    nodes: tuple[int, ...]
    start: float
    end: float


@dataclass(frozen=True, kw_only=True)
class World:
    """The fleet and what happens to it; times in seconds.

    ``most_wait`` : longer waits are refused at once. ``detect`` : how long the balancer sends to nodes that are gone.
    ``retry`` : seconds after which a request to a node that is gone is sent to another, once; 0: never. ``choices`` :
    nodes the balancer looks at.
    """

    nodes: int
    cores: int
    most_wait: float = np.inf
    detect: float = 0.0
    retry: float = 0.0
    choices: int = 2
    outages: tuple[Outage, ...] = field(default_factory=tuple)


@dataclass(frozen=True, kw_only=True)
class Run:
    """What became of n requests: ``fate`` (n,); ``waited``, ``latency`` (n,) seconds, NaN where not answered."""

    due: FloatArray
    fate: IntArray
    waited: FloatArray
    latency: FloatArray

    def share(self, fate: int) -> float:
        """Return the share of requests with this fate."""
        return float(np.mean(self.fate == fate)) if len(self.fate) else 0.0

    def count(self, fate: int) -> int:
        """Return how many had this fate."""
        return int(np.sum(self.fate == fate))

    def quantile(self, q: float, within: BoolArray | None = None) -> float:
        """Return a quantile of the answered requests' latency, of those ``within`` alone where given."""
        kept = self.fate == ANSWERED if within is None else (self.fate == ANSWERED) & within
        return float(np.quantile(self.latency[kept], q)) if kept.any() else float("nan")


def arrivals(rate: FloatArray, step: float, rng: np.random.Generator) -> FloatArray:
    """Return ascending arrival times of a Poisson process with ``rate`` (m,) a second in steps of ``step`` seconds."""
    counts = rng.poisson(rate * step)
    where = np.repeat(np.arange(len(rate), dtype=np.float64), counts)
    times: FloatArray = np.sort((where + rng.random(len(where))) * step)
    return times


def bursts(
    seconds: float, step: float, rng: np.random.Generator, *, times: float, lasting: float, every: float
) -> FloatArray:
    """Return (m,) factors of the rate: ``times`` within bursts of ``lasting`` seconds that begin at random, ``every``
    seconds on average, else 1."""
    at = np.arange(0.0, seconds, step)
    starts = rng.uniform(0.0, seconds, rng.poisson(seconds / every))
    inside = np.zeros(len(at), dtype=bool)
    for start in starts:
        inside |= (at >= start) & (at < start + lasting)
    return np.where(inside, times, 1.0)


def simulate(due: FloatArray, service: FloatArray, world: World, seed: int) -> Run:
    """Send requests ``due`` (n,) ascending, with ``service`` (n,) core seconds each, through the fleet."""
    count = len(world.outages)
    gone = np.zeros((world.nodes, count, 2))
    for n, outage in enumerate(world.outages):
        gone[list(outage.nodes), n] = outage.start, outage.end
    picks = np.random.default_rng(seed).random((len(due), world.choices))
    fate, waited = _run(due, service, gone, picks, (world.cores, world.most_wait, world.detect, world.retry))
    answered = fate == ANSWERED
    return Run(
        due=due,
        fate=fate,
        waited=np.where(answered, waited, np.nan),
        latency=np.where(answered, waited + service, np.nan),
    )


@numba.njit(cache=True)
def _believed(now, gone, detect, into):  # type: ignore[no-untyped-def] # compiled
    """Fill ``into`` with the nodes the balancer believes in and return how many they are."""
    known = 0
    for node in range(gone.shape[0]):
        trusted = True
        for k in range(gone.shape[1]):
            if gone[node, k, 0] + detect <= now < gone[node, k, 1]:
                trusted = False
        if trusted:
            into[known] = node
            known += 1
    return known


@numba.njit(cache=True)
def _choose(now, free, pick, believed, known):  # type: ignore[no-untyped-def] # compiled
    """Return the node among those picked with the earliest free core, and that core."""
    best, core, earliest = -1, 0, np.inf
    for share in pick:
        node = believed[int(share * known)]
        first = int(np.argmin(free[node]))
        at = max(free[node, first], now)
        if at < earliest:
            best, core, earliest = node, first, at
    return best, core


@numba.njit(cache=True)
def _outage(now, until, spans):  # type: ignore[no-untyped-def] # compiled
    """Return whether a node is gone at ``now``, or goes before ``until``."""
    gone_now = goes = False
    for k in range(spans.shape[0]):
        gone_now |= spans[k, 0] <= now < spans[k, 1]
        goes |= now < spans[k, 0] < until
    return gone_now, goes


@numba.njit(cache=True)
def _come_back(now, before, free, gone):  # type: ignore[no-untyped-def] # compiled
    """Empty the queues of nodes that came back between ``before`` and ``now``."""
    for node in range(gone.shape[0]):
        for k in range(gone.shape[1]):
            if before < gone[node, k, 1] <= now:
                free[node, :] = gone[node, k, 1]


@numba.njit(cache=True)
def _run(due, service, gone, picks, limits):  # type: ignore[no-untyped-def] # compiled
    cores, most_wait, detect, retry = limits
    count = len(due)
    free = np.zeros((gone.shape[0], int(cores)))
    fate, waited = np.zeros(count, dtype=np.int64), np.zeros(count)
    believed = np.arange(gone.shape[0])
    known = len(believed)
    later, when = np.empty(count, dtype=np.int64), np.empty(count)  # retries, in order: their delay is constant
    head = tail = i = 0
    before = 0.0
    while i < count or head < tail:
        again = head < tail and (i >= count or when[head] <= due[i])
        request, now = (later[head], when[head]) if again else (i, due[i])
        head, i = (head + 1, i) if again else (head, i + 1)
        if gone.shape[1]:
            known = _believed(now, gone, detect, believed)
            _come_back(now, before, free, gone)
        before = now
        fate[request] = LOST
        if known == 0:
            continue
        node, core = _choose(now, free, picks[(request + 7919 * again) % count], believed, known)
        start = max(free[node, core], now)
        gone_now, goes = _outage(now, start + service[request], gone[node])
        if gone_now:
            if retry > 0.0 and not again:
                later[tail], when[tail] = request, now + retry
                tail += 1
            continue
        if start - due[request] > most_wait + retry * again:
            fate[request] = REFUSED
            continue
        free[node, core] = start + service[request]
        waited[request] = start - due[request]
        fate[request] = LOST if goes else ANSWERED  # one in a node's hands goes with the node
    return fate, waited


def erlang_c(rate: float, service: float, cores: int) -> tuple[float, float]:
    """Return the chance to wait and the mean wait of M/M/c (A. K. Erlang, 1917)."""
    load = rate * service
    blocked = 1.0
    for n in range(1, cores + 1):
        blocked = load * blocked / (n + load * blocked)
    busy = load / cores
    chance = blocked / (1.0 - busy * (1.0 - blocked))
    return chance, chance * service / (cores - load)


def crommelin(rate: float, service: float, cores: int, most: int = 4000) -> tuple[float, float]:
    """Return the chance to wait and the mean wait of M/D/c.

    C. D. Crommelin, "Delay probability formulae when the holding times are constant", 1932: within one service time all
    who are served now leave and a Poisson number comes; the chain of numbers so observed is at rest with the queue's.
    """
    from scipy.stats import poisson

    come = poisson.pmf(np.arange(most), rate * service)
    come = come[: int(np.max(np.nonzero(come > 1e-18))) + 1]
    state = np.zeros(most)
    state[0] = 1.0
    for _ in range(200_000):
        left = np.zeros(most)
        left[0] = state[: cores + 1].sum()
        left[1 : most - cores] = state[cores + 1 :]
        fresh = np.convolve(left, come)[:most]
        change = np.abs(fresh - state).sum()
        state = fresh
        if change < 1e-12:
            break
    waiting = float((np.maximum(np.arange(most) - cores, 0) * state).sum())
    return float(1.0 - state[:cores].sum()), waiting / rate
