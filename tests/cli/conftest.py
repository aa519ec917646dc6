"""The command line as a user meets it: arguments in, exit code and text out."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tradewind.cli.main import main
from tradewind.data import MarketSettings, simulate, write_news, write_prices, write_universe

CliRunner = Callable[..., "Result"]


@dataclass(frozen=True)
class Result:
    """What a command left: exit code, standard output, standard error."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Standard output read as JSON."""
        return json.loads(self.out)


@pytest.fixture
def tradewind(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> CliRunner:
    """Return a runner of `tradewind ARGS`."""

    def run(*args: object) -> Result:
        monkeypatch.setattr(sys, "argv", ["tradewind", *map(str, args)])
        capsys.readouterr()
        code = 0
        try:
            main()
        except SystemExit as stop:
            code = stop.code if isinstance(stop.code, int) else int(stop.code is not None)
        said = capsys.readouterr()
        return Result(code, said.out, said.err)

    return run


@pytest.fixture(scope="session")
def market_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a folder with prices, news and universe of a small market in which news tell the next move."""
    folder = tmp_path_factory.mktemp("market")
    market = simulate(MarketSettings(kind="news", n_symbols=8, n_days=420, ceiling=0.8, seed=3))
    write_prices(market.panel, folder / "prices.parquet")
    write_universe(market.universe, folder / "universe.csv")
    assert market.news is not None
    write_news(market.news, folder / "news.parquet")
    return folder
