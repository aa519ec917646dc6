"""Tables that were given and have not become a project yet, each in a folder of its own for a day."""

from __future__ import annotations

import re
import secrets
import shutil
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, Literal

from tradewind.core import InputError
from tradewind.core.files import read_json, write_json_file
from tradewind.data import Universe, check_news_covers, read_news, read_universe
from tradewind.data.fear import read_fear
from tradewind.data.tables import check_suffix
from tradewind.web.intake.reading import Reading, read_given
from tradewind.web.problems import Problem
from tradewind.web.projects.project import Project
from tradewind.web.workspace import Workspace

FOLDER, ABOUT, LEFT_OUT = ".drafts", "draft.json", "left-out.csv"
Kind = Literal["prices", "news", "universe", "fear"]
EXTRAS: tuple[Kind, ...] = ("news", "universe", "fear")
_ID = re.compile(r"[a-f0-9]{16}")
_LIFE = 24 * 3600.0


@dataclass(frozen=True, kw_only=True)
class Draft:
    """One given table of prices, and what goes with it.

    Attributes
    ----------
    files : the name of each file as it was given, by kind. owner : who gave it, and alone may see it.
    symbol : whose bars they are, where the table does not say. leave_out : go on without faulty rows.
    """

    id: str
    folder: Path
    owner: str
    files: dict[str, str]
    symbol: str | None = None
    leave_out: bool = False

    def path(self, kind: Kind) -> Path | None:
        """Return the file of ``kind``, None where none was given."""
        return self.folder / kind / self.files[kind] if kind in self.files else None

    def keep(self) -> None:
        """Write down what is known of the draft."""
        said = {key: value for key, value in asdict(self).items() if key not in {"id", "folder"}}
        write_json_file(self.folder / ABOUT, said)

    def changed(self, **changes: Any) -> Draft:
        """Return the draft with ``changes``, written down."""
        draft = replace(self, **changes)
        draft.keep()
        return draft

    def reading(self) -> Reading:
        """Return what the prices hold; read once for each change."""
        prices = self.path("prices")
        if prices is None:
            raise Problem(404, "The upload is not whole", "No prices came.", fix="give the file again")
        files = tuple(path for kind in ("prices", *EXTRAS) if (path := self.path(kind)))
        shelf = Project(name="draft", folder=self.folder)
        without = self.folder / LEFT_OUT if self.leave_out else None

        def read() -> Reading:
            try:
                universe = self.universe()
            except InputError:  # told with that file
                universe = None
            return read_given(prices, symbol=self.symbol, without=without, universe=universe)

        return shelf.derived("reading", (self.folder / ABOUT, *files), read)

    def universe(self) -> Universe | None:
        """Return the universe that was given, None without; InputError where it is at fault."""
        path = self.path("universe")
        return read_universe(path) if path else None

    def fault_of(self, kind: Kind) -> InputError | None:
        """Return what stands against the file of ``kind``, None where nothing does."""
        path, panel = self.path(kind), self.reading().panel
        if path is None:
            return None

        def news() -> None:
            found = read_news(path)
            if panel is not None:
                check_news_covers(found, panel, path)

        checks: dict[str, Callable[[], object]] = {
            "news": news,
            "universe": lambda: read_universe(path),
            "fear": lambda: read_fear(path),
        }
        try:
            checks[kind]()
        except InputError as error:
            return error
        return None


def new_draft(place: Workspace, owner: str) -> Draft:
    """Return a new draft without files; drafts older than a day are removed."""
    root = place.projects / FOLDER
    root.mkdir(parents=True, exist_ok=True)
    for old in root.iterdir():
        if time.time() - old.stat().st_mtime > _LIFE:
            shutil.rmtree(old, ignore_errors=True)
    key = secrets.token_hex(8)
    folder = root / key
    folder.mkdir(mode=0o700)
    draft = Draft(id=key, folder=folder, owner=owner, files={})
    draft.keep()
    return draft


def open_draft(place: Workspace, key: str, owner: str) -> Draft:
    """Return the draft ``key`` of ``owner``.

    Raises
    ------
    Problem : there is none, it is somebody else's, or its day is over (404).
    """
    folder = place.projects / FOLDER / key
    gone = Problem(
        404, "This upload is gone", "Uploads that became no project are kept for a day.", fix="give the file again"
    )
    if not _ID.fullmatch(key) or not (folder / ABOUT).exists():
        raise gone
    draft = Draft(id=key, folder=folder, **read_json(folder / ABOUT, what="draft.json"))
    if draft.owner != owner:
        raise gone
    return draft


def file_name(given: str) -> str:
    """Return the name under which a given file is kept: its own, without folders and odd characters.

    Raises
    ------
    InputError : it ends neither in .csv nor in .parquet.
    """
    name = re.sub(r"[^\w.\- ^=()]", "_", Path(given.replace("\\", "/")).name).strip(". ")[-120:] or "prices"
    check_suffix(name)
    return name


def drop_draft(draft: Draft) -> None:
    """Remove the draft and its files."""
    shutil.rmtree(draft.folder, ignore_errors=True)
