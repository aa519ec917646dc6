"""The model table of docs/benchmarks.md, written from the kept results."""

from __future__ import annotations

from statistics import mean, median, stdev
from typing import Any

from page import card, table
from tradewind.models import MODELS
from zoo_cells import BASELINES, has_seed
from zoo_data import DEFAULT_MEMBERS, SIMULATED_DAYS, SIMULATED_SYMBOLS, SOURCES

ENSEMBLES = ("ensemble", "ensemble (stack)", "ensemble (vote)", "mean of all")
COLUMNS = ("model", "accuracy, %", "MCC", "rank IC", "fit, s", "predict, µs a row")
SEEDS = 5
Cells = list[dict[str, Any]]


class Found:
    """The kept results, asked by data set and model."""

    def __init__(self, results: dict[str, Any]) -> None:
        self.machine: dict[str, Any] = results["machine"]
        self.intervals: dict[str, Any] = results["intervals"]
        self.ceilings: dict[str, Any] = results["ceilings"]
        self._cells: dict[str, Cells] = {}
        for place, numbers in sorted(results["cells"].items()):
            self._cells.setdefault(place.rsplit("/", 1)[0], []).append(numbers)

    def cells(self, dataset: str, model: str) -> Cells:
        """Return the cells of all seeds."""
        return self._cells.get(f"{dataset}/{model}", [])

    def models(self, dataset: str) -> list[str]:
        """Return the models that were run, ensembles first, baselines last."""
        names = [*ENSEMBLES, *(name for name in MODELS if name not in BASELINES), *BASELINES]
        return [name for name in names if self.cells(dataset, name)]

    def above_zero(self, dataset: str, metric: str) -> list[str]:
        """Return the models whose interval of ``metric`` lies above zero."""
        bounds = {name: self.intervals.get(f"{dataset}/{name}", {}).get(metric) for name in self.models(dataset)}
        return [name for name, values in bounds.items() if values and values[1] > 0]

    def members(self, model: str) -> tuple[str, ...]:
        """Return the models an ensemble joins."""
        everything = tuple(name for name in MODELS if name not in BASELINES)
        return (everything if model == "mean of all" else DEFAULT_MEMBERS) if model in ENSEMBLES else ()


def part(results: dict[str, Any]) -> str:
    """Return the part of the page."""
    found = Found(results)
    sections = [_section(found, source) for source in SOURCES if source.only is None and found.models(source.name)]
    return "\n\n".join([_head(found), *sections, _news(found), _left_out(found)])


def _head(found: Found) -> str:
    return f"""## Every model on every data set

Written by `make bench-zoo` (`python benchmarks/zoo.py --data DATA`). Default settings, five seeds: mean ± standard
deviation over the seeds; a model without ± takes no seed. Features are computed once per data set and prepared
(selected, winsorised, imputed, scaled) with statistics of the rows a model is fitted on alone. `ensemble` joins
{", ".join(DEFAULT_MEMBERS)} by weights that were earned out of fold, `stack` and `vote` join the same members
otherwise, `mean of all` is the mean of all models that learn, with nothing to fit. *Rank IC* is the mean over days of
the rank correlation, across stocks, of expected and realised return. Seconds are processor seconds of one thread; those
of an ensemble hold its members' fits, and its prediction that of its members.

How to read it, honestly:

- **± is the spread over seeds only.** Every seed is judged on the same days, so a lucky span is lucky for all five: the
  line under each table says how far luck of the days reaches. Two models that differ by less than either have not been
  told apart.
- Some twenty models are compared. At 95 %, one of them lies outside its interval by luck alone.
- ACL18 and KDD17 figures are of **validation** months, some of which were looked at when defaults were chosen. The
  figures published for the test months that follow them (ACL18: 58.2 % and MCC 0.081; KDD17: 53.1 % and MCC 0.052) are
  neither attempted nor to be compared: those months are held back.
- Simulated markets ({SIMULATED_SYMBOLS} symbols, {SIMULATED_DAYS} days, the last quarter forecast) have a known
  ceiling: they tell what a model *can* learn from few data, not what markets hold.

{card(found.machine)}"""


def _section(found: Found, source: Any) -> str:
    dataset = source.name
    rows = [(name, *_numbers(found, dataset, name)) for name in found.models(dataset)]
    return "\n\n".join([f"### {source.title}", source.remark, table(COLUMNS, rows), _reading(found, dataset)])


def _numbers(found: Found, dataset: str, model: str) -> tuple[str, ...]:
    cells = found.cells(dataset, model)
    fit = mean(cell["fit_seconds"] for cell in cells)
    predict = mean(cell["predict_seconds"] for cell in cells)
    for name in found.members(model):
        parts = found.cells(dataset, name)
        fit += mean(part["fit_seconds"] for part in parts)
        if model != "mean of all":  # weights are earned on the inner blocks
            fit += mean(part["inner_seconds"] for part in parts)
        predict += mean(part["predict_seconds"] for part in parts)
    return (
        spread(cells, "accuracy", "{:.2f}", 100.0),
        spread(cells, "mcc", "{:.3f}"),
        spread(cells, "rank_ic", "{:.3f}"),
        f"{fit:.2f}" if fit < 10 else f"{fit:.0f}",
        f"{1e6 * predict / cells[0]['rows']:.1f}",
    )


