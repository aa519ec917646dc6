"""Audit logs to test on: SQLite files, and tables of a real PostgreSQL server that is started for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import count
from pathlib import Path

import pytest

from tradewind.governance.audit import AuditPlace

sys.path.insert(0, str(Path(__file__).parents[3] / "benchmarks"))  # the tamperings are those of the benchmark


@pytest.fixture(scope="session")
def postgres_uri() -> Iterator[str]:
    """Yield the URI of a server of our own on a socket in a temporary folder; skip where there is no PostgreSQL."""
    pytest.importorskip("psycopg", reason="psycopg is not installed (extra 'postgres')")
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    found = str(programs[-1]) if programs else shutil.which("initdb")
    if found is None:
        pytest.skip("PostgreSQL is not installed: no initdb in /usr/lib/postgresql or on the path")
    folder = Path(tempfile.mkdtemp(prefix="tw-pg-", dir="/tmp"))  # short: a socket's path holds 107 bytes at most
    user: list[str] = []
    if os.geteuid() == 0:  # the server refuses to run as root
        shutil.chown(folder, "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    control = [*user, str(Path(found).with_name("pg_ctl")), "-D", str(folder / "data"), "-w", "-s"]
    # no test cuts the power, so the server need not sync
    options = f"-c listen_addresses='' -c unix_socket_directories='{folder}' -c max_connections=40 -c fsync=off"

    def call(*command: str) -> None:
        done = subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=120, check=False)
        assert done.returncode == 0, done.stdout + done.stderr

    call(*user, found, "-D", str(folder / "data"), "-A", "trust", "-U", "postgres", "--no-sync")
    call(*control, "-l", str(folder / "server.log"), "-o", options, "start")
    try:
        yield f"postgresql:///postgres?host={folder}&user=postgres"
    finally:
        call(*control, "-m", "immediate", "stop")
        shutil.rmtree(folder)


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
