"""Fixtures that every test may use."""

from __future__ import annotations

import gc
import os
import shutil
import subprocess
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

# Test processes run side by side: OpenMP threads that spin for a busy core make each many times slower.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["TRADEWIND_TRACK"] = "off"  # tests leave no runs behind; those of tracking name their own store
os.environ["TRADEWIND_AUDIT"] = "off"  # nor entries of the audit log

import hypothesis
import numpy as np
import pytest

from tradewind.core import Dataset, Panel
from tradewind.core.arrays import IntArray
from tradewind.data import MarketSettings, simulate
from tradewind.features import SelectionSettings
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.nets.lstm import LSTMSettings
from tradewind.models.trees.random_forest import RandomForestSettings
from tradewind.models.trees.xgb import XGBoostSettings
from tradewind.training import TrainedModel, TrainingSettings, build_dataset, fit_model
from tradewind.validation import holdout

# A machine that others use may take long over any example: how long says nothing about the code.
hypothesis.settings.register_profile("unhurried", parent=hypothesis.settings(), deadline=None)
hypothesis.settings.load_profile("unhurried")
hypothesis.settings.register_profile("quick", max_examples=15)  # for `make quick`; counts where a test names no number

PanelMaker = Callable[..., Panel]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let what takes minutes begin first."""
    items.sort(key=lambda item: item.get_closest_marker("minutes") is None)


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Iterator[object]:
    """Keep the collector of garbage from going through imported modules again and again: they stay to the end."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


@pytest.fixture(scope="session")
def make_panel() -> PanelMaker:
    """Return a maker of small seeded random-walk panels, ragged when ``gaps`` is set."""

    def make(
        n_symbols: int = 6, n_days: int = 320, *, seed: int = 0, gaps: bool = False, start: str = "2014-01-01"
    ) -> Panel:
        rng = np.random.default_rng(seed)
        days = np.arange(np.datetime64(start), np.datetime64(start) + np.timedelta64(2 * n_days, "D"))
        days = days[np.is_busday(days)][:n_days]
        columns: dict[str, list[np.ndarray]] = {}
        for s in range(n_symbols):
            keep = np.ones(n_days, dtype=bool)
            if gaps:
                keep = rng.random(n_days) > 0.03
                keep[: rng.integers(0, n_days // 4)] = False
            n = int(keep.sum())
            close = 50.0 * np.exp(np.cumsum(rng.normal(0.0002, 0.015, n)))
            open_ = close * np.exp(rng.normal(0, 0.005, n))
            parts = {
                "symbol": np.full(n, f"S{s:03d}"),
                "time": days[keep],
                "open": open_,
                "high": np.maximum(open_, close) * np.exp(np.abs(rng.normal(0, 0.004, n))),
                "low": np.minimum(open_, close) * np.exp(-np.abs(rng.normal(0, 0.004, n))),
                "close": close,
                "adj_close": close * 0.9,
                "volume": np.round(rng.lognormal(13, 0.4, n)),
            }
            for name, values in parts.items():
                columns.setdefault(name, []).append(values)
        names = [f"S{s:03d}" for s in range(n_symbols)]
        return Panel.from_columns(
            {name: np.concatenate(values) for name, values in columns.items()},
            sectors={name: ("Tech", "Energy", "Health")[i % 3] for i, name in enumerate(names)},
            market_cap={name: 1e9 * (i + 1) for i, name in enumerate(names)},
        )

    return make


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """Yield the URI of a server of our own on a socket in a temporary folder; skip where there is no PostgreSQL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra 'postgres')")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql or on the path")
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-", dir="/tmp"))  # short: a socket's path holds 107 bytes at most
    user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    control = [*user, str(Path(found).with_name("pg_ctl")), "-D", str(folder / "data"), "-w", "-s"]
    # no test cuts the power, so the server need not sync
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=40 -c fsync=off"

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    call(*user, found, "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync")
    call(*control, "-l", str(folder / "server.log"), "-o", options, "start")
    try:
        yield f"postgresql:///postgres?host={folder}&user=postgres"
    finally:
        call(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def pango() -> None:
    """Skip where WeasyPrint or the system's Pango, which it draws with, is absent."""
    try:
        import weasyprint  # noqa: F401
    except (ImportError, OSError) as error:
        pytest.skip(f"PDF files need WeasyPrint and Pango (apt install libpango-1.0-0 libpangoft2-1.0-0): {error}")


@pytest.fixture(scope="session")
def research_data() -> Path:
    """Return the folder of the research data sets, or skip where it is absent."""
    folder = Path(os.environ.get("TRADEWIND_DATA", Path(__file__).parents[2] / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"the research data sets are not at {folder}; set TRADEWIND_DATA to their folder")
    return folder


@dataclass(frozen=True, kw_only=True)
class Fitted:
    """A small ensemble of the default kinds of member on a market with planted momentum.

    ``data`` : raw features of 8 symbols x 420 bars; ``train``, ``test`` : rows it was fitted on, and later ones.
    """

    model: TrainedModel
    data: Dataset
    train: IntArray
    test: IntArray


@pytest.fixture(scope="session")
def fitted() -> Fitted:
    """Return a small fitted ensemble of an LSTM, a random forest and XGBoost, in a few seconds."""
    market = simulate(MarketSettings(kind="momentum", n_symbols=8, n_days=420, ceiling=0.7, seed=5))
    data = build_dataset(market.panel, names=FITTED_FEATURES)
    split = holdout(data.labels.start, data.labels.end, "2012-12-31", "2013-01-02", "2013-08-30")
    settings = TrainingSettings(
        baselines=("always_up", "momentum"),
        selection=SelectionSettings(n_features=10),
        ensemble=EnsembleSettings(inner_folds=2),
        members=ModelSettings(
            lstm=LSTMSettings(window=20, span=20, burn_in=10, hidden=8, max_epochs=4),
            random_forest=RandomForestSettings(n_trees=30, max_depth=5),
            xgboost=XGBoostSettings(rounds=40, return_rounds=15, learning_rate=0.1),
        ),
    )
    return Fitted(model=fit_model(data, split.train, settings), data=data, train=split.train, test=split.test)


FITTED_FEATURES = (
    "return_1", "return_5", "return_10", "return_20", "sma_ratio_5", "ema_ratio_10", "rsi_14", "williams_r_14",
    "realised_volatility_20", "realised_volatility_60", "stochastic_k_14", "cci_20",
)  # fmt: skip
