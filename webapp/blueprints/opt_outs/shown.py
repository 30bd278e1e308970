"""Texts and clocks as the queues of the admins write them."""

from dataclasses import dataclass
from datetime import date, datetime

from webapp.db import utc_now
from webapp.services import possible, wrote_back
from webapp.texting import business_days, hints
from webapp.texting.keywords import OwnWords
from webapp.web import filters

# Fewer business days than this are shown in red.
FEW = 3


@dataclass(frozen=True)
class Clock:
    """The ten business days of a request: what is left of them, in words."""

    left: int
    last: date

    @property
    def is_late(self) -> bool:
        """Whether little or nothing is left."""
        return self.left < FEW

    @property
    def words(self) -> str:
        """For instance "2 business days left"."""
        if self.left < 0:
            return f"Overdue by {filters.plural(-self.left, 'business day')}"
        if self.left == 0:
            return "Today is the last day"
        return f"{filters.plural(self.left, 'business day')} left"

    @property
    def until(self) -> str:
        """The last day: Mon, May 18."""
        return f"{self.last:%a}, {self.last:%b} {self.last.day}"


@dataclass(frozen=True)
class Card:
    """A text that waits, as the page shows it."""

    line: possible.Line
    clock: Clock
    parts: list[tuple[str, bool]]
    said: str


def card(line: possible.Line, own: OwnWords) -> Card:
    """A text of Possible opt-outs."""
    return Card(line, clock(line.message.created_at), parts(line.message.body, own), said(line))


def clock(received: datetime) -> Clock:
    """What is left of ten business days, by the calendar of the campaign's zone."""
    day = received.astimezone(filters.zone()).date()
    today = utc_now().astimezone(filters.zone()).date()
    return Clock(business_days.left(day, today), business_days.deadline(day))


def parts(body: str, own: OwnWords) -> list[tuple[str, bool]]:
    """A text cut at the words that read like a request to stop, which are marked."""
    hint = hints.find(body, **own)
    return hint.cut(body) if hint else [(body, False)]


def said(line: possible.Line) -> str:
    """Who has the conversation, and what that person said of the text."""
    message = line.message
    if line.is_dismissed and message.hint_at:
        who = line.said_by or "A texter"
        return f"{who} said it is no request, {_ago(message.hint_at)}."
    if line.is_told and message.hint_at:
        return f"{line.said_by} told you about it, {_ago(message.hint_at)}."
    if line.texter:
        return f"With {line.texter} for {_span(message.created_at)}."
    return "Nobody has this conversation."


def reads_like_a_request(line: wrote_back.Line, own: OwnWords) -> bool:
    """Whether an opted-out person asks again, in words of their own."""
    return hints.find(line.message.body, **own) is not None


def _ago(moment: datetime) -> str:
    span = _span(moment)
    return span if span == "just now" else f"{span} ago"


def _span(moment: datetime) -> str:
    return str(filters.ago(moment).striptags())
