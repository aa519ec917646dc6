"""The detectors of price schemes find what is acted out on a small tape, and find the same however it is cut."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.book import Tape
from tradewind.surveillance.detectors.prices import (
    CloseDetector,
    FrontRunningDetector,
    IgnitionDetector,
    PumpDetector,
    SwingFeed,
)
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.sessions import Sessions

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND
NEW, TRADE, NEWS = 1, 3, 6
SYMBOLS = 2


@dataclass
class Script:
    """Writes rows of a tape by hand: a price that wanders, and who trades when."""

    seed: int = 0
    scale: int = 1
    tick: int = 100
    rows: list[tuple[int, ...]] = field(default_factory=list)
    now: float = 0.0
    mid: float = 1_000_000.0

    def __post_init__(self) -> None:
        self.rng = np.random.default_rng(self.seed)

    def row(self, kind: int, taker: int, maker: int, side: int, size: int, symbol: int = 0) -> None:
        bid, ask = int(self.mid) - self.tick, int(self.mid) + self.tick
        price = ask if side > 0 else bid
        self.rows.append(
            (round(self.now * SECOND), symbol, kind, taker, maker, side, price, size * self.scale, bid, ask)
        )

    def background(self, seconds: float, *, rate: float = 2.0, accounts: range = range(10, 40)) -> None:
        """Trade among many for so long; the price takes small steps."""
        end = self.now + seconds
        while True:
            self.now += float(self.rng.exponential(1.0 / rate))
            if self.now >= end:
                break
            taker, maker = (int(code) for code in self.rng.choice(accounts, 2, replace=False))
            side = 1 if self.rng.random() < 0.5 else -1
            self.row(TRADE, taker, maker, side, int(self.rng.integers(1, 6)), int(self.rng.random() < 0.2))
            self.mid += self.tick * float(self.rng.integers(-1, 2)) / 2
            self.row(NEW, -1, int(self.rng.choice(accounts)), side, int(self.rng.integers(1, 6)))
        self.now = end

    def deal(self, account: int, side: int, size: int, step: float, gap: float, other: int = 9) -> None:
        """Let ``account`` take, and the price move by ``step`` ticks its way."""
        self.row(TRADE, account, other, side, size)
        self.mid += side * step * self.tick
        self.now += gap

    def tape(self) -> Tape:
        table = np.array(sorted(self.rows, key=lambda row: row[0]), dtype=np.int64)
        n = len(table)
        time, symbol, kind, taker, maker, side, price, size, bid, ask = table.T
        traded = kind == TRADE
        fixed = np.full(n, 100 * self.scale, np.int64)
        return Tape(
            first_row=0,
            time=time + START,
            symbol=symbol.astype(np.int32),
            seq=np.arange(n) + 1,
            kind=kind.astype(np.int8),
            order=np.arange(n) + 1,
            account=maker.astype(np.int32),
            side=np.where(traded, -side, side).astype(np.int8),
            price=price,
            size=size,
            bid=bid,
            ask=ask,
            bid_size=fixed,
            ask_size=fixed,
            bid_depth=5 * fixed,
            ask_depth=5 * fixed,
            order_size=size,
            order_left=size,
            order_time=time + START,
            level=np.zeros(n, np.int32),
            taker=np.where(traded, taker, -1).astype(np.int32),
            taker_order=np.where(traded, np.arange(n) + 1_000_000, 0),
            taker_side=np.where(traded, side, 0).astype(np.int8),
            pair=np.where(maker >= 0, maker * SYMBOLS + symbol, -1).astype(np.int32),
            taker_pair=np.where(traded, taker * SYMBOLS + symbol, -1).astype(np.int32),
            symbols=Names(("AAA", "BBB")),
            accounts=Names(tuple(f"account {i}" for i in range(60))),
        )


def pumped(scale: int = 1, tick: int = 100, accounts: tuple[int, ...] = (1,)) -> Script:
    """Return a market in which the accounts build up for ten minutes, lift the price, and sell into it."""
    s = Script(seed=1, scale=scale, tick=tick)
    s.background(1200)
    for k in range(60):
        s.deal(accounts[k % len(accounts)], 1, 8, 0.8, 0.0)
        s.background(8)
    for k in range(60):
        s.deal(accounts[k % len(accounts)], -1, 8, 0.6, 0.0)
        s.background(5)
    s.background(600)
    return s


def ignited() -> Script:
    """Return a market with two bursts of one account, each sold within the minute."""
    s = Script(seed=2)
    s.background(1200)
    for _ in range(2):
        for _ in range(10):
            s.deal(2, 1, 6, 1.5, 0.2)
        s.background(10)
        for _ in range(10):
            s.deal(2, -1, 6, 0.5, 2.0)
        s.background(120)
    return s


def informed() -> Script:
    """Return a market in which one account buys before news that lifts the price, and sells after it."""
    s = Script(seed=3)
    s.background(1500)
    for _ in range(12):
        s.deal(3, 1, 8, 0.1, 0.0)
        s.background(15)
    s.rows.append((round(s.now * SECOND), 0, NEWS, -1, -1, 1, 0, 0, int(s.mid) - 100, int(s.mid) + 100))
    s.now += 1.0
    s.mid += 60 * s.tick
    s.background(60)
    for _ in range(12):
        s.deal(3, -1, 8, 0.1, 0.0)
        s.background(5)
    s.background(300)
    return s


def ran_ahead() -> Script:
    """Return a market in which account 4 buys just before the large purchases of account 5 and sells into them."""
    s = Script(seed=4)
    s.background(1500)
    for _ in range(3):
        for _ in range(5):
            s.deal(4, 1, 6, 0.3, 0.3)
        for k in range(30):
            s.deal(5, 1, 10, 0.7, 0.0)
            s.background(3)
            if k >= 20:
                s.row(TRADE, 5, 4, 1, 3)
        s.background(600)
    return s


def marked() -> Script:
    """Return a market whose last minute one account buys up."""
    s = Script(seed=5)
    s.background(3540)
    for _ in range(20):
        s.deal(6, 1, 8, 1.0, 0.0)
        s.background(2.9)
    return s


def everyone(tape: Tape, sessions: Sessions | None = None) -> list[PumpDetector | CloseDetector]:
    hours = sessions or Sessions.of_times(tape.time)
    feed = SwingFeed(slots=256, fills=4096)
    return [
        PumpDetector(feed),
        IgnitionDetector(feed),
        FrontRunningDetector(hours, feed=feed),
        CloseDetector(hours, slots=256),
    ]


def run(tape: Tape, cuts: list[int], sessions: Sessions | None = None) -> list[list[Candidate]]:
    """Return what each detector finds when the tape comes in these pieces."""
    detectors = everyone(tape, sessions)
    found: list[list[Candidate]] = [[] for _ in detectors]
    for low, high in zip([0, *cuts], [*cuts, len(tape)], strict=True):
        part = tape.rows(low, high)
        for k, detector in enumerate(detectors):
            found[k] += detector.update(part)
    for k, detector in enumerate(detectors):
        found[k] += detector.finish()
    return found


def signature(candidates: list[Candidate]) -> list[tuple[object, ...]]:
    return [
        (c.episode, c.revision, c.accounts, c.start, c.end, c.row, c.rule, c.features.tobytes(), c.evidence, c.variant)
        for c in candidates
    ]


def best_of(candidates: list[Candidate], account: int) -> Candidate:
    mine = [c for c in candidates if c.accounts[0] == account]
    assert mine, f"account {account} was not found"
    return max(mine, key=lambda c: c.rule)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "which", "account"),
    [(pumped, 0, 1), (ignited, 1, 2), (informed, 2, 3), (ran_ahead, 2, 4), (marked, 3, 6)],
)
def test_each_scheme_is_found_where_it_was_acted_out(script, which, account):
    found = run(script().tape(), [])[which]
    best = best_of(found, account)
    clearest = {c.accounts: c.rule for c in sorted(found, key=lambda c: c.rule)}
    ahead = [accounts for accounts, rule in clearest.items() if rule > best.rule and account not in accounts]
    assert best.rule > 0.45
    assert len(ahead) <= 2
    assert best.start <= best.end
    assert best.evidence == tuple(sorted(best.evidence))


def test_a_quiet_market_raises_no_clear_suspicion():
    script = Script(seed=9)
    script.background(3600)
    for found in run(script.tape(), []):
        assert sum(c.rule > 0.8 for c in found) <= 2


def test_repeated_bursts_are_one_episode_told_again():
    found = [c for c in run(ignited().tape(), [])[1] if c.accounts[0] == 2]
    assert len({c.episode for c in found}) == 1
    assert [c.revision for c in found] == list(range(len(found)))
    assert len(found) >= 4
    starts = [c.start for c in found]
    assert starts == sorted(starts, reverse=True)


@pytest.mark.slow
def test_dealing_before_news_is_told_at_the_news_and_told_apart_from_running_ahead():
    news = informed()
    tape = news.tape()
    found = [c for c in run(tape, [])[2] if c.accounts[0] == 3]
    row = int(np.flatnonzero(tape.kind == NEWS)[0])
    first = next(c for c in found if c.row > row)
    assert tape.time[first.row] - tape.time[row] < 30 * SECOND
    assert best_of(found, 3).variant == "insider_trading"
    assert best_of(run(ran_ahead().tape(), [])[2], 4).variant == "front_running"


def test_a_pump_of_several_names_them_all():
    found = run(pumped(accounts=(1, 2, 3)).tape(), [])[0]
    assert {1, 2, 3} <= set(max(found, key=lambda c: (len({1, 2, 3} & set(c.accounts)), c.rule)).accounts)


@pytest.mark.slow
@pytest.mark.parametrize("scale", [100, 1000])
def test_sizes_in_lots_or_shares_make_no_difference(scale):
    one, many = run(pumped().tape(), []), run(pumped(scale=scale).tape(), [])
    mine, theirs = best_of(one[0], 1), best_of(many[0], 1)
    assert mine.row == theirs.row
    np.testing.assert_allclose(mine.features, theirs.features, rtol=2e-2, atol=2e-2)


@pytest.mark.slow
@settings(max_examples=6, deadline=None)
@given(cuts=st.lists(st.integers(0, 3000), max_size=6), which=st.integers(0, 4))
def test_however_the_tape_is_cut_the_candidates_are_the_same(cuts, which):
    tape = (pumped, ignited, informed, ran_ahead, marked)[which]().tape()
    whole = run(tape, [])
    parts = run(tape, sorted(min(cut, len(tape)) for cut in cuts))
    assert [signature(found) for found in whole] == [signature(found) for found in parts]


@pytest.mark.slow
@pytest.mark.parametrize("script", [pumped, ignited, informed, ran_ahead])
def test_a_candidate_depends_on_nothing_after_its_row(script):
    tape = script().tape()
    sessions = Sessions.of_times(tape.time)
    whole = run(tape, [], sessions)
    for k in range(3):
        chosen = max(whole[k], key=lambda c: c.rule, default=None)
        if chosen is None:
            continue
        short = run(tape.rows(0, chosen.row + 1), [], sessions)[k]
        assert signature(short)[-1] == signature([chosen])[0] or signature([chosen])[0] in signature(short)


def test_the_close_is_told_before_it_and_once_more_after_it():
    tape = marked().tape()
    sessions = Sessions.of_times(tape.time)
    found = [c for c in run(tape, [], sessions)[3] if c.accounts == (6,)]
    assert [c.revision for c in found] == list(range(len(found)))
    assert len({c.episode for c in found}) == 1
    assert found[0].row < len(tape) - 1
    closed = dict(zip(CloseDetector(sessions).feature_names, found[-1].features, strict=True))
    assert closed["closed"] == 1.0
    assert closed["one_sided"] == 1.0
    # golden: the account's part of what was bought by taking in the last fifth of the session
    zone = 0.2 * (sessions.closes[0] - sessions.opens[0])
    here = (tape.kind == TRADE) & (tape.symbol == 0) & (tape.time >= sessions.closes[0] - zone) & (tape.taker_side > 0)
    mine = here & (tape.taker == 6)
    assert closed["share_zone"] == pytest.approx(tape.size[mine].sum() / tape.size[here].sum(), rel=1e-6)


@pytest.mark.slow
def test_a_session_that_ends_is_told_with_the_first_row_of_the_next():
    script = marked()
    days = len(script.rows)
    script.now += 16 * 3600.0
    script.background(600)
    tape = script.tape()
    found = [c for c in run(tape, [])[3] if c.accounts == (6,) and c.features[0] == 1.0]
    assert [c.row for c in found] == [days]


def test_accounts_beyond_the_slots_displace_the_longest_silent():
    script = Script(seed=7)
    script.background(900, accounts=range(10, 60))
    tape = script.tape()
    feed = SwingFeed(slots=8, fills=64)
    before = feed.nbytes
    features, *_ = feed.read(tape)
    assert np.isfinite(features[:, 0]).all()
    assert feed.nbytes - before < 20_000


def test_the_build_up_and_the_profit_are_those_of_the_trades():
    tape = pumped().tape()
    names = PumpDetector().feature_names
    best = best_of(run(tape, [])[0], 1)
    told = dict(zip(names, best.features, strict=True))
    mine = (tape.taker == 1) & (tape.kind == TRADE) & (np.arange(len(tape)) <= best.row)
    bought, sold = mine & (tape.taker_side > 0), mine & (tape.taker_side < 0)
    assert told["undone"] == pytest.approx(tape.size[sold].sum() / tape.size[bought].sum(), rel=1e-5)
    assert told["in_aggressive"] == 1.0
    assert told["in_fills_log"] == pytest.approx(np.log2(1 + bought.sum()), rel=1e-5)
    profit = np.log(np.average(tape.price[sold], weights=tape.size[sold]))
    profit -= np.log(np.average(tape.price[bought], weights=tape.size[bought]))
    assert np.sign(told["profit_z"]) == np.sign(profit)
