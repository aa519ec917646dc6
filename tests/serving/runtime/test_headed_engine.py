"""Versions that read news, fed slice by slice: what they answer is what they answered in training."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError, UsageError
from tradewind.data import MarketSettings, simulate
from tradewind.features import SelectionSettings, TextHead, TextHeadSettings, make_labels
from tradewind.features.online import HeadedEngine, OnlineFeatures, slices_of
from tradewind.models import EnsembleSettings, ModelSettings
from tradewind.models.nets.lstm import LSTMSettings
from tradewind.serving.contracts import ModelRows
from tradewind.serving.runtime import engine_for, head_columns, load_artefact, load_head, with_heads
from tradewind.training import ENSEMBLE, TrainingSettings, build_dataset, fit_model
from tradewind.training.export import CheckRows, ExportSettings, export_model
from tradewind.validation import holdout

QUICK = ExportSettings(study=False, seconds=0.0005, sizes=(1, 16))
NAMES = ("return_1", "return_5", "rsi_14", "realised_volatility_20", "item_count_all", "sentiment_all")


@pytest.fixture(scope="module")
def market():
    return simulate(MarketSettings(kind="news", n_symbols=6, n_days=400, ceiling=0.8, seed=1, late_listing=0.3))


@pytest.fixture(scope="module")
def small(market):
    """Two text models of different settings, and the panel and news they read."""
    panel, news = market.panel, market.news
    rows = np.flatnonzero(panel.time < panel.times[250])
    labels = make_labels(panel)
    first, second = (
        TextHead(TextHeadSettings(n_features=n)).fit(panel, labels, news, rows, seed=0) for n in (512, 1024)
    )
    return panel, news, first, second


def plain(panel):
    return OnlineFeatures(panel.symbols, panel.sectors, NAMES, fear=False, news=True)


@pytest.mark.slow
def test_columns_of_text_models_stand_where_they_are_wanted(small):
    panel, news, first, second = small
    names = ("b", *NAMES, "a")
    engine, bare = HeadedEngine(plain(panel), {"a": first, "b": second}, names), plain(panel)
    assert engine.names == names
    assert HeadedEngine(plain(panel), {"a": first}).names == (*NAMES, "a")
    found = [(engine.advance(part), bare.advance(part)) for part in slices_of(panel, news)]
    values = np.concatenate([one.values for one, _ in found])
    np.testing.assert_array_equal(values[:, 1:-1], np.concatenate([one.values for _, one in found]))
    order = np.lexsort((panel.symbol_code, panel.time_code))
    for column, head in ((-1, first), (0, second)):
        np.testing.assert_allclose(values[:, column], head.transform(panel, news)[order], rtol=1e-9, equal_nan=True)
    assert np.isfinite(values[:, 0]).sum() > 100


@pytest.mark.slow
def test_a_memory_goes_back_and_on(small):
    panel, news, first, _ = small
    engine, again = (HeadedEngine(plain(panel), {"a": first}) for _ in range(2))
    parts = list(slices_of(panel, news))[:60]
    for part in parts[:40]:
        engine.advance(part)
    again.restore(engine.snapshot())
    for part in parts[40:]:
        np.testing.assert_array_equal(engine.advance(part).values, again.advance(part).values)


@pytest.mark.parametrize("damage", ["absent", "cut short", "of another embedder"])
def test_a_text_model_that_cannot_be_read_is_named(small, tmp_path, damage):
    small[2].save(tmp_path)
    if damage == "absent":
        (tmp_path / "text_head.json").unlink()
    elif damage == "cut short":
        (tmp_path / "text_head.npz").write_bytes((tmp_path / "text_head.npz").read_bytes()[:-50])
    else:
        path = tmp_path / "text_head.json"
        path.write_text(path.read_text().replace("null", '"letters"'))
    with pytest.raises((InputError, UsageError), match=r"text_head\.json"):
        load_head(tmp_path)


def test_columns_that_do_not_fit_are_refused(small):
    panel, _, first, _ = small
    for names in ((*NAMES, "a", "a"), NAMES, (*NAMES, "c")):
        with pytest.raises(UsageError, match="columns"):
            HeadedEngine(plain(panel), {"a": first}, names)
    with pytest.raises(UsageError, match="columns"):
        HeadedEngine(plain(panel), {"return_1": first})


@pytest.fixture(scope="module")
def versions(market, tmp_path_factory):
    """Two versions with text models of their own, trained and loaded, and their data."""
    data = build_dataset(market.panel, market.news, names=NAMES)
    folder, found = tmp_path_factory.mktemp("headed"), []
    for number, until in enumerate(("2012-12-14", "2013-02-15"), 1):
        split = holdout(data.labels.start, data.labels.end, until, "2013-02-19", "2013-03-28")
        settings = TrainingSettings(
            models=("lstm", "xgboost"),
            selection=SelectionSettings(n_features=7),
            ensemble=EnsembleSettings(inner_folds=1),
            members=ModelSettings(lstm=LSTMSettings(window=8, span=8, burn_in=4, hidden=4, max_epochs=1)),
        )
        model = fit_model(data, split.train, settings, news=market.news)
        check = CheckRows(data=data, rows=split.train[-200:], news=market.news)
        export_model(model, folder / str(number), ref=f"n/{number}", check=check, settings=QUICK)
        found.append((model, load_artefact(folder / str(number))))
    return data, split, found


@pytest.mark.slow
def test_versions_with_text_models_answer_from_slices_as_in_training(market, versions):
    data, split, found = versions
    panel, news = market.panel, market.news
    loaded = [served for _, served in found]
    one, two = head_columns(loaded)
    assert one.startswith("news_head:")
    assert one != two
    assert with_heads(loaded, NAMES) == (*NAMES, one, two)
    engine = engine_for(loaded, panel.symbols, panel.sectors, NAMES, fear=False, news=True)
    values = np.empty((len(panel), len(engine.names)), dtype=np.float32)
    scale, occasion = np.empty(len(panel)), np.empty(len(panel), dtype=bool)
    for t, part in enumerate(slices_of(panel, news)):
        rows = np.flatnonzero(panel.time_code == t)
        answer = engine.advance(part)
        values[rows], scale[rows], occasion[rows] = answer.values, answer.scale, answer.occasion
    for model, served in found:
        assert served.head_column in served.features
        rows = np.concatenate([split.train[::9], split.test])
        want = model.forecast(data, rows, news)[ENSEMBLE]
        columns = [engine.names.index(name) for name in served.features]
        got = served.predict(windows(values[:, columns], scale, occasion, data, rows, served.window))
        for name in ("probability", "expected_return", "lower", "upper"):
            np.testing.assert_allclose(getattr(got, name), getattr(want, name), rtol=0, atol=1e-6, err_msg=name)
    with pytest.raises(UsageError, match="n/1 reads news"):
        engine_for(loaded, panel.symbols, panel.sectors, ("return_1",), fear=False, news=False)


def windows(values, scale, occasion, data, rows, w):
    """Return the rows of a model that looks back on ``w`` bars."""
    count = np.minimum(data.bar_index[rows] + 1, w)
    index = rows[:, None] - np.arange(w - 1, -1, -1)
    known = np.arange(w) >= (w - count)[:, None]
    index = np.where(known, index, 0)
    history = np.where(known[:, :, None], values[index], np.float32(np.nan))
    return ModelRows(history=history, count=count, scale=scale[rows], occasion=occasion[index] & known)


def test_models_without_text_models_need_no_news(served, fitted):
    panel = fitted.data.panel
    engine = engine_for([served], panel.symbols, panel.sectors, served.features, fear=False, news=False)
    assert engine.names == served.features
    assert head_columns([served]) == ()


def test_versions_trained_on_different_scorers_are_not_served_together(served, fitted):
    panel = fitted.data.panel
    assert served.about["scorer"] == "lexicon"
    about = {**served.about, "ref": "other/1", "scorer": "finbert"}
    other = replace(served, pipeline=replace(served.pipeline, about=about))
    names = ("return_1", "sentiment_all")
    with pytest.raises(UsageError, match="scored by lexicon, other/1 by finbert"):
        engine_for([served, other], panel.symbols, panel.sectors, names, fear=False, news=True)
    assert engine_for([other], panel.symbols, panel.sectors, names, fear=False, news=True).names == names
