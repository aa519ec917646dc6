"""The trained ensemble behind LitServe, one worker with batches: ``python benchmarks/serving_lit.py PORT``."""

from __future__ import annotations

import sys
from typing import Any

import litserve

from serving_apps import BATCH, WAIT_MS, from_environment


class Forecasts(litserve.LitAPI):
    """Answers those that wait together."""

    def setup(self, device: str) -> None:  # noqa: ARG002
        """Load the model in the worker."""
        self.ensemble = from_environment()

    def decode_request(self, request: dict[str, str]) -> str:
        """Return the symbol that is asked for."""
        return request["symbol"]

    def batch(self, inputs: list[str]) -> list[str]:
        """Leave the symbols as they are."""
        return inputs

    def predict(self, x: list[str]) -> list[dict[str, Any]]:
        """Return the forecasts of a batch."""
        return self.ensemble.answer(x)

    def unbatch(self, output: list[dict[str, Any]]) -> list[dict[str, Any]]:
        """Leave the forecasts as they are."""
        return output

    def encode_response(self, output: dict[str, Any]) -> dict[str, Any]:
        """Return what is sent."""
        return output


if __name__ == "__main__":
    api = Forecasts(max_batch_size=BATCH, batch_timeout=WAIT_MS / 1000.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1)
    server.run(
        host="127.0.0.1", port=int(sys.argv[1]), num_api_servers=1, generate_client_file=False, log_level="warning"
    )
