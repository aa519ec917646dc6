"""Regimes of KDD17 by year, from a model of 2007 to 2009, and the plot of `docs/regimes.md`.

.venv/bin/python benchmarks/regimes.py ../shared/data/kdd17/prices.parquet docs/regimes_kdd17.svg
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import matplotlib as mpl
import numpy as np

mpl.use("Agg")

import matplotlib.pyplot as plt

from tradewind.continual.regimes import RegimeFilter, RegimeModel, RegimeSettings, market_observations
from tradewind.continual.regimes import volatility_regimes as levels
from tradewind.data import read_prices

COLUMNS = [0, 2]
LEARNED = np.datetime64("2009-12-31")


def main(prices: Path, plot: Path) -> None:
    """Print the table and write the plot."""
    panel = read_prices(prices)
    begun = time.perf_counter()
    seen = market_observations(panel)
    read = time.perf_counter()
    past = seen.between(seen.time[0], LEARNED)
    model = RegimeModel.fit(past.values[:, COLUMNS], RegimeSettings(order_by=1), fitted_until=str(LEARNED))
    fitted = time.perf_counter()
    probability = model.filter(seen.values[:, COLUMNS])
    online = RegimeFilter(model)
    start = time.perf_counter()
    for row in seen.values[:, COLUMNS]:
        online.update(row)
    each = (time.perf_counter() - start) / len(seen.time)
    print(f"observations {read - begun:.2f} s, fit {fitted - read:.2f} s, an update {each * 1e6:.0f} us")
    year, level = seen.time.astype("datetime64[Y]").astype(int) + 1970, levels(panel)[1]
    for one in np.unique(year):
        rows = year == one
        mean = " | ".join(f"{value:.2f}" for value in probability[rows].mean(axis=0))
        likeliest = int((probability[rows].argmax(axis=1) == 2).sum())
        print(f"| {one} | {mean} | {likeliest} | {int((level[rows] == 'stressed').sum())} | {int(rows.sum())} |")
    figure, axis = plt.subplots(figsize=(9, 2.6))
    axis.stackplot(
        seen.time[::5], probability[::5].T, labels=model.names, colors=("#9ecae1", "#fdd0a2", "#cb181d"), lw=0
    )
    axis.axvline(LEARNED, color="black", lw=0.8, ls="--")
    axis.set(ylim=(0, 1), ylabel="filtered probability", title="KDD17: learned from what lies before the dashed line")
    axis.legend(loc="lower right", ncols=3, fontsize=8)
    figure.tight_layout()
    figure.savefig(plot, metadata={"Date": None})


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
