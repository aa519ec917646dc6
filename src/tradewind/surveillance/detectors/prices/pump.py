"""Pump and dump: accumulate, lift the price, sell into the rise; and the bear raid, its mirror image.

Allen and Gale (1992, "Stock-price manipulation") for trade-based pumps; MAR Article 12(2) and Annex I A(d), (e):
positions reversed within a short time while the price moves with them.
"""

from __future__ import annotations

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.detectors.prices.conditions import soft, together
from tradewind.surveillance.detectors.prices.swing_detector import KIND, Numbers, SwingDetector
from tradewind.surveillance.schemes import Scheme


class PumpDetector(SwingDetector):
    """Swings with which the price ran far beyond its usual moves and that were undone at better prices.

    The rule is the geometric mean of: the move of the price in units of its own volatility (1 to 4), the swing's share
    of the volume while it was built (3 to 25 %), how far it has been undone (20 to 80 %), the profit in the same units
    (0 to 1.5), and how one-sided the build-up was (50 to 90 %).
    """

    scheme = Scheme.PUMP_AND_DUMP

    def chosen(self, numbers: Numbers, codes: IntArray) -> BoolArray:
        """Undone swings with some move and some share of the volume."""
        kept: BoolArray = (codes[:, KIND] == 0) & (numbers["peak_z"] > 1.0) & (numbers["in_share"] > 0.02)
        return kept & (numbers["profit_spreads"] > 0.0)

    def weigh(self, numbers: Numbers) -> FloatArray:
        """Return the rule's score of each report."""
        return together(
            soft(numbers["peak_z"], 1.0, 4.0),
            soft(numbers["in_share"], 0.03, 0.25),
            soft(numbers["undone"], 0.2, 0.8),
            soft(numbers["profit_z"], 0.0, 1.5),
            soft(numbers["in_one_sided"], 0.5, 0.9),
        )

    def variant(self, numbers: Numbers, row: int, direction: int) -> str:  # noqa: ARG002 - the protocol's
        """Return ``bear_raid`` where the position was short."""
        return "bear_raid" if direction < 0 else ""
