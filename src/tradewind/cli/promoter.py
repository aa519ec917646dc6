"""The process that makes a version champion once an experiment has shown it: `python -m tradewind.cli.promoter`.

It reads the registry and signs, so that the server itself holds neither.
"""

from __future__ import annotations

import argparse
import json
import sys

from tradewind.cli import show
from tradewind.cli.registry_access import open_registry, signer
from tradewind.cli.resolve import needed_reference
from tradewind.core import TradewindError, UsageError
from tradewind.registry import Stage

LONGEST = 400
"""Characters of evidence in the reason of a decision."""


def promote(given: argparse.Namespace) -> None:
    """Make ``given.model`` champion by a signed decision of ``given.person``; nothing to do where it is already.

    Raises
    ------
    UsageError : it is not approved, or the person may not decide. InputError : there is no such version or key.
    """
    wanted = needed_reference(given.model)
    store = open_registry(given.registry, audit=given.audit)
    version = store.number(wanted.name, wanted.version)
    stage = store.stage(wanted.name, version)
    if stage is Stage.champion:
        return
    if stage is not Stage.approved:
        raise UsageError(
            f"{wanted.name}/{version} is {stage}, and only an approved version is promoted",
            fix="let an approver approve it: tradewind models approve",
        )
    store.move(wanted.name, version, Stage.champion, signer(given.person), given.reason)


def reason_of(facts: str) -> str:
    """Return the reason of the decision: what the experiment has shown."""
    found = json.loads(facts)
    kept = ("experiment", "goal", "metric", "days", "requests", "mean_difference", "goal_p_value")
    shown = ", ".join(f"{name} {found[name]}" for name in kept if name in found)
    return f"the experiment has reached its goal: {shown}"[:LONGEST]


def main(arguments: list[str] | None = None) -> int:
    """Promote, and return the exit code; an expected error is one line."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.cli.promoter", description=__doc__)
    parser.add_argument("--model", required=True, help="NAME/VERSION")
    parser.add_argument("--as", dest="person", required=True, help="whose key signs")
    parser.add_argument(
        "--evidence", dest="reason", type=reason_of, required=True, help="facts of the experiment, JSON"
    )
    parser.add_argument("--registry")
    parser.add_argument("--audit")
    try:
        promote(parser.parse_args(arguments))
    except TradewindError as error:
        show.complain(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
