"""What the model says in stress: forecasts of every symbol before and after shocks to the last bars.

The shocks are applied to the panel's last day (volume and volatility to its last bars), every feature is computed anew
and the whole model is run. Beside them stands what the shocks do to a portfolio: the positions that the forecasts ask
for, and what those positions would have earned over the shock; crises and shocks of a backtest come from
:mod:`tradewind.evaluation.stress` and are joined, not measured again.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from pydantic import Field

from tradewind.core import Dataset, News, Panel, Settings, UsageError
from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.evaluation.stress import Stress
from tradewind.explain.attribution import Attribution
from tradewind.explain.what_if.replay import as_known, news_by, raw_features, recomputed, training_bounds
from tradewind.explain.what_if.shocks import fear_moved, gap_move, last_rows, market_move, thinner, wilder
from tradewind.training.model import ENSEMBLE, TrainedModel

Explain = Callable[[Dataset, IntArray], Attribution]
"""Explains rows of a raw dataset; an explainer's ``explain`` with its news bound."""


class ForecastStressSettings(Settings):
    """``falls`` : returns of the market on the last day. ``wilder`` : factors on the volatility of the last
    ``volatility_bars``. ``thin`` : factor on the volume of the last ``volume_bars``. ``gaps`` : opening gaps of every
    symbol. ``fear`` : points added to the fear index, where the prices have one. ``movers`` : symbols named per shock.
    """

    falls: tuple[float, ...] = (-0.05, -0.10, -0.20)
    wilder: tuple[float, ...] = (2.0, 3.0)
    volatility_bars: int = Field(default=20, ge=5)
    thin: tuple[float, ...] = (0.2,)
    volume_bars: int = Field(default=5, ge=1)
    gaps: tuple[float, ...] = (-0.05, 0.05)
    fear: tuple[float, ...] = (20.0,)
    movers: int = Field(default=3, ge=1)


@dataclass(frozen=True, kw_only=True)
class Mover:
    """A symbol's probability of a rise before and after a shock."""

    symbol: str
    before: float
    after: float


@dataclass(frozen=True, kw_only=True)
class ForecastShock:
    """What one shock does to the forecasts of the last day.

    Attributes
    ----------
    symbols, flips : forecasts made, and how many change side. to_fall, to_rise : of those, which way.
    mean_before, mean_after : mean probability of a rise. largest : the symbols that move most.
    unread : True where no feature of any symbol moves: the model does not read what the shock changes.
    outside : share of the moved feature values that end beyond the outer quantiles of training.
    groups : mean change of each feature group's contribution to the probability, where an explainer was given.
    held : return over the shock of the positions that the forecasts before it ask for (equal shares, long or short).
    net_before, net_after : net exposure that the forecasts ask for, before and after.
    """

    name: str
    symbols: int
    flips: int
    to_fall: int
    to_rise: int
    mean_before: float
    mean_after: float
    largest: tuple[Mover, ...]
    unread: bool
    outside: float
    groups: Mapping[str, float]
    held: float
    net_before: float
    net_after: float


@dataclass(frozen=True, kw_only=True)
class ForecastStress:
    """Shocks to the forecasts of one day; ``portfolio`` : crises and shocks of a backtest, where one was given."""

    date: str
    shocks: tuple[ForecastShock, ...]
    portfolio: Stress | None = None

    def beside(self, portfolio: Stress) -> ForecastStress:
        """Return these shocks beside the crises and shocks of a backtest's portfolio."""
        return replace(self, portfolio=portfolio)

    def to_dict(self) -> dict[str, Any]:
        """Return a mapping of plain values."""
        return {
            "date": self.date,
            "shocks": [asdict(shock) for shock in self.shocks],
            "portfolio": None if self.portfolio is None else self.portfolio.to_dict(),
        }

    @property
    def words(self) -> tuple[str, ...]:
        """Return one sentence per shock."""
        return tuple(_sentence(shock) for shock in self.shocks)


def _sentence(shock: ForecastShock) -> str:
    if shock.unread:
        return f"{shock.name}: no feature the model reads moves; every forecast stays."
    which = f"{shock.flips} of {shock.symbols} forecasts change side ({shock.to_fall} to fall, {shock.to_rise} to rise)"
    first = shock.largest[0]
    return (
        f"{shock.name}: {which}; the mean probability of a rise goes from {shock.mean_before:.3f} to "
        f"{shock.mean_after:.3f}; {first.symbol} moves most, from {first.before:.3f} to {first.after:.3f}."
    )


