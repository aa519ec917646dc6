"""Varied sequences stay sequences: events in their order, padding at the front, nothing new."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.arrays import Float32Array
from tradewind.surveillance.sequences.token_layout import LENGTH, NAMES, WIDTH
from tradewind.surveillance.sequences.variation import FEWEST, MOST_MUTED, MUTABLE, vary

KINDS = slice(1, 6)
"""Kind of an event and its side, which are never varied."""


def sequences(seed: int, n: int = 40) -> Float32Array:
    rng = np.random.default_rng(seed)
    tokens = np.zeros((n, LENGTH, WIDTH), np.float32)
    for row in range(n):
        first = int(rng.integers(0, LENGTH + 1))
        events = LENGTH - first
        tokens[row, first:] = rng.normal(1.0, 0.1, (events, WIDTH))
        tokens[row, first:, 0] = 1.0
        tokens[row, first:, KINDS] = 0.0
        tokens[row, np.arange(first, LENGTH), rng.integers(1, 5, events)] = 1.0
        tokens[row, first:, NAMES.index("side")] = rng.choice([-1, 1], events)
    return tokens


def is_within(part: list[tuple[float, ...]], whole: list[tuple[float, ...]]) -> bool:
    left = iter(whole)
    return all(event in left for event in part)


@settings(max_examples=25, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_events_keep_their_order_and_padding_stays_at_the_front(seed: int) -> None:
    before = sequences(seed)
    after = before.copy()
    vary(after, np.random.default_rng(seed))
    for old, new in zip(before, after, strict=True):
        n, m = int(old[:, 0].sum()), int(new[:, 0].sum())
        assert m == n or FEWEST <= m < n
        assert (new[: LENGTH - m] == 0.0).all()
        assert (new[LENGTH - m :, 0] == 1.0).all()
        was, now = ([tuple(event) for event in one[LENGTH - k :, KINDS].tolist()] for one, k in ((old, n), (new, m)))
        assert is_within(now, was)
        blank = [column for column in MUTABLE if m and not new[LENGTH - m :, column].any()]
        assert len(blank) <= MOST_MUTED


def test_the_same_draws_give_the_same_variation_and_some_are_left_whole() -> None:
    first, second = sequences(1), sequences(1)
    vary(first, np.random.default_rng(3))
    vary(second, np.random.default_rng(3))
    assert np.array_equal(first, second)
    lengths = [one[:, :, 0].sum(1) for one in (sequences(1), first)]
    assert 0 < (lengths[0] != lengths[1]).sum() < len(first)
