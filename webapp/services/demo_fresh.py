"""Starting over on the demo phone: a new practice contact. The old one stays as it is, opt-outs
and all, because nothing but an admin or an opt-in keyword takes an opt-out off a contact."""

from collections.abc import Iterator
from datetime import datetime

from sqlalchemy import func, select

from webapp.db import changed_rows, db, insert_once
from webapp.errors import RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    Contact,
    Conversation,
    Number,
    Recipient,
    RecipientState,
    User,
)
from webapp.services import (
    action_days,
    actions,
    approvals,
    batches,
    contacts_by_phone,
    erased,
    tally,
)
from webapp.texting import hours, phones

# 555-0100 to 555-0199 are nobody's, in every area code (North American Numbering Plan).
FICTIONAL = tuple(f"55501{place:02}" for place in range(100))
AREAS = ("312", "773", "708", "630", "847", "917", "970")
NAMES = (
    *("Robin Ashe", "Kit Moreno", "Sasha Lind", "Casey Okoye", "Jules Tran", "Remy Alvarez"),
    *("Alex Novak", "Noor Rahman", "Drew Castle", "Toni Bianchi", "Lee Sandoval", "Pat Quill"),
)


def start_over(old: Contact | None, number: Number, *, now: datetime) -> Contact:
    """A new practice contact with a fictional phone that the campaign has never known.

    Where `old` talks with a texter in a running action from this number, the same texter sends
    the new one the first text of that action, on the road of every first text. Nothing of `old`
    is changed: not a tag, not a conversation. Each call makes another one; RefusedError when no
    fictional phone is left.
    """
    phone = next(_free_phones(number, old), None)
    if phone is None:
        raise RefusedError("All fictional numbers are used up. Choose somebody in the list.")
    made = contacts_by_phone.make(number.campaign_id, phone, now=now)
    _name(made, old)
    talk = _talk_of(old, number) if old is not None else None
    if talk is not None:
        _text_first(made, *talk, now=now)
    return made


def _free_phones(number: Number, old: Contact | None) -> Iterator[str]:
    """Fictional phones nobody has: in the area of the old one first, then in others."""
    near = old.phone[2:5] if old is not None and old.phone.startswith("+1") else AREAS[0]
    ours = set(db.session.scalars(select(Number.phone)))
    for area in dict.fromkeys((near, *AREAS)):
        wanted = [f"+1{area}{rest}" for rest in FICTIONAL]
        wanted = [one for one in wanted if one not in ours and phones.read(one).e164 == one]
        taken = set(
            db.session.scalars(
                select(Contact.phone).where(
                    Contact.campaign_id == number.campaign_id, Contact.phone.in_(wanted)
                )
            )
        )
        for phone in wanted:
            # One that was erased would come back with its opt-outs.
            if phone not in taken and erased.find(number.campaign_id, phone) is None:
                yield phone


def _name(made: Contact, old: Contact | None) -> None:
    """An invented name; what texts may name besides is that of the old contact."""
    made.first_name, _, made.last_name = NAMES[_made_before(made) % len(NAMES)].partition(" ")
    if old is not None:
        made.city, made.state, made.fields = old.city, old.state, dict(old.fields)
    db.session.flush()


def _made_before(made: Contact) -> int:
    """How many contacts carry one of the invented names."""
    first_names = {name.partition(" ")[0] for name in NAMES}
    query = select(func.count()).where(
        Contact.campaign_id == made.campaign_id,
        Contact.first_name.in_(first_names),
        Contact.id != made.id,
    )
    return db.session.scalar(query) or 0


def _talk_of(old: Contact, number: Number) -> tuple[Action, User] | None:
    """The running action in which the old contact has a texter, and that texter."""
    row = db.session.execute(
        select(Action, User)
        .join(Conversation, Conversation.action_id == Action.id)
        .join(User, User.id == Conversation.assignee_id)
        .where(
            Conversation.contact_id == old.id,
            Conversation.number_id == number.id,
            Action.kind == ActionKind.P2P,
            Action.state == ActionState.LIVE,
        )
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(1)
    ).first()
    if row is None or not actions.is_texter_of(row[0], row[1]):
        return None
    if approvals.is_waiting(number.campaign_id, row[1].id):
        return None
    return row[0], row[1]


def _text_first(made: Contact, action: Action, texter: User, *, now: datetime) -> None:
    """Add the new contact to the audience as the texter's next one, and send the first text."""
    campaign = db.session.get_one(Campaign, action.campaign_id)
    is_open = hours.may_text(now, campaign.hours, campaign.time_zone, made.zones)
    if not is_open or action_days.why_closed(action, now=now):
        return
    row = insert_once(Recipient).values(
        action_id=action.id,
        contact_id=made.id,
        state=RecipientState.READY,
        assignee_id=texter.id,
        assigned_at=now,
        skips=0,
    )
    if changed_rows(row):
        tally.add(action.id, total=1, ready=1)
        batches.send_first(action, made.id, texter, key=f"start over {made.id}", now=now)
