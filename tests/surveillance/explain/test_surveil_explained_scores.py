"""Why a score is what it is: exact contributions, rules that imitate a model, words, the record behind it."""

from __future__ import annotations

import itertools
import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import make_classification

from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.explain import (
    articles,
    confidence,
    contributions,
    duties,
    imitate,
    label,
    read_rules,
    reading,
    write_rules,
)
from tradewind.surveillance.explain.confidence import chance
from tradewind.surveillance.explain.contributions import tree_shapley
from tradewind.surveillance.explain.doubts import CHECKS
from tradewind.surveillance.learning import (
    LearningSettings,
    SchemeModelSettings,
    SchemeTable,
    SurveillanceModel,
    train_on,
)
from tradewind.surveillance.learning.forest import Forest
from tradewind.surveillance.learning.imbalance import Balancing
from tradewind.surveillance.learning.members import fit_trees
from tradewind.surveillance.learning.table import CandidateTable, MarketRecord, Ragged
from tradewind.surveillance.parts import make_detectors
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted

pytestmark = pytest.mark.slow

NAMES = ("size_vs_typical", "cancelled_share", "lifetime_s", "market_return_z", "rule", "revision", "accounts")


@pytest.fixture(scope="module")
def forest() -> Forest:
    x, y = make_classification(300, 5, n_informative=4, n_redundant=0, random_state=3)
    x[np.random.default_rng(1).random(x.shape) < 0.1] = np.nan
    options = SchemeModelSettings(rounds=12, depth=3)
    return fit_trees(x.astype(np.float32), y.astype(bool), np.ones(300), (0,) * 5, options)


@given(data=st.data())
@settings(max_examples=30, deadline=None)
def test_contributions_are_the_shapley_values_of_every_coalition(forest: Forest, data) -> None:
    number = st.one_of(st.just(math.nan), st.floats(-3, 3, width=32))
    row, other = (np.array(data.draw(st.lists(number, min_size=5, max_size=5)), dtype=np.float32) for _ in range(2))
    told = tree_shapley(forest, row, other)
    expected = np.zeros(5)
    for column in range(5):
        rest = [j for j in range(5) if j != column]
        for size in range(5):
            weight = math.factorial(size) * math.factorial(4 - size) / math.factorial(5)
            for chosen in itertools.combinations(rest, size):
                without, with_it = other.copy(), other.copy()
                without[list(chosen)] = row[list(chosen)]
                with_it[[*chosen, column]] = row[[*chosen, column]]
                outputs = forest.output(np.stack([with_it, without]))
                expected[column] += weight * (outputs[0] - outputs[1])
    np.testing.assert_allclose(told, expected, atol=1e-9)
    outputs = forest.output(np.stack([row, other]))
    assert told.sum() == pytest.approx(outputs[0] - outputs[1], abs=1e-9)


def a_table(seed: int = 1, markets: int = 10, each: int = 60) -> SchemeTable:
    """Return candidates of spoofing: true ones are large and taken back."""
    rng = np.random.default_rng(seed)
    n = markets * each
    told = rng.random(n) < 0.3
    values = rng.normal(size=(n, len(NAMES))).astype(np.float32)
    values[:, 0] += 3 * told
    values[:, 1] = np.where(told, rng.uniform(0.8, 1.0, n), rng.uniform(0.0, 0.9, n))
    values[:, 4] = rng.random(n)
    values[rng.random(n) < 0.1, 2] = np.nan
    start = np.tile(np.arange(each, dtype=np.int64), markets) * 60_000_000_000
    return SchemeTable(
        scheme=Scheme.SPOOFING,
        names=NAMES,
        monotone=(0,) * len(NAMES),
        variants=("",),
        values=values,
        rule=values[:, 4].astype(float),
        label=told,
        planted=np.where(told, np.tile(np.arange(each), markets), -1),
        market=np.repeat(np.arange(markets), each),
        row=start,
        known_at=start + 5,
        start=start,
        end=start + 5,
        episode=np.tile(np.arange(each), markets),
        revision=np.zeros(n, dtype=np.int64),
        symbol=np.zeros(n, dtype=np.int32),
        variant=np.zeros(n, dtype=np.int64),
        accounts=Ragged.of([(0,)] * n),
        evidence=Ragged.of([(1,)] * n),
    )


