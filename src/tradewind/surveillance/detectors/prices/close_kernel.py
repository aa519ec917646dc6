"""Take executions in the last part of a session in, and describe who set the price there."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numba import njit

from tradewind.core.arrays import FloatArray, IntArray
from tradewind.surveillance.borrowing import borrowed
from tradewind.surveillance.detectors.prices.close_state import (
    ACCOUNT,
    BEFORE_NET,
    COST,
    DAY_CASH,
    DAY_FILLS,
    DAY_NET,
    DAY_TOOK,
    DAY_VOLUME,
    EVIDENCE_N,
    FIRST_FILL,
    FIRST_NS,
    FIRST_T,
    KEPT,
    LAST_NS,
    LAST_PRINT,
    LAST_REF,
    LAST_T,
    LISTED,
    MOVED,
    NEW_BUY,
    NEW_SELL,
    OPEN_REF,
    PENDING,
    PENDING_REF,
    REST_BUY,
    REST_SELL,
    SEQS,
    SHARE,
    START_PRINTS,
    START_REF,
    START_T,
    START_VAR,
    START_VAR_N,
    SYMBOL_BUY,
    SYMBOL_SELL,
    TAKES,
    TOLD,
    TOOK_BUY,
    TOOK_SELL,
    WINDOW_COLUMNS,
    WINDOWS,
    ZONE_BUYS,
    ZONE_CASH,
    ZONE_FILLS,
    ZONE_SELLS,
    ZONE_SMALL,
    ZONE_WINDOW,
    CloseState,
    Hours,
    enter_windows,
    list_actor,
    note_evidence,
    open_session,
    slot_for,
    symbol_trade,
    zone_seconds,
)
from tradewind.surveillance.detectors.prices.pace import (
    expected_move,
    typical_size,
    variance_per_print,
    variance_per_second,
)
from tradewind.surveillance.detectors.prices.state import GAP, PRINTS, REF, SPREAD, Columns

CLOSE_FEATURES = (
    "closed",
    "share_zone",
    "share_third",
    "share_tenth",
    "share_last",
    "net_share_zone",
    "net_share_third",
    "net_share_tenth",
    "net_share_last",
    "one_sided",
    "one_sided_with_rests",
    "size_log",
    "fills_log",
    "small_share",
    "move_z",
    "move_spreads",
    "late_move_z",
    "late_move_spreads",
    "impact_share",
    "impact_spreads",
    "zone_of_day",
    "late_of_zone",
    "pace_to_day_log",
    "newcomer",
    "last_left_part",
    "prints_after_log",
    "active_part",
    "holding_with",
    "above_day_z",
    "crowd",
    "other_symbols",
    "new_share",
    "zone_surge_log",
    "against_day_move",
    "cost_spreads",
    "fills_per_order_log",
    "share_to_day_log",
    "rank",
    "lead_log",
    "side_share",
    "impact_per_share_log",
)
TRADE, HIDDEN, NEW = 3, 4, 1
LEVELS = (0.35, 0.55, 0.75)
"""Parts of the net flow at which an account is told of before the close."""
LEAST_NET = 1.8
"""Least net taking in a window, in usual executions."""
LEAST_PART = 0.012
"""Least part of a window's net flow that is told at the close."""
NAMED = 14
"""Accounts told of at most in a symbol at its close."""
Three = tuple[float, float, float]
Four = tuple[float, float, float, float]
Five = tuple[float, float, float, float, float]
Six = tuple[float, float, float, float, float, float]


class CloseReports(NamedTuple):
    """``features`` (rows, features), ``codes`` (rows, 4) account, symbol, position of the row, direction, ``times``
    (rows, 2), ``evidence`` (rows, KEPT), ``told`` (1,); as :class:`~.report.Reports`."""

    features: FloatArray
    codes: IntArray
    times: IntArray
    evidence: IntArray
    told: IntArray

    @classmethod
    def empty(cls, rows: int) -> CloseReports:
        """Return room for ``rows`` reports."""
        return cls(
            features=np.zeros((rows, len(CLOSE_FEATURES))),
            codes=np.zeros((rows, 5), np.int64),
            times=np.zeros((rows, 2), np.int64),
            evidence=np.full((rows, KEPT), -1, np.int64),
            told=np.zeros(1, np.int64),
        )


