"""What came through the log and waits for its slice."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.core.panel import PRICE_FIELDS
from tradewind.features import LabelSettings, LexiconScorer, TextScorer
from tradewind.monitoring.slices import Bars, LabelArrival, NewsArrival, ServedForecasts
from tradewind.streaming.records import Bar, NewsItem, Prediction

LEAST_WAITING = 100_000
"""Items that may wait for a slice; the oldest are given up beyond it."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


class ForecastDesk:
    """Predictions by the time of their bar; of several revisions the first, which is what was acted on."""

    def __init__(self) -> None:
        self._held: dict[int, dict[tuple[str, str], dict[str, Prediction]]] = {}

    def take(self, one: Prediction) -> None:
        """Keep ``one`` until its slice."""
        by_version = self._held.setdefault(one.time, {})
        by_version.setdefault((one.model, one.how), {}).setdefault(one.symbol, one)

    def count(self, time: int) -> int:
        """Return for how many symbols the version that answers most has an answer about ``time``."""
        return max(map(len, self._held.get(time, {}).values()), default=0)

    def give(self, time: int) -> tuple[ServedForecasts, ...]:
        """Return what was answered about ``time``, champions first, and forget what is older."""
        found = self._held.get(time, {})
        self._held = {at: held for at, held in self._held.items() if at > time}
        order = sorted(found, key=lambda key: (key[1] != "champion", key))
        return tuple(_forecasts(*key, [found[key][name] for name in sorted(found[key])]) for key in order)


def _forecasts(version: str, role: str, rows: Sequence[Prediction]) -> ServedForecasts:
    columns = {
        name: np.array([getattr(row, name) for row in rows], dtype=np.float64)
        for name in ("probability", "expected_return", "lower", "upper")
    }
    made = max(row.made_at for row in rows)
    return ServedForecasts(
        version=version,
        role=role,
        symbol=np.array([row.symbol for row in rows], dtype=str),
        made_at=moment_of(made),
        **columns,
    )


class LabelDesk:
    """Labels as the next bars bring them, by the rule of :func:`tradewind.features.make_labels`."""

    def __init__(self, settings: LabelSettings) -> None:
        self._rule = settings
        self._bars: dict[str, deque[tuple[int, float]]] = defaultdict(lambda: deque(maxlen=settings.horizon + 1))

    def take(self, time: int, closes: Mapping[str, float]) -> LabelArrival | None:
        """Take in the adjusted closes of the bars of ``time`` by symbol, and return the labels that they end."""
        rows: list[tuple[str, int, float]] = []
        for symbol, close in sorted(closes.items()):
            bars = self._bars[symbol]
            bars.append((time, close))
            if len(bars) == bars.maxlen:
                rows.append((symbol, bars[0][0], close / bars[0][1] - 1.0 if min(close, bars[0][1]) > 0 else np.nan))
        if not rows:
            return None
        forward: FloatArray = np.array([row[2] for row in rows], dtype=np.float64)
        direction = np.full(len(rows), np.nan)
        direction[(forward >= self._rule.up) & (forward > self._rule.down)] = 1.0
        direction[forward <= self._rule.down] = 0.0
        return LabelArrival(
            symbol=np.array([row[0] for row in rows], dtype=str),
            time=np.array([row[1] for row in rows], dtype=np.int64).astype("datetime64[us]"),
            direction=direction,
            forward_return=forward,
        )


class NewsDesk:
    """News that wait until a slice is closed after they were published; an item that came twice counts once."""

    def __init__(self, scorer: TextScorer | None = None) -> None:
        self._scorer = scorer or LexiconScorer()
        self._waiting: list[NewsItem] = []

    def take(self, item: NewsItem) -> None:
        """Keep ``item`` until its slice."""
        if item not in self._waiting:
            self._waiting = [*self._waiting[-LEAST_WAITING:], item]

    def give(self, known_at: int) -> NewsArrival | None:
        """Return the items published up to ``known_at``; None without any."""
        due = [item for item in self._waiting if item.published_at <= known_at]
        if not due:
            return None
        self._waiting = [item for item in self._waiting if item.published_at > known_at]
        due.sort(key=lambda item: (item.published_at, item.symbol, item.text))
        return NewsArrival(
            symbol=np.array([item.symbol for item in due], dtype=str),
            published_at=np.array([item.published_at for item in due], dtype=np.int64).astype("datetime64[us]"),
            source=np.array([item.source for item in due], dtype=str),
            text=np.array([item.text for item in due], dtype=str),
            score=np.asarray(self._scorer.score([item.text for item in due]), dtype=np.float64),
        )


def bars_of(rows: Sequence[Bar]) -> Bars:
    """Return ``rows`` as columns."""
    return Bars(**{name: np.array([getattr(row, name) for row in rows], dtype=np.float64) for name in PRICE_FIELDS})


def moment_of(micros: int) -> datetime:
    """Return microseconds since 1970 as an aware datetime."""
    return datetime.fromtimestamp(micros // 1_000_000, UTC).replace(microsecond=micros % 1_000_000)