@pytest.fixture(scope="module")
def trained() -> tuple[SurveillanceModel, dict]:
    table = a_table()
    planted = Planted(scheme=Scheme.SPOOFING, symbol="X", accounts=("a",), start=0, end=10**15)
    records = [
        MarketRecord(name=str(i), symbols=("X",), accounts=("a",), truth=(planted,) * 60, events=1000)
        for i in range(10)
    ]
    options = LearningSettings(scheme=SchemeModelSettings(rounds=25, depth=3, balancing=Balancing.NONE), folds=3)
    found = train_on(CandidateTable(markets=tuple(records), schemes={Scheme.SPOOFING: table}), options)
    return found.model, found.to_dict()


def alert_of(model: SurveillanceModel, table: SchemeTable, row: int) -> Alert:
    chance, pieces = model.models[Scheme.SPOOFING].score(table.values[[row]], table.rule[[row]])
    return Alert(
        id="a1",
        scheme=Scheme.SPOOFING,
        symbol="X",
        accounts=("a",),
        start=0,
        end=5,
        known_at=5,
        score=float(chance[0]),
        tier=Tier.HIGH,
        features=dict(zip(NAMES, map(float, table.values[row]), strict=True)),
        contributions=dict(
            zip(("rule", "trees", "line", "anomaly", "calibration"), map(float, pieces[0]), strict=True)
        ),
    )


def test_an_alert_is_told_by_what_makes_it_true(trained) -> None:
    model, _ = trained
    table = a_table(seed=5)
    row = int(np.flatnonzero(table.label)[0])
    parts = contributions(alert_of(model, table, row), model)
    strongest = {part.feature for part in parts[:2]}
    assert strongest == {"size_vs_typical", "cancelled_share"}
    by_name = {part.feature: part for part in parts}
    assert by_name["cancelled_share"].value.endswith("%")
    assert [abs(p.log_odds) for p in parts] == sorted((abs(p.log_odds) for p in parts), reverse=True)
    assert contributions(replace(alert_of(model, table, row), features={}), model) == ()


def test_rules_imitate_the_model_on_markets_not_learnt_from(trained, tmp_path) -> None:
    model, _ = trained
    table = a_table(seed=5)
    rules = imitate(table, model, depth=3)
    assert rules.learnt + rules.judged == len(table)
    assert rules.fidelity > 0.6
    assert rules.agreement > 0.9
    assert sum(rule.coverage for rule in rules.rules) == pytest.approx(1.0)
    assert rules.rules[0].precision > 0.9
    assert rules.rules[-1].precision < 0.1
    for row in range(0, len(table), 37):
        features = dict(zip(NAMES, map(float, table.values[row]), strict=True))
        covering = [rule for rule in rules.rules if rule.covers(features, rules.filled)]
        assert len(covering) == 1
        assert rules.covering(features) == covering[0]
    assert "cancelled_share" in rules.rules[0].text or "size_vs_typical" in rules.rules[0].text
    write_rules({Scheme.SPOOFING: rules}, tmp_path)
    again = read_rules(tmp_path)[Scheme.SPOOFING]
    assert again.rules == rules.rules
    assert again.filled == pytest.approx(dict(rules.filled))


def test_rules_need_two_halves(trained, tmp_path) -> None:
    model, _ = trained
    with pytest.raises(UsageError, match="two markets"):
        imitate(a_table(markets=1, each=200), model)
    with pytest.raises(UsageError, match="too few"):
        imitate(a_table(markets=2, each=10), model)
    (tmp_path / "rules.json").write_text('{"spoofing": {"rules": 3}}')
    with pytest.raises(InputError, match="no rules"):
        read_rules(tmp_path)


def test_rules_of_labels_turned_at_random_have_the_base_rate(trained) -> None:
    model, _ = trained
    table = a_table(seed=5)
    shuffled = replace(table, label=np.random.default_rng(1).permutation(table.label))
    rules = imitate(shuffled, model, depth=3)
    assert abs(rules.rules[0].precision - table.label.mean()) < 0.15


