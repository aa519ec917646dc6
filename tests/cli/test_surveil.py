"""`tradewind surveil`: a market simulated, run, replayed and watched from the command line."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tradewind.surveillance.alerting import read_alerts
from tradewind.surveillance.truth_files import read_truth

Run = Callable[..., Any]


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a small market."""
    from tradewind.surveillance.events import write_events
    from tradewind.surveillance.planting import sample_market
    from tradewind.surveillance.truth_files import write_truth

    folder = tmp_path_factory.mktemp("market")
    made = sample_market(4_242, events=12_000, episodes=4)
    write_events(made.events, folder / "events.parquet")
    write_truth(made.truth, folder / "truth.parquet")
    return folder


@pytest.mark.slow
def test_a_market_is_simulated_with_its_truth(tradewind: Run, tmp_path: Path) -> None:
    args = ("surveil", "simulate", "--seed", 5, "--size", 9000, "--episodes", 3, "--out", tmp_path, "--lobster")
    told = tradewind(*args, "--schemes", "wash-trading,quote_stuffing", "--json")
    assert told.code == 0, told.err
    events = pl.read_parquet(tmp_path / "events.parquet")
    assert told.json["events"] == len(events)
    assert events.columns[:3] == ["timestamp_ns", "symbol", "venue_seq"]
    truth = read_truth(tmp_path / "truth.parquet")
    assert told.json["episodes"] == len(truth) > 0
    assert {p.scheme.value for p in truth} <= {"wash_trading", "quote_stuffing"}
    assert len(told.json["lobster"]) >= 2


@pytest.mark.slow
def test_a_run_writes_alerts_problems_summary_report_and_scores(tradewind: Run, market: Path, tmp_path: Path) -> None:
    events, truth = market / "events.parquet", market / "truth.parquet"
    told = tradewind("surveil", "run", "--events", events, "--truth", truth, "--out", tmp_path, "--no-ensemble")
    assert told.code == 0, told.err
    alerts = read_alerts(tmp_path)
    table = pl.read_parquet(tmp_path / "alerts.parquet")
    assert table.columns[:7] == ["scheme", "start", "end", "symbol", "accounts", "score", "tier"]
    summary = json.loads((tmp_path / "summary.json").read_text())
    assert summary["alerts"] == len(alerts) == sum(sum(t.values()) for t in summary["alerts_by_scheme"].values()) > 0
    assert summary["events"] == len(pl.read_parquet(events))
    assert f"{len(alerts)} alerts" in told.out
    page = (tmp_path / "report.html").read_text()
    assert all(alert.id in page for alert in alerts)
    scores = json.loads((tmp_path / "evaluation.json").read_text())
    assert scores["overall"]["alerts"] == len(alerts)
    assert "problems" in json.loads((tmp_path / "problems.json").read_text())


@pytest.mark.slow
def test_a_folder_cut_in_files_gives_the_alerts_of_the_whole(tradewind: Run, market: Path, tmp_path: Path) -> None:
    whole = pl.read_parquet(market / "events.parquet")
    days = tmp_path / "days"
    days.mkdir()
    whole[7_000:].write_parquet(days / "a.parquet")  # the names say nothing of the order
    whole[:7_000].write_csv(days / "b.csv")
    one = tradewind("surveil", "run", "--events", market / "events.parquet", "--out", tmp_path / "1", "--no-ensemble")
    two = tradewind("surveil", "run", "--events", days, "--out", tmp_path / "2", "--no-ensemble")
    assert one.code == two.code == 0, two.err
    left, right = (pl.read_parquet(tmp_path / name / "alerts.parquet") for name in ("1", "2"))
    assert len(left) > 0
    assert left.equals(right)


