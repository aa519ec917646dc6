"""The key that signs seals: Ed25519, the secret in a file of its own, the public half for whoever verifies.

Source: Bernstein, Duif, Lange, Schwabe, Yang (2012), High-speed high-security signatures; RFC 8032.
"""

from __future__ import annotations

import hashlib
import os
import tempfile
from contextlib import suppress
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from tradewind.core import InputError, OutputError, UsageError
from tradewind.core.files import write_text
from tradewind.core.private import others_may_read


class Verifier:
    """The public half: checks signatures.

    Parameters
    ----------
    public : 32 bytes.
    """

    def __init__(self, public: bytes) -> None:
        self.public = public
        self._key = Ed25519PublicKey.from_public_bytes(public)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.key_id})"

    @property
    def key_id(self) -> str:
        """16 hex digits that name the key."""
        return hashlib.sha256(self.public).hexdigest()[:16]

    def check(self, signature: bytes, message: bytes) -> bool:
        """Return whether the holder of the secret signed ``message``."""
        try:
            self._key.verify(signature, message)
        except InvalidSignature:
            return False
        return True

    @property
    def pem(self) -> str:
        """The public key as PEM text."""
        return self._key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()

    @classmethod
    def load(cls, path: str | Path) -> Verifier:
        """Read a public key (PEM).

        Raises
        ------
        InputError : the file cannot be read or holds no Ed25519 public key.
        """
        try:
            key = load_pem_public_key(Path(path).read_bytes())
        except OSError as error:
            raise InputError(
                f"the public audit key cannot be read ({error.strerror})", file=path, fix="give the file audit.pub"
            ) from error
        except (ValueError, UnsupportedAlgorithm) as error:
            raise InputError("this is no public key", file=path, fix="give the file audit.pub") from error
        if not isinstance(key, Ed25519PublicKey):
            raise InputError("this public key is not Ed25519", file=path, fix="give the file audit.pub")
        return cls(key.public_bytes(Encoding.Raw, PublicFormat.Raw))


class Signer(Verifier):
    """Both halves: makes signatures. The secret appears in no text this object gives."""

    def __init__(self, secret: Ed25519PrivateKey) -> None:
        self._secret = secret
        super().__init__(secret.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw))

    def sign(self, message: bytes) -> bytes:
        """Return 64 bytes."""
        return self._secret.sign(message)

    @classmethod
    def make(cls) -> Signer:
        """Return a new random key that is kept nowhere."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def load(cls, path: str | Path) -> Signer:
        """Read the secret key (PEM, PKCS 8).

        Raises
        ------
        InputError : the file cannot be read, holds no Ed25519 key, or others may read it.
        """
        file = Path(path)
        try:
            found = file.stat()
            data = file.read_bytes()
        except OSError as error:
            raise InputError(
                f"the audit key cannot be read ({error.strerror})",
                file=file,
                fix="bring back the key that signs this log, or point TRADEWIND_AUDIT_KEY to it",
            ) from error
        refuse_open_mode(file, found)
        try:
            key = load_pem_private_key(data, password=None)
        except (ValueError, TypeError, UnsupportedAlgorithm):
            key = None
        if not isinstance(key, Ed25519PrivateKey):
            raise InputError("this is no Ed25519 secret key", file=file, fix="give the file audit.key") from None
        return cls(key)

    @classmethod
    def load_or_make(cls, path: str | Path) -> Signer:
        """Read the key, or make it (mode 0600) with its public half beside it (suffix ``.pub``) where there is none."""
        file = Path(path)
        if not file.exists():
            made = cls.make()
            write_secret(file, made._secret.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        signer = cls.load(file)
        if not file.with_suffix(".pub").exists():
            write_text(file.with_suffix(".pub"), signer.pem)
        return signer


def refuse_open_mode(file: Path, found: os.stat_result) -> None:
    """Raise UsageError where others may read a secret."""
    if others_may_read(found):
        raise UsageError(
            f"others may read this secret (mode {found.st_mode & 0o777:03o})", file=file, fix=f"chmod 600 {file.name}"
        )


def write_secret(file: Path, data: bytes, *, replace: bool = False) -> bool:
    """Write ``data`` with mode 0600, whole or not at all; return False where the file is there and may not be replaced.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        handle, name = tempfile.mkstemp(prefix=f".{file.name}.", dir=file.parent)  # mkstemp gives mode 0600
        try:
            with os.fdopen(handle, "wb") as out:
                out.write(data)
                out.flush()
                os.fsync(out.fileno())
            if replace:
                os.replace(name, file)
                return True
            try:
                os.link(name, file)  # fails where another process was first
            except FileExistsError:
                return False
            return True
        finally:
            with suppress(FileNotFoundError):
                os.unlink(name)
    except OSError as error:
        raise OutputError(
            f"the secret cannot be written here ({error.strerror})", file=file, fix="choose a folder you may write to"
        ) from error
