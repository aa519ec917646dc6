"""Tokens against a plain list of events, cut anywhere; nets that learn what can be learnt, save it and repeat it."""

from __future__ import annotations

import itertools
from collections import defaultdict, deque
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.core.arrays import Float32Array, IntArray
from tradewind.core.errors import InputError
from tradewind.surveillance.book.tape import Tape
from tradewind.surveillance.detectors import Candidate
from tradewind.surveillance.events.table import Names
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sequences import (
    CLASSES,
    LENGTH,
    WIDTH,
    SequenceModel,
    SequenceSettings,
    SequenceView,
    TokenReader,
    bundled_sequences,
    sequence_labels,
)
from tradewind.surveillance.sequences.token_layout import NAMES
from tradewind.surveillance.sequences.view import FEATURES
from tradewind.surveillance.truth import Planted

pytestmark = pytest.mark.slow

FIRST = 1_700_000_000_000_000_000
ACCOUNTS, SYMBOLS = 5, 2
SMALL = SequenceSettings(wide=8, code=4, epochs=16, auto_epochs=4, rate=2e-2, batch=32)


def random_tape(seed: int, n: int = 500) -> Tape:
    rng = np.random.default_rng(seed)
    time = FIRST + np.cumsum(rng.integers(1, 10**9, n))
    kind, zero = rng.choice([1, 1, 2, 3], n).astype(np.int8), np.zeros(n, np.int64)
    account, symbol = rng.integers(0, ACCOUNTS, n).astype(np.int32), rng.integers(0, SYMBOLS, n).astype(np.int32)
    side, size = rng.choice([-1, 1], n).astype(np.int8), rng.integers(1, 900, n)
    taker = np.where(kind == 3, (account + 1) % ACCOUNTS, -1).astype(np.int32)
    drift = 100 * np.cumsum(np.random.default_rng([seed, 1]).integers(-1, 2, n))
    return Tape(
        first_row=0,
        time=time,
        symbol=symbol,
        seq=np.arange(n),
        kind=kind,
        order=zero + 1,
        account=account,
        side=side,
        price=1_000_000 + rng.integers(-900, 900, n),
        size=size,
        bid=999_900 + drift,
        ask=1_000_100 + drift,
        bid_size=zero + 100,
        ask_size=zero + 100,
        bid_depth=zero + 500,
        ask_depth=zero + 500,
        order_size=size,
        order_left=size,
        order_time=time - rng.integers(0, 10**10, n),
        level=rng.integers(-1, 6, n).astype(np.int32),
        taker=taker,
        taker_order=zero,
        taker_side=np.where(kind == 3, -side, 0).astype(np.int8),
        pair=account * SYMBOLS + symbol,
        taker_pair=np.where(kind == 3, taker * SYMBOLS + symbol, -1).astype(np.int32),
        symbols=Names(("A", "B")),
        accounts=Names(tuple(f"a{i}" for i in range(ACCOUNTS))),
    )


def candidate(tape: Tape, row: int, accounts: tuple[int, ...], scheme: Scheme = Scheme.SPOOFING) -> Candidate:
    return Candidate(
        scheme=scheme,
        episode=row,
        revision=0,
        symbol=int(tape.symbol[row]),
        accounts=accounts,
        start=int(tape.time[max(row - 40, 0)]),
        end=int(tape.time[row]),
        row=row,
        rule=0.5,
        features=np.zeros(1, np.float32),
    )


def some(tape: Tape, seed: int, count: int = 10) -> list[Candidate]:
    rng = np.random.default_rng(seed)
    rows = np.sort(rng.integers(0, len(tape), count))
    return [candidate(tape, int(r), tuple(rng.permutation(ACCOUNTS)[: rng.integers(1, 4)].tolist())) for r in rows]


