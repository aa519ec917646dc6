"""Writes docs/capacity.md: nodes and cost of 100,000 requests a second, from results/capacity.toml, and a simulation.

python benchmarks/capacity.py            # about half a minute
python benchmarks/capacity.py --peak 20000
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from capacity_model import INPUTS, Cost, Inputs, Plan, cost_of, day_curve, plan_fleet, units_of
from capacity_sim import LOST, REFUSED, Outage, Run, World, arrivals, bursts, simulate
from tradewind.core.arrays import BoolArray, FloatArray
from tradewind.core.files import write_text

PAGE = Path(__file__).parents[1] / "docs" / "capacity.md"
SECONDS, STEP, FAULT = 20.0, 0.01, 6.0
SEED = 11


@dataclass(frozen=True, kw_only=True)
class Case:
    """Something that happens at the peak: an outage of nodes, bursts, a lost cache."""

    words: str
    lost: str = ""
    burst: bool = False
    cold: bool = False


CASES = (
    Case(words="an ordinary peak"),
    Case(words="bursts", burst=True),
    Case(words="a node is lost", lost="node"),
    Case(words="a zone is lost", lost="zone"),
    Case(words="every cache is lost", cold=True),
    Case(words="a zone is lost amid bursts", lost="zone", burst=True),
)


def requests(inputs: Inputs, case: Case, nodes: int, seconds: float = SECONDS) -> tuple[FloatArray, FloatArray]:
    """Return arrival times and core seconds of each request of ``seconds`` at the peak."""
    demand, rng = inputs.demand, np.random.default_rng(SEED)
    rate = np.full(round(seconds / STEP), demand.peak)
    if case.burst:
        spell = {"times": demand.burst, "lasting": demand.burst_seconds, "every": demand.burst_every}
        rate *= bursts(seconds, STEP, rng, **{**spell, "every": min(demand.burst_every, seconds / 2)})
    due = arrivals(rate, STEP, rng)
    kinds = tuple(demand.mix)
    kind = rng.choice(len(kinds), size=len(due), p=np.array([demand.mix[name] for name in kinds]))
    core = inputs.seconds()
    service = np.array([core[name] for name in kinds])[kind]
    if case.cold:
        cached = kind == kinds.index("cached")
        service = np.where(cached & _missed(inputs, due, nodes, rng), core["computed"], service)
    return due, service


def _missed(inputs: Inputs, due: FloatArray, nodes: int, rng: np.random.Generator) -> BoolArray:
    """Which requests meet a cache that has not seen their symbol since all were emptied at :data:`FAULT`.

    A node computes a symbol once: it has not seen one of rate r by t with chance exp(-r t / nodes).
    """
    fleet = inputs.fleet
    weight = np.arange(1, fleet.symbols + 1, dtype=np.float64) ** -fleet.zipf
    weight /= weight.sum()
    rate = weight[rng.choice(fleet.symbols, size=len(due), p=weight)] * inputs.demand.peak / nodes
    since = due - FAULT
    missed: BoolArray = (since >= 0) & (rng.random(len(due)) < np.exp(-rate * np.maximum(since, 0.0)))
    return missed


def run_case(inputs: Inputs, case: Case, nodes: int, seconds: float = SECONDS) -> Run:
    """Simulate ``seconds`` at the peak on ``nodes`` nodes."""
    fleet = inputs.fleet
    gone = {"": (), "node": (0,), "zone": tuple(range(0, nodes, fleet.zones))}[case.lost]
    outages = (Outage(nodes=gone, start=FAULT, end=seconds + 1.0),) if gone else ()
    world = World(
        nodes=nodes,
        cores=fleet.cores,
        most_wait=fleet.most_wait,
        detect=fleet.detect,
        retry=fleet.retry,
        outages=outages,
    )
    due, service = requests(inputs, case, nodes, seconds)
    return simulate(due, service, world, SEED)


def row(inputs: Inputs, case: Case, nodes: int) -> str:
    """Return a line of the table: latencies before and after the fault, and what was refused and lost."""
    run = run_case(inputs, case, nodes)
    after = run.due >= FAULT
    noticed = run.due >= FAULT + inputs.fleet.detect
    cells = [
        case.words,
        f"{nodes}",
        f"{1e3 * run.quantile(0.5):.2f}",
        f"{1e3 * run.quantile(0.99, after):.1f}",
        f"{1e3 * run.quantile(0.99, noticed):.1f}",
        f"{run.count(REFUSED):,} ({100 * run.share(REFUSED):.2f} %)",
        f"{run.count(LOST):,}",
    ]
    return f"| {' | '.join(cells)} |"


def follow(inputs: Inputs, plan: Plan) -> list[str]:
    """Return a table of the day with nodes that follow it an hour late, two seconds simulated of each hour."""
    curve, fleet = day_curve(inputs), inputs.fleet
    lines = ["| hour | requests a second | nodes | busy | p99 ms | refused |", "|---|---|---|---|---|---|"]
    for hour in range(0, len(curve), 2):
        wanted = float(np.ceil(plan.nodes * curve[hour - 1] / inputs.demand.peak))
        nodes = max(fleet.zones, int(wanted))
        busy = curve[hour] * inputs.mean_seconds() / (nodes * fleet.cores)
        now = inputs.model_copy(update={"demand": inputs.demand.model_copy(update={"peak": float(curve[hour])})})
        run = run_case(now, CASES[0], nodes, seconds=2.0)
        cells = (f"{hour}", f"{curve[hour]:,.0f}", f"{nodes}", f"{100 * busy:.0f} %", f"{1e3 * run.quantile(0.99):.1f}")
        lines.append(f"| {' | '.join(cells)} | {run.count(REFUSED)} |")
    return lines


def page(inputs: Inputs) -> str:
    """Return the page."""
    plan = plan_fleet(inputs)
    cost = cost_of(inputs, plan)
    around = (plan.nodes - inputs.fleet.zones, plan.nodes, plan.nodes + inputs.fleet.zones)
    rows = [row(inputs, case, nodes) for case in CASES for nodes in around if nodes >= inputs.fleet.zones]
    parts = (_head(inputs, plan), _work(inputs), _stores(inputs), _cost(inputs, plan, cost), _sim(rows))
    return "\n".join([line for part in parts for line in part] + _day(follow(inputs, plan)))


def _head(inputs: Inputs, plan: Plan) -> list[str]:
    demand, fleet = inputs.demand, inputs.fleet
    mix = ", ".join(f"{100 * share:g} % {name}" for name, share in demand.mix.items())
    return [
        f"# Capacity: {demand.peak:,.0f} requests a second",
        "",
        f"Written by `python benchmarks/capacity.py` from `benchmarks/results/capacity.toml` (inputs `{inputs.id}`).",
        "",
        f"**{plan.nodes} nodes of {fleet.cores} cores in {fleet.zones} zones.** The peak is {mix}:"
        f" {plan.cores_of_work:.1f} cores of work. With all up a core is busy {100 * plan.busy:.0f} % of its time"
        f" (mark: {100 * fleet.most_busy:.0f} %); with a zone and {fleet.spare_nodes} more gone"
        f" {100 * plan.busy_zone_lost:.0f} % (mark: {100 * fleet.most_busy_zone_lost:.0f} %).",
        "",
        "cores = Σ rate of a kind / what one core does of it; nodes are the least number, equal in every zone,"
        " that keeps both marks.",
        "",
    ]


def _note(measured: bool, source: str) -> str:
    return source if measured else f"**placeholder**: {source}"


def _work(inputs: Inputs) -> list[str]:
    lines = [
        "## What one core does",
        "",
        "| request | a second | share | cores at the peak | from |",
        "|---|---|---|---|---|",
    ]
    for work in inputs.work:
        rate = inputs.demand.mix[work.name] * inputs.demand.peak
        share = f"{100 * inputs.demand.mix[work.name]:g} %"
        note = _note(work.measured, work.source)
        lines.append(f"| {work.name} | {work.per_core:,.0f} | {share} | {rate / work.per_core:.2f} | {note} |")
    return [*lines, ""]


def _stores(inputs: Inputs) -> list[str]:
    lines = [
        "## Stores beside the nodes",
        "",
        "| store | operations a second | one unit | units | from |",
        "|---|---|---|---|---|",
    ]
    for store in inputs.store:
        load = store.fixed + store.per_request * inputs.demand.peak
        note = _note(store.measured, store.source)
        units = f"{units_of(inputs, store)} ({store.spare} spare)"
        lines.append(f"| {store.name} | {load:,.0f} | {store.per_unit:,.0f} | {units} | {note} |")
    return [*lines, ""]


def _cost(inputs: Inputs, plan: Plan, cost: Cost) -> list[str]:
    lines = [
        "## Cost of a month",
        "",
        f"Prices are inputs: a node of {inputs.fleet.cores} cores ${inputs.prices.node_hour}/h, a year's commitment"
        f" leaves {100 * inputs.prices.reserved:g} %. A day is a cosine from {100 * inputs.demand.trough:g} % of the"
        f" peak to the peak: {cost.requests:,.0f} requests a month.",
        "",
        "| part | US dollars |",
        "|---|---|",
        *(f"| {name} | {dollars:,.0f} |" for name, dollars in cost.parts.items()),
        f"| **all** | **{cost.total:,.0f}** |",
        "",
        f"${cost.per_million:.4f} a million requests. Nodes that follow the day, paid by the hour, would cost"
        f" ${cost.scaled:,.0f} in place of ${cost.parts['nodes']:,.0f} for {plan.nodes} that always run and are"
        " committed to.",
        "",
    ]
    if (largest := max(cost.parts, key=lambda name: cost.parts[name])) != "nodes":
        lines += [f"The largest part is not the nodes but: {largest}.", ""]
    return lines


def _sim(rows: list[str]) -> list[str]:
    return [
        "## Simulation",
        "",
        f"{SECONDS:g} seconds at the peak, open loop, seed {SEED}; a fault comes at second {FAULT:g} and stays. A"
        " request that would wait too long is refused (429); one that is sent to a node that is gone is sent to another"
        " once, and is lost where that is gone too, or where it was in the node's hands. The same"
        " simulator gives the waits of M/M/c and M/D/c queues (`tests/benchmarks/test_capacity.py`).",
        "",
        "| what happens | nodes | p50 ms | p99 ms after it | p99 ms once noticed | refused | lost |",
        "|---|---|---|---|---|---|---|",
        *rows,
        "",
        "Times are those of waiting and computing; the network is not in them.",
        "",
    ]


def _day(rows: list[str]) -> list[str]:
    return [
        "## A day with nodes that follow it",
        "",
        "Nodes in proportion to the rate of an hour before, at least one a zone: a slow autoscaler.",
        "",
        *rows,
        "",
    ]


def main() -> None:
    """Write the page, or print it for another peak."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--peak", type=float, help="requests a second; the page is printed, not written")
    peak = parser.parse_args().peak
    inputs = Inputs.from_toml(INPUTS)
    if peak is not None:
        demand = inputs.demand.model_copy(update={"peak": peak})
        print(page(inputs.model_copy(update={"demand": demand})))
        return
    write_text(PAGE, page(inputs))
    print(f"wrote {PAGE}")


if __name__ == "__main__":
    main()
