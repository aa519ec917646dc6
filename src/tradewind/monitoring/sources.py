"""History as the slices a monitor would have been shown, one after the other."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from tradewind.core import Dataset, Forecast, Labels, News, Panel, UsageError
from tradewind.core.arrays import AnyArray, Float32Array, FloatArray, IntArray, TimeArray, as_time
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features import LexiconScorer, TextScorer
from tradewind.monitoring.moment import aware
from tradewind.monitoring.slices import Bars, LabelArrival, NewsArrival, ServedForecasts, ServiceSample, Slice
from tradewind.training import TrainedModel, build_dataset
from tradewind.training.model import ENSEMBLE

EXPECTED_FOR = 20
"""Sessions after its last bar for which a symbol is still expected where no universe is given: then it counts as
delisted, as a stream would have to decide without knowing the future."""


@dataclass(frozen=True, kw_only=True, eq=False)
class Answered:
    """What one version answered: ``forecast`` of rows of the panel, sorted; see :class:`ServedForecasts`."""

    version: str
    role: str
    forecast: Forecast


@dataclass(frozen=True, kw_only=True, eq=False)
class Observed:
    """A stretch of history as it was observed; n rows are the panel's.

    Attributes
    ----------
    panel : the bars as they arrived.
    names, features : p names and (n, p) float32, as computed from those bars.
    answers : what versions answered, the one served to callers first; of several that answered for a time, all are
        in the slice.
    labels : labels of the n rows. ``arrives`` : (n,) ``datetime64[us]``, time of the slice in which each became known,
        never before ``labels.end``; NaT: never.
    news : items, None without any.
    feed : (S,) str; the source of each symbol's bars.
    universe : symbols expected at every time; None: those with a bar in the latest 20 sessions.
    sessions : times at which there should be a slice; None: those of the panel.
    champion : version the registry says is to be served.
    service : how the service did, by time (``datetime64[us]``).
    """

    panel: Panel
    names: tuple[str, ...]
    features: Float32Array
    answers: tuple[Answered, ...]
    labels: Labels
    arrives: TimeArray
    news: News | None = None
    feed: AnyArray | None = None
    universe: tuple[str, ...] | None = None
    sessions: TimeArray | None = None
    champion: str | None = None
    service: Mapping[np.datetime64, ServiceSample] | None = None

    @cached_property
    def by_time(self) -> tuple[TimeArray, IntArray, IntArray]:
        """Times (T,), bounds (T + 1,) and rows (n,) sorted by time, then symbol: the bars of each time."""
        times = self.panel.times if self.sessions is None else np.union1d(self.sessions, self.panel.times)
        rows = np.lexsort((self.panel.symbol_code, self.panel.time)).astype(np.int64)
        bounds = np.searchsorted(self.panel.time[rows], np.append(times, times[-1:] + np.timedelta64(1, "us")))
        return times, bounds.astype(np.int64), rows

    def slices(
        self, start: np.datetime64 | str | None = None, end: np.datetime64 | str | None = None
    ) -> Iterator[Slice]:
        """Yield the slices of times from ``start`` to ``end`` (both included), in order."""
        times, bounds, rows = self.by_time
        reader = _Reader(self)
        low = 0 if start is None else int(np.searchsorted(times, as_time(start)))
        high = len(times) if end is None else int(np.searchsorted(times, as_time(end), side="right"))
        for at in range(low, high):
            yield reader.slice(at, rows[bounds[at] : bounds[at + 1]])


class _Reader:
    """Cuts one slice after the other out of an observed stretch."""

    def __init__(self, seen: Observed, scorer: TextScorer | None = None) -> None:
        self._seen, panel = seen, seen.panel
        self._names = np.array(panel.symbols, dtype=str)
        self._sectors = np.array(panel.sectors, dtype=str)
        self._feed = np.full(panel.n_symbols, "") if seen.feed is None else np.asarray(seen.feed, dtype=str)
        self._times = seen.by_time[0]
        self._closes = _closes(panel, self._times)
        self._places = [_places(one.forecast, len(panel)) for one in seen.answers]
        arrival = np.argsort(seen.arrives, kind="stable")  # NaT sorts last
        self._labels = arrival[~np.isnat(seen.arrives[arrival])]
        self._alive = _alive(seen, self._times)
        self._score: FloatArray | None = None
        if seen.news is not None:
            self._score = (scorer or LexiconScorer()).score([str(text) for text in seen.news.text])

    def slice(self, at: int, rows: IntArray) -> Slice:
        """Return the slice of the ``at``-th time, whose bars are ``rows`` of the panel."""
        seen, panel, time = self._seen, self._seen.panel, self._times[at]
        code = panel.symbol_code[rows]
        return Slice(
            time=time,
            known_at=aware(self._closes[at]),
            symbol=self._names[code],
            sector=self._sectors[code],
            expected=tuple(self._names[self._alive[at]].tolist()) if seen.universe is None else seen.universe,
            feed=self._feed[code],
            bars=Bars(**{name: getattr(panel, name)[rows] for name in PRICE_FIELDS}),
            names=seen.names,
            features=seen.features[rows],
            champion=seen.champion,
            served=tuple(self._served(at, rows)),
            labels=self._arrivals(at),
            news=self._news(at),
            service=None if seen.service is None else seen.service.get(time),
        )

    def _served(self, at: int, rows: IntArray) -> Iterator[ServedForecasts]:
        for one, places in zip(self._seen.answers, self._places, strict=True):
            place = places[rows]
            there = place[place >= 0]
            if len(there):
                forecast, made = one.forecast, aware(self._closes[at])
                columns = {
                    name: getattr(forecast, name)[there]
                    for name in ("probability", "expected_return", "lower", "upper")
                }
                code = self._seen.panel.symbol_code[forecast.rows[there]]
                yield ServedForecasts(
                    version=one.version, role=one.role, symbol=self._names[code], made_at=made, **columns
                )

    def _arrivals(self, at: int) -> LabelArrival | None:
        seen = self._seen
        known = seen.arrives[self._labels]
        low = 0 if at == 0 else int(np.searchsorted(known, self._times[at - 1], side="right"))
        rows = self._labels[low : int(np.searchsorted(known, self._times[at], side="right"))]
        if not len(rows):
            return None
        return LabelArrival(
            symbol=self._names[seen.panel.symbol_code[rows]],
            time=seen.labels.start[rows],
            direction=seen.labels.direction[rows],
            forward_return=seen.labels.forward_return[rows],
        )

    def _news(self, at: int) -> NewsArrival | None:
        news = self._seen.news
        if news is None or self._score is None:
            return None
        low = 0 if at == 0 else int(np.searchsorted(news.published_at, self._closes[at - 1], side="right"))
        some = slice(low, int(np.searchsorted(news.published_at, self._closes[at], side="right")))
        return NewsArrival(
            symbol=news.symbol[some],
            published_at=news.published_at[some],
            source=news.source[some],
            text=news.text[some],
            score=self._score[some],
        )


def _closes(panel: Panel, times: TimeArray) -> TimeArray:
    """(T,) when each slice is closed: as its last bar is known; a time without bars as late after it as is usual."""
    code = np.searchsorted(times, panel.time)
    last = np.full(len(times), np.iinfo(np.int64).min)
    np.maximum.at(last, code, panel.known_at.astype(np.int64))
    usual = np.median((panel.known_at - panel.time).astype(np.int64)) if len(panel) else 0
    empty = last == np.iinfo(np.int64).min
    last[empty] = times.astype(np.int64)[empty] + int(usual)
    closes: TimeArray = np.maximum.accumulate(last).astype("datetime64[us]")
    return closes


def _places(forecast: Forecast, n: int) -> IntArray:
    """(n,) place of each row of the panel in ``forecast``, -1 where it has none."""
    places = np.full(n, -1, dtype=np.int64)
    places[forecast.rows] = np.arange(len(forecast.rows))
    return places


def _alive(seen: Observed, times: TimeArray) -> AnyArray:
    """(T, S) True where a symbol had a bar at the time or in the sessions before; of no use with a universe."""
    if seen.universe is not None:
        return np.empty((0, 0), dtype=bool)
    there = np.zeros((len(times), seen.panel.n_symbols), dtype=bool)
    there[np.searchsorted(times, seen.panel.time), seen.panel.symbol_code] = True
    since = np.where(there, np.arange(len(times))[:, None], -(EXPECTED_FOR + 1) * 2)
    newest = np.maximum.accumulate(since, axis=0)
    alive: AnyArray = np.arange(len(times))[:, None] - newest <= EXPECTED_FOR
    return alive


def observe(
    model: TrainedModel,
    data: Dataset,
    news: News | None,
    rows: IntArray,
    *,
    version: str,
) -> Observed:
    """Return ``data`` (raw features) with what ``model`` forecasts for ``rows`` of it, served as the champion.

    Labels become known at their end; they are not shifted, delayed or hidden.
    """
    forecast = model.forecast(data, rows, news)[ENSEMBLE]
    return Observed(
        panel=data.panel,
        names=data.names,
        features=data.features,
        answers=(Answered(version=version, role="champion", forecast=forecast),),
        labels=data.labels,
        arrives=data.labels.end,
        news=news,
        champion=version,
    )


def slices_from_files(
    model: TrainedModel,
    panel: Panel,
    news: News | None = None,
    *,
    start: np.datetime64 | str,
    end: np.datetime64 | str,
    version: str = "model/0",
) -> Iterator[Slice]:
    """Yield the slices from ``start`` to ``end`` of files, with what ``model`` would have answered.

    Features are computed from all of ``panel``, so give the bars before ``start`` too; each is point in time.

    Raises
    ------
    UsageError : no bar lies in the span, or it begins before the model was trained: its forecasts of bars that it
        learned from say nothing of how it does.
    """
    first, last = as_time(start), as_time(end)
    rows = np.flatnonzero((panel.time >= first) & (panel.time <= last))
    if not len(rows):
        raise UsageError(
            f"no bar lies between {first.astype('datetime64[D]')} and {last.astype('datetime64[D]')}; the prices run "
            f"from {panel.times[:1].astype('datetime64[D]')} to {panel.times[-1:].astype('datetime64[D]')}",
            field="--from",
            fix="choose a span that the prices cover",
        )
    trained = np.datetime64(str(model.record["trained_until"]))
    if first < trained:
        raise UsageError(
            f"the span begins on {first.astype('datetime64[D]')} and the model learned from labels up to "
            f"{trained.astype('datetime64[D]')}",
            field="--from",
            fix=f"begin on {trained.astype('datetime64[D]')} or later",
        )
    data = build_dataset(panel, news, label=model.settings.label)
    yield from observe(model, data, news, rows, version=version).slices(first, last)


def late_arrivals(labels: Labels, times: TimeArray, delay: IntArray) -> TimeArray:
    """Return (n,) arrivals of ``labels`` where those due at ``times`` (T,) come ``delay`` (T,) slices later.

    What would come after the last slice never comes (NaT).
    """
    arrives = labels.end.copy()
    due = np.flatnonzero(~np.isnat(arrives))
    place = np.searchsorted(times, arrives[due])
    place = place + delay[np.minimum(place, len(times) - 1)]
    arrives[due] = np.where(place < len(times), times[np.minimum(place, len(times) - 1)], np.datetime64("NaT"))
    return arrives
