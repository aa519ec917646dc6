"""A roll-out to look at: a canary beside the control, with simulated requests and the outcomes of real forecasts.

No server runs and nothing is deployed: the forecasts are those of two models in the simulated market that the monitor
watches, and every decision is the roll-out's own.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import numpy as np

from tradewind.core import NoProgress, Progress
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.core.files import write_text
from tradewind.core.ids import content_id
from tradewind.core.plain import finite
from tradewind.models import ModelSettings
from tradewind.monitoring.replay import World
from tradewind.monitoring.replay.world import MODEL
from tradewind.serving.rollout import Experiment, ReviewList, Rollout
from tradewind.serving.rollout.days import PairedDay
from tradewind.serving.rollout.hooks import Hooks
from tradewind.serving.rollout.review import Disagreement
from tradewind.serving.rollout.settings import Arm, Ramp
from tradewind.serving.rollout.shadow import AgreementRule
from tradewind.serving.rollout.standing import RECORDS, ROLLOUT
from tradewind.training import fit_model
from tradewind.training.model import ENSEMBLE
from tradewind.web.demo.watched_world import recent_world
from tradewind.web.workspace import Workspace

NAME = "canary-demo"
CONTROL, CANARY = "champion/2", "champion/3"
DAYS = 45
REQUESTS = 120
"""Simulated requests of a day."""


class _Clock:
    """The time of the session that is played."""

    def __init__(self) -> None:
        self.at = datetime.now(UTC)

    def now(self) -> datetime:
        return self.at


def furnish(workspace: Workspace, progress: Progress | None = None) -> None:
    """Fill the state of a roll-out; done already where there is one.

    Raises
    ------
    OutputError : a file cannot be written.
    """
    if (workspace.serving / ROLLOUT).is_dir():
        return
    told = progress or NoProgress()
    world = recent_world(told)
    told.update("canary", 0, 1)
    rolled_out(world, workspace)
    told.update("canary", 1, 1)


def rolled_out(world: World, workspace: Workspace) -> None:
    """Play the newest days of ``world`` to a canary, and keep what a server would have kept."""
    experiment = Experiment(
        name=NAME,
        kind="canary",
        arms=(Arm(name="control", model=CONTROL, share=0.9), Arm(name="canary", model=CANARY, share=0.1)),
        ramp=Ramp(shares=(0.1, 0.25, 0.5, 1.0), seconds=0.0, requests=50, days=20),
        margin=0.05,
        promote="hold",
    )
    folder, clock = workspace.serving / ROLLOUT, _Clock()
    write_text(folder / f"{NAME}.json", experiment.model_dump_json(indent=2) + "\n")
    rows = np.flatnonzero(world.reference.panel.time >= world.stage.days[-DAYS - 1])
    labels, time = world.reference.labels, world.reference.panel.time
    settings = MODEL.model_copy(update={"models": ("logistic",), "members": ModelSettings(), "seed": 3})
    learned = np.flatnonzero(labels.end < world.stage.days[-DAYS - 1])
    newer = fit_model(world.reference, learned, settings, news=world.stage.news)
    data, news = world.reference, world.stage.news
    old = world.models[-1].forecast(data, rows, news)[ENSEMBLE].probability
    new = newer.forecast(data, rows, news)[ENSEMBLE].probability

    def record(kind: str, facts: Mapping[str, Any]) -> None:
        line = json.dumps(finite({"id": uuid4().hex, "at": clock.now().isoformat(), "kind": kind, **facts}))
        with (folder / RECORDS).open("a", encoding="utf-8") as file:
            file.write(line + "\n")

    clock.at = world.stage.days[-DAYS - 1].item().replace(tzinfo=UTC)
    rollout = Rollout(experiment, folder, Hooks(record=record), clock=clock)
    rng = np.random.default_rng(world.settings.seed)
    for day in np.unique(time[rows]):
        clock.at = day.item().replace(tzinfo=UTC) + timedelta(hours=15)
        _requests(rollout, data.panel.symbols, rng)
        mine = time[rows] == day
        moved = labels.direction[rows][mine]
        known = np.isfinite(moved)
        if not known.any():
            continue
        right = [(side[mine][known] > 0.5) == (moved[known] > 0.5) for side in (old, new)]
        rollout.day(
            PairedDay(
                time=int(day.astype("datetime64[us]").astype(np.int64)),
                model=CANARY,
                pairs=int(known.sum()),
                difference=float(right[1].mean() - right[0].mean()),
            )
        )
    _shadow(workspace, world, rows[time[rows] >= world.stage.days[-3]], (old, new), rows)


def _requests(rollout: Rollout, symbols: Sequence[str], rng: np.random.Generator) -> None:
    for _ in range(REQUESTS):
        caller, symbol = f"caller-{rng.integers(500)}", symbols[int(rng.integers(len(symbols)))]
        arm = rollout.choose(caller, symbol).arm
        rollout.observe(arm, float(rng.lognormal(-5.5, 0.4)), bool(rng.random() < 0.0005))
    rollout.look()


def _shadow(
    workspace: Workspace, world: World, newest: IntArray, sides: tuple[FloatArray, FloatArray], rows: IntArray
) -> None:
    """Keep the forecasts of the newest sessions that the simpler model does not share, for a person to look at."""
    rule, panel = AgreementRule(), world.reference.panel
    place = {int(row): at for at, row in enumerate(rows)}
    seen = int(datetime.now(UTC).timestamp() * 1e6)
    cases = []
    for row in newest.tolist():
        champion, student = (float(side[place[row]]) for side in sides)
        cause = rule.cause(champion, student)
        if cause is None:
            continue
        symbol = panel.symbols[int(panel.symbol_code[row])]
        time = int(panel.time[row].astype("datetime64[us]").astype(np.int64))
        cases.append(
            Disagreement(
                prediction=content_id(symbol, time, CONTROL),
                symbol=symbol,
                time=time,
                model=CONTROL,
                student_model=CANARY,
                champion=champion,
                student=student,
                cause=cause,
                seen_at=seen,
            )
        )
    kept = ReviewList(workspace.serving / "review.db")
    try:
        kept.add(cases)
    finally:
        kept.close()
