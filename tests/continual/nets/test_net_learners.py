"""What the learners of one net keep, hold and forget."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from tradewind.continual.lesson import Lesson
from tradewind.continual.nets import (
    EWC,
    Episodic,
    EpisodicSettings,
    EWCSettings,
    FineTuning,
    NetSettings,
    Rehearsal,
    RehearsalSettings,
)
from tradewind.continual.nets.buffer import Buffer, reservoir
from tradewind.continual.nets.network import build, fisher, own_torch
from tradewind.continual.protocol import Experience


def lesson(rows: int, seed: int = 0) -> Lesson:
    """Return drawn rows."""
    rng = np.random.default_rng(seed)
    return Lesson(
        inputs=rng.normal(size=(rows, 2)).astype(np.float32),
        rose=(rng.random(rows) < 0.3).astype(np.float64),
        weight=np.ones(rows),
        day=np.arange(rows),
        regimes=None,
    )


def regime(seed: int, sign: float, level: float) -> Experience:
    """Return a rule on the first feature; the second tells the regime."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(800, 2)).astype(np.float32)
    features[:, 1] = level + 0.1 * features[:, 1]
    rose = (sign * features[:, 0] > 0) == (rng.random(800) < 0.9)
    time = np.datetime64("2020-01-01", "us") + np.arange(800) * np.timedelta64(1, "h")
    return Experience(name="rule", features=features, direction=rose.astype(np.float64), time=time, known_at=time)


def accuracy(learner: FineTuning | Rehearsal | EWC | Episodic, asked: Experience) -> float:
    """Return the share of right calls."""
    return float(((learner.predict(asked.features) >= 0.5) == (asked.direction > 0.5)).mean())


@settings(max_examples=40, deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=5), st.integers(4, 50), st.booleans())
def test_a_buffer_never_holds_more_than_it_may(sizes: list[int], kept: int, balanced: bool) -> None:
    buffer, rng = Buffer.empty(2), np.random.default_rng(0)
    for period, size in enumerate(sizes):
        one = lesson(size, seed=period)
        buffer = (
            buffer.joined(one, period).balanced(kept, rng) if balanced else reservoir(buffer, one, period, kept, rng)
        )
    assert len(buffer) == min(kept, sum(sizes))
    assert buffer.seen == sum(sizes)


def test_a_balanced_buffer_holds_as_much_of_each_experience_and_direction() -> None:
    buffer = Buffer.empty(2).joined(lesson(900), 0).joined(lesson(100, 1), 1)
    kept = buffer.balanced(80, np.random.default_rng(1))
    groups = np.unique(np.column_stack([kept.period, kept.rose]), axis=0, return_counts=True)[1]
    assert groups.tolist() == [20, 20, 20, 20]


def test_every_row_ever_offered_is_as_likely_to_be_in_the_reservoir() -> None:
    counts = np.zeros(30)
    for seed in range(3000):
        rng, buffer = np.random.default_rng(seed), Buffer.empty(1)
        for period in range(3):
            rows = np.arange(period * 10, period * 10 + 10)
            part = Lesson(
                inputs=rows[:, None].astype(np.float32), rose=np.ones(10), weight=np.ones(10), day=rows, regimes=None
            )
            buffer = reservoir(buffer, part, period, 6, rng)
        counts[buffer.inputs[:, 0].astype(int)] += 1
    # 3000 draws of probability 0.2: a deviation of 22
    assert np.abs(counts - 600).max() < 4.5 * 22


def test_fisher_information_is_the_curvature_of_the_expected_loss() -> None:
    """For a linear net in closed form: q (1 - q) x^2, and q (1 - q) for the intercept."""
    with own_torch(0):
        line = torch.nn.Linear(2, 1)
    inputs = lesson(50).inputs
    with torch.no_grad():
        q = torch.sigmoid(line(torch.as_tensor(inputs)).squeeze(-1)).double().numpy()
    found = fisher(line, inputs)
    np.testing.assert_allclose(found["weight"][0].numpy(), (q * (1 - q)) @ inputs**2 / 50, rtol=1e-5)
    np.testing.assert_allclose(found["bias"].numpy(), [(q * (1 - q)).mean()], rtol=1e-5)


def test_fisher_information_equals_the_sum_over_both_directions() -> None:
    """The definition, gradient by gradient: E over the forecast direction of the squared score."""
    with own_torch(1):
        net = build(2, 4)
    inputs = lesson(7).inputs
    expected = {name: torch.zeros_like(value) for name, value in net.named_parameters()}
    for row in torch.as_tensor(inputs):
        q = float(torch.sigmoid(net(row[None])).detach())
        for rose, chance in ((1.0, q), (0.0, 1.0 - q)):
            net.zero_grad()
            loss = torch.nn.functional.binary_cross_entropy_with_logits(net(row[None]).reshape(()), torch.tensor(rose))
            loss.backward()
            for name, value in net.named_parameters():
                expected[name] += chance * value.grad**2 / len(inputs)
    for name, value in fisher(net, inputs).items():
        np.testing.assert_allclose(value.numpy(), expected[name].numpy(), rtol=1e-3, atol=1e-7)


@pytest.mark.slow
def test_fine_tuning_forgets_and_rehearsal_and_memory_do_not() -> None:
    first, second = regime(1, 1.0, 0.0), regime(2, -1.0, 3.0)
    asked = regime(3, 1.0, 0.0)
    naive = FineTuning(NetSettings()).learn(first)
    assert accuracy(naive, asked) > 0.85
    forgot = accuracy(naive.learn(second), asked)
    rehearsed = accuracy(Rehearsal(RehearsalSettings(kept=300)).learn(first).learn(second), asked)
    looked_up = accuracy(Episodic(EpisodicSettings(kept=600, neighbours=40)).learn(first).learn(second), asked)
    assert forgot < 0.5
    assert rehearsed > 0.8
    assert looked_up > 0.8


@pytest.mark.slow
def test_a_stronger_penalty_holds_the_weights_that_mattered_nearer() -> None:
    first, second = regime(1, 1.0, 0.0), regime(2, -1.0, 3.0)
    moved = []
    for strength in (0.0, 100.0, 10_000.0):
        learner = EWC(EWCSettings(strength=strength)).learn(first)
        before = {key: value.copy() for key, value in learner._kept().items()}
        learner.learn(second)
        after = learner._kept()
        names = [key.split(":", 1)[1] for key in before if key.startswith("anchor:")]
        moved.append(
            sum(
                float((before[f"fisher:{name}"] * (after[f"anchor:{name}"] - before[f"anchor:{name}"]) ** 2).sum())
                for name in names
            )
        )
    assert moved[0] > moved[1] > moved[2]


@pytest.mark.slow
def test_without_a_penalty_it_is_fine_tuning() -> None:
    first, second = regime(1, 1.0, 0.0), regime(2, -1.0, 3.0)
    held = EWC(EWCSettings(strength=0.0)).learn(first).learn(second)
    naive = FineTuning(NetSettings()).learn(first).learn(second)
    np.testing.assert_allclose(held.predict(first.features), naive.predict(first.features), atol=1e-6)


@pytest.mark.parametrize("kind", [Rehearsal, Episodic])
def test_memory_is_bounded(kind: type[Rehearsal] | type[Episodic]) -> None:
    learner = kind(kind.settings_type(kept=100, steps=5))
    for seed in range(4):
        learner.learn(regime(seed, 1.0, 0.0))
        assert learner.memory_rows() == 100
