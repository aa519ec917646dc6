"""What the files of deployment pass to the server are flags it has."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner

from tradewind.cli.main import app

FILES = ("deploy/Containerfile", "deploy/compose.yaml", "deploy/kubernetes/api.yaml", "deploy/kubernetes/features.yaml")


def flags_of(text: str) -> set[str]:
    """Return the flags after ``serve``; those of other programs in the file do not follow it."""
    return set(re.findall(r"(?<![\w-])--[a-z][a-z-]*(?==|\s|\"|$)", text[text.index("serve") :], flags=re.MULTILINE))


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_every_flag_is_one_of_serve(root: Path, file: str) -> None:
    known = CliRunner().invoke(app, ["serve", "--help"], env={"COLUMNS": "200"})
    assert known.exit_code == 0, known.output
    text = (root / file).read_text()
    if file.endswith("compose.yaml"):
        text = text[text.index("exec tradewind serve") : text.index("ports:")]
    if file.endswith("Containerfile"):
        text = text[text.index('CMD ["serve"') :].replace(",", " ")
    used = flags_of(text)
    assert {"--host", "--port", "--state", "--deployment"} <= used
    assert used <= set(re.findall(r"--[a-z][a-z-]*", known.output))
