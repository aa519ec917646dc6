"""The explanation of one forecast, or of a day's, as one HTML page that needs no other file."""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from tradewind.core.files import write_text
from tradewind.core.page import render
from tradewind.explain.page.picture import Picture
from tradewind.explain.page.pictures import member_bars, percentile_strip, time_profile
from tradewind.explain.page.waterfall import waterfall
from tradewind.explain.rationale import LAYERS, Explanation, Sentence, say
from tradewind.explain.rationale.forms import FORMS
from tradewind.explain.rationale.layers import cells
from tradewind.explain.rationale.rules import NEITHER


def _page(template: str, **values: Any) -> str:
    filters = {"unbroken": _unbroken, "printed": lambda fact: FORMS[fact.form].show(fact.value)}
    return render("tradewind.explain.page", template, filters=filters, **values)


def _unbroken(text: str) -> str:
    """Return ``text`` with its numbers and their units kept on one line."""
    return re.sub(r"(?<=\d) (?=%|points\b)", "\u00a0", text)


def render_explanation(found: Explanation, layers: Sequence[str] = LAYERS) -> str:
    """Return the page of one explanation with the named ``layers``, in their usual order."""
    pictures = {
        "executive": [("What made the forecast, by group", waterfall(found.evidence, by="groups"))],
        "attribution": [
            ("The strongest features", waterfall(found.evidence)),
            (
                "How usual the inputs are (shaded: the tails; diamond: beyond the training range)",
                percentile_strip(found.evidence),
            ),
        ],
        "technical": _known(
            ("What the members say", member_bars(found.evidence)),
            ("Which bars weighed, through the sequence models", time_profile(found.evidence)),
        ),
        "internals": [],
    }
    return _page(
        "explanation.html.j2",
        found=found,
        evidence=found.evidence,
        layers=[layer for layer in found.layers if layer.name in layers],
        pictures=pictures,
        facts=list(found.facts) if "internals" in layers else [],
        answer=say(found.facts, "{forecast.probability|pct1}"),
        lean=say(found.facts, f"probability of a rise: {_lean(found)}"),
    )


def render_day(found: Sequence[Explanation]) -> str:
    """Return the page of several explanations: a table, then each one's summary and waterfall, the surest first."""
    order = sorted(found, key=lambda one: (-one.evidence["forecast"]["confidence"], one.evidence["data"]["symbol"]))
    return _page(
        "day.html.j2",
        found=order,
        rows={one.id: _row(one) for one in order},
        pictures={one.id: waterfall(one.evidence, by="groups") for one in order},
    )


def _lean(found: Explanation) -> str:
    """Return the template of the lean in a few words."""
    return "no lean" if found.facts["side"].value == NEITHER else "{strength} lean to {side}"


def _row(found: Explanation) -> tuple[Sentence, ...]:
    """Return the cells of the day's table: symbol, date, probability, lean, strongest group and what it gives."""
    return cells(
        found.facts,
        "{data.symbol}",
        "{data.date}",
        "{forecast.probability|pct1}",
        _lean(found),
        "{attribution.groups[0].name}",
        "{attribution.groups[0].value|points2}",
    )


def write_explanation(folder: Path, found: Explanation, layers: Sequence[str] = LAYERS) -> dict[str, Path]:
    """Write explanation.html, explanation.json, waterfall.svg and waterfall.png into ``folder``; return their paths.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    vector, raster = waterfall(found.evidence).save(folder, "waterfall")
    return {
        "page": write_text(folder / "explanation.html", render_explanation(found, layers)),
        "record": write_text(
            folder / "explanation.json", json.dumps(found.to_dict(), indent=1, allow_nan=False) + "\n"
        ),
        "waterfall_svg": vector,
        "waterfall_png": raster,
    }


def write_day(folder: Path, found: Sequence[Explanation]) -> dict[str, Path]:
    """Write explanations.html and explanations.json (a list) into ``folder``; return their paths.

    Raises
    ------
    OutputError : the folder cannot be written.
    """
    return {
        "page": write_text(folder / "explanations.html", render_day(found)),
        "record": write_text(
            folder / "explanations.json",
            json.dumps([one.to_dict() for one in found], allow_nan=False, separators=(",", ":")) + "\n",
        ),
    }


def _known(*pairs: tuple[str, Picture | None]) -> list[tuple[str, Picture]]:
    return [(title, drawn) for title, drawn in pairs if drawn is not None]
