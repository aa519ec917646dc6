"""From settings to the arrays the kernel runs on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.venue import engine as e
from tradewind.surveillance.venue import world as wd
from tradewind.surveillance.venue.chance import generator
from tradewind.surveillance.venue.names import account_names
from tradewind.surveillance.venue.script import ScheduledNews
from tradewind.surveillance.venue.settings import TRADERS, AgentGroup, VenueSettings
from tradewind.surveillance.venue.world import Agents, World

SIZE_LAWS = {"lognormal": 0.0, "pareto": 1.0, "exponential": 2.0}
PLACE_LAWS = {"power": 0.0, "exponential": 1.0, "even": 2.0}
SLOTS = 32
"""Most resting orders of one agent."""


@dataclass(frozen=True, eq=False)
class Parts:
    """The arrays of one market, and the names and news behind them."""

    book: e.Book
    world: World
    agents: Agents
    names: tuple[str, ...]
    pool: tuple[str, ...]
    news: tuple[ScheduledNews, ...]


def schedule_news(settings: VenueSettings, rng: np.random.Generator) -> tuple[ScheduledNews, ...]:
    """Draw when news comes out, about what and how it moves the fundamental."""
    items = []
    for opens, closes in settings.sessions:
        for _ in range(int(rng.poisson(settings.news_per_session))):
            time = int(opens + (0.05 + 0.9 * rng.random()) * (closes - opens))
            symbol = settings.symbols[int(rng.integers(len(settings.symbols)))]
            tone = int(rng.choice([-1, 1]))
            size = settings.news_size * symbol.volatility * (0.3 + rng.exponential())
            items.append(ScheduledNews(time, symbol.name, tone, float(tone * size * (rng.random() < 0.85))))
    return tuple(sorted(items, key=lambda item: (item.time, item.symbol)))


def split_accounts(settings: VenueSettings) -> tuple[tuple[str, ...], int]:
    """Return all account names and how many of them, at the front, belong to traders with a purpose."""
    names = account_names(settings.accounts, settings.account_style, settings.seed)
    wanted = sum(group.count * (2 if group.kind == "house" else 1) for group in settings.groups)
    return names, min(wanted, settings.accounts // 2)


def _world(settings: VenueSettings, pool: IntArray, accounts: int, rng: np.random.Generator) -> World:
    symbols, crowd = settings.symbols, settings.crowd
    length = (settings.sessions[0][1] - settings.sessions[0][0]) / 1e9
    state = np.zeros((len(symbols), 8))
    a_session = settings.events / len(settings.sessions) / sum(s.share for s in symbols)
    for i, s in enumerate(symbols):
        state[i, wd.UNIT], state[i, wd.SIGMA], state[i, wd.BETA] = s.unit, s.volatility / np.sqrt(length), s.beta
        state[i, wd.VALUE] = np.log(s.price)
        state[i, wd.HEAT] = settings.clustering * rng.normal()
        state[i, wd.TURNOVER] = max(a_session * s.share * 0.15, 5.0) * s.typical
    weight = np.arange(1, len(pool) + 1, dtype=float) ** -crowd.skew
    ranks = np.arange(len(pool))
    ranking = np.stack([pool[np.argsort(ranks + 0.15 * len(pool) * rng.normal(size=len(pool)))] for _ in symbols])
    habit = np.ones((accounts, 3))
    habit[:, 0] = np.exp(0.6 * rng.normal(size=accounts))
    habit[:, 1] = np.clip(rng.gamma(2.0, 0.5, size=accounts), 0.05, 3.0)
    habit[:, 2] = rng.normal(size=accounts)
    rules = np.zeros(16)
    rules[wd.U_DEPTH], rules[wd.CALM] = settings.u_shape, settings.clustering
    rules[wd.SIZE_LAW], rules[wd.SIZE_SPREAD] = SIZE_LAWS[crowd.size_law], crowd.size_spread
    rules[wd.PLACE_LAW], rules[wd.PLACE_POWER] = PLACE_LAWS[crowd.place_law], crowd.place_power
    rules[wd.LIMITS], rules[wd.MARKETS], rules[wd.DEPTH] = crowd.limits, crowd.markets, crowd.depth
    rules[wd.INSIDE], rules[wd.EXCITE], rules[wd.PULL] = crowd.inside, crowd.excite, crowd.pull
    rules[wd.ROUND], rules[wd.EXPIRE] = crowd.round_sizes, float(settings.day_orders)
    rules[wd.IMPACT], rules[wd.DECAY] = settings.impact, settings.decay
    hours = np.zeros(7, np.int64)
    hours[wd.OPEN], hours[wd.CLOSE] = settings.sessions[0]
    hours[wd.NEXT_OPEN] = settings.sessions[1][0] if len(settings.sessions) > 1 else wd.NEVER
    pulse = np.zeros(7)
    pulse[wd.PACE] = pulse[wd.CURVE] = 1.0
    pulse[wd.STEP] = max(length * 1e9 / 2000, 1e6)
    pulse[wd.EVENTS_AIM] = settings.events
    return World(
        tick=np.array([s.tick for s in symbols], np.int64),
        lot=np.array([s.lot for s in symbols], np.int64),
        typical=np.array([s.typical for s in symbols], np.int64),
        state=state,
        popularity=np.cumsum(weight / weight.sum()),
        ranking=ranking.astype(np.int64),
        habit=habit,
        calendar=np.array(settings.sessions, np.int64),
        news_time=np.empty(0, np.int64),
        news=np.empty((0, 4)),
        hours=hours,
        pulse=pulse,
        rules=rules,
        chance=generator(settings.seed),
    )


def _near(rng: np.random.Generator, low: float, high: float) -> float:
    """Draw from a log-uniform range."""
    return float(np.exp(rng.uniform(np.log(low), np.log(high))))


def _own_settings(group: AgentGroup, nap: float, session: float, rng: np.random.Generator) -> list[float]:
    """Return one trader's own settings, in the order its ``act`` function reads them; naps and spans in nanoseconds.

    ``nap`` is the nanoseconds per event that it should make. Ranges are wide on purpose; a group's ``settings`` fix one
    by name.
    """
    g = group.settings
    u = rng.uniform
    kind = group.kind
    if kind == "informed":
        return [nap, u(0.5, 3), u(0.4, 2), u(20, 200), u(0.3, 2)]
    if kind == "maker":
        levels = float(g.get("levels", rng.integers(1, 7)))
        return [
            nap * levels * 1.5,
            levels,
            u(0.4, 2),
            u(0.3, 1.5),
            _near(rng, 0.3, 3),
            u(15, 80),
            u(0.4, 0.9),
            u(0.1, 0.6),
            u(0.2, 1.5),
        ]
    if kind in ("trend", "reversion"):
        way = 1.0 if kind == "trend" else -1.0
        return [nap * 0.5, way, u(0.5, 2.5), _near(rng, 0.3, 3), float(rng.integers(3, 60)), _near(rng, 0.02, 0.2)]
    if kind in ("executor", "house"):
        return [
            nap * 2,
            u(0.02, 0.5),
            _near(rng, 0.3, 2.5),
            u(5, 60),
            u(0.1, 0.9),
            u(2, 30),
            u(0.3, 0.7) if kind == "house" else 0.0,
        ]
    if kind == "flicker":
        burst = _near(rng, 5, 60)
        return [nap * burst, _near(rng, 1e5, 3e7), burst, _near(rng, 0.3, 2), u(0.5, 2)]
    if kind == "arbitrage":
        return [nap, u(1, 4), u(0.3, 2), _near(rng, 0.01, 0.1)]
    if kind == "closer":
        return [
            _near(rng, 0.01, 0.12),
            min(max(session / nap / 3.0, 1.0), 25.0) * u(0.5, 1.5),
            _near(rng, 0.5, 5),
            u(0.3, 1),
            u(0, 0.6),
        ]
    if kind == "block":
        life = session * _near(rng, 0.002, 0.05)
        return [max(nap * 2, life), _near(rng, 5, 40), u(0, 6), life]
    if kind == "reactor":
        return [
            _near(rng, 1e6, min(2e10, session / 50)),
            _near(rng, 0.5, 5),
            session * _near(rng, 0.005, 0.1),
            float(rng.integers(1, 5)),
        ]
    if kind == "scalper":
        return [nap, _near(rng, 0.3, 3), u(1, 6), session * _near(rng, 0.001, 0.02), u(0.2, 0.9)]
    return _stranger(kind, nap, rng)


def _stranger(kind: str, nap: float, rng: np.random.Generator) -> list[float]:
    """Return the settings of a trader of the unseen family."""
    u = rng.uniform
    if kind == "joiner":
        return [nap * 2, _near(rng, 0.3, 4), u(0.2, 0.8), u(10, 60)]
    if kind == "patient":
        return [nap * 2.5, u(0.3, 2.5), _near(rng, 0.3, 2), u(15, 100), u(0.2, 1.5)]
    if kind == "breakout":
        return [nap * 0.3, u(2, 10), _near(rng, 0.3, 3), u(1, 6)]
    if kind == "iceberg":
        return [nap * 0.5, _near(rng, 0.5, 3), u(5, 50), u(3, 30)]
    return [nap, float(rng.integers(2, 10)), u(0.5, 3), _near(rng, 0.3, 2)]


def _agents(settings: VenueSettings, named: int, rng: np.random.Generator) -> Agents:
    who: list[tuple[int, int, int, int]] = [(0, 0, 0, 0)]
    params: list[list[float]] = [[0.0]]
    opens, closes = settings.sessions[0]
    session = float(closes - opens)
    total = sum(s.share for s in settings.symbols)
    shares = min(sum(group.share for group in settings.groups), 0.9)
    naps = []
    for s in settings.symbols:
        events = max(settings.events / len(settings.sessions) * s.share / total, 20.0)
        naps.append(session / events)
    for i, nap in enumerate(naps):
        who.append((1, i, 0, 0))
        params.append([1.7 * nap / (1.0 - shares)])
    account = 0
    for group in settings.groups:
        for _ in range(group.count):
            first, second = account % max(named, 1), (account + 1) % max(named, 1)
            account += 2 if group.kind == "house" else 1
            for i, nap in enumerate(naps):
                if group.kind == "arbitrage" and len(naps) < 2:
                    continue
                other = (i + 1) % len(naps) if group.kind == "arbitrage" else second
                own = _own_settings(group, nap * group.count / max(group.share, 1e-4), session, rng)
                who.append((TRADERS[group.kind], i, first, other))
                params.append(own)
    n = len(who)
    table = np.zeros((n, 10))
    for row, own in zip(table, params, strict=True):
        row[: len(own)] = own
    due = np.full(n, opens, np.int64)
    for i in range(1, n):
        kind = who[i][0]
        due[i] = (
            wd.NEVER
            if kind == 12
            else opens + 1_000_000 + int(min(table[i, 0] if kind != 9 else 0.0, session / 3) * rng.random())
        )
    agents = Agents(
        who=np.array(who, np.int64),
        settings=table,
        state=np.zeros((n, 6)),
        own=np.zeros((n, SLOTS, 2), np.int64),
        due=due,
        heap=np.arange(n, dtype=np.int64),
        place=np.arange(n, dtype=np.int64),
    )
    for i in range(n - 1, -1, -1):
        wd.sift(agents, i)
    return agents


def build(settings: VenueSettings, extra: tuple[str, ...] = ()) -> Parts:
    """Return the arrays of a market; ``extra`` are accounts of scripts, added where the market has no such account."""
    rng = np.random.default_rng([settings.seed, 1])
    names, named = split_accounts(settings)
    known = set(names)
    everybody = names + tuple(name for name in dict.fromkeys(extra) if name not in known)
    pool = np.arange(named, len(names))
    news = schedule_news(settings, np.random.default_rng([settings.seed, 2]))
    world = _world(settings, pool, len(everybody), rng)
    number = {s.name: i for i, s in enumerate(settings.symbols)}
    shown = float(settings.news_published)
    world = world._replace(
        news_time=np.array([item.time for item in news], np.int64),
        news=np.array([[number[n.symbol], n.tone, n.jump, shown] for n in news], float).reshape(-1, 4),
    )
    opens, closes = settings.sessions[0]
    book = e.empty_book(len(settings.symbols), len(everybody), tau=(closes - opens) / 20.0)
    book.meta[e.PREVENT] = int(not settings.crowd.self_trades)
    book.meta[e.CLOCK] = opens
    start: FloatArray = np.array([s.price for s in settings.symbols])
    book.stats[:, e.LAST] = np.round(start / world.tick) * world.tick
    book.stats[:, e.TYPICAL_SIZE] = world.typical
    book.stats[:, e.TYPICAL_SPREAD] = 2.0 * world.state[:, wd.UNIT]
    book.stats[:, e.VARIANCE] = world.state[:, wd.SIGMA] ** 2
    return Parts(book, world, _agents(settings, named, rng), everybody, names[named:], news)
