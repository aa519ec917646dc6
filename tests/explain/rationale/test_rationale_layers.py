"""Four layers of sentences over many rows, forecasts and settings: every number is true, every word is earned."""

from __future__ import annotations

import copy
import json
import re
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import Forecast, InputError, Severity
from tradewind.explain.rationale import LAYERS, RationaleSettings, check_record, explain, subject_of, verify
from tradewind.explain.rationale.evidence import evidence_of
from tradewind.explain.rationale.executive import executive
from tradewind.explain.rationale.facts import Facts
from tradewind.explain.rationale.forms import NUMBER
from tradewind.explain.rationale.words import describe
from tradewind.explain.shapley.explainer import Explainer
from tradewind.features import REGISTRY

CAUSAL = re.compile(
    r"\bbecause\b|\bdue to\b|\bdriven by\b|\bwill (rise|fall|go)\b|\bcauses? (the|a)\b|\bguarantee", re.I
)
MANY = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


def texts_of(found, name: str) -> str:
    return " ".join(s.text for layer in found.layers if layer.name == name for s in layer.sentences)


@pytest.fixture(scope="module")
def explained(fitted):
    """Real forecasts with real attributions."""
    subject = subject_of(Explainer.of(fitted.model, fitted.data), fitted.data, fitted.test[::40])
    return subject, [explain(subject, place) for place in range(len(subject))]


@pytest.mark.slow
@MANY
@given(
    seed=st.integers(0, 10_000),
    near=st.floats(0.0, 0.2),
    wide=st.floats(0.05, 1.0),
    dissent=st.floats(0.05, 1.0),
    top=st.integers(1, 12),
    unusual=st.floats(0.0, 0.3),
    track=st.sampled_from(["none", "skill", "no skill", "other settings"]),
)
def test_every_number_in_every_sentence_is_true_to_its_source(
    make_subject, track_maker, fitted, seed, near, wide, dissent, top, unusual, track
):
    rng = np.random.default_rng(seed)
    own = fitted.model.settings.model_dump(mode="json") if track != "other settings" else {"seed": 1}
    subject = make_subject(
        seed,
        m=1,
        track=None if track == "none" else track_maker(rng, skill=track == "skill", settings=own),
        settings=RationaleSettings(near=near, wide=wide, dissent=dissent, top=top, unusual=unusual),
    )
    found = explain(subject, 0)
    assert found.facts.check() == ()
    count = 0
    for sentence in found.every():
        assert verify(sentence, found.facts) == (), sentence
        assert not CAUSAL.search(sentence.text), sentence
        count += len(NUMBER.findall(sentence.text))
    assert count > 60, "the layers are full of numbers"
    assert ("no skill" in texts_of(found, "executive")) == (track in {"no skill", "other settings"})
    assert ("other settings" in texts_of(found, "executive")) == (track == "other settings")
    assert 3 <= len(found.layers[0].sentences) <= 5
    assert tuple(layer.name for layer in found.layers) == LAYERS
    assert (found.alert is None) == (found.more is None) == (not found.doubts)


@pytest.mark.slow
def test_evidence_holds_what_the_model_and_the_attribution_say(explained, fitted):
    subject, found = explained
    prepared = fitted.model.prepare(fitted.data, None)
    forecasts = fitted.model.forecast(fitted.data, subject.attribution.rows)
    for place, one in enumerate(found):
        tree, row = one.evidence, int(subject.attribution.rows[place])
        assert tree["forecast"]["probability"] == pytest.approx(forecasts["ensemble"].probability[place], abs=1e-12)
        assert tree["attribution"]["base"] + sum(tree["attribution"]["values"]) == pytest.approx(
            tree["attribution"]["probability"], abs=1e-9
        )
        groups = sum(group["value"] for group in tree["attribution"]["groups"])
        features = sum(feature["value"] for feature in tree["attribution"]["features"])
        assert groups == pytest.approx(features, abs=1e-12)
        assert tree["joining"]["calibrated"] == pytest.approx(tree["forecast"]["probability"], abs=1e-9)
        for member in tree["members"]:
            assert member["given"] == pytest.approx(forecasts[member["name"]].probability[place], abs=1e-12)
        parts = sum(member["part"] for member in tree["members"]) + tree["attribution"]["base_log_odds"]
        assert parts == pytest.approx(tree["joining"]["log_odds"], abs=1e-6)
        for seen in tree["inputs"]:
            raw = fitted.data.features[row, fitted.data.names.index(seen["feature"])]
            assert (seen["value"] is None) == bool(np.isnan(raw))
            if seen["value"] is not None:
                assert seen["value"] == pytest.approx(float(raw))
            column = subject.attribution.names.index(seen["feature"])
            below = subject.reference[:, column] < prepared.features[row, column]
            same = subject.reference[:, column] == prepared.features[row, column]
            assert seen["percentile"] == pytest.approx(below.mean() + same.mean() / 2)
        assert tree["data"]["date"] == str(fitted.data.panel.time[row])[:10]


