"""How complex a trained model is, measured on the fitted model itself."""

from __future__ import annotations

import time
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, News

if TYPE_CHECKING:
    from tradewind.training import TrainedModel

TIMED_ROWS = 256
REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Complexity:
    """What a model costs to understand, keep and run.

    Attributes
    ----------
    members, features : members of the ensemble; columns they see, missing flags included.
    trees, parameters : over all members, direction and return together.
    depth : of the deepest tree.
    size_bytes : of the model folder, None where it is not saved.
    fit_seconds, predict_ms : time of the fit; milliseconds of a forecast per row in a batch. None where not measured.
    by_member : trees, parameters and depth of each member.
    """

    members: int
    features: int
    trees: int
    parameters: int
    depth: int
    by_member: dict[str, dict[str, int]]
    size_bytes: int | None = None
    fit_seconds: float | None = None
    predict_ms: float | None = None

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)


def measure_complexity(
    model: TrainedModel,
    data: Dataset | None = None,
    news: News | None = None,
    *,
    folder: Path | None = None,
    fit_seconds: float | None = None,
) -> Complexity:
    """Measure ``model``: its size, and with raw ``data`` the time of a forecast.

    The time is that of every member and their combination on the last rows of ``data``, the fastest of three, divided
    by their number. Computing features and preparing columns is not in it.
    """
    from tradewind.models.size import size_of

    sizes = {name: size_of(member) for name, member in model.ensemble.members.items()}
    return Complexity(
        members=len(sizes),
        features=len(model.preprocessor.names),
        trees=sum(size.trees for size in sizes.values()),
        parameters=sum(size.parameters for size in sizes.values()),
        depth=max(size.depth for size in sizes.values()),
        by_member={name: size.to_dict() for name, size in sizes.items()},
        size_bytes=None if folder is None else sum(p.stat().st_size for p in folder.rglob("*") if p.is_file()),
        fit_seconds=fit_seconds,
        predict_ms=None if data is None else _predict_ms(model, data, news),
    )


def _predict_ms(model: TrainedModel, data: Dataset, news: News | None) -> float:
    prepared = model.prepare(data, news)
    rows = np.arange(max(0, len(data) - TIMED_ROWS), len(data))
    fastest = np.inf
    for _ in range(REPEATS):
        began = time.perf_counter()
        model.ensemble.predict(prepared, rows)
        fastest = min(fastest, time.perf_counter() - began)
    return float(1000.0 * fastest / len(rows))
