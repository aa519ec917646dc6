"""GET with bounds: on time, size, redirects, and on where credentials go."""

from __future__ import annotations

import asyncio
import logging
import ssl
import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from types import TracebackType
from typing import Any, Self
from urllib.parse import urljoin, urlsplit

from tradewind.core import MissingExtraError, UsageError
from tradewind.core.clock import Clock
from tradewind.streaming.connectors.backoff import FetchError
from tradewind.streaming.connectors.pace import HostRates
from tradewind.streaming.connectors.secrets import RedactingFilter, Secrets, is_secret
from tradewind.streaming.connectors.settings import ConnectorSettings

_AGAIN = {408, 425, 429, 500, 502, 503, 504, 507, 520, 521, 522, 523, 524}
_REDIRECTS = {301, 302, 303, 307, 308}
_CHUNK = 65_536


@dataclass(frozen=True, kw_only=True)
class Answer:
    """``body`` is empty where ``status`` is 304: nothing is new. ``headers`` have lower-case names."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    url: str


class Fetcher:
    """Gets what one connector asks for; an async context manager that holds the connections."""

    def __init__(self, settings: ConnectorSettings, secrets: Secrets, rates: HostRates, clock: Clock) -> None:
        try:
            import httpx
        except ModuleNotFoundError as error:
            raise MissingExtraError("httpx", "connect") from error
        self._httpx = httpx
        self.settings, self._secrets, self._rates, self._clock = settings, secrets, rates, clock
        self._home = origin(settings.url.replace("{symbol}", "x"))
        self._quiet = RedactingFilter(secrets)
        self._client: Any = None

    async def __aenter__(self) -> Self:
        limits = self.settings.limits
        logging.getLogger("httpx").addFilter(self._quiet)  # it logs whole addresses, with the keys in their queries
        self._client = self._httpx.AsyncClient(
            verify=tls_context(self.settings.ca),
            follow_redirects=False,
            timeout=self._httpx.Timeout(limits.read, connect=limits.connect),
            headers={"user-agent": "tradewind", "accept-encoding": "gzip, deflate"},
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._client.aclose()
        logging.getLogger("httpx").removeFilter(self._quiet)

    async def get(self, url: str, *, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        """Return the answer of ``url``, after redirects.

        ``headers`` of this request are added to those of the settings; those that are the settings', and parameters
        that name secrets, go to the host of the settings alone.

        Raises
        ------
        FetchError : anything but 200, 204 or 304, or a bound was passed.
        """
        await self._rates.turn(urlsplit(url).netloc, self.settings.limits.rate)
        try:
            async with asyncio.timeout(self.settings.limits.total):
                return await self._follow(url, params, headers)
        except TimeoutError as error:
            raise FetchError(f"took longer than {self.settings.limits.total:g} s", again=True) from error
        except (self._httpx.HTTPError, self._httpx.InvalidURL, ValueError, OSError) as error:
            raise self._fault(error) from error

    async def _follow(self, url: str, params: Mapping[str, str], headers: Mapping[str, str]) -> Answer:
        secret = {name: value for name, value in params.items() if is_secret(value)}
        asked = {name: value for name, value in params.items() if not is_secret(value)}
        for _ in range(self.settings.limits.redirects + 1):
            at_home = origin(url) == self._home
            sent = {**(self._secrets.reveal_all(self.settings.headers) if at_home else {}), **headers}
            query = {**asked, **(self._secrets.reveal_all(secret) if at_home else {})}
            async with self._client.stream("GET", self._httpx.URL(url).copy_merge_params(query), headers=sent) as got:
                if got.status_code not in _REDIRECTS:
                    return await self._answer(got, url)
                target = got.headers.get("location", "")
            asked, there = {}, urljoin(url, target)
            if not target or urlsplit(there).scheme not in {"http", "https"}:
                raise FetchError("redirects to no address", again=False)
            if urlsplit(url).scheme == "https" and urlsplit(there).scheme == "http":
                raise FetchError("redirects from https to http", again=False)
            url = there
            await self._rates.turn(urlsplit(url).netloc, self.settings.limits.rate)
        raise FetchError(f"redirects more than {self.settings.limits.redirects} times", again=False)

    async def _answer(self, got: Any, url: str) -> Answer:
        headers = {name.lower(): value for name, value in got.headers.items()}
        status: int = got.status_code
        if status in {204, 304}:
            return Answer(status=status, headers=headers, body=b"", url=url)
        if status != 200:
            after = retry_after(headers.get("retry-after"), self._clock)
            meaning = {401: "the credential is refused", 403: "access is refused", 429: "too many requests"}
            words = f"answered {status}" + (f", {meaning[status]}" if status in meaning else "")
            raise FetchError(words, again=status in _AGAIN, after=after)
        return Answer(status=status, headers=headers, body=await self._body(got, headers), url=url)

    async def _body(self, got: Any, headers: Mapping[str, str]) -> bytes:
        """The body, decompressed here so that no byte more than the limit is ever unpacked."""
        most = self.settings.limits.body
        coding = headers.get("content-encoding", "identity").lower()
        if coding not in {"identity", "gzip", "x-gzip", "deflate"}:
            raise FetchError(f"is encoded as {coding!r}, which was not offered", again=False)
        unpack = zlib.decompressobj(wbits=47) if coding != "identity" else None
        body = bytearray()
        async for chunk in got.aiter_raw(_CHUNK):
            try:
                body += unpack.decompress(chunk, most + 1 - len(body)) if unpack else chunk
            except zlib.error as error:
                raise FetchError(f"cannot be decompressed ({error})", again=True) from error
            if len(body) > most or (unpack and unpack.unconsumed_tail):
                raise FetchError(f"holds more than {most} bytes", again=False)
        if unpack and not unpack.eof:
            raise FetchError("the compressed body ends too early", again=True)
        return bytes(body)

    def _fault(self, error: Exception) -> FetchError:
        words = self._secrets.redact(f"{error}") or type(error).__name__
        if "CERTIFICATE_VERIFY_FAILED" in words:
            return FetchError(f"the certificate is not trusted ({words})", again=False)
        again = isinstance(error, (self._httpx.TransportError, OSError)) and not isinstance(
            error, self._httpx.UnsupportedProtocol
        )
        return FetchError(f"{type(error).__name__}: {words}", again=again)


def origin(url: str) -> tuple[str, str, int]:
    """Return scheme, host and port: what credentials belong to."""
    parts = urlsplit(url)
    usual = {"https": 443, "wss": 443}.get(parts.scheme, 80)
    return parts.scheme, (parts.hostname or "").lower(), parts.port or usual


def retry_after(value: str | None, clock: Clock) -> float | None:
    """Return the seconds a Retry-After header asks for (RFC 9110, 10.2.3), None where there is none to be read."""
    if value is None:
        return None
    if value.strip().isdigit():
        return float(value)
    try:
        return max(0.0, (parsedate_to_datetime(value) - clock.now()).total_seconds())
    except (ValueError, TypeError):  # a date that is none, or one without a zone
        return None


def tls_context(ca: str | None) -> ssl.SSLContext:
    """Return a context that checks certificates against the system's authorities, or those of file ``ca``.

    Raises
    ------
    UsageError : ``ca`` cannot be read.
    """
    try:
        return ssl.create_default_context(cafile=ca)
    except (OSError, ssl.SSLError) as error:
        raise UsageError("holds no certificates", file=ca, fix="give a PEM file as ca") from error