def stress_forecasts(
    model: TrainedModel,
    data: Dataset,
    news: News | None = None,
    *,
    day: np.datetime64 | None = None,
    settings: ForecastStressSettings | None = None,
    explain: Explain | None = None,
) -> ForecastStress:
    """Shock the market on ``day`` and forecast every symbol that has a bar on it.

    Parameters
    ----------
    data : raw features of the panel, the features the model reads among them; later rows than ``day`` are dropped.
    day : the last day of the panel when None.
    explain : explains rows of a raw dataset; gives the change by feature group.

    Raises
    ------
    UsageError : no symbol has a bar on ``day``.
    """
    rules = settings or ForecastStressSettings()
    moment = data.panel.times[-1] if day is None else day
    if not (data.panel.time == moment).any():
        raise UsageError(f"no symbol has a bar on {str(moment)[:10]}", fix="choose a day the prices hold")
    stage = _Stage(model, as_known(data, moment), news, explain)
    shocks = [stage.under(name, shocked, rules.movers) for name, shocked in _shocks(stage.panel, rules)]
    return ForecastStress(date=str(moment)[:10], shocks=tuple(shocks))


def _shocks(panel: Panel, rules: ForecastStressSettings) -> list[tuple[str, Panel]]:
    rows = last_rows(panel)
    found = [(f"market {fall:+.0%} in a day", market_move(panel, fall)) for fall in rules.falls]
    found += [
        (f"volatility x{times:g} over {rules.volatility_bars} bars", wilder(panel, times, rules.volatility_bars))
        for times in rules.wilder
    ]
    found += [
        (f"volume x{times:g} over {rules.volume_bars} bars", thinner(panel, times, rules.volume_bars))
        for times in rules.thin
    ]
    found += [(f"every symbol opens {gap:+.0%}", gap_move(panel, rows, gap)) for gap in rules.gaps]
    if panel.fear is not None:
        found += [(f"fear index {add:+g}", fear_moved(panel, add=add)) for add in rules.fear]
    return found


class _Stage:
    """The last day as it is: forecasts, positions and explanations, to be compared with those under a shock."""

    def __init__(self, model: TrainedModel, data: Dataset, news: News | None, explain: Explain | None) -> None:
        self.model, self.data, self.explain = model, data.columns(raw_features(model)), explain
        self.rows = last_rows(data.panel)
        self.news = news_by(news, data.panel.known_at[self.rows[0]])
        self.before = self._forecast(self.data)
        self.attribution = None if explain is None else explain(self.data, self.rows)

    @property
    def panel(self) -> Panel:
        return self.data.panel

    def _forecast(self, data: Dataset) -> FloatArray:
        return self.model.forecast(data, self.rows, self.news)[ENSEMBLE].probability

    def under(self, name: str, panel: Panel, movers: int) -> ForecastShock:
        """Forecast under the shock ``name`` that made ``panel``."""
        data = recomputed(self.data, panel)
        after, before = self._forecast(data), self.before
        down, up = (before > 0.5) & (after <= 0.5), (before <= 0.5) & (after > 0.5)
        order = np.argsort(-np.abs(after - before), kind="stable")[:movers]
        symbols = [self.panel.symbols[self.panel.symbol_code[row]] for row in self.rows]
        moved = ~np.isclose(data.features[self.rows], self.data.features[self.rows], rtol=1e-5, equal_nan=True)
        earned = panel.adj_close[self.rows] / self.panel.adj_close[self.rows] - 1
        sides = np.sign(before - 0.5), np.sign(after - 0.5)
        return ForecastShock(
            name=name,
            symbols=len(before),
            flips=int(down.sum() + up.sum()),
            to_fall=int(down.sum()),
            to_rise=int(up.sum()),
            mean_before=float(before.mean()),
            mean_after=float(after.mean()),
            largest=tuple(Mover(symbol=symbols[i], before=float(before[i]), after=float(after[i])) for i in order),
            unread=not moved.any(),
            outside=self._outside(data, moved),
            groups=self._groups(data),
            held=float((sides[0] * earned).mean()),
            net_before=float(sides[0].mean()),
            net_after=float(sides[1].mean()),
        )

    def _outside(self, data: Dataset, moved: BoolArray) -> float:
        """Return the share of the moved values that end beyond the outer quantiles of training."""
        low, high = training_bounds(self.model, data.names)
        values = data.features[self.rows]
        beyond = moved & ((values < low) | (values > high))
        return float(beyond.sum() / max(int(moved.sum()), 1))

    def _groups(self, data: Dataset) -> dict[str, float]:
        """Return the mean change of each feature group's contribution, where there is an explainer."""
        if self.explain is None or self.attribution is None:
            return {}
        names, before = self.attribution.by_group()
        _, after = self.explain(data, self.rows).by_group()  # the same columns, so the same groups in the same order
        return dict(zip(names, (after - before).mean(axis=0).tolist(), strict=True))
