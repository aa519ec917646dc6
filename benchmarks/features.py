"""How fast the technical features are, beside `ta` (pandas) and TA-Lib (C) on the same bars in the same run.

    python benchmarks/features.py [--quick] [--json FILE]

The panel is 500 symbols by 2,520 daily bars, a seeded random walk (--quick: 60 by 1,000). Each measurement is
repeated, the contenders taking turns so that all meet the same state of the machine. Before each turn as much memory as
the whole table takes is written and freed, so that none pays for memory the machine has not handed out yet:

- every feature that needs nothing but bars, and those of them that read a symbol's own bars, with peak memory;
- the indicators that `ta` has, through `ta` symbol by symbol on 25 symbols, scaled linearly to the panel (its cost is
  per symbol, so the scale is exact but for chance), against those features on the whole panel;
- the same work with TA-Lib: its calls symbol by symbol, NumPy for the ratios to the price, and one float32 matrix of
  the features at the end, against those features. Before the clock starts the two matrices are compared;
- TA-Lib's calls alone, their results thrown away, against those same features. Ours does more here: it also forms the
  ratios and the matrix.

Ratios are given of wall time (we use all cores, the peers one) and of processor time (the work itself).
Compilation is done before the clock starts and is reported apart. `ta` too gets raw arrays and returns raw indicators.
No peer adjusts prices for splits or clears infinite values, which ours does.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np
import pandas as pd
import ta
import talib

from tradewind.core import Panel
from tradewind.features import REGISTRY, compute_features

TA_SYMBOLS = 25
OURS = ("bars", "own", "like_ta", "like_talib")

# Features and the calls of each peer that give the same indicators.
TALIB_CALLS: dict[str, Callable[[dict[str, np.ndarray]], Any]] = {
    **{f"sma_ratio_{w}": (lambda b, w=w: talib.SMA(b["close"], w)) for w in (5, 10, 20, 50)},
    **{f"ema_ratio_{w}": (lambda b, w=w: talib.EMA(b["close"], w)) for w in (5, 10, 20, 50)},
    **{f"return_{w}": (lambda b, w=w: talib.ROCP(b["close"], w)) for w in (1, 2, 3, 5, 10, 20, 60, 120, 250)},
    **{f"rsi_{w}": (lambda b, w=w: talib.RSI(b["close"], w)) for w in (7, 14)},
    "macd_26": lambda b: talib.MACD(b["close"]),
    "bollinger_b_20": lambda b: talib.BBANDS(b["close"], 20, 2, 2),
    "atr_14": lambda b: talib.ATR(b["high"], b["low"], b["close"], 14),
    "stochastic_k_14": lambda b: talib.STOCH(b["high"], b["low"], b["close"], 14, 3, 0, 3, 0),
    "williams_r_14": lambda b: talib.WILLR(b["high"], b["low"], b["close"], 14),
    "adx_14": lambda b: talib.ADX(b["high"], b["low"], b["close"], 14),
    "directional_index_14": lambda b: (
        talib.PLUS_DI(b["high"], b["low"], b["close"], 14),
        talib.MINUS_DI(b["high"], b["low"], b["close"], 14),
    ),
    "cci_20": lambda b: talib.CCI(b["high"], b["low"], b["close"], 20),
    "aroon_25": lambda b: talib.AROONOSC(b["high"], b["low"], 25),
    "mfi_14": lambda b: talib.MFI(b["high"], b["low"], b["close"], b["volume"], 14),
    "obv_z_20": lambda b: talib.OBV(b["close"], b["volume"]),
    "slope_20": lambda b: talib.LINEARREG_SLOPE(b["close"], 20),
    "realised_volatility_20": lambda b: talib.STDDEV(b["close"], 20),
    **{f"high_ratio_{w}": (lambda b, w=w: talib.MAX(b["high"], w)) for w in (20, 60, 250)},
    **{f"low_ratio_{w}": (lambda b, w=w: talib.MIN(b["low"], w)) for w in (20, 60, 250)},
}
# TA-Lib gives these in a call already counted above.
WITH_TALIB = ("macd_signal_34", "macd_histogram_34", "bollinger_width_20", "stochastic_d_14")

Series = dict[str, pd.Series]
TA_CALLS: dict[str, Callable[[Series], Any]] = {
    **{f"sma_ratio_{w}": (lambda b, w=w: ta.trend.sma_indicator(b["close"], w)) for w in (5, 10, 20, 50)},
    **{f"ema_ratio_{w}": (lambda b, w=w: ta.trend.ema_indicator(b["close"], w)) for w in (5, 10, 20, 50)},
    **{f"return_{w}": (lambda b, w=w: ta.momentum.roc(b["close"], w)) for w in (1, 2, 3, 5, 10, 20, 60, 120, 250)},
    **{f"rsi_{w}": (lambda b, w=w: ta.momentum.rsi(b["close"], w)) for w in (7, 14)},
    "macd_26": lambda b: _all(ta.trend.MACD(b["close"]), "macd", "macd_signal", "macd_diff"),
    "bollinger_b_20": lambda b: _all(
        ta.volatility.BollingerBands(b["close"], 20, 2), "bollinger_pband", "bollinger_wband"
    ),
    "atr_14": lambda b: ta.volatility.average_true_range(b["high"], b["low"], b["close"], 14),
    "stochastic_k_14": lambda b: _all(
        ta.momentum.StochasticOscillator(b["high"], b["low"], b["close"], 14, 3), "stoch", "stoch_signal"
    ),
    "williams_r_14": lambda b: ta.momentum.williams_r(b["high"], b["low"], b["close"], 14),
    "adx_14": lambda b: _all(ta.trend.ADXIndicator(b["high"], b["low"], b["close"], 14), "adx", "adx_pos", "adx_neg"),
    "cci_20": lambda b: ta.trend.cci(b["high"], b["low"], b["close"], 20),
    "aroon_25": lambda b: ta.trend.AroonIndicator(b["high"], b["low"], 25).aroon_indicator(),
    "mfi_14": lambda b: ta.volume.money_flow_index(b["high"], b["low"], b["close"], b["volume"], 14),
    "obv_z_20": lambda b: ta.volume.on_balance_volume(b["close"], b["volume"]),
    "chaikin_20": lambda b: ta.volume.chaikin_money_flow(b["high"], b["low"], b["close"], b["volume"], 20),
    "vwap_ratio_20": lambda b: ta.volume.volume_weighted_average_price(
        b["high"], b["low"], b["close"], b["volume"], 20
    ),
    "channel_width_20": lambda b: ta.volatility.donchian_channel_wband(b["high"], b["low"], b["close"], 20),
}
WITH_TA = (*WITH_TALIB, "directional_index_14")


def _all(indicator: Any, *names: str) -> list[pd.Series]:
    return [getattr(indicator, name)() for name in names]


def make_panel(n_symbols: int, n_bars: int) -> Panel:
    """Return a seeded random-walk panel of weekdays."""
    rng = np.random.default_rng(0)
    n = n_symbols * n_bars
    close = 50.0 * np.exp(np.cumsum(rng.normal(0.0, 0.015, (n_symbols, n_bars)), axis=1)).ravel()
    open_ = close * np.exp(rng.normal(0.0, 0.004, n))
    day = np.datetime64("2013-01-01") + np.arange(2 * n_bars)
    day = day[np.is_busday(day)][:n_bars]
    return Panel.from_columns(
        {
            "symbol": np.repeat([f"S{i:03d}" for i in range(n_symbols)], n_bars),
            "time": np.tile(day, n_symbols),
            "open": open_,
            "high": np.maximum(open_, close) * np.exp(np.abs(rng.normal(0.0, 0.004, n))),
            "low": np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0.0, 0.004, n))),
            "close": close,
            "adj_close": close,
            "volume": np.round(rng.lognormal(13.0, 0.4, n)),
        }
    )


def run_talib(panel: Panel) -> None:
    """Call TA-Lib for each indicator of each symbol."""
    for s in range(panel.n_symbols):
        rows = slice(panel.offsets[s], panel.offsets[s + 1])
        bars = {name: getattr(panel, name)[rows] for name in ("high", "low", "close", "volume")}
        for call in TALIB_CALLS.values():
            call(bars)


def talib_features(b: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """Return one symbol's features from TA-Lib's indicators, each indicator computed once."""
    high, low, close, volume = b["high"], b["low"], b["close"], b["volume"]
    sample = np.sqrt(20 / 19)  # TA-Lib divides by the window
    log = np.log(close)
    move = np.empty_like(log)
    move[0], move[1:] = np.nan, np.diff(log)
    line, signal, histogram = talib.MACD(close)
    upper, middle, lower = talib.BBANDS(close, 20, 2, 2)
    k, d = talib.STOCH(high, low, close, 14, 3, 0, 3, 0)
    plus, minus = talib.PLUS_DI(high, low, close, 14), talib.MINUS_DI(high, low, close, 14)
    balance = talib.OBV(close, volume)
    return {
        **{f"sma_ratio_{w}": close / talib.SMA(close, w) - 1 for w in (5, 10, 20, 50)},
        **{f"ema_ratio_{w}": close / talib.EMA(close, w) - 1 for w in (5, 10, 20, 50)},
        **{f"return_{w}": talib.ROCP(close, w) for w in (1, 2, 3, 5, 10, 20, 60, 120, 250)},
        **{f"rsi_{w}": talib.RSI(close, w) for w in (7, 14)},
        "macd_26": line / close,
        "macd_signal_34": signal / close,
        "macd_histogram_34": histogram / close,
        "bollinger_b_20": (close - lower) / (upper - lower),
        "bollinger_width_20": (upper - lower) / middle,
        "atr_14": talib.ATR(high, low, close, 14) / close,
        "stochastic_k_14": k,
        "stochastic_d_14": d,
        "williams_r_14": talib.WILLR(high, low, close, 14),
        "adx_14": talib.ADX(high, low, close, 14),
        "directional_index_14": 100 * (plus - minus) / (plus + minus),
        "cci_20": talib.CCI(high, low, close, 20),
        "aroon_25": talib.AROONOSC(high, low, 25),
        "mfi_14": talib.MFI(high, low, close, volume, 14),
        "obv_z_20": (balance - talib.SMA(balance, 20)) / (talib.STDDEV(balance, 20) * sample),
        "slope_20": talib.LINEARREG_SLOPE(log, 20),
        "realised_volatility_20": talib.STDDEV(move, 20) * sample,
        **{f"high_ratio_{w}": close / talib.MAX(high, w) - 1 for w in (20, 60, 250)},
        **{f"low_ratio_{w}": close / talib.MIN(low, w) - 1 for w in (20, 60, 250)},
    }


def talib_table(panel: Panel, names: list[str]) -> np.ndarray:
    """Return the float32 matrix of the features ``names``, made with TA-Lib and NumPy symbol by symbol."""
    values = np.empty((len(panel), len(names)), dtype=np.float32)
    for s in range(panel.n_symbols):
        rows = slice(panel.offsets[s], panel.offsets[s + 1])
        features = talib_features({name: getattr(panel, name)[rows] for name in ("high", "low", "close", "volume")})
        values[rows] = np.array([features[name] for name in names], dtype=np.float32).T
    return values


def check_equal(panel: Panel, names: list[str]) -> None:
    """Raise AssertionError where TA-Lib's table and ours differ in a value that both have."""
    ours, theirs = compute_features(panel, names=names).values, talib_table(panel, names)
    for name, a, b in zip(names, ours.T, theirs.T, strict=True):
        both = ~(np.isnan(a) | np.isnan(b))
        assert both.mean() > 0.5, name
        np.testing.assert_allclose(a[both], b[both], rtol=1e-4, atol=1e-5, err_msg=name)


