"""What only a server has: roles, search paths, lost connections, writers on several machines."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from tradewind.core import InputError, OutputError
from tradewind.core.clock import FixedClock
from tradewind.governance.audit import AuditLog, AuditPlace, KeyRing


def schema_of(place: AuditPlace) -> str:
    """Return the schema of a place of these tests."""
    return parse_qs(urlsplit(place.database).query)["options"][0].split("=")[1]


def acting(place: AuditPlace, role: str) -> AuditPlace:
    """Return ``place`` as ``role`` uses it."""
    return replace(place, database=place.database.replace("user=postgres", f"user={role}"))


@pytest.fixture
def roles(postgres_place: AuditPlace) -> dict[str, AuditPlace]:
    """Return the place as an auditor, a writer and a keeper use it, with the rights that docs/audit.md advises."""
    import psycopg

    schema = schema_of(postgres_place)
    past = FixedClock(datetime(2015, 1, 1, tzinfo=UTC))
    with AuditLog.open(postgres_place, clock=past) as log:
        log.append("decision", {"n": 0})
    tables = "audit_entries, audit_seals, audit_data_keys"
    rights = {"auditor": "SELECT", "writer": "SELECT, INSERT", "keeper": "SELECT, INSERT, DELETE"}
    with psycopg.connect(postgres_place.database, autocommit=True) as connection:
        for name, granted in rights.items():
            connection.execute(f"CREATE ROLE {name}_{schema} LOGIN")
            connection.execute(f"GRANT USAGE ON SCHEMA {schema} TO {name}_{schema}")
            connection.execute(f"GRANT {granted} ON {tables} TO {name}_{schema}")
    return {name: acting(postgres_place, f"{name}_{schema}") for name in rights}


@pytest.mark.slow
def test_roles_do_what_they_may(roles: dict[str, AuditPlace]):
    ring = KeyRing.make()
    with AuditLog.open(roles["writer"], key=ring) as log:
        log.append("decision", {"n": 1})
        with pytest.raises(OutputError, match="permission denied"):
            log.prune("2016-01-01", by="Ada", reason="test")
        log.append("decision", {"n": 2})  # a refused pruning leaves nothing behind
    auditor = AuditLog.open(roles["auditor"], readonly=True)
    assert auditor.verify().ok
    with pytest.raises(OutputError, match="permission denied"), AuditLog.open(roles["auditor"], key=ring) as log:
        log.append("decision", {"n": 3})
    with AuditLog.open(roles["keeper"], key=ring) as log:
        assert log.prune("2016-01-01", by="Ada", reason="test")["count"] == 1
        log.rotate_key(ring.renewed(), by="Ada", reason="test")
    result = auditor.verify()
    assert result.ok, result.findings


@pytest.mark.slow
def test_a_search_path_of_ones_own_does_not_open_the_guards(postgres_place: AuditPlace):
    import psycopg

    with AuditLog.open(postgres_place) as log:
        log.append("decision", {})
    schema = schema_of(postgres_place)
    with psycopg.connect(postgres_place.database, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA fake_{schema}")
        connection.execute(f"CREATE TABLE fake_{schema}.audit_seals (boundary bigint)")
        connection.execute(f"INSERT INTO fake_{schema}.audit_seals VALUES (99)")
        connection.execute(f"SET search_path = fake_{schema}")
        for command in ("DELETE FROM", "TRUNCATE"):
            with pytest.raises(psycopg.errors.RaiseException, match="append-only"):
                connection.execute(f"{command} {schema}.audit_entries")


def test_a_changed_guard_is_found(postgres_place: AuditPlace):
    import psycopg

    with AuditLog.open(postgres_place):
        pass
    with psycopg.connect(postgres_place.database, autocommit=True) as connection:
        connection.execute(
            "CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'"
        )
    words = [finding.detail for finding in AuditLog.open(postgres_place, readonly=True).verify().findings]
    assert "the function of trigger audit_entries_no_update was changed" in words


def test_a_lost_connection_fails_its_callers_and_the_next_goes_on(postgres_place: AuditPlace):
    import psycopg

    with AuditLog.open(postgres_place) as log:
        log.append("decision", {"n": 1})
        with psycopg.connect(postgres_place.database, autocommit=True) as connection:
            connection.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'tradewind audit'"
            )
        with pytest.raises(OutputError, match="cannot be used"):
            log.append("decision", {"n": 2})
        log.append("decision", {"n": 3})
        assert [entry.body["n"] for entry in log.query(kind="decision")] == [1, 3]
        assert log.verify().ok


def test_a_writer_that_hangs_does_not_hold_the_others_for_good(
    postgres_place: AuditPlace, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("tradewind.governance.audit.postgres.WAIT", 1)
    with AuditLog.open(postgres_place) as log:
        other = AuditLog.open(postgres_place)
        with other._store.writing(), pytest.raises(OutputError, match="lock timeout"):
            log.append("decision", {"n": 1})
        other.close()
        log.append("decision", {"n": 2})
        assert log.verify().ok


def test_each_machine_keeps_an_anchor_of_its_own(postgres_place: AuditPlace, tmp_path: Path):
    far = replace(postgres_place, anchor=tmp_path / "far" / "audit.anchor")
    with AuditLog.open(postgres_place) as here, AuditLog.open(far) as there:
        here.append("decision", {"n": 1})
        for n in range(2, 5):
            there.append("decision", {"n": n})
        result = here.verify()
        assert result.ok, result.findings
        assert any("3 signed entries (3 groups) behind" in note for note in result.notes)
        here.append("decision", {"n": 5})
        assert not here.verify().notes
    lost = replace(postgres_place, anchor=tmp_path / "none.anchor")
    assert "no anchor" in AuditLog.open(lost, readonly=True).verify().notes[0]
    with pytest.raises(InputError, match="bring back the key"):
        AuditLog.open(replace(postgres_place, key=tmp_path / "other.key"))
