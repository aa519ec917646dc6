"""Ask a model about changed inputs: rows cut out with the bars they look back on, so that each is moved alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeAlias

import numpy as np

from tradewind.core import Dataset, Labels, Panel, UsageError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.explain.distillation.agreement import log_odds
from tradewind.explain.distillation.importance import Odds
from tradewind.models.nets.forecaster import NetForecaster
from tradewind.models.nets.graph import GraphForecaster
from tradewind.training import TrainedModel

Explain: TypeAlias = Callable[[Dataset, IntArray], FloatArray]
"""(m, q) what each prepared column gives to the log odds of rows of a prepared dataset."""
MOST_VALUES = 8_000_000


def ensemble_odds(model: TrainedModel) -> Odds:
    """Return the calibrated log odds of the ensemble, as a function of prepared data and rows."""
    ensemble = model.ensemble

    def odds(data: Dataset, rows: IntArray) -> FloatArray:
        # Without the interval of the return, which would take longer than the forecast where every row is a symbol.
        probability, _ = ensemble.combiner.combine(ensemble.member_forecasts(data, rows))
        return log_odds(probability)

    return odds


def look_back(model: TrainedModel) -> int:
    """Return how many bars a forecast reads, the row's own counted: 1 where no member looks back.

    Raises
    ------
    UsageError : a member reads the bars of other stocks, so that a row cannot be moved alone.
    """
    bars = 1
    for name, member in model.ensemble.members.items():
        if isinstance(member, GraphForecaster):
            raise UsageError(
                f"member {name!r} reads the bars of other stocks, so one row cannot be moved alone",
                field="models",
                fix="use an ensemble without it for effects, LIME and explanation quality",
            )
        if isinstance(member, NetForecaster):
            bars = max(bars, member.settings.window)
    return bars


class Probe:
    """Rows of prepared data, each cut out with its own past, and a model to ask about changes of them.

    In a panel the bars before a row are also the bars before its neighbours; cut out, a row is moved without touching
    any other. ``values`` (m, w, q) float32 holds the windows, oldest bar first, the row last; where a symbol has fewer
    than w bars the first entries are zero and never read (``length`` (m,) tells how many are).

    Parameters
    ----------
    data : prepared dataset. ``rows`` : (m,) rows to ask about. ``odds`` : the model's log odds.
    look_back : w, bars a forecast reads (see :func:`look_back`).
    """

    def __init__(self, data: Dataset, rows: IntArray, odds: Odds, *, look_back: int = 1) -> None:
        self.data, self.rows, self.odds, self.look_back = data, np.asarray(rows, dtype=np.int64), odds, look_back
        self.names = data.names
        self.length = np.minimum(data.bar_index[self.rows] + 1, look_back).astype(np.int64)
        place = self.rows[:, None] + np.arange(1 - look_back, 1)
        real = np.arange(look_back) >= look_back - self.length[:, None]
        self.values: AnyArray = np.where(real[:, :, None], data.features[np.where(real, place, 0)], np.float32(0.0))

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.rows)

    @property
    def inputs(self) -> AnyArray:
        """(m, q) value of each column at the row."""
        return self.values[:, -1]

    def own_odds(self) -> FloatArray:
        """(m,) log odds of the rows as they are."""
        return self.odds_of(self.values, np.arange(len(self)))

    def odds_of(self, values: AnyArray, of: IntArray) -> FloatArray:
        """(k,) log odds where the windows of rows ``of`` (k,; places among the m rows) hold ``values`` (k, w, q)."""
        step = max(1, MOST_VALUES // max(1, values.shape[1] * values.shape[2]))
        parts = [
            self.odds(*self.dataset(values[start : start + step], of[start : start + step]))
            for start in range(0, len(of), step)
        ]
        return np.concatenate(parts) if parts else np.empty(0)

    def dataset(self, values: AnyArray, of: IntArray) -> tuple[Dataset, IntArray]:
        """Return a prepared dataset in which each window is a symbol of its own, and its k last rows.

        Prices, times and sectors are those of the rows the windows were cut from; labels are unknown.
        """
        length = self.length[of]
        ends = np.cumsum(length)
        bar = np.arange(ends[-1] if len(ends) else 0) - np.repeat(ends - length, length)
        source = np.repeat(self.rows[of] - length + 1, length) + bar
        panel = self.data.panel
        symbol = panel.symbol_code[self.rows[of]]
        cut = Panel(
            symbols=tuple(f"{number:08d}" for number in range(len(of))),
            offsets=np.concatenate([[0], ends]).astype(np.int64),
            time=panel.time[source],
            known_at=panel.known_at[source],
            sectors=tuple(panel.sectors[code] for code in symbol),
            market_cap=panel.market_cap[symbol],
            fear=None if panel.fear is None else panel.fear[source],
            **{name: getattr(panel, name)[source] for name in PRICE_FIELDS},
        )
        real = np.arange(self.look_back) >= self.look_back - length[:, None]
        nan = np.full(len(source), np.nan)
        labels = Labels(
            start=panel.time[source],
            end=np.full(len(source), np.datetime64("NaT", "us")),
            direction=nan,
            forward_return=nan,
            horizon=self.data.labels.horizon,
        )
        features = np.ascontiguousarray(values[real], dtype=np.float32)
        return Dataset(panel=cut, features=features, names=self.names, labels=labels), (ends - 1).astype(np.int64)

    def moved(self, of: IntArray, column: int, to: FloatArray) -> AnyArray:
        """(k, w, q) windows of rows ``of`` whose ``column`` stands at ``to`` (k,) at the row.

        Every bar of the window is moved by the same amount: the path keeps its shape, only its level changes. Moving
        the last bar alone would ask a sequence model about a jump that no market has shown.
        """
        out = self.values[of].copy()
        # In double precision, so that the column lands on the very value asked for: trees cut at values of the data,
        # and a flag that falls short of its other level by one rounding would stay on the same side of the cut.
        path = out[:, :, column].astype(np.float64)
        out[:, :, column] = path + (np.asarray(to, dtype=np.float32).astype(np.float64) - path[:, -1])[:, None]
        return out

    def shifted(self, of: IntArray, shift: AnyArray) -> AnyArray:
        """(k, w, q) windows of rows ``of`` with every bar moved by ``shift`` (k, q)."""
        moved = self.values[of].astype(np.float64) + np.asarray(shift, dtype=np.float64)[:, None, :]
        return moved.astype(np.float32)


def sampled(rows: IntArray, most: int, seed: int) -> IntArray:
    """Return at most ``most`` of ``rows``, drawn without replacement and kept in order."""
    if len(rows) <= most:
        return rows
    return np.sort(np.random.default_rng(seed).choice(rows, size=most, replace=False))
