"""What can be said of a log at a glance, without reading all of it."""

from __future__ import annotations

from typing import Any

from tradewind.governance.audit.anchor import Anchor
from tradewind.governance.audit.chain import log_id
from tradewind.governance.audit.row import iso
from tradewind.governance.audit.store import Store


def status_of(store: Store, anchor: Anchor) -> dict[str, Any]:
    """Return id, size, ends, anchor, encryption and retention of a log; nothing of it is verified."""
    with store.reading() as ledger:
        head, seal, pruning, keys = ledger.head(), ledger.last_seal(), ledger.last_pruning(), ledger.data_keys()
        first = ledger.row(ledger.first_seq() or 0)
        last = None if head is None else ledger.row(head[0])
        told: dict[str, Any] = {
            "place": store.shown,
            "log": log_id(ledger).hex(),
            "entries": ledger.count(),
            "first": None if first is None else first.seq,
            "first_at": None if first is None else iso(first.at),
            "last": None if last is None else last.seq,
            "last_at": None if last is None else iso(last.at),
            "head": None if head is None else head[1].hex(),
            "seals": 0 if seal is None else seal.n + 1,
            "encrypted": bool(keys),
            "data_keys": len(keys),
            "master_keys": sorted({key.master_id for key in keys}),
            "pruned_to": None if pruning is None else pruning.boundary,
            "kinds": ledger.kinds(),
            "guards": store.faults(ledger) or "in place",
        }
    try:
        found = anchor.read()
        told["anchor"] = "missing" if found is None else f"at entry {found.seal.seq}"
    except ValueError as error:
        told["anchor"] = str(error)
    return told
