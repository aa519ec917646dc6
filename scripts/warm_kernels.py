"""Compile the kernels that many tests call, each once and on all cores: python scripts/warm_kernels.py

Test processes side by side would each compile the same ones, for minutes where nothing is compiled yet. Kernels are
kept beside their source; what is kept is not compiled again.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor


def detectors() -> None:
    """Run a small market through book, views, detectors and model of surveillance."""
    from tradewind.surveillance.learning import bundled_model
    from tradewind.surveillance.live.warming import warm

    warm(bundled_model())


def venues() -> None:
    """Simulate markets with manipulation in them."""
    from tradewind.surveillance.planting import sample_market

    for seed in (1, 2):
        sample_market(seed, events=4_000, episodes=9)


def features() -> None:
    """Compute every feature of a simulated market, in batch and as bars come in."""
    from tradewind.data import MarketSettings, simulate
    from tradewind.features import compute_features
    from tradewind.features.online import warm_up

    compute_features(simulate(MarketSettings(kind="momentum", n_symbols=4, n_days=320, seed=1)).panel)
    warm_up()


PARTS: tuple[Callable[[], None], ...] = (detectors, venues, features)


def made(number: int) -> tuple[str, float]:
    """Compile one part; return its name and the seconds of a core that it took."""
    PARTS[number]()
    return PARTS[number].__name__, time.process_time()


def main() -> None:
    """Compile all parts, the longest first."""
    with ProcessPoolExecutor(mp_context=multiprocessing.get_context("spawn"), max_tasks_per_child=1) as pool:
        for name, seconds in pool.map(made, range(len(PARTS))):
            print(f"{name}: {seconds:.0f} s of a core")


if __name__ == "__main__":
    main()
