"""Make the models of sequences from nothing: an hour of two cores.

    python scripts/surveillance_sequences.py --out out/sequences --jobs 2

They learn from markets that nothing else learns from, so that what they say of others is out of sample. What was read
is kept in the folder, so a run that was cut goes on. ``bundled.npz`` in it, which learned from all, is what lies in
``src/tradewind/surveillance/sequences``. ``without/KIND.npz`` knows no market of that kind and of some others: what it
says of them is what a net says of a venue that it has not seen (``scripts/surveillance_model.py --sequences``).
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from shutil import copyfile

import numpy as np
from joblib import Parallel, delayed

from tradewind.cli.show import LiveProgress
from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, IntArray
from tradewind.core.files import atomic_path
from tradewind.surveillance.book import Tape
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.live.simulated import Kind, simulated
from tradewind.surveillance.reading import Reading
from tradewind.surveillance.sequences import (
    LEARNED_FROM,
    LENGTH,
    WIDTH,
    SequenceModel,
    SequenceSettings,
    TokenReader,
    sequence_labels,
)
from tradewind.surveillance.sequences.token_layout import NAMES

EVASIVE = 0.4
SETTINGS = SequenceSettings(wide=64, epochs=6)
GROUPS = 3
"""Kinds are held back in so many groups."""
MOST_OF_DEED, MOST_BENIGN = 8, 30
"""Rows of one planted deed that are learned from, and benign ones of each detector, in one market."""


class TokenView:
    """Tells of each candidate its tokens, end to end."""

    feature_names: tuple[str, ...] = tuple(f"token_{i}_{name}" for i in range(LENGTH) for name in NAMES)
    hears_all: bool = False
    dear: bool = False

    def __init__(self) -> None:
        self._reader = TokenReader()

    def advance(self, tape: Tape, candidates: Sequence[Candidate]) -> Float32Array:
        """Read the next rows and tell of the candidates that became known within them."""
        return self._reader.advance(tape, candidates).reshape(len(candidates), LENGTH * WIDTH)


def read(kind: Kind, seed: int, path: Path) -> None:
    """Keep tokens and labels of some candidates of a market."""
    market = simulated(kind, seed, evasive=EVASIVE)
    events = market.events
    described = Reading(market.sessions, views=[TokenView()]).whole(events)
    found = described.candidates
    labels = sequence_labels(found, market.truth, events.symbols, events.accounts)
    unclear = (sequence_labels(found, market.attempts, events.symbols, events.accounts) > 0) & (labels == 0)
    kept = some(found, labels, unclear, np.random.default_rng([seed, 17]))
    tokens = described.views[kept].reshape(-1, LENGTH, WIDTH).astype(np.float16)
    with atomic_path(path) as draft, draft.open("wb") as sink:
        np.savez(sink, tokens=tokens, labels=labels[kept])


def some(found: Sequence[Candidate], labels: IntArray, unclear: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return which rows are kept: few of one deed, few benign ones of one detector, none that is neither."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, candidate in enumerate(found):
        whose = (candidate.symbol, candidate.accounts[0]) if labels[row] else ()
        if not unclear[row]:
            groups.setdefault((int(labels[row]), candidate.scheme, *whose), []).append(row)
    most = {key: MOST_OF_DEED if key[0] else MOST_BENIGN for key in groups}
    kept = [rng.permutation(rows)[: most[key]] for key, rows in groups.items()]
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, dtype=np.int64)


def groups() -> tuple[tuple[Kind, ...], ...]:
    """Return kinds that are held back together; busy markets are of our own venue too."""
    others = [kind for kind in LEARNED_FROM if kind not in ("own", "busy")]
    return tuple((("own", "busy") if group == 0 else ()) + tuple(others[group::GROUPS]) for group in range(GROUPS))


def fit(paths: Sequence[Path], target: Path, progress: LiveProgress) -> Path:
    """Fit a model on what was read, and write it."""
    parts: list[Mapping[str, AnyArray]] = [np.load(path) for path in paths]
    model = SequenceModel.fit(
        np.concatenate([part["tokens"] for part in parts]).astype(np.float32),
        np.concatenate([part["labels"] for part in parts]),
        settings=SETTINGS,
        seed=1,
        progress=progress.update,
    )
    return model.save(target)


def main() -> None:
    """Read, fit, and write."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--out", type=Path, required=True, metavar="DIR", help="folder of what was read and the model")
    parser.add_argument("--jobs", type=int, default=1, help="processes that read")
    given = parser.parse_args()
    kept = given.out / "read"
    kept.mkdir(parents=True, exist_ok=True)
    places = [(kind, seed, kept / f"{kind}-{seed}.npz") for kind, seeds in LEARNED_FROM.items() for seed in seeds]
    missing = [place for place in places if not place[2].exists()]
    with LiveProgress() as progress:
        work = (delayed(read)(*place) for place in missing)
        for number, _ in enumerate(Parallel(n_jobs=given.jobs, return_as="generator_unordered")(work), start=1):
            progress.update("read", number, len(missing))
        without = given.out / "without"
        without.mkdir(exist_ok=True)
        for group in groups():
            if not all((without / f"{kind}.npz").exists() for kind in group):
                rest = [path for kind, _, path in places if kind not in group]
                first = fit(rest, without / f"{group[0]}.npz", progress)
                for kind in group[1:]:
                    with atomic_path(without / f"{kind}.npz") as draft:
                        copyfile(first, draft)
        print(f"Wrote {fit([path for _, _, path in places], given.out / 'bundled.npz', progress)} and {without}")


if __name__ == "__main__":
    main()