def column(tokens: Float32Array, name: str) -> Float32Array:
    return tokens[..., NAMES.index(name)]


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), cuts=st.lists(st.integers(0, 500), max_size=8), places=st.sampled_from([2, 4, 64]))
def test_cutting_the_tape_changes_no_token(seed: int, cuts: list[int], places: int) -> None:
    tape = random_tape(seed)
    asked = some(tape, seed)
    whole = TokenReader(places).advance(tape, asked)
    reader = TokenReader(places)
    parts = [
        reader.advance(tape.rows(a, b), [c for c in asked if a <= c.row < b])
        for a, b in itertools.pairwise([0, *sorted(cuts), len(tape)])
    ]
    assert np.array_equal(whole, np.concatenate(parts))


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), accounts=st.lists(st.integers(0, ACCOUNTS - 1), min_size=1, max_size=3, unique=True))
def test_tokens_are_the_last_events_in_order(seed: int, accounts: list[int]) -> None:
    tape = random_tape(seed)
    one = candidate(tape, 450, tuple(accounts))
    tokens = TokenReader().advance(tape, [one])[0]
    kept: dict[int, deque[tuple[int, int, int, int]]] = defaultdict(lambda: deque(maxlen=LENGTH))
    for i in range(451):
        if tape.symbol[i] == one.symbol:
            code = {1: 0, 2: 1, 3: 2}[int(tape.kind[i])]
            kept[int(tape.account[i])].append((int(tape.time[i]), code, int(tape.account[i]), int(tape.side[i])))
            if tape.kind[i] == 3:
                kept[int(tape.taker[i])].append((int(tape.time[i]), 3, int(tape.taker[i]), int(tape.taker_side[i])))
    expected = sorted((e for a in accounts for e in kept[a]), key=lambda e: e[0])[-LENGTH:]
    n = len(expected)
    assert column(tokens, "present").sum() == n
    assert (tokens[: LENGTH - n] == 0.0).all()
    last = tokens[LENGTH - n :]
    assert (last[:, 1:5].sum(1) == 1.0).all()
    by_time = lambda pairs: [sorted(v) for _, v in itertools.groupby(pairs, key=lambda p: p[0])]  # noqa: E731
    told = [
        (e[0], int(k), bool(f))
        for e, k, f in zip(expected, last[:, 1:5].argmax(1), column(last, "first_account"), strict=True)
    ]
    plain = [(e[0], e[1], e[2] == accounts[0]) for e in expected]
    assert by_time(told)[1:] == by_time(plain)[1:]  # of two events of one moment the window may begin with either
    assert (column(last, "in_span") == [e[0] >= one.start for e in expected]).all()
    assert abs(column(last, "side").sum() - abs(sum(e[3] for e in expected))) <= 2


@settings(max_examples=20, deadline=None)
@given(seed=st.integers(0, 10**6), account=st.integers(0, ACCOUNTS - 1))
def test_tokens_say_what_the_market_did_since_the_one_before(seed: int, account: int) -> None:
    tape = random_tape(seed)
    one = candidate(tape, 450, (account,))
    rows = [i for i in range(451) if tape.symbol[i] == one.symbol]
    crossed = {i: int(tape.taker_side[i]) * int(tape.size[i]) * int(tape.kind[i] == 3) for i in rows}
    own = [i for i in rows if tape.account[i] == account]
    own = sorted(own + [i for i in rows if tape.kind[i] == 3 and tape.taker[i] == account])[-LENGTH:]
    tokens = TokenReader().advance(tape, [one])[0][LENGTH - len(own) :]
    for at in range(1, len(own)):
        between = [i for i in rows if own[at - 1] < i < own[at]]
        if own[at] > own[at - 1]:
            assert column(tokens, "between")[at] == pytest.approx(min(0.2 * np.log2(len(between) + 1), 3.0), abs=1e-5)
            flow = sum(crossed[i] for i in between)
            assert (column(tokens, "flow")[at] == 0.0) == (flow == 0)
        mids = [int(tape.bid[own[k]]) + int(tape.ask[own[k]]) for k in (at - 1, at, 0)]
        assert (column(tokens, "moved")[at] == 0.0) == (mids[1] == mids[0])
        assert (column(tokens, "away")[at] == 0.0) == (mids[1] == mids[2])
    assert (column(tokens, "news") == 0.0).all()


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 10**6), factor=st.sampled_from([4, 64]))
def test_tokens_have_no_unit_of_price_size_or_time(seed: int, factor: int) -> None:
    tape = random_tape(seed)
    asked = some(tape, seed)
    scaled = replace(
        tape,
        size=tape.size * factor,
        order_size=tape.order_size * factor,
        order_left=tape.order_left * factor,
        price=tape.price * factor,
        bid=tape.bid * factor,
        ask=tape.ask * factor,
        time=FIRST + (tape.time - FIRST) * factor,
        order_time=FIRST + (tape.order_time - FIRST) * factor,
    )
    moved = [replace(c, start=FIRST + (c.start - FIRST) * factor) for c in asked]
    # the microsecond added to every duration shows where durations are that short
    gap = np.abs(TokenReader().advance(scaled, moved) - TokenReader().advance(tape, asked))
    assert np.quantile(gap, 0.99) < 0.02


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 10**6))
def test_no_token_comes_from_after_the_row(seed: int) -> None:
    tape = random_tape(seed)
    one = candidate(tape, 300, (1, 2))
    assert np.array_equal(TokenReader().advance(tape, [one]), TokenReader().advance(tape.rows(0, 301), [one]))


def made_up(seed: int, n: int = 300) -> tuple[Float32Array, IntArray]:
    """Return sequences of orders and trades, and of spoofing ones in which large orders are cancelled."""
    rng = np.random.default_rng(seed)
    tokens, labels = np.zeros((n, LENGTH, WIDTH), np.float32), (rng.random(n) < 0.3).astype(np.int64) * 2
    for row in range(n):
        first = int(rng.integers(0, LENGTH - 12))
        tokens[row, first:, 0] = 1.0
        kinds = rng.choice([1, 2, 3, 4], LENGTH - first)
        tokens[row, np.arange(first, LENGTH), kinds] = 1.0
        size = rng.normal(0.0, 0.3, LENGTH - first)
        tokens[row, first:, NAMES.index("size")] = np.where((kinds == 2) & (labels[row] > 0), 2.0, size)
    return tokens, labels


