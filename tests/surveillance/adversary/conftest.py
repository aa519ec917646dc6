"""A toy market in which wash trading can be told by two numbers, one of quick play and one of slow play."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pytest

from tradewind.surveillance.adversary import Played
from tradewind.surveillance.learning import (
    CandidateTable,
    LearningSettings,
    MarketRecord,
    SchemeModelSettings,
    SchemeTable,
    SurveillanceModel,
    joined,
    train_on,
)
from tradewind.surveillance.learning.table import Ragged
from tradewind.surveillance.planting import SchemeSettings
from tradewind.surveillance.planting.wash import WashTradingSettings
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

MINUTE = 60_000_000_000
NAMES = ("quick", "slow", "noise", "rule", "revision", "accounts")
SLOW = 45.0
"""Seconds of pause beyond which play no longer looks quick; ordinary play pauses 40 at most."""


def toy_table(pauses: Sequence[float], seed: int, innocent: int = 50) -> CandidateTable:
    """Return a market with one deed for each of ``pauses`` (seconds) and candidates that are none."""
    rng = np.random.default_rng([seed, 1])
    deeds = len(pauses)
    n = deeds + innocent
    label = np.arange(n) < deeds
    pause = np.array([*pauses, *rng.uniform(1, 200, innocent)])
    values = rng.uniform(-1.0, 1.0, size=(n, len(NAMES))).astype(np.float32)
    values[:, 0] += 3.0 * (label & (pause < SLOW))
    values[:, 1] += 3.0 * (label & (pause >= SLOW))
    values[:, 3:] = 0.5
    start = np.arange(n, dtype=np.int64) * 30 * MINUTE
    zeros = np.zeros(n, dtype=np.int64)
    part = SchemeTable(
        scheme=Scheme.WASH_TRADING,
        names=NAMES,
        monotone=(1, 0, 0, 0, 0, 0),
        variants=("",),
        values=values,
        rule=np.full(n, 0.5),
        label=label,
        planted=np.where(label, np.arange(n), -1).astype(np.int64),
        market=zeros,
        row=np.arange(n, dtype=np.int64),
        known_at=start + MINUTE,
        start=start,
        end=start + MINUTE,
        episode=np.arange(n, dtype=np.int64),
        revision=zeros,
        symbol=zeros.astype(np.int32),
        variant=zeros,
        accounts=Ragged.of([(i,) for i in range(n)]),
        evidence=Ragged.of([(i,) for i in range(n)]),
    )
    truth = tuple(
        Planted(
            scheme=Scheme.WASH_TRADING,
            symbol="X",
            accounts=(f"a{i}",),
            start=int(start[i]),
            end=int(start[i]) + MINUTE,
            evasive=True,
        )
        for i in range(deeds)
    )
    record = MarketRecord(
        name=f"toy {seed}", symbols=("X",), accounts=tuple(f"a{i}" for i in range(n)), truth=truth, events=50_000
    )
    return CandidateTable(markets=(record,), schemes={Scheme.WASH_TRADING: part})


class ToyField:
    """Plays wash trading; a pause beyond 200 seconds, or less than a unit of size, is hardly worth it."""

    def __init__(self) -> None:
        self.plays: list[int] = []

    def __repr__(self) -> str:
        return "ToyField()"

    def play(self, settings: SchemeSettings, seed: int) -> Played:
        assert isinstance(settings, WashTradingSettings)
        self.plays.append(seed)
        worth = 0.1 if settings.pause > 200 or settings.size < 0.5 else 1.0
        return Played(table=toy_table([settings.pause] * 6, seed), effect=np.full(6, worth), begun=6)

    def mixture(self, seed: int, schemes: Sequence[Scheme], evasive: float) -> CandidateTable:
        rng = np.random.default_rng(seed)
        pauses = [
            WashTradingSettings.sample(rng, evasive=bool(evasive)).pause if evasive < 1 else rng.uniform(60, 200)
            for _ in range(6)
        ]
        return toy_table(pauses, seed)


@pytest.fixture(scope="session")
def learning() -> LearningSettings:
    return LearningSettings(
        folds=2,
        scheme=SchemeModelSettings.model_validate(
            {"rounds": 30, "depth": 2, "feature_share": 1.0, "isolation_trees": 4, "balancing": "cost"}
        ),
    )


@pytest.fixture(scope="session")
def base() -> CandidateTable:
    """What the model learns from: quick play alone."""
    rng = np.random.default_rng(3)
    return joined([toy_table([WashTradingSettings.sample(rng).pause for _ in range(6)], seed) for seed in range(12)])


@pytest.fixture(scope="session")
def model(base: CandidateTable, learning: LearningSettings) -> SurveillanceModel:
    return train_on(base, learning).model


@pytest.fixture
def toy_field() -> ToyField:
    return ToyField()


@pytest.fixture(scope="session")
def make_toy() -> Callable[..., CandidateTable]:
    def make(pauses: Sequence[float], seed: int = 5, **given: Any) -> CandidateTable:
        return toy_table(pauses, seed, **given)

    return make
