"""The end of the chain: what may be added to it, and only after the end was found as it was left."""

from __future__ import annotations

import json
import secrets
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from tradewind.core import InputError, OutputError
from tradewind.core.clock import Clock
from tradewind.governance.audit.anchor import Anchor, Pending
from tradewind.governance.audit.row import (
    CONTROL,
    GENESIS,
    Draft,
    Row,
    control_draft,
    first_hash,
    iso,
    micros,
    row_hash,
)
from tradewind.governance.audit.seal import FIRST, Seal
from tradewind.governance.audit.signing import Signer
from tradewind.governance.audit.store import Ledger, Store

EVIDENCE = "append nothing, keep a copy of the files, and run `tradewind audit verify`"


Hide = Callable[[int, Draft], tuple[str, bytes]]
"""Encrypts the body of an entry with a number: (data key id, stored bytes)."""


class Receipt(NamedTuple):
    """What a caller gets when an entry is durable; keep it to prove later that the entry was there.

    Attributes
    ----------
    seq : number of the entry.
    hash : 64 hex digits that bind the entry and all before it.
    """

    seq: int
    hash: str


class End(NamedTuple):
    """Where the chain ends: the last entry and the seal over it."""

    seq: int
    hash: bytes
    seal: Seal


class Group:
    """What is added to a log in one transaction; ``seal`` is the signature over it, None where nothing was added."""

    def __init__(self, ledger: Ledger) -> None:
        self.ledger = ledger
        self.seal: Seal | None = None

    def add(self, rows: Sequence[Row], seal: Seal) -> None:
        """Add entries and the seal over them."""
        self.ledger.add(rows, seal)
        self.seal = seal


