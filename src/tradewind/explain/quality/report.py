"""Every check of explanation quality in one record."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from tradewind.explain.quality.agreement import ExplanationAgreement
from tradewind.explain.quality.faithfulness import Faithfulness
from tradewind.explain.quality.sanity import PlantedCheck, RandomModelCheck
from tradewind.explain.quality.steadiness import Steadiness


@dataclass(frozen=True, kw_only=True)
class Check:
    """One check: its name, whether it passed, and the finding as a sentence."""

    name: str
    passed: bool
    words: str

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        return {"name": self.name, "passed": self.passed, "words": self.words}


@dataclass(frozen=True, kw_only=True)
class QualityReport:
    """Quality of a way of explaining a model; a check that was not made is None or absent.

    Attributes
    ----------
    faithfulness, steadiness : on the model itself.
    agreements : between ways of explaining it, and with its student.
    random_model : against the model fitted on shuffled labels.
    planted, planted_random : on a simulated market whose rule is known.
    """

    faithfulness: Faithfulness
    steadiness: Steadiness
    agreements: tuple[ExplanationAgreement, ...] = ()
    random_model: RandomModelCheck | None = None
    planted: PlantedCheck | None = None
    planted_random: RandomModelCheck | None = None

    @property
    def checks(self) -> tuple[Check, ...]:
        """The checks that were made."""
        made: list[tuple[str, Any]] = [
            ("faithfulness", self.faithfulness),
            ("stability", self.steadiness),
            *((f"agreement of {one.first} and {one.second}", one) for one in self.agreements),
            ("random model", self.random_model),
            ("planted rule", self.planted),
            ("random model, planted rule", self.planted_random),
        ]
        return tuple(Check(name=name, passed=one.passed, words=one.words) for name, one in made if one is not None)

    @property
    def passed(self) -> bool:
        """Whether every check that was made passed."""
        return all(check.passed for check in self.checks)

    @property
    def verdict(self) -> str:
        """What may be said of the explanations, in words."""
        failed = [check.name for check in self.checks if not check.passed]
        if not failed:
            return f"all {len(self.checks)} checks passed"
        return f"{len(self.checks) - len(failed)} of {len(self.checks)} checks passed; failed: {', '.join(failed)}"

    def to_dict(self) -> dict[str, Any]:
        """Return a JSON-ready mapping."""
        optional = {
            name: None if one is None else one.to_dict()
            for name, one in {
                "random_model": self.random_model,
                "planted": self.planted,
                "planted_random": self.planted_random,
            }.items()
        }
        return {
            "verdict": self.verdict,
            "passed": self.passed,
            "checks": [check.to_dict() for check in self.checks],
            "faithfulness": self.faithfulness.to_dict(),
            "steadiness": self.steadiness.to_dict(),
            "agreements": [one.to_dict() for one in self.agreements],
            **optional,
        }
