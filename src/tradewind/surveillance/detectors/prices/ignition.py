"""Momentum ignition: a burst of aggressive orders starts a move, and the account deals out of it as others follow.

MAR Annex II (Commission Delegated Regulation 2016/522) Section 1, practice 5(c) "momentum ignition"; Tong, Lai and
Tung (2013) for the pattern of burst, follow-on and reversal.
"""

from __future__ import annotations

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.detectors.prices.conditions import soft, together
from tradewind.surveillance.detectors.prices.swing_detector import KIND, Numbers, SwingDetector
from tradewind.surveillance.schemes import Scheme


class IgnitionDetector(SwingDetector):
    """Short swings built by taking, whose own orders moved the price, undone soon after.

    The rule is the geometric mean of: the part taken aggressively (30 to 80 %), the swing's volume over what the market
    usually trades in that time (half to eight times), the move of the price while it was built, in spreads (0.5 to 4),
    how far it has been undone (20 to 80 %), and its size (4 to 32 usual executions).
    """

    scheme = Scheme.MOMENTUM_IGNITION

    def chosen(self, numbers: Numbers, codes: IntArray) -> BoolArray:
        """Undone swings, mostly taken, within half an hour."""
        kept: BoolArray = (codes[:, KIND] == 0) & (numbers["in_aggressive"] > 0.2) & (numbers["size_log"] > 1.2)
        kept &= (numbers["peak_spreads"] > 0.3) | (numbers["peak_z"] > 1.0)
        return kept & (numbers["hold_seconds_log"] < 11.0) & (numbers["in_to_usual_log"] > -3.0)

    def weigh(self, numbers: Numbers) -> FloatArray:
        """Return the rule's score of each report."""
        return together(
            soft(numbers["in_aggressive"], 0.3, 0.8),
            soft(numbers["in_to_usual_log"], -1.0, 3.0),
            soft(numbers["peak_spreads"], 0.5, 4.0),
            soft(numbers["undone"], 0.2, 0.8),
            soft(numbers["size_log"], 2.0, 5.0),
        )
