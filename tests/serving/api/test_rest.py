"""REST: every operation, every way to be refused, always with a problem that says what to do."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import TradewindError
from tradewind.serving.access import OpenAccess
from tradewind.serving.api import ApiSettings, build_api
from tradewind.serving.api.requests import nested_deeper

PROBLEM = "application/problem+json"


def ask(desk: Any, method: str, path: str, key: str | None = "", **options: Any) -> httpx.Response:
    async def one() -> httpx.Response:
        async with desk.client(key) as client:
            return await client.request(method, path, **options)

    return asyncio.run(one())


def refused(response: httpx.Response, status: int, kind: str) -> dict[str, Any]:
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == PROBLEM
    body: dict[str, Any] = response.json()
    assert body["type"] == f"urn:tradewind:problem:{kind}"
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert body["instance"] == f"urn:tradewind:request:{response.headers['x-request-id']}"
    assert "Traceback" not in response.text
    return body


def test_a_forecast(desk: Any) -> None:
    found = ask(desk, "GET", "/v1/forecasts/AAPL")
    assert found.status_code == 200
    body = found.json()
    assert body["symbol"] == "AAPL"
    assert body["time"] == "2015-10-04T00:00:00Z"
    assert body["made_at"] == "2015-10-04T20:00:00.005000Z"
    assert body["lower"] is None, "no interval is null, not NaN"
    assert body["confidence"] == pytest.approx(abs(body["probability"] - 0.5) * 2)
    assert ask(desk, "GET", "/v1/forecasts/AAPL?fresh=true&model=ensemble/1").json() == body


def test_many_forecasts_come_in_the_order_asked(desk: Any) -> None:
    found = ask(desk, "POST", "/v1/forecasts", json={"symbols": ["MSFT", "AAPL", "MSFT"]})
    assert [f["symbol"] for f in found.json()["forecasts"]] == ["MSFT", "AAPL", "MSFT"]


def test_history_comes_newest_first(desk: Any) -> None:
    found = ask(desk, "GET", "/v1/forecasts/BRK.B/history?limit=3").json()["forecasts"]
    assert [f["id"] for f in found] == ["BRK.B-4-0", "BRK.B-3-0", "BRK.B-2-0"]


def test_the_rest_of_the_operations(desk: Any) -> None:
    assert ask(desk, "GET", "/v1/forecasts/AAPL/explanation").json()["sentences"] == ["It rose."]
    assert ask(desk, "GET", "/v1/symbols").json() == {"symbols": ["AAPL", "BRK.B", "MSFT"]}
    assert ask(desk, "GET", "/v1/models").json()["models"][0]["ref"] == "ensemble/1"
    assert ask(desk, "GET", "/v1/status").json()["detail"] == {"lag": 0}
    rows = [{"ret_1": 0.1, "ret_5": None}, {"ret_1": 1}]
    assert len(ask(desk, "POST", "/v1/compute", json={"rows": rows}).json()["answers"]) == 2
    assert ask(desk, "POST", "/v1/admin/reload").json() == {"reloaded": 1}
    assert ask(desk, "GET", "/health/live", None).json() == {"status": "ok"}
    assert ask(desk, "GET", "/health/ready", None).json()["ready"] is True
    metrics = ask(desk, "GET", "/metrics", None)
    assert (metrics.text, metrics.headers["content-type"]) == ("up 1\n", "text/plain; version=0.0.4")


def test_a_server_that_is_not_ready_says_why(desk: Any) -> None:
    desk.market.ready = False
    body = refused(ask(desk, "GET", "/health/ready", None), 503, "not-ready")
    assert body["reasons"] == ["no model"]
    assert ask(desk, "GET", "/health/live", None).status_code == 200


@pytest.mark.parametrize("key", [None, "tw_0000000000_" + "0" * 43, "nonsense"])
def test_without_a_valid_key_nothing_is_told(desk: Any, key: str | None) -> None:
    for path in ("/v1/forecasts/AAPL", "/v1/symbols", "/v1/forecasts/NONE"):
        found = ask(desk, "GET", path, key)
        refused(found, 401, "unauthorized")
        assert found.headers["www-authenticate"].startswith("Bearer")
    assert desk.market.audited == []
    assert desk.api.counters.rejected["auth"] == 3


def test_a_key_does_what_its_scopes_allow_and_no_more(desk: Any) -> None:
    assert ask(desk, "GET", "/v1/forecasts/AAPL", desk.reader).status_code == 200
    calls = [("GET", "/v1/forecasts/AAPL/explanation"), ("POST", "/v1/compute"), ("POST", "/v1/admin/reload")]
    for method, path in (*calls, ("GET", "/v1/stream")):
        refused(ask(desk, method, path, desk.reader), 403, "forbidden")
    assert desk.reloads == []


def test_both_headers_carry_a_key(desk: Any) -> None:
    found = ask(desk, "GET", "/v1/symbols", None, headers={"authorization": f"Bearer {desk.reader}"})
    assert found.status_code == 200


@pytest.mark.parametrize(
    ("method", "path", "status", "kind"),
    [
        ("GET", "/", 404, "not-found"),
        ("GET", "/v1/forecasts/AAPL/more", 404, "not-found"),
        ("GET", "/v1/forecasts/", 404, "not-found"),
        ("GET", "/v1/forecasts/NONE", 404, "not-found"),
        ("GET", "/v1/forecasts/NONE/history", 404, "not-found"),
        ("GET", "/v1/forecasts/AAPL?model=other/9", 404, "not-found"),
        ("GET", "/v1/forecasts/AAPL%0A", 422, "invalid"),
        ("GET", "/v1/forecasts/..%2f..%2fetc", 404, "not-found"),
        ("GET", "/v1/forecasts/%00", 422, "invalid"),
        ("GET", f"/v1/forecasts/{'A' * 33}", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?model=plain", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?fresh=maybe", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?frehs=true", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?fresh=true&fresh=true", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?symbol=MSFT", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL?a=%ff", 400, "malformed"),
        ("GET", "/v1/forecasts/AAPL/history?limit=0", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL/history?limit=1001", 422, "invalid"),
        ("GET", "/v1/forecasts/AAPL/history?limit=ten", 422, "invalid"),
        ("DELETE", "/v1/forecasts/AAPL", 405, "method-not-allowed"),
        ("PUT", "/v1/forecasts", 405, "method-not-allowed"),
        ("OPTIONS", "/v1/forecasts", 405, "method-not-allowed"),
        ("POST", "/v1/admin/explode", 404, "not-found"),
        ("GET", "/v1/stream?symbols=NONE", 404, "not-found"),
    ],
)
def test_what_cannot_be_answered_is_refused(desk: Any, method: str, path: str, status: int, kind: str) -> None:
    found = ask(desk, method, path)
    refused(found, status, kind)
    if status == 405:
        assert found.headers["allow"]


@pytest.mark.parametrize(
    ("content", "status", "kind"),
    [
        (b"", 400, "malformed"),
        (b"{", 400, "malformed"),
        (b"\xff\xfe", 400, "malformed"),
        (b'{"symbols": ["AAPL"]} x', 400, "malformed"),
        (b"[" * 100_000, 422, "invalid"),
        (b'{"symbols": ' + b'[{"a":' * 40, 422, "invalid"),
        (b"[]", 422, "invalid"),
        (b"{}", 422, "invalid"),
        (b'{"symbols": []}', 422, "invalid"),
        (b'{"symbols": ["AAPL"], "sybmols": []}', 422, "invalid"),
        (b'{"symbols": [1]}', 422, "invalid"),
        (b'{"symbols": ["A B"]}', 422, "invalid"),
        (b'{"symbols": ["AAPL\\n"]}', 422, "invalid"),
        (b'{"symbols": [' + b'"AAPL",' * 1000 + b'"AAPL"]}', 422, "invalid"),
        (b'{"symbols": ["NONE"]}', 404, "not-found"),
        (b'{"symbols": ["' + b"A" * 5_000_000 + b'"]}', 413, "too-large"),
    ],
)
def test_bodies_that_do_not_fit_are_refused(desk: Any, content: bytes, status: int, kind: str) -> None:
    found = ask(desk, "POST", "/v1/forecasts", content=content, headers={"content-type": "application/json"})
    refused(found, status, kind)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_where_a_body_may_hold_anything_its_depth_is_bounded(desk: Any, opening: str) -> None:
    for depth in (17, 100_000):
        body = '{"query": "{ symbols }", "variables": {"x": ' + opening * depth
        found = ask(desk, "POST", "/graphql", content=body, headers={"content-type": "application/json"})
        assert "deep" in refused(found, 400, "malformed")["detail"]


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999", '"1"', "true", "[1]"])
def test_features_are_finite_numbers(desk: Any, number: str) -> None:
    body = f'{{"rows": [{{"ret_1": {number}}}]}}'
    found = ask(desk, "POST", "/v1/compute", content=body, headers={"content-type": "application/json"})
    assert found.status_code in (400, 422), found.text
    assert desk.market.calls == 0


@pytest.mark.parametrize("media", [None, "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_that_is_not_said_to_be_json_is_refused(desk: Any, media: str | None) -> None:
    headers = {} if media is None else {"content-type": media}
    found = ask(desk, "POST", "/v1/forecasts", content=b'{"symbols":["AAPL"]}', headers=headers)
    refused(found, 415, "media-type")


def test_a_body_of_unknown_length_is_cut_off_at_the_limit(desk: Any) -> None:
    sent = 0

    async def endless() -> Any:
        nonlocal sent
        while sent < 100 << 20:
            sent += 1 << 16
            yield b" " * (1 << 16)

    refused(ask(desk, "POST", "/v1/forecasts", content=endless()), 413, "too-large")
    assert sent < 6 << 20


def test_too_many_header_lines_are_refused(desk: Any) -> None:
    found = ask(desk, "GET", "/v1/forecasts/AAPL", headers={f"x-{n}": "1" for n in range(80)})
    refused(found, 431, "too-many-headers")


def test_a_fault_of_the_server_is_logged_and_not_told(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    desk.market.fault = RuntimeError("the password is hunter2")
    with caplog.at_level(logging.ERROR):
        found = ask(desk, "GET", "/v1/forecasts/AAPL?fresh=true")
    refused(found, 500, "internal")
    assert "hunter2" not in found.text
    assert "hunter2" in caplog.text


def test_what_the_forecasts_cannot_do_now_is_worth_another_try(desk: Any) -> None:
    desk.market.fault = TradewindError("the queue of the runtime is full")
    found = ask(desk, "GET", "/v1/forecasts/AAPL?fresh=true")
    refused(found, 503, "unavailable")
    assert found.headers["retry-after"] == "1"


def test_an_answer_that_takes_too_long_is_given_up(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(request_timeout=0.05)
    desk.market.delay = 5.0
    refused(ask(desk, "GET", "/v1/forecasts/AAPL?fresh=true"), 504, "timed-out")
    assert desk.market.working == 0, "the work was stopped"
    assert desk.api.counters.in_flight == 0


@pytest.mark.parametrize("given", ["0f8fad5b-d9cb-469f-a165-70867728950e", "job.7:part_3"])
def test_the_callers_request_id_is_kept(desk: Any, given: str) -> None:
    for path in ("/v1/forecasts/AAPL", "/v1/forecasts/AAPL", "/v1/symbols", "/nothing"):
        assert ask(desk, "GET", path, headers={"x-request-id": given}).headers["x-request-id"] == given
    assert desk.market.audited[0][2] == given


@pytest.mark.parametrize("given", ["short", "a" * 65, "with space 123", "new\tline-123", "<script>alert(1)</script>"])
def test_an_unfit_request_id_is_replaced(desk: Any, given: str) -> None:
    for _ in range(2):
        assert ask(desk, "GET", "/v1/forecasts/AAPL", headers={"x-request-id": given}).headers["x-request-id"] != given


def test_request_ids_are_unique(desk: Any) -> None:
    found = [ask(desk, "GET", "/v1/forecasts/AAPL").headers["x-request-id"] for _ in range(20)]
    assert len(set(found)) == 20


def test_a_trace_goes_on(desk: Any) -> None:
    parent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-0"
    for path in ("/v1/forecasts/AAPL", "/v1/forecasts/AAPL", "/v1/symbols"):
        for sampled in "01":
            sent = {"traceparent": parent + sampled}
            assert ask(desk, "GET", path, headers=sent).headers["traceparent"] == parent + sampled
    assert "traceparent" not in ask(desk, "GET", "/v1/symbols", headers={"traceparent": "nonsense"}).headers


def test_every_answer_tells_browsers_to_keep_their_hands_off(desk: Any) -> None:
    for path in ("/v1/forecasts/AAPL", "/v1/forecasts/AAPL", "/v1/symbols", "/nothing", "/docs"):
        headers = ask(desk, "GET", path).headers
        assert headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in headers["content-security-policy"]
        assert headers["referrer-policy"] == "no-referrer"
        assert "access-control-allow-origin" not in headers


def test_head_is_get_without_a_body(desk: Any) -> None:
    get, head = (ask(desk, method, "/v1/symbols") for method in ("GET", "HEAD"))
    assert head.status_code == 200
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["etag"] == get.headers["etag"]


def test_what_has_not_changed_is_not_sent_again(desk: Any) -> None:
    first = ask(desk, "GET", "/v1/symbols")
    again = ask(desk, "GET", "/v1/symbols", headers={"if-none-match": first.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_listed_pages_may_ask_and_others_may_not_read(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(cors_origins=("https://desk.example",))
    ours, theirs = {"origin": "https://desk.example"}, {"origin": "https://evil.example"}
    found = ask(desk, "GET", "/v1/forecasts/AAPL", headers=ours)
    assert found.headers["access-control-allow-origin"] == "https://desk.example"
    assert found.headers["vary"] == "Origin"
    assert "access-control-allow-origin" not in ask(desk, "GET", "/v1/forecasts/AAPL", headers=theirs).headers
    question = {"access-control-request-method": "POST"}
    assert ask(desk, "OPTIONS", "/v1/forecasts", None, headers=ours | question).status_code == 204
    refused(ask(desk, "OPTIONS", "/v1/forecasts", None, headers=theirs | question), 405, "method-not-allowed")


def test_without_keys_only_this_machine_is_answered(desk: Any) -> None:
    api = build_api(desk.market, OpenAccess(), ApiSettings())

    async def ask_as(host: str, method: str = "GET", **headers: str) -> int:
        transport = httpx.ASGITransport(api)
        async with httpx.AsyncClient(transport=transport, base_url=f"http://{host}") as client:
            path = "/v1/forecasts/AAPL" if method == "GET" else "/v1/forecasts"
            body = {} if method == "GET" else {"json": {"symbols": ["AAPL"]}}
            return (await client.request(method, path, headers=headers, **body)).status_code  # type: ignore[arg-type]

    async def all_of_them() -> list[int]:
        return [
            await ask_as("localhost:8000"),
            await ask_as("127.0.0.1"),
            await ask_as("evil.example"),
            await ask_as("localhost", "POST"),
            await ask_as("localhost", "POST", origin="https://evil.example"),
        ]

    assert asyncio.run(all_of_them()) == [200, 200, 403, 200, 403]


@pytest.mark.parametrize("open", [True, False])
def test_the_schema_asks_for_keys_where_the_server_does(desk: Any, open: bool) -> None:
    api = build_api(desk.market, OpenAccess() if open else desk.access, ApiSettings())

    async def fetch() -> Any:
        async with httpx.AsyncClient(transport=httpx.ASGITransport(api), base_url="http://localhost") as client:
            return (await client.get("/openapi.json")).json()

    document = asyncio.run(fetch())
    asked = document["paths"]["/v1/forecasts/{symbol}"]["get"]["security"]
    assert asked == ([] if open else [{"bearer": []}, {"key": []}])
    assert ("securitySchemes" in document["components"]) is not open


def test_a_slow_body_is_not_waited_for(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(body_timeout=0.05)

    async def slow() -> tuple[int, dict[str, str]]:
        sent: list[Any] = []

        async def receive() -> Any:
            await asyncio.sleep(10)

        async def send(message: Any) -> None:
            sent.append(message)

        heads = [(b"x-api-key", desk.key.encode()), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/forecasts", "query_string": b"", "headers": heads}
        await desk.api(scope, receive, send)
        return sent[0]["status"], {k.decode(): v.decode() for k, v in sent[0]["headers"]}

    status, headers = asyncio.run(slow())
    assert status == 408
    assert headers["connection"] == "close"


def test_a_caller_that_leaves_while_sending_is_counted_and_forgotten(desk: Any) -> None:
    async def leave() -> list[Any]:
        sent: list[Any] = []

        async def receive() -> Any:
            return {"type": "http.disconnect"}

        async def send(message: Any) -> None:
            sent.append(message)

        heads = [(b"x-api-key", desk.key.encode()), (b"content-type", b"application/json")]
        scope = {"type": "http", "method": "POST", "path": "/v1/forecasts", "query_string": b"", "headers": heads}
        await desk.api(scope, receive, send)
        return sent

    assert asyncio.run(leave()) == []
    assert desk.api.counters.answers() == {("forecasts", 499): 1}
    assert desk.api.counters.in_flight == 0


@pytest.mark.slow
@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.recursive(
        st.none() | st.integers() | st.text(max_size=8),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=4), inner, max_size=3),
        max_leaves=20,
    ),
    st.integers(1, 6),
)
def test_depth_is_measured_as_a_parser_would(value: Any, limit: int) -> None:
    import json

    def depth(part: Any) -> int:
        if isinstance(part, dict):
            return 1 + max(map(depth, part.values()), default=0)
        if isinstance(part, list):
            return 1 + max(map(depth, part), default=0)
        return 0

    for ascii in (True, False):
        text = json.dumps(value, ensure_ascii=ascii).encode("utf-8", "surrogatepass")
        assert nested_deeper(text, limit) == (depth(value) > limit)


def test_the_counters_tell_routes_and_statuses_apart(desk: Any) -> None:
    for path in ("/v1/forecasts/AAPL", "/v1/forecasts/AAPL", "/v1/forecasts/NONE", "/v1/symbols", "/nothing"):
        ask(desk, "GET", path)
    found = desk.api.counters.answers()
    assert found == {("forecast", 200): 2, ("forecast", 404): 1, ("symbols", 200): 1, ("none", 404): 1}
    assert set(desk.api.counters.seconds) >= {"forecast", "symbols", "none"}


def test_the_page_needs_nothing_from_elsewhere(desk: Any) -> None:
    page = ask(desk, "GET", "/docs", None).text
    assert "http://" not in page.replace("http://localhost", "")
    assert "https://" not in page
    assert "<script" not in page
    for path in ("/v1/forecasts/{symbol}", "/graphql", "/v1/stream"):
        assert path in page


def test_docs_can_be_left_out(make_desk: Callable[..., Any]) -> None:
    desk = make_desk(docs=False)
    refused(ask(desk, "GET", "/docs", None), 404, "not-found")
    refused(ask(desk, "GET", "/openapi.json", None), 404, "not-found")


def test_no_key_is_ever_logged_or_shown(desk: Any, caplog: pytest.LogCaptureFixture) -> None:
    secret = desk.key.rsplit("_", 1)[1]
    desk.market.fault = RuntimeError("broken")
    with caplog.at_level(logging.DEBUG):
        shown = [ask(desk, "GET", path).text for path in ("/v1/forecasts/AAPL?fresh=1", "/v1/symbols", "/nothing")]
        shown.append(ask(desk, "GET", "/v1/symbols", headers={"authorization": f"Bearer {desk.key}x"}).text)
    for text in (*shown, caplog.text, repr(desk.access), repr(desk.access.grant(desk.key.encode()))):
        assert secret not in text


def test_a_baseline_in_a_version_s_place_can_be_asked_for_by_the_name_it_is_listed_under(desk: Any) -> None:
    found = ask(desk, "GET", "/v1/forecasts/AAPL?model=ensemble/1:always_up")
    refused(found, 404, "not-found")  # it is well-formed, and not loaded here
    refused(ask(desk, "GET", "/v1/forecasts/AAPL?model=ensemble/1:"), 422, "invalid")
