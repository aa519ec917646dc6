"""Servers of one machine never share a folder, and a freed one is taken up with what lies in it."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HOLD = "import sys, time; sys.path.insert(0, sys.argv[1]); from slots import Slot; from pathlib import Path\n"
HOLD += "slot = Slot(Path(sys.argv[2])); print(slot.folder.name, flush=True); time.sleep(60)"


def test_each_takes_the_lowest_free_slot(tmp_path: Path) -> None:
    from slots import Slot  # type: ignore[import-not-found]

    first, second, third = Slot(tmp_path), Slot(tmp_path), Slot(tmp_path)
    assert [slot.folder.name for slot in (first, second, third)] == ["slot-0", "slot-1", "slot-2"]
    (second.folder / "line").write_text("not handed over yet")
    second.free()
    again = Slot(tmp_path)
    assert again.folder.name == "slot-1"
    assert (again.folder / "line").read_text() == "not handed over yet"


def test_a_killed_process_frees_its_slot(root: Path, tmp_path: Path) -> None:
    from slots import Slot

    command = [sys.executable, "-c", HOLD, str(root / "deploy"), str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline().strip() == "slot-0"
        other = Slot(tmp_path)
        assert other.folder.name == "slot-1"
        process.kill()
    assert Slot(tmp_path).folder.name == "slot-0"
