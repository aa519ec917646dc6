"""What counts as low confidence, and how much is told."""

from __future__ import annotations

from pydantic import Field, model_validator

from tradewind.core import Settings


class RationaleSettings(Settings):
    """When a forecast is called doubtful, and which words are used.

    ``near`` : a probability this close to one half is a coin flip. ``wide`` : an interval wider than this share of the
    intervals of the history. ``dissent`` : this share of the ensemble's weight leans the other way. ``outside`` : this
    share of the inputs lies beyond the range of training (its 0.5 % and 99.5 % quantiles). ``missing`` : this share of
    the inputs is not there. ``slight``, ``moderate``, ``strong`` : confidence (0 to 1) from which a lean is called so.
    ``unusual`` : an input is called unusual beyond this percentile at either end. ``top`` : features that are listed.
    """

    near: float = Field(default=0.01, ge=0.0, le=0.5)
    wide: float = Field(default=0.95, gt=0.0, le=1.0)
    dissent: float = Field(default=0.3, gt=0.0, le=1.0)
    outside: float = Field(default=0.1, gt=0.0, le=1.0)
    missing: float = Field(default=0.1, gt=0.0, le=1.0)
    slight: float = Field(default=0.02, ge=0.0, le=1.0)
    moderate: float = Field(default=0.1, ge=0.0, le=1.0)
    strong: float = Field(default=0.3, ge=0.0, le=1.0)
    unusual: float = Field(default=0.05, ge=0.0, le=0.5)
    top: int = Field(default=8, ge=1)

    @model_validator(mode="after")
    def _ordered(self) -> RationaleSettings:
        if not self.slight <= self.moderate <= self.strong:
            raise ValueError("slight, moderate and strong must rise")
        return self