@njit(cache=True, nogil=True, error_model="numpy")
def _log_ratio(a: float, b: float) -> float:
    """Base-2 logarithm of a ratio, NaN where it has none."""
    return min(max(np.log2(a / b), -20.0), 20.0) if a > 0.0 and b > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _part(a: float, b: float) -> float:
    """A part of a whole, NaN where there is no whole."""
    return a / b if b > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _flows(f: FloatArray, a: FloatArray, z: FloatArray, d: float) -> None:
    """Write the account's part of what was taken on its side, and of the net flow, in each window."""
    for k in range(WINDOWS):
        at, zone = k * WINDOW_COLUMNS, k * ZONE_WINDOW
        mine = a[at + TOOK_BUY] if d > 0.0 else a[at + TOOK_SELL]
        back = a[at + TOOK_SELL] if d > 0.0 else a[at + TOOK_BUY]
        both = z[zone + SYMBOL_BUY] + z[zone + SYMBOL_SELL]
        f[1 + k] = _part(mine, z[zone + SYMBOL_BUY] if d > 0.0 else z[zone + SYMBOL_SELL])
        f[5 + k] = _part(mine - back, both)


@njit(cache=True, nogil=True, error_model="numpy")
def _moves(f: FloatArray, a: FloatArray, z: FloatArray, s: FloatArray, d: float) -> None:
    """Write what the price did in the zone and in its last tenth, against what it usually does."""
    spread = max(s[SPREAD], 1e-7)
    for k, at in ((0, 14), (2, 16)):
        zone = k * ZONE_WINDOW
        start = z[zone + START_REF]
        move = d * np.log(s[REF] / start) if start > 0.0 and s[REF] > 0.0 else np.nan
        usual = max(
            expected_move(z[zone + START_VAR], z[zone + START_T], s[SPREAD]),
            expected_move(z[zone + START_VAR_N], s[PRINTS] - z[zone + START_PRINTS], s[SPREAD]),
        )
        f[at], f[at + 1] = move / usual, move / spread
    start = z[START_REF]
    move = d * np.log(s[REF] / start) if start > 0.0 and s[REF] > 0.0 else 0.0
    f[18] = min(max(_part(d * a[MOVED], move), -3.0), 3.0)
    f[19] = d * a[MOVED] / spread


