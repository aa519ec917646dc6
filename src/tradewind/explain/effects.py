"""How a forecast answers to one column: partial dependence, single rows (ICE) and accumulated local effects (ALE)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import InputError, Settings
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.evaluation import BootstrapSettings
from tradewind.evaluation.bootstrap import day_weights
from tradewind.evaluation.days import day_codes, day_sums, ratio
from tradewind.explain.importance.groups import rank_correlation
from tradewind.explain.probe import Probe, sampled

Raw = Callable[[str, AnyArray], FloatArray]
"""Raw units of a prepared column's values, such as ``Preprocessor.to_raw``."""


class EffectSettings(Settings):
    """``bins`` of the grid, between quantiles of the rows (fewer where values repeat); ``margin`` : share of the rows
    left out at either end, so that the grid stays where there are data. ``rows`` : most rows asked about; ``shown`` :
    ICE curves kept. ``correlation`` : absolute Spearman correlation from which a column is called entangled.
    """

    bins: int = Field(default=12, ge=2)
    margin: float = Field(default=0.02, ge=0.0, lt=0.5)
    rows: int = Field(default=400, ge=20)
    shown: int = Field(default=30, ge=0)
    correlation: float = Field(default=0.7, gt=0.0, lt=1.0)
    draws: int = Field(default=500, ge=100)
    seed: int = 7


@dataclass(frozen=True, kw_only=True, eq=False)
class Effect:
    """The answer of the log odds to one column.

    Attributes
    ----------
    column : name. ``kind`` : ``ale`` (centred at 0) or ``pdp`` (in log odds; less its mean for the centred curve).
    grid : (g,) prepared values; ``raw`` (g,) the same in the feature's own units.
    value : (g,) log odds. ``lower``, ``upper`` : (g,) 95 % interval over days.
    ice : (k, g) log odds of single rows (``pdp`` only, else no rows). ``spread`` : (g,) standard deviation over all
        rows of the curves centred at the first grid point: where it is large, the column works with others.
    rows : number of rows asked. ``entangled`` : correlated columns by Spearman correlation.
    """

    column: str
    kind: Literal["ale", "pdp"]
    grid: FloatArray
    raw: FloatArray
    value: FloatArray
    lower: FloatArray
    upper: FloatArray
    ice: FloatArray
    spread: FloatArray
    rows: int
    entangled: dict[str, float]

    @property
    def range(self) -> float:
        """Return the largest difference along the curve, in log odds."""
        return float(np.ptp(self.value)) if len(self.value) else 0.0

    @property
    def centred_ice(self) -> FloatArray:
        """(k, g) ICE less its value at the first grid point (c-ICE, Goldstein et al. 2015)."""
        return np.asarray(self.ice - self.ice[:, :1], dtype=np.float64)

    @property
    def warning(self) -> str:
        """Return a sentence where the curve must be read with care, else nothing."""
        if not self.entangled:
            return ""
        name, value = max(self.entangled.items(), key=lambda item: abs(item[1]))
        more = f" and {len(self.entangled) - 1} more" if len(self.entangled) > 1 else ""
        read = (
            "partial dependence joins values that never occur together; read the accumulated local effect instead"
            if self.kind == "pdp"
            else "the effect is what is left to this column beside them"
        )
        return f"{self.column} is correlated with {name} ({value:+.2f}){more}: {read}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        arrays = ("grid", "raw", "value", "lower", "upper", "spread", "ice")
        return {
            "column": self.column,
            "kind": self.kind,
            "rows": self.rows,
            "range": self.range,
            **{name: getattr(self, name).tolist() for name in arrays},
            "entangled": self.entangled,
            "warning": self.warning,
        }


def partial_dependence(probe: Probe, column: str, raw: Raw, settings: EffectSettings | None = None) -> Effect:
    """Set ``column`` of every row to each grid value and average the log odds (Friedman 2001); keep single rows.

    For members that look back, the column is moved on every bar of the window by the same amount, so that its path
    keeps its shape and ends at the grid value (:meth:`Probe.moved`).

    Parameters
    ----------
    raw : turns prepared values of a column into raw units (``Preprocessor.to_raw``).

    Raises
    ------
    InputError : the column does not vary over the rows, or is not among the probe's.
    """
    s = settings or EffectSettings()
    place, chosen = _place(probe, column), _chosen(probe, s)
    grid = quantile_grid(probe.inputs[chosen, place], s, column)
    of = np.tile(chosen, len(grid))
    odds = probe.odds_of(probe.moved(of, place, np.repeat(grid, len(chosen))), of)
    curves = odds.reshape(len(grid), len(chosen)).T
    sums, weight = _day_totals(probe, chosen, np.column_stack([curves, np.ones(len(curves))]), s)
    lower, upper = _bounds(ratio((weight @ sums)[:, :-1], (weight @ sums)[:, -1:]))
    shown = sampled(np.arange(len(curves)), s.shown, s.seed)
    return Effect(
        column=column,
        kind="pdp",
        grid=grid,
        raw=raw(column, grid),
        value=curves.mean(axis=0),
        lower=lower,
        upper=upper,
        ice=curves[shown],
        spread=(curves - curves[:, :1]).std(axis=0),
        rows=len(curves),
        entangled=_entangled(probe, place, s),
    )


