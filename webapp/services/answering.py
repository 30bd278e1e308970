"""Automated answers: which action a text calls by its keyword, and what Heed answers."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, bindparam, literal_column, select

from webapp.db import db, run
from webapp.models import (
    Action,
    Automation,
    AutomationKeyword,
    AutomationTag,
    Campaign,
    Contact,
    Conversation,
    Message,
    MessageKind,
    MessageState,
    Number,
    Script,
    Tag,
    Texting,
)
from webapp.services import conversations, outbox, safeguard, scripts, tags, talks
from webapp.services.keyword_checks import LONGEST_WORD
from webapp.texting import keywords

# What Message.meaning says of a keyword that opts nobody in.
KEYWORD = "keyword"
# Another machine may sit at the other end and answer each answer: it gets few of them.
APART = timedelta(minutes=1)
A_DAY = timedelta(hours=24)
MOST_A_DAY = 5

_CALLED = (
    select(
        AutomationKeyword.action_id,
        AutomationKeyword.word,
        Automation.opts_in,
        Action.number_id,
    )
    .join(Automation, Automation.action_id == AutomationKeyword.action_id)
    .join(Action, Action.id == AutomationKeyword.action_id)
    .where(
        AutomationKeyword.campaign_id == bindparam("campaign"),
        AutomationKeyword.folded == bindparam("letters"),
        Action.state == literal_column("'live'"),
    )
)


@dataclass(frozen=True, slots=True)
class Called:
    """The live action whose keyword a text is."""

    action_id: int
    word: str
    opts_in: bool
    answers: bool  # it was texted to the action's own number


def called(campaign_id: int, number_id: int, body: str) -> Called | None:
    """The automated action that a text calls, if the whole text is one of its keywords.

    One look-up, and only for texts as short as a keyword; a reaction calls nobody.
    """
    letters = keywords.normalise(body)
    if not letters or len(letters) > LONGEST_WORD or keywords.is_reaction(body):
        return None
    row = run(_CALLED, campaign=campaign_id, letters=letters).first()
    if row is None:
        return None
    return Called(row.action_id, row.word, row.opts_in, row.number_id == number_id)


def thread_of(action: Action, contact: Contact, number: Number, *, now: datetime) -> Conversation:
    """Where a contact and an automated action talk; its texters share the conversations.

    One that a stop word has ended is never opened again: the talk goes on in a conversation
    without an action.
    """
    found = conversations.start(
        contact,
        action,
        number,
        action.texting,
        assignee_id=talks.texter_for(action, contact),
        now=now,
    )
    return loose_thread(contact, number, now=now) if found.is_hidden else found


def loose_thread(contact: Contact, number: Number, *, now: datetime) -> Conversation:
    """The contact's conversation about broadcasts that belongs to no action and can be used."""
    query = select(Conversation).where(
        Conversation.contact_id == contact.id,
        Conversation.action_id.is_(None),
        Conversation.number_id == number.id,
        Conversation.texting == Texting.BROADCAST,
        ~Conversation.is_hidden,
    )
    found = db.session.scalars(query.order_by(Conversation.id.desc()).limit(1)).first()
    if found is not None:
        return found
    made = Conversation(
        campaign_id=contact.campaign_id,
        contact_id=contact.id,
        number_id=number.id,
        texting=Texting.BROADCAST,
        last_message_at=now,
    )
    db.session.add(made)
    db.session.flush()
    return made


def answer(
    action: Action, contact: Contact, conversation: Conversation, *, now: datetime
) -> Message | None:
    """Tag a contact who texted the keyword and queue the answer; None: no text goes out.

    The caller has asked whether the contact is opted out, and it is asked again when the text is
    sent. At most one answer a minute and five in 24 hours go to one contact (a bot may be at the
    other end), and none to a country that the campaign doesn't text.
    """
    for tag in db.session.scalars(
        select(Tag)
        .join(AutomationTag, AutomationTag.tag_id == Tag.id)
        .where(AutomationTag.action_id == action.id, Tag.archived_at.is_(None))
    ).all():
        tags.apply(tag, contact.id, by=None, now=now)
    campaign = db.session.get_one(Campaign, action.campaign_id)
    texts = scripts.of(action)
    if not texts:
        return None
    own = select(Script.id).where(Script.action_id == action.id)
    if not _may_answer(contact, campaign, Message.script_id.in_(own), now=now):
        return None
    body = scripts.render_answer(texts[-1].body, contact, campaign)
    if not body:
        return None
    kind = MessageKind.AUTOMATED
    return outbox.queue(conversation, body, kind, by=None, now=now, script=texts[-1])


def has_welcome(campaign_id: int) -> bool:
    """Whether the campaign has a text for those who opt in and whom no action answers."""
    return bool(db.session.get_one(Campaign, campaign_id).opt_in_text.strip())


def welcome(contact: Contact, conversation: Conversation, *, now: datetime) -> Message | None:
    """Queue the campaign's own text for somebody who opted in and whom no action answers.

    None when the campaign has no such text, and for the reasons of answer().
    """
    campaign = db.session.get_one(Campaign, contact.campaign_id)
    text = campaign.opt_in_text.strip()
    if not text or not _may_answer(contact, campaign, Message.script_id.is_(None), now=now):
        return None
    return outbox.queue(conversation, text, MessageKind.AUTOMATED, by=None, now=now)


def _may_answer(
    contact: Contact, campaign: Campaign, same: ColumnElement[bool], *, now: datetime
) -> bool:
    if contact.country not in safeguard.countries(campaign):
        return False
    query = select(Message.created_at).where(
        Message.contact_id == contact.id,
        Message.kind == MessageKind.AUTOMATED,
        Message.state != MessageState.CANCELLED,
        Message.created_at > now - A_DAY,
        same,
    )
    times = db.session.scalars(query.order_by(Message.id.desc()).limit(MOST_A_DAY)).all()
    return len(times) < MOST_A_DAY and all(now - at >= APART for at in times)
