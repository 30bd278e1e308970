"""One block of texts or reports, counted into rows of figures; nothing is written here."""

from collections import Counter, defaultdict
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import Row, select

from webapp.db import Base, db
from webapp.models import (
    Campaign,
    FigureOfFailures,
    FigureOfTexters,
    FigureOfTexts,
    FigureOfWaits,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Report,
    Source,
)
from webapp.services import figure_reading as reading
from webapp.texting import waits

PENDING = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.SENDING)
# Which figure a state counts in; `unknown`, and what never was to leave, in none.
FIGURES = {
    MessageState.SENT: "sent",
    MessageState.DELIVERED: "delivered",
    MessageState.UNDELIVERED: "failed",
    MessageState.FAILED: "failed",
}
OPT_OUTS: dict[str, str] = {
    OptOutSource.STOP_WORD: "stop_word",
    OptOutSource.REPORT: "report",
    OptOutSource.ADMIN: "admin",
    OptOutSource.IMPORT: "imported",
    OptOutSource.CARRIER: "carrier",
}
# What a row of each table is about, besides its block.
ABOUT: dict[type[Base], tuple[str, ...]] = {
    FigureOfTexts: (
        *("campaign_id", "texting", "day", "action_id", "script_id", "list_id", "hour"),
    ),
    FigureOfFailures: ("campaign_id", "texting", "day", "action_id", "code"),
    FigureOfWaits: ("campaign_id", "texting", "day", "action_id", "step"),
    FigureOfTexters: ("campaign_id", "texting", "day", "user_id"),
}
Key = tuple[Any, ...]


@dataclass
class Counted:
    """What a block comes to, by table and by what a row is about."""

    newest: datetime | None
    pending: int = 0
    rows: dict[type[Base], dict[Key, Counter[str]]] = field(
        default_factory=lambda: {model: defaultdict(Counter) for model in ABOUT}
    )

    def add(self, model: type[Base], key: Key, figure: str, amount: int = 1) -> None:
        """Add to one figure."""
        self.rows[model][key][figure] += amount


def messages(block: int) -> Counted:
    """Count a block of texts, in and out."""
    counted = Counted(reading.newest(Message, block))
    place = _Places()
    _count_states(counted, place, block)
    for row in reading.replies(block):
        start, day, hour = place(row)
        counted.add(FigureOfTexts, (*start, day, *_cell(row), hour), "replied")
        step = waits.step((row.replied_at - row.at).total_seconds())
        counted.add(FigureOfWaits, (*start, day, row.action_id, step), "replied")
    for row in reading.opt_outs(block):
        start, day, hour = place(row)
        figure = OPT_OUTS[row.details["source"]]
        counted.add(FigureOfTexts, (*start, day, *_cell(row), hour), figure)
    for row in reading.written(block):
        start, day, _hour = place(row)
        figure = "sent" if row.kind is MessageKind.FIRST else "replies"
        counted.add(FigureOfTexters, (*start, day, row.user_id), figure, row.texts)
    for row in reading.hints(block):
        start, day, _hour = place(row)
        counted.add(FigureOfTexters, (*start, day, row.user_id), "hints")
    return counted


def reports(block: int) -> Counted:
    """Count a block of reports."""
    counted = Counted(reading.newest(Report, block))
    place = _Places()
    for row in reading.reports(block):
        start, day, _hour = place(row)
        counted.add(FigureOfTexters, (*start, day, row.user_id), "reports", row.reports)
    return counted


OF = {Source.MESSAGE: messages, Source.REPORT: reports}


def _count_states(counted: Counted, place: "_Places", block: int) -> None:
    for row in reading.states(block):
        counted.pending += row.texts if row.state in PENDING else 0
        figure = FIGURES.get(row.state)
        if figure is None:
            continue
        start, day, hour = place(row)
        counted.add(FigureOfTexts, (*start, day, *_cell(row), hour), figure, row.texts)
        if figure == "failed":
            counted.add(FigureOfFailures, (*start, day, row.action_id, row.code), figure, row.texts)


def _cell(row: Row[Any]) -> Key:
    return (row.action_id, row.script_id, row.list_id)


class _Places:
    """Where a row counts: its campaign and kind of texting, and the day and hour there."""

    def __init__(self) -> None:
        self._zones: dict[int, str] = {}

    def __call__(self, row: Row[Any]) -> tuple[Key, date, int]:
        day, hour = _local(row.at, self._zone(row.campaign_id))
        return (row.campaign_id, row.texting), day, hour

    def _zone(self, campaign_id: int) -> str:
        if campaign_id not in self._zones:
            query = select(Campaign.time_zone).where(Campaign.id == campaign_id)
            self._zones[campaign_id] = db.session.scalars(query).one()
        return self._zones[campaign_id]


@lru_cache(maxsize=10_000)
def _local(at: datetime | str, zone: str) -> tuple[date, int]:
    """Day and hour in a zone, of a moment or of ten minutes as the statements write them."""
    moment = datetime.fromisoformat(f"{at}0").replace(tzinfo=UTC) if isinstance(at, str) else at
    local = moment.astimezone(ZoneInfo(zone))
    return local.date(), local.hour
