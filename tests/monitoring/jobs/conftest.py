"""Stores of jobs to test on: SQLite files, and schemas of a real PostgreSQL server that is started for the tests."""

from __future__ import annotations

import os
from itertools import count
from pathlib import Path

import pytest

_numbers = count()


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
