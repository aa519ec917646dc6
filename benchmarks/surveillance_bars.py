"""What it is worth to set a model's bars on a market's own history: other markets of the same venue, answers known."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from surveillance_markets import make
from tradewind.surveillance.learning import CandidateTable, SurveillanceModel, collect
from tradewind.surveillance.learning.venue_bars import set_venue_bars
from tradewind.surveillance.reading import Surveyor

WATCHED = {"unseen": ("unseen_fresh", "unseen_evasive"), "auditcase": ("auditcase",), "hawkes": ("hawkes",)}
"""The suites of ``detect`` that are watched again with the bars of each history."""
HISTORIES = {
    "unseen": "unseen_history=60 unseen_evasive_history=20",
    "auditcase": "auditcase_history=60",
    "hawkes": "hawkes_history=60",
}
"""The suites that bars are set on; none of their markets is watched."""

CALM = {"calm": "unseen", "calm_unseen": "unseen", "calm_auditcase": "auditcase", "calm_hawkes": "hawkes"}
"""The history of the venue of each calm suite."""


def known(suite: str, seed: int, events: int | None, kept: Path) -> Path:
    """Keep the labelled candidates of one market of a history; return their file."""
    path = kept / f"{suite}-{seed}.npz"
    if not path.exists():
        collect(make(suite, seed, events), Surveyor(), name=f"{suite} {seed}").save(path)
    return path


def fitted(model: SurveillanceModel, paths: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Set the bars of ``model`` on a history, write it into ``folder``, and return what was set."""
    made = set_venue_bars(model, [CandidateTable.load(path) for path in paths], measure=False)
    made.model.save(folder)
    return {
        "markets": len(paths),
        "episodes": made.before.overall.planted,
        "bars": {scheme.value: vars(bar).copy() for scheme, bar in made.bars.items()},
    }
