"""What the log does to itself and writes down: a new data key, a new master key, the removal of old entries."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import pairwise
from typing import Any, NamedTuple

from tradewind.core import InputError, UsageError
from tradewind.governance.audit.chain import Chain, Group, linked
from tradewind.governance.audit.keys import Vault, keys_digest
from tradewind.governance.audit.row import KEY_ROTATION, RETENTION, Draft, Row, control_draft, iso
from tradewind.governance.audit.store import Ledger, StoredKey


class Why(NamedTuple):
    """Who did something to the log, and for what reason."""

    by: str
    reason: str

    def checked(self) -> Why:
        """Return it without spaces at the ends.

        Raises
        ------
        UsageError : one of the two is empty.
        """
        clean = Why(self.by.strip(), self.reason.strip())
        if not all(clean):
            raise UsageError("who does this and why must be told", fix="give by and reason (--by, --reason)")
        return clean


def append(chain: Chain, group: Group, vault: Vault | None, drafts: Sequence[Draft], limit: int) -> list[Row]:
    """Add ``drafts`` at the end; return their entries. After ``limit`` entries a new data key is taken.

    Raises
    ------
    InputError : the log is encrypted and there is no key, or the wrong one.
    """
    ledger = group.ledger
    end, keys = chain.end(ledger), ledger.data_keys()
    if vault is None:
        if keys:
            raise InputError(
                "this audit log is encrypted and no key was given",
                file=chain.store.shown,
                fix="give the key ring (TRADEWIND_AUDIT_KEYRING)",
            )
        rows = linked(end.hash, end.seq + 1, drafts)
        own = rows
    else:
        notes = []
        if not keys or end.seq + 1 - keys[-1].first_seq >= limit:
            keys = [*keys, vault.new_key(keys[-1].n + 1 if keys else 1, end.seq + 1)]
            ledger.add_key(keys[-1])
            why = Why("tradewind", "the log begins to be encrypted" if len(keys) == 1 else "the data key was used up")
            notes.append(_rotation(chain, keys, why))
        key = keys[-1]
        vault.cipher(key)  # so that a wrong key is told before anything is written
        rows = linked(
            end.hash,
            end.seq + 1,
            [*notes, *drafts],
            lambda seq, draft: (key.id, vault.sealed(key, seq, draft.kind, draft.body)),
        )
        own = rows[len(notes) :]
    group.add(rows, chain.seal(end, rows))
    return own


def rotate(chain: Chain, group: Group, vaults: tuple[Vault | None, Vault], why: Why) -> Row:
    """Wrap every data key by the active master key of the second vault and take a new data key; no entry changes.

    Raises
    ------
    InputError : the first vault cannot unwrap a data key.
    """
    (old, new), ledger = vaults, group.ledger
    end, keys = chain.end(ledger), ledger.data_keys()
    if keys and old is None:
        raise InputError("this audit log is encrypted and no key was given", fix="open it with its key ring")
    wrapped = [old.rewrapped(key, new.ring) for key in keys if old is not None]
    wrapped.append(new.new_key(keys[-1].n + 1 if keys else 1, end.seq + 1))
    ledger.replace_keys(wrapped)
    rows = linked(end.hash, end.seq + 1, [_rotation(chain, wrapped, why)])
    group.add(rows, chain.seal(end, rows))
    return rows[0]


def boundary_of(ledger: Ledger, before: int) -> int:
    """Return the last entry to prune so that only entries written earlier than ``before`` go; 0 where there is none.

    A later entry that a slow clock dated earlier stays, and so does always the last entry.
    """
    first, head = ledger.first_at_or_after(before), ledger.head()
    last = head[0] if head is not None else 0
    return max(0, min(last - 1, last if first is None else first - 1))


def prune(chain: Chain, group: Group, boundary: int, before: int, why: Why) -> dict[str, Any]:
    """Remove entries 1 to ``boundary``; a signed seal with their number and last hash takes their place.

    Data keys that only encrypted removed entries go too.
    """
    ledger = group.ledger
    end = chain.end(ledger)
    first, row, kept = ledger.first_seq(), ledger.row(boundary), ledger.seal_after(boundary)
    if first is None or row is None or kept is None or not 0 < boundary < end.seq:
        raise InputError("there is no entry old enough to prune", fix="give a later time")
    past = ledger.last_pruning()
    earlier = json.loads(past.detail)["total"] if past is not None else 0
    keys = ledger.data_keys()
    used = [key for key, after in pairwise(keys) if after.first_seq > boundary + 1] + keys[-1:]
    at = chain.now()
    told = {
        "first": first,
        "seq": boundary,
        "hash": row.hash.hex(),
        "count": boundary - first + 1,
        "total": earlier + boundary - first + 1,
        "before": iso(before),
        "at": iso(at),
        "by": why.by,
        "reason": why.reason,
    }
    rows = linked(end.hash, end.seq + 1, [control_draft(RETENTION, {**told, "data_keys": keys_digest(used)}, at)])
    detail = json.dumps({**told, "first_seal": kept.n, "seal_before": kept.previous.hex()}, sort_keys=True)
    group.add(rows, chain.seal(end, rows, boundary=boundary, detail=detail))
    ledger.remove_through(boundary)
    if len(used) < len(keys):
        ledger.replace_keys(used)
    return told


def _rotation(chain: Chain, keys: Sequence[StoredKey], why: Why) -> Draft:
    body = {
        "data_key": keys[-1].id,
        "master_key": keys[-1].master_id,
        "data_keys": keys_digest(keys),
        "n_data_keys": len(keys),
        "by": why.by,
        "reason": why.reason,
    }
    return control_draft(KEY_ROTATION, body, chain.now())