def test_a_later_bar_changes_no_explanation(explained, fitted):
    subject, found = explained
    row = int(subject.attribution.rows[3])
    past = fitted.data.panel.time <= fitted.data.panel.time[row]
    short = fitted.data.select(past)
    background = Explainer.of(fitted.model, fitted.data)
    again = explain(subject_of(background, short, np.array([int(past[:row].sum())])), 0)
    for part in ("forecast", "attribution", "inputs", "members", "doubt"):
        for name, value in _flat(again.evidence[part]).items():
            assert _flat(found[3].evidence[part])[name] == pytest.approx(value, abs=1e-6), name


def _flat(tree, at: str = "") -> dict[str, object]:
    if isinstance(tree, dict):
        return {k: v for key, value in tree.items() for k, v in _flat(value, f"{at}.{key}").items()}
    if isinstance(tree, list):
        return {k: v for i, value in enumerate(tree) for k, v in _flat(value, f"{at}[{i}]").items()}
    return {at: tree}


def test_words_lean_the_way_the_numbers_do(make_subject, calm):
    for probability, side, strength in (
        (0.62, "a rise", "a moderate"),
        (0.38, "a fall", "a moderate"),
        (0.515, "a rise", "a slight"),
        (0.504, "a rise", "hardly any"),
        (0.9, "a rise", "a strong"),
    ):
        found = explain(make_subject(3, m=1, probability=probability, settings=calm), 0)
        text = found.layers[0].sentences[0].text
        assert text.endswith(f"{strength} lean to {side}."), text
    exact = make_subject(3, m=1)
    flat = replace(exact.forecasts["ensemble"], probability=np.array([0.5]))
    found = explain(replace(exact, forecasts={**exact.forecasts, "ensemble": flat}, settings=calm), 0)
    assert "no lean" in found.layers[0].sentences[0].text


def test_groups_for_and_against_have_the_signs_and_shares_they_are_given(make_subject, calm):
    for seed in range(20):
        found = explain(make_subject(seed, m=1, settings=calm), 0)
        groups = {group["name"]: group["value"] for group in found.evidence["attribution"]["groups"]}
        sentence = next(s for s in found.layers[0].sentences if s.topic == "drivers")
        up = found.evidence["forecast"]["probability"] >= 0.5
        head, _, tail = sentence.text.partition(", while ")
        for name, value in groups.items():
            share = abs(value) / sum(abs(v) for v in groups.values() if (v > 0) == (value > 0)) if value else 0
            for part, sign in ((head, 1 if up else -1), (tail, -1 if up else 1)):
                if f"{name} (" in part:
                    assert value * sign > 0
                    said = re.search(rf"{name} \((\d+) %", part)
                    assert said
                    assert abs(int(said[1]) - 100 * share) <= 0.5 + 1e-9


