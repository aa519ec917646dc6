"""compute_features: which features, in what order, and how it refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Panel, UsageError
from tradewind.core.panel import concat_symbols
from tradewind.features import REGISTRY, Group, Registry, compute_features, table


class Recorder:
    """Keeps what it is told."""

    def __init__(self) -> None:
        self.seen: list[tuple[str, int, int]] = []

    def update(self, stage: str, done: int, total: int) -> None:
        self.seen.append((stage, done, total))


def test_columns_come_in_the_order_asked_for(make_panel: Callable[..., Panel]) -> None:
    names = ["rsi_14", "breadth_rising", "return_1"]
    got = compute_features(make_panel(3, 40), names=names)
    assert got.names == tuple(names)
    assert got.values.shape == (120, 3)
    assert got.values.flags.c_contiguous


def test_features_without_their_input_are_left_out(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 30)
    assert compute_features(panel).names == REGISTRY.names(inputs=["bars"])
    feared = replace(panel, fear=np.full(len(panel), 20.0))
    assert compute_features(feared).names == REGISTRY.names(inputs=["bars", "fear"])


def test_unknown_double_and_unfed_names_are_refused(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 30)
    with pytest.raises(UsageError, match="rsi_14"):
        compute_features(panel, names=["rsi_15"])
    with pytest.raises(UsageError, match="twice"):
        compute_features(panel, names=["rsi_14", "rsi_14"])
    unfed = next(feature.name for feature in REGISTRY if feature.needs == "fear")
    with pytest.raises(UsageError, match="needs fear"):
        compute_features(panel, names=[unfed])


def test_blocks_change_no_value(make_panel: Callable[..., Panel], monkeypatch: pytest.MonkeyPatch) -> None:
    panel = make_panel(9, 200, gaps=True)
    whole = compute_features(panel)
    monkeypatch.setattr(table, "_BLOCK_ROWS", 350)
    assert np.array_equal(compute_features(panel).values, whole.values, equal_nan=True)


def test_blocks_hold_every_symbol_once() -> None:
    offsets = np.array([0, 10, 20_000, 50_000, 50_000, 120_000, 120_001])
    blocks = table._blocks(offsets)
    assert [s for first, last in blocks for s in range(first, last)] == list(range(6))
    assert table._blocks(np.array([0])) == []


def test_progress_runs_to_its_total(make_panel: Callable[..., Panel]) -> None:
    progress = Recorder()
    compute_features(make_panel(2, 30), names=["return_1", "breadth_rising"], progress=progress)
    assert [done for _, done, _ in progress.seen] == [1, 2]
    assert {total for _, _, total in progress.seen} == {2}


def test_an_empty_panel_and_a_symbol_of_one_bar(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 30)
    empty = compute_features(panel.select(np.zeros(len(panel), dtype=bool)))
    assert empty.values.shape == (0, len(empty.names))
    one = compute_features(panel.select(np.arange(len(panel)) == 3))
    assert one.values.shape == (1, len(one.names))
    assert np.isfinite(one["range_1"]).all()


def test_nothing_infinite_comes_out_of_zeros(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(3, 120)
    volume, close = panel.volume.copy(), panel.adj_close.copy()
    volume[20:60] = 0.0
    close[150:190] = close[150]
    close[260] = 0.0
    values = compute_features(replace(panel, volume=volume, adj_close=close)).values
    assert not np.isinf(values).any()


def test_a_flat_symbol_gives_no_oscillator(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(1, 100)
    flat = np.full(100, 7.0)
    prices = dict.fromkeys(("open", "high", "low", "close", "adj_close"), flat)
    got = compute_features(
        replace(panel, **prices), names=["rsi_14", "stochastic_k_14", "bollinger_b_20", "sma_ratio_5"]
    )
    assert np.isnan(got.values[:, :3]).all()
    assert np.all(got["sma_ratio_5"][4:] == 0.0)


def test_a_name_can_be_declared_once_only() -> None:
    registry = Registry()
    registry.own_bars("x_1", group=Group.PRICE, window=1, source="test of the registry")(lambda c: c.panel.close)
    with pytest.raises(ValueError, match="twice"):
        registry.own_bars("x_1", group=Group.PRICE, window=1, source="test of the registry")(lambda c: c.panel.close)


def test_a_family_declares_each_window() -> None:
    registry = Registry()
    registry.own_bars_family("y_{}", (3, 5), group=Group.PRICE, source="test of the registry", extra=1)(
        lambda context, window: context.panel.close * window
    )
    assert [(f.name, f.window, f.own_bars) for f in registry] == [("y_3", 4, True), ("y_5", 6, True)]


def test_a_symbol_added_beside_changes_no_own_feature(make_panel: Callable[..., Panel]) -> None:
    panel = make_panel(2, 80)
    other = make_panel(1, 80, seed=4)
    other = replace(other, symbols=("Z999",))
    own = [feature.name for feature in REGISTRY if feature.own_bars]
    both = compute_features(concat_symbols([panel, other]), names=own)
    assert np.array_equal(both.values[: len(panel)], compute_features(panel, names=own).values, equal_nan=True)
