"""How long one training epoch of the LSTM takes, beside the time its matrix products alone need.

    python benchmarks/lstm_epoch.py [--quick] [--hidden 32 128] [--threads 1 2] [--repeats 3]

The panel is 500 symbols by 2,520 bars by 47 features, random; the net reads chunks of 60 bars, each bar once.

The bound is the multiply-adds of the products that the epoch cannot do without, over the rate of a large float32
product on the same number of threads, measured right before and after each epoch (the faster of the two is taken, so
the bound is the strict one). With p features and h hidden units a bar costs 4h(p + h) multiply-adds forward, as many
for the gradients of the weights, and 4hh for those of the states; the features need no gradient. Gates, dropout,
losses, the gathering of chunks and the optimiser count nothing in the bound and everything in the time.

The last column is the time over another bound: of the same products for a net that reads each row's own window of 60
bars, as nets that copy windows do. It says what reading each bar once, for all rows that look back on it, saves.
"""

from __future__ import annotations

import argparse
import resource
import time
from statistics import median

import numpy as np
import torch

from tradewind.core import Dataset, Labels, Panel
from tradewind.models import LSTMForecaster, LSTMSettings
from tradewind.models.nets.learning.device import fixed_threads, own_random_state
from tradewind.models.nets.learning.loop import Course, Schedule, train
from tradewind.models.nets.learning.losses import Lessons, Penalties
from tradewind.models.nets.modules.backbone import TwoHeadNet
from tradewind.models.nets.sequences import training_chunks

STEPS = 60
SIDE = 2048  # of the square product that gives the rate


def make_data(symbols: int, bars: int, n_features: int) -> Dataset:
    """Return a panel of noise."""
    rng = np.random.default_rng(0)
    n = symbols * bars
    days = np.arange(np.datetime64("2010-01-01"), np.datetime64("2010-01-01") + bars)
    price = np.full(n, 40.0)
    columns = {"symbol": np.repeat([f"S{i:03}" for i in range(symbols)], bars), "time": np.tile(days, symbols)}
    columns |= dict.fromkeys(("open", "high", "low", "close", "adj_close", "volume"), price)
    panel = Panel.from_columns(columns)
    move = rng.normal(0, 0.01, n)
    labels = Labels(
        start=panel.time, end=panel.time, direction=(move > 0).astype(float), forward_return=move, horizon=1
    )
    features = rng.standard_normal((n, n_features), dtype=np.float32)
    return Dataset(panel=panel, features=features, names=tuple(f"f{i}" for i in range(n_features)), labels=labels)


def product_rate(threads: int) -> float:
    """Return multiply-adds per second of a large float32 product, the best of five."""
    with fixed_threads(threads):
        a, b = torch.ones(SIDE, SIDE), torch.ones(SIDE, SIDE)
        best = np.inf
        for _ in range(5):
            start = time.perf_counter()
            torch.mm(a, b)
            best = min(best, time.perf_counter() - start)
    return SIDE**3 / best


def multiply_adds(bars: int, p: int, h: int) -> float:
    """Return the multiply-adds of the LSTM's products in an epoch over ``bars`` bars."""
    return bars * (2 * 4 * h * (p + h) + 4 * h * h)


def epoch_seconds(data: Dataset, hidden: int, threads: int, updates: int) -> tuple[float, int]:
    """Return seconds of one epoch, cuts and optimiser included, and the bars it read."""
    settings = LSTMSettings(hidden=hidden, span=STEPS, burn_in=0, updates=updates)
    rows = np.arange(len(data))
    read = 0

    def cut(phase: int):
        nonlocal read
        chunks = training_chunks(data, rows, span=STEPS, burn_in=0, phase=phase)
        read = chunks.index.size
        return chunks

    lessons = Lessons(
        features=torch.from_numpy(data.features),
        direction=torch.from_numpy(data.labels.direction.astype(np.float32)),
        returns=torch.from_numpy(data.labels.forward_return.astype(np.float32) * 100),
        weight=torch.ones(len(data)),
    )
    schedule = Schedule(
        epochs=1,
        patience=1,
        updates=updates,
        learning_rate=settings.learning_rate,
        weight_decay=settings.weight_decay,
        clip=settings.clip,
        span=STEPS,
        precision="float32",
        penalties=Penalties(return_weight=0.2, l1=0.0, parity=0.0, adversarial=0.0, adversarial_radius=0.1),
    )
    p = data.features.shape[1]
    with fixed_threads(threads), own_random_state(torch.device("cpu"), 0):
        net = TwoHeadNet(LSTMForecaster(settings).backbone(p), p, settings.dropout)
        start = time.perf_counter()
        train(net, Course(lessons=lessons, cut=cut, tail=None), schedule, np.random.default_rng(0), lambda _: None)
        return time.perf_counter() - start, read


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--quick", action="store_true", help="a panel of 50 symbols")
    parser.add_argument("--hidden", type=int, nargs="+", default=[32, 128])
    parser.add_argument("--threads", type=int, nargs="+", default=[1])
    parser.add_argument("--updates", type=int, default=40)
    parser.add_argument("--repeats", type=int, default=3)
    flags = parser.parse_args()
    symbols = 50 if flags.quick else 500
    data = make_data(symbols, 2520, 47)
    print(f"{symbols} symbols x 2520 bars x 47 features, chunks of {STEPS} bars, {flags.updates} steps an epoch")
    print(
        "hidden threads   Gmadd   epoch, s (min/median/max)   bound, s   times the bound (min/median/max)   of windows"
    )
    for hidden in flags.hidden:
        for threads in flags.threads:
            seconds, ratios, bounds = [], [], []
            for _ in range(flags.repeats):
                before = product_rate(threads)
                spent, bars = epoch_seconds(data, hidden, threads, flags.updates)
                bound = multiply_adds(bars, 47, hidden) / max(before, product_rate(threads))
                seconds, ratios, bounds = [*seconds, spent], [*ratios, spent / bound], [*bounds, bound]
            work = multiply_adds(bars, 47, hidden) / 1e9
            windows = median(ratios) * bars / (len(data) * STEPS)
            row = f"{hidden:6} {threads:7} {work:7.1f}   {_span(seconds):25}   {median(bounds):8.2f}"
            print(f"{row}   {_span(ratios):36}   {windows:.3f}", flush=True)
    print(f"peak resident memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


def _span(values: list[float]) -> str:
    return f"{min(values):.2f} / {median(values):.2f} / {max(values):.2f}"


if __name__ == "__main__":
    main()
