"""Write the pages of the reference that are made from the code: commands, settings, HTTP, Python.

python scripts/docs_reference.py FOLDER
"""

from __future__ import annotations

import sys
from pathlib import Path

from docs_cli import command_pages
from docs_http import http_pages
from docs_settings import settings_page

PYTHON = {
    "core": ("tradewind.core",),
    "data": ("tradewind.data",),
    "quality": ("tradewind.quality",),
    "features": ("tradewind.features", "tradewind.features.online"),
    "validation": ("tradewind.validation",),
    "models": ("tradewind.models",),
    "training": ("tradewind.training", "tradewind.training.tuning", "tradewind.training.export"),
    "evaluation": ("tradewind.evaluation",),
    "registry": ("tradewind.registry",),
    "explain": (
        "tradewind.explain.shapley",
        "tradewind.explain.importance",
        "tradewind.explain.counterfactual",
        "tradewind.explain.what_if",
        "tradewind.explain.rationale",
        "tradewind.explain.distillation",
    ),
    "governance": ("tradewind.governance.audit", "tradewind.governance.cards", "tradewind.governance.fairness"),
    "continual": ("tradewind.continual.regimes", "tradewind.continual.registry", "tradewind.continual.protocol"),
    "streaming": ("tradewind.streaming.log", "tradewind.streaming.features", "tradewind.streaming.connectors"),
    "serving": (
        "tradewind.serving.runtime",
        "tradewind.serving.cache",
        "tradewind.serving.rollout",
        "tradewind.serving.access",
        "tradewind.serving.api",
    ),
    "monitoring": (
        "tradewind.monitoring.composition",
        "tradewind.monitoring.drift",
        "tradewind.monitoring.performance",
        "tradewind.monitoring.alerts",
        "tradewind.monitoring.jobs",
        "tradewind.monitoring.diagnosis",
        "tradewind.monitoring.journal",
    ),
    "surveillance": (
        "tradewind.surveillance.events",
        "tradewind.surveillance.alerting",
        "tradewind.surveillance.cases",
        "tradewind.surveillance.explain",
        "tradewind.surveillance.planting",
    ),
}
"""Package -> the modules whose public names make its page."""


def python_pages() -> dict[str, str]:
    """Return path below ``reference/`` -> text of the page, which mkdocstrings fills from the docstrings."""
    pages = {}
    rows = [
        "# Python\n\nMade from the docstrings. Names that are not listed are private and may change without notice.\n\n"
    ]
    rows.append("| package | modules |\n| --- | --- |\n")
    for package, modules in PYTHON.items():
        pages[f"python/{package}.md"] = f"# tradewind.{package}\n" + "".join(f"\n::: {one}\n" for one in modules)
        rows.append(f"| [`{package}`](python/{package}.md) | {', '.join(f'`{one}`' for one in modules)} |\n")
    pages["python.md"] = "".join(rows)
    return pages


def main(folder: Path) -> None:
    """Write every page below ``folder``; files whose text is the same stay as they are."""
    pages = command_pages() | http_pages() | python_pages() | {"settings.md": settings_page()}
    for path, text in pages.items():
        target = folder / path
        target.parent.mkdir(parents=True, exist_ok=True)
        if not target.is_file() or target.read_text(encoding="utf-8") != text:
            target.write_text(text, encoding="utf-8")
    for old in folder.rglob("*.md"):
        if old.relative_to(folder).as_posix() not in pages:
            old.unlink()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
