"""Keys of encryption at rest: data keys encrypt entries, master keys wrap data keys (an envelope).

A master key never touches an entry, so that another one takes its place by wrapping the few data keys anew.
AES-256-GCM throughout (NIST SP 800-38D), random 96-bit nonces.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import secrets
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from tradewind.core import InputError, UsageError
from tradewind.governance.audit.row import Row
from tradewind.governance.audit.signing import refuse_open_mode, write_secret
from tradewind.governance.audit.store import StoredKey

NONCE = 12
FILE, VALUE = "TRADEWIND_AUDIT_KEYRING", "TRADEWIND_AUDIT_MASTER_KEYS"
_FIX = "give 32 random bytes in Base64, as `KeyRing.make()` does"


class KeyRing:
    """Master keys: one that wraps, and older ones that only unwrap. Shows ids, never keys.

    Parameters
    ----------
    keys : 32 bytes each, the first is the one that wraps.

    Raises
    ------
    UsageError : there is no key, or one has another length.
    """

    def __init__(self, keys: Iterable[bytes]) -> None:
        given = list(keys)
        if not given or any(len(key) != 32 for key in given):
            raise UsageError("a key ring needs master keys of 32 bytes each", fix=_FIX)
        self._keys = {master_id(key): key for key in given}
        self.active = master_id(given[0])

    def __repr__(self) -> str:
        return f"KeyRing(active={self.active}, ids={list(self.ids)})"

    def __reduce__(self) -> tuple[object, ...]:
        """Refuse to be pickled: keys belong in no file but the key ring's."""
        raise TypeError("a KeyRing is not pickled; open it from its file in each process")

    @property
    def ids(self) -> tuple[str, ...]:
        """Ids of all keys."""
        return tuple(self._keys)

    @classmethod
    def make(cls) -> KeyRing:
        """Return a ring with one new random key."""
        return cls([secrets.token_bytes(32)])

    def renewed(self) -> KeyRing:
        """Return a ring with a new random key that wraps; the present ones only unwrap."""
        return KeyRing([secrets.token_bytes(32), *self._keys.values()])

    def without(self, ids: Iterable[str]) -> KeyRing:
        """Return the ring without the named keys.

        Raises
        ------
        UsageError : one of them is the key that wraps, or is not there.
        """
        gone = set(ids)
        if self.active in gone or not gone <= set(self._keys):
            raise UsageError(
                f"cannot retire {', '.join(sorted(gone))}", fix=f"name keys other than {self.active}: {self.ids[1:]}"
            )
        return KeyRing([self._keys[self.active], *(key for name, key in self._keys.items() if name not in gone)])

    @classmethod
    def load(cls, path: str | Path) -> KeyRing:
        """Read a ring from a JSON file ``{"keys": ["Base64", ...]}`` of mode 0600; the first key wraps.

        Raises
        ------
        InputError : the file cannot be read, is not a key ring, or others may read it.
        """
        file = Path(path)
        try:
            found = file.stat()
            text = file.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise InputError(
                f"the key ring cannot be read ({getattr(error, 'strerror', None) or 'not text'})",
                file=file,
                fix=f"bring the file back, or point {FILE} to it",
            ) from None
        refuse_open_mode(file, found)
        try:
            values = json.loads(text)["keys"]
            if not isinstance(values, list):
                raise TypeError
            keys = [base64.b64decode(value, validate=True) for value in values]
        except (ValueError, KeyError, TypeError):  # the cause could quote a key
            raise InputError("this is no key ring", file=file, fix="give the file that `rotate-key` writes") from None
        return cls(keys)

    def save(self, path: str | Path) -> Path:
        """Write the ring to a file of mode 0600."""
        ordered = [self._keys[self.active], *(key for name, key in self._keys.items() if name != self.active)]
        text = json.dumps({"keys": [base64.b64encode(key).decode() for key in ordered]}, indent=1)
        write_secret(Path(path), text.encode(), replace=True)
        return Path(path)

    @classmethod
    def of_environment(cls) -> KeyRing | None:
        """Return the ring of the file in ``TRADEWIND_AUDIT_KEYRING``, or of the keys (Base64, separated by commas) in
        ``TRADEWIND_AUDIT_MASTER_KEYS``; None where neither is set."""
        if os.environ.get(FILE):
            return cls.load(os.environ[FILE])
        text = os.environ.get(VALUE)
        if not text:
            return None
        try:
            return cls([base64.b64decode(part.strip(), validate=True) for part in text.split(",")])
        except ValueError:
            raise UsageError(f"{VALUE} holds no Base64", fix=_FIX) from None

    def wrap(self, key: bytes, name: str, log: bytes) -> bytes:
        """Return data key ``key`` named ``name`` encrypted by the active master key."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + AESGCM(self._keys[self.active]).encrypt(nonce, key, _about_key(log, name, self.active))

    def unwrap(self, stored: StoredKey, log: bytes) -> bytes:
        """Return the data key.

        Raises
        ------
        InputError : the ring lacks the master key, or the wrapped key was changed.
        """
        master = self._keys.get(stored.master_id)
        if master is None:
            raise InputError(
                f"data key {stored.id} of the audit log is wrapped by master key {stored.master_id}; the key ring holds"
                f" {', '.join(self.ids)}",
                fix=f"give the key ring that holds {stored.master_id}",
            )
        try:
            about = _about_key(log, stored.id, stored.master_id)
            return AESGCM(master).decrypt(stored.wrapped[:NONCE], stored.wrapped[NONCE:], about)
        except (InvalidTag, ValueError):
            raise InputError(
                f"data key {stored.id} of the audit log was changed", fix="run `tradewind audit verify`"
            ) from None


class Vault:
    """Encrypts and decrypts entries of one log with data keys that a ring unwraps; keeps them in memory only."""

    def __init__(self, ring: KeyRing, log: bytes) -> None:
        self.ring, self.log = ring, log
        self._ciphers: dict[str, AESGCM] = {}

    def cipher(self, key: StoredKey) -> AESGCM:
        """Return the cipher of a data key."""
        if key.id not in self._ciphers:
            self._ciphers[key.id] = AESGCM(self.ring.unwrap(key, self.log))
        return self._ciphers[key.id]

    def sealed(self, key: StoredKey, seq: int, kind: str, body: bytes) -> bytes:
        """Return nonce and ciphertext of a body."""
        nonce = secrets.token_bytes(NONCE)
        return nonce + self.cipher(key).encrypt(nonce, body, about_entry(self.log, seq, kind, key.id))

    def opened(self, row: Row, keys: Mapping[str, StoredKey]) -> bytes:
        """Return the body of an entry.

        Raises
        ------
        InputError : its data key is gone or cannot be unwrapped, or the entry was changed.
        """
        if row.key_id not in keys:
            raise InputError(f"data key {row.key_id} of entry {row.seq} is gone", fix="run `tradewind audit verify`")
        try:
            about = about_entry(self.log, row.seq, row.kind, row.key_id)
            return self.cipher(keys[row.key_id]).decrypt(row.body[:NONCE], row.body[NONCE:], about)
        except (InvalidTag, ValueError):
            raise InputError(
                f"entry {row.seq} of the audit log was changed: it cannot be decrypted",
                fix="run `tradewind audit verify`",
            ) from None

    def new_key(self, n: int, first_seq: int) -> StoredKey:
        """Return a new data key for the entries from ``first_seq`` on."""
        name, key = f"d{n}-{secrets.token_hex(4)}", AESGCM.generate_key(256)
        self._ciphers[name] = AESGCM(key)
        return StoredKey(n, name, self.ring.active, first_seq, self.ring.wrap(key, name, self.log))

    def rewrapped(self, key: StoredKey, ring: KeyRing) -> StoredKey:
        """Return a data key wrapped by the active key of ``ring``."""
        plain = self.ring.unwrap(key, self.log)
        return key._replace(master_id=ring.active, wrapped=ring.wrap(plain, key.id, self.log))


def about_entry(log: bytes, seq: int, kind: str, key: str) -> bytes:
    """Return what an entry's ciphertext is bound to: it opens nowhere else."""
    return b"tradewind audit entry 1\0" + log + seq.to_bytes(8, "big") + f"{key}\0{kind}".encode()


def master_id(key: bytes) -> str:
    """Return the name of a master key: digits of a hash, from which the key cannot be found."""
    return "m-" + hashlib.sha256(b"tradewind audit master key\0" + key).hexdigest()[:12]


def keys_digest(keys: Sequence[StoredKey]) -> str:
    """Return what the log states about its data keys: SHA-256 over all of them, wrapped."""
    told = [[key.n, key.id, key.master_id, key.first_seq, key.wrapped.hex()] for key in keys]
    return hashlib.sha256(json.dumps(told, separators=(",", ":")).encode()).hexdigest()


def _about_key(log: bytes, name: str, master: str) -> bytes:
    return b"tradewind audit data key 1\0" + log + f"{name}\0{master}".encode()
