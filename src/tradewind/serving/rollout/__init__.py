"""Which version answers whom, what it must show to stay, and models that answer beside it."""

from tradewind.serving.rollout.bets import Bets
from tradewind.serving.rollout.days import PairedDay, paired_day
from tradewind.serving.rollout.hooks import Hooks
from tradewind.serving.rollout.learned import learned_rule
from tradewind.serving.rollout.machine import Rollout
from tradewind.serving.rollout.means import BettingInterval, MeanTest, MixtureTest
from tradewind.serving.rollout.proportions import ProportionTest, RatioTest
from tradewind.serving.rollout.review import Disagreement, ReviewList
from tradewind.serving.rollout.router import Router
from tradewind.serving.rollout.settings import Arm, Experiment, Guardrails, Ramp
from tradewind.serving.rollout.shadow import FLAG, AgreementRule, ChallengerShadow, StudentShadow
from tradewind.serving.rollout.traffic import Counts, Meter

__all__ = [
    "FLAG",
    "AgreementRule",
    "Arm",
    "Bets",
    "BettingInterval",
    "ChallengerShadow",
    "Counts",
    "Disagreement",
    "Experiment",
    "Guardrails",
    "Hooks",
    "MeanTest",
    "Meter",
    "MixtureTest",
    "PairedDay",
    "ProportionTest",
    "Ramp",
    "RatioTest",
    "ReviewList",
    "Rollout",
    "Router",
    "StudentShadow",
    "learned_rule",
    "paired_day",
]
