"""Forecasts joined with what happened, in whatever order either comes."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import UTC, datetime

import numpy as np

from tradewind.core import Outcomes
from tradewind.core.arrays import AnyArray, FloatArray, TimeArray, as_time
from tradewind.monitoring.slices import LabelArrival, ServedForecasts, Slice


@dataclass(frozen=True, kw_only=True, eq=False)
class JoinedRows:
    """Forecasts of one version beside their labels: (n,) each, sorted by time, then symbol.

    Attributes
    ----------
    symbol, sector : str. ``time`` : ``datetime64[us]``, the bar at which the forecast was made.
    probability, expected_return, lower, upper : as served.
    forecast_known_at : ``datetime64[us]`` (UTC), when the answer was made.
    direction, forward_return : the newest label that is known; NaN where there is none (direction NaN too where the
        move lies between the label's thresholds).
    label_known_at : ``datetime64[us]`` (UTC), when that label could be known; NaT where there is none.
    """

    symbol: AnyArray
    sector: AnyArray
    time: TimeArray
    probability: FloatArray
    expected_return: FloatArray
    lower: FloatArray
    upper: FloatArray
    forecast_known_at: TimeArray
    direction: FloatArray
    forward_return: FloatArray
    label_known_at: TimeArray

    def __len__(self) -> int:
        """Return the number of rows."""
        return len(self.time)

    def select(self, rows: AnyArray) -> JoinedRows:
        """Return the rows of a mask (n,) or of indices."""
        return JoinedRows(**{item.name: getattr(self, item.name)[rows] for item in fields(self)})

    def to_outcomes(self, model: str, regime: str = "") -> Outcomes:
        """Return the rows as evaluation reads them; ``close`` is NaN, the size bucket empty, the regime ``regime``."""
        n = len(self)
        columns = ("symbol", "sector", "time", "probability", "expected_return", "lower", "upper", "direction")
        return Outcomes(
            model=model,
            **{name: getattr(self, name) for name in columns},
            forward_return=self.forward_return,
            close=np.full(n, np.nan),
            size_bucket=np.full(n, ""),
            volatility_regime=np.full(n, regime),
        )

    @classmethod
    def concatenate(cls, parts: list[JoinedRows]) -> JoinedRows:
        """Return ``parts`` as one table."""
        if not parts:
            return cls.concatenate([_empty()])
        return cls(**{item.name: np.concatenate([getattr(one, item.name) for one in parts]) for item in fields(cls)})


def _empty() -> JoinedRows:
    times = np.empty(0, dtype="datetime64[us]")
    text, numbers = np.empty(0, dtype=str), np.empty(0)
    kinds = {"symbol": text, "sector": text, "time": times, "forecast_known_at": times, "label_known_at": times}
    return JoinedRows(**{item.name: kinds.get(item.name, numbers) for item in fields(JoinedRows)})


_Block = dict[str, AnyArray]
"""Columns of one time, sorted by symbol, each symbol once."""

_MADE = ("sector", "probability", "expected_return", "lower", "upper")


class LabelJoin:
    """The forecasts of the newest ``days`` calendar days and what became known of them.

    The table does not depend on the order in which forecasts and labels are added. Of several forecasts of one
    version, symbol and time the one that was made first stands, for that is what callers were told; of several labels
    the one that became known last, for it corrects the others. Forecasts older than ``days`` before the newest one,
    and labels as old, are forgotten. A label without a finite return, or whose direction is none of 1, 0 and NaN, says
    nothing: it is as if it had not come, and corrects no other.
    """

    def __init__(self, *, days: int = 400) -> None:
        self._span = np.timedelta64(days, "D")
        self._forecasts: dict[tuple[str, np.datetime64], _Block] = {}
        self._labels: dict[np.datetime64, _Block] = {}
        self._newest: np.datetime64 | None = None

    def add(self, one: Slice) -> None:
        """Take in all forecasts and labels of a slice."""
        sectors = dict(zip(one.symbol.tolist(), one.sector.tolist(), strict=True))
        for served in one.served:
            self.add_forecasts(served, one.time, sectors)
        if one.labels is not None:
            self.add_labels(one.labels, one.known_at)

    def add_forecasts(
        self, served: ServedForecasts, time: np.datetime64, sectors: dict[str, str] | None = None
    ) -> None:
        """Take in what a version answered for the bars of ``time``; a symbol without a sector gets ``""``."""
        if not len(served):
            return
        time, known = as_time(time), sectors or {}
        block: _Block = {
            "symbol": np.asarray(served.symbol, dtype=str),
            "sector": np.array([known.get(symbol, "") for symbol in served.symbol.tolist()], dtype=str),
            **{name: np.asarray(getattr(served, name), dtype=np.float64) for name in _MADE[1:]},
            "known_at": np.full(len(served), _utc(served.made_at)),
        }
        self._newest = time if self._newest is None else max(self._newest, time)
        key = (served.version, time)
        self._forecasts[key] = _merge(self._forecasts.get(key), block, ("known_at", *_MADE), last=False)
        self._forget()

    def add_labels(self, labels: LabelArrival, known_at: datetime) -> None:
        """Take in labels that became known at ``known_at``."""
        times = np.asarray(labels.time).astype("datetime64[us]")
        direction = np.asarray(labels.direction, dtype=np.float64)
        sound = np.isfinite(np.asarray(labels.forward_return, dtype=np.float64))
        # A label of a time that has not come when it is known is no label either, and would be kept for ever.
        sound &= (np.isnan(direction) | np.isin(direction, (0.0, 1.0))) & (times <= _utc(known_at))
        for time in np.unique(times[sound]):
            rows = sound & (times == time)
            block: _Block = {
                "symbol": np.asarray(labels.symbol[rows], dtype=str),
                "direction": np.asarray(labels.direction[rows], dtype=np.float64),
                "forward_return": np.asarray(labels.forward_return[rows], dtype=np.float64),
                "known_at": np.full(int(rows.sum()), _utc(known_at)),
            }
            order = ("known_at", "direction", "forward_return")
            self._labels[time] = _merge(self._labels.get(time), block, order, last=True)
        self._forget()

    @property
    def versions(self) -> tuple[str, ...]:
        """Versions that have a forecast, sorted."""
        return tuple(sorted({version for version, _ in self._forecasts}))

    def times(self, version: str) -> list[np.datetime64]:
        """Times for which ``version`` has forecasts, sorted."""
        return sorted(time for name, time in self._forecasts if name == version)

    def rows(self, version: str, since: np.datetime64 | None = None, until: np.datetime64 | None = None) -> JoinedRows:
        """Return the forecasts of ``version`` made from ``since`` to ``until`` (both included) beside their labels."""
        kept = [
            self.at(version, time)
            for time in self.times(version)
            if (since is None or time >= since) and (until is None or time <= until)
        ]
        return JoinedRows.concatenate(kept)

    def at(self, version: str, time: np.datetime64) -> JoinedRows:
        """Return the forecasts of ``version`` made at ``time`` beside their labels; no rows where it made none."""
        block = self._forecasts.get((version, as_time(time)))
        if block is None:
            return _empty()
        n, labels = len(block["symbol"]), self._labels.get(as_time(time))
        direction, moved = np.full(n, np.nan), np.full(n, np.nan)
        known = np.full(n, np.datetime64("NaT", "us"))
        if labels is not None:
            place = np.minimum(np.searchsorted(labels["symbol"], block["symbol"]), len(labels["symbol"]) - 1)
            there = labels["symbol"][place] == block["symbol"]
            direction[there] = labels["direction"][place[there]]
            moved[there] = labels["forward_return"][place[there]]
            known[there] = labels["known_at"][place[there]]
        return JoinedRows(
            symbol=block["symbol"],
            time=np.full(n, as_time(time)),
            forecast_known_at=block["known_at"],
            direction=direction,
            forward_return=moved,
            label_known_at=known,
            **{name: block[name] for name in _MADE},
        )

    def overdue(self, version: str, until: np.datetime64) -> JoinedRows:
        """Return the forecasts of ``version`` made up to ``until`` (included) that have no label yet."""
        rows = self.rows(version, until=until)
        return rows.select(np.isnat(rows.label_known_at))

    def _forget(self) -> None:
        if self._newest is None:
            return
        oldest = self._newest - self._span
        for key in [key for key in self._forecasts if key[1] < oldest]:
            del self._forecasts[key]
        for time in [time for time in self._labels if time < oldest]:
            del self._labels[time]


def _merge(old: _Block | None, new: _Block, order: tuple[str, ...], *, last: bool) -> _Block:
    """Return both blocks as one; of the rows of a symbol the first or ``last`` in ``order`` (ties by later columns)."""
    both = new if old is None else {name: np.concatenate([old[name], new[name]]) for name in new}
    keys = [both[name] for name in reversed(order)]
    at = np.lexsort((*keys, both["symbol"]))
    symbol = both["symbol"][at]
    edge = symbol[1:] != symbol[:-1]
    kept = at[np.append(edge, True) if last else np.insert(edge, 0, True)]
    return {name: values[kept] for name, values in both.items()}


def _utc(moment: datetime) -> np.datetime64:
    plain = moment.astimezone(UTC).replace(tzinfo=None)
    return np.datetime64(plain, "us")
