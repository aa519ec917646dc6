"""Windows that end before the newest bar, put together from the slices that can still be corrected."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from tradewind.core.arrays import IntArray
from tradewind.streaming.features.blocks import FeatureBlock, WindowRows


def window_until(blocks: Sequence[FeatureBlock], codes: IntArray, columns: IntArray, w: int) -> WindowRows:
    """Return the last ``w`` bars of each of ``codes`` (m,) among ``blocks`` (ascending in time), the last one included.

    ``columns`` : (q,) places of the features wanted. Rows come out as those of ``FeatureWindows.rows``.
    """
    m = len(codes)
    history = np.full((m, w, len(columns)), np.nan, dtype=np.float32)
    count, scale = np.zeros(m, dtype=np.int64), np.full(m, np.nan)
    occasion = np.zeros((m, w), dtype=bool)
    for block in reversed(blocks):
        wanted = np.flatnonzero(count < w)
        if not len(wanted):
            break
        if not len(block):
            continue
        place = np.minimum(np.searchsorted(block.code, codes[wanted]), len(block) - 1)
        held = block.code[place] == codes[wanted]
        who, row = wanted[held], place[held]
        at = w - 1 - count[who]
        history[who, at] = block.values[row][:, columns]
        occasion[who, at] = block.occasion[row]
        first = count[who] == 0
        scale[who[first]] = block.scale[row[first]]
        count[who] += 1
    return WindowRows(history=history, count=count, scale=scale, occasion=occasion)


def touched(blocks: Sequence[FeatureBlock], changed: dict[int, IntArray], w: int) -> dict[int, IntArray]:
    """Return, by time, the codes whose window of ``w`` bars ends there and holds a changed row.

    ``changed`` : codes of the rows that late data changed or brought, by time. ``blocks`` ascend in time.
    """
    since: dict[int, int] = {}  # code -> bars since its last changed row, that one counted as 0
    found: dict[int, IntArray] = {}
    for block in blocks:
        for code in changed.get(block.time, ()):
            since[int(code)] = -1
        if not since:
            continue
        held = [code for code in block.code.tolist() if code in since]
        for code in held:
            since[code] += 1
            if since[code] >= w:
                del since[code]
        inside = [code for code in held if code in since]
        if inside:
            found[block.time] = np.array(inside, dtype=np.int64)
    return found
