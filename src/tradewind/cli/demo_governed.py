"""The demo's second half: keep the model, register it, write its card, explain a forecast, verify the audit log."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from tradewind.cli import show
from tradewind.cli.audited import Answering
from tradewind.cli.demo_served import serve_and_ask
from tradewind.cli.explanation import Request, run_explanation
from tradewind.cli.inputs import InputFiles, Market, dataset_of
from tradewind.core import UsageError
from tradewind.core.files import read_json
from tradewind.data import demo_files
from tradewind.explain.rationale import LAYERS
from tradewind.explain.shapley.explainer import FOLDER as EXPLAINER
from tradewind.explain.shapley.explainer import Explainer
from tradewind.governance.audit import AuditLog
from tradewind.governance.cards import CardNotes, make_card
from tradewind.governance.fairness import fairness_report
from tradewind.governance.reports import card_sources, entry_of
from tradewind.quality import check_panel
from tradewind.registry import Making, ModelRecord, ModelRegistry, Person, make_record, save_model
from tradewind.training import TrainedModel, TrainingSettings, fit_model, read_forecasts

NAME, AUTHOR, SYMBOL = "demo", "demo-author", "AAPL"
LIMITS = (
    "Six technology stocks chosen after their rise: what they show of skill or return carries over to nothing.",
    "It is an example and must not be traded, whatever its figures say.",
)
NOTES = CardNotes(
    owner="Whoever ran the demo",
    contact="See the README",
    tier="low",
    intended_use=("To show, on real prices, what Tradewind writes and how far its figures can be believed.",),
    out_of_scope=("Any decision about money.",),
    users=("Anyone who tries Tradewind.",),
    survivorship="The six stocks were picked in 2023 because they had done well; losers of those years are left out.",
    considerations="Nobody is affected: its forecasts are not acted upon.",
    failure_modes=("It leans with the drift of its training years, which shows as one side forecast day after day.",),
    monitoring=("Nothing is watched after the demo has ended.",),
    retraining_triggers=("Run the demo again.",),
)


def govern(out: Path, settings: TrainingSettings, market: Market) -> None:
    """Write model, registry, card, explanation and audit log into ``out``, and say what to open.

    ``out`` holds the metrics.json of an evaluation with the same ``settings``.
    """
    log_file = out / "audit.db"
    folder = out / "model"
    model, rests_on = _fitted(folder, settings, market)
    with AuditLog.open(log_file) as log:

        def tell(kind: str, body: dict[str, Any]) -> None:
            log.append(kind, body)

        registry = ModelRegistry(out / "registry", on_event=tell)
        record = _record(folder, out, explanation=rests_on, fairness=_fairness(out, market))
        version = registry.register(folder, record, _author(out / "keys", registry), "made by the demo")
    _card(out, registry, version, check_panel(market.panel).to_dict())
    answering = Answering(name=NAME, version=str(version), stage="draft")
    show.say("")
    run_explanation(
        Request(
            files=InputFiles(**demo_files()),
            model=folder,
            symbol=SYMBOL,
            date=None,
            metrics=out / "metrics.json",
            out=out / "why",
            layers=LAYERS,
            lime=False,
            what_if=True,
            answering=answering,
            audit=str(log_file),
        ),
        as_json=False,
    )
    show.say("")
    serve_and_ask(out, folder, SYMBOL, _explained(out))
    with AuditLog.open(log_file, readonly=True) as log:
        found = log.verify()
    if not found.ok:
        raise UsageError("the demo's audit log was changed from outside", file=log_file, fix="choose another --out")
    show.say(f"Audit log verified: {found.rows} entries in {log_file}, none changed, removed or reordered")
    weights = ", ".join(f"{name} {weight:.2f}" for name, weight in model.ensemble.weights.items())
    show.say(f"The model ({weights}) is registered as {NAME}/{version}, a draft: nobody but its author has signed")


def _explained(out: Path) -> float:
    """Return the probability that was explained."""
    return float(read_json(out / "why" / "explanation.json", what="what `explain` wrote")["probability"])


def _fitted(folder: Path, settings: TrainingSettings, market: Market) -> tuple[TrainedModel, dict[str, Any]]:
    """Fit on the whole history and save; return the model and what it rests on in its last year."""
    data = dataset_of(market, settings)
    rows = np.flatnonzero(~np.isnat(data.labels.end))
    began = time.perf_counter()
    with show.LiveProgress() as progress:
        model = fit_model(data, rows, settings, progress=progress)
    made = Making(
        data=data,
        rows=rows,
        inputs=demo_files(),
        news=None,
        train_end=None,
        fit_seconds=time.perf_counter() - began,
    )
    model = save_model(model, folder, made)
    explainer = Explainer.of(model, data, rows=rows, seed=settings.seed)
    explainer.save(folder / EXPLAINER)
    last = rows[data.panel.time[rows] > data.panel.times[-1] - np.timedelta64(365, "D")]
    found = explainer.explain(data, last)
    names, values = found.by_group()
    size = np.abs(values).mean(axis=0)
    shares = dict(sorted(zip(names, (size / size.sum()).tolist(), strict=True), key=lambda pair: -pair[1]))
    method = "Shapley values of the last year's forecasts, mean size by feature group; training rows, no test of skill"
    return model, {"method": method, "rows": len(last), "largest_gap": float(np.abs(found.gap).max()), "share": shares}


def _fairness(out: Path, market: Market) -> dict[str, Any]:
    return fairness_report(read_forecasts(out / "predictions.parquet", market.panel), every="year").to_dict()


def _record(folder: Path, out: Path, **summaries: Any) -> ModelRecord:
    return make_record(
        folder,
        name=NAME,
        author=AUTHOR,
        metrics=out / "metrics.json",
        use_case="daily",
        purpose="show what Tradewind does on bundled real prices",
        limitations=LIMITS,
        **summaries,
    )


def _author(keys: Path, registry: ModelRegistry) -> Person:
    """Return the demo's author with a key of the demo's own, enrolled where this is the first run into the folder."""
    if (keys / f"{AUTHOR}.pem").exists():
        return Person.load(keys, AUTHOR)
    person = Person.generate(AUTHOR)
    person.save(keys)
    registry.enrol(AUTHOR, ("admin", "author"), person.public, person)
    return person


def _card(out: Path, registry: ModelRegistry, version: int, quality: dict[str, Any]) -> None:
    entry = replace(entry_of(registry, NAME, str(version)), notes=NOTES)
    card = make_card(card_sources(entry, quality=quality), strict=True)
    written = card.write(out, stem="card", draft=not card.checklist.complete)
    show.say(f"Model card, {card.checklist.checked} fields checked: {', '.join(map(str, written))}")
