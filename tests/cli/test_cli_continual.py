"""`tradewind continual` from its flags to its page."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest
import typer
from typer.testing import CliRunner

from tradewind.cli.continual import register
from tradewind.core import UsageError
from tradewind.data import MarketSettings, simulate


def app() -> typer.Typer:
    """Return an application of this command and one more, so that both keep their names."""
    one = typer.Typer()
    register(one)
    one.command("nothing")(lambda: None)
    return one


@pytest.fixture(scope="module")
def prices(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a file of bars of a market with momentum."""
    panel = simulate(MarketSettings(kind="momentum", n_symbols=5, n_days=260, seed=1)).panel
    names = [panel.symbols[code] for code in panel.symbol_code]
    columns = {name: getattr(panel, name) for name in ("open", "high", "low", "close", "adj_close", "volume")}
    file = tmp_path_factory.mktemp("continual") / "prices.parquet"
    pl.DataFrame({"symbol": names, "date": panel.time.astype("datetime64[D]"), **columns}).write_parquet(file)
    return file


@pytest.mark.slow
def test_own_prices_are_compared_and_written_as_a_page(prices: Path, tmp_path: Path) -> None:
    page = tmp_path / "page.html"
    said = CliRunner().invoke(
        app(),
        ["continual", "--prices", str(prices), "--periods", "2", "--learners", "fine_tuning", "--seeds", "1",
         "--html", str(page), "--json"],
    )  # fmt: skip
    assert said.exit_code == 0, said.output
    found = json.loads(said.stdout)
    assert set(found["learners"]) == {"fine_tuning", "fresh"}
    assert len(found["tasks"]) == 2
    text = page.read_text(encoding="utf-8")
    assert "fine_tuning" in text
    assert "http://" not in text.replace("http://www.w3.org", "")


@pytest.mark.parametrize(
    ("flags", "wrong"),
    [
        ([], "either --prices or --simulated"),
        (["--simulated", "--learners", "nobody"], "nobody"),
        (["--simulated", "--learners", ","], "names none"),
    ],
)
def test_flags_that_make_no_sense_are_refused(flags: list[str], wrong: str) -> None:
    said = CliRunner().invoke(app(), ["continual", *flags])
    assert isinstance(said.exception, UsageError)
    assert wrong in str(said.exception)
