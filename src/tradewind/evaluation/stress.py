"""What past crises did to the portfolio, and what a shock tomorrow would do."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Outcomes, Settings
from tradewind.core.arrays import FloatArray
from tradewind.evaluation.backtest import Backtest
from tradewind.evaluation.days import judged
from tradewind.evaluation.trading_metrics import drawdown_curve, equity_curve
from tradewind.evaluation.value_at_risk import historical_tail

CRISES = (
    ("2008 financial crisis", "2008-09-01", "2009-03-31"),
    ("2010 flash crash", "2010-05-03", "2010-07-02"),
    ("2011 US downgrade", "2011-07-22", "2011-10-04"),
    ("2015 August fall", "2015-08-10", "2015-09-30"),
    ("2018 December fall", "2018-12-03", "2018-12-26"),
    ("2020 pandemic", "2020-02-19", "2020-04-07"),
    ("2022 bear market", "2022-01-03", "2022-10-14"),
)
"""Name, first and last day of windows in which US stocks fell hard."""


class StressSettings(Settings):
    """Market ``falls`` (fractions) of the shocks, the tail ``level``, days used to estimate betas and volatility."""

    falls: tuple[float, ...] = (-0.05, -0.10, -0.20)
    level: float = Field(0.05, gt=0, lt=0.5)
    window: int = Field(250, ge=20)


@dataclass(frozen=True, kw_only=True)
class CrisisRow:
    """The portfolio over the part of a crisis that the data cover: ``days`` of it, returns and falls as fractions.

    ``accuracy`` is of all forecasts made in the window, NaN where none has a label.
    """

    name: str
    start: str
    end: str
    days: int
    portfolio: float
    market: float
    max_drawdown: float
    worst_day: float
    accuracy: float


@dataclass(frozen=True, kw_only=True)
class ShockRow:
    """One shock: a figure now and under the shock; both returns (loss < 0) or both volatilities, as ``unit`` says.

    For a market fall ``shocked`` is the return of the last positions and ``worst`` that of the worst-placed day's.
    """

    name: str
    unit: str
    now: float
    shocked: float
    worst: float


@dataclass(frozen=True, kw_only=True)
class Stress:
    """Crises that overlap the data, and shocks."""

    crises: tuple[CrisisRow, ...]
    shocks: tuple[ShockRow, ...]

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values (NaN kept)."""
        return {"crises": [asdict(row) for row in self.crises], "shocks": [asdict(row) for row in self.shocks]}


def crisis_table(outcomes: Outcomes, result: Backtest) -> tuple[CrisisRow, ...]:
    """Measure ``result`` and the accuracy of ``outcomes`` in every crisis window that overlaps them."""
    rows = []
    known = judged(outcomes)
    for name, start, end in CRISES:
        first, last = np.datetime64(start), np.datetime64(end)
        inside = (result.days >= first) & (result.days <= last)
        if not inside.any():
            continue
        returns = result.returns[inside]
        day = outcomes.time.astype("datetime64[D]")
        part = outcomes.select(known & (day >= first) & (day <= last))
        right = part.predicted_direction == part.direction
        rows.append(
            CrisisRow(
                name=name,
                start=start,
                end=end,
                days=int(inside.sum()),
                portfolio=float(np.prod(1 + returns) - 1),
                market=float(np.prod(1 + result.market[inside]) - 1),
                max_drawdown=float(drawdown_curve(equity_curve(returns)).max()),
                worst_day=float(returns.min()),
                accuracy=float(right.mean()) if len(part) else float("nan"),
            )
        )
    return tuple(rows)


def _symbol_betas(moves: FloatArray) -> FloatArray:
    """(S,) beta of each symbol to their equal-weight market; 1 where the market does not vary."""
    market = moves.mean(axis=1)
    rest = market - market.mean()
    variance = float(rest @ rest)
    if variance < 1e-16:
        return np.ones(moves.shape[1])
    return np.asarray(rest @ (moves - moves.mean(axis=0)) / variance, dtype=np.float64)


def shock_table(result: Backtest, settings: StressSettings | None = None) -> tuple[ShockRow, ...]:
    """Shock the portfolio's positions: the market falls, volatility doubles, all correlations become 1.

    A market fall moves each symbol by its beta over the last ``window`` days. With doubled volatility the deviations
    of returns from their mean are doubled. With correlation 1 the portfolio's volatility is the absolute sum of weight
    times volatility; the mean over days is given, and as ``worst`` the highest.
    """
    settings = settings or StressSettings()
    if len(result.returns) < 3:
        return ()
    moves = result.moves[-settings.window :]
    exposed = result.weights @ _symbol_betas(moves)
    rows = [
        ShockRow(
            name=f"market {fall:+.0%} in a day",
            unit="return",
            now=0.0,
            shocked=float(exposed[-1] * fall),
            worst=float((exposed * fall).min()),
        )
        for fall in settings.falls
    ]
    mean = float(result.returns.mean())
    calm = historical_tail(result.returns, level=settings.level)
    wild = historical_tail(mean + 2 * (result.returns - mean), level=settings.level)
    tail = f"{1 - settings.level:.0%}"
    rows += [
        ShockRow(
            name=f"volatility x2: {tail} {name} of a day",
            unit="return",
            now=-before,
            shocked=-after,
            worst=float(mean + 2 * (result.returns.min() - mean)),
        )
        for name, before, after in (("VaR", calm[0], wild[0]), ("CVaR", calm[1], wild[1]))
    ]
    covariance = np.atleast_2d(np.cov(moves, rowvar=False))
    now = np.sqrt(np.maximum(np.einsum("ds,st,dt->d", result.weights, covariance, result.weights, optimize=True), 0))
    one = np.abs(result.weights @ np.sqrt(np.maximum(np.diag(covariance), 0.0)))
    rows.append(
        ShockRow(
            name="correlation to 1: daily volatility",
            unit="volatility",
            now=float(now.mean()),
            shocked=float(one.mean()),
            worst=float(one.max()),
        )
    )
    return tuple(rows)


def stress_test(outcomes: Outcomes, result: Backtest, settings: StressSettings | None = None) -> Stress:
    """Crises and shocks of the portfolio ``result`` that ``outcomes`` led to."""
    return Stress(crises=crisis_table(outcomes, result), shocks=shock_table(result, settings))
