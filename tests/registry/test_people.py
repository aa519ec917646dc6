"""People, roles and keys: only an admin extends the file, and nobody edits it."""

from __future__ import annotations

import os
import stat
from pathlib import Path

import pytest

from tradewind.core import InputError, OutputError, UsageError
from tradewind.registry import People, Person, Stage
from tradewind.registry.ledger import Ledger, NewDecision
from tradewind.registry.people import raw_key


@pytest.fixture
def people(office) -> People:
    """Return the people of the office."""
    return office.registry.people()


def test_the_people_file_reads_back(people: People, office):
    assert people.names() == sorted(["grace", "ada", "vera", "paul", "otto", "max"])
    assert people.of("max").roles == ("author", "validator", "approver", "operator")
    assert people.of("vera").key == office.people["vera"].public
    assert people.of("nobody") is None
    assert [row["name"] for row in people.to_dicts()] == people.names()


def test_the_first_person_must_be_an_admin_who_signs(tmp_path: Path):
    nobody = People(path=tmp_path / "people.toml", entries=())
    eve, grace = Person.generate("eve"), Person.generate("grace")
    with pytest.raises(UsageError, match="the first person must be an admin"):
        nobody.enrolled("eve", ("author",), eve.public, by=eve)
    with pytest.raises(UsageError, match="the first person must be an admin"):
        nobody.enrolled("eve", ("admin",), eve.public, by=grace)
    assert nobody.enrolled("grace", ("admin",), grace.public, by=grace).names() == ["grace"]


def test_only_an_admin_enrols(people: People, office):
    eve = Person.generate("eve")
    with pytest.raises(UsageError, match="otto is no admin"):
        people.enrolled("eve", ("approver",), eve.public, by=office.people["otto"])
    with pytest.raises(UsageError, match="grace is no admin, or signs with an old key"):
        people.enrolled("eve", ("approver",), eve.public, by=Person.generate("grace"))
    with pytest.raises(UsageError, match="there is no role 'king'"):
        people.enrolled("eve", ("king",), eve.public, by=office.people["grace"])


def test_nobody_signs_as_two_people(people: People, office):
    """One key under two names would let an author approve the own model; one key can be written as several texts."""
    grace, ada = office.people["grace"], office.people["ada"]
    bits = ada.public[:-2] + chr(ord(ada.public[-2]) + 1) + "="
    assert raw_key(bits) == raw_key(ada.public)
    for same in (ada.public, ada.public.removeprefix("ed25519:"), bits):
        with pytest.raises(InputError, match="is the key of ada already"):
            people.enrolled("eve", ("approver",), same, by=grace)
    assert people.enrolled("ada", ("validator",), ada.public, by=grace).of("ada").roles == ("validator",)
    with pytest.raises(InputError, match="is no public key"):
        people.enrolled("eve", ("approver",), "ed25519:AAAA", by=grace)


def test_an_admin_remains(people: People, office):
    grace = office.people["grace"]
    for roles in ((), ("author",)):
        with pytest.raises(UsageError, match="grace is the last admin"):
            people.enrolled("grace", roles, grace.public, by=grace)
    two = people.enrolled("otto", ("admin",), office.people["otto"].public, by=grace)
    assert "grace" not in two.enrolled("grace", (), grace.public, by=grace).names()


def test_who_left_does_not_decide_under_the_people_file_of_before(office):
    """Not even by writing a well-signed decision into the ledger: it names people who were out of date by then."""
    version = office.register()
    before = office.registry.people()
    office.registry.enrol("vera", (), office.people["vera"].public, office.people["grace"])
    office.clock.wait(hours=1)
    ledger = Ledger.read("demo", before, office.ledger(), now=office.clock.now())
    ledger.decide(
        NewDecision(version=version, end=Stage.validated, reason="mine"), office.people["vera"], office.clock.at
    )
    ledger.write()
    with pytest.raises(InputError, match="out of date by then"):
        office.registry.stage("demo", version)


@pytest.mark.parametrize("change", [("name", "1"), ("roles", "[[1]]"), ("key", "true"), ("since", "2026-01-01")])
def test_a_people_file_of_other_kinds_is_refused(office, change):
    path = office.registry.people_path
    field, value = change
    lines = [f"{field} = {value}" if line.startswith(f"{field} =") else line for line in path.read_text().split("\n")]
    path.write_text("\n".join(lines))
    with pytest.raises(InputError, match="is no people file"):
        office.registry.people()


