"""Global importance as one HTML page that needs no other file."""

from __future__ import annotations

import math
from pathlib import Path

from tradewind.core.files import write_text
from tradewind.core.page import DASH, render
from tradewind.explain.importance import plots
from tradewind.explain.importance.findings import Findings


def write_page(target: Path, findings: Findings) -> Path:
    """Write the page to ``target``; OutputError where it cannot be written."""
    importance, quality = findings.importance, findings.quality
    effects = [
        {
            "name": ale.column,
            "svg": plots.effect(ale, pdp),
            "range": ale.range,
            "warning": ale.warning,
            "spread": float(pdp.spread.max()),
        }
        for ale, pdp in findings.effects
    ]
    text = render(
        "tradewind.explain.importance",
        "importance.html.j2",
        findings=findings,
        about=findings.about,
        importance=importance,
        table=importance.table(plots.SHOWN),
        columns=plots.bars(importance.shap.columns, "column"),
        groups=plots.bars(importance.shap.groups, "group"),
        shuffled=plots.shuffled(importance.permutation),
        heat_map=plots.heat_map(importance.stability) if importance.stability.periods else "",
        effects=effects,
        quality=quality,
        curves=plots.faithfulness_curves(quality.faithfulness) if quality is not None else "",
        filters={"signed": _signed, "signed_percent": _signed_percent},
    )
    return write_text(target, text)


def _signed(value: float | None, digits: int = 3) -> str:
    return DASH if value is None or math.isnan(value) else f"{round(value, digits) + 0.0:+.{digits}f}"


def _signed_percent(value: float | None, digits: int = 2) -> str:
    return DASH if value is None or math.isnan(value) else f"{round(value, digits + 2) + 0.0:+.{digits}%}"
