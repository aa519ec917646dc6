"""`tradewind serve`: bars in, forecasts out, until told to stop."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from tradewind.cli import options
from tradewind.cli.deploy import Canary, Shadow, Student
from tradewind.cli.registry_access import Audit, Registry

EPILOG = """[bold]Examples[/bold]

The champion of a registered name, on this machine, with its history from a file; no other server is needed:

  tradewind serve --model equity-daily@champion --prices prices.parquet

New bars from connectors, features and forecasts shared through Redis, the log in Kafka:

  tradewind serve --deployment models/deployment.json --connectors feeds.toml --redis redis://redis --kafka kafka:9092

A canary that goes back by itself when it fails:

  tradewind serve --model equity-daily@champion --canary equity-daily/7 --prices prices.parquet

One that is made champion by a signed decision once it has shown that it is not worse; features checked every night:

  tradewind serve --model equity-daily@champion --canary equity-daily/7 --promote-as otto --parity-at 22:30 \
    --prices prices.parquet

Then ask, with a key of `tradewind keys create`:

  curl -H "X-Api-Key: $KEY" http://127.0.0.1:8600/v1/forecasts/AAPL
"""
STATE = Path(".tradewind/serving")


def register(app: typer.Typer) -> None:
    """Add the command to ``app``."""
    app.command("serve", epilog=EPILOG)(serve)


def serve(
    model: Annotated[
        str | None,
        typer.Option("--model", metavar="MODEL", help="NAME@champion of the registry, or a folder of `train`."),
    ] = None,
    prices: Annotated[
        Path | None, typer.Option("--prices", metavar="FILE", help="Bars to begin with (Parquet or CSV); needed once.")
    ] = None,
    deployment: Annotated[
        Path | None,
        typer.Option("--deployment", metavar="FILE", help="What `tradewind deploy` wrote, in place of --model."),
    ] = None,
    canary: Canary = None,
    shadow: Shadow = None,
    student: Student = None,
    experiment: Annotated[
        Path | None, typer.Option("--experiment", metavar="TOML", help="An A/B test or canary (docs/rollout.md).")
    ] = None,
    news: options.News = None,
    universe: options.Universe = None,
    fear: options.Fear = None,
    connectors: Annotated[
        Path | None, typer.Option("--connectors", metavar="TOML", help="Sources of new bars and news.")
    ] = None,
    host: Annotated[str, typer.Option("--host", metavar="ADDRESS", help="Address to listen on.")] = "127.0.0.1",
    port: Annotated[int, typer.Option("--port", metavar="N", min=0, max=65535, help="0 takes a free one.")] = 8600,
    keys: Annotated[
        Path | None,
        typer.Option("--keys", metavar="FILE", envvar="TRADEWIND_API_KEYS", help="Keys of callers (in --state)."),
    ] = None,
    no_auth: Annotated[
        bool, typer.Option("--no-auth", help="Ask for no keys; only on addresses of this machine itself.")
    ] = False,
    tls_cert: Annotated[
        Path | None, typer.Option("--tls-cert", metavar="PEM", help="Certificate of the server.")
    ] = None,
    tls_key: Annotated[Path | None, typer.Option("--tls-key", metavar="PEM", help="Its key.")] = None,
    tls_client_ca: Annotated[
        Path | None, typer.Option("--tls-client-ca", metavar="PEM", help="Callers need a certificate of it.")
    ] = None,
    redis: Annotated[
        str | None, typer.Option("--redis", metavar="URL", envvar="TRADEWIND_REDIS", help="Shared cache and features.")
    ] = None,
    redis_password_file: Annotated[
        Path | None, typer.Option("--redis-password-file", metavar="FILE", help="Its password, not in the URL.")
    ] = None,
    kafka: Annotated[
        str | None,
        typer.Option("--kafka", metavar="HOST:PORT", envvar="TRADEWIND_KAFKA", help="Brokers of the event log."),
    ] = None,
    kafka_password_file: Annotated[
        Path | None, typer.Option("--kafka-password-file", metavar="FILE", help="Password of the broker.")
    ] = None,
    role: Annotated[
        str, typer.Option("--role", metavar="ROLE", help="all, features, or api: only answers, from Redis and Kafka.")
    ] = "all",
    features: Annotated[
        str, typer.Option("--features", metavar="WHICH", help="all, or model: only what the versions read, faster.")
    ] = "all",
    state: Annotated[Path, typer.Option("--state", metavar="DIR", help="Log, features, predictions, spool.")] = STATE,
    otlp: Annotated[
        str | None, typer.Option("--otlp", metavar="URL", help="OpenTelemetry collector for traces (OTLP over HTTP).")
    ] = None,
    parity_at: Annotated[
        str | None,
        typer.Option("--parity-at", metavar="HH:MM", help="Each night from then on (UTC): features beside batch ones."),
    ] = None,
    promote_as: Annotated[
        str | None,
        typer.Option("--promote-as", metavar="PERSON", help="Sign promotions of an experiment with this person's key."),
    ] = None,
    log_level: Annotated[
        str, typer.Option("--log-level", metavar="LEVEL", help="debug, info, warning, error.")
    ] = "info",
    registry: Registry = None,
    audit: Audit = None,
) -> None:
    """Serve forecasts: bars come in through the event log, features are updated, every version answers, callers ask.

    It runs without any other server; Redis and Kafka are used where they are named. Everything it keeps lies in
    --state, and a new start goes on from there. Every served prediction is in the audit log. Metrics are at /metrics,
    the API's description at /openapi.json and /docs.
    """
    from tradewind.cli.serving import Ask, run

    run(
        Ask(
            model=model,
            prices=prices,
            deployment=deployment,
            others={name: text for name, text in (("canary", canary), ("shadow", shadow)) if text},
            student=student,
            experiment=experiment,
            news=news,
            universe=universe,
            fear=fear,
            connectors=connectors,
            host=host,
            port=port,
            keys=keys,
            no_auth=no_auth,
            tls=(tls_cert, tls_key, tls_client_ca),
            redis=redis,
            redis_password_file=redis_password_file,
            kafka=kafka,
            kafka_password_file=kafka_password_file,
            role=role,
            features=features,
            state=state,
            otlp=otlp,
            log_level=log_level,
            parity_at=parity_at,
            promote_as=promote_as,
            registry=registry,
            audit=audit,
        )
    )
