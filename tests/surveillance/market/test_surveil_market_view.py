"""The market's view of candidates, and pumps on bars alone."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.errors import InputError
from tradewind.core.panel import Panel
from tradewind.surveillance.book import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.market import MarketView, bar_anomalies
from tradewind.surveillance.market.bars import BarSettings
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

SECOND = 1_000_000_000
START = 1_700_000_000 * SECOND


def tape(n: int = 4000, *, seed: int = 0, burst: slice | None = None) -> Tape:
    """Return a tape of two symbols with a row about every half second; ``burst`` rows trade ten times as much."""
    rng = np.random.default_rng(seed)
    time = START + np.cumsum(rng.exponential(0.5, n) * SECOND).astype(np.int64)
    symbol = (rng.random(n) < 0.3).astype(np.int32)
    kind = rng.choice(np.array([1, 2, 3], np.int8), n, p=[0.5, 0.3, 0.2])
    kind[n // 3] = 6
    mid = np.where(symbol == 0, 1_000_000, 500_000) + 100 * np.cumsum(rng.integers(-1, 2, n))
    size = rng.integers(1, 10, n) * 100
    if burst is not None:
        size[burst] *= 10
        kind[burst] = 3
    traded = kind == 3
    account = rng.integers(0, 20, n).astype(np.int32)
    account[kind == 6] = -1
    taker = np.where(traded, rng.integers(0, 20, n), -1).astype(np.int32)
    side = np.where(rng.random(n) < 0.5, 1, -1).astype(np.int8)
    depth = np.full(n, 1000, np.int64)
    return Tape(
        first_row=0,
        time=time,
        symbol=symbol,
        seq=np.arange(n),
        kind=kind,
        order=np.arange(n) + 1,
        account=account,
        side=side,
        price=mid,
        size=size,
        bid=mid - 100,
        ask=mid + 100,
        bid_size=depth,
        ask_size=depth,
        bid_depth=depth * 5,
        ask_depth=depth * rng.integers(3, 8, n),
        order_size=size,
        order_left=size,
        order_time=time,
        level=np.zeros(n, np.int32),
        taker=taker,
        taker_order=np.where(traded, np.arange(n) + 1_000_000, 0),
        taker_side=np.where(traded, -side, 0).astype(np.int8),
        pair=np.where(account >= 0, account * 2 + symbol, -1).astype(np.int32),
        taker_pair=np.where(traded, taker * 2 + symbol, -1).astype(np.int32),
        symbols=Names(("AAA", "BBB")),
        accounts=Names(tuple(f"account {i}" for i in range(20))),
    )


def candidate(rows: Tape, first: int, last: int, row: int) -> Candidate:
    return Candidate(
        scheme=Scheme.PUMP_AND_DUMP,
        episode=row,
        revision=0,
        symbol=int(rows.symbol[row]),
        accounts=(int(max(rows.account[row], 0)),),
        start=int(rows.time[first]),
        end=int(rows.time[last]),
        row=row,
        rule=0.5,
        features=np.zeros(1, np.float32),
    )


def candidates(rows: Tape) -> list[Candidate]:
    return [candidate(rows, row - width, row - 2, row) for row in range(50, len(rows), 97) for width in (5, 40)]


@settings(max_examples=10, deadline=None)
@given(cuts=st.lists(st.integers(0, 4000), max_size=6))
def test_however_the_tape_is_cut_the_view_is_the_same(cuts):
    rows = tape()
    asked = candidates(rows)
    sessions = Sessions.of_times(rows.time)
    whole = MarketView(sessions).advance(rows, asked)
    view = MarketView(sessions)
    parts = []
    bounds = sorted(cuts)
    for low, high in zip([0, *bounds], [*bounds, len(rows)], strict=True):
        parts.append(view.advance(rows.rows(low, high), [c for c in asked if low <= c.row < high]))
    assert np.concatenate(parts).tobytes() == whole.tobytes()


def test_a_description_uses_nothing_after_its_row():
    rows = tape()
    sessions = Sessions.of_times(rows.time)
    asked = candidates(rows)
    whole = MarketView(sessions).advance(rows, asked)
    for k in range(0, len(asked), 13):
        short = MarketView(sessions).advance(rows.rows(0, asked[k].row + 1), [asked[k]])
        assert short.tobytes() == whole[k : k + 1].tobytes()


def test_a_burst_of_volume_stands_out_against_the_past():
    burst = slice(3000, 3040)
    rows = tape(burst=burst)
    asked = candidate(rows, 3000, 3039, 3039)
    names = MarketView().feature_names
    loud = dict(zip(names, MarketView().advance(rows, [asked])[0], strict=True))
    calm = dict(zip(names, MarketView().advance(tape(), [asked])[0], strict=True))
    assert loud["market_volume_z"] > 2.0 > calm["market_volume_z"]
    assert loud["market_volume_log"] > 2.0
    assert all(name.startswith("market_") for name in names)
    assert np.isnan(loud["market_close_seconds_log"])


def test_accounts_and_news_are_counted_as_they_are():
    rows = tape()
    asked = candidate(rows, 2000, 3500, 3600)
    told = dict(zip(MarketView().feature_names, MarketView().advance(rows, [asked])[0], strict=True))
    before = np.arange(len(rows)) <= 3600
    here = before & (rows.symbol == asked.symbol)
    mine = asked.accounts[0]
    count = (here & (rows.account == mine) & (rows.kind < 5)).sum() + (here & (rows.taker == mine)).sum()
    everywhere = (before & (rows.account == mine) & (rows.kind < 5)).sum() + (before & (rows.taker == mine)).sum()
    assert told["market_account_rows_log"] == pytest.approx(np.log2(1 + count), rel=1e-5)
    assert told["market_account_here_part"] == pytest.approx(count / everywhere, rel=1e-5)


def test_a_candidate_known_only_at_the_end_is_described_by_what_is_known():
    rows = tape()
    view = MarketView()
    view.advance(rows, [])
    late = view.advance(rows.rows(0, 0), [candidate(rows, 3000, 3500, len(rows) - 1)])
    at_once = MarketView().advance(rows, [candidate(rows, 3000, 3500, len(rows) - 1)])
    assert late.tobytes() == at_once.tobytes()


def panel(seed: int = 0, pump: bool = False) -> Panel:
    """Return 200 daily bars of two symbols; the first may be pumped at bars 150 to 155 and dumped after."""
    rng = np.random.default_rng(seed)
    days = np.datetime64("2020-01-01") + np.arange(200)
    columns: dict[str, list[np.ndarray]] = {}
    for name in ("AAA", "BBB"):
        moves = rng.normal(0, 0.01, 200)
        volume = rng.lognormal(10, 0.3, 200)
        if pump and name == "AAA":
            moves[150:155] += 0.06
            moves[155:159] -= 0.07
            volume[150:159] *= 6
        close = 20 * np.exp(np.cumsum(moves))
        columns.setdefault("symbol", []).append(np.full(200, name))
        columns.setdefault("time", []).append(days)
        for field, values in (("open", close), ("high", close * 1.005), ("low", close * 0.995), ("close", close)):
            columns.setdefault(field, []).append(values)
        columns.setdefault("adj_close", []).append(close)
        columns.setdefault("volume", []).append(volume)
    return Panel.from_columns({name: np.concatenate(parts) for name, parts in columns.items()})


@pytest.mark.slow
def test_a_pump_on_bars_is_seen_rising_and_reversing():
    table = bar_anomalies(panel(pump=True))
    assert len(table) == 400
    told = table.filter(table["stage"] != "")
    assert set(told["symbol"]) == {"AAA"}
    stages = told["stage"].to_list()
    assert stages[0] == "rise"
    assert "reversal" in stages
    quiet = bar_anomalies(panel())
    assert (quiet["stage"] != "").sum() <= 4


def test_bars_after_a_row_do_not_change_it():
    whole = panel(pump=True)
    cut = whole.until("2020-06-15")
    short, long = bar_anomalies(cut), bar_anomalies(whole)
    for name in ("volume_z", "return_z", "ewma_z", "rise_z", "fall_back", "score"):
        for symbol in ("AAA", "BBB"):
            few = short.filter(short["symbol"] == symbol)[name].to_numpy()
            many = long.filter(long["symbol"] == symbol)[name].to_numpy()[: len(few)]
            np.testing.assert_array_equal(few, many)


def test_settings_that_mean_nothing_are_refused():
    with pytest.raises(InputError):
        BarSettings(window=3)
    with pytest.raises(InputError):
        BarSettings(fit_part=1.0)
