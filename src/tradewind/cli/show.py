"""What people see: tables, live progress, one-line errors; and the same as JSON for programs."""

from __future__ import annotations

import json
import math
import os
import sys
from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import Any, Self, TextIO

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, TaskID, TextColumn, TimeElapsedColumn, TimeRemainingColumn
from rich.progress import Progress as Bars
from rich.table import Table

from tradewind.core.plain import finite

PIPE_WIDTH = 160
"""Columns of a table that goes to a file or a pipe, where no terminal says how wide it is."""


def _console(stream: TextIO, *, stderr: bool) -> Console:
    return Console(stderr=stderr, width=None if stream.isatty() else PIPE_WIDTH)


OUT = _console(sys.stdout, stderr=False)
ERR = _console(sys.stderr, stderr=True)


def complain(text: str) -> None:
    """Write one error line to standard error."""
    ERR.print(f"[bold red]error:[/bold red] {_plain(text)}", soft_wrap=True, highlight=False)


def warn(text: str) -> None:
    """Write one warning line to standard error."""
    ERR.print(f"[yellow]warning:[/yellow] {_plain(text)}", soft_wrap=True, highlight=False)


def say(text: str) -> None:
    """Write one line to standard output."""
    OUT.print(_plain(text), soft_wrap=True, highlight=False)


def note(text: str) -> None:
    """Write one line about what is being done to standard error, so that standard output stays clean."""
    ERR.print(_plain(text), soft_wrap=True, highlight=False, style="dim")


def _plain(text: str) -> str:
    return text.replace("[", r"\[")


def cell(value: Any) -> str:
    """Return ``value`` as short text: floats to four digits, absent values as a dash."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return "-"
    if isinstance(value, float | np.floating):
        return f"{value:.4f}"
    return str(value)


def table(rows: Sequence[Mapping[str, Any]], *, title: str, as_json: bool) -> None:
    """Print ``rows`` (mappings with equal keys) as a table, or as a JSON list."""
    if as_json:
        print_json(list(rows))
        return
    OUT.print(f"[italic]{_plain(title)}[/italic]", soft_wrap=True, highlight=False)  # a table's own title wraps
    shown = Table(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name in rows[0] if rows else ():
        numeric = all(isinstance(row[name], int | float | np.number | None) for row in rows)
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in rows:
        shown.add_row(*(_plain(cell(value)) for value in row.values()))
    OUT.print(shown)


def print_json(value: Any) -> None:
    """Print ``value`` as JSON; NaN and infinity become null."""
    print(json.dumps(finite(value), indent=2, default=str, allow_nan=False))


class LiveProgress:
    """Progress of a long job as live bars on standard error; plain lines where there is no terminal.

    With ``TRADEWIND_PROGRESS=json`` each step is a line of JSON, ``{"stage": ..., "done": ..., "total": ...}``, for a
    program that runs the command.
    """

    def __init__(self) -> None:
        self._bars = Bars(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeElapsedColumn(),
            TextColumn("left"),
            TimeRemainingColumn(),
            console=ERR,
            disable=not ERR.is_terminal,
        )
        self._for_program = os.environ.get("TRADEWIND_PROGRESS") == "json"
        self._tasks: dict[str, TaskID] = {}
        self._tenths: dict[str, int] = {}

    def __enter__(self) -> Self:
        self._bars.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def update(self, stage: str, done: int, total: int) -> None:
        """Move the bar of ``stage``; a stage that starts again starts its bar again."""
        if self._for_program:
            print(json.dumps({"stage": stage, "done": done, "total": total}), file=sys.stderr, flush=True)
            return
        if not ERR.is_terminal:
            self._plain_line(stage, done, total)
            return
        if stage not in self._tasks:
            self._tasks[stage] = self._bars.add_task(stage, total=total)
        self._bars.update(self._tasks[stage], completed=done, total=total)

    def _plain_line(self, stage: str, done: int, total: int) -> None:
        tenth = 10 * done // max(total, 1)
        if self._tenths.get(stage) != tenth:
            self._tenths[stage] = tenth
            note(f"{stage}: {done} of {total}")
