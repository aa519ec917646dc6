"""Cases from the command line: alerts in, two people decide, and the file tells of it."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from tradewind.governance.audit import AuditLog
from tradewind.registry.people import People, Person
from tradewind.surveillance.alert import Alert, Tier
from tradewind.surveillance.alerting import write_alerts
from tradewind.surveillance.events import write_events
from tradewind.surveillance.planting import sample_market
from tradewind.surveillance.schemes import Scheme

S = 1_000_000_000
T = 1_790_000_000 * S


def an_alert(number: int, **given: Any) -> Alert:
    start = T + number * 60 * S
    plain: dict[str, Any] = {
        "id": f"{number:016x}",
        "scheme": Scheme.SPOOFING,
        "symbol": "ABC",
        "accounts": ("A17",),
        "start": start,
        "end": start + S,
        "known_at": start + S,
        "score": 0.9,
        "tier": Tier.HIGH,
        "features": {"size": 1.5},
    }
    return Alert(**{**plain, **given})


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with people, their keys, and the alerts of a run."""
    for name, place in (("KEYS", "keys"), ("REGISTRY", "registry"), ("AUDIT", "audit.db"), ("CASES", "cases.db")):
        monkeypatch.setenv(f"TRADEWIND_{name}", str(tmp_path / place))
    people = People(path=tmp_path / "registry" / "people.toml", entries=())
    grace = Person.generate("grace")
    people = people.enrolled("grace", ("admin",), grace.public, by=grace)
    for name, role in (("ann", "analyst"), ("bob", "analyst"), ("sue", "supervisor")):
        person = Person.generate(name)
        person.save(tmp_path / "keys")
        people = people.enrolled(name, (role,), person.public, by=grace)
    people.path.parent.mkdir()
    people.write()
    given = [
        an_alert(1),
        an_alert(2, scheme=Scheme.LAYERING, tier=Tier.CRITICAL, score=0.99),
        an_alert(3, scheme=Scheme.WASH_TRADING, accounts=("B1", "B2"), symbol="XYZ", tier=Tier.LOW),
    ]
    write_alerts(given, tmp_path / "run1")
    return tmp_path


@pytest.mark.slow
def test_from_alerts_to_a_decision(house: Path, tradewind: Callable[..., Any]) -> None:
    def case(*args: object) -> Any:
        made = tradewind("surveil", "case", *args)
        assert made.code == 0, made.err
        return made

    assert "3 new, 0 revised, 0 known; 2 cases opened" in case("ingest", house / "run1").out
    assert case("ingest", house / "run1", "--json").json["unchanged"] == 3
    listed = case("list").out
    assert listed.index("C000001  critical") < listed.index("C000002  low")
    case("assign", "C000001", "--to", "ann", "--as", "sue")
    case("take", "1", "--as", "ann")
    taken = tradewind("surveil", "case", "take", "1", "--as", "bob")
    assert (taken.code, "case C000001 is with ann" in taken.err) == (2, True)
    case("note", "1", "asked the [desk]", "--as", "ann")
    (house / "chat.txt").write_text("hi")
    assert "SHA-256" in case("attach", "1", house / "chat.txt", "--as", "bob").out
    case("propose", "1", "escalated", "--reason", "two cycles", "--as", "ann")
    for who in ("ann", "bob"):
        refused = tradewind("surveil", "case", "confirm", "1", "--as", who)
        assert refused.code == 2
    case("reject", "1", "--reason", "which orders?", "--as", "sue")
    case("propose", "1", "escalated", "--reason", "those in the note", "--as", "ann")
    assert "closed as escalated" in case("confirm", "1", "--as", "sue").out
    shown = case("show", "1").out
    assert "asked the [desk]" in shown
    assert "proposed to close as escalated" in shown
    told = case("show", "1", "--json").json
    assert told["case"]["confirmed_by"] == "sue"
    assert [row["by"] for row in told["history"]].count("ann") == 4
    assert [one["id"] for one in case("list", "--state", "closed", "--json").json] == ["C000001"]
    assert [one["id"] for one in case("list", "--all", "--json").json] == ["C000001", "C000002"]
    assert [one["id"] for one in case("list", "--json").json] == ["C000002"]
    rows = case("feedback", "--json").json
    assert [(row["id"], row["label"]) for row in rows] == [("0000000000000001", True), ("0000000000000002", True)]
    case("feedback", "--out", house / "labels.csv")
    assert pl.read_csv(house / "labels.csv")["outcome"].to_list() == ["escalated", "escalated"]
    people = {row["name"]: row for row in case("stats", "--by", "person", "--json").json}
    assert people["ann"]["agreement"] == 0.5
    assert case("stats", "--json").json[0]["closed"] == 1
    assert case("verify", "--json").json == {"ok": True, "acts": 11, "findings": []}
    with AuditLog.open(house / "audit.db", readonly=True) as log:
        assert len(log.query(kind="surveillance_case")) == 11


