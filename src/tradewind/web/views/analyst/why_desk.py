"""What is kept of one project while people ask why: its explainer, explanations and replays, each made once."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property, partial
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, News, TradewindError
from tradewind.core.arrays import as_time
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import Project
from tradewind.web.views.analyst.why_held import Held

if TYPE_CHECKING:
    from tradewind.explain.rationale import Explanation
    from tradewind.explain.shapley.explainer import Explainer
    from tradewind.explain.what_if.replay import Replay
    from tradewind.training import TrainedModel

_LOG = logging.getLogger("tradewind.web")
EXPLANATIONS, OWN_REPLAYS, WHOLE_REPLAYS = 2000, 64, 2
MARKS = (0.05, 0.25, 0.5, 0.75, 0.95)
_PAUSE = 2.0
"""Seconds without a question before explanations are made ahead."""


@dataclass(frozen=True, kw_only=True)
class Asked:
    """One bar that is asked about: its row in the data, its symbol and its day."""

    row: int
    symbol: str
    day: str


class Desk:
    """Answers about one project's model; made anew when the files of the project change.

    Parameters
    ----------
    project : its model, bars and explainer are read at once (seconds, the first time).
    """

    def __init__(self, project: Project) -> None:
        from tradewind.web.views.analyst.why_subject import Market, stands_alone

        self.model: TrainedModel = project.model()
        self.data: Dataset = project.dataset()
        self.news: News | None = project.news()
        self.explainer = _explainer(project, self.model, self.data, self.news)
        self.market = Market(self.model, self.data.panel)
        self.track = _track(project)
        self.alone = stands_alone(self.model, self.news)
        self._explained: Held[Explanation] = Held(EXPLANATIONS)
        self._own: Held[Replay] = Held(OWN_REPLAYS)
        self._whole: Held[Replay] = Held(WHOLE_REPLAYS)
        self.searched: Held[Any] = Held(OWN_REPLAYS)
        self._marks: dict[str, list[float]] = {}
        self._asked_at = time.monotonic()
        self._ahead: threading.Thread | None = None
        self._lock = threading.Lock()

    @property
    def learned_until(self) -> np.datetime64:
        """The last day the model learned from."""
        return as_time(self.model.record["trained_until"])

    @cached_property
    def names(self) -> tuple[str, ...]:
        """Raw features the model reads."""
        from tradewind.explain.what_if.replay import raw_features

        return raw_features(self.model)

    def marks(self, feature: str) -> list[float]:
        """Return the quantiles :data:`MARKS` of ``feature`` among the training rows that explanations compare with."""
        if feature not in self._marks:
            column = self.explainer.background.names.index(feature)
            spread = np.quantile(self.explainer.background.values[:, column], MARKS)
            self._marks[feature] = [float(v) for v in self.model.preprocessor.to_raw(feature, spread)]
        return self._marks[feature]

    def asked(self, symbol: str, day: str | None) -> Asked:
        """Return the bar of ``symbol`` on ``day`` or the last one before it; its newest where ``day`` is None.

        Raises
        ------
        Problem : there is no such symbol or bar (404), or the model learned from it (422).
        """
        panel = self.data.panel
        if symbol not in panel.symbols:
            raise Problem(
                404, "There is no such symbol", f"The bars do not hold {symbol!r}.", fix="choose one of the list"
            )
        rows = panel.rows_of(symbol)
        times = panel.time[rows]
        at = len(times) if day is None else int(np.searchsorted(times, as_time(day), side="right"))
        learned = str(self.learned_until)[:10]
        if at == 0 or times[at - 1] < self.learned_until:
            raise Problem(
                422,
                "The model learned from that day",
                f"It learned until {learned}; what it says of earlier bars of {symbol} is no forecast.",
                fix=f"choose a day from {learned} on",
            )
        self._asked_at = time.monotonic()
        row = rows.start + at - 1
        return Asked(row=row, symbol=symbol, day=str(panel.time[row])[:10])

    def has(self, asked: Asked) -> bool:
        """Return whether the explanation is made already."""
        return asked.row in self._explained

    def explanation(self, asked: Asked) -> Explanation:
        """Return the explanation of a bar, as ``tradewind explain`` makes it."""
        return self._explained.get(asked.row, lambda: self._explain(asked.row))

    def _explain(self, row: int) -> Explanation:
        from tradewind.explain.rationale import explain
        from tradewind.web.views.analyst.why_subject import subject_of_row

        subject = subject_of_row(self.explainer, self.data, row, self.news, market=self.market, track=self.track)
        return explain(subject, 0)

    def replay(self, asked: Asked) -> Replay:
        """Return the forecast of a bar, to be run again with other features."""
        from tradewind.explain.what_if.replay import Replay
        from tradewind.web.views.analyst.why_subject import own_bars

        if not self.alone:
            return self.whole_replay(asked)
        return self._own.get(asked.row, lambda: Replay(self.model, *own_bars(self.data, asked.row)))

    def whole_replay(self, asked: Asked) -> Replay:
        """Return the forecast of a bar, to be run again with other bars, those of other symbols among them."""
        from tradewind.explain.what_if.replay import Replay

        return self._whole.get(asked.row, lambda: Replay(self.model, self.data, asked.row, self.news))

    def explain_ahead(self) -> None:
        """Begin to explain the newest bar of every symbol, whenever nobody has asked for two seconds."""
        with self._lock:
            if self._ahead is None:
                self._ahead = threading.Thread(target=self._explain_newest, name="explain-ahead", daemon=True)
                self._ahead.start()

    def _explain_newest(self) -> None:
        panel = self.data.panel
        last = (panel.offsets[1:] - 1).astype(np.int64)
        for row in last[panel.time[last] >= self.learned_until].tolist():
            while time.monotonic() - self._asked_at < _PAUSE:
                time.sleep(_PAUSE / 4)
            try:
                self._explained.get(row, partial(self._explain, row))
            except (TradewindError, ValueError) as error:  # who asks for this bar is told; the others are still made
                _LOG.warning("no explanation was made ahead of row %s: %s", row, error)


def desk_of(project: Project) -> Desk:
    """Return the desk of ``project``.

    Raises
    ------
    Problem : it has no bars, or no model.
    """
    files = (
        project.model_folder,
        project.model_folder / "model.json",
        project.prices_file,
        project.evaluation_folder / "metrics.json",
    )
    return project.derived("desk", files, lambda: Desk(project))


def _explainer(project: Project, model: TrainedModel, data: Dataset, news: News | None) -> Explainer:
    """Return the explainer saved with the model, else one whose background is drawn from the bars."""
    from tradewind.explain.shapley.explainer import FOLDER, Explainer

    if (project.model_folder / FOLDER).is_dir():
        return project.explainer()
    if not data.labels.known_by(model.record["trained_until"]).any():
        raise absent("explainer beside the model", "None was saved with it.", "tradewind train --out ...")
    return Explainer.of(model, data, news)


def _track(project: Project) -> Mapping[str, Any] | None:
    """Return what was measured of the model's forecasts, None where nothing was."""
    return project.metrics() if (project.evaluation_folder / "metrics.json").exists() else None
