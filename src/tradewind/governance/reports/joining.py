"""From the registry, the audit log and the folders of notes to what reports are made of."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from tradewind.core import InputError, Progress
from tradewind.governance.audit import AuditLog, Filter
from tradewind.governance.cards import CardNotes, CardSources
from tradewind.governance.files import read_toml
from tradewind.governance.pages.numbers import instant
from tradewind.governance.reports.checks import LogFacts, ServedModel
from tradewind.governance.reports.entry import ModelEntry
from tradewind.registry.reader import RegistryReader

DECISIONS = frozenset({"decision", "override", "fallback", "amend", "challenge", "resume"})
"""Kinds of audit rows that hold a signed decision of the registry."""


def read_notes(folder: Path | None, name: str, version: str) -> CardNotes:
    """Return what people wrote of a version: ``NAME-VERSION.toml`` in ``folder``, else ``NAME.toml``, else nothing.

    Raises
    ------
    InputError : the folder is absent, or the file cannot be used.
    """
    if folder is None:
        return CardNotes()
    if not folder.is_dir():
        raise InputError("is no folder", file=folder, fix="give the folder of the models' notes")
    for path in (folder / f"{name}-{version}.toml", folder / f"{name}.toml"):
        if path.exists():
            return read_toml(path, CardNotes, what="the notes of a model")
    return CardNotes()


def entry_of(registry: RegistryReader, name: str, version: int | str, notes: Path | None = None) -> ModelEntry:
    """Return one version as reports see it; ``version`` a number, ``champion``, ``challenger`` or ``latest``.

    Raises
    ------
    UsageError : there is no such version.
    InputError : the registry is not sound, or the notes cannot be used.
    """
    record = registry.record(name, version)
    number = record.version
    aliases = {"champion": registry.champion(name), "challenger": registry.challenger(name)}
    return ModelEntry(
        record=record.to_dict(),
        stage=str(registry.stage(name, number)),
        aliases=tuple(alias for alias, held in aliases.items() if held == number),
        history=tuple(decision.to_dict() for decision in registry.history(name, number)),
        notes=read_notes(notes, name, str(number)),
        verified=True,  # reading the ledger verifies every signature and the order of decisions
    )


def entries_of(
    registry: RegistryReader, *, notes: Path | None = None, names: Iterable[str] | None = None
) -> tuple[ModelEntry, ...]:
    """Return every version of ``names`` (None: of all models), by name and version; raises as :func:`entry_of`."""
    chosen = registry.names() if names is None else list(names)
    return tuple(entry_of(registry, name, version, notes) for name in chosen for version in registry.versions(name))


def card_sources(entry: ModelEntry, **more: Mapping[str, Any] | None) -> CardSources:
    """Return what the card of ``entry`` is made from; ``more``: metrics, explanation, fairness, quality."""
    return CardSources(record=entry.record, notes=entry.notes, stage=entry.stage, history=entry.history, **more)


def log_rows(log: AuditLog, chosen: Filter | None = None) -> list[dict[str, Any]]:
    """Return rows of the audit log as mappings with ``seq``, ``at``, ``kind``, ``body`` and ``hash``, oldest first."""
    return [entry.to_dict() for entry in log.entries(chosen)]


def rows_numbered(log: AuditLog, numbers: Iterable[int]) -> dict[int, dict[str, Any]]:
    """Return the rows with these numbers, those that are there."""
    wanted = set(numbers)
    found: dict[int, dict[str, Any]] = {}
    for entry in log.entries():
        if len(found) == len(wanted):
            break
        if entry.seq in wanted:
            found[entry.seq] = entry.to_dict()
    return found


def log_facts(log: AuditLog, progress: Progress | None = None) -> LogFacts:
    """Verify the log, read it through once, and return what the compliance checks need of it.

    Raises
    ------
    InputError : the log is encrypted and its key is not at hand.
    """
    verification = log.verify(progress=progress)
    served: dict[tuple[str, str], tuple[list[datetime], list[int]]] = {}
    prunings: list[dict[str, Any]] = []
    decided: set[str] = set()
    first: datetime | None = None
    keys_since: datetime | None = None
    unnamed = 0
    for entry in log.entries():
        at = instant(entry.at)
        first = at if first is None else first
        if entry.kind == "key_rotation":
            keys_since = at
        elif entry.kind == "retention":
            prunings.append({**entry.body, "at": entry.at})
        elif entry.kind in DECISIONS:
            decided.add(str(entry.body.get("signature", "")))
        elif entry.kind == "prediction":
            model, version = entry.body.get("model"), entry.body.get("model_version")
            if not model or not version:
                unnamed += 1
                continue
            times, rows = served.setdefault((str(model), _version(str(model), str(version))), ([], []))
            times.append(at)
            rows.append(entry.seq)
    return LogFacts(
        verified=verification.ok,
        rows=verification.rows,
        findings=tuple(f"{found.fault}: {found.detail}" for found in verification.findings),
        encrypted=keys_since is not None,
        keys_since=keys_since,
        first=first,
        prunings=tuple(prunings),
        served=tuple(
            ServedModel(model=model, version=version, times=tuple(times), rows=tuple(rows))
            for (model, version), (times, rows) in sorted(served.items())
        ),
        unnamed=unnamed,
        decided=frozenset(decided),
    )


def _version(model: str, version: str) -> str:
    """Return the bare version; callers also write ``NAME/VERSION``."""
    return version.removeprefix(f"{model}/")
