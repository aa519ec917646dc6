"""What an export did, measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tradewind.training.export.precision import PrecisionChange


@dataclass(frozen=True, kw_only=True)
class ExportReport:
    """An artefact as it was written.

    Attributes
    ----------
    ref, folder : the version, and where its artefact is.
    features, window : raw features it reads, and the bars it looks back on.
    engines : engine of each member by rows a batch. timings : milliseconds by member, engine and rows a batch.
    rows : check rows. probability, expected_return : largest absolute differences from the trained model on them.
    changes : what int8 and pruning change; empty where they were not studied.
    left_out : baselines that cannot be served, and why.
    size : bytes of the artefact's files.
    """

    ref: str
    folder: Path
    features: tuple[str, ...]
    window: int
    engines: Mapping[str, Mapping[int, str]]
    timings: Mapping[str, Mapping[str, Mapping[int, float]]]
    rows: int
    probability: float
    expected_return: float
    changes: tuple[PrecisionChange, ...]
    left_out: Mapping[str, str]
    size: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {**asdict(self), "folder": str(self.folder)}

    def lines(self) -> list[str]:
        """Return the report as lines of plain text."""
        found = [
            f"{self.ref}: {self.size / 1024:.0f} KiB, {len(self.features)} features over {self.window} bars",
            f"differs from the trained model by at most {self.probability:.1e} (probability) and"
            f" {self.expected_return:.1e} (return) on {self.rows} rows",
        ]
        for member, by_size in self.engines.items():
            chosen = ", ".join(
                f"{name} {self.timings[member][name][size]:.3f} ms for {size}" for size, name in by_size.items()
            )
            found.append(f"{member}: {chosen}")
        for change in self.changes:
            times = ", ".join(f"{ms:.3f} ms for {size}" for size, ms in change.milliseconds.items())
            found.append(
                f"{change.member} {change.variant}: probability moves by {change.largest:.1e} at most,"
                f" {change.flips:.2%} of directions turn, log loss {change.log_loss_exact:.5f} ->"
                f" {change.log_loss:.5f}, {times}"
            )
        found += [f"{name} is not served: {why}" for name, why in self.left_out.items()]
        return found
