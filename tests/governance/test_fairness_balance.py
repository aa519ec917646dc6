"""The data-balance report finds what was put out of balance, and nothing in data that are balanced."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import Dataset, InputError, Panel
from tradewind.core.plain import finite
from tradewind.features import LabelSettings, make_labels
from tradewind.governance.fairness import data_balance, find_proxies, locations

NAMES = ("noise", "stands_for_the_sector")


def dataset(panel: Panel, seed: int = 0) -> Dataset:
    rng = np.random.default_rng(seed)
    sector = panel.sector_code[panel.symbol_code].astype(np.float64)
    values = np.stack([rng.normal(size=len(panel)), sector + 0.2 * rng.normal(size=len(panel))], axis=1)
    return Dataset(
        panel=panel, features=values.astype(np.float32), names=NAMES, labels=make_labels(panel, LabelSettings())
    )


def every_row(data: Dataset) -> np.ndarray:
    return np.flatnonzero(~np.isnat(data.labels.end))


def test_equal_groups_are_not_flagged(make_panel) -> None:
    data = dataset(make_panel(n_symbols=6, n_days=250))
    report = data_balance(data, every_row(data))
    sector = next(b for b in report.balances if b.by == "sector")
    assert [g.flag for g in sector.groups] == ["", "", ""]
    assert sector.effective == pytest.approx(3.0)
    assert sum(g.rows for g in sector.groups) == report.rows
    year = next(b for b in report.balances if b.by == "year")
    assert all(g.flag == "" for g in year.groups)


def test_an_over_represented_sector_and_its_proxy_are_named(make_panel) -> None:
    panel = make_panel(n_symbols=8, n_days=250)
    data = dataset(replace(panel, sectors=("Tech",) * 5 + ("Energy",) * 2 + ("Health",)))
    report = data_balance(data, every_row(data))
    sector = {g.group: g for g in next(b for b in report.balances if b.by == "sector").groups}
    assert sector["Tech"].share == pytest.approx(5 / 8, abs=0.01)
    assert (sector["Tech"].flag, sector["Health"].flag, sector["Energy"].flag) == ("over", "under", "")
    words = " ".join(report.findings)
    assert "sector Tech" in words
    assert "sector can be told from stands_for_the_sector" in words
    assert "noise" not in words


def test_a_thin_year_is_under_represented(make_panel) -> None:
    data = dataset(make_panel(n_symbols=4, n_days=500))  # 2014 and 2015
    day = data.panel.time
    thin = (day < np.datetime64("2015-01-01")) & (data.panel.symbol_code > 0)
    rows = np.setdiff1d(every_row(data), np.flatnonzero(thin))
    year = {g.group: g for g in next(b for b in data_balance(data, rows).balances if b.by == "year").groups}
    assert year["2014"].flag == "under"
    assert year["2015"].flag == "over"


def test_a_group_of_one_symbol_has_no_proxy(make_panel) -> None:
    data = dataset(make_panel(n_symbols=3, n_days=250))  # three sectors of one symbol each
    rows = every_row(data)
    sector = np.array(data.panel.sectors)[data.panel.symbol_code][rows]
    assert find_proxies(data, rows, "sector", sector) == []


def test_only_labels_of_the_rows_are_read(make_panel) -> None:
    data = dataset(make_panel(n_symbols=6, n_days=250))
    rows = every_row(data)[:600]
    other = np.ones(len(data), dtype=bool)
    other[rows] = False
    changed = replace(
        data, labels=replace(data.labels, direction=np.where(other, 1.0 - data.labels.direction, data.labels.direction))
    )
    assert finite(data_balance(data, rows).to_dict()) == finite(data_balance(changed, rows).to_dict())


def test_without_a_label_there_is_nothing_to_balance(make_panel) -> None:
    data = dataset(make_panel(n_symbols=3, n_days=60))
    with pytest.raises(InputError, match="none of the training rows"):
        data_balance(data, np.empty(0, dtype=np.int64))


def test_places_by_suffix() -> None:
    found = locations(["VOD.L", "SAP.DE", "AAPL", "BRK.B", "7203.T"])
    assert list(found) == ["London", "Germany", "no suffix", "no suffix", "Tokyo"]


def test_a_slow_column_that_tells_symbols_but_not_their_group_is_no_proxy(make_panel) -> None:
    panel = make_panel(n_symbols=12, n_days=120)
    found = []
    for seed in range(6):
        level = np.random.default_rng(seed).normal(size=12)[panel.symbol_code]
        data = replace(dataset(panel), features=np.stack([level, level], axis=1).astype(np.float32))
        rows = every_row(data)
        sector = np.array([f"sector {s % 6}" for s in range(12)])[panel.symbol_code][rows]
        found.append(find_proxies(data, rows, "sector", sector)[0].uncertainty)
    assert np.mean(found) < 0.1  # shuffled rows would call it a clear proxy, at about 0.8


def test_groups_that_change_over_time_keep_their_proxy(make_panel) -> None:
    panel = make_panel(n_symbols=12, n_days=120)
    size = (panel.symbol_code + panel.time_code // 20) % 3
    data = replace(dataset(panel), features=np.stack([size, size[::-1]], axis=1).astype(np.float32))
    rows = every_row(data)
    first, *_ = find_proxies(data, rows, "size_bucket", np.array(["small", "mid", "large"])[size][rows])
    assert first.column == "noise"  # the first column
    assert first.uncertainty > 0.5


def test_a_handful_of_rows_that_all_rose_are_not_apart(make_panel) -> None:
    panel = make_panel(n_symbols=6, n_days=250)
    data = dataset(replace(panel, sectors=("Tech",) * 5 + ("Energy",)))
    rose = (data.panel.symbol_code == 5) & (data.labels.direction == 1)
    rows = np.concatenate([every_row(data)[data.panel.symbol_code[every_row(data)] < 5], np.flatnonzero(rose)[:8]])
    sector = next(b for b in data_balance(data, np.sort(rows)).balances if b.by == "sector")
    assert sector.groups[0].rises.lower == 1.0
    assert sector.apart is None
