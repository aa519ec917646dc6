"""News that somebody may have made up: bursts of items that say the same, loudly, about one symbol."""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from tradewind.core import Severity
from tradewind.core.arrays import IntArray
from tradewind.monitoring.finding import Area, Finding
from tradewind.monitoring.moment import bar_time
from tradewind.monitoring.quality.settings import NewsSettings
from tradewind.monitoring.slices import NewsArrival, Slice

WORDS = re.compile(r"[a-z]+")


class NewsWatcher:
    """Tells of symbols about which suddenly many items say the same thing with a strong tone (``suspicious_news``).

    The number of a symbol's items in a slice is compared with its usual number, as a Poisson count whose rate is that
    of the latest sessions and of the average symbol, half and half; the chance is multiplied by the number of symbols
    (Bonferroni). A burst alone is news; with copies of one text, or from one source, and a strong tone, it is told.
    """

    name = "news"

    def __init__(self, settings: NewsSettings | None = None) -> None:
        self.settings = settings or NewsSettings()
        self._counts: deque[Counter[str]] = deque(maxlen=self.settings.memory)
        self._sources: deque[Counter[str]] = deque(maxlen=self.settings.memory)
        self._total: Counter[str] = Counter()
        self._by_source: Counter[str] = Counter()

    def observe(self, one: Slice) -> Sequence[Finding]:
        """Take in the slice's news and return the symbols about which they look made up."""
        if one.news is None:
            return []
        counts: Counter[str] = Counter(one.news.symbol.tolist())
        found = list(self._bursts(one, one.news, counts)) if len(self._counts) >= self.settings.least else []
        suspect = {str(finding.subject["symbol"]) for finding in found}
        usual = Counter({symbol: n for symbol, n in counts.items() if symbol not in suspect})
        self._push(self._counts, self._total, usual)
        self._push(self._sources, self._by_source, Counter(one.news.source.tolist()))
        return found

    def state(self) -> Mapping[str, Any]:
        """Return the usual number of items a session."""
        sessions = max(len(self._counts), 1)
        return {"items_a_session": sum(self._total.values()) / sessions, "sessions": len(self._counts)}

    @staticmethod
    def _push(memory: deque[Counter[str]], total: Counter[str], new: Counter[str]) -> None:
        if len(memory) == memory.maxlen:
            total -= memory[0]  # in place, and names that are counted no more are dropped: sources may be made up
        memory.append(new)
        total.update(new)

    def _bursts(self, one: Slice, news: NewsArrival, counts: Counter[str]) -> Iterator[Finding]:
        from scipy.stats import poisson  # takes a second to import

        s, sessions = self.settings, len(self._counts)
        breadth = max(len(one.expected), len(counts), 1)
        average = sum(self._total.values()) / sessions / breadth
        for symbol, n in sorted(counts.items()):
            rate = 0.5 * self._total[symbol] / sessions + 0.5 * average
            chance = min(float(poisson.sf(n - 1, max(rate, 1e-3))) * breadth, 1.0)
            if n < s.items or chance > s.p_value:
                continue
            rows = np.flatnonzero(news.symbol == symbol)
            tone, copies, source, share = self._looks(news, rows)
            usual = self._by_source[source] / max(sum(self._by_source.values()), 1)
            pushed = share >= s.one_source and usual <= s.one_source / 2
            if abs(tone) >= s.tone and (copies >= s.copies or pushed):
                yield _finding(one, symbol, (n, rate, chance), (tone, copies, source, share))

    def _looks(self, news: NewsArrival, rows: IntArray) -> tuple[float, float, str, float]:
        """Return the items' mean score, the share that repeats another, the main source and its share."""
        names = {str(name).lower() for name in news.symbol[rows]}
        said = Counter(
            " ".join(word for word in WORDS.findall(str(text).lower()) if word not in names) for text in news.text[rows]
        )
        copies = sum(n for n in said.values() if n > 1) / len(rows)
        source, n = Counter(news.source[rows].tolist()).most_common(1)[0]
        return float(news.score[rows].mean()), copies, str(source), n / len(rows)


def _finding(
    one: Slice, symbol: str, count: tuple[int, float, float], looks: tuple[float, float, str, float]
) -> Finding:
    (n, rate, chance), (tone, copies, source, share) = count, looks
    return Finding(
        kind="suspicious_news",
        area=Area.DATA_QUALITY,
        severity=Severity.ERROR,
        message=f"{symbol}: {n} items where {rate:.1f} are usual, {copies:.0%} of them copies, {share:.0%} from "
        f"{source!r}, mean tone {tone:+.2f}",
        time=bar_time(one),
        known_at=one.known_at,
        subject={"symbol": symbol, "source": source},
        statistic=float(n),
        threshold=rate,
        p_value=chance,
        evidence={"items": n, "usual": rate, "copies": copies, "source_share": share, "tone": tone},
    )