def test_who_left_and_who_has_a_new_key_decide_no_more_and_old_decisions_stand(office):
    version = office.register()
    office.move(version, "validated", "vera")
    grace, old = office.people["grace"], office.people["vera"]
    new = Person.generate("vera")
    office.registry.enrol("vera", ("validator",), new.public, grace)
    office.registry.enrol("ada", (), office.people["ada"].public, grace)
    assert len(office.registry.history("demo")) == 2
    office.move(version, "draft", "paul", "again")
    with pytest.raises(InputError, match="does not bear the signature of vera"):
        office.registry.move("demo", version, "validated", old, "old key")
    office.people = {**office.people, "vera": new}
    office.move(version, "validated", "vera")
    with pytest.raises(UsageError, match="ada is not enrolled"):
        office.register()


def entries(text: str) -> list[str]:
    """Return the entries of a people file."""
    return text.split("[[person]]\n")[1:]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda e: [e[0], e[1].replace('"author"', '"approver"'), *e[2:]], "signature of grace"),
        (lambda e: [e[0], *e[2:]], "does not follow"),
        (lambda e: [e[0], e[2], e[1], *e[3:]], "does not follow"),
        (lambda e: e[1:], "does not follow"),
        (lambda e: [*e, e[1]], "does not follow"),
        (lambda e: [*e[:-1], e[-1].replace('"operator"', '"emperor"')], "emperor"),
        (lambda e: [*e[:-1], e[-1].replace("since", "sinse")], "is no people file"),
        (lambda e: e[:-1], "an entry was removed or replaced"),
    ],
)
def test_a_changed_people_file_is_refused(office, change, why: str):
    office.champion()
    path = office.registry.people_path
    text = path.read_text()
    path.write_text("".join("[[person]]\n" + one for one in change(entries(text))))
    with pytest.raises(InputError, match=why):
        office.registry.serving("demo")


def test_a_people_file_of_somebody_elses_making_is_refused(office):
    office.champion()
    path, mallory = office.registry.people_path, office.people["mallory"]
    path.unlink()
    own = office.registry.enrol("mallory", ("admin", "operator"), mallory.public, mallory)
    for name in ("ada", "vera", "paul", "otto"):  # the same people with the same keys, but by another admin's grace
        own = office.registry.enrol(name, ("author", "validator", "approver"), office.people[name].public, mallory)
    assert len(own.entries) == 5
    with pytest.raises(InputError, match="the people file it was made under is another"):
        office.registry.serving("demo")


def test_an_enrolment_signed_by_no_admin_is_refused(office):
    people, mallory = office.registry.people(), office.people["mallory"]
    entry = people.enrolled("mallory", ("approver",), mallory.public, by=office.people["grace"]).entries[-1]
    text = office.registry.people_path.read_text()
    for by, key in (("mallory", mallory), ("otto", office.people["otto"])):
        forged = type(entry)(**{**vars(entry), "by": by, "signature": ""})
        forged = type(entry)(**{**vars(forged), "signature": key.sign(forged.message)})
        People(path=office.registry.people_path, entries=(*people.entries, forged)).write()
        with pytest.raises(InputError, match=f"not signed by an admin \\({by}\\)"):
            office.registry.people()
        office.registry.people_path.write_text(text)


def test_a_key_is_for_its_owner_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    ada = Person.generate("ada")
    path = ada.save(tmp_path / "keys")
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    assert Person.load(tmp_path / "keys", "ada").public == ada.public
    with pytest.raises(OutputError, match="is there already"):
        Person.generate("ada").save(tmp_path / "keys")
    assert Person.load(tmp_path / "keys", "ada").public == ada.public
    path.chmod(0o640)
    with pytest.raises(InputError, match="others can read this private key"):
        Person.load(tmp_path / "keys", "ada")
    with pytest.raises(InputError, match="there is no key of 'bob'"):
        Person.load(tmp_path / "keys", "bob")
    with pytest.raises(InputError, match="cannot be a person's name"):
        Person.generate("../ada")


def test_a_key_can_have_a_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("TRADEWIND_KEY_PASSWORD", "correct horse")
    ada = Person.generate("ada")
    path = ada.save(tmp_path)
    assert b"ENCRYPTED" in path.read_bytes()
    assert Person.load(tmp_path, "ada").public == ada.public
    for other in ("wrong", ""):
        monkeypatch.setenv("TRADEWIND_KEY_PASSWORD", other)
        with pytest.raises(InputError, match="damaged, or its password is another"):
            Person.load(tmp_path, "ada")


def test_a_private_key_is_never_shown(office):
    ada = office.people["ada"]
    raw = ada.key.private_bytes_raw()
    for shown in (repr(ada), str(ada), repr({"who": ada}), ada.public):
        assert raw.hex() not in shown
    assert "key" not in repr(ada)
    assert os.fspath(office.registry.people_path)
    assert b"PRIVATE" not in office.registry.people_path.read_bytes()
