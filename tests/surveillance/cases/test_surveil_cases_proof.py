"""The audit log hears of everything once, and what is not as it was done is named."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import msgspec
import pytest

from tradewind.core.errors import OutputError
from tradewind.governance.audit import AuditLog
from tradewind.registry.people import People
from tradewind.surveillance.alert import Alert
from tradewind.surveillance.cases import CaseStore
from tradewind.surveillance.cases.records import act_of
from tradewind.surveillance.cases.trail import KIND

Make = Callable[..., Alert]


@pytest.fixture
def log(desk: Any) -> Iterator[AuditLog]:
    with AuditLog.open(desk.folder / "audit.db") as opened:
        yield opened


@pytest.fixture
def worked(desk: Any, alert: Make, log: AuditLog) -> Iterator[CaseStore]:
    """A store in which a case was closed and another proposed."""
    with desk.store(log=log) as store:
        store.ingest([alert(1), alert(2, at=9), alert(3, accounts=("b",))], "monday")
        for name in ("1", "2"):
            store.take(name, desk.ann)
            store.note(name, "[looked] at it", desk.bob)
            store.propose(name, "false_alarm", desk.ann, "a hedge")
        store.confirm("1", desk.sam)
        yield store


def tamper(store: CaseStore, *statements: str) -> None:
    """Change the file behind the store's back; its guards are taken away first."""
    db = sqlite3.connect(store.path)
    with db:
        for statement in ("DROP TRIGGER acts_stay", "DROP TRIGGER acts_unchanged", *statements):
            db.execute(statement)
    db.close()


def said(store: CaseStore) -> str:
    return "\n".join(f"{one.case} {one.act} {one.what}" for one in store.verify())


def test_every_act_is_in_the_log_once_and_whole(worked: CaseStore, log: AuditLog) -> None:
    assert worked.verify() == ()
    entries = log.query(kind=KIND)
    assert [entry.body["n"] for entry in entries] == [act.n for act in worked.history()]
    last = entries[-1].body
    assert (last["doing"], last["by"], last["role"], last["case"]) == ("confirm", "sam", "supervisor", "C000001")
    assert last["before"] == {"state": "proposed", "outcome": None, "confirmed_by": "", "closed_at": ""}
    assert (last["after"]["state"], last["after"]["outcome"]) == ("closed", "false_alarm")
    assert [entry.body["by"] for entry in log.query(kind=KIND, caller="bob")] == ["bob", "bob"]


def test_what_a_log_was_not_there_for_is_told_later(desk: Any, alert: Make, log: AuditLog) -> None:
    with desk.store() as store:
        store.ingest([alert(1)])
        store.take("1", desk.ann)
        assert store.verify() == ()
    assert log.query(kind=KIND) == []
    with desk.store(log=log) as store:
        store.note("1", "later", desk.ann)
        assert [entry.body["n"] for entry in log.query(kind=KIND)] == [1, 2, 3]
        assert store.verify() == ()


def test_what_was_told_but_not_marked_is_not_told_twice(worked: CaseStore, log: AuditLog, desk: Any) -> None:
    count = len(worked.history())
    tamper(worked, f"UPDATE acts SET told = 0 WHERE n > {count - 3}")  # as a kill between the two leaves it
    worked.note("2", "more", desk.ann)
    assert [entry.body["n"] for entry in log.query(kind=KIND)] == list(range(1, count + 2))
    assert worked.verify() == ()


@pytest.mark.slow
@pytest.mark.parametrize(
    ("statement", "words"),
    [
        (
            "UPDATE cases SET body = replace(body, 'false_alarm', 'no_issue') WHERE n = 1",
            "C000001 0 outcome was changed",
        ),
        ("UPDATE cases SET state = 'closed' WHERE n = 2", "the row the queue is read from was changed"),
        ("UPDATE cases SET body = replace(body, '\"ann\"', '\"bob\"') WHERE n = 2", "C000002 0 assignee was changed"),
        ("DELETE FROM cases WHERE n = 2", "C000002 0 the case is gone"),
        ("UPDATE alerts SET body = replace(body, '0.9', '0.1') WHERE n = 1", "alert 0000000000000001 was changed"),
        ("DELETE FROM alerts WHERE n = 2", "C000002 0 alert 0000000000000003 is gone"),
        ("DELETE FROM acts WHERE n = 6", "acts 6 to 6 are gone"),
        ("DELETE FROM acts WHERE n = 10", "the audit log holds an act that the store lacks"),
        ("UPDATE acts SET body = replace(body, 'a hedge', 'a fraud') WHERE n = 9", "9 the act was changed"),
        ("UPDATE acts SET body = x'7b7d' WHERE n = 9", "9 the act cannot be read"),
    ],
)
def test_tampering_is_named(worked: CaseStore, statement: str, words: str) -> None:
    tamper(worked, statement.replace("replace(body", "replace(CAST(body AS TEXT)"))
    assert words in said(worked)


