"""One forecast run again with other bars or other features, many variants at a time.

Two ways lead to a variant's probability. The *whole* way changes the panel or the features as they stood on the row's
day and asks :meth:`TrainedModel.forecast`; every claim is checked by it. The *stacked* way serves a search: the
symbol's own history is laid out once per variant, as if each were a symbol of its own, so that one call forecasts them
all. It is used only where it gives the unchanged row the probability that the whole way gives; a model that looks
across symbols (a graph net) is run the whole way, variant by variant. Features that look across symbols are computed
per variant from the panel's last days, those of the symbol's own bars for all variants at once.

Rows later than the row's day are dropped before anything else, so no later bar can change a result.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from tradewind.core import Dataset, Forecast, InputError, News, Panel
from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, FloatArray, IntArray
from tradewind.explain.what_if.bar import Bar, copies, no_labels, with_bars
from tradewind.features import REGISTRY, compute_features
from tradewind.models.past import return_scale
from tradewind.quality import mark_occasions
from tradewind.training.fairness import known_groups
from tradewind.training.model import ENSEMBLE, HEAD_COLUMN, TrainedModel, only_labels, with_head

SAME = 1e-6
"""Two ways give the same probability when they differ by less: single precision sums in another order."""
CLOSE = 1e-3
"""Largest difference, in training standard deviations, between a feature as given and as computed from the bars."""
TAILS = (64, 128, 256, 512)
STACK_ROWS = 200_000
WINDOWS = (25, 70, 140)
"""Features across symbols are computed apart by window up to these, each from as few days as it needs."""


def as_known(data: Dataset, moment: np.datetime64) -> Dataset:
    """Return ``data`` as it stood at ``moment``: no later row, no label."""
    return only_labels(data.select(data.panel.time <= moment), np.empty(0, dtype=np.int64))


def news_by(news: News | None, moment: np.datetime64) -> News | None:
    """Return the items published by ``moment`` (UTC)."""
    if news is None:
        return None
    return news.select(news.published_at <= moment)


@dataclass(frozen=True, kw_only=True, eq=False)
class _Recent:
    """Features across symbols ``names``, their ``place`` among the row's, and the days and the row they come from."""

    names: tuple[str, ...]
    place: list[int]
    panel: Panel
    row: int

    def of(self, bar: Bar) -> Float32Array:
        """Return the features, had the row's bar been ``bar``."""
        changed = with_bars(self.panel, np.array([self.row]), [bar])
        values: Float32Array = compute_features(changed, names=self.names).values[self.row]
        return values


def raw_features(model: TrainedModel) -> tuple[str, ...]:
    """Return the raw features ``model`` reads; the text model's column is not one of them."""
    return tuple(name for name in model.preprocessor.selector.names if name != HEAD_COLUMN)


def training_bounds(model: TrainedModel, names: Sequence[str]) -> tuple[FloatArray, FloatArray]:
    """Return the lowest and highest value, (p,) each, of raw features between training's outer quantiles."""
    state = model.preprocessor.to_dict()["winsoriser"]
    place = [model.preprocessor.selector.names.index(name) for name in names]
    low = np.array([-np.inf if state["low"][i] is None else state["low"][i] for i in place], dtype=np.float64)
    high = np.array([np.inf if state["high"][i] is None else state["high"][i] for i in place], dtype=np.float64)
    return low, high


def recomputed(data: Dataset, panel: Panel) -> Dataset:
    """Return ``data`` on a changed ``panel`` of the same rows: features of bars anew, those of news as they were."""
    fresh = [name for name in data.names if REGISTRY.get(name).needs != "news"]
    values = data.features.copy()
    if fresh:
        values[:, [data.names.index(name) for name in fresh]] = compute_features(panel, names=fresh).values
    return replace(data, panel=panel, features=values)