@pytest.mark.slow
def test_verify_names_what_was_tampered_with(house: Path, tradewind: Callable[..., Any]) -> None:
    tradewind("surveil", "case", "ingest", house / "run1")
    db = sqlite3.connect(house / "cases.db")
    with db:
        db.execute("UPDATE cases SET body = replace(CAST(body AS TEXT), '\"low\"', '\"high\"') WHERE n = 2")
    db.close()
    found = tradewind("surveil", "case", "verify", "--json")
    assert found.code == 1
    assert found.json["findings"][0] == {
        "case": "C000002",
        "act": None,
        "what": "tier was changed: it is high, by its acts low",
    }
    assert "tier was changed" in tradewind("surveil", "case", "verify").out


@pytest.mark.slow
def test_the_file_of_a_case_tells_who_decided(house: Path, tradewind: Callable[..., Any]) -> None:
    market = sample_market(3, schemes=(Scheme.SPOOFING,), episodes=1, events=5_000)
    write_events(market.events, house / "orders.parquet")
    deed = market.truth[0]
    known = {"symbol": deed.symbol, "accounts": deed.accounts, "start": deed.start, "end": deed.end}
    write_alerts([an_alert(1, known_at=deed.end, **known)], house / "run3")
    tradewind("surveil", "case", "ingest", house / "run3")
    tradewind("surveil", "case", "take", "1", "--as", "ann")
    tradewind("surveil", "case", "propose", "1", "escalated", "--reason", "it never meant to buy", "--as", "ann")
    given = ("--events", house / "orders.parquet", "--out", house / "files", "--json")
    made = tradewind("surveil", "case", "file", "1", *given)
    page = next(Path(name) for name in made.json["files"] if name.endswith(".html")).read_text()
    assert "ann (analyst)" in page
    assert "it never meant to buy" in page
    assert deed.accounts[0] in page


@pytest.mark.slow
def test_linked_accounts_come_from_a_file(house: Path, tradewind: Callable[..., Any]) -> None:
    (house / "linked.txt").write_text("A17, Z1\n\n")
    tradewind("surveil", "case", "ingest", house / "run1")
    write_alerts([an_alert(9, accounts=("Z1",))], house / "run2")
    made = tradewind("surveil", "case", "ingest", house / "run2", "--linked", house / "linked.txt", "--json")
    assert made.json["joined"] == ["C000001"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("args", "words"),
    [
        (("list",), "there is no store of cases here"),
        (("ingest", "absent"), "cannot be read"),
        (("take", "1", "--as", "eve"), "there is no key of 'eve'"),
        (("feedback", "--retrain"), "--retrain takes --base and --models"),
        (("verify",), "there is no"),
    ],
)
def test_errors_are_clear(house: Path, tradewind: Callable[..., Any], args: tuple[str, ...], words: str) -> None:
    if args[0] in ("take", "feedback"):
        tradewind("surveil", "case", "ingest", house / "run1")
    found = tradewind("surveil", "case", *args)
    assert found.code == 2
    assert words in found.err
    assert "Fix:" in found.err


@pytest.mark.slow
def test_every_command_has_examples(tradewind: Callable[..., Any]) -> None:
    names = "ingest list show stats verify rules assign take note attach propose confirm reject feedback file"
    for name in names.split():
        told = tradewind("surveil", "case", name, "--help")
        assert told.code == 0
        assert "Examples" in told.out
        assert "tradewind surveil case" in told.out
    assert "A supervisor who never proposed" in tradewind("surveil", "case", "rules").out
