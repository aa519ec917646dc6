"""What the commands about the audit log share: their flags, and the log opened for reading."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from tradewind.governance.audit import AuditLog, AuditPlace, KeyRing

Log = Annotated[
    str | None,
    typer.Option(
        "--log", metavar="PLACE", help="Where the log is: a file, a folder or postgresql://... (.tradewind here)."
    ),
]
Ring = Annotated[
    Path | None,
    typer.Option("--keyring", metavar="FILE", help="Master keys of an encrypted log (or TRADEWIND_AUDIT_KEYRING)."),
]
Public = Annotated[
    Path | None,
    typer.Option("--public-key", metavar="FILE", help="A copy of audit.pub you trust, not the one beside the log."),
]
Kind = Annotated[str | None, typer.Option("--kind", metavar="KIND", help="prediction, decision, override, ...")]
Since = Annotated[str | None, typer.Option("--since", metavar="TIME", help="Written at or after (UTC).")]
Until = Annotated[str | None, typer.Option("--until", metavar="TIME", help="Written before (UTC).")]
Model = Annotated[str | None, typer.Option("--model", metavar="NAME", help="Of this model.")]
Symbol = Annotated[str | None, typer.Option("--symbol", metavar="SYMBOL", help="About this symbol.")]
Caller = Annotated[str | None, typer.Option("--caller", metavar="NAME", help="Asked for by this caller.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why; the log keeps it.")]
By = Annotated[str | None, typer.Option("--by", metavar="NAME", help="Who does it; the log keeps it (your login).")]


def opened_log(flag: str | None, keyring: Path | None = None) -> AuditLog:
    """Return the log for reading."""
    from tradewind.governance.audit import AuditLog

    return AuditLog.open(audit_place(flag), key=audit_ring(keyring), readonly=True)


def audit_place(flag: str | None) -> AuditPlace:
    """Return where the log is; UsageError where it is off."""
    from tradewind.core import UsageError
    from tradewind.governance.audit import place_of

    place = place_of(flag)
    if place is None:
        raise UsageError("the audit log is off (TRADEWIND_AUDIT or --log)", fix="give --log the place of the log")
    return place


def audit_ring(path: Path | None) -> KeyRing | None:
    """Return the master keys of ``path``, else of the environment, None where neither names any."""
    from tradewind.governance.audit import KeyRing

    return KeyRing.of_environment() if path is None else KeyRing.load(path)