@pytest.mark.slow
def test_accounts_known_to_be_one_hand_are_watched_as_one(tradewind: Run, market: Path, tmp_path: Path) -> None:
    args = ("surveil", "run", "--events", market / "events.parquet", "--no-ensemble")
    assert tradewind(*args, "--out", tmp_path / "1").code == 0
    (tmp_path / "none.txt").write_text("A1\n")
    refused = tradewind(*args, "--out", tmp_path / "2", "--linked", tmp_path / "none.txt")
    assert refused.code != 0
    assert "none.txt" in refused.err
    names = [name for name in pl.read_parquet(market / "events.parquet")["account"].unique() if name]
    (tmp_path / "one.txt").write_text(", ".join(sorted(names)))
    assert tradewind(*args, "--out", tmp_path / "3", "--linked", tmp_path / "one.txt").code == 0
    apart, together = (pl.read_parquet(tmp_path / name / "alerts.parquet") for name in ("1", "3"))
    assert "coordinated_accounts" in apart["scheme"].to_list()
    assert "coordinated_accounts" not in together["scheme"].to_list()
    assert together["accounts"].list.len().max() > 1


@pytest.mark.slow
def test_strictness_and_schemes_leave_less(tradewind: Run, market: Path, tmp_path: Path) -> None:
    args = ("surveil", "run", "--events", market / "events.parquet", "--no-ensemble", "--json")
    usual = tradewind(*args, "--out", tmp_path / "usual").json
    some = tradewind(*args, "--out", tmp_path / "some", "--schemes", "quote_stuffing").json
    strict = tradewind(*args, "--out", tmp_path / "strict", "--strictness", "3").json
    assert strict["alerts"] < usual["alerts"]
    assert {name for name, tiers in some["alerts_by_scheme"].items() if sum(tiers.values())} <= {"quote_stuffing"}


@pytest.mark.slow
def test_bad_input_is_told_in_one_line(tradewind: Run, market: Path, tmp_path: Path) -> None:
    base = ("surveil", "run", "--out", tmp_path, "--no-ensemble")
    cases: list[tuple[tuple[object, ...], str]] = [
        (("--events", tmp_path / "none.parquet"), "there is no such file"),
        ((), "give either --events or --lobster"),
        (("--events", tmp_path), "no file of events"),
        (("--events", market / "events.parquet", "--schemes", "larceny"), "there is no scheme 'larceny'"),
        (("--events", market / "events.parquet", "--sessions", "XNOWHERE"), "no exchange calendar"),
        (("--events", market / "events.parquet", "--sessions", "16:00-09:00"), "end before they begin"),
        (("--events", market / "events.parquet", "--truth", market / "events.parquet"), "scheme"),
        (("--events", market / "events.parquet", "--orderbook", "x"), "--orderbook goes with --lobster"),
    ]
    for args, text in cases:
        told = tradewind(*base, *args)
        assert told.code == 2, args
        assert text in told.err
        assert "Traceback" not in told.err


@pytest.mark.slow
def test_a_file_without_one_usable_row_says_why(tradewind: Run, tmp_path: Path) -> None:
    rows = {"timestamp_ns": [1, 2], "symbol": ["A", "A"], "venue_seq": [1, 2], "kind": ["dance", "sing"]}
    rest = {"order_id": [1, 2], "account": ["X", "Y"], "side": ["buy", "sell"], "price": [1.0, 1.0], "size": [1, 1]}
    pl.DataFrame(rows | rest).write_parquet(tmp_path / "e.parquet")
    args = ("--events", tmp_path / "e.parquet", "--out", tmp_path / "out", "--no-ensemble")
    told = tradewind("surveil", "run", *args)
    assert told.code == 2
    assert "not one row could be used" in told.err
    assert json.loads((tmp_path / "out" / "problems.json").read_text())["total"] > 0


