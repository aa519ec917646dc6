"""A part that fails is left alone, tried once after a pause, and trusted again when that works."""

from __future__ import annotations

from tradewind.serving.cache.breaker import Breaker


def test_it_opens_after_failures_in_a_row_and_tries_one_call_after_each_longer_pause() -> None:
    now = [0.0]
    breaker = Breaker(2, 1.0, 3.0, lambda: now[0])
    breaker.failed()
    breaker.worked()
    assert not breaker.failed()
    assert breaker.closed, "two failures, not in a row"
    assert breaker.failed()
    assert not breaker.closed
    for pause in (1.0, 2.0, 3.0, 3.0):
        now[0] += pause - 0.01
        assert not breaker.allow()
        now[0] += 0.02
        assert breaker.allow()
        assert not breaker.allow(), "one call tries, the others do not wait for it"
        assert not breaker.failed(), "it was open already"
    now[0] += 4.0
    assert breaker.allow()
    assert breaker.worked()
    assert breaker.closed
    assert breaker.allow()
    assert breaker.opened == 1


def test_failures_of_calls_that_were_under_way_do_not_lengthen_the_pause() -> None:
    now = [0.0]
    breaker = Breaker(1, 1.0, 8.0, lambda: now[0])
    breaker.failed()
    for _ in range(20):
        breaker.failed()
    now[0] = 1.01
    assert breaker.allow()
