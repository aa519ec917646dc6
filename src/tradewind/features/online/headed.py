"""An engine with the forecasts of text models as further columns."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from tradewind.core import UsageError
from tradewind.features.online.protocol import Slice, SliceEngine, SliceFeatures, State
from tradewind.features.online.text_head import OnlineTextHead
from tradewind.features.text.head import TextHead


class HeadedEngine:
    """A :class:`SliceEngine` whose columns are those of ``engine`` and one a text model.

    A text model has no memory: the memory is that of ``engine``, whatever the heads.

    Parameters
    ----------
    engine : gives the other columns; its stream has news.
    heads : fitted text models by the column of each.
    names : every column in the order wanted; None for those of ``engine``, then the heads.

    Raises
    ------
    UsageError : a column is given twice, or ``names`` are not those of engine and heads.
    """

    def __init__(self, engine: SliceEngine, heads: Mapping[str, TextHead], names: Sequence[str] | None = None) -> None:
        have = (*engine.names, *heads)
        self._names = have if names is None else tuple(names)
        if len(set(have)) != len(have) or sorted(self._names) != sorted(have):
            raise UsageError(
                "the columns are not those of the features and the text models, each once",
                field="names",
                fix="name each feature and each text model's column once",
            )
        self._engine = engine
        self._heads = {name: OnlineTextHead(head) for name, head in heads.items()}
        place = {name: at for at, name in enumerate(self._names)}
        self._columns = np.array([place[name] for name in engine.names], dtype=np.int64)
        self._places = {name: place[name] for name in heads}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the columns."""
        return self._names

    def advance(self, part: Slice) -> SliceFeatures:
        """Take in the next slice and return its features; ValueError where it does not come after the one before."""
        spoken = {name: head.column(part) for name, head in self._heads.items()}  # first: a head that fails leaves all
        found = self._engine.advance(part)
        values = np.empty((len(found.code), len(self._names)))
        values[:, self._columns] = found.values
        for name, column in spoken.items():
            values[:, self._places[name]] = column
        return replace(found, values=values)

    def snapshot(self) -> State:
        """Return a copy of the memory."""
        return self._engine.snapshot()

    def restore(self, state: State) -> None:
        """Go back to a memory that :meth:`snapshot` gave; ValueError where it is of other symbols or features."""
        self._engine.restore(state)
