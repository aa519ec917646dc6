"""Acts in words, for a case file and for the history of a case."""

from __future__ import annotations

from collections.abc import Sequence

from tradewind.surveillance.cases.records import Act, Doing


def what(act: Act) -> str:
    """Return what was done in a few words, without who, when and why."""
    alerts = len(act.after.get("alerts", ()))
    words = {
        Doing.OPEN: f"opened by {alerts} alert{'s' if alerts != 1 else ''}",
        Doing.EXTEND: "an alert joined" + (", sent back to review" if "state" in act.after else ""),
        Doing.REVISE: "an alert was told anew" + (", sent back to review" if "state" in act.after else ""),
        Doing.ASSIGN: f"assigned to {act.order.get('analyst', '')}",
        Doing.TAKE: "taken up",
        Doing.NOTE: "noted",
        Doing.ATTACH: f"attached {act.order.get('path', '')}",
        Doing.PROPOSE: f"proposed to close as {str(act.order.get('outcome', '')).replace('_', ' ')}",
        Doing.CONFIRM: f"confirmed, closed as {str(act.after.get('outcome', '')).replace('_', ' ')}",
        Doing.REJECT: "rejected, sent back",
    }
    return words[act.doing]


def decisions(acts: Sequence[Act]) -> list[tuple[str, str, str, str]]:
    """Return when (UTC), who, what and why, act by act: the decisions of a case file."""
    return [
        (
            f"{act.at[:19].replace('T', ' ')} UTC",
            act.by if not act.role else f"{act.by} ({act.role})",
            what(act),
            act.reason or "-",
        )
        for act in acts
    ]
