"""Each benchmark owns its part of the page and no more."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def page_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    import page

    monkeypatch.setattr(page, "PAGE", tmp_path / "docs" / "benchmarks.md")
    monkeypatch.setattr(page, "ROOT", tmp_path)
    return tmp_path / "docs" / "benchmarks.md"


def test_parts_stand_in_their_order_whatever_is_written_first(page_file: Path) -> None:
    from page import write_part

    for name in ("qlib", "real_data", "zoo"):
        write_part(name, f"text of {name}")
    text = page_file.read_text()
    assert text.startswith("# Benchmarks\n")
    places = [text.index(f"text of {name}") for name in ("real_data", "zoo", "qlib")]
    assert places == sorted(places)


def test_a_part_is_replaced_and_everything_else_is_kept(page_file: Path) -> None:
    from page import write_part

    write_part("real_data", "old")
    write_part("zoo", "other")
    page_file.write_text(page_file.read_text() + "\n## Written by hand\n")
    before = page_file.read_text()
    write_part("real_data", "new\n\nand longer")
    assert page_file.read_text() == before.replace("old", "new\n\nand longer")
    write_part("real_data", "old")
    assert page_file.read_text() == before


def test_a_table_has_one_line_a_row() -> None:
    from page import table

    assert table(("model", "n"), [("a", "1"), ("b", "2")]).splitlines() == [
        "| model | n |",
        "| --- | ---: |",
        "| a | 1 |",
        "| b | 2 |",
    ]
