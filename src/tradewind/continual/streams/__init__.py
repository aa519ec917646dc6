"""Streams of tasks on which continual learners are judged: simulated regimes and periods of a real market."""

from tradewind.continual.streams.periods import KDD17_PERIODS, Period, equal_periods, period_stream
from tradewind.continual.streams.simulated import SimulatedStreamSettings, simulated_stream
from tradewind.continual.streams.task import Task, TaskStream, experience_of, split_task

__all__ = [
    "KDD17_PERIODS",
    "Period",
    "SimulatedStreamSettings",
    "Task",
    "TaskStream",
    "equal_periods",
    "experience_of",
    "period_stream",
    "simulated_stream",
    "split_task",
]
