"""Model, data, measures and files put together: what `importance` does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import numpy as np

from tradewind.cli import show
from tradewind.cli.experiment import prepare_folder
from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.core import UsageError
from tradewind.core.arrays import as_time
from tradewind.core.files import write_text
from tradewind.core.plain import finite
from tradewind.explain.distillation import Student
from tradewind.explain.effects import Effect, EffectSettings
from tradewind.explain.importance import ImportanceSettings
from tradewind.explain.importance.findings import Findings, top_effects
from tradewind.explain.importance.measure import global_importance
from tradewind.explain.importance.page import write_page
from tradewind.explain.importance.settings import Period
from tradewind.explain.probe import look_back, sampled
from tradewind.explain.quality import ExplanationQualitySettings
from tradewind.explain.quality.measure import measure_quality
from tradewind.explain.rules import RuleSettings, surrogate_rules
from tradewind.explain.subject import Subject
from tradewind.training import TrainedModel

SHOWN = 15
RULE_ROWS = 20_000


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `tradewind importance` was asked for."""

    files: InputFiles
    model: Path
    start: date
    end: date | None
    rows: int
    period: Period
    drift_from: date | None
    effects: int
    student: Path | None
    refit: bool
    seed: int
    out: Path


def run_importance(request: Request, *, as_json: bool) -> None:
    """Measure and write; UsageError where the span holds days the model learned from, or none."""
    prepare_folder(request.out)
    model = TrainedModel.load(request.model)
    student = Student.load(request.student) if request.student else None
    learned: date = as_time(model.record["trained_until"]).astype("datetime64[D]").item()
    if request.start < learned:
        raise UsageError(
            f"--from {request.start} is earlier than {learned}, the last day the model learned from",
            fix="start later, or train with an earlier --train-end",
        )
    market = read_market(request.files)
    data = dataset_of(market, model.settings)
    last = request.end + timedelta(days=1) if request.end else None
    time = data.panel.time
    inside = (time >= as_time(request.start)) & ~np.isnat(data.labels.end)
    if last is not None:
        inside &= time < as_time(last)
    rows = np.flatnonzero(inside)
    if len(rows) < 20:
        raise UsageError(
            f"only {len(rows)} bars with a known label lie between --from {request.start} and "
            f"{request.end or 'the last bar'}",
            fix="give a longer span, or prices that reach further",
        )
    subject = Subject.of(model, data, rows, market.news, seed=request.seed)
    with show.LiveProgress() as progress:
        findings = _findings(request, subject, student, progress)
    found = finite(findings.to_dict())
    write_text(request.out / "importance.json", json.dumps(found, indent=2, allow_nan=False))
    write_page(request.out / "importance.html", findings)
    if as_json:
        show.print_json({"out": str(request.out), **findings.to_dict()})
        return
    _say(request.out, findings)


def _findings(request: Request, subject: Subject, student: Student | None, progress: show.LiveProgress) -> Findings:
    settings = ImportanceSettings(rows=request.rows, period=request.period, seed=request.seed)
    drift_from = None if request.drift_from is None else as_time(request.drift_from)
    importance = global_importance(subject, settings=settings, drift_from=drift_from, progress=progress)
    rules = surrogate_rules(
        subject.prepared,
        sampled(subject.train, RULE_ROWS, request.seed),
        sampled(subject.rows, RULE_ROWS, request.seed),
        subject.odds,
        subject.raw,
        RuleSettings(seed=request.seed),
    )
    effects: tuple[tuple[Effect, Effect], ...] = ()
    quality, notes = None, []
    try:
        look_back(subject.model)
    except UsageError as error:  # a graph net: importance and rules stand, what moves one row alone does not
        notes.append(f"Left out: effects and quality. {error}")
    else:
        if request.effects:
            effects = top_effects(
                subject, importance, request.effects, settings=EffectSettings(seed=request.seed), progress=progress
            )
        quality = measure_quality(
            subject,
            settings=ExplanationQualitySettings(seed=request.seed),
            permutation=importance.permutation,
            student=student,
            refit=request.refit,
            progress=progress,
        )
    time = subject.prepared.panel.time[subject.rows]
    about = {
        "model": request.model.name,
        "members": list(subject.model.settings.models),
        "trained_until": str(subject.model.record["trained_until"])[:10],
        "from": str(time.min())[:10],
        "to": str(time.max())[:10],
        "rows": len(subject.rows),
        "data": subject.data.panel.id,
        "seed": request.seed,
    }
    return Findings(
        about=about, importance=importance, effects=effects, rules=rules, quality=quality, notes=tuple(notes)
    )


def _say(out: Path, findings: Findings) -> None:
    importance = findings.importance
    about = findings.about
    lines = [{name: value for name, value in line.items() if name != "accuracy -"} for line in importance.table(SHOWN)]
    show.table(
        lines,
        title=f"Out of sample, {about['from']} to {about['to']}: importance in probability, and the loss when shuffled",
        as_json=False,
    )
    show.say("By group: " + ", ".join(f"{p.name} {p.share.value:.0%}" for p in importance.shap.groups))
    stable = importance.stability
    show.say(f"Over {len(stable.periods)} periods: {stable.verdict} (Kendall's W {show.cell(stable.concordance)})")
    if importance.drift is not None:
        drift = importance.drift
        show.say(f"Drift: {drift.verdict} ({drift.distance:.1%} of importance changed hands, p {show.cell(drift.p)})")
    rules = findings.rules
    show.say(
        f"Rules: {len(rules.rules)} give {rules.test_r2:.1%} of the variance of the log odds and "
        f"the same side of 0.5 in {rules.agreement:.1%} of rows"
    )
    for note in findings.notes:
        show.warn(note)
    if findings.quality is not None:
        show.say(f"Explanation quality: {findings.quality.verdict}")
        for check in findings.quality.checks:
            show.say(f"  {'passed' if check.passed else 'FAILED'}  {check.words}")
    show.say(f"Wrote {out / 'importance.json'} and {out / 'importance.html'}")
