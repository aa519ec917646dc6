"""How a model is exported."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from tradewind.core import Settings


class ExportSettings(Settings):
    """What an export may change, and how long it measures.

    ``precision`` : ``exact`` answers as the trained model does, to ``tolerance``; ``auto`` takes int8 for a net whose
    ensemble moves by at most ``change_tolerance`` of probability on the check rows, and which is then faster for one
    row and for a full batch. ``prune`` : share of each net's weights set to 0, refused where the ensemble moves by more
    than ``change_tolerance``. ``study`` : measure int8 and ``prune_shares`` for the report, whatever is chosen.
    ``tolerance`` : largest difference of a probability or a return from the trained model. ``threads`` : thread
    counts a net may be run with. ``seconds`` : time spent on each engine and each of ``sizes`` (rows a batch).
    """

    precision: Literal["exact", "auto"] = "exact"
    prune: float = Field(default=0.0, ge=0.0, lt=1.0)
    change_tolerance: float = Field(default=0.001, gt=0.0)
    study: bool = True
    prune_shares: tuple[Annotated[float, Field(gt=0.0, lt=1.0)], ...] = (0.3, 0.6, 0.9)
    tolerance: float = Field(default=1e-6, gt=0.0)
    threads: tuple[Annotated[int, Field(ge=1)], ...] = Field(default=(1,), min_length=1)
    seconds: float = Field(default=0.05, gt=0.0)
    sizes: tuple[Annotated[int, Field(ge=1)], ...] = Field(default=(1, 8, 64, 256), min_length=1)
