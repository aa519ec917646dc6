"""The evidence of one forecast: a tree of plain values that every fact is taken from, and that is kept beside them."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from scipy.special import expit

from tradewind.core.plain import finite
from tradewind.explain.attribution import feature_of, group_of
from tradewind.explain.rationale.rules import COIN
from tradewind.explain.rationale.subject import Subject
from tradewind.explain.rationale.track import track_of
from tradewind.explain.rationale.words import describe
from tradewind.training.model import ENSEMBLE


def evidence_of(subject: Subject, place: int) -> dict[str, Any]:
    """Return the evidence of row ``place`` (0 to m - 1) of ``subject``: JSON-ready, NaN as None."""
    tree: dict[str, Any] = {
        "forecast": _forecast(subject, place),
        "data": _data(subject, place),
        "attribution": _attribution(subject, place),
        "inputs": _inputs(subject, place),
        "members": _members(subject, place),
        "joining": _joining(subject, place),
        "record": _record(subject),
        "what_if": list(subject.what_if.get(place, ())),
        "lime": subject.lime.get(place),
        "settings": {**subject.settings.model_dump(mode="json"), "coin": COIN},
    }
    tree["track"] = track_of(subject.track, tree["data"], subject.model) if subject.track is not None else None
    tree["doubt"] = _doubt(subject, place, tree)
    if subject.profile is not None:
        tree["profile"] = [
            {"bars_back": back, "value": float(value)} for back, value in enumerate(subject.profile[place])
        ]
    tree["attention"] = [
        {"name": name, "bars": [float(weight) for weight in weights[place]]}
        for name, weights in subject.attention.items()
    ]
    plain: dict[str, Any] = finite(tree)
    return plain


def _forecast(subject: Subject, place: int) -> dict[str, Any]:
    forecast = subject.forecasts[ENSEMBLE]
    label = subject.model.settings.label
    return {
        "probability": float(forecast.probability[place]),
        "confidence": float(forecast.confidence[place]),
        "expected_return": float(forecast.expected_return[place]),
        "lower": float(forecast.lower[place]),
        "upper": float(forecast.upper[place]),
        "width": float(forecast.upper[place] - forecast.lower[place]),
        "level": 1.0 - subject.model.settings.ensemble.alpha,
        "horizon": label.horizon,
        "up": label.up,
        "down": label.down,
    }


def _data(subject: Subject, place: int) -> dict[str, Any]:
    row = int(subject.attribution.rows[place])
    panel, slices = subject.data.panel, subject.slices
    learned = np.datetime64(subject.model.record["trained_until"])
    day = panel.time[row]
    return {
        "symbol": panel.symbols[panel.symbol_code[row]],
        "date": str(day)[:10],
        "known_at": str(panel.known_at[row])[:16].replace("T", " "),
        "last_day": str(panel.times[-1])[:10],
        "age_days": int((panel.times[-1] - day) / np.timedelta64(1, "D")),
        "bars": int(subject.data.bar_index[row]) + 1,
        "trained_until": str(learned)[:10],
        "days_since_training": int((day - learned) / np.timedelta64(1, "D")),
        "sector": str(slices.sector[row]),
        "size_bucket": str(slices.size_bucket[row]),
        "volatility_regime": str(slices.volatility_regime[row]),
        "panel": panel.id,
    }


def _attribution(subject: Subject, place: int) -> dict[str, Any]:
    found = subject.attribution
    groups, by_group = found.by_group()
    features, by_feature = found.by_feature()
    order = np.argsort(-np.abs(by_feature[place]), kind="stable")
    group_order = np.argsort(-np.abs(by_group[place]), kind="stable")
    return {
        "base": float(found.base),
        "probability": float(found.probability[place]),
        "gap": float(found.gap[place]),
        "base_log_odds": float(found.base_log_odds),
        "log_odds": float(found.base_log_odds + found.log_odds[place].sum()),
        "columns": list(found.names),
        "values": [float(value) for value in found.values[place]],
        "features": [
            {"name": features[i], "group": group_of(features[i]), "value": float(by_feature[place, i])} for i in order
        ],
        "groups": [{"name": groups[i], "value": float(by_group[place, i])} for i in group_order],
    }


def _inputs(subject: Subject, place: int) -> list[dict[str, Any]]:
    """Return what each feature's value was and how usual it is, features in order of their columns."""
    found, state = subject.attribution, subject.prepared_state
    row = int(found.rows[place])
    names = subject.data.names
    rows = []
    for column, name in enumerate(found.names):
        if feature_of(name) != name:
            continue
        words, form = describe(name)
        given = name in names
        raw = (
            float(subject.data.features[row, names.index(name)])
            if given
            else float(found.inputs[place, column]) * state["scale"][name] + state["mean"][name]
        )
        low, high = state["low"][name], state["high"][name]
        missing = not math.isfinite(raw)
        rows.append(
            {
                "feature": name,
                "words": words,
                "form": form,
                "value": raw,
                "percentile": float(subject.percentiles[place, column]),
                "below": float(subject.below[place, column]),
                "low": low,
                "high": high,
                "missing": missing,
                "outside": not missing
                and given
                and ((low is not None and raw < low) or (high is not None and raw > high)),
            }
        )
    return rows


