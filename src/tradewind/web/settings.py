"""Settings of the dashboard."""

from __future__ import annotations

from pydantic import Field

from tradewind.core.settings import Settings


class DashboardSettings(Settings):
    """How the dashboard listens and how long it remembers.

    Attributes
    ----------
    host, port : address; loopback unless told otherwise. port 0 takes a free one.
    session_hours : a log-in lasts as long without being used.
    secure_cookies : send the cookie over TLS alone; set it behind a proxy that ends TLS.
    max_upload : bytes of an uploaded table.
    """

    host: str = "127.0.0.1"
    port: int = Field(default=8700, ge=0, le=65535)
    session_hours: float = Field(default=12.0, gt=0.0)
    secure_cookies: bool = False
    max_upload: int = Field(default=256 * 1024 * 1024, ge=1024)
