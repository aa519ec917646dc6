"""What the on-call view shows: health, drift, diagnosis, roll-out, jobs, the run-book; and what is absent."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import import_module
from pathlib import Path

import httpx
import pytest

from tradewind.monitoring.alerts import RUNBOOK
from tradewind.web.roles import Role
from tradewind.web.views.oncall.runbook import sections

Visit = Callable[..., httpx.Client]
VIEW = "/api/oncall"


@pytest.mark.slow
@pytest.mark.parametrize("path", ["drift?measure=psi", "drift/reports", "alerts", "diagnosis", "rollout", "jobs"])
def test_a_new_home_says_what_is_absent_and_how_it_comes(tmp_path: Path, visit: Visit, path: str) -> None:
    answer = visit(tmp_path).get(f"{VIEW}/{path}")
    assert answer.status_code == 404
    assert answer.json()["fix"].startswith("tradewind ")


def test_a_new_home_has_health_and_retraining_all_the_same(tmp_path: Path, visit: Visit) -> None:
    client = visit(tmp_path)
    assert {one["tone"] for one in client.get(f"{VIEW}/health").json()["checks"]} == {"unknown"}
    assert client.get(f"{VIEW}/retrainings").json() == {"runs": [], "budgets": [], "decision": None, "actions": []}


def test_it_is_for_those_on_call_alone(tmp_path: Path, visit: Visit) -> None:
    assert visit(tmp_path, "ann", Role.analyst).get(f"{VIEW}/health").status_code == 403


def test_health_has_the_worst_first_and_names_the_run_book(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/health").json()
    tones = [one["tone"] for one in found["checks"]]
    assert tones == sorted(tones, key=["bad", "warn", "unknown", "ok"].index)
    bars = next(one for one in found["checks"] if one["name"] == "Bars that came")
    assert (bars["tone"], bars["value"], bars["runbook"]) == ("bad", "6 of 12", "bars-missing")
    assert len(found["kept"]) == 110
    assert found["versions"] == [
        {"role": "champion", "ref": "demo/1", "words": "as the newest slice of the journal shows"}
    ]


def test_a_server_that_is_down_is_shown_as_down(filled: Path, visit: Visit) -> None:
    found = visit(filled, server="http://127.0.0.1:9").get(f"{VIEW}/health").json()
    assert found["up"] is False
    assert found["checks"][0]["name"] == "Server"
    assert found["checks"][0]["value"] == "down"


@pytest.fixture
def server() -> Iterator[str]:
    """A server that is not ready, and counts an answer more at every look."""
    looks = iter(range(1, 1000))

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path == "/metrics":
                n = next(looks)
                body = (
                    "# TYPE tradewind_http_requests counter\n"
                    f'tradewind_http_requests_total{{route="forecast",status="200"}} {n * 100}\n'
                    "# TYPE tradewind_predictions counter\n"
                    f'tradewind_predictions_total{{model="demo/1",role="champion"}} {n * 40}\n'
                    "# TYPE tradewind_disagreements counter\n"
                    f"tradewind_disagreements_total {n * 4}\n"
                )
                status = 200
            else:
                body = '{"ready": false, "reasons": ["still catching up"], "detail": {"degraded": {"l2": true}}}'
                status = 503
            self.send_response(status)
            self.end_headers()
            self.wfile.write(body.encode())

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    made = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=made.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{made.server_port}"
    made.shutdown()
    thread.join()
    made.server_close()


@pytest.mark.slow
def test_a_running_server_tells_why_it_is_not_ready_and_its_rates(
    filled: Path, visit: Visit, server: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_module("tradewind.web.views.oncall.probe"), "APART", 0.0)
    client = visit(filled, server=server)
    client.get(f"{VIEW}/health")
    found = client.get(f"{VIEW}/health").json()
    checks = {one["name"]: one for one in found["checks"]}
    assert checks["Ready"]["says"] == "still catching up"
    assert checks["Store l2"]["tone"] == "warn"
    assert found["live"][0]["forecasts"] == pytest.approx(found["live"][0]["requests"] * 0.4)
    shadow = client.get(f"{VIEW}/rollout/shadow").json()
    assert shadow["agreement"] == pytest.approx(0.9)


@pytest.mark.slow
@pytest.mark.parametrize("measure", ["excess", "psi", "ks"])
def test_the_feature_that_moved_stands_first_and_only_since_it_moved(reader: httpx.Client, measure: str) -> None:
    found = reader.get(f"{VIEW}/drift", params={"measure": measure, "sessions": 60}).json()
    first = found["rows"][0]
    assert first["feature"] == "return_5"
    assert first["latest"] > found["alarm"]
    assert first["values"][0] < first["latest"] / 3
    assert len(first["values"]) == len(found["columns"])
    assert {row["feature"]: row["group"] for row in found["rows"]}["made_up"] == "other"


def test_a_cell_shows_both_distributions(reader: httpx.Client) -> None:
    last = reader.get(f"{VIEW}/drift").json()["columns"][-1]
    cell = reader.get(f"{VIEW}/drift/cell", params={"feature": "return_5", "end": last}).json()
    for side in ("reference", "current"):
        assert sum(one[side] for one in cell["bins"]) == pytest.approx(1.0)
    assert cell["median"] - cell["median_reference"] == pytest.approx(3.0, abs=0.5)
    assert cell["excess"] > 1
    assert reader.get(f"{VIEW}/drift/cell", params={"feature": "none", "end": last}).status_code == 404


@pytest.mark.slow
def test_a_diagnosis_blames_the_feed(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/diagnosis").json()
    assert found["causes"][0]["kind"] == "feed_stops"
    assert "beta" in found["causes"][0]["about"]
    assert sum(one["belief"] for one in found["causes"]) == pytest.approx(1.0)
    assert found["causes"][0]["evidence"]
    early = {"begin": found["first_day"], "end": found["first_day"]}
    assert reader.get(f"{VIEW}/diagnosis", params=early).json()["causes"][0]["kind"] != "feed_stops"


def test_a_span_that_is_not_kept_is_refused_with_a_way_out(reader: httpx.Client) -> None:
    answer = reader.get(f"{VIEW}/diagnosis", params={"begin": "1990-01-01", "end": "1990-01-05"})
    assert answer.status_code == 422
    assert answer.json()["fix"]


def test_the_roll_out_shows_arms_and_guardrails(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/rollout").json()
    assert [arm["share"] for arm in found["arms"]] == pytest.approx([0.99, 0.01], abs=0.002)
    assert found["arms"][0]["control"] is True
    assert {one["name"] for one in found["arms"][1]["guards"]} >= {"latency", "error_rate"}
    assert reader.get(f"{VIEW}/rollout", params={"experiment": "none"}).status_code == 404


def test_a_retraining_waits_while_the_data_are_in_doubt(reader: httpx.Client) -> None:
    found = reader.get(f"{VIEW}/retrainings").json()
    assert found["decision"]["go"] is False
    assert any("feed_silent" in one for one in found["decision"]["held_back"])
    assert found["budgets"][0]["model"] == "demo"


def test_every_kind_of_alert_has_its_section(reader: httpx.Client) -> None:
    for kind, place in RUNBOOK.items():
        assert place.partition("#")[2] in sections(), kind
    found = reader.get(f"{VIEW}/runbook/feed_silent").json()
    assert (found["title"], found["page"]) == ("Feed silent", "Data quality")
    assert [one["label"] for one in found["entries"]][:2] == ["What it means", "Look at"]
