"""The page of settings: every class of settings with its fields, and the variables of the environment."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from collections.abc import Iterator

from pydantic_core import PydanticUndefined

import tradewind
from docs_cli import escaped
from tradewind.core import MissingExtraError, Settings

HEAD = """# Settings

Made from the code. A settings file is TOML; unknown keys are refused by name, and `tradewind COMMAND --help` says what
`--settings` reads. In Python every class can be read with `from_toml(path)` and written with
`to_toml()`, and has an `id` that changes when a value does, which every result records.

"""


def all_settings() -> list[type[Settings]]:
    """Import every module of the package and return the classes of settings, by module and name."""
    for found in pkgutil.walk_packages(tradewind.__path__, "tradewind."):
        if found.name.endswith("__main__"):
            continue
        try:
            importlib.import_module(found.name)
        except (ImportError, MissingExtraError) as missing:  # an optional library that is not installed here
            if "No module named" not in str(missing) and not isinstance(missing, MissingExtraError):
                raise
    known: dict[str, type[Settings]] = {}
    waiting = list(Settings.__subclasses__())
    while waiting:
        one = waiting.pop()
        waiting.extend(one.__subclasses__())
        known[f"{one.__module__}.{one.__qualname__}"] = one
    return [known[name] for name in sorted(known) if not known[name].__name__.startswith("_")]


def kind(annotation: object) -> str:
    """Return a type as a reader writes it."""
    text = annotation.__name__ if inspect.isclass(annotation) else str(annotation)
    return re.sub(r"(?:[a-z_]+\.)+([A-Za-z])", r"\1", text).replace("Literal", "one of ")


def meanings(doc: str) -> dict[str, str]:
    """Return field -> meaning, from the section Attributes of a docstring (``a, b : meaning. c : meaning.``)."""
    found: dict[str, str] = {}
    _, _, body = doc.partition("Attributes\n")
    starts = list(
        re.finditer(r"(?:^|(?<=[.;)] ))([a-z_0-9]+(?:, [a-z_0-9]+)*) : ", body.replace("\n", " "), re.MULTILINE)
    )
    flat = body.replace("\n", " ")
    for place, start in enumerate(starts):
        end = starts[place + 1].start() if place + 1 < len(starts) else len(flat)
        for name in start[1].split(", "):
            found[name] = " ".join(flat[start.end() : end].split())
    return found


def default_of(value: object) -> str:
    """Return a default in one short line."""
    if value is PydanticUndefined:
        return "required"
    if isinstance(value, Settings):
        return f"`{type(value).__name__}()`"
    text = repr(getattr(value, "value", value))
    return f"`{escaped(text if len(text) < 80 else text[:76] + ' ...')}`"


def part(settings: type[Settings]) -> Iterator[str]:
    """Yield the section of one class."""
    doc = inspect.getdoc(settings) or ""
    first = doc.split("\n\n")[0].replace("``", "`").replace("<", "&lt;")
    yield f"\n### {settings.__name__}\n\n`{settings.__module__}`. {' '.join(first.split())}\n\n"
    told: dict[str, str] = {}
    for above in reversed(settings.__mro__):  # a field that is inherited is told of where it was declared
        if issubclass(above, Settings):
            told |= meanings(inspect.cleandoc(above.__doc__ or ""))
    if settings.model_fields:
        yield "| key | type | default | meaning |\n| --- | --- | --- | --- |\n"
    for name, field in settings.model_fields.items():
        default = field.get_default(call_default_factory=True) if field.default_factory else field.default
        words = escaped((field.description or told.get(name, "")).replace("``", "`"))
        yield f"| `{name}` | {escaped(kind(field.annotation))} | {default_of(default)} | {words} |\n"


def settings_page() -> str:
    """Return the text of the page."""
    parts, package = [HEAD], ""
    for settings in all_settings():
        if not settings.__module__.startswith("tradewind."):
            continue
        if (here := settings.__module__.split(".")[1]) != package:
            package = here
            parts.append(f"\n## {package}\n")
        parts.extend(part(settings))
    return "".join(parts)
