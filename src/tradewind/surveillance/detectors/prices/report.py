"""Describe a swing in numbers that mean the same in any market."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.detectors.prices.look_back import PEERS, Answer, Question, gather, look_back
from tradewind.surveillance.detectors.prices.pace import expected_move, typical_size
from tradewind.surveillance.detectors.prices.state import (
    AGGRESSIVE,
    ALL_FILLS,
    ALL_VOLUME,
    BASE,
    BEGAN_FLOW,
    BEGAN_PRINTS,
    BEGAN_REF,
    BEGAN_T,
    BEGAN_VAR_N,
    BEGAN_VAR_T,
    BEGAN_VOLUME,
    BURST,
    CASH,
    CYCLES,
    CYCLES_T,
    DIRECTION,
    EXTREME,
    EXTREME_FLOW,
    EXTREME_PRINTS,
    EXTREME_T,
    EXTREME_VOLUME,
    FILLS,
    FIRST_T,
    GAP,
    IMPACT,
    IN,
    IN_START,
    JUMP_REF,
    JUMP_SIDE,
    JUMP_T,
    JUMP_Z,
    LARGEST,
    NEWS_REF,
    NEWS_T,
    OUT,
    PEAK,
    PRINTS,
    REF,
    SIDE_COLUMNS,
    SPREAD,
    SWING_LOG,
    SWINGS,
    T1,
    T2,
    VOL,
    VOLUME,
    State,
)
from tradewind.surveillance.detectors.prices.swings import undone

SWING_FEATURES = (
    "undone",
    "size_log",
    "size_to_habit_log",
    "in_share",
    "out_share",
    "in_aggressive",
    "out_aggressive",
    "in_one_sided",
    "in_fills_log",
    "in_seconds_log",
    "in_prints_log",
    "in_concentration",
    "burst_share",
    "hold_seconds_log",
    "out_seconds_log",
    "life_share",
    "pace_to_habit_log",
    "move_z_time",
    "move_z_prints",
    "move_spreads",
    "peak_z",
    "fall_back",
    "profit_z",
    "profit_spreads",
    "profit_to_move",
    "impact_share",
    "impact_z",
    "follow_to_own_log",
    "own_flow_share",
    "drift_before_z",
    "volume_surge_log",
    "client_size_log",
    "client_after",
    "client_lead_seconds_log",
    "client_volume_share",
    "client_met_share",
    "client_among",
    "news_built_before",
    "news_lead_seconds_log",
    "news_move_z",
    "jump_built_before",
    "jump_z",
    "jump_share",
    "step_share",
    "peers",
    "peers_size_log",
    "cycles",
    "scale",
    "in_to_usual_log",
    "out_to_usual_log",
    "peak_spreads",
    "size_to_largest_log",
    "swings_log",
    "symbol_seen_log",
    "build_move_spreads",
    "build_part",
    "build_move_z",
    "client_of_followers",
    "follow_to_before_log",
    "taking_share",
    "over_second_log",
    "group_flow_share",
    "group_share",
    "group_taking_share",
    "group_undone",
    "rank_of_occasion",
    "lead_of_occasion",
)
EVIDENCE_ROWS = 64
BAR_SIZE = 1.5
"""Least swing that is described, in typical executions."""


class Reports(NamedTuple):
    """Swings described in one run; as many rows as ``told[0]`` says.

    ``features`` (rows, features), ``codes`` (rows, 7 + PEERS): account, symbol, position of the row in the run, kind
    (0 undone, 1 news, 2 jump), slot, client's account, peers' accounts, direction; ``times`` (rows, 2) first and
    last event; ``evidence`` (rows, 64) sequence numbers, -1 beyond the last.
    """

    features: FloatArray
    codes: IntArray
    times: IntArray
    evidence: IntArray
    told: IntArray

    @classmethod
    def empty(cls, rows: int) -> Reports:
        """Return room for ``rows`` reports."""
        return cls(
            features=np.zeros((rows, len(SWING_FEATURES))),
            codes=np.zeros((rows, 7 + PEERS), np.int64),
            times=np.zeros((rows, 2), np.int64),
            evidence=np.full((rows, EVIDENCE_ROWS), -1, np.int64),
            told=np.zeros(1, np.int64),
        )


class Swing(NamedTuple):
    """The few numbers of a swing that several descriptions need."""

    d: float
    size: float
    vin: float
    vout: float
    now: float
    seconds: float
    expected: float
    move: float
    profit: float
    built: float
    began: float
    base: float


@njit(cache=True, nogil=True, error_model="numpy")
def _log_ratio(a: float, b: float) -> float:
    """Base-2 logarithm of a ratio, within 20 either way; NaN where it has none."""
    if not (a > 0.0 and b > 0.0):
        return np.nan
    return float(min(max(np.log2(a / b), -20.0), 20.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _part(a: float, b: float) -> float:
    """A part of a whole, NaN where there is no whole."""
    return a / b if b > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def measure(w: FloatArray, s: FloatArray, now: float) -> Swing:
    """Return the swing's main numbers; ``profit`` and ``move`` are logarithms, positive where they favour it."""
    d = w[DIRECTION]
    into = IN if d > 0.0 else IN + SIDE_COLUMNS
    out = OUT if d < 0.0 else OUT + SIDE_COLUMNS
    vin, vout = w[into + VOL], w[out + VOL]
    end = w[OUT + BEGAN_T] if w[OUT + BEGAN_PRINTS] > 0.0 else now
    built = w[into + T1] / vin if vin > 0.0 else w[IN + BEGAN_T]
    wide = np.sqrt(max(w[into + T2] / vin - built * built, 0.0)) if vin > 0.0 else 0.0
    # stray trades long before the build-up do not begin it
    began = max(w[IN + BEGAN_T], min(built - 2.5 * wide, end) - 1e-3)
    seconds = max(end - began, 1e-3)
    profit = 0.0
    if vin > 0.0 and vout > 0.0 and w[into + CASH] > 0.0 and w[out + CASH] > 0.0:
        profit = d * np.log((w[out + CASH] / vout) / (w[into + CASH] / vin))
    expected = expected_move(w[IN + BEGAN_VAR_T], seconds, s[SPREAD])
    m = Swing(d, abs(w[EXTREME] - w[BASE]), vin, vout, now, seconds, expected, 0.0, profit, built, began, 0.0)
    return based(m, w, s, w[IN + BEGAN_REF])


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def based(m: Swing, w: FloatArray, s: FloatArray, base: float) -> Swing:
    """Return the swing with its move taken from the price ``base``."""
    top = w[OUT + BEGAN_REF] if w[OUT + BEGAN_PRINTS] > 0.0 else s[REF]
    move = m.d * np.log(top / base) if top > 0.0 and base > 0.0 else 0.0
    return Swing(m.d, m.size, m.vin, m.vout, m.now, m.seconds, m.expected, move, m.profit, m.built, m.began, base)


