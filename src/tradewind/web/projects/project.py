"""One project on disk, and what is read of it.

::

    projects/<name>/
      project.toml        title, created, what was asked for
      prices.parquet      bars, checked; news.parquet, universe.csv, fear.csv where they were given
      model/              what `tradewind train` wrote
      evaluation/         what `tradewind evaluate` wrote: predictions.parquet, metrics.json, report.html
      work/               the job that makes the two: its state and what it said
      kept/               answers of the dashboard that take long to work out, until a file they come from changes

All but ``kept/`` is written by the commands a person would type; the dashboard only reads it.
"""

from __future__ import annotations

import re
import threading
import tomllib
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import polars as pl

from tradewind.core import Dataset, News, Outcomes, Panel
from tradewind.core.files import read_json
from tradewind.data import Universe, read_news, read_prices, read_universe
from tradewind.web.problems import Problem, absent
from tradewind.web.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.explain.shapley.explainer import Explainer
    from tradewind.features import LabelSettings
    from tradewind.training import TrainedModel

T = TypeVar("T")
NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,62}")
_KEPT = 48


class _Kept:
    """What was read of files, until a file changes; the least used goes first."""

    def __init__(self) -> None:
        self._held: OrderedDict[tuple[str, str], tuple[tuple[int, ...], Any]] = OrderedDict()
        self._lock = threading.Lock()
        self._reading: dict[tuple[str, str], threading.RLock] = {}

    def get(self, what: str, paths: tuple[Path, ...], read: Callable[[], T]) -> T:
        key = (what, str(paths[0]))
        state = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in paths)
        with self._lock:
            reading = self._reading.setdefault(key, threading.RLock())
        with reading:  # two requests for the same thing do not compute it twice; other things do not wait for it
            with self._lock:
                held = self._held.get(key)
                if held is not None and held[0] == state:
                    self._held.move_to_end(key)
                    value: T = held[1]
                    return value
            value = read()
            with self._lock:
                self._held[key] = (state, value)
                while len(self._held) > _KEPT:
                    self._held.popitem(last=False)
        return value


_KEPT_OF_ALL = _Kept()