def _members(subject: Subject, place: int) -> list[dict[str, Any]]:
    ensemble = subject.model.ensemble
    rows = []
    for name, weight in ensemble.weights.items():
        forecast = subject.forecasts[name]
        given = forecast.probability[place : place + 1]
        log_odds = float(ensemble.combiner.member_log_odds(name, given)[0])
        part, missed = subject.attribution.members.get(name), subject.missed.get(name)
        rows.append(
            {
                "name": name,
                "weight": float(weight),
                "given": float(given[0]),
                "log_odds": log_odds,
                "calibrated": float(expit(log_odds)),
                "expected_return": float(forecast.expected_return[place]),
                "part": None if part is None else float(part[place].sum()),
                "method": subject.methods.get(name, ""),
                "missed": float(missed[place]) if missed is not None else None,
            }
        )
    return rows


def _joining(subject: Subject, place: int) -> dict[str, Any]:
    """Return the steps from the members' log odds to the probability that is given out."""
    ensemble = subject.model.ensemble
    combiner = ensemble.combiner
    logits = np.stack(
        [
            combiner.member_log_odds(name, subject.forecasts[name].probability[place : place + 1])
            for name in combiner.names
        ]
    )
    joined = combiner.joined_log_odds(logits)
    final = float(combiner.final_probability(joined)[0])
    return {
        "method": ensemble.settings.method,
        "log_odds": float(joined[0]),
        "before": float(expit(joined[0])),
        "calibrated": final,
        "shift": float(subject.forecasts[ENSEMBLE].probability[place]) - final,
    }


def _record(subject: Subject) -> dict[str, Any]:
    record, settings = subject.model.record, subject.model.settings
    return {
        **{name: record[name] for name in ("settings_id", "train_rows", "trained_until", "data", "code")},
        "columns": len(record["features"]),
        "features": list(record["features"]),
        "seed": settings.seed,
        "members": list(settings.models),
        "reference_rows": len(subject.reference),
        "winsor": [float(q) for q in subject.prepared_state["quantiles"]],
    }


def _doubt(subject: Subject, place: int, tree: dict[str, Any]) -> dict[str, Any]:
    """Return what each sign of low confidence measures; what counts as low is in the settings."""
    probability, inputs = tree["forecast"]["probability"], tree["inputs"]
    widths = subject.usual_widths(place)
    width = tree["forecast"]["width"]
    told = len(widths) > 0 and math.isfinite(width)
    against = [m for m in tree["members"] if (m["calibrated"] - COIN) * (probability - COIN) < 0]
    return {
        "lean": abs(probability - COIN),
        "wider_than": float(np.searchsorted(widths, width, side="left")) / len(widths) if told else None,
        "usual_width": float(np.median(widths)) if len(widths) else None,
        "dissent": float(sum(m["weight"] for m in against)),
        "dissenters": [m["name"] for m in against],
        "outside": sum(row["outside"] for row in inputs),
        "missing": sum(row["missing"] for row in inputs),
        "inputs": len(inputs),
        "outside_share": sum(row["outside"] for row in inputs) / len(inputs) if inputs else 0.0,
        "missing_share": sum(row["missing"] for row in inputs) / len(inputs) if inputs else 0.0,
    }
