"""Plant faults in clean simulated markets, count what the checks find, and write the table into docs/quality.md.

python scripts/quality_table.py [--seeds 12] [--data ../shared/data] [--print-only]
"""

from __future__ import annotations

import argparse
from collections import Counter
from pathlib import Path

from tradewind.core.files import write_text
from tradewind.data import MarketSettings, inject_faults, read_prices, simulate
from tradewind.quality import check_panel, run_trial

ROOT = Path(__file__).resolve().parents[1]
PAGE = ROOT / "docs" / "quality.md"
START, END = "<!-- table -->\n", "<!-- end of table -->"
SYMBOLS, DAYS, PER_KIND = 60, 900, 20
FIRST_SEED = 100  # thresholds were chosen on markets of lower seeds


def planted(seeds: int) -> list[str]:
    """Return the lines of the table of planted faults, over ``seeds`` markets that no threshold was chosen on."""
    counts: dict[str, Counter[str]] = {}
    clean_bars, clean_events = 0, Counter[str]()
    for seed in range(FIRST_SEED, FIRST_SEED + seeds):
        settings = MarketSettings(n_symbols=SYMBOLS, n_days=DAYS, seed=seed, splits=0.5, dividends=4.0)
        market = simulate(settings)
        clean = check_panel(market.panel)
        faulty = inject_faults(market, seed=seed, per_kind=PER_KIND)
        for line in run_trial(faulty.faults, check_panel(faulty.panel), clean):
            count = counts.setdefault(line.kind, Counter())
            count.update(planted=line.planted, found=line.found, false_alarms=line.false_alarms)
        clean_bars += clean.bars
        clean_events.update(event.kind for event in clean.events)
    rows = [f"| {kind} | {c['planted']} | {c['found']} | {c['false_alarms']} |" for kind, c in sorted(counts.items())]
    said = ", ".join(f"{kind} {count}" for kind, count in clean_events.most_common()) or "none"
    return [
        f"{seeds} markets of {SYMBOLS} symbols and {DAYS} days with splits and dividends, {clean_bars:,} clean bars. "
        f"All events on the clean bars: {said}.",
        "",
        "| fault | planted | found | false alarms on the clean panels |",
        "| --- | ---: | ---: | ---: |",
        *rows,
    ]


def real(folder: Path) -> list[str]:
    """Return the lines of the table of events on real prices; empty where the data are absent."""
    lines = []
    for name in ("acl18", "kdd17", "sp500"):
        path = folder / name / "prices.parquet"
        if path.is_file():
            report = check_panel(read_prices(path))
            kinds = ", ".join(f"{kind} {count}" for kind, count in report.kinds.items())
            rate = 1000 * len(report.events) / report.bars
            lines.append(f"| {name} | {report.bars:,} | {report.score} | {rate:.2f} | {kinds} |")
    if not lines:
        return []
    head = ["| prices | bars | score | events per 1000 bars | events |", "| --- | ---: | ---: | ---: | --- |"]
    return ["", "Events on real prices:", "", *head, *lines]


def main() -> None:
    """Run the trial, print the table, and write it into the page."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--seeds", type=int, default=12)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--print-only", action="store_true")
    args = parser.parse_args()
    table = "\n".join([*planted(args.seeds), *real(args.data)])
    print(table)
    if not args.print_only:
        page = PAGE.read_text(encoding="utf-8")
        before, rest = page.split(START)
        write_text(PAGE, f"{before}{START}\n{table}\n\n{END}{rest.split(END)[1]}")


if __name__ == "__main__":
    main()
