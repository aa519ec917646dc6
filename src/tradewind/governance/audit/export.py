"""Entries in a file for somebody else, with what they need to check them without the log.

Beside the file lies a manifest: which entries, the file's SHA-256, the key, a signature. Every entry carries the hash
before it and its own, so each can be computed anew; entries that follow one another also form a chain.
"""

from __future__ import annotations

import base64
import csv
import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tradewind.core import InputError, NoProgress, Progress, UsageError
from tradewind.core.files import atomic_path, write_text
from tradewind.governance.audit.faults import Finding, Verification
from tradewind.governance.audit.query import Filter, Reader, at_of
from tradewind.governance.audit.row import MAX_BODY, first_hash, iso, row_hash
from tradewind.governance.audit.signing import Signer, Verifier
from tradewind.governance.audit.store import Ledger

COLUMNS = ("seq", "at", "kind", "key_id", "model", "symbol", "caller", "body", "stored", "previous", "hash")
"""``body`` is JSON text; ``stored`` is what was hashed (Base64) where that is not ``body``: an encrypted entry."""

FORMATS = (".jsonl", ".csv", ".parquet")
PAGE = 2_000
_SIGNED = b"tradewind audit export 1\0"

Write = Callable[[Mapping[str, Any]], None]


@dataclass(frozen=True, kw_only=True)
class ExportRequest:
    """What is exported.

    Attributes
    ----------
    path : the file; its suffix tells the format: .jsonl, .csv or .parquet.
    chosen : which entries.
    through : only entries 1 to this one, as a pruning removes them; None: all.
    """

    path: Path
    chosen: Filter
    through: int | None = None


def export_entries(
    ledger: Ledger, log: bytes, reader: Reader, request: ExportRequest, *, signer: Signer | None, at: int
) -> dict[str, Any]:
    """Write the file and its manifest, each whole or not at all; return the manifest. ``signer`` signs it.

    Raises
    ------
    UsageError : the suffix is not one of the formats.
    InputError : entries are encrypted and the key does not fit.
    OutputError : the folder cannot be written.
    """
    path = request.path
    if path.suffix not in FORMATS:
        raise UsageError(f"{path.name} has no format that an export has", fix=f"end it in {', '.join(FORMATS)}")
    span = _Span()
    with atomic_path(path) as draft:
        with _writer(draft, path.suffix) as write:
            for record in _records(ledger, log, reader, request):
                span.add(record)
                write(record)
        digest = _sha256(draft)
    told = {
        "format": 1,
        "log": log.hex(),
        "file": path.name,
        "sha256": digest,
        "filter": request.chosen.to_dict(),
        **span.to_dict(),
        "made": iso(at),
    }
    signature = None if signer is None else signer.sign(_signed(told)).hex()
    manifest = {**told, "public_key": None if signer is None else signer.public.hex(), "signature": signature}
    write_text(manifest_of(path), json.dumps(manifest, indent=2) + "\n")
    return manifest


def check_export(path: str | Path, verifier: Verifier | None = None, progress: Progress | None = None) -> Verification:
    """Return whether an exported file is what was exported; needs no log and no secret.

    ``verifier`` is the public key that is trusted; without one the manifest's own is used, and a note says so.

    Raises
    ------
    InputError : the file or its manifest cannot be read.
    """
    file, found = Path(path), _Findings()
    told = _manifest(file)
    _check_signature(told, verifier, found)
    try:
        digest = _sha256(file)
    except OSError as error:
        raise InputError(f"cannot be read ({error.strerror})", file=file, fix="give an exported file") from error
    if digest != told.get("sha256"):
        found.add("changed", None, "the file's SHA-256 is not that of the manifest")
    span, progress = _Span(), progress or NoProgress()
    try:
        for record in _read(file):
            if not _fits(record):
                found.add("changed", int(record["seq"]), f"entry {record['seq']} does not fit its hash")
            span.add(record)
            if span.rows % PAGE == 0:
                progress.update("verify", span.rows, int(told.get("rows") or 0))
    except (ValueError, KeyError, TypeError, AttributeError, OSError) as error:
        found.add("unreadable", None, f"after {span.rows} entries the file cannot be read ({error})")
    for name, value in span.to_dict().items():
        if told.get(name) != value:
            found.add("removed", None, f"{name} is {value}, and {told.get(name)} in the manifest")
    head = None if span.last is None else (span.last, span.head)
    return Verification(
        rows=span.rows,
        findings=tuple(found.findings),
        notes=tuple(found.notes),
        log=str(told.get("log")),
        head=head,
    )


def manifest_of(path: Path) -> Path:
    """Return where the manifest of an exported file lies."""
    return path.with_name(f"{path.name}.manifest.json")


class _Findings:
    def __init__(self) -> None:
        self.findings: list[Finding] = []
        self.notes: list[str] = []

    def add(self, fault: str, seq: int | None, detail: str) -> None:
        self.findings.append(Finding(fault=fault, seq=seq, detail=detail))


class _Span:
    """Which entries were seen."""

    def __init__(self) -> None:
        self.rows, self.contiguous, self.previous, self.head = 0, True, "", ""
        self.first: int | None = None
        self.last: int | None = None

    def add(self, record: Mapping[str, Any]) -> None:
        seq = int(record["seq"])
        if self.last is None:
            self.first, self.previous = seq, record["previous"]
        elif seq != self.last + 1 or record["previous"] != self.head:
            self.contiguous = False
        self.rows, self.last, self.head = self.rows + 1, seq, record["hash"]

    def to_dict(self) -> dict[str, Any]:
        return {
            "rows": self.rows,
            "first": self.first,
            "last": self.last,
            "contiguous": self.contiguous,
            "previous": self.previous,
            "head": self.head,
        }


