"""News items of many symbols, aligned with nothing yet: what was said, of whom, when it was published."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.core.arrays import AnyArray, TimeArray

NEWS_KINDS = ("news", "social", "transcript")


@dataclass(frozen=True, kw_only=True, eq=False)
class News:
    """News items sorted by ``published_at``.

    Attributes
    ----------
    symbol : (m,) str, the symbol an item is about.
    published_at : (m,) ``datetime64[us]`` UTC; an item is known from this moment on.
    source : (m,) str, one of ``news``, ``social``, ``transcript``; another name counts as ``news``.
    text : (m,) object array of str.
    """

    symbol: AnyArray
    published_at: TimeArray
    source: AnyArray
    text: AnyArray

    def __len__(self) -> int:
        """Return the number of items."""
        return len(self.symbol)

    def select(self, mask: AnyArray) -> News:
        """Return the items where boolean ``mask`` (m,) holds."""
        return News(
            symbol=self.symbol[mask],
            published_at=self.published_at[mask],
            source=self.source[mask],
            text=self.text[mask],
        )
