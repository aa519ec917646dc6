"""Searching for play that escapes a model, saying how robust it is, and hardening it."""

from tradewind.surveillance.adversary.effect import effect_of, effect_unit
from tradewind.surveillance.adversary.evasive_set import Evasion, EvasiveSet, Trial
from tradewind.surveillance.adversary.field import Field, Played, VenueField
from tradewind.surveillance.adversary.hardening import Hardened, HardeningSettings, harden
from tradewind.surveillance.adversary.perturbation import Perturbation, Shift, perturb
from tradewind.surveillance.adversary.red_team import RedTeamSettings, red_team
from tradewind.surveillance.adversary.report import RobustnessReport, SchemeRobustness
from tradewind.surveillance.adversary.rounds import Measure, Round, decide
from tradewind.surveillance.adversary.search import Search, SearchSettings
from tradewind.surveillance.adversary.sight import Recall, look

__all__ = [
    "Evasion",
    "EvasiveSet",
    "Field",
    "Hardened",
    "HardeningSettings",
    "Measure",
    "Perturbation",
    "Played",
    "Recall",
    "RedTeamSettings",
    "RobustnessReport",
    "Round",
    "SchemeRobustness",
    "Search",
    "SearchSettings",
    "Shift",
    "Trial",
    "VenueField",
    "decide",
    "effect_of",
    "effect_unit",
    "harden",
    "look",
    "perturb",
    "red_team",
]
