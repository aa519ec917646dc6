"""What closed cases teach, how the desk works, and that a model gives way only to one that is no worse."""

from __future__ import annotations

import json
import math
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tradewind.core.errors import UsageError
from tradewind.governance.audit import AuditLog
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.cases.feedback import feedback_table
from tradewind.surveillance.cases.retraining import (
    KIND,
    Skill,
    _verdict,
    current_version,
    keep_version,
    retrain_with_feedback,
)
from tradewind.surveillance.cases.statistics import figures, people_figures
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
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

Make = Callable[..., Alert]
NAMES = ("size", "gap", "rule")
S = 1_000_000_000
QUICK = LearningSettings(
    folds=2, scheme=SchemeModelSettings(rounds=8, isolation_trees=5, balancing="none"), precision=0.6, confidence=0.5
)


def close(store: Any, desk: Any, name: str, outcome: str, **given: Any) -> None:
    """Let two people close a case."""
    store.take(name, desk.ann)
    store.propose(name, outcome, desk.ann, "seen", **given)
    store.confirm(name, desk.sam)


def base(markets: int = 4, each: int = 40, seed: int = 3) -> CandidateTable:
    """Return a table in which true candidates of spoofing are large."""
    rng = np.random.default_rng(seed)
    n = markets * each
    label = np.tile(np.arange(each) % 5 == 0, markets)
    values = rng.normal(size=(n, 3)).astype(np.float32)
    values[:, 0] += 3.0 * label
    values[:, 2] = 1 / (1 + np.exp(-(values[:, 0] - 1.5)))
    market = np.repeat(np.arange(markets), each)
    within = np.tile(np.arange(each), markets)
    start = within.astype(np.int64) * 600 * S
    records, planted = [], np.full(n, -1, dtype=np.int64)
    for m in range(markets):
        rows = np.flatnonzero(label & (market == m))
        planted[rows] = np.arange(len(rows))
        truth = tuple(
            Planted(
                scheme=Scheme.SPOOFING,
                symbol="X",
                accounts=(f"a{within[r]}",),
                start=int(start[r]),
                end=int(start[r]) + S,
            )
            for r in rows
        )
        accounts = tuple(f"a{i}" for i in range(each))
        records.append(MarketRecord(name=f"m{m}", symbols=("X",), accounts=accounts, truth=truth, events=100_000))
    table = SchemeTable(
        scheme=Scheme.SPOOFING,
        names=NAMES,
        monotone=(1, 0, 1),
        variants=("",),
        values=values,
        rule=values[:, 2].astype(float),
        label=label,
        planted=planted,
        market=market.astype(np.int64),
        row=within.astype(np.int64),
        known_at=start + S,
        start=start,
        end=start + S,
        episode=within.astype(np.int64),
        revision=np.zeros(n, dtype=np.int64),
        symbol=np.zeros(n, dtype=np.int32),
        variant=np.zeros(n, dtype=np.int64),
        accounts=Ragged.of([(int(i),) for i in within]),
        evidence=Ragged.of([() for _ in within]),
    )
    return CandidateTable(markets=tuple(records), schemes={Scheme.SPOOFING: table})


def numbers(size: float) -> dict[str, float]:
    return {"size": size, "gap": float("nan"), "rule": 0.5}


def test_outcomes_become_labels(desk: Any, alert: Make) -> None:
    outcomes = ["escalated", "false_alarm", "no_issue", "inconclusive"]
    with desk.store() as store:
        store.ingest([alert(n, accounts=(f"a{n}",), at=n) for n in range(5)])
        store.ingest([alert(9, accounts=("a0",), at=60)])
        for number, outcome in enumerate(outcomes, start=1):
            close(store, desk, str(number), outcome, exceptions=("0000000000000009",) if number == 1 else ())
        rows = store.feedback()
    assert rows["id"].to_list() == [f"{n:016x}" for n in range(4)]  # neither the excepted one nor that of an open case
    assert rows["label"].to_list() == [True, False, False, None]
    assert rows["weight"].to_list() == [1.0, 1.0, 0.5, 0.0]
    assert rows["outcome"].to_list() == outcomes


