"""Rings of the last bars against a plain table of them."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core import UsageError
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.windows import FeatureWindows

N, P, W = 3, 2, 4
NAMES = ("a", "b")


def block(time: int, codes: list[int], value: float, revision: int = 0) -> FeatureBlock:
    """Return rows that tell time and value."""
    code = np.array(codes, dtype=np.int64)
    return FeatureBlock(
        time=time,
        code=code,
        known_at=np.full(len(code), time + 5),
        values=np.stack([np.full(len(code), value), code + 100.0 * time], axis=1).astype(np.float32),
        scale=code + value,
        occasion=np.full(len(code), int(value) % 2 == 0),
        revision=np.full(len(code), revision, dtype=np.int32),
    )


@pytest.mark.slow
@settings(max_examples=150, deadline=None)
@given(
    puts=st.lists(
        st.tuples(st.integers(0, 25), st.sets(st.integers(0, N - 1), min_size=1), st.integers(0, 50)), max_size=60
    ),
    w=st.integers(1, W),
)
def test_windows_equal_the_last_rows_of_a_table_in_any_order(puts: list[tuple[int, set[int], int]], w: int) -> None:
    windows = FeatureWindows(N, NAMES, W)
    table: dict[int, dict[int, int]] = {code: {} for code in range(N)}
    for time, codes, value in puts:
        windows.put(block(time, sorted(codes), float(value)))
        for code in codes:
            kept = table[code]
            if time in kept or len(kept) < W or time > min(kept):
                kept[time] = value
                for old in sorted(kept)[:-W]:
                    del kept[old]
    rows = windows.rows(np.arange(N), ("b", "a"), w)
    for code in range(N):
        last = sorted(table[code].items())[-w:]
        assert rows.count[code] == len(last)
        assert np.isnan(rows.history[code, : w - len(last)]).all()
        np.testing.assert_array_equal(rows.history[code, w - len(last) :, 1], [value for _, value in last])
        np.testing.assert_array_equal(rows.history[code, w - len(last) :, 0], [code + 100.0 * at for at, _ in last])
        assert rows.occasion[code].tolist() == [False] * (w - len(last)) + [value % 2 == 0 for _, value in last]
        assert np.isnan(rows.scale[code]) if not last else rows.scale[code] == code + last[-1][1]


def test_the_newest_row_and_its_revision() -> None:
    windows = FeatureWindows(N, NAMES, W)
    windows.put(block(3, [0, 2], 1.0))
    windows.put(block(3, [2], 2.0, revision=1))
    newest = windows.newest(np.array([0, 1, 2]))
    assert newest.time[[0, 2]].tolist() == [3, 3]
    assert newest.known_at.tolist() == [8, 0, 8]
    assert newest.revision.tolist() == [0, 0, 1]
    assert newest.time[1] < 0


def test_what_is_not_kept_cannot_be_asked_for() -> None:
    windows = FeatureWindows(N, NAMES, W)
    with pytest.raises(UsageError, match="5 bars are asked for where 4 are kept"):
        windows.rows(np.arange(N), None, 5)
    with pytest.raises(UsageError, match="'c' is not computed online"):
        windows.rows(np.arange(N), ["c"], 1)
    with pytest.raises(UsageError, match="holds nothing"):
        FeatureWindows(N, NAMES, 0)


def test_a_reader_beside_the_writer_sees_blocks_whole() -> None:
    windows = FeatureWindows(50, NAMES, 8)
    codes, stop, torn = np.arange(50), threading.Event(), []

    def read() -> None:
        while not stop.is_set():
            last = windows.rows(codes, ("a",), 8).history[:, -1, 0]
            if not (np.isnan(last).all() or (last == last[0]).all()):
                torn.append(last)

    reader = threading.Thread(target=read)
    reader.start()
    for t in range(2000):
        windows.put(block(t, list(range(50)), float(t)))
    stop.set()
    reader.join()
    assert not torn
