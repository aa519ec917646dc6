"""A market being read: events in, described candidates out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import numpy as np

from tradewind.core.arrays import BoolArray, Float32Array, IntArray
from tradewind.surveillance.book import BookReplay, Tape, TradeStyle, detect_style
from tradewind.surveillance.detectors.protocol import Candidate, Detector, View
from tradewind.surveillance.events import EventTable, Problems
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.learning.described import Described
from tradewind.surveillance.parts import make_detectors, make_views
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

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
    floors : by scheme, the least rule of a candidate that views describe. The columns of others are NaN, but for those
        of a view that hears all: for whoever gives them no score, describing them would be most of the work.
    """

    def __init__(
        self,
        sessions: Sessions,
        *,
        problems: Problems | None = None,
        on_tape: OnTape | None = None,
        style: TradeStyle | None = None,
        views: Sequence[View] | None = None,
        floors: Mapping[Scheme, float] | None = None,
    ) -> None:
        self._floors = floors or {}
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
            return self._described([], np.empty(0, dtype=np.int64), self._no_views())
        tape = self._replay.finish()
        rest = self._read(tape)
        last = in_order([c for detector in self.detectors.values() for c in detector.finish()])
        known_at = np.full(len(last), self._last_time, dtype=np.int64)
        end = tape.rows(len(tape), len(tape))
        views = self._views_of(end, last) if last else self._no_views()
        return Described(
            candidates=[*rest.candidates, *last],
            known_at=np.concatenate([rest.known_at, known_at]),
            views=np.vstack([rest.views, views]),
        )

    def whole(self, events: EventTable) -> Described:
        """Read all events of a market from the first to the end."""
        parts = [self.update(events.take(slice(i, i + CHUNK))) for i in range(0, len(events), CHUNK)]
        parts.append(self.finish())
        return Described(
            candidates=[c for part in parts for c in part.candidates],
            known_at=np.concatenate([part.known_at for part in parts]),
            views=np.vstack([part.views for part in parts]),
        )

    def _read(self, tape: Tape) -> Described:
        if not len(tape):
            return self._described([], np.empty(0, dtype=np.int64), self._no_views())
        self.rows += len(tape)
        self._last_time = int(tape.time[-1])
        if self._on_tape is not None:
            self._on_tape(tape)
        found = in_order([c for detector in self.detectors.values() for c in detector.update(tape)])
        views = self._views_of(tape, found)
        rows = np.array([c.row - tape.first_row for c in found], dtype=np.int64)
        return self._described(found, tape.time[rows], views)

    def _views_of(self, tape: Tape, found: list[Candidate]) -> Float32Array:
        """Let every view read the tape, and return what they tell of the candidates."""
        clear = clear_enough(found, self._floors)
        return np.hstack([told_by(view, tape, found, clear) for view in self.views])

    def _described(self, found: list[Candidate], known_at: IntArray, views: Float32Array) -> Described:
        return Described(candidates=found, known_at=known_at, views=views.astype(np.float32, copy=False))

    def _no_views(self) -> Float32Array:
        return np.empty((0, sum(len(view.feature_names) for view in self.views)), dtype=np.float32)


def in_order(found: list[Candidate]) -> list[Candidate]:
    """Return candidates by row, then scheme, episode and revision."""
    return sorted(found, key=lambda c: (c.row, c.scheme.value, c.episode, c.revision))


def clear_enough(found: Sequence[Candidate], floors: Mapping[Scheme, float]) -> BoolArray:
    """Return (n,) whether each candidate's rule reaches its scheme's floor."""
    return np.array([c.rule >= floors.get(c.scheme, 0.0) for c in found], dtype=bool)


def told_by(view: View, tape: Tape, found: Sequence[Candidate], clear: BoolArray) -> Float32Array:
    """Let a view read the tape; return (n, features), NaN where a candidate is not clear, unless it hears of all."""
    if view.hears_all:
        return view.advance(tape, found)
    told = np.full((len(found), len(view.feature_names)), np.nan, dtype=np.float32)
    told[clear] = view.advance(tape, [c for c, is_clear in zip(found, clear, strict=True) if is_clear])
    return told


class Surveyor:
    """Reads whole markets afresh, for learning: the source of candidates that models are fitted on."""

    def __init__(self) -> None:
        nothing = Sessions(np.empty(0, np.int64), np.empty(0, np.int64))
        self._detectors: Mapping[Scheme, Detector] = make_detectors(nothing)
        self._views: Sequence[View] = make_views(nothing)

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
        return Reading(sessions).whole(events)
