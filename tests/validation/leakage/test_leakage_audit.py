"""Each planted leak is found, by name, and honest tables raise no error."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import polars as pl
import pytest

from tradewind.core import Panel, SchemaError, Severity, UsageError
from tradewind.features.labels import LabelSettings, make_labels
from tradewind.validation import AuditColumns, AuditSettings, LeakageReport, WalkForward, audit_leakage


def along(panel: Panel, values: np.ndarray, steps: int) -> np.ndarray:
    """Values of the symbol ``steps`` bars later (earlier when negative)."""
    rows = np.arange(len(panel)) + steps
    inside = (rows >= 0) & (rows < len(panel))
    moved = np.full(len(panel), np.nan)
    same = inside & (panel.symbol_code[np.clip(rows, 0, len(panel) - 1)] == panel.symbol_code)
    moved[same] = values[rows[same]]
    return moved


def honest(panel: Panel) -> pl.DataFrame:
    """A small table of point-in-time features."""
    price = panel.adj_close
    back = price / along(panel, price, -1) - 1
    five = price / along(panel, price, -5) - 1
    swing = np.sqrt(np.mean([along(panel, back, -k) ** 2 for k in range(10)], axis=0))
    return pl.DataFrame(
        {
            "symbol": np.array(panel.symbols)[panel.symbol_code],
            "date": panel.time,
            "close": panel.close,
            "return_1": back,
            "return_5": five,
            "volatility_10": swing,
            "range": (panel.high - panel.low) / panel.close,
            "volume": panel.volume,
            "weekday": (panel.time.astype("datetime64[D]").astype(int) % 7).astype(float),
        }
    )


@pytest.fixture(scope="module")
def panel(make_panel) -> Panel:
    return make_panel(n_symbols=12, n_days=600, seed=5, gaps=True)


def found(report: LeakageReport, kind: str, feature: str | None = None) -> list[Severity]:
    return [f.severity for f in report.of_kind(kind) if f.feature == feature]


@pytest.mark.slow
def test_honest_features_on_random_walks_raise_nothing(make_panel):
    for seed in range(5):
        walk = make_panel(n_symbols=8, n_days=400, seed=seed, gaps=seed % 2 == 0)
        report = audit_leakage(honest(walk), walk, recompute=honest)
        assert report.findings == (), [f.message for f in report.findings]
        assert report.clean
        assert "truncation" in report.checks


FORWARD = {
    "close of tomorrow": lambda p: along(p, p.close, 1),
    "log price of the day after": lambda p: np.log(along(p, p.adj_close, 2)),
    "return of tomorrow, scaled": lambda p: 7 * (along(p, p.adj_close, 1) / p.adj_close - 1) + 3,
    "return of the fifth next bar": lambda p: along(p, p.adj_close, 5) / along(p, p.adj_close, 4),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", FORWARD)
def test_shifted_futures_are_copies(panel, name):
    report = audit_leakage(honest(panel).with_columns(leak=FORWARD[name](panel)), panel)
    assert found(report, "future_copy", "leak") == [Severity.ERROR]
    assert {f.feature for f in report.errors} == {"leak"}


PEEKS = {
    "centred mean of 21": lambda p: np.mean([along(p, p.adj_close, k) for k in range(-10, 11)], axis=0) / p.adj_close,
    "return over the next 20 bars": lambda p: along(p, p.adj_close, 20) / p.adj_close - 1,
    "tomorrow behind noise": lambda p: (
        along(p, p.adj_close, 1) / p.adj_close - 1 + np.random.default_rng(0).normal(0, 0.03, len(p))
    ),
}


@pytest.mark.parametrize("name", PEEKS)
def test_partial_look_ahead_is_found(panel, name):
    report = audit_leakage(honest(panel).with_columns(leak=PEEKS[name](panel)), panel)
    assert found(report, "look_ahead", "leak") == [Severity.ERROR]
    assert {f.feature for f in report.errors} == {"leak"}


def test_look_ahead_without_prices_is_found_through_the_label(panel):
    forward = make_labels(panel, LabelSettings()).forward_return
    noise = np.random.default_rng(1).normal(0, 0.02, len(panel))
    table = honest(panel).with_columns(target=forward, leak=forward + noise)
    report = audit_leakage(table, columns=AuditColumns(label="target"))
    assert found(report, "look_ahead", "leak") == [Severity.ERROR]
    assert {f.feature for f in report.errors} == {"leak"}


TARGETS = {
    "copy": lambda y, r: y,
    "mirrored copy": lambda y, r: 5 - 2 * y,
    "monotone transform of the return": lambda y, r: np.arctan(40 * r) + 1,
    "label with one row in twenty wrong": lambda y, r: np.where(np.arange(len(y)) % 20 == 0, 1 - y, y),
    "neither rising nor falling with it": lambda y, r: np.where(y == 1, np.cos(np.arange(len(y))) * 9, 20 + y),
    "gaps that tell": lambda y, r: np.where(y == 1, np.nan, np.sin(np.arange(len(y)))),
}


@pytest.mark.slow
@pytest.mark.parametrize("name", TARGETS)
def test_the_target_among_the_features_is_found(panel, name):
    labels = make_labels(panel, LabelSettings())
    leak = TARGETS[name](labels.direction, labels.forward_return)
    table = honest(panel).with_columns(y=labels.direction, leak=leak)
    report = audit_leakage(table, columns=AuditColumns(label="y"))
    assert found(report, "target_in_features", "leak") == [Severity.ERROR]
    assert {f.feature for f in report.errors} == {"leak"}


def test_truncated_history_finds_a_leak_that_statistics_cannot(panel):
    def spy(part: Panel) -> pl.DataFrame:
        top = np.array([part.close[part.symbol_code == s].max() for s in range(part.n_symbols)])
        return honest(part).with_columns(below_top=top[part.symbol_code] / 1e6 + part.volume)

    report = audit_leakage(spy(panel), panel, recompute=spy)
    assert found(report, "look_ahead", "below_top") == []
    assert found(report, "changes_with_the_future", "below_top") == []  # below the tolerance: far too small to matter

    def plain(part: Panel) -> pl.DataFrame:
        top = np.array([part.close[part.symbol_code == s].max() for s in range(part.n_symbols)])
        return honest(part).with_columns(below_top=part.close / top[part.symbol_code])

    report = audit_leakage(plain(panel), panel, recompute=plain)
    assert found(report, "changes_with_the_future", "below_top") == [Severity.ERROR]
    assert {f.feature for f in report.errors} == {"below_top"}


def test_skill_that_survives_truncation_is_no_leak(panel):
    """A market whose next return really follows a published signal: the statistics alone would call it a leak."""
    rng = np.random.default_rng(2)
    signal = rng.normal(0, 1, len(panel))
    step = 0.01 * (0.6 * np.nan_to_num(along(panel, signal, -1)) + rng.normal(0, 1, len(panel)))
    price = np.empty(len(panel))
    for s in range(panel.n_symbols):
        rows = slice(panel.offsets[s], panel.offsets[s + 1])
        price[rows] = 50 * np.exp(np.cumsum(step[rows]))
    market = replace(panel, adj_close=price, close=price, volume=signal + 10.0)
    assert found(audit_leakage(honest(market), market), "look_ahead", "volume") == [Severity.ERROR]
    report = audit_leakage(honest(market), market, recompute=honest)
    assert found(report, "look_ahead", "volume") == [Severity.INFO]
    assert report.clean


def split_table(panel: Panel, gap: int, horizon: int) -> pl.DataFrame:
    cut = 300
    part = np.where(panel.time_code >= cut, "test", np.where(panel.time_code < cut - gap, "train", "none"))
    return honest(panel).with_columns(part=part)


def test_label_spans_across_a_split_column_are_found(make_panel):
    panel = make_panel(n_symbols=5, n_days=500)
    keys, settings = AuditColumns(split="part"), AuditSettings(horizon=5)
    report = audit_leakage(split_table(panel, 0, 5), panel, columns=keys, settings=settings)
    assert found(report, "label_overlap") == [Severity.ERROR]
    assert report.of_kind("label_overlap")[0].rows == 5 * 4  # the last label of a symbol only touches the test
    assert audit_leakage(split_table(panel, 5, 5), panel, columns=keys, settings=settings).clean
    assert audit_leakage(split_table(panel, 0, 1), panel, columns=keys).clean
    alone = audit_leakage(honest(panel), panel, settings=settings)
    assert found(alone, "overlapping_labels") == [Severity.INFO]


def test_splitters_are_audited_in_the_order_of_the_table(panel):
    from sklearn.model_selection import KFold

    labels = make_labels(panel, LabelSettings(horizon=5))
    shuffle = np.random.default_rng(0).permutation(len(panel))
    table = honest(panel)[shuffle]
    settings = AuditSettings(horizon=5)
    purged = WalkForward(labels.start[shuffle], labels.end[shuffle], train_months=6)
    assert audit_leakage(table, panel, splitter=purged, settings=settings).clean
    rows = audit_leakage(table, panel, splitter=KFold(3), settings=settings)
    assert found(rows, "label_overlap") == [Severity.ERROR]
    assert found(rows, "unknown_label_trained_on") == [Severity.WARNING]


def test_rows_on_both_sides_are_found(panel):
    class Careless:
        def split(self, X, y=None, groups=None):
            yield np.arange(100), np.arange(90, 200)

    report = audit_leakage(honest(panel), panel, splitter=Careless())
    assert report.of_kind("trained_on_test_rows")[0].rows == 10


def test_repeated_rows_are_found(make_panel):
    panel = make_panel(n_symbols=5, n_days=500)
    table = split_table(panel, 3, 1)
    again = pl.concat([table, table[30:40]])
    report = audit_leakage(again, panel, columns=AuditColumns(split="part"))
    assert found(report, "duplicate_keys") == [Severity.WARNING]
    moved = table[30:40].with_columns(part=pl.lit("test"), date=table["date"][30:40] + timedelta(days=3650))
    report = audit_leakage(pl.concat([table, moved]), panel, columns=AuditColumns(split="part"))
    assert found(report, "duplicate_keys") == []
    kinds = {f.kind: f.severity for f in report.findings}
    assert kinds["duplicate_rows"] == Severity.ERROR


def test_scaling_on_the_whole_sample_is_found(panel):
    table = honest(panel)
    whole = (pl.col("range") - pl.col("range").mean()) / pl.col("range").std()
    each = ((pl.col("range") - pl.col("range").mean()) / pl.col("range").std()).over("symbol")
    daily = ((pl.col("range") - pl.col("range").mean()) / pl.col("range").std()).over("date")
    unit = (pl.col("range") - pl.col("range").min()) / (pl.col("range").max() - pl.col("range").min())
    report = audit_leakage(table.with_columns(whole=whole, each=each, daily=daily.cast(pl.Float32), unit=unit), panel)
    assert found(report, "full_sample_scaling", "whole") == [Severity.ERROR]
    assert found(report, "full_sample_scaling", "each") == [Severity.ERROR]
    assert found(report, "full_sample_scaling", "unit") == [Severity.WARNING]
    assert found(report, "full_sample_scaling", "daily") == []  # a score across symbols is point in time
    assert {f.feature for f in report.errors} == {"whole", "each"}


def test_clipping_at_bounds_of_the_whole_sample_is_found(make_panel):
    panel = make_panel(n_symbols=8, n_days=500)
    table = split_table(panel, 1, 1)
    values = table["range"].to_numpy()
    train = values[(table["part"] == "train").to_numpy()]
    table = table.with_columns(
        whole=np.clip(values, *np.quantile(values, [0.01, 0.99])),
        fair=np.clip(values, *np.quantile(train, [0.01, 0.99])),
    )
    report = audit_leakage(table, panel, columns=AuditColumns(split="part"))
    assert found(report, "full_sample_winsorisation", "whole") == [Severity.WARNING]
    assert found(report, "full_sample_winsorisation", "fair") == []


@pytest.mark.slow
def test_a_universe_of_survivors_is_found(make_panel):
    panel = make_panel(n_symbols=30, n_days=900, seed=1)
    report = audit_leakage(honest(panel), panel)
    assert found(report, "no_delisting") == [Severity.WARNING]
    total = np.array([panel.close[panel.rows_of(s)][-1] / panel.close[panel.rows_of(s)][0] for s in panel.symbols])
    losers = np.argsort(total)[:12]
    gone = np.isin(panel.symbol_code, losers) & (panel.time_code > 600)
    market = panel.select(~gone)
    assert found(audit_leakage(honest(market), market), "no_delisting") == []
    names = [s for i, s in enumerate(panel.symbols) if i not in losers]
    chosen = honest(market).filter(pl.col("symbol").is_in(names))
    report = audit_leakage(chosen, market)
    assert found(report, "survivors_only") == [Severity.ERROR]
    best = [panel.symbols[i] for i in np.argsort(total)[-6:]]
    report = audit_leakage(honest(market).filter(pl.col("symbol").is_in(best)), market)
    assert found(report, "universe_excess_return") == [Severity.WARNING]


@pytest.mark.slow
def test_more_features_raise_the_bar(panel):
    """200 columns of noise: the corrected thresholds hold the family-wise error."""
    rng = np.random.default_rng(3)
    noise = pl.DataFrame({f"noise_{i}": rng.normal(size=len(panel)) for i in range(200)})
    for method in ("bonferroni", "bh"):
        settings = AuditSettings(correction=method, lags=(1, 5))
        report = audit_leakage(honest(panel).hstack(noise), panel, settings=settings)
        assert [f.feature for f in report.findings if f.feature is not None] == []


def test_the_report_is_json_ready(panel):
    import json

    report = audit_leakage(honest(panel).with_columns(leak=along(panel, panel.close, 1)), panel)
    record = json.loads(json.dumps(report.to_dict()))
    assert record["clean"] is False
    assert record["findings"][0]["feature"] == "leak"
    assert set(record["skipped"]) == {"truncation", "overlap of folds"}
    event = report.findings[0].to_event()
    assert (event.field, event.severity) == ("leak", Severity.ERROR)


def test_bad_tables_are_named(panel):
    table = honest(panel)
    cases = [
        (SchemaError, "no_such", lambda: audit_leakage(table, panel, columns=AuditColumns(label="no_such"))),
        (SchemaError, "no rows", lambda: audit_leakage(table[:0], panel)),
        (SchemaError, "no numeric feature", lambda: audit_leakage(table.select("symbol", "date"), panel)),
        (SchemaError, "holds no dates", lambda: audit_leakage(table.with_columns(date=pl.lit("x")), panel)),
        (UsageError, "neither a label", lambda: audit_leakage(table)),
        (
            UsageError,
            "without prices",
            lambda: audit_leakage(table, columns=AuditColumns(label="range"), recompute=honest),
        ),
        (
            UsageError,
            "no training",
            lambda: audit_leakage(table.with_columns(part=pl.lit("a")), panel, columns=AuditColumns(split="part")),
        ),
        (SchemaError, "recomputed", lambda: audit_leakage(table, panel, recompute=lambda p: table.select("range"))),
    ]
    for kind, text, call in cases:
        with pytest.raises(kind, match=text):
            call()
