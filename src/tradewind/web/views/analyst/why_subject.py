"""The subject of one explanation, cut down to the bars of its own symbol, so that it is ready at once.

``tradewind explain`` prepares the columns of every symbol, because it explains many. Here one row is asked about: its
members read no other symbol, so the columns of its own bars give the same forecast and the same attribution. What is
measured against the whole market (the slices of a row, the usual width of an interval) is computed once and kept.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np

from tradewind.core import Dataset, News, Panel
from tradewind.core.arrays import FloatArray, IntArray
from tradewind.explain.rationale import Subject
from tradewind.web.views.analyst.why_held import Held

if TYPE_CHECKING:
    from tradewind.explain.shapley.explainer import Explainer
    from tradewind.features import RowSlices
    from tradewind.training import TrainedModel

_DAYS = 4


def stands_alone(model: TrainedModel, news: News | None) -> bool:
    """Return whether a forecast reads the bars of its own symbol alone, once its features are computed."""
    from tradewind.models.nets.graph import GraphForecaster

    graph = any(isinstance(member, GraphForecaster) for member in model.ensemble.members.values())
    return not graph and model.shift is None and news is None


def own_bars(data: Dataset, row: int) -> tuple[Dataset, int]:
    """Return the rows of the symbol of ``row`` up to it as a dataset of their own, and the place of ``row`` in it."""
    first = int(data.panel.offsets[data.panel.symbol_code[row]])
    mask = np.zeros(len(data), dtype=np.bool_)
    mask[first : row + 1] = True
    return data.select(mask), row - first


class Market:
    """What explanations compare a row with: slices of every row, and the widths of intervals before a day."""

    def __init__(self, model: TrainedModel, panel: Panel) -> None:
        self._model, self._panel = model, panel
        self._widths_by_day: Held[FloatArray] = Held(_DAYS)

    @cached_property
    def slices(self) -> RowSlices:
        """Slices of every row of the panel."""
        from tradewind.features import row_slices

        return row_slices(self._panel)

    @cached_property
    def _widths(self) -> FloatArray:
        from tradewind.models.past import return_scale

        scale = return_scale(self._panel)
        lower, upper = self._model.ensemble.conformal.interval(np.zeros(len(scale)), scale)
        return upper - lower

    def widths_before(self, day: np.datetime64) -> FloatArray:
        """Sorted widths of the interval on every bar before ``day``, of all symbols."""

        def make() -> FloatArray:
            widths = self._widths[self._panel.time < day]
            return np.sort(widths[np.isfinite(widths)])

        return self._widths_by_day.get(day, make)


@dataclass(frozen=True, kw_only=True, eq=False)
class KnownSubject(Subject):
    """A subject that takes from ``market`` what it would compute anew of the whole panel."""

    market: Market

    @cached_property
    def slices(self) -> RowSlices:
        """Slices of every row of the panel."""
        return self.market.slices

    def usual_widths(self, place: int) -> FloatArray:
        """Sorted widths of the interval on every bar before the day of row ``place``, of all symbols."""
        return self.market.widths_before(self.data.panel.time[self.attribution.rows[place]])


def subject_of_row(
    explainer: Explainer, data: Dataset, row: int, news: News | None, *, market: Market, track: Mapping[str, Any] | None
) -> Subject:
    """Return the subject of ``row`` of ``data`` (raw features), equal to that of ``tradewind explain``."""
    from tradewind.explain.rationale import subject_of

    if not stands_alone(explainer.model, news):
        return _known(subject_of(explainer, data, _rows(row), news, track=track), data, row, market)
    cut, place = own_bars(data, row)
    return _known(subject_of(explainer, cut, _rows(place), track=track), data, row, market)


def _rows(row: int) -> IntArray:
    return np.array([row], dtype=np.int64)


def _known(found: Subject, data: Dataset, row: int, market: Market) -> KnownSubject:
    """Return ``found`` as a subject of ``row`` of the whole ``data``."""
    rows = _rows(row)
    return KnownSubject(
        model=found.model,
        data=data,
        attribution=replace(found.attribution, rows=rows),
        forecasts={name: replace(one, rows=rows) for name, one in found.forecasts.items()},
        reference=found.reference,
        methods=found.methods,
        missed=found.missed,
        track=found.track,
        profile=found.profile,
        attention=found.attention,
        settings=found.settings,
        market=market,
    )
