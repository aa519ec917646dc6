"""The faults: each hurts a server under load and says when it began to be hurt, and when it was whole again."""

from __future__ import annotations

import json
import random
import shutil
import socket
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chaos_check import Held, check, recovery, seen
from chaos_rig import Callers, Feeder, Rig, free_port
from chaos_world import World

Moments = list[float]


@dataclass(kw_only=True)
class Scene:
    """A server under load while a fault is put into it.

    ``slices`` are sent, one every ``pace`` seconds, while callers ask ``rate`` times a second. ``whole`` : versions
    that must have answered every bar (None: the champion); ``others`` : that may have.
    ``facts`` : what else a fault found out.
    """

    rig: Rig
    slices: int = 100
    pace: float = 0.2
    rate: float = 200.0
    settle: float = 1.5
    whole: Sequence[str] | None = None
    others: Sequence[str] = ()
    facts: dict[str, Any] = field(default_factory=dict)
    feeder: Feeder = field(init=False)
    callers: Callers = field(init=False)

    def run(self, fault: Callable[[Scene], Moments]) -> dict[str, Any]:
        """Put the fault in, wait until all is well, end the server, and return what was seen and what holds."""
        rig = self.rig
        self.feeder = Feeder(rig.log, rig.world.slices(self.slices), self.pace)
        self.callers = Callers(rig, self.rate)
        with rig:
            rig.start()
            rig.caught_up()
            self.callers.start()
            self.feeder.start()
            over = fault(self)
            self.feeder.join()
            rig.caught_up(self.feeder.last)
            time.sleep(self.settle)
            self.callers.stop()
            code = rig.stop()
        whole = [rig.world.reference()] if self.whole is None else self.whole
        held = check(rig, self.callers.answers, self.feeder.last, whole=whole, others=self.others)
        return self._told(over, held, code)

    def _told(self, over: Moments, held: Held, code: int) -> dict[str, Any]:
        answers = self.callers.answers
        back = [recovery(answers, self.feeder, moment) for moment in over]
        return {
            **seen(answers),
            "faults": len(over),
            "answers_again_s": _spread([first for first, _ in back]),
            "fresh_again_s": _spread([fresh for _, fresh in back]),
            "bars": sum(len(bars) for bars in self.rig.world.slices(self.slices)),
            "exit": code,
            **self.facts,
            "held": held.to_dict(),
        }


