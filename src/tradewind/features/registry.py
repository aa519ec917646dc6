"""The registry of features: each is declared once, with its window, group and source.

A feature is a function of a :class:`FeatureContext` that returns one float64 value per row of the panel, computed
from data published by that row's ``known_at``. Nothing else is known about a feature anywhere else.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from enum import StrEnum
from functools import partial
from typing import Any

from tradewind.core import News, Panel, UsageError
from tradewind.core.arrays import FloatArray
from tradewind.features.text.protocol import TextScorer


class Group(StrEnum):
    """What a feature tells about."""

    TREND = "trend"
    MOMENTUM = "momentum"
    REVERSAL = "reversal"
    VOLATILITY = "volatility"
    VOLUME = "volume"
    PRICE = "price"
    SENTIMENT = "sentiment"
    MARKET = "market"
    SECTOR = "sector"
    CALENDAR = "calendar"


@dataclass(eq=False)
class FeatureContext:
    """What a feature may look at: the panel, the news, their scorer, and results that several features share.

    ``scorer`` None means the default scorer. ``shared`` holds intermediate arrays by key; :meth:`once` computes
    one the first time it is asked for.
    """

    panel: Panel
    news: News | None = None
    scorer: TextScorer | None = None
    shared: dict[str, Any] = field(default_factory=dict)

    def once(self, key: str, make: Callable[[], Any]) -> Any:
        """Return the shared result ``key``, computing it with ``make`` when it is not there yet."""
        if key not in self.shared:
            self.shared[key] = make()
        return self.shared[key]


Compute = Callable[[FeatureContext], FloatArray]
ComputeWindow = Callable[[FeatureContext, int], FloatArray]


@dataclass(frozen=True, kw_only=True)
class Feature:
    """One point-in-time feature.

    Attributes
    ----------
    name : snake_case, unique, with its window in bars: ``rsi_14``.
    group : what it tells about.
    window : bars of the symbol that it needs before its value is defined; before that it is NaN.
    source : paper, book or convention of the formula.
    compute : context -> (n,) float64.
    needs : ``"bars"``, ``"news"`` or ``"fear"``: a feature is offered only where its input is.
    own_bars : True when a row's value depends on nothing but the bars of its own symbol, so that symbols can be
        computed apart, in cache-sized blocks and in parallel.
    """

    name: str
    group: Group
    window: int
    source: str
    compute: Compute
    needs: str = "bars"
    own_bars: bool = False


class Registry:
    """Features by name, in the order they were declared."""

    def __init__(self) -> None:
        self._features: dict[str, Feature] = {}

    def add(self, feature: Feature) -> None:
        """Add ``feature``; ValueError when its name is taken."""
        if feature.name in self._features:
            raise ValueError(f"feature {feature.name!r} is declared twice")
        self._features[feature.name] = feature

    def declare(
        self, name: str, *, group: Group, window: int, source: str, needs: str = "bars"
    ) -> Callable[[Compute], Compute]:
        """Return a decorator that adds the function it decorates as feature ``name``."""

        def register(compute: Compute) -> Compute:
            self.add(Feature(name=name, group=group, window=window, source=source, compute=compute, needs=needs))
            return compute

        return register

    def own_bars(self, name: str, *, group: Group, window: int, source: str) -> Callable[[Compute], Compute]:
        """Return a decorator like :meth:`declare`, for a feature of the symbol's own bars alone."""

        def register(compute: Compute) -> Compute:
            self.add(Feature(name=name, group=group, window=window, source=source, compute=compute, own_bars=True))
            return compute

        return register

    def own_bars_family(
        self, template: str, windows: Iterable[int], *, group: Group, source: str, extra: int = 0
    ) -> Callable[[ComputeWindow], ComputeWindow]:
        """Return a decorator that adds one feature of the symbol's own bars per entry of ``windows``.

        The decorated function takes the context and the window w; the feature is named ``template.format(w)`` and
        needs ``w + extra`` bars.
        """

        def register(compute: ComputeWindow) -> ComputeWindow:
            for w in windows:
                self.own_bars(template.format(w), group=group, window=w + extra, source=source)(
                    partial(_at_window, compute, w)
                )
            return compute

        return register

    def names(self, *, inputs: Iterable[str] = ("bars", "news", "fear")) -> tuple[str, ...]:
        """Return the names of the features that need only ``inputs``."""
        have = set(inputs)
        return tuple(f.name for f in self._features.values() if f.needs in have)

    def get(self, name: str) -> Feature:
        """Return the feature ``name``; UsageError lists near names when there is none."""
        try:
            return self._features[name]
        except KeyError:
            from difflib import get_close_matches

            near = get_close_matches(name, self._features, n=3)
            hint = f"did you mean {', '.join(near)}?" if near else "`tradewind features --list` shows all"
            raise UsageError(f"there is no feature {name!r}", fix=hint.rstrip("?")) from None

    def __iter__(self) -> Iterator[Feature]:
        """Iterate over the features in the order of declaration."""
        return iter(self._features.values())

    def __len__(self) -> int:
        """Return how many features are declared."""
        return len(self._features)


def _at_window(compute: ComputeWindow, window: int, context: FeatureContext) -> FloatArray:
    return compute(context, window)


REGISTRY = Registry()
