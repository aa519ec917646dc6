"""What a diagnosis looks at: the slices of a period, those before it, and what watchers noticed."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as dataclass_field

from tradewind.core import InputError
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.slices import Slice

LEAST_REFERENCE = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class Evidence:
    """Everything a diagnosis may know.

    Attributes
    ----------
    period : slices of the days in question, in the order of time.
    reference : slices before them, in which things were as they should be; at least 20, better 60 or more.
    findings : what watchers noticed; those known after the period's last slice are left out of account.
    importances : share of the model that rests on each feature, by name; empty where it is not known.

    Raises
    ------
    InputError : no period, a reference that is too short, or slices that are not in the order of time.
    """

    period: Sequence[Slice]
    reference: Sequence[Slice]
    findings: Sequence[Finding] = ()
    importances: Mapping[str, float] = dataclass_field(default_factory=dict)

    def __post_init__(self) -> None:
        """Refuse what cannot be compared."""
        if not self.period:
            raise InputError("the period holds no slice", fix="choose --from and --to within the recorded time")
        if len(self.reference) < LEAST_REFERENCE:
            raise InputError(
                f"{len(self.reference)} slices lie before the period, and {LEAST_REFERENCE} are needed to know what "
                "is usual",
                fix="let --from begin later, or record more",
            )
        times = [one.time for one in (*self.reference, *self.period)]
        if any(late <= early for early, late in itertools.pairwise(times)):
            raise InputError(
                "slices are not in the order of time, or two have the same time",
                fix="give reference and period sorted, each time once, the reference before the period",
            )
