"""Marking the close: trades in a session's last minutes that set its closing price.

Comerton-Forde and Putnins (2011, "Measuring closing price manipulation"): abnormal day-end returns, trades and
spreads; MAR Annex II Section 1, practice 2(c) "marking the close". Four windows are watched at once, the last fifth
of the session (half an hour at most) and a third, a tenth and a thirtieth of that, so that the same code fits a market
of ten minutes and one of a day.
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import FloatArray
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors.prices.close_kernel import (
    CLOSE_FEATURES,
    NAMED,
    CloseReports,
    advance_close,
    close_session,
)
from tradewind.surveillance.detectors.prices.close_state import CloseState, Hours, zone_seconds
from tradewind.surveillance.detectors.prices.conditions import soft, together
from tradewind.surveillance.detectors.prices.state import Columns
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

SERIALS = 1 << 20


class CloseDetector:
    """Accounts that took a large part of the flow of the last minutes, one way.

    Told when the part passes 35, 55 and 75 % in the zone's last third, and once more with the first row after the
    close (or at the end of the source), when all the session is known. The rule is the geometric mean
    of: the largest part of a window's net flow (10 to 50 %), how one-sided the account took (60 to 95 %), the larger of
    the price's moves its way in units of its own volatility (-2 to 2: support of a falling price counts too), the size
    (6 to 64 usual executions), the executions (1 to 22), that it did so in few other symbols (4 to none: index funds
    close in many), and the part of its day's taking that lies in the zone (20 to 80 %).

    Parameters
    ----------
    sessions : when the market is open; from a calendar, or from the times of a whole file.
    slots : pairs of (account, symbol) followed at once; the longest silent give way.
    """

    scheme = Scheme.MARKING_THE_CLOSE

    def __init__(self, sessions: Sessions, *, slots: int = 1 << 16) -> None:
        self._hours = Hours.of(sessions)
        self._state = CloseState.empty(slots)
        self._out = CloseReports.empty(64)
        self._origin: int | None = None
        self._last_row = -1
        self._episodes: dict[tuple[int, int], list[int]] = {}
        self._session = -1
        self._next = 0

    @property
    def feature_names(self) -> tuple[str, ...]:
        """Names of a candidate's features, in order."""
        return CLOSE_FEATURES

    def update(self, tape: Tape) -> list[Candidate]:
        """Read the next rows and return the candidates they complete, by row."""
        if not len(tape):
            return []
        columns = Columns.of(tape)
        if self._origin is None:
            self._origin = int(tape.time[0])
        pairs = 1 + max(int(columns.pair.max()), int(columns.taker_pair.max()))
        self._state = self._state.with_room(1 + int(columns.symbol.max()), pairs)
        self._ready()
        found: list[Candidate] = []
        row = 0
        while row < len(tape):
            self._out.told[0] = 0
            row = advance_close(columns, self._state, self._out, row, self._hours, self._origin)
            found += self._candidates(tape.first_row)
        self._last_row = tape.first_row + len(tape) - 1
        return found

    def finish(self) -> list[Candidate]:
        """Tell of the session still open when the source ends."""
        session = int(self._state.clock[2])
        if self._origin is None or session < 0 or self._state.clock[3]:
            return []
        self._ready()
        self._out.told[0] = 0
        now = (int(self._hours.closes[session]) - self._origin) * 1e-9
        close_session(self._state, self._out, (now, 0.0, zone_seconds(self._hours, session), 0.0, 1.0))
        self._state.clock[3] = 1
        return self._candidates(self._last_row)

    def _ready(self) -> None:
        """Make room for the reports of all symbols at a close."""
        need = 64 + NAMED * len(self._state.session)
        if len(self._out.features) < need:
            self._out = CloseReports.empty(2 * need)

    def _candidates(self, first_row: int) -> list[Candidate]:
        n = int(self._out.told[0])
        features = self._out.features[:n]
        if not n:
            return []
        rules = self._weigh(dict(zip(CLOSE_FEATURES, features.T, strict=True)))
        found = []
        for k in range(n):
            account, symbol, row, direction, session = (int(code) for code in self._out.codes[k])
            number, revision = self._number(session, account, symbol)
            found.append(
                Candidate(
                    scheme=self.scheme,
                    episode=number,
                    revision=revision,
                    symbol=symbol,
                    accounts=(account,),
                    start=int(self._out.times[k, 0]),
                    end=int(self._out.times[k, 1]),
                    row=first_row + row,
                    rule=float(rules[k]),
                    features=features[k].astype(np.float32),
                    evidence=tuple(int(seq) for seq in self._out.evidence[k] if seq >= 0),
                    variant="" if direction > 0 else "down",
                )
            )
        return found

    def _number(self, session: int, account: int, symbol: int) -> tuple[int, int]:
        """Return episode and revision of an account's conduct in a session; the last session's are forgotten."""
        if session != self._session:
            self._episodes.clear()
            self._session = session
        held = self._episodes.setdefault((account, symbol), [self._next, -1])
        self._next += held[0] == self._next and held[1] == -1
        held[1] += 1
        return held[0], held[1]

    @staticmethod
    def _weigh(numbers: dict[str, FloatArray]) -> FloatArray:
        shares = [numbers[f"net_share_{name}"] for name in ("zone", "third", "tenth", "last")]
        return together(
            soft(np.nanmax(np.nan_to_num(np.stack(shares)), axis=0), 0.1, 0.5),
            soft(numbers["one_sided"], 0.6, 0.95),
            soft(np.fmax(numbers["move_z"], numbers["late_move_z"]), -2.0, 2.0),
            soft(numbers["size_log"], 2.5, 6.0),
            soft(numbers["fills_log"], 1.0, 4.5),
            soft(-numbers["other_symbols"], -4.0, 0.0),
            soft(numbers["zone_of_day"], 0.2, 0.8),
        )
