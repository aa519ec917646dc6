"""The bars and folds that Qlib and Tradewind share, and the bars in Qlib's own file format."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from tradewind.core import Dataset, Panel
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.data import read_prices
from tradewind.features import LabelSettings, make_labels
from tradewind.validation import Split, holdout

STOP_SHARE = 2 / 9
"""Share of the training days on which Qlib's LightGBM stops: its benchmark fits on seven years and stops on two."""


@dataclass(frozen=True, kw_only=True)
class Fold:
    """One data set, fitted on everything to ``train_end``, judged on the days from ``test_start`` to ``test_end``.

    ``runs`` : how often both sides run, each time with another seed; ``models`` : ours.
    """

    name: str
    title: str
    train_end: str
    test_start: str
    test_end: str
    runs: int = 5
    models: tuple[str, ...] = ("xgboost", "lightgbm", "random_forest", "ensemble")

    def prices(self, data: Path) -> Path:
        """Return the file of the bars."""
        return data / self.name / "prices.parquet"

    def split(self, panel: Panel) -> Split:
        """Return training and test rows."""
        labels = make_labels(panel, LabelSettings())
        return holdout(
            labels.start,
            labels.end,
            train_end=self.train_end,
            test_start=self.test_start,
            test_end=self.test_end,
        )


FOLDS = (
    Fold(
        name="kdd17",
        title="KDD17, 50 symbols, fitted on 2007 to 2013, judged on 2014 and 2015",
        train_end="2013-12-31",
        test_start="2014-01-01",
        test_end="2015-12-30",
    ),
    Fold(
        name="acl18",
        title="ACL18, 87 symbols, fitted on September 2012 to May 2015, judged on June to September 2015",
        train_end="2015-05-31",
        test_start="2015-06-01",
        test_end="2015-09-29",
    ),
    Fold(
        name="sp500",
        title="S&P 500, 503 survivors of 2017, fitted on August 2012 to 2014, judged on January 2015 to June 2017",
        train_end="2014-12-31",
        test_start="2015-01-01",
        test_end="2017-06-30",
        runs=3,
        models=("xgboost", "lightgbm", "random_forest"),  # the ensemble's nets would take most of an hour here
    ),
)


def instrument(code: int) -> str:
    """Return Qlib's name of the symbol with this code: names that are files must not depend on letters' case."""
    return f"S{code:04d}"


def stop_days(split: Split, panel: Panel) -> IntArray:
    """Return the codes of the last training days, on which boosting stops."""
    days = np.unique(panel.time_code[split.train])
    return days[round(len(days) * (1 - STOP_SHARE)) :]


def segments(split: Split, panel: Panel) -> dict[str, tuple[str, str]]:
    """Return Qlib's spans: days to fit on, days to stop on (both inside our training rows), days to forecast."""
    late = stop_days(split, panel)
    train = np.unique(panel.time_code[split.train])
    spans = {"train": train[train < late[0]], "valid": late, "test": np.unique(panel.time_code[split.test])}
    days = panel.times.astype("datetime64[D]")
    return {name: (str(days[span[0]]), str(days[span[-1]])) for name, span in spans.items()}


def write_qlib(panel: Panel, folder: Path) -> None:
    """Write ``panel`` as Qlib's provider reads it: a calendar, the instruments, and one float32 file per field.

    A file holds the calendar index of its first day, then one value a day, NaN where there is no bar. Prices are
    adjusted as Qlib's own collectors do it: by the factor adj_close / close, volume by its inverse. The bars have no
    average price of the day; (high + low + close) / 3 stands for it.
    """
    calendar = panel.times.astype("datetime64[D]")
    for name in ("calendars", "instruments"):
        (folder / name).mkdir(parents=True, exist_ok=True)
    (folder / "calendars" / "day.txt").write_text("\n".join(str(day) for day in calendar) + "\n")
    factor = panel.adj_close / panel.close
    fields = {name: getattr(panel, name) * factor for name in ("open", "high", "low", "close")}
    fields |= {"volume": panel.volume / factor, "factor": factor}
    fields["vwap"] = (fields["high"] + fields["low"] + fields["close"]) / 3
    lines = []
    for code in range(panel.n_symbols):
        rows = slice(int(panel.offsets[code]), int(panel.offsets[code + 1]))
        place = panel.time_code[rows]
        lines.append(f"{instrument(code)}\t{calendar[place[0]]}\t{calendar[place[-1]]}")
        target = folder / "features" / instrument(code).lower()
        target.mkdir(parents=True, exist_ok=True)
        for name, values in fields.items():
            column = np.full(place[-1] - place[0] + 1, np.nan)
            column[place - place[0]] = values[rows]
            np.concatenate([[place[0]], column]).astype("<f4").tofile(target / f"{name}.day.bin")
    (folder / "instruments" / "all.txt").write_text("\n".join(lines) + "\n")


def read_panel(fold: Fold, data: Path) -> Panel:
    """Read the bars of ``fold``."""
    return read_prices(fold.prices(data))


def rows_of_scores(data: Dataset, file: Path) -> tuple[IntArray, FloatArray]:
    """Return the rows that Qlib scored, and the scores, of those that are rows of ``data``."""
    panel = data.panel
    with np.load(file) as found:
        code = np.array([int(name[1:]) for name in found["instrument"]])
        time, score = found["time"].astype("datetime64[us]"), found["score"]
    day = np.searchsorted(panel.times, time)
    key = panel.symbol_code.astype(np.int64) * len(panel.times) + panel.time_code
    asked = code * len(panel.times) + day
    row = np.minimum(np.searchsorted(key, asked), len(key) - 1)
    there = (key[row] == asked) & np.isfinite(score)
    return row[there].astype(np.int64), score[there]
