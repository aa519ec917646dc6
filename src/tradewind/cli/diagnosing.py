"""Gathers what a diagnosis looks at: from a monitor's journal, or from files as a monitor would have seen them."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path

import numpy as np

from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.cli.resolve import reference_of, studied_folder
from tradewind.core import Dataset, InputError, News, Outcomes, UsageError
from tradewind.core.arrays import IntArray, as_time
from tradewind.features import row_slices
from tradewind.monitoring.composition import MonitorSettings, make_monitor, references_of
from tradewind.monitoring.diagnosis import LEAST_REFERENCE, Evidence
from tradewind.monitoring.finding import Finding
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.slices import Slice
from tradewind.monitoring.sources import observe
from tradewind.training import TrainedModel
from tradewind.training.model import ENSEMBLE
from tradewind.training.outcomes import to_outcomes

LEAST_OUTCOMES = 40
"""Sessions before the period from which on the model's worth is measured there; with fewer nothing is expected."""
FROM_FILES = (
    "labels, versions and latencies are not recorded in files: delays of labels, wrong versions and slow dependencies "
    "cannot be seen; give --journal for those"
)


@dataclass(frozen=True, kw_only=True)
class Asked:
    """The question: which days (both included), and how many slices before them tell what is usual."""

    begin: date
    end: date
    reference: int

    def __post_init__(self) -> None:
        """Refuse days in the wrong order."""
        if self.end < self.begin:
            raise UsageError(f"--to {self.end} lies before --from {self.begin}", fix="give the earlier day to --from")

    @property
    def first(self) -> np.datetime64:
        """The first moment of the period."""
        return as_time(np.datetime64(self.begin))

    @property
    def last(self) -> np.datetime64:
        """The last moment of the period."""
        return as_time(np.datetime64(self.end) + np.timedelta64(1, "D")) - np.timedelta64(1, "us")


def from_journal(folder: Path, asked: Asked, model: str | None) -> Evidence:
    """Return what the journal in ``folder`` kept of the period and of the slices before it.

    Raises
    ------
    InputError : there is no journal, it is damaged, or it holds too little of those days.
    UsageError : its slices are of another model than ``model``.
    """
    if not folder.is_dir():
        raise InputError(
            "there is no journal here", file=folder, fix="give the folder that `tradewind monitor run --journal` keeps"
        )
    journal = Journal(folder)
    before = deque(journal.slices(None, asked.first - np.timedelta64(1, "us")), maxlen=asked.reference)
    period = list(journal.slices(asked.first, asked.last))
    _same_model([*before, *period], model, folder)
    return Evidence(period=period, reference=tuple(before), findings=tuple(journal.findings(asked.first, asked.last)))


def _same_model(slices: Sequence[Slice], model: str | None, folder: Path) -> None:
    wanted = None if model is None else model.partition("@")[0].partition("/")[0]
    seen = {one.champion.partition("/")[0] for one in slices if one.champion}
    if wanted is not None and seen and wanted not in seen:
        raise UsageError(
            f"the journal {folder} is of {', '.join(sorted(seen))} and not of {wanted!r}",
            field="--model",
            fix="name the model that was monitored, or the journal of this one",
        )


def from_files(
    model: str, files: InputFiles, asked: Asked, settings: MonitorSettings, registry: str | None = None
) -> Evidence:
    """Return the slices that a monitor would have been shown, and what its watchers would have said of the period.

    The reference is what lies between the end of the model's training and the period. Nothing after the period is
    used: bars, news and labels are cut at its end first.

    Raises
    ------
    InputError : a file is at fault, or too few sessions lie between the model's training and the period.
    """
    trained_model = TrainedModel.load(studied_folder(model, registry=registry))
    market = read_market(files)
    panel = market.panel.until(asked.last)
    news = None if market.news is None else market.news.select(market.news.published_at <= asked.last)
    trained = np.datetime64(str(trained_model.record["trained_until"]))
    times = panel.times
    known = times[(times > trained) & (times < asked.first)][-asked.reference :]
    if len(known) < LEAST_REFERENCE:
        raise InputError(
            f"{len(known)} sessions of the prices lie between the end of the model's training "
            f"({trained.astype('datetime64[D]')}) and --from, and {LEAST_REFERENCE} are needed to know what is usual",
            file=files.prices,
            fix="let --from begin later, or give a model that was trained earlier",
        )
    version = model if reference_of(model) else f"{Path(model).name}/0"
    data = dataset_of(replace(market, panel=panel, news=news), trained_model.settings)
    slices = _slices(trained_model, data, news, known[0], version)
    usual = [one for one in slices if one.time < asked.first]
    period = [one for one in slices if one.time >= asked.first]
    monitor = _monitor(data, trained, _outcomes(trained_model, data, news, (known[0], asked.first)), settings)
    findings: list[Finding] = []
    for one in slices:
        findings.extend(monitor.observe(one))
    return Evidence(period=period, reference=usual, findings=findings)


def _slices(model: TrainedModel, data: Dataset, news: News | None, start: np.datetime64, version: str) -> list[Slice]:
    rows = np.flatnonzero(data.panel.time >= start)
    seen = replace(observe(model, data, news, rows, version=version), champion=None)  # no registry was asked
    return list(seen.slices(start, data.panel.times[-1]))


def _outcomes(
    model: TrainedModel, data: Dataset, news: News | None, span: tuple[np.datetime64, np.datetime64]
) -> Outcomes | None:
    """What the model's forecasts were worth between its training and the period; None where that is too short."""
    rows = np.flatnonzero((data.panel.time >= span[0]) & (data.labels.end < span[1]))
    if len(np.unique(data.panel.time[rows])) < LEAST_OUTCOMES:
        return None
    forecast = model.forecast(data, rows, news)[ENSEMBLE]
    return to_outcomes("model", forecast, data, row_slices(data.panel))


def _monitor(data: Dataset, trained: np.datetime64, outcomes: Outcomes | None, settings: MonitorSettings) -> Monitor:
    """Return the watchers, held against what the model was trained on and what it was worth since."""
    rows: IntArray = np.flatnonzero(data.labels.end <= trained)
    return make_monitor(references_of(data, rows, outcomes, settings), settings)
