"""Requests merged into batches get their own answers, or their own errors, and nobody waits for nothing."""

from __future__ import annotations

import asyncio
import threading
import time
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.serving.contracts import Answers, ModelRows
from tradewind.serving.runtime import Batcher, BatchSettings, Overloaded, Shelf

pytestmark = pytest.mark.slow

W, P = 3, 2


class Recorder:
    """A model that answers each row with a number of the row, remembers its batches, and can be held up."""

    features = ("a", "b")
    window = W

    def __init__(self, ref: str = "m/1") -> None:
        self.ref = ref
        self.batches: list[list[float]] = []
        self.free = threading.Event()
        self.free.set()

    def predict(self, rows: ModelRows) -> Answers:
        assert self.free.wait(30.0)
        marks = rows.history[:, -1, 0].astype(np.float64)
        self.batches.append(marks.tolist())
        if (marks < 0).any():
            raise UsageError("a row is negative", field="history")
        return Answers(
            probability=marks,
            expected_return=marks + 0.5,
            lower=marks - 1,
            upper=marks + 1,
            members={"one": marks * 2, "of": np.full(len(marks), hash(self.ref) % 97)},
        )


def rows_of(*marks: float, bars: int = W) -> ModelRows:
    history = np.zeros((len(marks), bars, P), dtype=np.float32)
    history[:, -1, 0] = marks
    return ModelRows(
        history=history,
        count=np.full(len(marks), bars),
        scale=np.ones(len(marks)),
        occasion=np.zeros((len(marks), bars), dtype=bool),
    )


def batcher_of(*models: Recorder, **settings) -> Batcher:
    known = {model.ref: model for model in models}

    @contextmanager
    def hold(ref):
        if ref is not None and ref not in known:
            raise UsageError(f"version {ref!r} is not loaded", field="model")
        yield known[models[0].ref if ref is None else ref]

    return Batcher(hold, BatchSettings(**settings))


def assert_answers(answers: Answers, *marks: float) -> None:
    want = np.array(marks)
    np.testing.assert_allclose(answers.probability, want)
    np.testing.assert_allclose(answers.expected_return, want + 0.5)
    np.testing.assert_allclose(answers.lower, want - 1)
    np.testing.assert_allclose(answers.upper, want + 1)
    np.testing.assert_allclose(answers.members["one"], want * 2)


def test_requests_of_one_moment_share_a_batch():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model)
        answers = await asyncio.gather(*(batcher.submit(rows_of(i, i + 100)) for i in range(20)))
        for i, answer in enumerate(answers):
            assert_answers(answer, i, i + 100)
        assert [len(batch) for batch in model.batches] == [40]
        await batcher.close()

    asyncio.run(run())


def test_a_lone_request_does_not_wait():
    async def run() -> None:
        batcher = batcher_of(Recorder(), max_wait_ms=5000.0)
        start = time.perf_counter()
        assert_answers(await batcher.submit(rows_of(1)), 1)
        assert time.perf_counter() - start < 1.0
        await batcher.close()

    asyncio.run(run())


def test_requests_gather_while_a_batch_runs():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model, workers=1)
        model.free.clear()
        tasks = [asyncio.create_task(batcher.submit(rows_of(0)))]
        await asyncio.sleep(0.02)
        for i in range(1, 9):
            tasks.append(asyncio.create_task(batcher.submit(rows_of(i))))
            await asyncio.sleep(0.002)
        assert batcher.waiting == 8
        model.free.set()
        for i, answer in enumerate(await asyncio.gather(*tasks)):
            assert_answers(answer, i)
        assert [len(batch) for batch in model.batches] == [1, 8]
        await batcher.close()

    asyncio.run(run())


def test_a_second_worker_starts_when_the_oldest_has_waited():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model, workers=2, max_wait_ms=400.0)
        model.free.clear()
        first = asyncio.create_task(batcher.submit(rows_of(0)))
        await asyncio.sleep(0.01)
        second = asyncio.create_task(batcher.submit(rows_of(1)))
        await asyncio.sleep(0.005)
        assert batcher.waiting == 1
        until = time.perf_counter() + 10.0
        while batcher.waiting and time.perf_counter() < until:
            await asyncio.sleep(0.01)
        assert batcher.waiting == 0
        model.free.set()
        assert_answers(await first, 0)
        assert_answers(await second, 1)
        await batcher.close()

    asyncio.run(run())


def test_a_large_request_is_cut_and_leaves_room_for_small_ones():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model, max_rows=10, share=4, workers=1)
        large = asyncio.create_task(batcher.submit(rows_of(*range(1000, 1100))))
        await asyncio.sleep(0)
        small = await asyncio.gather(*(batcher.submit(rows_of(i)) for i in range(3)))
        for i, answer in enumerate(small):
            assert_answers(answer, i)
        assert_answers(await large, *range(1000, 1100))
        sizes = [len(batch) for batch in model.batches]
        assert max(sizes) <= 10
        reached = next(number for number, batch in enumerate(model.batches) if 2.0 in batch)
        assert reached <= 2
        await batcher.close()

    asyncio.run(run())


