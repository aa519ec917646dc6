"""Training on simulated markets goes on where it stopped, and never mixes two ways of collecting."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core import UsageError
from tradewind.surveillance.learning import CandidateTable, collect
from tradewind.surveillance.live import training
from tradewind.surveillance.live.simulated import simulated
from tradewind.surveillance.live.training import MarketsPlan, PlannedMarket, train_on_markets
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sequences import SequenceModel


class _Stop(Exception):
    """Stands for a process that is stopped."""


@pytest.mark.slow
def test_what_was_collected_is_not_collected_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    collected: list[str] = []
    given: list[CandidateTable] = []
    real = training._collect

    def counted(plan: MarketsPlan, market: PlannedMarket, path: Path, net: Path | None) -> None:
        if len(collected) == 2 and not given:
            given.append(CandidateTable(markets=(), schemes={}))
            raise _Stop
        real(plan, market, path, net)
        collected.append(market.name)

    def fitted(table: CandidateTable, *_: Any, **__: Any) -> None:
        given.append(table)
        raise _Stop

    monkeypatch.setattr(training, "_collect", counted)
    monkeypatch.setattr(training, "train_on", fitted)
    plan = MarketsPlan(seeds=(1, 2), events=2_000, others={"plain": (5,), "lively": (6,)})
    for _ in range(2):
        with pytest.raises(_Stop):
            train_on_markets(plan, tmp_path)
    assert collected == ["1", "2", "plain-5", "lively-6"]
    named = [market.name for market in given[-1].markets]
    assert named == ["market 1", "market 2", "market plain-5", "market lively-6"]
    with pytest.raises(UsageError, match="collected in another way"):
        train_on_markets(MarketsPlan(seeds=(1, 2), events=3_000), tmp_path)


@pytest.mark.parametrize("plan", [MarketsPlan(seeds=(1, 7_010)), MarketsPlan(seeds=(1,), others={"lively": (5_399,)})])
def test_markets_that_the_sequences_were_learned_from_are_refused(tmp_path: Path, plan: MarketsPlan) -> None:
    with pytest.raises(UsageError, match="knows 1 of the") as refused:
        train_on_markets(plan, tmp_path)
    assert "leave out seeds" in str(refused.value)
    assert not list(tmp_path.iterdir())


@pytest.mark.slow
def test_a_kind_may_be_described_by_a_net_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[CandidateTable] = []

    def fitted(table: CandidateTable, *_: Any, **__: Any) -> None:
        given.append(table)
        raise _Stop

    monkeypatch.setattr(training, "train_on", fitted)
    plan = MarketsPlan(seeds=(1,), events=4_000, others={"plain": (5_010,)})  # which the carried net learned from
    with pytest.raises(UsageError, match="knows 1 of the plain"):
        train_on_markets(plan, tmp_path / "refused")
    net = SequenceModel().save(tmp_path / "net.npz")
    with pytest.raises(_Stop):
        train_on_markets(plan, tmp_path / "given", sequences={"plain": net})
    with pytest.raises(UsageError, match="collected in another way"):
        train_on_markets(MarketsPlan(seeds=(1,), events=4_000), tmp_path / "given")
    whole = given[0]
    for place, kind in enumerate(("own", "plain")):
        made = simulated(kind, plan.markets[place].seed, events=4_000, evasive=plan.evasive)
        asked = Surveyor() if kind == "own" else Surveyor(SequenceModel.load(net))
        compared = 0
        for scheme, part in collect(made, asked).schemes.items():
            said = [name.startswith("sequence_") for name in part.names]
            rows = whole.schemes[scheme].market == place
            told, alone = (np.nan_to_num(v[:, said]) for v in (whole.schemes[scheme].values[rows], part.values))
            assert {*map(tuple, told.tolist())} <= {*map(tuple, alone.tolist())}
            compared += len(told)
        assert compared


def test_a_busy_market_has_the_size_and_the_schemes_asked_for() -> None:
    market = simulated("busy", 3, events=6_000, schemes=[Scheme.WASH_TRADING])
    assert {deed.scheme for deed in (*market.truth, *market.attempts)} == {Scheme.WASH_TRADING}
    assert len(market.events) < 30_000