@njit(cache=True, nogil=True, error_model="numpy", forceinline=True)
def telling(m: Swing, w: FloatArray, s: FloatArray) -> bool:
    """Whether a swing is worth a look back: larger than a few usual trades, and large for its time or moving the price.

    A profit is not asked for: who unwinds in haste gives it back.
    """
    usual = typical_size(s)
    if m.size < BAR_SIZE * usual or m.vin <= 0.0:
        return False
    lasted = max(w[EXTREME_T] - m.began, s[GAP])
    busy = m.vin > 0.01 * usual * lasted / max(s[GAP], 1e-3)
    moved = w[PEAK] > min(0.5 * m.expected, 1.0 * s[SPREAD]) or m.profit > 0.1 * s[SPREAD]
    return bool(busy and (moved or m.size > 6.0 * usual))


@njit(cache=True, nogil=True, error_model="numpy")
def _shape(f: FloatArray, m: Swing, w: FloatArray, s: FloatArray, habits: FloatArray) -> None:
    """Write how the swing was built: its size against the market and the owner's habits, its haste, its sides."""
    into = IN if m.d > 0.0 else IN + SIDE_COLUMNS
    back = IN + SIDE_COLUMNS if m.d > 0.0 else IN
    out = OUT if m.d < 0.0 else OUT + SIDE_COLUMNS
    f[0] = min(undone(w), 2.0)
    f[1] = _log_ratio(m.size, typical_size(s))
    f[2] = (np.log(m.size) - habits[SWING_LOG]) / np.log(2.0) if habits[SWINGS] > 0.0 else np.nan
    in_end = w[EXTREME_VOLUME] - w[IN + BEGAN_VOLUME]
    f[3] = _part(m.vin, in_end + m.size / max(w[into + FILLS], 1.0))
    f[4] = _part(m.vout, s[VOLUME] - w[EXTREME_VOLUME])
    f[5] = _part(w[into + AGGRESSIVE], m.vin)
    f[6] = _part(w[out + AGGRESSIVE], m.vout)
    f[7] = _part(m.vin, m.vin + w[back + VOL])
    f[8] = np.log2(1.0 + w[into + FILLS])
    f[9] = np.log2(1e-3 + max(w[EXTREME_T] - m.began, 0.0))
    f[10] = np.log2(1.0 + max(w[EXTREME_PRINTS] - w[IN + BEGAN_PRINTS], 0.0))
    spread_in = np.sqrt(max(w[into + T2] / m.vin - m.built * m.built, 0.0))
    f[11] = _log_ratio(max(m.now - m.began, 1e-3), max(spread_in, 1e-3))
    f[12] = _part(w[IN + BURST], m.vin)
    mean_out = w[out + T1] / m.vout if m.vout > 0.0 else m.now
    f[13] = np.log2(max(mean_out - m.built, 1e-3))
    f[14] = np.log2(max(m.now - w[EXTREME_T], 1e-3))
    f[15] = _part(m.vin + m.vout, habits[ALL_VOLUME])
    before = habits[ALL_FILLS] - w[into + FILLS] - w[out + FILLS]
    lived = w[IN + BEGAN_T] - habits[FIRST_T]
    pace = w[into + FILLS] / max(w[EXTREME_T] - m.began, s[GAP], 1e-3)
    f[16] = _log_ratio(pace, before / lived) if before > 0.0 and lived > 0.0 else np.nan
    rate = typical_size(s) / max(s[GAP], 1e-3)
    f[48] = _log_ratio(m.vin, rate * max(w[EXTREME_T] - m.began, s[GAP]))
    f[49] = _log_ratio(m.vout, rate * max(m.now - w[EXTREME_T], s[GAP])) if m.vout > 0.0 else np.nan
    f[51] = _log_ratio(m.size, habits[LARGEST])
    f[52] = np.log2(1.0 + habits[SWINGS])
    f[53] = np.log2(1.0 + s[PRINTS])