def test_pushes_that_print_as_nothing_are_not_told_as_speaking_against(make_subject, calm):
    subject = make_subject(5, m=1, probability=0.7, settings=calm)
    values = np.full(subject.attribution.values.shape, -1e-12)
    values[0, 0] = 0.2 + 1e-12 * (values.shape[1] - 1)
    values[0, 1] = 1e-5  # pushes the same way as the first, with a share that prints as 0 %
    one = replace(subject.attribution, base=0.5, values=values)
    found = explain(replace(subject, attribution=one), 0)
    told = next(s.text for s in found.layers[0].sentences if s.topic == "drivers")
    assert "nothing speaks against it" in told
    assert "(0 %" not in told
    assert "nothing pushes down" in texts_of(found, "attribution")
    shares = [row[2].text for row in found.layers[1].tables[0].rows]
    assert not any("push down" in share for share in shares)


def test_a_value_that_most_rows_share_is_not_said_to_be_above_them(make_subject, calm):
    subject = make_subject(5, m=1, settings=calm)
    level = np.tile(subject.attribution.inputs[0], (len(subject.reference), 1))  # every training row is alike
    found = explain(replace(subject, reference=level), 0)
    said = re.findall(r"above (\S+) % of training rows", texts_of(found, "attribution"))
    assert said
    assert set(said) == {"0"}
    assert all(seen["percentile"] == 0.5 for seen in found.evidence["inputs"])


def test_dissent_counts_the_sides_that_members_take_after_calibration(make_subject, calm, monkeypatch):
    subject = make_subject(3, m=1, probability=0.7, members=(0.52, 0.52, 0.52), settings=calm)
    combiner = subject.model.ensemble.combiner
    first = combiner.names[0]
    plain = type(combiner).member_log_odds
    monkeypatch.setattr(  # a calibration that takes the first member, and only it, to the other side
        type(combiner), "member_log_odds", lambda self, name, p: plain(self, name, p) - (1.0 if name == first else 0.0)
    )
    found = explain(subject, 0)
    assert found.evidence["members"][0]["calibrated"] < 0.5 < found.evidence["members"][0]["given"]
    assert found.evidence["doubt"]["dissenters"] == [first]
    assert "of the weight lean the other way" in texts_of(found, "technical")


def test_widths_are_compared_with_earlier_bars_alone(make_subject):
    subject = make_subject(5, m=1)
    panel = subject.data.panel
    earlier = panel.time < panel.time[subject.attribution.rows[0]]
    assert len(subject.usual_widths(0)) == np.isfinite(subject._widths[earlier]).sum()


def test_a_label_with_a_band_names_both_sides(make_subject):
    subject = make_subject(5, m=1)
    found = explain(subject, 0)
    facts = Facts({**found.evidence, "forecast": {**found.evidence["forecast"], "up": 0.0055, "down": -0.005}})
    facts.evidence["forecast"]["level"] = 0.995
    first, second = (sentence.text for sentence in executive(facts, ()).sentences[:2])
    assert "means 99.5 % of such returns" in second
    assert "of a rise (at least +0.55 %) rather than a fall (at most -0.50 %)" in first


def _signs(found) -> tuple[str, ...]:
    return tuple(doubt.name for doubt in found.doubts)


