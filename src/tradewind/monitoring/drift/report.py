"""Compare a table of features with the reference: textbook tests and calibrated verdicts side by side."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from tradewind.core import InputError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, TimeArray
from tradewind.monitoring.drift.calibration import LEAST, Calibration
from tradewind.monitoring.drift.corrections import benjamini_hochberg, holm
from tradewind.monitoring.drift.correlation import correlations_of
from tradewind.monitoring.drift.domain import DomainDrift, domain_drift
from tradewind.monitoring.drift.jensen_shannon import jensen_shannon
from tradewind.monitoring.drift.ks import ks_of_counts, ks_p_value
from tradewind.monitoring.drift.missing import missing_p_value
from tradewind.monitoring.drift.ordered import Distances, columns_of, distances, sorted_finite
from tradewind.monitoring.drift.psi import psi
from tradewind.monitoring.drift.reference import DriftReference, check
from tradewind.monitoring.drift.result import DriftReport, FeatureDrift, GroupDrift, JointDrift
from tradewind.monitoring.drift.scores import FAMILIES, deciles, unexplained, window_scores
from tradewind.monitoring.drift.tally import Days, Tally, tally_days

Excess = dict[str, FloatArray]


@dataclass(frozen=True, kw_only=True, eq=False)
class _Seen:
    """The current rows as they are judged: tallies, their sum, and each statistic's excess over all windows."""

    reference: DriftReference
    total: Tally
    excess: Excess | None


