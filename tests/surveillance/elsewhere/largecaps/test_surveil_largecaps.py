"""A foreign market of large shares is one of quotes that come and go, and of many accounts."""

from __future__ import annotations

import pytest

from tradewind.surveillance.elsewhere.largecaps import simulate


@pytest.mark.parametrize("seed", [1, 2, 5, 8])
def test_quotes_come_and_go_and_deeds_are_few_among_many_accounts(seed: int) -> None:
    made = simulate(seed, events=20_000)
    shares = dict(made.events["kind"].value_counts(normalize=True).iter_rows())
    assert 0.1 < shares["trade"] < 0.4
    assert shares["cancel"] > 0.15
    assert shares["modify"] > 0.001
    assert made.events["account"].n_unique() > 100
    for case in [*made.truth.iter_rows(named=True), *made.attempts.iter_rows(named=True)]:
        assert len(case["accounts"]) <= 10
