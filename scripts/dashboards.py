"""Writes the Grafana dashboards of deploy/grafana/dashboards from the panels below; `--check` tells a stale one."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parents[1] / "deploy" / "grafana" / "dashboards"
SOURCE = {"type": "prometheus", "uid": "prometheus"}
Panel = tuple[str, str, list[tuple[str, str]]]


def rate(metric: str, by: str = "") -> str:
    """Return the rate per second over a minute, summed by ``by``."""
    return f"sum by ({by}) (rate({metric}[1m]))" if by else f"sum(rate({metric}[1m]))"


def quantiles(metric: str) -> list[tuple[str, str]]:
    """Return median, 99 % and 99.9 % of a histogram."""
    return [
        (f"histogram_quantile({q}, sum by (le) (rate({metric}_bucket[1m])))", f"p{label}")
        for q, label in ((0.5, "50"), (0.99, "99"), (0.999, "99.9"))
    ]


def hit_rate(level: str) -> str:
    """Return the share of look-ups that a cache level answered."""
    hits, misses = (rate(f'tradewind_cache_{what}_total{{level="{level}"}}') for what in ("hits", "misses"))
    return f"{hits} / clamp_min({hits} + {misses}, 1e-9)"


SERVICE: list[Panel] = [
    ("Requests by status", "reqps", [(rate("tradewind_http_requests_total", "status"), "{{status}}")]),
    ("Latency", "s", quantiles("tradewind_http_request_seconds")),
    ("Turned away", "reqps", [(rate("tradewind_http_rejected_total", "reason"), "{{reason}}")]),
    (
        "In flight and streams",
        "short",
        [("sum(tradewind_http_in_flight)", "in flight"), ("sum(tradewind_stream_readers)", "streams")],
    ),
    ("Cache hit rate", "percentunit", [(hit_rate(level), level) for level in ("l1", "l2", "l3")]),
    ("Predictions", "ops", [(rate("tradewind_predictions_total", "model,role"), "{{model}} {{role}}")]),
    ("Runtime of a batch", "s", quantiles("tradewind_predict_seconds")),
    ("Rows of a batch", "short", quantiles("tradewind_batch_rows")),
    (
        "Waiting for a batch",
        "short",
        [("sum(tradewind_batch_waiting)", "rows"), (rate("tradewind_batch_refused_total"), "refused a second")],
    ),
    ("Loaded versions", "short", [("max by (model, role) (tradewind_model_loaded)", "{{model}} {{role}}")]),
    ("Memory", "bytes", [("tradewind_resident_bytes", "{{instance}}")]),
    ("Time since ready", "s", [("tradewind_up_seconds", "{{instance}}")]),
]
STREAM: list[Panel] = [
    ("Bars", "ops", [(rate("tradewind_bars_total"), "taken in")]),
    ("Bar to visible prediction", "s", quantiles("tradewind_bar_to_prediction_seconds")),
    ("Not read yet", "short", [("tradewind_log_lag", "{{instance}}")]),
    ("Age of the newest slice", "s", [("time() - tradewind_last_slice_timestamp_seconds", "{{instance}}")]),
    (
        "Bars out of the ordinary",
        "ops",
        [(rate(f"tradewind_bars_{what}_total"), what) for what in ("late", "duplicate", "rejected")],
    ),
    ("Slices closed", "ops", [(rate("tradewind_slices_total"), "slices")]),
    ("Stores out of reach", "short", [("max by (store) (tradewind_store_degraded)", "{{store}}")]),
    (
        "Connectors",
        "ops",
        [(rate("tradewind_connector_items_total", "connector,outcome"), "{{connector}} {{outcome}}")],
    ),
    (
        "Connectors that deliver",
        "short",
        [("min by (connector) (tradewind_connector_up)", "{{connector}}")],
    ),
]
CONTROL: list[Panel] = [
    (
        "Audit lines",
        "ops",
        [(rate("tradewind_audit_lines_total"), "written"), (rate("tradewind_audit_refused_total"), "waited")],
    ),
    (
        "Audit segments waiting",
        "short",
        [("tradewind_audit_segments", "waiting"), ("tradewind_audit_segments_limit", "limit")],
    ),
    (
        "Share of traffic",
        "percentunit",
        [("max by (experiment, arm) (tradewind_experiment_share)", "{{experiment}} {{arm}}")],
    ),
    (
        "Requests by arm",
        "reqps",
        [(rate("tradewind_experiment_requests_total", "experiment,arm"), "{{experiment}} {{arm}}")],
    ),
    ("Roll-backs", "short", [("sum by (experiment) (tradewind_experiment_rollbacks_total)", "{{experiment}}")]),
    (
        "Student and shadow",
        "ops",
        [
            (rate("tradewind_disagreements_total"), "student disagrees"),
            (rate("tradewind_shadow_dropped_total"), "shadow left out"),
        ],
    ),
    ("Versions that could not be loaded", "short", [("tradewind_model_load_failures_total", "{{instance}}")]),
    ("Streams ended for a slow reader", "ops", [(rate("tradewind_stream_slow_total"), "ended")]),
]
DASHBOARDS = {
    "service": ("Tradewind: service", SERVICE),
    "stream": ("Tradewind: stream", STREAM),
    "control": ("Tradewind: audit and roll-out", CONTROL),
}


def dashboard(name: str, title: str, panels: list[Panel]) -> dict[str, Any]:
    """Return a dashboard as Grafana imports it, two panels a row."""
    return {
        "uid": f"tradewind-{name}",
        "title": title,
        "tags": ["tradewind"],
        "schemaVersion": 39,
        "version": 1,
        "refresh": "10s",
        "time": {"from": "now-1h", "to": "now"},
        "panels": [
            {
                "id": place + 1,
                "type": "timeseries",
                "title": heading,
                "datasource": SOURCE,
                "gridPos": {"h": 8, "w": 12, "x": 12 * (place % 2), "y": 8 * (place // 2)},
                "fieldConfig": {"defaults": {"unit": unit, "min": 0}, "overrides": []},
                "targets": [
                    {"refId": chr(ord("A") + k), "expr": expression, "legendFormat": legend, "datasource": SOURCE}
                    for k, (expression, legend) in enumerate(queries)
                ],
            }
            for place, (heading, unit, queries) in enumerate(panels)
        ],
    }


def files() -> dict[Path, str]:
    """Return the text of every dashboard by its file."""
    return {
        FOLDER / f"{name}.json": json.dumps(dashboard(name, title, panels), indent=2) + "\n"
        for name, (title, panels) in DASHBOARDS.items()
    }


def main() -> None:
    """Write the files, or check them."""
    stale = [path for path, text in files().items() if not path.exists() or path.read_text() != text]
    if "--check" in sys.argv[1:]:
        sys.exit(f"stale: {', '.join(path.name for path in stale)}; run python scripts/dashboards.py" if stale else 0)
    for path, text in files().items():
        path.write_text(text)
        print(path)


if __name__ == "__main__":
    main()
