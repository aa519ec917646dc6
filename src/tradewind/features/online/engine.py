"""All features of a slice: each symbol's own bars, the others, the news; equal to the batch definitions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import KW_ONLY, dataclass

import numpy as np
from numba import njit

from tradewind.core import UsageError
from tradewind.core.arrays import AnyArray, FloatArray, IntArray
from tradewind.features.online.across import ACROSS_NAMES, Across
from tradewind.features.online.fallback import Fallback, Inputs, default_reach
from tradewind.features.online.memory import BEFORE_ALL, check_slice, check_state, fingerprint
from tradewind.features.online.own import OwnBars, online_names
from tradewind.features.online.protocol import Slice, SliceFeatures, State
from tradewind.features.registry import REGISTRY, Feature
from tradewind.features.text.protocol import TextScorer


@dataclass(eq=False, repr=False)
class OnlineFeatures:
    """A :class:`SliceEngine` that updates every feature from the newest slice alone.

    Fed with every slice of a panel, its values equal those of the batch definitions (float64) to 1e-9. A feature of
    the registry that has no online form is computed by its batch definition on the latest ``reach`` slices
    (:mod:`tradewind.features.online.fallback`).

    Parameters
    ----------
    symbols : sorted names of the universe; it does not grow.
    sectors : sector of each, ``"unknown"`` where not known.
    names : features wanted, the columns of the values.
    fear, news : whether the stream has a fear index, and news.
    scorer : of texts; None for the default lexicon. A text is scored once.
    reach : slices that features without an online form are computed on; None for four times their longest window.

    Raises
    ------
    UsageError : a name is unknown or given twice, or its input is missing.
    """

    symbols: Sequence[str]
    sectors: Sequence[str]
    names: tuple[str, ...]
    _: KW_ONLY
    fear: bool
    news: bool
    scorer: TextScorer | None = None
    reach: int | None = None

    def __post_init__(self) -> None:
        """Plan who computes which column, and begin with no slice."""
        self.names = tuple(self.names)
        if len(self.symbols) != len(self.sectors) or list(self.symbols) != sorted(set(self.symbols)):
            raise ValueError("symbols must be sorted and distinct, with one sector each")
        features = _wanted(self.names, fear=self.fear, news=self.news)
        inputs = Inputs(fear=self.fear, news=self.news, scorer=self.scorer)
        own, across = set(online_names()), {name: at for at, name in enumerate(ACROSS_NAMES)}
        own_names = tuple(name for name in self.names if name in own)
        other = [feature for feature in features if feature.name not in own and feature.name not in across]
        self._own = OwnBars(own_names, len(self.symbols))
        self._across = Across(self.sectors, [name for name in self.names if name in across], inputs)
        self._fallback: Fallback | None = None
        if other:
            reach = self.reach or default_reach(other)
            self._fallback = Fallback(self.symbols, self.sectors, other, inputs, reach)
        column = {name: at for at, name in enumerate(self.names)}
        self._own_columns = _places(column[name] for name in own_names)
        self._across_rows = _places(across[name] for name in self.names if name in across)
        self._across_columns = _places(column[name] for name in self.names if name in across)
        self._other_columns = _places(column[feature.name] for feature in other)
        self._last = BEFORE_ALL
        universe = tuple(self.symbols), tuple(self.sectors)
        self._mark = fingerprint("online", *universe, self.names, self.fear, self.news, self.reach)

    def advance(self, part: Slice) -> SliceFeatures:
        """Take in the next slice and return its features; ValueError where it does not come after the one before.

        A slice that is refused, or whose texts the scorer cannot score, changes nothing.
        """
        check_slice(part, self._last, len(self.symbols))
        scores = self._across.scores(part)
        self._last = part.time
        values = np.empty((len(part), len(self.names)))
        if not len(part):
            none = np.empty(0)
            return SliceFeatures(time=part.time, code=part.code, values=values, scale=none, occasion=none.astype(bool))
        own, scale = self._own.advance(part)
        block, occasion = self._across.advance(part, scores)
        _place(own.T, np.arange(own.shape[1]), self._own_columns, values)
        _place(block, self._across_rows, self._across_columns, values)
        if self._fallback is not None:
            other = self._fallback.advance(part)
            _place(other, np.arange(len(other)), self._other_columns, values)
        return SliceFeatures(time=part.time, code=part.code, values=values, scale=scale, occasion=occasion)

    def snapshot(self) -> State:
        """Return a copy of the memory."""
        state: dict[str, AnyArray] = {"fingerprint": self._mark.copy(), "last": np.array([self._last])}
        state |= {f"own.{name}": array for name, array in self._own.snapshot().items()}
        for name, array in self._across.memory.items():
            state[f"across.{name}"] = (_half(array) if name.endswith(".ring") else array).copy()
        if self._fallback is not None:
            state |= {f"other.{name}": array for name, array in self._fallback.snapshot().items()}
        return state

    def restore(self, state: State) -> None:
        """Go back to a memory that :meth:`snapshot` gave; ValueError where it is of other symbols or features."""
        check_state(state, self._mark)
        self._own.restore(_under("own.", state))
        for name, array in self._across.memory.items():
            held = state[f"across.{name}"]
            array[...] = np.concatenate([held, held], axis=-1) if name.endswith(".ring") else held
        if self._fallback is not None:
            self._fallback.restore({name: array.copy() for name, array in _under("other.", state).items()})
        self._last = int(state["last"][0])


def _wanted(names: Sequence[str], *, fear: bool, news: bool) -> list[Feature]:
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise UsageError(f"feature {twice[0]!r} is asked for twice", fix="name each feature once")
    features = [REGISTRY.get(name) for name in names]
    have = {"bars": True, "fear": fear, "news": news}
    for feature in features:
        if not have.get(feature.needs, False):
            raise UsageError(
                f"feature {feature.name!r} needs {feature.needs}, and the stream has none",
                fix=f"stream {feature.needs} as well or leave the feature out",
            )
    return features


def _places(places: Iterable[int]) -> IntArray:
    return np.array(list(places), dtype=np.int64)


def _half(ring: AnyArray) -> AnyArray:
    """Return the first of the two equal halves of rings."""
    return ring[..., : ring.shape[-1] // 2]


def _under(prefix: str, state: State) -> dict[str, AnyArray]:
    return {name.removeprefix(prefix): array for name, array in state.items() if name.startswith(prefix)}


@njit(cache=True, nogil=True)
def _place(block: FloatArray, source: IntArray, target: IntArray, values: FloatArray) -> None:
    """Write the rows ``source`` of (f, k) ``block`` as the columns ``target`` of (k, p) ``values``, NaN if infinite."""
    for i in range(values.shape[0]):
        for j in range(source.size):
            value = block[source[j], i]
            values[i, target[j]] = value if np.isfinite(value) else np.nan