def test_confidence_gives_the_record_out_of_sample(trained) -> None:
    model, record = trained
    table = a_table(seed=5)
    alert = alert_of(model, table, int(np.flatnonzero(table.label)[0]))
    trust = confidence(alert, model, record)
    told = record["schemes"]["spoofing"]
    assert (trust.alerts, trust.true) == (told["alerts_at_threshold"], told["true_at_threshold"])
    assert f"{trust.true:,} of {trust.alerts:,}" in " ".join(trust.words)
    odds = math.log(alert.score / (1 - alert.score))
    assert sum(value for _, value in trust.pieces) == pytest.approx(odds, abs=1e-5)
    assert "No record" in " ".join(confidence(alert).words)


def test_numbers_are_read_in_units() -> None:
    assert reading(Scheme.SPOOFING, "size_vs_typical", 3.0) == "8 times"
    assert reading(Scheme.WASH_TRADING, "size_vs_typical", math.log(8.0)) == "8 times"
    assert reading(Scheme.SPOOFING, "lifetime_s", -1.0) == "0.1 s"
    assert reading(Scheme.SPOOFING, "cancelled_share", 0.934) == "93.4%"
    assert reading(Scheme.FRONT_RUNNING, "size_log", 3.0) == "8 times"
    assert reading(Scheme.FRONT_RUNNING, "hold_seconds_log", 5.0) == "32 s"
    assert reading(Scheme.PUMP_AND_DUMP, "move_spreads", 3.25) == "3.25 typical spreads"
    assert reading(Scheme.PUMP_AND_DUMP, "market_return_z", 2.0) == "2 deviations"
    assert reading(Scheme.PUMP_AND_DUMP, "undone", math.nan) == "not known"


def test_every_feature_of_every_detector_has_words() -> None:
    for scheme, detector in make_detectors(Sessions(np.empty(0, np.int64), np.empty(0, np.int64))).items():
        for name in detector.feature_names:
            words = label(scheme, name)
            assert words
            assert "_" not in words


def test_every_scheme_has_rules_of_both_places_and_checks() -> None:
    for scheme in Scheme:
        for variant in ("", "insider_trading"):
            found = articles(scheme, variant)
            assert {one.place for one in found} == {"EU", "US"}
            assert len({one.citation for one in found}) == len(found)
            assert all(one.forbids.endswith(".") for one in found)
        assert any("16" in one.citation for one in duties(scheme))
        assert CHECKS[scheme]
    assert any("8(1)" in one.citation for one in articles(Scheme.FRONT_RUNNING, "insider_trading"))
    assert not any(one.citation == "MAR Art. 15" for one in duties(Scheme.FRONT_RUNNING))


def test_all_contributions_sum_to_what_the_members_say(trained) -> None:
    model, _ = trained
    one = model.models[Scheme.SPOOFING]
    table = a_table(seed=5)
    middle = one.members.scaler.knots[:, one.members.scaler.knots.shape[1] // 2].astype(np.float32)
    for row in (0, 7, int(np.flatnonzero(table.label)[0])):
        told = sum(part.log_odds for part in contributions(alert_of(model, table, row), model, most=99))
        both = np.stack([table.values[row], middle])
        said = one.members.arguments(both, both[:, NAMES.index("rule")].astype(float)) * one.stack.weight
        assert told == pytest.approx(float((said[0] - said[1])[:3].sum()), abs=1e-5)


def test_views_are_read_in_words() -> None:
    assert label(Scheme.SPOOFING, "profile_size_part") == "the accounts' habits: size of orders (part or percentile)"
    assert label(Scheme.SPOOFING, "context_quote_stuffing") == "textbook rule of quote stuffing"
    assert label(Scheme.SPOOFING, "profile_span_rows_log_most").endswith("of the most conspicuous account")
    assert reading(Scheme.SPOOFING, "profile_size_z", 3.0) == "3 deviations"
    assert chance(0.99999) == "above 99.9%"
    assert chance(0.934) == "93.4%"
