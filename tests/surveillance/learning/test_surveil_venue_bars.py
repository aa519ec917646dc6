"""Bars of a fitted model, set anew on labelled markets of a venue."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.surveillance.evaluation import evaluate_alerts
from tradewind.surveillance.learning import (
    Balancing,
    CandidateTable,
    LearningSettings,
    SchemeModelSettings,
    SurveillanceModel,
    judge,
    train_on,
)
from tradewind.surveillance.learning.sieve import ALL
from tradewind.surveillance.learning.venue_bars import LEAST_EPISODES, set_venue_bars
from tradewind.surveillance.schemes import Scheme

pytestmark = pytest.mark.slow

SPOOFING, WASH = Scheme.SPOOFING, Scheme.WASH_TRADING
Make = Callable[..., CandidateTable]
LOOSE = LearningSettings(most_false_per_million=1000.0, precision=0.9)


@pytest.fixture(scope="module")
def model(make_table: Make) -> SurveillanceModel:
    """Return a model of two schemes, with bars and sieves that are far too low for a venue with many look-alikes."""
    quick = SchemeModelSettings(rounds=40, isolation_trees=20, balancing=Balancing.NONE)
    fitted = train_on(make_table(skill=3.0, markets=12), replace_scheme(LOOSE, quick)).model
    models = {scheme: replace(one, sieve=one.sieve.with_bar(ALL)) for scheme, one in fitted.models.items()}
    return replace(fitted, models=models, thresholds=dict.fromkeys(fitted.thresholds, 0.05), floors={})


def replace_scheme(settings: LearningSettings, scheme: SchemeModelSettings) -> LearningSettings:
    """Return the settings with others of a scheme's model, in three folds."""
    return settings.model_copy(update={"scheme": scheme, "folds": 3})


def venue(make_table: Make, count: int, first: int = 100, **given: object) -> list[CandidateTable]:
    """Return markets of a venue, a table each."""
    return [make_table(first + i, markets=1, **{"skill": 2.5, "each": 80, "share": 0.1, **given}) for i in range(count)]


def test_bars_set_on_a_venue_are_precise_on_other_markets_of_it(model: SurveillanceModel, make_table: Make) -> None:
    made = set_venue_bars(model, venue(make_table, 12), LOOSE)
    assert made.after is not None
    assert made.before.overall.precision.value < 0.8
    assert made.after.overall.precision.value > made.before.overall.precision.value + 0.1
    fresh = venue(make_table, 12, first=500)
    for one in (SPOOFING, WASH):
        assert made.bars[one].how == "found"
        assert made.bars[one].episodes >= LEAST_EPISODES
        assert made.model.thresholds[one] == made.bars[one].after > model.thresholds[one]
    judged = [
        one
        for table in fresh
        for one in judge(
            table,
            {s: made.model.models[s].score(p.values, p.rule)[0] for s, p in table.schemes.items()},
            made.model.thresholds,
        )
    ]
    assert evaluate_alerts(judged).overall.precision.value > 0.85


def test_nothing_but_bars_differs(model: SurveillanceModel, make_table: Make, tmp_path: Path) -> None:
    made = set_venue_bars(model, venue(make_table, 3), LOOSE, measure=False)
    assert made.after is None
    again = SurveillanceModel.load(made.model.save(tmp_path / "model"))
    assert again.id == made.model.id != model.id == made.old.id
    assert again.about["bars_of"]["replaces"] == model.id
    part = make_table(900, markets=1).schemes[SPOOFING]
    np.testing.assert_array_equal(
        again.models[SPOOFING].score(part.values, part.rule)[0], model.models[SPOOFING].score(part.values, part.rule)[0]
    )


def test_a_market_is_measured_at_bars_that_were_set_without_it(model: SurveillanceModel, make_table: Make) -> None:
    one, two = venue(make_table, 2)
    judged = []
    for there, left in ((one, two), (two, one)):
        bars = set_venue_bars(model, [there], LOOSE).model.thresholds
        scores = {s: model.models[s].score(p.values, p.rule)[0] for s, p in left.schemes.items()}
        judged += judge(left, scores, bars)
    after, alone = set_venue_bars(model, [one, two], LOOSE).after, evaluate_alerts(judged)
    assert after is not None
    assert (after.overall.alerts, after.overall.true_alerts) == (alone.overall.alerts, alone.overall.true_alerts)


def test_a_calm_market_raises_bars_and_lowers_none(model: SurveillanceModel, make_table: Make) -> None:
    calm = venue(make_table, 4, share=0.0, skill=0.0)
    made = set_venue_bars(model, calm, LearningSettings())
    assert made.before.overall.alerts > 0
    for bar in made.bars.values():
        assert bar.episodes == 0
        assert bar.how in ("raised", "silent", "kept")
        assert bar.after >= bar.before
    assert any(bar.how == "raised" for bar in made.bars.values())
    whole = set_venue_bars(made.model, calm, LearningSettings())
    assert whole.before.overall.alerts < made.before.overall.alerts
    assert {bar.how for bar in whole.bars.values()} <= {"kept", "silent"}


def test_few_episodes_leave_a_bar_that_is_quiet_enough(model: SurveillanceModel, make_table: Make) -> None:
    few = make_table(77, markets=1, each=40, share=0.1, skill=3.0)
    assert sum(p.scheme is SPOOFING for p in few.markets[0].truth) < LEAST_EPISODES
    made = set_venue_bars(model, [few], LOOSE)
    assert made.after is None
    assert made.to_dict()["after"] is None
    assert made.bars[SPOOFING].how == "kept"
    assert made.model.thresholds[SPOOFING] == model.thresholds[SPOOFING]


def test_markets_that_say_nothing_are_refused(model: SurveillanceModel, make_table: Make) -> None:
    with pytest.raises(UsageError, match="no market is given"):
        set_venue_bars(model, [])
    table = make_table(5, markets=1)
    empty = {scheme: part.take(np.zeros(0, dtype=np.int64)) for scheme, part in table.schemes.items()}
    with pytest.raises(UsageError, match="nothing that the model could judge"):
        set_venue_bars(model, [CandidateTable(markets=table.markets, schemes=empty)])
