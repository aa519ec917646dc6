"""A project out of a given table, and the end of one."""

from __future__ import annotations

import re
import shutil
import unicodedata
from pathlib import Path

from tradewind.core.errors import UsageError
from tradewind.core.files import write_text
from tradewind.core.toml import to_toml
from tradewind.data import read_news, read_universe, write_news, write_prices, write_universe
from tradewind.data.tables import load_table, save_table
from tradewind.web.intake.drafts import LEFT_OUT, Draft
from tradewind.web.jobs.state import now, state_of
from tradewind.web.projects.plan import Asked
from tradewind.web.projects.project import NAME, Project
from tradewind.web.workspace import Workspace


def name_of(title: str, place: Workspace) -> str:
    """Return a free name for a project called ``title``: small letters, digits and hyphens."""
    plain = unicodedata.normalize("NFKD", title).encode("ascii", "ignore").decode().lower()
    base = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:48] or "project"
    name, count = base, 1
    while (place.projects / name).exists():
        count += 1
        name = f"{base}-{count}"
    assert NAME.fullmatch(name)
    return name


def make_project(place: Workspace, draft: Draft, *, title: str, asked: Asked) -> Project:
    """Return a new project with the bars of ``draft`` and what was given with them.

    Its folder takes its name once it is whole.

    Raises
    ------
    UsageError : something stands against the prices or a file beside them.
    """
    reading = draft.reading()
    if reading.panel is None:
        raise UsageError("these prices cannot be used yet", fix="mend what stands against them first")
    for kind in ("news", "universe", "fear"):
        fault = draft.fault_of(kind)
        if fault is not None:
            raise fault
    name = name_of(title, place)
    making = draft.folder / "making"
    shutil.rmtree(making, ignore_errors=True)
    making.mkdir()
    write_prices(reading.panel, making / "prices.parquet")
    _write_extras(draft, making)
    about = {
        "title": title.strip(),
        "created": now(),
        "by": draft.owner,
        "source": draft.files["prices"],
        "understood": list(reading.recognised.notes) if reading.recognised else [],
        "left_out": reading.bad_rows,
    }
    write_about(making, about, asked)
    folder = place.projects / name
    making.rename(folder)
    return Project(name=name, folder=folder)


def write_about(folder: Path, about: dict[str, object], asked: Asked) -> None:
    """Write ``project.toml``: what the project is, and what its job was asked for."""
    wanted = {"models": list(asked.models), "train_end": asked.train_end, "test_start": asked.test_start}
    write_text(folder / "project.toml", to_toml({**about, "asked": wanted}))


def remove_project(project: Project) -> None:
    """Remove a project with all that was made of it.

    Raises
    ------
    UsageError : its job runs.
    """
    if state_of(project.folder) in {"waiting", "running"}:
        raise UsageError("the job of this project runs", fix="cancel it first")
    shutil.rmtree(project.folder)


def _write_extras(draft: Draft, folder: Path) -> None:
    news, universe, fear = draft.path("news"), draft.path("universe"), draft.path("fear")
    if news:
        write_news(read_news(news), folder / "news.parquet")
    if universe:
        write_universe(read_universe(universe), folder / "universe.csv")
    if fear:
        save_table(load_table(fear).frame, folder / "fear.csv")
    left_out = draft.folder / LEFT_OUT
    if draft.leave_out and left_out.exists():
        shutil.copy(left_out, folder / LEFT_OUT)
