"""Keys: made, kept as hashes, revoked, run out, read again while the server runs."""

from __future__ import annotations

import json
import stat
import subprocess
import sys
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tradewind.core import OutputError, UsageError
from tradewind.serving.access import (
    SCOPES,
    KeyAccess,
    KeyStore,
    KeyTerms,
    OpenAccess,
    create_key,
    list_keys,
    revoke_key,
)
from tradewind.serving.access.keys import new_key, parse_key

NOON = datetime(2030, 1, 1, 12, tzinfo=UTC)


@dataclass
class Hands:
    at: datetime = NOON

    def now(self) -> datetime:
        return self.at


def test_a_key_is_known_by_either_way_of_sending_it(tmp_path: Path) -> None:
    key, record = create_key(tmp_path / "keys.json", KeyTerms(scopes=("read", "stream"), rate=5, burst=7, note="desk"))
    access = KeyAccess(KeyStore(tmp_path / "keys.json"))
    for header in (f"Bearer {key}", f"bearer {key}", key):
        caller = access.check(header.encode())
        assert caller is not None
        assert (caller.id, caller.scopes, caller.rate, caller.burst) == (record.id, {"read", "stream"}, 5, 7)
    assert access.grant(key.encode()) is access.grant(f"Bearer {key}".encode()), "one bucket a caller"


def test_the_file_holds_no_secret_and_belongs_to_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "keys" / "keys.json"
    key, record = create_key(path)
    secret = key.rsplit("_", 1)[1]
    assert secret not in path.read_text()
    assert secret not in repr(record) + repr(KeyStore(path)) + repr(KeyAccess(KeyStore(path)))
    assert record.hash not in repr(record)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert sorted(p.name for p in path.parent.iterdir() if not p.name.endswith(".lock")) == ["keys.json"]


def test_two_keys_of_equal_terms_share_nothing(tmp_path: Path) -> None:
    (one, a), (two, b) = (create_key(tmp_path / "keys.json") for _ in range(2))
    assert one != two
    assert a.salt != b.salt
    assert a.hash != b.hash
    assert [record.id for record in list_keys(tmp_path / "keys.json")] == [a.id, b.id]


@pytest.mark.parametrize("part", ["id", "secret", "empty", "short", "long"])
def test_a_wrong_key_is_nobody(tmp_path: Path, part: str) -> None:
    key, _ = create_key(tmp_path / "keys.json")
    access = KeyAccess(KeyStore(tmp_path / "keys.json"))
    flip = "1" if key[3] != "1" else "2"
    last = "1" if key[-1] != "1" else "2"
    wrong = {
        "id": key[:3] + flip + key[4:],
        "secret": key[:-1] + last,
        "empty": "",
        "short": key[:-1],
        "long": key + "0",
    }[part]
    assert access.check(wrong.encode()) is None
    assert access.check(b"Bearer " + wrong.encode()) is None
    assert not access.known


@given(st.binary(max_size=100))
def test_no_bytes_upset_the_parser(data: bytes) -> None:
    found = parse_key(data)
    assert found is None or data == f"tw_{found[0]}_".encode() + found[1]