@pytest.mark.slow
def test_a_replay_into_a_log_and_a_watch_of_it_find_what_a_run_finds(
    tradewind: Run, market: Path, tmp_path: Path
) -> None:
    log, events = tmp_path / "log", market / "events.parquet"
    told = tradewind("surveil", "replay", "--events", events, "--log", log, "--json")
    assert told.code == 0, told.err
    assert told.json["written"] == len(pl.read_parquet(events))
    watch = ("surveil", "watch", "--log", log, "--state", tmp_path / "state", "--no-ensemble", "--once", "--json")
    hours = ("--sessions", "00:00-23:59")
    first = tradewind(*watch, *hours, "--cases", tmp_path / "cases.db")
    assert first.code == 0, first.err
    run = ("surveil", "run", "--events", events, "--out", tmp_path, "--no-ensemble", "--json", *hours)
    assert first.json["alerts"] == tradewind(*run).json["alerts"] > 0
    again = tradewind(*watch, *hours)
    assert again.json["alerts"] == 0  # all is in the log already
    listed = tradewind("surveil", "case", "list", "--cases", tmp_path / "cases.db", "--json")
    assert listed.code == 0, listed.err
    assert len(listed.json) > 0


@pytest.mark.slow
def test_a_replay_shows_alerts_with_their_delays(tradewind: Run, market: Path) -> None:
    told = tradewind("surveil", "replay", "--events", market / "events.parquet", "--no-ensemble", "--json")
    assert told.code == 0, told.err
    assert told.json["alerts"] > 0
    assert 0 <= told.json["delay_p50"] <= told.json["delay_p99"]
    assert tradewind("surveil", "replay", "--events", market / "events.parquet", "--speed", "soon").code == 2


@pytest.mark.slow
def test_columns_under_other_names_are_named_on_the_command_line(tradewind: Run, market: Path, tmp_path: Path) -> None:
    odd = pl.read_parquet(market / "events.parquet").rename({"account": "desk", "kind": "what"})
    odd.write_parquet(tmp_path / "odd.parquet")
    base = ("surveil", "run", "--no-ensemble", "--events")
    untold = tradewind(*base, tmp_path / "odd.parquet", "--out", tmp_path / "0")
    assert untold.code == 2
    assert "no column for the kind" in untold.err
    assert "--columns kind=NAME" in untold.err
    told = tradewind(*base, tmp_path / "odd.parquet", "--columns", "account=desk,kind=what", "--out", tmp_path / "1")
    assert told.code == 0, told.err
    assert tradewind(*base, market / "events.parquet", "--out", tmp_path / "2").code == 0
    left, right = (pl.read_parquet(tmp_path / name / "alerts.parquet") for name in ("1", "2"))
    assert len(left) > 0
    assert left.equals(right)
    for wrong, text in (
        ("account", "names no column"),
        ("colour=desk", "names no column"),
        ("kind=x", "no such column"),
    ):
        bad = tradewind(*base, tmp_path / "odd.parquet", "--columns", wrong, "--out", tmp_path / "3")
        assert bad.code == 2
        assert text in bad.err


def test_training_learns_from_as_many_markets_of_each_venue_as_asked(
    tradewind: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tradewind.core import UsageError
    from tradewind.surveillance.live import training

    asked: list[training.MarketsPlan] = []

    def planned(plan: training.MarketsPlan, *_: Any, **__: Any) -> None:
        asked.append(plan)
        raise UsageError("enough was seen")

    monkeypatch.setattr(training, "train_on_markets", planned)
    mix = ("--markets", 3, "--busy", 1, "--plain", 1, "--lively", 2, "--populated", 0, "--reactive", 1)
    mix += ("--brokered", 1, "--sketched", 0, "--prosecuted", 1, "--appraised", 0, "--examined", 1)
    mix += ("--retail", 1, "--automated", 0, "--boardlots", 0, "--midcaps", 1, "--largecaps", 1, "--frontier", 0)
    mix += ("--pennies", 0, "--acceptance", 1, "--trackers", 1, "--benchset", 0)
    result = tradewind("surveil", "train", "--out", tmp_path, *mix)
    assert result.code == 2
    names = [market.name for market in asked[0].markets]
    assert names == [
        "1000",
        "1001",
        "1002",
        "busy-500000",
        "plain-100",
        "lively-100",
        "lively-101",
        "reactive-100",
        "brokered-100",
        "prosecuted-100",
        "examined-100",
        "retail-100",
        "midcaps-100",
        "largecaps-100",
        "acceptance-100",
        "trackers-100",
    ]
