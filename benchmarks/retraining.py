"""How often retraining is wrong: false promotions, power, false rollbacks, and storms under drift that comes and goes.

    .venv/bin/python benchmarks/retraining.py --out benchmarks/results/retraining.json

Everything is simulated, so that the truth is known; seeds 0 and up, one machine, no network. About two minutes.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm

from tradewind.core import Severity
from tradewind.core.files import write_json_file
from tradewind.evaluation.significance import wilson_interval
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.retraining import (
    Paired,
    PastRun,
    PolicySettings,
    RetrainingPolicy,
    TrialSettings,
    TriggerState,
    judge,
)
from tradewind.monitoring.retraining.rollback import Detector, GuardReference, GuardSettings

SYMBOLS, DAYS = 50, 63
START = datetime(2024, 1, 1, tzinfo=UTC)
FEATURES = tuple(f"f{i}" for i in range(10))


def pair(seed: int, gain: float, *, days: int = DAYS, accuracy: float = 0.55) -> Paired:
    """Return forecasts of ``accuracy`` and ``accuracy * (1 + gain)``; a fifth of a return is the day's, with memory."""
    rng = np.random.default_rng(seed)
    luck = np.zeros(days)
    for day in range(1, days):
        luck[day] = 0.2 * luck[day - 1] + np.sqrt(0.96) * rng.normal()
    shared, own = np.sqrt(0.2) * luck[:, None], np.sqrt(0.8) * rng.normal(size=(days, SYMBOLS))
    noise = shared + own
    signals = []
    for share in (accuracy, accuracy * (1 + gain)):
        rho = np.sin(np.pi * (share - 0.5))  # correlation at which signs agree that often (Sheppard 1899)
        signals.append((rho, rng.normal(size=(days, SYMBOLS))))
    forecasts = [rho * noise + np.sqrt(1 - rho**2) * other for rho, other in signals]
    time = np.repeat(np.busday_offset("2025-01-06", np.arange(days), roll="forward"), SYMBOLS)
    probability = [norm.cdf(0.15 * one).ravel() for one in forecasts]
    return Paired(
        time=time.astype("datetime64[us]"),
        champion=probability[0],
        challenger=probability[1],
        direction=(noise > 0).astype(float).ravel(),
        forward_return=0.01 * noise.ravel(),
    )


def share(flags: Sequence[bool]) -> dict[str, float]:
    """Return the share of ``flags`` with its 95 % interval."""
    found = wilson_interval(float(np.sum(flags)), len(flags))
    return {"value": found.value, "lower": found.lower, "upper": found.upper, "n": len(flags)}


def promotions(trials: int) -> list[dict[str, Any]]:
    """Return how often a challenger of each true gain is promoted, by length of the trial; naive: any higher value."""
    rows = []
    for gain in (-0.02, 0.0, 0.02, 0.04, 0.06, 0.10):
        for days in (63, 126):
            settings = TrialSettings(bootstrap={"draws": 100})
            found = [judge(pair(seed, gain, days=days), settings) for seed in range(trials)]
            rows.append(
                {
                    "true_gain": gain,
                    "days": days,
                    "promoted": share([one.passed for one in found]),
                    "higher_value_alone": share([one.gain > 0 for one in found]),
                    "above_margin_alone": share([one.gain > 0.02 for one in found]),
                }
            )
    return rows


def quarters(trials: int, tries: int) -> dict[str, Any]:
    """Return how often any of ``tries`` challengers no better than the champion is promoted in a quarter."""
    settings = TrialSettings(margin=0.0, bootstrap={"draws": 100})
    corrected, plain = [], []
    for quarter in range(trials):
        found = [judge(pair(10_000 + tries * quarter + k, 0.0), settings, tried=k + 1) for k in range(tries)]
        corrected.append(any(one.passed for one in found))
        plain.append(any(one.p_value < settings.alpha for one in found))
    return {"tries": tries, "corrected": share(corrected), "not_corrected": share(plain)}


def daily(rng: np.random.Generator, worlds: int, days: int, accuracy: float) -> np.ndarray:
    """(days, worlds) daily accuracies of 50 symbols whose luck is shared, with memory 0.1 from day to day."""
    luck, out = np.zeros(worlds), np.empty((days, worlds))
    for day in range(days):
        luck = 0.1 * luck + np.sqrt(0.99) * rng.normal(size=worlds)
        out[day] = rng.binomial(SYMBOLS, np.clip(accuracy + 0.06 * luck, 0, 1)) / SYMBOLS
    return out


