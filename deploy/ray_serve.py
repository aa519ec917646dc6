"""The server on a Ray cluster: every replica is the server of one machine, with Redis and Kafka as what they share.

    serve run --app-dir deploy ray_serve:application node=/etc/tradewind/node.toml keys=/etc/tradewind/keys.json most=20

Ray starts, counts and restarts the replicas, scales them by the requests in flight, and hands each its requests;
routes, access, limits, caches and audit are those of :func:`tradewind.serving.node.build_app`, unchanged. It needs
Ray's serving extra (requirements/ray-serve.txt).
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from pydantic import Field
from ray import serve
from slots import Slot

from tradewind.core import Settings, UsageError

Build = Callable[[], Any]


class RaySettings(Settings):
    """How replicas are run.

    ``node``, ``keys`` : settings of the server, of role ``api``, and the API keys, at the same paths on every machine.
    ``least``, ``most`` : replicas. ``cores`` : of one. ``in_flight`` : requests in flight of one at which another is
    started. ``queued`` : requests that may wait for a replica; more are refused with 503. ``drain`` : seconds for what
    is in flight when a replica ends.
    """

    node: Path
    keys: Path
    least: int = Field(default=2, ge=1)
    most: int = Field(default=8, ge=1)
    cores: float = Field(default=1.0, gt=0)
    in_flight: float = Field(default=16.0, gt=0)
    queued: int = Field(default=1000, ge=1)
    drain: float = Field(default=30.0, gt=0)


def deployment_of(build: Build, settings: RaySettings) -> Any:
    """Return the Ray application whose every replica serves the ASGI application that ``build`` makes there."""
    replica = serve.deployment(
        serve.ingress(build)(),
        name="tradewind",
        max_ongoing_requests=int(settings.in_flight * 4),
        max_queued_requests=settings.queued,
        health_check_period_s=5.0,
        health_check_timeout_s=10.0,
        graceful_shutdown_timeout_s=settings.drain,
        ray_actor_options={"num_cpus": settings.cores},
        autoscaling_config={
            "min_replicas": settings.least,
            "max_replicas": settings.most,
            "target_ongoing_requests": settings.in_flight,
            "upscale_delay_s": 5.0,
            "downscale_delay_s": 300.0,
        },
    )
    return replica.bind()


def application(arguments: dict[str, str]) -> Any:
    """Return the application of ``serve run``; ``arguments`` are the fields of :class:`RaySettings`."""
    settings = RaySettings.model_validate(arguments)

    def build() -> Any:
        from tradewind.serving.node.app import Outside, build_app
        from tradewind.serving.node.settings import NodeSettings

        node = NodeSettings.from_toml(settings.node)
        if node.role != "api":
            raise UsageError(
                "replicas answer from what another server computes",
                file=settings.node,
                field="role",
                fix='set role = "api", and run one `tradewind serve --role features` for the market',
            )
        slot = Slot(node.state)
        app = build_app(node.model_copy(update={"state": slot.folder}), Outside(keys=settings.keys))
        app.slot = slot  # held as long as the application is
        return app

    return deployment_of(build, settings)
