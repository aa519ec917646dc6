"""Drift of every feature through time, from the slices that a monitor kept, against its references."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from tradewind.core import NoProgress, Progress
from tradewind.core.arrays import Float32Array, FloatArray
from tradewind.monitoring.journal import Journal
from tradewind.monitoring.slices import Slice
from tradewind.web.problems import Problem, absent
from tradewind.web.projects.kept import kept_on_disk
from tradewind.web.views.oncall.drift_shapes import DriftBin, DriftCell, DriftEvery, DriftMap, DriftRow, Measure
from tradewind.web.views.oncall.places import journal_of, number
from tradewind.web.workspace import Workspace

if TYPE_CHECKING:
    from tradewind.monitoring.drift.calibration import Calibration
    from tradewind.monitoring.drift.reference import DriftReference
    from tradewind.monitoring.drift.tally import Tally
    from tradewind.monitoring.references import References

MEANING: dict[Measure, str] = {
    "excess": "Largest statistic as a share of the limit that the reference's own windows set; above 1 the "
    "monitor alerts.",
    "psi": "Population stability index over the reference's deciles. By custom 0.1 asks for attention and 0.2 for "
    "retraining; rows of one day move together, so calm markets pass these by chance.",
    "ks": "Largest distance of the distribution functions, between 0 and 1.",
}
LIMITS: dict[Measure, tuple[float, float]] = {"excess": (0.8, 1.0), "psi": (0.1, 0.2), "ks": (0.1, 0.2)}
CELLS = 20


@dataclass(frozen=True, kw_only=True, eq=False)
class _Window:
    """A window that ends with a session: its tally, and the sessions in it."""

    start: np.datetime64
    end: np.datetime64
    tally: Tally


class Drifting:
    """Compares windows of the journal with the references.

    What was counted of a slice is kept in memory, and the newest maps on disk, for as long as journal and references
    stay as they are.
    """

    def __init__(self, place: Workspace, progress: Progress | None = None) -> None:
        self._place, self._told = place, progress or NoProgress()
        self._maps: dict[str, tuple[object, DriftMap]] = {}
        self._lock = threading.Lock()
        self._references: tuple[int, References] | None = None
        self._calibration: Calibration | None = None
        self._days: OrderedDict[np.datetime64, Tally] = OrderedDict()

    def map(self, measure: Measure, every: DriftEvery, sessions: int) -> DriftMap:
        """Return the map of the newest ``sessions``.

        Raises
        ------
        Problem : there are no references or no journal, or the journal is too short (404).
        InputError : one of them is damaged.
        """
        with self._lock:
            stamp, journal = self._stamp(), journal_of(self._place)
            times = journal.times()
            content = [stamp, str(journal.folder), len(times), str(times[-1:]), measure, every, sessions]
            what = f"drift {measure} {every}"
            kept = self._maps.get(what)
            if kept is None or kept[0] != content:
                folder = self._place.home / "cache" / "oncall"
                try:
                    made = kept_on_disk(
                        folder, what, content, DriftMap, lambda: self._made(journal, measure, every, sessions)
                    )
                finally:
                    self._told.update("drift", 1, 1)
                kept = self._maps[what] = (content, made)
            return kept[1]

    def _made(self, journal: Journal, measure: Measure, every: DriftEvery, sessions: int) -> DriftMap:
        references = self._loaded()
        reference = references.drift
        width = reference.settings.window
        windows = self._windows(journal, reference, sessions, 1 if every == "day" else reference.settings.every)
        values = self._values(measure, reference, windows)
        warn, alarm = LIMITS[measure]
        rows = [_row(name, values[:, j]) for j, name in enumerate(reference.names)]
        rows.sort(key=lambda row: (-(row.latest if row.latest is not None else -1.0), row.feature))
        here = windows[-1].tally.raw.sum(axis=-1).mean()
        floor = 9 * (1 / max(here, 1) + 1 / max(float(reference.finite.mean()), 1)) if measure == "psi" else None
        return DriftMap(
            measure=measure,
            window=width,
            columns=[str(one.end.astype("datetime64[D]")) for one in windows],
            rows=rows,
            warn=warn,
            alarm=alarm,
            meaning=MEANING[measure],
            floor=floor,
            calibrated=self._calibration is not None,
            sessions=len(journal.times()),
            reference_rows=reference.rows,
            model=str(references.about.get("model", "the served model")),
        )

    def cell(self, feature: str, end: np.datetime64) -> DriftCell:
        """Return the distributions of one feature in the window that ends on the day ``end``.

        Raises
        ------
        Problem : there is no such feature or window (404).
        """
        from tradewind.monitoring.drift.ks import ks_of_counts
        from tradewind.monitoring.drift.psi import psi
        from tradewind.monitoring.drift.scores import deciles

        with self._lock:
            reference, journal = self._loaded().drift, journal_of(self._place)
            if feature not in reference.names:
                raise absent(f"feature {feature!r} in the references", "The model does not read it.", "choose another")
            times = [one for one in journal.times() if one < end + np.timedelta64(1, "D")]
            chosen = times[-reference.settings.window :]
            if not chosen:
                raise absent("session up to that day", f"The journal begins after {end}.", "choose a later day")
            slices = [one for one in journal.slices(chosen[0], chosen[-1]) if len(one)]
            window = _window(chosen, [self._day(one, reference) for one in slices])
            excess, by = self._excess(reference, window)
        j = reference.names.index(feature)
        column = np.concatenate([_columns(one, reference)[:, j] for one in slices])
        known = np.sort(column[np.isfinite(column)])
        raw = window.tally.raw[j]
        limits = self._calibration
        rows = int(window.tally.rows)
        return DriftCell(
            feature=feature,
            group=group_of(feature),
            start=str(chosen[0].astype("datetime64[D]")),
            end=str(chosen[-1].astype("datetime64[D]")),
            bins=_bins(reference.ordered[j], known),
            rows=rows,
            missing=float(window.tally.missing[j] / max(rows, 1)),
            missing_reference=float(reference.total.missing[j] / max(int(reference.total.rows), 1)),
            psi=number(float(psi(deciles(reference.total.raw[j]), deciles(raw)))),
            ks=number(float(ks_of_counts(raw, reference.total.raw[j]))),
            ks_limit=_limit(limits, "ks", j, 1.0),
            psi_limit=_limit(limits, "psi", j, 20.0),
            excess=number(float(excess[j])),
            by=by[j],
            median=number(float(np.median(known))) if len(known) else None,
            median_reference=number(float(np.median(reference.ordered[j]))) if len(reference.ordered[j]) else None,
        )

    def _stamp(self) -> int:
        """Return when the references changed last.

        Raises
        ------
        Problem : there are none (404).
        """
        place = self._place.references
        if not place.is_dir():
            raise absent(
                "reference to compare with",
                f"{place} is missing.",
                f"tradewind monitor prepare --model NAME@champion --prices FILE --from DATE --to DATE --out {place}",
            )
        return max(path.stat().st_mtime_ns for path in place.iterdir())

    def _loaded(self) -> References:
        from tradewind.monitoring.references import References

        stamp = self._stamp()
        if self._references is None or self._references[0] != stamp:
            found = References.load(self._place.references)
            settings = found.drift.settings
            self._calibration = found.drift.calibration(settings.window, settings.every)
            self._references = (stamp, found)
            self._days.clear()
        return self._references[1]

    def _windows(self, journal: Journal, reference: DriftReference, sessions: int, step: int) -> list[_Window]:
        width = reference.settings.window
        times = journal.times()
        wanted = times[-(sessions + width - 1) :]
        if len(wanted) < width:
            raise Problem(
                404,
                "The journal is too short for a window",
                f"It holds {len(times)} sessions and a window has {width}.",
                fix="let the monitor run on",
            )
        missing = [one for one in wanted if one not in self._days]
        if missing:
            for i, one in enumerate(journal.slices(missing[0], missing[-1])):
                self._told.update("drift", min(i, len(missing) - 1), len(missing))
                self._days[one.time.astype("datetime64[us]")] = self._day(one, reference)
        for old in [one for one in self._days if one < wanted[0]][:-1000]:
            del self._days[old]
        wanted = [one for one in wanted if one in self._days]
        ends = list(range(len(wanted), width - 1, -step))[::-1]
        return [
            _window(wanted[end - width : end], [self._days[one] for one in wanted[end - width : end]]) for end in ends
        ]

    def _day(self, one: Slice, reference: DriftReference) -> Tally:
        from tradewind.monitoring.drift.tally import tally_day

        held = self._days.get(one.time.astype("datetime64[us]"))
        if held is not None:
            return held
        code = reference.group_codes(one.sector, len(one))
        return tally_day(reference.grid, _columns(one, reference), code, len(reference.groups))

    def _values(self, measure: Measure, reference: DriftReference, windows: list[_Window]) -> FloatArray:
        from tradewind.monitoring.drift.ks import ks_of_counts
        from tradewind.monitoring.drift.psi import psi
        from tradewind.monitoring.drift.scores import deciles

        if measure == "excess":
            return np.stack([self._excess(reference, one)[0] for one in windows])
        raw = np.stack([one.tally.raw for one in windows])
        there = reference.total.raw
        found: FloatArray = psi(deciles(there), deciles(raw)) if measure == "psi" else ks_of_counts(raw, there)
        return found

    def _excess(self, reference: DriftReference, window: _Window) -> tuple[FloatArray, list[str]]:
        """Return (p,) the largest calibrated statistic of each feature, and which it is; NaN without calibration."""
        from tradewind.monitoring.drift.scores import FAMILIES, window_scores

        limits, p = self._calibration, len(reference.names)
        names = [name for family in ("feature", "missing") for name in FAMILIES[family]]
        if limits is None:
            return np.full(p, np.nan), [""] * p
        found = limits.excess(window_scores(window.tally, reference.total, reference.lens))
        held = [name for name in names if name in found]
        whole = np.stack([found[name] for name in held])
        best = whole.argmax(axis=0)
        return whole.max(axis=0), [held[i] for i in best]


def _limit(limits: Calibration | None, name: str, j: int, most: float) -> float | None:
    """Return the limit of a feature's statistic; None where it has none that could ever be passed."""
    found = None if limits is None else number(float(limits.critical(name)[j]))
    return found if found is not None and found < most else None


