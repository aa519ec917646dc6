"""The files of the built page: sent packed, kept by browsers, and named ahead of time for the page that is opened."""

from __future__ import annotations

import gzip
import json
import re
from typing import Any

import pytest

from tradewind.web.pages import STATIC


def _link(headers: Any) -> set[str]:
    return set(re.findall(r"</([^>]+)>", headers.get("link", "")))


def test_the_frame_names_what_the_page_of_its_address_is_made_of(shared_dashboard: Any) -> None:
    pages = json.loads((STATIC / "pages.json").read_text())
    with shared_dashboard.nobody() as client:
        named = {path: _link(client.get(f"/{path}").headers) for path in ("executive", "analyst/market", "none")}
        sent = {path: client.get(f"/{path}").status_code for files in pages.values() for path in files}
    assert set(pages["executive"]) <= named["executive"]
    assert {*pages["analyst"], *pages["analyst/market"]} <= named["analyst/market"]
    assert named["none"] == set(pages[""])
    assert set(sent.values()) == {200}


def test_a_browser_that_has_the_frame_is_not_sent_it_again(shared_dashboard: Any) -> None:
    with shared_dashboard.nobody() as client:
        first = client.get("/analyst/market")
        again = client.get("/oncall", headers={"if-none-match": first.headers["etag"]})
        other = client.get("/", headers={"if-none-match": '"of another version"'})
    assert first.headers["cache-control"] == "no-cache"
    assert (again.status_code, again.content) == (304, b"")
    assert other.content == first.content


@pytest.mark.parametrize("suffix", [".js", ".css"])
def test_assets_are_sent_packed_to_who_takes_them_so(shared_dashboard: Any, suffix: str) -> None:
    file = max(STATIC.glob(f"assets/*{suffix}"), key=lambda path: path.stat().st_size)
    with shared_dashboard.nobody() as client:
        address = f"/assets/{file.name}"
        plain = client.get(address, headers={"accept-encoding": "identity"})
        with client.stream("GET", address, headers={"accept-encoding": "gzip"}) as packed:
            raw = b"".join(packed.iter_raw())
    assert plain.content == file.read_bytes() == gzip.decompress(raw)
    assert "content-encoding" not in plain.headers
    assert packed.headers["content-encoding"] == "gzip"
    assert packed.headers["vary"] == "accept-encoding"
    assert "immutable" in packed.headers["cache-control"]


def test_a_file_has_one_address(shared_dashboard: Any) -> None:
    file = next(STATIC.glob("assets/*.js"))
    with shared_dashboard.nobody() as client:
        assert client.get(f"/assets//{file.name}").status_code == 404
