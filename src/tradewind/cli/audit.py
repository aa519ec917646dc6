"""`tradewind audit`: prove that the audit log is what was written, read it, hand it over, keep its keys and its age."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import audit_served, options
from tradewind.cli.audit_flags import (
    By,
    Caller,
    Kind,
    Log,
    Model,
    Public,
    Reason,
    Ring,
    Since,
    Symbol,
    Until,
    audit_place,
    audit_ring,
    opened_log,
)

if TYPE_CHECKING:
    from tradewind.governance.audit import AuditLog, AuditPlace, Filter, KeyRing, Verification

EPILOG = """[bold]Examples[/bold]

  tradewind audit verify

  tradewind audit query --kind prediction --symbol AAPL --since 2026-01-01 --limit 5

  tradewind audit export --out audit.parquet --since 2026-01-01 --until 2026-04-01
"""
VERIFY = """[bold]Examples[/bold]

  tradewind audit verify

  tradewind audit verify --public-key /safe/audit.pub --expect 4711:9f2c...

  tradewind audit verify --file audit.parquet --public-key audit.pub
"""
QUERY = """[bold]Examples[/bold]

  tradewind audit query --kind prediction --symbol AAPL --newest --limit 5

  tradewind audit query --kind override --since 2026-01-01 --json
"""
EXPORT = """[bold]Examples[/bold]

  tradewind audit export --out audit.jsonl

  tradewind audit export --out audit.parquet --since 2026-01-01 --until 2026-04-01
"""
ROTATE = """[bold]Examples[/bold]

Begin to encrypt, or take a new master key:

  tradewind audit rotate-key --keyring /safe/audit-keys.json --reason "once a year"
"""
PRUNE = """[bold]Examples[/bold]

  tradewind audit prune --before 2019-01-01 --reason "seven years are over" --export 2018.parquet
"""

group = typer.Typer(no_args_is_help=True, rich_markup_mode="rich", pretty_exceptions_enable=False)


def register(app: typer.Typer) -> None:
    """Add the commands to ``app``."""
    audit_served.add_to(group)
    app.add_typer(group, name="audit", help="Verify, read, export and keep the audit log.", epilog=EPILOG)


@group.command("verify", epilog=VERIFY)
def verify(
    file: Annotated[
        Path | None, typer.Option("--file", metavar="FILE", help="Verify an exported file instead of a log.")
    ] = None,
    public_key: Public = None,
    expect: Annotated[
        list[str] | None,
        typer.Option("--expect", metavar="SEQ:HASH", help="A receipt kept elsewhere that must still hold."),
    ] = None,
    deep: Annotated[bool, typer.Option("--deep", help="Also read the indexes, which could hide an entry.")] = False,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Compute the whole chain anew and hold it against signatures, anchor and receipts; exit code 1 where it fails."""
    from tradewind.cli import show
    from tradewind.governance.audit import check_export
    from tradewind.governance.audit.signing import Verifier

    with show.LiveProgress() as progress:
        if file is not None:
            result = check_export(file, None if public_key is None else Verifier.load(public_key), progress)
            place = str(file)
        else:
            opened = opened_log(log)
            receipts = [_receipt(text) for text in expect or ()]
            result = opened.verify(public_key=public_key, receipts=receipts, deep=deep, progress=progress)
            place = opened.place.shown
            result = replace(result, notes=(*result.notes, *_warnings(opened.place)))
    _tell(result, place, as_json=as_json)
    if not result.ok:
        raise typer.Exit(1)