@njit(cache=True, nogil=True, error_model="numpy")
def _price(f: FloatArray, m: Swing, w: FloatArray, s: FloatArray, a: FloatArray) -> None:
    """Write what the price did, against what it usually does, and who moved it."""
    z = m.expected
    spread = max(s[SPREAD], 1e-7)
    f[17] = m.move / z
    f[50] = w[PEAK] / spread
    prints = max(w[OUT + BEGAN_PRINTS], w[EXTREME_PRINTS]) - w[IN + BEGAN_PRINTS] + 1.0
    f[18] = m.move / expected_move(w[IN + BEGAN_VAR_N], prints, s[SPREAD])
    f[19] = m.move / spread
    f[20] = a[5] / z
    here = m.d * np.log(s[REF] / m.base) if s[REF] > 0.0 and m.base > 0.0 else 0.0
    f[21] = _part(a[5] - here, a[5])
    f[22] = m.profit / z
    f[23] = m.profit / spread
    f[24] = min(max(_part(m.profit, m.move), -3.0), 3.0)
    impact = m.d * w[IN + IMPACT]
    f[25] = min(max(_part(impact, m.move), -3.0), 3.0)
    f[26] = impact / z
    into = IN if m.d > 0.0 else IN + SIDE_COLUMNS
    own = w[into + AGGRESSIVE]
    f[27] = _log_ratio(a[10], own)
    flow = m.d * (w[EXTREME_FLOW] - w[IN + BEGAN_FLOW])
    f[28] = min(max(own / flow, 0.0), 3.0) if flow > 0.0 else np.nan
    f[29] = a[9] / z
    surge = (w[EXTREME_VOLUME] - w[IN + BEGAN_VOLUME]) / max(w[EXTREME_T] - w[IN + BEGAN_T], s[GAP], 1e-3)
    f[30] = _log_ratio(surge, typical_size(s) / max(s[GAP], 1e-3))


@njit(cache=True, nogil=True, error_model="numpy")
def _client(f: FloatArray, m: Swing, s: FloatArray, w: FloatArray, a: Answer) -> None:
    """Write how the swing stands to the largest flow that came the same way after it was built."""
    numbers = a.numbers
    f[31:37] = np.nan
    if a.slots[0] >= 0:
        f[31] = _log_ratio(numbers[0], m.size)
        f[32] = numbers[0] / (numbers[0] + abs(numbers[1]))
        f[33] = np.log2(max(numbers[2], 1e-3))
        f[34] = _part(numbers[0], s[VOLUME] - w[IN + BEGAN_VOLUME])
        f[35] = _part(numbers[3], numbers[4])
        f[36] = 1.0 / max(numbers[11], 1.0)


@njit(cache=True, nogil=True, error_model="numpy")
def _before(m: Swing, w: FloatArray, t: float) -> float:
    """The part of the build-up that lay before ``t``, judged by its mean and spread in time."""
    into = IN if m.d > 0.0 else IN + SIDE_COLUMNS
    if t >= w[EXTREME_T]:
        return 1.0
    if t <= m.began:
        return 0.0
    spread = np.sqrt(max(w[into + T2] / m.vin - m.built * m.built, 0.0)) + 1e-3
    return float(1.0 / (1.0 + np.exp(-1.7 * (t - m.built) / spread)))


