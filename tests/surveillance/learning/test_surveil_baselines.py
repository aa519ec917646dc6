"""What our alerts are measured against: activity windows, PyOD, rules alone."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from tradewind.surveillance.book import Tape
from tradewind.surveillance.events import Kind, Names
from tradewind.surveillance.learning import CandidateTable
from tradewind.surveillance.learning.baselines import (
    ACTIVITY_NAMES,
    WindowedMarket,
    Windows,
    activity,
    best_anomaly,
    compare,
    run_anomalies,
)
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

S = 1_000_000_000


def random_tape(n: int, seed: int) -> Tape:
    rng = np.random.default_rng(seed)
    time = np.sort(rng.integers(0, 100 * S, n))
    kind = rng.choice([Kind.NEW, Kind.CANCEL, Kind.TRADE, Kind.NEWS], n, p=[0.45, 0.3, 0.2, 0.05]).astype(np.int8)
    traded = kind == Kind.TRADE
    side = rng.choice([-1, 1], n).astype(np.int8)
    bid = 10_000 + np.cumsum(rng.choice([-1, 0, 1], n))
    return Tape(
        first_row=0,
        time=time,
        symbol=rng.integers(0, 2, n).astype(np.int32),
        seq=np.arange(n),
        kind=kind,
        order=np.arange(n),
        account=np.where(kind == Kind.NEWS, -1, rng.integers(-1, 5, n)).astype(np.int32),
        side=side,
        price=bid,
        size=rng.integers(1, 50, n),
        bid=bid,
        ask=bid + 2,
        bid_size=np.full(n, 10),
        ask_size=np.full(n, 10),
        bid_depth=rng.integers(10, 100, n),
        ask_depth=rng.integers(10, 100, n),
        order_size=np.full(n, 50),
        order_left=np.full(n, 50),
        order_time=time - rng.integers(0, 5 * S, n),
        level=rng.integers(-1, 4, n).astype(np.int32),
        taker=np.where(traded, rng.integers(-1, 5, n), -1).astype(np.int32),
        taker_order=np.zeros(n, dtype=np.int64),
        taker_side=np.where(traded, -side, 0).astype(np.int8),
        pair=np.zeros(n, dtype=np.int32),
        taker_pair=np.zeros(n, dtype=np.int32),
        symbols=Names(("X", "Y")),
        accounts=Names(tuple("abcde")),
    )


def test_activity_equals_counting_cell_by_cell() -> None:
    tape, length = random_tape(600, 3), 20 * S
    table = activity(tape, length)
    assert table.values.shape == (len(table), len(ACTIVITY_NAMES))
    assert np.isfinite(table.values).all()
    first = int(tape.time[0])
    column = {name: i for i, name in enumerate(ACTIVITY_NAMES)}
    met = 0
    new = tape.kind == Kind.NEW
    for i in range(len(table)):
        account, symbol, start = int(table.account[i]), int(table.symbol[i]), int(table.start[i])
        assert (start - first) % length == 0
        inside = (tape.symbol == symbol) & (tape.time >= start) & (tape.time < table.end[i])
        mine = inside & (tape.account == account)
        made, taken = mine & (tape.kind == Kind.TRADE), inside & (tape.kind == Kind.TRADE) & (tape.taker == account)
        cancels = mine & (tape.kind == Kind.CANCEL)
        got = table.values[i]
        assert got[column["orders"]] == pytest.approx(np.log1p((mine & new).sum()))
        assert got[column["trades_made"]] == pytest.approx(np.log1p(made.sum()))
        assert got[column["trades_taken"]] == pytest.approx(np.log1p(taken.sum()))
        volume = tape.size[made].sum() + tape.size[taken].sum()
        net = (tape.side * tape.size)[made].sum() + (tape.taker_side * tape.size)[taken].sum()
        assert got[column["trade_imbalance"]] == pytest.approx(abs(net) / max(volume, 1))
        if (mine & new).any():
            typical = tape.size[new & (tape.symbol == symbol)].mean()
            assert got[column["size_max"]] == pytest.approx(tape.size[mine & new].max() / typical)
        if cancels.any():
            life = np.log10(np.maximum(tape.time - tape.order_time, 1) / 1e9)[cancels]
            assert got[column["lifetime_min"]] == pytest.approx(life.min())
        others = table.symbol == symbol
        same = others & (table.start == start)
        share = table.values[same][:, column["message_share"]]
        assert share.sum() == pytest.approx(1.0)
        met += 1
    assert met > 20


def windowed(seed: int, planted: bool) -> WindowedMarket:
    """A market of 400 windows in which account 0 does something very odd in symbol X for 20 s, three times."""
    rng = np.random.default_rng(seed)
    n = 400
    values = rng.normal(size=(n, len(ACTIVITY_NAMES)))
    account, start = (np.arange(n) % 5).astype(np.int32), (np.arange(n) // 5).astype(np.int64) * 20 * S
    truth = []
    if planted:
        for at in (20, 150, 305):
            values[at] += 12.0
            truth.append(
                Planted(
                    scheme=Scheme.QUOTE_STUFFING,
                    symbol="X",
                    accounts=("a",),
                    start=int(start[at]),
                    end=int(start[at]) + 10 * S,
                )
            )
    table = Windows(account=account, symbol=np.zeros(n, dtype=np.int32), start=start, end=start + 20 * S, values=values)
    return WindowedMarket(windows=(table,), truth=tuple(truth), symbols=Names(("X",)), accounts=Names(tuple("abcde")))


@pytest.mark.slow
def test_an_outlier_detector_finds_what_is_plainly_odd_and_is_credited_whatever_the_scheme() -> None:
    markets = [windowed(1, True), windowed(2, True), windowed(4, False)]
    results = run_anomalies([windowed(3, False)], markets, detectors=("ECOD", "HBOS", "KNN"))
    assert len(results) == 6
    for result in results:
        assert result.recall(None) == pytest.approx(1.0)
        assert result.recall(Scheme.QUOTE_STUFFING) == pytest.approx(1.0)
        assert np.isnan(result.recall(Scheme.SPOOFING))
    name, recall = best_anomaly(results, None)
    assert recall == 1.0
    assert "20 s" in name


@pytest.mark.slow
def test_every_detector_of_the_list_runs() -> None:
    results = run_anomalies([windowed(3, False)], [windowed(1, True)])
    assert len(results) == 14
    assert len({result.name for result in results}) == 14


def test_scores_that_know_more_than_the_rule_earn_more_recall(
    make_table: Callable[..., CandidateTable],
) -> None:
    table = make_table(markets=6, each=80)
    rng = np.random.default_rng(9)
    scores = {
        scheme: np.clip(0.8 * part.label + rng.uniform(0, 0.25, len(part)), 0, 1)
        for scheme, part in table.schemes.items()
    }
    results = run_anomalies([windowed(3, False)], [windowed(1, True)], detectors=("HBOS",))
    found = compare(table, scores, results)
    assert [row.name for row in found.rows] == ["spoofing", "wash_trading", "overall"]
    for row in found.rows:
        assert row.ours > 0.95
        assert row.rules < row.ours - 0.2
        assert row.planted > 0
    assert found.rows[-1].anomalies == pytest.approx(1.0)
    assert np.isnan(found.rows[0].anomalies)
    assert "HBOS" in found.words().splitlines()[-1]
    assert found.to_dict()["rows"][0]["anomalies"] is None
