"""Operations over a roll-out: where it stands, its end, and signed decisions about what is served."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from fastapi import APIRouter, Request

from tradewind.core import UsageError
from tradewind.registry import Decision, ModelRegistry, Stage
from tradewind.serving.rollout import ReviewList
from tradewind.serving.rollout.standing import leave_word
from tradewind.serving.rollout.state import load
from tradewind.web.access import User
from tradewind.web.guard import CurrentUser, Place
from tradewind.web.problems import absent
from tradewind.web.signing import budgets_of, has_key, signer_of
from tradewind.web.views.oncall.health import Health
from tradewind.web.views.oncall.held import held
from tradewind.web.views.oncall.places import written_down
from tradewind.web.views.oncall.rollout_shapes import (
    CloseShadowCase,
    FallBack,
    OncallRegistry,
    OncallRollout,
    OncallShadow,
    PromoteVersion,
    RegistryDecision,
    RegistryModel,
    RegistryVersion,
    ResumeServing,
    StopExperiment,
    StopLeft,
)
from tradewind.web.views.oncall.rollouts import rollout_of, shadow_of
from tradewind.web.workspace import Workspace

router = APIRouter()
PATIENCE = 5.0
"""Seconds within which a running server takes a stop up."""


@router.get("/rollout")
def oncall_rollout(place: Place, experiment: str | None = None) -> OncallRollout:
    """Where an experiment stands: shares, evidence, guardrails, what was decided; the newest where none is named."""
    return rollout_of(place, experiment)


@router.post("/rollout/stop")
def stop_rollout(request: Request, place: Place, user: CurrentUser, body: StopExperiment) -> StopLeft:
    """End an experiment: everybody is served by the control, within seconds where the server runs."""
    path = leave_word(place.serving, body.experiment, body.reason, user.name)
    written_down(place, "rollout", {"act": "stop", "experiment": path.stem, "by": user.name, "reason": body.reason})
    done, until = False, time.monotonic() + (PATIENCE if place.server else 0.0)
    while not done and time.monotonic() < until:
        state = load(path)
        done = state is not None and state.status != "running"
        time.sleep(0.1)
    request.app.state.live.tell("rollout", {"experiment": path.stem})
    return StopLeft(experiment=path.stem, taken_up=done)


@router.get("/rollout/shadow")
def oncall_shadow(request: Request, place: Place) -> OncallShadow:
    """How the student agrees with the champion, and the forecasts that wait for a person."""
    return shadow_of(place, held(request, Health, lambda: Health(place)).look())


@router.post("/rollout/shadow/{prediction}/close", status_code=204)
def close_shadow_case(
    request: Request, place: Place, user: CurrentUser, prediction: str, body: CloseShadowCase
) -> None:
    """Say what was found about a forecast that the student does not share."""
    path = place.serving / "review.db"
    if not path.exists():
        raise absent("case to review", f"{path} is missing.", "tradewind serve --student DIR")
    cases = ReviewList(path)
    try:
        cases.close_case(prediction, user.name, body.note)
    finally:
        cases.close()
    request.app.state.live.tell("rollout", {"case": prediction})


@router.get("/rollout/registry")
def oncall_registry(place: Place, user: CurrentUser) -> OncallRegistry:
    """The models whose versions may be promoted or taken back, and whether this person can sign that."""
    registry = _registry(place)
    able = has_key(place, user.person)
    how = f"Decisions are signed with the key of {user.person}; the registry checks the office of operator."
    if user.person is None:
        how = f"No person belongs to this log-in: tradewind dashboard users add {user.name} --person NAME"
    elif not able:
        how = f"The key of {user.person} is not on this machine: tradewind models keygen --person {user.person}"
    models = [_model(registry, name) for name in registry.names()]
    return OncallRegistry(models=models, signs_as=user.person, can_sign=able, how=how)


@router.post("/rollout/promote")
def promote_version(request: Request, place: Place, user: CurrentUser, body: PromoteVersion) -> RegistryDecision:
    """Make an approved version the champion; servers follow within seconds."""
    registry = _registry(place)
    stage = registry.stage(body.name, body.version)
    if stage is not Stage.approved:
        raise UsageError(
            f"{body.name}/{body.version} is {stage}, and only an approved version is promoted",
            fix="let an approver approve it: tradewind models approve",
        )
    made = registry.move(body.name, body.version, Stage.champion, signer_of(place, user), body.reason)
    return _decided(request, made, f"{body.name}/{body.version} is champion", user)


@router.post("/rollout/fall-back")
def fall_back(request: Request, place: Place, user: CurrentUser, body: FallBack) -> RegistryDecision:
    """Serve the previous champion, another version or a baseline, until somebody resumes; ``none`` serves nothing."""
    target = None if body.to == "none" else body.to
    made = _registry(place).fallback(body.name, target, signer_of(place, user), body.reason)
    return _decided(request, made, f"{body.name} is fallen back to {made.details['target'] or 'nothing'}", user)


@router.post("/rollout/resume")
def resume_serving(request: Request, place: Place, user: CurrentUser, body: ResumeServing) -> RegistryDecision:
    """End override and fallback: the champion is served again."""
    made = _registry(place).resume(body.name, signer_of(place, user), body.reason)
    return _decided(request, made, f"{body.name} is served by its champion again", user)


def _registry(place: Workspace) -> ModelRegistry:
    if "://" not in place.registry and not Path(place.registry).is_dir():
        raise absent("registry of models", f"{place.registry} is missing.", "tradewind models --help")

    def tell(kind: str, body: dict[str, Any]) -> None:
        written_down(place, kind, body)

    return ModelRegistry(place.registry, budgets=budgets_of(place), on_event=tell)


def _model(registry: ModelRegistry, name: str) -> RegistryModel:
    orders = [one for one in registry.orders(name).values() if one is not None]
    return RegistryModel(
        name=name,
        champion=registry.champion(name),
        challenger=registry.challenger(name),
        versions=[
            RegistryVersion(version=version, stage=registry.stage(name, version).value)
            for version in reversed(registry.versions(name))
        ],
        order=f"{orders[-1].words}, by {orders[-1].by}: {orders[-1].reason}" if orders else None,
    )


def _decided(request: Request, made: Decision, words: str, user: User) -> RegistryDecision:
    request.app.state.live.tell("models", {"by": user.name, "words": words})
    return RegistryDecision(words=words, by=made.by, role=str(made.role), at=made.at, reason=made.reason)
