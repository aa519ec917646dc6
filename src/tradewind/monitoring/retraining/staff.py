"""Who signs the steps of a retraining: keys of separate people or robots, each enrolled by an admin."""

from __future__ import annotations

from dataclasses import dataclass

from tradewind.core import UsageError
from tradewind.registry import Person


@dataclass(frozen=True, kw_only=True)
class Staff:
    """The keys a retrainer holds. Where one is absent, the step waits for a person.

    ``author`` trains, registers and completes the draft; ``validator`` examines it anew; ``approver`` takes
    responsibility; ``operator`` puts it beside the champion, makes it champion, and rolls back.

    Raises
    ------
    UsageError : one person or key stands for two of author, validator and approver, or for author and operator: four
        eyes are not two.
    """

    author: Person
    validator: Person | None = None
    approver: Person | None = None
    operator: Person | None = None

    def __post_init__(self) -> None:
        """Refuse one pair of eyes in two offices."""
        apart = [("author", self.author), ("validator", self.validator), ("approver", self.approver)]
        held = [(office, one) for office, one in apart if one is not None]
        pairs = [(a, b) for i, a in enumerate(held) for b in held[i + 1 :]]
        if self.operator is not None:
            pairs.append((("author", self.author), ("operator", self.operator)))
        for (first, a), (second, b) in pairs:
            if a.name == b.name or a.public == b.public:
                raise UsageError(
                    f"{a.name} cannot be {first} and {second} of a retraining: who trains never approves",
                    field=second,
                    fix="give each office a person or robot of its own, with a key of its own",
                )
