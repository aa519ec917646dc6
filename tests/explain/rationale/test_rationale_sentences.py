"""A sentence holds no number that a fact does not back; a changed number is found."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tradewind.explain.rationale import Facts, Sentence, say, verify
from tradewind.explain.rationale.facts import resolve
from tradewind.explain.rationale.forms import FORMS, NUMBER, read_back
from tradewind.explain.rationale.rules import RULES
from tradewind.explain.rationale.sentences import Slot

NUMERIC = sorted(name for name, form in FORMS.items() if not form.text)
values = st.floats(-1e6, 1e6, allow_nan=False).map(lambda v: v / 1e3)


def facts_of(**tree: object) -> Facts:
    return Facts(tree)


@given(value=values, form=st.sampled_from(NUMERIC))
def test_what_is_printed_reads_back_to_the_value_within_its_last_digit(value: float, form: str):
    printed = FORMS[form].show(value)
    number, decimals, suffix = read_back(printed)
    assert suffix == FORMS[form].suffix
    assert abs(number - value * FORMS[form].scale) <= 0.5 * 10**-decimals * (1 + 1e-9) + 1e-9
    assert not re.fullmatch(r"-0\.?0*( .*)?", printed), "minus zero says nothing"
    assert verify(say(facts_of(a=value), f"It is {{a|{form}}}."), facts_with(value)) == ()


def facts_with(value: float) -> Facts:
    facts = facts_of(a=value)
    facts.take("a", "num4")
    return facts


@given(value=values, form=st.sampled_from(NUMERIC), data=st.data())
def test_every_changed_digit_is_found(value: float, form: str, data: st.DataObject):
    value = value / 1e9 if form == "tiny" else value
    facts = facts_of(a=value)
    sentence = say(facts, f"Of all, {{a|{form}}} is told.")
    number, decimals, _ = read_back(FORMS[form].show(value))
    off = abs(number - value * FORMS[form].scale) * 10**decimals
    assume(off < 0.4999)  # halfway between two prints both are true
    digits = [i for i, c in enumerate(sentence.text) if c.isdigit()]
    at = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from([c for c in "0123456789" if c != sentence.text[at]]))
    changed = replace(sentence, text=sentence.text[:at] + other + sentence.text[at + 1 :])
    assert verify(sentence, facts) == ()
    assert verify(changed, facts) != ()


def test_a_flipped_sign_a_changed_unit_and_a_changed_word_are_found():
    facts = facts_of(gain=0.0123, name="rsi_14", share=0.3)
    sentence = say(facts, "{name} gives {gain|points2}, {share|pct0} of the push.")
    assert sentence.text == "rsi_14 gives +1.23 points, 30 % of the push."
    for old, new in (("+1.23", "-1.23"), ("30 % of", "30 x of"), ("rsi_14", "rsi_15")):
        assert verify(replace(sentence, text=sentence.text.replace(old, new)), facts) != ()


def test_a_number_beside_the_facts_is_refused_when_written_and_found_when_slipped_in():
    facts = facts_of(a=0.5)
    with pytest.raises(ValueError, match="holds the number '53'"):
        say(facts, "Of forecasts like this 53 % were right, {a|pct1} here.")
    sentence = say(facts, "It is {a|pct1}")
    slipped = replace(sentence, text=f"{sentence.text} and never 7")
    assert verify(slipped, facts) == ("no fact backs the number '7'",)


def test_a_slot_without_a_fact_or_outside_the_text_is_found():
    facts = facts_of(a=0.5)
    sentence = say(facts, "It is {a|pct1}")
    assert verify(Sentence(text="It is 5", slots=(Slot(start=6, end=7, key="b"),)), facts)[0] == "there is no fact b"
    assert verify(replace(sentence, slots=(Slot(start=6, end=99, key="a"),)), facts)


def test_a_coarser_print_is_true_and_a_finer_false_one_is_not():
    facts = facts_of(a=0.5321)
    facts.take("a", "pct1")
    for text, right in (("53 %", True), ("53.2 %", True), ("53.21 %", True), ("53.3 %", False), ("54 %", False)):
        found = verify(Sentence(text=text, slots=(Slot(start=0, end=len(text), key="a"),)), facts)
        assert (found == ()) == right, text


def test_facts_are_held_against_their_sources():
    tree = {"x": {"list": [{"v": 1.0}, {"v": 3.0}]}}
    facts = Facts(tree)
    facts.take("x.list[1].v", "num2")
    facts.derive("share", "fraction", ("x.list[0].v", "x.list[1].v"), "pct0")
    assert facts["share"].value == pytest.approx(1 / 3)
    assert facts["share"].source == "fraction(x.list[0].v, x.list[1].v)"
    assert facts.check() == ()
    tree["x"]["list"][1]["v"] = 3.5
    assert len(facts.check()) == 2


def test_facts_survive_being_written_down():
    facts = facts_of(a=[1.0, 2.0], word="calm")
    facts.take("word")
    facts.derive("sum", "sum", ("a[0]", "a[1]"), "num2")
    again = Facts.from_list(facts.evidence, facts.to_list())
    assert [fact.to_dict() for fact in again] == facts.to_list()
    assert again.check() == ()


def test_a_path_that_leads_nowhere_is_named():
    with pytest.raises(KeyError, match=r"a\[4\]\.b"):
        resolve({"a": [1]}, "a[4].b")
    assert not facts_of(a=None, n=float("nan")).has("a")
    assert not facts_of(n=float("nan")).has("n")


@given(parts=st.lists(values.filter(lambda v: abs(v) > 1e-6), min_size=1, max_size=8))
def test_shares_of_the_push_of_each_sign_sum_to_one(parts: list[float]):
    rows = [{"value": value} for value in parts]
    for up in (True, False):
        same = [value for value in parts if (value > 0) == up]
        if same:
            assert sum(RULES["share_of_push"](value, rows) for value in same) == pytest.approx(1.0)
    assert RULES["push_up"](rows) + RULES["push_down"](rows) == pytest.approx(sum(parts), abs=1e-9)


def test_a_sentence_survives_being_written_down():
    whole = say(facts_of(a=0.1, b=0.2), "First {a|pct0}, then {b|pct0}.", "order")
    assert Sentence.from_dict(whole.to_dict()) == whole
    assert whole.keys == ("a", "b")


def test_numbers_are_seen_in_every_dress():
    found = NUMBER.findall("2,304 bars, -0.45 % (63.0 to 68.6), rsi_14, 2013-09-04.")
    assert found == ["2,304", "-0.45", "63.0", "68.6", "14", "2013", "09", "04"]
