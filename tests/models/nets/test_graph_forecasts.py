"""The graph net on markets where peers tell something, or groups are to be treated alike."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, Labels, Panel
from tradewind.models import GraphForecaster, GraphSettings

pytestmark = pytest.mark.slow

SMALL = GraphSettings(
    peers=2, sector_peers=1, window=120, least=30, moves=1, hidden=8, max_epochs=15, updates=40, learning_rate=0.01
)


def followers(pairs: int = 6, days: int = 500, seed: int = 0) -> Dataset:
    """Return pairs of stocks; the second moves as the first did the day before. Features are noise."""
    rng = np.random.default_rng(seed)
    shared, own = rng.normal(size=(2, days, pairs))
    leader = shared + own
    follower = 0.7 * shared + 0.3 * rng.normal(size=(days, pairs))
    follower[1:] += 1.5 * leader[:-1]
    times = np.arange(np.datetime64("2012-01-02"), np.datetime64("2012-01-02") + 2 * days)
    times = times[np.is_busday(times)][:days]
    columns: dict[str, list[np.ndarray]] = {}
    for name, moves in (("A", leader), ("B", follower)):
        for pair in range(pairs):
            price = 40.0 * np.exp(np.cumsum(0.01 * moves[:, pair]))
            parts = {"symbol": np.full(days, f"P{pair}{name}"), "time": times, "volume": np.full(days, 1e6)}
            parts |= dict.fromkeys(("open", "high", "low", "close", "adj_close"), price)
            for key, values in parts.items():
                columns.setdefault(key, []).append(values)
    panel = Panel.from_columns({key: np.concatenate(values) for key, values in columns.items()})
    return labelled(panel, rng)


def labelled(panel: Panel, rng: np.random.Generator) -> Dataset:
    last = np.zeros(len(panel), dtype=bool)
    last[panel.offsets[1:] - 1] = True
    after = np.minimum(np.arange(len(panel)) + 1, len(panel) - 1)
    move = np.where(last, np.nan, panel.adj_close[after] / panel.adj_close - 1.0)
    labels = Labels(
        start=panel.time,
        end=np.where(last, np.datetime64("NaT"), panel.time[after]),
        direction=np.where(last, np.nan, move > 0),
        forward_return=move,
        horizon=1,
    )
    features = rng.normal(size=(len(panel), 2)).astype(np.float32)
    return Dataset(panel=panel, features=features, names=("f0", "f1"), labels=labels)


def following(data: Dataset, rows: np.ndarray) -> np.ndarray:
    second = np.array([symbol.endswith("B") for symbol in data.panel.symbols])
    return rows[second[data.panel.symbol_code[rows]]]


def accuracy(data: Dataset, model: GraphForecaster, rows: np.ndarray) -> float:
    return float(np.mean((model.predict(data, rows).probability > 0.5) == (data.labels.direction[rows] == 1.0)))


@pytest.fixture(scope="module")
def pairs() -> Dataset:
    return followers()


@pytest.fixture(scope="module")
def fitted(pairs, train_test) -> tuple[GraphForecaster, np.ndarray]:
    train, test = train_test(pairs)
    return GraphForecaster(SMALL).fit(pairs, following(pairs, train)), following(pairs, test)


@pytest.mark.slow
def test_follows_the_peer_that_moved_first_and_cannot_without_edges(pairs, fitted, train_test):
    model, test = fitted
    train = following(pairs, train_test(pairs)[0])
    alone = GraphForecaster(SMALL.model_copy(update={"peers": 0, "sector_peers": 0})).fit(pairs, train)
    assert accuracy(pairs, model, test) > 0.75
    assert accuracy(pairs, alone, test) < 0.62


def test_follows_a_peer_of_its_sector_alone(pairs, train_test):
    train, test = (following(pairs, rows) for rows in train_test(pairs))
    known = replace(pairs, panel=replace(pairs.panel, sectors=tuple(s[:2] for s in pairs.panel.symbols)))
    settings = SMALL.model_copy(update={"peers": 0, "sector_peers": 1})
    assert accuracy(known, GraphForecaster(settings).fit(known, train), test) > 0.75


def test_a_late_known_peer_changes_no_forecast_of_the_day(pairs, fitted):
    model, test = fitted
    leaders = np.array([s.endswith("A") for s in pairs.panel.symbols])[pairs.panel.symbol_code]
    moment = pairs.panel.time[test].max()
    day = test[pairs.panel.time[test] == moment]
    at = leaders & (pairs.panel.time == moment)
    later = pairs.panel.known_at + np.where(at, np.timedelta64(1, "h"), np.timedelta64(0, "h"))
    features = np.where(at[:, None], np.float32(9.0), pairs.features)
    heard = replace(pairs, features=features)
    late = replace(pairs, panel=replace(pairs.panel, known_at=later))
    late_changed = replace(late, features=features)
    before, after = (model.predict(data, day).probability for data in (pairs, heard))
    assert not np.array_equal(before, after)
    np.testing.assert_array_equal(model.predict(late, day).probability, model.predict(late_changed, day).probability)


def test_forecast_of_a_day_depends_little_on_what_else_is_asked_for(pairs, fitted):
    model, test = fitted
    whole = model.predict(pairs, test).probability
    for some in (test[:1], test[::7], test[::-1]):
        order = np.searchsorted(test, some)
        np.testing.assert_allclose(model.predict(pairs, some).probability, whole[order], atol=1e-6)


def test_ragged_listings_are_forecast(make_panel, train_test):
    data = labelled(make_panel(8, 160, seed=2, gaps=True), np.random.default_rng(1))
    train, test = train_test(data)
    model = GraphForecaster(SMALL.model_copy(update={"max_epochs": 2})).fit(data, train)
    every = np.arange(len(data))
    forecast = model.predict(data, every)
    assert np.isfinite(forecast.probability).all()
    assert np.isfinite(forecast.expected_return).all()
    np.testing.assert_allclose(model.predict(data, test).probability, forecast.probability[test], atol=1e-6)


def test_parity_draws_the_groups_together(planted, train_test):
    data = planted(0.68, lengths=(300,) * 6, seed=3)
    group = (data.panel.symbol_code >= 3).astype(np.int64)
    rng = np.random.default_rng(8)
    flip = (rng.random(len(data)) < 0.5) & (group == 1) & (data.labels.direction == 0.0)
    features = data.features.copy()
    features[:, 1] = group + rng.normal(0, 0.3, len(data))
    data = replace(
        data,
        features=features,
        group=group,
        labels=replace(data.labels, direction=np.where(flip, 1.0, data.labels.direction)),
    )
    train, test = train_test(data)
    gaps = []
    for parity in (0.0, 20.0):
        settings = GraphSettings(hidden=4, moves=0, max_epochs=8, learning_rate=0.02, parity=parity)
        p = GraphForecaster(settings).fit(data, train).predict(data, test).probability
        gaps.append(abs(p[group[test] == 1].mean() - p[group[test] == 0].mean()))
    assert gaps[0] > 0.1
    assert gaps[1] < 0.4 * gaps[0]
