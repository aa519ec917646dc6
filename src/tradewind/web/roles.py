"""Who sees what: roles of people, views of the dashboard, and which role opens which view."""

from __future__ import annotations

from enum import StrEnum


class Role(StrEnum):
    """What a person is to the dashboard; one person may have several."""

    executive = "executive"
    analyst = "analyst"
    oncall = "oncall"
    compliance = "compliance"
    surveillance = "surveillance"
    admin = "admin"


class View(StrEnum):
    """A part of the dashboard; its operations lie under ``/api/<view>``."""

    executive = "executive"
    analyst = "analyst"
    oncall = "oncall"
    compliance = "compliance"
    surveillance = "surveillance"


OPENS: dict[View, frozenset[Role]] = {
    View.executive: frozenset(Role),
    View.analyst: frozenset({Role.analyst, Role.admin}),
    View.oncall: frozenset({Role.oncall, Role.admin}),
    View.compliance: frozenset({Role.compliance, Role.admin}),
    View.surveillance: frozenset({Role.surveillance, Role.compliance, Role.admin}),
}
"""The roles that open a view."""


def views_of(roles: frozenset[Role]) -> tuple[View, ...]:
    """Return the views that ``roles`` open, in the order of the menu."""
    return tuple(view for view in View if roles & OPENS[view])