def test_each_sign_of_low_confidence_raises_an_alert_on_its_own(make_subject, calm, fitted):
    agree = (0.7, 0.7, 0.7)
    sure = make_subject(5, m=1, probability=0.7, members=agree, settings=calm)
    assert _signs(explain(sure, 0)) == ()
    near = make_subject(5, m=1, probability=0.505, members=agree, settings=replace_limits(calm, near=0.01))
    split = make_subject(5, m=1, probability=0.7, members=(0.7, 0.7, 0.3), settings=replace_limits(calm, dissent=0.05))
    row = int(sure.attribution.rows[0])
    forecast = sure.forecasts["ensemble"]
    far = replace(forecast, lower=forecast.expected_return - 5.0, upper=forecast.expected_return + 5.0)
    wide = replace(sure, forecasts={**sure.forecasts, "ensemble": far}, settings=replace_limits(calm, wide=0.95))
    changed = {}
    for name, value in (("outside", 1e3), ("missing", np.nan)):
        table = fitted.data.features.copy()
        table[row, fitted.data.names.index("rsi_14")] = value
        data = fitted.data.with_features(table, fitted.data.names)
        changed[name] = replace(sure, data=data, settings=replace_limits(calm, **{name: 0.1}))
    for name, subject in {"near": near, "dissent": split, "wide": wide, **changed}.items():
        found = explain(subject, 0)
        assert _signs(found) == (name,)
        assert found.alert is not None
        assert found.more is not None
        assert found.alert.kind == "low_confidence"
        assert found.alert.severity is Severity.WARNING
        assert found.alert.symbol == found.evidence["data"]["symbol"]
        assert found.alert.evidence[name] == {"value": found.doubts[0].value, "limit": found.doubts[0].limit}
        assert found.doubts[0].sentence.text in found.alert.message
        assert str(found.alert.known_at)[:10] == found.evidence["data"]["date"]
        assert "sign of low confidence" in texts_of(found, "executive")
        assert len(found.more.sentences) >= 3
        asked = [s.text for s in found.more.sentences if s.topic == "asks"]
        assert asked == ["No counterfactual was computed; one would show the smallest change that turns the forecast."]


def replace_limits(base: RationaleSettings, **limits: float) -> RationaleSettings:
    return RationaleSettings(**{**base.model_dump(), **limits})


def test_a_doubtful_forecast_names_what_would_change_it(make_subject, calm):
    found = explain(make_subject(8, m=1, probability=0.501, settings=replace_limits(calm, near=0.01)), 0)
    pivots = next(s for s in found.more.sentences if s.topic == "pivot").text
    for feature in found.evidence["attribution"]["features"]:
        if f"{feature['name']} (the rest" in pivots:
            assert (0.501 - feature["value"] - 0.5) < 0
    assert "the rest sums to" in pivots
    steady = explain(make_subject(8, m=1, probability=0.95, settings=replace_limits(calm, near=0.5)), 0)
    assert "No single feature carries the side" in " ".join(s.text for s in steady.more.sentences)


def test_a_doubtful_forecast_lists_every_unusual_input(make_subject, fitted):
    limits = RationaleSettings(near=0.5, unusual=0.2)
    subject = make_subject(13, m=1, settings=limits)
    row, names = int(subject.attribution.rows[0]), fitted.data.names
    table = fitted.data.features.copy()
    table[row, names.index("rsi_14")] = 1e3
    table[row, names.index("return_5")] = np.nan
    found = explain(replace(subject, data=fitted.data.with_features(table, names)), 0)
    listed = {row[0].text: [cell.text for cell in row[1:]] for row in found.more.tables[0].rows}
    assert listed["rsi_14"][2] == "beyond"
    assert listed["return_5"][0] == "missing"
    for seen in found.evidence["inputs"]:
        usual = 0.2 < seen["percentile"] < 0.8 and not seen["missing"] and not seen["outside"]
        assert (seen["feature"] in listed) != usual
    gives = {part["name"]: abs(part["value"]) for part in found.evidence["attribution"]["features"]}
    order = [gives[name] for name in listed]
    assert order == sorted(order, reverse=True)


def test_counterfactuals_and_the_local_line_are_told_with_their_numbers(make_subject, calm):
    changes = [{"name": "rsi_14", "before": 71.234, "after": 55.0, "form": "num1"}]
    subject = make_subject(
        2, m=1, settings=replace_limits(calm, near=0.5),
        what_if={0: [
            {"kind": "features", "changes": changes, "probability": 0.4871, "runs": 12},
            {"kind": "bar", "changes": [], "furthest": 0.61, "runs": 1525},
        ]},
        lime={0: {"r2": 0.81, "steadiness": 0.7, "agreement": None, "verdict": "steady",
                  "columns": [{"name": "rsi_14", "slope": 0.12, "deviation": 0.01}]}},
    )  # fmt: skip
    found = explain(subject, 0)
    told = texts_of(found, "attribution")
    assert "Had rsi_14 been 55.0 and not 71.2, the model, run again, would give 48.71 %." in told
    assert (
        "No plausible change of the day's bar among 1,525 tried turns the forecast; the furthest came to 61.00 %."
        in told
    )
    assert "LIME's line near this row explains 81 %" in texts_of(found, "technical")
    assert not [s for s in found.more.sentences if s.topic == "asks"]