@njit(cache=True, nogil=True, error_model="numpy")
def _habits(f: FloatArray, a: FloatArray, s: FloatArray, d: float) -> None:
    """Write how the account's conduct in the zone stands to its day."""
    mine = a[TOOK_BUY] if d > 0.0 else a[TOOK_SELL]
    gross = a[TOOK_BUY] + a[TOOK_SELL]
    f[9] = _part(mine, gross)
    rests = a[REST_BUY] + a[REST_SELL]
    net = a[TOOK_BUY] - a[TOOK_SELL] + a[REST_BUY] - a[REST_SELL]
    f[10] = _part(d * net, gross + rests)
    f[11] = _log_ratio(mine, typical_size(s))
    f[12] = np.log2(1.0 + a[ZONE_FILLS])
    f[13] = _part(a[ZONE_SMALL], a[ZONE_FILLS])
    f[20] = _part(gross, a[DAY_TOOK])
    late = 2 * WINDOW_COLUMNS
    f[21] = _part(a[late + TOOK_BUY] + a[late + TOOK_SELL], gross)
    f[23] = _part(a[ZONE_FILLS], a[DAY_FILLS])
    f[27] = min(max(d * a[BEFORE_NET] / mine, -20.0), 20.0) if mine > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _timing(f: FloatArray, a: FloatArray, z: FloatArray, s: FloatArray, numbers: Four) -> None:
    """Write when in the zone the account dealt; ``numbers``: direction, zone in seconds, seconds now, those gone."""
    d, zone, gone = numbers[0], numbers[1], numbers[PRINTS]
    lived = a[LAST_T] - a[FIRST_T]
    before = a[DAY_FILLS] - a[ZONE_FILLS]
    day = a[FIRST_T] - a[FIRST_FILL]
    f[22] = _log_ratio(a[ZONE_FILLS] / max(lived, s[GAP], 1e-3), before / day) if before > 0.0 and day > 0.0 else np.nan
    f[24] = (zone - gone + (numbers[2] - a[LAST_T])) / zone if zone > 0.0 else np.nan
    f[25] = np.log2(1.0 + s[PRINTS] - a[LAST_PRINT])
    f[26] = lived / max(gone, 1e-3)
    mean = z[DAY_CASH] / z[DAY_VOLUME] if z[DAY_VOLUME] > 0.0 else s[REF]
    usual = expected_move(z[START_VAR], max(zone, 1e-3), s[SPREAD])
    f[28] = d * np.log(s[REF] / mean) / usual if mean > 0.0 and s[REF] > 0.0 else np.nan
    own = a[ZONE_BUYS] + a[ZONE_SELLS]
    f[31] = _part(max(d * (a[ZONE_BUYS] - a[ZONE_SELLS]), 0.0), z[NEW_BUY] + z[NEW_SELL]) if own > 0.0 else 0.0
    taken = z[SYMBOL_BUY] + z[SYMBOL_SELL]
    f[32] = _log_ratio(taken / max(gone, s[GAP], 1e-3), typical_size(s) / max(s[GAP], 1e-3))
    opened = z[OPEN_REF]
    start = z[START_REF]
    f[33] = -d * np.log(start / opened) / usual if opened > 0.0 and start > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _others(state: CloseState, slot: int, symbol: int, d: float) -> tuple[float, float]:
    """Count others who took the same side in the symbol, and symbols where the account did so too."""
    crowd = 0.0
    mine = abs(state.actors[slot, TOOK_BUY] - state.actors[slot, TOOK_SELL])
    for k in range(LISTED):
        other = state.listed[symbol, k]
        if other >= 0 and other != slot:
            crowd += d * (state.actors[other, TOOK_BUY] - state.actors[other, TOOK_SELL]) > 0.3 * mine
    symbols = 0.0
    for other_symbol in range(min(len(state.session), 256)):
        if other_symbol == symbol or state.session[other_symbol] != state.clock[2]:
            continue
        for k in range(LISTED):
            other = state.listed[other_symbol, k]
            symbols += other >= 0 and state.owners[other, ACCOUNT] == state.owners[slot, ACCOUNT]
    return crowd, symbols


@njit(cache=True, nogil=True, error_model="numpy")
def _standing(state: CloseState, slot: int, symbol: int, d: float) -> tuple[float, float, float]:
    """Compare the account's net taking with the other listed ones': how many took more, either way; the base-2
    logarithm of its part over the largest other's; its part of all that was taken on its side."""
    mine = d * (state.actors[slot, TOOK_BUY] - state.actors[slot, TOOK_SELL])
    rank, most, side = 0.0, 0.0, max(mine, 0.0)
    for k in range(LISTED):
        other = state.listed[symbol, k]
        if other < 0 or other == slot:
            continue
        net = d * (state.actors[other, TOOK_BUY] - state.actors[other, TOOK_SELL])
        rank += abs(net) > mine
        most = max(most, abs(net))
        side += max(net, 0.0)
    usual = typical_size(state.symbols[symbol])
    return rank, _log_ratio(max(mine, 0.0) + usual, most + usual), _part(max(mine, 0.0), side)


@njit(cache=True, nogil=True, error_model="numpy")
def _haste(f: FloatArray, a: FloatArray, z: FloatArray, s: FloatArray, d: float) -> None:
    """Write what the account paid beyond the mid, how deep its orders went, its part of the flow against its part of
    the day's, and how far the price went with a share of it against a share of all."""
    gross = a[TOOK_BUY] + a[TOOK_SELL]
    spread, taken = max(s[SPREAD], 1e-7), z[SYMBOL_BUY] + z[SYMBOL_SELL]
    f[34] = _part(a[COST], gross) / spread
    f[35] = _log_ratio(a[ZONE_FILLS], a[TAKES])
    before = a[DAY_TOOK] - gross
    f[36] = _log_ratio(_part(gross, taken), _part(before, z[DAY_VOLUME] - taken)) if before > 0.0 else np.nan
    start = z[START_REF]
    move = d * np.log(s[REF] / start) if start > 0.0 and s[REF] > 0.0 else 0.0
    others = max(abs(move - d * a[MOVED]), 0.25 * spread) / max(taken - gross, typical_size(s))
    f[40] = _log_ratio(max(d * a[MOVED], 0.01 * spread) / gross, others) if gross > 0.0 else np.nan


