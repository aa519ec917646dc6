"""What the surveillance commands share: the model, the sessions, the settings, and progress in events a second."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import TracebackType
from typing import Self

from rich.progress import BarColumn, TextColumn, TimeRemainingColumn
from rich.progress import Progress as Bars

from tradewind.cli import options, show
from tradewind.core import UsageError
from tradewind.surveillance.events.columns import ALIASES, CONTRACT, plain
from tradewind.surveillance.hands import read_linked
from tradewind.surveillance.learning import SurveillanceModel, bundled_model
from tradewind.surveillance.live.rules_only import rules_only
from tradewind.surveillance.live.sources import EventFiles
from tradewind.surveillance.live.spans import AUTO, named_sessions
from tradewind.surveillance.live.warming import warm
from tradewind.surveillance.pipeline import SurveillanceSettings
from tradewind.surveillance.reading import Surveyor
from tradewind.surveillance.schemes import Scheme
from tradewind.surveillance.sessions import Sessions
from tradewind.surveillance.venue import Market


def chosen_model(path: Path | None, *, no_ensemble: bool = False) -> SurveillanceModel:
    """Return the model in a folder, the bundled one, or the rules alone; its kernels are compiled.

    Raises
    ------
    UsageError : both a model and none are asked for. InputError : the folder holds no whole model.
    """
    if no_ensemble and path is not None:
        raise UsageError("--no-ensemble runs without a model", fix="leave out --model or --no-ensemble")
    if no_ensemble:
        model: SurveillanceModel = rules_only()
    else:
        model = bundled_model() if path is None else SurveillanceModel.load(path)
    model.check(Surveyor())
    show.note("Getting ready; the first run of an installation compiles for a minute")
    warm(model)
    return model


def chosen_settings(schemes: str | None, strictness: float, linked: Path | None = None) -> SurveillanceSettings:
    """Return how alerts are raised, as the flags say.

    Raises
    ------
    UsageError : a scheme is not known. InputError : the file of linked accounts cannot be read, or links none.
    """
    return SurveillanceSettings(
        schemes=chosen_schemes(schemes) or tuple(Scheme),
        strictness=strictness,
        linked=() if linked is None else read_linked(linked),
    )


def chosen_schemes(text: str | None) -> tuple[Scheme, ...] | None:
    """Return the schemes named in ``text``, None where nothing is said.

    Raises
    ------
    UsageError : one is not known.
    """
    if text is None:
        return None
    found = []
    for name in options.names(text, "--schemes"):
        try:
            found.append(Scheme(name.replace("-", "_")))
        except ValueError:
            known = ", ".join(Scheme)
            raise UsageError(f"there is no scheme {name!r}", field="--schemes", fix=f"choose among {known}") from None
    return tuple(dict.fromkeys(found))


def chosen_columns(text: str | None) -> dict[str, str]:
    """Return field of the reader -> column, of ``account=desk,size=lots``; any usual name of a field will do.

    Raises
    ------
    UsageError : a part is no ``NAME=COLUMN``, or its name is none of a field.
    """
    found: dict[str, str] = {}
    for part in options.names(text, "--columns") if text is not None else ():
        name, sign, column = (piece.strip() for piece in part.partition("="))
        field = next((field for field, names in ALIASES.items() if plain(name) in (field, *names)), None)
        if not sign or not column or field is None:
            raise UsageError(
                f"{part!r} names no column",
                field="--columns",
                fix=f"write NAME=COLUMN, NAME one of {', '.join(CONTRACT)}",
            )
        found[field] = column
    return found


def sessions_of(name: str, files: EventFiles) -> Sessions | None:
    """Return the sessions that ``name`` says, over the span of ``files``; None for those found in the events.

    Raises
    ------
    UsageError : the name is no calendar and no hours.
    """
    if name == AUTO:
        return None
    found, _ = files.look()
    if not len(found.opens):
        return None
    first, last = (datetime.fromtimestamp(t / 1e9, UTC).date() for t in (int(found.opens[0]), int(found.closes[-1])))
    return named_sessions(name, first - timedelta(days=1), last + timedelta(days=1))


def live_sessions(name: str, now: datetime) -> Sessions:
    """Return the sessions of a market watched from ``now`` on, a year back for what the log holds and a year ahead.

    Raises
    ------
    UsageError : the name is no calendar and no hours.
    """
    year = timedelta(days=366)
    return named_sessions(name, (now - year).date(), (now + year).date())


class RowProgress:
    """Shows rows read and events a second; lines at every tenth where there is no terminal."""

    def __init__(self) -> None:
        self._bars = Bars(
            TextColumn("events"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f}, {task.fields[rate]:,.0f} a second, left"),
            TimeRemainingColumn(),
            console=show.ERR,
            disable=not show.ERR.is_terminal,
        )
        self._task = self._bars.add_task("events", total=0, rate=0.0)
        self._tenth = -1

    def __enter__(self) -> Self:
        self._bars.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bars.__exit__(kind, error, trace)

    def rows(self, done: int, total: int, rate: float) -> None:
        """Say how many rows are read of how many, and how many a second."""
        if show.ERR.is_terminal:
            self._bars.update(self._task, completed=done, total=total, rate=rate)
        elif 10 * done // max(total, 1) != self._tenth:
            self._tenth = 10 * done // max(total, 1)
            show.note(f"{done:,} of {total:,} events, {rate:,.0f} a second")


def lobster_files(market: Market, folder: Path) -> list[Path]:
    """Write the first day of every symbol of ``market`` as LOBSTER does; return the paths."""
    from tradewind.surveillance.book import replay_all
    from tradewind.surveillance.events import write_lobster

    written: list[Path] = []
    close = int(market.sessions.closes[0])
    day = market.events.take(market.events.time <= close)
    tape = replay_all(day)
    for symbol in market.settings.symbols:
        if day.symbols.find(symbol.name) in day.symbol:
            written += write_lobster([tape], folder, symbol=symbol.name)
    return written
