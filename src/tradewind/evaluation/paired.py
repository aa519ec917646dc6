"""Two forecasts of the same bars: which is right more often, and by more than chance?"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.arrays import FloatArray
from tradewind.evaluation.bootstrap import BootstrapSettings, Interval, bootstrap_statistic
from tradewind.evaluation.days import day_codes, day_sums, ratio


@dataclass(frozen=True, kw_only=True)
class PairedAccuracy:
    """Accuracy of the second forecast minus the first's, on the bars that both forecast.

    Attributes
    ----------
    gap : difference with its day-clustered bootstrap interval; NaN where no bar is shared.
    n, n_days : bars and days it rests on.
    """

    gap: Interval
    n: int
    n_days: int

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def paired_accuracy(
    first: pl.DataFrame, second: pl.DataFrame, settings: BootstrapSettings | None = None
) -> PairedAccuracy:
    """Compare two forecast tables (symbol, date, probability, label) bar by bar.

    Only bars count that both forecast and whose label both know. Whole days are redrawn, so that symbols that move
    together do not count as many; the pairing takes out what a day does to both forecasts (Efron and Tibshirani 1993).
    """
    columns = ["symbol", "date", "probability", "label"]
    kept = [table.select(columns).drop_nulls().filter(pl.col("probability").is_not_nan()) for table in (first, second)]
    both = kept[0].join(kept[1], on=["symbol", "date"], suffix="_2").sort("date", "symbol")
    right = [
        ((both["probability" + end] > 0.5).cast(pl.Int8) == both["label" + end]).cast(pl.Float64).to_numpy()
        for end in ("", "_2")
    ]
    code, days = day_codes(both["date"].to_numpy())
    sums = day_sums(np.stack([right[1] - right[0], np.ones(len(both))], axis=1), code, len(days))

    def share(totals: FloatArray) -> FloatArray:
        return ratio(totals[..., 0], totals[..., 1])

    gap = bootstrap_statistic(sums, share, settings or BootstrapSettings())
    return PairedAccuracy(gap=gap, n=len(both), n_days=len(days))
