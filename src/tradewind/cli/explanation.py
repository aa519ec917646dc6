"""Model, prices, explainer and rationale put together: what `explain` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from rich.box import SIMPLE_HEAD
from rich.table import Table as RichTable
from rich.text import Text

from tradewind.cli import show
from tradewind.cli.audited import Answering, audit_log, record_explanations, record_predictions
from tradewind.cli.experiment import prepare_folder
from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.core import Dataset, InputError, News, NoProgress, Panel, Progress, UsageError
from tradewind.core.arrays import IntArray, as_time
from tradewind.core.files import read_json
from tradewind.explain.page import write_day, write_explanation
from tradewind.explain.rationale import (
    LAYERS,
    Explanation,
    Layer,
    RationaleSettings,
    Subject,
    Table,
    counterfactuals_of,
    local_lines_of,
    subject_of,
)
from tradewind.explain.rationale import explain as explain_row
from tradewind.explain.shapley.explainer import FOLDER, Explainer
from tradewind.explain.what_if.replay import Replay
from tradewind.training import ENSEMBLE, TrainedModel


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `tradewind explain` was asked for.

    ``answering`` : who answers, as the audit log at ``audit`` names it; nothing is recorded where it is None.
    """

    files: InputFiles
    model: Path
    symbol: str | None
    date: date | None
    metrics: Path | None
    out: Path | None
    layers: tuple[str, ...]
    lime: bool
    what_if: bool
    answering: Answering | None = None
    audit: str | None = None


@dataclass(frozen=True, kw_only=True)
class Extras:
    """What is added to an explanation.

    ``track`` : content of a `metrics.json`. ``lime`` : LIME's line. ``what_if`` : counterfactuals.
    ``settings`` : limits and words.
    """

    track: Mapping[str, Any] | None = None
    lime: bool = False
    what_if: bool = False
    settings: RationaleSettings | None = None


def explanation_of(
    explainer: Explainer, data: Dataset, row: int, news: News | None = None, extras: Extras | None = None
) -> dict[str, Any]:
    """Return the explanation of one row of ``data`` (raw features) as a JSON-ready mapping.

    Its ``id`` changes when, and only when, what is explained or said changes; ``alert`` is None or an event of low
    confidence. :func:`tradewind.explain.rationale.check_record` checks it against itself.
    """
    watcher, rows = NoProgress(), np.array([row], dtype=np.int64)
    return _told(_subject(explainer, data, rows, news, extras or Extras(), watcher), watcher)[0].to_dict()


def _subject(
    explainer: Explainer, data: Dataset, rows: IntArray, news: News | None, more: Extras, progress: Progress
) -> Subject:
    subject = subject_of(explainer, data, rows, news, track=more.track, settings=more.settings)
    if more.lime:
        subject = replace(subject, lime=_lines(subject, explainer.model, data, news))
    if more.what_if:
        subject = replace(subject, what_if=_what_if(subject, explainer.model, data, news, progress))
    return subject


def _told(subject: Subject, progress: Progress) -> tuple[Explanation, ...]:
    count = len(subject.attribution)
    found = []
    for place in range(count):
        found.append(explain_row(subject, place))
        progress.update("explanations", place + 1, count)
    return tuple(found)


def _lines(subject: Subject, model: TrainedModel, data: Dataset, news: News | None) -> dict[int, dict[str, Any]]:
    train = np.flatnonzero(data.labels.known_by(model.record["trained_until"]))
    return local_lines_of(model, model.prepare(data, news), subject.attribution, train)


def _what_if(
    subject: Subject, model: TrainedModel, data: Dataset, news: News | None, progress: Progress
) -> dict[int, list[dict[str, Any]]]:
    found = {}
    rows = subject.attribution.rows
    for place, row in enumerate(rows):
        try:
            found[place] = counterfactuals_of(Replay(model, data, int(row), news))
        except InputError as error:  # a young symbol: the forecast is explained without, and the reader told so
            show.warn(f"no counterfactual: {error}")
        progress.update("counterfactuals", place + 1, len(rows))
    return found


def run_explanation(request: Request, *, as_json: bool) -> None:
    """Explain what ``request`` asks for, write the files and print.

    Forecasts and explanations are in the audit log before they are shown.

    Raises
    ------
    UsageError : unknown layer or symbol, a bar that is not there, or one the model learned from.
    """
    unknown = [name for name in request.layers if name not in LAYERS]
    if unknown:
        raise UsageError(f"--layers {unknown[0]!r} is not known", fix=f"choose among {', '.join(LAYERS)}")
    if request.out is not None:
        prepare_folder(request.out)
    model = TrainedModel.load(request.model)
    track = read_json(request.metrics, what="metrics.json of `tradewind evaluate`") if request.metrics else None
    market = read_market(request.files)
    rows = rows_of(market.panel, as_time(model.record["trained_until"]), request.symbol, request.date)
    data = dataset_of(market, model.settings)
    explainer = explainer_of(request.model, model, data, market.news)
    extras = Extras(track=track, lime=request.lime, what_if=request.what_if)
    with show.LiveProgress() as progress:
        subject = _subject(explainer, data, rows, market.news, extras, progress)
        found = _told(subject, progress)
    if request.answering is not None:
        with audit_log(request.audit) as log:
            if log is not None:
                forecast = subject.forecasts[ENSEMBLE]
                ids = {int(row): one.id for row, one in zip(rows, found, strict=True)}
                record_predictions(log, request.answering, model, data, forecast, news=market.news, explanations=ids)
                record_explanations(log, request.answering, [one.to_dict() for one in found])
    single = request.symbol is not None
    written = _write(request, found, single=single)
    if as_json:
        records = [_record(one, request.layers) for one in found]
        show.print_json(records[0] if single else records)
        return
    if single:
        _say_one(found[0], request.layers)
    else:
        _say_day(found)
    if written:
        show.say(f"Wrote {', '.join(str(path) for path in written.values())}")


