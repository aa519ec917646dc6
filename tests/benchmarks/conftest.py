"""The benchmarks are scripts beside the package; their tests import them from there, and the rules of a tape too."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
for folder in ("benchmarks", "tests/surveillance/elsewhere"):
    sys.path.insert(0, str(ROOT / folder))