def _records(ledger: Ledger, log: bytes, reader: Reader, request: ExportRequest) -> Iterator[dict[str, Any]]:
    where, values = request.chosen.sql()
    if request.through is not None:
        where, values = f"{where} AND seq > 0 AND seq <= ?", [*values, request.through]
    pruning = ledger.last_pruning()
    pruned = b"" if pruning is None else bytes.fromhex(json.loads(pruning.detail)["hash"])
    for row, before in ledger.rows_and_hash_before(where, values):
        body = reader.body(row)
        if body is None:
            continue
        if row.seq == 0:
            before = first_hash(log)
        elif pruning is not None and row.seq == (pruning.boundary or 0) + 1:
            before = pruned
        yield {
            "seq": row.seq,
            "at": iso(row.at),
            "kind": row.kind,
            "key_id": row.key_id,
            "model": row.model,
            "symbol": row.symbol,
            "caller": row.caller,
            "body": body.decode(),
            "stored": base64.b64encode(row.body).decode() if row.key_id else "",
            "previous": (before or b"").hex(),
            "hash": row.hash.hex(),
        }


def _fits(record: Mapping[str, Any]) -> bool:
    texts = [record[name].encode() for name in ("kind", "key_id", "model", "symbol", "caller")]
    stored = base64.b64decode(record["stored"]) if record["stored"] else record["body"].encode()
    parts = (texts[0], texts[1], texts[2], texts[3], texts[4], stored)
    at = at_of(record["at"], "at")
    stated: str = record["hash"]
    return row_hash(bytes.fromhex(record["previous"]), int(record["seq"]), at, parts).hex() == stated


def _writer(draft: Path, suffix: str) -> AbstractContextManager[Write]:
    return {".jsonl": _jsonl, ".csv": _csv, ".parquet": _parquet}[suffix](draft)


@contextmanager
def _jsonl(draft: Path) -> Iterator[Write]:
    with draft.open("w", encoding="utf-8") as out:
        yield lambda record: print(json.dumps(record, ensure_ascii=False), file=out)


@contextmanager
def _csv(draft: Path) -> Iterator[Write]:
    with draft.open("w", encoding="utf-8", newline="") as out:
        table = csv.DictWriter(out, COLUMNS, quoting=csv.QUOTE_ALL)
        table.writeheader()
        yield table.writerow


@contextmanager
def _parquet(draft: Path) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    schema = pa.schema([(name, pa.int64() if name == "seq" else pa.string()) for name in COLUMNS])
    page: list[Mapping[str, Any]] = []
    with pq.ParquetWriter(draft, schema, compression="zstd") as table:

        def write(record: Mapping[str, Any]) -> None:
            page.append(record)
            if len(page) == PAGE:
                table.write_table(pa.Table.from_pylist(page, schema=schema))
                page.clear()

        yield write
        table.write_table(pa.Table.from_pylist(page, schema=schema))


def _read(file: Path) -> Iterator[Mapping[str, Any]]:
    if file.suffix == ".parquet":
        import pyarrow.parquet as pq

        for batch in pq.ParquetFile(file).iter_batches(PAGE):
            yield from batch.to_pylist()
        return
    with file.open(encoding="utf-8", newline="") as lines:
        yield from _parsed(lines, file.suffix)


def _parsed(lines: Iterable[str], suffix: str) -> Iterator[Mapping[str, Any]]:
    if suffix == ".jsonl":
        for line in lines:
            yield json.loads(line)
        return
    csv.field_size_limit(4 * MAX_BODY)  # a body may be larger than the 128 KiB that csv allows
    yield from csv.DictReader(lines)


def _manifest(file: Path) -> dict[str, Any]:
    path = manifest_of(file)
    try:
        told = json.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise InputError(
            f"the manifest of the export cannot be read ({error.strerror})",
            file=path,
            fix="keep the manifest beside the exported file",
        ) from error
    except ValueError as error:
        raise InputError(f"the manifest of the export is not JSON ({error})", file=path, fix="export again") from error
    if not isinstance(told, dict):
        raise InputError("the manifest of the export is no mapping", file=path, fix="export again")
    return told


def _check_signature(told: Mapping[str, Any], verifier: Verifier | None, found: _Findings) -> None:
    signature, stated = told.get("signature"), told.get("public_key")
    if not isinstance(signature, str) or not isinstance(stated, str):
        found.notes.append("the manifest is not signed: who wrote the file is not proven")
        if verifier is not None:
            found.add("signature", None, "the manifest is not signed, and a key was given that should have signed it")
        return
    if verifier is None:
        found.notes.append("no public key was given: the one that the manifest states was used")
    try:
        trusted = verifier or Verifier(bytes.fromhex(stated))
        plain = {name: value for name, value in told.items() if name not in {"signature", "public_key"}}
        right = trusted.check(bytes.fromhex(signature), _signed(plain))
    except ValueError:
        right = False
    if not right:
        found.add("signature", None, "the manifest is not signed by the trusted key")


def _signed(told: Mapping[str, Any]) -> bytes:
    return _SIGNED + json.dumps(told, sort_keys=True, separators=(",", ":")).encode()


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
