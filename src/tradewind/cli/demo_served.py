"""The demo's last part: serve the model, and ask the server for the forecast that was explained."""

from __future__ import annotations

import http.client
import json
import os
import re
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tradewind.cli import show
from tradewind.core import TradewindError
from tradewind.data import demo_files
from tradewind.serving.access import KeyTerms, create_key

PATIENCE = 120.0
"""Seconds until the server must have started, its features compiled."""
_SERVING = re.compile(r"^Serving (.+) at (http://\S+)$", re.MULTILINE)


class DemoServerError(TradewindError):
    """The server of the demo did not start or did not answer as it should."""


def serve_and_ask(out: Path, model: Path, symbol: str, explained: float) -> None:
    """Serve ``model``, ask for the forecast of ``symbol`` as any program would, and stop the server.

    Raises
    ------
    DemoServerError : it does not answer, or with another probability than the one that was ``explained``.
    """
    state = out / "serving"
    key, _ = create_key(state / "keys.json", KeyTerms(scopes=("read",), note="the demo"))
    with _running(out, model, state) as url:
        show.say(f"Served at {url}, without any other server beside it. Ask it as a program would:")
        show.say(f"  curl -H 'X-Api-Key: tw_...' {url}/v1/forecasts/{symbol}")
        answer = _asked(url, f"/v1/forecasts/{symbol}", key)
        show.say(f"  {json.dumps(answer)}")
        away = abs(float(answer["probability"]) - explained)
        if not away < 1e-5:
            raise DemoServerError(f"the server says {answer['probability']} where {explained} was explained")
        show.say(
            f"Its {answer['probability']:.1%} is the {explained:.1%} that was explained above: features updated bar by"
            " bar from the event log, and the exported model, repeat what training saw."
        )


@contextmanager
def _running(out: Path, model: Path, state: Path) -> Iterator[str]:
    """Yield the URL of a server that serves ``model`` while the block runs."""
    files = demo_files()
    command = [sys.executable, "-m", "tradewind.cli.main", "serve", "--model", str(model), "--port", "0"]
    command += ["--state", str(state), "--audit", str(out / "audit.db"), "--log-level", "warning"]
    for name, path in files.items():
        if path is not None:
            command += [f"--{name}", str(path)]
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=said, env={**os.environ, "NO_COLOR": "1"})
        lines: list[str] = []
        reader = threading.Thread(target=_read, args=(process, lines), daemon=True)
        reader.start()
        try:
            yield _url(process, lines, said)
        finally:
            process.terminate()
            try:
                process.wait(30.0)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
            reader.join(5.0)
            if process.stdout is not None:
                process.stdout.close()


def _read(process: subprocess.Popen[bytes], lines: list[str]) -> None:
    assert process.stdout is not None
    for line in process.stdout:
        lines.append(line.decode(errors="replace"))  # noqa: PERF401 - the reader must see each line as it comes


def _url(process: subprocess.Popen[bytes], lines: list[str], said: Any) -> str:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        found = _SERVING.search("".join(lines))
        if found is not None:
            return found[2]
        if process.poll() is not None:
            break
        time.sleep(0.05)
    said.seek(0)
    raise DemoServerError(f"the server did not start: {said.read().decode(errors='replace')[-2000:]}")


def _asked(url: str, path: str, key: str) -> dict[str, Any]:
    """Return the answer, asked for again while the server is catching up with the log."""
    until = time.monotonic() + PATIENCE
    while True:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=10.0)
        try:
            connection.request("GET", path, headers={"X-Api-Key": key})
            answer = connection.getresponse()
            body = json.loads(answer.read())
        finally:
            connection.close()
        if answer.status == 200:
            found: dict[str, Any] = body
            return found
        if time.monotonic() > until:
            raise DemoServerError(f"the server answers {answer.status}: {body.get('detail')}")
        time.sleep(0.1)
