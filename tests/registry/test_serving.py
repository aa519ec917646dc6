"""What is served: the champion, unless an operator orders otherwise, for a time, and signs for it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tradewind.core import InputError, UsageError
from tradewind.core.clock import FixedClock
from tradewind.registry import ModelRegistry


def at(office, moment) -> ModelRegistry:
    """Return the registry as somebody sees it at ``moment``."""
    return ModelRegistry(office.registry.folder, clock=FixedClock(moment))


def test_an_override_pins_an_approved_version_until_it_expires(office):
    first, second = office.champion(), office.champion()
    until = office.clock.at + timedelta(hours=6)
    order = office.registry.override("demo", first, office.people["otto"], "version 2 misreads a split", until)
    served = office.registry.serving("demo")
    assert (served.record.version, served.how, served.until) == (first, "override", until.isoformat())
    assert served.words == f"demo/1 (override until {until:%Y-%m-%dT%H:%M} UTC)"
    assert served.reason == "version 2 misreads a split"
    assert office.registry.champion("demo") == second
    assert office.registry.orders("demo") == {"override": order, "fallback": None}
    assert office.events[-1] == ("override", {**order.to_dict(), "hash": order.hash})
    last = until - timedelta(microseconds=1)
    assert at(office, last).serving("demo").record.version == first
    assert at(office, until).serving("demo").record.version == second
    assert at(office, until).orders("demo") == {"override": None, "fallback": None}


def test_an_override_ends_by_resume(office):
    first, second = office.champion(), office.champion()
    otto, soon = office.people["otto"], office.clock.at + timedelta(days=1)
    with pytest.raises(UsageError, match="neither override nor fallback"):
        office.registry.resume("demo", otto, "nothing")
    office.registry.override("demo", first, otto, "pin", soon)
    office.registry.resume("demo", otto, "prices were corrected")
    assert office.registry.serving("demo").record.version == second
    assert office.events[-1][0] == "override"
    assert [d.act for d in office.registry.history("demo")][-2:] == ["override", "resume"]


def test_what_is_not_approved_is_never_pinned(office):
    office.champion()
    draft, soon = office.register(), office.clock.at + timedelta(days=1)
    with pytest.raises(UsageError, match="demo/2 is draft and cannot be the subject of 'override'"):
        office.registry.override("demo", draft, office.people["otto"], "quick", soon)
    office.move(draft, "validated", "vera")
    office.move(draft, "approved", "paul")
    office.registry.override("demo", draft, office.people["otto"], "quick", soon)
    office.move(draft, "draft", "paul", "not after all")
    assert office.registry.serving("demo").record.version == 1  # the pin fell with the approval


@pytest.mark.parametrize("wait", [timedelta(seconds=-1), timedelta(days=31)])
def test_an_override_is_neither_over_nor_long(office, wait: timedelta):
    version = office.champion()
    with pytest.raises(UsageError, match="an override cannot last until"):
        office.registry.override("demo", version, office.people["otto"], "pin", office.clock.at + wait)


def test_the_author_does_not_pin_the_own_model(office):
    version = office.register(author="max")
    office.move(version, "validated", "vera")
    office.move(version, "approved", "paul")
    with pytest.raises(UsageError, match="max is the author"):
        office.registry.override("demo", version, office.people["max"], "mine", office.clock.at + timedelta(days=1))


def test_fallback_to_the_previous_champion(office):
    with pytest.raises(UsageError, match="there is no model"):
        office.registry.fallback("demo", "previous", office.people["otto"], "drift")
    first = office.champion()
    with pytest.raises(UsageError, match="demo had no champion before"):
        office.registry.fallback("demo", "previous", office.people["otto"], "drift")
    second = office.champion()
    office.registry.fallback("demo", "previous", office.people["otto"], "drift since Tuesday")
    served = office.registry.serving("demo")
    assert (served.record.version, served.how, served.reason) == (first, "fallback", "drift since Tuesday")
    assert office.registry.served("demo").version == first
    with pytest.raises(UsageError, match="fallen back to 1 by otto: drift since Tuesday; version 2 is not served"):
        office.registry.served("demo", second)
    with pytest.raises(UsageError, match="demo is in fallback"):
        office.registry.override("demo", second, office.people["otto"], "x", office.clock.at + timedelta(hours=1))
    office.registry.resume("demo", office.people["otto"], "fixed")
    assert office.events[-1][0] == "fallback"
    assert office.registry.serving("demo").record.version == second


def test_fallback_to_a_version_that_is_approved_no_more_serves_nothing(office):
    first, _ = office.champion(), office.champion()
    office.registry.fallback("demo", str(first), office.people["otto"], "drift")
    office.move(first, "retired", "paul", "unfit too")
    with pytest.raises(UsageError, match="demo/1 is retired, not approved, and is not served"):
        office.registry.serving("demo")


def test_fallback_to_a_baseline_that_the_model_carries(office):
    office.champion()
    with pytest.raises(UsageError, match="demo carries no baseline 'logistic' \\(always_up, momentum\\)"):
        office.registry.fallback("demo", "logistic", office.people["otto"], "drift")
    office.registry.fallback("demo", "momentum", office.people["otto"], "drift")
    served = office.registry.serving("demo")
    assert (served.baseline, served.how) == ("momentum", "fallback")
    assert (served.folder / "baselines" / "momentum").is_dir()
    for ask in (office.registry.served, office.registry.served_folder):
        with pytest.raises(UsageError, match="fallen back to its baseline momentum: the model itself is not served"):
            ask("demo")
    office.move(1, "retired", "paul", "unfit")
    assert office.registry.serving("demo").baseline == "momentum"  # a baseline needs no approval of the model


def test_fallback_to_nothing_stops_serving(office):
    version = office.champion()
    office.registry.fallback("demo", None, office.people["otto"], "the feed is wrong")
    for wanted in (None, version):
        with pytest.raises(UsageError, match=r"serving of demo was stopped by otto .*: the feed is wrong"):
            office.registry.serving("demo", wanted)
    office.registry.resume("demo", office.people["otto"], "the feed is right")
    assert office.registry.served("demo").version == version


@pytest.mark.parametrize("by", ["ada", "vera", "paul", "grace"])
def test_only_an_operator_orders(office, by: str):
    version = office.champion()
    who, soon = office.people[by], office.clock.at + timedelta(hours=1)
    for order in (
        lambda: office.registry.override("demo", version, who, "x", soon),
        lambda: office.registry.fallback("demo", "momentum", who, "x"),
        lambda: office.registry.challenge("demo", version, who, "x"),
    ):
        with pytest.raises(UsageError, match=f"{by} may not decide this|cannot be the subject"):
            order()
    office.registry.fallback("demo", None, office.people["otto"], "stop")
    with pytest.raises(UsageError, match=f"{by} may not decide this: it takes the role operator"):
        office.registry.resume("demo", who, "go on")


def test_a_clock_that_goes_back_stops_decisions(office):
    office.champion()
    office.clock.wait(minutes=-1)
    with pytest.raises(InputError, match="before the decision it follows"):
        office.move(1, "approved", "otto")
