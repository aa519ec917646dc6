"""What is left out of the description of a market's candidates, and what is not."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from tradewind.surveillance.learning import Described, bundled_model
from tradewind.surveillance.learning.floors import clear_enough
from tradewind.surveillance.learning.settings import SieveSettings
from tradewind.surveillance.parts import make_views
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.reading import Reading, Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions


def test_only_what_a_model_asks_for_is_described_and_as_it_would_be_without_one() -> None:
    market = sample_market(4_711, events=25_000)
    model = bundled_model()
    model = replace(model, floors={**model.floors, Scheme.SPOOFING: 0.5, Scheme.PUMP_AND_DUMP: 0.7})
    whole, some = (Reading(market.sessions, model=given).whole(market.events) for given in (None, model))
    assert [(c.scheme, c.row, c.rule) for c in some.candidates] == [(c.scheme, c.row, c.rule) for c in whole.candidates]
    clear, open_still = (
        clear_enough(some.candidates, model.floors),
        model.worth_asking(whole.candidates, whole.views),
    )
    assert 0 < open_still.sum() < clear.sum() < len(clear)
    names = np.array(Surveyor().view_names)
    dear = np.char.startswith(names, "sequence_")
    of_rules = np.char.startswith(names, "context_")
    np.testing.assert_array_equal(some.views[:, of_rules], whole.views[:, of_rules])
    np.testing.assert_array_equal(some.views[clear][:, ~dear], whole.views[clear][:, ~dear])
    np.testing.assert_allclose(some.views[open_still], whole.views[open_still], atol=2e-3)
    assert np.isnan(some.views[~clear][:, ~of_rules]).all()
    assert np.isnan(some.views[~open_still][:, dear]).all()
    told = [np.array([one.score for one in model.score(described)]) for described in (whole, some)]
    np.testing.assert_allclose(told[1], told[0], atol=5e-3)
    assert not told[0][~open_still].any()
    assert (told[0][open_still] > 0).all()


def test_without_candidates_there_is_nothing_to_ask() -> None:
    model = bundled_model()
    nothing = Described(
        candidates=[], known_at=np.empty(0, dtype=np.int64), views=np.empty((0, len(Surveyor().view_names)), np.float32)
    )
    assert model.worth_asking(nothing.candidates, nothing.views).shape == (0,)


def test_what_is_dear_is_what_the_sieves_do_without() -> None:
    dear = SieveSettings().dear
    for view in make_views(Sessions(np.empty(0, np.int64), np.empty(0, np.int64))):
        assert all(name.startswith(dear) is view.dear for name in view.feature_names)
