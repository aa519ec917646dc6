"""Scores count what happened; a suite that was cut goes on."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import binomtest

from tradewind.core import InputError
from tradewind.monitoring.monitor import Monitor
from tradewind.monitoring.quality import BarWatcher, FeedWatcher, NewsWatcher
from tradewind.monitoring.replay import (
    Alarm,
    Blame,
    IncidentKind,
    Rate,
    Replayed,
    ReplaySettings,
    SuiteSettings,
    Truth,
    World,
    WorldSettings,
    render,
    replay,
    run_suite,
    score,
)

SMALL = WorldSettings(symbols=12, train_days=240, judged_days=60, replay_days=130, seed=3)
EARLY = ReplaySettings(quiet=20, least_room=60)


def watchers(world: World) -> Monitor:
    return Monitor([BarWatcher(), FeedWatcher(), NewsWatcher()])


def run(kind: IncidentKind | None, seed: int = 0, delay: int | None = 2, blamed: str | None = None) -> Replayed:
    truth = None if kind is None else Truth(kind=kind, first=100, last=120, subject={"feed": "a"})
    blame = Blame(kind=blamed or "", subject="feed a", score=0.9, right=blamed == kind, right_subject=True, second="x")
    return Replayed(
        seed=seed, truth=truth, sessions=252, alarms=(), false_alarms=0,
        detected=None if delay is None or kind is None else 100 + delay,
        blame=None if blamed is None else blame, findings={}, seconds=1.0,
    )  # fmt: skip


@settings(max_examples=50)
@given(hits=st.integers(0, 30), more=st.integers(0, 30))
def test_a_rate_has_the_exact_interval(hits: int, more: int) -> None:
    """Golden: SciPy's exact binomial interval."""
    n = hits + more
    rate = Rate.count(hits, n)
    if n == 0:
        assert rate.words == "none"
        return
    golden = binomtest(hits, n).proportion_ci(0.90, method="exact")
    np.testing.assert_allclose([rate.lower, rate.upper], [golden.low, golden.high], atol=1e-12)


def test_scores_count_what_happened() -> None:
    stops, drift = IncidentKind.FEED_STOPS, IncidentKind.GRADUAL_DRIFT
    clean = replace(run(None), alarms=(Alarm(session=200, kinds=("latency",), about=("everything",)),))
    runs = [
        run(stops, 0, 0, "feed_stops"), run(stops, 1, 4, "stale_symbol"),
        run(drift, 0, None, None), run(drift, 1, 50, "gradual_drift"), clean, run(None, 1),
    ]  # fmt: skip
    found = score(runs)
    rows = {row.kind: row for row in found.kinds}
    assert rows["feed_stops"].detected.share == 1.0
    assert (rows["feed_stops"].delay, rows["feed_stops"].delay_most) == (2.0, 4.0)
    assert rows["feed_stops"].mistaken_for == {"stale_symbol": 1}
    assert rows["gradual_drift"].detected.share == 0.5
    assert rows["gradual_drift"].mistaken_for == {"not noticed": 1}
    assert found.per_world == {"0": (1, 2), "1": (1, 2)}
    assert found.clean_years == 2.0
    assert found.false_alarms_a_year[0] == 0.5
    assert found.alarm_kinds == {"latency": 1}


def test_a_page_names_every_kind_and_escapes_words() -> None:
    bad = run(IncidentKind.FEED_STOPS, 0, 0, "feed_stops")
    assert bad.truth is not None
    runs = [replace(bad, truth=replace(bad.truth, words="<script>")), run(IncidentKind.LABEL_DELAY, delay=None)]
    page = render(runs, score(runs), ReplaySettings())
    assert "feed_stops" in page
    assert "label_delay" in page
    assert "<script>" not in page
    assert "not noticed" in page


@pytest.mark.slow
def test_a_silent_feed_is_noticed_at_once_and_blamed(world: World) -> None:
    found = replay(world, IncidentKind.FEED_STOPS, watchers, EARLY)
    assert found.truth is not None
    assert found.delay == 0
    assert found.blame is not None
    assert (found.blame.kind, found.blame.right, found.blame.right_subject) == ("feed_stops", True, True)
    assert found == replace(replay(world, IncidentKind.FEED_STOPS, watchers, EARLY), seconds=found.seconds)


@pytest.mark.slow
def test_a_clean_world_raises_no_alarm_in_bars_feeds_and_news(world: World) -> None:
    found = replay(world, None, watchers, EARLY)
    assert (found.alarms, found.findings, found.detected) == ((), {}, None)


@pytest.mark.slow
def test_a_suite_that_was_cut_goes_on_and_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = tmp_path / "replays.jsonl"
    kinds = (IncidentKind.FEED_STOPS, IncidentKind.SLOW_DEPENDENCY)
    suite = SuiteSettings(world=SMALL, replay=EARLY, worlds=1, first_seed=3, kinds=kinds)
    whole = run_suite(suite, watchers)

    class CutError(Exception):
        pass

    def until_second(stage: str, done: int, total: int) -> None:
        if done == 2:
            raise CutError

    class Progress:
        update = staticmethod(until_second)

    with pytest.raises(CutError):
        run_suite(suite, watchers, kept=kept, progress=Progress())
    assert len(kept.read_text().splitlines()) == 2
    made = 0

    def counted(world: World) -> Monitor:
        nonlocal made
        made += 1
        return watchers(world)

    resumed = run_suite(suite, counted, kept=kept)
    assert made == 1
    assert [replace(one, seconds=0.0) for one in resumed] == [replace(one, seconds=0.0) for one in whole]
    made = 0
    run_suite(suite, counted, kept=kept, version="other watchers")
    assert made == 3


def test_a_file_that_holds_no_replays_is_named(tmp_path: Path) -> None:
    kept = tmp_path / "replays.jsonl"
    kept.write_text("{}\n")
    with pytest.raises(InputError, match=r"replays\.jsonl, row 1.*remove the file"):
        run_suite(SuiteSettings(world=SMALL, worlds=1), watchers, kept=kept)
