"""Where the last verification of the audit log ended, kept in the workspace apart from the log itself."""

from __future__ import annotations

import json
from pathlib import Path

from tradewind.core.files import read_json, write_text
from tradewind.web.views.compliance.audit_shapes import AuditCheckpoint
from tradewind.web.workspace import Workspace


def read_checkpoint(workspace: Workspace, log: str) -> AuditCheckpoint | None:
    """Return the checkpoint of the log with this id, None where it was not verified here.

    Raises
    ------
    InputError : the file is damaged.
    """
    path = _path(workspace)
    if not path.exists():
        return None
    held = read_json(path, what="the checkpoints of the audit log").get(log)
    return None if held is None else AuditCheckpoint.model_validate(held)


def write_checkpoint(workspace: Workspace, log: str, checkpoint: AuditCheckpoint) -> None:
    """Keep the checkpoint of a log, whole or not at all."""
    path = _path(workspace)
    held = read_json(path, what="the checkpoints of the audit log") if path.exists() else {}
    held = {**held, log: checkpoint.model_dump(mode="json")}
    write_text(path, json.dumps(held, indent=1) + "\n")


def _path(workspace: Workspace) -> Path:
    return workspace.home / "audit-verified.json"
