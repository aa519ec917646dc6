"""A server that a page starts: it answers before the next command, and ends well after the last."""

from __future__ import annotations

import re
import shlex
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

PATIENCE = 600.0
PORT = re.compile(r":(\d+)")


def free_port() -> int:
    """Return a port that nobody listens on."""
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


class Served:
    """A command that serves until it is stopped, on a free port in place of the one of ``address``."""

    def __init__(self, command: str, address: str, folder: Path, environment: Mapping[str, str]) -> None:
        shown = PORT.search(address)
        if shown is None:
            raise ValueError(f"{address} names no port")
        self._shown, self._port = shown[1], str(free_port())
        self._log = tempfile.TemporaryFile("w+")  # noqa: SIM115 - as long as the process runs
        words = shlex.split(command, comments=True)[1:]
        if "--port" in words:
            words[words.index("--port") + 1] = self._port
        else:
            words += ["--port", self._port]
        ours = [sys.executable, "-c", "from tradewind.cli.main import main; main()", *words]
        self._process = subprocess.Popen(
            ours, cwd=folder, env=dict(environment), stdin=subprocess.DEVNULL, stdout=self._log, stderr=self._log
        )
        self._address = self.moved(address)

    def moved(self, text: str) -> str:
        """Return a text with the port it was started on in place of the one the page shows."""
        return re.sub(rf":{self._shown}\b", f":{self._port}", text)

    def wrong(self) -> str:
        """Wait until it answers; return why it does not, or nothing."""
        lenient = ssl.create_default_context()
        lenient.check_hostname, lenient.verify_mode = False, ssl.CERT_NONE  # whom to trust is what the page shows
        until = time.monotonic() + PATIENCE
        while time.monotonic() < until and self._process.poll() is None:
            try:
                with urllib.request.urlopen(self._address, timeout=10, context=lenient):
                    return ""
            except urllib.error.HTTPError as refused:
                refused.close()  # such as 503 of a server that is not ready yet
            except OSError:
                pass  # nobody listens yet
            time.sleep(0.2)
        return f"does not answer at {self._address}: {self.said()[-1500:]}"

    def said(self) -> str:
        """Return what it printed so far."""
        self._log.seek(0)
        return self._log.read()

    def stop(self) -> str:
        """Ask it to end; return what went otherwise than well."""
        try:
            self._process.send_signal(signal.SIGINT)  # as Ctrl-C does
            code = self._process.wait(120)
            return "" if code == 0 else f"ended with {code} when it was stopped: {self.said()[-1500:]}"
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
            return f"did not end within two minutes: {self.said()[-1500:]}"
        finally:
            self._log.close()
