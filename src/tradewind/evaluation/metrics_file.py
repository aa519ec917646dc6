"""The evaluation as a JSON file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from tradewind.core.files import write_text
from tradewind.core.plain import finite
from tradewind.evaluation.evaluation import Evaluation


def write_json(evaluation: Evaluation, path: str | Path, *, context: Mapping[str, Any] | None = None) -> Path:
    """Write :meth:`Evaluation.to_dict`, with ``context`` under its own key, as JSON; whole or not at all.

    Raises
    ------
    OutputError : the file cannot be written.
    """
    content = {**evaluation.to_dict(), **({"context": finite(dict(context))} if context is not None else {})}
    return write_text(path, json.dumps(content, indent=2, allow_nan=False, default=str) + "\n")
