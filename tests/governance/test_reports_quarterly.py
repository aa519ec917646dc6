"""The quarterly report: measured on the quarter alone, compared with its uncertainty, honest where nothing is known."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.evaluation import accuracy_interval, forecast_metrics
from tradewind.features import make_labels
from tradewind.governance.pages import to_html
from tradewind.governance.reports import Incident, ModelEntry, Quarter, QuarterInput, logged_forecasts, quarterly
from tradewind.governance.reports.quarterly import compare

Q3 = Quarter(2026, 3)


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_every_day_lies_in_one_quarter(day: date):
    quarter = Quarter.of(day)
    assert quarter.first <= day <= quarter.last
    assert Quarter.parse(str(quarter)) == quarter
    assert quarter.following.first - quarter.last == timedelta(days=1)
    assert quarter.following.previous == quarter
    assert not quarter.following.holds(datetime(day.year, day.month, day.day, tzinfo=UTC))


@pytest.mark.parametrize("text", ["2026", "2026Q5", "Q3", "2026-07", ""])
def test_other_texts_are_no_quarter(text: str):
    with pytest.raises(UsageError, match="is no quarter"):
        Quarter.parse(text)


def test_only_the_quarter_counts(entry: ModelEntry, outcomes_maker: Any, now: datetime):
    outcomes = outcomes_maker("momentum/3", 0.6, first="2026-05-01", n_days=140)
    report = quarterly([QuarterInput(entry=entry, outcomes=outcomes)], Q3, at=now)
    part = report.data["models"][0]
    inside = outcomes.select(
        (outcomes.time >= np.datetime64("2026-07-01")) & (outcomes.time < np.datetime64("2026-10-01"))
    )
    metrics, interval = forecast_metrics(inside), accuracy_interval(inside)
    assert 0 < len(inside) < len(outcomes)
    assert part["quarter"]["n"] == metrics.n
    assert part["quarter"]["accuracy"] == metrics.accuracy
    assert part["quarter"]["accuracy_interval"] == [interval.lower, interval.upper]
    assert sum(one["forecasts"] for one in part["quarter"]["calibration"]) == metrics.n
    expected = entry.record["metrics"]["models"]["ensemble"]
    assert part["expected"]["accuracy"] == expected["accuracy"]
    page = to_html(report.document)
    for text in (f"{100 * metrics.accuracy:.1f} %", f"{100 * expected['accuracy']:.1f} %", f"{metrics.brier:.4f}",
                 f"{metrics.n:,}", "<svg", "Drift of importance: not assessed", "no audit log was given"):  # fmt: skip
        assert text in page


@pytest.mark.slow
def test_a_fall_is_called_below_expectation_and_a_like_quarter_is_not(
    entry: ModelEntry, outcomes_maker: Any, now: datetime
):
    for right, judgement in ((0.6, "as expected"), (0.3, "below expectation"), (0.95, "above expectation")):
        given_ = QuarterInput(entry=entry, outcomes=outcomes_maker("m", right, seed=3))
        report = quarterly([given_], Q3, at=now)
        assert report.data["models"][0]["judgement"] == judgement
        assert (str(report.document.status) == "Below expectation") is (judgement == "below expectation")


def test_what_is_not_known_is_not_judged(entry: ModelEntry, outcomes_maker: Any, now: datetime):
    few = outcomes_maker("m", 0.3, n_days=10)
    bare = dataclasses.replace(entry, record={**entry.record, "metrics": {}})
    elsewhere = outcomes_maker("m", 0.6, first="2025-01-02")
    for one in (
        QuarterInput(entry=entry),
        QuarterInput(entry=entry, outcomes=few),
        QuarterInput(entry=bare, outcomes=outcomes_maker("m", 0.3)),
        QuarterInput(entry=entry, outcomes=elsewhere),
    ):
        report = quarterly([one], Q3, at=now)
        assert report.data["models"][0]["judgement"] == "not assessed"
        assert str(report.document.status) == "Not assessed in full"
    empty = quarterly([], Q3, at=now)
    assert "No model was served" in to_html(empty.document)


def test_days_of_the_validation_confirm_nothing(entry: ModelEntry, outcomes_maker: Any, now: datetime):
    fold = {"test_start": "2026-06-01", "test_end": "2026-07-02"}
    own = dataclasses.replace(entry, record={**entry.record, "folds": [fold]})
    outcomes = outcomes_maker("m", 0.6)
    report = quarterly([QuarterInput(entry=own, outcomes=outcomes)], Q3, at=now)
    part = report.data["models"][0]
    assert (part["judgement"], part["difference"]) == ("not assessed", None)
    assert "2 days of it belong to the validation itself" in to_html(report.document)
    later = outcomes.select(outcomes.time > np.datetime64("2026-07-02"))
    assert quarterly([QuarterInput(entry=own, outcomes=later)], Q3, at=now).data["models"][0]["difference"] is not None


def test_forecasts_without_an_outcome_are_counted(entry: ModelEntry, outcomes_maker: Any, now: datetime):
    outcomes = outcomes_maker("m", 0.6)
    direction = outcomes.direction.copy()
    direction[-8:] = np.nan
    open_ = dataclasses.replace(outcomes, direction=direction)
    part = quarterly([QuarterInput(entry=entry, outcomes=open_)], Q3, at=now).data["models"][0]
    assert part["unjudged"] == len(outcomes.time) - part["quarter"]["n"]
    assert part["unjudged"] >= 8
    assert any(
        remark.startswith(f"{part['unjudged']} forecasts of the quarter not judged") for remark in part["remarks"]
    )


def test_days_without_an_outcome_do_not_count_as_days(entry: ModelEntry, outcomes_maker: Any, now: datetime):
    outcomes = outcomes_maker("m", 0.3)
    early = outcomes.time < np.unique(outcomes.time)[10]
    few = dataclasses.replace(outcomes, direction=np.where(early, outcomes.direction, np.nan))
    part = quarterly([QuarterInput(entry=entry, outcomes=few)], Q3, at=now).data["models"][0]
    assert part["quarter"]["n_days"] == 10
    assert (part["judgement"], part["not_compared"]) == ("not assessed", "fewer than 20 days")


@given(st.floats(0.3, 0.7), st.floats(0.3, 0.7), st.floats(0.005, 0.1), st.floats(0.005, 0.1))
def test_the_comparison_is_symmetric_and_as_wide_as_both(now_: float, then: float, a: float, b: float):
    one = {"accuracy": now_, "accuracy_interval": [now_ - a, now_ + a], "n_days": 60}
    other = {"accuracy": then, "accuracy_interval": [then - b, then + b], "n_days": 60}
    there, back = compare(one, other), compare(other, one)
    assert there["difference"] == pytest.approx(-back["difference"])
    low, high = there["interval"]
    assert (high - low) / 2 == pytest.approx(np.hypot(a, b))
    assert (there["judgement"] == "below expectation") == (high < 0)
    assert (there["judgement"] == "above expectation") == (low > 0)


def test_events_of_the_quarter_alone_are_counted(entry: ModelEntry, now: datetime):
    rows = [
        {"seq": 1, "at": "2026-06-30T23:59:59Z", "kind": "override", "body": {"reason": "too early"}},
        {"seq": 2, "at": "2026-07-01T00:00:00Z", "kind": "override", "body": {"reason": "stale <bars>"}},
        {"seq": 3, "at": "2026-09-30T23:59:59Z", "kind": "fallback", "body": {"reason": "vendor down"}},
        {"seq": 4, "at": "2026-10-01T00:00:00Z", "kind": "fallback", "body": {"reason": "too late"}},
    ]
    incident = Incident.model_validate(
        {
            "reference": "INC-9", "title": "Stale", "severity": "low", "status": "open", "models": ["momentum/3"],
            "owner": "otto", "started": "2026-08-01T00:00:00Z", "detected": "2026-08-01T00:00:00Z",
            "summary": "Stale.", "cause": "Vendor.", "impact": {"words": "Few."},
            "timeline": [{"at": "2026-08-01T00:00:00Z", "what": "Seen."}],
            "actions": [{"what": "Fix", "owner": "ada", "due": "2026-09-01"}],
        }
    )  # fmt: skip
    report = quarterly(
        [QuarterInput(entry=entry, events=rows, importance_drift={"rsi_14": 0.31})], Q3, at=now, incidents=[incident]
    )
    part = report.data["models"][0]
    assert (part["overrides"], part["fallbacks"], part["incidents"]) == (1, 1, ["INC-9"])
    assert [one["to_stage"] for one in part["approvals"]] == ["draft", "validated", "approved", "champion"]
    page = to_html(report.document)
    assert "stale &lt;bars&gt;" in page
    assert "0.3100" in page
    assert "too early" not in page
    assert "too late" not in page


def test_a_running_quarter_is_said_to_be_part_of_one(entry: ModelEntry):
    at = datetime(2026, 8, 15, tzinfo=UTC)
    report = quarterly([QuarterInput(entry=entry)], Q3, at=at)
    assert report.data["complete"] is False
    assert "a part of it" in " ".join(report.document.lead)


def test_logged_answers_meet_what_happened(make_panel: Any):
    panel = make_panel(3, 60, seed=4)
    labels = make_labels(panel)
    rows = []
    for bar in range(len(panel)):
        body = {"symbol": panel.symbols[panel.symbol_code[bar]], "as_of": str(panel.time[bar])[:10],
                "output": {"probability": 0.25 + 0.5 * (bar % 2), "lower": -0.1, "upper": 0.1}}  # fmt: skip
        rows.append({"seq": bar, "at": "2026-07-01T00:00:00Z", "kind": "prediction", "body": body})
    changed = {**rows[5], "body": {**rows[5]["body"], "output": {"probability": 0.99}}}
    strange = {**rows[5], "body": {**rows[5]["body"], "symbol": "NOPE"}}
    found = logged_forecasts([*rows, changed, strange], panel, model="m")
    assert (found.repeated, found.unmatched, found.late) == (1, 1, len(panel) - 3)  # three bars have no end yet
    stamped = [{**row, "at": row["body"]["as_of"], "body": {**row["body"], "as_of": f"{panel.known_at[i]}+00:00"}}
               for i, row in enumerate(rows)]  # fmt: skip
    closes = logged_forecasts(stamped, panel, model="m")
    assert (closes.late, closes.unmatched) == (0, 0)
    assert np.array_equal(closes.outcomes.probability, found.outcomes.probability)
    assert len(found.outcomes) == len(panel)
    place = {
        (s, str(t)[:10]): i for i, (s, t) in enumerate(zip(found.outcomes.symbol, found.outcomes.time, strict=True))
    }
    for bar in (0, 5, 17, len(panel) - 1):
        i = place[panel.symbols[panel.symbol_code[bar]], str(panel.time[bar])[:10]]
        assert found.outcomes.probability[i] == 0.25 + 0.5 * (bar % 2)  # the first answer counts
        assert np.array_equal(found.outcomes.direction[i], labels.direction[bar], equal_nan=True)
        assert np.isnan(found.outcomes.expected_return[i])
    assert (np.diff(found.outcomes.time.astype(np.int64)) >= 0).all()
    empty = logged_forecasts([], panel, model="m")
    assert len(empty.outcomes) == 0
