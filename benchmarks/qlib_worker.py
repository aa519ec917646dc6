"""Qlib's side of `qlib_peer.py`; runs in Qlib's own environment and imports nothing of Tradewind.

    python benchmarks/qlib_worker.py JOB.json

Builds Alpha158 with Qlib's handler, fits its LightGBM with the parameters of Qlib's published Alpha158 benchmark, and
writes the scores of the test days and the seconds of each step.
"""

from __future__ import annotations

import json
import os
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

PUBLISHED = {  # examples/benchmarks/LightGBM/workflow_config_lightgbm_Alpha158.yaml, there with 20 threads
    "loss": "mse",
    "colsample_bytree": 0.8879,
    "learning_rate": 0.2,
    "subsample": 0.8789,
    "lambda_l1": 205.6999,
    "lambda_l2": 580.9768,
    "max_depth": 8,
    "num_leaves": 210,
    "num_threads": 1,
}
LABEL = (["Ref($close, -1)/$close - 1"], ["LABEL0"])


def timed(work: Callable[[], Any]) -> tuple[Any, dict[str, float]]:
    """Return what ``work`` gives, and its wall and processor seconds (of child processes too)."""
    wall, processor = time.perf_counter(), _processor()
    found = work()
    return found, {"wall": time.perf_counter() - wall, "processor": _processor() - processor}


def _processor() -> float:
    usage = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in usage)


def main() -> None:
    """Do the job that the file named on the command line describes."""
    job = json.loads(Path(sys.argv[1]).read_text())
    os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})  # one core for either side

    import qlib
    from qlib.contrib.data.handler import Alpha158
    from qlib.contrib.model import gbdt
    from qlib.data.dataset import DatasetH

    class Silent:
        """Takes the place of Qlib's experiment recorder: what it writes to disk is not part of a fit."""

        @staticmethod
        def log_metrics(**_: float) -> None:
            """Write nothing."""

    qlib.init(provider_uri=job["provider"], region="us", kernels=1, logging_level=40)
    gbdt.R = Silent
    segments = job["segments"]

    def handler() -> Any:
        return Alpha158(
            instruments="all",
            start_time=segments["train"][0],
            end_time=segments["test"][1],
            fit_start_time=segments["train"][0],
            fit_end_time=segments["valid"][1],
            label=LABEL,
        )

    built, features = timed(handler)
    data = DatasetH(handler=built, segments=segments)
    model = gbdt.LGBModel(**PUBLISHED, seed=job["seed"])
    _, fit = timed(lambda: model.fit(data, verbose_eval=0))
    scores, predict = timed(lambda: model.predict(data))
    out = Path(job["out"])
    names, days = scores.index.get_level_values("instrument"), scores.index.get_level_values("datetime")
    np.savez_compressed(
        out.with_suffix(".npz"),
        instrument=names.to_numpy().astype(str),
        time=days.to_numpy().astype("datetime64[us]"),
        score=scores.to_numpy(),
    )
    steps = {"features": features, "fit": fit, "predict": predict}
    trees = model.model.best_iteration or model.model.current_iteration()
    out.write_text(json.dumps({"steps": steps, "columns": built.fetch(col_set="feature").shape[1], "trees": trees}))


if __name__ == "__main__":
    main()
