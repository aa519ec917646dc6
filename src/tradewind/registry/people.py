"""Who may decide: people, their roles and public keys in a file that only an admin can extend; private keys apart."""

from __future__ import annotations

import base64
import hashlib
import json
import os
import stat
import tomllib
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from datetime import datetime
from enum import StrEnum
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Any, Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from tradewind.core import InputError, OutputError, UsageError
from tradewind.core.clock import Clock, SystemClock
from tradewind.core.files import atomic_path
from tradewind.core.toml import to_toml
from tradewind.registry.record import NAME

KEYS, PASSWORD = "TRADEWIND_KEYS", "TRADEWIND_KEY_PASSWORD"
SCHEME = "ed25519:"
_DOMAIN = b"tradewind person 1\n"
_HEAD = """# Who may decide about models. Each entry is signed by an admin and chained to the one before it: do not edit
# it, `tradewind models people` adds to it. A person's last entry counts; one without roles ends what they may do.

"""


class Role(StrEnum):
    """What a person may do: about models :data:`tradewind.registry.rules.RULES`, about cases of suspected manipulation
    (``analyst``, ``supervisor``) :data:`tradewind.surveillance.cases.rules.RULES`.
    """

    author = "author"
    validator = "validator"
    approver = "approver"
    operator = "operator"
    admin = "admin"
    analyst = "analyst"
    supervisor = "supervisor"


def keys_folder() -> Path:
    """Return the folder of private keys: ``TRADEWIND_KEYS``, else ``~/.config/tradewind/keys``."""
    return Path(os.environ.get(KEYS) or "~/.config/tradewind/keys").expanduser()


@dataclass(frozen=True, eq=False, repr=False)
class Person:
    """A person with the private key that signs for them; the key is never shown."""

    name: str
    key: Ed25519PrivateKey

    def __repr__(self) -> str:
        """Return the name alone."""
        return f"Person({self.name!r})"

    @classmethod
    def generate(cls, name: str) -> Self:
        """Return a person with a new key; InputError where the name cannot be a file's."""
        if not NAME.fullmatch(name):
            raise InputError(
                f"{name!r} cannot be a person's name", field="person", fix="use lower-case letters, digits, '-' and '_'"
            )
        return cls(name, Ed25519PrivateKey.generate())

    @property
    def public(self) -> str:
        """The public key as text: ``ed25519:`` and base64."""
        raw = self.key.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
        return SCHEME + base64.b64encode(raw).decode()

    def sign(self, message: bytes) -> str:
        """Return the Ed25519 signature of ``message`` (RFC 8032), base64."""
        return base64.b64encode(self.key.sign(message)).decode()

    def save(self, folder: Path) -> Path:
        """Write the private key as ``NAME.pem``, readable by its owner alone; encrypted where a password is set.

        Raises
        ------
        OutputError : a key of that name exists (it is never overwritten), or the folder cannot be written.
        """
        path = folder / f"{self.name}.pem"
        secret = os.environ.get(PASSWORD)
        content = self.key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.BestAvailableEncryption(secret.encode()) if secret else serialization.NoEncryption(),
        )
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except FileExistsError as error:
            raise OutputError("is there already", file=path, fix="use that key, or move it away first") from error
        except OSError as error:
            raise OutputError(
                f"cannot write here ({error.strerror})", file=path, fix=f"set {KEYS} to a folder you may write to"
            ) from error
        with os.fdopen(handle, "wb") as target:
            target.write(content)
        return path

    @classmethod
    def load(cls, folder: Path, name: str) -> Self:
        """Read a person's key.

        Raises
        ------
        InputError : there is no such key, others may read it, its password is wrong, or it is of another kind.
        """
        path = folder / f"{name}.pem"
        try:
            mode, content = path.stat().st_mode, path.read_bytes()
        except OSError as error:
            raise InputError(
                f"there is no key of {name!r} ({error.strerror})",
                file=path,
                fix=f"make one with `tradewind models keygen --person {name}`, or set {KEYS}",
            ) from error
        if stat.S_IMODE(mode) & 0o077:
            raise InputError("others can read this private key", file=path, fix=f"run `chmod 600 {path}`")
        secret = os.environ.get(PASSWORD)
        try:
            key = serialization.load_pem_private_key(content, secret.encode() if secret else None)
        except (ValueError, TypeError) as error:
            raise InputError(
                "cannot be opened: damaged, or its password is another",
                file=path,
                fix=f"set {PASSWORD} to the key's password, and leave it unset for a key without",
            ) from error
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError("is no Ed25519 key", file=path, fix="make one with `tradewind models keygen`")
        return cls(name, key)


