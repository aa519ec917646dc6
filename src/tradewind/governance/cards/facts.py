"""Sections that say what a model is: identity, use, data, features, members, complexity, reproduction."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from tradewind.core import UsageError
from tradewind.governance.cards.digest import digest
from tradewind.governance.cards.sources import CardSources
from tradewind.governance.pages import Block, Code, Items, Mark, Notice, Pairs, Section, Table, Text
from tradewind.governance.pages.numbers import count, day, moment, number, text

MISSING = "_missing"
SHOWN_FOLDS = 24


def feature_groups(columns: Iterable[str]) -> dict[str, list[str]]:
    """Return the columns by the group of the feature they are made of; columns of no known feature are "other"."""
    found: dict[str, list[str]] = {}
    for column in columns:
        found.setdefault(_group(column), []).append(column)
    return dict(sorted(found.items(), key=lambda pair: (-len(pair[1]), pair[0])))


def _group(column: str) -> str:
    from tradewind.features import REGISTRY
    from tradewind.training.model import HEAD_COLUMN

    name = column.removesuffix(MISSING)
    if name == HEAD_COLUMN:
        return "sentiment"
    try:
        return str(REGISTRY.get(name).group)
    except UsageError:
        return "other"


def listed(values: Iterable[str], absent: str) -> Block:
    """Return the sentences as a list, or a notice that they are not given."""
    found = tuple(values)
    return Items(found) if found else Notice(absent, "bad")


def identity(sources: CardSources) -> Section:
    """Return who made the model, when, what for, and who answers for it."""
    record, notes = sources.record, sources.notes
    return Section(
        "Identity",
        "identity",
        (
            Pairs(
                (
                    ("Name and version", f"{text(record.get('name'))} / {text(record.get('version'))}"),
                    ("Purpose", text(record.get("purpose"))),
                    ("Use case", text(record.get("use_case"))),
                    ("Risk tier", text(notes.tier)),
                    ("Stage", text(sources.stage)),
                    ("Author", text(record.get("author"))),
                    ("Owner", text(notes.owner)),
                    ("Contact", text(notes.contact)),
                    ("Recorded", moment(record.get("created"))),
                    ("Kind", f"{_member_words(record)}; probability of a rise, expected return and interval"),
                )
            ),
        ),
    )


def _member_words(record: Mapping[str, Any]) -> str:
    settings = record.get("settings") or {}
    members = settings.get("models") or ()
    method = (settings.get("ensemble") or {}).get("method")
    joined = f"Ensemble of {text(members)}" if len(members) > 1 else f"Single model: {text(members)}"
    return f"{joined}, joined by {method}" if method and len(members) > 1 else joined


def use(sources: CardSources) -> Section:
    """Return what the model is for, what it is not for, and who may use it."""
    notes = sources.notes
    return Section(
        "Intended use",
        "use",
        (
            Text("For:"),
            listed(notes.intended_use, "The intended use is not stated."),
            Text("Not for:"),
            listed(notes.out_of_scope, "Uses out of scope are not stated."),
            Text("May be used by:"),
            listed(notes.users, "Who may use it is not stated."),
            Text(f"Whom it can harm: {notes.considerations or 'not stated.'}"),
        ),
    )


def training_data(sources: CardSources) -> Section:
    """Return spans, hashes, symbols, survivorship and the quality of the data."""
    record, notes = sources.record, sources.notes
    data = record.get("data") or {}
    rows: list[tuple[str, str]] = [
        ("Span of the data", f"{day(data.get('first'))} to {day(data.get('last'))}"),
        ("Labels known by", day(record.get("trained_until"))),
        ("Rows learned from", count(record.get("train_rows"))),
        ("Symbols, bars", f"{count(data.get('symbols'))} symbols, {count(data.get('bars'))} bars"),
        ("News items", count(data.get("items"))),
        ("Hash of the prices", text(data.get("panel"))),
        ("Hash of the news", text(data.get("news"))),
    ]
    for flag, file in (record.get("inputs") or {}).items():
        if isinstance(file, Mapping):
            rows.append((f"File: {flag}", f"{text(file.get('path'))}, SHA-256 {text(file.get('sha256'))}"))
    blocks: list[Block] = [Pairs(tuple(rows))]
    if notes.survivorship:
        blocks.append(Notice(f"Survivorship: {notes.survivorship}", "warn"))
    else:
        blocks.append(Notice("Survivorship of the symbols is not stated.", "bad"))
    if sources.quality:
        blocks += [Text("Quality of the data, as checked before training:"), digest(_quality(sources.quality))]
    else:
        blocks.append(Notice("Quality of the data: not assessed.", "warn"))
    return Section("Training data", "training-data", tuple(blocks))


def _quality(report: Mapping[str, Any]) -> dict[str, Any]:
    """Return the figures of a quality report that fit a card: findings by kind and the weakest symbols."""
    symbols = [one for one in report.get("symbols") or () if isinstance(one, Mapping) and "score" in one]
    weakest = sorted(symbols, key=lambda one: float(one["score"]))[:3]
    kept = {key: value for key, value in report.items() if key not in {"symbols", "events"}}
    if weakest:
        kept["weakest symbols"] = [f"{one.get('symbol')} ({one['score']})" for one in weakest]
    return kept


def features(sources: CardSources) -> Section:
    """Return the columns by group, the members with their weights, the seeds and the folds."""
    record = sources.record
    columns = tuple(record.get("features") or ())
    groups = feature_groups(columns)
    grouped = tuple((name, count(len(found)), ", ".join(found)) for name, found in groups.items())
    folds = tuple(record.get("folds") or ())
    weights = dict((folds[-1].get("weights") if folds else None) or {})
    members = tuple((record.get("settings") or {}).get("models") or ())
    blocks: list[Block] = [
        Text(f"{len(columns)} columns in {len(groups)} groups; {_member_words(record)}."),
        Table(("group", "columns", "names"), tuple((g, n, names) for g, n, names in grouped), left=3),
        Table(
            ("member", "weight in the last fold"),
            tuple((name, number(weights.get(name))) for name in members),
            note="" if weights else "No fold is recorded, so no weight is known.",
        ),
        Pairs((("Seeds", text([f"{k}: {v}" for k, v in (record.get("seeds") or {}).items()])),)),
        _folds(folds),
    ]
    return Section("Features, members, folds", "features", tuple(blocks))


def _folds(folds: tuple[Mapping[str, Any], ...]) -> Block:
    if not folds:
        return Notice("No fold is recorded: how the figures were earned out of sample cannot be seen.", "bad")
    shown = folds[-SHOWN_FOLDS:]
    note = (
        f"The last {len(shown)} of {len(folds)} folds." if len(folds) > len(shown) else "Labels end before each test."
    )
    return Table(
        ("learned from", "until", "tested from", "until", "rows learned", "rows tested"),
        tuple(
            (
                day(fold.get("train_start")),
                day(fold.get("train_end")),
                day(fold.get("test_start")),
                day(fold.get("test_end")),
                count(fold.get("train_rows")),
                count(fold.get("test_rows")),
            )
            for fold in shown
        ),
        left=4,
        note=note,
    )


def complexity(sources: CardSources) -> Section:
    """Return how large the model is, beside the budget of its use case."""
    record = sources.record
    size, budget = record.get("complexity") or {}, record.get("budget") or {}
    blocks: list[Block] = [digest(size)] if size else [Notice("The complexity is not recorded.", "bad")]
    lines = budget.get("lines")
    if lines:
        rows = tuple(
            (text(line.get("name")).replace("_", " "), text(line.get("words")), _passed(line.get("passed")))
            for line in lines
        )
        note = f"The budget of the use case {text(budget.get('use_case'))} (id {text(budget.get('budget_id'))})."
        blocks.append(Table(("limit", "measured against the budget", "holds"), rows, left=2, note=note))
    elif budget:
        blocks += [Text("Against the budget of its use case:"), digest(budget)]
    else:
        blocks.append(Notice("No complexity budget was checked.", "bad"))
    return Section("Complexity", "complexity", tuple(blocks))


def _passed(value: Any) -> Mark:
    return Mark("yes", "good") if value is True else Mark("no", "bad")


def reproduction(sources: CardSources) -> Section:
    """Return the command that rebuilds the model, and the hashes it must meet."""
    record = sources.record
    environment, code = record.get("environment") or {}, record.get("code") or {}
    return Section(
        "Reproduction",
        "reproduction",
        (
            Code(f"tradewind reproduce {text(record.get('name'))}/{text(record.get('version'))}"),
            Text(
                "It reads the record, checks the hashes of the files, trains again and compares the sample forecasts."
            ),
            Pairs(
                (
                    ("Hash of the model", text(record.get("model_sha256"))),
                    ("Hash of the sample forecasts", text(record.get("forecasts_sha256"))),
                    ("Id of the settings", text(record.get("settings_id"))),
                    ("Hash of the environment", text(environment.get("lock_sha256"))),
                    ("Code", text([f"{name} {value}" for name, value in code.items()])),
                    ("Tracked run", text(record.get("run"))),
                )
            ),
        ),
    )
