"""The people of `tradewind models`: their keys and their roles."""

from __future__ import annotations

from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Audit, Registry

KEYGEN = """[bold]Examples[/bold]

The first person is an admin, who enrols the others:

  tradewind models keygen --person grace --roles admin

  tradewind models keygen --person ada --roles author --admin grace

On the machine of somebody else; the admin then enrols the public key it prints:

  tradewind models keygen --person vera

  tradewind models people --add vera --roles validator --key ed25519:... --admin grace
"""
PEOPLE = """[bold]Examples[/bold]

  tradewind models people

  tradewind models people --add vera --roles validator,approver --key ed25519:... --admin grace

  tradewind models people --end vera --admin grace
"""
Roles = Annotated[
    str | None,
    typer.Option(
        "--roles", metavar="NAMES", help="author, validator, approver, operator, admin, analyst, supervisor; commas."
    ),
]
Admin = Annotated[str | None, typer.Option("--admin", metavar="PERSON", help="The admin who signs for it.")]


def add_to(group: typer.Typer) -> None:
    """Add the commands to ``group``."""
    group.command("keygen", epilog=KEYGEN)(keygen)
    group.command("people", epilog=PEOPLE)(people)


def keygen(
    person: Annotated[str, typer.Option("--person", metavar="NAME", help="Whose key it will be.")],
    roles: Roles = None,
    admin: Admin = None,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """Make a person's private key, for the owner's eyes alone, and enrol the public one where --roles are given.

    Keys lie in TRADEWIND_KEYS (~/.config/tradewind/keys); with TRADEWIND_KEY_PASSWORD set they are encrypted.
    """
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry, signer
    from tradewind.registry import Person, keys_folder

    wanted = options.names(roles, "--roles") if roles else ()
    made = Person.generate(person)
    by = signer(admin) if admin else made
    store = open_registry(registry, audit=audit)
    if wanted:
        store.people().enrolled(person, wanted, made.public, by=by)  # refused before a key is written
    path = made.save(keys_folder())
    if wanted:
        store.enrol(person, wanted, made.public, by)
    if as_json:
        show.print_json({"person": person, "public_key": made.public, "private_key_file": str(path), "roles": wanted})
        return
    show.say(f"Wrote the private key to {path}: keep it to yourself")
    show.say(f"Public key: {made.public}")
    if wanted:
        show.say(f"Enrolled {person} as {', '.join(wanted)} in {store.people_path}")
    else:
        show.say("Let an admin enrol it with `tradewind models people --add`")


def people(
    add: Annotated[str | None, typer.Option("--add", metavar="NAME", help="Enrol a person, or give new roles.")] = None,
    end: Annotated[str | None, typer.Option("--end", metavar="NAME", help="Take all roles of a person away.")] = None,
    roles: Roles = None,
    key: Annotated[
        str | None, typer.Option("--key", metavar="KEY", help="Public key; the enrolled one if absent.")
    ] = None,
    admin: Admin = None,
    registry: Registry = None,
    audit: Audit = None,
    as_json: options.Json = False,
) -> None:
    """List who may decide about models and in which role; with --add or --end an admin changes that."""
    from tradewind.cli import show
    from tradewind.cli.registry_access import open_registry, signer
    from tradewind.core import UsageError

    store = open_registry(registry, audit=audit)
    name = add or end
    if name is not None:
        if (add and end) or admin is None or (add and not roles):
            raise UsageError(
                "a change of people takes --add with --roles, or --end, and --admin", fix="see the examples in --help"
            )
        known = store.people().of(name)
        public = key or (known.key if known else None)
        if public is None:
            raise UsageError(f"{name} has no public key yet", fix="give --key, as `tradewind models keygen` printed it")
        store.enrol(name, options.names(roles, "--roles") if add and roles else (), public, signer(admin))
    rows = store.people().to_dicts()
    if not rows and not as_json:
        show.say(f"Nobody is enrolled in {store.people_path}: begin with `tradewind models keygen --roles admin`")
        return
    shown = rows if as_json else [{**row, "roles": ", ".join(row["roles"]), "since": row["since"][:16]} for row in rows]
    show.table(shown, title=f"People in {store.people_path}", as_json=as_json)
