"""Tables of made-up candidates, some of them true."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tradewind.surveillance.learning import CandidateTable, MarketRecord, SchemeTable
from tradewind.surveillance.learning.table import Ragged
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

S = 1_000_000_000
HOUR = 3600 * S
NAMES = ("size", "speed", "noise", "gap", "rule", "revision", "accounts", "market_move")
MONOTONE = (1, 0, 0, 0, 1, 0, 0, 0)


def make_scheme_table(
    scheme: Scheme, rng: np.random.Generator, markets: int, each: int, share: float, skill: float
) -> tuple[SchemeTable, list[list[Planted]]]:
    """Return candidates, one an episode, a minute apart, each by an account of its own; true ones stand out."""
    n = markets * each
    label = rng.random(n) < share
    values = rng.normal(size=(n, len(NAMES))).astype(np.float32)
    values[:, 0] += skill * label
    values[:, 1] += np.where(label, skill * np.sign(rng.normal(size=n)), 0.0)
    values[:, 4] = 1 / (1 + np.exp(-(rng.normal(size=n) + 0.7 * skill * label)))
    values[rng.random(n) < 0.2, 3] = np.nan
    market = np.repeat(np.arange(markets), each)
    within = np.tile(np.arange(each), markets)
    start = within.astype(np.int64) * 60 * S + HOUR
    planted = np.full(n, -1, dtype=np.int64)
    truth: list[list[Planted]] = [[] for _ in range(markets)]
    for i in np.flatnonzero(label):
        planted[i] = len(truth[market[i]])
        truth[market[i]].append(
            Planted(
                scheme=scheme,
                symbol="X",
                accounts=(f"a{within[i]}",),
                start=int(start[i]),
                end=int(start[i]) + 5 * S,
            )
        )
    table = SchemeTable(
        scheme=scheme,
        names=NAMES,
        monotone=MONOTONE,
        variants=("",),
        values=values,
        rule=values[:, 4].astype(float),
        label=label,
        planted=planted,
        market=market.astype(np.int64),
        row=(within * 100 + 7).astype(np.int64),
        known_at=start + 5 * S,
        start=start,
        end=start + 5 * S,
        episode=within.astype(np.int64),
        revision=np.zeros(n, dtype=np.int64),
        symbol=np.zeros(n, dtype=np.int32),
        variant=np.zeros(n, dtype=np.int64),
        accounts=Ragged.of([(int(i),) for i in within]),
        evidence=Ragged.of([(int(i) * 100, int(i) * 100 + 7) for i in within]),
    )
    return table, truth


@pytest.fixture(scope="session")
def make_table() -> Callable[..., CandidateTable]:
    """Return a maker of tables over ``markets`` with ``each`` candidates a scheme."""

    def make(seed: int = 1, **given: Any) -> CandidateTable:
        options: dict[str, Any] = {
            "schemes": (Scheme.SPOOFING, Scheme.WASH_TRADING),
            "markets": 12,
            "each": 60,
            "share": 0.15,
            "skill": 2.0,
        } | given
        rng = np.random.default_rng(seed)
        schemes, each, count = options.pop("schemes"), options["each"], options["markets"]
        tables: dict[Scheme, SchemeTable] = {}
        truths: list[list[Planted]] = [[] for _ in range(count)]
        for scheme in schemes:
            table, truth = make_scheme_table(scheme, rng, **options)
            shift = np.array([len(t) for t in truths], dtype=np.int64)
            hit = table.planted >= 0
            table.planted[hit] += shift[table.market[hit]]
            for all_of, more in zip(truths, truth, strict=True):
                all_of += more
            tables[scheme] = table
        records = tuple(
            MarketRecord(
                name=f"m{i}",
                symbols=("X",),
                accounts=tuple(f"a{k}" for k in range(each)),
                truth=tuple(truths[i]),
                events=50_000,
            )
            for i in range(count)
        )
        return CandidateTable(markets=records, schemes=tables)

    return make