@dataclass(frozen=True, kw_only=True)
class Project:
    """One project; what is asked of it is read when it is first needed, and again when its files change.

    Attributes
    ----------
    name : letters, digits and hyphens; the name of its folder.
    """

    name: str
    folder: Path

    @property
    def about(self) -> dict[str, Any]:
        """What ``project.toml`` says."""
        path = self.folder / "project.toml"
        return tomllib.loads(path.read_text()) if path.exists() else {"title": self.name}

    @property
    def prices_file(self) -> Path:
        """The bars."""
        return self.folder / "prices.parquet"

    @property
    def model_folder(self) -> Path:
        """The trained model."""
        return self.folder / "model"

    @property
    def evaluation_folder(self) -> Path:
        """Forecasts out of sample and how they did."""
        return self.folder / "evaluation"

    def optional(self, name: str) -> Path | None:
        """Return the file ``name`` of the project, None where it has none."""
        path = self.folder / name
        return path if path.exists() else None

    def universe(self) -> Universe | None:
        """Return names and sectors, where they were given."""
        path = self.optional("universe.csv")
        return _KEPT_OF_ALL.get("universe", (path,), lambda: read_universe(path)) if path else None

    def news(self) -> News | None:
        """Return the news, where they were given."""
        path = self.optional("news.parquet")
        return _KEPT_OF_ALL.get("news", (path,), lambda: read_news(path)) if path else None

    def panel(self) -> Panel:
        """Return the bars.

        Raises
        ------
        Problem : there are none.
        """
        if not self.prices_file.exists():
            raise absent("bars in this project", f"{self.prices_file} is missing.", "make the project again")
        universe, fear = self.universe(), self.optional("fear.csv")
        return _KEPT_OF_ALL.get(
            "panel", (self.prices_file,), lambda: read_prices(self.prices_file, universe=universe, fear=fear)
        )

    def predictions(self) -> pl.DataFrame:
        """Return the forecasts out of sample, as ``tradewind evaluate`` writes them.

        Raises
        ------
        Problem : none were made.
        """
        path = self.evaluation_folder / "predictions.parquet"
        if not path.exists():
            raise absent("forecast out of sample", f"{path} is missing.", f"tradewind evaluate --out {path.parent} ...")
        return _KEPT_OF_ALL.get("predictions", (path,), lambda: pl.read_parquet(path))

    def metrics(self) -> dict[str, Any]:
        """Return what was measured of them.

        Raises
        ------
        Problem : nothing was.
        """
        path = self.evaluation_folder / "metrics.json"
        if not path.exists():
            raise absent("evaluation", f"{path} is missing.", f"tradewind evaluate --out {path.parent} ...")
        return _KEPT_OF_ALL.get("metrics", (path,), lambda: read_json(path, what="metrics.json"))

    def label(self) -> LabelSettings:
        """Return the label that the evaluation was made with; the usual one where it does not say."""
        from tradewind.features import LabelSettings

        if not (self.evaluation_folder / "metrics.json").exists():
            return LabelSettings()
        return LabelSettings(**self.metrics().get("context", {}).get("settings", {}).get("label", {}))

    def outcomes(self) -> Outcomes:
        """Return the forecasts out of sample beside what happened, in order of time, then symbol.

        Raises
        ------
        Problem : there are no bars or no forecasts.
        """
        from tradewind.training import read_forecasts

        path = self.evaluation_folder / "predictions.parquet"
        if not path.exists():
            raise absent("forecast out of sample", f"{path} is missing.", f"tradewind evaluate --out {path.parent} ...")
        panel, label = self.panel(), self.label()
        files = (path, self.prices_file, self.evaluation_folder / "metrics.json")
        return _KEPT_OF_ALL.get("outcomes", files, lambda: read_forecasts(path, panel, label))

    def model(self) -> TrainedModel:
        """Return the trained model.

        Raises
        ------
        Problem : none was trained.
        """
        from tradewind.training import TrainedModel

        made = self.model_folder / "model.json"
        if not self.model_folder.exists():
            raise absent("model in this project", f"{self.model_folder} is missing.", "tradewind train --out ...")
        return _KEPT_OF_ALL.get("model", (self.model_folder, made), lambda: TrainedModel.load(self.model_folder))

    def explainer(self) -> Explainer:
        """Return the explainer that was saved with the model.

        Raises
        ------
        Problem : there is none.
        """
        from tradewind.explain.shapley.explainer import FOLDER, Explainer

        folder = self.model_folder / FOLDER
        if not folder.is_dir():
            raise absent("explainer beside the model", f"{folder} is missing.", "train the model again")
        model = self.model()
        return _KEPT_OF_ALL.get("explainer", (folder,), lambda: Explainer.load(folder, model))

    def dataset(self) -> Dataset:
        """Return features and labels of every bar: all that the model's settings ask for (seconds, the first time)."""
        from tradewind.training import build_dataset, scorer_of

        model, panel, news = self.model(), self.panel(), self.news()
        return _KEPT_OF_ALL.get(
            "dataset",
            (self.prices_file, self.model_folder),
            lambda: build_dataset(panel, news, label=model.settings.label, scorer=scorer_of(model.settings.text)),
        )

    def derived(self, what: str, files: tuple[Path, ...], make: Callable[[], T]) -> T:
        """Return what ``make`` computes of this project, kept under ``what`` until one of ``files`` changes."""
        return _KEPT_OF_ALL.get(f"{what} of {self.folder}", files, make)


def list_projects(workspace: Workspace) -> tuple[Project, ...]:
    """Return the projects, by name."""
    if not workspace.projects.is_dir():
        return ()
    found = sorted(path for path in workspace.projects.iterdir() if path.is_dir() and NAME.fullmatch(path.name))
    return tuple(Project(name=path.name, folder=path) for path in found)


def open_project(workspace: Workspace, name: str) -> Project:
    """Return one project.

    Raises
    ------
    Problem : the name is malformed or there is no such project (404).
    """
    folder = workspace.projects / name
    if not NAME.fullmatch(name) or not folder.is_dir():
        raise Problem(404, "There is no such project", f"No project is called {name!r}.", fix="choose one of the list")
    return Project(name=name, folder=folder)
