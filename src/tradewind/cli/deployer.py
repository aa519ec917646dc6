"""The process that prepares what the server serves: `python -m tradewind.cli.deployer`.

It reads the registry, exports models and puts the history into the event log, so that the server itself needs no
training code and none of its memory.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path

from tradewind.cli import show
from tradewind.cli.beside import FOLLOW
from tradewind.cli.deploying import Wanted, deploy
from tradewind.cli.inputs import InputFiles, read_market
from tradewind.cli.resolve import reference_of
from tradewind.core import TradewindError
from tradewind.core.files import write_json_file
from tradewind.registry.place import files_folder, registry_place
from tradewind.streaming.log import open_log
from tradewind.streaming.seeding import seed_log


def prepare(given: argparse.Namespace) -> None:
    """Deploy what was asked for, and write the bars and news that the log lacks."""
    market = read_market(InputFiles(prices=given.prices, news=given.news, universe=given.universe, fear=given.fear))
    if given.model is not None:
        others = dict(text.split("=", 1) for text in given.other)
        wanted = Wanted(champion=given.model, others=others, registry=given.registry, student=given.student)
        deploy(wanted, market, given.out)
        write_json_file(given.state / FOLLOW, {"ledger": _ledger(given.model, given.registry)})
    with open_log(given.log) as log, show.LiveProgress() as progress:
        seeded = seed_log(log, market.panel, market.news, folder=given.state / "seeded", progress=progress)
    if seeded.bars or seeded.items:
        show.note(f"Wrote {seeded.bars} bars and {seeded.items} news items into the log")


def _ledger(model: str, registry: str | None) -> str | None:
    found = reference_of(model)
    if found is None:
        return None
    return str(files_folder(registry_place(registry)) / "ledgers" / f"{found.name}.jsonl")


def main(arguments: list[str] | None = None) -> int:
    """Prepare, and return the exit code; an expected error is one line."""
    parser = argparse.ArgumentParser(prog="python -m tradewind.cli.deployer", description=__doc__)
    parser.add_argument("--prices", type=Path, required=True)
    for flag in ("--news", "--universe", "--fear", "--student"):
        parser.add_argument(flag, type=Path)
    parser.add_argument("--model")
    parser.add_argument("--other", action="append", default=[], metavar="ROLE=MODEL")
    parser.add_argument("--registry")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--state", type=Path, required=True)
    parser.add_argument("--log", required=True)
    os.environ.setdefault("OMP_WAIT_POLICY", "passive")
    try:
        prepare(parser.parse_args(arguments))
    except TradewindError as error:
        show.complain(str(error))
        return error.exit_code
    return 0


if __name__ == "__main__":
    sys.exit(main())
