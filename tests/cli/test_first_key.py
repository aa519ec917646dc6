"""The key that a server makes where there is none: for people's eyes, and for no log."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tradewind.cli.serving_keys import first_key
from tradewind.serving.access import list_keys
from tradewind.serving.node import NodeSettings


def test_it_is_written_into_no_log(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    first_key(tmp_path / "keys.json")
    said = "".join(capsys.readouterr())
    file = tmp_path / "first-key"
    assert file.stat().st_mode & 0o077 == 0
    assert len(file.read_text()) > 20
    assert file.read_text() not in said
    assert file.read_text().split("_")[-1] not in said
    (record,) = list_keys(tmp_path / "keys.json")
    assert record.id in said.replace("\n", "")


def test_it_is_shown_to_people(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)
    first_key(tmp_path / "keys.json")
    assert len(list_keys(tmp_path / "keys.json")) == 1
    assert not (tmp_path / "first-key").exists()
    (record,) = list_keys(tmp_path / "keys.json")
    said = "".join(capsys.readouterr()).replace("\n", "")
    assert said.count(record.id) == 2  # in the words about it, and in the key itself


def test_settings_of_a_server_show_no_password(tmp_path: Path) -> None:
    settings = NodeSettings(state=tmp_path, deployment=tmp_path / "d.json", redis="redis://default:hunter2@h/0")
    assert "hunter2" not in repr(settings)
