"""A service that begins again finds none of the rows that one before it left in the windows."""

from __future__ import annotations

import numpy as np

from tradewind.features.online.memory import BEFORE_ALL
from tradewind.streaming.features.blocks import FeatureBlock
from tradewind.streaming.features.windows import FeatureWindows


def block(time: int, value: float) -> FeatureBlock:
    return FeatureBlock(
        time=time,
        code=np.array([0, 1]),
        known_at=np.array([time, time]) + 5,
        values=np.full((2, 1), value, dtype=np.float32),
        scale=np.full(2, value),
        occasion=np.zeros(2, dtype=bool),
        revision=np.ones(2, dtype=np.int32),
    )


def test_cleared_windows_are_as_new_and_take_older_rows_than_they_held() -> None:
    windows = FeatureWindows(2, ("x",), 3)
    for time in range(10, 18):
        windows.put(block(time, float(time)))
    codes = np.arange(2)
    windows.clear()
    assert windows.rows(codes, None, 3).count.tolist() == [0, 0]
    assert np.isnan(windows.rows(codes, None, 3).history).all()
    assert windows.newest(codes).time.tolist() == [BEFORE_ALL, BEFORE_ALL]
    for time in (3, 4):
        windows.put(block(time, float(time)))
    rows = windows.rows(codes, None, 3)
    assert rows.history[0, :, 0].tolist()[1:] == [3.0, 4.0]
    assert rows.count.tolist() == [2, 2]
    assert windows.newest(codes).time.tolist() == [4, 4]
