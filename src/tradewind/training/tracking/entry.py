"""One recorded run, and one entry of the failure journal, as they are read back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal

from tradewind.training.tracking.tracker import COMMAND, DATASET, ERROR, NO_SKILL, TAG

Kind = Literal["rejected", "crashed", "no skill"]
REJECTED, REJECTED_AT = "rejected", "rejected_at"


@dataclass(frozen=True, kw_only=True)
class RunEntry:
    """A recorded run.

    Attributes
    ----------
    id : 32 hex digits.
    began, ended : milliseconds since 1970, UTC; ``ended`` is None for a run that never ended.
    params : flattened settings, data, code and seeds, as text.
    metrics : last value by name.
    tags : command, dataset, and what the failure journal holds of the run.
    """

    id: str
    status: str
    began: int
    ended: int | None
    params: Mapping[str, str]
    metrics: Mapping[str, float]
    tags: Mapping[str, str]

    @property
    def command(self) -> str:
        """The command that ran."""
        return self.tags.get(COMMAND, "")

    @property
    def dataset(self) -> str:
        """What the run read, in words: the price file."""
        return self.tags.get(DATASET, "")

    @property
    def outcome(self) -> str:
        """What became of the run, in a word or two."""
        return ", ".join(entry.kind for entry in self.journal()) or self.status.lower()

    def journal(self) -> list[JournalEntry]:
        """Return what the failure journal says of the run: nothing for most."""
        found: list[JournalEntry] = []
        ended = self.ended or self.began
        given: list[tuple[Kind, str, int]] = [
            ("rejected", REJECTED, int(self.tags.get(REJECTED_AT, ended))),
            ("crashed", ERROR, ended),
            ("no skill", NO_SKILL, ended),
        ]
        for kind, tag, moment in given:
            if tag in self.tags:
                found.append(
                    JournalEntry(run=self.id, kind=kind, moment=moment, reason=self.tags[tag], dataset=self.dataset)
                )
        return found

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        words = {"command": self.command, "dataset": self.dataset, "outcome": self.outcome}
        return {**asdict(self), **words, "journal": [entry.to_dict() for entry in self.journal()]}


@dataclass(frozen=True, kw_only=True)
class JournalEntry:
    """Why a run was no success: ``kind``, ``reason`` in words, and when that was said (``moment``, ms since 1970)."""

    run: str
    kind: Kind
    moment: int
    reason: str
    dataset: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)

    def holds(self, text: str) -> bool:
        """Whether every word of ``text`` is somewhere in the entry, in any case of letters."""
        whole = f"{self.run} {self.kind} {self.reason} {self.dataset}".lower()
        return all(word in whole for word in text.lower().split())


def entry_of(run: Any) -> RunEntry:
    """Return an MLflow run as an entry."""
    return RunEntry(
        id=str(run.info.run_id),
        status=str(run.info.status),
        began=int(run.info.start_time),
        ended=None if run.info.end_time is None else int(run.info.end_time),
        params=dict(run.data.params),
        metrics=dict(run.data.metrics),
        tags={k.removeprefix(TAG): str(v) for k, v in run.data.tags.items() if k.startswith(TAG)},
    )
