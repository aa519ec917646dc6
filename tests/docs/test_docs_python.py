"""The blocks of Python on the pages run, a page at a time and in order; of a fragment the imports and syntax hold.

A fragment is a block below ``<!-- fragment: why -->``: it needs something that only the reader has.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from docs_pages import ROOT, Block, blocks_of, pages

PAGES = [page for page in pages() if any(block.kind == "python" for block in blocks_of(page))]
ELSEWHERE = {"validation.md", "simulator.md"}
"""Pages whose blocks another test runs."""


def name_of(page: Path) -> str:
    return str(page.relative_to(ROOT))


def python_of(page: Path) -> list[Block]:
    return [block for block in blocks_of(page) if block.kind == "python"]


def imports_of(block: Block) -> ast.Module:
    """Return the imports of a block; SyntaxError where it does not parse."""
    found = [one for one in ast.walk(ast.parse(block.body)) if isinstance(one, ast.Import | ast.ImportFrom)]
    return ast.Module(body=list(found), type_ignores=[])


@pytest.mark.slow
@pytest.mark.usefixtures("own_features")
@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_blocks_run(page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    names: dict[str, object] = {"__name__": "page"}
    for block in python_of(page):
        fragment = "fragment" in block.mark or page.name in ELSEWHERE
        code = imports_of(block) if fragment else ast.parse(block.body)
        exec(compile(code, f"{page}:{block.line}", "exec"), names)


def test_every_fragment_says_why() -> None:
    for page in PAGES:
        for block in python_of(page):
            if "fragment" in block.mark:
                assert "fragment: " in block.mark, f"{name_of(page)}:{block.line}"
