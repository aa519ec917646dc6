"""Chunks and windows: what a sequence model may read."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.models import LSTMForecaster, LSTMSettings
from tradewind.models.nets.sequences import training_chunks, windows


@pytest.fixture(scope="module")
def data(planted):
    return planted(0.5, lengths=(130, 7, 1, 64))


@settings(max_examples=40, deadline=None)
@given(
    span=st.integers(1, 40),
    burn_in=st.integers(0, 20),
    phase=st.integers(0, 39),
    seed=st.integers(0, 1000),
    share=st.floats(0.05, 1.0),
)
def test_every_row_is_taught_once_and_nothing_later_is_read(data, span, burn_in, phase, seed, share):
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.choice(len(data), size=max(1, int(share * len(data))), replace=False))
    chunks = training_chunks(data, rows, span=span, burn_in=burn_in, phase=phase % span)
    np.testing.assert_array_equal(np.sort(chunks.index[chunks.taught]), rows)
    code = data.panel.symbol_code
    for index, taught in zip(chunks.index, chunks.taught, strict=True):
        symbol = code[index[0]]
        assert (code[index] == symbol).all()
        assert set(np.unique(np.diff(index))) <= {0, 1}
        assert index.max() <= rows[code[rows] == symbol].max()
        first = np.flatnonzero(taught)[0]
        seen = first + 1
        assert seen >= min(burn_in + 1, data.bar_index[index[first]] + 1)


def test_window_holds_exactly_the_last_bars(data):
    rows = np.arange(len(data))
    index, place = windows(data, rows, 60)
    for row in rows:
        own = index[row][: place[row] + 1]
        first = max(row - 59, data.panel.offsets[data.panel.symbol_code[row]])
        np.testing.assert_array_equal(own, np.arange(first, row + 1))
        assert (index[row][place[row] :] == row).all()


def test_forecast_depends_on_the_last_window_bars_and_nothing_before(planted):
    from dataclasses import replace

    market = planted(0.7, lengths=(150, 150))
    rows = np.arange(149)
    model = LSTMForecaster(LSTMSettings(hidden=4, max_epochs=2, window=20)).fit(market, rows[:100])
    row = np.array([120])
    before = model.predict(market, row).probability[0]
    for bar, same in ((100, True), (101, False), (120, False), (121, True)):
        features = market.features.copy()
        features[bar] += 5.0
        after = model.predict(replace(market, features=features), row).probability[0]
        assert bool(after == before) is same, bar


def test_global_random_state_is_left_alone(market, train_test):
    import torch

    train, _ = train_test(market)
    torch.manual_seed(1)
    wanted = torch.rand(3)
    torch.manual_seed(1)
    LSTMForecaster(LSTMSettings(hidden=2, max_epochs=1)).fit(market, train)
    assert torch.equal(torch.rand(3), wanted)


def test_progress_is_told_of_each_epoch(market, train_test):
    class Heard:
        steps: tuple[tuple[str, int, int], ...] = ()

        def update(self, stage: str, done: int, total: int) -> None:
            self.steps = (*self.steps, (stage, done, total))

    train, _ = train_test(market)
    heard = Heard()
    LSTMForecaster(LSTMSettings(hidden=2, max_epochs=3, patience=3), progress=heard).fit(market, train)
    assert heard.steps == (("lstm", 1, 3), ("lstm", 2, 3), ("lstm", 3, 3))