@group.command("query", epilog=QUERY)
def query(
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    model: Model = None,
    symbol: Symbol = None,
    caller: Caller = None,
    limit: Annotated[int, typer.Option("--limit", min=1, help="Most entries to show.")] = 20,
    newest: Annotated[bool, typer.Option("--newest", help="The newest first.")] = False,
    keyring: Ring = None,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Show entries that meet every condition, the oldest first."""
    import json

    from tradewind.cli import show

    chosen = _chosen(kind=kind, since=since, until=until, model=model, symbol=symbol, caller=caller)
    opened = opened_log(log, keyring)
    found = opened.query(chosen, limit=limit, newest=newest)
    if as_json:
        show.print_json([entry.to_dict() for entry in found])
        return
    if not found:
        show.say(f"No such entry in {opened.place.shown}")
        return
    rows = [
        {
            "seq": entry.seq,
            "written (UTC)": entry.at[:19].replace("T", " "),
            "kind": entry.kind,
            "body": json.dumps(entry.body, ensure_ascii=False, sort_keys=True),
            "hash": entry.hash[:12],
        }
        for entry in found
    ]
    show.table(rows, title=f"Entries of {opened.place.shown}", as_json=False)


@group.command("export", epilog=EXPORT)
def export(
    out: Annotated[Path, typer.Option("--out", metavar="FILE", help="The file: .jsonl, .csv or .parquet.")],
    kind: Kind = None,
    since: Since = None,
    until: Until = None,
    model: Model = None,
    symbol: Symbol = None,
    caller: Caller = None,
    keyring: Ring = None,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Write entries to a file with their hashes, and a manifest beside it that lets the recipient check them."""
    from tradewind.cli import show

    chosen = _chosen(kind=kind, since=since, until=until, model=model, symbol=symbol, caller=caller)
    manifest = opened_log(log, keyring).export(out, chosen)
    if as_json:
        show.print_json(manifest)
        return
    signed = "signed" if manifest["signature"] else "not signed: the secret key cannot be read here"
    show.say(f"Wrote {manifest['rows']} entries to {out}; the manifest beside it is {signed}")


@group.command("status")
def status(log: Log = None, as_json: options.Json = False) -> None:
    """Show size, ends, anchor, encryption and retention of the log; nothing is verified."""
    from tradewind.cli import show

    opened = opened_log(log)
    told = {**opened.status(), "warnings": _warnings(opened.place)}
    if as_json:
        show.print_json(told)
        return
    rows = [{"what": name.replace("_", " "), "is": _short(value)} for name, value in told.items()]
    show.table(rows, title=f"Audit log {told['place']}", as_json=False)


@group.command("rotate-key", epilog=ROTATE)
def rotate_key(
    reason: Reason,
    by: By = None,
    keyring: Ring = None,
    keep: Annotated[bool, typer.Option("--keep", help="Keep old master keys in the file, for other logs.")] = False,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Take a new master key: data keys are wrapped anew and a new one begins; no entry is touched.

    The key ring is made where there is none: the log is then encrypted from here on. Old master keys leave the file
    when no data key needs them.
    """
    import os

    from tradewind.cli import show
    from tradewind.core import UsageError
    from tradewind.governance.audit import KeyRing
    from tradewind.governance.audit.keys import FILE

    path = keyring or (Path(os.environ[FILE]) if os.environ.get(FILE) else None)
    if path is None:
        raise UsageError("--keyring is missing", fix=f"give the file of the master keys, or set {FILE}")
    old = KeyRing.load(path) if path.exists() else None
    new = KeyRing.make() if old is None else old.renewed()
    with _open(audit_place(log), old) as opened:
        new.save(path)  # before the log needs it; the old keys are still in it
        receipt = opened.rotate_key(new, by=by or _login(), reason=reason)
        needed = opened.master_keys()
    retired = () if keep else tuple(name for name in new.ids if name not in needed)
    if retired:
        new.without(retired).save(path)
    told = {"seq": receipt.seq, "active": new.active, "retired": list(retired), "keyring": str(path)}
    if as_json:
        show.print_json(told)
        return
    gone = f"; retired {', '.join(retired)}" if retired else ""
    show.say(f"Entry {receipt.seq}: master key {new.active} wraps the data keys now{gone}. Keep {path} safe and apart")


@group.command("prune", epilog=PRUNE)
def prune(
    before: Annotated[str, typer.Option("--before", metavar="DATE", help="Entries written before this day go.")],
    reason: Reason,
    by: By = None,
    export_to: Annotated[
        Path | None, typer.Option("--export", metavar="FILE", help="Write them to this file first.")
    ] = None,
    override: Annotated[
        bool, typer.Option("--override", help="Also entries younger than the retention time (seven years).")
    ] = False,
    keyring: Ring = None,
    log: Log = None,
    as_json: options.Json = False,
) -> None:
    """Remove the oldest entries; a signed statement of what is gone takes their place, and the rest still verifies."""
    from tradewind.cli import show

    with _open(audit_place(log), audit_ring(keyring)) as opened:
        told = opened.prune(before, by=by or _login(), reason=reason, export=export_to, override=override)
    if as_json:
        show.print_json(told)
        return
    where = f", exported to {export_to}" if export_to else ""
    show.say(f"Removed {told['count']} entries, {told['first']} to {told['seq']}{where}; the log tells of it")


def _open(place: AuditPlace, ring: KeyRing | None) -> AuditLog:
    """Return the log for writing; unlike a program that records, a command does not make one by the way."""
    from tradewind.governance.audit import AuditLog

    AuditLog.open(place, readonly=True)
    return AuditLog.open(place, key=ring)


def _chosen(**conditions: Any) -> Filter:
    from tradewind.governance.audit import Filter
    from tradewind.governance.audit.query import at_of

    for name in ("since", "until"):
        value = conditions[name]
        if value is not None:
            at_of(value, f"--{name}")
    return Filter(**conditions)


def _receipt(text: str) -> Any:
    from tradewind.core import UsageError
    from tradewind.governance.audit import Receipt

    seq, _, digest = text.partition(":")
    if not seq.isdigit() or len(digest) != 64:
        raise UsageError(f"--expect {text!r} is no receipt", fix="give SEQ:HASH, the hash in 64 hex digits")
    return Receipt(int(seq), digest.lower())


def _tell(result: Verification, place: str, *, as_json: bool) -> None:
    from tradewind.cli import show

    if as_json:
        show.print_json({"place": place, **result.to_dict()})
        return
    speed = f" in {result.seconds:.1f} s ({result.rows / result.seconds:,.0f} a second)" if result.seconds > 0.1 else ""
    head = "" if result.head is None else f"; last entry {result.head[0]}, hash {result.head[1]}"
    verdict = "in order" if result.ok else f"{len(result.findings)} findings"
    show.say(f"{place}: {result.rows:,} entries read{speed}: {verdict}{head}")
    for text in result.notes:
        show.say(f"note: {text}")
    if not result.ok:
        rows = [
            {"fault": found.fault, "from": found.seq, "to": found.last or found.seq, "what": found.detail}
            for found in result.findings
        ]
        show.table(rows, title="Findings", as_json=False)
        show.complain("the audit log is not what was written; keep a copy of all its files as evidence")


def _warnings(place: AuditPlace) -> list[str]:
    """Return what weakens the proof: by default the key that signs lies where the log lies."""
    if not place.key_beside:
        return []
    return [
        f"the key that signs, {place.key}, lies beside the log: whoever can write there can forge all of it; move it"
        f" and {place.public.name} to a folder of their own and set TRADEWIND_AUDIT_KEY"
    ]


def _short(value: Any) -> str:
    if isinstance(value, dict):
        return ", ".join(f"{name} {count}" for name, count in value.items()) or "none"
    if isinstance(value, list | tuple):
        return ", ".join(map(str, value)) or "none"
    return "-" if value is None else str(value)


def _login() -> str:
    import getpass

    from tradewind.core import UsageError

    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:
        raise UsageError("your login has no name here", fix="say who you are with --by") from error
