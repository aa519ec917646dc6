"""How a search goes, and what it judges by."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from tradewind.core import Settings

ObjectiveName = Literal["auto", "ic", "auc", "accuracy", "log_loss"]


class TuningSettings(Settings):
    """A search in three stages: each member, then how they are joined, then all of it a little around what was found.

    ``sampler`` : ``tpe`` (Bergstra et al. 2011, *NeurIPS*), ``grid`` (``grid_points`` values of each range, in random
    order) or ``random``; ``startup`` random trials come before TPE's first guess. ``pruner`` : ``hyperband`` (Li et al.
    2018, *JMLR* 18) gives up after ``min_splits`` splits, and again each time their number is multiplied by
    ``reduction``, trials that are not among the best 1 in ``reduction`` there. ``trials`` : of each member, its default
    settings first; ``ensemble_trials`` and ``joint_trials`` : of the other two stages; 0 leaves a stage out.
    ``splits`` : expanding, purged spans of time, each judged in ``periods`` parts. ``objective`` : see
    :mod:`~tradewind.training.tuning.objective`. ``margin`` : standard errors of the paired differences by period by
    which a candidate must beat the default to take its place. ``reach`` : how far the joint stage looks around the
    winners, as a share of each range. ``batch`` : trials asked for before any is told, whatever the number of jobs, so
    that this number changes no result. ``timeout`` : seconds after which no new batch begins.
    """

    sampler: Literal["tpe", "grid", "random"] = "tpe"
    pruner: Literal["hyperband", "none"] = "hyperband"
    trials: int = Field(default=20, ge=1)
    ensemble_trials: int = Field(default=30, ge=0)
    joint_trials: int = Field(default=6, ge=0)
    splits: int = Field(default=5, ge=2)
    periods: int = Field(default=4, ge=1)
    embargo: int = Field(default=0, ge=0)
    objective: ObjectiveName = "auto"
    margin: float = Field(default=1.0, ge=0.0)
    batch: int = Field(default=4, ge=1)
    startup: int = Field(default=8, ge=1)
    grid_points: int = Field(default=3, ge=2)
    min_splits: int = Field(default=2, ge=1)
    reduction: int = Field(default=2, ge=2)
    reach: float = Field(default=0.15, gt=0.0, le=1.0)
    timeout: float | None = Field(default=None, gt=0.0)

    def fingerprint(self) -> dict[str, object]:
        """Return what a search must not change when it goes on: all but how long it runs."""
        return self.model_dump(mode="json", exclude={"trials", "ensemble_trials", "joint_trials", "timeout"})
