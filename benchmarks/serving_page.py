"""The page docs/serving_performance.md: its tables are written from the kept results."""

from __future__ import annotations

from typing import Any

from page import ROOT, card, table
from tradewind.core.files import write_text

PAGE = ROOT / "docs" / "serving_performance.md"
OPENING, CLOSING = "<!-- begin results: written by benchmarks/serving.py, do not edit -->", "<!-- end results -->"


def write_page(kept: dict[str, Any]) -> None:
    """Put the tables of what was measured between the page's marks."""
    page = PAGE.read_text(encoding="utf-8")
    start, end = page.index(OPENING), page.index(CLOSING)
    parts = [card(kept["machine"]), *(write(kept[name]) for name, write in WRITERS.items() if name in kept)]
    write_text(PAGE, page[:start] + OPENING + "\n\n" + "\n\n".join(parts) + "\n\n" + page[end:])
    print(f"wrote {PAGE.relative_to(ROOT)}")


def _three(values: list[float], digits: int = 0) -> str:
    return " / ".join(f"{value:,.{digits}f}" for value in values)


def _about(found: dict[str, Any]) -> str:
    return f"{found['rounds']} runs of {found['seconds']} s, load {found['load_before']} before (min / median / max)."


def _speeds(servers: dict[str, Any], *more: tuple[str, str]) -> str:
    columns = ("", "requests/s", "p50, ms", "p99, ms", *(title for title, _ in more), "failed")
    rows = [
        (
            name,
            _three(found["per_second"]),
            _three(found["p50_ms"], 1),
            _three(found["p99_ms"], 1),
            *(_three(found[key]) for _, key in more),
            f"{found['failed'][2]:.0f}",
        )
        for name, found in servers.items()
    ]
    return table(columns, rows)


def _cached(found: dict[str, Any]) -> str:
    ratio = _three(found["ratio"], 2)
    return (
        f"## Ready forecasts\n\n{_about(found)}\n\n{_speeds(found['servers'])}\n\n"
        f"Tradewind over bare granian, by pairs of runs: {ratio}."
    )


def _computed(found: dict[str, Any]) -> str:
    parts = [f"## Computed forecasts\n\n{_about(found)}"]
    for name in found["ensembles"]:
        loads = {load: figures for load, figures in found[name].items() if load != "open loop"}
        rows = [
            (
                rate,
                f"{one['good_per_second']:,.0f}",
                f"{one['p50_ms']:.1f}",
                f"{one['p99_ms']:.1f}",
                ", ".join(f"{count:,} x {status}" for status, count in one["status"].items()),
            )
            for rate, one in found[name]["open loop"].items()
        ]
        batch = _three(found[name]["batches of 256, 2 connections"]["rows_per_second"])
        parts.append(
            f"### The {name} ensemble\n\n{_speeds(loads)}\n\nBatches: {batch} rows/s.\n\n"
            + table(("planned/s", "answered/s", "p50, ms", "p99, ms", "answers"), rows)
        )
    return "\n\n".join(parts)


def _peers(found: dict[str, Any]) -> str:
    return (
        f"## Beside other servers\n\n{_about(found)}\n\n{_speeds(found['servers'], ('memory, MiB', 'pss_mib'))}\n\n"
        f"Tradewind answers {found['times_the_best']} times as many requests a second as the best of the others."
    )


def _stream(found: dict[str, Any]) -> str:
    live = found["live"]
    lines = [f"- {name}: {_three(rates)} bars/s" for name, rates in found["replay"].items()]
    inside = ", ".join(f"{share:.1%} {name.replace('_', ' ')}" for name, share in live["server"].items() if share)
    return (
        f"## Bars to forecasts\n\n{live['seen']:,} of {live['bars']:,} forecasts seen; from the append to the"
        f" forecast in the reader's hands p50 {live['p50_ms']} ms, p99 {live['p99_ms']} ms, at most"
        f" {live['max_ms']} ms. Load {found['load_before']} before.\n\nBy the server's own metric, from the"
        f" log's clock until the forecast is in memory: {inside}.\n\nReplay through log and"
        " features, no predictions:\n\n" + "\n".join(lines)
    )


WRITERS = {"cached": _cached, "computed": _computed, "peers": _peers, "stream": _stream}
