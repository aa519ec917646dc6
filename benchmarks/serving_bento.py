"""The trained ensemble behind BentoML with its adaptive batching: ``bentoml serve serving_bento:Forecasts``.

In a file of its own, whose annotations are not text: BentoML reads them when the class is made.
"""

import bentoml

from serving_apps import BATCH, from_environment


@bentoml.service(workers=1, traffic={"timeout": 60, "max_concurrency": 1024})
class Forecasts:
    """One worker with one copy of the model."""

    def __init__(self) -> None:
        self.ensemble = from_environment()

    @bentoml.api(batchable=True, max_batch_size=BATCH, max_latency_ms=60_000)
    def predict(self, symbol: list[str]) -> list[dict]:
        """Answer those that wait together."""
        return self.ensemble.answer(symbol)
