"""What `tradewind dashboard` does once its flags are read: furnish, let in, serve."""

from __future__ import annotations

import ipaddress
import os
import webbrowser
from dataclasses import dataclass
from importlib import import_module
from typing import TYPE_CHECKING

from tradewind.cli import show
from tradewind.cli.dashboard_places import needs_web
from tradewind.core import UsageError

if TYPE_CHECKING:
    from tradewind.web.access import AccessStore
    from tradewind.web.workspace import Workspace


@dataclass(frozen=True, kw_only=True)
class Listening:
    """How the dashboard is reached; see the flags."""

    host: str
    port: int
    open_browser: bool
    behind_proxy: bool
    session_hours: float


def run(workspace: Workspace, how: Listening, *, demo: bool) -> None:
    """Serve the dashboard over ``workspace`` until it is told to stop.

    Raises
    ------
    MissingExtraError : what serves it is not installed.
    UsageError : the address cannot be listened on, or is open to others while nobody has a password.
    """
    needs_web()
    from tradewind.web.access import AccessStore
    from tradewind.web.server import listening, serve
    from tradewind.web.settings import DashboardSettings

    settings = DashboardSettings(
        host=how.host, port=how.port, session_hours=how.session_hours, secure_cookies=how.behind_proxy
    )
    access = AccessStore(workspace.store, hours=how.session_hours)
    if demo:
        furnish(workspace)
        _people_of_demo(access)
    _guarded(access, how.host)
    with listening(settings) as held:
        from tradewind.web.app import build_dashboard  # takes seconds: what is wrong with the flags is told before

        app = build_dashboard(workspace, settings)
        port = held.getsockname()[1]
        link = f"http://{_reached(how.host)}:{port}/api/ticket/{access.ticket(_administrator(access))}"
        if how.behind_proxy:
            show.say(f"Serving at {how.host}:{port}; log in at the address of the proxy. Ctrl-C stops it.")
        else:
            show.say(f"Open {link}  (works once, for ten minutes). Ctrl-C stops it.")
        if how.open_browser and not how.behind_proxy:
            held.listen()  # so that the browser finds it, even before the server takes it up
            webbrowser.open(link)
        serve(app, held, behind_proxy=how.behind_proxy)
    show.note("stopped")


def furnish(workspace: Workspace) -> None:
    """Make what the demo shows, part by part; what is there already is left as it is."""
    from tradewind.web.demo import PARTS

    keep = {name: os.environ.get(name) for name in ("TRADEWIND_KEYS", "TRADEWIND_TRACK")}
    os.environ["TRADEWIND_KEYS"] = str(workspace.home / "keys")  # the demo's people do not mingle with your own
    os.environ["TRADEWIND_TRACK"] = "off"
    try:
        with show.LiveProgress() as progress:
            for i, part in enumerate(PARTS):
                progress.update("the demo", i, len(PARTS))
                import_module(f"tradewind.web.demo.{part}").furnish(workspace, progress)
            progress.update("the demo", len(PARTS), len(PARTS))
    finally:
        for name, value in keep.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


def _people_of_demo(access: AccessStore) -> None:
    """Add a person of each role where there is none, and show their passwords, once."""
    from tradewind.web.access.passwords import generated
    from tradewind.web.roles import Role

    there = {user.name for user in access.users()}
    new = [role for role in Role if role.value not in there]
    rows = []
    for role in new:
        password = generated()
        access.add(role.value, frozenset({role}), password=password, person=role.value)
        rows.append({"name": role.value, "password": password})
    if rows:
        show.table(rows, title="People of the demo; the passwords are shown this once", as_json=False)


def _guarded(access: AccessStore, host: str) -> None:
    if not _is_loopback(host) and not any(account.has_password for account in access.accounts()):
        raise UsageError(
            f"{host} is open to other machines, and nobody has a password",
            field="--host",
            fix="tradewind dashboard users add NAME --roles admin",
        )


def _administrator(access: AccessStore) -> str:
    """Return the name of an administrator; the first who starts the dashboard becomes one."""
    from tradewind.web.roles import Role

    found = [user.name for user in access.users() if Role.admin in user.roles]
    if found:
        return found[0]
    return access.add("admin", frozenset({Role.admin}), password=None).name


def _is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name of this machine: others may reach it
        return False


def _reached(host: str) -> str:
    if host in ("0.0.0.0", "::"):
        return "127.0.0.1"
    return f"[{host}]" if ":" in host else host
