"""One version of a model as reports see it: its record, stage, decisions and notes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from tradewind.governance.cards.notes import CardNotes
from tradewind.governance.pages.numbers import instant

SERVED = ("approved", "champion")
"""Stages in which a model may answer."""


@dataclass(frozen=True, kw_only=True)
class ModelEntry:
    """A registered version.

    Attributes
    ----------
    record : ``ModelRecord.to_dict()``.
    stage : where it stands now; ``aliases`` names that point at it (champion, challenger).
    history : its decisions as mappings (``at``, ``by``, ``role``, ``act``, ``from_stage``, ``to_stage``, ``reason``,
        ``signature``), oldest first; only moves have a ``to_stage``.
    notes : what people wrote of it; empty where they wrote nothing.
    verified : whether the registry verified the signature and the order of every decision when it was read.
    """

    record: Mapping[str, Any]
    stage: str
    aliases: tuple[str, ...] = ()
    history: tuple[Mapping[str, Any], ...] = ()
    notes: CardNotes = field(default_factory=CardNotes)
    verified: bool = False

    @property
    def name(self) -> str:
        """Name of the model."""
        return str(self.record["name"])

    @property
    def version(self) -> str:
        """Version of the model, as text."""
        return str(self.record["version"])

    @property
    def reference(self) -> str:
        """``NAME/VERSION``."""
        return f"{self.name}/{self.version}"

    @property
    def author(self) -> str:
        """Who trained it."""
        return str(self.record.get("author", ""))

    @property
    def verdict(self) -> Mapping[str, Any]:
        """The evaluation's verdict, empty where there is none."""
        found: Mapping[str, Any] = (self.record.get("metrics") or {}).get("verdict") or {}
        return found

    def reached(self, stage: str) -> datetime | None:
        """Return when it last came to ``stage`` from a stage before it, None if never; standing down is no arrival."""
        moments = [
            instant(one["at"])
            for one in self.history
            if one.get("to_stage") == stage and one.get("from_stage") != "champion"
        ]
        return max(moments, default=None)

    def stage_at(self, moment: datetime) -> str:
        """Return the stage in which it stood at ``moment``; "draft" before any decision."""
        found = "draft"
        for one in sorted(self.history, key=lambda one: instant(one["at"])):
            if one.get("to_stage") and instant(one["at"]) <= moment:
                found = str(one["to_stage"])
        return found