def first(detector: Detector, days: np.ndarray, naive: int = 0) -> np.ndarray:
    """(worlds,) day on which a fall is told, inf where none is; ``naive``: mean of so many days 10 % below instead."""
    level, when = detector.start((days.shape[1],)), np.full(days.shape[1], np.inf)
    for number in range(len(days)):
        if naive:
            told = days[max(0, number - naive + 1) : number + 1].mean(axis=0) < 0.9 * detector.reference.accuracy
            told &= number + 1 >= naive
        else:
            level = detector.update(level, days[number])
            told = detector.fallen(level) > 0
        when = np.where(told & np.isinf(when), number + 1, when)
    return when


def rollbacks(worlds: int) -> dict[str, Any]:
    """Return false rollbacks a year and delays by size of the fall; a day's deviation is measured on 63 days."""
    accuracy = 0.55
    rows = []
    for fall in (0.0, 0.05, 0.10, 0.15, 0.20, 0.30):
        rng = np.random.default_rng(100 + int(1000 * fall))
        learned = daily(rng, 400, 63, accuracy).std(axis=0, ddof=1)
        detector = Detector(GuardReference(accuracy=accuracy, deviation=float(learned.mean())), GuardSettings())
        days = daily(rng, worlds, 252, accuracy * (1 - fall))
        when, rash = first(detector, days), first(detector, days, naive=5)
        rows.append(
            {
                "fall": fall,
                "told_within_a_year": share(np.isfinite(when).tolist()),
                "median_days": float(np.median(when)) if np.isfinite(np.median(when)) else None,
                "mean_of_5_days_within_a_year": share(np.isfinite(rash).tolist()),
            }
        )
    return {"accuracy": accuracy, "symbols": SYMBOLS, "rows": rows}


def told(day: float, feature: str) -> Finding:
    """Return a finding of drift."""
    at = START + timedelta(days=day)
    return Finding(
        kind="feature_drift", area=Area.DRIFT, severity=Severity.WARNING, message="drift", time=at, known_at=at,
        subject={"feature": feature}, statistic=0.4, threshold=0.2,
    )  # fmt: skip


def storm(drifted: Callable[[int], bool], days: int = 365) -> dict[str, int]:
    """Return retrainings in a year where all features are told to have drifted on the days of ``drifted``."""
    rules = PolicySettings(calendar=None)
    policy, runs, naive = RetrainingPolicy(rules), [], 0
    findings = [told(day, feature) for day in range(days) if drifted(day) for feature in FEATURES]
    for day in range(days):
        naive += drifted(day)
        state = TriggerState(
            now=START + timedelta(days=day), findings=findings, features=len(FEATURES), runs=tuple(runs)
        )
        if policy.decide(state).go:
            runs.append(PastRun(run=str(day), started=state.now, finished=True, won=False, trigger="drift"))
    return {"days_with_drift": naive, "retrainings": len(runs), "first_day": int(runs[0].run) if runs else -1}


def storms() -> dict[str, dict[str, int]]:
    """Return the experiment of drift that comes and goes, and of drift that stays."""
    return {
        "every other day": storm(lambda day: day % 2 == 0),
        "a week on, a week off": storm(lambda day: day % 14 < 7),
        "two days on, 18 off": storm(lambda day: day % 20 < 2),
        "a month on, a month off": storm(lambda day: day % 60 < 30),
        "stays": storm(lambda day: day >= 30),
        "none": storm(lambda _: False),
    }


def main() -> None:
    """Measure, print and write."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("benchmarks/results/retraining.json"))
    parser.add_argument("--trials", type=int, default=1000)
    given = parser.parse_args()
    result = {
        "promotions": promotions(given.trials),
        "quarters": [quarters(given.trials // 2, tries) for tries in (1, 4)],
        "rollbacks": rollbacks(4 * given.trials),
        "storms": storms(),
    }
    write_json_file(given.out, result)
    for name, rows in result.items():
        print(name)
        for row in rows.items() if isinstance(rows, dict) else rows:
            print("  ", row)


if __name__ == "__main__":
    main()
