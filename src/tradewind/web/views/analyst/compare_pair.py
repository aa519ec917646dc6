"""Two models on the same bars: which is right more often, by more than chance, and where they part."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tradewind.core.arrays import FloatArray
from tradewind.web.problems import Problem
from tradewind.web.views.analyst.compare_shapes import RANK, CompareDays, CompareGap, ComparePair, CompareTest

if TYPE_CHECKING:
    from tradewind.evaluation import Interval

CALLED_REAL = 0.05


@dataclass(frozen=True, kw_only=True)
class Side:
    """One of the two: its name as it is told, its kind, and a table of symbol, date, label and ``probability``."""

    name: str
    kind: str
    table: pl.DataFrame


def compare(first: Side, second: Side, source: str) -> ComparePair:
    """Compare two models on the bars that both forecast and whose label is known.

    Accuracy is paired bar by bar and whole days are redrawn; Brier scores are paired day by day.

    Raises
    ------
    Problem : they share no bar with a known label.
    """
    from tradewind.evaluation import BootstrapSettings
    from tradewind.evaluation.bootstrap import bootstrap_statistic

    days = _by_day(_shared(first.table, second.table))
    if not len(days):
        raise Problem(
            422, "These two cannot be compared", "They share no bar whose outcome is known.", fix="choose another pair"
        )
    settings = BootstrapSettings()
    n = int(days["n"].sum())
    sums = np.stack([(days["right_2"] - days["right_1"]).to_numpy(), days["n"].to_numpy()], axis=1).astype(np.float64)
    gap = bootstrap_statistic(sums, _share, settings)
    test = _test((days["brier_1"] - days["brier_2"]).to_numpy())
    right = tuple(float(days[f"right_{side}"].sum()) / n for side in (1, 2))
    apart = int(days["apart"].sum())
    simpler = _simpler(first, second)
    found = ComparePair(
        first=first.name,
        second=second.name,
        simpler=simpler,
        n=n,
        n_days=len(days),
        accuracy_first=right[0],
        accuracy_second=right[1],
        gap=CompareGap(value=gap.value, lower=gap.lower, upper=gap.upper),
        level=settings.level,
        test=test,
        agreement=1.0 - apart / n,
        apart=apart,
        apart_second=float(days["apart_2"].sum()) / apart if apart else None,
        words=[],
        days=_running(days),
        source=source,
    )
    return found.model_copy(update={"words": _words(found, gap)})


def _shared(first: pl.DataFrame, second: pl.DataFrame) -> pl.DataFrame:
    """Return date, y, p_1 and p_2 of the bars that both forecast; the label is the first's."""
    keys = ["symbol", "date"]
    own = first.select(*keys, pl.col("label").alias("y"), pl.col("probability").alias("p_1"))
    other = second.select(*keys, pl.col("probability").alias("p_2"))
    same = own.height == other.height and own.select(keys).equals(other.select(keys))
    both = own.with_columns(other["p_2"]) if same else own.join(other, on=keys, how="inner")
    return both.drop_nulls().filter(pl.col("p_1").is_not_nan() & pl.col("p_2").is_not_nan())


def _by_day(both: pl.DataFrame) -> pl.DataFrame:
    y = pl.col("y").cast(pl.Float64)
    up_1, up_2, rose = pl.col("p_1") > 0.5, pl.col("p_2") > 0.5, y == 1.0
    return (
        both.group_by(pl.col("date").dt.date().alias("day"))
        .agg(
            pl.len().alias("n"),
            (up_1 == rose).sum().cast(pl.Int64).alias("right_1"),
            (up_2 == rose).sum().cast(pl.Int64).alias("right_2"),
            (up_1 != up_2).sum().cast(pl.Int64).alias("apart"),
            ((up_1 != up_2) & (up_2 == rose)).sum().cast(pl.Int64).alias("apart_2"),
            ((pl.col("p_1") - y) ** 2).mean().alias("brier_1"),
            ((pl.col("p_2") - y) ** 2).mean().alias("brier_2"),
        )
        .sort("day")
    )


def _share(totals: FloatArray) -> FloatArray:
    from tradewind.evaluation.days import ratio

    return ratio(totals[..., 0], totals[..., 1])


def _test(saved: FloatArray) -> CompareTest | None:
    """Return the two-sided test of daily Brier scores saved by the second; None with too few days."""
    from tradewind.evaluation import diebold_mariano

    found = diebold_mariano(saved)
    if not math.isfinite(found.p_value):
        return None
    return CompareTest(
        statistic=found.statistic, p_value=min(2.0 * min(found.p_value, 1.0 - found.p_value), 1.0), days=found.n
    )


def _simpler(first: Side, second: Side) -> str | None:
    gap = RANK[first.kind] - RANK[second.kind]
    return None if gap == 0 else second.name if gap > 0 else first.name


def _running(days: pl.DataFrame) -> CompareDays:
    running: Mapping[str, pl.Series] = {
        "right": (days["right_2"] - days["right_1"]).cum_sum().cast(pl.Float64),
        "brier": (days["brier_1"] - days["brier_2"]).cum_sum(),
        "same": 1.0 - days["apart"] / days["n"],
    }
    return CompareDays(
        day=days["day"].dt.to_string("%Y-%m-%d").to_list(),
        **{name: [round(value, 6) for value in column.to_list()] for name, column in running.items()},
    )


def _words(pair: ComparePair, gap: Interval) -> list[str]:
    span = f"{100 * pair.level:.0f} % interval {_points(gap.lower)} to {_points(gap.upper)}"
    if gap.lower > 0 or gap.upper < 0:
        better = pair.second if gap.lower > 0 else pair.first
        amount = f"{abs(100 * gap.value):.2f} points of the bars"
        said = [f"{better} is right more often, by {amount} ({span}): more than chance over {pair.n_days} days."]
        if pair.simpler == better:
            said.append(f"{better} is the simpler of the two as well: nothing speaks here for the other one.")
    else:
        said = [f"No difference in accuracy is shown over {pair.n_days} days ({_points(gap.value)} points; {span})."]
        if pair.simpler is not None:
            said.append(
                f"The simple one does as well, as far as these days can tell: {pair.simpler} is easier to explain and "
                "to keep."
            )
    if pair.test is not None:
        said.append(_brier_words(pair, pair.test))
    if pair.apart and pair.apart_second is not None:
        said.append(
            f"They are on different sides in {100 * (1 - pair.agreement):.1f} % of the bars; there {pair.second} was "
            f"right in {100 * pair.apart_second:.1f} %."
        )
    return said


def _brier_words(pair: ComparePair, test: CompareTest) -> str:
    from tradewind.evaluation.significance import p_words

    p = p_words(test.p_value)
    if test.p_value >= CALLED_REAL:
        return f"Their probabilities are about as good: daily Brier scores do not differ by more than chance ({p})."
    better = pair.second if test.statistic > 0 else pair.first
    return f"The probabilities of {better} are better: lower daily Brier scores ({p})."


def _points(fraction: float) -> str:
    return f"{round(100 * fraction, 2) + 0.0:+.2f}"
