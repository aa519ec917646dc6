"""Jobs that are due again and again or are triggered: each run once, whatever restarts and however many run them."""

from tradewind.monitoring.jobs.command import command
from tradewind.monitoring.jobs.job import CancelledError, Job, JobRules, Recurrence, RunContext, Work
from tradewind.monitoring.jobs.scheduler import JobScheduler, JobTick, job_findings
from tradewind.monitoring.jobs.store import JobRun, JobStore

__all__ = [
    "CancelledError",
    "Job",
    "JobRules",
    "JobRun",
    "JobScheduler",
    "JobStore",
    "JobTick",
    "Recurrence",
    "RunContext",
    "Work",
    "command",
    "job_findings",
]
