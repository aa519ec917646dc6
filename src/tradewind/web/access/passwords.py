"""Passwords as scrypt hashes (RFC 7914), so that who steals the store must pay for every guess."""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

_N, _R, _P = 2**14, 8, 1  # 16 MiB and some 50 ms a guess: OWASP's third choice, which small machines can bear
MIN_LENGTH = 10


def hashed(password: str) -> str:
    """Return ``scrypt$n$r$p$salt$hash`` of ``password``."""
    salt = secrets.token_bytes(16)
    key = _derive(password, salt, _N, _R, _P)
    return f"scrypt${_N}${_R}${_P}${base64.b64encode(salt).decode()}${base64.b64encode(key).decode()}"


def generated() -> str:
    """Return a new password of some 99 bits that can be read out: four groups of letters and digits."""
    letters = "abcdefghjkmnpqrstuvwxyz23456789"  # without those that are taken for others
    return "-".join("".join(secrets.choice(letters) for _ in range(5)) for _ in range(4))


def matches(password: str, kept: str) -> bool:
    """Return whether ``password`` is the one that ``kept`` was made of."""
    _, n, r, p, salt, key = kept.split("$")
    return hmac.compare_digest(_derive(password, base64.b64decode(salt), int(n), int(r), int(p)), base64.b64decode(key))


def _derive(password: str, salt: bytes, n: int, r: int, p: int) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=n, r=r, p=p, maxmem=64 * 1024 * 1024, dklen=32)
