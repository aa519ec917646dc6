"""The log in PostgreSQL, for teams: an advisory lock lets one writer at a time extend the one chain."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tradewind.core import InputError, MissingExtraError, OutputError
from tradewind.governance.audit.store import ENTRIES, KEYS, SEALS, Ledger
from tradewind.governance.audit.where import AuditPlace

if TYPE_CHECKING:
    import psycopg

_LOCK = f"SELECT pg_advisory_xact_lock(hashtextextended('tradewind audit ' || '{ENTRIES}'::regclass::oid::text, 0))"
_CREATING = "SELECT pg_advisory_xact_lock(hashtextextended('tradewind audit make ' || current_schema(), 0))"
_PAGE = 5_000
WAIT = 60
"""Seconds to wait for another writer, which may hang while it holds the lock."""
_TABLES = (
    f"""CREATE TABLE {ENTRIES} (seq bigint PRIMARY KEY, at bigint NOT NULL, kind text NOT NULL, key_id text NOT NULL,
    model text NOT NULL, symbol text NOT NULL, caller text NOT NULL, body bytea NOT NULL, hash bytea NOT NULL)""",
    f"""CREATE TABLE {SEALS} (n bigint PRIMARY KEY, seq bigint NOT NULL, hash bytea NOT NULL, at bigint NOT NULL,
    writer text NOT NULL, boundary bigint, detail text NOT NULL, previous bytea NOT NULL, signature bytea NOT NULL)""",
    f"""CREATE TABLE {KEYS} (n bigint PRIMARY KEY, id text NOT NULL UNIQUE, master_id text NOT NULL,
    first_seq bigint NOT NULL, wrapped bytea NOT NULL)""",
    f"CREATE INDEX audit_by_time ON {ENTRIES} (at)",
    f"CREATE INDEX audit_by_kind ON {ENTRIES} (kind)",
    f"CREATE INDEX audit_by_model ON {ENTRIES} (model) WHERE model <> ''",
    f"CREATE INDEX audit_by_symbol ON {ENTRIES} (symbol) WHERE symbol <> ''",
    f"CREATE INDEX audit_by_caller ON {ENTRIES} (caller) WHERE caller <> ''",
    f"CREATE INDEX audit_seals_by_seq ON {SEALS} (seq)",
    f"CREATE INDEX audit_prunings ON {SEALS} (boundary) WHERE boundary IS NOT NULL",
)
_FUNCTIONS = {
    "audit_refuse": "BEGIN RAISE EXCEPTION 'the audit log is append-only'; END",
    "audit_delete": f"""BEGIN
    IF OLD.seq > 0 AND EXISTS (SELECT 1 FROM {SEALS} WHERE boundary >= OLD.seq) THEN RETURN OLD; END IF;
    IF TG_TABLE_NAME = '{SEALS}' AND EXISTS (SELECT 1 FROM {SEALS} WHERE boundary >= OLD.seq) THEN RETURN OLD; END IF;
    RAISE EXCEPTION 'the audit log is append-only'; END""",
}
_TRIGGERS = {
    name: f"{when} ON {table} {each} EXECUTE FUNCTION {function}()"
    for table in (ENTRIES, SEALS)
    for name, when, each, function in (
        (f"{table}_no_update", "BEFORE UPDATE", "FOR EACH ROW", "audit_refuse"),
        (f"{table}_no_delete", "BEFORE DELETE", "FOR EACH ROW", "audit_delete"),
        (f"{table}_no_truncate", "BEFORE TRUNCATE", "FOR EACH STATEMENT", "audit_refuse"),
    )
}


class PostgresSession:
    """One transaction on a PostgreSQL connection."""

    table_alone = ""
    _names = itertools.count()

    def __init__(self, connection: psycopg.Connection[tuple[Any, ...]]) -> None:
        self._connection = connection

    def all(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """Return every row of an answer."""
        return self._connection.execute(_marked(sql), values, binary=True).fetchall()

    def stream(self, sql: str, values: Sequence[Any] = ()) -> Iterator[tuple[Any, ...]]:
        """Return the rows of an answer, fetched in pages."""
        with self._connection.cursor(name=f"audit_{next(self._names)}", binary=True) as cursor:
            cursor.itersize = _PAGE
            cursor.execute(_marked(sql), values)
            yield from cursor

    def run(self, sql: str, values: Sequence[Any] = ()) -> None:
        """Carry out a statement."""
        self._connection.execute(_marked(sql), values)

    def many(self, sql: str, values: Sequence[Sequence[Any]]) -> None:
        """Carry out a statement for each set of values, in one round trip."""
        with self._connection.cursor() as cursor:
            cursor.executemany(_marked(sql), values)

    def raw(self, column: str) -> str:
        """Return the SQL for the bytes of a text column."""
        return f"convert_to({column}, 'UTF8')"


class PostgresStore:
    """A log in the tables of one schema, the first on the connection's search path.

    Parameters
    ----------
    place : the URI, and how it is shown.

    Raises
    ------
    MissingExtraError : psycopg is not installed.
    """

    alone = False

    def __init__(self, place: AuditPlace) -> None:
        try:
            import psycopg
        except ImportError as error:
            raise MissingExtraError("psycopg", "postgres") from error
        self._psycopg = psycopg
        self._uri = place.database
        self.shown = place.shown
        self._writer: psycopg.Connection[tuple[Any, ...]] | None = None

    def exists(self) -> bool:
        """Return whether the tables are there."""
        with self.reading() as ledger:
            return bool(ledger.session.all("SELECT to_regclass(?) IS NOT NULL", (ENTRIES,))[0][0])

    def create(self) -> None:
        """Make the tables and their guards unless they are there."""
        with self._transaction() as connection:
            session = PostgresSession(connection)
            session.run(_CREATING)
            if session.all("SELECT to_regclass(?) IS NOT NULL", (ENTRIES,))[0][0]:
                return
            for sql in _TABLES:
                session.run(sql)
            for name, body in _FUNCTIONS.items():
                kind = "RETURNS trigger LANGUAGE plpgsql SET search_path FROM CURRENT"
                session.run(f"CREATE FUNCTION {name}() {kind} AS $body${body}$body$")
            for name, rest in _TRIGGERS.items():
                session.run(f"CREATE TRIGGER {name} {rest}")

    @contextmanager
    def writing(self) -> Iterator[Ledger]:
        """Hold the advisory lock of the log; what was done is durable at the end, or nothing of it."""
        with self._transaction() as connection:
            session = PostgresSession(connection)
            session.run("SET LOCAL synchronous_commit = on")
            session.run(f"SET LOCAL lock_timeout = '{WAIT}s'")
            session.run(_LOCK)
            yield Ledger(session)

    @contextmanager
    def reading(self) -> Iterator[Ledger]:
        """See one state of the log, whatever is written meanwhile."""
        with self._told(InputError), self._connected() as connection:
            connection.read_only = True
            connection.isolation_level = self._psycopg.IsolationLevel.REPEATABLE_READ
            yield Ledger(PostgresSession(connection))

    def faults(self, ledger: Ledger, *, deep: bool = False) -> list[str]:  # noqa: ARG002 - the server has amcheck
        """Return which guards are missing, switched off or changed; ``deep`` adds nothing here."""
        found = {
            name: (state, bodies)
            for name, state, bodies in ledger.session.all(
                "SELECT t.tgname::text, t.tgenabled::text, p.prosrc FROM pg_trigger t"
                " JOIN pg_proc p ON p.oid = t.tgfoid"
                " WHERE NOT t.tgisinternal AND t.tgrelid IN (?::regclass, ?::regclass)",
                (ENTRIES, SEALS),
            )
        }
        words = [f"trigger {name} is missing" for name in _TRIGGERS if name not in found]
        words += [f"trigger {name} was added" for name in sorted(set(found) - set(_TRIGGERS))]
        for name in sorted(set(found) & set(_TRIGGERS)):
            state, body = found[name]
            if state != "O":
                words.append(f"trigger {name} is switched off")
            if body not in _FUNCTIONS.values():
                words.append(f"the function of trigger {name} was changed")
        return words

    def close(self) -> None:
        """Let go of the connection that writes."""
        if self._writer is not None:
            self._writer.close()
            self._writer = None

    @contextmanager
    def _transaction(self) -> Iterator[psycopg.Connection[tuple[Any, ...]]]:
        with self._told(OutputError):
            if self._writer is None or self._writer.closed:
                self._writer = self._connected()
            with self._writer.transaction():
                yield self._writer

    def _connected(self) -> psycopg.Connection[tuple[Any, ...]]:
        return self._psycopg.connect(
            self._uri, connect_timeout=10, autocommit=False, application_name="tradewind audit"
        )

    @contextmanager
    def _told(self, kind: type[InputError]) -> Iterator[None]:
        try:
            yield
        except self._psycopg.Error as error:
            text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
            raise kind(
                f"the audit log cannot be used ({text})",
                file=self.shown,
                fix="check the server, the name and the rights",
            ) from None  # the cause could quote the login


def _marked(sql: str) -> bytes:
    return sql.replace("?", "%s").encode()  # bytes: psycopg takes text only where it is written out in the code
