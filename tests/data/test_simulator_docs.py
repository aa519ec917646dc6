"""The examples of the simulator's page run as they stand, one after the other."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tradewind.data.simulator import FaultKind, MarketKind

PAGE = Path(__file__).parents[2] / "docs" / "simulator.md"


@pytest.mark.slow
def test_examples_run(capsys: pytest.CaptureFixture[str]) -> None:
    names: dict[str, object] = {}
    blocks = re.findall(r"```python\n(.*?)```", PAGE.read_text(encoding="utf-8"), flags=re.DOTALL)
    assert len(blocks) >= 9
    for block in blocks:
        exec(compile(block, str(PAGE), "exec"), names)  # the page is ours
    assert "high_below_low SIM" in capsys.readouterr().out


def test_every_kind_is_described() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for kind in (*MarketKind, *FaultKind):
        assert f"`{kind}`" in text
