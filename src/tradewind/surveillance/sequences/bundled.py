"""The model of sequences that comes with the package, and what it was learned from."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources

from tradewind.core.errors import InputError
from tradewind.surveillance.sequences.model import SequenceModel

LEARNED_FROM: Mapping[str, range] = {
    "own": range(7_000, 7_200),
    "busy": range(570_000, 570_150),
    "plain": range(5_000, 5_117),
    "lively": range(5_000, 5_400),
    "populated": range(5_000, 5_280),
    "reactive": range(5_000, 5_280),
    "brokered": range(5_000, 5_280),
    "sketched": range(5_000, 5_280),
    "prosecuted": range(30_001, 30_101),
    "appraised": range(30_001, 30_121),
    "examined": range(30_001, 30_161),
}
"""Seeds of the markets of each kind that the bundled model was fitted on."""


def bundled_sequences() -> SequenceModel:
    """Return the model that comes with the package.

    It was fitted on simulated markets of the seeds in :data:`LEARNED_FROM` alone, so that what it says of markets of
    other seeds is out of sample, and other models may learn from it without folds.

    Raises
    ------
    InputError : this installation has none.
    """
    with resources.as_file(resources.files(__package__) / "bundled.npz") as path:
        if not path.is_file():
            raise InputError(
                "this installation carries no model of sequences", file=path, fix="fit one, or leave the view out"
            )
        return SequenceModel.load(path)
