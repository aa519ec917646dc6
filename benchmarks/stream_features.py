"""From the event log to features: replay of a history, and a live stream, on this machine.

    python benchmarks/stream_features.py [--symbols 500] [--slices 400] [--seconds 20]

Replay reads an embedded log as fast as it goes: log, assembly, engine, windows and store (in memory, or SQLite and
checkpoints). The live part sends ten bars a second of every symbol and measures from the log taking a bar to its
features being there.
"""

from __future__ import annotations

import argparse
import json
import tempfile
import threading
import time
from pathlib import Path

import numpy as np

from tradewind.features.online.engine import OnlineFeatures
from tradewind.streaming.features.blocks import ClosedSlice
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.memory import MemoryStore
from tradewind.streaming.features.stores.protocol import FeatureStore
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.log import EmbeddedLog
from tradewind.streaming.records import Bar

NAMES = (
    "return_1", "return_2", "return_3", "return_5", "return_10", "return_20", "return_60", "rsi_7", "rsi_14",
    "stochastic_k_14", "stochastic_d_14", "williams_r_14", "up_share_20", "open_to_close_1", "high_to_close_1",
    "overnight_gap_1", "range_1", "close_location_1", "high_ratio_20", "low_ratio_20", "realised_volatility_5",
    "realised_volatility_20", "realised_volatility_60", "parkinson_20", "garman_klass_20", "atr_14",
    "bollinger_width_20", "bollinger_b_20", "sma_ratio_5", "sma_ratio_10", "sma_ratio_20", "sma_ratio_50",
    "ema_ratio_5", "ema_ratio_10", "ema_ratio_20", "macd_26", "macd_signal_34", "adx_14", "cci_20", "slope_20",
    "volume_ratio_5", "volume_ratio_20", "obv_z_20", "mfi_14", "market_return_1", "return_rank_5", "sector_relative_5",
)  # fmt: skip
"""47 features: 44 of a symbol's own bars, three across symbols."""
SECTORS = 9


def random_bars(n_symbols: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Return closes and volumes to begin with."""
    return 50.0 * np.exp(rng.normal(0, 0.3, n_symbols)), rng.lognormal(13, 0.4, n_symbols)


def slice_bars(
    symbols: list[str], at: int, close: np.ndarray, volume: np.ndarray, rng: np.random.Generator
) -> list[Bar]:
    """Return one bar of every symbol at time ``at``; moves ``close`` on."""
    before = close.copy()
    close *= np.exp(rng.normal(0, 0.002, len(close)))
    top, low = np.maximum(before, close) * 1.001, np.minimum(before, close) * 0.999
    return [
        Bar(symbol=s, time=at, known_at=at + 100_000, open=o, high=h, low=lo, close=c, adj_close=c, volume=v)
        for s, o, h, lo, c, v in zip(
            symbols, before.tolist(), top.tolist(), low.tolist(), close.tolist(), volume.tolist(), strict=True
        )
    ]


def make_service(
    log: EmbeddedLog, symbols: list[str], store: FeatureStore, folder: Path | None
) -> tuple[FeatureService, FeatureWindows]:
    """Return a service with windows of 60 bars."""
    engine = OnlineFeatures(
        symbols, [f"sector {i % SECTORS}" for i in range(len(symbols))], NAMES, fear=False, news=False
    )
    windows = FeatureWindows(len(symbols), NAMES, 60)
    return FeatureService(log, engine, store, FeatureServiceSettings(folder=folder), windows=windows), windows


def replay(n_symbols: int, n_slices: int, folder: Path, *, on_disk: bool) -> tuple[float, float]:
    """Return bars a second, and microseconds of processor time a bar."""
    symbols = [f"S{i:04d}" for i in range(n_symbols)]
    rng = np.random.default_rng(0)
    close, volume = random_bars(n_symbols, rng)
    with EmbeddedLog.open(folder / "log") as log:
        producer = log.producer()
        for t in range(n_slices):
            producer.send_many(slice_bars(symbols, 1_700_000_000_000_000 + t * 100_000, close, volume, rng))
        producer.flush()
        store: FeatureStore = (
            SqliteStore(folder / "f.db", symbols, NAMES) if on_disk else MemoryStore(symbols, NAMES, keep=256)
        )
        service, _ = make_service(log, symbols, store, folder / "state" if on_disk else None)
        begun, busy = time.perf_counter(), time.process_time()
        service.drain()
        took, busy = time.perf_counter() - begun, time.process_time() - busy
        assert service.status()["slices"] == n_slices
        assert service.status()["late"] == 0
        service.close()
        store.close()
    return n_symbols * n_slices / took, 1e6 * busy / (n_symbols * n_slices)


def live(n_symbols: int, seconds: float, folder: Path) -> dict[str, float]:
    """Send ten bars a second of each symbol; return milliseconds from the log taking a bar to its features."""
    symbols = [f"S{i:04d}" for i in range(n_symbols)]
    rng = np.random.default_rng(0)
    close, volume = random_bars(n_symbols, rng)
    lags: list[np.ndarray] = []
    own: list[float] = []
    with EmbeddedLog.open(folder / "log") as log:
        store = SqliteStore(folder / "f.db", symbols, NAMES)
        service, windows = make_service(log, symbols, store, folder / "state")

        def heard(closed: ClosedSlice) -> None:
            windows.rows(closed.block.code, NAMES, 60)  # what a predictor reads next
            if closed.cause == "live":
                own.append((closed.done_at - closed.read_at) / 1e3)
                lags.append((time.time() * 1e6 - closed.written_at) / 1e3)

        service.listeners.append(heard)
        stop = threading.Event()
        thread = threading.Thread(target=service.run, args=(stop,))
        thread.start()
        producer = log.producer()
        begun, n = time.perf_counter(), int(seconds * 10)
        for t in range(n):
            producer.send_many(slice_bars(symbols, int(time.time() * 1e6), close, volume, rng))
            producer.flush()
            time.sleep(max(0.0, begun + (t + 1) * 0.1 - time.perf_counter()))
        while len(lags) < n and time.perf_counter() < begun + seconds + 10:
            time.sleep(0.05)
        stop.set()
        thread.join()
        service.close()
        store.close()
    every = np.concatenate(lags[10:])
    return {
        "bars": float(sum(map(len, lags))),
        **{f"p{q}_ms": float(np.percentile(every, q)) for q in (50, 99)},
        "max_ms": float(every.max()),
        **{f"assembly_and_features_p{q}_ms": float(np.percentile(own[10:], q)) for q in (50, 99)},
    }


def main() -> None:
    """Measure and print JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--symbols", type=int, default=500)
    parser.add_argument("--slices", type=int, default=400)
    parser.add_argument("--seconds", type=float, default=20.0)
    parser.add_argument("--runs", type=int, default=3)
    asked = parser.parse_args()
    found: dict[str, object] = {"symbols": asked.symbols, "features": len(NAMES)}
    for name, on_disk in (("replay", False), ("replay_to_disk", True)):
        rates = []
        for _ in range(asked.runs + 1):
            with tempfile.TemporaryDirectory() as folder:
                rates.append(replay(asked.symbols, asked.slices, Path(folder), on_disk=on_disk))
        found[name] = {  # the first run compiles
            "bars_per_second": [round(rate) for rate, _ in rates[1:]],
            "processor_microseconds_per_bar": [round(busy, 1) for _, busy in rates[1:]],
        }
    with tempfile.TemporaryDirectory() as folder:
        found["live"] = live(asked.symbols, asked.seconds, Path(folder))
    print(json.dumps(found, indent=2))


if __name__ == "__main__":
    main()
