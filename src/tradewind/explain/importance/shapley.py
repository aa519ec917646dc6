"""Importance from Shapley values: how far a column, a feature or a group moves forecasts, with its error."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy import stats

from tradewind.core.arrays import AnyArray, FloatArray, TimeArray
from tradewind.evaluation import Interval
from tradewind.evaluation.bootstrap import bootstrap_statistic, day_weights
from tradewind.evaluation.bootstrap import interval as bounds
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.explain.attribution import Attribution
from tradewind.explain.importance.settings import ImportanceSettings


@dataclass(frozen=True, kw_only=True)
class Part:
    """One column, feature or group.

    Attributes
    ----------
    importance : mean absolute contribution in probability, with an interval over days.
    share : of the summed importance of its kind, with an interval.
    mean : mean contribution, which says where forecasts are pushed on the whole.
    trend : Spearman correlation of contribution and input (columns only, else NaN): +1 where more of the column always
        means a higher probability.
    """

    name: str
    importance: Interval
    share: Interval
    mean: float
    trend: float

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {
            "name": self.name,
            "importance": self.importance.to_dict(),
            "share": self.share.to_dict(),
            "mean": self.mean,
            "trend": self.trend,
        }


@dataclass(frozen=True, kw_only=True)
class ShapImportance:
    """Importance by column, by feature (its missing flag included) and by group, each the largest first.

    ``rows``, ``days`` : what it rests on.
    """

    columns: tuple[Part, ...]
    features: tuple[Part, ...]
    groups: tuple[Part, ...]
    rows: int
    days: int

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        kinds = {"columns": self.columns, "features": self.features, "groups": self.groups}
        lists = {kind: [part.to_dict() for part in parts] for kind, parts in kinds.items()}
        return {"rows": self.rows, "days": self.days, **lists}


def shap_importance(
    attribution: Attribution, time: TimeArray, settings: ImportanceSettings | None = None
) -> ShapImportance:
    """Measure importance over the explained rows (Lundberg et al. 2020, *Nat. Mach. Intell.* 2:56).

    Contributions of a group are summed before the absolute value is taken: columns of a group that cancel do not
    count. Intervals redraw blocks of days (:func:`~tradewind.evaluation.bootstrap.day_weights`).

    Parameters
    ----------
    time : (m,) times of ``attribution.rows``.

    Raises
    ------
    ValueError : ``time`` has another length than the attribution, or there are no rows.
    """
    s = settings or ImportanceSettings()
    if len(time) != len(attribution) or not len(time):
        raise ValueError(f"{len(time)} times for {len(attribution)} explained rows; one for each is needed")
    trend = [_trend(v, x) for v, x in zip(attribution.values.T, attribution.inputs.T, strict=True)]
    features, by_feature = attribution.by_feature()
    groups, by_group = attribution.by_group()
    return ShapImportance(
        columns=_parts(attribution.names, attribution.values, time, trend, s),
        features=_parts(features, by_feature, time, None, s),
        groups=_parts(groups, by_group, time, None, s),
        rows=len(attribution),
        days=len(day_codes(time)[1]),
    )


def _parts(
    names: Sequence[str],
    values: FloatArray,
    time: TimeArray,
    trend: Sequence[float] | None,
    settings: ImportanceSettings,
) -> tuple[Part, ...]:
    code, days = day_codes(time)
    sums = day_sums(np.column_stack([np.abs(values), np.ones(len(values))]), code, len(days))
    totals = day_weights(len(days), settings.bootstrap) @ sums  # (draws, parts + 1)
    whole = sums.sum(axis=0)
    every = totals[:, :-1].sum(axis=1)
    found = []
    for i, name in enumerate(names):
        importance = bootstrap_statistic(
            sums[:, [i, -1]], lambda total: ratio(total[..., 0], total[..., 1]), settings.bootstrap
        )
        own = float(ratio(whole[i], whole[:-1].sum()))
        found.append(
            Part(
                name=name,
                importance=importance,
                share=bounds(own, ratio(totals[:, i], every), settings.level),
                mean=float(values[:, i].mean()),
                trend=float("nan") if trend is None else trend[i],
            )
        )
    return tuple(sorted(found, key=lambda part: -part.importance.value))


def _trend(values: AnyArray, inputs: AnyArray) -> float:
    if min(np.ptp(values), np.ptp(inputs)) <= 0:
        return float("nan")
    return float(stats.spearmanr(values, inputs).statistic)
