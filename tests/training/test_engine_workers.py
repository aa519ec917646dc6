"""Worker processes: their errors, their end, and what they tell of progress."""

from __future__ import annotations

import os
import pickle
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from tradewind.core import LeakageError, MissingExtraError, TradewindError, UsageError
from tradewind.training import LocalEngine, make_engine
from tradewind.training.engine import EngineName

# Work is made inside functions: workers cannot import a test module, and such functions travel by value.


def ends_at_one() -> Callable[[int], int]:
    def work(item: int) -> int:
        if item == 1:
            os._exit(9)
        return item

    return work


def zero_comes_last(folder: Path) -> Callable[[int], int]:
    def work(item: int) -> int:
        until = time.monotonic() + 60
        while item == 0 and not (folder / "sign").exists() and time.monotonic() < until:
            time.sleep(0.05)
        if item == 2:
            (folder / "sign").touch()
        time.sleep(0.5 if item == 0 else 0)
        return item

    return work


def fails_at_zero(folder: Path) -> Callable[[int], None]:
    def work(item: int) -> None:
        if item == 0:
            raise UsageError("is large", file="f", row=2, field="x", fix="give less")
        (folder / f"began_{item}").touch()
        time.sleep(1)

    return work


@pytest.mark.slow
@pytest.mark.parametrize("name", ["local", "ray"])
def test_workers_finish_in_any_order_and_raise_what_they_met(name: EngineName, tmp_path: Path):
    if name == "ray":
        pytest.importorskip("ray")
    engine = make_engine(name, 2)
    told: list[float] = []
    found = engine.map(zero_comes_last(tmp_path), range(3), done=lambda n: told.append(time.monotonic()))
    assert found == [0, 1, 2]
    assert told[-1] - told[0] > 0.3  # the fast ones were told of before the slow first one

    with pytest.raises(UsageError) as caught:
        engine.map(fails_at_zero(tmp_path), range(12))
    error = caught.value
    assert (error.problem, error.file, error.row, error.field, error.fix) == ("is large", "f", 2, "x", "give less")
    assert str(error) == "f, row 2, column 'x': is large. Fix: give less."
    time.sleep(2)
    assert len(list(tmp_path.glob("began_*"))) < 11  # what had not begun was dropped

    with pytest.raises(TradewindError, match=r"worker process was lost.*--jobs"):
        engine.map(ends_at_one(), [0, 1, 2])
    if name == "local":
        assert engine.map(abs, [-1, -2]) == [1, 2]  # with new workers


@pytest.mark.parametrize(
    "error",
    [
        UsageError("wrong", file=Path("f"), row=3, field="x", fix="mend it"),
        MissingExtraError("ray", "ray"),
        LeakageError("late"),
    ],
)
def test_errors_travel_whole(error: TradewindError):
    again = pickle.loads(pickle.dumps(error))
    assert type(again) is type(error)
    assert str(again) == str(error)
    assert again.__dict__ == error.__dict__


def test_ray_is_named_where_it_is_absent(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(MissingExtraError, match=r"tradewind\[ray\]"):
        make_engine("ray", 2)


def test_one_item_needs_no_worker():
    assert LocalEngine(4).map(lambda _: os.getpid(), [0]) == [os.getpid()]
