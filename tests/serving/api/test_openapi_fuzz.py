"""The API against its own schema: requests made from it, fit and unfit, and every answer checked against it."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from typing import Any

import pytest
import schemathesis

# The stream never ends, so a client that waits for its end is not for it; test_streams reads it.
LEFT_OUT = "/v1/stream"

# A fit Idempotency-Key that comes again with another body is refused, which no schema can tell: each is made its own.
HOOKS = """
import re, uuid, schemathesis

@schemathesis.hook
def map_headers(context, headers):
    if headers and re.fullmatch(r"[!-~]{8,128}", str(headers.get("Idempotency-Key", ""))):
        headers["Idempotency-Key"] = uuid.uuid4().hex
    return headers
"""


@pytest.mark.slow
def test_the_schema_is_valid_openapi(desk: Any) -> None:
    async def fetch() -> Any:
        async with desk.client(None) as client:
            return (await client.get("/openapi.json")).json()

    document = asyncio.run(fetch())
    assert document["openapi"] == "3.1.0"
    schemathesis.openapi.from_dict(document).validate()
    names = [operation["operationId"] for path in document["paths"].values() for operation in path.values()]
    assert len(names) == len(set(names))


@pytest.mark.slow
def test_no_request_made_from_the_schema_finds_a_fault(desk: Any, tmp_path: Path) -> None:
    command = ["run", "--checks", "all", "--exclude-path", LEFT_OUT, "--generation-database", "none", "--no-color"]

    (tmp_path / "one_key_each.py").write_text(HOOKS)

    async def fuzz() -> tuple[int, str]:
        async with desk.listening() as server:
            process = await asyncio.create_subprocess_exec(
                str(Path(sys.executable).with_name("st")),
                *command,
                *("--seed", "1", "--max-examples", "25", "-H", f"X-API-Key: {desk.key}"),
                f"{server.url}/openapi.json",
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.STDOUT,
                cwd=tmp_path,
                env={**os.environ, "SCHEMATHESIS_HOOKS": "one_key_each", "PYTHONPATH": str(tmp_path)},
            )
            shown, _ = await asyncio.wait_for(process.communicate(), 120)
            return process.returncode or 0, shown.decode()

    code, shown = asyncio.run(fuzz())
    assert code == 0, shown[-6000:]
    statuses = {status for _, status in desk.api.counters.answers()}
    assert {200, 401, 404, 405, 422} <= statuses
    assert not {status for status in statuses if status >= 500}


def test_the_schema_tells_of_refusals_and_how_long_to_wait(desk: Any) -> None:
    async def fetch() -> Any:
        async with desk.client(None) as client:
            return (await client.get("/openapi.json")).json()

    operations = [one for path in asyncio.run(fetch())["paths"].values() for one in path.values()]
    assert all("431" in one["responses"] for one in operations)
    for one in operations:
        if one["security"]:
            assert "`overloaded`" in one["responses"]["429"]["description"]
            assert "`overloaded`" not in one["responses"]["503"]["description"]
        waits = {status for status in ("409", "429", "503", "504") if status in one["responses"]}
        assert all("Retry-After" in one["responses"][status]["headers"] for status in waits)
