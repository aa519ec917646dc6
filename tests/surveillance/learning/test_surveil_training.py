"""Tables of candidates, training, saving, scoring."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.special import expit

from tradewind.core.errors import InputError, UsageError
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.learning import (
    Balancing,
    CandidateTable,
    Described,
    LearningSettings,
    SchemeModelSettings,
    SurveillanceModel,
    joined,
    judge,
    train_on,
)
from tradewind.surveillance.schemes import Scheme

pytestmark = pytest.mark.slow

Make = Callable[..., CandidateTable]
QUICK = SchemeModelSettings(rounds=40, isolation_trees=20, balancing=Balancing.NONE)


def test_a_table_comes_back_whole_and_joins(make_table: Make, tmp_path: Path) -> None:
    first, second = make_table(1, markets=3, each=20), make_table(2, markets=2, each=20)
    both = joined([first, second])
    assert len(both.markets) == 5
    part = both.schemes[Scheme.SPOOFING]
    assert sorted(set(part.market.tolist())) == [0, 1, 2, 3, 4]
    np.testing.assert_array_equal(part.values[60:], second.schemes[Scheme.SPOOFING].values)
    assert part.accounts[65] == second.schemes[Scheme.SPOOFING].accounts[5]
    again = CandidateTable.load(both.save(tmp_path / "table.npz"))
    assert again.markets == both.markets
    for scheme, one in both.schemes.items():
        other = again.schemes[scheme]
        assert (one.names, one.monotone, one.variants) == (other.names, other.monotone, other.variants)
        np.testing.assert_array_equal(one.values, other.values)
        np.testing.assert_array_equal(one.planted, other.planted)
        assert one.evidence[7] == other.evidence[7]
        taken = one.take(np.array([7, 3]))
        assert taken.evidence[0] == one.evidence[7]
        assert taken.candidate(1).start == one.candidate(3).start
    (tmp_path / "bad.npz").write_bytes(b"nothing")
    with pytest.raises(InputError, match="no table"):
        CandidateTable.load(tmp_path / "bad.npz")
    odd = replace(second.schemes[Scheme.SPOOFING], names=("x",) * 8)
    with pytest.raises(UsageError, match="different columns"):
        joined([first, CandidateTable(markets=second.markets, schemes={Scheme.SPOOFING: odd})])


@pytest.fixture(scope="module")
def trained(make_table: Make):  # type: ignore[no-untyped-def]
    """A model of two schemes and the table it was fitted on."""
    table = make_table(skill=3.0, markets=20)
    options = LearningSettings(scheme=QUICK, folds=4, precision=0.9, most_false_per_million=1000.0)
    return table, train_on(table, options)


def test_training_reports_what_unseen_markets_earned(trained, make_table: Make, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    _, done = trained
    assert done.left_out == {}
    overall = done.evaluation.overall
    assert overall.precision.value >= 0.9
    assert overall.recall.value >= 0.6
    fresh = make_table(99, skill=3.0, markets=20)
    scores = {s: done.model.models[s].score(t.values, t.rule)[0] for s, t in fresh.schemes.items()}
    from tradewind.surveillance.evaluation import evaluate_alerts

    found = evaluate_alerts(judge(fresh, scores, done.model.thresholds))
    assert found.overall.precision.value >= 0.85
    assert found.overall.recall.value == pytest.approx(overall.recall.value, abs=0.15)
    done.write(tmp_path)
    report = json.loads((tmp_path / "training.json").read_text())
    assert report["schemes"]["spoofing"]["target_reached"] is True
    assert next(iter(report["schemes"]["spoofing"]["uses"])) in {"size", "speed", "rule"}
    assert (tmp_path / "evaluation.json").exists()
    assert (tmp_path / "precision_recall.svg").exists()


def test_the_same_seed_gives_the_same_model(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    options = LearningSettings(scheme=QUICK, folds=4, precision=0.9, most_false_per_million=1000.0)
    assert train_on(table, options, jobs=2).model.id == done.model.id


def test_a_model_comes_back_equal_and_refuses_what_was_changed(trained, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    folder = done.model.save(tmp_path / "model")
    assert sorted(p.suffix for p in folder.iterdir()) == [".json", ".npz"]
    again = SurveillanceModel.load(folder)
    assert again.id == done.model.id
    assert again.thresholds == done.model.thresholds
    part = table.schemes[Scheme.WASH_TRADING]
    for mine, theirs in zip(
        done.model.models[Scheme.WASH_TRADING].score(part.values, part.rule),
        again.models[Scheme.WASH_TRADING].score(part.values, part.rule),
        strict=True,
    ):
        np.testing.assert_array_equal(mine, theirs)
    content = bytearray((folder / "arrays.npz").read_bytes())
    content[len(content) // 2] ^= 1
    (folder / "arrays.npz").write_bytes(content)
    with pytest.raises(InputError, match="SHA-256"):
        SurveillanceModel.load(folder)


def described(table: CandidateTable, rows: int) -> Described:
    candidates: list[Candidate] = []
    for part in table.schemes.values():
        for row in range(rows):
            one = part.candidate(row)
            candidates.append(replace(one, features=part.values[row, :4]))
    candidates.sort(key=lambda c: c.row)
    views = np.zeros((len(candidates), 1), dtype=np.float32)
    return Described(candidates=candidates, known_at=np.zeros(len(candidates), dtype=np.int64), views=views)


def test_scores_do_not_depend_on_the_batch_and_pieces_sum_to_them(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    all_at_once = described(table, 40)
    whole = done.model.score(all_at_once)
    assert [s.candidate for s in whole] == list(all_at_once.candidates)
    for place in range(80):
        one = Described(
            candidates=[all_at_once.candidates[place]],
            known_at=all_at_once.known_at[[place]],
            views=all_at_once.views[[place]],
        )
        (alone,) = done.model.score(one)
        assert alone.score == whole[place].score
        heard = done.model.worth_asking(one.candidates, one.views)[0]
        assert alone.score == pytest.approx(expit(alone.pieces.sum()) if heard else 0.0)
        assert len(alone.names) == len(alone.values)


def test_columns_the_model_was_not_fitted_on_are_refused(trained) -> None:  # type: ignore[no-untyped-def]
    _, done = trained

    class Source:
        schemes = (Scheme.SPOOFING,)
        view_names: tuple[str, ...] = ("market_move",)

        def feature_names(self, scheme: Scheme) -> tuple[str, ...]:
            return ("size", "speed", "noise", "gap")

    done.model.check(Source())  # type: ignore[arg-type]
    Source.view_names = ("market_mood",)
    with pytest.raises(UsageError, match="market_mood"):
        done.model.check(Source())  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="8 columns"):
        done.model.models[Scheme.SPOOFING].score(np.zeros((2, 3), dtype=np.float32), np.zeros(2))


def test_a_scheme_with_nothing_to_learn_from_is_left_out_and_said(make_table: Make) -> None:
    table = make_table(skill=3.0)
    part = table.schemes[Scheme.WASH_TRADING]
    empty = replace(part, label=np.zeros(len(part), dtype=bool))
    done = train_on(
        CandidateTable(markets=table.markets, schemes={**table.schemes, Scheme.WASH_TRADING: empty}),
        LearningSettings(scheme=QUICK, folds=3),
    )
    assert list(done.model.models) == [Scheme.SPOOFING]
    assert "0 true ones" in done.left_out[Scheme.WASH_TRADING]
    with pytest.raises(UsageError, match="no scheme"):
        train_on(CandidateTable(markets=table.markets, schemes={Scheme.WASH_TRADING: empty}))


def test_a_batch_is_scored_as_its_rows_are_one_by_one(trained) -> None:  # type: ignore[no-untyped-def]
    table, done = trained
    part = table.schemes[Scheme.SPOOFING]
    model = done.model.models[Scheme.SPOOFING]
    rows = np.arange(50) % len(part)
    scores, pieces = model.score(part.values[rows], part.rule[rows])
    for place, row in enumerate(rows):
        score, piece = model.score(part.values[[row]], part.rule[[row]])
        np.testing.assert_allclose(score[0], scores[place], rtol=1e-5)
        np.testing.assert_allclose(piece[0], pieces[place], rtol=1e-4, atol=1e-6)


def test_given_bars_are_taken_and_the_others_found(trained) -> None:  # type: ignore[no-untyped-def]
    table, found = trained
    given = {Scheme.SPOOFING: 0.85}
    options = LearningSettings(scheme=QUICK, folds=4, precision=0.9, most_false_per_million=1000.0, bars=given)
    done = train_on(table, options)
    assert done.model.thresholds == {**found.model.thresholds, **given}
    judged = judge(table, done.scores, done.model.thresholds)
    assert sum(bar.kept for bar in done.bars.values()) == sum(len(one.alerts) for one in judged)
    both = options.model_copy(update={"bars": dict.fromkeys(table.schemes, 0.7)})
    assert set(train_on(table, both).model.thresholds.values()) == {0.7}
