"""The incident of the news: somebody floods the feed with praise or blame."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.core import News
from tradewind.monitoring.replay.incidents.incident import IncidentKind, Stage, Truth

PRAISE = "{symbol} wins excellent contract, profits beat forecasts, outlook strong, buy now"
BLAME = "{symbol} hit by terrible fraud lawsuit, heavy losses, outlook weak, sell now"
TAILS = ("!", "!!", " #stocks", " - sources", " (update)", " ...")


class AdversarialNews:
    """For 5 to 12 sessions one to three symbols get 8 to 25 items a day that say the same, from one source."""

    kind = IncidentKind.ADVERSARIAL_NEWS

    def plant(self, stage: Stage, first: int, room: int, rng: np.random.Generator) -> tuple[Stage, Truth]:
        """Write the items: published in the hours before the close of their session."""
        last = first + min(int(rng.integers(5, 13)), room) - 1
        codes = rng.choice(stage.panel.n_symbols, size=int(rng.integers(1, 4)), replace=False).tolist()
        text = PRAISE if rng.random() < 0.5 else BLAME
        symbols, times, texts = [], [], []
        for day in range(first, last + 1):
            close = stage.panel.known_at[stage.panel.time == stage.days[day]].max()
            for code in codes:
                name = stage.panel.symbols[code]
                for _ in range(int(rng.integers(8, 26))):
                    symbols.append(name)
                    times.append(close - np.timedelta64(int(rng.integers(300, 18_000)), "s"))
                    texts.append(text.replace("{symbol}", name) + str(rng.choice(TAILS)))
        names = sorted(stage.panel.symbols[code] for code in codes)
        return replace(stage, news=_with(stage.news, symbols, times, texts)), Truth(
            kind=self.kind,
            first=first,
            last=last,
            subject={"symbol": "|".join(names)},
            words=f"{'praise' if text is PRAISE else 'blame'} of {', '.join(names)} floods the feed",
        )


def _with(news: News, symbols: list[str], times: list[np.datetime64], texts: list[str]) -> News:
    published = np.concatenate([news.published_at, np.array(times, dtype="datetime64[us]")])
    order = np.argsort(published, kind="stable")
    return News(
        symbol=np.concatenate([news.symbol.astype(str), np.array(symbols, dtype=str)])[order],
        published_at=published[order],
        source=np.concatenate([news.source.astype(str), np.full(len(texts), "social")])[order],
        text=np.concatenate([news.text, np.array(texts, dtype=object)])[order],
    )
