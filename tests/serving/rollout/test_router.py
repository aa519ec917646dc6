"""Assignment: sticky, by share, independent between salts, and moving as few as can be."""

from __future__ import annotations

import timeit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import InputError, UsageError
from tradewind.serving.contracts import Assignment
from tradewind.serving.rollout import Arm, Experiment, Ramp, Router
from tradewind.serving.rollout.router import BUCKETS, layout, reshare

CALLERS = [f"caller-{i}" for i in range(20_000)]


def ab(*shares: float, **given: object) -> Experiment:
    arms = tuple(Arm(name=f"arm{i}", model=f"m/{i}", share=share) for i, share in enumerate(shares))
    values: dict[str, object] = {"name": "test", "kind": "ab", "arms": arms}
    return Experiment.model_validate(values | given)


def shares_of(count: int) -> st.SearchStrategy[tuple[float, ...]]:
    weights = st.lists(st.integers(0, 1000), min_size=count, max_size=count).filter(lambda found: sum(found) > 0)
    return weights.map(lambda found: tuple(one / sum(found) for one in found))


def test_without_an_experiment_the_champion_answers() -> None:
    assert Router("m/1").choose("c", "AAA") == Assignment(model="m/1")


def test_the_same_caller_gets_the_same_version_on_every_machine_and_for_every_symbol() -> None:
    one, other = Router("m/0", ab(0.5, 0.5)), Router("m/0", ab(0.5, 0.5))
    assert [one.choose(c, "AAA") for c in CALLERS[:500]] == [other.choose(c, "BBB") for c in CALLERS[:500]]
    pinned = [one.choose(f"caller-{i}", "AAA").arm for i in range(8)]
    assert pinned == ["arm0", "arm1", "arm1", "arm0", "arm0", "arm0", "arm0", "arm0"]


def test_by_symbol_all_callers_see_one_version_of_a_symbol() -> None:
    router = Router("m/0", ab(0.5, 0.5, subject="symbol"))
    assert len({router.choose(c, "AAA").arm for c in CALLERS[:100]}) == 1
    assert len({router.choose("c", f"S{i}").arm for i in range(100)}) == 2


def test_callers_fall_by_share_and_independently_for_another_salt() -> None:
    router, other = Router("m/0", ab(0.7, 0.2, 0.1)), Router("m/0", ab(0.7, 0.2, 0.1, salt="other"))
    arms = [router.choose(c, "").arm for c in CALLERS]
    again = [other.choose(c, "").arm for c in CALLERS]
    for place, share in enumerate((0.7, 0.2, 0.1)):
        error = (share * (1 - share) / len(CALLERS)) ** 0.5
        assert arms.count(f"arm{place}") / len(CALLERS) == pytest.approx(share, abs=4 * error)
    both = sum(a == b for a, b in zip(arms, again, strict=True)) / len(CALLERS)
    assert both == pytest.approx(0.49 + 0.04 + 0.01, abs=0.02)


@given(shares_of(3), shares_of(3))
def test_a_change_of_shares_moves_no_more_buckets_than_it_must(old: tuple[float, ...], new: tuple[float, ...]) -> None:
    before, goal = layout(old), layout(new)
    after = reshare(before, new)
    assert [after.count(arm) for arm in range(3)] == [goal.count(arm) for arm in range(3)]
    moved = sum(a != b for a, b in zip(before, after, strict=True))
    assert moved == sum(max(0, after.count(arm) - before.count(arm)) for arm in range(3))
    assert len(after) == BUCKETS
    assert all(abs(after.count(arm) / BUCKETS - share) <= 1 / BUCKETS for arm, share in enumerate(new))


def test_up_the_ramp_nobody_leaves_the_canary_and_back_all_return() -> None:
    arms = (Arm(name="control", model="m/1", share=1.0), Arm(name="canary", model="m/2", share=0.0))
    router = Router("m/1", Experiment(name="up", kind="canary", arms=arms, ramp=Ramp(shares=(0.01, 0.05, 0.5, 1.0))))
    seen: set[str] = set()
    for share in (0.01, 0.05, 0.5, 1.0):
        router.share((1 - share, share))
        now = {c for c in CALLERS if router.choose(c, "").arm == "canary"}
        assert seen <= now
        assert len(now) / len(CALLERS) == pytest.approx(share, abs=0.015)
        seen = now
    router.share((1.0, 0.0))
    assert {router.choose(c, "").arm for c in CALLERS} == {"control"}


def test_a_table_that_was_kept_is_taken_up_and_a_strange_one_refused() -> None:
    router = Router("m/0", ab(0.5, 0.5))
    router.share((0.2, 0.8))
    again = Router("m/0", ab(0.5, 0.5), router.table)
    assert [again.choose(c, "") for c in CALLERS[:200]] == [router.choose(c, "") for c in CALLERS[:200]]
    with pytest.raises(InputError, match="not of this experiment"):
        Router("m/0", ab(0.5, 0.5), bytes([7]) * BUCKETS)
    with pytest.raises(UsageError, match="sum to 1"):
        router.share((0.5, 0.6))


def test_settings_that_contradict_each_other_are_refused() -> None:
    for wrong in ({"margin": 0.3}, {"kind": "canary"}, {"arms": [{"name": "a", "model": "m", "share": 1.0}]}):
        with pytest.raises(ValueError):
            ab(0.2, 0.3, 0.5, **wrong)
    with pytest.raises(ValueError, match="sum to 1"):
        ab(0.5, 0.6)
    with pytest.raises(ValueError, match="ascend"):
        Ramp(shares=(0.5, 0.1))


def test_a_choice_on_the_fast_path_takes_less_than_two_microseconds() -> None:
    router = Router("m/0", ab(0.5, 0.5))
    router.choose("c", "AAA")
    seconds = min(timeit.repeat(lambda: router.choose("c", "AAA"), number=10_000, repeat=7)) / 10_000
    assert seconds < 2e-6