def accumulated_effect(probe: Probe, column: str, raw: Raw, settings: EffectSettings | None = None) -> Effect:
    """Accumulate mean local changes of the log odds along ``column`` (ALE; Apley and Zhu 2020, *JRSS B* 82:1059).

    A row is only moved to the edges of the bin it lies in, so no row is taken where there are no data, and what
    correlated columns do is not counted as this one's. The curve is centred: its mean over the rows is 0. Windows are
    moved as in :func:`partial_dependence`.

    Raises
    ------
    InputError : the column does not vary over the rows, or is not among the probe's.
    """
    s = settings or EffectSettings()
    place, chosen = _place(probe, column), _chosen(probe, s)
    x = probe.inputs[chosen, place].astype(np.float64)
    grid = quantile_grid(x, s, column)
    inside = (x >= grid[0]) & (x <= grid[-1])
    rows, x = chosen[inside], x[inside]
    step = np.clip(np.searchsorted(grid, x, side="left") - 1, 0, len(grid) - 2)
    of, edges = np.tile(rows, 2), np.concatenate([grid[step], grid[step + 1]])
    odds = probe.odds_of(probe.moved(of, place, edges), of).reshape(2, len(rows))
    change = odds[1] - odds[0]
    one_hot = np.eye(len(grid) - 1)[step]
    sums, weight = _day_totals(probe, rows, np.column_stack([one_hot * change[:, None], one_hot]), s)
    totals = np.vstack([sums.sum(axis=0), weight @ sums])
    curves = _accumulate(totals[:, : len(grid) - 1], totals[:, len(grid) - 1 :])
    lower, upper = _bounds(curves[1:])
    return Effect(
        column=column,
        kind="ale",
        grid=grid,
        raw=raw(column, grid),
        value=curves[0],
        lower=lower,
        upper=upper,
        ice=np.empty((0, len(grid))),
        spread=np.zeros(len(grid)),
        rows=len(rows),
        entangled=_entangled(probe, place, s),
    )


def quantile_grid(values: AnyArray, settings: EffectSettings, column: str = "the column") -> FloatArray:
    """(g,) rising grid of at most ``bins + 1`` distinct values at equal quantiles of ``values``, inside the margins."""
    edges = np.linspace(settings.margin, 1.0 - settings.margin, settings.bins + 1)
    grid = np.unique(np.quantile(values.astype(np.float64), edges, method="inverted_cdf"))
    if len(grid) < 2:
        grid = np.unique(values.astype(np.float64))
        grid = grid[[0, -1]] if len(grid) > 1 else grid
    if len(grid) < 2:
        raise InputError(f"{column} does not vary over the rows, so it has no effect to show", fix="leave it out")
    return np.asarray(grid, dtype=np.float64)


def _accumulate(change: FloatArray, count: FloatArray) -> FloatArray:
    """Centred curves (d, g) from summed changes and counts (d, g - 1); an empty bin counts as no change."""
    local = np.nan_to_num(ratio(change, count))
    curve = np.concatenate([np.zeros((len(local), 1)), np.cumsum(local, axis=1)], axis=1)
    middle = 0.5 * (curve[:, 1:] + curve[:, :-1])
    mean = ratio((middle * count).sum(axis=1), count.sum(axis=1))
    return np.asarray(curve - mean[:, None], dtype=np.float64)


def _place(probe: Probe, column: str) -> int:
    try:
        return probe.names.index(column)
    except ValueError:
        raise InputError(f"there is no prepared column {column!r}", fix=f"choose of {', '.join(probe.names)}") from None


def _chosen(probe: Probe, settings: EffectSettings) -> IntArray:
    return sampled(np.arange(len(probe)), settings.rows, settings.seed)


def _day_totals(
    probe: Probe, places: IntArray, values: FloatArray, settings: EffectSettings
) -> tuple[FloatArray, FloatArray]:
    """Return (D, k) day sums of (m, k) ``values`` and (draws, D) bootstrap weights of the days."""
    code, days = day_codes(probe.data.panel.time[probe.rows[places]])
    bootstrap = BootstrapSettings(draws=settings.draws, seed=settings.seed)
    return day_sums(values, code, len(days)), day_weights(len(days), bootstrap)


def _bounds(draws: FloatArray) -> tuple[FloatArray, FloatArray]:
    low, high = np.nanquantile(draws, [0.025, 0.975], axis=0)
    return np.asarray(low, dtype=np.float64), np.asarray(high, dtype=np.float64)


def _entangled(probe: Probe, place: int, settings: EffectSettings) -> dict[str, float]:
    found = rank_correlation(probe.inputs)[place]
    return {
        name: float(value)
        for i, (name, value) in enumerate(zip(probe.names, found, strict=True))
        if i != place and abs(value) >= settings.correlation
    }