@lru_cache(maxsize=65536)
def verified(public: str, message: bytes, signature: str) -> bool:
    """Return whether ``signature`` of ``message`` is by the holder of ``public``."""
    try:
        raw = base64.b64decode(public.removeprefix(SCHEME), validate=True)
        Ed25519PublicKey.from_public_bytes(raw).verify(base64.b64decode(signature, validate=True), message)
    except (InvalidSignature, ValueError):
        return False
    return True


def raw_key(public: str) -> bytes | None:
    """Return the 32 bytes of a public key, None where the text is none; one key can be written as several texts."""
    try:
        raw = base64.b64decode(public.removeprefix(SCHEME), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw).public_bytes_raw()
    except ValueError:
        return None


@dataclass(frozen=True, kw_only=True)
class Enrolment:
    """One entry of the people file: from ``since`` (UTC, ISO) on, ``name`` signs with ``key`` and has ``roles``.

    ``by`` : admin who signed it; ``previous`` : hash of the entry before it.
    """

    name: str
    roles: tuple[str, ...]
    key: str
    since: str
    by: str
    previous: str
    signature: str = ""

    @property
    def message(self) -> bytes:
        """The bytes that are signed."""
        body = asdict(self)
        body.pop("signature")
        return _DOMAIN + json.dumps(body, sort_keys=True).encode()

    @property
    def moment(self) -> datetime:
        """From when it counts, aware, UTC."""
        return datetime.fromisoformat(self.since)

    @property
    def hash(self) -> str:
        """SHA-256 over the entry and its signature."""
        return hashlib.sha256(self.message + self.signature.encode()).hexdigest()


