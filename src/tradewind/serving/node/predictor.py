"""What happens when a slice closes: every version answers, the answers become visible, each once."""

from __future__ import annotations

import logging
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import msgspec
import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.core.clock import Clock, SystemClock
from tradewind.serving.cache import Entry, PredictionCache
from tradewind.serving.contracts import ModelRows, ServedModel
from tradewind.serving.node.beside import Beside
from tradewind.serving.node.deployment import Universe
from tradewind.serving.node.making import Subjects, model_rows, predictions_of
from tradewind.serving.node.past import touched, window_until
from tradewind.serving.node.versions import Versions, first_honest
from tradewind.serving.runtime import LoadedModel
from tradewind.serving.watch.instruments import SIZES, Buckets
from tradewind.serving.watch.traces import Tracer
from tradewind.streaming.features.blocks import ClosedSlice, FeatureBlock, WindowRows
from tradewind.streaming.features.delivery import micros
from tradewind.streaming.features.windows import FeatureWindows
from tradewind.streaming.records import Prediction

logger = logging.getLogger("tradewind.serving.node")

Publish = Callable[[Sequence[Prediction]], None]


@dataclass(eq=False)
class PredictorMeters:
    """Counts by (model, role); seconds of a batch and its rows; seconds from a bar's arrival to its prediction."""

    made: Counter[tuple[str, str]] = field(default_factory=Counter)
    seconds: Buckets = field(default_factory=Buckets)
    rows: Buckets = field(default_factory=lambda: Buckets(SIZES))
    visible: Buckets = field(default_factory=Buckets)
    failed: int = 0
    in_sample: int = 0


