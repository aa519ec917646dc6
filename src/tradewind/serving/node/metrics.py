"""The state of a server's parts as metrics of the catalogue."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tradewind.serving.watch.catalogue import family
from tradewind.serving.watch.instruments import CONTENT_TYPE, Family, exposition

if TYPE_CHECKING:
    from tradewind.serving.api import Api
    from tradewind.serving.node.node import Node

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, eq=False)
class NodeMetrics:
    """Reads ``node``, and the ``api`` before it, whenever Prometheus asks."""

    node: Node
    api: Api

    def text(self) -> tuple[bytes, str]:
        """Return the exposition and its media type."""
        return exposition([self.requests, self.predictions, self.features, self.stores, self.rollout]), CONTENT_TYPE

    def requests(self) -> Iterable[Family]:
        """Yield what the API counts."""
        counters = self.api.counters
        yield family(
            "tradewind_http_requests_total",
            {(route, str(status)): float(number) for (route, status), number in counters.answers().items()},
        )
        yield family(
            "tradewind_http_request_seconds", {(route,): buckets for route, buckets in counters.seconds.items()}
        )
        yield family("tradewind_http_rejected_total", {(why,): number for why, number in counters.rejected.items()})
        yield family("tradewind_http_in_flight", counters.in_flight)
        yield family("tradewind_stream_readers", counters.streams)
        yield family("tradewind_stream_slow_total", counters.slow)
        yield family("tradewind_up_seconds", self.node.up())
        yield family("tradewind_resident_bytes", int(Path("/proc/self/statm").read_text().split()[1]) * _PAGE)

    def predictions(self) -> Iterable[Family]:
        """Yield what is forecast, and by whom."""
        node = self.node
        meters = node.meters
        yield family("tradewind_predictions_total", {key: float(number) for key, number in meters.made.items()})
        yield family("tradewind_predict_seconds", meters.seconds)
        yield family("tradewind_batch_rows", meters.rows)
        yield family("tradewind_bar_to_prediction_seconds", meters.visible)
        yield family("tradewind_batch_waiting", node.batcher.waiting)
        yield family("tradewind_batch_refused_total", node.batcher.refused)
        yield family("tradewind_model_loaded", {(ref, role): 1 for role, ref in node.versions.shelf.roles().items()})
        yield family("tradewind_model_load_failures_total", node.versions.failures)
        yield family("tradewind_disagreements_total", 0 if node.beside is None else node.beside.disagreed)
        yield family("tradewind_shadow_dropped_total", 0 if node.beside is None else node.beside.dropped)

    def features(self) -> Iterable[Family]:
        """Yield how the feature service does; nothing of an ``api`` server."""
        if self.node.features is None:
            return
        state = self.node.features.status()
        yield family("tradewind_bars_total", state["bars"])
        yield family("tradewind_slices_total", state["slices"])
        yield family("tradewind_bars_late_total", state["late"])
        yield family("tradewind_bars_duplicate_total", state["duplicates"])
        yield family("tradewind_bars_rejected_total", sum(state["refused"].values()))
        if state["lag"] is not None:
            yield family("tradewind_log_lag", state["lag"])
        if state["last_slice"] is not None:
            yield family("tradewind_last_slice_timestamp_seconds", state["last_slice"] / 1e6)

    def stores(self) -> Iterable[Family]:
        """Yield caches, stores, the spool and connectors."""
        node = self.node
        cache: Mapping[str, Any] = node.cache.stats()
        levels = [level for level in ("l1", "l2", "l3") if level in cache]
        for what in ("hits", "misses"):
            yield family(f"tradewind_cache_{what}_total", {(level,): cache[level][what] for level in levels})
        yield family("tradewind_store_degraded", {(name,): float(bad) for name, bad in node.degraded().items()})
        if node.spool is not None:
            spool = node.spool.stats()
            yield family("tradewind_audit_lines_total", spool["lines"])
            yield family("tradewind_audit_refused_total", spool["refused"])
            yield family("tradewind_audit_segments", spool["segments"])
            yield family("tradewind_audit_segments_limit", spool["segments_limit"])
        found = list(node.connectors())
        yield family(
            "tradewind_connector_items_total",
            {(c["name"], outcome): c[outcome] for c in found for outcome in ("items", "duplicates", "rejected")},
        )
        yield family("tradewind_connector_up", {(c["name"],): float(c["up"]) for c in found})
        yield family(
            "tradewind_connector_last_success_timestamp_seconds",
            {(c["name"],): c["last_success"] for c in found if c["last_success"] is not None},
        )

    def rollout(self) -> Iterable[Family]:
        """Yield the experiment that runs."""
        running = self.node.rollout
        if running is None:
            return
        name, state = running.experiment.name, running.stats()
        yield family("tradewind_experiment_share", {(name, arm): share for arm, share in state["shares"].items()})
        yield family("tradewind_experiment_requests_total", {(name, arm): n for arm, n in state["requests"].items()})
        yield family("tradewind_experiment_rollbacks_total", {(name,): len(state["out"])})
