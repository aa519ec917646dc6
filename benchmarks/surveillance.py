"""How good surveillance is on markets it never learned from: what it finds, beside what else there is, and when calm.

    python benchmarks/surveillance.py detect --seeds unseen_fresh=40 unseen_evasive=40 auditcase=20 hawkes=20
    python benchmarks/surveillance.py compare --fit 6 --seeds unseen=20 hawkes=8
    python benchmarks/surveillance.py bars
    python benchmarks/surveillance.py calm --seeds calm=5 calm_unseen=6 calm_auditcase=4 calm_hawkes=4
    python benchmarks/surveillance.py page

``detect`` : precision and recall of the whole pipeline, scheme by scheme. ``bars`` : the same with bars set on other
markets of the venue, beside those of the package. ``compare`` : recall at a precision of 95 % beside rules alone and
the best of PyOD. ``calm`` : false alerts per million events, with the bars of the package and those that ``bars`` set.
``page`` writes the results that are kept in benchmarks/results/surveillance.json into docs/surveillance_results.md.
Minutes each on two cores.
"""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed

import surveillance_bars
import surveillance_calm
import surveillance_compare
import surveillance_detect
from page import RESULTS, ROOT, machine
from surveillance_markets import FIRST
from surveillance_page import write_page
from tradewind.core.files import write_json_file
from tradewind.surveillance.learning.baselines import DETECTORS

FILE = RESULTS / "surveillance.json"
USUAL = {
    "detect": "unseen_fresh=60 auditcase=40 hawkes=40 unseen_evasive=40 hawkes_evasive=20",
    "compare": "unseen=20 hawkes=8",
    "bars": "unseen_fresh=60 auditcase=40 hawkes=40 unseen_evasive=40",
    "calm": "calm=5 calm_unseen=6 calm_auditcase=4 calm_hawkes=4",
}
BARS = ROOT / "build" / "surveillance_bars"
"""Where candidates of histories are kept, so that a run that was cut goes on; remove it after a change of columns."""
SIZE = {"compare": 60_000}
"""Events of each market, about; drawn where nothing stands here."""

APART = 500
"""Markets to compare on lie so far from those of ``detect``; those that PyOD is fitted on twice as far."""


def suites(words: Sequence[str], offset: int = 0) -> list[tuple[str, int]]:
    """Return (suite, seed) of ``suite=count`` words; what independent simulators make first, for it takes longest."""
    found = []
    for word in words:
        name, _, count = word.partition("=")
        if name not in FIRST or not count.isdigit():
            raise SystemExit(f"{word!r} is no suite=count; suites are {', '.join(FIRST)}")
        found += [(name, FIRST[name] + offset + i) for i in range(int(count))]
    return sorted(found, key=lambda one: one[0].startswith(("unseen", "calm_unseen")) or one[0] == "calm")


def in_turn(work: Sequence[Callable[[], Any]], jobs: int, what: str) -> list[Any]:
    """Run ``work`` on ``jobs`` processes, saying how far it is; results in the order of the work."""
    began, found = time.monotonic(), []
    for one in Parallel(n_jobs=jobs, return_as="generator")(work):
        found.append(one)
        print(f"{what} {len(found)} of {len(work)}, {time.monotonic() - began:.0f} s", flush=True)
    return found


def by_suite(asked: argparse.Namespace, judge: Callable[..., Any], summary: Callable[..., Any]) -> dict[str, Any]:
    """Watch every market and sum up each suite."""
    plan = suites(asked.seeds)
    work = [delayed(judge)(suite, seed, asked.events, asked.model) for suite, seed in plan]
    done = in_turn(work, asked.jobs, "market")
    names = [word.partition("=")[0] for word in asked.seeds]
    parts = {
        name: [one for (suite, _), one in zip(plan, done, strict=True) if suite == name]
        for name in dict.fromkeys(names)
    }
    return {name: summary(part) for name, part in parts.items() if part}


