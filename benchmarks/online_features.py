"""How fast features follow a stream, beside computing them again from the trailing history; one core.

    python benchmarks/online_features.py [--quick] [--json FILE]

500 symbols bring one bar each a slice (a seeded random-walk market). Each case is an engine that is fed slices it has
not seen; the clock runs around ``advance`` alone. ``slice of 1`` is a slice that holds one symbol. ``again`` is what a
service without online state would do: ``compute_features`` over the last bars that the longest window needs, of all 500
symbols, for the newest row of each; features with an endless memory (exponential means, on-balance volume) are then
only nearly right. News is one item of 18 words for every fourth bar; ``scores given`` leaves out what the default
scorer takes to read them, and so does ``again``. Cases take turns, so that all meet the same state of the machine;
medians are given, with quartiles. Compilation is done before the clock starts. The process is bound to one core; stop
other work before you believe it.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import Any

import numpy as np

from tradewind.core import News, Panel
from tradewind.core.arrays import FloatArray
from tradewind.data import MarketSettings, simulate
from tradewind.features import REGISTRY, LexiconScorer, TextScorer, compute_features
from tradewind.features.online import OnlineFeatures, Slice, SliceNews, State, slices_of
from tradewind.features.online.own import OwnBars

SYMBOLS = 500
TYPICAL = 47  # features that a selection leaves


@dataclass(frozen=True)
class Case:
    """An engine to be measured: what makes it, and the features it gives."""

    label: str
    names: tuple[str, ...]
    make: Callable[[tuple[str, ...], Panel], Any]
    reads_news: bool = False


def own_bars(names: tuple[str, ...], panel: Panel) -> OwnBars:
    """Return the engine of a symbol's own bars alone."""
    return OwnBars(names, len(panel.symbols))


def whole(names: tuple[str, ...], panel: Panel) -> OnlineFeatures:
    """Return the engine of everything that bars give."""
    return OnlineFeatures(panel.symbols, panel.sectors, names, fear=False, news=False)


def with_news(scorer: TextScorer) -> Callable[[tuple[str, ...], Panel], OnlineFeatures]:
    """Return a maker of the engine that reads news and the fear index as well."""
    return lambda names, panel: OnlineFeatures(panel.symbols, panel.sectors, names, fear=True, news=True, scorer=scorer)


class Given:
    """A scorer that costs nothing: the price of features and that of reading texts are told apart."""

    def score(self, texts: Sequence[str], /) -> FloatArray:
        """Return a number for each text that is no text's meaning."""
        return np.array([(len(text) % 21 - 10) / 10.0 for text in texts])


def spread(names: tuple[str, ...]) -> tuple[str, ...]:
    """Return as many of the names as a selection leaves, evenly spread."""
    return tuple(names[at] for at in np.linspace(0, len(names) - 1, TYPICAL).astype(int))


def cases() -> list[Case]:
    """Return what is measured: own-bar features, all features of bars, all there are; all, and a selection's."""
    own = tuple(feature.name for feature in REGISTRY if feature.own_bars)
    bars, everything = REGISTRY.names(inputs=("bars",)), REGISTRY.names()
    return [
        Case(f"own bars, all {len(own)}", own, own_bars),
        Case(f"own bars, {TYPICAL}", spread(own), own_bars),
        Case(f"bars of all symbols, all {len(bars)}", bars, whole),
        Case(f"bars of all symbols, {TYPICAL}", spread(bars), whole),
        Case(f"and fear, news with scores given, all {len(everything)}", everything, with_news(Given()), True),
        Case(f"and fear, news scored, all {len(everything)}", everything, with_news(LexiconScorer()), True),
    ]


def made_market(days: int) -> tuple[Panel, News]:
    """Return random walks with a fear index, and distinct texts of 18 words: one item for every fourth bar."""
    panel = simulate(MarketSettings(kind="random_walk", n_symbols=SYMBOLS, n_days=days, seed=5)).panel
    rng = np.random.default_rng(0)
    fear = 18.0 * np.exp(0.02 * rng.normal(size=len(panel.times)).cumsum())
    m = len(panel) // 4
    words = np.array(["shares", "profit", "loss", "not", "very", "good", "weak", "the", "and", "guidance", "of", "a"])
    row = rng.integers(0, len(panel), m)
    row = row[np.argsort(panel.known_at[row], kind="stable")]
    return replace(panel, fear=fear[panel.time_code]), News(
        symbol=np.array(panel.symbols)[panel.symbol_code[row]],
        published_at=panel.known_at[row] - np.timedelta64(1, "h"),
        source=rng.choice(["news", "social"], m),
        text=np.array([" ".join([*rng.choice(words, 17), f"item{i}"]) for i in range(m)], dtype=object),
    )


