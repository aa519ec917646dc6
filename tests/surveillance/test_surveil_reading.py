"""What is left out of the description of a market's candidates, and what is not."""

from __future__ import annotations

import numpy as np

from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.reading import Reading, Surveyor
from tradewind.surveillance.schemes import Scheme


def test_only_what_reaches_its_floor_is_described_and_as_it_would_be_without_one() -> None:
    market = sample_market(4_711, events=25_000)
    floors = {Scheme.SPOOFING: 0.5, Scheme.PUMP_AND_DUMP: 0.7}
    told = []
    for given in (None, floors):
        reading = Reading(market.sessions, floors=given)
        parts = [reading.update(market.events), reading.finish()]
        told.append(([c for part in parts for c in part.candidates], np.vstack([part.views for part in parts])))
    (whole, every), (found, some) = told
    assert [(c.scheme, c.row, c.rule) for c in found] == [(c.scheme, c.row, c.rule) for c in whole]
    clear = np.array([c.rule >= floors.get(c.scheme, 0.0) for c in found])
    assert 0 < clear.sum() < len(clear)
    of_rules = np.array([name.startswith("context_") for name in Surveyor().view_names])
    np.testing.assert_array_equal(some[:, of_rules], every[:, of_rules])
    np.testing.assert_allclose(some[clear], every[clear], atol=2e-3)
    assert np.isnan(some[~clear][:, ~of_rules]).all()
