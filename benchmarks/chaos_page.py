"""The table of docs/chaos.md, from results/chaos.json.

python benchmarks/chaos_page.py
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

RESULTS = Path(__file__).parent / "results" / "chaos.json"
PAGE = Path(__file__).parents[1] / "docs" / "chaos.md"
BEGIN, END = "<!-- table: begin -->", "<!-- table: end -->"
NAMES = {
    "killed": "server killed",
    "redis_killed": "Redis killed, back empty",
    "broker_away": "broker cut off",
    "disk_full": "disk full",
    "slow_clients": "slow clients",
    "overload": "ten times the load",
    "corrupt_model": "damaged model deployed",
    "clock_jump": "clock jumps",
    "half_written": "half-written bytes",
    "children_killed": "auditor, explainer killed",
    "hot_reload": "champion exchanged",
    "canary_slow": "canary that is slow",
}


def table(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> str:
    """Return the Markdown table; the runs of a fault are added up."""
    lines = [
        "| fault | times | answers by status | p50 / p99 ms | answers again, s | newest bar again, s | lost | wrong |",
        "| --- | ---: | --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    lines += [_row(NAMES[name], results[name]) for name in NAMES if name in results]
    return "\n".join(lines)


def _row(name: str, runs: Sequence[Mapping[str, Any]]) -> str:
    statuses: Counter[str] = Counter()
    for run in runs:
        statuses.update(run["status"])
    words = ", ".join(f"{'none' if status == '0' else status}: {count:,}" for status, count in sorted(statuses.items()))
    faults = sum(run["faults"] for run in runs)
    p50 = max(run["p50_ms"] for run in runs)
    p99 = max(run["p99_ms"] for run in runs)
    lost = sum(run["held"]["lost"] for run in runs)
    wrong = sum(run["held"]["false"] for run in runs)
    back = [_worst(runs, part) for part in ("answers_again_s", "fresh_again_s")]
    return f"| {name} | {faults} | {words} | {p50:.1f} / {p99:.0f} | {back[0]} | {back[1]} | {lost} | {wrong} |"


def _worst(runs: Sequence[Mapping[str, Any]], part: str) -> str:
    median = sorted(run[part]["median"] for run in runs)[len(runs) // 2]
    worst = max(run[part]["worst"] for run in runs)
    return f"{median:.2f} ({worst:.2f})"


def main() -> None:
    """Write the table into the page."""
    text = PAGE.read_text()
    head, _, rest = text.partition(BEGIN)
    tail = rest.partition(END)[2]
    PAGE.write_text(f"{head}{BEGIN}\n\n{table(json.loads(RESULTS.read_text()))}\n\n{END}{tail}")


if __name__ == "__main__":
    main()
