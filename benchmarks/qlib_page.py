"""The part of docs/benchmarks.md that stands beside Qlib, written from the kept results."""

from __future__ import annotations

from statistics import median
from typing import Any

from page import card, table
from qlib_data import FOLDS

PEER = "Qlib: Alpha158, LightGBM"
SAME_MODEL = "our features, Qlib's LightGBM"
AIM = 3
CLOSING = f"""The aim was a better IC and {AIM} times the speed. Features alone, and features with the same LightGBM,
reach the speed. With our defaults, selecting and preparing columns takes longer than computing them and eats most of
the lead, and the ensemble fits each member four times to earn its weights. A difference whose interval holds zero is
none that was shown. *{SAME_MODEL}* tells columns apart from models: where it lies below Qlib,
Alpha158's columns served that LightGBM better, and what our other forecasts have before Qlib's comes from what is done
with the columns."""
STEPS = ("features", "prepare", "fit")
COLUMNS = ("forecast", "features, s", "prepare, s", "fit, s", "times faster, wall", "times faster, processor")
SKILL = ("forecast", "IC", "IC minus Qlib's", "rank IC", "rank IC minus Qlib's")


def part(found: dict[str, Any]) -> str:
    """Return the part of the page."""
    folds = {fold.name: found["folds"][fold.name] for fold in FOLDS if fold.name in found["folds"]}
    return "\n\n".join([_head(found), *(_section(fold) for fold in folds.values()), _verdict(folds)])


def _head(found: dict[str, Any]) -> str:
    return f"""## Beside Qlib

Written by `make bench-qlib` (`python benchmarks/qlib_peer.py --data DATA`). Qlib 0.9.7 builds Alpha158 and fits its
LightGBM with the parameters of its published Alpha158 benchmark; Tradewind builds its features from the same bars (no
news, sectors or fear index) and fits its models by their defaults. Both learn from the same rows and forecast the same
rows: the return from today's adjusted close to tomorrow's. Qlib stops its rounds on the last two ninths of the training
days, the share in its benchmark; it normalises the label across stocks each day, as its handler does by default.

Either side runs in a fresh process on one core with one thread, in turn. Qlib's seconds hold reading its files,
Alpha158 and its label processing; ours hold reading and checking the Parquet file and all features. *Prepare* is our
selection of features, winsorising, imputing and scaling. *{SAME_MODEL}* takes all our features as they
are and fits LightGBM with Qlib's label, spans, rounds and parameters: it compares the features alone. *Times faster*
compares features, preparation and fit in sum, run by run. Three numbers are least / median / greatest over the runs;
seconds are processor seconds, and since other work ran on the machine, read *processor* rather than *wall*. Writing
Qlib's files, and the log its recorder keeps of a fit, are not counted.

IC and rank IC are means over days of the correlation across stocks of forecast and realised return, mean over the runs
(seeds); the brackets are 95 % intervals that redraw blocks of five days, the same days for both sides. These are
**validation** spans: our defaults were chosen after looking at spans that end with them (ACL18, KDD17), Qlib's
parameters were chosen on Chinese stocks and are not tuned to these data. No figure was left out.

{card(found["machine"])}"""


def _section(fold: dict[str, Any]) -> str:
    theirs, ours = fold["qlib"], fold["ours"]
    rows = [(PEER, *_seconds([run["steps"] for run in theirs]), "1", "1")]
    for name in models_of(fold):
        steps = [{**run["steps"], **run["models"][name]} for run in ours]
        faster = (_spread(ratios(fold, name, clock), 1) for clock in ("wall", "processor"))
        rows.append((name, *_seconds(steps), *faster))
    skill = [(PEER, *_skill(fold["skill"]["qlib"], None))]
    skill += [(name, *_skill(fold["skill"][name], fold["difference"][name])) for name in models_of(fold)]
    trees = sorted(run["trees"] for run in theirs)
    text = (
        f"{fold['train_rows']:,} rows to fit on, {fold['test_rows']:,} forecast by both, {len(theirs)} runs. Qlib has "
        f"{theirs[0]['columns']} columns and kept {trees[0]} to {trees[-1]} trees; ours are {ours[0]['columns']} "
        f"columns. The features alone are built {_spread(feature_ratios(fold, 'processor'), 1)} times faster by "
        f"processor time, {_spread(feature_ratios(fold, 'wall'), 1)} times by the clock on the wall."
    )
    return "\n\n".join([f"### {fold['title']}", text, table(COLUMNS, rows), table(SKILL, skill)])