@dataclass(frozen=True, kw_only=True)
class People:
    """The people file: its first entry is an admin who signed it alone; an admin before it signed every later one.

    Decisions about models name the hash of the last entry they knew, so that entries cannot be taken away or replaced
    afterwards, the first one neither.
    """

    path: Path
    entries: tuple[Enrolment, ...]

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read and verify the file; one that is absent has no people.

        Raises
        ------
        InputError : it is no people file, or an entry was changed, removed, reordered or not signed by an admin.
        """
        try:
            found = tomllib.loads(path.read_text(encoding="utf-8")).get("person", [])
        except FileNotFoundError:
            return cls(path=path, entries=())
        except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
            raise InputError(f"cannot be read ({error})", file=path, fix="restore the file from a copy") from error
        try:
            entries = tuple(Enrolment(**{**one, "roles": tuple(one["roles"])}) for one in found)
            if not all(
                isinstance(text, str)
                for e in entries
                for text in (*e.roles, e.name, e.key, e.since, e.by, e.previous, e.signature)
            ):
                raise TypeError("a value is no text")
        except (TypeError, KeyError) as error:
            raise InputError(f"is no people file ({error})", file=path, fix="restore the file from a copy") from error
        people = cls(path=path, entries=())
        for entry in entries:
            people = people._with(entry)
        return people

    def _with(self, entry: Enrolment) -> Self:
        """Return the people with one more entry, verified against those before it."""
        row, fix = len(self.entries) + 1, "restore the people file from a copy"
        unknown = set(entry.roles) - set(Role)
        if unknown or not NAME.fullmatch(entry.name):
            raise InputError(f"{sorted(unknown) or entry.name!r} cannot be", file=self.path, row=row, fix=fix)
        key = raw_key(entry.key)
        holder = next((e.name for e in self.entries if e.name != entry.name and raw_key(e.key) == key), None)
        if key is None or holder is not None:
            what = f"is the key of {holder} already: nobody signs as two people" if holder else "is no public key"
            raise InputError(what, file=self.path, row=row, field="key", fix="give the key that `keygen` printed")
        if entry.previous != self.head:
            raise InputError("does not follow the entry before it", file=self.path, row=row, fix=fix)
        if self.entries and entry.since < self.entries[-1].since:
            raise InputError("is older than the entry before it", file=self.path, row=row, fix=fix)
        signer = self.of(entry.by) if self.entries else entry
        if signer is None or Role.admin not in signer.roles or (not self.entries and entry.by != entry.name):
            raise InputError(f"is not signed by an admin ({entry.by})", file=self.path, row=row, fix=fix)
        if not verified(signer.key, entry.message, entry.signature):
            raise InputError(f"does not bear the signature of {entry.by}", file=self.path, row=row, fix=fix)
        return type(self)(path=self.path, entries=(*self.entries, entry))

    @property
    def head(self) -> str:
        """Hash of the last entry, empty where there is none."""
        return self.entries[-1].hash if self.entries else ""

    @cached_property
    def heads(self) -> dict[str, int]:
        """Number of entries by the hash of the last of them."""
        return {entry.hash: i + 1 for i, entry in enumerate(self.entries)}

    def of(self, name: str, *, known: int | None = None) -> Enrolment | None:
        """Return the entry that counts for ``name`` among the first ``known`` entries, None where there is none."""
        return next((entry for entry in reversed(self.entries[:known]) if entry.name == name), None)

    def names(self) -> list[str]:
        """Return everybody who has a role."""
        named = sorted({entry.name for entry in self.entries})
        return [name for name in named if (entry := self.of(name)) is not None and entry.roles]

    def enrolled(self, name: str, roles: Iterable[str], key: str, *, by: Person, clock: Clock | None = None) -> Self:
        """Return the people with ``name`` in ``roles`` from now on; without roles the person may do nothing any more.

        The first entry must be an admin who signs for himself.

        Raises
        ------
        UsageError : a role is unknown, or ``by`` is no admin or signs with another key than the one enrolled.
        """
        wanted = tuple(dict.fromkeys(roles))
        unknown = [role for role in wanted if role not in set(Role)]
        if unknown:
            raise UsageError(f"there is no role {unknown[0]!r}", field="roles", fix=f"choose from {', '.join(Role)}")
        if not self.entries and (by.name != name or Role.admin not in wanted or by.public != key):
            raise UsageError(
                "the first person must be an admin",
                fix="begin with `tradewind models keygen --person NAME --roles admin`",
            )
        signer = self.of(by.name)
        if self.entries and (signer is None or Role.admin not in signer.roles or signer.key != by.public):
            raise UsageError(f"{by.name} is no admin, or signs with an old key", fix="let an admin enrol people")
        remaining = {Role.admin in wanted} | {
            Role.admin in e.roles for n in self.names() if n != name and (e := self.of(n))
        }
        if True not in remaining:
            raise UsageError(f"{name} is the last admin", fix="enrol another admin first")
        entry = Enrolment(
            name=name,
            roles=wanted,
            key=key,
            since=(clock or SystemClock()).now().isoformat(),
            by=by.name,
            previous=self.head,
        )
        return self._with(Enrolment(**{**vars(entry), "signature": by.sign(entry.message)}))

    def write(self) -> None:
        """Write the file, whole or not at all."""
        parts = ["[[person]]\n" + to_toml({**asdict(entry), "roles": list(entry.roles)}) for entry in self.entries]
        with atomic_path(self.path) as draft, draft.open("w", encoding="utf-8") as target:
            target.write(_HEAD + "\n".join(parts))
            target.flush()
            os.fsync(target.fileno())

    def to_dicts(self) -> list[dict[str, Any]]:
        """Return name, roles, key and date of everybody who has a role."""
        found = [entry for name in self.names() if (entry := self.of(name)) is not None]
        return [
            {"name": e.name, "roles": list(e.roles), "since": e.since, "enrolled_by": e.by, "public_key": e.key}
            for e in found
        ]
