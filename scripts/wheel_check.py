"""Build sdist and wheel, install the wheel apart from the checkout, and run it: python scripts/wheel_check.py [FOLDER]

The new environment sees the dependencies of the one that runs this script, as requirements/lock.txt pins them, and
nothing of the checkout. Exit code 1 where something is missing from the wheel or does not run.
"""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import sysconfig
import time
import urllib.error
import urllib.request
import zipfile
from collections.abc import Iterable
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = "src/tradewind/"


class WheelError(Exception):
    """Something of the wheel is missing or does not run."""


def kept_files() -> list[str]:
    """Return the files of the package that git keeps, as a wheel names them."""
    asked = ["git", "ls-files", "-z", "--cached", PACKAGE]
    listed = subprocess.run(asked, cwd=ROOT, capture_output=True, check=True).stdout.decode()
    return [name.removeprefix("src/") for name in listed.split("\0") if name and (ROOT / name).is_file()]


def build(folder: Path) -> Path:
    """Build the sdist, from it the wheel, into ``folder``; return the wheel."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    say = f"from setuptools import build_meta; print(build_meta.build_sdist({str(folder)!r}))"
    subprocess.run([sys.executable, "-c", say], cwd=ROOT, check=True, capture_output=True)
    sdist = next(folder.glob("*.tar.gz"))
    wheel = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--no-build-isolation", "-w", folder, sdist]
    subprocess.run(list(map(str, wheel)), check=True)
    return next(folder.glob("*.whl"))


def missing(names: Iterable[str], index: str) -> list[str]:
    """Return what a wheel with ``names`` lacks: files that git keeps, and what the page ``index`` refers to."""
    there = set(names)
    assets = re.findall(r'(?:src|href)="/?([^":]+)"', index)
    wanted = [*kept_files(), *(f"tradewind/web/static/{one}" for one in assets), "tradewind/web/static/index.html"]
    return sorted({one for one in wanted if one not in there})


def look_into(wheel: Path) -> None:
    """Raise WheelError where the wheel lacks a file."""
    with zipfile.ZipFile(wheel) as opened:
        names = opened.namelist()
        page = "tradewind/web/static/index.html"
        lacking = missing(names, opened.read(page).decode() if page in names else "")
    if lacking:
        raise WheelError(f"{wheel.name} lacks {len(lacking)} files, such as {', '.join(lacking[:5])}")
    print(f"{wheel.name}: {len(names)} files, none missing")


def install(wheel: Path, folder: Path) -> Path:
    """Install the wheel into a new environment under ``folder`` that borrows our dependencies; return its ``bin``."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", "--clear", str(folder)], check=True)
    python = folder / "bin" / "python"
    version = f"python{sys.version_info[0]}.{sys.version_info[1]}"
    (folder / "lib" / version / "site-packages" / "borrowed.pth").write_text(sysconfig.get_paths()["purelib"] + "\n")
    pip = [
        sys.executable,
        "-m",
        "pip",
        "--python",
        str(python),
        "install",
        "--quiet",
        "--no-deps",
        "--ignore-installed",
    ]
    subprocess.run([*pip, str(wheel)], check=True)
    return python.parent


def ran(command: list[str | Path], folder: Path) -> str:
    """Run a command of the new environment in ``folder`` and return what it prints."""
    env = {name: value for name, value in os.environ.items() if not name.startswith(("PYTHON", "TRADEWIND"))}
    env |= {"TRADEWIND_AUDIT": "off", "TRADEWIND_TRACK": "off"}
    words = list(map(str, command))
    done = subprocess.run(words, cwd=folder, env=env, capture_output=True, text=True, timeout=300, check=False)
    if done.returncode:
        raise WheelError(f"{' '.join(words)} ended with {done.returncode}:\n{done.stderr[-2000:]}")
    return done.stdout


def fetched(url: str) -> str:
    """Return the text at ``url``, waiting up to three minutes for the server."""
    until = time.monotonic() + 180.0
    while True:
        try:
            with urllib.request.urlopen(url, timeout=5) as answer:
                return str(answer.read().decode())
        except urllib.error.HTTPError as refused:
            raise WheelError(f"{url} answers {refused.code}") from refused
        except OSError as error:
            if time.monotonic() > until:
                raise WheelError(f"{url} does not answer: {error}") from error
            time.sleep(0.3)


def serve_page(binary: Path, folder: Path) -> None:
    """Start the dashboard from the wheel; raise WheelError where its page or a script of it is not served."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [binary / "tradewind", "dashboard", "--home", folder / "home", "--port", port]
    with (folder / "dashboard.log").open("w") as log:
        server = subprocess.Popen(list(map(str, command)), cwd=folder, stdout=log, stderr=subprocess.STDOUT)
        try:
            page = fetched(f"http://127.0.0.1:{port}/")
            for script in re.findall(r'src="(/assets/[^"]+)"', page):
                fetched(f"http://127.0.0.1:{port}{script}")
            if 'id="root"' not in page:
                raise WheelError("the dashboard serves no page")
        finally:
            server.terminate()
            server.wait(timeout=30)
    print("the dashboard serves its page")


def main(folder: Path) -> int:
    """Build, look, install, run; return the exit code."""
    try:
        wheel = build(folder / "dist")
        look_into(wheel)
        binary = install(wheel, folder / "env")
        where = ran([binary / "python", "-c", "import tradewind; print(tradewind.__file__)"], folder).strip()
        if not Path(where).is_relative_to(folder):
            raise WheelError(f"tradewind is imported from {where}, not from the wheel")
        print(ran([binary / "tradewind", "--version"], folder).strip())
        ran([binary / "tradewind", "demo", "--help"], folder)
        ran([binary / "tradewind", "simulate", "--symbols", "3", "--days", "100", "--out", "market"], folder)
        ran([binary / "tradewind", "check", "--prices", "market/prices.parquet"], folder)
        code = "from tradewind.data import load_demo; print(len(load_demo()), 'bundled bars')"
        print(ran([binary / "python", "-c", code], folder).strip())
        serve_page(binary, folder)
    except WheelError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1] if len(sys.argv) > 1 else ROOT / "build" / "wheel-check").resolve()))