def _spread(values: list[float], digits: int) -> str:
    return " / ".join(f"{value:.{digits}f}" for value in (min(values), median(values), max(values)))


def _seconds(runs: list[dict[str, Any]]) -> tuple[str, str, str]:
    """Return the processor seconds of features, preparation and fit."""
    first, second, third = (
        _spread([run[step]["processor"] for run in runs], 1) if step in runs[0] else "-" for step in STEPS
    )
    return first, second, third


def ratios(fold: dict[str, Any], name: str, clock: str) -> list[float]:
    """Return, run by run, how many times faster ours was from bars to a fitted model ``name``."""
    found = []
    for theirs, ours in zip(fold["qlib"], fold["ours"], strict=True):
        own = {**ours["steps"], **ours["models"][name]}
        total = sum(own[step][clock] for step in STEPS if step in own)
        found.append(sum(theirs["steps"][step][clock] for step in ("features", "fit")) / total)
    return found


def feature_ratios(fold: dict[str, Any], clock: str) -> list[float]:
    """Return, run by run, how many times faster our features were built."""
    pairs = zip(fold["qlib"], fold["ours"], strict=True)
    return [theirs["steps"]["features"][clock] / ours["steps"]["features"][clock] for theirs, ours in pairs]


def _skill(own: dict[str, list[float]], difference: dict[str, list[float]] | None) -> tuple[str, ...]:
    cells = []
    for metric in ("ic", "rank_ic"):
        cells.append(_bounds(own[metric], "{:.4f}"))
        cells.append("-" if difference is None else _bounds(difference[metric], "{:+.4f}"))
    return tuple(cells)


def _bounds(values: list[float], form: str) -> str:
    value, low, high = (form.format(v) for v in values)
    return f"{value} ({low} to {high})"


def _verdict(folds: dict[str, Any]) -> str:
    """Return what the tables say of the aims: a better IC, and at least three times faster."""
    lines = ["### What this says", ""]
    for name, fold in folds.items():
        speed = {model: median(ratios(fold, model, "processor")) for model in models_of(fold)}
        fast = [model for model, ratio in speed.items() if ratio >= AIM]
        slow = [f"{model} (takes {1 / ratio:.1f} times as long)" for model, ratio in speed.items() if ratio < 0.95]
        bounds = {model: fold["difference"][model]["rank_ic"] for model in models_of(fold)}
        higher = [model for model, (value, _, _) in bounds.items() if value > 0]
        better = [model for model, (_, low, _) in bounds.items() if low > 0]
        worse = [model for model, (_, _, high) in bounds.items() if high < 0]
        lines.append(
            f"- **{name}**. Features are built {median(feature_ratios(fold, 'processor')):.0f} times faster. At least "
            f"{AIM} times faster from bars to a fitted model: {_list(fast)}; slower than Qlib: {_list(slow)}. Rank IC "
            f"above Qlib's: {_list(higher)}; above it beyond luck of the days: {_list(better)}; below it beyond luck: "
            f"{_list(worse)}."
        )
    return "\n".join([*lines, "", CLOSING])


def models_of(fold: dict[str, Any]) -> list[str]:
    """Return our models of a fold, the like for like first and the ensemble last."""
    names = fold["ours"][0]["models"]
    return sorted(names, key=lambda name: (name != SAME_MODEL, name == "ensemble", name))


def _list(names: list[str]) -> str:
    return ", ".join(names) if names else "none"
