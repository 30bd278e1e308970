"""Consent cards, the timeline and threads, as the contact's page writes them."""

from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from webapp.db import db
from webapp.models import (
    Contact,
    ContactTag,
    Direction,
    Message,
    OptOutSource,
    Reason,
    Texting,
    User,
)
from webapp.services import threads
from webapp.services.contact_standing import Verdict
from webapp.services.moments import Look, Moment
from webapp.web import fates, filters, pictures

# Icon and kind of ui.tl_item.
LOOKS = {
    Look.OPT_OUT: ("stop", "optout"),
    Look.LIFTED: ("undo", "ok"),
    Look.BLOCK: ("x", "warn"),
    Look.SAFEGUARD: ("shield", "safe"),
    Look.HINT: ("warn", "warn"),
    Look.TEXT: ("msg", "p2p"),
    Look.IMPORT: ("up", ""),
    Look.OTHER: ("info", ""),
}


@dataclass(frozen=True)
class Card:
    """One consent card: may we text them, why not, and what would lift it."""

    kind: Texting
    state: str  # yes, no or held, as ui.consent_card takes it
    title: str  # of a card that is held
    say: str
    lifts: str
    is_opted_out: bool


@dataclass(frozen=True)
class Bubble:
    """One text of a thread, as ui.message takes it."""

    id: int
    is_ours: bool
    sender: str
    when: Markup
    iso: str
    body: str
    state: str
    is_failed: bool
    media: list[tuple[str, str]]


def card(contact: Contact, verdict: Verdict) -> Card:
    """The consent card of one kind of texting."""
    kind, reason = verdict.texting, verdict.reason
    if verdict.opt_out is not None:
        say, lifts = _opted_out(contact, verdict.opt_out), _lifts(contact, verdict)
        return Card(kind, "no", "", say, lifts, True)
    if reason is Reason.NO_CONSENT:
        say = f"Nobody has recorded that {contact.called} signed up for broadcasts."
        say += " An edit or an import that says where they did so lets broadcasts through."
        return Card(kind, "held", "No consent on record", say, "", False)
    if reason is Reason.CARRIER_BLOCK:
        return Card(kind, "held", "Blocked by the carrier", _blocked(contact, verdict), "", False)
    if reason is Reason.COUNTRY:
        say = "This is a number of another country. The campaign texts US and Canada numbers."
        return Card(kind, "held", "Other country", say, "", False)
    return Card(kind, "yes", "", _may(contact, verdict), "", False)


def _opted_out(contact: Contact, row: ContactTag) -> str:
    since = filters.amid(row.since).striptags()
    message = db.session.get(Message, row.message_id) if row.message_id else None
    person = db.session.get(User, row.by_user_id) if row.by_user_id else None
    who = f" by {person.name}" if person else ""
    how = {
        OptOutSource.STOP_WORD: f"{contact.called} replied with a stop word",
        OptOutSource.REPORT: f"Recorded{who} in a report",
        OptOutSource.ADMIN: f"Logged{who}",
        OptOutSource.IMPORT: f"Brought in{who} with a file",
        OptOutSource.CARRIER: "The carrier told us",
    }.get(row.source or OptOutSource.ADMIN, "Recorded")
    words = message.body if message else row.note
    return f"Since {since}. {how}: “{words}”." if words else f"Since {since}. {how}."


def _lifts(contact: Contact, verdict: Verdict) -> str:
    """What the contact themselves can do; what an admin can do is the link beside it."""
    if verdict.texting is Texting.P2P:
        return ""
    return f"{contact.called} can remove it by texting JOIN to a broadcast number."


def _blocked(contact: Contact, verdict: Verdict) -> str:
    numbers = " and ".join(filters.phone(number.phone) for number in verdict.blocked_by)
    return f"The carrier blocks this number until {contact.called} texts START to {numbers}."


def _may(contact: Contact, verdict: Verdict) -> str:
    say = "No opt-out is on record."
    if verdict.texting is Texting.BROADCAST and contact.subscribed_at is not None:
        since = filters.day_amid(contact.subscribed_at).striptags()
        say = f"Signed up: {contact.subscribed or 'by texting us'} (recorded {since})."
    if verdict.blocked_by:
        say += f" {_blocked(contact, verdict)}"
    return say


def their_time(contact: Contact) -> str:
    """Whose clock they live by, where one zone is known: Chicago time."""
    if not contact.zones or "," in contact.zones:
        return ""
    return f"{contact.zones.rpartition('/')[2].replace('_', ' ')} time"


def look(moment: Moment) -> tuple[str, str]:
    """Icon and kind of an entry of the timeline."""
    return LOOKS[moment.look]


def days(messages: list[Message], contact: Contact) -> list[tuple[Markup, list[Bubble]]]:
    """The texts of a thread under the day they were written on."""
    names, zone = threads.writers(messages), filters.zone()
    found = []
    for _, group in groupby(messages, key=lambda one: one.created_at.astimezone(zone).date()):
        of_day = list(group)
        name = filters.day(of_day[0].created_at)
        found.append((name, [_bubble(one, contact, names) for one in of_day]))
    return found


def _bubble(message: Message, contact: Contact, names: dict[int, str]) -> Bubble:
    is_ours = message.direction is Direction.OUT
    return Bubble(
        id=message.id,
        is_ours=is_ours,
        sender=names.get(message.by_user_id or 0, "The campaign") if is_ours else contact.called,
        when=filters.clock(message.created_at),
        iso="",
        body=message.body,
        state=fates.SAID.get(message.state, "On its way") if is_ours else "",
        is_failed=fates.is_failed(message),
        media=pictures.links(message),
    )
