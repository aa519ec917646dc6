"""Files as Polars writes them: categories numbered without a sign, with nulls among them."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from tradewind.surveillance.events import read_all


def test_categories_with_nulls_are_read(tmp_path: Path) -> None:
    rows = {
        "timestamp_ns": [1_700_000_000_000_000_000 + i for i in range(3)],
        "symbol": ["A", "B", "A"],
        "venue_seq": [1, 2, 3],
        "kind": ["new", "new", "cancel"],
        "order_id": [1, 2, 1],
        "account": ["X", None, "X"],
        "side": ["buy", "sell", "buy"],
        "price": [1.0, 2.0, 1.0],
        "size": [10, 20, 10],
    }
    texts = pl.col("symbol", "kind", "account", "side").cast(pl.Categorical)
    pl.DataFrame(rows).with_columns(texts).write_parquet(tmp_path / "e.parquet")
    found = read_all(tmp_path / "e.parquet")
    assert [found.symbols[code] for code in found.symbol.tolist()] == ["A", "B", "A"]
    assert [found.accounts[code] for code in found.account.tolist()] == ["X", "", "X"]
