"""Folders of events with their truth, from which bars are set."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from tradewind.core.errors import InputError, SchemaError, UsageError
from tradewind.surveillance.events import write_events
from tradewind.surveillance.explain import read_rules
from tradewind.surveillance.learning import bundled_model
from tradewind.surveillance.live.venue_bars import CANDIDATES, LabelledFolder, bars_from_folders
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth_files import read_labels, write_truth


def market(folder: Path, seed: int, episodes: int | None = None) -> Path:
    """Write a small market and its truth."""
    made = sample_market(seed, events=9_000, episodes=episodes)
    write_events(made.events, folder / "events.parquet")
    write_truth(made.truth, folder / "truth.parquet")
    return folder


def test_a_folder_is_known_by_its_files_and_hours(tmp_path: Path) -> None:
    pl.DataFrame({"timestamp_ns": [1]}).write_parquet(tmp_path / "a.parquet")
    with pytest.raises(InputError, match=r"neither truth\.parquet nor truth\.csv"):
        LabelledFolder.of(tmp_path)
    (tmp_path / "truth.csv").write_text("scheme,symbol,accounts,start,end\n")
    (tmp_path / "news.csv").write_text("symbol,published_at,text\n")
    folder = LabelledFolder.of(tmp_path)
    assert [path.name for path in folder.events.events] == ["a.parquet"]
    assert folder.events.news == tmp_path / "news.csv"
    key = folder.key()
    assert key == LabelledFolder.of(tmp_path).key()
    hours = Sessions(np.array([0]), np.array([9]))
    assert LabelledFolder(path=tmp_path, events=folder.events, truth=folder.truth, sessions=hours).key() != key
    (tmp_path / "truth.csv").write_text("scheme,symbol,accounts,start,end\nspoofing,X,A,1,2\n")
    assert folder.key() != key
    with pytest.raises(InputError, match="no such folder"):
        LabelledFolder.of(tmp_path / "none")
    with pytest.raises(InputError, match="no such file"):
        LabelledFolder.of(tmp_path, labels=tmp_path / "none.csv")


def test_events_of_which_none_can_be_used_are_named(tmp_path: Path) -> None:
    (tmp_path / "events.csv").write_text(
        "timestamp_ns,symbol,venue_seq,kind,order_id,account,side,price,size\n0,X,1,teleport,1,A,buy,10,5\n"
    )
    (tmp_path / "truth.csv").write_text("scheme,symbol,accounts,start,end\n")
    with pytest.raises(InputError, match="not one row could be used"):
        LabelledFolder.of(tmp_path).read()


@pytest.mark.slow
def test_candidates_are_kept_and_a_folder_more_reads_only_that(tmp_path: Path) -> None:
    model, out = bundled_model(), tmp_path / "out"
    folders = [LabelledFolder.of(market(tmp_path / str(seed), seed)) for seed in (61, 62)]
    first = bars_from_folders(model, folders, out)
    kept = {path: path.stat().st_mtime_ns for path in (out / CANDIDATES).iterdir()}
    assert len(kept) == 2
    assert first.before.overall.planted > 0
    calm = LabelledFolder.of(market(tmp_path / "calm", 63, episodes=0))
    more = bars_from_folders(model, [*folders, calm], out)
    assert {path: path.stat().st_mtime_ns for path in kept} == kept
    assert len(list((out / CANDIDATES).iterdir())) == 3
    assert more.before.overall.planted == first.before.overall.planted
    assert more.model.about["bars_of"]["markets"] == 3
    assert {path.name for path in out.iterdir()} >= {"manifest.json", "bars.json", "evaluation.json", "rules.json"}
    assert all(one.judged >= 40 for one in read_rules(out).values())
    with pytest.raises(UsageError, match="given twice"):
        bars_from_folders(model, [calm, calm], out)


def test_labels_of_cases_are_the_truth_of_the_days_they_fall_on(tmp_path: Path) -> None:
    made = market(tmp_path / "day", 64, episodes=0)
    middle = int(pl.read_parquet(made / "events.parquet")["timestamp_ns"].median())  # type: ignore[arg-type]
    who = {"symbol": "X", "accounts": "A;B", "scheme": "wash_trading"}
    rows = [
        {**who, "start": start, "end": start + 5, "label": label}
        for start, label in ((middle, True), (middle + 1, False), (middle + 2, None), (1, True))
    ]
    pl.DataFrame(rows, schema_overrides={"label": pl.Boolean()}).write_csv(tmp_path / "labels.csv")
    found = LabelledFolder.of(made, labels=tmp_path / "labels.csv").read()
    assert [(one.start, one.accounts) for one in found.truth] == [(middle, ("A", "B"))]
    assert [one.start for one in found.attempts] == [middle + 2]


def test_accounts_of_one_hand_are_read_as_one_and_so_is_what_they_did(tmp_path: Path) -> None:
    made = market(tmp_path / "day", 65)
    alone = LabelledFolder.of(made)
    plain = alone.read()
    deed = next(one for one in plain.truth if len(one.accounts) > 1)
    linked = replace(alone, linked=((*deed.accounts, "nobody here"),))
    assert linked.key() != alone.key()
    read = linked.read()
    codes = [plain.events.accounts.find(name) for name in deed.accounts]
    first = plain.events.accounts[min(codes)]
    assert next(one for one in read.truth if one.start == deed.start and one.scheme == deed.scheme).accounts == (first,)
    acted = np.isin(plain.events.account, codes)
    assert set(read.events.account[acted].tolist()) == {min(codes)}
    assert (read.events.account[~acted] == plain.events.account[~acted]).all()


def test_labels_that_are_none_are_named(tmp_path: Path) -> None:
    (tmp_path / "none.csv").write_text("scheme,symbol,accounts,start,end\nspoofing,X,A,1,2\n")
    with pytest.raises(SchemaError, match=r"none\.csv.*label"):
        read_labels(tmp_path / "none.csv")
    (tmp_path / "odd.csv").write_text("scheme,symbol,accounts,start,end,label\nspoofing,X,A,1,2,maybe\n")
    with pytest.raises(SchemaError, match=r"'maybe' is no label"):
        read_labels(tmp_path / "odd.csv")
