"""Check that the page in the package is what its source builds: the same files with the same content."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
STATIC = ROOT / "src" / "tradewind" / "web" / "static"


def content(folder: Path) -> dict[str, bytes]:
    """Return the files of a folder; packed ones are left out, for every version of zlib packs in its own way."""
    paths = (path for path in folder.rglob("*") if path.is_file() and path.suffix != ".gz")
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in paths}


def main() -> None:
    """Build beside the package and compare."""
    with tempfile.TemporaryDirectory() as place:
        command = ["npx", "vite", "build", "--outDir", place, "--emptyOutDir", "--logLevel", "warn"]
        subprocess.run(command, cwd=ROOT / "frontend", check=True)
        built, kept = content(Path(place)), content(STATIC)
    other = sorted(name for name in built.keys() | kept.keys() if built.get(name) != kept.get(name))
    if other:
        listed = ", ".join(other[:5])
        sys.exit(
            f"{len(other)} files of the page differ ({listed}). Fix: run `make dashboard` and commit what it wrote."
        )


if __name__ == "__main__":
    main()
