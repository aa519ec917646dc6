"""The text head's column, slice by slice, against the whole history at once."""

from __future__ import annotations

import numpy as np
import pytest

from tradewind.core import News, NotFittedError
from tradewind.features import make_labels
from tradewind.features.online.slices import slices_of
from tradewind.features.online.text_head import OnlineTextHead
from tradewind.features.text import TextHead, TextHeadSettings

WORDS = [f"word{chr(97 + i)}" for i in range(26)]


class LetterEmbedder:
    """A vector of a text: how often each letter is in it."""

    name = "letters"

    def embed(self, texts, /):
        counts = [[text.count(chr(97 + i)) for i in range(26)] for text in texts]
        return np.array(counts, dtype=np.float32).reshape(len(texts), 26)


@pytest.fixture(scope="module")
def market(make_panel):
    panel = make_panel(6, 160, seed=4, gaps=True)
    rng = np.random.default_rng(0)
    m = 2500
    at = np.sort(rng.choice(panel.known_at, m) - rng.integers(0, 5 * 86_400, m).astype("timedelta64[s]"))
    news = News(
        symbol=rng.choice([*panel.symbols, "ELSE"], m),
        published_at=at,
        source=rng.choice(["news", "social"], m),
        text=np.array([" ".join(rng.choice(WORDS, rng.integers(0, 12))) for _ in range(m)], dtype=object),
    )
    return panel, news


@pytest.mark.slow
@pytest.mark.parametrize("embedder", [None, LetterEmbedder()], ids=["words", "embedding"])
def test_slices_give_what_the_whole_history_gives(market, embedder):
    panel, news = market
    labels = make_labels(panel)
    rows = np.flatnonzero(panel.time < panel.times[120])
    head = TextHead(TextHeadSettings(n_features=1024), embedder=embedder).fit(panel, labels, news, rows, seed=0)
    online = OnlineTextHead(head)
    got = np.concatenate([online.column(part) for part in slices_of(panel, news)])
    expected = head.transform(panel, news)[np.lexsort((panel.symbol_code, panel.time_code))]
    assert np.isfinite(expected).sum() > 400
    assert len(np.unique(head._block(panel.time))) == 6  # blocks of the window, and what comes after it
    np.testing.assert_allclose(got, expected, rtol=1e-9, atol=0.0, equal_nan=True)


def test_rows_without_items_have_no_value_and_an_unfitted_head_is_refused(market):
    panel, news = market
    online = OnlineTextHead(TextHead())
    silent = next(slices_of(panel))
    assert np.isnan(online.column(silent)).all()
    spoken = next(part for part in slices_of(panel, news) if len(part.news.row))
    with pytest.raises(NotFittedError):
        online.column(spoken)