class Chain:
    """Adds entries to a store, each under a hash and each group under a signature.

    Parameters
    ----------
    store, anchor, signer, clock : where the chain is, where its end is told, who signs, what time it is.
    """

    def __init__(self, store: Store, anchor: Anchor, signer: Signer, clock: Clock) -> None:
        self.store, self.anchor, self.signer, self.clock = store, anchor, signer, clock
        self.writer = secrets.token_hex(8)
        self.log = b""
        self._known: Seal | None = None
        self._broken = False

    def now(self) -> int:
        """Return the present in microseconds since 1970."""
        return micros(self.clock.now())

    def begin(self) -> None:
        """Find the end of the chain, or start a new chain in an empty store.

        Raises
        ------
        OutputError : the store or its anchor shows that entries were changed or are gone.
        """
        self.store.create()
        self.anchor.tidy()
        with self.store.writing() as ledger:
            if ledger.head() is None:
                self._start(ledger)
            else:
                self.log = log_id(ledger)
                self._check_anchor(ledger, self.end(ledger).seal)
            last = ledger.last_seal()
        assert last is not None
        self._advance(last)

    def end(self, ledger: Ledger) -> End:
        """Return the end of the chain after checking that it is the one this process, or another honest one, left."""
        head, seal = ledger.head(), ledger.last_seal()
        if head is None or seal is None:
            raise self._fault("entries or seals are gone")
        if (seal.seq, seal.hash) != head:
            raise self._fault(f"entry {head[0]} is not covered by the last signature")
        if self._known is None or seal != self._known:
            if not self.signer.check(seal.signature, seal.message(self.log)):
                raise self._fault(f"the signature over entry {head[0]} is not by this log's key")
            self._check_known(ledger, seal)
        return End(head[0], head[1], seal)

    def seal(self, end: End, rows: Sequence[Row], *, boundary: int | None = None, detail: str = "") -> Seal:
        """Return the signed seal over ``rows``, which follow ``end``."""
        return self._signed(
            Seal(
                n=end.seal.n + 1,
                seq=rows[-1].seq,
                hash=rows[-1].hash,
                at=self.now(),
                writer=self.writer,
                boundary=boundary,
                detail=detail,
                previous=end.seal.digest(self.log),
                signature=b"",
            )
        )

    @contextmanager
    def writing(self) -> Iterator[Group]:
        """Hold the store alone; at the end what was added is durable, and its seal is in the anchor.

        Raises
        ------
        OutputError : the anchor cannot be written; the chain then takes no more entries until it is opened again.
        """
        self._usable()
        draft: Pending | None = None
        try:
            with self.store.writing() as ledger:
                group = Group(ledger)
                yield group
                if group.seal is not None:
                    draft = self.anchor.draft(self.log, group.seal, self.signer)
        except BaseException:
            if draft is not None:
                draft.discard()
            raise
        if group.seal is not None:
            self._known = group.seal
            self._advance(group.seal, draft)

    def _usable(self) -> None:
        """Raise OutputError after an anchor could not be written."""
        if self._broken:
            raise OutputError(
                "an earlier anchor of the audit log could not be written",
                file=self.anchor.path,
                fix="free the disk, then open the log again",
            )

    def _advance(self, seal: Seal, draft: Pending | None = None) -> None:
        try:
            self.anchor.advance(self.log, seal, draft or self.anchor.draft(self.log, seal, self.signer))
        except ValueError as error:
            self._broken = True
            raise self._fault(f"{self.anchor.path} is {error}") from error
        except BaseException:
            self._broken = True
            raise
        self._known = seal

    def _start(self, ledger: Ledger) -> None:
        try:
            before = self.anchor.read()
        except ValueError as error:
            raise self._fault(f"{self.anchor.path} is {error}") from error
        if before is not None and before.seal.n >= 0:
            raise self._fault(f"the log is empty, but its anchor tells of {before.seal.seq + 1} entries")
        self.log = secrets.token_bytes(16)
        at = self.now()
        promise = Seal(-1, -1, first_hash(self.log), at, self.writer, None, "", FIRST, b"")
        self._advance(self._signed(promise))  # so that a log without an anchor is always a fault
        self._known = None
        body = {"format": 1, "log": self.log.hex(), "public_key": self.signer.public.hex(), "made": iso(at)}
        rows = linked(first_hash(self.log), 0, [control_draft(GENESIS, body, at)])
        seal = Seal(0, 0, rows[0].hash, at, self.writer, None, "", FIRST, b"")
        ledger.add(rows, self._signed(seal))

    def _signed(self, seal: Seal) -> Seal:
        return seal._replace(signature=self.signer.sign(seal.message(self.log)))

    def _check_known(self, ledger: Ledger, last: Seal) -> None:
        """Refuse a chain that does not go on from where this process left it."""
        known = self._known
        if known is None:
            return
        kept = ledger.seal(known.n)
        pruned = kept is None and known.n < last.n and ledger.last_pruning() is not None
        if kept != known and not pruned:
            raise self._fault(f"entry {known.seq}, written before, is gone or changed")

    def _check_anchor(self, ledger: Ledger, last: Seal) -> None:
        try:
            found = self.anchor.read()
        except ValueError as error:
            raise self._fault(f"{self.anchor.path} is {error}") from error
        if found is None:
            if self.store.alone:
                raise self._fault(f"its anchor {self.anchor.path} is missing")
            return  # the first use of a shared log on this machine
        seal = found.seal
        if found.log != self.log:
            raise self._fault(f"its anchor {self.anchor.path} is of another log")
        kept = ledger.seal(seal.n)
        pruned = kept is None and ledger.last_pruning() is not None
        if not found.by(self.signer):
            raise self._fault(f"its anchor {self.anchor.path} is not by this log's key")
        if self.store.alone and last.n - seal.n > ledger.writers_after(seal.n):
            raise self._fault(f"its anchor {self.anchor.path} is an older copy")  # it would hide that entries are gone
        if seal.n > last.n or (seal.n >= 0 and kept != seal and not pruned):
            raise self._fault(f"its anchor tells of entry {seal.seq}, which is gone or changed")

    def _fault(self, words: str) -> OutputError:
        return OutputError(f"the audit log was tampered with: {words}", file=self.store.shown, fix=EVIDENCE)


def linked(previous: bytes, seq: int, drafts: Sequence[Draft], hide: Hide | None = None) -> list[Row]:
    """Return ``drafts`` as entries from number ``seq`` on, each with its hash; ``hide`` encrypts one."""
    rows = []
    for draft in drafts:
        kind, at, body, model, symbol, caller = draft
        key_id = ""
        if hide is not None and kind not in CONTROL:
            key_id, body = hide(seq, draft)
            model = symbol = caller = ""
        parts = (kind.encode(), key_id.encode(), model.encode(), symbol.encode(), caller.encode(), body)
        previous = row_hash(previous, seq, at, parts)
        rows.append(Row(seq, at, kind, key_id, model, symbol, caller, body, previous))
        seq += 1
    return rows


def log_id(ledger: Ledger) -> bytes:
    """Return the id (16 bytes) that the first entry states; :mod:`verify` checks it.

    Raises
    ------
    InputError : the first entry is absent or states none.
    """
    first = ledger.row(0)
    try:
        return bytes.fromhex(json.loads(first.body)["log"]) if first is not None else b""
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"the first entry of the audit log is not one ({error})", fix=EVIDENCE) from error
