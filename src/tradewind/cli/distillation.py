"""Teacher, student, comparison and files put together: what `distill` does."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from tradewind.cli import show
from tradewind.cli.experiment import prepare_folder
from tradewind.cli.inputs import InputFiles, dataset_of, read_market
from tradewind.core import UsageError
from tradewind.core.files import write_text
from tradewind.core.plain import finite
from tradewind.data.tables import save_table
from tradewind.explain.distillation import (
    DistillationSettings,
    Distilled,
    Fidelity,
    distil,
    measure_fidelity,
    trained_until,
    write_page,
)
from tradewind.training import TrainedModel, TrainingSettings, fit_model
from tradewind.validation import holdout


@dataclass(frozen=True, kw_only=True)
class Request:
    """What `tradewind distill` was asked for; ``settings`` are those of a new teacher, not used with ``model``."""

    files: InputFiles
    train_end: date | None
    test_start: date
    test_end: date | None
    model: Path | None
    settings: TrainingSettings
    kind: str
    features: int
    out: Path


def run_distillation(request: Request, *, as_json: bool) -> None:
    """Train or load the teacher, distil it, measure the student on the test days and write the results.

    Raises
    ------
    UsageError : dates contradict each other, or the teacher has learned from test days.
    """
    prepare_folder(request.out)
    teacher = TrainedModel.load(request.model) if request.model else None
    train_end = request.train_end
    if teacher is not None:
        learned: date = trained_until(teacher).astype("datetime64[D]").item()
        if learned >= request.test_start:
            raise UsageError(
                f"--test-start {request.test_start} is not later than {learned}, the last day the model learned from",
                fix="start the test later, or train with an earlier --train-end",
            )
        train_end = train_end or learned
    assert train_end is not None  # the command saw to it
    market = read_market(request.files)
    data = dataset_of(market, teacher.settings if teacher else request.settings)
    labels = data.labels
    test_end = request.test_end or str(market.panel.times[-1])[:10]
    split = holdout(labels.start, labels.end, train_end, request.test_start, test_end)
    settings = _settings(request)
    with show.LiveProgress() as progress:
        if teacher is None:
            teacher = fit_model(data, split.train, request.settings, news=market.news, progress=progress)
        distilled = distil(teacher, data, train_end, settings=settings, news=market.news, progress=progress)
    show.note("comparing student and teacher on the test days")
    fidelity = measure_fidelity(distilled, teacher, data, split.test, news=market.news, settings=settings)
    _write(request.out, distilled, fidelity)
    _say(request.out, distilled, fidelity, as_json=as_json)


def _settings(request: Request) -> DistillationSettings:
    base = DistillationSettings(seed=request.settings.seed)
    sizes = tuple(sorted({min(size, request.features) for size in (*base.sizes, request.features)}))
    return DistillationSettings.model_validate({**base.model_dump(), "kind": request.kind, "sizes": sizes})


def _write(out: Path, distilled: Distilled, fidelity: Fidelity) -> None:
    distilled.save(out / "student")
    save_table(fidelity.table, out / "agreement.parquet")
    save_table(fidelity.review, out / "review.parquet")
    write_page(out / "distillation.html", distilled, fidelity)
    found = finite({**distilled.to_dict(), "fidelity": fidelity.to_dict()})
    write_text(out / "distillation.json", json.dumps(found, indent=2, allow_nan=False))


def _say(out: Path, distilled: Distilled, fidelity: Fidelity, *, as_json: bool) -> None:
    if as_json:
        show.print_json({"out": str(out), **distilled.to_dict(), "fidelity": fidelity.to_dict()})
        return
    student, agreement = distilled.student, fidelity.agreement
    show.table(
        [
            {
                "measure": kept.measure,
                "teacher": kept.teacher.value,
                "student": kept.student.value,
                "share kept": kept.share.value if kept.meaningful else np.nan,
                "from": kept.share.lower if kept.meaningful else np.nan,
                "to": kept.share.upper if kept.meaningful else np.nan,
            }
            for kept in fidelity.skill
        ],
        title=f"Out of sample: a {student.kind} student of {len(student.names)} features against its teacher",
        as_json=False,
    )
    for kept in fidelity.skill:
        show.say(kept.words)
    show.say(
        f"Same side of 0.5 in {agreement.value:.1%} ({agreement.lower:.1%} to {agreement.upper:.1%}) of "
        f"{len(fidelity.table)} rows; log odds correlate at {fidelity.correlation:.3f}; top features shared "
        f"{fidelity.importance.overlap:.0%}; flagged for a person {fidelity.flagged:.1%}"
    )
    show.say(f"Wrote {out / 'student'}, {out / 'review.parquet'} and {out / 'distillation.html'}")
