"""Alerts held against truth: matching, curves, intervals, the report."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.evaluation import (
    Judged,
    cluster_interval,
    evaluate_alerts,
    evaluation_table,
    match,
    precision_recall,
    recall_at_precision,
    write_evaluation,
)
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

SCHEMES = [Scheme.SPOOFING, Scheme.LAYERING]


def alert(scheme: Scheme, start: int, end: int, accounts: tuple[str, ...] = ("a",), **given: Any) -> Alert:
    values: dict[str, Any] = {"symbol": "X", "score": 0.9, "id": f"{scheme}{start}", "tier": Tier.LOW} | given
    return Alert(scheme=scheme, start=start, end=end, accounts=accounts, known_at=end, **values)


def planted(scheme: Scheme, start: int, end: int, accounts: tuple[str, ...] = ("a",), **given: Any) -> Planted:
    return Planted(scheme=scheme, start=start, end=end, accounts=accounts, **({"symbol": "X"} | given))


claims = st.lists(
    st.tuples(
        st.sampled_from(SCHEMES),
        st.integers(0, 50),
        st.integers(0, 10),
        st.sets(st.sampled_from("abc"), min_size=1).map(lambda s: tuple(sorted(s))),
        st.sampled_from(["X", "Y"]),
        st.integers(0, 5).map(lambda n: n / 5),
    ),
    max_size=12,
)


@pytest.mark.slow
@settings(max_examples=200, deadline=None)
@given(claims, claims, st.integers(0, 5), st.booleans())
def test_matching_equals_the_rule_applied_to_every_pair(said: Any, done: Any, tolerance: int, anything: bool) -> None:
    alerts = [alert(s, t, t + n, who, symbol=y, score=p) for s, t, n, who, y, p in said]
    truth = [planted(s, t, t + n, who, symbol=y) for s, t, n, who, y, _ in done]
    met = match(alerts, truth, tolerance_ns=tolerance, any_scheme=anything)
    expected = [
        (i, j)
        for i, a in enumerate(alerts)
        for j, p in enumerate(truth)
        if (anything or a.scheme == p.scheme)
        and a.symbol == p.symbol
        and set(a.accounts) & set(p.accounts)
        and max(a.start, p.start - tolerance) <= min(a.end, p.end + tolerance)
    ]
    assert list(zip(met.alert.tolist(), met.planted.tolist(), strict=True)) == expected
    assert met.true.tolist() == [any(i == k for k, _ in expected) for i in range(len(alerts))]
    assert met.found.tolist() == [any(j == k for _, k in expected) for j in range(len(truth))]


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(claims, claims, st.sampled_from([0.5, 0.8, 0.95]))
def test_the_curve_equals_counting_at_every_threshold(said: Any, done: Any, p: float) -> None:
    alerts = [alert(s, t, t + n, who, symbol=y, score=q) for s, t, n, who, y, q in said]
    truth = [planted(s, t, t + n, who, symbol=y) for s, t, n, who, y, _ in done]
    met = match(alerts, truth)
    score = np.array([a.score for a in alerts])
    curve = precision_recall(score, met.true, met.best(score))
    best = 0.0
    for i, threshold in enumerate(sorted({a.score for a in alerts}, reverse=True)):
        kept = [a for a in alerts if a.score >= threshold]
        again = match(kept, truth)
        assert curve.threshold[i] == threshold
        assert curve.precision[i] == pytest.approx(again.true.mean())
        if truth:
            assert curve.recall[i] == pytest.approx(again.found.mean())
            if again.true.mean() >= p:
                best = max(best, float(again.found.mean()))
    assert len(curve.threshold) == len({a.score for a in alerts})
    if truth:
        assert curve.recall_at_precision(p) == pytest.approx(best)
    else:
        assert np.isnan(curve.recall_at_precision(p))


def test_recall_at_precision_of_rows() -> None:
    score = np.array([0.9, 0.8, 0.7, 0.6, 0.5])
    true = np.array([True, True, False, True, False])
    assert recall_at_precision(score, true, 0.95) == pytest.approx(2 / 3)
    assert recall_at_precision(score, true, 0.75) == pytest.approx(1.0)
    assert np.isnan(recall_at_precision(score, np.zeros(5, dtype=bool)))
    assert recall_at_precision(score, np.array([False, False, False, False, True]), 0.95) == 0.0


def test_average_precision_agrees_with_scikit_learn() -> None:
    from sklearn.metrics import average_precision_score

    rng = np.random.default_rng(5)
    true = rng.random(400) < 0.2
    score = np.round(rng.normal(size=400) + true, 1)
    curve = precision_recall(score, true, score[true])
    assert curve.average_precision == pytest.approx(average_precision_score(true, score))


@pytest.mark.slow
def test_the_interval_over_markets_widens_where_markets_differ_and_covers() -> None:
    same, of = np.full(40, 5.0), np.full(40, 10.0)
    apart = np.where(np.arange(40) % 2 == 0, 0.0, 10.0)
    narrow, wide = cluster_interval(same, of), cluster_interval(apart, of)
    assert narrow.value == wide.value == 0.5
    assert narrow.upper - narrow.lower == 0.0
    assert wide.upper - wide.lower > 0.25
    rng = np.random.default_rng(3)
    covered = 0
    for _ in range(60):
        share = rng.beta(6, 2, size=50)
        found = cluster_interval(rng.binomial(8, share).astype(float), np.full(50, 8.0))
        covered += found.lower <= 0.75 <= found.upper
    assert covered >= 52
    assert np.isnan(cluster_interval(np.zeros(3), np.zeros(3)).value)


@pytest.fixture
def judged() -> list[Judged]:
    first = Judged(
        market="one",
        alerts=(
            alert(Scheme.SPOOFING, 10, 20),
            alert(Scheme.SPOOFING, 15, 25, score=0.8),  # the same episode again
            alert(Scheme.LAYERING, 10, 20, score=0.7),  # the wrong name
        ),
        truth=(planted(Scheme.SPOOFING, 12, 18), planted(Scheme.SPOOFING, 10**12, 10**12 + 5, evasive=True)),
        events=1_000_000,
    )
    second = Judged(
        market="two",
        alerts=(alert(Scheme.LAYERING, 10, 20),),
        truth=(planted(Scheme.LAYERING, 10, 20), planted(Scheme.WASH_TRADING, 0, 9)),
        events=1_000_000,
    )
    return [first, second, Judged(market="calm", alerts=(), truth=(), events=2_000_000)]


def test_scores_count_schemes_and_all(judged: list[Judged]) -> None:
    found = evaluate_alerts(judged)
    spoof, layer, wash = (found.schemes[s] for s in (Scheme.SPOOFING, Scheme.LAYERING, Scheme.WASH_TRADING))
    assert (spoof.planted, spoof.found, spoof.alerts, spoof.true_alerts, spoof.repeated) == (2, 1, 2, 2, 1)
    assert (layer.planted, layer.found, layer.alerts, layer.true_alerts) == (1, 1, 2, 1)
    assert (wash.planted, wash.found, wash.alerts) == (1, 0, 0)
    assert np.isnan(wash.precision.value)
    assert found.overall.precision.value == pytest.approx(3 / 4)
    assert found.overall.recall.value == pytest.approx(2 / 4)
    assert found.overall.false_per_million == pytest.approx(1 / 4)
    assert layer.curve.recall_at_precision(0.95) == 1.0
    assert found.overall.precision.lower < 0.75 < found.overall.precision.upper
    plain = evaluate_alerts(judged, evasive=False)
    assert plain.schemes[Scheme.SPOOFING].recall.value == 1.0
    assert evaluate_alerts(judged, evasive=True).schemes[Scheme.SPOOFING].planted == 1
    assert plain.overall.alerts == 4


def test_the_report_is_whole(judged: list[Judged], tmp_path: Path) -> None:
    found = evaluate_alerts(judged)
    figures, picture = write_evaluation(found, tmp_path)
    read = json.loads(figures.read_text())
    assert read["markets"] == 3
    assert read["schemes"]["wash_trading"]["precision"]["value"] is None
    assert read["overall"]["recall"]["value"] == 0.5
    text = picture.read_text()
    assert text.startswith("<svg")
    assert "wash trading" in text
    lines = evaluation_table(found).splitlines()
    assert len(lines) == 5
    assert lines[-1].startswith("overall")
    assert "75.0" in lines[-1]
    assert evaluate_alerts([]).overall.alerts == 0
