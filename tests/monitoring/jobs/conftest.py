"""Stores of jobs to test on: SQLite files, and schemas of a real PostgreSQL server that is started for the tests."""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

_numbers = count()


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


@pytest.fixture
def postgres_place(postgres_uri: str) -> str:
    """Return the URI of a new schema."""
    import psycopg

    schema = f"jobs_{os.getpid()}_{next(_numbers)}"
    with psycopg.connect(postgres_uri, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
    return f"{postgres_uri}&options=-csearch_path%3D{schema}"


@pytest.fixture
def sqlite_place(tmp_path: Path) -> str:
    """Return the path of a file to be made."""
    return str(tmp_path / "jobs.db")


@pytest.fixture(params=["sqlite", "postgres"])
def job_place(request: pytest.FixtureRequest) -> str:
    """Return a place of either store: both must do the same."""
    place: str = request.getfixturevalue(f"{request.param}_place")
    return place
