"""Run the commands that a page shows, and hold what they print against what the page shows.

python scripts/docs_console.py PAGE... fills in the output of commands that show none yet.

A block marked ``console`` holds commands after ``$`` and what they print. A shown line must be printed, in order, with
any numbers in place of its numbers; ``...`` stands for any lines. Remarks before a block:

``<!-- not run: why -->`` leaves the block out.
``<!-- given: COMMAND -->`` is run and not shown: it makes what a reader has and a test has not.
``<!-- serves: URL -->`` starts the block's `tradewind serve`, `dashboard` or `monitor run` and waits until URL answers.
It runs until the next one or the end of the page, on a free port that also takes the place of URL's further down.
``<!-- goes on from: PAGE -->`` begins the page where the commands of another page of its folder leave off.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from docs_serving import Served

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(
    r"<!-- given: (?P<given>[^\n]*) -->|(?P<mark><!--[^\n]*-->\n+)?```console\n(?P<body>.*?)```", re.DOTALL
)
SERVES = re.compile(r"<!-- serves: (\S+) -->")
GOES_ON = re.compile(r"<!-- goes on from: (\S+) -->")
SERVERS = re.compile(r"tradewind (serve|dashboard|monitor run)( --|$)")
NUMBER = re.compile(r"[-+]?\d[\d,.:e%-]*")
PROGRESS = re.compile(r"^[a-z ]+: \d+ of \d+\n", re.MULTILINE)
SHELL = set("|><;&$*`")
WIDTH = "118"


@dataclass
class Step:
    """A command of a page: ``shown`` is its output on the page, ``line`` where it is (from 1).

    ``serves`` : the address at which it answers, where it runs until it is stopped.
    """

    command: str
    line: int
    shown: list[str] = field(default_factory=list)
    serves: str = ""


def steps_of(text: str) -> list[Step]:
    """Return the commands of a page that are to be run."""
    steps: list[Step] = []
    for block in BLOCK.finditer(text):
        if block["given"]:
            steps.append(Step(block["given"], text.count("\n", 0, block.start()) + 1))
            continue
        if "not run" in (block["mark"] or ""):
            continue
        address = SERVES.search(block["mark"] or "")
        line, goes_on, begun = text.count("\n", 0, block.start("body")), False, False
        for row in block["body"].splitlines():
            line += 1
            if row.startswith("$ "):
                served = address is not None and SERVERS.match(row[2:]) is not None
                steps.append(Step(row[2:], line, serves=address[1] if address and served else ""))
                begun = True
            elif goes_on:
                steps[-1].command = steps[-1].command[:-1].rstrip() + " " + row.strip()
            elif begun:
                steps[-1].shown.append(row)
                continue
            goes_on = begun and steps[-1].command.endswith("\\")
    return steps


def masked(line: str) -> str:
    """Return a line without what may differ from run to run: numbers, spaces, rules, hashes."""
    bare = re.sub(r"[─━│╭╮╰╯]+", "", re.sub(r"\b[0-9a-f]{8,}\b|ed25519:\S+", "#", line))
    return " ".join(NUMBER.sub("#", bare).split())


def differs(shown: list[str], printed: str) -> str:
    """Return the first shown line that was not printed in its place; empty where all were."""
    lines = [one for one in map(masked, printed.splitlines()) if one]
    place = 0
    for row in shown:
        wanted = masked(row)
        if not wanted or wanted == "...":
            continue
        while place < len(lines) and lines[place] != wanted:
            place += 1
        if place == len(lines):
            return row
        place += 1
    return ""


class Terminal:
    """Runs commands in ``folder``: ours within this process, which need not import everything anew, others by bash."""

    def __init__(self, folder: Path, environment: Mapping[str, str]) -> None:
        self._folder, self._environment = folder, dict(environment)
        self._served: Served | None = None

    def run(self, command: str) -> tuple[int, str]:
        """Return the exit code and what was printed, paths from the folder on, progress left out.

        ``# ...`` at the end of a command is a remark.
        """
        code, printed = self._run(self._served.moved(command) if self._served else command)
        return code, printed.replace(f"{self._folder}/", "")

    def serve(self, command: str, address: str) -> str:
        """Start a server in place of the one before; return what went otherwise than well."""
        before = self.stop()
        self._served = Served(command, address, self._folder, os.environ | self._environment)
        return before or self._served.wrong()

    def stop(self) -> str:
        """Stop what serves, if anything does; return what went otherwise than well."""
        served, self._served = self._served, None
        return served.stop() if served else ""

    def _run(self, command: str) -> tuple[int, str]:
        words = shlex.split(command, comments=True)
        if words[0] == "export":
            given = [word.split("=", 1) for word in words[1:]]
            self._environment.update((name, self._value(value)) for name, value in given)
            return 0, ""
        here, before = Path.cwd(), dict(os.environ)
        os.chdir(self._folder)
        os.environ.update(self._environment)
        try:
            if words[0] == "tradewind" and not SHELL & set(command.split(" #", maxsplit=1)[0]):
                return self._own(words)
            done = self._bash(command)
            return done.returncode, done.stdout + (done.stderr if done.returncode else "")
        finally:
            os.chdir(here)
            os.environ.clear()
            os.environ.update(before)

    def _bash(self, command: str) -> subprocess.CompletedProcess[str]:
        path = f"{Path(sys.executable).parent}:{os.environ.get('PATH', '')}"
        environment = {**os.environ, **self._environment, "PATH": path}
        asked = ["bash", "-ec", command]
        return subprocess.run(
            asked, cwd=self._folder, env=environment, capture_output=True, text=True, timeout=300, check=False
        )

    def _value(self, text: str) -> str:
        """Return what a variable is set to: ``$(COMMAND)`` stands for what it prints."""
        return self._bash(f'printf %s "{text}"').stdout if text.startswith("$(") else text

    def _own(self, words: list[str]) -> tuple[int, str]:
        from tradewind.cli.main import main

        out, err, code, given = io.StringIO(), io.StringIO(), 0, sys.argv
        sys.argv = words
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
                main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        finally:
            sys.argv = given
        return code, out.getvalue() + PROGRESS.sub("", err.getvalue())


def before(page: Path) -> Path:
    """Return the page in whose folder, as its commands leave it, those of ``page`` begin."""
    named = GOES_ON.search(page.read_text(encoding="utf-8"))
    return page.with_name(named[1]) if named else GROUND


ENVIRONMENT = {"COLUMNS": WIDTH, "TRADEWIND_TRACK": "off", "TRADEWIND_AUDIT": "off", "OMP_NUM_THREADS": "1"}
GROUND = ROOT / "docs" / "tutorial" / "first-forecast.md"
"""Where the commands of a page begin that names no other."""


def played(page: Path, folder: Path) -> list[str]:
    """Run the commands of ``page`` in ``folder`` and return what went otherwise than it shows."""
    terminal = Terminal(folder, ENVIRONMENT)
    try:
        wrong = _played(page, terminal)
    finally:
        ended = terminal.stop()
    return [*wrong, f"{page.name}: what it serves {ended}"] if ended else wrong


def _played(page: Path, terminal: Terminal) -> list[str]:
    wrong = []
    for step in steps_of(page.read_text(encoding="utf-8")):
        if step.serves:
            if failed := terminal.serve(step.command, step.serves):
                return [*wrong, f"{page.name}:{step.line}: {step.command}\n  {failed}"]
            continue
        code, printed = terminal.run(step.command)
        refused = any(row.startswith("error: ") for row in step.shown)
        if missing := differs(step.shown, printed):
            wrong.append(
                f"{page.name}:{step.line}: {step.command}\n  did not print: {missing}\n  but: {printed[-800:]}"
            )
        elif code and not refused and not step.shown:
            wrong.append(f"{page.name}:{step.line}: {step.command}\n  ended with {code}: {printed[-800:]}")
    return wrong


def fill(page: Path, folder: Path) -> None:
    """Write the output of the commands of ``page`` below those that show none."""
    text = page.read_text(encoding="utf-8")
    lines, added = text.splitlines(), 0
    terminal = Terminal(folder, ENVIRONMENT)
    for step in steps_of(text):
        if step.serves:
            sys.stderr.write(terminal.serve(step.command, step.serves))
            continue
        code, printed = terminal.run(step.command)
        sys.stderr.write(f"{page.name}:{step.line} [{code}] {step.command}\n")
        if step.shown or code not in (0, 1, 2):
            if wrong := differs(step.shown, printed):
                sys.stderr.write(f"   was not printed: {wrong}\n")
            if code:
                sys.stderr.write(printed[-1500:] + "\n")
            continue
        place = step.line + added
        while lines[place - 1].endswith("\\"):
            place += 1
        output = [row.rstrip() for row in printed.strip("\n").splitlines()]
        while output and not output[-1]:
            output.pop()
        lines[place:place] = output
        added += len(output)
    sys.stderr.write(terminal.stop())
    page.write_text("\n".join(lines) + "\n", encoding="utf-8")


def main(pages: list[str]) -> None:
    """Fill ``pages``, each from where it begins; ``TRADEWIND_DOCS_GROUND`` keeps where the first page leaves off."""
    kept = os.environ.get("TRADEWIND_DOCS_GROUND")
    with tempfile.TemporaryDirectory() as scratch:
        left = {GROUND: Path(kept)} if kept and Path(kept).is_dir() else {}

        def leave(page: Path) -> Path:
            if page not in left:
                left[page] = Path(kept if kept and page == GROUND else f"{scratch}/{len(left)}")
                if page == GROUND:
                    left[page].mkdir(parents=True)
                else:
                    shutil.copytree(leave(before(page)), left[page])
                fill(page, left[page])
            return left[page]

        for name in pages:
            leave(Path(name).resolve())


if __name__ == "__main__":
    main(sys.argv[1:])
