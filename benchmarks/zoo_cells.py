"""One cell of the model table: a model or a join of models, on one data set, with one seed."""

from __future__ import annotations

import ast
import importlib.util
import math
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal, Self

import numpy as np
from scipy.special import expit, logit

from tradewind.core import Dataset, Forecast, Outcomes
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.files import atomic_path
from tradewind.core.ids import content_id
from tradewind.evaluation import forecast_metrics
from tradewind.models import Ensemble, EnsembleSettings, ModelSettings, make_model
from tradewind.training import to_outcomes
from zoo_data import CACHE, DEFAULT_MEMBERS, Prepared, load

BASELINES = ("always_up", "last_direction", "momentum", "reversal")
PREDICT_REPEATS = 3


@dataclass(frozen=True, kw_only=True)
class Cell:
    """One fit to be made; ``members`` empty: the model of that name, else a join of those models' kept forecasts.

    ``method`` of a join: one of the library's ensemble, or ``mean`` of log odds and expected returns, which has nothing
    to fit.
    """

    dataset: str
    model: str
    seed: int
    members: tuple[str, ...] = ()
    method: Literal["weights", "stack", "vote", "mean"] = "weights"

    @property
    def place(self) -> str:
        """The cell's key in the results, and its file's name."""
        return f"{self.dataset}/{self.model}/{self.seed}"

    @property
    def file(self) -> Path:
        """Where the cell's forecasts are kept."""
        return CACHE / "forecasts" / self.dataset / f"{self.model.replace(' ', '_')}-{self.seed}.npz"


def has_seed(name: str) -> bool:
    """Return whether a model's fit depends on the seed."""
    return hasattr(getattr(make_model(name, seed=0), "settings", None), "seed")


def fit_cell(cell: Cell) -> dict[str, Any]:
    """Fit and forecast; return the cell's numbers. Forecasts of training blocks out of fold are kept for joins."""
    prepared = load(cell.dataset)
    data, rows = prepared.visible, prepared.train
    if cell.members:
        return _join(cell, prepared)
    model = make_model(cell.model, seed=cell.seed)
    kept: list[Forecast] = []
    clock = time.process_time()
    if cell.model in DEFAULT_MEMBERS:  # the others are joined by their mean alone
        kept = [model.fresh().fit(part, fitted).predict(part, block) for fitted, block, part in prepared.inner]
    inner = time.process_time() - clock
    clock, wall = time.process_time(), time.perf_counter()
    model.fit(data, rows)
    times = {"fit_seconds": time.process_time() - clock, "fit_wall_seconds": time.perf_counter() - wall}
    forecast, seconds = _timed_forecast(lambda: model.predict(data, prepared.test))
    times |= {"inner_seconds": inner, "predict_seconds": seconds}
    _keep(cell, forecast, kept)
    return {**times, **_numbers(cell, prepared, forecast)}


def _timed_forecast(predict: Callable[[], Forecast]) -> tuple[Forecast, float]:
    """Return a forecast and the least processor seconds of some repeats."""
    seconds = []
    for _ in range(PREDICT_REPEATS):
        clock = time.process_time()
        forecast = predict()
        seconds.append(time.process_time() - clock)
    return forecast, min(seconds)


def _numbers(cell: Cell, prepared: Prepared, forecast: Forecast) -> dict[str, Any]:
    found = forecast_metrics(to_outcomes(cell.model, forecast, prepared.data, prepared.slices))
    names = ("accuracy", "mcc", "ic", "rank_ic", "up_share")
    numbers = {name: getattr(found, name) for name in names}
    clean = {name: None if math.isnan(value) else round(value, 6) for name, value in numbers.items()}
    return {**clean, "ic_kind": found.ic_kind, "n": found.n, "n_days": found.n_days, "rows": len(prepared.test)}


def _keep(cell: Cell, forecast: Forecast, kept: list[Forecast]) -> None:
    parts = [*kept, forecast]
    with atomic_path(cell.file) as draft, draft.open("wb") as file:
        np.savez_compressed(
            file,
            rows=np.concatenate([part.rows for part in parts]),
            probability=np.concatenate([part.probability for part in parts]),
            expected_return=np.concatenate([part.expected_return for part in parts]),
        )


