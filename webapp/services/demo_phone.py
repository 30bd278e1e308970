"""The demo phone: what one practice phone shows, and what Heed did about its last text."""

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from webapp.carriers.base import Inbound
from webapp.db import db
from webapp.models import (
    Action,
    ActionState,
    Actor,
    Campaign,
    Contact,
    Conversation,
    Direction,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    Texting,
    TrailEntry,
    User,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import answering, audience, inbound
from webapp.texting import keywords, phones
from webapp.texting.keywords import Meaning

PROVIDER = "simulator"
PAGE = 50
LISTENERS = 12
LATELY = 500  # texts that are looked at for people whom a broadcast has reached
ARRIVED = (MessageState.SENT, MessageState.DELIVERED)
SENT_AS = {
    MessageKind.CONFIRMATION: "Sent one confirmation",
    MessageKind.HELP: "Answered the call for help",
    MessageKind.REPLY: "Sent a reply",
    MessageKind.FIRST: "Sent a first text",
    MessageKind.AUTOMATED: "Sent an automated text",
    MessageKind.TEST: "Sent a test text",
}


@dataclass(frozen=True)
class Step:
    """One thing that happened, with the time it happened at."""

    icon: str
    look: str  # optout, ok, safe, warn, p2p or ""
    title: str
    why: str
    at: datetime


def text_in(sender: str, number: Number, body: str, *, now: datetime) -> None:
    """A text from a practice phone, on the very road that a carrier's webhook takes."""
    provider_id = f"sim-{secrets.token_hex(16)}"
    inbound.receive(Inbound(PROVIDER, provider_id, sender, number.phone, body), now=now)


def people(campaign: Campaign) -> list[Contact]:
    """Whom one can be: those who wrote last, then those who were texted last.

    Talks with texters come first: a broadcast that is running brings new ones all the time.
    """
    recent = (
        select(Conversation.contact_id)
        .where(Conversation.campaign_id == campaign.id)
        .order_by(
            Conversation.texting.desc(),  # p2p, broadcast
            Conversation.previewed_out,
            Conversation.last_message_at.desc(),
            Conversation.id.desc(),
        )
        .limit(2 * PAGE)
    )
    return _in_order(list(dict.fromkeys(db.session.scalars(recent)))[:PAGE])


def listeners(campaign: Campaign) -> list[Contact]:
    """Whom one can be besides: those whom a broadcast has texted lately and who are silent."""
    newest = select(func.max(Message.id)).scalar_subquery()
    recent = (
        select(Message.contact_id)
        .where(
            Message.id > newest - LATELY,
            Message.campaign_id == campaign.id,
            Message.kind == MessageKind.FIRST,
            Message.texting == Texting.BROADCAST,
            Message.conversation_id.is_(None),
            Message.state.in_(ARRIVED),
        )
        .order_by(Message.id.desc())
        .limit(LISTENERS)
    )
    return _in_order(list(dict.fromkeys(db.session.scalars(recent))))


def _in_order(ids: list[int]) -> list[Contact]:
    found = {one.id: one for one in db.session.scalars(select(Contact).where(Contact.id.in_(ids)))}
    return [found[number] for number in ids]


def number_of(contact: Contact) -> int | None:
    """Our number that this person's last text went to or came from; None before the first."""
    last = select(Message.number_id).where(Message.contact_id == contact.id)
    return db.session.scalar(last.order_by(Message.id.desc()).limit(1))


def texts(contact: Contact, number: Number) -> list[Message]:
    """The last texts between a phone and one of our numbers: those that arrived, oldest first."""
    query = (
        select(Message)
        .where(
            Message.contact_id == contact.id,
            Message.number_id == number.id,
            Message.state.in_((MessageState.RECEIVED, *ARRIVED)),
        )
        .order_by(Message.id.desc())
        .limit(PAGE)
    )
    return list(reversed(db.session.scalars(query).all()))


def happened(contact: Contact, number: Number, shown: Sequence[Message]) -> list[Step]:
    """What Heed did since the last text from this phone, from messages and trail, in order."""
    last = next((one for one in reversed(shown) if one.direction is Direction.IN), None)
    if last is None:
        return []
    steps = [*_read(contact, number, last), *_trail(contact, last), *_thread(contact, last)]
    steps += [_sent(one) for one in shown if one.id > last.id and one.direction is Direction.OUT]
    steps += _skipped(contact, last)
    return [steps[0], *sorted(steps[1:], key=lambda step: step.at)]


def _read(contact: Contact, number: Number, text: Message) -> Iterator[Step]:
    yield Step(
        "msg",
        "p2p",
        f"{contact.called} texted “{text.body[:80]}”",
        f"To {phones.pretty(number.phone)}.",
        text.created_at,
    )
    if text.meaning == Meaning.OPT_OUT:
        why = "Capitals and punctuation don’t matter. The whole message must be a stop word."
        word = keywords.normalise(text.body).upper()[:40]
        yield Step("search", "", f"Matched the stop word {word}", why, text.created_at)
    elif text.meaning == Meaning.OPT_IN:
        why = "Only for broadcasts, and only as a whole message."
        yield Step("search", "", "Matched an opt-in keyword", why, text.created_at)
    elif text.meaning == answering.KEYWORD:
        why = "The whole message has to be the keyword."
        yield Step("search", "", "Matched the keyword of an automated action", why, text.created_at)
    elif text.hint is not None:
        why = "Texters get a suggestion. Nothing is added until they send a report."
        yield Step("warn", "warn", "Looks like a request to stop", why, text.created_at)
    elif text.meaning == Meaning.NONE:
        yield Step("search", "", "No stop word", "A person reads it.", text.created_at)
    if text.wrote_back:
        why = "This person had opted out, so no texter can answer."
        if text.meaning == Meaning.OPT_IN:
            why = "It lifts nothing within 5 seconds of a stop word, or at a number for P2P alone."
        yield Step("lock", "", "Kept under Wrote back", why, text.created_at)


def _trail(contact: Contact, text: Message) -> Iterator[Step]:
    rows = db.session.execute(
        select(TrailEntry, User.name)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .where(TrailEntry.contact_id == contact.id, TrailEntry.at >= text.created_at)
        .order_by(TrailEntry.id)
        .limit(PAGE)
    )
    for entry, name in rows:
        who = contact.called if entry.actor is Actor.CONTACT else (name or "Heed").split(" ", 1)[0]
        told = _told(entry.event, entry.texting, who)
        if told:
            yield Step(*told, entry.at)


def _told(event: Event, texting: Texting | None, who: str) -> tuple[str, str, str, str] | None:
    tag = BUILT_IN_NAMES[texting] if texting else ""
    other = next((name for kind, name in BUILT_IN_NAMES.items() if kind is not texting), "")
    return {
        Event.OPTED_OUT: ("stop", "optout", f"Added {tag}", f"{other} is a tag of its own."),
        Event.OPT_OUT_REPEATED: ("stop", "optout", f"{tag} was there already", "Asked again."),
        Event.OPT_OUT_LIFTED: ("undo", "ok", f"Removed {tag}", f"By {who}. {other} is as it was."),
        Event.OPTED_IN: ("okc", "ok", "Recorded consent to broadcasts", f"{who} asked for them."),
        Event.REPORTED: ("list", "", f"{who} sent a report", ""),
        Event.HINT_DISMISSED: ("x", "", f"{who} says it is no request to stop", ""),
        Event.REASSIGNED: ("user", "", f"{who} moved the conversation", ""),
        Event.CARRIER_BLOCKED: ("lock", "warn", "The carrier blocks this number", ""),
        Event.CARRIER_UNBLOCKED: ("okc", "ok", "The carrier lifts its block", ""),
    }.get(event)


def _thread(contact: Contact, text: Message) -> Iterator[Step]:
    """What became of the conversation in its texter's inbox."""
    row = db.session.execute(
        select(Conversation, User.name)
        .outerjoin(User, User.id == Conversation.assignee_id)
        .where(Conversation.id == text.conversation_id)
    ).first()
    if row is None:
        return
    conversation, name = row
    whose = f"{name.split(' ', 1)[0]}’s inbox" if name else "the admins’ inbox"
    if conversation.closed_at is not None and conversation.closed_at >= text.created_at:
        why = "If it was open, the message box is gone and nothing more can be sent."
        yield Step("inbox", "", f"Closed the conversation in {whose}", why, conversation.closed_at)
    elif conversation.needs_attention:
        yield Step("inbox", "", f"Shown in {whose}", "It needs attention.", text.created_at)


def _sent(text: Message) -> Step:
    at = text.settled_at or text.created_at
    return Step("send", "", SENT_AS[text.kind], f"“{text.body[:80]}”", at)


def _skipped(contact: Contact, text: Message) -> Iterator[Step]:
    """The drafts that this person will be left out of, once they opted out."""
    if text.meaning != Meaning.OPT_OUT:
        return
    drafts = db.session.scalars(
        select(Action)
        .where(
            Action.campaign_id == contact.campaign_id,
            Action.state == ActionState.DRAFT,
            Action.texting == text.texting,
        )
        .order_by(Action.id)
        .limit(PAGE)
    )
    names = [action.name for action in drafts if _is_in(action, contact)]
    if names:
        words = "1 draft action" if len(names) == 1 else f"{len(names)} draft actions"
        title = f"Safeguard will skip {contact.called} in {words}"
        yield Step("shield", "safe", title, ", ".join(names), text.created_at)


def _is_in(action: Action, contact: Contact) -> bool:
    next_one = audience.contact_ids(action, after=contact.id - 1, limit=1)
    return db.session.scalar(next_one) == contact.id
