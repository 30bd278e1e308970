"""What Home shows, as its poll carries it along in its address."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from flask import g, request

from webapp.services import inbox_live, marks, possible, today
from webapp.services.inbox import View
from webapp.services.today import Midnight
from webapp.services.watched import News
from webapp.web.context import badges
from webapp.web.queries import number

# Today's figures are counted this often at most while things go on, the rest at every poll.
SECONDS = 15


@dataclass(frozen=True)
class Glance:
    """The counts beside the table; `ticks` moves whenever something of today's may have."""

    needs: int
    possible: int
    ticks: str


@dataclass(frozen=True)
class Seen:
    """What a page of Home knows.

    `rows` is the mark of its table, `shown` of all it shows and `counted` of what it showed when
    today's figures were counted, in the `slot` of SECONDS that it was then.
    """

    rows: str
    shown: str
    counted: str
    slot: int
    began: Midnight | None

    @property
    def kept(self) -> dict[str, Any]:
        """The same as the query of an address."""
        kept = {"rows": self.rows, "shown": self.shown, "counted": self.counted, "slot": self.slot}
        if self.began is None:
            return kept
        where = {"texts": self.began.text_id, "trail": self.began.entry_id}
        return kept | {"day": self.began.day.isoformat()} | where


def now() -> Glance:
    """The counts and the clock as they are: three statements."""
    inbox = inbox_live.glance(g.campaign.id, None)
    needs, waiting = inbox.counts[View.NEEDS], possible.count(g.campaign.id)
    badges().note("needs", needs)
    badges().note("possible", waiting)
    last = today.last_opt_out(g.campaign.id)
    return Glance(needs, waiting, f"{inbox.tick}.{last}.{needs}.{waiting}")


def first(glance: Glance, rows: str, began: Midnight, *, now: datetime) -> Seen:
    """What a page knows that was just made."""
    shown = _digest(glance, f"{rows} ")
    return Seen(rows, shown, shown, _slot(now), began)


def asked() -> Seen:
    """What the page knows that asks."""
    said = request.args
    try:
        began = Midnight(date.fromisoformat(said.get("day", "")), number("texts"), number("trail"))
    except ValueError:
        began = None
    rows, shown, counted = (said.get(name, "") for name in ("rows", "shown", "counted"))
    return Seen(rows, shown, counted, number("slot"), began)


def after(seen: Seen, glance: Glance, news: News, *, now: datetime) -> Seen:
    """What the page will know: with another `slot` when today's figures have to be counted.

    They are when something moved since they were, or when a new day has begun.
    """
    shown, slot = _digest(glance, f"{news.mark} {news.new}"), _slot(now)
    began = seen.began
    if began is None or began.day != now.astimezone(ZoneInfo(g.campaign.time_zone)).date():
        began = today.midnight(g.campaign, now=now)
    elif seen.counted == shown or seen.slot == slot:
        return Seen(news.mark, shown, seen.counted, seen.slot, began)
    return Seen(news.mark, shown, shown, slot, began)


def _slot(now: datetime) -> int:
    return int(now.timestamp()) // SECONDS


def _digest(glance: Glance, rows: str) -> str:
    return marks.digest(f"{glance.ticks} {rows}", 8)
