"""The rule of agreement that was learned with a student."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tradewind.serving.rollout.shadow import AgreementRule


def learned_rule(about: Mapping[str, Any], otherwise: AgreementRule) -> AgreementRule:
    """Return the rule in a student's manifest, which distillation learned on rows kept for it.

    Parameters
    ----------
    about : ``LoadedModel.about`` of the student.
    otherwise : taken where the manifest holds none.
    """
    found = (about.get("student") or {}).get("agreement")
    if not found or not float(found["limit"]) > 0.0:
        return otherwise
    return AgreementRule(gap=None, log_odds=float(found["limit"]), near=otherwise.near)