@njit(cache=True, nogil=True, error_model="numpy")
def _report(state: CloseState, out: CloseReports, slot: int, symbol: int, at: Five) -> None:
    """Describe an account; ``at``: seconds now, seconds left, zone in seconds, position of the row, whether closed."""
    a, z, s, owners = state.actors[slot], state.zones[symbol], state.symbols[symbol], state.owners[slot]
    d = 1.0 if _strength(a, z, s) >= 0.0 else -1.0
    row = out.told[0]
    f = out.features[row]
    f[0] = at[4]
    _flows(f, a, z, d)
    _moves(f, a, z, s, d)
    _habits(f, a, s, d)
    _timing(f, a, z, s, (d, at[2], at[0], at[2] - max(at[1], 0.0)))
    f[29], f[30] = _others(state, slot, symbol, d)
    f[37], f[38], f[39] = _standing(state, slot, symbol, d)
    _haste(f, a, z, s, d)
    codes = out.codes[row]
    codes[0], codes[1], codes[2], codes[PRINTS] = owners[ACCOUNT], symbol, int(at[3]), int(d)
    codes[4] = state.clock[2]
    out.times[row, 0], out.times[row, 1] = owners[FIRST_NS], owners[LAST_NS]
    out.evidence[row] = -1
    kept = min(owners[EVIDENCE_N], KEPT)
    out.evidence[row, :kept] = np.sort(owners[SEQS : SEQS + kept])
    out.told[0] += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _strength(a: FloatArray, z: FloatArray, s: FloatArray) -> float:
    """The account's largest part of a window's flow, net and signed, where it is worth some usual executions."""
    best, least = 0.0, LEAST_NET * typical_size(s)
    for k in range(WINDOWS):
        at, zone = k * WINDOW_COLUMNS, k * ZONE_WINDOW
        both = z[zone + SYMBOL_BUY] + z[zone + SYMBOL_SELL]
        net = a[at + TOOK_BUY] - a[at + TOOK_SELL]
        if both > 0.0 and abs(net) >= least and abs(net) / both > abs(best):
            best = net / both
    return best


@njit(cache=True, nogil=True, error_model="numpy")
def _deal(a: FloatArray, z: FloatArray, s: FloatArray, numbers: Six, zone: float) -> None:
    """Take one side of an execution in; ``numbers``: seconds, seconds left, side, shares, price, took (1) or not."""
    t, left, side, size, took = numbers[0], numbers[1], numbers[2], numbers[PRINTS], numbers[5]
    if a[DAY_FILLS] == 0.0:
        a[FIRST_FILL] = t
    a[DAY_FILLS] += 1.0
    a[DAY_TOOK] += size * took
    a[DAY_NET] += side * size
    if left > zone:
        a[BEFORE_NET] += side * size
        return
    if a[ZONE_FILLS] == 0.0:
        a[FIRST_T] = t
    a[ZONE_FILLS] += 1.0
    a[ZONE_SMALL] += size <= typical_size(s)
    a[ZONE_CASH] += size * numbers[4]
    a[LAST_T], a[LAST_PRINT], a[LAST_REF] = t, s[PRINTS], s[REF]
    column = (TOOK_BUY if side > 0.0 else TOOK_SELL) if took == 1.0 else (REST_BUY if side > 0.0 else REST_SELL)
    for k in range(WINDOWS):
        if left <= zone * SHARE[k]:
            a[k * WINDOW_COLUMNS + column] += size
            if took == 1.0:
                z[k * ZONE_WINDOW + (SYMBOL_BUY if side > 0.0 else SYMBOL_SELL)] += size


