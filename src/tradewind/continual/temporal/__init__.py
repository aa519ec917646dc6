"""Temporal ensembles: a member for each period, trusted by likeness and by what it earned."""

from tradewind.continual.temporal.learner import Member, TemporalEnsemble, TemporalSettings
from tradewind.continual.temporal.members import ForecasterMember

__all__ = ["ForecasterMember", "Member", "TemporalEnsemble", "TemporalSettings"]