@njit(cache=True, nogil=True, error_model="numpy")
def _occasion(f: FloatArray, m: Swing, w: FloatArray, s: FloatArray, a: FloatArray) -> None:
    """Write how the swing stands to the latest news and to the latest jump of the price."""
    f[37:43] = np.nan
    if s[NEWS_REF] > 0.0 and s[NEWS_T] >= m.began:
        f[37] = _before(m, w, s[NEWS_T])
        f[38] = np.log2(max(s[NEWS_T] - m.built, 1e-3))
        top = w[OUT + BEGAN_REF] if w[OUT + BEGAN_PRINTS] > 0.0 and w[OUT + BEGAN_T] > s[NEWS_T] else s[REF]
        f[39] = m.d * np.log(top / s[NEWS_REF]) / m.expected if top > 0.0 else 0.0
    if s[JUMP_SIDE] == m.d and s[JUMP_T] >= m.began:
        f[40] = _before(m, w, s[JUMP_T])
        f[41] = s[JUMP_Z]
        f[42] = min(_part(m.d * np.log(s[REF] / s[JUMP_REF]), m.move), 3.0) if s[REF] > 0.0 else np.nan
    f[43] = _part(a[6], a[5])


@njit(cache=True, nogil=True, error_model="numpy")
def _against_others(f: FloatArray, m: Swing, w: FloatArray, s: FloatArray, a: FloatArray) -> None:
    """Write who moved the price while the swing was built, who followed, and what the group did as a whole.

    Ignition moves the price by itself and many follow; a front runner's price is moved afterwards, by one client.
    """
    into = IN if m.d > 0.0 else IN + SIDE_COLUMNS
    own, usual = w[into + AGGRESSIVE], typical_size(s)
    done = a[13] if a[13] > 0.0 else s[REF]
    move = m.d * np.log(done / m.base) if done > 0.0 and m.base > 0.0 else 0.0
    f[54] = move / max(s[SPREAD], 1e-7)
    f[55] = min(max(_part(move, a[5]), -3.0), 3.0)
    f[56] = move / m.expected
    f[57] = min(_part(a[0], a[10]), 3.0)
    f[58] = _log_ratio(a[17] + usual, a[16] + usual)
    f[59] = _part(own, own + a[15])
    f[60] = _log_ratio(own + usual, a[14] + usual)
    flow = m.d * (w[EXTREME_FLOW] - w[IN + BEGAN_FLOW])
    group = own + a[18]
    f[61] = min(max(group / flow, 0.0), 3.0) if flow > 0.0 else np.nan
    f[62] = min(_part(m.vin + a[19], w[EXTREME_VOLUME] - w[IN + BEGAN_VOLUME] + usual), 3.0)
    f[63] = min(_part(group, own + a[15]), 3.0)
    f[64] = (min(undone(w), 1.0) * m.size + a[20]) / (m.size + a[8])
    f[65], f[66] = np.nan, np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def describe(state: State, out: Reports, at: tuple[int, int, int, int, int, int], m: Swing) -> None:
    """Write one report; ``at`` holds slot, scale, symbol, position of the row, kind, its time in nanoseconds."""
    slot, scale, symbol = at[0], at[1], at[2]
    w, s, habits = state.swings[slot, scale], state.symbols[symbol], state.habits[slot]
    horizon = max(w[EXTREME_T] - m.began, 5.0)
    q = Question(symbol, slot, scale, m.d, m.began, m.built, w[EXTREME_T], m.size, horizon)
    answer = look_back(state, q)
    if answer.numbers[12] > 0.0:
        m = based(m, w, s, answer.numbers[12])
    row = out.told[0]
    f = out.features[row]
    _shape(f, m, w, s, habits)
    _price(f, m, w, s, answer.numbers)
    _client(f, m, s, w, answer)
    _occasion(f, m, w, s, answer.numbers)
    _against_others(f, m, w, s, answer.numbers)
    f[44] = answer.numbers[7]
    f[45] = np.log2(1.0 + answer.numbers[8] / m.size)
    memory = 1000.0 * max(s[GAP], 1.0)
    habits[CYCLES] *= np.exp(-(m.now - habits[CYCLES_T]) / memory)
    f[46], f[47] = habits[CYCLES], scale
    habits[CYCLES] += 1.0 / 3.0
    habits[CYCLES_T] = m.now
    owners = state.owners
    codes = out.codes[row]
    codes[0], codes[1], codes[2], codes[3] = owners[slot, 0], symbol, at[3], at[4]
    codes[4] = slot
    for k in range(1 + PEERS):
        codes[5 + k] = owners[answer.slots[k], 0] if answer.slots[k] >= 0 else -1
    codes[6 + PEERS] = int(m.d)
    began = max(owners[slot, IN_START + scale], at[5] - int((m.now - m.began) * 1e9))
    out.times[row, 0], out.times[row, 1] = min(began, at[5]), at[5]
    out.evidence[row] = -1
    gather(state, slot, m.began, out.evidence[row])
    out.told[0] += 1