class Replay:
    """The forecast of one row, to be run again on changed bars or features.

    Parameters
    ----------
    model : the trained model.
    data : raw features of a panel that holds the row; features the model reads must be among them.
    row : the row of ``data``.
    news : items, where the model reads news.

    Attributes
    ----------
    data : the dataset as it stood on the row's day, with only the features the model reads (the text model's column is
        computed anew each time).
    row : the row in it. names : p raw features. probability : the forecast as it is.
    """

    def __init__(self, model: TrainedModel, data: Dataset, row: int, news: News | None = None) -> None:
        panel = data.panel
        moment = panel.time[row]
        self.model = model
        self.names = raw_features(model)
        missing = [name for name in self.names if name not in data.names]
        if missing:
            raise InputError(
                f"the model reads {missing[0]!r}, which the data lack", fix="give the inputs it was trained with"
            )
        self.news = news_by(news, panel.known_at[row])
        self.data = as_known(data, moment).columns(self.names)
        self.row = int((panel.time[:row] <= moment).sum())
        self.symbol = panel.symbols[panel.symbol_code[row]]
        self.time = moment
        self.probability = self.whole(self.data)

    @property
    def panel(self) -> Panel:
        """The bars as they stood on the row's day."""
        return self.data.panel

    @cached_property
    def bar(self) -> Bar:
        """The row's own bar."""
        return Bar.at(self.panel, self.row)

    @cached_property
    def features(self) -> Float32Array:
        """(p,) raw features of the row."""
        return np.array(self.data.features[self.row])

    @cached_property
    def history(self) -> slice:
        """The symbol's rows up to the row."""
        return slice(int(self.panel.rows_of(self.symbol).start), self.row + 1)

    @cached_property
    def deviations(self) -> FloatArray:
        """(p,) training standard deviation of each raw feature, after winsorising."""
        scale = np.asarray(self.model.preprocessor.to_dict()["scale"], dtype=np.float64)
        index = {name: i for i, name in enumerate(self.model.preprocessor.names)}
        return np.array([scale[index[name]] for name in self.names])

    @cached_property
    def bounds(self) -> tuple[FloatArray, FloatArray]:
        """Lowest and highest value of each raw feature, (p,) each, between training's outer quantiles."""
        return training_bounds(self.model, self.names)

    # The whole way.

    def whole(self, data: Dataset) -> float:
        """Return the probability of the row by :meth:`TrainedModel.forecast` on ``data`` (rows as in ``self.data``)."""
        found = self.model.forecast(data, np.array([self.row], dtype=np.int64), self.news)[ENSEMBLE]
        return float(found.probability[0])

    def on_panel(self, panel: Panel) -> Dataset:
        """Return the dataset of a changed ``panel`` of the same rows, every feature of bars computed anew."""
        return recomputed(self.data, panel)

    def with_bar(self, bar: Bar) -> Dataset:
        """Return the dataset in which the row's bar was ``bar``."""
        return self.on_panel(with_bars(self.panel, np.array([self.row]), [bar]))

    def with_features(self, values: AnyArray) -> Dataset:
        """Return the dataset in which the row's raw features were ``values`` (p,)."""
        table = self.data.features.copy()
        table[self.row] = values
        return self.data.with_features(table, self.names)

    # The stacked way.

    def probabilities(self, values: AnyArray) -> FloatArray:
        """(V,) probability of each variant ``values`` (V, p) of the row's raw features; earlier rows stay."""
        table = np.asarray(values, dtype=np.float32)
        if self._tail == 0:
            return np.array([self.whole(self.with_features(one)) for one in table])
        size = max(STACK_ROWS // self._tail, 1)
        parts = [self._stacked(table[i : i + size], self._tail) for i in range(0, len(table), size)]
        return np.concatenate(parts) if parts else np.empty(0)

    def forecasts(self, values: AnyArray, bars: Sequence[Bar] | None = None) -> dict[str, Forecast]:
        """Return the forecasts of the ensemble and each member, by name, for each variant ``values`` (V, p).

        ``bars`` : the row's bar in each variant, for members that read bars themselves; its own where None. Rows of the
        forecasts count the variants. Where variants cannot be stacked, each is run the whole way.
        """
        table = np.asarray(values, dtype=np.float32)
        if self._tail == 0:
            return self._one_by_one(table, bars)
        prepared, last = self._stack(table, self._tail, bars)
        members = self.model.ensemble.member_forecasts(prepared, last)
        whole = self.model.ensemble.combine(prepared, members)
        if self.model.shift is not None and self._group is not None:
            group = np.repeat(self._group, len(table))
            whole = replace(whole, probability=self.model.shift.apply(whole.probability, group))
        whole = self._with_interval(whole, bars)
        rows = np.arange(len(table))
        return {name: replace(one, rows=rows) for name, one in {ENSEMBLE: whole, **members}.items()}

    def _with_interval(self, whole: Forecast, bars: Sequence[Bar] | None) -> Forecast:
        """Return the ensemble's forecasts with the interval that the symbol's whole past gives, not its last bars."""
        own = copies(self.panel, self.history, 1 if bars is None else len(bars))
        last = own.offsets[1:] - 1
        scale = return_scale(own if bars is None else with_bars(own, last, bars))[last]
        if not np.isfinite(scale).all():
            return whole
        lower, upper = self.model.ensemble.conformal.interval(whole.expected_return, scale)
        return replace(whole, lower=lower, upper=upper)

    def _one_by_one(self, table: Float32Array, bars: Sequence[Bar] | None) -> dict[str, Forecast]:
        found = []
        for i, values in enumerate(table):
            data = self.with_features(values)
            if bars is not None:
                data = replace(data, panel=with_bars(self.panel, np.array([self.row]), [bars[i]]))
            found.append(self.model.forecast(data, np.array([self.row], dtype=np.int64), self.news))
        fields = ("probability", "expected_return", "lower", "upper")
        names = (ENSEMBLE, *self.model.ensemble.members) if found else ()
        return {
            name: Forecast(
                rows=np.arange(len(found)),
                **{field: np.concatenate([getattr(one[name], field) for one in found]) for field in fields},
            )
            for name in names
        }

    def bar_probabilities(self, bars: Sequence[Bar]) -> FloatArray:
        """(V,) probability of the row, had its bar been each of ``bars``; also for models that read bars themselves."""
        if self._tail == 0:
            return np.array([self.whole(self.with_bar(bar)) for bar in bars])
        values = self.bar_features(bars)
        size = max(STACK_ROWS // self._tail, 1)
        starts = range(0, len(bars), size)
        parts = [self._stacked(values[i : i + size], self._tail, bars[i : i + size]) for i in starts]
        return np.concatenate(parts) if parts else np.empty(0)

    def bar_features(self, bars: Sequence[Bar]) -> Float32Array:
        """(V, p) raw features of the row, had its bar been each of ``bars``."""
        out = np.tile(self.features, (len(bars), 1))
        own = [name for name in self.names if REGISTRY.get(name).own_bars]
        if own and len(bars):
            out[:, [self.names.index(name) for name in own]] = self._own(bars, own)
        for recent in self._recent:
            for i, bar in enumerate(bars):
                out[i, recent.place] = recent.of(bar)
        return out

    def _own(self, bars: Sequence[Bar], names: Sequence[str]) -> Float32Array:
        length = self.history.stop - self.history.start
        size = int(max(STACK_ROWS // length, 1))
        parts = []
        for i in range(0, len(bars), size):
            part = bars[i : i + size]
            panel = copies(self.panel, self.history, len(part))
            last = panel.offsets[1:] - 1
            parts.append(compute_features(with_bars(panel, last, part), names=names).values[last])
        return np.concatenate(parts)

    @cached_property
    def _across(self) -> tuple[str, ...]:
        """Features of bars that look across symbols."""
        known = [REGISTRY.get(name) for name in self.names]
        return tuple(feature.name for feature in known if not feature.own_bars and feature.needs != "news")

    @cached_property
    def _recent(self) -> tuple[_Recent, ...]:
        """Features across symbols, and the last days of the panel that they need; short windows need few days.

        Days enough for the longest window (half as many again, as symbols may miss days); the whole panel where the
        unchanged row's features do not come out of fewer.
        """
        parts, longest = [], 0
        for limit in (*WINDOWS, np.inf):
            windows = {name: REGISTRY.get(name).window for name in self._across}
            names = tuple(name for name, window in windows.items() if longest < window <= limit)
            if names:
                parts.append(self._recent_of(names, max(windows[name] for name in names)))
            longest = int(limit) if np.isfinite(limit) else longest
        return tuple(parts)

    def _recent_of(self, names: tuple[str, ...], window: int) -> _Recent:
        place = [self.names.index(name) for name in names]
        first = max(len(self.panel.times) - (3 * window // 2 + 40), 0)
        keep: BoolArray = self.panel.time >= self.panel.times[first]
        short = _Recent(names=names, place=place, panel=self.panel.select(keep), row=int(keep[: self.row].sum()))
        if self._agree(short):
            return short
        whole = replace(short, panel=self.panel, row=self.row)
        if not self._agree(whole):
            raise InputError(
                f"the features of {self.symbol} on {str(self.time)[:10]} do not follow from the bars given with them",
                fix="build the dataset from the same prices, symbols and news",
            )
        return whole

    def _agree(self, recent: _Recent) -> bool:
        values, given = recent.of(Bar.at(self.panel, self.row)), self.features[recent.place]
        gap = np.abs(values - given) / self.deviations[recent.place]
        return bool(np.all((gap < CLOSE) | (np.isnan(values) & np.isnan(given))))

    @cached_property
    def _raw(self) -> Dataset:
        """The data with the text model's column where there is one."""
        if self.model.head is None or self.news is None:
            return self.data
        return with_head(self.data, self.model.head.transform(self.panel, self.news))

    @cached_property
    def _events(self) -> BoolArray | None:
        return None if self.news is None else mark_occasions(self.panel, news=self.news)

    @cached_property
    def _group(self) -> AnyArray | None:
        """Group of the row where forecasts are shifted by group."""
        if self.model.shift is None:
            return None
        return np.asarray(known_groups(self.panel, self.model.settings.fairness.by)[[self.row]])

    @cached_property
    def _tail(self) -> int:
        """Bars of the symbol that a stacked variant needs to look back on; 0 where variants cannot be stacked."""
        length = int(self.history.stop - self.history.start)
        for tail in (*(tail for tail in TAILS if tail < length), length):
            found = self._stacked(np.tile(self.features, (2, 1)), tail)
            if np.all(np.abs(found - self.probability) < SAME):
                return tail
        return 0

    def prepared(self, values: AnyArray) -> Float32Array:
        """(V, q) what members see of the row for each variant ``values`` (V, p) of its raw features."""
        return self._stack(np.asarray(values, dtype=np.float32), 1)[0].features

    def _stacked(self, values: Float32Array, tail: int, bars: Sequence[Bar] | None = None) -> FloatArray:
        prepared, last = self._stack(values, tail, bars)
        probability = self.model.ensemble.predict(prepared, last).probability
        if self.model.shift is None or self._group is None:
            return probability
        return self.model.shift.apply(probability, np.repeat(self._group, len(values)))

    def _stack(self, values: Float32Array, tail: int, bars: Sequence[Bar] | None = None) -> tuple[Dataset, IntArray]:
        """Return the prepared columns of the symbol's last ``tail`` bars once per variant, and each variant's row."""
        rows = slice(self.row + 1 - tail, self.row + 1)
        count = len(values)
        panel = copies(self.panel, rows, count)
        last = (panel.offsets[1:] - 1).astype(np.int64)
        if bars is not None:
            panel = with_bars(panel, last, bars)
        table = np.tile(self._raw.features[rows], (count, 1))
        table[last[:, None], np.arange(len(self.names))] = values
        data = Dataset(panel=panel, features=table, names=self._raw.names, labels=no_labels(panel))
        events = None if self._events is None else np.tile(self._events[rows], count)
        return self.model.preprocessor.transform(data, occasions=events), last
