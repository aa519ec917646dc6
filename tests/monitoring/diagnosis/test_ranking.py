"""Belief: shares that sum to one, causes that explain others away, and nothing that depends on what comes later."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import InputError, Severity
from tradewind.monitoring.diagnosis import CauseKind, DiagnosisSettings, Evidence
from tradewind.monitoring.diagnosis.case import Weighed
from tradewind.monitoring.diagnosis.ranking import rank
from tradewind.monitoring.finding import Area, Finding

K = CauseKind
CAUSES = [kind for kind in K if kind is not K.NO_FAULT]
ODDS = st.lists(st.floats(-50, 200), min_size=len(CAUSES), max_size=len(CAUSES))
SETTINGS = DiagnosisSettings()


def said(odds: list[float]) -> list[Weighed]:
    return [Weighed(kind=kind, log_odds=one) for kind, one in zip(CAUSES, odds, strict=True)]


def finding(kind: str, moment: Any, **subject: str) -> Finding:
    return Finding(
        kind=kind,
        area=Area.DATA_QUALITY,
        severity=Severity.ERROR,
        message="it is <b>wrong</b>",
        time=moment,
        known_at=moment,
        subject=subject,
    )


@given(ODDS)
def test_belief_sums_to_one_and_is_sorted(odds: list[float]) -> None:
    scores = [one.score for one in rank(said(odds), {}, SETTINGS)]
    assert len(scores) == len(K)
    assert np.isclose(sum(scores), 1.0)
    assert all(0.0 <= score <= 1.0 for score in scores)
    assert scores == sorted(scores, reverse=True)


@given(ODDS, st.randoms(use_true_random=False))
def test_the_order_in_which_causes_are_given_does_not_matter(odds: list[float], random: Any) -> None:
    causes = said(odds)
    mixed = list(causes)
    random.shuffle(mixed)
    first = {one.weighed.kind: one.score for one in rank(causes, {}, SETTINGS)}
    second = {one.weighed.kind: one.score for one in rank(mixed, {}, SETTINGS)}
    assert first == pytest.approx(second)


@given(ODDS, st.integers(0, len(CAUSES) - 1), st.floats(0, 20))
def test_more_evidence_for_a_cause_never_lowers_its_belief(odds: list[float], which: int, more: float) -> None:
    before = {one.weighed.kind: one.score for one in rank(said(odds), {}, SETTINGS)}
    odds[which] += more
    after = {one.weighed.kind: one.score for one in rank(said(odds), {}, SETTINGS)}
    assert after[CAUSES[which]] >= before[CAUSES[which]] - 1e-12


def test_without_evidence_no_fault_keeps_its_prior_and_all_causes_are_alike() -> None:
    ranked = rank(said([0.0] * len(CAUSES)), {}, SETTINGS)
    assert ranked[0].weighed.kind is K.NO_FAULT
    assert ranked[0].score == pytest.approx(SETTINGS.prior_no_fault)
    assert all(one.score == pytest.approx(0.5 / len(CAUSES)) for one in ranked[1:])


def test_a_shock_explains_the_correlation_it_makes() -> None:
    odds = dict.fromkeys(CAUSES, -2.0) | {K.VOLATILITY_SHOCK: 20.0, K.CORRELATION_BREAK: 15.0}
    ranked = {one.weighed.kind: one for one in rank(said(list(odds.values())), {}, SETTINGS)}
    assert ranked[K.CORRELATION_BREAK].explained_by is K.VOLATILITY_SHOCK
    assert ranked[K.CORRELATION_BREAK].log_odds == 0.0
    assert ranked[K.VOLATILITY_SHOCK].score > 0.9
    alone = rank(said(list((odds | {K.VOLATILITY_SHOCK: -2.0}).values())), {}, SETTINGS)
    assert alone[0].weighed.kind is K.CORRELATION_BREAK
    assert alone[0].explained_by is None


def test_findings_help_a_cause_with_evidence_of_its_own_and_no_other() -> None:
    odds = [1.0 if kind is K.STALE_SYMBOL else -1.0 for kind in CAUSES]
    extra = {K.STALE_SYMBOL: 1.5, K.FEED_STOPS: 1.5}
    ranked = {one.weighed.kind: one.log_odds for one in rank(said(odds), extra, SETTINGS)}
    assert ranked[K.STALE_SYMBOL] == pytest.approx(2.5)
    assert ranked[K.FEED_STOPS] == -1.0


@pytest.mark.slow
@pytest.mark.parametrize("kind", [K.FEED_STOPS, K.NO_FAULT, K.LABEL_DELAY])
def test_what_comes_later_changes_nothing(plant: Callable[..., Any], kind: CauseKind) -> None:
    planted = plant(kind, days=140)
    told = planted.diagnosis().to_dict()
    cut = type(planted)(slices=planted.slices[:120])
    assert cut.diagnosis().to_dict() == told
    last = planted.slices[119].known_at
    early = finding("feed_silent", last, feed="alpha")
    later = finding("feed_silent", last + timedelta(seconds=1), feed="alpha")
    assert planted.diagnosis(findings=(early, later)).to_dict() == planted.diagnosis(findings=(early,)).to_dict()
    assert planted.diagnosis(findings=(later,)).to_dict() == told


@pytest.mark.slow
def test_the_future_of_a_slice_in_the_period_does_not_reach_back(plant: Callable[..., Any]) -> None:
    whole, other = plant(K.NO_FAULT).slices, plant(K.UNIT_CHANGE).slices  # they differ from slice 105 on
    cut = [Evidence(reference=one[:80], period=one[80:105]) for one in (whole, other)]
    from tradewind.monitoring.diagnosis import diagnose

    assert diagnose(cut[0]).to_dict() == diagnose(cut[1]).to_dict()


@pytest.mark.slow
def test_a_finding_is_linked_where_it_names_the_cause_and_its_subject(plant: Callable[..., Any]) -> None:
    planted = plant(K.FEED_STOPS)
    when = planted.slices[107].known_at
    right, other = finding("feed_silent", when, feed="alpha"), finding("feed_silent", when, feed="beta")
    early = finding("feed_silent", planted.slices[95].known_at, feed="alpha")
    found = planted.diagnosis(findings=(right, other, early))
    assert [item.finding for item in found.top.items if item.finding] == [right.fingerprint]
    assert len(found.findings) == 3
    alone = planted.diagnosis(findings=(other, early))
    assert not [item for item in alone.top.items if item.finding]
    assert found.top.score >= alone.top.score


@pytest.mark.slow
def test_equal_evidence_gives_an_equal_diagnosis_in_json_that_survives(plant: Callable[..., Any]) -> None:
    first, second = (plant(K.VOLATILITY_SHOCK).diagnosis().to_dict() for _ in range(2))
    assert first == second
    assert json.loads(json.dumps(first, allow_nan=False)) == first
    assert sum(one["score"] for one in first["causes"]) == pytest.approx(1.0)
    assert {one["kind"] for one in first["causes"]} == {str(kind) for kind in K}


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: {"period": ()}, "the period holds no slice"),
        (lambda s: {"reference": s[:19]}, "19 slices lie before the period"),
        (lambda s: {"period": s[80:100]}, "not in the order of time"),
        (lambda s: {"period": [s[100], s[99]]}, "not in the order of time"),
    ],
)
def test_evidence_that_cannot_be_compared_is_refused(
    plant: Callable[..., Any], change: Callable[[Any], dict[str, Any]], words: str
) -> None:
    planted = plant(K.NO_FAULT)
    with pytest.raises(InputError, match=words):
        planted.evidence(**change(planted.slices))


def test_slices_without_rows_or_with_nan_alone_end_in_a_diagnosis(plant: Callable[..., Any]) -> None:
    planted = plant(K.NO_FAULT)
    blank = [
        replace(
            one,
            bars=replace(
                one.bars,
                **{n: np.full(len(one), np.nan) for n in ("open", "high", "low", "close", "adj_close", "volume")},
            ),
            features=np.full_like(one.features, np.nan),
        )
        for one in planted.slices[90:]
    ]
    found = planted.diagnosis(period=blank)
    assert sum(one.score for one in found.causes) == pytest.approx(1.0)