@dataclass(kw_only=True, eq=False)
class Predictor:
    """Answers closed slices with every version, in the thread of the feature service.

    Attributes
    ----------
    kept : gives the slices that can still be corrected, oldest first.
    publish : told of the champion's new predictions; ``publish_all`` of those of every version.
    beside : the student and the shadow, who look on.
    """

    universe: Universe
    windows: FeatureWindows
    versions: Versions
    cache: PredictionCache
    publish: Publish
    publish_all: Publish
    beside: Beside
    kept: Callable[[], Sequence[FeatureBlock]] = tuple
    clock: Clock = field(default_factory=SystemClock)
    tracer: Tracer = field(default_factory=Tracer)
    meters: PredictorMeters = field(default_factory=PredictorMeters)
    _changed: dict[int, IntArray] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)

    def on_slice(self, closed: ClosedSlice) -> None:
        """Answer the rows of a slice that closed; note those that late data changed, for :meth:`on_amended`."""
        block = closed.block
        if closed.cause == "late":
            before = self._changed.get(block.time)
            self._changed[block.time] = block.code if before is None else np.union1d(before, block.code)
        elif closed.cause == "live" and len(block):
            with self.tracer.span("predict", rows=len(block), bar=block.time):
                self._answer_live(block)
            self._observe(closed)

    def on_amended(self, since: int) -> None:
        """Answer anew what late data touched from ``since`` on: also rows that only look back on a changed one."""
        changed, self._changed = self._changed, {}
        blocks = [block for block in self.kept() if len(block)]
        self.cache.flush(5.0)  # what is held of the past is read from the store
        for ref, role in self.versions.answering().items():
            with self.versions.shelf.hold(ref) as model:
                later = [block for block in blocks if block.time >= since]
                for time, codes in touched(later, changed, model.window).items():
                    self._answer_past(model, role, blocks, time, codes)

    def answer_newest(self, model: LoadedModel, role: str) -> None:
        """Answer every symbol's newest bar by ``model``, where that was not done."""
        codes = np.arange(len(self.universe.symbols))
        newest = self.windows.newest(codes)
        codes = codes[newest.time > max(first_honest(model) - 1, int(np.iinfo(np.int64).min))]
        if not len(codes):
            return
        newest = self.windows.newest(codes)
        subjects = self._subjects(codes, newest.time, newest.known_at)
        held = {entry.prediction.symbol: entry.prediction for entry in self._newest_held(model.ref)}
        self._answer(model, role, subjects, self.windows.rows(codes, model.features, model.window), held)

    def start(self) -> None:
        """Make what the store holds visible, and answer the newest bars that were not answered."""
        for ref, role in self.versions.answering().items():
            self.cache.warm([ref])
            held = self._newest_held(ref)
            self._known[ref] = max((entry.prediction.time for entry in held), default=int(np.iinfo(np.int64).min))
            with self.versions.shelf.hold(ref) as model:
                self.answer_newest(model, role)

    def _newest_held(self, ref: str) -> Sequence[Entry]:
        return self.cache.l3.newest_all(ref) if self.cache.l3 is not None else ()

    def _answer_live(self, block: FeatureBlock) -> None:
        subjects = self._subjects(block.code, np.full(len(block), block.time), block.known_at)
        for ref, role in self.versions.answering().items():
            with self.versions.shelf.hold(ref) as model:
                if block.time < first_honest(model):
                    self.meters.in_sample += len(block)
                    continue
                held = self._held(block.time, ref) if block.time <= self._known.get(ref, block.time - 1) else {}
                rows = self.windows.rows(block.code, model.features, model.window)
                self._answer(model, role, subjects, rows, held)

    def _answer_past(
        self, model: LoadedModel, role: str, blocks: Sequence[FeatureBlock], time: int, codes: IntArray
    ) -> None:
        if time < first_honest(model):
            return
        until = [block for block in blocks if block.time <= time]
        row = np.searchsorted(until[-1].code, codes)
        subjects = self._subjects(codes, np.full(len(codes), time), until[-1].known_at[row])
        window = window_until(until, codes, self.windows.columns(model.features), model.window)
        self._answer(model, role, subjects, window, self._held(time, model.ref))

    def _subjects(self, codes: IntArray, time: IntArray, known_at: IntArray) -> Subjects:
        symbols = self.universe.symbols
        return Subjects(code=codes, symbol=[symbols[code] for code in codes], time=time, known_at=known_at)

    def _held(self, time: int, ref: str) -> dict[str, Prediction]:
        return {} if self.cache.l3 is None else {one.symbol: one for one in self.cache.l3.at(time, ref)}

    def _answer(
        self, model: LoadedModel, role: str, subjects: Subjects, window: WindowRows, held: Mapping[str, Prediction]
    ) -> None:
        rows = model_rows(window, self.universe.sectors, subjects.code)
        made = self._predicted(model, role, subjects, rows)
        fresh = [found for one in made if (found := _revised(one, held.get(one.symbol))) is not None]
        if not fresh:
            return
        if role == "champion":
            flags = self._flags(fresh, subjects)
            fresh = [msgspec.structs.replace(one, note=flags[one.id]) if one.id in flags else one for one in fresh]
        self.cache.put(fresh)
        self.meters.made[model.ref, role] += len(fresh)
        if role == "champion":
            self.publish(fresh)
        self.publish_all(fresh)

    def _flags(self, fresh: Sequence[Prediction], subjects: Subjects) -> Mapping[str, str]:
        """Return what the student says of predictions for newest bars; of the past it is not asked."""
        codes = dict(zip(subjects.symbol, subjects.code.tolist(), strict=True))
        wanted = np.array([codes[one.symbol] for one in fresh], dtype=np.int64)
        if (self.windows.newest(wanted).time != np.array([one.time for one in fresh])).any():
            return {}
        return self.beside.judge(fresh, wanted)

    def _predicted(self, model: ServedModel, role: str, subjects: Subjects, rows: ModelRows) -> Sequence[Prediction]:
        began = perf_counter()
        try:
            answers = model.predict(rows)
        except Exception:  # a version that fails must not stop the others; what it said before is not given on
            self.meters.failed += len(rows)
            logger.exception("version %s could not answer %d rows", model.ref, len(rows))
            self.cache.l1.drop([model.ref])
            return ()
        self.meters.seconds.observe(perf_counter() - began)
        self.meters.rows.observe(len(rows))
        how = self.versions.how(model.ref) if role == "champion" else role
        return predictions_of(model.ref, how, subjects, rows, answers, micros(self.clock))

    def _observe(self, closed: ClosedSlice) -> None:
        now = micros(self.clock)
        times, counts = np.unique(closed.written_at, return_counts=True)
        for time, count in zip(times.tolist(), counts.tolist(), strict=True):
            if time > 0:
                self.meters.visible.observe(max(now - time, 0) / 1e6, count)


def _revised(made: Prediction, held: Prediction | None) -> Prediction | None:
    """Return ``made`` as it follows on ``held`` of the same key: None where that was of equal inputs."""
    if held is None or held.time != made.time:
        return made
    if held.inputs_id == made.inputs_id:
        return None
    return msgspec.structs.replace(made, revision=held.revision + 1)
