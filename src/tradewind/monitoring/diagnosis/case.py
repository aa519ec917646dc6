"""What a hypothesis is given, and what it says."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import Frame
from tradewind.monitoring.diagnosis.settings import DiagnosisSettings

SURE = 2.0
"""Log odds from which bars are blamed."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Trace:
    """A daily series that shows the evidence: (T,) values beside the frame's times; ``unit`` names the axis."""

    name: str
    unit: str
    values: FloatArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Weighed:
    """What one hypothesis says.

    Attributes
    ----------
    kind : its cause.
    log_odds : natural log of the Bayes factor against chance.
    subject : what is to blame.
    first, last : rows of the frame at fault, None where nothing speaks for the cause.
    items : evidence. ``looked`` : one sentence on what was looked at and how it came out.
    known : False where the slices do not hold what the test needs.
    blamed : (T, S) bars that later hypotheses must not take for the market's; None: none.
    trace : the series that shows it best.
    """

    kind: CauseKind
    log_odds: float = 0.0
    subject: Mapping[str, str] = dataclass_field(default_factory=dict)
    first: int | None = None
    last: int | None = None
    items: tuple[Item, ...] = ()
    looked: str = ""
    known: bool = True
    blamed: BoolArray | None = None
    trace: Trace | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """The frame with what earlier hypotheses have found.

    ``blamed`` (T, S): bars at fault, whose prices say nothing of the market. ``tainted`` (T, S): those and all later
    bars of their symbols, whose features remember them. ``said``: what was weighed so far, by kind.
    """

    frame: Frame
    settings: DiagnosisSettings
    blamed: BoolArray
    said: Mapping[CauseKind, Weighed]

    @classmethod
    def of(cls, frame: Frame, settings: DiagnosisSettings) -> Case:
        """Begin with nothing blamed."""
        return cls(frame=frame, settings=settings, blamed=np.zeros(frame.arrived.shape, dtype=bool), said={})

    def after(self, weighed: Weighed) -> Case:
        """Take in what a hypothesis said; bars are blamed only where its odds are well above even."""
        blamed = self.blamed
        if weighed.blamed is not None and weighed.log_odds > SURE:
            blamed = blamed | weighed.blamed
        return replace(self, blamed=blamed, said={**self.said, weighed.kind: weighed})

    @property
    def tainted(self) -> BoolArray:
        """(T, S) bars at fault and every later bar of the same symbol."""
        return np.logical_or.accumulate(self.blamed, axis=0)

    @property
    def returns(self) -> FloatArray:
        """(T, S) log returns that are the market's own: NaN where a bar or the one before it is at fault."""
        before = np.vstack([np.zeros((1, self.blamed.shape[1]), dtype=bool), self.blamed[:-1]])
        return np.where(self.blamed | before, np.nan, self.frame.returns)
