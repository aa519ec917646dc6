"""A suite of replays as one HTML page."""

from __future__ import annotations

import math
from collections.abc import Sequence

from tradewind.core import page
from tradewind.monitoring.replay.incidents import IncidentKind
from tradewind.monitoring.replay.run import Replayed
from tradewind.monitoring.replay.score import Scores
from tradewind.monitoring.replay.settings import ReplaySettings

LEFT, RIGHT, LONGEST = 190.0, 720.0, 60
TICKS = (0, 1, 5, 20, LONGEST)


def render(runs: Sequence[Replayed], scores: Scores, settings: ReplaySettings) -> str:
    """Return the page."""
    planted = [run for run in runs if run.truth is not None]
    return page.render(
        "tradewind.monitoring.replay",
        "replay.html.j2",
        scores=scores,
        right=sum(run.blame is not None and run.blame.right for run in planted),
        noticed=sum(run.detected is not None for run in planted),
        planted=len(planted),
        worlds=len({run.seed for run in runs}),
        wait=settings.wait,
        dots=_dots(planted),
        ticks=[{"x": _place(tick), "words": f"{tick}+" if tick == LONGEST else str(tick)} for tick in TICKS],
    )


def _dots(planted: Sequence[Replayed]) -> list[dict[str, object]]:
    there = [kind for kind in IncidentKind if any(run.truth and run.truth.kind is kind for run in planted)]
    return [
        {
            "kind": str(kind),
            "y": 26 * row + 13,
            "dots": [
                {
                    "x": _place(LONGEST if run.delay is None else run.delay),
                    "right": bool(run.blame and run.blame.right),
                    "words": _words(run),
                }
                for run in planted
                if run.truth is not None and run.truth.kind is kind
            ],
        }
        for row, kind in enumerate(there)
    ]


def _words(run: Replayed) -> str:
    told = "not noticed" if run.delay is None else f"noticed after {run.delay} sessions"
    blamed = "" if run.blame is None else f"; blamed: {run.blame.kind} ({run.blame.subject})"
    return f"seed {run.seed}: {run.truth.words if run.truth else ''}; {told}{blamed}"


def _place(sessions: int) -> float:
    """Return where a delay stands, on a scale that is logarithmic from the first session on."""
    share = math.log1p(min(sessions, LONGEST)) / math.log1p(LONGEST)
    return round(LEFT + share * (RIGHT - LEFT), 1)