def drift_report(
    reference: DriftReference,
    features: Float32Array,
    day: TimeArray,
    group: AnyArray | None = None,
    *,
    names: Sequence[str] | None = None,
    domain: bool = True,
) -> DriftReport:
    """Compare ``features`` (m, p) of the days ``day`` (m,) with the reference.

    The current days are judged in windows of equal length, as long as they are all together but at most a sixth of the
    reference; a feature has drifted where it did in any of them. With a shorter reference than six windows of two days
    there are textbook results only.

    Parameters
    ----------
    group : (m,) label of each row, of the kind the reference was made with.
    names : columns of ``features``; the reference's, in its order, when None. They may come in another order.
    domain : fit the domain classifier too (seconds).

    Raises
    ------
    InputError : no rows, a feature of the reference is absent, or parts that do not fit together.
    """
    x, day = _aligned(reference, np.asarray(features, dtype=np.float32), names), np.asarray(day)
    check(x, reference.names, day, group)
    code = reference.group_codes(group, len(x))
    settings = reference.settings
    days = tally_days(reference.grid, x, day, code, len(reference.groups), threads=settings.threads)
    window = max(1, min(len(days), len(reference.days) // LEAST))
    calibration = reference.calibration(window) if window > 1 or len(days) == 1 else None
    seen = _Seen(
        reference=reference,
        total=days.tally.total(),
        excess=_excess(reference, days, calibration) if calibration else None,
    )
    known = set(reference.groups)
    rate = settings.alarms_per_year
    return DriftReport(
        features=_features(seen, _distances(reference, x)),
        groups=_groups(seen),
        joint=_joint(
            seen, domain_drift(reference, x, day, window=window, rate=rate / len(FAMILIES)) if domain else None
        ),
        rows=len(x),
        days=len(days),
        reference_rows=reference.rows,
        reference_days=len(reference.days),
        start=str(days.day[0].astype("datetime64[D]")),
        end=str(days.day[-1].astype("datetime64[D]")),
        window=window,
        looks=calibration.looks if calibration else 0,
        rate=rate,
        unknown_groups=() if group is None or not known else tuple(sorted({str(g) for g in np.unique(group)} - known)),
    )


def _aligned(reference: DriftReference, features: Float32Array, names: Sequence[str] | None) -> Float32Array:
    if names is None or tuple(names) == reference.names:
        return features
    place = {name: i for i, name in enumerate(names)}
    absent = [name for name in reference.names if name not in place]
    if absent:
        raise InputError(
            f"{len(absent)} features of the reference are absent", field=absent[0], fix="compute the same features"
        )
    return features[:, [place[name] for name in reference.names]]


def _excess(reference: DriftReference, days: Days, calibration: Calibration) -> Excess:
    """Return each statistic's largest excess over windows that cover the days from the last one back."""
    window = calibration.window
    ends = [len(days) - k * window for k in range(len(days) // window)]
    found = []
    for end in ends:
        here = days.tally.at(slice(end - window, end)).total()
        found.append(calibration.excess(window_scores(here, reference.total, reference.lens)))
    return {name: np.max([one[name] for one in found], axis=0) for name in found[0]}


def _distances(reference: DriftReference, x: Float32Array) -> list[Distances]:
    columns = columns_of(x)

    def one(j: int) -> Distances:
        return distances(reference.ordered[j], sorted_finite(columns[j]))

    with ThreadPoolExecutor(reference.settings.threads) as pool:
        return list(pool.map(one, range(len(columns))))


def _features(seen: _Seen, exact: list[Distances]) -> tuple[FeatureDrift, ...]:
    reference, here = seen.reference, seen.total
    there, settings = reference.total, reference.settings
    correct = benjamini_hochberg if settings.correction == "bh" else holm
    ks = np.array([one.ks for one in exact])
    area = np.array([one.wasserstein for one in exact]) / reference.grid.scale
    p = ks_p_value(ks, reference.finite, here.raw.sum(axis=-1))
    corrected = correct(p)
    stability = psi(deciles(there.raw), deciles(here.raw))
    distance = jensen_shannon(there.raw, here.raw)
    missing_p = correct(missing_p_value(here.missing, here.rows, there.missing, there.rows))
    statistics = [name for family in ("feature", "missing") for name in FAMILIES[family]]
    judged = seen.excess or {}
    excess = [{name: float(judged[name][j]) for name in statistics if name in judged} for j in range(len(ks))]
    rows = []
    for j, name in enumerate(reference.names):
        by = max(excess[j], key=lambda key: excess[j][key]) if excess[j] else ""
        rows.append(
            FeatureDrift(
                feature=name,
                ks=float(ks[j]),
                p_value=float(p[j]),
                p_corrected=float(corrected[j]),
                textbook=bool(corrected[j] <= settings.alpha),
                psi=float(stability[j]),
                advice=_advice(float(stability[j]), settings.psi_warn, settings.psi_retrain),
                wasserstein=float(area[j]),
                jensen_shannon=float(distance[j]),
                missing=float(here.missing[j] / here.rows),
                missing_reference=float(there.missing[j] / there.rows),
                missing_p=float(missing_p[j]),
                excess=excess[j][by] if by else float("nan"),
                by=by,
                drift=excess[j][by] > 1 if by else None,
            )
        )
    return tuple(sorted(rows, key=lambda row: (-np.nan_to_num(row.excess, neginf=-99), -np.nan_to_num(row.ks))))


def _advice(value: float, warn: float, retrain: float) -> str:
    return "retrain" if value > retrain else "watch" if value > warn else "none"


def _groups(seen: _Seen) -> tuple[GroupDrift, ...]:
    reference, here = seen.reference, seen.total
    ks = ks_of_counts(here.group, reference.total.group)
    excess = seen.excess.get("sector") if seen.excess else None
    rows = [
        GroupDrift(
            group=group,
            feature=feature,
            rows=int(here.group_rows[g]),
            ks=float(ks[g, j]),
            excess=float(excess[g, j]) if excess is not None else float("nan"),
            drift=bool(excess[g, j] > 1) if excess is not None else None,
        )
        for g, group in enumerate(reference.groups)
        for j, feature in enumerate(reference.names)
        if here.group_rows[g] >= reference.settings.min_rows
    ]
    return tuple(sorted(rows, key=lambda row: -np.nan_to_num(row.excess, neginf=-99)))


def _joint(seen: _Seen, domain: DomainDrift | None) -> JointDrift:
    reference = seen.reference
    after, before = correlations_of(seen.total.moment), correlations_of(reference.total.moment)
    upper = np.triu_indices(len(reference.names), k=1)
    sizes = np.abs(after - before)[upper]
    excess = seen.excess or {}
    telling = excess.get("pair", np.nan_to_num(sizes, nan=-1.0))
    worst = int(np.argmax(telling)) if len(telling) else -1
    a, b = (int(upper[0][worst]), int(upper[1][worst])) if worst >= 0 else (0, 0)
    joined = [float(np.max(excess[name])) for name in FAMILIES["correlation"] if name in excess and excess[name].size]
    rebuilt = float(excess["reconstruction"][0]) if "reconstruction" in excess else float("nan")
    known = sizes[~np.isnan(sizes)]
    return JointDrift(
        pair=(reference.names[a], reference.names[b]),
        correlation=float(after[a, b]),
        correlation_reference=float(before[a, b]),
        correlation_excess=max(joined) if joined else float("nan"),
        mean_change=float(known.mean()) if len(known) else float("nan"),
        correlation_drift=max(joined) > 1 if joined else None,
        reconstruction=float(unexplained(seen.total, reference.lens.components)),
        reconstruction_reference=float(unexplained(reference.total, reference.lens.components)),
        reconstruction_excess=rebuilt,
        reconstruction_drift=rebuilt > 1 if "reconstruction" in excess else None,
        domain=domain,
    )
