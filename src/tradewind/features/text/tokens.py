"""Words of tweets and headlines.

Handles raw text ("@name", "https://...", "$AAPL") and text with the marks of the StockNet data set, where names and
addresses are already ``AT_USER`` and ``URL`` and a space stands after the dollar sign ("$ aapl").
"""

from __future__ import annotations

import re

_NOISE = re.compile(r"https?://\S+|www\.\S+|\burl\b|\bat_user\b|@\w+|^rt\b", re.IGNORECASE)
_CASHTAG = re.compile(r"\$\s?[a-z][a-z0-9]{0,5}(?:[./-][a-z]{1,2})?\b", re.IGNORECASE)
_MOVE = re.compile(r"([+\-−])\s?\d+(?:[.,]\d+)?\s?%")
_WORD = re.compile(r"[a-z_]+(?:['’][a-z]+)?")

RISE, FALL = "percent_up", "percent_down"


def words(text: str) -> list[str]:
    """Return the lower-case words of ``text``; a signed percentage becomes ``percent_up`` or ``percent_down``.

    User names, addresses, retweet marks, cashtags and other numbers are left out: which share a text is about is known
    from elsewhere, and a model that learned its symbol would learn the symbol's past drift.
    """
    plain = _CASHTAG.sub(" ", _NOISE.sub(" ", text))
    plain = _MOVE.sub(lambda move: f" {RISE if move.group(1) == '+' else FALL} ", plain)
    return _WORD.findall(plain.lower())
