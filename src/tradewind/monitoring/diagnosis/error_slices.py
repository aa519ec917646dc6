"""Where the error is: a search over one and two conditions, honest about how many were tried.

The search follows Slice Finder (Chung et al. 2019): single conditions first, then pairs of the best. What differs is
the test: rows of one day move together, so a slice is judged by its days (cluster-robust, Liang and Zeger 1986), and
all that were tried share one false discovery rate (Benjamini and Hochberg 1995).
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.monitoring.diagnosis.causes import ErrorSlice
from tradewind.monitoring.diagnosis.frame import Frame, day_mean
from tradewind.monitoring.diagnosis.settings import DiagnosisSettings

BEAM = 12
MOST_FEATURES = 20
SAME = 0.7
"""Overlap (Jaccard) from which a slice tells nothing beyond a better one."""
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
BUCKETS = (0.0, 0.4, 0.47, 0.53, 0.6, 1.0001)


@dataclass(frozen=True, kw_only=True, eq=False)
class Condition:
    """What rows may have in common: its attribute, its text, and (T, S) where it holds."""

    attribute: str
    text: str
    holds: BoolArray


@dataclass(frozen=True, kw_only=True, eq=False)
class Judged:
    """A slice of the period with its test: ``p`` is one-sided, before correction."""

    parts: tuple[Condition, ...]
    holds: BoolArray
    n: int
    days: int
    error: float
    rest: float
    p: float


def find_error_slices(
    frame: Frame, settings: DiagnosisSettings, importances: Mapping[str, float]
) -> tuple[ErrorSlice, ...]:
    """Return the slices of the period whose share of wrong directions is above that of the rest, most telling first.

    Conditions: sector, symbol, weekday, hour (where it varies), probability, volatility of the market, and quarters of
    the features (the 20 most important ones, where importances are given).
    """
    from scipy.stats import false_discovery_control  # takes a second to import

    wrong = frame.wrong[frame.period]
    if np.isfinite(wrong).sum() < 2 * settings.least_rows:
        return ()
    single = [
        judged
        for one in _conditions(frame, importances)
        if (judged := _judge((one,), one.holds[frame.period], wrong, settings)) is not None
    ]
    best = sorted(single, key=lambda one: one.p)[:BEAM]
    pairs = []
    for i, left in enumerate(best):
        for right in single:
            if right in best[: i + 1] or left.parts[0].attribute == right.parts[0].attribute:
                continue
            both = _judge((*left.parts, *right.parts), left.holds & right.holds, wrong, settings)
            if both is not None:
                pairs.append(both)
    tried = [*single, *pairs]
    if not tried:
        return ()
    adjusted = false_discovery_control([one.p for one in tried])
    good = sorted(
        ((float(p), one) for p, one in zip(adjusted, tried, strict=True) if p <= settings.slice_rate),
        key=lambda pair: (pair[0], pair[1].p, -pair[1].n),
    )
    kept: list[tuple[float, Judged]] = []
    for p, one in good:
        if all(_overlap(one.holds, other.holds) < SAME for _, other in kept):
            kept.append((p, one))
        if len(kept) == settings.most_slices:
            break
    return tuple(_record(frame, p, one, settings) for p, one in kept)


def _judge(
    parts: tuple[Condition, ...], holds: BoolArray, wrong: FloatArray, settings: DiagnosisSettings
) -> Judged | None:
    """Test whether rows in ``holds`` are wrong more often than the others; None where they are too few or too many."""
    from scipy.stats import t as student  # takes a second to import

    known = np.isfinite(wrong)
    inside = holds & known
    n, total = int(inside.sum()), int(known.sum())
    by_day = inside.sum(axis=1)
    days = int((by_day > 0).sum())
    if n < settings.least_rows or total - n < settings.least_rows or days < settings.least_days:
        return None
    values = np.where(known, wrong, 0.0)
    error = float(values[inside].sum()) / n
    rest = float(values[known & ~inside].sum()) / (total - n)
    outside = (known & ~inside).sum(axis=1)
    score = (np.where(inside, values - error, 0.0)).sum(axis=1) / n
    score = score - (np.where(known & ~inside, values - rest, 0.0)).sum(axis=1) / (total - n)
    groups = int(((by_day > 0) | (outside > 0)).sum())
    spread = float(np.sqrt((score**2).sum() * groups / max(groups - 1, 1)))
    p = float(student.sf((error - rest) / spread, days - 1)) if spread > 0.0 else 1.0
    return Judged(parts=parts, holds=inside, n=n, days=days, error=error, rest=rest, p=p)


def _conditions(frame: Frame, importances: Mapping[str, float]) -> Iterator[Condition]:
    shape = frame.arrived.shape
    for attribute, values in (("sector", frame.sectors), ("symbol", frame.symbols)):
        for name in sorted(set(values.tolist())):
            yield Condition(
                attribute=attribute, text=f"{attribute} = {name}", holds=np.broadcast_to(values == name, shape)
            )
    days = frame.times.astype("datetime64[D]").astype(np.int64)
    weekday = (days + 3) % 7  # 1970-01-01 was a Thursday
    hours = (frame.times - frame.times.astype("datetime64[D]")).astype("timedelta64[h]").astype(np.int64)
    yield from _by_day("weekday", weekday, {k: f"weekday = {name}" for k, name in enumerate(WEEKDAYS)}, shape)
    if len(set(hours.tolist())) > 1:
        yield from _by_day("hour", hours, {int(h): f"hour = {h:02d} UTC" for h in set(hours.tolist())}, shape)
    size = day_mean(np.abs(frame.returns))
    if np.isfinite(size[frame.usual]).sum() >= 20:
        low, high = np.nanquantile(size[frame.usual], [1 / 3, 2 / 3])
        regime = np.where(size <= low, 0, np.where(size <= high, 1, 2))
        names = dict(enumerate(("calm day", "usual day", "wild day")))
        yield from _by_day("day", regime, names, shape)
    for low, high in itertools.pairwise(BUCKETS):
        holds = (frame.probability >= low) & (frame.probability < high)
        yield Condition(attribute="probability", text=f"probability {low:.2f} to {min(high, 1.0):.2f}", holds=holds)
    yield from _by_feature(frame, importances)


def _by_day(attribute: str, code: IntArray, names: Mapping[int, str], shape: tuple[int, ...]) -> Iterator[Condition]:
    for value, text in names.items():
        yield Condition(attribute=attribute, text=text, holds=np.broadcast_to((code == value)[:, None], shape))


def _by_feature(frame: Frame, importances: Mapping[str, float]) -> Iterator[Condition]:
    order = sorted(range(len(frame.names)), key=lambda k: -importances.get(frame.names[k], 0.0))
    for k in order[:MOST_FEATURES] if importances else order:
        values, name = frame.features[:, :, k], frame.names[k]
        usual = values[frame.usual][np.isfinite(values[frame.usual])]
        if len(usual) < 40:
            continue
        cuts = np.unique(np.quantile(usual, [0.25, 0.5, 0.75]))
        if not len(cuts):
            continue
        edges = [-np.inf, *cuts.tolist(), np.inf]
        for low, high in itertools.pairwise(edges):
            text = f"{name} {'<' if low == -np.inf else '>='} {high if low == -np.inf else low:.3g}"
            if np.isfinite(low) and np.isfinite(high):
                text = f"{name} {low:.3g} to {high:.3g}"
            yield Condition(attribute=name, text=text, holds=(values >= low) & (values < high))
        yield Condition(attribute=name, text=f"{name} missing", holds=np.isnan(values) & frame.arrived)


def _overlap(a: BoolArray, b: BoolArray) -> float:
    return float((a & b).sum() / max((a | b).sum(), 1))


def _record(frame: Frame, p: float, one: Judged, settings: DiagnosisSettings) -> ErrorSlice:
    holds = np.logical_and.reduce([part.holds for part in one.parts])[frame.usual]
    before = frame.wrong[frame.usual][holds]
    before = before[np.isfinite(before)]
    return ErrorSlice(
        conditions=tuple(part.text for part in one.parts),
        n=one.n,
        days=one.days,
        error=one.error,
        rest=one.rest,
        usual=float(before.mean()) if len(before) >= settings.least_rows else float("nan"),
        p_value=p,
    )
