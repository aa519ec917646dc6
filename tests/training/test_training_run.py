"""Training keeps the future out, whatever comes after the fold."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError, Labels, News, NotFittedError
from tradewind.data import MarketSettings, SimulatedMarket, simulate
from tradewind.features import SelectionSettings, row_slices
from tradewind.models import EnsembleSettings
from tradewind.training import (
    ENSEMBLE,
    Job,
    Preprocessor,
    TrainedModel,
    TrainingSettings,
    build_dataset,
    fit_model,
    forecast_frame,
    learning_curve,
    read_forecasts,
    run_fold,
    run_folds,
    to_outcomes,
)
from tradewind.training.settings import PreprocessSettings
from tradewind.validation import holdout

QUICK = TrainingSettings(
    models=("xgboost", "logistic"),
    baselines=("always_up",),
    selection=SelectionSettings(n_features=12),
    ensemble=EnsembleSettings(inner_folds=2),
)
TRAIN_END, TEST_START, TEST_END = "2013-02-15", "2013-02-19", "2013-03-28"


@pytest.fixture(scope="module")
def market() -> SimulatedMarket:
    return simulate(MarketSettings(kind="news", n_symbols=6, n_days=400, ceiling=0.8, seed=1, late_listing=0.3))


@pytest.fixture(scope="module")
def job(market: SimulatedMarket) -> Job:
    return Job(data=build_dataset(market.panel, market.news), settings=QUICK, news=market.news)


def split_of(job: Job):
    return holdout(job.data.labels.start, job.data.labels.end, TRAIN_END, TEST_START, TEST_END)


@pytest.mark.slow
def test_bars_and_news_after_a_day_change_no_forecast_of_it(market: SimulatedMarket, job: Job):
    whole, *_ = run_fold(job, split_of(job), row_slices(job.data.panel))
    cut = np.datetime64("2013-03-15")
    panel, news = market.panel.until(cut), market.news
    assert isinstance(news, News)
    early = news.select(news.published_at < cut)
    data = build_dataset(panel, early)
    short_job = Job(data=data, settings=QUICK, news=early)
    split = holdout(data.labels.start, data.labels.end, TRAIN_END, TEST_START, "2013-03-15")
    short, *_ = run_fold(short_job, split, row_slices(panel))
    for name, found in short.items():
        # The bar of the cut day itself has news until its close that `early` lacks.
        before = found.select(found.time < cut)
        other = whole[name].select(whole[name].time < cut)
        np.testing.assert_array_equal(before.symbol, other.symbol)
        for column in ("probability", "expected_return", "lower", "upper"):
            np.testing.assert_array_equal(getattr(before, column), getattr(other, column), err_msg=f"{name} {column}")


@pytest.mark.slow
def test_labels_outside_the_training_rows_teach_nothing(job: Job):
    split = split_of(job)
    rng = np.random.default_rng(0)
    labels = job.data.labels
    outside = np.ones(len(job.data), dtype=bool)
    outside[split.train] = False
    lies = Labels(
        start=labels.start,
        end=labels.end,
        direction=np.where(outside, rng.integers(0, 2, len(outside)), labels.direction),
        forward_return=np.where(outside, rng.normal(0, 1, len(outside)), labels.forward_return),
        horizon=1,
    )
    honest = fit_model(job.data, split.train, QUICK, news=job.news)
    lied_to = fit_model(replace(job.data, labels=lies), split.train, QUICK, news=job.news)
    one = honest.forecast(job.data, split.test, job.news)[ENSEMBLE]
    two = lied_to.forecast(job.data, split.test, job.news)[ENSEMBLE]
    np.testing.assert_array_equal(one.probability, two.probability)
    np.testing.assert_array_equal(one.upper, two.upper)


@pytest.mark.slow
def test_a_saved_model_forecasts_the_same(job: Job, tmp_path):
    split = split_of(job)
    model = fit_model(job.data, split.train, QUICK, news=job.news)
    model.save(tmp_path / "m")
    model.save(tmp_path / "m")  # replaces the older one
    again = TrainedModel.load(tmp_path / "m")
    one, two = (m.forecast(job.data, split.test, job.news) for m in (model, again))
    assert one.keys() == two.keys() == {ENSEMBLE, "xgboost", "logistic", "always_up"}
    for name in one:
        for column in ("probability", "expected_return", "lower", "upper"):
            np.testing.assert_array_equal(getattr(one[name], column), getattr(two[name], column))
    with pytest.raises(InputError, match="trained with news"):
        again.forecast(job.data, split.test)
    (tmp_path / "m" / "model.json").write_text("{")
    with pytest.raises(InputError, match="damaged"):
        TrainedModel.load(tmp_path / "m")


def test_too_few_rows_are_refused_with_their_number(job: Job):
    with pytest.raises(InputError, match="only 50 labelled bars"):
        fit_model(job.data, job.data.labelled(np.arange(len(job.data)))[:50], QUICK)


@pytest.mark.slow
def test_news_of_few_days_leave_the_text_model_out_and_say_so(job: Job):
    split = split_of(job)
    assert job.news is not None
    few = job.news.select(np.arange(len(job.news)) < 20)
    model = fit_model(job.data, split.train, QUICK, news=few)
    assert model.head is None
    assert "training rows have news" in model.record["text_model_left_out"]


@pytest.mark.slow
def test_folds_are_kept_and_used_again(job: Job, tmp_path):
    kept = replace(job, checkpoint=tmp_path)
    split = split_of(job)
    first = run_folds(kept, [split])
    second = run_folds(kept, [split])
    assert first.model is not None
    assert second.model is None  # nothing was fitted
    assert first.folds == second.folds
    for name in first.test:
        np.testing.assert_array_equal(first.test[name].probability, second.test[name].probability)
    other = run_folds(replace(kept, settings=QUICK.model_copy(update={"seed": 8})), [split])
    assert other.model is not None  # another seed is another run


def test_preprocessing_is_fitted_on_the_given_rows_alone(job: Job):
    split = split_of(job)
    changed = job.data.features.copy()
    changed[split.test] *= 50
    settings = (PreprocessSettings(), SelectionSettings(n_features=12))
    one = Preprocessor(*settings).fit(job.data, split.train, seed=0)
    two = Preprocessor(*settings).fit(job.data.with_features(changed, job.data.names), split.train, seed=0)
    assert one.to_dict() == two.to_dict()
    prepared = one.transform(job.data)
    assert np.isfinite(prepared.features).all()
    inside = prepared.features[split.train].astype(np.float64)
    np.testing.assert_allclose(inside.mean(axis=0), 0, atol=1e-3)
    assert {name for name in prepared.names if name.endswith("_missing")}
    with pytest.raises(NotFittedError):
        Preprocessor(*settings).transform(job.data)


@pytest.mark.slow
def test_learning_curve_grows_with_the_window(job: Job):
    points = learning_curve(job, split_of(job))
    assert [p.share for p in points] == sorted(p.share for p in points)
    assert points[-1].share == 1.0
    assert all(p.model == "xgboost" and p.train_accuracy > 0.4 for p in points)


@pytest.mark.slow
def test_forecasts_read_back_are_the_outcomes(job: Job, tmp_path):
    split = split_of(job)
    slices = row_slices(job.data.panel)
    forecast = fit_model(job.data, split.train, QUICK, news=job.news).forecast(job.data, split.test, job.news)[ENSEMBLE]
    outcomes = to_outcomes(ENSEMBLE, forecast, job.data, slices)
    file = tmp_path / "f.parquet"
    frame = forecast_frame(outcomes)
    frame.write_parquet(file)
    again = read_forecasts(file, job.data.panel)
    for column in ("symbol", "time", "probability", "forward_return", "direction", "sector"):
        np.testing.assert_array_equal(getattr(again, column), getattr(outcomes, column))
    frame.with_columns(probability=frame["probability"] * 3).write_parquet(file)
    with pytest.raises(InputError, match="not in \\[0, 1\\]") as caught:
        read_forecasts(file, job.data.panel)
    assert caught.value.field == "probability"
    frame.vstack(frame.head(1)).write_parquet(file)
    with pytest.raises(InputError, match="twice"):
        read_forecasts(file, job.data.panel)
    frame.write_parquet(file)
    with pytest.raises(InputError, match="do not have"):
        read_forecasts(file, job.data.panel.until("2013-03-01"))