def test_the_guards_of_the_file_refuse_a_careless_hand(worked: CaseStore) -> None:
    db = sqlite3.connect(worked.path)
    for statement in ("DELETE FROM acts", "UPDATE acts SET hash = ''"):
        with pytest.raises(sqlite3.IntegrityError, match="append-only"):
            db.execute(statement)
    db.close()


def forge(store: CaseStore, n: int, change: Callable[[Any], Any]) -> None:
    """Put a changed act in the place of act ``n``, with a hash that fits it."""
    db = sqlite3.connect(store.path)
    act = change(act_of(db.execute("SELECT body FROM acts WHERE n = ?", (n,)).fetchone()[0]))
    db.close()
    tamper(store)
    db = sqlite3.connect(store.path)
    with db:
        db.execute("UPDATE acts SET body = ?, hash = ? WHERE n = ?", (msgspec.json.encode(act), act.hash, n))
    db.close()


def test_a_forged_confirmation_does_not_bear_the_signature(worked: CaseStore) -> None:
    last = len(worked.history())
    forge(worked, last, lambda act: replace(act, by="sue"))
    words = said(worked)
    assert "does not bear the signature of sue" in words
    assert "the audit log holds another act" in words


def test_a_confirmation_signed_by_the_proposer_is_against_the_rules(worked: CaseStore, desk: Any) -> None:
    def own(act: Any) -> Any:
        mine = replace(act, by="ann", role="analyst")
        return replace(mine, signature=desk.ann.sign(mine.message))

    last = len(worked.history())
    forge(worked, last, own)
    assert f"{last} ann may not do it as analyst" in said(worked)


def test_an_act_that_changes_more_than_it_may_is_found(worked: CaseStore, desk: Any) -> None:
    def own(act: Any) -> Any:
        mine = replace(act, after={**act.after, "state": "closed", "outcome": "no_issue"})
        return replace(mine, signature=desk.bob.sign(mine.message))

    note = next(act.n for act in worked.history() if act.doing == "note")
    forge(worked, note, own)
    assert f"{note} it changes other things than it may" in said(worked)


def test_a_people_file_with_an_entry_taken_away_is_found(worked: CaseStore, desk: Any) -> None:
    whole = People.read(worked.people_path)
    People(path=whole.path, entries=whole.entries[:-1]).write()
    assert "sam was not enrolled, or the people file is another" in said(worked)


def test_who_left_may_do_nothing_more_and_what_he_did_stands(worked: CaseStore, desk: Any) -> None:
    people = worked.people().enrolled("ann", (), desk.ann.public, by=desk.grace)
    people.write()
    with pytest.raises(Exception, match="ann is not enrolled"):
        worked.note("2", "still here", desk.ann)
    worked.reject("2", desk.sue, "who wrote this?")
    assert worked.verify() == ()


def test_an_older_copy_of_the_store_does_not_go_on_unseen(desk: Any, alert: Make, log: AuditLog) -> None:
    with desk.store(log=log) as store:
        store.ingest([alert(1)])
        store._database.rows("PRAGMA wal_checkpoint(TRUNCATE)")
        copy = store.path.read_bytes()
        store.take("1", desk.ann)
    store.path.write_bytes(copy)
    with desk.store(log=log) as store:
        assert "the audit log holds an act that the store lacks" in said(store)
        with pytest.raises(OutputError, match="the store is an older copy"):
            store.take("1", desk.bob)


def test_a_file_of_something_else_is_refused(desk: Any) -> None:
    from tradewind.core.errors import InputError

    (desk.folder / "cases.db").write_text("not a database, by far not one, nor anything near to one at all")
    with pytest.raises(InputError, match="is no store of cases"):
        desk.store()
    other = sqlite3.connect(desk.folder / "other.db")
    other.execute("CREATE TABLE cases (n INTEGER)")
    other.close()
    with pytest.raises(InputError, match="no store of cases of this version"):
        CaseStore(desk.folder / "other.db")
    with pytest.raises(InputError, match="there is no store"):
        CaseStore(desk.folder / "absent.db", create=False)
