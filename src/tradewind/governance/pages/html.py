"""A document as one HTML page that needs no other file and prints well."""

from __future__ import annotations

from functools import cache

import jinja2

from tradewind.governance.pages.blocks import Document, Mark


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.PackageLoader("tradewind.governance.pages", "."),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.tests["mark"] = lambda value: isinstance(value, Mark)
    environment.filters["kind"] = lambda value: type(value).__name__
    return environment.get_template("page.html.j2")


def to_html(document: Document) -> str:
    """Return ``document`` as a self-contained page; every text in it is escaped, only its own drawings are markup."""
    return _template().render(document=document)
