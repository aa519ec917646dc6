"""Samples of the service from a real server of metrics."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from tradewind.monitoring.live import MetricsScraper, ScrapeError
from tradewind.serving.watch.catalogue import family
from tradewind.serving.watch.instruments import Buckets, exposition


class Page:
    """What the server answers; one instance a test."""

    def __init__(self) -> None:
        self.buckets, self.requests, self.status = Buckets(), {("forecast", "200"): 0.0, ("forecast", "503"): 0.0}, 200

    def text(self) -> bytes:
        return exposition(
            [
                lambda: [
                    family("tradewind_http_requests_total", self.requests),
                    family("tradewind_http_request_seconds", {("forecast",): self.buckets}),
                    family("tradewind_http_rejected_total", {("load",): 4.0, ("auth",): 9.0}),
                    family("tradewind_resident_bytes", 1000.0),
                    family("tradewind_log_lag", 7.0),
                ]
            ]
        )


@pytest.fixture
def server() -> Iterator[tuple[Page, str]]:
    page = Page()

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(page.status)
            self.end_headers()
            self.wfile.write(page.text())

        def log_message(self, *_: object) -> None:
            return

    http = HTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=http.serve_forever, daemon=True)
    thread.start()
    yield page, f"http://127.0.0.1:{http.server_port}/metrics"
    http.shutdown()
    http.server_close()
    thread.join()


class Ticks:
    """A clock that goes on ten seconds with every look."""

    def __init__(self) -> None:
        self.at = datetime(2024, 1, 1, tzinfo=UTC)

    def now(self) -> datetime:
        self.at += timedelta(seconds=10)
        return self.at


def test_a_sample_tells_of_the_time_since_the_one_before(server) -> None:
    page, url = server
    with httpx.Client() as client:
        scraper = MetricsScraper(url, client=client, clock=Ticks())
        page.buckets.observe(4.0, 1000)  # long ago, and slow
        assert scraper.sample() is None
        page.requests.update({("forecast", "200"): 90.0, ("forecast", "503"): 10.0})
        page.buckets.observe(0.002, 99)
        page.buckets.observe(0.2, 1)
        one = scraper.sample()
    assert one is not None
    assert (one.seconds, one.requests, one.errors, one.rejected) == (10.0, 100, 10, 0)
    assert 0.001 < one.latency_p50 < 0.0025
    assert one.latency_p99 == pytest.approx(0.0025)
    assert (one.memory, one.lag) == (1000.0, 7.0)


def test_a_restart_of_the_server_is_no_negative_count(server) -> None:
    page, url = server
    page.requests[("forecast", "200")] = 500.0
    with httpx.Client() as client:
        scraper = MetricsScraper(url, client=client, clock=Ticks())
        scraper.sample()
        page.requests[("forecast", "200")] = 30.0
        one = scraper.sample()
        assert one is not None
        assert one.requests == 30
        page.status = 500
        with pytest.raises(ScrapeError, match="cannot be read"):
            scraper.sample()


def test_nobody_there_is_one_clear_error() -> None:
    with httpx.Client() as client, pytest.raises(ScrapeError, match="ConnectError"):
        MetricsScraper("http://127.0.0.1:9/metrics", client=client).sample()
