"""What a search is worth: the tuned ensemble against its own default on validation months that the search never saw.

    python benchmarks/tuned.py --data ../shared/data --search    # search anew first (about an hour on two cores)
    python benchmarks/tuned.py --data ../shared/data             # judge the settings in benchmarks/results/

The search is `tradewind tune` inside the training window; its settings are kept in benchmarks/results/tuned_NAME.toml.
Both ensembles are fitted on that window and forecast the months after it; the difference is bootstrapped over days.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from day_intervals import compare
from page import RESULTS, ROOT, table, write_part
from tradewind.data import read_prices, read_universe
from tradewind.features import LabelSettings
from tradewind.training import TrainingSettings, read_forecasts

OUT = ROOT / "out" / "benchmarks" / "tuned"
KEPT = RESULTS / "tuned.json"
GOAL = 0.08  # of the default's skill
NAMES = {"accuracy": "accuracy", "mcc": "MCC", "ic": "IC", "rank_ic": "rank IC"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One data set: where training ends and which months judge."""

    name: str
    title: str
    files: tuple[str, ...]
    label: LabelSettings
    train_end: str
    test: tuple[str, str]
    budget: tuple[str, ...]

    def flags(self, data: Path) -> list[str]:
        """Return the input flags of tune and evaluate."""
        found = [part for file in self.files for part in (f"--{file}", str(_file(data, self.name, file)))]
        if self.label.up:
            found += ["--label", "updown", "--up", str(self.label.up), "--down", str(self.label.down)]
        return [*found, "--train-end", self.train_end, "--track", "off"]


CASES = (
    Case(
        name="acl18",
        title="ACL18, June to September 2015",
        files=("prices", "news", "universe"),
        label=LabelSettings(up=0.0055, down=-0.005),
        train_end="2015-05-29",
        test=("2015-06-01", "2015-09-30"),
        budget=("--trials", "10", "--ensemble-trials", "30", "--joint-trials", "4"),
    ),
    Case(
        name="kdd17",
        title="KDD17, 2014 and 2015",
        files=("prices",),
        label=LabelSettings(),
        train_end="2013-12-31",
        test=("2014-01-01", "2015-12-30"),
        budget=("--trials", "8", "--ensemble-trials", "30", "--joint-trials", "3"),
    ),
)


def _file(data: Path, name: str, kind: str) -> Path:
    return data / name / ("universe.csv" if kind == "universe" else f"{kind}.parquet")


def settings_of(case: Case) -> Path:
    """Return where the tuned settings of a case are kept."""
    return RESULTS / f"tuned_{case.name}.toml"


def command(*words: str) -> None:
    """Run one tradewind command."""
    subprocess.run([str(Path(sys.executable).parent / "tradewind"), *words], check=True, cwd=ROOT)


def search(case: Case, data: Path) -> None:
    """Tune inside the training window and keep the settings."""
    folder = OUT / f"{case.name}_search"
    command("tune", *case.flags(data), *case.budget, "--out", str(folder))
    RESULTS.mkdir(exist_ok=True)
    shutil.copy(folder / "tuned.toml", settings_of(case))


def judge(case: Case, data: Path) -> dict[str, Any]:
    """Forecast the validation months with default and tuned settings and compare them on equal rows."""
    universe = read_universe(_file(data, case.name, "universe")) if "universe" in case.files else None
    panel = read_prices(_file(data, case.name, "prices"), universe=universe)
    sides = {}
    for side in ("default", "tuned"):
        folder = OUT / f"{case.name}_{side}"
        chosen = ["--settings", str(settings_of(case))] if side == "tuned" else []
        span = ("--test-start", case.test[0], "--test-end", case.test[1])
        command("evaluate", *case.flags(data), *chosen, *span, "--out", str(folder))
        sides[side] = read_forecasts(folder / "predictions.parquet", panel, case.label)
    verdict = json.loads((OUT / f"{case.name}_tuned" / "metrics.json").read_text())["verdict"]
    settings = TrainingSettings.from_toml(settings_of(case))
    return {
        "trials": settings.tuning.trials,
        "members": list(settings.models),
        "default": compare([sides["default"]]),
        "tuned": compare([sides["tuned"]]),
        "difference": compare([sides["tuned"]], [sides["default"]]),
        "verdict": verdict,
    }


def words(found: dict[str, Any]) -> str:
    """Return what the figures say, plainly."""
    said = []
    for metric, name, origin in (("accuracy", "accuracy over 50 %", 0.5), ("ic", "IC", 0.0)):
        skill = found["default"][metric][0] - origin
        value, low, high = found["difference"][metric]
        if skill <= 0.0:
            sure = "beyond luck of the days" if low > 0.0 or high < 0.0 else "within luck of the days"
            said.append(
                f"the default has no {name} of which to gain a share; the tuned ensemble's differs by {value:+.4f} "
                f"({low:+.4f} to {high:+.4f}), {sure}"
            )
            continue
        goal = GOAL * skill
        reach = "is beaten by more" if low > goal else "is not reached" if high < goal else "is not settled"
        said.append(
            f"a gain of 8 % of the default's {name} ({goal:+.4f}) {reach}: {value:+.4f} ({low:+.4f} to {high:+.4f})"
        )
    text = "; ".join(said)
    return f"{text[0].upper()}{text[1:]}."


def section(case: Case, found: dict[str, Any]) -> str:
    """Return the page's part on one data set."""
    rows = []
    for metric, name in NAMES.items():
        sides = [f"{found[side][metric][0]:.4f}" for side in ("default", "tuned")]
        value, low, high = found["difference"][metric]
        rows.append((name, *sides, f"{value:+.4f}", f"{low:+.4f} to {high:+.4f}"))
    verdict = found["verdict"]
    return (
        f"### {case.title}\n\n{found['trials']} variants were tried before {case.train_end}; the members taken are "
        f"{', '.join(found['members'])}.\n\n"
        f"{table(('metric', 'default', 'tuned', 'difference', '95 % interval'), rows)}\n\n{words(found)} "
        f"Verdict on the tuned ensemble, corrected for the variants: {verdict['words'].rstrip('.')}.\n"
    )


def main() -> None:
    """Search where asked, judge, and write the page's part."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--data", type=Path, default=ROOT.parent / "shared" / "data")
    parser.add_argument("--only", choices=[case.name for case in CASES], action="append")
    parser.add_argument("--search", action="store_true", help="search anew instead of judging the kept settings")
    parser.add_argument("--page-only", action="store_true", help="write the page from the kept figures")
    flags = parser.parse_args()
    kept = json.loads(KEPT.read_text()) if KEPT.exists() else {}
    for case in CASES:
        if flags.page_only or (flags.only and case.name not in flags.only):
            continue
        if flags.search:
            search(case, flags.data.resolve())
        kept[case.name] = judge(case, flags.data.resolve())
        KEPT.write_text(json.dumps(kept, indent=2) + "\n")
    intro = (
        "## Tuned against default\n\n"
        "Written by `python benchmarks/tuned.py --search`. `tradewind tune` searched inside the training window (five\n"
        "purged splits, Bayesian proposals, Hyperband pruning; members, then weights, then both together); both\n"
        "ensembles were then fitted on that window and forecast the months after it. Intervals redraw blocks of five\n"
        "days, the same for both.\n\n"
    )
    write_part("tuned", intro + "\n".join(section(case, kept[case.name]) for case in CASES if case.name in kept))


if __name__ == "__main__":
    main()
