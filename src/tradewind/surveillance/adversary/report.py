"""How robust a model is, as numbers (``robustness.json``) and as a page (``robustness.html``)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from tradewind.core.files import write_json_file, write_text
from tradewind.core.page import render
from tradewind.core.plain import finite
from tradewind.evaluation.report.drawing import standalone
from tradewind.surveillance.adversary.evasive_set import EvasiveSet
from tradewind.surveillance.adversary.perturbation import Perturbation
from tradewind.surveillance.adversary.pictures import fall_svg, trade_off_svg
from tradewind.surveillance.adversary.sight import Recall
from tradewind.surveillance.evaluation.scores import SurveillanceEvaluation
from tradewind.surveillance.schemes import Scheme

REPORT_FILE, PAGE_FILE = "robustness.json", "robustness.html"
FALL_FILE, TRADE_OFF_FILE = "recall_by_evasiveness.svg", "suspicion_by_effect.svg"
SETS_FOLDER = "evasive"


@dataclass(frozen=True, kw_only=True)
class Step:
    """A point between ordinary play (0) and the least suspicious evasion (1), on markets of its own.

    ``effect`` is told where ordinary play achieves 1.
    """

    evasiveness: float
    recall: Recall
    effect: float


@dataclass(frozen=True, kw_only=True)
class SchemeRobustness:
    """How the model stands up to one scheme played slyly.

    Attributes
    ----------
    bar : least score of an alert; above 1 the model is silent about the scheme, and nothing needs to be evaded.
    search : what the search found.
    path : recall on the way from ordinary play to the least suspicious evasion; empty where none was found.
    perturbation : what moving single columns does to alerts of ordinary play.
    """

    bar: float
    search: EvasiveSet
    path: tuple[Step, ...]
    perturbation: Perturbation

    def to_dict(self) -> dict[str, Any]:
        """Return plain values."""
        return {
            "bar": self.bar,
            "silent": self.bar >= 1.0,
            "search": self.search.to_dict(),
            "trade_off": [asdict(trial) for trial in self.search.front()],
            "path": [
                {"evasiveness": step.evasiveness, "effect": step.effect, **step.recall.to_dict()} for step in self.path
            ],
            "perturbation": asdict(self.perturbation),
        }


@dataclass(frozen=True, kw_only=True, eq=False)
class RobustnessReport:
    """What a red team found.

    Attributes
    ----------
    model : id of the model.
    seed, budget : of the search; ``budget`` points for each scheme.
    schemes : by scheme.
    variants : alerts on markets of strangers in which every episode is a sly variant drawn at random.
    """

    model: str
    seed: int
    budget: int
    schemes: Mapping[Scheme, SchemeRobustness]
    variants: SurveillanceEvaluation

    def to_dict(self) -> dict[str, Any]:
        """Return plain values, NaN as None."""
        plain: dict[str, Any] = finite(
            {
                "model": self.model,
                "seed": self.seed,
                "budget": self.budget,
                "schemes": {scheme.value: one.to_dict() for scheme, one in self.schemes.items()},
                "variants": self.variants.to_dict(),
            }
        )
        return plain

    def rows(self) -> list[dict[str, Any]]:
        """Return one line of a table for each scheme."""
        found = []
        for scheme, one in self.schemes.items():
            evasive, sly = one.search, self.variants.schemes.get(scheme)
            found.append(
                {
                    "scheme": scheme.label,
                    "silent": "yes" if one.bar >= 1.0 else "",
                    "ordinary": words(evasive.ordinary),
                    "sly variants": "–" if sly is None else f"{sly.found} of {sly.planted}",
                    "searched evasions": words(evasive.recall),
                    "effect": f"{evasive.evasions[0].effect:.2f}" if evasive.evasions else "–",
                    "fragile": _percent(one.perturbation.fragile),
                }
            )
        return found

    def write(self, folder: Path) -> Path:
        """Write the report, its page, its pictures and every evasive set into ``folder``; return the page's path.

        Raises
        ------
        OutputError : the folder cannot be made or written.
        """
        write_json_file(folder / REPORT_FILE, self.to_dict())
        for scheme, one in self.schemes.items():
            one.search.write(folder / SETS_FOLDER / f"{scheme}.json")
        fall, trade_off = self._pictures()
        write_text(folder / FALL_FILE, standalone(fall))
        write_text(folder / TRADE_OFF_FILE, standalone(trade_off))
        return write_text(folder / PAGE_FILE, self._page(fall, trade_off))

    def _pictures(self) -> tuple[str, str]:
        falls = {
            scheme: [(step.evasiveness, step.recall.interval) for step in one.path]
            for scheme, one in self.schemes.items()
        }
        fronts = {
            scheme: [(trial.effect, trial.suspicion) for trial in one.search.front()]
            for scheme, one in self.schemes.items()
        }
        return fall_svg(falls), trade_off_svg(fronts)

    def _page(self, fall: str, trade_off: str) -> str:
        return render(
            "tradewind.surveillance.adversary",
            "robustness.html.j2",
            report=self,
            rows=self.rows(),
            fall=fall,
            trade_off=trade_off,
            words=words,
        )


def words(recall: Recall) -> str:
    """Return a recall with its interval and the numbers it comes from."""
    if not sum(recall.deeds):
        return "–"
    bounds = recall.interval
    share = f"{bounds.value:.0%} ({bounds.lower:.0%}–{bounds.upper:.0%})"
    return f"{share}, {sum(recall.found)} of {sum(recall.deeds)}"


def _percent(value: float) -> str:
    return "–" if value != value else f"{value:.0%}"  # NaN alone differs from itself
