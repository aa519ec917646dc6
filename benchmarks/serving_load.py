"""Load and what it shows: a server in a process of its own, wrk, the memory of all its processes."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3, "m": 6e4}
HERE = Path(__file__).parent


@dataclass(frozen=True, kw_only=True)
class Call:
    """A request: ``targets`` are asked in turn, with ``headers``; ``bodies`` make them POST, in turn too."""

    url: str
    targets: Sequence[str]
    headers: Mapping[str, str]
    bodies: Sequence[str] = ()


def free_port() -> int:
    """Return a TCP port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def running(command: Sequence[str], environment: Mapping[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """Run a server in a session of its own and end all its processes."""
    with log.open("ab") as out:
        process = subprocess.Popen(
            command, env=dict(environment), stdout=out, stderr=out, stdin=subprocess.DEVNULL, start_new_session=True
        )
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(30)
        except subprocess.TimeoutExpired:
            process.kill()
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def ask(call: Call, place: int = 0, seconds: float = 10.0) -> Any:
    """Return the JSON of one answer."""
    data = call.bodies[place].encode() if call.bodies else None
    headers = {**call.headers, **({"Content-Type": "application/json"} if data else {})}
    request = urllib.request.Request(call.url + call.targets[place % len(call.targets)], data=data, headers=headers)
    with urllib.request.urlopen(request, timeout=seconds) as answer:
        return json.loads(answer.read() or b"null")


def until_answers(call: Call, process: subprocess.Popen[bytes], seconds: float = 180.0) -> None:
    """Return when a request is answered; RuntimeError where the server ends or takes too long."""
    end = time.monotonic() + seconds
    while True:
        try:
            ask(call)
            return
        except (OSError, ValueError) as error:
            if process.poll() is not None or time.monotonic() > end:
                raise RuntimeError(f"the server does not answer: {error}") from error
            time.sleep(0.1)


def wrk(call: Call, seconds: int, *, connections: int = 64) -> dict[str, float]:
    """Return requests/s, p50 and p99 (ms), and answers that were not 2xx, of ``wrk -t1``."""
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_script(call))
        script.flush()
        command = ["wrk", "-t1", f"-c{connections}", f"-d{seconds}", "--latency", "--timeout", "20s"]
        shown = subprocess.run(
            [*command, "-s", script.name, call.url], capture_output=True, text=True, check=True
        ).stdout
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", shown)
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+), timeout (\d+)", shown)
    return {
        "per_second": float(_found(r"Requests/sec:\s+([\d.]+)", shown)),
        "p50_ms": _milliseconds(_found(r"^\s+50%\s+(\S+)", shown)),
        "p99_ms": _milliseconds(_found(r"^\s+99%\s+(\S+)", shown)),
        "failed": float(bad[1] if bad else 0) + (sum(map(float, broken.groups())) if broken else 0.0),
    }


def _script(call: Call) -> str:
    """Return what wrk sends, formatted once at its start."""
    post = bool(call.bodies)
    heads = {**call.headers, **({"Content-Type": "application/json"} if post else {})}
    pairs = zip(call.targets, call.bodies, strict=True) if post else ((target, None) for target in call.targets)
    lines = ["local requests = {}", "init = function(args)"]
    lines += [f"  wrk.headers[{json.dumps(name)}] = {json.dumps(value)}" for name, value in heads.items()]
    for target, body in pairs:
        text = "nil" if body is None else f"[==[{body}]==]"
        lines.append(f'  requests[#requests + 1] = wrk.format("{"POST" if post else "GET"}", "{target}", nil, {text})')
    lines += ["end", "local i = 0", "request = function()", "  i = i % #requests + 1", "  return requests[i]", "end"]
    return "\n".join(lines)


def _found(pattern: str, text: str) -> str:
    match = re.search(pattern, text, re.MULTILINE)
    if match is None:
        raise RuntimeError(f"wrk said:\n{text}")
    return match[1]


def _milliseconds(text: str) -> float:
    match = re.fullmatch(r"([\d.]+)(us|ms|s|m)", text)
    if match is None:
        raise RuntimeError(f"wrk said a latency of {text}")
    return float(match[1]) * UNITS[match[2]]


def memory_mib(leader: int) -> float:
    """Return the proportional memory (PSS, MiB) of ``leader`` and all processes that come from it."""
    parents = {}
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            with suppress(OSError):
                parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    family, before = {leader}, 0
    while len(family) > before:
        before = len(family)
        family |= {pid for pid, parent in parents.items() if parent in family}
    total = 0
    for pid in family:
        with suppress(OSError):  # it has ended meanwhile
            total += int(_found(r"^Pss:\s+(\d+)", Path(f"/proc/{pid}/smaps_rollup").read_text()))
    return total / 1024.0


def open_loop(call: Call, rate: float, seconds: float) -> dict[str, Any]:
    """Return what came of requests at planned times, by ``openloop.py`` in a process of its own."""
    command = [sys.executable, str(HERE / "openloop.py"), call.url + call.targets[0], "--rate", str(rate)]
    command += ["--seconds", str(seconds), "--connections", "64"]
    command += [word for name, value in call.headers.items() for word in ("--header", f"{name}: {value}")]
    shown = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    found: dict[str, Any] = json.loads(shown)
    return found