@dataclass(frozen=True, kw_only=True, eq=False)
class Kept:
    """A forecaster that knows its forecasts already, so that the library's own ensemble joins what was fitted once."""

    name: str
    rows: IntArray
    probability: FloatArray
    expected_return: FloatArray

    @classmethod
    def of(cls, cell: Cell) -> Kept:
        """Read the forecasts of ``cell``."""
        with np.load(cell.file) as found:
            order = np.argsort(found["rows"])
            return cls(name=cell.model, **{name: found[name][order] for name in found.files})

    def fresh(self) -> Self:
        """Return this."""
        return self

    def fit(self, data: Dataset, rows: IntArray) -> Self:  # noqa: ARG002 - the protocol's signature
        """Return this: it was fitted before."""
        return self

    def predict(self, data: Dataset | None, rows: IntArray) -> Forecast:  # noqa: ARG002 - the protocol's signature
        """Return the kept forecasts of ``rows``; KeyError where one was never made."""
        place = np.minimum(np.searchsorted(self.rows, rows), len(self.rows) - 1)
        if not np.array_equal(self.rows[place], rows):
            raise KeyError(f"{self.name} has no forecast of some of these rows")
        return Forecast.point(rows, self.probability[place], self.expected_return[place])


def _join(cell: Cell, prepared: Prepared) -> dict[str, Any]:
    members = [Kept.of(member_cell(cell, name)) for name in cell.members]
    clock, wall = time.process_time(), time.perf_counter()
    if cell.method == "mean":
        model: Kept | Ensemble = _mean_of(members, prepared.test)
    else:
        model = Ensemble(members, EnsembleSettings(method=cell.method)).fit(prepared.visible, prepared.train)
    times = {"fit_seconds": time.process_time() - clock, "fit_wall_seconds": time.perf_counter() - wall}
    forecast, seconds = _timed_forecast(lambda: model.predict(prepared.visible, prepared.test))
    _keep(cell, forecast, [])
    times |= {"inner_seconds": 0.0, "predict_seconds": seconds}
    return {**times, **_numbers(cell, prepared, forecast)}


def _mean_of(members: Sequence[Kept], rows: IntArray) -> Kept:
    """Return the mean of log odds, and of expected returns, of ``members`` on sorted ``rows``."""
    found = [member.predict(None, rows) for member in members]
    odds = np.mean([logit(np.clip(one.probability, 1e-6, 1 - 1e-6)) for one in found], axis=0)
    expected = np.mean([one.expected_return for one in found], axis=0)
    return Kept(name="mean", rows=rows, probability=expit(odds), expected_return=expected)


def member_cell(cell: Cell, name: str) -> Cell:
    """Return the cell of a member of the join ``cell``."""
    return Cell(dataset=cell.dataset, model=name, seed=cell.seed if has_seed(name) else 0)


def outcomes_of(cell: Cell) -> Outcomes:
    """Return the kept forecasts of the test rows beside what happened."""
    prepared = load(cell.dataset)
    forecast = Kept.of(cell).predict(prepared.data, prepared.test)
    return to_outcomes(cell.model, forecast, prepared.data, prepared.slices)


def cell_key(cell: Cell, data_key: str, keys: dict[str, str]) -> str:
    """Return the id of all a cell's numbers depend on; ``keys`` those of the members' cells by place."""
    if cell.members:
        members = [keys[member_cell(cell, name).place] for name in cell.members]
        return content_id(cell.method, members, code_id("tradewind.models.ensemble"))
    model = make_model(cell.model, seed=cell.seed)
    settings = getattr(ModelSettings(), cell.model, None)
    return content_id(data_key, cell.seed, settings and settings.id, code_id(type(model).__module__))


@cache
def code_id(module: str) -> str:
    """Return the id of the code of ``module`` and of every module of ``tradewind.models`` it imports.

    Comments, docstrings and layout do not count.
    """
    found: dict[str, str] = {}
    _collect(module, found)
    return content_id(found)


def _collect(module: str, found: dict[str, str]) -> None:
    try:
        spec = importlib.util.find_spec(module)
    except ModuleNotFoundError:  # a class of a module, not a module of a package
        return
    if spec is None or spec.origin is None or spec.origin.endswith("__init__.py") or module in found:
        return
    tree = ast.parse(Path(spec.origin).read_text(encoding="utf-8"))
    found[module] = _bare(tree)
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and (node.module or "").startswith("tradewind.models"):
            for name in (str(node.module), *(f"{node.module}.{item.name}" for item in node.names)):
                _collect(name, found)


def _bare(tree: ast.Module) -> str:
    for node in ast.walk(tree):
        body = getattr(node, "body", None)
        if (
            isinstance(body, list)
            and body
            and isinstance(body[0], ast.Expr)
            and isinstance(body[0].value, ast.Constant)
        ):
            body[0] = ast.Pass()
    return ast.dump(tree)
