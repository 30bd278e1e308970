"""The numbers that a campaign texts from."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select, update

from webapp.db import changed_rows, db
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    Action,
    ActionState,
    Actor,
    Answerer,
    Campaign,
    Direction,
    Event,
    Message,
    MessageKind,
    Number,
    NumberKind,
    Texting,
    User,
)
from webapp.services import trail
from webapp.texting import phones

NO_NUMBER = "Choose one of the campaign’s numbers."
SLOWEST, FASTEST = 0.01, 1_000  # texts a second


def all_of(campaign: Campaign, *, retired: bool = False) -> Sequence[Number]:
    """The campaign's numbers in the order they were added; retired ones only when asked for."""
    query = select(Number).where(Number.campaign_id == campaign.id)
    if not retired:
        query = query.where(Number.retired_at.is_(None))
    return db.session.scalars(query.order_by(Number.id)).all()


def held(phones: Collection[str]) -> set[str]:
    """Those of these phones (E.164) that any campaign holds."""
    query = select(Number.phone).where(Number.phone.in_(phones))
    return set(db.session.scalars(query))


def for_contact(action: Action, contact_id: int) -> Number:
    """The number a peer-to-peer first text leaves from: a contact keeps talking to the same one.

    It is the number that last texted them peer-to-peer, as long as it serves that; the action's
    own for everybody else.
    """
    last = (
        select(Message.number_id)
        .where(
            Message.contact_id == contact_id,
            Message.direction == Direction.OUT,
            Message.texting == action.texting,
            Message.kind != MessageKind.TEST,
        )
        .order_by(Message.id.desc())
        .limit(1)
    )
    known = db.session.get(Number, db.session.scalar(last) or 0)
    if known is not None and known.retired_at is None and action.texting in known.kind.serves:
        return known
    return db.session.get_one(Number, action.number_id)


def check(number: Number, campaign_id: int, texting: Texting) -> None:
    """Refuse (InvalidError, field "number") a number that can't serve this kind of texting."""
    if number.campaign_id != campaign_id:
        raise InvalidError(NO_NUMBER, field="number")
    if number.retired_at is not None:
        raise InvalidError("This number was retired. Choose another one.", field="number")
    if texting not in number.kind.serves:
        raise InvalidError("This number is for another kind of texting.", field="number")


def give(action: Action, number: Number) -> None:
    """Let a draft text from another number.

    Refused (ConflictError) once it is scheduled or launched, also by somebody else at this moment:
    one conditional UPDATE. InvalidError (field "number") for a number that can't serve it.
    """
    if action.state is ActionState.SCHEDULED:
        raise ConflictError(
            "This broadcast is scheduled. Take it back to draft, then change the number."
        )
    check(number, action.campaign_id, action.texting)
    changed = changed_rows(
        update(Action)
        .where(Action.id == action.id, Action.state == ActionState.DRAFT)
        .values(number_id=number.id)
    )
    if not changed:
        raise ConflictError(
            "Somebody has launched it meanwhile, so it keeps the number that it texts from. "
            "What else you typed is still here and can be saved."
        )


def add(
    campaign: Campaign,
    phone: str,
    kind: NumberKind,
    *,
    confirmation_by: Answerer | None = None,
    help_by: Answerer | None = None,
    usually_by: Answerer = Answerer.CARRIER,
    rate: float | None = None,
    usual_rate: bool = False,
    by: User | None = None,
    actor: Actor | None = None,
    now: datetime,
) -> tuple[Number, bool]:
    """Let a campaign text from a number; returns it, and whether anything changed.

    InvalidError (field "phone") with the reason when it is no phone number. A number that is
    there already takes on what is given, and what is not given stays as it was set; a retired
    one comes back. `usually_by` answers for a new number where nobody is given. `rate` is in
    texts a second; with `usual_rate` it is what the installation says (HEED_SENDING_RATE), as
    it is for a new number without one.
    """
    if rate is not None and not SLOWEST <= rate <= FASTEST:
        raise InvalidError(
            f"Give a number of texts a second from {SLOWEST} to {FASTEST:,}.", field="rate"
        )
    reading = phones.read(phone)
    if reading.e164 is None:
        raise InvalidError(f"{reading.reason or 'This is not a phone number'}.", field="phone")
    number = db.session.scalar(
        select(Number).where(Number.campaign_id == campaign.id, Number.phone == reading.e164)
    )
    is_new = number is None
    if number is None:
        number = Number(
            campaign_id=campaign.id,
            phone=reading.e164,
            created_at=now,
            next_free_at=now,
            confirmation_by=usually_by,
            help_by=usually_by,
        )
        db.session.add(number)
    wanted: dict[str, Any] = {
        "kind": kind,
        "retired_at": None,
        "confirmation_by": confirmation_by or number.confirmation_by,
        "help_by": help_by or number.help_by,
        "rate": None if usual_rate else rate or number.rate,
    }
    if not is_new and all(getattr(number, name) == value for name, value in wanted.items()):
        return number, False
    for name, value in wanted.items():
        setattr(number, name, value)
    db.session.flush()
    _record_added(number, by=by, actor=actor, now=now)
    return number, True


def retire(number: Number, *, by: User | None, now: datetime) -> bool:
    """Let no new action text from a number; those that run keep it, and what comes in is heard.

    False the second time.
    """
    if number.retired_at is not None:
        return False
    number.retired_at = now
    trail.record(
        Event.CAMPAIGN_CHANGED,
        campaign_id=number.campaign_id,
        by=by,
        about=number,
        details={"settings": ["retired_at"]},
        now=now,
    )
    return True


def _record_added(number: Number, *, by: User | None, actor: Actor | None, now: datetime) -> None:
    trail.record(
        Event.NUMBER_ADDED,
        campaign_id=number.campaign_id,
        by=by,
        actor=actor,
        about=number,
        details={
            "kind": number.kind.value,
            "confirmation_by": number.confirmation_by.value,
            "help_by": number.help_by.value,
            "rate": number.rate,
        },
        now=now,
    )
