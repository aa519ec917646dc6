"""Flags that cards and reports share, declared once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli.registry_access import Model, Registry

__all__ = [
    "Audit",
    "Explanation",
    "Fairness",
    "Incidents",
    "Model",
    "Notes",
    "Out",
    "Pdf",
    "Policy",
    "Quality",
    "Registry",
]

Audit = Annotated[
    str | None,
    typer.Option("--audit", metavar="PLACE|off", help="The audit log (TRADEWIND_AUDIT, else .tradewind's, if there)."),
]
Notes = Annotated[
    Path | None,
    typer.Option("--notes", metavar="DIR", help="Notes of owners: NAME.toml or NAME-VERSION.toml of each model."),
]
Incidents = Annotated[
    Path | None, typer.Option("--incidents", metavar="DIR", help="Folder of the incident files (TOML).")
]
Policy = Annotated[
    Path | None, typer.Option("--policy", metavar="TOML", help="House rules that differ from the defaults.")
]
Explanation = Annotated[
    Path | None,
    typer.Option("--explanation", metavar="JSON", help="importance.json of `tradewind importance`; else the record's."),
]
Fairness = Annotated[
    Path | None,
    typer.Option("--fairness", metavar="JSON", help="From `tradewind fairness measure`; else the record's."),
]
Quality = Annotated[
    Path | None, typer.Option("--quality", metavar="JSON", help="Quality of its data, from `tradewind check --json`.")
]
Out = Annotated[Path, typer.Option("--out", metavar="DIR", help="Folder of the result.")]
Pdf = Annotated[bool, typer.Option("--pdf", help="Write the PDF too (extra 'pdf').")]