def test_a_revoked_key_is_refused_by_a_running_server(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    key, record = create_key(path)
    other, _ = create_key(path)
    access = KeyAccess(KeyStore(path))
    assert access.check(key.encode()) is not None
    assert access.check(other.encode()) is not None
    revoked = revoke_key(path, record.id)
    assert revoked.revoked is not None
    assert revoke_key(path, record.id).revoked == revoked.revoked, "the first time stays"
    access.refresh()
    assert access.check(key.encode()) is None
    assert access.check(other.encode()) is not None


def test_a_key_made_later_is_known_after_the_next_look(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    create_key(path)
    access = KeyAccess(KeyStore(path))
    key, _ = create_key(path)
    assert access.check(key.encode()) is None
    access.refresh()
    assert access.check(key.encode()) is not None


def test_a_key_runs_out(tmp_path: Path) -> None:
    hands = Hands()
    key, _ = create_key(tmp_path / "keys.json", KeyTerms(expires=NOON + timedelta(hours=1)), clock=hands)
    access = KeyAccess(KeyStore(tmp_path / "keys.json"), clock=hands)
    assert access.check(key.encode()) is not None
    hands.at += timedelta(minutes=61)
    access.refresh()
    assert access.check(key.encode()) is None


def test_a_damaged_file_leaves_the_keys_as_they_were(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    path = tmp_path / "keys.json"
    key, _ = create_key(path)
    access = KeyAccess(KeyStore(path))
    path.write_text(path.read_text()[:-30])
    access.refresh()
    assert "stay as they were" in caplog.text
    assert access.check(key.encode()) is not None
    path.unlink()
    access.refresh()
    assert access.check(key.encode()) is not None
    with pytest.raises(UsageError, match="create a key first"):
        KeyAccess(KeyStore(path))


def test_a_file_that_others_may_read_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    create_key(path)
    path.chmod(0o644)
    with pytest.raises(UsageError, match="chmod 600"):
        list_keys(path)


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("salt", "no hexadecimal"),
        ("salt", "00" * 40),
        ("rate", 0),
        ("burst", 0),
        ("expires", "2031-01-01T00:00:00"),
        ("scopes", ["root"]),
    ],
)
def test_a_record_that_makes_no_sense_is_found_when_the_file_is_read(tmp_path: Path, name: str, value: object) -> None:
    path = tmp_path / "keys.json"
    create_key(path)
    file = json.loads(path.read_text())
    file["keys"][0][name] = value
    path.write_text(json.dumps(file))
    with pytest.raises(UsageError, match=name):
        list_keys(path)


def test_a_file_that_was_refused_for_its_rights_is_read_once_they_are_mended(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "keys.json"
    key, record = create_key(path)
    access = KeyAccess(KeyStore(path))
    assert access.check(key.encode()) is not None
    revoke_key(path, record.id)
    path.chmod(0o644)
    access.refresh()
    assert "chmod 600" in caplog.text
    path.chmod(0o600)
    access.refresh()
    assert access.check(key.encode()) is None


def test_a_file_of_another_version_is_not_guessed_at(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    create_key(path)
    path.write_text(path.read_text().replace('"version": 1', '"version": 2'))
    with pytest.raises(UsageError, match="version 2"):
        list_keys(path)


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        (KeyTerms(scopes=()), "scopes"),
        (KeyTerms(scopes=("root",)), "scopes"),  # type: ignore[arg-type]
        (KeyTerms(rate=0), "rate"),
        (KeyTerms(burst=0), "burst"),
        (KeyTerms(rate=float("nan")), "rate"),
        (KeyTerms(expires=datetime(2029, 1, 1, tzinfo=UTC)), "expires"),
        (KeyTerms(expires=datetime(2031, 1, 1)), "expires"),
        (KeyTerms(note="two\nlines"), "note"),
    ],
)
def test_terms_that_make_no_sense_are_refused(terms: KeyTerms, field: str) -> None:
    with pytest.raises(UsageError, match=field):
        new_key(terms, NOON)


def test_revoking_what_there_is_not(tmp_path: Path) -> None:
    create_key(tmp_path / "keys.json")
    with pytest.raises(UsageError, match="no key 'deadbeef00'"):
        revoke_key(tmp_path / "keys.json", "deadbeef00")


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises((OutputError, UsageError), match="cannot be"):
        create_key(tmp_path / "file" / "keys.json")


def test_credentials_of_one_key_written_in_many_ways_do_not_fill_the_memory(tmp_path: Path) -> None:
    key, _ = create_key(tmp_path / "keys.json")
    access = KeyAccess(KeyStore(tmp_path / "keys.json"))
    for spaces in range(500):
        assert access.check(b"Bearer " + b" " * spaces + key.encode()) is not None
    assert len(access.known) < 100


def test_open_access_lets_anyone_do_all_but_operate() -> None:
    caller = OpenAccess().check(b"")
    assert caller is not None
    assert caller.scopes == frozenset(SCOPES) - {"admin"}


@pytest.mark.slow
def test_keys_made_by_two_processes_are_all_kept(tmp_path: Path) -> None:
    path = tmp_path / "keys.json"
    make = f"from tradewind.serving.access import create_key\nfor _ in range(20): create_key({str(path)!r})"
    makers = [subprocess.Popen([sys.executable, "-c", make]) for _ in range(2)]
    assert [maker.wait(60) for maker in makers] == [0, 0]
    assert len(list_keys(path)) == 40
