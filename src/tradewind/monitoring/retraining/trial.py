"""The trial: champion and challenger on the same months, which neither has learned from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from dataclasses import field as dataclass_field
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.core import Dataset, Labels, LeakageError, News, UsageError
from tradewind.core.arrays import FloatArray, IntArray, TimeArray, as_time
from tradewind.core.plain import finite
from tradewind.monitoring.retraining.judgement import Judgement, Metric, Paired, TrialSettings, judge
from tradewind.training import TrainedModel
from tradewind.validation.times import add_months, earlier


@dataclass(frozen=True, kw_only=True, eq=False)
class Materials:
    """What a retraining works with: raw features and labels, news (None without), and the files they came from."""

    data: Dataset
    news: News | None = None
    inputs: Mapping[str, Path] = dataclass_field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class TrialWindow:
    """The months of a trial.

    Attributes
    ----------
    start, end : first and last moment of forecasts (``datetime64[us]``), both included.
    known_by : labels that were known later are not looked at.
    train_end : no label known after it may have taught either model: the last time before ``start``, less the embargo.
    cut : why the trial is shorter than was asked for; empty where it is not.
    """

    start: np.datetime64
    end: np.datetime64
    known_by: np.datetime64
    train_end: np.datetime64
    cut: str = ""

    @classmethod
    def of(
        cls, labels: Labels, champion_until: np.datetime64 | str, settings: TrialSettings, now: np.datetime64 | str
    ) -> TrialWindow:
        """Return the newest months whose labels are known at ``now`` and that the champion has not learned from.

        Raises
        ------
        UsageError : fewer than ``settings.days`` days are left.
        """
        known = labels.start[labels.known_by(now)]
        if not len(known):
            raise UsageError("no label is known yet, so there is nothing to try a challenger on", fix="give more bars")
        times, every = np.unique(known), np.unique(labels.start)
        last, learned = times[-1], as_time(champion_until)
        wanted = add_months(last, -settings.months)
        inside = times[times > wanted]
        free = np.array([_train_end(every, one, settings.embargo) >= learned for one in inside], dtype=np.bool_)
        left = inside[free]
        cut = ""
        if len(left) < len(inside):
            cut = (
                f"the champion learned from labels up to {_day(learned)}: {len(inside) - len(left)} of {len(inside)} "
                "days are left out, and an embargo with them"
            )
        if len(left) < settings.days:
            raise UsageError(
                f"only {len(left)} days can be tried on, {settings.days} are needed" + (f" ({cut})" if cut else ""),
                fix="wait until more labels are known, or give bars that reach further",
            )
        train_end = _train_end(every, left[0], settings.embargo)
        return cls(start=left[0], end=last, known_by=as_time(now), train_end=train_end, cut=cut)

    def rows(self, labels: Labels) -> IntArray:
        """Return the rows that are forecast: those of the window whose label was known when it was laid."""
        found = (labels.start >= self.start) & (labels.start <= self.end) & labels.known_by(self.known_by)
        return np.flatnonzero(found).astype(np.int64)


def _train_end(times: TimeArray, start: np.datetime64, embargo: int) -> np.datetime64:
    """Return the last of the sorted ``times`` before ``start``, ``embargo`` sessions earlier."""
    before = times[times < start]
    return earlier(before[-1] if len(before) else start, embargo, times)


@dataclass(frozen=True, kw_only=True)
class TrialResult:
    """A finished trial: its window (ISO), what was judged, and the other metrics for information."""

    start: str
    end: str
    train_end: str
    cut: str
    judgement: Judgement
    others: tuple[Judgement, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether the challenger may be promoted."""
        return self.judgement.passed

    @property
    def words(self) -> str:
        """The result in a sentence, as decisions about the challenger give it."""
        return f"{self.start} to {self.end}: {self.judgement.words}" + (f" ({self.cut})" if self.cut else "")

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        plain: dict[str, Any] = finite(asdict(self))
        told = {"judgement": self.judgement.to_dict(), "others": [one.to_dict() for one in self.others]}
        return {**plain, **told, "passed": self.passed, "words": self.words}

    @classmethod
    def from_dict(cls, row: Mapping[str, Any]) -> TrialResult:
        """Read what :meth:`to_dict` wrote."""
        kept = {name: row[name] for name in ("start", "end", "train_end", "cut")}
        others = tuple(_judgement(one) for one in row["others"])
        return cls(**kept, judgement=_judgement(row["judgement"]), others=others)


def trial(
    champion: TrainedModel,
    challenger: TrainedModel,
    on: Materials,
    window: TrialWindow,
    settings: TrialSettings | None = None,
    *,
    tried: int = 1,
) -> TrialResult:
    """Forecast ``window`` with both models and judge the challenger.

    Parameters
    ----------
    tried : challengers tried within the quarter, this one counted.

    Raises
    ------
    LeakageError : one of them learned from a label known after ``window.train_end``.
    UsageError : they forecast other labels.
    """
    s = settings or TrialSettings()
    for name, model in (("champion", champion), ("challenger", challenger)):
        if as_time(model.record["trained_until"]) > window.train_end:
            raise LeakageError(
                f"the {name} learned from labels up to {str(model.record['trained_until'])[:10]}, and the trial from "
                f"{_day(window.start)} leaves those after {_day(window.train_end)} out"
            )
    if champion.settings.label != challenger.settings.label:
        raise UsageError(
            "champion and challenger forecast other labels", fix="train the challenger with the same label"
        )
    labels = on.data.labels
    rows = window.rows(labels)
    found = [probability(model, on, rows) for model in (champion, challenger)]
    pair = Paired(
        time=labels.start[rows],
        champion=found[0],
        challenger=found[1],
        direction=labels.direction[rows],
        forward_return=labels.forward_return[rows],
        horizon=labels.horizon,
    )
    metrics: tuple[Metric, ...] = ("accuracy", "log_loss", "ic")
    return TrialResult(
        start=_day(window.start),
        end=_day(window.end),
        train_end=_day(window.train_end),
        cut=window.cut,
        judgement=judge(pair, s, tried=tried),
        others=tuple(
            judge(pair, s.model_copy(update={"metric": one}), tried=tried) for one in metrics if one != s.metric
        ),
    )


def probability(model: TrainedModel, on: Materials, rows: IntArray) -> FloatArray:
    """(m,) probability of a rise that ``model``'s ensemble gives ``rows``; members and baselines are not asked."""
    prepared = model.prepare(on.data, on.news)
    joined = model.ensemble.combine(prepared, model.ensemble.member_forecasts(prepared, rows))
    return model.shifted(on.data, joined).probability


def _judgement(row: Mapping[str, Any]) -> Judgement:
    values: dict[str, Any] = {key: float("nan") if value is None else value for key, value in row.items()}
    return Judgement(**{key: value for key, value in values.items() if key not in {"passed", "words"}})


def _day(moment: np.datetime64) -> str:
    return str(moment.astype("datetime64[D]"))
