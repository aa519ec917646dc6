"""A market being read: events in, described candidates out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, IntArray
from tradewind.surveillance.book import BookReplay, Tape, TradeStyle, detect_style
from tradewind.surveillance.detectors.protocol import Candidate, Detector, View
from tradewind.surveillance.events import EventTable, Problems
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.learning.described import Described
from tradewind.surveillance.learning.floors import clear_enough
from tradewind.surveillance.learning.model import SurveillanceModel
from tradewind.surveillance.parts import make_detectors, make_views
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

if TYPE_CHECKING:
    from tradewind.surveillance.sequences import SequenceModel

OnTape = Callable[[Tape], None]


class Reading:
    """One market from its first event on: the book, the detectors and the views, each with its memory.

    How the events are cut into calls changes nothing but which call returns a candidate.

    Parameters
    ----------
    sessions : when the market is open.
    problems : collects what the book cannot use.
    on_tape : told every run of the tape, for what wants to keep or draw it.
    style : how the source writes executions; found from the first events by default.
    views : what describes candidates; all views by default.
    model : what the candidates are described for, if anything: only those whose rule reaches its floors are, and views
        that are dear tell only of those it finds worth asking of. Other columns are NaN, but for those of a view that
        hears all: describing what is scored 0 would be most of the work.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        problems: Problems | None = None,
        on_tape: OnTape | None = None,
        style: TradeStyle | None = None,
        views: Sequence[View] | None = None,
        model: SurveillanceModel | None = None,
    ) -> None:
        self._model = model
        self.detectors = make_detectors(sessions)
        self.views = make_views(sessions) if views is None else views
        self.problems = Problems() if problems is None else problems
        self.rows = 0
        self._on_tape = on_tape
        self._style = style
        self._replay: BookReplay | None = None
        self._last_time = 0

    def update(self, events: EventTable) -> Described:
        """Read the next events; the first call should hold some thousands, for the style of trades is found in it."""
        if self._replay is None:
            style = detect_style(events) if self._style is None else self._style
            self._replay = BookReplay(events.symbols, events.accounts, problems=self.problems, style=style)
        return self._read(self._replay.update(events))

    def finish(self) -> Described:
        """Read what waited for a next event and complete what is still open."""
        if self._replay is None:
            return self._nothing()
        tape = self._replay.finish()
        rest = self._read(tape)
        last = in_order([c for detector in self.detectors.values() for c in detector.finish()])
        if not last:
            return rest
        known_at = np.full(len(last), self._last_time, dtype=np.int64)
        return Described.joined([rest, self._described(tape.rows(len(tape), len(tape)), last, known_at)])

    def whole(self, events: EventTable) -> Described:
        """Read all events of a market from the first to the end."""
        parts = [self.update(events.take(slice(i, i + CHUNK))) for i in range(0, len(events), CHUNK)]
        return Described.joined([*parts, self.finish()])

    def _read(self, tape: Tape) -> Described:
        if not len(tape):
            return self._nothing()
        self.rows += len(tape)
        self._last_time = int(tape.time[-1])
        if self._on_tape is not None:
            self._on_tape(tape)
        found = in_order([c for detector in self.detectors.values() for c in detector.update(tape)])
        rows = np.array([c.row - tape.first_row for c in found], dtype=np.int64)
        return self._described(tape, found, tape.time[rows])

    def _described(self, tape: Tape, found: Sequence[Candidate], known_at: IntArray) -> Described:
        views, asked = told_by_all(self.views, tape, found, self._model)
        return Described(candidates=found, known_at=known_at, views=views, asked=None if self._model is None else asked)

    def _nothing(self) -> Described:
        """Nothing found, and no view read a row."""
        return Described(
            candidates=[],
            known_at=np.empty(0, dtype=np.int64),
            views=np.empty((0, sum(len(view.feature_names) for view in self.views)), dtype=np.float32),
            asked=None if self._model is None else np.empty(0, dtype=bool),
        )


def in_order(found: list[Candidate]) -> list[Candidate]:
    """Return candidates by row, then scheme, episode and revision."""
    return sorted(found, key=lambda c: (c.row, c.scheme.value, c.episode, c.revision))


def told_by_all(
    views: Sequence[View], tape: Tape, found: Sequence[Candidate], model: SurveillanceModel | None = None
) -> tuple[Float32Array, BoolArray]:
    """Let every view read the tape; return (n, features) of all, NaN where ``model`` does not need them.

    With it (n,) of which candidates it could score above 0; of all without a model.
    """
    wide = [len(view.feature_names) for view in views]
    place = [slice(end - width, end) for width, end in zip(wide, np.cumsum(wide).tolist(), strict=True)]
    told = np.full((len(found), sum(wide)), np.nan, dtype=np.float32)
    every = np.ones(len(found), dtype=bool)
    clear = every if model is None else clear_enough(found, model.floors)
    for view, columns in zip(views, place, strict=True):
        if not view.dear:
            _tell(view, tape, found, every if view.hears_all else clear, told[:, columns])
    open_still = every if model is None else model.worth_asking(found, told)
    for view, columns in zip(views, place, strict=True):
        if view.dear:
            _tell(view, tape, found, open_still, told[:, columns])
    return told, open_still


def _tell(view: View, tape: Tape, found: Sequence[Candidate], asked: BoolArray, told: Float32Array) -> None:
    """Let a view read the tape, and write what it says of the candidates that are ``asked`` of."""
    told[asked] = view.advance(tape, [c for c, is_asked in zip(found, asked, strict=True) if is_asked])


class Surveyor:
    """Reads whole markets afresh, for learning: the source of candidates that models are fitted on.

    ``sequences`` : the net of sequences to ask, the bundled one by default.
    """

    def __init__(self, sequences: SequenceModel | None = None) -> None:
        self._sequences = sequences
        nothing = Sessions(np.empty(0, np.int64), np.empty(0, np.int64))
        self._detectors: Mapping[Scheme, Detector] = make_detectors(nothing)
        self._views: Sequence[View] = make_views(nothing, sequences)

    @property
    def schemes(self) -> tuple[Scheme, ...]:
        """The schemes it looks for."""
        return tuple(self._detectors)

    @property
    def view_names(self) -> tuple[str, ...]:
        """Names of the columns of all views, in order."""
        return tuple(name for view in self._views for name in view.feature_names)

    def feature_names(self, scheme: Scheme) -> tuple[str, ...]:
        """Names of the features of a scheme's detector."""
        return self._detectors[scheme].feature_names

    def monotone(self, scheme: Scheme) -> tuple[int, ...]:
        """Direction of each feature, where the detector declares them; 0 else."""
        declared: tuple[int, ...] = getattr(self._detectors[scheme], "monotone", ())
        return declared or (0,) * len(self.feature_names(scheme))

    def describe(self, events: EventTable, sessions: Sessions) -> Described:
        """Read a whole market from its beginning."""
        return Reading(sessions, views=make_views(sessions, self._sequences)).whole(events)
