"""What a killed process had begun, settled by asking a real broker."""

from __future__ import annotations

import uuid
from pathlib import Path
from typing import Any

import pytest

from tradewind.streaming.connectors.delivery import ITEM_HEADER, Batch, Delivery, items_since
from tradewind.streaming.connectors.mapping import Mapped
from tradewind.streaming.connectors.status import ConnectorStatus
from tradewind.streaming.connectors.store import DeadLetters, Store
from tradewind.streaming.log import open_log
from tradewind.streaming.records import Trade


def trade(number: int) -> Mapped:
    return Mapped(str(number), Trade(symbol=f"S{number % 3}", time=number, price=1.0, size=1.0, id=str(number)))


def settle(log: Any, folder: Path, name: str) -> set[str]:
    """Kill a delivery of four items after two were written, begin anew, and return what the log holds of it."""
    with Store(folder / "s.sqlite") as store:
        producer = log.producer()
        before = log.ends("trades")
        store.intend(dict.fromkeys("1234", ""), before)
        for number in (1, 2):
            producer.send(trade(number).record, headers={ITEM_HEADER: f"{name}:{number}#"})
        producer.flush()
        status = ConnectorStatus(name=name, kind="http", topic="trades")
        delivery = Delivery(store, DeadLetters(folder / "dead"), producer, status, log=log)
        delivery.recover()
        new = delivery.deliver(Batch(mapped=[trade(number) for number in (1, 2, 3, 4)]))
        producer.close()
        assert sorted(record.id for record in new if isinstance(record, Trade)) == ["3", "4"]
        assert sum(log.ends("trades").values()) - sum(before.values()) == 4
        return items_since(log, "trades", before, group=f"check-{name}")


def test_the_embedded_log_tells_what_it_holds(tmp_path: Path) -> None:
    with open_log(str(tmp_path / "log")) as log:
        assert settle(log, tmp_path, "c") == {f"c:{n}#" for n in range(1, 5)}


@pytest.mark.slow
def test_a_broker_tells_what_it_holds(kafka_broker: str, tmp_path: Path) -> None:
    name = uuid.uuid4().hex
    with open_log(f"kafka://{kafka_broker}") as log:
        found = settle(log, tmp_path, name)
    assert {item for item in found if item.startswith(name)} == {f"{name}:{n}#" for n in range(1, 5)}
