"""A project's bars with the forecasts made at them and what came, laid out for quick look-ups."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Outcomes, Panel
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.web.problems import Problem, absent
from tradewind.web.projects import Project

if TYPE_CHECKING:
    from tradewind.evaluation import TradingTables
    from tradewind.features import LabelSettings

PREDICTIONS = "predictions.parquet"


@dataclass(frozen=True, kw_only=True, eq=False)
class Track:
    """Forecasts out of sample beside the bars.

    Attributes
    ----------
    panel : n bars. label : what counts as a rise, and over how many bars.
    outcomes : m forecasts, in order of time, then symbol. row : (m,) bar of the panel at which each was made.
    at : (n,) forecast made at each bar, -1 where none was.
    """

    panel: Panel
    label: LabelSettings
    outcomes: Outcomes
    row: IntArray
    at: IntArray

    def column(self, values: FloatArray, rows: slice) -> FloatArray:
        """Return (r,) ``values`` (m,) of forecasts for the bars ``rows``, NaN where none was made."""
        at = self.at[rows]
        return np.where(at >= 0, values[np.maximum(at, 0)], np.nan) if len(values) else np.full(len(at), np.nan)


def track_files(project: Project) -> tuple[Any, ...]:
    """Return the files that a track is read from."""
    return project.evaluation_folder / PREDICTIONS, project.prices_file, project.evaluation_folder / "metrics.json"


def track_of(project: Project) -> Track:
    """Return the track of ``project``, kept until its files change.

    Raises
    ------
    Problem : there are no bars or no forecasts.
    """
    path = project.evaluation_folder / PREDICTIONS
    if not path.exists():
        raise absent("forecast out of sample", f"{path} is missing.", f"tradewind evaluate --out {path.parent} ...")
    panel, outcomes, label = project.panel(), project.outcomes(), project.label()
    return project.derived("track", track_files(project), lambda: _beside(panel, outcomes, label))


def tables_of(project: Project) -> TradingTables:
    """Return what backtests of the project's forecasts share: returns to the next bar, whatever the label's horizon.

    Raises
    ------
    Problem : as :func:`track_of`.
    """
    from tradewind.evaluation import TradingTables
    from tradewind.training import read_forecasts

    track = track_of(project)

    def make() -> TradingTables:
        if track.label.horizon == 1:
            return TradingTables.of(track.outcomes)
        return TradingTables.of(read_forecasts(project.evaluation_folder / PREDICTIONS, track.panel))

    return project.derived("trading tables", track_files(project), make)


def rows_of(panel: Panel, symbol: str) -> slice:
    """Return the bars of ``symbol``.

    Raises
    ------
    Problem : there are none.
    """
    try:
        return panel.rows_of(symbol)
    except KeyError:
        raise Problem(
            404, "There is no such symbol", f"{symbol!r} has no bars.", fix="choose one of the list"
        ) from None


def is_daily(panel: Panel) -> bool:
    """Whether every bar is of a whole session."""
    return bool((panel.times == panel.times.astype("datetime64[D]")).all())


def times_of(time: AnyArray, *, daily: bool) -> list[str] | list[int]:
    """Return times as pages take them: ISO dates of sessions, else seconds UTC."""
    if daily:
        dates: list[str] = np.datetime_as_string(time, unit="D").tolist()
        return dates
    seconds: list[int] = time.astype("datetime64[s]").astype(np.int64).tolist()
    return seconds


def plain(values: AnyArray, digits: int = 6) -> list[float | None]:
    """Return ``values`` with ``digits`` significant digits, None where not finite."""
    known = np.isfinite(values)
    size = np.where(known & (values != 0), np.abs(values), 1.0)
    scale = 10.0 ** (digits - 1 - np.floor(np.log10(size)))
    rounded = (np.round(np.where(known, values, 0.0) * scale) / scale).tolist()
    return [value if there else None for value, there in zip(rounded, known.tolist(), strict=True)]


def _beside(panel: Panel, outcomes: Outcomes, label: LabelSettings) -> Track:
    code = np.searchsorted(np.array(panel.symbols), outcomes.symbol)
    width = len(panel.times)
    bars = panel.symbol_code.astype(np.int64) * width + panel.time_code
    row = np.searchsorted(bars, code * width + np.searchsorted(panel.times, outcomes.time)).astype(np.int64)
    at = np.full(len(panel), -1, dtype=np.int64)
    at[row] = np.arange(len(row))
    return Track(panel=panel, label=label, outcomes=outcomes, row=row, at=at)
