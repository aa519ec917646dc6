"""Training of sequence nets: going on after a cut, penalties, precision and memory."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode

from tradewind.core import Dataset, InputError, UsageError
from tradewind.models import AttentionReader, LSTMForecaster, LSTMSettings, ModelSettings, make_model
from tradewind.models.nets.learning.device import cpu_has_bfloat16
from tradewind.models.nets.settings import NetSettings

NETS = ("lstm", "gru", "cnn", "tcn", "transformer", "hybrid")
SMALL = {"hidden": 8, "max_epochs": 6, "span": 30, "burn_in": 10, "learning_rate": 0.01}


def small(name: str, **more: object):
    own = type(getattr(ModelSettings(), name))
    model = make_model(name, seed=7)
    return type(model)(own(**{**SMALL, **more}))


def weights(model) -> dict[str, torch.Tensor]:
    return model._fitted().state_dict()


class Cut(Exception):
    """Raised in the middle of a training."""


class CutAfter:
    def __init__(self, epoch: int) -> None:
        self.epoch = epoch

    def update(self, stage: str, done: int, total: int) -> None:
        if done == self.epoch:
            raise Cut


@pytest.mark.slow
@pytest.mark.parametrize("name", ["lstm", "hybrid"])
def test_a_cut_training_goes_on_to_equal_weights(name, market, train_test, tmp_path):
    train, _ = train_test(market)
    settings = small(name, max_epochs=5, patience=5).settings
    kind = type(small(name))
    whole = kind(settings).fit(market, train)
    path = tmp_path / "net.ckpt"
    with pytest.raises(Cut):
        kind(settings, checkpoint=path, progress=CutAfter(2)).fit(market, train)
    heard: list[int] = []

    class Heard:
        def update(self, stage: str, done: int, total: int) -> None:
            heard.append(done)

    resumed = kind(settings, checkpoint=path, progress=Heard()).fit(market, train)
    assert heard == [3, 4, 5]
    for key, value in weights(whole).items():
        assert torch.equal(value, weights(resumed)[key]), key


def test_a_checkpoint_of_another_fit_or_a_damaged_one_is_refused(market, train_test, tmp_path):
    train, _ = train_test(market)
    path = tmp_path / "net.ckpt"
    settings = LSTMSettings(hidden=2, max_epochs=1)
    LSTMForecaster(settings, checkpoint=path).fit(market, train)
    with pytest.raises(InputError, match="other data or settings"):
        LSTMForecaster(settings, checkpoint=path).fit(market, train[10:])
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(InputError, match="no readable checkpoint"):
        LSTMForecaster(settings, checkpoint=path).fit(market, train)


def test_l1_makes_weights_smaller(market, train_test):
    train, _ = train_test(market)
    size = [
        sum(float(w.abs().sum()) for w in weights(small("lstm", l1=l1).fit(market, train)).values() if w.ndim > 1)
        for l1 in (0.0, 0.01)
    ]
    assert size[1] < 0.9 * size[0]


def test_adversarial_training_makes_the_heads_less_steep(market, train_test):
    train, _ = train_test(market)
    steep = [
        float(
            weights(small("lstm", adversarial=a, adversarial_radius=1.0).fit(market, train))["heads.weight"][0].norm()
        )
        for a in (0.0, 2.0)
    ]
    assert 0.0 < steep[1] < 0.9 * steep[0]


@pytest.mark.slow
def test_parity_draws_groups_together_and_needs_groups(planted, train_test):
    data = planted(0.7, lengths=(300,) * 6, seed=3)
    group = (data.panel.symbol_code >= 3).astype(np.int64)
    features = data.features.copy()
    features[:, 1] = group
    rng = np.random.default_rng(1)
    flip = (rng.random(len(data)) < 0.5) & (group == 1) & (data.labels.direction == 0.0)
    labels = replace(data.labels, direction=np.where(flip, 1.0, data.labels.direction))
    bare = replace(data, features=features, labels=labels)
    grouped = replace(bare, group=group)
    train, test = train_test(bare)

    def gap(data: Dataset, parity: float) -> float:
        p = small("lstm", parity=parity).fit(data, train).predict(data, test).probability
        return float(p[group[test] == 1].mean() - p[group[test] == 0].mean())

    assert gap(grouped, 0.0) > 0.08
    assert abs(gap(grouped, 30.0)) < 0.5 * gap(grouped, 0.0)
    assert gap(bare, 30.0) == gap(bare, 0.0)


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_finds_what_happened_three_bars_ago(name, planted, train_test):
    data = planted(0.85, lengths=(400,) * 8, n_features=3, seed=5)
    features = data.features.copy()
    features[:-3, 0] = data.features[3:, 0]  # what moves a bar is shown three bars before it
    moved = replace(data, features=features)
    train, test = train_test(moved)
    model = small(name, max_epochs=30, patience=10, learning_rate=0.02, hidden=16, dropout=0.1)
    p = model.fit(moved, train).predict(moved, test).probability
    assert np.mean((p > 0.5) == (moved.labels.direction[test] == 1.0)) > 0.7


@pytest.mark.slow
@pytest.mark.parametrize("name", NETS)
def test_no_window_is_copied_for_each_row(name, planted):
    data = planted(0.7, lengths=(600,) * 12)
    rows = np.arange(len(data))
    rows = rows[~np.isnan(data.labels.direction[rows])]
    largest = 0

    class Watch(TorchDispatchMode):
        def __torch_dispatch__(self, func, types, args=(), kwargs=None):
            nonlocal largest
            out = func(*args, **(kwargs or {}))
            if isinstance(out, torch.Tensor):
                largest = max(largest, out.numel())
            return out

    with Watch():
        small(name, max_epochs=1, span=60, burn_in=30).fit(data, rows)
    assert 0 < largest < len(rows) * 60 * data.features.shape[1] / 2


@pytest.mark.parametrize("name", ["transformer", "hybrid"])
def test_attention_of_rows_sums_to_one_on_bars_that_are_there(name, market, train_test):
    train, _ = train_test(market)
    model = small(name, max_epochs=1, window=20).fit(market, train)
    assert isinstance(model, AttentionReader)
    assert not isinstance(small("lstm"), AttentionReader)
    rows = np.array([0, 5, 19, 200, 304])
    seen = model.attention(market, rows)
    assert seen.shape == (5, 20)
    np.testing.assert_allclose(seen.sum(axis=1), 1.0, atol=1e-6)
    bars = np.minimum(market.bar_index[rows] + 1, 20)
    for weight, there in zip(seen, bars, strict=True):
        assert (weight[: 20 - there] == 0).all()
        assert (weight[20 - there :] > 0).all()
    np.testing.assert_array_equal(model.attention(market, rows[:0]).shape, (0, 20))


def test_training_in_bfloat16_on_the_cpu_gives_nearly_the_same_forecast_or_says_that_it_cannot(market, train_test):
    train, test = train_test(market)
    if not cpu_has_bfloat16():
        with pytest.raises(UsageError, match=r"bfloat16.*float32"):
            small("lstm", precision="bfloat16", device="cpu").fit(market, train)
        return
    a, b = (
        small("lstm", precision=precision, device="cpu").fit(market, train).predict(market, test).probability
        for precision in ("float32", "bfloat16")
    )
    assert not np.array_equal(a, b)
    assert np.corrcoef(a, b)[0, 1] > 0.95


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU that PyTorch can use")
def test_training_on_a_gpu_finds_the_signal(market, train_test):
    train, test = train_test(market)
    p = small("lstm", device="cuda").fit(market, train).predict(market, test).probability
    assert np.mean((p > 0.5) == (market.labels.direction[test] == 1.0)) > 0.65


@pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU, so asking for one is right")
def test_asking_for_a_missing_gpu_says_what_to_do(market, train_test):
    with pytest.raises(UsageError, match='device = "auto"'):
        small("lstm", device="cuda").fit(market, train_test(market)[0])


@pytest.mark.parametrize("name", NETS)
def test_the_whole_range_of_tuning_is_legal(name):
    kind: type[NetSettings] = type(getattr(ModelSettings(), name))
    for rate, hidden, dropout in ((0.001, 56, 0.1), (0.1, 200, 0.5)):
        kind(learning_rate=rate, hidden=hidden, dropout=dropout)


@pytest.mark.parametrize(
    ("name", "wrong"),
    [("cnn", {"kernels": (61,)}), ("tcn", {"levels": 5}), ("transformer", {"hidden": 50}), ("hybrid", {"kernel": 61})],
)
def test_layers_that_reach_beyond_the_window_or_do_not_fit_are_refused(name, wrong):
    with pytest.raises(ValueError, match=r"window of 60|evenly"):
        type(getattr(ModelSettings(), name))(**wrong)
