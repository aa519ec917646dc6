"""The validator's file: findings, conclusion and signatures of an independent validation."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, model_validator

from tradewind.core import OutputError
from tradewind.core.files import write_text
from tradewind.core.toml import to_toml
from tradewind.governance.files import read_toml
from tradewind.governance.filled import FILL, Filled
from tradewind.governance.pages.numbers import instant

SECTIONS = ("data", "soundness", "outcomes", "benchmarks", "sensitivity", "explanations")
"""The parts of a validation that a person must judge."""


class Finding(Filled):
    """One finding; ``due`` and ``owner`` say who mends it and until when."""

    title: str
    severity: Literal["low", "medium", "high", "critical"]
    detail: str
    recommendation: str
    owner: str
    due: date | None = None


class Signature(Filled):
    """Who signs the report, as what, and on which day."""

    name: str
    role: str
    on: date


class ValidationNotes(Filled):
    """What an independent validator writes.

    ``data`` to ``explanations`` : the judgement of each part, in words. ``not_tested`` : what was left out, and why;
    it may not be empty, since no validation tests everything. ``findings`` may be empty, ``signatures`` may not.
    """

    model: str
    validator: str
    began: date
    ended: date
    scope: str
    data: str
    soundness: str
    outcomes: str
    benchmarks: str
    sensitivity: str
    explanations: str
    not_tested: tuple[str, ...] = Field(min_length=1)
    conclusion: Literal["fit", "fit with conditions", "not fit"]
    reasons: str
    conditions: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()
    signatures: tuple[Signature, ...] = Field(min_length=1)

    @model_validator(mode="after")
    def _consistent(self) -> Self:
        if self.ended < self.began:
            raise ValueError("ended lies before began")
        grave = [finding.title for finding in self.findings if finding.severity == "critical"]
        if grave and self.conclusion == "fit":
            raise ValueError(f"it concludes fit in spite of a critical finding: {grave[0]}")
        if self.conclusion == "fit with conditions" and not self.conditions:
            raise ValueError("it concludes fit with conditions and names none")
        if self.validator not in {one.name for one in self.signatures}:
            raise ValueError(f"the validator {self.validator} has not signed")
        early = [one.name for one in self.signatures if one.on < self.ended]
        if early:
            raise ValueError(f"{early[0]} signed before the validation ended")
        return self


def read_validation(path: Path) -> ValidationNotes:
    """Read the validator's file; InputError names every field that is missing, unfilled or contradicts another."""
    return read_toml(path, ValidationNotes, what="a validation")


def new_validation(path: Path, record: Mapping[str, Any], *, at: datetime) -> Path:
    """Write a skeleton for the validation of the model of ``record``; OutputError where the file is there already."""
    if path.exists():
        raise OutputError("is there already", file=path, fix="give another file, so that no answers are lost")
    today = instant(at).date()
    parts = [
        f'# Independent validation. Fill in every answer that begins with "{FILL}"; the author may not validate.\n',
        to_toml({"model": f"{record['name']}/{record['version']}", "validator": f"{FILL}: your name"}),
        f'began = {today}\nended = {today}\nscope = "{FILL}: what was examined, and for which use"\n\n',
        *(f'{name} = "{FILL}: {asked}"\n' for name, asked in _ASKED.items()),
        f'\nnot_tested = ["{FILL}: what was left out, and why"]\n',
        f'conclusion = "{FILL}: fit, fit with conditions, or not fit"\nreasons = "{FILL}: why"\nconditions = []\n',
        '\n# [[findings]]                      # one block a finding\n# title = ""\n'
        '# severity = "medium"              # low, medium, high or critical\n'
        f'# detail = ""\n# recommendation = ""\n# owner = ""\n# due = {today}\n',
        f'\n[[signatures]]\nname = "{FILL}: your name"\nrole = "independent validator"\non = {today}\n',
    ]
    return write_text(path, "".join(parts))


_ASKED = {
    "data": "are the data fit: sources, gaps, survivorship, point in time?",
    "soundness": "is the method sound for this use; which assumptions does it make?",
    "outcomes": "do the figures out of sample hold, and by slice?",
    "benchmarks": "is it better than the baselines, and by enough to be worth its complexity?",
    "sensitivity": "how does it fare under stress, and with other settings or spans?",
    "explanations": "are its explanations faithful and stable enough for their readers?",
}
