"""Whether teacher and student agree on one prediction, and which predictions a person should see."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Self

import numpy as np
import polars as pl
from scipy.special import logit

from tradewind.core import Dataset, InputError
from tradewind.core.arrays import AnyArray, BoolArray, FloatArray, IntArray
from tradewind.core.files import write_text
from tradewind.explain.distillation.student import Student

EDGE = 1e-6
FILE = "agreement.json"


def log_odds(probability: AnyArray) -> FloatArray:
    """(m,) log odds of probabilities, kept within about 14 of zero; NaN stays NaN."""
    return np.asarray(logit(np.clip(np.asarray(probability, dtype=np.float64), EDGE, 1.0 - EDGE)), dtype=np.float64)


@dataclass(frozen=True, kw_only=True, eq=False)
class Judgement:
    """Of each prediction: ``agrees`` (same side of 0.5), ``distance`` (of log odds), ``flagged`` (for a person)."""

    agrees: BoolArray
    distance: FloatArray
    flagged: BoolArray


@dataclass(frozen=True, kw_only=True)
class Agreement:
    """The rule by which a shadow student judges a teacher's prediction: agree, then serve; flag, then look.

    Attributes
    ----------
    limit : distance of log odds above which a prediction is flagged although the sides agree.
    quantile : of the distances on the training tail, from which ``limit`` was learned.
    rows : number of tail rows behind it.
    """

    limit: float
    quantile: float
    rows: int

    @classmethod
    def learn(cls, teacher: FloatArray, student: FloatArray, quantile: float) -> Self:
        """Learn the limit from probabilities on rows the student was not taught on."""
        distance = np.abs(log_odds(teacher) - log_odds(student))
        return cls(limit=float(np.quantile(distance, quantile)), quantile=quantile, rows=len(distance))

    def judge(self, teacher: AnyArray, student: AnyArray) -> Judgement:
        """Judge probabilities of any equal shape. A NaN on either side agrees with nothing and is flagged."""
        first, second = np.asarray(teacher, dtype=np.float64), np.asarray(student, dtype=np.float64)
        known = np.isfinite(first) & np.isfinite(second)
        distance = np.abs(log_odds(first) - log_odds(second))
        agrees = known & ((first > 0.5) == (second > 0.5))
        return Judgement(agrees=agrees, distance=distance, flagged=~agrees | (distance > self.limit))

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)

    def save(self, folder: Path) -> None:
        """Write the rule beside the student in ``folder``."""
        write_text(folder / FILE, json.dumps(self.to_dict(), indent=2))

    @classmethod
    def load(cls, folder: Path) -> Self:
        """Read what :meth:`save` wrote; InputError where it is absent or damaged."""
        try:
            state = json.loads((folder / FILE).read_text(encoding="utf-8"))
            return cls(limit=float(state["limit"]), quantile=float(state["quantile"]), rows=int(state["rows"]))
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                "holds no readable rule of agreement", file=folder / FILE, fix="distil the student again"
            ) from error


def agreement_table(
    agreement: Agreement, student: Student, data: Dataset, rows: IntArray, teacher: FloatArray
) -> pl.DataFrame:
    """Return one line per row of prepared ``data``, in their order.

    Columns: symbol, date, teacher_probability, student_probability, agrees, distance, flagged, cause (``sides`` or
    ``distance``, empty where not flagged), reason (the student's own largest contributions to its log odds).
    """
    own = student.predict(data, rows)
    found = agreement.judge(teacher, own)
    return pl.DataFrame(
        {
            "symbol": np.array(data.panel.symbols)[data.panel.symbol_code[rows]],
            "date": data.panel.time[rows],
            "teacher_probability": teacher,
            "student_probability": own,
            "agrees": found.agrees,
            "distance": found.distance,
            "flagged": found.flagged,
            "cause": np.where(~found.agrees, "sides", np.where(found.flagged, "distance", "")),
            "reason": student.reasons(data, rows),
        }
    )
