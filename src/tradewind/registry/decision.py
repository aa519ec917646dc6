"""A decision about a model: who, when, in which role, what and why; signed, and chained to the one before it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from tradewind.core import InputError
from tradewind.registry.people import Person

_DOMAIN = b"tradewind decision 1\n"


class Stage(StrEnum):
    """Where a version stands on its way; only approved and champion versions can be served."""

    draft = "draft"
    validated = "validated"
    approved = "approved"
    champion = "champion"
    retired = "retired"


class Act(StrEnum):
    """What a decision does: move a version, amend a draft's record, or order what is served."""

    move = "move"
    amend = "amend"
    challenge = "challenge"
    override = "override"
    fallback = "fallback"
    resume = "resume"


@dataclass(frozen=True, kw_only=True)
class Decision:
    """One signed decision.

    Attributes
    ----------
    seq : from 1, over all decisions of the model's name.
    model, version : the version it is about; 0 where it is about the name (a fallback that stops serving).
    act : see :class:`Act`.
    at : UTC, ISO 8601; not before the decision before it.
    by, role : who, and the role in which he or she decided.
    from_stage, to_stage : of a move; both None for other acts, ``from_stage`` None at the registration.
    reason : why, in words.
    details : of an order: ``until`` (UTC, ISO), ``target`` of a fallback.
    model_sha256, record_sha256 : what was decided about; empty with version 0.
    people : hash of the last entry of the people file that was known.
    previous : hash of the decision before it, empty for the first.
    signature : Ed25519 by the person's key over all of this, base64.
    """

    seq: int
    model: str
    version: int
    act: str
    at: str
    by: str
    role: str
    from_stage: str | None
    to_stage: str | None
    reason: str
    details: dict[str, Any] = field(default_factory=dict)
    model_sha256: str
    record_sha256: str
    people: str
    previous: str
    signature: str = ""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        body = asdict(self)
        body.pop("signature")
        return _DOMAIN + json.dumps(body, sort_keys=True, ensure_ascii=False).encode()

    @property
    def hash(self) -> str:
        """SHA-256 over the decision and its signature."""
        return hashlib.sha256(self.message + self.signature.encode()).hexdigest()

    @property
    def moment(self) -> datetime:
        """When it was made, aware, UTC."""
        return datetime.fromisoformat(self.at)

    def signed(self, person: Person) -> Self:
        """Return the decision with the signature of ``person``."""
        return replace(self, signature=person.sign(self.message))

    def words(self) -> str:
        """Return the decision in a few words, without who and why."""
        if self.act != Act.move:
            until = f" until {self.details['until'][:16]}" if self.details.get("until") else ""
            target = f" to {self.details['target'] or 'nothing'}" if "target" in self.details else ""
            return f"{self.act}{target}{until}"
        return f"{self.from_stage or 'new'} -> {self.to_stage}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return asdict(self)

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the decision that :meth:`to_dict` described; InputError where it describes none."""
        kinds: dict[str, type | tuple[type, ...]] = {
            "seq": int, "version": int, "details": dict, "from_stage": (str, type(None)), "to_stage": (str, type(None))
        }  # fmt: skip
        names = {f.name for f in fields(cls)}
        if content.keys() != names or not all(isinstance(content[n], kinds.get(n, str)) for n in names):
            raise InputError("is no decision", fix="restore the ledger from a copy")
        return cls(**content)
