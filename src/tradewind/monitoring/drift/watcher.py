"""Drift as slices come in: the newest days against the reference, at the calibrated limits."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.monitoring.drift.reference import DriftReference
from tradewind.monitoring.drift.scores import FAMILIES, Scores, window_scores
from tradewind.monitoring.drift.settings import DriftSettings
from tradewind.monitoring.drift.streaming import DayDetectors, RiverDetector
from tradewind.monitoring.drift.tally import Tally, stack, tally_day
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.slices import Slice

KINDS = {
    "feature": "feature_drift",
    "missing": "missingness",
    "correlation": "correlation_break",
    "multivariate": "multivariate_drift",
    "sector": "sector_drift",
}
SEVERE = 1.5
"""Excess over the limit from which a finding is an error and no warning."""


class DriftWatcher:
    """Compares the last ``window`` slices with the reference every ``every`` slices.

    It tells only of what passes the limits calibrated on the reference; where that is too short for them it stays
    silent, and ``state`` says so. A feature that slices lack counts as missing. Each slice is one day.
    """

    name = "drift"

    def __init__(self, reference: DriftReference, settings: DriftSettings | None = None) -> None:
        self.settings = settings or reference.settings
        self._reference = reference
        self._calibration = reference.calibration(self.settings.window, self.settings.every)
        self._days: deque[Tally] = deque(maxlen=self.settings.window)
        self._seen = 0
        self._excess: dict[str, FloatArray] = {}
        self._forecasts = RiverDetector("adwin", seed=self.settings.seed)
        self._changes = 0
        self._levels = DayDetectors(reference.names, reference.grid.scale, seed=self.settings.seed)

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in the next slice; return what has drifted at a look, the largest first and one summary of the rest."""
        self._follow(one)
        if not len(one):
            return ()
        reference = self._reference
        code = reference.group_codes(one.sector, len(one))
        features = self._columns(one)
        self._levels.observe(features)
        self._days.append(tally_day(reference.grid, features, code, len(reference.groups)))
        self._seen += 1
        full = len(self._days) == self.settings.window
        if self._calibration is None or not full or self._seen % self.settings.every:
            return ()
        scores = window_scores(stack(list(self._days)).total(), reference.total, reference.lens)
        self._excess = self._calibration.excess(scores)
        return self._findings(one, scores)

    def state(self) -> Mapping[str, Any]:
        """Return the largest excess of each family at the last look; above 1 it has drifted.

        ``level_changes`` : features on whose daily mean or spread ADWIN saw a change within the window;
        ``forecast_changes`` : changes it saw in the mean forecast so far. Both by textbook thresholds.
        """
        largest = {
            family: max((float(self._excess[n].max()) for n in names if self._excess[n].size), default=0.0)
            for family, names in FAMILIES.items()
            if names[0] in self._excess
        }
        largest = {name: value for name, value in largest.items() if np.isfinite(value)}
        return {
            "slices": self._seen,
            "calibrated": self._calibration is not None,
            "excess": largest,
            "forecast_changes": self._changes,
            "level_changes": list(self._levels.recent(self.settings.window)),
        }

    def _columns(self, one: Slice) -> Float32Array:
        if one.names == self._reference.names:
            return one.features
        place = {name: i for i, name in enumerate(one.names)}
        x: Float32Array = np.full((len(one), len(self._reference.names)), np.nan, dtype=np.float32)
        for j, name in enumerate(self._reference.names):
            if name in place:
                x[:, j] = one.features[:, place[name]]
        return x

    def _follow(self, one: Slice) -> None:
        """Show the mean of the forecasts that callers were given to the detector."""
        if one.served:
            probability = one.served[0].probability
            known = probability[np.isfinite(probability)]
            if len(known):
                self._changes += self._forecasts.update(float(known.mean()))

    def _findings(self, one: Slice, scores: Scores) -> list[Finding]:
        found = [hit for family in FAMILIES for hit in self._family(family, one, scores)]
        found.sort(key=lambda hit: -float(hit.evidence["excess"]))
        top, rest = found[: self.settings.top], found[self.settings.top :]
        if rest:
            kinds = sorted({hit.kind for hit in rest})
            top.append(
                Finding(
                    kind="drift_summary",
                    area=Area.DRIFT,
                    severity=Severity.WARNING,
                    message=f"{len(rest)} more passed their limits: {', '.join(kinds)}",
                    time=bar_time(one),
                    known_at=one.known_at,
                    statistic=float(len(found)),
                    threshold=float(self.settings.top),
                    evidence={"kinds": kinds, "more": [dict(hit.subject) for hit in rest[:20]]},
                )
            )
        return top

    def _family(self, family: str, one: Slice, scores: Scores) -> list[Finding]:
        """Return one finding per subject: the statistic that lies furthest beyond its limit."""
        best: dict[tuple[str, ...], Finding] = {}
        calibration = self._calibration
        if calibration is None or family not in calibration.limit:
            return []
        for name in FAMILIES[family]:
            excess, critical = self._excess[name], calibration.critical(name)
            for place in np.argwhere(excess > 1):
                at = tuple(int(i) for i in place)
                subject, more = self._subject(name, at)
                size = float(excess[at])
                value, limit = float(scores[name][at]), float(critical[at])
                about = ", ".join(f"{key} {text}" for key, text in {**subject, **more}.items()) or "all features"
                hit = Finding(
                    kind=KINDS[family],
                    area=Area.DRIFT,
                    severity=Severity.ERROR if size > SEVERE else Severity.WARNING,
                    message=f"{about}: {name} is {value:.3f}, above the {limit:.3f} that the reference's windows allow",
                    time=bar_time(one),
                    known_at=one.known_at,
                    subject=subject,
                    statistic=value,
                    threshold=limit,
                    evidence={"by": name, "excess": size, "window": self.settings.window, **more},
                )
                key = tuple(subject.values())
                if key not in best or best[key].evidence["excess"] < hit.evidence["excess"]:
                    best[key] = hit
        return list(best.values())

    def _subject(self, name: str, at: tuple[int, ...]) -> tuple[dict[str, str], dict[str, str]]:
        """Return the subject of the entry ``at`` of statistic ``name``, and what else tells of it."""
        names = self._reference.names
        if name == "sector":
            return {"sector": self._reference.groups[at[0]], "feature": names[at[1]]}, {}
        if name == "pair":
            first, second = np.triu_indices(len(names), k=1)
            return {"feature": names[int(first[at[0]])]}, {"other": names[int(second[at[0]])]}
        if name == "reconstruction":
            return {}, {}
        return {"feature": names[at[0]]}, {}