@njit(cache=True, nogil=True, error_model="numpy")
def _trade(cols: Columns, i: int, state: CloseState, out: CloseReports, clock: Three) -> None:
    """Take one execution in; ``clock``: seconds now, seconds left, zone in seconds."""
    symbol = cols.symbol[i]
    s, z = state.symbols[symbol], state.zones[symbol]
    bid, ask, price, size = float(cols.bid[i]), float(cols.ask[i]), float(cols.price[i]), float(cols.size[i])
    booked = bid > 0.0 and ask > 0.0
    ref = 0.5 * (bid + ask) if booked else price
    order = state.order[symbol]
    fresh = cols.taker_order[i] == 0 or cols.taker_order[i] != order[0] or cols.time[i] != order[1]
    order[0], order[1] = cols.taker_order[i], cols.time[i]
    symbol_trade(s, (clock[0], ref, size, abs(ask - bid) / ref if booked else -1.0), fresh)
    z[DAY_CASH] += price * size
    z[DAY_VOLUME] += size
    zone, left = clock[2], clock[1]
    side = float(cols.taker_side[i])
    taker = slot_for(state, cols.taker_pair[i], cols.taker[i], symbol)
    maker = slot_for(state, cols.pair[i], cols.account[i], symbol)
    if maker >= 0:
        rested = -side if side != 0.0 else float(cols.side[i])
        _deal(state.actors[maker], z, s, (clock[0], left, rested, size, price, 0.0), zone)
    if taker < 0 or side == 0.0:
        return
    _deal(state.actors[taker], z, s, (clock[0], left, side, size, price, 1.0), zone)
    if left <= zone:
        state.actors[taker, TAKES] += fresh
        state.actors[taker, COST] += size * side * np.log(price / s[REF]) if s[REF] > 0.0 else 0.0
        z[PENDING], z[PENDING_REF] = side * (taker + 1.0), s[REF]
        note_evidence(state.owners[taker], cols.seq[i], cols.time[i])
        list_actor(state, symbol, taker)
        _tell(state, out, taker, symbol, (clock[0], left, zone, float(i), 0.0))


@njit(cache=True, nogil=True, error_model="numpy")
def _tell(state: CloseState, out: CloseReports, slot: int, symbol: int, at: Five) -> None:
    """Report an account that has come to the next part of the net flow in the zone's last third."""
    a, z, s = state.actors[slot], state.zones[symbol], state.symbols[symbol]
    if at[1] > at[2] / 3.0 or a[TOLD] >= 3.0:
        return
    strength = abs(_strength(a, z, s))
    told = int(a[TOLD])
    if strength >= LEVELS[told]:
        a[TOLD] += 1.0
        _report(state, out, slot, symbol, at)


@njit(cache=True, nogil=True, error_model="numpy")
def close_session(state: CloseState, out: CloseReports, at: Five) -> None:
    """Report, for each symbol of the session that has ended, the accounts that may have set its close."""
    for symbol in range(len(state.session)):
        if state.session[symbol] != state.clock[2]:
            continue
        z = state.zones[symbol]
        named = 0
        for _ in range(LISTED):
            best, most = -1, LEAST_PART
            for k in range(LISTED):
                slot = state.listed[symbol, k]
                if slot < 0 or state.actors[slot, TOLD] < 0.0:
                    continue
                strength = abs(_strength(state.actors[slot], z, state.symbols[symbol]))
                if strength > most:
                    best, most = slot, strength
            if best < 0 or named >= NAMED or out.told[0] + 1 > len(out.features):
                break
            _report(state, out, best, symbol, at)
            state.actors[best, TOLD] = -1.0
            named += 1


@njit(cache=True, nogil=True, error_model="numpy")
def _impact(state: CloseState, symbol: int, bid: float, ask: float, left_zone: float) -> None:
    """Book the move that followed an account's own aggressive order in the zone."""
    z = state.zones[symbol]
    slot = int(abs(z[PENDING])) - 1
    move = np.log(0.5 * (bid + ask) / z[PENDING_REF]) if z[PENDING_REF] > 0.0 else 0.0
    for k in range(WINDOWS):
        if left_zone <= SHARE[k]:
            state.actors[slot, k * WINDOW_COLUMNS + MOVED] += move
    state.symbols[symbol, REF] = 0.5 * (bid + ask)
    z[PENDING] = 0.0


