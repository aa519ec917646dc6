"""The software a model was made with: every installed distribution as one hash, and those that decide a forecast."""

from __future__ import annotations

import hashlib
import platform
from collections.abc import Mapping
from functools import cache
from importlib.metadata import distributions
from typing import Any

PACKAGES = (
    "numpy", "polars", "pandas", "scipy", "scikit-learn", "numba", "torch", "xgboost-cpu", "xgboost", "lightgbm",
    "catboost", "textblob", "transformers", "exchange-calendars", "pyarrow",
)  # fmt: skip
"""Distributions whose version can change a forecast."""


@cache
def installed() -> Mapping[str, str]:
    """Return the version of every installed distribution by its normalised name."""
    found = {}
    for one in distributions():
        name = one.metadata["Name"]
        if name:  # a half-removed distribution has none
            found[name.lower().replace("_", "-")] = one.version
    return found


def lock_sha256(versions: Mapping[str, str]) -> str:
    """Return the SHA-256 over ``name==version`` lines, sorted."""
    return hashlib.sha256("\n".join(f"{name}=={versions[name]}" for name in sorted(versions)).encode()).hexdigest()


def environment() -> dict[str, Any]:
    """Return this environment: hash of the lock, versions that matter, Python, system, machine and threads.

    The number of threads changes the order of some sums, and with it the last digits of what is fitted.
    """
    from tradewind.models.threads import thread_count

    versions = installed()
    return {
        "lock_sha256": lock_sha256(versions),
        "packages": {name: versions[name] for name in PACKAGES if name in versions},
        "python": platform.python_version(),
        "system": platform.system(),
        "machine": platform.machine(),
        "threads": thread_count(),
    }


def environment_differences(then: Mapping[str, Any], now: Mapping[str, Any]) -> list[str]:
    """Return in words what differs between two environments; the packages that matter by name."""
    found = [
        f"{name} was {then.get(name)}, is {now.get(name)}"
        for name in ("python", "system", "machine", "threads")
        if then.get(name) != now.get(name)
    ]
    old, new = then.get("packages", {}), now.get("packages", {})
    found += [
        f"{name} was {old.get(name, 'not installed')}, is {new.get(name, 'not installed')}"
        for name in sorted(old.keys() | new.keys())
        if old.get(name) != new.get(name)
    ]
    if not found and then.get("lock_sha256") != now.get("lock_sha256"):
        found.append("a distribution differs that no forecast depends on (the lock's hash is another)")
    return found