def run_ta(panel: Panel, n_symbols: int) -> None:
    """Call `ta` for each indicator of the first ``n_symbols`` symbols, as a group-by would."""
    last = panel.offsets[n_symbols]
    frame = pd.DataFrame(
        {name: getattr(panel, name)[:last] for name in ("high", "low", "close", "volume")}
        | {"symbol": panel.symbol_code[:last]}
    )
    for _, group in frame.groupby("symbol", sort=False):
        series = {name: group[name] for name in ("high", "low", "close", "volume")}
        for call in TA_CALLS.values():
            call(series)


def timed(work: Callable[[], object], table: tuple[int, int]) -> np.ndarray:
    """Return the wall seconds and the processor seconds of ``work``, after memory for a ``table`` was handed out."""
    np.empty(table, dtype=np.float32).fill(0.0)
    start = np.array([time.perf_counter(), time.process_time()])
    work()
    return np.array([time.perf_counter(), time.process_time()]) - start


def spread(values: list[float]) -> dict[str, float]:
    """Return least, median and greatest."""
    return {"min": min(values), "median": median(values), "max": max(values)}


def wall(times: list[np.ndarray]) -> dict[str, float]:
    """Return the spread of the wall seconds."""
    return spread([float(t[0]) for t in times])


def compare(peer: list[np.ndarray], ours: list[np.ndarray]) -> dict[str, Any]:
    """Return seconds of both and how many times faster ours is, run by run."""
    ratios = [a / b for a, b in zip(peer, ours, strict=True)]
    return {
        "peer_seconds": wall(peer),
        "our_seconds": wall(ours),
        "ratio": spread([float(r[0]) for r in ratios]),
        "processor_ratio": spread([float(r[1]) for r in ratios]),
    }


