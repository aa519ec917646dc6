"""A model fitted again with what cases taught, and put in the old one's place only where it is no worse."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from tradewind.core.arrays import FloatArray
from tradewind.core.errors import InputError, UsageError
from tradewind.core.files import read_json, write_json_file
from tradewind.core.progress import Progress
from tradewind.governance.audit import AuditLog
from tradewind.surveillance.cases.feedback import feedback_table
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation, evaluate_alerts
from tradewind.surveillance.learning import (
    CandidateTable,
    LearningSettings,
    SurveillanceModel,
    Trained,
    joined,
    judge,
    train_on,
)
from tradewind.surveillance.schemes import Scheme

KIND = "surveillance_model"
"""Kind of the audit log's entries."""
CURRENT = "current.json"
MOST_RECALL_LOST = 0.05
"""Share of planted episodes that a new model may find less of."""


@dataclass(frozen=True, kw_only=True)
class Skill:
    """What a model is worth on rows it was not fitted on.

    Attributes
    ----------
    precision, recall : of the alerts it raises on the base markets; NaN of none.
    alerts : how many. judged_right : share of the feedback's alerts that it raises where they were true, and leaves
        where they were false; NaN without feedback.
    """

    precision: float
    recall: float
    alerts: int
    judged_right: float

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return vars(self).copy()


@dataclass(frozen=True, kw_only=True, eq=False)
class Retrained:
    """What came of it.

    Attributes
    ----------
    model : the model to use from now on. replaced : whether that is the new one. why : in a sentence.
    old : the model that was there before.
    before, after : of the old model and the new one.
    rows : feedback learnt from. trained : the new fit, kept whether or not it replaces the old one.
    """

    model: SurveillanceModel
    old: SurveillanceModel
    replaced: bool
    why: str
    before: Skill
    after: Skill
    rows: int
    trained: Trained

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "model": self.model.id,
            "old_model": self.old.id,
            "new_model": self.trained.model.id,
            "replaced": self.replaced,
            "why": self.why,
            "feedback_rows": self.rows,
            "before": self.before.to_dict(),
            "after": self.after.to_dict(),
        }


def retrain_with_feedback(
    model: SurveillanceModel,
    base_table: CandidateTable,
    feedback: pl.DataFrame,
    *,
    settings: LearningSettings | None = None,
    log: AuditLog | None = None,
    progress: Progress | None = None,
) -> Retrained:
    """Fit a model on ``base_table`` and ``feedback``; return it where it is no worse than ``model``, else ``model``.

    Both are measured out of fold on the markets of ``base_table``: the present way of learning is fitted on it alone,
    for ``model`` itself has seen it. Feedback is scored by ``model``, which has not seen it, and out of fold by the new
    one. The new one replaces the old where the precision on the base does not fall, the recall falls by at most
    :data:`MOST_RECALL_LOST`, and no more of the feedback is judged wrongly. ``log`` is told of either.

    Parameters
    ----------
    feedback : of :func:`~tradewind.surveillance.cases.feedback.feedback`.

    Raises
    ------
    UsageError : no row of the feedback has a label and the columns of the base.
    """
    told = feedback_table(feedback, base_table)
    rows = sum(map(len, told.schemes.values()))
    if rows == 0:
        raise UsageError(
            "no closed case teaches anything: none has a label and the columns the base was collected with",
            field="feedback",
            fix="close cases whose alerts were raised by this version, or collect the base again",
        )
    settings = settings or LearningSettings()
    old = train_on(base_table, settings, progress)
    new = train_on(joined([base_table, told]), settings, progress)
    count = {scheme: len(part) for scheme, part in base_table.schemes.items()}
    on_base = {scheme: score[: count[scheme]] for scheme, score in new.scores.items()}
    on_told = {scheme: score[count[scheme] :] for scheme, score in new.scores.items()}
    before = _skill(old.evaluation, _right(told, _scored(model, told), model.thresholds))
    evaluation = evaluate_alerts(judge(base_table, on_base, new.model.thresholds))
    after = _skill(evaluation, _right(told, on_told, new.model.thresholds))
    replaced, why = _verdict(before, after)
    about = {**new.model.about, "feedback": rows, "replaces": model.id}
    trained = replace(new, model=replace(new.model, about=about))
    made = Retrained(
        model=trained.model if replaced else model,
        old=model,
        replaced=replaced,
        why=why,
        before=before,
        after=after,
        rows=rows,
        trained=trained,
    )
    if log is not None:
        log.append(KIND, made.to_dict())
    return made


def _verdict(before: Skill, after: Skill) -> tuple[bool, str]:
    first, then = np.nan_to_num(before.precision), np.nan_to_num(after.precision)
    if then < first:
        return False, f"the precision falls from {first:.3f} to {then:.3f}: the old model stays"
    if np.nan_to_num(after.recall) < np.nan_to_num(before.recall) - MOST_RECALL_LOST:
        return False, f"the recall falls from {before.recall:.3f} to {after.recall:.3f}: the old model stays"
    if after.judged_right < before.judged_right:
        return False, (
            f"more of the closed cases are judged wrongly ({before.judged_right:.3f} right before, "
            f"{after.judged_right:.3f} after): the old model stays"
        )
    return True, f"the precision does not fall ({first:.3f} before, {then:.3f} after): the new model replaces the old"


def _skill(evaluation: SurveillanceEvaluation, judged_right: float) -> Skill:
    whole = evaluation.overall
    return Skill(
        precision=float(whole.precision.value),
        recall=float(whole.recall.value),
        alerts=whole.alerts,
        judged_right=judged_right,
    )


def _scored(model: SurveillanceModel, table: CandidateTable) -> dict[Scheme, FloatArray]:
    parts = {scheme: table.schemes[scheme] for scheme in model.models if scheme in table.schemes}
    return {s: model.models[s].score(part.values, part.rule)[0] for s, part in parts.items() if len(part)}


def _right(table: CandidateTable, scores: dict[Scheme, FloatArray], bars: Any) -> float:
    """Return the share of rows that are raised where they are true and left where they are false."""
    right, rows = 0, 0
    for scheme, part in table.schemes.items():
        score = scores.get(scheme)
        raised = np.zeros(len(part), dtype=bool)
        if score is not None and scheme in bars:
            raised = np.nan_to_num(score, nan=-1.0) >= bars[scheme]
        right += int((raised == part.label).sum())
        rows += len(part)
    return right / rows if rows else float("nan")


def keep_version(made: Retrained, folder: Path) -> Path:
    """Write the new model into ``folder`` under its id, whatever came of it, and the old one if it is not there; say in
    ``current.json`` which counts.

    Returns the folder of the model that counts.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    place = folder / made.trained.model.id
    if not place.exists():
        made.trained.model.save(place)
        made.trained.write(place)
    if not (folder / made.old.id).exists():
        made.old.save(folder / made.old.id)
    if made.replaced or not (folder / CURRENT).exists():
        write_json_file(folder / CURRENT, made.to_dict())
    return current_version(folder)


def current_version(folder: Path) -> Path:
    """Return the folder of the model that counts among those that :func:`keep_version` wrote.

    Raises
    ------
    InputError : there is none.
    """
    told = read_json(folder / CURRENT, what="a folder of models that `surveil case feedback --retrain` wrote")
    place = folder / str(told.get("model"))
    if not place.is_dir():
        raise InputError("names a model that is gone", file=folder / CURRENT, fix="restore the folder from a copy")
    return place