def one_of(part: Slice, row: int) -> Slice:
    """Return the slice that holds one row of ``part`` alone."""
    fields = {
        name: getattr(part, name)[row : row + 1]
        for name in ("code", "known_at", "open", "high", "low", "close", "adj_close", "volume", "fear")
    }
    items, own = part.news, np.flatnonzero(part.news.row == row)
    news = SliceNews(
        row=np.zeros(len(own), dtype=np.int64),
        kind=items.kind[own],
        published_at=items.published_at[own],
        text=[items.text[i] for i in own],
    )
    return Slice(time=part.time + row, news=news, **fields)  # a slice of its own: a microsecond each


def timed(work: Callable[[], object]) -> float:
    """Return the seconds that ``work`` takes."""
    start = perf_counter()
    work()
    return perf_counter() - start


def bytes_of(state: State) -> int:
    """Return the size of a memory."""
    return sum(array.nbytes for array in state.values())


def quartiles(values: list[float]) -> list[float]:
    """Return the lower quartile, the median and the upper quartile."""
    return [float(v) for v in np.percentile(values, (25, 50, 75))]


def measure(quick: bool) -> list[dict[str, Any]]:
    """Return the figures of every case."""
    warm, rounds = 300, 20 if quick else 100
    panel, news = made_market(warm + rounds)
    parts = list(slices_of(panel, news))
    engines = []
    for case in cases():
        engine = case.make(case.names, panel)
        for part in parts[:warm]:
            engine.advance(part)
        engines.append((case, engine))
    times: dict[str, dict[str, list[float]]] = {
        case.label: {"slice": [], "one": [], "again": []} for case, _ in engines
    }
    reach = {case.label: max(REGISTRY.get(name).window for name in case.names) for case, _ in engines}
    for at in range(warm, warm + rounds):
        for case, engine in engines:
            seconds, part = times[case.label], parts[at]
            if at % 5 == 0:  # the same bars, one symbol a slice
                held = engine.snapshot()
                alone = [one_of(part, row) for row in range(SYMBOLS)]
                seconds["one"] += [timed(partial(engine.advance, single)) for single in alone]
                engine.restore(held)
                engine.advance(part)
            else:
                seconds["slice"].append(timed(partial(engine.advance, part)))
            if at % (rounds // 5) == 0:
                trailing = panel.select((panel.time_code > at - reach[case.label]) & (panel.time_code <= at))
                items = news.select(news.published_at >= trailing.times[0]) if case.reads_news else None
                again = partial(compute_features, trailing, items, names=case.names, scorer=Given())
                again()
                seconds["again"].append(timed(again))
    return [
        {
            "case": case.label,
            "features": len(case.names),
            "slice_seconds": quartiles(times[case.label]["slice"]),
            "one_seconds": quartiles(times[case.label]["one"]),
            "again_seconds": quartiles(times[case.label]["again"]),
            "rows_per_second": SYMBOLS / quartiles(times[case.label]["slice"])[1],
            "times_faster": quartiles(times[case.label]["again"])[1] / quartiles(times[case.label]["slice"])[1],
            "bytes_per_symbol": bytes_of(engine.snapshot()) / SYMBOLS,
        }
        for case, engine in engines
    ]


def show(result: list[dict[str, Any]]) -> None:
    """Print the figures as a table."""
    print("| case | rows/s, slices of 500 | slice of 1, µs | again, ms | online, ms | faster | memory a symbol, kB |")
    print("| --- | ---: | ---: | ---: | ---: | ---: | ---: |")
    for row in result:
        low, middle, high = (SYMBOLS / seconds for seconds in reversed(row["slice_seconds"]))
        print(
            f"| {row['case']} | {middle:,.0f} ({low:,.0f} to {high:,.0f}) | {1e6 * row['one_seconds'][1]:.0f} | "
            f"{1e3 * row['again_seconds'][1]:.1f} | {1e3 * row['slice_seconds'][1]:.2f} | "
            f"{row['times_faster']:.0f} x | {row['bytes_per_symbol'] / 1e3:.1f} |"
        )


def main() -> None:
    """Parse the flags, measure, print, and write the JSON."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="fewer slices")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the numbers there too")
    flags = parser.parse_args()
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {max(os.sched_getaffinity(0))})
    load = os.getloadavg()[0]
    result = measure(flags.quick)
    show(result)
    print(f"{platform.machine()}, Python {sys.version.split()[0]}, load before the start {load:.1f}")
    if flags.json:
        flags.json.parent.mkdir(parents=True, exist_ok=True)
        flags.json.write_text(json.dumps({"load": load, "cases": result}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
