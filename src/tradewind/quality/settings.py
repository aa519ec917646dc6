"""Thresholds of every check, chosen so that real data raise few alarms."""

from __future__ import annotations

from pydantic import Field

from tradewind.core import Settings


class QualitySettings(Settings):
    """Thresholds of the checks; relative sizes are log ratios unless a percentage is named.

    Attributes
    ----------
    daily : bars are daily; date checks are left out for intraday bars.
    range_tolerance : part of the price by which open or close may lie outside [low, high] (rounding).
    stale_bars : closes in a row that must be equal to count as stale; real closes repeat three times now and then.
    stale_copies : bars in a row that repeat all four prices of the bar before.
    spread_window, volume_window : bars before the one judged that give its usual move and its usual volume.
    least_history : bars a window must hold before a check that needs one speaks.
    volume_spike : volume over the trailing median that is a spike; it must be a fifth of that over the bar before.
    level_bars : bars a new volume level must last to count as a change of unit.
    large_move : daily move flagged for review (0.2 is 20 %).
    spike_move, spike_sigma : a spike is beyond both this log move and this many usual moves, and comes back.
    spike_return : part of the spike that may be left once it has come back.
    wick : log distance of high or low from the nearer of open and close that no market day shows.
    max_dividend : largest dividend, as part of the price, held for plausible in the adjusted close.
    factor_tolerance : rounding of the adjustment factor in a step.
    outlier_window, outlier_sigma, outlier_iqr : trailing window of the outlier marks and their two limits.
    outlier_alerts : outliers become events too (about 15 in 1000 bars of real data); they are always counted.
    shift_window, shift_correlation, shift_margin : bars of a block, the correlation with the other symbols' mean
        return one session off, and its lead over the correlation on the same session, that show a date shift.
    quorum : part of the living symbols that must have a bar for a session to count as the panel's own.
    """

    daily: bool = True
    range_tolerance: float = Field(0.0005, ge=0)
    stale_bars: int = Field(5, ge=2)
    stale_copies: int = Field(1, ge=1)
    spread_window: int = Field(40, ge=5)
    volume_window: int = Field(20, ge=5)
    least_history: int = Field(5, ge=2)
    volume_spike: float = Field(18.0, gt=1)
    level_bars: int = Field(5, ge=2)
    large_move: float = Field(0.2, gt=0)
    spike_move: float = Field(0.12, gt=0)
    spike_sigma: float = Field(8.0, gt=0)
    spike_return: float = Field(0.3, gt=0, lt=1)
    wick: float = Field(0.25, gt=0)
    max_dividend: float = Field(0.15, gt=0, lt=1)
    factor_tolerance: float = Field(0.005, ge=0)
    outlier_window: int = Field(60, ge=10)
    outlier_sigma: float = Field(3.0, gt=0)
    outlier_iqr: float = Field(1.5, gt=0)
    outlier_alerts: bool = False
    shift_window: int = Field(60, ge=10)
    shift_correlation: float = Field(0.5, gt=0, lt=1)
    shift_margin: float = Field(0.5, gt=0, lt=1)
    quorum: float = Field(0.5, gt=0, le=1)

    @property
    def memory(self) -> int:
        """Bars of a symbol that a stream must keep so that every bar check sees what the batch sees."""
        longest = max(self.spread_window, self.volume_window, self.outlier_window, self.stale_bars, self.stale_copies)
        return longest + self.level_bars + 4
