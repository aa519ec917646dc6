"""Where a model comes from, step by step: data, features, settings, code, environment, run, model, decisions."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.core import UsageError
from tradewind.registry.decision import Decision
from tradewind.registry.reader import RegistryReader
from tradewind.registry.record import ModelRecord

SHORTEST = 6
"""Characters of a hash that tell data apart."""


@dataclass(frozen=True, kw_only=True)
class Step:
    """One step: its kind, the id it is known by, and what there is to say of it."""

    kind: str
    id: str
    says: tuple[str, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"kind": self.kind, "id": self.id, "says": list(self.says)}


@dataclass(frozen=True, kw_only=True)
class Lineage:
    """The steps of one version, in the order in which each led to the next."""

    reference: str
    steps: tuple[Step, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"model": self.reference, "steps": [step.to_dict() for step in self.steps]}

    def text(self) -> str:
        """Return the steps as lines of text."""
        lines = [f"Lineage of {self.reference}"]
        for step in self.steps:
            lines.append(f"{step.kind:<12} {step.id}")
            lines += [f"{'':<13}{said}" for said in step.says]
        return "\n".join(lines)

    def mermaid(self) -> str:
        """Return the steps as a Mermaid flow chart (https://mermaid.js.org), to paste into Markdown."""
        lines = ["flowchart TD"]
        for i, step in enumerate(self.steps):
            said = "<br/>".join(_escaped(text) for text in (f"{step.kind}: {step.id}", *step.says[:4]))
            lines.append(f'    s{i}["{said}"]')
        lines += [f"    s{i} --> s{i + 1}" for i in range(len(self.steps) - 1)]
        return "\n".join(lines)


def lineage(registry: RegistryReader, name: str, version: int | str) -> Lineage:
    """Return the verified lineage of a version; errors as those of :meth:`RegistryReader.record`."""
    record = registry.record(name, version)
    return lineage_of(record, registry.history(name, record.version))


def lineage_of(record: ModelRecord, decisions: Iterable[Decision] = ()) -> Lineage:
    """Return the lineage that a record tells, and the decisions about it."""
    data, code, environment = record.data, record.code, record.environment
    files = [
        f"{flag} {Path(found['path']).name} sha256 {found['sha256'][:16]}"
        for flag, found in record.inputs.items()
        if isinstance(found, dict)
    ]
    engines = [f"{name} {value}" for name, value in code.items() if name not in {"tradewind", "source"}]
    steps = [
        Step(
            kind="data",
            id=str(data.get("panel", "-")),
            says=(
                f"{data.get('bars')} bars of {data.get('symbols')} symbols, {data.get('first')} to {data.get('last')}",
                *([f"news {data['news']}, {data.get('items')} items"] if data.get("news") else []),
                *files,
            ),
        ),
        Step(
            kind="features",
            id=f"{len(record.features)} columns",
            says=(", ".join(record.features[:6]) + (", ..." if len(record.features) > 6 else ""),),
        ),
        Step(
            kind="settings",
            id=record.settings_id,
            says=(
                f"members {', '.join(record.settings.get('models', []))}",
                f"seed {record.seeds.get('training')}",
                f"{record.train_rows} rows, labels known by {record.trained_until[:10]}",
            ),
        ),
        Step(kind="code", id=str(code.get("source", "-")), says=(f"tradewind {code.get('tradewind')}", *engines)),
        Step(
            kind="environment",
            id=str(environment.get("lock_sha256", "-"))[:16],
            says=(f"Python {environment.get('python')} on {environment.get('system')} {environment.get('machine')}",),
        ),
        Step(kind="run", id=record.run or "not tracked", says=()),
        Step(
            kind="model",
            id=record.model_sha256[:16],
            says=(record.reference, f"by {record.author}, {record.created[:16]} UTC", f"for {record.use_case} use"),
        ),
    ]
    made = tuple(f"{d.at[:16]} {d.words()} by {d.by} ({d.role}): {d.reason}" for d in decisions)
    if made:
        steps.append(Step(kind="decisions", id=f"{len(made)}, all signed", says=made))
    return Lineage(reference=record.reference, steps=tuple(steps))


def trained_on(registry: RegistryReader, data: str) -> list[ModelRecord]:
    """Return the records of every version trained on ``data``.

    ``data`` : the beginning (at least 6 characters) of a panel's or news' content hash or of an input file's SHA-256.

    Raises
    ------
    UsageError : ``data`` is shorter: nothing found would then look like nothing learned from it.
    """
    if len(data) < SHORTEST:
        raise UsageError(f"{data!r} is too short a hash", field="data", fix=f"give {SHORTEST} characters or more")
    found = []
    for name in registry.names():
        for version in registry.versions(name):
            record = registry.record(name, version)
            hashes = [str(record.data.get("panel")), str(record.data.get("news"))]
            hashes += [str(one.get("sha256")) for one in record.inputs.values() if isinstance(one, dict)]
            if any(one.startswith(data) for one in hashes):
                found.append(record)
    return found


def _escaped(text: str) -> str:
    for sign, name in (("&", "#amp;"), ('"', "#quot;"), ("<", "#lt;"), (">", "#gt;")):
        text = text.replace(sign, name)
    return text
