"""Every command on a page is run by a test as the page shows it, or stands in the list below with the reason.

Run are the ``console`` blocks of tutorials, tasks, explanations and handbooks (test_docs_console.py), and the blocks of
Python on every page (test_docs_python.py). That every other command and flag exists is checked, too.
"""

from __future__ import annotations

from collections.abc import Iterator

from docs_pages import ROOT, Block, blocks_of, pages

PLAYED = {"tutorial", "how-to", "explanation", "handbooks"}
PROGRAMS = {"*/15", "curl", "docker", "git", "kubectl", "make", "mv", "openssl", "pip", "python", "tradewind"}

CI, CLUSTER, HOURS = "the steps of CI itself", "needs what no test may count on", "takes an hour or more"
NOT_RUN = {
    "CONTRIBUTING.md": ("make setup", CI),
    "README.md": ("make demo", f"{CI}; tests/cli/test_demo.py runs the demo"),
    "docs/alerts.md": ("alerts list", "tests/monitoring/alerts/test_alert_command.py runs it on alerts of its own"),
    "docs/api.md": ("curl -i", "prices of a feed at one moment; tests/serving/api asks for each over a real port"),
    "docs/audit.md": ("export", "keys in a place of the reader's; tests/cli/test_audit.py runs each"),
    "docs/benchmarks.md": ("evaluate", f"{HOURS}, on research data"),
    "docs/chaos.md": (
        "benchmarks/chaos.py",
        "minutes; tests/acceptance/test_serving_faults.py plays its scenarios small",
    ),
    "docs/deploy.md": ("docker", f"{CLUSTER}: images and a cluster; tests/deploy checks what they are made of"),
    "docs/diagnosis.md": ("diagnose", "a month of a monitor; tests/monitoring/diagnosis runs it on one of its own"),
    "docs/governance.md": ("card new", "a registry with a history; tests/cli/governance runs each"),
    "docs/how-to/red-team.md": ("red-team", f"{HOURS}; tests/cli/test_surveil_red_team.py runs it small"),
    "docs/how-to/watch-it.md": ("monitor run", "years of a server's log; tests/monitoring/live runs it on a short one"),
    "docs/index.md": ("make setup", CI),
    "docs/monitoring.md": ("replay", "minutes for each world; tests/cli/test_replay_command.py runs it small"),
    "docs/registry.md": ("keygen", "two versions of a model; tests/cli/test_models.py and test_reproduce.py run each"),
    "docs/retraining.md": ("retrain check", "months of findings; tests/monitoring/retraining runs each"),
    "docs/scale_out.md": ("evaluate", "hours of bars; tests/training/test_engine.py runs both engines"),
    "docs/serving.md": (
        "deploy",
        "days of an experiment; tests/cli/test_stream.py and test_rollout_command.py run each",
    ),
    "docs/surveillance_cases.md": ("keygen", "weeks of cases; tests/cli/test_surveil_case.py runs each"),
    "docs/surveillance_red_team.md": ("red-team", f"{HOURS}; tests/cli/test_surveil_red_team.py runs it small"),
    "docs/tracking.md": ("runs list", "runs on research data; tests/cli/test_runs.py runs each"),
    "docs/tuning.md": ("tune", "hours; tests/cli/test_tune.py runs it small"),
    "docs/tutorial/dashboard.md": ("dashboard --demo", "minutes; tests/web/test_demo_command.py runs it"),
    "docs/tutorial/first-forecast.md": ("git clone", "the tests are run from an installation"),
}
"""Of each page with blocks of commands that are not run: words of the first, and why, or what runs them instead."""


def commands(block: Block) -> list[str]:
    """Return the commands of a block, none of one that shows something else."""
    lines = block.body.splitlines()
    if block.kind == "console":
        return [line[2:] for line in lines if line.startswith("$ ")]
    if block.kind not in ("", "sh"):
        return []
    return [line.removeprefix("$ ") for line in lines if line.startswith("$ ") or line.split(" ")[0] in PROGRAMS]


def not_run() -> Iterator[tuple[str, str]]:
    """Yield the page and the first command of each block of commands that no test runs."""
    for page in pages():
        for block in blocks_of(page):
            played = block.kind == "console" and page.parent.name in PLAYED and "not run" not in block.mark
            if not played and (found := commands(block)):
                yield str(page.relative_to(ROOT)), found[0]


def test_what_is_not_run_is_listed_with_the_reason() -> None:
    first: dict[str, str] = {}
    for page, command in not_run():
        first.setdefault(page, command)
    assert first.keys() == NOT_RUN.keys()
    assert [page for page, command in first.items() if NOT_RUN[page][0] not in command] == []


def test_what_runs_them_instead_is_there() -> None:
    for page, (_, why) in NOT_RUN.items():
        for word in why.replace(";", " ").replace(",", " ").split():
            if word.startswith("tests/"):
                assert (ROOT / word).exists(), f"{page}: {word}"