def measure(quick: bool) -> dict[str, Any]:
    """Run all measurements and return them as a JSON-ready mapping."""
    n_symbols, n_bars, repeats = (60, 1000, 3) if quick else (500, 2520, 5)
    ta_symbols = min(TA_SYMBOLS, n_symbols)
    panel = make_panel(n_symbols, n_bars)
    own = [feature.name for feature in REGISTRY if feature.own_bars]
    like_ta, like_talib = [*TA_CALLS, *WITH_TA], [*TALIB_CALLS, *WITH_TALIB]
    bars = [feature.name for feature in REGISTRY if feature.needs == "bars"]

    def clock(work: Callable[[], object]) -> np.ndarray:
        return timed(work, (len(panel), len(bars)))

    first_call = float(clock(lambda: compute_features(panel.select(panel.symbol_code < 2), names=bars))[0])
    times: dict[str, list[np.ndarray]] = {name: [] for name in (*OURS, "ta", "talib", "talib_table")}
    check_equal(panel.select(panel.symbol_code < 10), like_talib)
    for _ in range(repeats):
        times["bars"].append(clock(lambda: compute_features(panel, names=bars)))
        times["own"].append(clock(lambda: compute_features(panel, names=own)))
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * (1 if sys.platform == "darwin" else 1024) / 1e9
    for _ in range(repeats):
        times["like_talib"].append(clock(lambda: compute_features(panel, names=like_talib)))
        times["talib"].append(clock(lambda: run_talib(panel)))
        times["talib_table"].append(clock(lambda: talib_table(panel, like_talib)))
        times["like_ta"].append(clock(lambda: compute_features(panel, names=like_ta)))
        times["ta"].append(clock(lambda: run_ta(panel, ta_symbols)) * n_symbols / ta_symbols)
    return {
        "symbols": n_symbols,
        "bars": n_bars,
        "repeats": repeats,
        "cores": len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count(),
        "machine": platform.machine(),
        "versions": {
            "ta": version("ta"),
            "talib": talib.__version__,
            "numpy": np.__version__,
            "pandas": pd.__version__,
        },
        "first_call_seconds": first_call,
        "peak_memory_gb": peak,
        "bar_features": {"count": len(bars), "seconds": wall(times["bars"])},
        "own_bar_features": {"count": len(own), "seconds": wall(times["own"])},
        "ta": {
            "indicators": len(like_ta),
            "scaled_from_symbols": ta_symbols,
            **compare(times["ta"], times["like_ta"]),
        },
        "talib_table": {"indicators": len(like_talib), **compare(times["talib_table"], times["like_talib"])},
        "talib": {"indicators": len(like_talib), **compare(times["talib"], times["like_talib"])},
    }