def test_only_the_request_at_fault_sees_the_error():
    async def run() -> None:
        batcher = batcher_of(Recorder())
        jobs = [batcher.submit(rows_of(1)), batcher.submit(rows_of(-1)), batcher.submit(rows_of(2))]
        good, bad, other = await asyncio.gather(*jobs, return_exceptions=True)
        assert_answers(good, 1)
        assert_answers(other, 2)
        assert isinstance(bad, UsageError)
        with pytest.raises(UsageError, match="not loaded"):
            await batcher.submit(rows_of(1), model="m/9")
        with pytest.raises(UsageError, match="no row"):
            await batcher.submit(rows_of())
        assert_answers(await batcher.submit(rows_of(3)), 3)
        await batcher.close()

    asyncio.run(run())


def test_a_part_of_a_cut_request_that_fails_fails_it_once():
    async def run() -> None:
        batcher = batcher_of(Recorder(), max_rows=4)
        with pytest.raises(UsageError):
            await batcher.submit(rows_of(1, 2, 3, 4, 5, -6, 7, 8, 9, 10, 11, 12))
        assert_answers(await batcher.submit(rows_of(3)), 3)
        await batcher.close()
        assert batcher.waiting == 0

    asyncio.run(run())


def test_a_full_queue_refuses_with_a_time_to_come_back():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model, queue_rows=5)
        await batcher.submit(rows_of(0))
        model.free.clear()
        running = asyncio.create_task(batcher.submit(rows_of(1)))
        await asyncio.sleep(0.01)
        waiting = [asyncio.create_task(batcher.submit(rows_of(i))) for i in range(2, 7)]
        await asyncio.sleep(0.01)
        with pytest.raises(Overloaded) as raised:
            await batcher.submit(rows_of(9))
        assert 0.0 < raised.value.retry_after < 60.0
        model.free.set()
        await asyncio.gather(running, *waiting)
        assert_answers(await batcher.submit(rows_of(9)), 9)
        await batcher.close()
        with pytest.raises(Overloaded):
            await batcher.submit(rows_of(1))

    asyncio.run(run())


def test_a_cancelled_request_is_not_forecast_and_harms_nobody():
    async def run() -> None:
        model = Recorder()
        batcher = batcher_of(model)
        model.free.clear()
        running = asyncio.create_task(batcher.submit(rows_of(0)))
        await asyncio.sleep(0.01)
        gone = asyncio.create_task(batcher.submit(rows_of(7)))
        kept = asyncio.create_task(batcher.submit(rows_of(8)))
        await asyncio.sleep(0.01)
        gone.cancel()
        running.cancel()
        model.free.set()
        assert_answers(await kept, 8)
        assert 7.0 not in [mark for batch in model.batches for mark in batch]
        await batcher.close()
        assert batcher.waiting == 0

    asyncio.run(run())


def test_versions_and_lengths_are_not_mixed():
    async def run() -> None:
        one, two = Recorder("m/1"), Recorder("m/2")
        batcher = batcher_of(one, two, workers=2)
        jobs = [batcher.submit(rows_of(i, bars=2 + i % 2), "m/1" if i % 3 else "m/2") for i in range(30)]
        for i, answer in enumerate(await asyncio.gather(*jobs)):
            assert_answers(answer, i)
            assert answer.members["of"][0] == hash("m/1" if i % 3 else "m/2") % 97
        assert all(mark % 3 for batch in one.batches for mark in batch)
        for batch in one.batches + two.batches:
            assert len({mark % 2 for mark in batch}) == 1
        await batcher.close()

    asyncio.run(run())


def test_groups_travel_with_their_rows():
    class Grouped(Recorder):
        def predict(self, rows: ModelRows) -> Answers:
            assert rows.group is not None
            assert list(rows.group) == [f"g{mark:.0f}" for mark in rows.history[:, -1, 0]]
            return super().predict(rows)

    async def run() -> None:
        batcher = batcher_of(Grouped(), max_rows=4)
        jobs = [batcher.submit(replace(rows_of(i, i + 1), group=[f"g{i}", f"g{i + 1}"])) for i in range(8)]
        for i, answer in enumerate(await asyncio.gather(*jobs)):
            assert_answers(answer, i, i + 1)
        await batcher.close()

    asyncio.run(run())


def test_real_answers_are_those_of_the_model_while_versions_change(served, rows):
    want = served.predict(rows).probability

    async def run() -> None:
        shelf = Shelf()
        shelf.put(served, role="champion")
        batcher = Batcher(shelf.hold, BatchSettings(max_rows=32, workers=2))

        async def ask(start: int) -> None:
            some = slice(start, start + 3)
            part = ModelRows(
                history=rows.history[some], count=rows.count[some], scale=rows.scale[some], occasion=rows.occasion[some]
            )
            for _ in range(5):
                answers = await batcher.submit(part)
                np.testing.assert_allclose(answers.probability, want[some], rtol=0, atol=2e-7)

        async def change() -> None:
            for number in range(10):
                pipeline = replace(served.pipeline, about={"ref": f"small/{number + 2}"})
                shelf.put(replace(served, pipeline=pipeline), role="champion")
                await asyncio.sleep(0.003)

        await asyncio.gather(change(), *(ask(start) for start in range(0, 120, 3)))
        await batcher.close()

    asyncio.run(run())
