"""Pages of the command line, from the commands themselves: one page a command of the first level."""

from __future__ import annotations

import inspect
import re
from collections.abc import Iterator
from typing import Literal, get_args, get_origin

import typer.main
from typer.core import TyperArgument, TyperCommand, TyperGroup, TyperOption

from tradewind.cli.main import PANELS, app

Command = TyperCommand | TyperGroup

HEAD = """# Commands

Made from the commands themselves. `tradewind COMMAND --help` prints the same, with fewer words a line. Every command
that prints a table takes `--json`; the exit code is 0 when a command did what it was asked, 1 when a comparison that it
was asked for fails, 2 when its input cannot be used, with one line that says what to do.
"""


def escaped(text: str) -> str:
    """Return ``text`` for a cell of a table."""
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")


def plain(text: str | None) -> str:
    """Return a help text without the marks of the terminal's own formatting."""
    return re.sub(
        r"\[/?(?:bold|dim|italic|cyan|green|red|yellow)\]", "", inspect.cleandoc(text or "").replace("\f", "")
    )


def examples(epilog: str | None) -> str:
    """Return a command's examples as blocks of commands between their words."""
    lines: list[str] = []
    for line in plain(epilog).splitlines():
        text = line.strip()
        if text.lower() in {"examples", "example"}:
            lines.append("**Examples**")
        elif line.startswith("  ") or text.startswith("tradewind "):
            lines.append("    " + text)
        else:
            lines.append(text)
    parts: list[str] = []
    for line in lines:  # a blank line where commands begin and end, as Markdown asks for
        if parts and parts[-1] and line and line.startswith("    ") != parts[-1].startswith("    "):
            parts.append("")
        parts.append(line)
    return "\n".join(parts)


def default_of(option: TyperOption) -> str:
    """Return the default as a person writes it; empty where there is none worth telling."""
    value = option.default
    if callable(value) or value is None or value is False or value == () or "UNSET" in repr(value).upper():
        return ""
    return f"`{value}`"


def kind_of(annotation: object) -> str:
    """Return a type as a person reads it: its name, or the values there are to choose from."""
    if get_origin(annotation) is Literal:
        return "|".join(map(str, get_args(annotation)))
    return getattr(annotation, "__name__", str(annotation))


def parameters(command: Command) -> Iterator[str]:
    """Yield the tables of arguments and options."""
    arguments = [one for one in command.params if isinstance(one, TyperArgument)]
    options = [one for one in command.params if isinstance(one, TyperOption) and not one.hidden and one.name != "help"]
    if arguments:
        yield "\n| argument | meaning |\n| --- | --- |\n"
        for one in arguments:
            name = one.metavar or str(one.name).upper()
            need = "" if one.required else " (may be left out)"
            yield f"| `{escaped(name)}` | {escaped(plain(getattr(one, 'help', '')))}{need} |\n"
    if options:
        yield "\n| option | takes | meaning | default |\n| --- | --- | --- | --- |\n"
        for one in options:
            names = ", ".join(f"`{name}`" for name in (*one.opts, *one.secondary_opts))
            takes = "" if one.is_flag else f"`{one.metavar or kind_of(one.type_descriptor.annotation)}`"
            words = escaped(plain(getattr(one, "help", "")))
            variable = getattr(one, "envvar", None)
            words += f" (variable `{variable}`)" if isinstance(variable, str) else ""
            words += " **Required.**" if one.required else ""
            yield f"| {names} | {escaped(takes)} | {words} | {escaped(default_of(one))} |\n"


def section(command: Command, path: str, level: int) -> Iterator[str]:
    """Yield the text of a command and of those below it."""
    yield f"\n{'#' * level} {path}\n\n{plain(command.help).replace('<', '&lt;')}\n"
    yield from parameters(command)
    if command.epilog:
        yield f"\n{examples(command.epilog)}\n"
    if isinstance(command, TyperGroup):
        for name, one in command.commands.items():
            yield from section(one, f"{path} {name}", level + 1)


def panel_of(command: Command) -> str:
    """Return the heading under which the command is listed."""
    return str(getattr(command, "rich_help_panel", None) or "Other")


def command_pages() -> dict[str, str]:
    """Return path below ``reference/`` -> text of the page."""
    root = typer.main.get_command(app)
    assert isinstance(root, TyperGroup)
    pages: dict[str, str] = {}
    index = [HEAD]
    listed: dict[str, list[tuple[str, Command]]] = {name: [] for name in PANELS}
    for name, command in root.commands.items():
        listed.setdefault(panel_of(command), []).append((name, command))
        pages[f"cli/{name}.md"] = "".join(section(command, f"tradewind {name}", 1)).lstrip()
    for panel, commands in listed.items():
        if not commands:
            continue
        index.append(f"\n## {panel}\n\n| command | does |\n| --- | --- |\n")
        for name, command in commands:
            words = escaped(plain(command.help).split("\n\n")[0])
            index.append(f"| [`{name}`](cli/{name}.md) | {words} |\n")
    pages["cli.md"] = "".join(index)
    return pages
