"""Searches of ``ewc``'s strength and of ``external_memory``'s slots on simulated seeds that nothing else is judged on.

    python -m benchmarks.continual_settings
    python -m benchmarks.continual_settings --learner ewc

Prints what each setting keeps and takes up, as shares of ``fresh``'s skill, the mean over the seeds.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from functools import cache, partial

import numpy as np

from benchmarks import continual
from tradewind.continual.nets import (
    EWC,
    EWCSettings,
    ExternalMemory,
    ExternalMemorySettings,
    FreshNet,
    NetSettings,
)
from tradewind.continual.protocol import Learner
from tradewind.continual.run import run_stream
from tradewind.core.arrays import FloatArray

SEEDS = (600, 601, 602)
STRENGTHS = (1.0, 3.0, 10.0, 20.0, 40.0, 70.0, 100.0, 200.0, 300.0, 500.0, 1000.0, 3000.0)
MEMORIES = (
    {"slots": 80, "written": 16},
    {"slots": 240, "written": 48},
    {"slots": 80, "written": 16, "addressing": 0.0},
    {"slots": 240, "written": 48, "addressing": 0.0},
    {"slots": 240, "written": 48, "sharpness": 30.0},
)
stream = cache(continual.simulated)


def elastic(strength: float, seed: int) -> Learner:
    """Return elastic weights of a strength."""
    return EWC(EWCSettings(seed=seed, strength=strength))


def memory(place: int, seed: int) -> Learner:
    """Return a memory of the settings at ``place``."""
    return ExternalMemory(ExternalMemorySettings.model_validate({"seed": seed, **MEMORIES[place]}))


@cache
def alone(seed: int) -> FloatArray:
    """(T,) accuracy on each task of a net that learned it alone."""
    fresh = FreshNet(NetSettings(seed=seed))
    accuracy: FloatArray = np.diag(run_stream(fresh, stream(seed), seed=seed).accuracy)
    return accuracy


def shares(make: Callable[[int], Learner]) -> tuple[float, float]:
    """Return what a learner keeps and takes up."""
    table = np.mean([run_stream(make(seed), stream(seed), seed=seed).accuracy for seed in SEEDS], axis=0) - 0.5
    own = np.mean([alone(seed) for seed in SEEDS], axis=0) - 0.5
    return float(table[-1, :-1].mean() / own[:-1].mean()), float(np.diag(table)[1:].mean() / own[1:].mean())


def main() -> None:
    """Run the searches."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--learner", choices=("ewc", "external_memory"))
    flags = parser.parse_args()
    tried: list[tuple[str, str, Callable[[int], Learner]]] = [
        *(("ewc", f"strength {one:g}", partial(elastic, one)) for one in STRENGTHS),
        *(("external_memory", str(one), partial(memory, place)) for place, one in enumerate(MEMORIES)),
    ]
    for learner, told, make in tried:
        if flags.learner in (None, learner):
            kept, taken_up = shares(make)
            print(f"{learner} | {told} | kept {kept:.3f} | taken up {taken_up:.3f}", flush=True)


if __name__ == "__main__":
    main()
