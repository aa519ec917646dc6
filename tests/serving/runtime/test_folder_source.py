"""A folder says which version plays which role, and a shelf follows it."""

from __future__ import annotations

import shutil

import pytest

from tradewind.core import InputError, UsageError
from tradewind.serving.runtime import FolderSource, Shelf


def test_a_shelf_follows_the_folder(artefact, tmp_path):
    source = FolderSource(tmp_path)
    shutil.copytree(artefact, source.place("small/1"))
    source.assign({"champion": "small/1"})
    assert source.current() == {"champion": "small/1"}
    shelf = Shelf()
    assert shelf.refresh(source).loaded == ("small/1",)
    assert shelf.role().folder == tmp_path / "small" / "1"


def test_roles_need_an_artefact_and_a_known_name(tmp_path):
    source = FolderSource(tmp_path)
    with pytest.raises(UsageError, match=r"no artefact of small/9"):
        source.assign({"champion": "small/9"})
    with pytest.raises(UsageError, match="no role 'boss'"):
        source.assign({"boss": "small/9"})
    with pytest.raises(InputError, match=r"roles\.json"):
        source.current()
    (tmp_path / "roles.json").write_text('{"champion": 3}')
    with pytest.raises(InputError, match="gives the role 'champion' to 3"):
        source.current()


@pytest.mark.parametrize("ref", ["", "small", "small/", "/1", "../1", "small/..", "a/b/c", "a\\b/1"])
def test_a_version_cannot_lead_out_of_the_folder(ref, tmp_path):
    with pytest.raises(UsageError, match="is no version"):
        FolderSource(tmp_path).artefact(ref)
