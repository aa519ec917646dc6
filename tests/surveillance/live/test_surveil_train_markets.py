"""Training on simulated markets goes on where it stopped, and never mixes two ways of collecting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tradewind.core import UsageError
from tradewind.surveillance.learning import CandidateTable
from tradewind.surveillance.live import training
from tradewind.surveillance.live.training import MarketsPlan, train_on_markets


class _Stop(Exception):
    """Stands for a process that is stopped."""


@pytest.mark.slow
def test_what_was_collected_is_not_collected_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    given: list[CandidateTable] = []
    real = training._collect

    def counted(plan: MarketsPlan, name: str, path: Path) -> None:
        if len(collected) == 2 and not given:
            given.append(CandidateTable(markets=(), schemes={}))
            raise _Stop
        real(plan, name, path)
        collected.append(name)

    def fitted(table: CandidateTable, *_: Any) -> None:
        given.append(table)
        raise _Stop

    monkeypatch.setattr(training, "_collect", counted)
    monkeypatch.setattr(training, "train_on", fitted)
    plan = MarketsPlan(seeds=(1, 2), events=2_000, plain=(5,), lively=(6,))
    for _ in range(2):
        with pytest.raises(_Stop):
            train_on_markets(plan, tmp_path)
    assert collected == ["1", "2", "plain-5", "lively-6"]
    named = [market.name for market in given[-1].markets]
    assert named == ["market 1", "market 2", "market plain-5", "market lively-6"]
    with pytest.raises(UsageError, match="collected in another way"):
        train_on_markets(MarketsPlan(seeds=(1, 2), events=3_000), tmp_path)
