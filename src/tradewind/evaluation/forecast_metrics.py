"""How good a forecast of direction, return and interval was; no opinion on luck (see ``significance``)."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import FloatArray, TimeArray
from tradewind.evaluation.days import correlation_within, day_codes, judged, ranks_within, ratio

NAN = float("nan")


class MetricsSettings(Settings):
    """What the forecast metrics assume.

    ``calibration_bins`` of equal width; ``min_symbols`` a day must have for a cross-sectional IC; ``coverage_blocks``
    of consecutive days over which interval coverage is followed; ``ic_signal`` the column ranked by the IC.
    """

    calibration_bins: int = Field(10, ge=2)
    min_symbols: int = Field(5, ge=3)
    coverage_blocks: int = Field(8, ge=1)
    ic_signal: Literal["expected_return", "probability"] = "expected_return"


@dataclass(frozen=True, kw_only=True)
class CoverageBlock:
    """Interval coverage over consecutive days: first and last day, rows, share inside, mean width (return units)."""

    start: str
    end: str
    n: int
    coverage: float
    width: float


@dataclass(frozen=True, kw_only=True)
class ForecastMetrics:
    """Metrics of one model; a metric without the rows it needs is NaN.

    Attributes
    ----------
    n : rows with a label and a probability; ``n_returns`` rows with a return and a forecast of it; ``n_days`` days.
    accuracy : share of the n rows whose direction was right, in [0, 1]; ``up_share`` of them that rose.
    mcc : Matthews correlation, 0 where a class is absent. ``brier``, ``log_loss`` (nats), ``auc``.
    calibration_error : expected calibration error over equal bins of the probability of a rise (Naeini 2015).
    mae, rmse, r2 : of ``expected_return`` against the realised return.
    mape_close, rmse_close : of the next close that ``expected_return`` implies (MAPE a fraction, RMSE in currency);
        ``naive_mape_close``, ``naive_rmse_close`` the same for "tomorrow's close is today's".
    ic, rank_ic : Pearson and Spearman correlation of forecast and realised return, ``ic_kind`` says how: "daily
        cross-section" (mean over the ``ic_days`` days with enough symbols) or "pooled" (too few symbols for that).
    icir, rank_icir : mean daily IC over its standard deviation, per day, not annualised; NaN when pooled.
    coverage, mean_width : share of returns inside the interval and its mean width; ``coverage_over_time`` by block.
    """

    n: int
    n_returns: int
    n_days: int
    accuracy: float
    up_share: float
    mcc: float
    brier: float
    log_loss: float
    auc: float
    calibration_error: float
    mae: float
    rmse: float
    r2: float
    mape_close: float
    rmse_close: float
    naive_mape_close: float
    naive_rmse_close: float
    ic: float
    rank_ic: float
    icir: float
    rank_icir: float
    ic_kind: str
    ic_days: int
    coverage: float
    mean_width: float
    coverage_over_time: tuple[CoverageBlock, ...] = field(default=())

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return asdict(self)


def mean(values: FloatArray) -> float:
    """Return the mean, NaN of nothing."""
    return float(values.mean()) if len(values) else NAN


def matthews(tp: FloatArray, fp: FloatArray, fn: FloatArray, tn: FloatArray) -> FloatArray:
    """Matthews correlation of confusion counts (any shape); 0 where a margin is empty, as in scikit-learn."""
    scale = np.sqrt((tp + fp) * (tp + fn) * (tn + fp) * (tn + fn))
    return np.nan_to_num(ratio(tp * tn - fp * fn, scale), nan=0.0)


def area_under_curve(rose: FloatArray, probability: FloatArray) -> float:
    """Area under the ROC curve by the rank sum (Mann-Whitney), ties half; NaN where a class is absent."""
    n_up = float(rose.sum())
    n_down = len(rose) - n_up
    if not n_up or not n_down:
        return NAN
    ranks = ranks_within(probability, np.zeros(len(rose), dtype=np.int64))
    return float((ranks[rose == 1].sum() - n_up * (n_up + 1) / 2) / (n_up * n_down))


def calibration_table(rose: FloatArray, probability: FloatArray, bins: int) -> FloatArray:
    """(bins, 3) rows, mean probability and share risen of each equal-width bin; NaN in empty ones."""
    code = np.minimum((probability * bins).astype(np.int64), bins - 1)
    count = np.bincount(code, minlength=bins).astype(np.float64)
    said = ratio(np.bincount(code, weights=probability, minlength=bins), count)
    came = ratio(np.bincount(code, weights=rose, minlength=bins), count)
    return np.stack([count, said, came], axis=1)


def _direction(outcomes: Outcomes, settings: MetricsSettings) -> dict[str, Any]:
    rows = judged(outcomes)
    y, p, said = outcomes.direction[rows], outcomes.probability[rows], outcomes.predicted_direction[rows]
    if not len(y):
        names = ("accuracy", "up_share", "mcc", "brier", "log_loss", "auc", "calibration_error")
        return dict.fromkeys(names, NAN)
    table = calibration_table(y, p, settings.calibration_bins)
    sure = np.clip(p, 1e-15, 1 - 1e-15)
    counts = [np.asarray(float(((said == a) & (y == b)).sum())) for a, b in ((1, 1), (1, 0), (0, 1), (0, 0))]
    return {
        "accuracy": mean((said == y).astype(np.float64)),
        "up_share": mean(y),
        "mcc": float(matthews(*counts)),
        "brier": mean((p - y) ** 2),
        "log_loss": mean(-(y * np.log(sure) + (1 - y) * np.log1p(-sure))),
        "auc": area_under_curve(y, p),
        "calibration_error": float(np.nansum(table[:, 0] * np.abs(table[:, 1] - table[:, 2])) / len(y)),
    }


def _returns(outcomes: Outcomes) -> dict[str, Any]:
    rows = np.isfinite(outcomes.expected_return) & np.isfinite(outcomes.forward_return)
    y, f = outcomes.forward_return[rows], outcomes.expected_return[rows]
    error = y - f
    spread = float(((y - y.mean()) ** 2).sum()) if len(y) else 0.0
    priced = rows & np.isfinite(outcomes.close) & (outcomes.close > 0)
    close = outcomes.close[priced]
    actual = close * (1 + outcomes.forward_return[priced])
    said = close * (1 + outcomes.expected_return[priced])
    alive = actual > 0
    return {
        "mae": mean(np.abs(error)),
        "rmse": mean(error**2) ** 0.5,
        "r2": 1 - float(error @ error) / spread if spread > 0 else NAN,
        "mape_close": mean(np.abs(said - actual)[alive] / actual[alive]),
        "rmse_close": mean((said - actual) ** 2) ** 0.5,
        "naive_mape_close": mean(np.abs(close - actual)[alive] / actual[alive]),
        "naive_rmse_close": mean((close - actual) ** 2) ** 0.5,
    }


@dataclass(frozen=True, kw_only=True, eq=False)
class DailyIC:
    """IC of each day: (D,) days, Pearson and Spearman; NaN on days with too few symbols or a constant forecast."""

    days: TimeArray
    ic: FloatArray
    rank_ic: FloatArray
    cross_sectional: bool


def daily_ic(outcomes: Outcomes, settings: MetricsSettings | None = None) -> DailyIC:
    """Cross-sectional information coefficient of each day (Grinold and Kahn 2000).

    ``cross_sectional`` is False where fewer than two days have ``min_symbols`` symbols: then pool instead.
    """
    settings = settings or MetricsSettings()
    signal = getattr(outcomes, settings.ic_signal)
    rows = np.isfinite(signal) & np.isfinite(outcomes.forward_return)
    x, y = signal[rows], outcomes.forward_return[rows]
    code, days = day_codes(outcomes.time[rows])
    plain, count = correlation_within(x, y, code, len(days))
    ranked, _ = correlation_within(ranks_within(x, code), ranks_within(y, code), code, len(days))
    enough = count >= settings.min_symbols
    return DailyIC(
        days=days,
        ic=np.where(enough, plain, np.nan),
        rank_ic=np.where(enough, ranked, np.nan),
        cross_sectional=int(enough.sum()) >= 2,
    )


def _information(outcomes: Outcomes, settings: MetricsSettings) -> dict[str, Any]:
    daily = daily_ic(outcomes, settings)
    if daily.cross_sectional:
        known = np.isfinite(daily.ic)
        out: dict[str, Any] = {"ic_kind": "daily cross-section", "ic_days": int(known.sum())}
        for name, series in (("ic", daily.ic[known]), ("rank_ic", daily.rank_ic[known])):
            spread = float(series.std(ddof=1)) if len(series) > 1 else 0.0
            out[name] = mean(series)
            out[f"{name}ir"] = out[name] / spread if spread > 0 else NAN
        return out
    signal = getattr(outcomes, settings.ic_signal)
    rows = np.isfinite(signal) & np.isfinite(outcomes.forward_return)
    x, y, one = signal[rows], outcomes.forward_return[rows], np.zeros(int(rows.sum()), dtype=np.int64)
    plain, count = correlation_within(x, y, one, 1)
    ranked, _ = correlation_within(ranks_within(x, one), ranks_within(y, one), one, 1)
    enough = count[0] >= 3
    return {
        "ic_kind": "pooled",
        "ic_days": 0,
        "ic": float(plain[0]) if enough else NAN,
        "rank_ic": float(ranked[0]) if enough else NAN,
        "icir": NAN,
        "rank_icir": NAN,
    }


def coverage_over_time(outcomes: Outcomes, blocks: int) -> tuple[CoverageBlock, ...]:
    """Interval coverage in ``blocks`` runs of (nearly) equally many days; empty where there are no intervals."""
    rows = np.isfinite(outcomes.lower) & np.isfinite(outcomes.upper) & np.isfinite(outcomes.forward_return)
    if not rows.any():
        return ()
    code, days = day_codes(outcomes.time[rows])
    y, low, high = outcomes.forward_return[rows], outcomes.lower[rows], outcomes.upper[rows]
    inside = (y >= low) & (y <= high)
    parts = np.array_split(np.arange(len(days)), min(blocks, len(days)))
    out = []
    for part in parts:
        mask = (code >= part[0]) & (code <= part[-1])
        out.append(
            CoverageBlock(
                start=str(days[part[0]]),
                end=str(days[part[-1]]),
                n=int(mask.sum()),
                coverage=mean(inside[mask].astype(np.float64)),
                width=mean((high - low)[mask]),
            )
        )
    return tuple(out)


def forecast_metrics(outcomes: Outcomes, settings: MetricsSettings | None = None) -> ForecastMetrics:
    """Every forecast metric of ``outcomes``; see :class:`ForecastMetrics` for units and the NaN rule."""
    settings = settings or MetricsSettings()
    blocks = coverage_over_time(outcomes, settings.coverage_blocks)
    weight = np.array([b.n for b in blocks], dtype=np.float64)
    total = float(weight.sum())
    return ForecastMetrics(
        n=int(judged(outcomes).sum()),
        n_returns=int((np.isfinite(outcomes.expected_return) & np.isfinite(outcomes.forward_return)).sum()),
        n_days=len(day_codes(outcomes.time)[1]),
        **_direction(outcomes, settings),
        **_returns(outcomes),
        **_information(outcomes, settings),
        coverage=float(weight @ [b.coverage for b in blocks]) / total if total else NAN,
        mean_width=float(weight @ [b.width for b in blocks]) / total if total else NAN,
        coverage_over_time=blocks,
    )
