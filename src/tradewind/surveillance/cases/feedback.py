"""What closed cases say of their alerts: labels to learn from."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import numpy as np
import polars as pl

from tradewind.surveillance.alert import Alert
from tradewind.surveillance.alerting.files import SCHEMA
from tradewind.surveillance.cases.records import Case, Outcome
from tradewind.surveillance.learning.table import CandidateTable, MarketRecord, Ragged, SchemeTable
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.truth import Planted

if TYPE_CHECKING:
    from tradewind.surveillance.cases.store import CaseStore

WEIGHT: Mapping[Outcome, float] = {
    Outcome.ESCALATED: 1.0,
    Outcome.FALSE_ALARM: 1.0,
    Outcome.NO_ISSUE: 0.5,
    Outcome.INCONCLUSIVE: 0.0,
}
"""How much an outcome says of an alert: what happened for a lawful reason may look like the scheme all the same."""

COLUMNS: Mapping[str, pl.DataType] = {
    "id": pl.String(),
    "scheme": pl.String(),
    "label": pl.Boolean(),
    "weight": pl.Float64(),
    "case": pl.String(),
    "outcome": pl.String(),
    "closed_at": pl.String(),
    "tier": pl.String(),
    "score": pl.Float64(),
    **{name: SCHEMA[name] for name in ("symbol", "accounts", "start", "end", "known_at", "variant", "features")},
}
"""Columns of the table of feedback; ``features`` is a JSON object of numbers."""


def feedback(store: CaseStore) -> pl.DataFrame:
    """Return one row for each alert of a closed case that its outcome speaks of, in the order of cases.

    ``label`` : True where the case was escalated, False where it was a false alarm or no issue, null where it was
    inconclusive; ``weight`` : how much that says (:data:`WEIGHT`). An alert that a later case judged again has the
    label of that one alone.
    """
    from tradewind.surveillance.alerting.files import alerts_table

    judged: dict[str, tuple[Case, Alert]] = {}
    for case in sorted(store.queue(state="closed"), key=lambda c: c.id):
        for alert in store.alerts(case.id):
            if case.proposal is not None and alert.id not in case.proposal.exceptions:
                judged[alert.id] = case, alert
    rows = []
    for case, alert in judged.values():
        outcome = Outcome(str(case.outcome))
        told = alerts_table([alert]).row(0, named=True)
        rows.append(
            {
                "id": alert.id,
                "label": None if outcome is Outcome.INCONCLUSIVE else outcome is Outcome.ESCALATED,
                "weight": WEIGHT[outcome],
                "case": case.id,
                "outcome": outcome.value,
                "closed_at": case.closed_at,
                **{name: told[name] for name in COLUMNS if name in told},
            }
        )
    return pl.DataFrame(rows, schema=dict(COLUMNS), orient="row")


def feedback_table(rows: pl.DataFrame, like: CandidateTable, *, least_weight: float = 0.5) -> CandidateTable:
    """Return feedback in the shape of collected candidates, to be joined with ``like``.

    Cases that share an account, one after another, are one market, so that no fold learns from people it is tested on.
    Its events are not counted: what they were is not known to the cases. Alerts whose features are not the columns of
    ``like``, as those of another version or of foreign files, are left out; so are schemes that ``like`` lacks.

    Parameters
    ----------
    rows : of :func:`feedback`. least_weight : rows that say less are left out.
    """
    kept = rows.filter(pl.col("label").is_not_null() & (pl.col("weight") >= least_weight))
    found = [row for row in kept.iter_rows(named=True) if _fits(row, like)]
    markets = _markets(found)
    names = sorted(set(markets.values()))
    places = {name: number for number, name in enumerate(names)}
    by_market: list[list[dict[str, object]]] = [[] for _ in names]
    for row in found:
        by_market[places[markets[str(row["case"])]]].append(row)
    records = tuple(_record(name, of) for name, of in zip(names, by_market, strict=True))
    schemes = {
        scheme: _scheme(
            part, [(n, row) for n, of in enumerate(by_market) for row in of if row["scheme"] == scheme], records
        )
        for scheme, part in like.schemes.items()
    }
    return CandidateTable(markets=records, schemes=schemes)


def _fits(row: Mapping[str, object], like: CandidateTable) -> bool:
    part = like.schemes.get(Scheme(str(row["scheme"])))
    return part is not None and set(_features(row)) == set(part.names)


def _features(row: Mapping[str, object]) -> dict[str, float]:
    import json

    loaded: dict[str, float | None] = json.loads(str(row["features"]))
    return {name: float("nan") if value is None else value for name, value in loaded.items()}


def _markets(rows: list[dict[str, object]]) -> dict[str, str]:
    """Return for each case the first case that it is tied to by accounts, directly or through others."""
    parent: dict[str, str] = {}

    def root(name: str) -> str:
        while parent.setdefault(name, name) != name:
            name = parent[name]
        return name

    for row in rows:
        case = f"case {row['case']}"
        for account in row["accounts"] if isinstance(row["accounts"], list) else ():
            one, other = sorted((root(case), root(f"to {account}")))
            parent[other] = one
        root(case)
    return {str(row["case"]): root(f"case {row['case']}") for row in rows}


def _record(name: str, rows: list[dict[str, object]]) -> MarketRecord:
    accounts = tuple(dict.fromkeys(a for row in rows for a in _accounts(row)))
    truth = tuple(
        Planted(
            scheme=Scheme(str(row["scheme"])),
            symbol=str(row["symbol"]),
            accounts=_accounts(row),
            start=int(str(row["start"])),
            end=int(str(row["end"])),
        )
        for row in rows
        if row["label"]
    )
    symbols = tuple(dict.fromkeys(str(row["symbol"]) for row in rows))
    return MarketRecord(name=name, symbols=symbols, accounts=accounts, truth=truth, events=0)


def _accounts(row: Mapping[str, object]) -> tuple[str, ...]:
    accounts = row["accounts"]
    return tuple(map(str, accounts)) if isinstance(accounts, list) else ()


def _scheme(
    part: SchemeTable, rows: list[tuple[int, dict[str, object]]], records: tuple[MarketRecord, ...]
) -> SchemeTable:
    def whole(name: str) -> np.ndarray[tuple[int, ...], np.dtype[np.int64]]:
        return np.array([row[name] for _, row in rows], dtype=np.int64)

    values = [[_features(row)[name] for name in part.names] for _, row in rows]
    variants = tuple(dict.fromkeys(str(row["variant"]) for _, row in rows))
    planted = [_planted(records[n], row) for n, row in rows]
    numbers = np.arange(len(rows), dtype=np.int64)
    rule = part.names.index("rule") if "rule" in part.names else None
    table = np.array(values, dtype=np.float32).reshape(len(rows), len(part.names))
    return SchemeTable(
        scheme=part.scheme,
        names=part.names,
        monotone=part.monotone,
        variants=variants,
        values=table,
        rule=np.zeros(len(rows)) if rule is None else table[:, rule].astype(np.float64),
        label=np.array([bool(row["label"]) for _, row in rows], dtype=bool),
        planted=np.array(planted, dtype=np.int64),
        market=np.array([n for n, _ in rows], dtype=np.int64),
        row=numbers,
        known_at=whole("known_at"),
        start=whole("start"),
        end=whole("end"),
        episode=numbers,
        revision=np.zeros(len(rows), dtype=np.int64),
        symbol=np.array([records[n].symbols.index(str(r["symbol"])) for n, r in rows], dtype=np.int32),
        variant=np.array([variants.index(str(row["variant"])) for _, row in rows], dtype=np.int64),
        accounts=Ragged.of([[records[n].accounts.index(a) for a in _accounts(row)] for n, row in rows]),
        evidence=Ragged.of([[] for _ in rows]),
    )


def _planted(record: MarketRecord, row: Mapping[str, object]) -> int:
    """Return the position of an escalated alert in its market's truth; -1 for others."""
    if not row["label"]:
        return -1
    same = (str(row["scheme"]), str(row["symbol"]), _accounts(row), int(str(row["start"])), int(str(row["end"])))
    return next(i for i, p in enumerate(record.truth) if (p.scheme.value, p.symbol, p.accounts, p.start, p.end) == same)
