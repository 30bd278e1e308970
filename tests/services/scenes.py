"""What a worker, a carrier and people with phones do, step by step and at a given moment."""

import secrets
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from webapp.carriers.base import Accepted, DeliveryReport, Inbound, OptOutType, Outgoing, Result
from webapp.db import db, transaction, utc_now
from webapp.models import Contact, Message, Number
from webapp.services import claims, delivery, inbound, settlement

# Noon in Chicago on a Tuesday, later than whatever the factories make.
NOW = datetime(2030, 1, 15, 18, 0, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
WORKER = "worker-1"
FAST = 1_000.0  # texts a second: the pace of a number is not what most tests are about


def accepted(_text: Outgoing) -> Result:
    """A carrier that takes every text."""
    return Accepted(f"SM{secrets.token_hex(16)}")


def claim(*, owner: str = WORKER, rate: float = FAST, now: datetime = NOW) -> list[int]:
    """Lease the next texts of a number; their ids."""
    with transaction():
        return [text.message_id for text in claims.claim(owner=owner, rate=rate, now=now)]


def take(message_id: int, *, owner: str = WORKER, now: datetime = NOW) -> Outgoing | None:
    """Take a leased text to `sending`; None when it must not leave."""
    with transaction():
        return delivery.take(message_id, owner=owner, status_url=None, now=now)


def settle(message_id: int, result: Result, *, owner: str = WORKER, now: datetime = NOW) -> None:
    """Write down how the call ended."""
    with transaction():
        settlement.settle(message_id, result, owner=owner, provider="twilio", now=now)


def send_all(
    carrier: Callable[[Outgoing], Result] = accepted, *, now: datetime = NOW
) -> list[Outgoing]:
    """A worker that sends whatever is due, one text after the other; the texts that left."""
    left = []
    while claimed := claim(now=now):
        now += timedelta(seconds=1)  # The number's slots of one claim are over by then.
        for message_id in claimed:
            text = take(message_id, now=now)
            if text is not None:
                settle(message_id, carrier(text), now=now)
                left.append(text)
    return left


def sweep(*, now: datetime = NOW) -> int:
    """The housekeeper's round."""
    with transaction():
        return delivery.sweep(now=now)


def text_in(
    sender: Contact | str,
    to: Number | str,
    body: str,
    *,
    sid: str = "",
    opt_out_type: OptOutType | None = None,
    now: datetime | None = NOW + MINUTE,
) -> bool:
    """Somebody texts one of our numbers; False when it was taken in before.

    `now` None: the moment at which it is our turn, as the webhook does it.
    """
    text = Inbound(
        provider="twilio",
        provider_id=sid or f"SM{secrets.token_hex(16)}",
        sender=sender.phone if isinstance(sender, Contact) else sender,
        to=to.phone if isinstance(to, Number) else to,
        body=body,
        opt_out_type=opt_out_type,
    )
    with transaction():
        return inbound.receive(text, now=now or utc_now())


def report_of(
    message: Message,
    status: str,
    *,
    error_code: str | None = None,
    opted_out: bool = False,
    by_id: bool = False,
    now: datetime = NOW + MINUTE,
) -> bool:
    """The carrier reports what became of a text, by our reference or by its own id."""
    news = DeliveryReport(
        provider="twilio",
        provider_id=message.provider_id or "SM-of-the-carrier",
        reference=None if by_id else message.reference,
        status=status,  # type: ignore[arg-type]
        raw=status,
        error_code=error_code,
        opted_out=opted_out,
    )
    with transaction():
        return settlement.report(news, now=now)


def newest(**conditions: object) -> Message:
    """The newest message of which this is true."""
    query = select(Message).filter_by(**conditions).order_by(Message.id.desc()).limit(1)
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def again(message: Message) -> Message:
    """The message as it is stored now."""
    db.session.rollback()
    return db.session.get_one(Message, message.id, populate_existing=True)
