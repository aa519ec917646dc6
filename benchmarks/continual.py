"""What every continual learner keeps and takes up, on simulated regimes and on crises of a real market.

    python -m benchmarks.continual                     # both streams
    python -m benchmarks.continual --streams kdd17     # one of them; the other's results stay in the file
    python -m benchmarks.continual --learners ewc      # some learners; the others' results stay in the file

Writes benchmarks/results/continual.json and docs/continual_matrix.svg, prints the tables. The nets' settings were
looked at on the simulated seeds 100 and 101 alone, those of ``ewc`` and ``external_memory`` searched on seeds from 600;
reported are seeds from 0.
"""

from __future__ import annotations

import argparse
import os
import time
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.continual.comparison import Comparison, compare
from tradewind.continual.registry import LEARNERS
from tradewind.continual.streams import (
    KDD17_PERIODS,
    SimulatedStreamSettings,
    TaskStream,
    period_stream,
    simulated_stream,
)
from tradewind.core.files import atomic_path, read_json, write_json_file
from tradewind.data import read_prices

RESULTS = Path(__file__).parent / "results"
PICTURE = Path(__file__).parents[1] / "docs" / "continual_matrix.svg"
DATA = Path(os.environ.get("TRADEWIND_DATA", Path(__file__).parents[2] / "shared" / "data"))
SHOWN = ("fine_tuning", "fresh", "ewc", "episodic", "rehearsal", "joint")
SLOW = ("maml", "first_order_maml", "reptile", "online_tree", "online_forest", "online_bagging")
"""Left out of the real stream, whose 74,000 rows would take them minutes a seed; ``--all`` runs them too."""


def simulated(seed: int) -> TaskStream:
    """Return the simulated stream of a seed."""
    return simulated_stream(SimulatedStreamSettings(seed=seed))


@cache
def _kdd17() -> TaskStream:
    return period_stream(read_prices(DATA / "kdd17" / "prices.parquet"), KDD17_PERIODS, name="kdd17")


def real(_: int) -> TaskStream:
    """Return the periods of KDD17, whatever the seed."""
    return _kdd17()


class Lines:
    """Prints a line for each learner that begins."""

    def __init__(self) -> None:
        self._start = time.perf_counter()

    def update(self, stage: str, done: int, total: int) -> None:
        """Print how far it is."""
        print(f"{stage} {done}/{total} after {time.perf_counter() - self._start:.0f} s", flush=True)


def merged(before: Mapping[str, Any] | None, result: Comparison, wanted: Sequence[str]) -> dict[str, Any]:
    """Return earlier results of a stream with those of ``wanted``; a run on other seeds or tasks is refused."""
    new = result.to_dict()
    if before is None:
        return new
    if any(before[key] != new[key] for key in ("tasks", "seeds", "ceilings")):
        raise SystemExit("the results in the file are of other seeds or tasks; run all learners")
    rows = {name: row for name, row in new["learners"].items() if name in wanted}
    return {**before, "learners": {**before["learners"], **rows}}


def draw(found: Mapping[str, Any], target: Path) -> None:
    """Draw the accuracy matrices of some learners side by side."""
    import matplotlib

    matplotlib.use("svg")
    matplotlib.rcParams["svg.hashsalt"] = "continual"
    import matplotlib.pyplot as plt

    names = [name for name in SHOWN if name in found["learners"]]
    tasks = [task.split()[-1] for task in found["tasks"]]
    figure, axes = plt.subplots(2, 3, figsize=(9, 6), layout="constrained")
    for axis, name in zip(axes.flat, names, strict=False):
        table = np.array(found["learners"][name]["accuracy"])
        picture = axis.imshow(table, vmin=0.3, vmax=0.7, cmap="RdBu")
        for (i, j), value in np.ndenumerate(table):
            axis.text(j, i, f"{value:.2f}", ha="center", va="center", fontsize=9)
        axis.set_title(name.replace("_", " "), fontsize=10)
        axis.set_xticks(range(len(tasks)), tasks, fontsize=8)
        axis.set_yticks(range(len(tasks)), [f"after {task}" for task in tasks], fontsize=8)
    figure.colorbar(picture, ax=axes, label="accuracy on the test part", shrink=0.6)
    with atomic_path(target) as draft:
        figure.savefig(draft, format="svg", metadata={"Date": None})
    plt.close(figure)


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--streams", nargs="+", choices=("simulated", "kdd17"), default=("simulated", "kdd17"))
    parser.add_argument("--seeds", type=int, default=5)
    parser.add_argument("--real-seeds", type=int, default=2)
    parser.add_argument("--out", type=Path, default=RESULTS / "continual.json")
    parser.add_argument("--all", action="store_true", help="run the slow learners on the real stream too")
    parser.add_argument(
        "--learners", nargs="+", choices=tuple(LEARNERS), help="run these alone; others stay as they are"
    )
    flags = parser.parse_args()
    found = read_json(flags.out, what="earlier results") if flags.out.exists() else {}
    for stream in flags.streams:
        start = time.perf_counter()
        names = flags.learners or [name for name in LEARNERS if stream == "simulated" or flags.all or name not in SLOW]
        if stream == "simulated":
            result = compare(simulated, names, range(flags.seeds), progress=Lines())
        else:
            result = compare(real, names, range(flags.real_seeds), progress=Lines())
        if flags.learners:
            found[stream] = merged(found.get(stream), result, names)
        else:
            found[stream] = result.to_dict() | {"seconds": round(time.perf_counter() - start, 1)}
        if stream == "simulated":
            draw(found[stream], PICTURE)
        for row in result.rows():
            print(" | ".join(str(value) for value in row.values()))
        write_json_file(flags.out, found)


if __name__ == "__main__":
    main()
