"""The audit log as its users see it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Self, Unpack

from tradewind.core import InputError, Progress, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.governance.audit.anchor import Anchor
from tradewind.governance.audit.chain import Chain, Receipt, log_id
from tradewind.governance.audit.export import ExportRequest, export_entries
from tradewind.governance.audit.faults import Verification
from tradewind.governance.audit.keys import KeyRing, Vault
from tradewind.governance.audit.paging import Page, read_page
from tradewind.governance.audit.prediction import PredictionFields, prediction_body
from tradewind.governance.audit.query import Entry, Filter, Moment, Reader, at_of, entry_of, found_rows
from tradewind.governance.audit.row import Draft, draft_of, iso, micros
from tradewind.governance.audit.settings import AuditSettings
from tradewind.governance.audit.signing import Signer, Verifier
from tradewind.governance.audit.sqlite import SqliteStore
from tradewind.governance.audit.status import status_of
from tradewind.governance.audit.store import Store
from tradewind.governance.audit.upkeep import Why, append, boundary_of, prune, rotate
from tradewind.governance.audit.verify import Evidence, verify_store
from tradewind.governance.audit.where import AuditPlace, place_of
from tradewind.governance.audit.writer import GroupWriter, Job

DAY = 86_400_000_000


class AuditLog:
    """An append-only, hash-chained, signed log.

    Use :meth:`open`; it is a context manager. Threads may share one; each process opens its own. What a method
    returns a receipt for is on the disk.
    """

    def __init__(self, place: AuditPlace, store: Store, anchor: Anchor, settings: AuditSettings) -> None:
        self.place, self.settings = place, settings
        self._store, self._anchor = store, anchor
        self._ring: KeyRing | None = None
        self._vault: Vault | None = None
        self._chain: Chain | None = None
        self._writer: GroupWriter | None = None
        self._clock: Clock = SystemClock()
        self._pid = os.getpid()

    def __repr__(self) -> str:
        return f"AuditLog({self.place.shown})"

    @classmethod
    def open(
        cls,
        place: str | Path | AuditPlace,
        *,
        key: KeyRing | None = None,
        settings: AuditSettings | None = None,
        clock: Clock | None = None,
        readonly: bool = False,
    ) -> AuditLog:
        """Open the log at ``place`` (file, folder, or PostgreSQL URI), and make it if there is none.

        ``key`` encrypts entries. ``readonly`` makes nothing, needs no secret, and can verify, query and export.

        Raises
        ------
        InputError : the key that signs is missing or open to others; the log is encrypted and ``key`` does not fit.
        OutputError : the place cannot be written, or the end of the log is not as it was left.
        UsageError : ``place`` is 'off' or no place of a log.
        """
        found = place if isinstance(place, AuditPlace) else place_of(place)
        if found is None:
            raise UsageError("the audit log is off", fix="give it a file, or a PostgreSQL URI")
        log = cls(found, _store_of(found), Anchor(found.anchor), settings or AuditSettings())
        log._ring, log._clock = key, clock or SystemClock()
        if readonly:
            if not log._store.exists():
                raise InputError("there is no audit log", file=found.shown, fix="give the place of one with --log")
            return log
        signer = (Signer.load if log._store.exists() else Signer.load_or_make)(found.key)
        log._chain = Chain(log._store, log._anchor, signer, log._clock)
        try:
            log._chain.begin()
            log._vault = None if key is None else Vault(key, log._chain.log)
            log._writer = GroupWriter(
                log._commit, group_rows=log.settings.group_rows, queue_rows=log.settings.queue_rows
            )
        except BaseException:
            log._store.close()
            log._anchor.close()
            raise
        return log

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Finish what waits, then let go of the database; a second call does nothing."""
        writer, self._writer = self._writer, None
        if writer is not None and os.getpid() == self._pid:
            writer.close()
            self._store.close()
            self._anchor.close()

    def append(self, kind: str, body: Mapping[str, Any]) -> Receipt:
        """Write one entry; returns when it is durable. Threads that append at once share a sync of the disk.

        Raises
        ------
        UsageError : kind or body is not what an entry takes; the log is closed, read-only or of another process.
        OutputError : it could not be written.
        """
        receipt: Receipt = self.submit(kind, body).result()[0]
        return receipt

    def submit(self, kind: str, body: Mapping[str, Any]) -> Future[list[Receipt]]:
        """Queue one entry and return at once; the result holds its one receipt when it is durable.

        An entry that is cancelled before its turn is not written.
        """
        writer, chain = self._writable()
        return writer.submit(Job([draft_of(kind, body, chain.now())]))

    def append_many(self, entries: Iterable[tuple[str, Mapping[str, Any]]]) -> list[Receipt]:
        """Write entries in this order; each group of ``settings.group_rows`` is written whole or not at all."""
        writer, chain = self._writable()
        drafts = iter([draft_of(kind, body, chain.now()) for kind, body in entries])
        waiting = []
        while part := list(islice(drafts, self.settings.group_rows)):
            waiting.append(writer.submit(Job(part)))
        return [receipt for future in waiting for receipt in future.result()]

    def prediction(self, **fields: Unpack[PredictionFields]) -> Receipt:
        """Write an entry of kind ``prediction``, see :func:`prediction_body`."""
        return self.append("prediction", prediction_body(**fields))

    def verify(
        self,
        *,
        public_key: str | Path | None = None,
        receipts: Sequence[Receipt] = (),
        deep: bool = False,
        since: Receipt | None = None,
        progress: Progress | None = None,
    ) -> Verification:
        """Compute the chain anew and hold it against signatures, anchor and ``receipts`` kept elsewhere.

        ``public_key`` is a copy of audit.pub that is trusted; without it the one beside the secret key counts. ``deep``
        also reads the indexes, in which somebody could hide an entry from queries. ``since`` : number and hash of the
        last entry of an earlier verification, kept elsewhere; only what follows is read, and it must still be there.
        """
        verifier = self._verifier() if public_key is None else Verifier.load(public_key)
        evidence = Evidence(
            anchor=self._anchor,
            verifier=verifier,
            receipts=tuple(receipts),
            deep=deep,
            alone=self._store.alone,
            since=since,
        )
        return verify_store(self._store, evidence, progress)

    def status(self) -> dict[str, Any]:
        """Return id, size, ends, anchor, encryption and retention; nothing is verified."""
        return status_of(self._store, self._anchor)

    def query(
        self, chosen: Filter | None = None, *, limit: int | None = None, newest: bool = False, **conditions: Any
    ) -> list[Entry]:
        """Return entries that meet all conditions, the oldest first, or the ``newest`` first.

        ``conditions`` are those of :class:`Filter`: kind, since, until, model, symbol, caller.

        Raises
        ------
        InputError : entries are encrypted and the key does not fit.
        UsageError : a condition is unknown or no time.
        """
        return list(islice(self.entries(_filter(chosen, conditions), newest=newest), limit))

    def entries(self, chosen: Filter | None = None, *, newest: bool = False) -> Iterator[Entry]:
        """Yield entries one by one, see :meth:`query`."""
        with self._store.reading() as ledger:
            for row, body in found_rows(ledger, chosen or Filter(), self._reader(log_id(ledger)), newest=newest):
                yield entry_of(row, body)

    def page(self, chosen: Filter | None = None, *, size: int = 100, seconds: float = 1.0) -> Page:
        """Return at most ``size`` entries, the newest first, looking for ``seconds`` at most; see :class:`Page`."""
        wanted = chosen or Filter()
        with self._store.reading() as ledger:
            reader = Reader(ledger, wanted, self._reader(log_id(ledger)))
            return read_page(ledger, wanted, reader, size=size, seconds=seconds)

    def entry(self, seq: int) -> Entry | None:
        """Return the entry with this number, None where there is none.

        Raises
        ------
        InputError : it is encrypted and the key does not fit.
        """
        with self._store.reading() as ledger:
            row = ledger.row(seq)
            body = None if row is None else Reader(ledger, Filter(), self._reader(log_id(ledger))).body(row)
            return None if row is None or body is None else entry_of(row, body)

    def export(self, path: str | Path, chosen: Filter | None = None, **conditions: Any) -> dict[str, Any]:
        """Write entries to ``path`` (.jsonl, .csv or .parquet) with a manifest beside it; return the manifest.

        ``conditions`` as in :meth:`query`. The manifest is signed where the secret key can be read.

        Raises
        ------
        UsageError : the suffix or a condition is unknown.
        InputError : entries are encrypted and the key does not fit.
        OutputError : the file cannot be written.
        """
        return self._export(ExportRequest(path=Path(path), chosen=_filter(chosen, conditions)))

    def _export(self, request: ExportRequest) -> dict[str, Any]:
        signer: Signer | None = None
        if self._chain is not None:
            signer = self._chain.signer
        elif os.access(self.place.key, os.R_OK):
            signer = Signer.load(self.place.key)
        with self._store.reading() as ledger:
            log = log_id(ledger)
            reader = Reader(ledger, request.chosen, self._reader(log))
            return export_entries(ledger, log, reader, request, signer=signer, at=micros(self._clock.now()))

    def rotate_key(self, key: KeyRing, *, by: str, reason: str) -> Receipt:
        """Wrap the data keys by the active master key of ``key``, and encrypt from now on with a new data key.

        No entry is touched. A log that was plain is encrypted from here on. Other processes that have the log open
        with a ring that lacks the new master key get an error at their next append; open it anew there.

        Raises
        ------
        InputError : the present key ring does not fit.
        """
        why = Why(by, reason).checked()

        def task(chain: Chain) -> Receipt:
            vault = Vault(key, chain.log)
            with chain.writing() as group:
                row = rotate(chain, group, (self._vault, vault), why)
            self._ring, self._vault = key, vault
            return Receipt(row.seq, row.hash.hex())

        receipt: Receipt = self._alone(task)
        return receipt

    def master_keys(self) -> tuple[str, ...]:
        """Return the ids of master keys that wrap a data key: every other one can be retired."""
        with self._store.reading() as ledger:
            return tuple(sorted({key.master_id for key in ledger.data_keys()}))

    def prune(
        self, before: Moment, *, by: str, reason: str, export: str | Path | None = None, override: bool = False
    ) -> dict[str, Any]:
        """Remove the entries before the first one written at or after ``before``; return what was removed.

        A signed seal with their number and last hash takes their place, and an entry of kind ``retention`` tells of
        it. ``export`` writes them to a file first. ``override`` lets entries younger than
        ``settings.minimum_age_days`` go.

        Raises
        ------
        UsageError : ``before`` is too late, or nobody and no reason is named.
        InputError : there is nothing to prune.
        """
        why, at = Why(by, reason).checked(), at_of(before, "before")

        def task(chain: Chain) -> dict[str, Any]:
            youngest = chain.now() - self.settings.minimum_age_days * DAY
            if at > youngest and not override:
                raise UsageError(
                    f"entries after {iso(youngest)[:10]} are younger than {self.settings.minimum_age_days} days",
                    fix="prune before that day, or override the retention time expressly (--override)",
                )
            with self._store.reading() as ledger:
                boundary = boundary_of(ledger, at)
            if export is not None and boundary:
                self._export(ExportRequest(path=Path(export), chosen=Filter(), through=boundary))
            with chain.writing() as group:
                return prune(chain, group, boundary, at, why)

        told: dict[str, Any] = self._alone(task)
        return told

    def _alone(self, task: Callable[[Chain], Any]) -> Any:
        """Carry out ``task`` in the thread that writes, between two groups."""
        writer, chain = self._writable()
        return writer.submit(Job((), lambda: task(chain))).result()

    def _commit(self, drafts: Sequence[Draft]) -> list[Receipt]:
        chain = self._chain
        assert chain is not None
        with chain.writing() as group:
            rows = append(chain, group, self._vault, drafts, self.settings.rows_per_data_key)
        return [Receipt(row.seq, row.hash.hex()) for row in rows]

    def _writable(self) -> tuple[GroupWriter, Chain]:
        if self._chain is None:
            raise UsageError("the audit log was opened for reading", fix="open it without readonly")
        if self._writer is None:
            raise UsageError("the audit log is closed", fix="open it again")
        if os.getpid() != self._pid:
            raise UsageError("the audit log was opened by another process", fix="open it in each process")
        return self._writer, self._chain

    def _reader(self, log: bytes) -> Vault | None:
        if self._ring is None:
            return None
        return self._vault or Vault(self._ring, log)

    def _verifier(self) -> Verifier | None:
        if self._chain is not None:
            return self._chain.signer
        if self.place.public.exists():
            return Verifier.load(self.place.public)
        return Signer.load(self.place.key) if self.place.key.exists() else None


def _store_of(place: AuditPlace) -> Store:
    if place.remote:
        from tradewind.governance.audit.postgres import PostgresStore

        return PostgresStore(place)
    return SqliteStore(Path(place.database))


def _filter(chosen: Filter | None, conditions: Mapping[str, Any]) -> Filter:
    if chosen is not None and conditions:
        raise UsageError("a query takes a Filter or conditions, not both", fix=f"put {', '.join(conditions)} into it")
    try:
        return chosen or Filter(**conditions)
    except TypeError as error:
        raise UsageError(f"a query has no such condition ({error})", fix="see Filter") from error
