"""Operations of ratings: give one, see what others said, and the report."""

from __future__ import annotations

import json
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Path, Request, Response
from pydantic import BaseModel, Field, field_validator

from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, needs
from tradewind.web.ratings.report import RatingShare, RatingsReport, report_of, share_of
from tradewind.web.ratings.store import Given, RatingStore
from tradewind.web.ratings.table import csv_of
from tradewind.web.roles import Role

router = APIRouter(prefix="/api/ratings", tags=["ratings"])
KIND = r"^[a-z][a-z-]{0,39}$"
_CONTEXT = 8 * 1024


def ratings_of(request: Request) -> RatingStore:
    """Return the store of ratings."""
    store: RatingStore = request.app.state.ratings
    return store


Ratings = Annotated[RatingStore, Depends(ratings_of)]
Reader = Annotated[User, Depends(needs(Role.compliance, Role.admin))]
Kind = Annotated[str, Path(pattern=KIND)]
Subject = Annotated[str, Path(min_length=1, max_length=400)]


class NewRating(BaseModel):
    """What somebody thinks of one thing."""

    kind: str = Field(pattern=KIND, description="What sort of thing: explanation, case, diagnosis.")
    subject: str = Field(min_length=1, max_length=400, description="Which one.")
    useful: bool
    why: str = Field(default="", max_length=2000)
    context: dict[str, Any] = Field(default={}, description="Circumstances: the layer, the model; 8 KiB at most.")

    @field_validator("context")
    @classmethod
    def _small(cls, context: dict[str, Any]) -> dict[str, Any]:
        if len(json.dumps(context)) > _CONTEXT:
            raise ValueError("the context has more than 8 KiB")
        return context


class MyRating(BaseModel):
    """What the person who asks said of it."""

    useful: bool
    why: str
    at: str


class RatingsOfOne(BaseModel):
    """What was said of one thing."""

    mine: MyRating | None
    share: RatingShare | None = Field(description="Of all who rated it; null where nobody did.")


@router.post("")
def give_rating(user: CurrentUser, store: Ratings, body: NewRating, request: Request) -> RatingsOfOne:
    """Rate one thing; a second rating of the same person takes the place of the first."""
    store.give(user.name, body.kind, body.subject, useful=body.useful, why=body.why, context=body.context)
    request.app.state.live.tell("ratings", {"kind": body.kind})
    return _of_one(store, body.kind, body.subject, user)


@router.get("/report")
def ratings_report(_: Reader, store: Ratings, kind: str | None = None) -> RatingsReport:
    """Shares, reasons and weeks of all ratings; of one kind where it is named."""
    return report_of(store.all(kind))


@router.get("/export", response_class=Response, responses={200: {"content": {"text/csv": {}}}})
def export_ratings(_: Reader, store: Ratings) -> Response:
    """Every rating as CSV."""
    return Response(
        csv_of(store.all()),
        media_type="text/csv",
        headers={"content-disposition": 'attachment; filename="ratings.csv"'},
    )


@router.get("/{kind}/{subject:path}")
def ratings_of_one(user: CurrentUser, store: Ratings, kind: Kind, subject: Subject) -> RatingsOfOne:
    """What was said of one thing."""
    return _of_one(store, kind, subject, user)


@router.delete("/{kind}/{subject:path}", status_code=204)
def withdraw_rating(user: CurrentUser, store: Ratings, kind: Kind, subject: Subject) -> None:
    """Take one's own rating back."""
    store.withdraw(user.name, kind, subject)


def _of_one(store: RatingStore, kind: str, subject: str, user: User) -> RatingsOfOne:
    given = store.of(kind, subject)
    mine = next((one for one in given if one.name == user.name), None)
    return RatingsOfOne(mine=_mine(mine) if mine else None, share=share_of(given) if given else None)


def _mine(given: Given) -> MyRating:
    return MyRating(useful=given.useful, why=given.why, at=given.at.isoformat())
