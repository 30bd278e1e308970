"""What happened in a campaign today, and what is left to set up."""

from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, ScalarSelect, func, select
from sqlalchemy.orm import InstrumentedAttribute

from webapp.db import db
from webapp.models import (
    Action,
    Campaign,
    Contact,
    Direction,
    Event,
    Membership,
    Message,
    Number,
    Role,
    Tag,
    TrailEntry,
)
from webapp.models.conversations import MessageState

# A count is read to here and then shown as "10,000+", so that a busy day costs no more.
MOST_COUNTED = 10_000
ENOUGH = 50  # texts that a rate needs
SENT = (MessageState.SENT, MessageState.DELIVERED, MessageState.UNDELIVERED)


@dataclass(frozen=True, slots=True)
class Counts:
    """Texts that left, texts that came in and people who opted out since midnight."""

    sent: int
    replies: int
    opt_outs: int

    @property
    def opt_out_rate(self) -> float | None:
        """Opt-outs in percent of the texts; None while there are too few to say anything."""
        return 100 * self.opt_outs / self.sent if self.sent >= ENOUGH else None


@dataclass(frozen=True, slots=True)
class SetUp:
    """What exists already, by looking and not by what somebody clicked."""

    contacts: bool
    tags: bool
    number: bool
    launched: bool
    texters: bool

    @property
    def is_done(self) -> bool:
        """Whether nothing is left to do."""
        return self.done == self.steps

    @property
    def done(self) -> int:
        """How many steps are done; the opt-out tags are made with the campaign."""
        return 1 + sum((self.contacts, self.tags, self.number, self.launched, self.texters))

    @property
    def steps(self) -> int:
        """How many there are."""
        return 6


@dataclass(frozen=True, slots=True)
class Midnight:
    """Where a day began: the first text and the first entry of the trail since then.

    Ids grow as time goes on, so both hold all day long; a poll brings them back.
    """

    day: date
    text_id: int
    entry_id: int


def midnight(campaign: Campaign, *, now: datetime) -> Midnight:
    """Where today began in the campaign's zone; found by halving, some twenty look-ups."""
    local = now.astimezone(ZoneInfo(campaign.time_zone))
    began = local.replace(hour=0, minute=0, second=0, microsecond=0)
    return Midnight(
        local.date(),
        first_id(Message.id, Message.created_at, began),
        first_id(TrailEntry.id, TrailEntry.at, began),
    )


def counts(campaign: Campaign, *, now: datetime) -> Counts:
    """What happened since midnight in the campaign's zone; each count stops at MOST_COUNTED."""
    return counts_since(campaign.id, midnight(campaign, now=now))


def counts_since(campaign_id: int, began: Midnight) -> Counts:
    """The same since a midnight that is known, in one statement."""
    mine = (Message.campaign_id == campaign_id, Message.id >= began.text_id)
    columns = (
        _capped(*mine, Message.direction == Direction.OUT, Message.state.in_(SENT), of=Message.id),
        _capped(*mine, Message.direction == Direction.IN, of=Message.id),
        _capped(
            TrailEntry.campaign_id == campaign_id,
            TrailEntry.event == Event.OPTED_OUT,
            TrailEntry.id >= began.entry_id,
            of=TrailEntry.id,
        ),
    )
    return Counts(*db.session.execute(select(*columns)).one())


def last_opt_out(campaign_id: int) -> int:
    """The id of the trail's last opt-out; it says whether there are more by now. One look-up."""
    newest = select(func.max(TrailEntry.id)).where(
        TrailEntry.campaign_id == campaign_id, TrailEntry.event == Event.OPTED_OUT
    )
    return db.session.scalar(newest) or 0


def set_up(campaign_id: int) -> SetUp:
    """What there is of the things a campaign needs before it can text."""
    return SetUp(
        contacts=_is_there(Contact.campaign_id == campaign_id),
        tags=_is_there(
            Tag.campaign_id == campaign_id, Tag.opts_out_of.is_(None), Tag.archived_at.is_(None)
        ),
        number=_is_there(Number.campaign_id == campaign_id, Number.retired_at.is_(None)),
        launched=_is_there(Action.campaign_id == campaign_id, Action.launched_at.is_not(None)),
        texters=_is_there(
            Membership.campaign_id == campaign_id,
            Membership.removed_at.is_(None),
            Membership.role == Role.TEXTER,
        ),
    )


def _is_there(*conditions: ColumnElement[bool]) -> bool:
    return bool(db.session.scalar(select(select(1).where(*conditions).exists())))


def _capped(*conditions: ColumnElement[bool], of: InstrumentedAttribute[int]) -> ScalarSelect[int]:
    some = select(of).where(*conditions).limit(MOST_COUNTED).subquery()
    return select(func.count()).select_from(some).scalar_subquery()


def first_id(
    row_id: InstrumentedAttribute[int], at: InstrumentedAttribute[datetime], moment: datetime
) -> int:
    """The id of the first row since a moment, found by halving: ids grow as time goes on.

    No index on the time is needed, which every text would have to be written into.
    """
    low, high = 1, (db.session.scalar(select(func.max(row_id))) or 0) + 1
    while low < high:
        middle = (low + high) // 2
        found = db.session.execute(
            select(at).where(row_id >= middle).order_by(row_id).limit(1)
        ).scalar()
        if found is None or found >= moment:
            high = middle
        else:
            low = middle + 1
    return low
