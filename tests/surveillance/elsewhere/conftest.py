"""The rules that tapes of all markets are held to lie in a module beside their tests, which import it from there."""

from __future__ import annotations

import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
