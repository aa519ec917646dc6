"""Every metric the server exports, in one place: code fills them, dashboards and alerts may refer to no other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tradewind.serving.watch.instruments import Buckets, Family, Sample

Kind = Literal["counter", "gauge", "histogram"]


@dataclass(frozen=True, kw_only=True)
class Entry:
    """A metric's name, kind, meaning and labels."""

    name: str
    kind: Kind
    help: str
    labels: tuple[str, ...] = ()


def _of(*rows: tuple[str, Kind, str, str]) -> dict[str, Entry]:
    return {
        name: Entry(name=name, kind=kind, help=help, labels=tuple(labels.split())) for name, kind, labels, help in rows
    }


CATALOGUE: dict[str, Entry] = _of(
    # requests
    ("tradewind_http_requests_total", "counter", "route status", "Requests answered, by route and status."),
    ("tradewind_http_request_seconds", "histogram", "route", "Time from request to answer."),
    ("tradewind_http_rejected_total", "counter", "reason", "Requests turned away: rate, load, auth, drain."),
    ("tradewind_http_in_flight", "gauge", "", "Requests being answered."),
    ("tradewind_stream_readers", "gauge", "", "Open streams of new predictions."),
    ("tradewind_stream_slow_total", "counter", "", "Streams ended because their reader fell behind."),
    # predictions
    ("tradewind_predictions_total", "counter", "model role", "Predictions computed."),
    ("tradewind_predict_seconds", "histogram", "", "Time of the runtime for one batch."),
    ("tradewind_batch_rows", "histogram", "", "Rows of one batch."),
    ("tradewind_batch_waiting", "gauge", "", "Rows that wait for a batch."),
    ("tradewind_batch_refused_total", "counter", "", "Rows refused because too many waited."),
    ("tradewind_model_loaded", "gauge", "model role", "1 for every loaded version."),
    ("tradewind_model_load_failures_total", "counter", "", "Versions that could not be loaded."),
    ("tradewind_disagreements_total", "counter", "", "Predictions where champion and student disagree."),
    ("tradewind_shadow_dropped_total", "counter", "", "Shadow predictions left out because too many waited."),
    # features
    ("tradewind_bars_total", "counter", "", "Bars taken in."),
    ("tradewind_slices_total", "counter", "", "Slices closed."),
    ("tradewind_bars_late_total", "counter", "", "Bars that came after their slice had closed."),
    ("tradewind_bars_duplicate_total", "counter", "", "Bars that were there already."),
    ("tradewind_bars_rejected_total", "counter", "", "Bars that went to the dead-letter topic."),
    ("tradewind_log_lag", "gauge", "", "Messages of the event log not read yet."),
    ("tradewind_last_slice_timestamp_seconds", "gauge", "", "Time of the newest closed slice."),
    ("tradewind_bar_to_prediction_seconds", "histogram", "", "From the arrival of a bar to its visible prediction."),
    ("tradewind_store_degraded", "gauge", "store", "1 while a store cannot be reached."),
    # cache
    ("tradewind_cache_hits_total", "counter", "level", "Answers found, by level."),
    ("tradewind_cache_misses_total", "counter", "level", "Answers not found, by level."),
    # audit
    ("tradewind_audit_lines_total", "counter", "", "Lines written into the audit spool."),
    ("tradewind_audit_refused_total", "counter", "", "Lines that had to wait because the spool was full."),
    ("tradewind_audit_segments", "gauge", "", "Spool segments that wait for the audit log."),
    ("tradewind_audit_segments_limit", "gauge", "", "Spool segments there may be."),
    # roll-out
    ("tradewind_experiment_share", "gauge", "experiment arm", "Share of traffic of an arm."),
    ("tradewind_experiment_requests_total", "counter", "experiment arm", "Requests answered by an arm."),
    ("tradewind_experiment_rollbacks_total", "counter", "experiment", "Roll-backs by a guardrail."),
    # connectors
    (
        "tradewind_connector_items_total",
        "counter",
        "connector outcome",
        "Items of a connector, by what became of them.",
    ),
    ("tradewind_connector_up", "gauge", "connector", "1 while a connector delivers."),
    ("tradewind_connector_last_success_timestamp_seconds", "gauge", "connector", "When it last delivered."),
    # process
    ("tradewind_up_seconds", "gauge", "", "Seconds since the server was ready."),
    ("tradewind_resident_bytes", "gauge", "", "Memory of the process."),
)

Values = Mapping[tuple[str, ...], float | Buckets] | float | Buckets


def family(name: str, values: Values) -> Family:
    """Return metric ``name`` with one value, or with values by their labels in the order of the catalogue.

    KeyError where the catalogue has no such metric; ValueError where the labels are others.
    """
    entry = CATALOGUE[name]
    if not isinstance(values, Mapping):
        values = {(): values}
    samples = []
    for labels, value in values.items():
        if len(labels) != len(entry.labels):
            raise ValueError(f"{name} has the labels {entry.labels}, not {labels}")
        samples.append(Sample(value=value, labels=dict(zip(entry.labels, labels, strict=True))))
    return Family(name=name, help=entry.help, kind=entry.kind, samples=samples)
