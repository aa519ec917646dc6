"""The level in process: the newest wins in any order, and what was withdrawn does not come back."""

from __future__ import annotations

import json
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from tradewind.serving.cache import Memory, PredictionCache, body_of, rank
from tradewind.streaming.records import Prediction

Make = Callable[..., Prediction]


def made(time: int, revision: int, made_at: int) -> Prediction:
    return Prediction(
        id=f"{time}-{revision}-{made_at}",
        symbol="AAA",
        time=time,
        known_at=time,
        made_at=made_at,
        model="m/1",
        probability=0.5,
        expected_return=0.0,
        lower=-0.1,
        upper=0.1,
        inputs_id=f"{time}-{revision}",
        revision=revision,
    )


@given(
    st.lists(st.builds(made, st.integers(1, 4), st.integers(0, 2), st.integers(0, 3)), min_size=1, max_size=12),
    st.randoms(),
)
def test_in_any_order_and_repeated_the_newest_of_all_is_given(seen: list[Prediction], shuffle: object) -> None:
    memory = Memory(10)
    again = [*seen, *seen]
    shuffle.shuffle(again)  # type: ignore[attr-defined]
    for prediction in again:
        memory.put([prediction])
    held = memory.get("AAA", "m/1")
    assert held is not None
    assert held.prediction == max(seen, key=rank)


@given(
    st.lists(st.builds(made, st.integers(1, 4), st.integers(0, 2), st.integers(0, 3)), min_size=1), st.integers(1, 5)
)
def test_a_prediction_of_changed_inputs_does_not_come_back(seen: list[Prediction], changed: int) -> None:
    memory = Memory(10)
    memory.put(seen)
    held = memory.get("AAA", "m/1")
    assert held is not None
    old = held.prediction
    gone = memory.withdraw(["AAA"], changed)
    assert gone == (old.time >= changed)
    memory.put(seen)  # repeated by the log, or late from another process
    after = memory.get("AAA", "m/1")
    if gone:
        assert after is None
        memory.put([made(old.time, old.revision + 1, 0)])
        assert memory.state("AAA", "m/1") == "fresh"
    else:
        assert after is not None
        assert after.prediction == old


def test_a_new_bar_leaves_the_older_prediction_which_says_its_time(make_prediction: Make) -> None:
    memory = Memory(10)
    memory.put([make_prediction(time=1)])
    assert memory.withdraw(["AAA"], 2) == 0
    assert memory.state("AAA", "ensemble/1") == "older"
    held = memory.get("AAA", "ensemble/1")
    assert held is not None
    assert json.loads(held.body)["time"] == 1
    memory.put([make_prediction(time=2)])
    assert memory.state("AAA", "ensemble/1") == "fresh"


def test_a_corrected_bar_takes_the_prediction_away_until_one_of_the_new_inputs_comes(make_prediction: Make) -> None:
    memory = Memory(10)
    memory.put([make_prediction(time=5)])
    assert memory.withdraw(["AAA"], 5) == 1
    assert memory.state("AAA", "ensemble/1") == "withdrawn"
    memory.put([make_prediction(time=5), make_prediction(time=4)])
    assert memory.get("AAA", "ensemble/1") is None
    memory.put([make_prediction(time=5, revision=1)])
    held = memory.get("AAA", "ensemble/1")
    assert held is not None
    assert held.prediction.revision == 1


def test_what_was_begun_before_a_correction_is_refused(make_prediction: Make) -> None:
    memory = Memory(10)
    ticket = memory.generation
    memory.withdraw(["AAA"], 5)
    memory.withdraw(["AAA"], 9)
    memory.put([make_prediction(time=5, made_at=10**9)], ticket=ticket)
    assert memory.get("AAA", "ensemble/1") is None
    assert memory.refused == 1
    memory.put([make_prediction(time=4), make_prediction("BBB", time=5)], ticket=ticket)
    assert memory.get("AAA", "ensemble/1") is not None
    assert memory.get("BBB", "ensemble/1") is not None
    memory.put([make_prediction(time=9)], ticket=memory.generation)
    assert memory.state("AAA", "ensemble/1") == "fresh"


def test_it_stays_within_its_limit_and_lets_the_longest_unwritten_go(make_prediction: Make) -> None:
    memory = Memory(3)
    for name in ("A", "B", "C"):
        memory.put([make_prediction(name, time=1)])
    memory.put([make_prediction("A", time=2)])
    memory.put([make_prediction("D", time=1)])
    assert len(memory) == 3
    assert memory.get("B", "ensemble/1") is None
    assert memory.get("A", "ensemble/1") is not None
    assert memory.evicted == 1


def test_the_answer_is_json_with_null_for_bounds_that_do_not_exist(make_prediction: Make) -> None:
    found = json.loads(body_of(make_prediction(probability=0.75), "student_disagrees"))
    assert found["lower"] is None
    assert found["confidence"] == 0.5
    assert found["flag"] == "student_disagrees"
    assert "flag" not in json.loads(body_of(make_prediction()))


def test_equal_answers_have_equal_tags_and_others_have_not(make_prediction: Make) -> None:
    memory = Memory(10)
    (first,) = memory.put([make_prediction()])
    (again,) = memory.put([make_prediction()])
    (other,) = memory.put([make_prediction(revision=1)])
    assert first.etag == again.etag != other.etag
    assert first.etag.startswith(b'"')
    assert first.etag.endswith(b'"')


def test_hits_and_misses_are_counted_and_a_dropped_model_is_gone(make_prediction: Make) -> None:
    cache = PredictionCache(Memory(10))
    try:
        cache.put([make_prediction(), make_prediction(model="other/1")])
        assert cache.body("AAA", "ensemble/1") is not None
        assert cache.body("AAA", "none/1") is None
        assert (cache.stats()["l1"]["hits"], cache.stats()["l1"]["misses"]) == (1, 1)
        cache.l1.drop(["other/1"])
        assert cache.body("AAA", "other/1") is None
        assert len(cache.l1) == 1
        assert [made.model for made in cache.history("AAA", limit=5)] == ["ensemble/1"]
    finally:
        assert cache.close()
