"""How long who fails has to wait."""

from __future__ import annotations

from tradewind.web.access import Throttle
from tradewind.web.access.throttle import FREE


class Hand:
    """A clock that is moved by hand."""

    at = 1000.0

    def __call__(self) -> float:
        return self.at


def failing(throttle: Throttle, times: int, name: str = "ann", address: str = "10.0.0.1") -> None:
    for _ in range(times):
        throttle.failed(name, address)


def test_waits_double_and_end_at_five_minutes() -> None:
    throttle, waits = Throttle(Hand()), []
    failing(throttle, FREE["pair"] - 1)
    assert throttle.wait("ann", "10.0.0.1") == 0
    for _ in range(11):
        failing(throttle, 1)
        waits.append(throttle.wait("ann", "10.0.0.1"))
    assert waits == [1, 2, 4, 8, 16, 32, 64, 128, 256, 300, 300]


def test_the_wait_passes_and_an_hour_forgets() -> None:
    hand = Hand()
    throttle = Throttle(hand)
    failing(throttle, 8)
    assert throttle.wait("ann", "10.0.0.1") == 8
    hand.at += 8
    assert throttle.wait("ann", "10.0.0.1") == 0
    hand.at += 3601
    failing(throttle, 1)
    assert throttle.wait("ann", "10.0.0.1") == 0


def test_upper_case_and_spaces_are_no_other_name() -> None:
    throttle = Throttle(Hand())
    failing(throttle, 3, "Ann ")
    failing(throttle, 2, "ANN")
    assert throttle.wait("ann", "10.0.0.1") == 1


def test_others_are_not_locked_out_by_who_guesses_for_them() -> None:
    throttle = Throttle(Hand())
    failing(throttle, 30, address="10.6.6.6")
    assert throttle.wait("ann", "10.6.6.6") > 0
    assert throttle.wait("ann", "10.0.0.1") == 0


def test_one_address_does_not_try_every_name() -> None:
    throttle = Throttle(Hand())
    for i in range(FREE["address"]):
        throttle.failed(f"name {i}", "10.6.6.6")
    assert throttle.wait("new name", "10.6.6.6") == 1


def test_who_logs_in_is_not_held_for_earlier_slips() -> None:
    throttle = Throttle(Hand())
    failing(throttle, 4)
    throttle.passed("ann", "10.0.0.1")
    failing(throttle, 4)
    assert throttle.wait("ann", "10.0.0.1") == 0
