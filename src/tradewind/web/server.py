"""The dashboard as a running server."""

from __future__ import annotations

import socket
from contextlib import suppress
from types import FrameType

import uvicorn
from fastapi import FastAPI

from tradewind.core.errors import UsageError
from tradewind.web.settings import DashboardSettings

_GRACE = 5


class _Server(uvicorn.Server):
    """Ends the streams of open pages as soon as it is told to stop: uvicorn waits for them before it stops."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self.config.app.state.live.close()  # type: ignore[union-attr]
        super().handle_exit(sig, frame)


def listening(settings: DashboardSettings) -> socket.socket:
    """Return a socket that is bound to the address of ``settings``; port 0 takes a free one.

    Raises
    ------
    UsageError : the address is taken, or not one of this machine.
    """
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    held = socket.socket(family, socket.SOCK_STREAM)
    held.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        held.bind((settings.host, settings.port))
    except OSError as error:
        held.close()
        raise UsageError(
            f"cannot listen at {settings.host}:{settings.port}: {error.strerror}", fix="choose another --port"
        ) from error
    return held


def serve(app: FastAPI, held: socket.socket, *, behind_proxy: bool = False) -> None:
    """Serve ``app`` on ``held`` until SIGINT or SIGTERM."""
    config = uvicorn.Config(
        app,
        log_level="warning",
        access_log=False,
        proxy_headers=behind_proxy,
        forwarded_allow_ips="*" if behind_proxy else None,
        timeout_graceful_shutdown=_GRACE,
        server_header=False,
    )
    with suppress(KeyboardInterrupt):  # uvicorn raises the signal anew once it has stopped in good order
        _Server(config).run(sockets=[held])
