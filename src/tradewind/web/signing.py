"""Whose key signs: decisions about models and cases bear the signature of the person behind the log-in.

Keys lie on the machine of the dashboard, where ``tradewind models keygen`` puts them: whoever may read that folder can
sign. ``TRADEWIND_KEYS`` names it; without it, ``keys`` in the workspace counts where it is there. Likewise complexity
budgets, to which approvals are held: ``TRADEWIND_BUDGETS``, else ``budgets.toml`` in the workspace, else the built-in.
"""

from __future__ import annotations

import os
from pathlib import Path

from tradewind.registry.budget import Budgets
from tradewind.registry.people import KEYS, Person, keys_folder
from tradewind.web.access import User
from tradewind.web.problems import Problem
from tradewind.web.workspace import Workspace

BUDGETS, BUDGETS_FILE = "TRADEWIND_BUDGETS", "budgets.toml"


def budgets_of(workspace: Workspace) -> Budgets:
    """Return the complexity budgets that versions are held to.

    Raises
    ------
    InputError : the file cannot be read.
    """
    own = workspace.home / BUDGETS_FILE
    named = os.environ.get(BUDGETS) or (own if own.is_file() else None)
    return Budgets.from_toml(named) if named else Budgets()


def keys_of(workspace: Workspace) -> Path:
    """Return the folder of private keys."""
    own = workspace.home / "keys"
    return own if not os.environ.get(KEYS) and own.is_dir() else keys_folder()


def has_key(workspace: Workspace, person: str | None) -> bool:
    """Return whether the key of ``person`` lies on this machine; nothing is opened."""
    return person is not None and (keys_of(workspace) / f"{person}.pem").is_file()


def signer_of(workspace: Workspace, user: User) -> Person:
    """Return the person who signs what ``user`` decides.

    Raises
    ------
    Problem : nobody's key belongs to this log-in, or the key is not on this machine (403).
    InputError : the key cannot be opened, or others can read it.
    """
    if user.person is None:
        raise Problem(
            403,
            "Nobody's key belongs to this log-in",
            "A decision is signed, and no person is named for it.",
            fix=f"tradewind dashboard users add {user.name} --person NAME",
        )
    if not has_key(workspace, user.person):
        raise Problem(
            403,
            "The key is not on this machine",
            f"There is no key of {user.person} in {keys_of(workspace)}.",
            fix=f"tradewind models keygen --person {user.person}",
        )
    return Person.load(keys_of(workspace), user.person)
