"""How soon a new regime is learned, and what a rate by stability is worth.

    python -m benchmarks.few_shot            # seeds 0 to 3, some minutes on one core

Learners learn two simulated regimes (momentum, reversal), then see the first 5, 20 or 60 days of a third: one with a
new rule (news), or momentum again in another market. They are judged on its later days. Then an online logistic
regression follows the three regimes as one stream, forecast by forecast, with constant steps and with a scheduled one.
Settings were chosen on the seeds 501 to 503. Writes benchmarks/results/few_shot.json and prints the tables.
"""

from __future__ import annotations

import argparse
import copy
import time
from pathlib import Path

import numpy as np
from scipy import stats

from tradewind.continual.meta import MetaLearner
from tradewind.continual.online import Online, OnlineSettings
from tradewind.continual.protocol import Experience, Learner
from tradewind.continual.registry import make_learner
from tradewind.continual.schedule import ScheduleSettings
from tradewind.continual.streams import SimulatedStreamSettings, Task, TaskStream, simulated_stream
from tradewind.core.files import write_json_file

RESULTS = Path(__file__).parent / "results"
DAYS = (5, 20, 60)
WHO = ("fresh", "fine_tuning", "progressive", "maml", "first_order_maml", "reptile")
STEPS = {
    "constant 0.005": OnlineSettings(rate=0.005, regimes=False),
    "constant 0.02": OnlineSettings(rate=0.02, regimes=False),
    "constant 0.1": OnlineSettings(rate=0.1, regimes=False),
    "by stability, 0.005 to 0.1": OnlineSettings(schedule=ScheduleSettings(floor=0.005, peak=0.1), regimes=False),
}
SOON = 20  # days after a change that are counted on their own


def skill(learner: Learner, one: Experience) -> float:
    """Return accuracy above one half, in points."""
    called = learner.predict(one.features, one.context) >= 0.5
    return 100.0 * (float((called == (one.direction > 0.5)).mean()) - 0.5)


def after_days(learner: Learner, task: Task, count: int) -> float:
    """Return the skill on the test part after the first days of the train part; the learner stays as it is."""
    days = np.unique(task.train.time)
    few = task.train.known_by(days[count])
    few = few.select(few.time < days[count])
    learner = learner.adapt(few) if isinstance(learner, MetaLearner) else copy.deepcopy(learner).learn(few)
    return skill(learner, task.test)


def few_shot(seed: int) -> dict[str, dict[str, list[float]]]:
    """Return for each situation and learner the skill after 5, 20 and 60 days."""
    stream, other = (simulated_stream(SimulatedStreamSettings(seed=s)) for s in (seed, seed + 1000))
    new = {"new rule": stream.tasks[2], "old rule, other market": other.tasks[0]}
    out: dict[str, dict[str, list[float]]] = {situation: {} for situation in new}
    for name in WHO:
        learner = make_learner(name, seed=seed)
        for task in stream.tasks[:2]:
            learner.learn(task.train)
        for situation, task in new.items():
            out[situation][name] = [after_days(learner, task, count) for count in DAYS]
    return out


def whole(stream: TaskStream) -> tuple[Experience, np.ndarray]:
    """Return a stream as one experience, and the first times of its regimes."""
    parts = [part for task in stream.tasks for part in (task.train, task.test)]
    columns = {
        name: np.concatenate([getattr(part, name) for part in parts])
        for name in ("features", "direction", "time", "known_at", "regimes")
    }
    return Experience(name="whole", **columns), np.array([task.train.time[0] for task in stream.tasks[1:]])


def followed(seed: int) -> dict[str, list[float]]:
    """Return for each step the skill over all days, and over the first days after each change."""
    one, changes = whole(simulated_stream(SimulatedStreamSettings(seed=seed)))
    soon = np.zeros(len(one), dtype=bool)
    for change in changes:
        days = np.unique(one.time[one.time >= change])[:SOON]
        soon |= np.isin(one.time, days)
    out = {}
    for name, settings in STEPS.items():
        right = (Online(settings).follow(one) >= 0.5) == (one.direction > 0.5)
        out[name] = [100.0 * (float(right.mean()) - 0.5), 100.0 * (float(right[soon].mean()) - 0.5)]
    return out


def cell(values: list[float]) -> str:
    """Return mean and 95 % interval over the seeds, by Student's t."""
    some = np.asarray(values)
    half = stats.t.ppf(0.975, len(some) - 1) * some.std(ddof=1) / np.sqrt(len(some))
    return f"{some.mean():.1f} ({some.mean() - half:.1f} to {some.mean() + half:.1f})"


def main() -> None:
    """Run both, write and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=4)
    seeds = range(parser.parse_args().seeds)
    start = time.perf_counter()
    shots = [few_shot(seed) for seed in seeds]
    steps = [followed(seed) for seed in seeds]
    for situation in shots[0]:
        print(f"\n| {situation} | " + " | ".join(f"{count} days" for count in DAYS) + " |\n|---|" + "---|" * len(DAYS))
        for name in WHO:
            print(f"| `{name}` | " + " | ".join(cell([s[situation][name][k] for s in shots]) for k in range(3)) + " |")
    print("\n| step | all days | first days after a change |\n|---|---|---|")
    for name in STEPS:
        print(f"| {name} | " + " | ".join(cell([one[name][k] for one in steps]) for k in range(2)) + " |")
    seconds = time.perf_counter() - start
    write_json_file(RESULTS / "few_shot.json", {"days": DAYS, "few_shot": shots, "steps": steps, "seconds": seconds})
    print(f"\n{seconds:.0f} s")


if __name__ == "__main__":
    main()
