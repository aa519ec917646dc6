"""Audit logs to test on: SQLite files, and tables of a real PostgreSQL server that is started for the tests."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from itertools import count
from pathlib import Path

import pytest

from tradewind.governance.audit import AuditPlace

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))  # the tamperings are those of the benchmark


_numbers = count()


@pytest.fixture
def postgres_place(postgres_uri: str, tmp_path: Path) -> AuditPlace:
    """Return a place in a new schema of the server."""
    import psycopg

    schema = f"log_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    uri = f"{postgres_uri}&options=-csearch_path%3D{schema}"
    return AuditPlace(database=uri, key=tmp_path / "audit.key", anchor=tmp_path / "audit.anchor")


@pytest.fixture
def sqlite_place(tmp_path: Path) -> AuditPlace:
    """Return a place in a file."""
    return AuditPlace(
        database=str(tmp_path / "audit.db"), key=tmp_path / "audit.key", anchor=tmp_path / "audit.db.anchor"
    )


@pytest.fixture(params=["sqlite", "postgres"])
def audit_place(request: pytest.FixtureRequest) -> AuditPlace:
    """Return a place of either store: both must do the same."""
    place: AuditPlace = request.getfixturevalue(f"{request.param}_place")
    return place


@pytest.fixture
def raw(audit_place: AuditPlace) -> Callable[[str], None]:
    """Return a function that carries out SQL as someone would who has the database's rights."""

    def run(sql: str) -> None:
        if audit_place.remote:
            import psycopg

            with psycopg.connect(audit_place.database, autocommit=True) as connection:
                connection.execute(sql)
            return
        import sqlite3
        from contextlib import closing

        with closing(sqlite3.connect(audit_place.database, isolation_level=None)) as connection:
            connection.execute(sql)

    return run
