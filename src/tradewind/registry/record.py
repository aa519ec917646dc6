"""The record of a model: everything needed to say what it is, to rebuild it, and to answer for it."""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, Self

from tradewind.core import InputError
from tradewind.core.plain import finite

FORMAT = 1
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
OPTIONAL = frozenset({"explanation", "fairness", "run", "train_end", "budget"})
"""Fields that a complete record may leave empty; the registry fills the budget in."""
DATA = ("panel", "symbols", "bars", "first", "last")
METRICS = ("accuracy", "mcc", "brier", "ic", "n", "verdict", "models")
CODE = ("tradewind", "source", "python")


@dataclass(frozen=True, kw_only=True)
class ModelRecord:
    """What is known of one version of a model; JSON-ready, and the base of its card.

    Attributes
    ----------
    name, version : lower-case name in the registry, and its version (0: not registered yet).
    author, created : who trained it, and when the record was made (UTC, ISO 8601).
    use_case, purpose : name of its complexity budget (such as ``daily``), and what it is for, in words.
    data : ``panel`` and ``news`` content hashes, ``symbols``, ``bars``, ``items``, ``first`` and ``last`` day.
    inputs : by flag (``prices``, ``news``, ``universe``, ``fear``) the file's ``path`` and ``sha256``.
    features : columns the members see.
    settings, settings_id : the whole TrainingSettings, and its id.
    code : version of Tradewind, hash of its ``source``, Python and the engines.
    environment : ``lock_sha256`` over every installed distribution, ``packages`` that decide a forecast, machine.
    seeds : seed of everything random, by part.
    folds : FoldRecord mappings of the evaluation.
    metrics : what metrics.json says of the forecasts out of sample.
    complexity : ``members``, ``trees``, ``parameters``, ``depth``, ``features``, ``size_bytes``, ``fit_seconds``,
        ``predict_ms`` (milliseconds per row).
    budget : the complexity budget's report, line by line.
    train_end : last day whose labels could be used (None: all there were); ``trained_until`` the last that was.
    train_rows : rows it was fitted on; ``rows_id`` their hash.
    run : id of the tracked run that made it, None where it was not tracked.
    files : SHA-256 of each file of the model folder, by relative path; ``model_sha256`` is the hash over them.
    forecasts : sample forecasts with the row each belongs to, which a rebuilt model must give again.
    limitations : what it must not be used for, and where it is weak.
    explanation, fairness : summaries by other packages, as plain mappings; None where not made.
    """

    name: str
    version: int = 0
    author: str
    created: str
    use_case: str
    purpose: str
    data: dict[str, Any]
    inputs: dict[str, Any]
    features: tuple[str, ...]
    settings: dict[str, Any]
    settings_id: str
    code: dict[str, Any]
    environment: dict[str, Any]
    seeds: dict[str, int]
    folds: tuple[dict[str, Any], ...] = ()
    metrics: dict[str, Any] = field(default_factory=dict)
    complexity: dict[str, Any] = field(default_factory=dict)
    budget: dict[str, Any] = field(default_factory=dict)
    train_end: str | None = None
    trained_until: str = ""
    train_rows: int = 0
    rows_id: str = ""
    run: str | None = None
    files: dict[str, str] = field(default_factory=dict)
    model_sha256: str = ""
    forecasts: dict[str, list[Any]] = field(default_factory=dict)
    forecasts_sha256: str = ""
    limitations: tuple[str, ...] = ()
    explanation: dict[str, Any] | None = None
    fairness: dict[str, Any] | None = None

    def __post_init__(self) -> None:
        """Refuse a name that cannot be a folder's name on every system."""
        if not NAME.fullmatch(self.name):
            raise InputError(
                f"{self.name!r} cannot be a model's name",
                field="name",
                fix="use up to 64 lower-case letters, digits, '-' and '_', beginning with a letter or digit",
            )

    @property
    def reference(self) -> str:
        """``NAME/VERSION``, as commands take it."""
        return f"{self.name}/{self.version}"

    def missing(self) -> list[str]:
        """Return the fields that are empty, parts of them as ``field.part``; empty when the record is complete."""
        found = [name for name in (f.name for f in fields(self)) if name not in OPTIONAL | {"version"}]
        gaps = [name for name in found if getattr(self, name) in ("", 0, (), [], {}, None)]
        for name, parts in (("data", DATA), ("metrics", METRICS), ("code", CODE)):
            held: Mapping[str, Any] = getattr(self, name)
            gaps += [f"{name}.{part}" for part in parts if held and held.get(part) is None]
        if self.inputs and not (self.inputs.get("prices") or {}).get("sha256"):
            gaps.append("inputs.prices")
        if self.environment and not self.environment.get("lock_sha256"):
            gaps.append("environment.lock_sha256")
        return gaps

    def with_(self, **changes: Any) -> Self:
        """Return the record with ``changes`` in place of what it holds.

        Raises
        ------
        InputError : a change names no field.
        """
        unknown = sorted(changes.keys() - {f.name for f in fields(self)})
        if unknown:
            raise InputError(
                f"a model's record has no field {unknown[0]!r}", fix=f"choose from {', '.join(_names(type(self)))}"
            )
        return dataclasses.replace(self, **changes)

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping; NaN and infinities become None."""
        content: dict[str, Any] = finite(dataclasses.asdict(self))
        return {"format": FORMAT, **content}

    def to_json(self) -> str:
        """Return the record as JSON, keys sorted: equal records give equal text."""
        return json.dumps(self.to_dict(), indent=1, sort_keys=True, allow_nan=False, default=str) + "\n"

    @classmethod
    def from_dict(cls, content: Mapping[str, Any]) -> Self:
        """Return the record that :meth:`to_dict` described.

        Raises
        ------
        InputError : another format, an unknown field, or one that must be there and is not.
        """
        values = dict(content)
        if values.pop("format", None) != FORMAT:
            raise InputError(
                f"is no model record of format {FORMAT}", field="format", fix="register the model with this version"
            )
        unknown = sorted(values.keys() - set(_names(cls)))
        if unknown:
            raise InputError("is no field of a model record", field=unknown[0], fix="leave it out")
        for name in ("features", "folds", "limitations"):
            if name in values:
                values[name] = tuple(values[name])
        try:
            return cls(**values)
        except TypeError as error:
            raise InputError(f"is not a whole model record ({error})", fix="register the model again") from error

    @classmethod
    def from_json(cls, text: str, path: str | Path) -> Self:
        """Return the record in ``text``, which stands in ``path``; InputError names what is wrong with it."""
        try:
            content = json.loads(text)
        except ValueError as error:
            raise InputError("is not valid JSON", file=path, fix="restore the file from a copy") from error
        if not isinstance(content, dict):
            raise InputError("is not a model record", file=path, fix="give a model's record as JSON")
        return cls.from_dict(content)


def _names(record: type[ModelRecord]) -> tuple[str, ...]:
    return tuple(f.name for f in fields(record))
