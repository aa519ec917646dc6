"""Front running and insider dealing: a position built just before others' orders or news move the price.

MAR Article 8 (insider dealing, recital 30 on front running); FINRA Rule 5270. Two occasions are looked for: the
largest flow of another account the same way that began after the build-up (``front_running``), and news or a jump of
the price that followed it (``insider_trading``).
"""

from __future__ import annotations

import numpy as np

from tradewind.core.arrays import BoolArray, FloatArray, IntArray
from tradewind.surveillance.detectors.prices.conditions import soft, together
from tradewind.surveillance.detectors.prices.feed import SwingFeed
from tradewind.surveillance.detectors.prices.swing_detector import Numbers, SwingDetector
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions

HINT = 0.4
"""Most that the rule's milder form alone is worth."""
LEAST_RULE = 0.62 * HINT
"""Least score of the rule that is told."""


class FrontRunningDetector(SwingDetector):
    """Positions built before a client's flow, news or a jump; told at the news or jump, and as they are undone.

    The rule is the larger of two geometric means. Before a client: the client's shares over the account's (up to 6
    times), the part of them after the build-up (50 to 90 %), the part undone (20 to 80 %), how soon the client came
    (within a quarter of an hour to half a minute), the size (2 to 16 usual executions) and how busy the build-up was
    against the market's usual pace. Before news or a jump: the move (up to 4 usual ones), the part built before it (50
    to 95 %), how soon before news (half an hour to a minute), the swing's share of all the account ever traded in the
    symbol (5 to 80 %), its size (4 to 32 usual executions) and how busy the build-up was. A milder form of the first
    counts for two fifths, in which no condition vetoes until it is missed by far: whatever learns from candidates
    judges them.

    Parameters
    ----------
    sessions : when the market is open; kept for callers that build all detectors alike.
    feed : the swings, where detectors share them; its own where None.
    """

    scheme = Scheme.FRONT_RUNNING
    names_peers = False

    def __init__(self, sessions: Sessions | None = None, *, feed: SwingFeed | None = None) -> None:
        super().__init__(feed)
        self._sessions = sessions

    def chosen(self, numbers: Numbers, codes: IntArray) -> BoolArray:  # noqa: ARG002 - the protocol's
        """Swings with an occasion: a client of their size, or news or a jump after most of the build-up."""
        told: BoolArray = self.weigh(numbers) > LEAST_RULE
        return told

    def weigh(self, numbers: Numbers) -> FloatArray:
        """Return the rule's score of each report."""
        return np.maximum(np.maximum(self._client(numbers), self._occasion(numbers)), HINT * self._perhaps(numbers))

    def variants(self, numbers: Numbers, directions: IntArray) -> list[str]:  # noqa: ARG002 - the protocol's
        """Return ``insider_trading`` where news or a jump explains more than a client does."""
        insider = self._occasion(numbers) > self._client(numbers)
        return ["insider_trading" if one else "front_running" for one in insider]

    @staticmethod
    def _client(numbers: Numbers) -> FloatArray:
        return together(
            soft(numbers["client_size_log"], -0.5, 2.5),
            soft(numbers["client_after"], 0.5, 0.9),
            soft(numbers["undone"], 0.2, 0.8),
            soft(-numbers["client_lead_seconds_log"], -9.8, -5.0),
            soft(numbers["size_log"], 1.0, 4.0),
            soft(numbers["in_to_usual_log"], -3.0, 0.0),
        )

    @staticmethod
    def _perhaps(numbers: Numbers) -> FloatArray:
        """The same of a client, with no condition that vetoes where it is only weakly met."""
        return together(
            soft(numbers["client_size_log"], -2.5, 2.5),
            soft(numbers["client_after"], 0.2, 0.9),
            soft(numbers["undone"], 0.0, 0.8),
            soft(-numbers["client_lead_seconds_log"], -12.0, -5.0),
            soft(numbers["size_log"], 0.0, 4.0),
            soft(numbers["in_to_usual_log"], -6.0, 0.0),
        )

    @staticmethod
    def _occasion(numbers: Numbers) -> FloatArray:
        news = together(
            soft(numbers["news_move_z"], -2.0, 4.0),
            soft(numbers["news_built_before"], 0.5, 0.95),
            soft(-numbers["news_lead_seconds_log"], -11.0, -6.0),
        )
        jump = together(soft(numbers["jump_z"], 3.0, 9.0), soft(numbers["jump_built_before"], 0.5, 0.95))
        return together(
            np.maximum(news, jump),
            soft(numbers["life_share"], 0.05, 0.8),
            soft(numbers["size_log"], 1.8, 5.0),
            soft(numbers["in_to_usual_log"], -4.5, 0.0),
        )
