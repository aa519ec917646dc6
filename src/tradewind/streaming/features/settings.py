"""Settings of the feature service."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from tradewind.core import Settings


class FeatureServiceSettings(Settings):
    """How slices are closed, how far back they can be corrected, and how often all of it is made durable.

    Attributes
    ----------
    grace : seconds that a slice waits for bars still missing after its last one, or after a bar of a later time.
    lateness : microseconds of event time by which a symbol's bars may come out of order before one that is missing
        counts as not coming; within it they are buffered.
    silent_after : slices without a bar after which a symbol is no longer waited for.
    most_open : slices that may be open at once. With more, partitions of the log that are ahead are not read on until
        the others have come as far; where none is behind, the oldest slice is closed.
    keep : slices, at least, that a late bar or item can still correct.
    snapshot_every : slices between two memories of the engine that are kept to go back to.
    too_old : what is done with a change to a slice that is no longer kept: ``refuse`` it with an event, or ``rebuild``
        everything from the start of the log.
    ahead : seconds by which a record may claim to be known after the log took it; beyond that its clock is wrong, and
        it is refused: a bar of the future would make all bars before it late.
    batch : messages read at once.
    checkpoint_every : seconds between two checkpoints.
    most_news : items of one symbol that may wait for its next bar; more are refused.
    folder : where checkpoints and refused records are kept; None keeps none, and a restart begins the log anew.
    fear, news : whether the engine reads a fear index, and news.
    """

    grace: float = Field(0.25, ge=0)
    lateness: int = Field(0, ge=0)
    silent_after: int = Field(5, ge=1)
    most_open: int = Field(512, ge=1)
    keep: int = Field(256, ge=1)
    snapshot_every: int = Field(4, ge=1)
    too_old: Literal["refuse", "rebuild"] = "refuse"
    ahead: float = Field(86_400.0, ge=0)
    batch: int = Field(5000, ge=1)
    checkpoint_every: float = Field(5.0, ge=0)
    most_news: int = Field(10_000, ge=1)
    folder: Path | None = None
    fear: bool = False
    news: bool = False
