"""The benchmark of surveillance: its markets, its intervals, and a small run from end to end."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tradewind.surveillance.evaluation import precision_recall
from tradewind.surveillance.live.rules_only import rules_only
from tradewind.surveillance.schemes import Scheme


def test_garwood_gives_the_published_bounds() -> None:
    from surveillance_calm import garwood

    assert garwood(0, 1_000_000) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert garwood(5, 1_000_000) == pytest.approx((1.623, 11.668), abs=1e-3)  # Garwood 1936, table 1


def test_seeds_of_suites_are_apart_and_a_strange_suite_is_refused() -> None:
    from surveillance import FIRST, suites

    hawkes, unseen = FIRST["hawkes"], FIRST["unseen"]
    asked = suites(["unseen=2", "hawkes=1"])
    assert asked == [("hawkes", hawkes), ("unseen", unseen), ("unseen", unseen + 1)]
    assert not set(suites(["unseen=40"])) & set(suites(["unseen=40"], 500))
    with pytest.raises(SystemExit, match="no suite"):
        suites(["elsewhere=3"])


@pytest.mark.parametrize("seed", range(5))
def test_recall_of_one_draw_is_that_of_the_curve(seed: int) -> None:
    from surveillance_compare import Ranked

    rng = np.random.default_rng(seed)
    score, true = np.sort(rng.integers(0, 30, 60) / 30)[::-1], rng.random(60) < np.linspace(1.0, 0.6, 60)
    market, best, home = rng.integers(0, 5, 60), rng.integers(-5, 30, 20) / 30, rng.integers(0, 5, 20)
    ranked = Ranked(score=score, true=true, market=market, best=best, home=home)
    weight = np.array([2.0, 0.0, 1.0, 1.0, 1.0])
    times, again = weight[market].astype(int), weight[home].astype(int)
    curve = precision_recall(np.repeat(score, times), np.repeat(true, times), np.repeat(best, again))
    assert ranked.recall(weight) == pytest.approx(curve.recall_at_precision(0.95))


@pytest.mark.slow
def test_what_meets_an_attempt_counts_neither_way() -> None:
    from surveillance_detect import judge_market
    from surveillance_markets import make

    market = make("unseen", 8_008, 15_000)
    plain = judge_market(market, rules_only(0.5))
    deeds = [deed for deed in market.truth if any(a.scheme is deed.scheme for a in plain.judged.alerts)]
    assert deeds
    aside = replace(market, truth=(), attempts=market.truth)
    again = judge_market(aside, rules_only(0.5))
    assert again.left_out
    assert len(again.judged.alerts) + again.left_out == len(plain.judged.alerts) + plain.left_out
    assert len(plain.fates) == len(market.truth)


@pytest.mark.slow
def test_a_small_run_keeps_its_results(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    import page
    import surveillance
    import surveillance_detect
    import surveillance_page

    monkeypatch.setattr(surveillance_detect, "load", lambda _: rules_only(0.5))
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr(surveillance_page, "PAGE", tmp_path / "results.md")
    kept = tmp_path / "results.json"
    common = ["--jobs", "1", "--events", "8000", "--results", str(kept)]
    surveillance.main(["detect", "--seeds", "unseen=1", "hawkes=1", *common])
    monkeypatch.setattr(surveillance, "BARS", tmp_path)
    with pytest.raises(SystemExit, match="run `bars` first"):
        surveillance.main(["calm", "--seeds", "calm=1", *common])
    (tmp_path / "unseen").mkdir()
    surveillance.main(["calm", "--seeds", "calm=1", *common])
    found = json.loads(kept.read_text())
    assert found["detect"]["found"]["hawkes"]["markets"] == 1
    assert found["calm"]["found"]["calm"]["events"] > 4_000
    assert found["calm"]["found"]["calm"]["own"]["false_alerts"] == found["calm"]["found"]["calm"]["false_alerts"]
    surveillance.main(["page", "--results", str(kept)])
    text = (tmp_path / "results.md").read_text()
    assert "Another independent simulator" in text
    assert Scheme.SPOOFING.label in text
    assert "Per million" in text


@pytest.mark.slow
def test_bars_of_a_history_are_shown_beside_those_of_the_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import page
    import surveillance
    import surveillance_bars
    import surveillance_page

    monkeypatch.setattr(surveillance, "BARS", tmp_path / "bars")
    monkeypatch.setattr(surveillance_bars, "HISTORIES", {"unseen": "unseen_history=2"})
    monkeypatch.setattr(page, "ROOT", tmp_path)
    monkeypatch.setattr(surveillance_page, "PAGE", tmp_path / "results.md")
    kept = tmp_path / "results.json"
    words = ["--seeds", "unseen_fresh=1", "--jobs", "1", "--events", "8000", "--results", str(kept)]
    with pytest.raises(SystemExit, match="run `detect` first"):
        surveillance.main(["bars", *words])
    surveillance.main(["detect", *words])
    surveillance.main(["bars", *words])
    found = json.loads(kept.read_text())["bars"]["found"]["unseen_fresh"]
    assert found["history"]["markets"] == 2
    assert found["own"]["events"] == found["usual"]["events"] > 0
    files = {path: path.stat().st_mtime_ns for path in (tmp_path / "bars" / "candidates").iterdir()}
    surveillance.main(["bars", *words])  # goes on from the candidates that were kept
    assert {path: path.stat().st_mtime_ns for path in files} == files
    surveillance.main(["page", "--results", str(kept)])
    text = (tmp_path / "results.md").read_text()
    assert "bars set on 2 others" in text
    assert text.count("| **All** |") == 2
