"""How deep a query is and how many aliases it has, found in one pass over it.

A fragment is measured once, however often it is spread. Measuring every spread anew would take 2^n steps for n
fragments of two spreads each: a query of a kilobyte would hold the server for hours.
"""

from __future__ import annotations

from typing import NamedTuple

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    OperationDefinitionNode,
    SelectionSetNode,
    ValidationContext,
    ValidationRule,
)
from strawberry.extensions import AddValidationRules


class Size(NamedTuple):
    """``depth`` : selections within each other; those of introspection count as none. ``aliases`` : after expansion."""

    depth: int
    aliases: int


class _Sizes:
    """Sizes of the fragments of a document, each measured at its first spread."""

    def __init__(self, document: DocumentNode) -> None:
        definitions = document.definitions
        self._fragments = {d.name.value: d for d in definitions if isinstance(d, FragmentDefinitionNode)}
        self._known: dict[str, Size] = {}

    def of(self, selections: SelectionSetNode | None) -> Size:
        """Return the size of what is selected."""
        depth = aliases = 0
        for node in selections.selections if selections else ():
            if isinstance(node, FragmentSpreadNode):
                size = self._fragment(node.name.value)
            elif isinstance(node, FieldNode):
                inner = self.of(node.selection_set)
                deeper = node.selection_set is not None and not node.name.value.startswith("__")
                size = Size(inner.depth + 1 if deeper else 0, inner.aliases + (node.alias is not None))
            else:  # an inline fragment
                size = self.of(getattr(node, "selection_set", None))
            depth, aliases = max(depth, size.depth), aliases + size.aliases
        return Size(depth, aliases)

    def _fragment(self, name: str) -> Size:
        if name not in self._known:
            self._known[name] = Size(0, 0)  # spread within itself, or unknown: other rules refuse it
            found = self._fragments.get(name)
            if found is not None:
                self._known[name] = self.of(found.selection_set)
        return self._known[name]


class QuerySizeLimiter(AddValidationRules):
    """Refuses documents with an operation that is nested deeper than ``depth``, or with more than ``aliases``."""

    def __init__(self, *, depth: int, aliases: int) -> None:
        class Limit(ValidationRule):
            def __init__(self, context: ValidationContext) -> None:
                super().__init__(context)
                sizes = _Sizes(context.document)
                operations = [d for d in context.document.definitions if isinstance(d, OperationDefinitionNode)]
                found = [sizes.of(operation.selection_set) for operation in operations]
                if max((size.depth for size in found), default=0) > depth:
                    context.report_error(GraphQLError(f"Nest selections at most {depth} deep."))
                if sum(size.aliases for size in found) > aliases:
                    context.report_error(GraphQLError(f"Use at most {aliases} aliases."))

        super().__init__([Limit])
