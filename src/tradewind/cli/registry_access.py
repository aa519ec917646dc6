"""What the commands about registered models share: their flags, the registry with its audit log, and who signs."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from tradewind.registry import Budgets, Decision, ModelRegistry, Person

Registry = Annotated[
    str | None,
    typer.Option(
        "--registry", metavar="DIR|URI", help="The model registry (TRADEWIND_REGISTRY, else .tradewind/registry)."
    ),
]
Audit = Annotated[
    str | None,
    typer.Option(
        "--audit", metavar="PLACE|off", help="Audit log that is told of it (TRADEWIND_AUDIT, else in .tradewind)."
    ),
]
BudgetFile = Annotated[
    Path | None,
    typer.Option("--budgets", metavar="TOML", help="Complexity budgets (TRADEWIND_BUDGETS, else built in)."),
]
As = Annotated[str, typer.Option("--as", metavar="PERSON", help="Who decides, and signs with the key of that name.")]
Reason = Annotated[str, typer.Option("--reason", metavar="TEXT", help="Why, in a sentence; it is kept for good.")]
Model = Annotated[
    str, typer.Argument(metavar="MODEL", help="NAME/VERSION, NAME@champion, NAME@challenger; NAME is its latest.")
]
ExplanationFile = Annotated[
    Path | None,
    typer.Option("--explanation", metavar="FILE", help="importance.json: what the model rests on, for its card."),
]
FairnessFile = Annotated[
    Path | None, typer.Option("--fairness", metavar="FILE", help="fairness.json of `fairness measure`, for its card.")
]
Studied = Annotated[
    str,
    typer.Option(
        "--model",
        metavar="MODEL",
        help="Folder that `train` wrote, or NAME@champion, NAME/3 of the registry.",
    ),
]
Name = Annotated[str, typer.Argument(metavar="NAME", help="Name of the model.")]


def open_registry(flag: str | None, *, audit: str | None = "off", budgets: Path | None = None) -> ModelRegistry:
    """Return the registry; the audit log is told of what is decided before it counts, unless it is off."""
    from tradewind.governance.audit import AuditLog, KeyRing, place_of
    from tradewind.registry import ModelRegistry

    place = place_of(audit)

    def tell(kind: str, body: dict[str, Any]) -> None:
        if place is not None:
            with AuditLog.open(place, key=KeyRing.of_environment()) as log:
                log.append(kind, body)

    return ModelRegistry(flag, budgets=budgets_of(budgets), on_event=tell)


def budgets_of(file: Path | None) -> Budgets:
    """Return the complexity budgets in ``file``, else those in ``TRADEWIND_BUDGETS``, else the built-in ones."""
    import os

    from tradewind.registry import Budgets

    named = file or os.environ.get("TRADEWIND_BUDGETS")
    return Budgets.from_toml(named) if named else Budgets()


def signer(name: str) -> Person:
    """Return the person who signs, with the private key in the keys folder."""
    from tradewind.registry import Person, keys_folder

    return Person.load(keys_folder(), name)


def decided(decision: Decision, words: str, *, as_json: bool) -> None:
    """Print what was decided."""
    from tradewind.cli import show

    if as_json:
        show.print_json({**decision.to_dict(), "hash": decision.hash})
        return
    show.say(f"{words}. Signed by {decision.by} as {decision.role}, {decision.at[:16]} UTC: {decision.reason}")


def logged_decisions(audit: str | None) -> dict[str, set[str]] | None:
    """Return the hashes of the decisions that the audit log holds, by model, and of people's entries under ``""``.

    None where there is no log.
    """
    from tradewind.governance.audit import AuditLog, KeyRing, place_of

    place = place_of(audit)
    if place is None or (not place.remote and not Path(place.database).exists()):
        return None
    found: dict[str, set[str]] = {"": set()}
    with AuditLog.open(place, key=KeyRing.of_environment(), readonly=True) as log:
        for kind in ("decision", "override", "fallback", "enrolment"):
            for body in (entry.body for entry in log.query(kind=kind)):
                if "hash" in body and "signature" in body:
                    found.setdefault(str(body.get("model", "")), set()).add(str(body["hash"]))
    return found


def summaries(explanation: Path | None, fairness: Path | None) -> dict[str, Any]:
    """Return the content of the files that a record keeps for the model's card; a file that was not given is left out.

    Raises
    ------
    InputError : a file cannot be read or holds no JSON object.
    """
    from tradewind.core.files import read_json

    named = {
        "explanation": (explanation, "importance.json of `tradewind importance`"),
        "fairness": (fairness, "fairness.json of `tradewind fairness measure`"),
    }
    return {key: read_json(path, what=what) for key, (path, what) in named.items() if path is not None}
