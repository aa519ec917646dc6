"""Was a split left out of the adjusted prices? They jump by a ratio and stay, and volume moves the other way."""

from __future__ import annotations

import numpy as np

from tradewind.monitoring.diagnosis.case import Case, Trace, Weighed
from tradewind.monitoring.diagnosis.causes import CauseKind, Item
from tradewind.monitoring.diagnosis.frame import log_ratio
from tradewind.monitoring.diagnosis.hypotheses.price_jumps import jump_odds, spread, stays
from tradewind.monitoring.diagnosis.odds import usual_of

KIND = CauseKind.UNADJUSTED_SPLIT
RATIOS = np.array([2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 10.0, 15.0, 20.0, 1.5])
FACTORS = np.concatenate([1.0 / RATIOS, RATIOS])
COMES_BACK = -8.0
"""Log odds taken off where the price is back within three bars: a bad tick, no split."""
FEW = 3
"""More symbols than this on one day by one ratio are no splits but a change of the feed."""


def weigh(case: Case) -> Weighed:
    """Likelihood ratio of the jump nearest a split's ratio, its open and its volume against a usual day's move."""
    frame = case.frame
    jumps = np.where(case.blamed, np.nan, frame.jumps)
    scale = spread(frame.jumps[frame.usual])
    gain, factor = jump_odds(jumps[frame.period], scale, FACTORS)
    opened = log_ratio(frame.fields["open"], frame.level_before("close"))[frame.period]
    at_open = np.abs(opened - np.log(factor)) < np.maximum(0.1, 6.0 * scale)
    gain = np.where(at_open, gain, gain - 6.0)  # a split is there at the open, a crash seldom
    crowd = (gain > 5.0).sum(axis=1)
    gain = np.where((crowd > FEW)[:, None], -np.inf, gain)
    best = gain.max(axis=0) if gain.size else np.full(len(frame.symbols), -np.inf)
    column = int(best.argmax())
    if not np.isfinite(best[column]):
        return Weighed(kind=KIND, looked="no price jumped by the ratio of a split")
    row = int(gain[:, column].argmax())
    ratio, begin = float(factor[row, column]), frame.first + row
    kept = stays(frame, "adj_close", begin, column, ratio)
    volume = _volume_move(case, begin, column)
    odds = float(best[column]) - np.log(gain.size)
    odds += COMES_BACK if kept < min(3, len(frame) - begin) else 0.0
    odds += float(np.clip(-volume * np.log(ratio), -1.0, 2.0)) if np.isfinite(volume) else 0.0
    symbol = str(frame.symbols[column])
    if odds <= 0.0:
        return Weighed(kind=KIND, log_odds=odds, looked="no price jumped by the ratio of a split and stayed there")
    said = f"{1 / ratio:g}-for-1" if ratio < 1.0 else f"1-for-{ratio:g}"
    items = [
        Item(
            text=f"adjusted close of {symbol} times {np.exp(frame.jumps[begin, column]):.3f} in one bar, near that of "
            f"a {said} split, and there for {kept} bars",
            numbers={"factor": float(np.exp(frame.jumps[begin, column])), "ratio": ratio, "bars": float(kept)},
        )
    ]
    if np.isfinite(volume) and -volume * np.log(ratio) > 0.2:
        items.append(
            Item(
                text=f"its volume went to {np.exp(volume):.2f} times the usual, as a split does",
                numbers={"volume_ratio": float(np.exp(volume))},
            )
        )
    blamed = np.zeros(frame.arrived.shape, dtype=bool)
    blamed[frame.period] = gain - np.log(gain.size) > 0.0
    level = frame.fields["adj_close"][:, column]
    return Weighed(
        kind=KIND,
        log_odds=odds,
        subject={"symbol": symbol},
        first=begin,
        last=begin,
        items=tuple(items),
        looked=f"{symbol} has a split that was not adjusted for",
        blamed=blamed,
        trace=Trace(name=f"adjusted close of {symbol}", unit="price", values=level),
    )


def _volume_move(case: Case, row: int, column: int) -> float:
    """Log of the mean volume from ``row`` on (10 bars at most) over the usual one; NaN where not known."""
    volume = case.frame.fields["volume"][:, column]
    usual = usual_of(np.log(np.where(volume[max(0, row - 40) : row] > 0, volume[max(0, row - 40) : row], np.nan)))
    after = volume[row : row + 10]
    after = after[after > 0]
    return float(np.log(after).mean() - usual.mean) if usual is not None and len(after) else float("nan")
