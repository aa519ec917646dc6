"""The bars in Qlib's format, and the spans both sides share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from tradewind.core import Panel
from tradewind.data import MarketSettings, simulate
from tradewind.features import LabelSettings, make_labels
from tradewind.validation import Split, holdout


@pytest.fixture
def panel() -> Panel:
    """Return two symbols of which the second starts late and misses a day."""
    whole = simulate(MarketSettings(n_symbols=2, n_days=40, dividends=4, seed=3)).panel
    keep = np.ones(len(whole), dtype=bool)
    start = whole.offsets[1]
    keep[start : start + 5] = False
    keep[start + 20] = False
    return whole.select(keep)


def split_of(panel: Panel) -> Split:
    """Return a fold of the last ten days."""
    labels = make_labels(panel, LabelSettings())
    days = [str(day)[:10] for day in panel.times]
    return holdout(labels.start, labels.end, train_end=days[29], test_start=days[30], test_end=days[-1])


def test_a_file_holds_its_first_day_then_one_value_a_day(panel: Panel, tmp_path: Path) -> None:
    from qlib_data import write_qlib

    write_qlib(panel, tmp_path)
    days = (tmp_path / "calendars" / "day.txt").read_text().split()
    assert days == [str(day)[:10] for day in panel.times]
    found = np.fromfile(tmp_path / "features" / "s0001" / "close.day.bin", dtype="<f4")
    rows = slice(int(panel.offsets[1]), int(panel.offsets[2]))
    assert found[0] == 5
    assert len(found) - 1 == 35
    assert np.isnan(found[1 + 15])
    np.testing.assert_allclose(found[1:][~np.isnan(found[1:])], panel.adj_close[rows], rtol=1e-6)
    lines = (tmp_path / "instruments" / "all.txt").read_text().splitlines()
    assert lines[1].split("\t") == ["S0001", days[5], days[-1]]


def test_qlib_stops_on_training_days_alone(panel: Panel) -> None:
    from qlib_data import segments, stop_days

    split = split_of(panel)
    spans = segments(split, panel)
    known = str(panel.time[split.train].max())[:10]
    assert spans["train"][0] < spans["train"][1] < spans["valid"][0] < spans["valid"][1] == known < spans["test"][0]
    assert set(stop_days(split, panel)) < set(panel.time_code[split.train])


def test_scores_come_back_to_their_rows(panel: Panel, tmp_path: Path) -> None:
    from qlib_data import instrument, rows_of_scores
    from qlib_peer import panel_data

    rows = np.array([3, len(panel) - 1, 10])
    names = [instrument(int(code)) for code in panel.symbol_code[rows]]
    file = tmp_path / "scores.npz"
    times = np.append(panel.time[rows], panel.times[2])  # the second symbol has no bar on the third day
    np.savez(file, instrument=np.array([*names, "S0001"]), time=times, score=np.array([0.1, 0.2, np.nan, 0.4]))
    found, score = rows_of_scores(panel_data(panel), file)
    assert found.tolist() == [3, len(panel) - 1]
    assert score.tolist() == [0.1, 0.2]
