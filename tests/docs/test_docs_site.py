"""The site as far as it can be checked without building it: navigation, links, what is fetched, pins.

`make docs` builds it strictly: every link and anchor, those of generated pages too.
"""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from docs_pages import FENCE, ROOT, pages

OUTSIDE = ("ARCHITECTURE.md", "CHANGELOG.md", "CONTRIBUTING.md", "SECURITY.md")
LINK = re.compile(r"(?<!\!)\[[^\]]*\]\(([^)\s]+)\)|!\[[^\]]*\]\(([^)\s]+)\)")


def test_every_page_is_in_the_navigation() -> None:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    named = set(re.findall(r"[\w./-]+\.md", config.split("\nnav:")[1]))
    written = {str(path.relative_to(ROOT / "docs")) for path in (ROOT / "docs").rglob("*.md")}
    assert written <= named, f"not in mkdocs.yml: {sorted(written - named)}"
    made = {name for name in named - written if not name.startswith("reference/")}
    assert made == {"examples.md", *(name.lower() for name in OUTSIDE)}


def test_links_between_files_lead_somewhere() -> None:
    made = {ROOT / "docs" / "reference", ROOT / "docs" / "examples.md"}
    wrong = []
    for page in pages():
        text = FENCE.sub("", page.read_text(encoding="utf-8"))
        for found in LINK.finditer(text):
            target = (found[1] or found[2]).split("#")[0]
            if not target or re.match(r"[a-z]+:", target):
                continue
            place = Path(os.path.normpath(page.parent / target))
            if not place.exists() and not any(place == one or one in place.parents for one in made):
                wrong.append(f"{page.relative_to(ROOT)}: {target}")
    assert not wrong, "\n".join(wrong)


def test_the_site_fetches_nothing_from_elsewhere() -> None:
    config = (ROOT / "mkdocs.yml").read_text(encoding="utf-8")
    assert re.search(r"^ {2}font: false$", config, re.MULTILINE)
    assert "extra_javascript" not in config
    assert not any("```mermaid" in page.read_text(encoding="utf-8") for page in pages())  # its script lies elsewhere
    style = (ROOT / "docs" / "assets" / "site.css").read_text(encoding="utf-8")
    assert "url(" not in style
    assert "@import" not in style


def test_what_builds_the_site_is_pinned_and_is_no_dependency_of_ours() -> None:
    lines = [
        line for line in (ROOT / "requirements" / "docs.txt").read_text().splitlines() if line[:1] not in ("", "#")
    ]
    assert all(re.fullmatch(r"[\w.-]+==[\w.]+", line) for line in lines)
    ours = (ROOT / "pyproject.toml").read_text() + (ROOT / "requirements" / "lock.txt").read_text()
    assert "mkdocs" not in ours


@pytest.mark.parametrize("name", ["version", "license"])
def test_the_citation_agrees_with_the_package(name: str) -> None:
    found = re.search(rf'^{name}:? ?=? ?"?([\w.]+)"?$', (ROOT / "CITATION.cff").read_text(), re.MULTILINE)
    ours = re.search(rf'^{name} = "([\w.]+)"$', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found is not None
    assert ours is not None
    assert found[1] == ours[1]
