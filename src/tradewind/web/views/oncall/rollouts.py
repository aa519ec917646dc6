"""A roll-out as the page shows it, from what the server keeps in its state folder."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from tradewind.core import UsageError
from tradewind.serving.rollout import Experiment, ReviewList
from tradewind.serving.rollout.standing import chosen, experiments, standing
from tradewind.web.problems import absent
from tradewind.web.views.oncall.places import number
from tradewind.web.views.oncall.probe import Look, total
from tradewind.web.views.oncall.rollout_shapes import (
    OncallRollout,
    OncallShadow,
    RolloutArm,
    RolloutDecision,
    RolloutGuard,
    ShadowCase,
)
from tradewind.web.workspace import Workspace


def rollout_of(place: Workspace, name: str | None) -> OncallRollout:
    """Return where the experiment ``name``, or the newest, stands.

    Raises
    ------
    Problem : none has run (404). InputError : what was kept is damaged.
    """
    known = experiments(place.serving)
    if not known:
        raise absent(
            "experiment of a server",
            f"{place.serving / 'rollout'} holds none.",
            f"tradewind serve --state {place.serving} --canary NAME/VERSION",
        )
    try:
        experiment, found = chosen(place.serving, name), standing(place.serving, name)
    except UsageError as error:
        raise absent("such experiment", str(error), error.fix or "choose another") from error
    ramp = experiment.ramp
    needs = f"{ramp.seconds / 60:.0f} min, {ramp.requests} requests and {ramp.days} days with outcomes"
    return OncallRollout(
        experiments=[one.name for one in reversed(known)],
        **{key: found[key] for key in ("experiment", "kind", "status", "reason", "winner", "began", "changed")},
        **{key: found[key] for key in ("as_of", "goal_alpha", "guard_alpha", "step")},
        goal=_goal(experiment),
        metric=experiment.metric.replace("_", " "),
        minimum_days=experiment.minimum_days,
        promotes_itself=experiment.promote == "ask",
        ramp=list(ramp.shares) if experiment.kind == "canary" else [],
        step_needs=needs,
        arms=[_arm(one, experiment, found) for one in found["arms"]],
        decisions=[_decision(one) for one in reversed(found["decisions"])],
    )


def _arm(row: dict[str, Any], experiment: Experiment, found: dict[str, Any]) -> RolloutArm:
    values = row.get("guard_p_values", {})
    return RolloutArm(
        arm=row["arm"],
        model=row["model"],
        control=row["arm"] == experiment.control.name,
        share=row["share"],
        requests=row["requests"],
        days=row.get("days"),
        mean_difference=number(row.get("mean_difference")),
        goal_p_value=number(row.get("goal_p_value")),
        out=row["arm"] in found["out"],
        guards=[
            RolloutGuard(name=name, says=_rail(name, experiment), p_value=p, breached=p < found["guard_alpha"])
            for name, p in values.items()
        ],
    )


def _goal(experiment: Experiment) -> str:
    metric = experiment.metric.replace("_", " ")
    if experiment.goal == "better":
        return f"better {metric} than the control"
    return f"{metric} no worse than the control's by more than {experiment.margin:g}"


def _rail(name: str, experiment: Experiment) -> str:
    rails = experiment.guardrails
    return {
        "error_rate": f"at most {rails.error_rate or 0:.1%} of its answers fail",
        "errors_beside_control": "it fails no more often than the control",
        "latency": f"{rails.latency_quantile:.0%} of its answers take less than {(rails.latency or 0) * 1000:.0f} ms",
        "score_drop": f"its mean score of a day is no lower than the control's by more than {rails.score_drop or 0:g}",
    }.get(name, name)


def _decision(row: dict[str, Any]) -> RolloutDecision:
    text = {key: str(row.get(key) or "") for key in ("at", "kind", "model", "reason")}
    if not text["reason"] and isinstance(row.get("share"), float):
        text["reason"] = f"from then on it answers {row['share']:.0%} of the callers"
    if not text["reason"] and row.get("breached"):
        text["reason"] = f"breached: {', '.join(row['breached'])}"
    return RolloutDecision(**{**text, "kind": text["kind"].replace("_", " ")})


def shadow_of(place: Workspace, look: Look | None) -> OncallShadow:
    """Return the cases that wait, and how often the student disagreed since the server started.

    Raises
    ------
    Problem : no cases were kept, and no server says anything of them (404).
    """
    path = place.serving / "review.db"
    series = look.series if look else {}
    if not path.exists() and not series:
        raise absent(
            "student beside the champion",
            f"{path} is missing, and no server answers.",
            "tradewind distill, then tradewind serve --student DIR",
        )
    made = round(sum(v for (n, labels), v in series.items() if _champion(n, labels))) if series else None
    apart = round(total(series, "tradewind_disagreements_total")) if series else None
    return OncallShadow(
        cases=_cases(path) if path.exists() else [],
        disagreed=apart,
        predictions=made,
        agreement=1 - apart / made if made and apart is not None else None,
    )


def _champion(name: str, labels: tuple[tuple[str, str], ...]) -> bool:
    return name == "tradewind_predictions_total" and ("role", "champion") in labels


def _cases(path: Any) -> list[ShadowCase]:
    kept = ReviewList(path)
    try:
        return [
            ShadowCase(
                prediction=one.prediction,
                symbol=one.symbol,
                bar=_iso(one.time),
                model=one.model,
                student=one.student_model,
                champion_says=one.champion,
                student_says=one.student,
                cause={"sides": "other side of one half", "gap": "far apart", "log_odds": "far apart in odds"}.get(
                    one.cause, one.cause
                ),
                seen=_iso(one.seen_at),
            )
            for one in kept.waiting(500)
        ]
    finally:
        kept.close()


def _iso(micros: int) -> str:
    return datetime.fromtimestamp(micros / 1e6, UTC).isoformat(timespec="seconds")
