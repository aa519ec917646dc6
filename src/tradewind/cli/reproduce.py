"""`tradewind reproduce`: build a model again from its record, and compare."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from tradewind.cli import options
from tradewind.cli.registry_access import Registry

if TYPE_CHECKING:
    from tradewind.registry import ModelRecord

EPILOG = """[bold]Examples[/bold]

A registered model, from the files it was trained on:

  tradewind reproduce equity-daily@champion

A folder of `tradewind train`; the prices lie elsewhere now; any difference of code or environment is an error:

  tradewind reproduce models/first --prices archive/prices.parquet --strict
"""


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("reproduce", epilog=EPILOG)(reproduce)


def reproduce(
    model: Annotated[
        str, typer.Argument(metavar="MODEL", help="NAME/VERSION or NAME@champion of the registry, or a model's folder.")
    ],
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="The prices, where they lie elsewhere now.")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    strict: Annotated[
        bool, typer.Option("--strict", help="Fail on any difference of data, settings, code or environment.")
    ] = False,
    registry: Registry = None,
    as_json: options.Json = False,
) -> None:
    """Fit a model again from its record and compare its forecasts with the stored ones; exit code 1 if they differ.

    Reproduced means equal to 1e-9 in every sample forecast. Differences of data files, settings, code and environment
    are listed; files of the model are compared byte for byte.
    """
    from tempfile import TemporaryDirectory

    from tradewind.cli import show
    from tradewind.cli.inputs import InputFiles, dataset_of, read_market
    from tradewind.registry import check_inputs
    from tradewind.registry import reproduce as rebuild
    from tradewind.training import TrainingSettings

    record, folder = _found(model, registry)
    files = _files(record, {"prices": prices, "news": news, "universe": universe, "fear": fear})
    compared = tuple(check_inputs(record, files))
    with TemporaryDirectory() as aside:  # bad rows that were left out then are left out now
        quarantine = Path(aside) / "bad.csv" if record.inputs.get("left_out") else None
        market = read_market(InputFiles(**files, quarantine=quarantine))
    data = dataset_of(market, TrainingSettings(**record.settings))
    with show.LiveProgress() as progress:
        result = rebuild(record, data, market.news, stored=folder, inputs=compared, progress=progress)
    if as_json:
        show.print_json({**result.to_dict(), "strict": strict})
    else:
        for text in result.differences:
            show.warn(text)
        changed = [name for name, equal in result.files.items() if not equal]
        show.say(f"{record.reference if record.version else folder}: {result.words}")
        if changed:
            show.say(f"Files that differ: {', '.join(changed)}")
    if not result.reproduced or (strict and result.differences):
        if strict and result.reproduced:
            show.complain("--strict: something differs from the record (see above)")
        raise typer.Exit(1)


def _found(model: str, registry: str | None) -> tuple[ModelRecord, Path]:
    """Return record and folder of a registered version of any stage, or of a plain folder."""
    from tradewind.cli.resolve import reference_of
    from tradewind.core import InputError
    from tradewind.registry import make_record
    from tradewind.registry.reader import RegistryReader

    wanted = reference_of(model)
    if wanted is None:
        folder = Path(model)
        if not folder.is_dir():
            raise InputError("is neither a registered model nor a model's folder", file=model, fix="give one of them")
        return make_record(folder, name="unregistered", author="unknown"), folder
    reader = RegistryReader(registry)
    return reader.record(wanted.name, wanted.version), reader.model_folder(wanted.name, wanted.version)


def _files(record: ModelRecord, given: dict[str, Path | None]) -> dict[str, Any]:
    """Return the files to read: those given, else those of the record."""
    from tradewind.core import UsageError

    kept = {flag: Path(one["path"]) for flag, one in record.inputs.items() if isinstance(one, dict)}
    files = {flag: path or kept.get(flag) for flag, path in given.items()}
    if files["prices"] is None:
        raise UsageError(
            "the record does not say which prices the model was trained on",
            fix="give --prices; `tradewind train` keeps them from now on",
        )
    return files
