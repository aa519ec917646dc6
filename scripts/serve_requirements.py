"""Writes requirements/serve.txt, the part of requirements/lock.txt that a server needs; `--check` tells a stale one.

A server forecasts from exported artefacts: it neither trains nor searches, so torch, XGBoost, MLflow and their like
stay out of its image. A test imports all that serves with those packages barred.
"""

from __future__ import annotations

import re
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, requires
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[1]
TARGET = ROOT / "requirements" / "serve.txt"
EXTRAS = ("serve", "connect", "redis", "kafka", "postgres")
LEFT_OUT = frozenset({
    "arch", "lightgbm", "catboost", "matplotlib", "mlflow-skinny", "onnx", "onnxscript", "optuna", "ray", "torch",
    "transformers", "weasyprint", "xgboost-cpu",
})  # fmt: skip
"""Direct dependencies that only training, search, pages or export use."""


def closure() -> set[str]:
    """Return the canonical names of everything a server needs, by the metadata of what is installed here."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    asked = [*project["dependencies"], *(line for extra in EXTRAS for line in project["optional-dependencies"][extra])]
    queue = [Requirement(line) for line in asked]
    found: set[tuple[str, str]] = set()
    while queue:
        need = queue.pop()
        name = canonicalize_name(need.name)
        if name in LEFT_OUT:
            continue
        for extra in ("", *need.extras):
            if (name, extra) in found:
                continue
            found.add((name, extra))
            queue += _needs(name, extra)
    return {name for name, _ in found}


def _needs(name: str, extra: str) -> list[Requirement]:
    try:
        lines = requires(name) or []
    except PackageNotFoundError:
        raise SystemExit(f"{name} is not installed here. Fix: make setup.") from None
    needs = (Requirement(line) for line in lines)
    return [need for need in needs if need.marker is None or need.marker.evaluate({"extra": extra})]


def text() -> str:
    """Return the file: the lines of the lock that the closure names."""
    wanted = closure()
    lines = (ROOT / "requirements" / "lock.txt").read_text().splitlines()
    kept = [line for line in lines if canonicalize_name(re.split(r"[=<>\[ ;]", line)[0]) in wanted]
    pinned = {canonicalize_name(re.split(r"[=<>\[ ;]", line)[0]) for line in kept}
    if missing := sorted(wanted - pinned):
        raise SystemExit(f"the lock does not pin {', '.join(missing)}. Fix: pin them in requirements/lock.txt.")
    return "# Written by scripts/serve_requirements.py from lock.txt; do not edit.\n" + "\n".join(kept) + "\n"


def main() -> None:
    """Write the file, or check it."""
    fresh = text()
    if "--check" in sys.argv:
        if not TARGET.exists() or TARGET.read_text() != fresh:
            raise SystemExit("requirements/serve.txt is stale. Fix: python scripts/serve_requirements.py.")
        return
    TARGET.write_text(fresh)
    print(f"wrote {TARGET.relative_to(ROOT)}: {fresh.count('==')} packages")


if __name__ == "__main__":
    main()
