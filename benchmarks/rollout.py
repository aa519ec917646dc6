"""What the tests of a rollout do when one looks all the time: false alarms, power, and seconds until a bad one is back.

    python -m benchmarks.rollout            # about six minutes; writes benchmarks/results/rollout.json, prints tables

Days are simulated as what :mod:`tradewind.serving.rollout` tests: the mean over a day's symbols of the difference of
two models' accuracy. Traffic is simulated as independent requests at the shares of a canary.
"""

from __future__ import annotations

import json
import platform
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from typing import Any

import numpy as np

from tradewind.serving.rollout import (
    Arm,
    Counts,
    Experiment,
    MeanTest,
    MixtureTest,
    ProportionTest,
    Ramp,
    Rollout,
)

ALPHA = 0.05
DAYS, DEVIATION, BOUND = 500, 0.05, 0.25
RESULTS = Path(__file__).parent / "results" / "rollout.json"
Update = Callable[[float], bool]


def peeked_t_test(first: int = 20) -> Update:
    """Return the foil: a t-test made anew every day from day ``first`` on, as if it were the only one."""
    count, mean, squares = 0, 0.0, 0.0

    def update(value: float) -> bool:
        nonlocal count, mean, squares
        count += 1
        step = value - mean
        mean += step / count
        squares += step * (value - mean)
        return count >= first and abs(mean) > 1.96 * (squares / (count - 1) / count) ** 0.5

    return update


def mixture() -> Update:
    """Return the mixture sequential probability ratio test."""
    test = MixtureTest(scale=0.02)

    def update(value: float) -> bool:
        test.update(value)
        return test.rejects(ALPHA)

    return update


def betting(bound: float = BOUND) -> Update:
    """Return the betting test of a mean above 0, of differences clipped at ``bound``."""
    test = MeanTest(null=0.0, bound=bound, side="above")

    def update(value: float) -> bool:
        test.update(value)
        return test.bets.rejects(ALPHA)

    return update


METHODS: dict[str, Callable[[], Update]] = {
    "t-test, looked at daily": peeked_t_test,
    "mixture SPRT": mixture,
    "betting (used)": betting,
    "betting, day_bound 0.15": lambda: betting(0.15),
}


def days_to_reject(make: Callable[[], Update], values: Sequence[float]) -> int | None:
    """Return the day on which the test rejects; None where it never does."""
    update = make()
    return next((day for day, value in enumerate(values, start=1) if update(float(value))), None)


def skill(runs: int) -> list[dict[str, Any]]:
    """Return, a method and true difference, how many runs reject within 500 days and after how many."""
    found = []
    for difference in (0.0, 0.005, 0.01, 0.02, 0.03):
        random = np.random.default_rng(17)
        values = random.normal(difference, DEVIATION, (runs, DAYS))
        for name, make in METHODS.items():
            days = [days_to_reject(make, row) for row in values]
            hits = [day for day in days if day is not None]
            found.append(
                {
                    "difference": difference,
                    "method": name,
                    "rejected": len(hits) / runs,
                    "median_days": median(hits) if hits else None,
                }
            )
    return found


def clusters(runs: int) -> list[dict[str, Any]]:
    """Return false alarms where 50 symbols share the day's move and are, or are not, taken for trials of their own."""
    random = np.random.default_rng(23)
    by_day = by_symbol = 0
    for _ in range(runs):
        shared = random.normal(0.0, 0.05, 60)
        values = shared[:, None] + random.normal(0.0, 0.35, (60, 50))
        by_day += days_to_reject(mixture, values.mean(axis=1)) is not None
        by_symbol += days_to_reject(mixture, values.ravel()) is not None
    return [
        {"unit": "day (used)", "false_alarms": by_day / runs},
        {"unit": "symbol of a day", "false_alarms": by_symbol / runs},
    ]


def alarms_at_limit(runs: int, windows: int) -> float:
    """Return the share of runs with a false alarm where errors lie exactly at the limit of 1 % all the time."""
    random, found = np.random.default_rng(29), 0
    for _ in range(runs):
        test = ProportionTest(0.01)
        for bad in random.binomial(50, 0.01, windows):
            test.update(int(bad), 50)
        found += test.bets.rejects(ALPHA)
    return found / runs


class Seconds:
    """A clock that a simulation sets."""

    def __init__(self) -> None:
        self.now_ = 0.0

    def __call__(self) -> float:
        return self.now_


def seconds_until_back(share: float, errors: float, slow: float, seed: int) -> tuple[int | None, float]:
    """Return how many one-second windows a canary that breaks after an hour stays, and the last look's ms."""
    arms = (Arm(name="control", model="m/1", share=1.0), Arm(name="canary", model="m/2", share=0.0))
    ramp = Ramp(shares=(share,))
    clock, random = Seconds(), np.random.default_rng(seed)
    with tempfile.TemporaryDirectory() as folder:
        experiment = Experiment(name="bench", kind="canary", arms=arms, ramp=ramp)
        rollout = Rollout(experiment, folder, monotonic=clock)
        requests = round(1000 * share)

        def second(errors: float, slow: float) -> float:
            clock.now_ += 1.0
            control = 1000 - requests
            begun = time.perf_counter()
            rollout.look(
                {
                    "canary": Counts(
                        requests=requests,
                        failed=int(random.binomial(requests, errors)),
                        slow=int(random.binomial(requests, slow)),
                    ),
                    "control": Counts(requests=control, failed=int(random.binomial(control, 0.001))),
                }
            )
            return (time.perf_counter() - begun) * 1e3

        for _ in range(3600):
            second(0.0, 0.0)
        for window in range(1, 601):
            took = second(errors, slow)
            if rollout.status == "rolled_back":
                return window, took
    return None, took


def speed(runs: int) -> list[dict[str, Any]]:
    """Return how fast a canary that breaks after a good hour is taken back, at 1,000 requests/s."""
    found = []
    for share in (0.01, 0.05, 0.25):
        for errors, slow in ((0.02, 0.0), (0.05, 0.0), (0.2, 0.0), (1.0, 0.0), (0.0, 0.05), (0.0, 0.5)):
            all_runs = [seconds_until_back(share, errors, slow, seed) for seed in range(runs)]
            seconds = [window for window, _ in all_runs if window is not None]
            found.append(
                {
                    "share": share,
                    "errors": errors,
                    "slow": slow,
                    "found": len(seconds) / runs,
                    "median_seconds": median(seconds) if seconds else None,
                    "worst_seconds": max(seconds, default=None),
                    "look_ms": max(took for _, took in all_runs),
                }
            )
    return found


def main() -> None:
    """Simulate, write the results and print the tables."""
    result = {
        "machine": f"{platform.machine()}, Python {platform.python_version()}",
        "skill": skill(400),
        "clusters": clusters(200),
        "alarms_at_limit": alarms_at_limit(200, 10_000),
        "speed": speed(10),
    }
    RESULTS.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    for name in ("skill", "clusters", "speed"):
        rows = result[name]
        assert isinstance(rows, list)
        print("| " + " | ".join(rows[0]) + " |\n| " + " | ".join("---" for _ in rows[0]) + " |")
        for row in rows:
            print("| " + " | ".join(f"{v:.4g}" if isinstance(v, float) else str(v) for v in row.values()) + " |")
        print()
    print("false alarms of an error rate at its limit:", result["alarms_at_limit"])


if __name__ == "__main__":
    main()
