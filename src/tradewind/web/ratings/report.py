"""What all ratings say together: shares with their uncertainty, reasons, and how both moved."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta

from pydantic import BaseModel, Field

from tradewind.web.ratings.store import Given

LAYER = "layer"
"""The key of a rating's context that says which part of the thing was rated."""
_REASONS = 200


class RatingShare(BaseModel):
    """How many found something useful."""

    useful: int
    of: int
    share: float = Field(description="useful / of.")
    lower: float = Field(description="Lower end of the 95 % interval of the share (Wilson).")
    upper: float


class RatingsOfKind(BaseModel):
    """The ratings of one kind of thing, or of one part (layer) of it."""

    kind: str
    layer: str | None = Field(description="The part that was rated; null: all of the kind.")
    people: int
    subjects: int
    share: RatingShare


class RatingsWeek(BaseModel):
    """The ratings of a week that begins with the Monday ``week``."""

    week: str
    share: RatingShare


class RatingReason(BaseModel):
    """Why somebody found something useful or not."""

    at: str
    name: str
    kind: str
    subject: str
    layer: str | None
    useful: bool
    why: str


class RatingsReport(BaseModel):
    """All ratings, in short."""

    total: RatingShare | None = Field(description="Null where nobody has rated anything.")
    kinds: list[RatingsOfKind]
    weeks: list[RatingsWeek]
    reasons: list[RatingReason] = Field(description="The newest reasons, newest first; 200 at most.")


def report_of(ratings: Sequence[Given]) -> RatingsReport:
    """Return what ``ratings`` say together."""
    kinds: list[RatingsOfKind] = []
    for kind in sorted({given.kind for given in ratings}):
        of_kind = [given for given in ratings if given.kind == kind]
        kinds.append(_of_kind(kind, None, of_kind))
        layers = sorted({layer for given in of_kind if (layer := layer_of(given)) is not None})
        kinds.extend(_of_kind(kind, layer, [one for one in of_kind if layer_of(one) == layer]) for layer in layers)
    weeks = sorted({_monday(given) for given in ratings})
    reasons = [given for given in reversed(ratings) if given.why][:_REASONS]
    return RatingsReport(
        total=share_of(ratings) if ratings else None,
        kinds=kinds,
        weeks=[
            RatingsWeek(week=week.isoformat(), share=share_of([one for one in ratings if _monday(one) == week]))
            for week in weeks
        ],
        reasons=[
            RatingReason(
                at=one.at.isoformat(),
                name=one.name,
                kind=one.kind,
                subject=one.subject,
                layer=layer_of(one),
                useful=one.useful,
                why=one.why,
            )
            for one in reasons
        ],
    )


def share_of(ratings: Sequence[Given]) -> RatingShare:
    """Return the share of ``ratings``, which are not none, that say useful."""
    from tradewind.evaluation.significance import wilson_interval  # takes seconds to import

    useful = sum(given.useful for given in ratings)
    interval = wilson_interval(useful, len(ratings))
    return RatingShare(
        useful=useful, of=len(ratings), share=useful / len(ratings), lower=interval.lower, upper=interval.upper
    )


def layer_of(given: Given) -> str | None:
    """Return which part was rated, where the rating says so."""
    layer = given.context.get(LAYER)
    return layer if isinstance(layer, str) else None


def _of_kind(kind: str, layer: str | None, ratings: Sequence[Given]) -> RatingsOfKind:
    return RatingsOfKind(
        kind=kind,
        layer=layer,
        people=_distinct(given.name for given in ratings),
        subjects=_distinct(given.subject for given in ratings),
        share=share_of(ratings),
    )


def _distinct(values: Iterable[str]) -> int:
    return len(set(values))


def _monday(given: Given) -> date:
    day = given.at.date()
    return day - timedelta(days=day.weekday())
