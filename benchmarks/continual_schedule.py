"""What a learning rate by the stability of the regime gives a net, beside constant ones, on the simulated stream.

    python -m benchmarks.continual_schedule

Rehearsal with its constant rate, with the default schedule, and with the mean of that schedule's rates, so that a
faster rate is not taken for a better timed one. Writes benchmarks/results/continual_schedule.json.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
from benchmarks.continual import simulated

from tradewind.continual.lesson import Scale
from tradewind.continual.measures import measure
from tradewind.continual.nets import FreshNet, NetSettings, Rehearsal, RehearsalSettings
from tradewind.continual.nets.pace import paced
from tradewind.continual.protocol import Learner
from tradewind.continual.reading import lesson_of
from tradewind.continual.run import Trace, by_learner, run_stream
from tradewind.continual.schedule import ScheduleSettings
from tradewind.continual.streams import TaskStream
from tradewind.core.files import write_json_file

SCHEDULE = ScheduleSettings()


def mean_rate(stream: TaskStream) -> float:
    """Return the mean of the schedule's rates over the tasks of ``stream``."""
    scale = Scale.of(stream.tasks[0].train.features)
    return float(np.mean([paced(lesson_of(task.train, scale), SCHEDULE)[1] for task in stream.tasks]))


def learners(seed: int, rate: float) -> dict[str, Learner]:
    """Return what is compared."""
    return {
        "fresh": FreshNet(NetSettings(seed=seed)),
        "constant": Rehearsal(RehearsalSettings(seed=seed)),
        "schedule": Rehearsal(RehearsalSettings(seed=seed, schedule=SCHEDULE)),
        "constant at the schedule's mean": Rehearsal(RehearsalSettings(seed=seed, rate=rate)),
    }


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--out", type=Path, default=Path(__file__).parent / "results" / "continual_schedule.json")
    flags = parser.parse_args()
    traces: list[Trace] = []
    rates = []
    for seed in range(flags.seeds):
        stream = simulated(seed)
        rates.append(mean_rate(stream))
        for name, learner in learners(seed, rates[-1]).items():
            traces.append(run_stream(learner, stream, seed=seed, name=name))
    found = by_learner(traces)
    rows = {name: measure(ones, found["fresh"]).to_dict() for name, ones in found.items() if name != "fresh"}
    for name, row in rows.items():
        told = (f"{key} {row[key]['value']:.3f} [{row[key]['lower']:.3f}, {row[key]['upper']:.3f}]" for key in row)
        print(name, "|", " | ".join(told))
    print(f"mean rate {np.mean(rates):.4f}")
    result = {"seeds": list(range(flags.seeds)), "mean_rates": rates, "schedule": SCHEDULE.model_dump(mode="json")}
    write_json_file(flags.out, {**result, "learners": rows})


if __name__ == "__main__":
    main()
