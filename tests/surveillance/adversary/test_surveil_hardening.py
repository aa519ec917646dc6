"""Hardening teaches a toy model what a search found, is judged on what it did not learn from, and can be resumed."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.evaluation.bootstrap import Interval
from tradewind.surveillance.adversary import HardeningSettings, Measure, Recall, SearchSettings, decide, harden
from tradewind.surveillance.learning import CandidateTable, LearningSettings, SurveillanceModel
from tradewind.surveillance.schemes import Scheme

WASH = Scheme.WASH_TRADING


class Stopped(Exception):
    """The run was cut."""


class Cut:
    """Progress that stops the run when a stage begins for the n-th time."""

    def __init__(self, stage: str) -> None:
        self.stage = stage

    def update(self, stage: str, done: int, total: int) -> None:
        if stage == self.stage:
            raise Stopped(f"{done} of {total}")


@pytest.fixture
def settings(learning: LearningSettings) -> HardeningSettings:
    return HardeningSettings(
        rounds=2,
        budget=20,
        search=SearchSettings(grounds=1, fresh=2, ordinary=4, keep=3),
        lessons=8,
        validation=8,
        learning=learning,
        seed=4,
    )


@pytest.mark.slow
def test_hardening_finds_fresh_evasions_at_no_loss(
    model: SurveillanceModel, base: CandidateTable, toy_field: Any, settings: HardeningSettings, tmp_path: Path
) -> None:
    done = harden(model, base, tmp_path, replace(settings, rounds=1), on=(toy_field, [WASH], 1))
    first = done.rounds[0]
    assert first.accepted, first.why
    assert first.attack_before[WASH].share < 0.2
    assert first.attack_after[WASH].share > 0.6
    assert first.before.variants.share < 0.2
    assert first.after.variants.share > 0.8
    assert first.after.precision.value >= first.before.precision.value - 0.005
    assert SurveillanceModel.load(tmp_path / "model").id == done.model.id == first.after_model != model.id


@pytest.mark.slow
def test_no_market_that_judges_is_learnt_from(
    model: SurveillanceModel, base: CandidateTable, toy_field: Any, settings: HardeningSettings, tmp_path: Path
) -> None:
    harden(model, base, tmp_path, settings, on=(toy_field, [WASH], 1))
    learnt = {m.name for i in (1, 2) for m in CandidateTable.load(tmp_path / f"round_{i}" / "lessons.npz").markets}
    assert len(learnt) == 16
    judging = {
        m.name for name in ("validation", "variants") for m in CandidateTable.load(tmp_path / f"{name}.npz").markets
    }
    searched = {f"toy {seed}" for seed in toy_field.plays} - learnt
    assert not learnt & judging
    assert len({f"toy {s}" for s in toy_field.plays}) == len(learnt) + len(searched)
    played_once = [f"toy {seed}" for seed in toy_field.plays]
    assert all(played_once.count(name) == 1 for name in learnt)


@pytest.mark.slow
@pytest.mark.parametrize("stage", ["lessons 1", "fit", "lessons 2"])
def test_a_run_that_was_cut_ends_as_one_that_was_not(
    stage: str,
    model: SurveillanceModel,
    base: CandidateTable,
    toy_field: Any,
    settings: HardeningSettings,
    tmp_path: Path,
) -> None:
    settings = replace(settings, budget=6, validation=4)
    whole = harden(model, base, tmp_path / "whole", settings, on=(toy_field, [WASH], 1))
    played = len(toy_field.plays)
    with pytest.raises(Stopped):
        harden(model, base, tmp_path / "cut", settings, on=(toy_field, [WASH], 1), progress=Cut(stage))
    toy_field.plays.clear()
    resumed = harden(model, base, tmp_path / "cut", settings, on=(toy_field, [WASH], 1))
    assert resumed.to_dict() == whole.to_dict()
    assert len(toy_field.plays) < played
    kept = [json.loads((tmp_path / way / "hardening.json").read_text()) for way in ("whole", "cut")]
    assert kept[0] == kept[1]


@pytest.mark.slow
def test_a_folder_of_another_hardening_is_refused(
    model: SurveillanceModel, base: CandidateTable, toy_field: Any, settings: HardeningSettings, tmp_path: Path
) -> None:
    small = replace(settings, rounds=1, budget=4, validation=2, lessons=2)
    harden(model, base, tmp_path, small, on=(toy_field, [WASH], 1))
    with pytest.raises(UsageError, match="another"):
        harden(model, base, tmp_path, replace(small, seed=5), on=(toy_field, [WASH], 1))


def _measure(precision: float, recall: float, found: int) -> Measure:
    def point(value: float) -> Interval:
        return Interval(value=value, lower=value, upper=value)

    return Measure(
        precision=point(precision),
        recall=point(recall),
        variants=Recall(found=(found,), deeds=(100,)),
        variants_precision=point(1.0),
    )


@pytest.mark.parametrize(
    ("after", "attack", "accepted", "word"),
    [
        (_measure(0.97, 0.8, 50), 30, True, "under attack rises by 20.0%"),
        (_measure(0.96, 0.8, 50), 30, False, "precision"),
        (_measure(0.97, 0.7, 50), 30, False, "recall of ordinary play"),
        (_measure(0.97, 0.8, 20), 30, False, "of sly variants falls"),
        (_measure(0.97, 0.8, 50), 5, False, "under attack falls"),
        (_measure(0.97, 0.8, 30), 10, False, "does not rise"),
        (_measure(float("nan"), 0.0, 50), 30, False, "no alert"),
    ],
)
def test_a_model_takes_over_only_where_it_gains_and_loses_nothing(
    after: Measure, attack: int, accepted: bool, word: str
) -> None:
    recalls = (Recall(found=(10,), deeds=(100,)), Recall(found=(attack,), deeds=(100,)))
    found, why = decide(_measure(0.97, 0.8, 30), after, recalls, (0.005, 0.02))
    assert found is accepted
    assert word in why


def test_a_search_that_finds_no_way_proves_nothing() -> None:
    none = Recall(found=(), deeds=())
    same = _measure(0.97, 0.8, 30)
    assert decide(same, same, (Recall(found=(1,), deeds=(10,)), none), (0.005, 0.02))[0] is False


def test_recall_is_told_with_the_wider_interval() -> None:
    unanimous = Recall(found=(3, 3, 3), deeds=(3, 3, 3))
    assert unanimous.interval.lower < 0.8
    split = Recall(found=(0, 6, 0, 6), deeds=(6, 6, 6, 6))
    assert split.interval.lower == 0.0
    assert split.interval.upper == 1.0
    assert (unanimous + split).share == pytest.approx(21 / 33)
    assert np.isnan(Recall(found=(), deeds=()).share)
    assert Recall.from_dict(split.to_dict()) == split
