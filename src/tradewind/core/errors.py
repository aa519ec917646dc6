"""The one error tree.

TradewindError                exit code 1
├── InputError                exit code 2: the caller's files, flags or settings are at fault
│   ├── SchemaError           a table does not have the columns, types or values it must have
│   ├── UsageError            flags or settings that contradict each other or are out of range
│   └── OutputError           a result cannot be written where it was asked for
├── MissingExtraError         exit code 2: an optional dependency is needed and absent
├── NotFittedError            a model or transform is used before it is fitted
└── LeakageError              information from the future was about to enter a past row
"""

from __future__ import annotations

from pathlib import Path


class TradewindError(Exception):
    """Base of every error Tradewind raises on purpose."""

    exit_code = 1


class InputError(TradewindError):
    """Something the caller gave is wrong.

    Parameters
    ----------
    problem : what is wrong, in one sentence without a final stop.
    file, row, field : where; ``row`` is 1-based and counts data rows, not the header.
    fix : what the caller can do about it, in one sentence.
    """

    exit_code = 2

    def __init__(
        self,
        problem: str,
        *,
        file: str | Path | None = None,
        row: int | None = None,
        field: str | None = None,
        fix: str | None = None,
    ) -> None:
        self.problem, self.file, self.row, self.field, self.fix = problem, file, row, field, fix
        super().__init__(str(self))

    def __str__(self) -> str:
        place = ", ".join(
            part
            for part in (
                str(self.file) if self.file is not None else "",
                f"row {self.row}" if self.row is not None else "",
                f"column {self.field!r}" if self.field is not None else "",
            )
            if part
        )
        text = f"{place}: {self.problem}" if place else self.problem
        return f"{text}. Fix: {self.fix}." if self.fix else f"{text}."


class SchemaError(InputError):
    """A table lacks a column, or holds a value of the wrong type or range."""


class UsageError(InputError):
    """Flags or settings that contradict each other or are out of range."""


class OutputError(InputError):
    """A result cannot be written where it was asked for."""


class MissingExtraError(TradewindError):
    """An optional dependency is needed and not installed."""

    exit_code = 2

    def __init__(self, package: str, extra: str) -> None:
        self.package, self.extra = package, extra
        super().__init__(f"{package} is not installed. Fix: pip install 'tradewind[{extra}]'.")

    def __reduce__(self) -> tuple[type[MissingExtraError], tuple[str, str]]:
        """Let the error come back whole from another process."""
        return type(self), (self.package, self.extra)


class NotFittedError(TradewindError):
    """A model or transform is used before it is fitted."""


class LeakageError(TradewindError):
    """Information from the future was about to enter a past row."""