@cache
def group_of(feature: str) -> str:
    """Return what a feature tells about; those that the registry does not know are of the model's own making."""
    from tradewind.features import REGISTRY

    return REGISTRY.get(feature).group.value if feature in REGISTRY.names() else "other"


def _columns(one: Slice, reference: DriftReference) -> Float32Array:
    if one.names == reference.names:
        return one.features
    place = {name: i for i, name in enumerate(one.names)}
    x: Float32Array = np.full((len(one), len(reference.names)), np.nan, dtype=np.float32)
    for j, name in enumerate(reference.names):
        if name in place:
            x[:, j] = one.features[:, place[name]]
    return x


def _window(times: list[np.datetime64], days: list[Tally]) -> _Window:
    from tradewind.monitoring.drift.tally import stack

    if not days:
        raise absent("bar in that window", "Its slices are empty.", "choose another window")
    return _Window(start=times[0], end=times[-1], tally=stack(days).total())


def _row(name: str, values: FloatArray) -> DriftRow:
    plain = [number(round(float(value), 4)) if np.isfinite(value) else None for value in values]
    known = [value for value in plain if value is not None]
    return DriftRow(
        feature=name,
        group=group_of(name),
        latest=plain[-1] if plain else None,
        largest=max(known) if known else None,
        values=plain,
    )


def _bins(reference: Float32Array, current: Float32Array) -> list[DriftBin]:
    """Return twenty bins of equal width over the middle 98 % of the reference, and one beyond each end."""
    if not len(reference):
        return []
    low, high = (float(np.quantile(reference, share)) for share in (0.01, 0.99))
    edges = np.linspace(low, high, CELLS + 1) if high > low else np.array([low, np.nextafter(low, np.inf)])
    there, here = (_shares(values, edges) for values in (reference, current))
    bounds = [None, *(float(edge) for edge in edges), None]
    return [
        DriftBin(low=bounds[i], high=bounds[i + 1], reference=float(there[i]), current=float(here[i]))
        for i in range(len(bounds) - 1)
    ]


def _shares(values: Float32Array, edges: FloatArray) -> FloatArray:
    counts = np.diff(np.concatenate([[0], np.searchsorted(values, edges, side="left"), [len(values)]]))
    shares: FloatArray = counts / max(len(values), 1)
    return shares