@pytest.fixture(scope="module")
def fitted() -> SequenceModel:
    return SequenceModel.fit(*made_up(0), settings=SMALL, seed=3)


def test_a_net_learns_what_tells_sequences_apart(fitted: SequenceModel) -> None:
    tokens, labels = made_up(1)
    probability, attention = fitted.score(tokens)
    assert probability.shape == (300, len(CLASSES))
    assert np.abs(probability.sum(1) - 1.0).max() < 1e-2
    assert (probability.argmax(1) == labels).mean() > 0.95
    assert np.abs(attention.sum(1) - 1.0).max() < 1e-2
    assert (attention[tokens[..., 0] == 0.0] == 0.0).all()
    assert fitted.surprise(tokens[labels > 0]).mean() > fitted.surprise(tokens[labels == 0]).mean()


def test_a_transformer_learns_it_too() -> None:
    model = SequenceModel.fit(*made_up(0), settings=replace(SMALL, net="transformer"), seed=3)
    tokens, labels = made_up(1, 100)
    assert (model.score(tokens)[0].argmax(1) == labels).mean() > 0.9


def test_nets_stay_small() -> None:
    for net in ("recurrent", "transformer"):
        assert SequenceModel(SequenceSettings(net=net)).weights <= 50_000


def test_the_same_seed_gives_the_same_model_and_company_changes_little(fitted: SequenceModel) -> None:
    again = SequenceModel.fit(*made_up(0), settings=SMALL, seed=3)
    tokens, _ = made_up(2, 100)
    assert np.array_equal(again.score(tokens)[0], fitted.score(tokens)[0])
    alone = np.concatenate([fitted.score(tokens[i : i + 1])[0] for i in range(10)])
    assert np.abs(alone - fitted.score(tokens)[0][:10]).max() <= 1.01e-4


def test_a_saved_model_scores_the_same(fitted: SequenceModel, tmp_path: Path) -> None:
    tokens, _ = made_up(4, 70)
    loaded = SequenceModel.load(fitted.save(tmp_path / "model.npz"))
    assert np.array_equal(loaded.score(tokens)[0], fitted.score(tokens)[0])
    assert np.array_equal(loaded.surprise(tokens), fitted.surprise(tokens))
    (tmp_path / "other.npz").write_bytes(b"nothing")
    with pytest.raises(InputError):
        SequenceModel.load(tmp_path / "other.npz")


def test_the_view_names_and_fills_its_columns(fitted: SequenceModel) -> None:
    tape = random_tape(6)
    asked = some(tape, 6)
    told = SequenceView(fitted).advance(tape, asked)
    assert told.shape == (len(asked), len(FEATURES))
    assert all(name.startswith("sequence_") for name in SequenceView(fitted).feature_names)
    in_two = SequenceView(fitted)
    halves = [in_two.advance(tape.rows(a, b), [c for c in asked if a <= c.row < b]) for a, b in ((0, 250), (250, 500))]
    np.testing.assert_allclose(told, np.vstack(halves), atol=5e-2)
    unseen = SequenceView(fitted).advance(tape.rows(0, 1), [candidate(tape, 0, (99,))])
    assert np.isnan(unseen[0, :4]).all()
    assert unseen[0, 4] == 0.0


def test_labels_say_what_the_accounts_did_whatever_the_candidate_names() -> None:
    tape = random_tape(7)
    truth = [Planted(scheme=Scheme.LAYERING, symbol="A", accounts=("a1",), start=FIRST, end=int(tape.time[-1]))]
    row = int(np.flatnonzero(tape.symbol == 0)[50])
    other = int(np.flatnonzero(tape.symbol == 1)[50])
    asked = [candidate(tape, row, (0, 1)), candidate(tape, row, (0, 2)), candidate(tape, other, (1,))]
    labels = sequence_labels(asked, truth, tape.symbols, tape.accounts)
    assert [CLASSES[label] for label in labels] == ["layering", "benign", "benign"]


def test_the_bundled_model_reads_any_tape() -> None:
    tape = random_tape(8)
    model = bundled_sequences()
    told = SequenceView(model).advance(tape, some(tape, 8))
    assert model.weights <= 50_000
    assert np.isfinite(told).all()
    assert told.std(axis=0).min() > 0.0


@pytest.mark.parametrize("labels", [np.zeros(8, np.int64), np.full(8, 99), np.zeros(7, np.int64)])
def test_what_cannot_be_learnt_from_is_refused(labels: IntArray) -> None:
    with pytest.raises(InputError):
        SequenceModel.fit(np.zeros((8, LENGTH, WIDTH), np.float32), labels, settings=SMALL)