def _spread(values: Sequence[float]) -> dict[str, float] | None:
    known = sorted(values)
    if not known:
        return None
    return {"median": round(known[len(known) // 2], 3), "worst": round(known[-1], 3)}


def killed(world: World, folder: Path, *, times: int = 50, pace: float = 0.3, seed: int = 0) -> dict[str, Any]:
    """Kill the server again and again at random moments; a supervisor starts it at once."""
    drawn = random.Random(seed)

    def fault(scene: Scene) -> Moments:
        moments = []
        for number in range(times):
            time.sleep(drawn.uniform(0.2, 1.5))
            scene.rig.kill()
            moments.append(time.monotonic())
            scene.rig.launch()
            if number % 10 == 9:  # killed while it is starting, too
                time.sleep(drawn.uniform(0.0, 2.0))
                scene.rig.kill()
                moments[-1] = time.monotonic()
                scene.rig.launch()
            scene.rig.until(scene.rig.ready, 60.0)
        return moments

    slices = min(900, 15 * times + 20)
    return Scene(rig=Rig(world=world, folder=folder), slices=slices, pace=pace, rate=100.0).run(fault)


@contextmanager
def _redis(folder: Path, port: int) -> Iterator[subprocess.Popen[bytes]]:
    program = shutil.which("redis-server")
    if program is None:
        raise RuntimeError("redis-server is absent (apt install redis-server)")
    command = [program, "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no"]
    process = subprocess.Popen([*command, "--dir", str(folder)], stdout=subprocess.DEVNULL)
    while True:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                break
        time.sleep(0.01)
    try:
        yield process
    finally:
        process.kill()
        process.wait()


def redis_killed(world: World, folder: Path, *, times: int = 3, away: float = 4.0) -> dict[str, Any]:
    """Kill Redis, and start an empty one later."""
    port = free_port()
    rig = Rig(world=world, folder=folder, flags=["--redis", f"redis://127.0.0.1:{port}/0"])

    def fault(scene: Scene) -> Moments:
        moments = []
        time.sleep(2.0)
        for _ in range(times):
            first.kill()
            first.wait()
            time.sleep(away)
            scene.facts["degraded"] = scene.rig.ask("/v1/status")[1]["detail"]["degraded"]["redis"]
            with _redis(folder, port):
                moments.append(time.monotonic())
                time.sleep(3.0)
        return moments

    with _redis(folder, port) as first:
        return Scene(rig=rig, slices=int(5 * times * (away + 3.0)) + 10, pace=0.2).run(fault)


def disk_full(world: World, folder: Path, *, times: int = 3, full: float = 8.0) -> dict[str, Any]:
    """Let not a byte more be written to state, log and audit log for some seconds."""
    folder.mkdir(parents=True, exist_ok=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", "size=160m", "tmpfs", str(folder)], check=True)
    try:
        rig = Rig(world=world, folder=folder)

        def fault(scene: Scene) -> Moments:
            moments = []
            time.sleep(2.0)
            for _ in range(times):
                ballast = folder / "ballast"
                began = time.monotonic()
                while time.monotonic() - began < full:  # what others free is taken too
                    with ballast.open("ab", buffering=0) as out, _ignored():
                        while True:
                            out.write(bytes(1 << 16))
                    with ballast.open("ab", buffering=0) as out, _ignored():
                        while True:
                            out.write(b"x")
                    time.sleep(0.05)
                ballast.unlink()
                moments.append(time.monotonic())
                time.sleep(6.0)
            scene.facts["feeder_waited"] = scene.feeder.failures
            return moments

        return Scene(rig=rig, slices=int(5 * times * (full + 6.0)) + 10, pace=0.2).run(fault)
    finally:
        shutil.copy(folder / "server.log", folder.with_suffix(".log"))
        subprocess.run(["umount", "-l", str(folder)], check=False)


@contextmanager
def _ignored() -> Iterator[None]:
    try:
        yield
    except OSError:  # the disk is full, which is what was wanted
        return


def corrupt_model(world: World, folder: Path) -> dict[str, Any]:
    """Deploy a version with damaged files: one byte changed, a file cut short, a file absent, no JSON at all."""
    place = folder / "deployed"
    shutil.copytree(world.deployment().parent, place)
    good = (place / "deployment.json").read_text()
    second = f"{world.reference()}-damaged"
    source = world.deployment().parent / "artefacts"
    rig = Rig(world=world, folder=folder, deployment=place / "deployment.json")

    def deploy(name: str, hurt: Callable[[Path], None]) -> None:
        target = place / "artefacts" / name
        shutil.copytree(next(source.iterdir()), target)
        hurt(target)
        plan = json.loads(good)
        plan["roles"]["champion"] = second
        plan["versions"] = {second: {**next(iter(plan["versions"].values())), "artefact": f"artefacts/{name}"}}
        replace_file(place / "deployment.json", json.dumps(plan))

    def fault(scene: Scene) -> Moments:
        moments = []
        for name, hurt in _HURTS.items():
            before = scene.rig.metrics("tradewind_model_load_failures_total")
            began = time.monotonic()
            deploy(name, hurt)
            scene.rig.until(
                lambda before=before: scene.rig.metrics("tradewind_model_load_failures_total") > before, 20.0
            )
            scene.facts.setdefault("told_within_s", []).append(round(time.monotonic() - began, 2))
            replace_file(place / "deployment.json", good)
            moments.append(time.monotonic())
            time.sleep(1.5)
        return moments

    return Scene(rig=rig, slices=80, pace=0.2, whole=[world.reference()]).run(fault)


def _flip(folder: Path) -> None:
    path = folder / "xgboost.onnx"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0x40
    path.write_bytes(bytes(data))


def _cut(folder: Path) -> None:
    path = folder / "lstm.onnx"
    path.write_bytes(path.read_bytes()[:-100])


_HURTS: Mapping[str, Callable[[Path], None]] = {
    "flipped": _flip,
    "cut": _cut,
    "absent": lambda folder: (folder / "preparation.npz").unlink(),
    "garbage": lambda folder: (folder / "manifest.json").write_bytes(b"\x00\xff{"),
}


def replace_file(path: Path, text: str) -> None:
    """Write ``path`` whole."""
    draft = path.with_suffix(".draft")
    draft.write_text(text)
    draft.replace(path)


def hot_reload(world: World, folder: Path, *, times: int = 10) -> dict[str, Any]:
    """Exchange the champion under load, again and again."""
    place = folder / "deployed"
    shutil.copytree(world.deployment().parent, place)
    shutil.copytree(world.deployment("second").parent / "artefacts", place / "artefacts", dirs_exist_ok=True)
    plans = [json.loads(world.deployment(name).read_text()) for name in ("first", "second")]
    rig = Rig(world=world, folder=folder, deployment=place / "deployment.json")

    def fault(scene: Scene) -> Moments:
        moments = []
        for number in range(times):
            plan = plans[(number + 1) % 2]
            began = time.monotonic()
            replace_file(place / "deployment.json", json.dumps(plan))
            wanted = plan["roles"]["champion"]
            scene.rig.until(
                lambda wanted=wanted: scene.rig.ask("/v1/status")[1]["detail"]["models"]["champion"] == wanted, 20
            )
            moments.append(time.monotonic())
            scene.facts.setdefault("taken_over_s", []).append(round(time.monotonic() - began, 2))
            time.sleep(0.5)
        return moments

    others = [world.reference(), world.reference("second")]
    return Scene(rig=rig, slices=8 * times, pace=0.2, rate=300.0, whole=(), others=others).run(fault)
