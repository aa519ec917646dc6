"""Whether what answers is what should answer."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Settings, Severity
from tradewind.core.arrays import FloatArray
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import ServedForecasts, Slice

Recompute = Callable[[Slice, ServedForecasts], FloatArray | None]
"""Probabilities (k,) that the version must give for the slice's features, as ``served.symbol``; None: not known."""


class VersionSettings(Settings):
    """Limits of :class:`VersionWatcher`.

    Attributes
    ----------
    missing_share : share of the bars without a forecast of the version served that is told of; 0: any.
    tolerance : difference of probabilities that is no difference (float32 arithmetic).
    """

    missing_share: float = Field(0.0, ge=0, lt=1)
    tolerance: float = Field(1e-4, ge=0)


class VersionWatcher:
    """Compares what was served with the registry and, where it can, with a recomputation; it keeps no memory.

    ``wrong_version``: a version answers as champion that the registry's champion is not, or the champion does not
    answer at all; ``forecasts_missing``: bars came and no forecast; ``answers_differ``: the version that is named did
    not give these answers. Each within the slice in which it happens.

    Parameters
    ----------
    recompute : gives what a version must have answered; None: answers are not compared.
    """

    name = "version"

    def __init__(self, settings: VersionSettings | None = None, *, recompute: Recompute | None = None) -> None:
        self.settings, self._recompute = settings or VersionSettings(), recompute
        self._seen: dict[str, Any] = {}

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Return what is wrong with the answers of this slice."""
        self._seen = {"champion": one.champion, "served": [served.version for served in one.served]}
        return [*self._wrong(one), *self._missing(one), *self._differing(one)]

    def state(self) -> Mapping[str, Any]:
        """Return the registry's champion and the versions of the latest slice."""
        return self._seen

    def _wrong(self, one: Slice) -> Iterator[Finding]:
        if one.champion is None or not one.served:
            return
        as_champion = sorted({served.version for served in one.served if served.role == "champion"})
        for version in as_champion:
            if version != one.champion:
                words = f"{version} answers as champion; the registry's champion is {one.champion}"
                evidence = {"champion": one.champion, "served": as_champion}
                yield _finding(one, "wrong_version", words, {"version": version}, evidence=evidence)
        if not as_champion:
            first = one.served[0]
            words = f"{first.version} answers as {first.role}; the registry's champion {one.champion} does not answer"
            evidence = {"champion": one.champion, "role": first.role}
            yield _finding(one, "wrong_version", words, {"version": first.version}, evidence=evidence)

    def _missing(self, one: Slice) -> Iterator[Finding]:
        if not len(one):
            return
        answered = set()
        for served in one.served:
            if served.role not in ("challenger", "shadow"):
                answered.update(served.symbol[np.isfinite(served.probability)].tolist())
        absent = sorted(set(one.symbol.tolist()) - answered)
        share = len(absent) / len(one)
        if share > self.settings.missing_share:
            words = f"{len(absent)} of {len(one)} bars have no forecast that callers could be given"
            subject = {"version": one.champion} if one.champion is not None else {}
            evidence = {"missing": len(absent), "bars": len(one), "symbols": absent[:20]}
            seen = (share, self.settings.missing_share)
            yield _finding(one, "forecasts_missing", words, subject, evidence=evidence, seen=seen)

    def _differing(self, one: Slice) -> Iterator[Finding]:
        if self._recompute is None:
            return
        for served in one.served:
            right = self._recompute(one, served)
            if right is None:
                continue
            gap = np.abs(np.asarray(right, dtype=np.float64) - served.probability)
            # An answer where there should be none, or none where there should be one, differs too.
            gap = np.where(np.isnan(right) != np.isnan(served.probability), 1.0, np.nan_to_num(gap))
            wrong = gap > self.settings.tolerance
            if wrong.any():
                words = (
                    f"{int(wrong.sum())} of {len(gap)} answers of {served.version} are not what it gives when "
                    f"recomputed; the largest difference is {gap.max():.4g}"
                )
                evidence = {"differ": int(wrong.sum()), "of": len(gap), "symbols": served.symbol[wrong][:20].tolist()}
                seen = (float(gap.max()), self.settings.tolerance)
                yield _finding(one, "answers_differ", words, {"version": served.version}, evidence=evidence, seen=seen)


def _finding(
    one: Slice,
    kind: str,
    message: str,
    subject: Mapping[str, str],
    *,
    evidence: Mapping[str, Any],
    seen: tuple[float, float] = (float("nan"), float("nan")),
) -> Finding:
    return Finding(
        kind=kind,
        area=Area.VERSION,
        severity=Severity.CRITICAL if kind == "wrong_version" else Severity.ERROR,
        message=message,
        time=bar_time(one),
        known_at=one.known_at,
        subject=subject,
        statistic=seen[0],
        threshold=seen[1],
        evidence=evidence,
    )
