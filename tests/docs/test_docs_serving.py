"""What pages say about servers in Python holds: the fragment of the API's page serves over TLS until it is stopped."""

from __future__ import annotations

import os
import ssl
import subprocess
import sys
import time
from pathlib import Path

import httpx
import pytest

from docs_pages import ROOT, blocks_of
from docs_serving import free_port
from tradewind.serving.access import KeyTerms, create_key

FORECASTS = """
class Few:
    def symbols(self): return ["AAPL", "MSFT"]
    def __getattr__(self, name): return lambda *_, **__: None  # none of them is asked for
"""
CERTIFICATE = (
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -noenc -days 2 -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout server.key -out server.pem"
)


def answered(url: str, trusted: ssl.SSLContext, key: str, server: subprocess.Popen[bytes]) -> httpx.Response:
    """Return the first answer; the server may still be starting."""
    until = time.monotonic() + 120
    while True:
        try:
            return httpx.get(url, verify=trusted, headers={"X-Api-Key": key}, timeout=10)
        except httpx.ConnectError:
            assert server.poll() is None, "the server has ended"
            assert time.monotonic() < until
            time.sleep(0.1)


@pytest.mark.slow
def test_the_server_of_the_api_page_speaks_tls(tmp_path: Path) -> None:
    block = next(one for one in blocks_of(ROOT / "docs" / "api.md") if "run_server(" in one.body)
    subprocess.run(CERTIFICATE.split(), cwd=tmp_path, check=True, capture_output=True)
    key, _ = create_key(tmp_path / "keys.json", KeyTerms())
    port = free_port()
    code = block.body.replace("forecasts = ...", "forecasts = Few()").replace("port=8000", f"port={port}")
    assert code.count("Few()") == code.count(f"port={port}") == 1
    server = subprocess.Popen(
        [sys.executable, "-c", FORECASTS + code],
        cwd=tmp_path,
        env=dict(os.environ),
    )
    try:
        trusted = ssl.create_default_context(cafile=str(tmp_path / "server.pem"))
        answer = answered(f"https://localhost:{port}/v1/symbols", trusted, key, server)
        assert answer.status_code == 200, answer.text
        assert answer.json()["symbols"] == ["AAPL", "MSFT"]
        with pytest.raises(httpx.ConnectError, match="certificate"):  # nobody else vouches for it
            httpx.get(f"https://localhost:{port}/health/live", timeout=10)
        with pytest.raises(httpx.TransportError):  # and it speaks nothing plainer
            httpx.get(f"http://localhost:{port}/health/live", timeout=10)
        server.terminate()
        assert server.wait(60) == 0
    finally:
        server.kill()
        server.wait()
