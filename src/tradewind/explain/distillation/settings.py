"""How a student is taught, chosen and judged."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from tradewind.core import Settings

Kind = Literal["linear", "gam", "forest"]
Lesson = Literal["in_use", "out_of_fold"]
Order = Literal["teacher", "own"]


class DistillationSettings(Settings):
    """Settings of :func:`~tradewind.explain.distillation.distil`.

    ``kind`` : form of the student, ``auto`` tries all. ``sizes`` : numbers of features tried, the last is the most a
    student may read. ``tolerance`` : of students at most this much less faithful than the best, the one that rests on
    most of the teacher's top features is taken, then the simplest. ``tail`` : share of the training rows, the latest,
    on which students are compared. ``max_rows`` : rows a student is taught on at most. ``flag_quantile`` : share of the
    tail's distances below the flag. ``draws`` : resamples of days behind an interval. ``importance_rows`` : rows that
    permutation importance reads.

    gam: ``bins`` steps per feature, ``rounds`` of boosting, ``rate`` of learning. forest: ``trees``, ``depth``.
    ``leaf_share`` : least share of the rows behind a step or leaf. ``ridge`` : penalty of the linear student, per row.
    """

    kind: Literal["linear", "gam", "forest", "auto"] = "auto"
    sizes: tuple[int, ...] = (10, 20)
    tolerance: float = Field(default=0.01, ge=0.0)
    tail: float = Field(default=0.25, gt=0.0, lt=1.0)
    max_rows: int = Field(default=40_000, ge=100)
    flag_quantile: float = Field(default=0.95, gt=0.0, lt=1.0)
    draws: int = Field(default=1000, ge=100)
    importance_rows: int = Field(default=2000, ge=50)
    bins: int = Field(default=48, ge=2, le=200)
    rounds: int = Field(default=200, ge=1)
    rate: float = Field(default=0.1, gt=0.0, le=1.0)
    trees: int = Field(default=10, ge=1, le=50)
    depth: int = Field(default=5, ge=1, le=8)
    leaf_share: float = Field(default=0.002, gt=0.0, lt=0.5)
    ridge: float = Field(default=1e-4, ge=0.0)
    seed: int = 7

    @model_validator(mode="after")
    def _sizes_rise(self) -> Self:
        if not self.sizes or min(self.sizes) < 1 or list(self.sizes) != sorted(set(self.sizes)):
            raise ValueError("sizes must be rising numbers of features, each at least 1")
        return self

    @property
    def kinds(self) -> tuple[Kind, ...]:
        """The forms to try, the simplest first."""
        return ("linear", "gam", "forest") if self.kind == "auto" else (self.kind,)
