"""Universe files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tradewind.core import SchemaError
from tradewind.data import Universe, read_universe, write_universe


@pytest.mark.parametrize(
    ("text", "row", "field", "says"),
    [
        ("symbol,name,sector\nA,a,x\nB,b,y\nA,c,z\n", 3, "symbol", "'A' is here twice"),
        ("symbol,name,sector\nA,a,x\n,b,y\n", 2, "symbol", "missing"),
        ("symbol,name,sector,market_cap\nA,a,x,big\n", 1, "market_cap", "'big' is not a number"),
        ("symbol,name,sector,market_cap\nA,a,x,5\nB,b,y,-1\n", 2, "market_cap", "not above zero"),
        ("symbol,name\nA,a\n", None, "sector", "no such column"),
        ("Symbol,name,sector\nA,a,x\n", None, "symbol", "rename column 'Symbol' to 'symbol'"),
        ("symbol,name,sector\n", None, None, "no rows"),
    ],
)
def test_a_bad_universe_is_named(text: str, row: int | None, field: str | None, says: str, tmp_path: Path) -> None:
    file = tmp_path / "u.csv"
    file.write_text(text)
    with pytest.raises(SchemaError) as caught:
        read_universe(file)
    assert (caught.value.file, caught.value.row, caught.value.field) == (file, row, field)
    assert says in str(caught.value)


def test_missing_cells_have_defaults(tmp_path: Path) -> None:
    file = tmp_path / "u.csv"
    file.write_text("symbol,name,sector,market_cap\nB,,,\nA,Ay,Tech,1e9\n")
    universe = read_universe(file)
    assert universe.symbols == ("B", "A")
    assert universe.names == ("B", "Ay")
    assert universe.sectors == ("unknown", "Tech")
    np.testing.assert_array_equal(universe.market_caps, [np.nan, 1e9])
    assert universe.sector_of["A"] == "Tech"
    assert universe.market_cap_of["A"] == 1e9


cell = st.text("abcXYZ &,.'-\"", min_size=1, max_size=12).filter(lambda s: s == s.strip() and s)


@pytest.mark.slow
@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(
        st.tuples(cell, cell, cell, st.one_of(st.just(np.nan), st.floats(1e-3, 1e15))),
        min_size=1,
        max_size=6,
        unique_by=lambda row: row[0],
    ),
    suffix=st.sampled_from([".csv", ".parquet"]),
)
def test_write_then_read_gives_the_same_universe(
    rows: list[tuple[str, str, str, float]], suffix: str, tmp_path: Path
) -> None:
    symbols, names, sectors, caps = zip(*rows, strict=True)
    before = Universe(symbols=symbols, names=names, sectors=sectors, market_caps=np.array(caps))
    after = read_universe(write_universe(before, tmp_path / f"u{suffix}"))
    assert (after.symbols, after.names, after.sectors) == (symbols, names, sectors)
    np.testing.assert_array_equal(after.market_caps, before.market_caps)
