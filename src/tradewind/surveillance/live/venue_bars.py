"""Labelled markets of one's own, read from folders of files, and the bars of a model set on them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from joblib import Parallel, delayed

from tradewind import __version__
from tradewind.core.errors import InputError, UsageError
from tradewind.core.files import write_json_file
from tradewind.core.ids import array_id, content_id
from tradewind.core.progress import NoProgress, Progress
from tradewind.surveillance.evaluation import write_evaluation
from tradewind.surveillance.events import EventTable, Problems, ReadOptions, join_tables
from tradewind.surveillance.explain import imitate_all, write_rules
from tradewind.surveillance.hands import Hands, OneHand
from tradewind.surveillance.learning import CandidateTable, LearningSettings, SurveillanceModel, collect, joined
from tradewind.surveillance.learning.described import column_names
from tradewind.surveillance.learning.venue_bars import VenueBars, set_venue_bars
from tradewind.surveillance.live.sources import EventFiles, event_files
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.truth import Planted
from tradewind.surveillance.truth_files import read_labels, read_truth

CANDIDATES = "candidates"
BARS_FILE = "bars.json"
TRUTHS = ("truth.parquet", "truth.csv")
NEWS = ("news.parquet", "news.csv")


@dataclass(frozen=True, kw_only=True, eq=False)
class LabelledEvents:
    """A market that was read: its events, when it was open, and what is known to have been done there."""

    events: EventTable
    sessions: Sessions
    truth: tuple[Planted, ...]
    attempts: tuple[Planted, ...] = ()


@dataclass(frozen=True, kw_only=True)
class LabelledFolder:
    """A folder with files of events and, where there is any, news; and what is known to have been done in them.

    Attributes
    ----------
    events, truth : the files. labels : whether the truth is what closed cases say; of it only what lies within the time
        of the events counts. sessions : when the market was open; None finds it in the gaps of the events. linked :
        groups of accounts known to be under one hand, which are watched as one.
    """

    path: Path
    events: EventFiles
    truth: Path
    labels: bool = False
    sessions: Sessions | None = None
    linked: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, path: Path, options: ReadOptions | None = None, labels: Path | None = None) -> LabelledFolder:
        """Return the files of a folder, as ``surveil simulate`` writes one; ``labels`` take the place of its truth.

        Raises
        ------
        InputError : there is no such folder, or it holds no events or no truth.
        """
        if not path.is_dir():
            raise InputError("there is no such folder", file=path, fix="give a folder of events and their truth")
        if labels is not None and not labels.is_file():
            raise InputError(
                "there is no such file", file=labels, fix="write it with `tradewind surveil case feedback --out`"
            )
        truth = labels or _first(path, TRUTHS)
        if truth is None:
            raise InputError(
                f"the folder holds neither {' nor '.join(TRUTHS)}",
                file=path,
                fix="write what is known: scheme, symbol, accounts, start, end; no row where nothing was done; or give "
                "the labels of closed cases",
            )
        files = EventFiles(events=event_files(path), news=_first(path, NEWS), options=options or ReadOptions())
        return cls(path=path, events=files, truth=truth, labels=labels is not None)

    def key(self) -> str:
        """Return what tells these files, read by this version, from others."""
        names = [str(Path(name).resolve()) for name in (*self.events.names, str(self.truth))]
        stamps = [(name, Path(name).stat().st_size, Path(name).stat().st_mtime_ns) for name in names]
        surveyor = Surveyor()
        columns = {scheme.value: column_names(surveyor, scheme) for scheme in surveyor.schemes}
        open_ = None if self.sessions is None else array_id([self.sessions.opens, self.sessions.closes])
        asked = self.labels, dict(self.events.options.columns), open_, self.linked
        return content_id(__version__, stamps, *asked, columns)

    def read(self) -> LabelledEvents:
        """Read all of it.

        Raises
        ------
        InputError : a file is damaged, or no row could be used. SchemaError : it lacks a column.
        """
        truth, left_open = read_labels(self.truth) if self.labels else (read_truth(self.truth), ())
        problems = Problems()
        found, _ = self.events.look()
        chunks = [table for table in self.events.chunks(problems) if len(table)]
        if not chunks:
            raise InputError(
                f"not one row could be used ({', '.join(problems.counts()) or 'there is none'})",
                file=self.path,
                fix="see what is wrong with them with `tradewind surveil run`",
            )
        events = join_tables(chunks)
        if self.labels:
            truth, left_open = _within(events, truth), _within(events, left_open)
        if self.linked:
            hand = OneHand(Hands(self.linked))
            events = hand.events(events)
            truth, left_open = (tuple(hand.deed(one, events.accounts) for one in part) for part in (truth, left_open))
        return LabelledEvents(events=events, sessions=self.sessions or found, truth=truth, attempts=left_open)


def _within(events: EventTable, deeds: tuple[Planted, ...]) -> tuple[Planted, ...]:
    """Return those of the deeds that were done while the events ran."""
    first, last = int(events.time[0]), int(events.time[-1])
    return tuple(one for one in deeds if one.start <= last and one.end >= first)


def _first(folder: Path, names: Sequence[str]) -> Path | None:
    return next((folder / name for name in names if (folder / name).exists()), None)


def bars_from_folders(
    model: SurveillanceModel,
    folders: Sequence[LabelledFolder],
    out: Path,
    settings: LearningSettings | None = None,
    *,
    jobs: int = 1,
    progress: Progress | None = None,
) -> VenueBars:
    """Set the bars of ``model`` on labelled folders; write the model, ``bars.json`` and its evaluation into ``out``.

    Rules that imitate the model there are written too, of schemes with candidates enough (``rules.json``). Candidates
    of each folder are kept, so that a run that was cut, or one more folder, goes on from them.

    Raises
    ------
    UsageError : no folder is given, or two are the same. InputError : one cannot be read. OutputError : ``out`` cannot
        be written.
    """
    shown = progress or NoProgress()
    kept = {folder.path.resolve(): out / CANDIDATES / f"{folder.key()}.npz" for folder in folders}
    if len(kept) != len(folders):
        raise UsageError("a folder is given twice", field="markets", fix="give each once")
    missing = [folder for folder in folders if not kept[folder.path.resolve()].exists()]
    work: list[Callable[[], object]] = [delayed(_collect)(folder, kept[folder.path.resolve()]) for folder in missing]
    shown.update("read", len(folders) - len(missing), len(folders))
    for number, _ in enumerate(Parallel(n_jobs=jobs, return_as="generator_unordered")(work) if work else (), start=1):
        shown.update("read", len(folders) - len(missing) + number, len(folders))
    tables = [CandidateTable.load(path) for path in kept.values()]
    found = set_venue_bars(model, tables, settings, progress=shown)
    found.model.save(out)
    write_rules(imitate_all(joined(tables), found.model), out)
    write_json_file(out / BARS_FILE, found.to_dict())
    write_evaluation(found.after or found.before, out)
    return found


def _collect(folder: LabelledFolder, path: Path) -> None:
    collect(folder.read(), Surveyor(), name=str(folder.path)).save(path)
