"""The bundled prices."""

from __future__ import annotations

import hashlib
from importlib.resources import files

import numpy as np
import pytest

from tradewind.data import load_demo, session_closes, sessions


@pytest.mark.slow
def test_the_demo_is_six_us_stocks_over_ten_years_of_sessions() -> None:
    panel = load_demo()
    assert panel.symbols == ("AAPL", "AMZN", "GOOG", "META", "NFLX", "NVDA")
    assert "unknown" not in panel.sectors
    assert np.diff(panel.offsets).tolist() == [2699] * 6
    np.testing.assert_array_equal(panel.times, sessions("2013-01-02", "2023-09-21"))
    np.testing.assert_array_equal(panel.known_at, session_closes(panel.time))
    assert not np.isnan(panel.close).any()
    assert (panel.high >= panel.low).all()


def test_the_bundled_file_is_the_recorded_one() -> None:
    content = (files("tradewind.data.bundled") / "prices.parquet").read_bytes()
    assert hashlib.sha256(content).hexdigest() == "e98d1d81482dd6a47ff93c20ef9cdbfbdd137d9676af880cd0041b918d65a966"
    assert "MIT License" in (files("tradewind.data.bundled") / "LICENCE.md").read_text(encoding="utf-8")
