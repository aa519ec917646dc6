"""What is known of a model's past from the `metrics.json` of an evaluation."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.core import InputError
from tradewind.training.model import TrainedModel

SLICES = (("volatility regime", "volatility_regime"), ("sector", "sector"), ("size bucket", "size_bucket"))


def track_of(metrics: Mapping[str, Any], data: Mapping[str, Any], model: TrainedModel) -> dict[str, Any]:
    """Return the track record that concerns a forecast with the slices in ``data``.

    ``same_settings`` tells whether the evaluated models were fitted with the settings of ``model``; None where the file
    does not say. ``slices`` holds the slices the forecast belongs to, those with enough rows alone.

    Raises
    ------
    InputError : the mapping is not what an evaluation writes.
    """
    try:
        own = metrics["models"][metrics["primary"]]
        verdict = metrics["verdict"]
        level = metrics["settings"]["bootstrap"]["level"]
        rows = metrics["slices"]
        lower, upper = own["accuracy_interval"]
        found = {
            "model": metrics["primary"],
            "n": own["n"],
            "n_days": own["n_days"],
            "accuracy": own["accuracy"],
            "lower": lower,
            "upper": upper,
            "level": level,
            "up_share": own["up_share"],
            "brier": own["brier"],
            "calibration_error": own["calibration_error"],
            "coverage": own["coverage"],
            "skill": bool(verdict["skill"]),
            "p_value": _judged(verdict),
            "trials": verdict["trials"],
        }
    except (KeyError, TypeError, ValueError) as error:
        raise InputError(
            f"the metrics lack {error}", field="metrics", fix="give metrics.json that `tradewind evaluate` wrote"
        ) from error
    context = metrics.get("context") or {}
    found["same_settings"] = _same(context.get("settings"), model)
    found["slices"] = [
        {
            "by": by,
            "value": row["value"],
            "n": row["n"],
            **dict(zip(("accuracy", "lower", "upper"), _triple(row), strict=True)),
        }
        for by, key in SLICES
        for row in rows
        if row["by"] == by and row["value"] == data[key] and not row["small"] and row["value"] != "unknown"
    ]
    return found


def _judged(verdict: Mapping[str, Any]) -> float | None:
    p: float | None = verdict["p_value"] if verdict["trials"] == 1 else verdict["deflated_p_value"]
    return p


def _triple(row: Mapping[str, Any]) -> tuple[float | None, float | None, float | None]:
    found = row["metrics"]["accuracy"]
    return found["value"], found["lower"], found["upper"]


def _same(settings: Any, model: TrainedModel) -> bool | None:
    if not isinstance(settings, Mapping):
        return None
    return bool(settings == model.settings.model_dump(mode="json"))