def rows_of(panel: Panel, trained_until: np.datetime64, symbol: str | None, day: date | None) -> IntArray:
    """Return the rows to explain: of one symbol or all, the bar of ``day`` or each symbol's last one.

    Raises
    ------
    UsageError : there is no such symbol or bar, or the model learned from that day.
    """
    if symbol is not None and symbol not in panel.symbols:
        some = ", ".join(panel.symbols[:5])
        raise UsageError(f"the prices do not hold {symbol!r}", fix=f"give one of their symbols, such as {some}")
    if day is not None and as_time(day) < trained_until:
        raise UsageError(
            f"--date {day} lies before {str(trained_until)[:10]}, the last day the model learned from",
            fix="explain a later bar, or train with an earlier --train-end",
        )
    last = (panel.offsets[1:] - 1).astype(np.int64)
    rows = np.flatnonzero(panel.time == as_time(day)) if day is not None else last[panel.time[last] >= trained_until]
    if symbol is not None:
        rows = rows[panel.symbol_code[rows] == panel.symbols.index(symbol)]
    if not len(rows):
        whose = f"{symbol} has" if symbol else "the prices have"
        when = f"on {day}" if day else f"from {str(trained_until)[:10]} on"
        raise UsageError(f"{whose} no bar {when}", fix="give another --date, or prices that reach further")
    return rows


def explainer_of(folder: Path, model: TrainedModel, data: Dataset, news: News | None) -> Explainer:
    """Return the explainer saved with ``model`` in ``folder``, else one whose background is drawn from ``data``.

    Raises
    ------
    UsageError : none was saved, and the prices hold no bar that the model learned from.
    """
    if (folder / FOLDER).is_dir():
        return Explainer.load(folder / FOLDER, model)
    if not data.labels.known_by(model.record["trained_until"]).any():
        raise UsageError(
            f"the model was saved without an explainer, and no bar of the prices was known by "
            f"{model.record['trained_until'][:10]}, when it was trained",
            file=folder,
            fix="give prices that reach back into its training, or train it again",
        )
    show.note("no explainer was saved with the model: the background is drawn from the prices it was trained on")
    return Explainer.of(model, data, news)


def _write(request: Request, found: tuple[Explanation, ...], *, single: bool) -> dict[str, Path]:
    if request.out is None:
        return {}
    return write_explanation(request.out, found[0], request.layers) if single else write_day(request.out, found)


def _record(found: Explanation, layers: tuple[str, ...]) -> dict[str, Any]:
    record = found.to_dict()
    return {**record, "layers": [layer for layer in record["layers"] if layer["name"] in layers]}


def _say_one(found: Explanation, layers: tuple[str, ...]) -> None:
    if found.alert:
        show.warn(f"low confidence: {found.alert.message}")
    shown = [layer for layer in found.layers if layer.name in layers]
    for layer in (*shown, *((found.more,) if found.more else ())):
        _say_layer(layer)


def _say_layer(layer: Layer) -> None:
    show.OUT.print(Text(f"\n{layer.title}", style="bold"))
    for sentence in layer.sentences:
        show.OUT.print(Text(sentence.text), soft_wrap=not show.OUT.is_terminal)
    for table in layer.tables:
        _say_table(table)


def _say_table(table: Table) -> None:
    shown = RichTable(header_style="bold", box=SIMPLE_HEAD, padding=(0, 1, 0, 0))
    for name, numeric in zip(table.columns, table.numeric, strict=True):
        shown.add_column(name, justify="right" if numeric else "left", overflow="fold")
    for row in table.rows:
        shown.add_row(*(Text(cell.text) for cell in row))
    show.OUT.print(Text(f"\n{table.title}", style="italic"))
    show.OUT.print(shown)


def _say_day(found: tuple[Explanation, ...]) -> None:
    rows = []
    for one in sorted(found, key=lambda one: -one.evidence["forecast"]["confidence"]):
        groups = one.evidence["attribution"]["groups"]
        rows.append(
            {
                "symbol": one.evidence["data"]["symbol"],
                "date": one.evidence["data"]["date"],
                "probability": one.evidence["forecast"]["probability"],
                "expected return": one.evidence["forecast"]["expected_return"],
                "leans on": ", ".join(f"{group['name']} {100 * group['value']:+.1f}" for group in groups[:3]),
                "low confidence": ", ".join(doubt.name for doubt in one.doubts),
            }
        )
    show.table(rows, title="Forecasts explained, the surest first (points of probability by group)", as_json=False)