def spread(cells: Cells, name: str, form: str, unit: float = 1.0) -> str:
    """Return mean ± standard deviation over the seeds."""
    values = [unit * cell[name] for cell in cells if cell[name] is not None]
    if not values:
        return "-"
    text = form.format(mean(values))
    return text if len(values) == 1 else f"{text} ± {form.format(stdev(values))}"


def _reading(found: Found, dataset: str) -> str:
    """Return what the table does and does not say, from the intervals over days."""
    some = found.cells(dataset, found.models(dataset)[0])[0]
    bounds = [found.intervals.get(f"{dataset}/{name}", {}).get("accuracy") for name in found.models(dataset)]
    halves = [(values[2] - values[1]) / 2 for values in bounds if values]
    text = f"{some['n']:,} labelled forecasts on {some['n_days']} days, {some['up_share']:.1%} of them rises"
    ceiling = found.ceilings.get(dataset)
    if ceiling is not None:
        text += f"; the best possible accuracy is **{ceiling:.1%}**"
    text += f". The days alone move an accuracy by ± {100 * median(halves):.1f} points (95 %). " if halves else ". "
    parts = []
    for metric, title in (("mcc", "MCC"), ("rank_ic", "rank IC")):
        above = found.above_zero(dataset, metric)
        parts.append(f"{title} surely above zero: {', '.join(above) if above else 'no model'}")
    few = [name for name in found.models(dataset) if 0 < len(found.cells(dataset, name)) < SEEDS and needs_seeds(name)]
    counted = sorted({len(found.cells(dataset, name)) for name in few})
    short = f" Fewer than five seeds ({', '.join(map(str, counted))}) were run of: {', '.join(few)}." if few else ""
    return text + "; ".join(parts) + "." + short


def needs_seeds(name: str) -> bool:
    """Return whether a model or an ensemble is random, so that five seeds are due."""
    return name not in MODELS or has_seed(name)


def difference(values: list[float] | None, form: str = "{:+.3f}", unit: float = 1.0) -> str:
    """Return value and bounds as text."""
    if values is None:
        return "-"
    value, low, high = (form.format(unit * v) for v in values)
    return f"{value} ({low} to {high})"


def _pair_row(found: Found, title: str, name: str) -> tuple[str, ...]:
    values = found.intervals[name]
    return (
        title,
        difference(values.get("accuracy"), "{:+.2f}", 100.0),
        difference(values.get("mcc")),
        difference(values.get("rank_ic")),
    )


METRICS = (("accuracy", "accuracy"), ("mcc", "MCC"), ("rank_ic", "rank IC"))
PAIR_COLUMNS = ("difference", "accuracy, points", "MCC", "rank IC")


def _news(found: Found) -> str:
    names = [name for name in found.intervals if " minus " in name]
    bounds = found.intervals.get("ACL18: with tweets minus without", {})
    sure = [title for metric, title in METRICS if (bounds.get(metric) or [0, 0, 0])[1] > 0]
    verdict = (
        f"On ACL18 the tweets' interval lies above zero by {_list(sure)} and holds zero by "
        f"{_list([title for _, title in METRICS if title not in sure])}; the simulated market says whether the text is "
        "read where it tells something."
    )
    return "\n\n".join(
        [
            "### What news add, and what more models add",
            "The same days, mean over the seeds; 95 % intervals of the difference redraw blocks of five days, the same "
            "for both sides.",
            table(PAIR_COLUMNS, [_pair_row(found, name, name) for name in names]),
            verdict,
        ]
    )


def _left_out(found: Found) -> str:
    parts = [
        "### Which models help",
        "What the mean of all models has before the mean of all but the one named. A model whose interval holds zero "
        "has not been shown to help, nor to harm.",
    ]
    for dataset in ("acl18", "kdd17"):
        prefix = f"{dataset}: left out "
        names = [name for name in MODELS if prefix + name in found.intervals]
        rows = [_pair_row(found, name, prefix + name) for name in names]
        values = {name: found.intervals[prefix + name]["mcc"] for name in names}
        helps = [name for name, (_, low, _) in values.items() if low > 0]
        harms = [name for name, (_, _, high) in values.items() if high < 0]
        reading = f"By MCC {_list(helps)} helps beyond luck, {_list(harms)} harms beyond luck."
        parts += [f"**{dataset.upper()}**", table(("model", *PAIR_COLUMNS[1:]), rows), reading]
    return "\n\n".join(parts)


def _list(names: list[str]) -> str:
    return ", ".join(names) if names else "none"
