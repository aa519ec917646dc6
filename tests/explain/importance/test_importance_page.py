"""Global importance put together, and its page where parts of it are missing."""

from __future__ import annotations

import json
import re
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import InputError
from tradewind.core.plain import finite
from tradewind.explain.importance import GlobalImportance, ImportanceSettings
from tradewind.explain.importance.findings import Findings, top_effects
from tradewind.explain.importance.measure import global_importance
from tradewind.explain.importance.page import write_page
from tradewind.explain.rules import RuleSet, surrogate_rules
from tradewind.explain.subject import Subject

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def subject(fitted) -> Subject:
    return Subject.of(fitted.model, fitted.data, fitted.test)


@pytest.fixture(scope="module")
def importance(subject) -> GlobalImportance:
    return global_importance(subject, settings=ImportanceSettings(rows=400, repeats=1, permutations=99, draws=200))


@pytest.fixture(scope="module")
def rules(subject) -> RuleSet:
    return surrogate_rules(subject.prepared, subject.train, subject.rows, subject.odds, subject.raw)


@pytest.mark.slow
def test_planted_momentum_is_on_top_of_every_view(importance):
    assert importance.shap.columns[0].name == "return_5"
    assert importance.shap.features[0].name == "return_5"
    assert "return_5" in importance.permutation.groups[0].names
    assert importance.stability.names[0] == "return_5"
    assert importance.stability.concordance > 0.7
    assert importance.drift is not None
    assert not importance.drift.drifted
    line = importance.table(3)[0]
    assert line["column"] == "return_5"
    assert line["verdict"] == "carries skill"
    assert line["from"] < line["importance"] < line["to"]
    json.dumps(finite(importance.to_dict()), allow_nan=False)


def test_the_training_rows_are_those_the_model_learned_from(fitted, subject):
    assert np.array_equal(subject.train, np.sort(fitted.train))
    with pytest.raises(InputError, match="the last day the model learned from"):
        Subject.of(fitted.model, fitted.data, fitted.train)
    recent = fitted.data.panel.time >= np.datetime64("2013-01-02")
    data = fitted.data.select(recent)
    rows = np.flatnonzero(np.isfinite(data.labels.direction))
    with pytest.raises(InputError, match="rows lie in the span the model learned from"):
        Subject.of(fitted.model, data, rows)


def test_effects_are_of_the_most_important_columns(subject, importance):
    pairs = top_effects(subject, importance, 2)
    assert [ale.column for ale, _ in pairs] == [part.name for part in importance.shap.columns[:2]]
    for ale, pdp in pairs:
        assert (ale.kind, pdp.kind) == ("ale", "pdp")
        assert ale.value[-1] > ale.value[0]


def test_a_page_without_effects_quality_and_drift_says_why(subject, importance, rules, tmp_path):
    bare = GlobalImportance(
        shap=importance.shap, permutation=importance.permutation, stability=importance.stability, drift=None
    )
    about = {"model": "first <b>", "from": "2013-01-02", "to": "2013-08-30", "trained_until": "2012-12-31"}
    findings = Findings(
        about=about, importance=bare, effects=(), rules=rules, quality=None, notes=("Left out: effects & quality.",)
    )
    page = write_page(tmp_path / "importance.html", findings).read_text()
    assert "Left out: effects &amp; quality." in page
    assert "first &lt;b&gt;" in page
    assert page.count("<svg") == 4
    assert 'id="quality"' not in page
    assert not re.search(r"\bnan\b", page)
    told = finite(findings.to_dict())
    assert told["quality"] is None
    assert told["drift"] is None
    assert told["rules"]["rules"][0]["words"].startswith("IF ")


def test_the_page_tells_of_every_group_those_that_cost_skill_too(importance, rules, tmp_path):
    first = importance.permutation.groups[0]
    many = tuple(replace(first, names=(f"group{i:02d}",)) for i in range(30))
    whole = replace(importance, permutation=replace(importance.permutation, groups=many))
    about = {"model": "m", "from": "2013-01-02", "to": "2013-08-30", "trained_until": "2012-12-31"}
    findings = Findings(about=about, importance=whole, effects=(), rules=rules, quality=None)
    assert "group29" in write_page(tmp_path / "importance.html", findings).read_text()
