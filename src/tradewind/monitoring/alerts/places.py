"""Where a channel leads, and where its secrets are kept: never in the settings themselves."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal, Self
from urllib.parse import urlsplit

from pydantic import Field, field_validator, model_validator

from tradewind.core import InputError, Settings
from tradewind.core.private import others_may_read


class Secret(Settings):
    """A secret's place: a file that its owner alone may read, or a variable of the environment."""

    file: Path | None = None
    env: str | None = None

    @model_validator(mode="after")
    def _one_place(self) -> Self:
        if (self.file is None) == (self.env is None):
            raise ValueError("a secret is in a 'file' or in an 'env' variable: give one of the two")
        return self

    def read(self) -> str:
        """Return the secret, without the line's end.

        Raises
        ------
        InputError : it is absent or empty, or others may read the file.
        """
        if self.env is not None:
            value = os.environ.get(self.env, "").strip()
            if not value:
                raise InputError(f"the variable {self.env} holds no secret", fix=f"set {self.env}")
            return value
        assert self.file is not None
        try:
            if others_may_read(self.file.stat()):
                raise InputError("other users may read this secret", file=self.file, fix=f"chmod 600 {self.file}")
            value = self.file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            why = getattr(error, "strerror", None) or "it is no text"
            raise InputError(f"cannot be read ({why})", file=self.file, fix="give a file with the secret") from error
        if not value:
            raise InputError("holds no secret", file=self.file, fix="write the secret into it")
        return value


class WebhookSettings(Settings):
    """A web address that takes notifications as JSON.

    Attributes
    ----------
    url : where to; one that is itself a secret (it holds a token) is in ``url_secret`` instead.
    secret : key of the signature; without it nothing is signed.
    timeout : seconds for each of connecting, writing and reading.
    attempts : tries at one delivery, with growing pauses of at most ``longest_pause`` seconds between.
    """

    url: str | None = None
    url_secret: Secret | None = None
    secret: Secret | None = None
    timeout: float = Field(default=5.0, gt=0)
    attempts: int = Field(default=3, ge=1, le=10)
    first_pause: float = Field(default=0.5, ge=0)
    longest_pause: float = Field(default=10.0, ge=0)

    @field_validator("url", mode="after")
    @classmethod
    def _an_address(cls, value: str | None) -> str | None:
        if value is not None:
            parts = urlsplit(value)
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("is no address: write https://HOST/PATH")
            if parts.username or parts.password:
                raise ValueError("holds a login: keep the address in 'url_secret'")
        return value

    @model_validator(mode="after")
    def _one_address(self) -> Self:
        if (self.url is None) == (self.url_secret is None):
            raise ValueError("give 'url' or 'url_secret'")
        return self

    def address(self) -> str:
        """Return the address; InputError where its secret cannot be read or holds none."""
        if self.url is not None:
            return self.url
        assert self.url_secret is not None
        value = self.url_secret.read()
        parts = urlsplit(value)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise InputError("the secret address of the webhook is no http(s) address", fix="write https://HOST/PATH")
        return value


class EmailSettings(Settings):
    """A mail server and the people behind it.

    Attributes
    ----------
    host, port, sender, to : the server and the addresses.
    security : ``starttls`` (refused where the server offers none), ``tls`` from the first byte, or ``none``.
    user, password : the login, where the server wants one; never over an open line.
    ca_file : certificates to trust instead of the system's.
    timeout : seconds for each exchange with the server.
    """

    host: str = Field(min_length=1)
    port: int = Field(default=587, ge=1, le=65535)
    sender: str = Field(min_length=3)
    to: tuple[str, ...] = Field(min_length=1)
    security: Literal["starttls", "tls", "none"] = "starttls"
    user: str | None = None
    password: Secret | None = None
    ca_file: Path | None = None
    timeout: float = Field(default=10.0, gt=0)

    @field_validator("sender", "to", mode="after")
    @classmethod
    def _addresses(cls, value: str | tuple[str, ...]) -> str | tuple[str, ...]:
        for one in (value,) if isinstance(value, str) else value:
            if "@" not in one or any(sign.isspace() or ord(sign) < 33 or sign in ",;<>" for sign in one):
                raise ValueError(f"{one!r} is no plain address: write NAME@HOST")
        return value

    @model_validator(mode="after")
    def _login_whole(self) -> Self:
        if (self.user is None) != (self.password is None):
            raise ValueError("a login is 'user' and 'password' together")
        if self.user is not None and self.security == "none":
            raise ValueError("a login over an open line would be read by others: use starttls or tls")
        return self


class LogSettings(Settings):
    """A file of JSON lines; without ``path`` the standard error."""

    path: Path | None = None
