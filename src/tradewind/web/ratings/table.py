"""Ratings as a CSV table."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable

from tradewind.web.ratings.store import Given

COLUMNS = ("at", "name", "kind", "subject", "useful", "why", "context")
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def csv_of(ratings: Iterable[Given]) -> str:
    """Return ``ratings`` as CSV; what a spreadsheet would run as a formula is kept from it by an apostrophe."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for one in ratings:
        words = (one.name, one.kind, one.subject, "yes" if one.useful else "no", one.why, json.dumps(one.context))
        writer.writerow((one.at.isoformat(), *(f"'{word}" if word.startswith(_FORMULA) else word for word in words)))
    return out.getvalue()
