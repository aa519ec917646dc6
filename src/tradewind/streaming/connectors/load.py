"""From ``connectors.toml`` to running connectors."""

from __future__ import annotations

import asyncio
import logging
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from pydantic import ValidationError

from tradewind.core import InputError, MissingExtraError, UsageError
from tradewind.streaming.connectors.feed import FeedConnector
from tradewind.streaming.connectors.pace import HostRates, Stopped, unless
from tradewind.streaming.connectors.poll import HttpConnector
from tradewind.streaming.connectors.protocol import Connector, Surroundings
from tradewind.streaming.connectors.settings import AnyConnectorSettings, ConnectorsFile, FeedSettings, HttpSettings
from tradewind.streaming.connectors.subscribe import WebSocketConnector
from tradewind.streaming.log.protocol import EventLog

_LOGGER = logging.getLogger(__name__)
_RESTART = 5.0


def read_connectors(path: str | Path) -> ConnectorsFile:
    """Return the checked content of a connectors file.

    Raises
    ------
    UsageError : it cannot be read, is no TOML, or holds something that does not fit; the message says where.
    """
    try:
        values = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(f"cannot be read ({error.strerror})", file=path, fix="give a readable TOML file") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError(f"is not valid TOML ({error})", file=path, fix="mend the syntax there") from error
    try:
        return ConnectorsFile.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_input=False)[0]  # the input could be a secret that was written into the file
        name = ".".join(str(part) for part in first["loc"])
        raise UsageError(first["msg"], file=path, field=name or None, fix="see docs/connectors.md") from error


def load_connectors(path: str | Path, around: Surroundings | None = None) -> list[Connector]:
    """Return the connectors of a file, ready to run.

    Parameters
    ----------
    around : what they share; by default the machine's clock, and ``state`` of the file, else the folder
        ``<file>.state`` beside it, for cursors and dead letters.

    Raises
    ------
    UsageError : the file does not fit, or a secret it names is absent.
    MissingExtraError : a library that a connector needs is not installed.
    """
    content = read_connectors(path)
    where = Path(content.state) if content.state else Path(f"{path}.state")
    around = around or Surroundings(state=where)
    shared = replace(around, rates=around.rates or HostRates(around.pace))
    return [_make(settings, shared) for settings in content.connector]


async def run_connectors(connectors: Sequence[Connector], log: EventLog, stop: asyncio.Event) -> None:
    """Run ``connectors``, each with a writer of its own, until ``stop`` is set; one that breaks is begun anew.

    Raises
    ------
    InputError, MissingExtraError : a connector cannot work as it is set up; the others are stopped first.
    """
    halt = asyncio.Event()
    tasks = [asyncio.create_task(_supervise(connector, log, halt), name=connector.name) for connector in connectors]
    stopping = asyncio.create_task(stop.wait())
    try:
        await asyncio.wait((*tasks, stopping), return_when=asyncio.FIRST_COMPLETED)
    finally:
        halt.set()
        stopping.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, BaseException):
            raise result


async def _supervise(connector: Connector, log: EventLog, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            producer = await asyncio.to_thread(log.producer)
            try:
                await connector.run(producer, stop, log=log)
            finally:
                await asyncio.to_thread(producer.close)
        except (InputError, MissingExtraError):
            raise
        except Exception as error:  # whatever breaks one source, the others go on
            _LOGGER.exception("connector %s broke and is begun anew in %g s", connector.name, _RESTART)
            connector.status.failures += 1
            connector.status.problem = type(error).__name__
            try:
                await unless(stop, asyncio.sleep(_RESTART))
            except Stopped:
                return


def _make(settings: AnyConnectorSettings, around: Surroundings) -> Connector:
    if isinstance(settings, HttpSettings):
        return HttpConnector(settings, around)
    if isinstance(settings, FeedSettings):
        return FeedConnector(settings, around)
    return WebSocketConnector(settings, around)
