"""The Ray Serve application: more than one replica, streams, and a replica killed while callers ask."""

from __future__ import annotations

import importlib.util
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

PROGRAM = r"""
import json, os, sys, threading
sys.path.insert(0, sys.argv[1])
import httpx, ray
from ray import serve
from ray_serve import RaySettings, deployment_of

def build():
    from starlette.applications import Starlette
    from starlette.responses import JSONResponse, StreamingResponse
    from starlette.routing import Route

    async def who(request):
        return JSONResponse({"pid": os.getpid(), "id": request.headers.get("x-request-id")})

    async def stream(request):
        async def parts():
            for n in range(3):
                yield f"data: {n}\n\n"
        return StreamingResponse(parts(), media_type="text/event-stream")

    return Starlette(routes=[Route("/v1/who", who), Route("/v1/stream", stream)])

port = int(sys.argv[2])
ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False)
serve.start(http_options={"host": "127.0.0.1", "port": port})
serve.run(deployment_of(build, RaySettings(node="unused", keys="unused", least=2, most=2, cores=0.5)), route_prefix="/")
base = f"http://127.0.0.1:{port}"
with httpx.Client(timeout=20) as client:
    answers = [client.get(f"{base}/v1/who", headers={"x-request-id": f"r{n}"}).json() for n in range(60)]
    pids = {answer["pid"] for answer in answers}
    stream = client.get(f"{base}/v1/stream").text
    os.kill(sorted(pids)[0], 9)
    after = []
    for n in range(300):
        try:
            after.append(client.get(f"{base}/v1/who").status_code)
        except httpx.HTTPError:
            after.append(0)
    missing = client.get(f"{base}/v1/nothing").status_code
print("RESULT", json.dumps({"pids": len(pids), "ids": answers[5]["id"], "stream": stream, "missing": missing,
                            "good": sum(code == 200 for code in after), "last": after[-1]}))
serve.shutdown()
ray.shutdown()
"""


@pytest.mark.slow
def test_replicas_answer_and_survive_the_loss_of_one(root: Path, tmp_path: Path) -> None:
    if importlib.util.find_spec("ray") is None or importlib.util.find_spec("grpc") is None:
        pytest.skip("Ray's serving extra is absent: pip install -r requirements/ray-serve.txt")
    import json
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [sys.executable, "-c", PROGRAM, str(root / "deploy"), str(port)]
    environment = {**os.environ, "RAY_USAGE_STATS_ENABLED": "0", "PYTHONPATH": os.pathsep.join(sys.path)}
    started = time.monotonic()
    process = subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=environment, start_new_session=True
    )
    try:
        out, _ = process.communicate(timeout=150)
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
    lines = [line for line in out.splitlines() if line.startswith("RESULT ")]
    assert lines, f"no result after {time.monotonic() - started:.0f} s: {out[-3000:]}"
    result = json.loads(lines[0].removeprefix("RESULT "))
    assert result["pids"] == 2
    assert result["ids"] == "r5"
    assert result["stream"] == "data: 0\n\ndata: 1\n\ndata: 2\n\n"
    assert result["missing"] == 404
    assert result["good"] >= 290
    assert result["last"] == 200
