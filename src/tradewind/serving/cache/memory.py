"""L1: the newest prediction of each model and symbol in this process, read without a lock or an await."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import Literal

from msgspec import Struct

from tradewind.serving.cache.entry import Entry, entry_of, rank
from tradewind.streaming.records import Prediction

State = Literal["fresh", "older", "withdrawn", "absent"]
CHANGES = 16
"""Changes of a symbol's bars that are remembered, to refuse predictions that were begun before them."""
Encoder = Callable[[Prediction, str], Entry]


class Change(Struct, frozen=True, gc=False):
    """Bars from ``time`` on changed at ``generation``; ``remote`` : as another process told, which Redis knows then."""

    time: int
    generation: int
    remote: bool


class Withdrawn(Struct, frozen=True, gc=False):
    """Where a prediction stood whose inputs have changed: only one made of the changed inputs may take its place."""

    prediction: Prediction
    remote: bool


class Memory:
    """Holds at most ``entries`` predictions; threads may share it.

    Readers see a plain dict that writers change one assignment at a time under a lock.
    """

    def __init__(self, entries: int, encode: Encoder = entry_of) -> None:
        self._limit, self._encode, self._lock = entries, encode, Lock()
        self._models: dict[str, dict[str, Entry]] = {}
        self._withdrawn: dict[tuple[str, str], Withdrawn] = {}
        self._newest_bar: dict[str, int] = {}
        self._changed: dict[str, deque[Change]] = {}
        self._size = self.own_generation = 0
        self.generation = self.replaced = self.refused = self.evicted = self.withdrawals = 0

    def __len__(self) -> int:
        """Return the number of predictions held."""
        return self._size

    def get(self, symbol: str, model: str) -> Entry | None:
        """Return what is held for ``symbol`` and ``model``."""
        held = self._models.get(model)
        return None if held is None else held.get(symbol)

    def table(self, model: str) -> Mapping[str, Entry]:
        """Return the live symbol -> entry of ``model``, for readers that look up many symbols."""
        return self._models.setdefault(model, {})

    def state(self, symbol: str, model: str) -> State:
        """Return how the held prediction relates to the newest bar that :meth:`withdraw` told of."""
        entry = self.get(symbol, model)
        if entry is None:
            return "withdrawn" if (model, symbol) in self._withdrawn else "absent"
        return "older" if entry.prediction.time < self._newest_bar.get(symbol, entry.prediction.time) else "fresh"

    def put(
        self,
        predictions: Iterable[Prediction],
        flags: Mapping[str, str] | None = None,
        ticket: int | None = None,
        *,
        trusted: bool = False,
        settled: int | None = None,
    ) -> list[Entry]:
        """Take what is newer than what is held; return all that may be kept elsewhere, also what is not the newest.

        Parameters
        ----------
        flags : id of a prediction -> why to look twice at it.
        ticket : the ``generation`` before the inputs were read. Predictions of symbols whose inputs were withdrawn
            since are refused: they may rest on what has changed.
        trusted : they come from where the withdrawals of other processes have already been applied.
        settled : the ``generation`` up to which the level they were read from has this process' own withdrawals; what
            it should have withdrawn since is refused.
        """
        kept = []
        with self._lock:
            for prediction in predictions:
                if trusted:
                    self._forget_remote(prediction)
                if self._outdated(prediction, ticket) or self._not_yet_withdrawn(prediction, settled):
                    self.refused += 1
                    continue
                entry = self._encode(prediction, flags.get(prediction.id, "") if flags else "")
                kept.append(entry)
                self._swap(entry)
        return kept

    def _forget_remote(self, prediction: Prediction) -> None:
        gone = self._withdrawn.get((prediction.model, prediction.symbol))
        if gone is not None and gone.remote:
            del self._withdrawn[prediction.model, prediction.symbol]

    def _outdated(self, prediction: Prediction, ticket: int | None) -> bool:
        if ticket is not None:
            changes: Sequence[Change] = self._changed.get(prediction.symbol) or ()
            if len(changes) == CHANGES and ticket < changes[0].generation:
                return True  # older than what is remembered
            return any(ticket < change.generation and prediction.time >= change.time for change in changes)
        gone = self._withdrawn.get((prediction.model, prediction.symbol))
        if gone is None:
            return False
        old = gone.prediction
        if prediction.time != old.time or prediction.revision > old.revision:
            return False
        return prediction.revision < old.revision or prediction.inputs_id == old.inputs_id

    def _not_yet_withdrawn(self, prediction: Prediction, settled: int | None) -> bool:
        if settled is None or settled >= self.own_generation:
            return False
        changes: Sequence[Change] = self._changed.get(prediction.symbol) or ()
        if len(changes) == CHANGES and settled < changes[0].generation:
            return True  # one that is not remembered may have been our own
        return any(
            settled < change.generation and not change.remote and prediction.time >= change.time for change in changes
        )

    def _swap(self, entry: Entry) -> None:
        prediction = entry.prediction
        symbol, model = prediction.symbol, prediction.model
        gone = self._withdrawn.get((model, symbol))
        if gone is not None:
            if prediction.time < gone.prediction.time:
                return
            del self._withdrawn[model, symbol]
        held = self._models.setdefault(model, {})
        old = held.get(symbol)
        if old is None:
            self._size += 1
        elif rank(prediction) <= rank(old.prediction):
            return
        else:
            self.replaced += 1
            del held[symbol]  # so that the order of the dict is the order of writing
        held[symbol] = entry
        if self._size > self._limit:
            self._evict()

    def _evict(self) -> None:
        held = max(self._models.values(), key=len)
        del held[next(iter(held))]
        self._size -= 1
        self.evicted += 1

    def withdrawn_elsewhere(self, symbol: str, model: str) -> bool:
        """Return whether another process withdrew what was held, so that what it makes anew may be taken from Redis."""
        gone = self._withdrawn.get((model, symbol))
        return gone is not None and gone.remote

    def withdraw(self, symbols: Iterable[str], time: int, *, remote: bool = False) -> int:
        """Tell that the bars ``time`` of ``symbols`` are new or changed; return how many predictions were withdrawn.

        Predictions for bars before ``time`` stay: they are right, and say which bar they are for. Those for ``time``
        and later rest on what has changed and are gone at once. ``remote``: another process said so.
        """
        gone = 0
        with self._lock:
            self.generation += 1
            change = Change(time, self.generation, remote)
            if not remote:
                self.own_generation = self.generation
            for symbol in symbols:
                self._changed.setdefault(symbol, deque(maxlen=CHANGES)).append(change)
                self._newest_bar[symbol] = max(time, self._newest_bar.get(symbol, time))
                for model, held in self._models.items():
                    entry = held.get(symbol)
                    if entry is not None and entry.prediction.time >= time:
                        self._withdrawn[model, symbol] = Withdrawn(entry.prediction, remote)
                        del held[symbol]
                        self._size -= 1
                        gone += 1
            self.withdrawals += gone
        return gone

    def drop(self, models: Sequence[str] | None = None) -> None:
        """Forget all predictions of ``models`` (None: of all)."""
        with self._lock:
            for model in tuple(self._models) if models is None else models:
                self._size -= len(self._models.get(model, {}))
                if model in self._models:
                    self._models[model].clear()
                for key in [key for key in self._withdrawn if key[0] == model]:
                    del self._withdrawn[key]

    def snapshot(self) -> list[Entry]:
        """Return all entries held now."""
        with self._lock:
            return [entry for held in self._models.values() for entry in held.values()]

    def models(self) -> tuple[str, ...]:
        """Return the models of which something is or was held."""
        return tuple(self._models)
