"""Hooks of the site: pages that lie outside docs/ and pages made from the code join it, and links follow.

The reference is made by the project's own environment, which knows the package; the site's knows MkDocs alone.
"""

from __future__ import annotations

import os
import posixpath
import re
import subprocess
import sys
from pathlib import Path

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).parents[1]
OUTSIDE = {
    "ARCHITECTURE.md": "architecture.md",
    "CHANGELOG.md": "changelog.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security.md",
}
"""Pages of the repository's root -> where they are in the site."""
MADE = ROOT / "build" / "docs-reference"
LINK = re.compile(r"(\]\()([^)\s#]+)")


def on_startup(*, command: str, dirty: bool) -> None:  # noqa: ARG001
    """Make the pages of the reference, unless ``TRADEWIND_DOCS_REFERENCE=keep`` says that they are fresh."""
    if os.environ.get("TRADEWIND_DOCS_REFERENCE") == "keep" and MADE.is_dir():
        return
    python = ROOT / ".venv" / "bin" / "python"
    asked = [
        str(python if python.is_file() else sys.executable),
        str(ROOT / "scripts" / "docs_reference.py"),
        str(MADE),
    ]
    made = subprocess.run(asked, cwd=ROOT, capture_output=True, text=True, check=False)
    if made.returncode:
        raise PluginError(f"the reference could not be made:\n{made.stderr}")


def examples_page() -> str:
    """Return a page with every script of examples/, its words before its code."""
    parts = [
        "# Examples\n\nScripts that run as they stand, each in under a minute: `.venv/bin/python examples/NAME.py`.\n"
    ]
    for path in sorted((ROOT / "examples").glob("*.py")):
        text = path.read_text(encoding="utf-8")
        words, _, code = text.removeprefix('"""').partition('"""\n')
        title, _, rest = words.partition("\n")
        parts.append(
            f"\n## {title.rstrip('.')}\n\n`examples/{path.name}`. {rest.strip()}\n\n```python\n{code.strip()}\n```\n"
        )
    return "".join(parts)


def schemas_page() -> str:
    """Return a page that lists the schema snapshots of records."""
    names = [path.name for path in sorted((ROOT / "docs" / "schemas").glob("*.json"))]
    rows = "\n".join(f"- [{name}](schemas/{name})" for name in names)
    return f"# Schemas of records\n\nOne file for each kind of record and version, in JSON.\n\n{rows}\n"


def on_files(files: Files, *, config: MkDocsConfig) -> Files:
    """Add the pages that docs/ does not hold."""
    for source, place in OUTSIDE.items():
        text = (ROOT / source).read_text(encoding="utf-8")
        text = LINK.sub(lambda link: link[1] + inward(link[2]), text)
        files.append(File.generated(config, place, content=text))
    files.append(File.generated(config, "examples.md", content=examples_page()))
    files.append(File.generated(config, "schemas.md", content=schemas_page()))
    for path in sorted(MADE.rglob("*.md")):
        place = f"reference/{path.relative_to(MADE).as_posix()}"
        files.append(File.generated(config, place, content=path.read_text(encoding="utf-8")))
    return files


def inward(target: str) -> str:
    """Return where a link of a page in the root leads from the site's first folder."""
    if target in OUTSIDE:
        return OUTSIDE[target]
    return target.removeprefix("docs/")


def on_page_markdown(markdown: str, *, page: Page, config: MkDocsConfig, files: Files) -> str:  # noqa: ARG001
    """Let links that leave docs/ for a page of the root lead to its place in the site."""
    here = posixpath.dirname(page.file.src_uri)

    def follow(link: re.Match[str]) -> str:
        target = posixpath.normpath(posixpath.join("docs", here, link[2]))
        if target in OUTSIDE:
            return link[1] + posixpath.relpath(OUTSIDE[target], here or ".")
        if target == "docs/schemas":
            return link[1] + posixpath.relpath("schemas.md", here or ".")
        if target.startswith("examples/"):
            return link[1] + posixpath.relpath("examples.md", here or ".")
        return link[0]

    return LINK.sub(follow, markdown)
