"""Validation figures on the research data sets, by the command line, into their part of docs/benchmarks.md.

    python benchmarks/real_data.py --data ../shared/data            # about half an hour on two cores
    python benchmarks/real_data.py --data ../shared/data --only acl18

Each data set is run by one `tradewind evaluate`; its folder out/benchmarks/NAME holds the report. The page is written
from the metrics of all runs that are there. The published test periods are never touched: every span ends before them.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from page import ROOT, write_part

OUT = ROOT / "out" / "benchmarks"


@dataclass(frozen=True, kw_only=True)
class Run:
    """One data set and span."""

    name: str
    title: str
    flags: str
    remarks: str

    def command(self, data: str) -> str:
        """Return the command a reader can copy."""
        return f"tradewind evaluate {self.flags.format(data=data)} --out out/benchmarks/{self.name}"


RUNS = (
    Run(
        name="acl18",
        title="ACL18: 88 US stocks with tweets, June to September 2015",
        flags="--prices {data}/acl18/prices.parquet --news {data}/acl18/news.parquet "
        "--universe {data}/acl18/universe.csv --train-end 2015-05-31 --test-start 2015-06-01 --test-end 2015-09-30 "
        "--label updown --up 0.0055 --down -0.005",
        remarks="Fitted once on everything to May 2015; the four validation months hold the fall of August 2015. Moves "
        "between -0.5 % and 0.55 % have no label and are not counted. Published for the test months that follow "
        "(October to December 2015, not used here): 58.2 % and MCC 0.081 (StockNet), 57.2 % and 0.148 (Adv-ALSTM).",
    ),
    Run(
        name="acl18_no_news",
        title="The same without tweets",
        flags="--prices {data}/acl18/prices.parquet "
        "--universe {data}/acl18/universe.csv --train-end 2015-05-31 --test-start 2015-06-01 --test-end 2015-09-30 "
        "--label updown --up 0.0055 --down -0.005",
        remarks="What the text adds is the difference to the table above.",
    ),
    Run(
        name="kdd17",
        title="KDD17: 50 US stocks, 2014 and 2015",
        flags="--prices {data}/kdd17/prices.parquet --test-start 2014-01-01 --test-end 2015-12-30 --walk-forward "
        "--expanding --test-months 12",
        remarks="Refitted at each new year on everything before. The label is the sign of the next move. Published for "
        "2016 (not used here): 53.1 % and MCC 0.052 (Adv-ALSTM).",
    ),
    Run(
        name="sp500",
        title="S&P 500: 503 members of 2017, January 2015 to June 2017",
        flags="--prices {data}/sp500/prices.parquet --universe {data}/sp500/universe.csv --fear {data}/sp500/vix.csv "
        "--test-start 2015-01-01 --test-end 2017-06-30 --walk-forward --train-months 12 --test-months 3 --cost-bp 5",
        remarks="**Survivorship bias**: the symbols are the index's members of 2017, so companies that fell out before "
        "are absent and long portfolios look better than they could have been; a long-short portfolio is touched less, "
        "yet not untouched. `adj_close` equals `close`: dividends are missing. Sectors are known for 347 symbols. "
        "Refitted every quarter on the 12 months before, with VIX as the fear index.",
    ),
)

COLUMNS = ("model", "accuracy", "95 % interval", "MCC", "Brier", "IC", "rank IC", "ICIR", "decile Sharpe", "skill, p")


def run(one: Run, data: str) -> None:
    """Run one evaluation; its seconds are kept beside the metrics."""
    words = one.command(data).replace("out/benchmarks", str(OUT)).split()
    began = time.monotonic()
    subprocess.run([str(Path(sys.executable).parent / "tradewind"), *words[1:]], check=True, cwd=ROOT)
    (OUT / one.name / "seconds.json").write_text(json.dumps(round(time.monotonic() - began)))


def row(name: str, found: dict[str, Any]) -> str:
    """Return one model's line of the table."""

    def text(value: float | None, form: str = "{:.3f}") -> str:
        return "-" if value is None else form.format(value)

    low, high = found["accuracy_interval"]
    books = found["portfolios"]
    at_close, later = (books[f"long-short, decile{when}"]["sharpe"] for when in (", at the close", ""))
    cells = (
        name,
        text(found["accuracy"], "{:.2%}"),
        f"{text(low, '{:.1%}')} to {text(high, '{:.1%}')}",
        text(found["mcc"]),
        text(found["brier"], "{:.4f}"),
        text(found["ic"], "{:.4f}"),
        text(found["rank_ic"], "{:.4f}"),
        text(found["icir"]),
        f"{text(at_close, '{:.2f}')}; {text(later, '{:.2f}')}",
        text(found["verdict"]["p_value"], "{:.2g}"),
    )
    return "| " + " | ".join(cells) + " |"


def section(one: Run) -> str:
    """Return the page's part on one run."""
    metrics = json.loads((OUT / one.name / "metrics.json").read_text())
    seconds = json.loads((OUT / one.name / "seconds.json").read_text())
    models = metrics["models"]
    order = sorted(models, key=lambda name: (name != "ensemble", models[name]["baseline"]))
    lines = [
        f"### {one.title}",
        "",
        one.remarks,
        "",
        "| " + " | ".join(COLUMNS) + " |",
        "| --- |" + " ---: |" * (len(COLUMNS) - 1),
        *(row(name, models[name]) for name in order),
        "",
        f"{metrics['n']:,} labelled forecasts; {seconds} s. {sentence(metrics['verdict']['words'])}",
        "",
        "```",
        one.command("DATA"),
        "```",
        "",
    ]
    return "\n".join(lines)


def sentence(words: str) -> str:
    """Return ``words`` as a sentence."""
    return words[0].upper() + words[1:] + "."


def part() -> str:
    """Return the part of the page from the runs that are there."""
    there = [one for one in RUNS if (OUT / one.name / "seconds.json").exists()]
    head = """## The pipeline on real data

Out-of-sample figures of the default settings (seed 7), written by `python benchmarks/real_data.py`; `DATA` is the
folder of the research data sets. Every table holds the ensemble, its members and the baselines on the same rows.
Intervals and the test of skill (Pesaran-Timmermann) count days, not rows, since stocks of one day move together.
*decile Sharpe* is annualised, of a long-short decile portfolio after 5 bp a side: traded at the close the forecast was
made from, then one bar later.

The defaults (balanced classes, believed drift, rounds and leaf sizes of the boosted trees) were chosen on spans of
ACL18 and KDD17 that end with these validation months, among some twenty variants, so the figures below are validation
figures: expect less on months that nobody has looked at.

"""
    return head + "\n".join(section(one) for one in there)


def main() -> None:
    """Run what was asked for and write the part of the page."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", default="../shared/data", help="folder of the research data sets")
    parser.add_argument("--only", choices=[one.name for one in RUNS], action="append", help="run only this one")
    parser.add_argument("--page-only", action="store_true", help="write the page from the runs that are there")
    args = parser.parse_args()
    for one in RUNS:
        if not args.page_only and (args.only is None or one.name in args.only):
            run(one, args.data)
    write_part("real_data", part())


if __name__ == "__main__":
    main()
