"""The frame of every HTML page: one style, light and dark, for screen and paper; a page is one file on its own."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2 import ChoiceLoader, Environment, PackageLoader, StrictUndefined


def render(
    package: str, template: str, *, filters: Mapping[str, Callable[..., str]] | None = None, **values: Any
) -> str:
    """Return the page that ``template`` of ``package`` makes of ``values``.

    A template begins with ``{% extends "frame.html.j2" %}`` and fills the blocks ``title``, ``content`` and, where it
    needs more style, ``style``. Text is escaped; a value that is not given is an error. Filters: ``percent(digits)``,
    ``number(digits)``, ``count`` and ``bounds(digits)`` of a mapping or record with value, lower and upper; what is
    None or NaN is shown as a dash. ``filters`` adds to these or takes their place.
    """
    environment = Environment(
        loader=ChoiceLoader([PackageLoader(package, ""), PackageLoader("tradewind.core.page", "")]),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(
        {"percent": percent, "number": number, "count": count, "bounds": bounds, **(filters or {})}
    )
    return environment.get_template(template).render(**values)


def percent(value: float | None, digits: int = 1) -> str:
    """Return a share as percent."""
    return DASH if _absent(value) else f"{value:.{digits}%}"


def number(value: float | None, digits: int = 3) -> str:
    """Return a number with ``digits`` decimals."""
    return DASH if _absent(value) else f"{value:.{digits}f}"


def count(value: float | None) -> str:
    """Return a whole number with separators."""
    return DASH if _absent(value) else f"{value:,.0f}"


def bounds(interval: Any, digits: int = 3) -> str:
    """Return ``value [lower, upper]`` of an interval (a mapping or a record)."""
    get = interval.get if isinstance(interval, dict) else lambda name: getattr(interval, name)
    value, lower, upper = (get(name) for name in ("value", "lower", "upper"))
    if _absent(lower) or _absent(upper):
        return number(value, digits)
    return f"{number(value, digits)} [{number(lower, digits)}, {number(upper, digits)}]"


DASH = "–"


def _absent(value: float | None) -> bool:
    return value is None or value != value  # NaN alone differs from itself
