"""The examples of docs/validation.md run."""

from __future__ import annotations

import re
from pathlib import Path


def test_examples_of_the_page_run():
    page = (Path(__file__).parents[2] / "docs" / "validation.md").read_text(encoding="utf-8")
    blocks = re.findall(r"```python\n(.*?)```", page, re.DOTALL)
    assert len(blocks) >= 7
    exec("\n".join(blocks), {})
