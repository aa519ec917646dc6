"""Where everything lies that the dashboard shows; what is absent is shown as absent, with the command that makes it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tradewind.core.errors import UsageError

STORE = "dashboard.db"


@dataclass(frozen=True, kw_only=True)
class Workspace:
    """The places of one team's work, as the commands fill them; a place need not exist.

    Attributes
    ----------
    home : the folder that the others lie in by default (``.tradewind``).
    projects : a folder for each project: bars, a model, its forecasts and how they did.
    registry, audit : the registry of models and the audit log (a folder, or an address of PostgreSQL).
    serving : state of a running server: its log, deployment, rollout.
    server : address of a running server's API, such as ``http://127.0.0.1:8600``; None: no server is asked.
    alerts : the store of the monitor's alerts. journal, references, drift : what the monitor keeps and compares with.
    cases : the store of suspected manipulation. events : order-book events that cases are replayed from.
    reports : a folder of governance reports.
    """

    home: Path
    projects: Path
    registry: str
    audit: str
    serving: Path
    server: str | None
    alerts: Path
    journal: Path
    references: Path
    drift: Path
    cases: Path
    events: Path
    reports: Path

    @classmethod
    def of(cls, home: str | Path, **places: Path | str | None) -> Workspace:
        """Return the workspace under ``home``; ``places`` name what lies elsewhere, None leaves the default.

        Raises
        ------
        UsageError : ``home`` is a file.
        """
        root = Path(home).expanduser().absolute()
        if root.exists() and not root.is_dir():
            raise UsageError("is not a folder", file=root, fix="name a folder for --home")
        usual: dict[str, Path | str | None] = {
            "projects": root / "projects",
            "registry": str(root / "registry"),
            "audit": str(root / "audit"),
            "serving": root / "serving",
            "server": None,
            "alerts": root / "monitor" / "alerts.db",
            "journal": root / "monitor" / "journal",
            "references": root / "monitor" / "references",
            "drift": root / "monitor" / "drift",
            "cases": root / "surveillance" / "cases.db",
            "events": root / "surveillance" / "events",
            "reports": root / "reports",
        }
        usual.update({name: place for name, place in places.items() if place is not None})
        return cls(home=root, **usual)  # type: ignore[arg-type]

    @property
    def store(self) -> Path:
        """The dashboard's own store: people, sessions, ratings."""
        return self.home / STORE