def test_where_the_nets_look_is_told(make_subject, calm):
    weights = np.array([[0.4, 0.2, 0.1, *[0.3 / 17] * 17]])
    profile = np.array([[0.3, -0.2, 0.1, -0.4, *[0.0] * 16]])
    found = explain(make_subject(2, m=1, settings=calm, attention={"transformer": weights}, profile=profile), 0)
    told = texts_of(found, "technical")
    assert "transformer puts 70 % of its attention on the latest few of its 20 bars." in told
    assert "Sequence models look back 20 bars; the latest few give 60 % of all that bars give, whichever way." in told


def test_what_is_not_known_is_said_and_not_made_up(make_subject, calm):
    subject = make_subject(4, m=1, settings=calm, profile=None, methods={}, missed={})
    forecast = subject.forecasts["ensemble"]
    bare = {
        **subject.forecasts,
        "ensemble": Forecast.point(forecast.rows, forecast.probability, forecast.expected_return),
    }
    found = explain(replace(subject, forecasts=bare), 0)
    told = texts_of(found, "executive")
    assert "gives no interval" in told
    assert "nothing here tells how often the model is right" in told
    assert "nan" not in json.dumps(found.to_dict()).lower().replace("tenan", "")


def test_a_record_can_be_checked_on_its_own_and_any_tampering_is_found(explained):
    _, found = explained
    record = json.loads(json.dumps(found[0].to_dict(), allow_nan=False))
    assert check_record(record) == ()
    ways = {
        "evidence": lambda r: r["evidence"]["forecast"].update(probability=0.99),
        "fact": lambda r: r["facts"][0].update(value=0.123),
        "number": lambda r: _edit(
            r["layers"][0]["sentences"][0], r"(\d)( %)", lambda m: f"{(int(m[1]) + 1) % 10}{m[2]}"
        ),
        "words": lambda r: _edit(r["layers"][0]["sentences"][4], "not causes", lambda m: "causes"),
        "cell": lambda r: _edit(r["layers"][1]["tables"][0]["rows"][0][1], r"\d", lambda m: str((int(m[0]) + 1) % 10)),
        "id": lambda r: r.update(id="0" * 16),
    }
    for name, tamper in ways.items():
        changed = copy.deepcopy(record)
        tamper(changed)
        assert changed != record, name
        assert check_record(changed) != (), name


def _edit(sentence: dict, pattern: str, change) -> None:
    sentence["text"] = re.sub(pattern, change, sentence["text"], count=1)


def test_the_id_follows_the_content(make_subject):
    a, b = (explain(make_subject(seed, m=1), 0) for seed in (1, 2))
    assert a.id == explain(make_subject(1, m=1), 0).id != b.id


def test_a_group_shift_after_the_ensemble_is_told(make_subject):
    subject = make_subject(6, m=1)
    tree = evidence_of(subject, 0)
    assert abs(tree["joining"]["shift"]) > 1e-6, "the made-up forecast is not what the members join to"
    assert "A shift of" in texts_of(explain(subject, 0), "technical")


def test_parts_of_other_rows_are_refused(make_subject):
    one, other = make_subject(1), make_subject(2)
    with pytest.raises(ValueError, match="other rows"):
        replace(one, forecasts=other.forecasts)
    with pytest.raises(ValueError, match="reference has shape"):
        replace(one, reference=one.reference[:, :-1])


def test_metrics_of_another_kind_are_refused(make_subject):
    with pytest.raises(InputError, match="the metrics lack 'models'"):
        explain(make_subject(1, track={"primary": "ensemble"}), 0)


def test_every_feature_has_words():
    for feature in REGISTRY:
        words, _ = describe(feature.name)
        assert words != feature.name.replace("_", " "), feature.name
    assert describe("return_1_missing") == describe("return_1")
