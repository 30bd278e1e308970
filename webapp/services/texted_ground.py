"""What a restored database knows of the people who are on the carrier's list of what we sent."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Row, select

from webapp.carriers.base import Departure
from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    Campaign,
    Contact,
    Direction,
    Message,
    MessageState,
    Number,
    Recipient,
    RecipientState,
    SavedReply,
    Script,
    Texting,
)
from webapp.services import restoring, scripts, stopping
from webapp.texting import scripts as wording

# Our texts that may be on the list although the database does not know that they left.
OPEN = (MessageState.QUEUED, MessageState.CLAIMED, MessageState.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Version:
    """A first text of an action, before it is filled in; without one, the body is empty."""

    action: Action
    script_id: int | None
    body: str | None


@dataclass(frozen=True, slots=True)
class Ground:
    """What is known of some people of the campaigns that hold a number.

    `answers` are the words of what never is a first text; `people` by phone, in each campaign;
    `ready` are pairs of an action that runs and a contact who is still to be texted; `waiting`
    are open texts of ours, by contact.
    """

    numbers: Mapping[int, Number]
    campaigns: Mapping[int, Campaign]
    versions: Sequence[Version]
    answers: Sequence[str]
    people: Mapping[str, list[Row[Any]]]
    ready: set[tuple[int, int]]
    waiting: Mapping[int, list[Row[Any]]]

    def read_as(self, text: Departure) -> list[Version]:
        """The first texts that a text may be, by its words."""
        return [one for one in self.versions if wording.could_read(one.body or "", text.body)]

    def concerned(self, text: Departure, fits: Sequence[Version]) -> Iterable[Action]:
        """The actions that a text may be a first text of: by its words, or else any of them.

        None when it reads like a saved reply, or what Heed says to somebody who opts out or asks.
        """
        if not fits and any(wording.could_read(words, text.body) for words in self.answers):
            return ()
        return {one.action: None for one in fits or self.versions}


def of(phone: str, recipients: Collection[str]) -> Ground:
    """What is known of the people with these phones, where our number `phone` is held."""
    numbers = {
        number.campaign_id: number
        for number in db.session.scalars(select(Number).where(Number.phone == phone))
    }
    campaigns = db.session.scalars(select(Campaign).where(Campaign.id.in_(numbers))).all()
    versions = _versions(numbers)
    people: dict[str, list[Row[Any]]] = defaultdict(list)
    for contact in _people(numbers, recipients):
        people[contact.phone].append(contact)
    ids = [contact.id for some in people.values() for contact in some]
    waiting: dict[int, list[Row[Any]]] = defaultdict(list)
    for text in _waiting(ids):
        waiting[text.contact_id].append(text)
    ready = _ready({one.action.id for one in versions if is_running(one.action)}, ids)
    by_id = {campaign.id: campaign for campaign in campaigns}
    answers = _answers(campaigns, versions)
    return Ground(numbers, by_id, versions, answers, people, ready, waiting)


def new_ones(texts: Collection[Departure]) -> list[Departure]:
    """Those whose id at the carrier the database does not know."""
    known = select(Message.provider_id).where(
        Message.direction == Direction.OUT,
        Message.provider.in_({text.report.provider for text in texts}),
        Message.provider_id.in_({text.report.provider_id for text in texts}),
    )
    there = set(db.session.scalars(known))
    return [text for text in texts if text.report.provider_id not in there]


def is_running(action: Action) -> bool:
    """Whether an action may still send first texts by itself or by its texters."""
    return action.kind in restoring.SENDS and action.state in stopping.RUNNING


def _versions(numbers: Mapping[int, Number]) -> list[Version]:
    rows = db.session.execute(
        select(Action, Script.id, Script.body)
        .outerjoin(Script, Script.action_id == Action.id)
        .where(Action.campaign_id.in_(numbers))
        .order_by(Action.id, Script.position)
    )
    every = (Version(*row) for row in rows)
    return [one for one in every if _may_leave_from(numbers[one.action.campaign_id], one.action)]


def _answers(campaigns: Iterable[Campaign], versions: Iterable[Version]) -> list[str]:
    fixed = [
        words
        for one in campaigns
        for words in (one.help_text, one.confirmation_text, one.goodbye_text)
    ]
    actions = {one.action for one in versions}
    saved = select(SavedReply.body).where(SavedReply.action_id.in_({one.id for one in actions}))
    return [*fixed, *(one.goodbye_text for one in actions), *db.session.scalars(saved)]


def _may_leave_from(number: Number, action: Action) -> bool:
    """Whether an action can have texted from the number.

    A draft may have had another one when it was launched; peer-to-peer, a contact keeps talking
    to the number that texted them last (numbers.for_contact).
    """
    if action.number_id == number.id or not action.state.is_launched:
        return True
    if action.kind is ActionKind.AUTOMATED:
        return True
    return action.kind is ActionKind.P2P and Texting.P2P in number.kind.serves


def _people(numbers: Mapping[int, Number], phones: Iterable[str]) -> Sequence[Any]:
    query = select(*scripts.MERGED, Contact.campaign_id, Contact.phone).where(
        Contact.campaign_id.in_(numbers), Contact.phone.in_(list(phones))
    )
    return db.session.execute(query.order_by(Contact.id)).all()


def _ready(action_ids: Collection[int], contact_ids: Sequence[int]) -> set[tuple[int, int]]:
    query = select(Recipient.action_id, Recipient.contact_id).where(
        Recipient.action_id.in_(action_ids),
        Recipient.contact_id.in_(contact_ids),
        Recipient.state == RecipientState.READY,
    )
    return {(action_id, contact_id) for action_id, contact_id in db.session.execute(query)}


def _waiting(contact_ids: Sequence[int]) -> Sequence[Any]:
    columns = (Message.id, Message.contact_id, Message.action_id, Message.kind, Message.state)
    more = (Message.body, Message.reference, Message.error_reason)
    query = select(*columns, *more).where(
        Message.contact_id.in_(contact_ids),
        Message.direction == Direction.OUT,
        Message.state.in_(OPEN),
        Message.provider_id.is_(None),
        Message.reference.is_not(None),
    )
    return db.session.execute(query.order_by(Message.id)).all()
