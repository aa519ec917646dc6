"""Settings written as TOML are read back as they were."""

from __future__ import annotations

import math
import tomllib
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import Settings
from tradewind.core.toml import to_toml

KEYS = st.text(min_size=1, max_size=6)
SCALARS = st.booleans() | st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False) | st.text(max_size=12)
VALUES = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=12,
)


@pytest.mark.slow
@given(st.dictionaries(KEYS, VALUES, max_size=5))
def test_the_standard_library_reads_back_what_was_written(values: dict[str, Any]) -> None:
    assert tomllib.loads(to_toml(values)) == values


def test_nan_is_written_and_none_is_left_out() -> None:
    read = tomllib.loads(to_toml({"a": math.nan, "b": None, "c": {"d": None}}))
    assert math.isnan(read["a"])
    assert "b" not in read
    assert read["c"] == {}


def test_a_value_toml_cannot_hold_is_refused() -> None:
    with pytest.raises(TypeError, match="object"):
        to_toml({"a": object()})


class Inner(Settings):
    """Settings inside settings."""

    words: tuple[str, ...] = ("a", 'b"\\\n')
    rate: float = 1e-300


class Outer(Settings):
    """Settings with a part."""

    inner: Inner = Inner()
    limit: int | None = None
    flag: bool = False


@given(st.lists(st.text(max_size=8), max_size=4), st.floats(allow_nan=False), st.none() | st.integers(0, 9))
def test_settings_round_trip(
    tmp_path_factory: pytest.TempPathFactory, words: list[str], rate: float, limit: int | None
) -> None:
    one = Outer(inner=Inner(words=tuple(words), rate=rate), limit=limit, flag=True)
    path: Path = tmp_path_factory.getbasetemp() / "settings.toml"
    path.write_text(one.to_toml(), encoding="utf-8", newline="")
    assert Outer.from_toml(path) == one
