"""What the watcher of performance tells, when, and what it leaves alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from tradewind.monitoring.performance import Expectation, PerformanceSettings, PerformanceWatcher, SettlingSettings
from tradewind.monitoring.performance.cusum import Cusum
from tradewind.monitoring.performance.expectation import Promise
from tradewind.monitoring.slices import LabelArrival, Slice
from tradewind.monitoring.watcher import Watcher

SYMBOLS = 12


@pytest.fixture(scope="module")
def expectation(make_slices: Any, outcomes_of: Any) -> Expectation:
    return Expectation.from_outcomes(outcomes_of(make_slices(252, SYMBOLS, 999), regime="calm"))


def kinds(found: dict[tuple[str, str], int]) -> set[str]:
    return {kind for kind, _ in found}


@pytest.mark.slow
def test_skill_that_is_lost_is_told_within_weeks(make_slices: Any, told: Any, expectation: Expectation) -> None:
    watcher = PerformanceWatcher(expectation)
    assert isinstance(watcher, Watcher)
    lost = make_slices(110, SYMBOLS, 5, true_skill=lambda day: 0.3 if day < 40 else -0.1)
    found = told(watcher, lost)
    assert {"accuracy_drop", "ic_drop", "calibration_drift"} <= kinds(found)
    assert 40 < min(found.values()) < 75
    finding = next(f for f in watcher.observe(lost[-1]) if f.about == "metric=accuracy")
    assert finding.evidence["seen"] < 0.5 < finding.evidence["expected"]
    assert finding.evidence["hac_p_value"] < 0.01
    assert 30 < finding.evidence["days"] < 90
    assert finding.p_value is not None
    assert finding.p_value < 0.01


@pytest.mark.slow
def test_a_sector_that_fails_is_named(make_slices: Any, told: Any, expectation: Expectation) -> None:
    tech = np.arange(SYMBOLS) % 4 == 3
    slices = make_slices(120, SYMBOLS, 6, true_skill=lambda day: np.where(tech & (day >= 30), -0.6, 0.3))
    found = told(PerformanceWatcher(expectation), slices)
    sectors = {about for kind, about in found if kind == "accuracy_drop" and about.startswith("sector")}
    assert sectors == {"sector=Tech"}


@pytest.mark.slow
def test_a_regime_that_fails_is_named(make_slices: Any, told: Any, expectation: Expectation) -> None:
    slices = make_slices(120, SYMBOLS, 7, true_skill=lambda day: -0.3 if day % 2 else 0.3)

    def regime(one: Slice) -> str:
        return "calm" if slices.index(one) % 2 else "wild"

    found = told(PerformanceWatcher(expectation, regime=regime), slices)
    assert ("accuracy_drop", "regime=calm") in found
    assert ("accuracy_drop", "regime=wild") not in found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "about"),
    [
        (lambda p: 0.5 + 0.05 * (p - 0.5), "metric=dispersion"),
        (lambda p: p + 0.25 * (1 - p), "metric=mean_probability"),
    ],
)
def test_probabilities_that_collapse_or_lean_are_told_at_once(
    make_slices: Any, told: Any, expectation: Expectation, change: Any, about: str
) -> None:
    def hook(day: int, one: Slice) -> Slice:
        made = one.served[0]
        return replace(one, served=(replace(made, probability=change(made.probability)),)) if day >= 30 else one

    found = told(PerformanceWatcher(expectation), make_slices(60, SYMBOLS, 8, hook=hook))
    assert 30 <= found[("prediction_shift", about)] <= 36
    assert ("prediction_shift", "metric=probability") in found


@pytest.mark.slow
def test_forecasts_that_are_too_sure_are_told_as_calibration(make_slices: Any, told: Any, outcomes_of: Any) -> None:
    reference = Expectation.from_outcomes(outcomes_of(make_slices(252, SYMBOLS, 1, skill=0.6)))
    slices = make_slices(150, SYMBOLS, 2, skill=0.6, true_skill=lambda day: 0.6 if day < 30 else 0.15)
    watcher = PerformanceWatcher(reference)
    found = told(watcher, slices)
    assert "calibration_drift" in kinds(found)
    finding = next(f for f in watcher.observe(slices[-1]) if f.kind == "calibration_drift")
    assert finding.evidence["calibration_slope"] < 0.7


def late(slices: list[Slice], start: int, end: int) -> list[Slice]:
    """Labels due from ``start`` on come together at ``end``."""
    held = [one.labels for one in slices[start:end] if one.labels is not None]
    both = {name: np.concatenate([getattr(x, name) for x in held]) for name in vars(held[0])}
    out = [replace(one, labels=None) if start <= day < end else one for day, one in enumerate(slices)]
    more = out[end].labels
    assert more is not None
    out[end] = replace(
        out[end], labels=LabelArrival(**{name: np.concatenate([both[name], getattr(more, name)]) for name in both})
    )
    return out


@pytest.mark.slow
@pytest.mark.parametrize("set_delay", [None, 2])
def test_labels_that_do_not_come_are_told_and_change_no_judgement(
    make_slices: Any, told: Any, expectation: Expectation, set_delay: int | None
) -> None:
    settings = PerformanceSettings(settling=SettlingSettings(label_delay=set_delay))
    slices = make_slices(60, SYMBOLS, 9, label_delay=2)
    watcher, prompt = PerformanceWatcher(expectation, settings), PerformanceWatcher(expectation, settings)
    days = [
        day
        for day, one in enumerate(late(slices, 30, 36))
        for finding in watcher.observe(one)
        if finding.kind == "labels_overdue"
    ]
    assert days == list(range(30, 36))
    assert not told(prompt, slices)
    assert watcher.state()["levels"] == prompt.state()["levels"]
    assert watcher.state()["overdue"] == prompt.state()["overdue"] == 0
    assert watcher.state()["label_delay"] == 2


def test_labels_that_never_come_at_all_are_told(make_slices: Any, told: Any, expectation: Expectation) -> None:
    slices = make_slices(30, SYMBOLS, 9, hook=lambda _, one: replace(one, labels=None))
    found = told(PerformanceWatcher(expectation), slices)
    assert set(found) == {("labels_overdue", "feed=labels")}


def test_corrected_labels_enter_the_rolling_figures(make_slices: Any, told: Any, expectation: Expectation) -> None:
    def hook(day: int, one: Slice) -> Slice:
        if day != 29 or one.labels is None:
            return one
        before = slices[28].labels
        both = LabelArrival(
            symbol=np.concatenate([one.labels.symbol, before.symbol]),
            time=np.concatenate([one.labels.time, before.time]),
            direction=np.concatenate([one.labels.direction, 1 - before.direction]),
            forward_return=np.concatenate([one.labels.forward_return, -before.forward_return]),
        )
        return replace(one, labels=both)

    slices = make_slices(30, SYMBOLS, 10)
    watcher, plain = PerformanceWatcher(expectation), PerformanceWatcher(expectation)
    told(watcher, make_slices(30, SYMBOLS, 10, hook=hook))
    told(plain, slices)
    assert watcher.rolling()["accuracy"] != plain.rolling()["accuracy"]
    assert watcher.state()["levels"] == plain.state()["levels"]


@pytest.mark.slow
def test_quiet_years_are_quiet(make_slices: Any, told: Any, outcomes_of: Any) -> None:
    loud = 0
    for seed in range(6):
        made = Expectation.from_outcomes(outcomes_of(make_slices(252, 8, 500 + seed)))
        loud += bool(told(PerformanceWatcher(made), make_slices(252, 8, seed)))
    assert loud == 0  # 0.05 a year is promised; the corrections leave far less


@pytest.mark.slow
def test_later_slices_change_nothing(make_slices: Any, past_is_fixed: Any, expectation: Expectation) -> None:
    slices = make_slices(90, SYMBOLS, 11, true_skill=lambda day: 0.3 if day < 20 else -0.4)
    assert past_is_fixed(lambda: PerformanceWatcher(expectation), slices, 70)


def test_what_a_slice_may_hold_is_borne(make_slices: Any, told: Any, expectation: Expectation) -> None:
    def hook(day: int, one: Slice) -> Slice:
        if day % 4 == 0:
            return replace(one, served=(), labels=None)
        made = one.served[0]
        if day % 4 == 1:
            return replace(one, served=(replace(made, probability=np.full(len(made), np.nan)),))
        return replace(one, served=(replace(made, version=f"demo/{day}"),)) if day % 4 == 2 else one

    watcher = PerformanceWatcher(expectation)
    found = told(watcher, make_slices(60, SYMBOLS, 12, hook=hook))
    assert kinds(found) <= {"prediction_shift", "labels_overdue"}  # a quarter of the labels never comes
    assert ("labels_overdue", "feed=labels") in found


def test_a_day_that_stays_incomplete_while_the_delay_is_learned_holds_up_no_more_than_patience(
    make_slices: Any, told: Any, expectation: Expectation
) -> None:
    def hook(day: int, one: Slice) -> Slice:
        few = one.labels
        if few is None or day < 3:
            return one
        cut = {name: getattr(few, name)[: SYMBOLS // 2] for name in ("symbol", "time", "direction", "forward_return")}
        return replace(one, labels=LabelArrival(**cut))

    watcher = PerformanceWatcher(expectation)
    found = told(watcher, make_slices(40, SYMBOLS, 13, hook=hook))
    assert found[("labels_overdue", "feed=labels")] <= 12
    assert watcher.rolling()["days"] == 20


@pytest.mark.slow
@pytest.mark.parametrize(
    "spoil",
    [
        lambda x: replace(x, direction=np.full(len(x), np.nan), forward_return=np.full(len(x), np.nan)),
        lambda x: replace(x, forward_return=np.full(len(x), np.inf)),
        lambda x: replace(x, direction=100 * x.direction + 7),
        lambda x: replace(x, time=x.time + np.timedelta64(3650, "D")),
    ],
)
def test_labels_that_say_nothing_count_as_not_come(
    make_slices: Any, told: Any, expectation: Expectation, spoil: Any
) -> None:
    def hook(day: int, one: Slice) -> Slice:
        return replace(one, labels=spoil(one.labels)) if day >= 20 and one.labels is not None else one

    watcher = PerformanceWatcher(expectation)
    found = told(watcher, make_slices(45, SYMBOLS, 14, hook=hook))
    assert found == {("labels_overdue", "feed=labels"): 20}
    assert len(watcher.settling.join._labels) <= 20


def test_a_slice_that_is_shown_twice_counts_once(make_slices: Any, told: Any, expectation: Expectation) -> None:
    slices = make_slices(40, SYMBOLS, 15)
    once, twice = PerformanceWatcher(expectation), PerformanceWatcher(expectation)
    told(once, slices)
    told(twice, [one for one in slices for _ in range(2)])
    assert twice.state() == once.state()


def test_a_short_expectation_is_trusted_less(make_slices: Any, outcomes_of: Any) -> None:
    short, long = (Expectation.from_outcomes(outcomes_of(make_slices(n, SYMBOLS, 16))) for n in (41, 253))
    for expectation, errors in ((short, 2.0), (long, 1.0)):
        promise = expectation.overall["accuracy"]
        assert promise.allowance == pytest.approx(errors * promise.error)
    assert short.psi_error > 2 * long.psi_error


@pytest.mark.slow
@pytest.mark.parametrize("days", [40, 60, 126])
def test_lucky_expectations_raise_no_more_alarms_than_promised(days: int) -> None:
    rng, loud, years, rate = np.random.default_rng(days), 0, 400, 0.05
    for _ in range(years):
        promise = Promise.of(rng.normal(size=days))
        assert promise is not None
        cusum = Cusum(
            centre=promise.value,
            deviation=promise.deviation * promise.inflation,
            side=-1,
            tolerance=promise.allowance,
            shifts=(0.3, 0.8, 2.0),
            alarms_per_year=rate,
        )
        told = False
        for value in rng.normal(size=252).tolist():
            cusum.update(value)
            told |= cusum.alarmed
        loud += told
    assert loud <= years * rate + 2 * np.sqrt(years * rate)
