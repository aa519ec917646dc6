"""Make the model of sequences that the package carries, from nothing: half an hour of two cores.

    python scripts/surveillance_sequences.py --out out/sequences --jobs 2

It learns from markets that nothing else learns from, so that what it says of others is out of sample. What was read is
kept in the folder, so a run that was cut goes on. ``bundled.npz`` in it is what lies in
``src/tradewind/surveillance/sequences``.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

import numpy as np
from joblib import Parallel, delayed

from tradewind.cli.show import LiveProgress
from tradewind.core.arrays import AnyArray, BoolArray, Float32Array, IntArray
from tradewind.core.files import atomic_path
from tradewind.surveillance.book import BookReplay, Tape, detect_style
from tradewind.surveillance.detectors.protocol import Candidate
from tradewind.surveillance.events.table import CHUNK
from tradewind.surveillance.live.simulated import Kind, simulated
from tradewind.surveillance.parts import make_detectors
from tradewind.surveillance.reading import in_order
from tradewind.surveillance.sequences import LEARNED_FROM, SequenceModel, SequenceSettings, TokenReader, sequence_labels

EVASIVE = 0.4
SETTINGS = SequenceSettings(wide=64)
MOST_OF_DEED, MOST_BENIGN = 8, 30
"""Rows of one planted deed that are learned from, and benign ones of each detector, in one market."""


def read(kind: Kind, seed: int, path: Path) -> None:
    """Keep tokens and labels of some candidates of a market."""
    market = simulated(kind, seed, evasive=EVASIVE)
    events = market.events
    detectors = make_detectors(market.sessions).values()
    replay = BookReplay(events.symbols, events.accounts, style=detect_style(events.take(slice(0, CHUNK))))
    reader = TokenReader()
    found: list[Candidate] = []
    tokens: list[Float32Array] = []

    def tell(tape: Tape, new: list[Candidate]) -> None:
        tokens.append(reader.advance(tape, in_order(new)).astype(np.float16))
        found.extend(in_order(new))

    for begin in range(0, len(events), CHUNK):
        tape = replay.update(events.take(slice(begin, begin + CHUNK)))
        tell(tape, [c for detector in detectors for c in detector.update(tape)])
    tape = replay.finish()
    tell(tape, [c for detector in detectors for c in detector.update(tape)])
    tell(tape.rows(len(tape), len(tape)), [c for detector in detectors for c in detector.finish()])
    labels = sequence_labels(found, market.truth, events.symbols, events.accounts)
    unclear = (sequence_labels(found, market.attempts, events.symbols, events.accounts) > 0) & (labels == 0)
    kept = some(found, labels, unclear, np.random.default_rng([seed, 17]))
    with atomic_path(path) as draft, draft.open("wb") as sink:
        np.savez(sink, tokens=np.concatenate(tokens)[kept], labels=labels[kept])


def some(found: list[Candidate], labels: IntArray, unclear: BoolArray, rng: np.random.Generator) -> IntArray:
    """Return which rows are kept: few of one deed, few benign ones of one detector, none that is neither."""
    groups: dict[tuple[object, ...], list[int]] = {}
    for row, candidate in enumerate(found):
        whose = (candidate.symbol, candidate.accounts[0]) if labels[row] else ()
        if not unclear[row]:
            groups.setdefault((int(labels[row]), candidate.scheme, *whose), []).append(row)
    most = {key: MOST_OF_DEED if key[0] else MOST_BENIGN for key in groups}
    kept = [rng.permutation(rows)[: most[key]] for key, rows in groups.items()]
    return np.sort(np.concatenate(kept)) if kept else np.empty(0, dtype=np.int64)


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
        parts: list[Mapping[str, AnyArray]] = [np.load(path) for _, _, path in places]
        model = SequenceModel.fit(
            np.concatenate([part["tokens"] for part in parts]).astype(np.float32),
            np.concatenate([part["labels"] for part in parts]),
            settings=SETTINGS,
            seed=1,
            progress=progress.update,
        )
    print(f"Wrote {model.save(given.out / 'bundled.npz')}")


if __name__ == "__main__":
    main()
