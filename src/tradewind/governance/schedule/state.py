"""What a scheduler remembers of one report between runs, in one small file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any, Self

from tradewind.core import InputError
from tradewind.core.files import write_text
from tradewind.governance.pages.numbers import instant

KEPT = 400
"""Finished runs that the file names."""


@dataclass(frozen=True, kw_only=True)
class ReportState:
    """The memory of one report.

    Attributes
    ----------
    since : moments up to this one are settled: made, or before the schedule began.
    made : finished runs, the oldest first: ``due``, ``made`` and ``files``.
    passed_over : moments that passed while nothing ran and that were not made up.
    failed : ``due``, ``tried`` and ``error`` of a run that must be tried again, None where there is none.
    """

    since: datetime
    made: tuple[Mapping[str, Any], ...] = ()
    passed_over: tuple[str, ...] = ()
    failed: Mapping[str, Any] | None = None

    @classmethod
    def read(cls, path: Path) -> Self | None:
        """Return the state in ``path``, None where there is none; InputError where it is damaged."""
        try:
            content = json.loads(path.read_text(encoding="utf-8"))
            return cls(
                since=instant(content["since"]),
                made=tuple(content["made"]),
                passed_over=tuple(content["passed_over"]),
                failed=content["failed"],
            )
        except FileNotFoundError:
            return None
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"is no state of a report ({type(error).__name__}: {error})",
                file=path,
                fix="restore it from a copy, or remove it: the schedule then begins anew",
            ) from error

    def write(self, path: Path) -> None:
        """Write the state, whole or not at all."""
        content = {**asdict(self), "since": self.since.isoformat(), "made": self.made[-KEPT:]}
        write_text(path, json.dumps({**content, "passed_over": self.passed_over[-KEPT:]}, indent=1) + "\n")

    def finished(self, due: datetime, at: datetime, files: tuple[Path, ...]) -> Self:
        """Return the state after the run of ``due`` was made at ``at``."""
        run = {"due": due.isoformat(), "made": at.isoformat(), "files": [str(path) for path in files]}
        return replace(self, since=due, made=(*self.made, run), failed=None)

    def skipped(self, due: list[datetime]) -> Self:
        """Return the state in which the moments ``due`` are passed over."""
        return replace(self, passed_over=(*self.passed_over, *(moment.isoformat() for moment in due)))

    def unfinished(self, due: datetime, at: datetime, error: str) -> Self:
        """Return the state after the run of ``due`` failed at ``at``: it is tried again."""
        return replace(self, failed={"due": due.isoformat(), "tried": at.isoformat(), "error": error})
