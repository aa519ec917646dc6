"""Rules that make one fact of others; each is a pure function, so that a reader of the record can apply it again."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

COIN = 0.5
NEITHER = "neither way"
SLIGHTEST = 5e-5
"""A push below this, in probability, prints as 0.00 points and is not told as one."""
SMALLEST_SHARE = 0.005
"""A share of a push below this prints as 0 %; its group is not named."""
Parts = Sequence[Mapping[str, Any]]


def side(probability: float) -> str:
    """Return which way a probability of a rise leans."""
    if probability == COIN:
        return NEITHER
    return "a rise" if probability > COIN else "a fall"


def strength(confidence: float, slight: float, moderate: float, strong: float) -> str:
    """Return a word for a confidence in [0, 1]; the three limits are where the next word begins."""
    if confidence < slight:
        return "hardly any"
    if confidence < moderate:
        return "a slight"
    return "a moderate" if confidence < strong else "a strong"


def push(parts: Parts, up: bool) -> float:
    """Return the sum of the positive (or, with ``up`` False, negative) values of ``parts``."""
    return float(sum(part["value"] for part in parts if (part["value"] > 0) == up and part["value"] != 0))


def share_of_push(value: float, parts: Parts) -> float:
    """Return ``value`` as a share of all values of its sign."""
    return value / push(parts, value > 0)


RULES: dict[str, Callable[..., Any]] = {
    "side": side,
    "strength": strength,
    "push_up": lambda parts: push(parts, True),
    "push_down": lambda parts: push(parts, False),
    "share_of_push": share_of_push,
    "difference": lambda a, b: a - b,
    "sum": lambda *parts: float(sum(parts)),
    "count": len,
    "fraction": lambda part, whole: part / whole,
    "difference_of_counts": lambda parts, taken: len(parts) - taken,
    "magnitude": lambda *values: float(sum(abs(value) for value in values)),
    "greatest": lambda *values: max(values),
    "least": lambda *values: min(values),
}
