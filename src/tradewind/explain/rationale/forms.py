"""How a value is printed, and how what is printed is read back: written apart, so that one checks the other."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, kw_only=True)
class Form:
    """A way to print a value.

    ``scale`` : the value is printed this many times as large (100 for a fraction as per cent). ``digits`` : decimals;
    None prints three significant figures. ``signed`` : a plus is shown. ``suffix`` : unit behind the number. ``text`` :
    the value is a word, not a number.
    """

    scale: float = 1.0
    digits: int | None = 2
    signed: bool = False
    suffix: str = ""
    text: bool = False

    def show(self, value: Any) -> str:
        """Return ``value`` as it is printed."""
        if self.text:
            return str(value)
        number = float(value) * self.scale
        digits = self.digits if self.digits is not None else _significant(number)
        if round(abs(number), digits) == 0:
            number = 0.0  # never "-0.0"
        return f"{number:{'+' if self.signed and number else ''},.{digits}f}{self.suffix}"


FORMS: dict[str, Form] = {
    "text": Form(text=True),
    "count": Form(digits=0),
    "pct0": Form(scale=100.0, digits=0, suffix=" %"),
    "pct1": Form(scale=100.0, digits=1, suffix=" %"),
    "pct2": Form(scale=100.0, digits=2, suffix=" %"),
    "move2": Form(scale=100.0, digits=2, signed=True, suffix=" %"),
    "points1": Form(scale=100.0, digits=1, signed=True, suffix=" points"),
    "points2": Form(scale=100.0, digits=2, signed=True, suffix=" points"),
    "apart1": Form(scale=100.0, digits=1, suffix=" points"),
    "num1": Form(digits=1),
    "num2": Form(digits=2),
    "num3": Form(digits=3),
    "num4": Form(digits=4),
    "sig": Form(digits=None),
    "signed4": Form(digits=4, signed=True),
    "tiny": Form(scale=1e9, digits=3, suffix=" billionths"),
}
"""Forms by the name that templates use. A probability is a fraction; points are percentage points of probability."""

NUMBER = re.compile(r"(?:(?<!\w)[-+])?\d+(?:,\d{3})*(?:\.\d+)?")
"""A number as it may stand in a text, its sign included."""


def read_back(printed: str) -> tuple[float, int, str]:
    """Return (number, decimals, suffix) of a printed value; ValueError where it is not one number."""
    found = re.fullmatch(r"([-+]?\d[\d,]*(?:\.(\d+))?)( [a-z%]+)?", printed)
    if found is None:
        raise ValueError(f"{printed!r} is not a number")
    return float(found[1].replace(",", "")), len(found[2] or ""), found[3] or ""


def _significant(number: float) -> int:
    """Return the decimals that leave three significant figures."""
    if number == 0.0 or not math.isfinite(number):
        return 0
    return min(max(0, 2 - math.floor(math.log10(abs(number)))), 8)
