"""Every script of examples/ runs as it stands and says something."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.py"))


def test_there_are_examples_and_each_says_what_it_is() -> None:
    assert len(EXAMPLES) >= 6
    for path in EXAMPLES:
        assert path.read_text(encoding="utf-8").startswith('"""'), path.name


@pytest.mark.slow
@pytest.mark.usefixtures("own_features")
@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_example_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]):
    monkeypatch.chdir(tmp_path)
    runpy.run_path(str(path), run_name="__main__")
    assert capsys.readouterr().out.strip()
