"""Everything that bears on whether a contact may be texted, from the trail and the texts."""

from collections.abc import Iterable

from sqlalchemy import and_, or_, select

from webapp.db import db
from webapp.models import (
    Action,
    Actor,
    Contact,
    ContactImport,
    ContactList,
    Direction,
    Event,
    ImportState,
    Message,
    MessageKind,
    MessageState,
    Number,
    Reason,
    Recipient,
    RecipientState,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import lists
from webapp.services.moments import Look, Moment
from webapp.texting import phones

MOST = 200
HOW = {"report": "in a report", "stop_word": "with a stop word", "import": "with a file"}
ABOUT = {"report": "for", "stop_word": "to"}
SUGGESTED = "Shown to the texter as a suggestion. Nothing was changed by itself."


def of(contact: Contact, *, texting: Texting | None = None, limit: int = MOST) -> list[Moment]:
    """The timeline of a contact, newest first: the last `limit` entries and texts.

    With `texting` without what concerns the other kind alone.
    """
    entries = db.session.execute(
        select(TrailEntry, User.name, Message.body, Action.name, Number.phone, Tag.name)
        .outerjoin(User, User.id == TrailEntry.by_user_id)
        .outerjoin(Message, Message.id == TrailEntry.message_id)
        .outerjoin(Action, Action.id == Message.action_id)
        .outerjoin(Number, Number.id == Message.number_id)
        .outerjoin(Tag, and_(TrailEntry.about == Tag.__tablename__, Tag.id == TrailEntry.about_id))
        .where(TrailEntry.contact_id == contact.id, TrailEntry.campaign_id == contact.campaign_id)
        .order_by(TrailEntry.id.desc())
        .limit(limit)
    ).all()
    told = {entry.message_id for entry, *_ in entries if entry.message_id}
    moments = [
        _entry(contact, entry, name, body or "", _how(entry, action, number), tag or "")
        for entry, name, body, action, number, tag in entries
    ]
    moments += _texts(contact, told, limit)
    moments += _skipped(contact)
    moments += _imports(contact)
    wanted = [one for one in moments if texting is None or one.texting in (None, texting)]
    return sorted(wanted, key=lambda moment: moment.at, reverse=True)[:limit]


def _entry(
    contact: Contact, entry: TrailEntry, name: str | None, body: str, how: str, tag: str
) -> Moment:
    what, look = said(contact, entry, tag=tag)
    by = name or doer(contact, entry)
    text = " – ".join(filter(None, (str(entry.details.get("reason", "")), body)))
    return Moment(entry.at, what, by, text, look, entry.texting, how)


def _how(entry: TrailEntry, action: str | None, number: str | None) -> str:
    """By what road, as it goes on after a name; with the action or number that it came to."""
    if entry.event is Event.OPTED_OUT:
        source = str(entry.details.get("source", ""))
        about = f" {ABOUT[source]} “{action}”" if action and source in ABOUT else ""
        return HOW.get(source, "") + about
    by_contact = entry.event is Event.OPT_OUT_LIFTED and entry.actor is Actor.CONTACT
    to = f" to {phones.pretty(number)}" if number else ""
    return f"with an opt-in keyword{to}" if by_contact else ""


def doer(contact: Contact, entry: TrailEntry) -> str:
    """Who did it, when it was no person with an account."""
    return {
        Actor.CONTACT: contact.called,
        Actor.CARRIER: "The carrier",
        Actor.HOST: "The command line",
        Actor.PERSON: "Somebody who has left",
        Actor.HEED: "Heed",
    }.get(entry.actor, "")


def said(contact: Contact, entry: TrailEntry, *, tag: str = "") -> tuple[str, Look]:
    """What an entry of the trail tells, and what it is about; `tag` is the own tag it is about."""
    own = f"Tag “{tag}”" if tag else "A tag"
    tag = BUILT_IN_NAMES[entry.texting] if entry.texting else ""
    known = {
        Event.OPTED_OUT: (f"{tag} added", Look.OPT_OUT),
        Event.OPT_OUT_REPEATED: (f"Asked again to stop: {tag} was there", Look.OPT_OUT),
        Event.OPT_OUT_LIFTED: (f"{tag} removed", Look.LIFTED),
        Event.OPTED_IN: ("Opted in to broadcasts", Look.LIFTED),
        Event.CARRIER_BLOCKED: ("The carrier blocks our texts", Look.BLOCK),
        Event.CARRIER_UNBLOCKED: ("The carrier lets our texts through again", Look.LIFTED),
        Event.CONTACT_TAGGED: (f"{own} added", Look.OTHER),
        Event.CONTACT_UNTAGGED: (f"{own} removed", Look.OTHER),
        Event.TEST_TEXT_SENT: ("Test text", Look.TEXT),
        Event.HINT_DISMISSED: ("“Looks like a request to stop” was dismissed", Look.HINT),
        Event.HINT_RESTORED: ("“Looks like a request to stop” was taken up again", Look.HINT),
        Event.FLAGGED: ("A texter said that the first text looks wrong", Look.OTHER),
        Event.FLAG_CLEARED: ("An admin looked at what the texter said", Look.OTHER),
        Event.HINT_CLOSED: ("An admin said that it was no request to stop", Look.HINT),
        Event.WROTE_BACK_READ: ("What was written after opting out was read", Look.OTHER),
        Event.REPORTED: ("Report sent", Look.OTHER),
        Event.REPORT_CORRECTED: ("Report corrected", Look.OTHER),
        Event.REASSIGNED: ("Conversation given to somebody else", Look.OTHER),
        Event.RELEASED: ("Text released to be sent again", Look.TEXT),
        Event.CONTACT_ERASED: ("Person erased on request; the opt-outs still hold", Look.OTHER),
        Event.CONTACT_BROUGHT_BACK: ("The number of this erased contact came again", Look.OTHER),
        Event.CONTACT_DELETED: ("Person deleted; the number and its opt-outs stay", Look.OTHER),
    }
    plain = entry.event.value.replace("_", " ").capitalize()
    return known.get(entry.event, (plain, Look.OTHER))


def _texts(contact: Contact, told: Iterable[int], limit: int) -> list[Moment]:
    """First texts, automatic ones, and what the contact wrote that bears on consent."""
    ours = (
        MessageKind.FIRST,
        MessageKind.AUTOMATED,
        MessageKind.CONFIRMATION,
        MessageKind.HELP,
    )
    rows = db.session.execute(
        select(Message, User.name, Action.name)
        .outerjoin(User, User.id == Message.by_user_id)
        .outerjoin(Action, Action.id == Message.action_id)
        .where(
            Message.contact_id == contact.id,
            or_(
                Message.kind.in_(ours),
                Message.hint.is_not(None),
                Message.wrote_back,
                Message.meaning.in_(("opt_out", "opt_in", "help", "keyword")),
            ),
        )
        .order_by(Message.id.desc())
        .limit(limit)
    ).all()
    known = set(told)
    return [
        _text(contact, message, name or "", action or "", is_told=message.id in known)
        for message, name, action in rows
        if message.direction is Direction.OUT or message.id not in known or message.hint
    ]


def _text(contact: Contact, message: Message, name: str, action: str, *, is_told: bool) -> Moment:
    """A text; the words of one that an entry has told already are not said again."""
    if message.direction is Direction.IN:
        look = Look.HINT if message.hint is not None else Look.TEXT
        what = "Reply looked like a request to stop" if message.hint is not None else "Wrote to us"
        if message.wrote_back:
            what = "Wrote back after opting out"
        note = SUGGESTED if message.hint is not None and not message.wrote_back else ""
        body = "" if is_told else message.body
        by = "" if note else contact.called
        return Moment(message.created_at, what, by, body, look, message.texting, note=note)
    kind = {
        MessageKind.FIRST: "First text",
        MessageKind.AUTOMATED: "Automated text",
        MessageKind.CONFIRMATION: "Goodbye text" if name else "Confirmation of the opt-out",
    }.get(message.kind, "Answer to HELP")
    what = f"{kind} for “{action}”" if action and message.kind is MessageKind.FIRST else kind
    unsent = {
        MessageState.CANCELLED: " (not sent)",
        MessageState.SUPPRESSED: " (not sent)",
        MessageState.FAILED: " (not delivered)",
        MessageState.UNDELIVERED: " (not delivered)",
        MessageState.UNKNOWN: " (nobody can say whether it arrived)",
    }
    what += unsent.get(message.state, "")
    return Moment(message.created_at, what, name, message.body, Look.TEXT, message.texting)


def _skipped(contact: Contact) -> list[Moment]:
    """Actions that left this contact out. Looked up action by action, along the key."""
    rows = db.session.execute(
        select(Action.name, Action.launched_at, Action.texting, Recipient.reason)
        .join(Recipient, Recipient.action_id == Action.id)
        .where(
            Action.campaign_id == contact.campaign_id,
            Action.launched_at.is_not(None),
            Recipient.contact_id == contact.id,
            Recipient.state == RecipientState.SUPPRESSED,
        )
    ).all()
    why = {
        Reason.OPTED_OUT: "opted out",
        Reason.NO_CONSENT: "no broadcast consent on record",
        Reason.CARRIER_BLOCK: "blocked by the carrier",
        Reason.COUNTRY: "a number of another country",
    }
    return [
        Moment(
            at,
            f"Safeguard left {contact.called} out of “{name}”: {why.get(reason, 'suppressed')}",
            "",
            "",
            Look.SAFEGUARD,
            texting,
        )
        for name, at, texting, reason in rows
        if at is not None and reason is not None
    ]


def _imports(contact: Contact) -> list[Moment]:
    """The imports this contact came in with: the only one of a list, or the one that made it."""
    moments = []
    for chosen in lists.of_contact(contact):
        rows = db.session.execute(
            select(ContactImport, User.name)
            .outerjoin(User, User.id == ContactImport.by_user_id)
            .where(
                ContactImport.campaign_id == contact.campaign_id,
                ContactImport.list_id == chosen.id,
                ContactImport.state == ImportState.DONE,
            )
        ).all()
        for row, name in rows:
            if len(rows) == 1 or _made(row, contact):
                moments.append(_import(row, name or "The command line", chosen))
    return moments


def _made(row: ContactImport, contact: Contact) -> bool:
    ended = row.finished_at or row.created_at
    return row.created_at <= contact.created_at <= ended


def _import(row: ContactImport, name: str, chosen: ContactList) -> Moment:
    consent = f"Signed up for broadcasts: {row.subscribed}" if row.subscribed else ""
    what = f"Imported from “{row.file_name}” to “{chosen.name}”"
    return Moment(row.finished_at or row.created_at, what, name, consent, Look.IMPORT)