@njit(cache=True, nogil=True, error_model="numpy")
def _enter(state: CloseState, symbol: int, left: float, zone: float) -> None:
    """Note the start of each window a symbol comes into."""
    s = state.symbols[symbol]
    enter_windows(state.zones[symbol], s, left / zone, (variance_per_second(s), variance_per_print(s), left))


@njit(cache=True, nogil=True, error_model="numpy")
def _turn_session(i: int, time: int, state: CloseState, out: CloseReports, hours: Hours, origin: int) -> None:
    """Close the session whose end has passed and open the one ``time`` lies in."""
    count = state.clock
    if count[2] >= 0 and count[3] == 0 and time > hours.closes[count[2]]:
        at = ((hours.closes[count[2]] - origin) * 1e-9, 0.0, zone_seconds(hours, count[2]), float(i), 1.0)
        close_session(state, out, at)
        count[3] = 1
    while count[2] + 1 < len(hours.opens) and time >= hours.opens[count[2] + 1]:
        count[2] += 1
        count[3] = 0


@njit(cache=True, nogil=True, error_model="numpy")
def _bounds(state: CloseState, hours: Hours) -> tuple[int, int, float]:
    """Return until when the present session or pause lasts, when its zone begins, and the zone's seconds.

    Between sessions no zone begins before the next opens.
    """
    session = state.clock[2]
    never = 1 << 62
    following = hours.opens[session + 1] - 1 if session + 1 < len(hours.opens) else never
    if session < 0 or state.clock[3] == 1:
        return following, never, 0.0
    zone = zone_seconds(hours, session)
    return min(hours.closes[session], following), hours.closes[session] - int(zone * 1e9), zone


@njit(cache=True, nogil=True, error_model="numpy")
def advance_close(cols: Columns, state: CloseState, out: CloseReports, start: int, hours: Hours, origin: int) -> int:
    """Read rows from ``start`` on; return the first row not read, for want of room or of rows."""
    cols, state, out, hours = borrowed(cols), borrowed(state), borrowed(out), borrowed(hours)
    room = 2 + 5 * len(state.session)
    until, begins, zone = _bounds(state, hours)
    for i in range(start, len(cols.time)):
        if out.told[0] + room > len(out.features):
            return i
        time = cols.time[i]
        if time > until:
            _turn_session(i, time, state, out, hours, origin)
            until, begins, zone = _bounds(state, hours)
        if zone == 0.0:
            continue
        kind, symbol = cols.kind[i], cols.symbol[i]
        traded = kind in (TRADE, HIDDEN) and cols.size[i] > 0 and cols.price[i] > 0
        if state.session[symbol] != state.clock[2]:
            open_session(state, symbol)
        if time < begins and not traded:
            continue
        left = (hours.closes[state.clock[2]] - time) * 1e-9
        if time >= begins:
            _zone_row(cols, i, state, left, zone)
        if traded:
            _trade(cols, i, state, out, ((time - origin) * 1e-9, left, zone))
    return len(cols.time)


@njit(cache=True, nogil=True, error_model="numpy")
def _zone_row(cols: Columns, i: int, state: CloseState, left: float, zone: float) -> None:
    """Take a row in the zone in, but for its execution: windows, impact of the order before, a new order's size."""
    symbol = cols.symbol[i]
    z = state.zones[symbol]
    _enter(state, symbol, left, zone)
    if z[PENDING] != 0.0 and cols.bid[i] > 0 and cols.ask[i] > 0:
        _impact(state, symbol, float(cols.bid[i]), float(cols.ask[i]), left / zone)
    if cols.kind[i] == NEW and cols.pair[i] >= 0:
        slot = slot_for(state, cols.pair[i], cols.account[i], symbol)
        buys = cols.side[i] > 0
        state.actors[slot, ZONE_BUYS if buys else ZONE_SELLS] += cols.size[i]
        z[NEW_BUY if buys else NEW_SELL] += cols.size[i]
