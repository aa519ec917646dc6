"""The model inventory: every registered version, who answers for it, and what is overdue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tradewind.governance.pages import Document, Mark, Notice, Pairs, Section, Table, Tone
from tradewind.governance.pages.numbers import DASH, count, counted, day, instant, moment, percent, percent_range, text
from tradewind.governance.reports.entry import SERVED, ModelEntry
from tradewind.governance.reports.incident_file import Incident
from tradewind.governance.reports.policy import Policy
from tradewind.governance.reports.report import Report

STAGES: dict[str, Tone] = {
    "champion": "good",
    "approved": "good",
    "validated": "warn",
    "draft": "soft",
    "retired": "soft",
}


def inventory_row(
    entry: ModelEntry, incidents: Sequence[Incident] | None, policy: Policy, at: datetime
) -> dict[str, Any]:
    """Return what the inventory says of one version, as plain values.

    ``open_incidents`` is None where no incident files are given. ``validation_overdue`` is None where that cannot be
    so: a draft or a retired version need not be validated.
    """
    record = entry.record
    validated = entry.reached("validated")
    age = None if validated is None else (instant(at) - validated).days
    active = entry.stage not in {"draft", "retired"}
    size = record.get("complexity") or {}
    metrics = record.get("metrics") or {}
    primary = (metrics.get("models") or {}).get(metrics.get("primary") or "ensemble") or {}
    return {
        "model": entry.name,
        "version": entry.version,
        "stage": entry.stage,
        "aliases": list(entry.aliases),
        "owner": entry.notes.owner or None,
        "author": entry.author,
        "use_case": record.get("use_case"),
        "tier": entry.notes.tier or None,
        "recorded": record.get("created"),
        "validated": None if validated is None else validated.isoformat(),
        "validation_age_days": age,
        "validation_overdue": (age is None or age > policy.validation_days) if active else None,
        "skill": entry.verdict.get("skill"),
        "accuracy": metrics.get("accuracy"),
        "accuracy_interval": primary.get("accuracy_interval"),
        "members": size.get("members"),
        "trees": size.get("trees"),
        "parameters": size.get("parameters"),
        "within_budget": (record.get("budget") or {}).get("passed"),
        "open_incidents": None
        if incidents is None
        else [one.reference for one in incidents if one.open and one.concerns(entry.name, entry.version)],
    }


def inventory(
    entries: Sequence[ModelEntry],
    *,
    at: datetime,
    incidents: Sequence[Incident] | None = None,
    policy: Policy | None = None,
) -> Report:
    """Return the inventory of all registered versions as of ``at``; ``incidents`` None: they are not assessed."""
    rules = policy or Policy()
    rows = [inventory_row(entry, incidents, rules, at) for entry in entries]
    overdue = [row for row in rows if row["validation_overdue"]]
    troubled = [row for row in rows if row["open_incidents"]]
    served = [row for row in rows if row["stage"] in SERVED]
    attention = [*_attention(overdue, troubled, served)]
    data = {
        "kind": "inventory",
        "at": instant(at).isoformat(),
        "policy": rules.model_dump(mode="json"),
        "models": rows,
        "overdue_validations": [f"{row['model']}/{row['version']}" for row in overdue],
        "attention": attention,
    }
    names = len({row["model"] for row in rows})
    return Report(
        name="inventory",
        data=data,
        document=Document(
            kind="Model inventory",
            title=f"{counted(names, 'model')}, {counted(len(rows), 'version')}",
            status=Mark("Needs attention", "bad") if attention else Mark("Nothing overdue", "good"),
            lead=(
                f"May answer (approved or champion): {counted(len(served), 'version')}. "
                f"Overdue: {counted(len(overdue), 'validation')}. "
                f"With open incidents: {_incidents_words(incidents, troubled)}.",
            ),
            facts=(("As of", moment(at)), ("Validation due every", f"{rules.validation_days} days")),
            sections=_sections(rows, attention),
            foot="Made from the model registry, its signed decisions, the notes of owners and the incident files.",
        ),
    )


def _incidents_words(incidents: Sequence[Incident] | None, troubled: Sequence[Mapping[str, Any]]) -> str:
    return "not assessed, no incident files were given" if incidents is None else counted(len(troubled), "version")


def _attention(
    overdue: Sequence[Mapping[str, Any]], troubled: Sequence[Mapping[str, Any]], served: Sequence[Mapping[str, Any]]
) -> list[str]:
    found = []
    for row in overdue:
        age = row["validation_age_days"]
        said = "was never validated" if age is None else f"was validated {age} days ago"
        found.append(f"{row['model']}/{row['version']} ({row['stage']}) {said}")
    found += [f"{row['model']}/{row['version']} has open incidents: {text(row['open_incidents'])}" for row in troubled]
    for row in served:
        name = f"{row['model']}/{row['version']}"
        if row["owner"] is None:
            found.append(f"{name} may answer and has no owner in its notes")
        if row["skill"] is not True:
            found.append(f"{name} may answer and its evaluation shows no skill")
        if row["within_budget"] is False:
            found.append(f"{name} may answer and is over its complexity budget")
    return found


def _sections(rows: Sequence[Mapping[str, Any]], attention: Sequence[str]) -> tuple[Section, ...]:
    if not rows:
        return (Section("Models", "models", (Notice("The registry holds no model.", "warn"),)),)
    stands = Table(
        (
            "model",
            "version",
            "stage",
            "alias",
            "owner",
            "use case",
            "tier",
            "validated",
            "age, days",
            "overdue",
            "incidents",
        ),
        tuple(_stand(row) for row in rows),
        left=8,
    )
    worth = Table(
        ("model", "version", "accuracy", "95 % interval", "skill", "members", "trees", "parameters", "within budget"),
        tuple(_worth(row) for row in rows),
        left=2,
        note="Accuracy out of sample, as measured when the version was registered.",
    )
    blocks = (Notice("Needs attention: " + "; ".join(attention) + ".", "bad"),) if attention else ()
    kinds = tuple((str(use), count(sum(row["use_case"] == use for row in rows))) for use in _uses(rows))
    return (
        Section("Models", "models", (*blocks, stands)),
        Section("Skill and complexity", "complexity", (worth,)),
        Section("By use case", "use-cases", (Pairs(kinds),)),
    )


def _uses(rows: Sequence[Mapping[str, Any]]) -> list[str]:
    return sorted({str(row["use_case"]) for row in rows})


def _stand(row: Mapping[str, Any]) -> tuple[str | Mark, ...]:
    late = row["validation_overdue"]
    return (
        row["model"],
        row["version"],
        Mark(row["stage"], STAGES.get(row["stage"], "plain")),
        text(row["aliases"]),
        text(row["owner"]),
        text(row["use_case"]),
        text(row["tier"]),
        day(row["validated"]),
        count(row["validation_age_days"]),
        DASH if late is None else Mark("overdue", "bad") if late else Mark("no", "good"),
        Mark("not assessed", "warn") if row["open_incidents"] is None else text(row["open_incidents"]),
    )


def _worth(row: Mapping[str, Any]) -> tuple[str | Mark, ...]:
    skill, within = row["skill"], row["within_budget"]
    return (
        row["model"],
        row["version"],
        percent(row["accuracy"]),
        percent_range(row["accuracy_interval"]),
        Mark("yes", "good") if skill is True else Mark("no" if skill is False else "not measured", "bad"),
        count(row["members"]),
        count(row["trees"]),
        count(row["parameters"]),
        DASH if within is None else Mark("yes", "good") if within else Mark("no", "bad"),
    )
