"""A service in a process of its own, to be killed: argv is a folder with a log, and the universe."""

from __future__ import annotations

import sys
from pathlib import Path

from tradewind.features.online.engine import OnlineFeatures
from tradewind.streaming.features.service import FeatureService
from tradewind.streaming.features.settings import FeatureServiceSettings
from tradewind.streaming.features.stores.sqlite import SqliteStore
from tradewind.streaming.log import EmbeddedLog

NAMES = ("return_1", "return_5", "sma_ratio_5", "ema_ratio_10", "rsi_14", "realised_volatility_20", "cci_20")


def main(folder: Path, symbols: tuple[str, ...]) -> None:
    """Read the log in small steps, with a checkpoint as often as may be."""
    settings = FeatureServiceSettings(
        batch=50, keep=64, snapshot_every=4, checkpoint_every=0.0, most_open=8, folder=folder / "state"
    )
    engine = OnlineFeatures(symbols, ["unknown"] * len(symbols), NAMES, fear=False, news=False)
    store = SqliteStore(folder / "history.db", symbols, NAMES)
    with EmbeddedLog.open(folder / "log") as log:
        service = FeatureService(log, engine, store, settings)
        print("begun", flush=True)
        service.drain()
        service.close()
    store.close()
    print("done", flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), tuple(sys.argv[2].split(",")))
