"""Write docs/features.md from the registry, or check that it is up to date.

python scripts/feature_table.py [--check]
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from tradewind.features import REGISTRY, Group

TARGET = Path(__file__).parents[1] / "docs" / "features.md"
HEAD = """# Features

Made by `python scripts/feature_table.py` from the registry; do not edit by hand.

Every feature is computed from what was known at its row's `known_at`; a test truncates and changes the future for each
of them and demands equal values, bit for bit. *Window* is how many bars are needed before a value is defined: of the
symbol where *reads* is `own bars`, else of the market. *Reads* `bars` looks across symbols; `news` and `fear` features
are there only where such data is given. Prices are adjusted, and only their ratios are used.

"""


def page() -> str:
    """Return the text of the page."""
    features = list(REGISTRY)
    parts = [HEAD, f"{len(features)} features.\n"]
    for group in Group:
        rows = [feature for feature in features if feature.group is group]
        if not rows:
            continue
        parts.append(f"\n## {group.value.capitalize()} ({len(rows)})\n\n")
        parts.append("| feature | window | reads | source |\n| --- | ---: | --- | --- |\n")
        for feature in rows:
            reads = "own bars" if feature.own_bars else feature.needs
            source = feature.source.replace("|", "\\|")
            parts.append(f"| `{feature.name}` | {feature.window} | {reads} | {source} |\n")
    return "".join(parts)


def main() -> int:
    """Write the page; with ``--check`` only compare, exit code 1 when it differs."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--check", action="store_true", help="write nothing; fail when the page is out of date")
    text = page()
    if parser.parse_args().check:
        if TARGET.is_file() and TARGET.read_text(encoding="utf-8") == text:
            return 0
        sys.stderr.write(f"{TARGET.name} is out of date: run python scripts/feature_table.py\n")
        return 1
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(text, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