def compared(asked: argparse.Namespace) -> dict[str, Any]:
    """Compare with the rules and PyOD."""
    fit = [("unseen", FIRST["unseen"] + 2 * APART + i) for i in range(asked.fit)]
    plan = [*fit, *suites(asked.seeds, APART)]
    done = in_turn([delayed(surveillance_compare.prepare)(s, n, asked.events) for s, n in plan], asked.jobs, "market")
    fitted, scored = ([one.windowed for one in part] for part in (done[: len(fit)], done[len(fit) :]))
    pairs = [(place, name) for name in reversed(DETECTORS) for place in range(len(surveillance_compare.SECONDS))]
    work = [delayed(surveillance_compare.outliers)(fitted, scored, place, name) for place, name in pairs]
    results = in_turn(work, asked.jobs, "outliers")
    anomalies = [one for part in results for one in part]
    lengths = [place for (place, _), part in zip(pairs, results, strict=True) for _ in part]
    return surveillance_compare.summary(done[len(fit) :], anomalies, lengths, asked.model) | {"fitted_on": len(fit)}


def with_own_bars(asked: argparse.Namespace, usual: Mapping[str, Any]) -> dict[str, Any]:
    """Watch the markets of ``detect``, of which ``usual`` holds the results, with bars set on others of their venue."""
    found: dict[str, Any] = {}
    for venue, watched in surveillance_bars.WATCHED.items():
        words = [word for word in asked.seeds if word.partition("=")[0] in watched]
        if not words:
            continue
        history = suites(surveillance_bars.HISTORIES[venue].split())
        work = [delayed(surveillance_bars.known)(s, n, asked.events, BARS / "candidates") for s, n in history]
        paths = in_turn(work, asked.jobs, f"history of {venue}")
        about = surveillance_bars.fitted(surveillance_detect.load(asked.model), paths, BARS / venue)
        given = argparse.Namespace(**{**vars(asked), "seeds": words, "model": BARS / venue})
        for name, own in by_suite(given, surveillance_detect.watch_one, surveillance_detect.summary).items():
            if name not in usual or usual[name]["events"] != own["events"]:
                raise SystemExit(f"there are no results of the same markets of {name}: run `detect` first")
            found[name] = {"history": about, "usual": usual[name], "own": own}
    return found


def calm(asked: argparse.Namespace) -> dict[str, Any]:
    """Watch calm markets with the bars of the package and with those that ``bars`` set on their venue."""
    found = by_suite(asked, surveillance_detect.watch_one, surveillance_calm.summary)
    for venue in dict.fromkeys(surveillance_bars.CALM.values()):
        words = [word for word in asked.seeds if surveillance_bars.CALM.get(word.partition("=")[0]) == venue]
        if not words:
            continue
        if not (BARS / venue).is_dir():
            raise SystemExit(f"there are no bars of {venue} in {BARS}: run `bars` first")
        given = argparse.Namespace(**{**vars(asked), "seeds": words, "model": BARS / venue})
        for name, one in by_suite(given, surveillance_detect.watch_one, surveillance_calm.summary).items():
            found[name]["own"] = one
    return found


def main(words: Sequence[str] | None = None) -> None:
    """Run what is asked and keep the results."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("part", choices=("detect", "bars", "compare", "calm", "page"))
    parser.add_argument("--seeds", nargs="+", metavar="SUITE=COUNT", help="markets of each suite")
    parser.add_argument("--events", type=int, help="of each market, about")
    parser.add_argument("--fit", type=int, default=6, help="markets that PyOD's detectors are fitted on")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--model", type=Path, help="a model's folder; the bundled one by default")
    parser.add_argument("--results", type=Path, default=FILE)
    asked = parser.parse_args(words)
    kept = json.loads(asked.results.read_text()) if asked.results.exists() else {}
    if asked.part == "page":
        write_page(kept)
        return
    asked.events = asked.events or SIZE.get(asked.part)
    asked.seeds = asked.seeds or USUAL[asked.part].split()
    model = surveillance_detect.load(asked.model)
    if asked.part == "detect":
        found = by_suite(asked, surveillance_detect.watch_one, surveillance_detect.summary)
    elif asked.part == "bars":
        found = with_own_bars(asked, kept.get("detect", {}).get("found", {}))
    elif asked.part == "calm":
        found = calm(asked)
    else:
        found = compared(asked)
    about = {"model": model.id, "machine": machine()}
    kept[asked.part] = {"about": about, "found": found}
    write_json_file(asked.results, kept)
    print(json.dumps(found, indent=1))


if __name__ == "__main__":
    main()
