"""What a stretch of the replayed market answers with: columns, so that much fits into little."""

from __future__ import annotations

from pydantic import BaseModel, Field


class ReplayBook(BaseModel):
    """Orders that rest at the beginning of a stretch, in the order in which they were entered; columns."""

    order: list[int] = Field(description="Number of the order within this answer.")
    side: list[int]
    price: list[int]
    left: list[int]
    account: list[int] = Field(description="Place in `accounts`; -1: not known.")


class ReplayRows(BaseModel):
    """Events as the book met them, in order; columns of one length.

    `time` : nanoseconds from `base`. `kind` : 1 entered, 2 taken back, 3 executed, 4 executed against a hidden order,
    5 halt, 6 news, 7 quote. `order`, `account`, `side` : of an execution the resting order's. `taker_order`, `taker`,
    `taker_side` : who arrived. `left` : shares the order had before. `level` : price levels better than its own at
    entry; -1: it crossed. `price` : ten-thousandths of a dollar.
    """

    time: list[int]
    kind: list[int]
    order: list[int]
    account: list[int]
    side: list[int]
    price: list[int]
    size: list[int]
    left: list[int]
    level: list[int]
    taker_order: list[int]
    taker: list[int]
    taker_side: list[int]
    seq: list[int]


class ReplayStretch(BaseModel):
    """A stretch of one symbol's market around an alert.

    `start`, `end` : of this stretch; `span` : of the whole time shown; nanoseconds from `base`. `next` : where the next
    stretch begins; null at the end. `suspects` : places in `accounts` of the alert's accounts.
    """

    alert: str
    symbol: str
    base: str
    base_time: str
    start: int
    end: int
    span: int
    alert_start: int
    alert_end: int
    next: int | None
    rows_before: int = Field(description="Events of the span before this stretch.")
    rows_total: int = Field(description="Events of the symbol within the whole span.")
    price_unit: int
    accounts: list[str]
    suspects: list[int]
    orders: dict[str, str] = Field(description="Venue's order ids of the suspects' orders, by number in this answer.")
    named: list[int] = Field(description="Rows that the detector named as evidence.")
    book: ReplayBook
    rows: ReplayRows
