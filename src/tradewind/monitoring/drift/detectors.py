"""Detectors of change in one series, behind one protocol."""

from __future__ import annotations

from typing import Any, Literal, Protocol

Kind = Literal["adwin", "page_hinkley", "kswin"]


class StreamDetector(Protocol):
    """Takes in one value after the other and says when the series has changed."""

    def update(self, x: float) -> bool:
        """Take in ``x``, which must be finite; return whether a change is seen with it."""
        ...


class RiverDetector:
    """A detector of the library river: ADWIN (Bifet and Gavalda, 2007), Page-Hinkley (1954) or KSWIN (2020).

    Their thresholds are textbook ones: give them one value a day, and read them beside the calibrated verdicts.
    """

    def __init__(self, kind: Kind, *, seed: int = 7) -> None:
        from river import drift

        library: Any = drift  # it is typed in part
        if kind == "adwin":
            self._inner = library.ADWIN(delta=0.0001)
        elif kind == "page_hinkley":
            self._inner = library.PageHinkley(threshold=20.0, delta=0.1)
        else:
            self._inner = library.KSWIN(alpha=0.0001, seed=seed)

    def update(self, x: float) -> bool:
        """Take in ``x``, which must be finite; return whether a change is seen with it."""
        self._inner.update(x)
        return bool(self._inner.drift_detected)
