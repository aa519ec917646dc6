"""`tradewind surveil rules`: a model in a handful of rules that a person can read."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.surveil_run import Schemes

RULES = """[bold]Examples[/bold]

The model that comes with the package, one scheme:

  tradewind surveil rules --schemes spoofing

One of your own, as JSON:

  tradewind surveil rules --model out/model --json
"""


def register(group: typer.Typer) -> None:
    """Add the command to ``group``."""
    group.command("rules", epilog=RULES)(rules)


def rules(
    model: Annotated[
        Path | None, typer.Option("--model", metavar="DIR", help="A trained model (the one of the package).")
    ] = None,
    schemes: Schemes = None,
    least: Annotated[
        float, typer.Option("--least", metavar="SCORE", min=0.0, max=1.0, help="Leave out rules of lower mean score.")
    ] = 0.05,
    as_json: options.Json = False,
) -> None:
    """Show rules that imitate the model of each scheme, and how faithfully, judged on markets they were not made of."""
    from dataclasses import asdict

    from tradewind.cli import show
    from tradewind.cli.surveilling import chosen_schemes
    from tradewind.surveillance.explain import read_rules
    from tradewind.surveillance.learning import bundled_folder

    wanted = chosen_schemes(schemes)
    if model is None:
        with bundled_folder() as folder:
            found = read_rules(folder)
    else:
        found = read_rules(model)
    shown = {scheme: one for scheme, one in found.items() if wanted is None or scheme in wanted}
    if as_json:
        show.print_json({scheme.value: asdict(one) for scheme, one in shown.items()})
        return
    for scheme, one in shown.items():
        rows = [
            {
                "where": "; ".join(condition.words(scheme) for condition in rule.conditions) or "always",
                "score": rule.score,
                "true": "-" if rule.rows == 0 else f"{100 * rule.precision:.0f} % of {rule.rows}",
            }
            for rule in one.rules
            if rule.score >= least
        ]
        title = (
            f"{scheme.value}: {100 * one.fidelity:.0f} % of the variance of the model's log odds, the same side of "
            f"the bar for {100 * one.agreement:.1f} % of {one.judged:,} candidates"
        )
        show.table(rows or [{"where": "no rule scores so high", "score": 0.0, "true": "-"}], title=title, as_json=False)