def test_the_last_case_of_an_alert_counts(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        close(store, desk, "1", "false_alarm")
        store.ingest([alert(1, revision=1, tier=Tier.CRITICAL)])
        close(store, desk, "2", "escalated")
        rows = store.feedback()
    assert (rows["case"].to_list(), rows["label"].to_list()) == (["C000002"], [True])


def test_feedback_has_the_shape_of_candidates(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        given = [
            alert(1, accounts=("a", "b"), features=numbers(4.0)),
            alert(2, accounts=("c",), features=numbers(1.0), at=50, variant="ring"),
            alert(3, accounts=("d",), features={"size": 1.0}),  # of another version
            alert(4, accounts=("e",), scheme=Scheme.WASH_TRADING, features=numbers(1.0)),  # not in the base
            alert(5, accounts=("f",), features=numbers(2.0)),
            alert(6, accounts=("b", "x", "y"), symbol="XYZ", features=numbers(3.0), at=144_000),
        ]
        store.ingest(given)
        outcomes = {"a": "escalated", "f": "inconclusive", "b": "no_issue"}
        for case in store.queue():
            close(store, desk, case.id, outcomes.get(case.accounts[0], "false_alarm"))
        table = feedback_table(store.feedback(), base())
    part = table.schemes[Scheme.SPOOFING]
    assert part.names == NAMES
    assert sorted(part.values[:, 0].tolist()) == [1.0, 3.0, 4.0]
    assert np.isnan(part.values[:, 1]).all()
    by_size = {float(v): i for i, v in enumerate(part.values[:, 0])}
    assert [bool(part.label[by_size[v]]) for v in (1.0, 3.0, 4.0)] == [False, False, True]
    assert part.market[by_size[3.0]] == part.market[by_size[4.0]] != part.market[by_size[1.0]]  # b ties two cases
    record = table.markets[part.market[by_size[4.0]]]
    assert [record.accounts[code] for code in part.accounts[by_size[4.0]]] == ["a", "b"]
    assert record.truth[part.planted[by_size[4.0]]].accounts == ("a", "b")
    assert part.start[by_size[1.0]] == given[1].start
    assert part.variants[part.variant[by_size[1.0]]] == "ring"
    assert len(joined([base(), table]).schemes[Scheme.SPOOFING]) == 160 + 3


@pytest.fixture(scope="module")
def present() -> SurveillanceModel:
    return train_on(base(), QUICK).model


def learnt(desk: Any, alert: Make, sizes: dict[float, str]) -> Any:
    """Return the feedback of one closed case for each size, and its outcome."""
    with desk.store() as store:
        store.ingest([alert(n, accounts=(f"z{n}",), features=numbers(size)) for n, size in enumerate(sizes)])
        for number, outcome in enumerate(sizes.values(), start=1):
            close(store, desk, str(number), outcome)
        return store.feedback()


@pytest.mark.slow
def test_a_model_that_is_no_worse_takes_over_and_the_old_one_is_kept(
    desk: Any, alert: Make, present: SurveillanceModel, tmp_path: Path
) -> None:
    rows = learnt(
        desk, alert, {4.0 + n / 10: "escalated" for n in range(4)} | {-n / 10: "false_alarm" for n in range(4)}
    )
    with AuditLog.open(desk.folder / "audit.db") as log:
        made = retrain_with_feedback(present, base(), rows, settings=QUICK, log=log)
        entry = log.query(kind=KIND)[0].body
    assert made.rows == 8
    assert made.replaced
    assert made.model.id == made.trained.model.id
    assert made.after.precision >= made.before.precision
    assert made.model.about["replaces"] == present.id
    assert (entry["old_model"], entry["new_model"], entry["replaced"]) == (present.id, made.model.id, True)
    place = keep_version(made, tmp_path / "models")
    assert SurveillanceModel.load(place).id == made.model.id
    assert {p.name for p in (tmp_path / "models").iterdir() if p.is_dir()} == {present.id, made.model.id}
    assert SurveillanceModel.load(tmp_path / "models" / present.id).thresholds == present.thresholds
    stays = replace(made, model=present, replaced=False)
    assert keep_version(stays, tmp_path / "models") == place  # what counts stays until something takes its place
    assert json.loads((tmp_path / "models" / "current.json").read_text())["model"] == made.model.id


@pytest.mark.slow
def test_a_refused_model_leaves_the_old_one_in_its_place(
    desk: Any, alert: Make, present: SurveillanceModel, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = learnt(desk, alert, {4.0: "escalated", 0.1: "false_alarm"})
    monkeypatch.setattr("tradewind.surveillance.cases.retraining._verdict", lambda *_: (False, "it is worse"))
    made = retrain_with_feedback(present, base(), rows, settings=QUICK)
    assert made.model is present
    assert current_version(keep_version(made, tmp_path).parent) == tmp_path / present.id
    assert (tmp_path / made.trained.model.id).is_dir()


@pytest.mark.parametrize(
    ("after", "replaced"),
    [
        ({}, True),
        ({"precision": 0.96}, True),
        ({"precision": 0.949}, False),
        ({"recall": 0.66}, True),
        ({"recall": 0.64}, False),
        ({"judged_right": 0.79}, False),
        ({"precision": math.nan}, False),
    ],
)
def test_what_counts_as_no_worse(after: dict[str, float], replaced: bool) -> None:
    before = Skill(precision=0.95, recall=0.7, alerts=40, judged_right=0.8)
    assert _verdict(before, replace(before, **after))[0] is replaced


def test_feedback_that_teaches_nothing_is_refused(desk: Any, alert: Make, present: SurveillanceModel) -> None:
    rows = learnt(desk, alert, {4.0: "inconclusive"})
    with pytest.raises(UsageError, match="no closed case teaches anything"):
        retrain_with_feedback(present, base(), rows, settings=QUICK)


def test_how_the_desk_works(desk: Any, alert: Make) -> None:
    with desk.store() as store:
        store.ingest([alert(1, tier=Tier.CRITICAL), alert(2, accounts=("b",), scheme=Scheme.WASH_TRADING)])
        desk.clock.move(20)  # late for the critical one
        store.take("1", desk.ann)
        desk.clock.move(10)
        store.take("2", desk.bob)
        desk.clock.move(30)
        store.propose("1", "false_alarm", desk.ann, "seen")
        store.reject("1", desk.sam, "look again")
        desk.clock.move(20)
        store.propose("1", "false_alarm", desk.ann, "seen again")
        store.confirm("1", desk.sue)
        whole = figures(store)[0]
        assert (whole.cases, whole.closed, whole.late) == (2, 1, 0.5)
        assert (whole.to_take_up, whole.to_close, whole.false_alarms) == (25.0, 80.0, 1.0)
        by_scheme = {one.name: one for one in figures(store, by="scheme")}
        assert by_scheme["spoofing"].false_alarms == 1.0
        assert math.isnan(by_scheme["wash_trading"].false_alarms)
        assert {one.name: one.late for one in figures(store, by="tier")} == {"critical": 1.0, "high": 0.0}
        people = {one.name: one for one in people_figures(store)}
    assert (people["ann"].proposed, people["ann"].confirmed, people["ann"].agreement) == (2, 1, 0.5)
    assert people["ann"].to_propose == 50.0
    assert (people["sam"].judged, people["sue"].judged, people["bob"].taken) == (1, 1, 1)
