"""Pump and dump: accumulate, lift the price, sell into the rise; and the bear raid, its mirror image.

Allen and Gale (1992, "Stock-price manipulation") for trade-based pumps; MAR Article 12(2) and Annex I A(d), (e):
positions reversed within a short time while the price moves with them.
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.detectors.prices.conditions import soft, together
from tradewind.surveillance.detectors.prices.swing_detector import KIND, Numbers, SwingDetector
from tradewind.surveillance.schemes import Scheme

LEAST_RULE = 0.55
"""Least score of the rule that is told."""


def _pace(numbers: Numbers) -> FloatArray:
    """The volume of an account and its peers over what the market usually trades in that time, base-2 logarithm."""
    return numbers["in_to_usual_log"] + np.nan_to_num(numbers["peers_size_log"])


class PumpDetector(SwingDetector):
    """Swings with which the price ran far beyond its usual moves and that were undone at better prices.

    The rule is the geometric mean of: the move of the price while it was built, in spreads (1 to 8) or in usual moves
    of that time (0.5 to 3.5), the larger; the swing's volume over what the market usually trades in that time (5 to
    80 %), how far it has been undone (20 to 80 %), how one-sided the build-up was (50 to 90 %), its size (4 to 128
    usual executions), its executions (2 to 31), and its size over the account's largest swing before (a quarter to four
    times). Neither the move nor the habit vetoes by itself: a lift may only undo a fall, a wide spread hide it. No
    profit is asked for: a dump in haste gives it back.
    """

    scheme = Scheme.PUMP_AND_DUMP

    def chosen(self, numbers: Numbers, codes: IntArray) -> BoolArray:
        """Undone swings with some share of the volume."""
        kept: BoolArray = (codes[:, KIND] == 0) & (numbers["size_log"] > 2.5) & (numbers["in_one_sided"] > 0.55)
        busy = (_pace(numbers) > -3.5) & (numbers["in_fills_log"] > 1.8)
        return kept & busy & (self.weigh(numbers) > LEAST_RULE)

    def weigh(self, numbers: Numbers) -> FloatArray:
        """Return the rule's score of each report."""
        moved = np.maximum(soft(numbers["peak_spreads"], 1.0, 8.0), soft(numbers["peak_z"], 0.5, 3.5))
        habit = numbers["size_to_largest_log"]
        return together(
            0.1 + 0.9 * moved,
            soft(_pace(numbers), -4.3, -0.3),
            soft(numbers["undone"], 0.2, 0.8),
            soft(numbers["in_one_sided"], 0.5, 0.9),
            soft(numbers["size_log"], 2.0, 7.0),
            soft(numbers["in_fills_log"], 1.5, 5.0),
            0.1 + 0.9 * (soft(habit, -2.0, 2.0) + 0.5 * np.isnan(habit)),
        )

    def variants(self, numbers: Numbers, directions: IntArray) -> list[str]:  # noqa: ARG002 - the protocol's
        """Return ``bear_raid`` where the position was short."""
        return ["bear_raid" if direction < 0 else "" for direction in directions]