def _cells(values: dict[str, float], digits: int) -> str:
    return " / ".join(f"{values[key]:.{digits}f}" for key in ("min", "median", "max"))


def show(result: dict[str, Any]) -> None:
    """Print the result as a table."""
    print(f"{result['symbols']} symbols x {result['bars']} bars, {result['repeats']} repeats, {result['cores']} cores")
    print("each cell: min / median / max")
    print(f"{'':32}{'ours, s':>22}{'peer, s':>26}{'times faster':>24}{'by processor time':>24}")
    for key, title in (("bar_features", "all features of bars"), ("own_bar_features", "those of own bars")):
        part = result[key]
        print(f"{title + ' (' + str(part['count']) + ')':32}{_cells(part['seconds'], 2):>22}")
    for key, title in (
        ("ta", "ta, its calls alone"),
        ("talib_table", "TA-Lib, the same table"),
        ("talib", "TA-Lib, its calls alone"),
    ):
        part = result[key]
        name = f"{title} ({part['indicators']})"
        ours, peer = _cells(part["our_seconds"], 2), _cells(part["peer_seconds"], 2)
        wall_ratio, work_ratio = _cells(part["ratio"], 1), _cells(part["processor_ratio"], 1)
        print(f"{name:32}{ours:>22}{peer:>26}{wall_ratio:>24}{work_ratio:>24}")
    print("The same table: TA-Lib's calls, NumPy for the ratios, one float32 matrix, found equal to ours beforehand.")
    print("Its calls alone: the raw indicators, thrown away, against all of our work on the table.")
    print(f"`ta` was run on {result['ta']['scaled_from_symbols']} symbols and its time scaled linearly to the panel.")
    print(f"First call (compiles where no cache is): {result['first_call_seconds']:.1f} s.", end=" ")
    print(f"Peak memory of the process: {result['peak_memory_gb']:.2f} GB.")


def main() -> None:
    """Parse the flags, measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a small panel and three repeats")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    flags = parser.parse_args()
    result = measure(flags.quick)
    show(result)
    if flags.json:
        flags.json.parent.mkdir(parents=True, exist_ok=True)
        flags.json.write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
