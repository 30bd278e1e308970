"""The people at the other end of practice broadcasts: their phones ring, and some answer."""

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, literal_column, select
from sqlalchemy.orm import aliased

from webapp.carriers.base import DeliveryReport
from webapp.db import db
from webapp.models import (
    Action,
    ActionKind,
    Contact,
    Direction,
    Message,
    MessageKind,
    MessageState,
    Number,
)
from webapp.services import demo_phone, demo_subscribers, settlement

RINGS_AFTER = timedelta(seconds=3)
# Nobody answers a text from before the last stop of the demo.
ANSWERS_WITHIN = timedelta(minutes=3)
AT_ONCE = 100
UNREACHABLE = "30003"


def live_on(*, now: datetime) -> int:
    """Let texts of broadcasts arrive, and people answer whose time has come; how many did either.

    What a person does follows from their id alone: of a hundred in a row one opts out, one asks
    to be taken off in other words, nine reply, and two phones are switched off. Somebody who has
    texted already (from the demo phone, say) is left alone, so a second look does nothing again.
    """
    return _ring(now) + _answer(now)


def _ring(now: datetime) -> int:
    """The reports of the carrier that this would be."""
    arrived = _texts(
        Message.state == literal_column("'sent'"), Message.settled_at <= now - RINGS_AFTER
    )
    rows = db.session.execute(arrived.order_by(Message.id).limit(AT_ONCE)).all()
    for row in rows:
        off = _lot(row.contact_id) in (17, 67)
        settlement.report(
            DeliveryReport(
                demo_phone.PROVIDER,
                row.provider_id,
                row.reference,
                "undelivered" if off else "delivered",
                "",
                error_code=UNREACHABLE if off else None,
            ),
            now=now,
        )
    return len(rows)


def _answer(now: datetime) -> int:
    heard = aliased(Message)
    silent = ~(
        select(heard.id)
        .where(
            heard.contact_id == Message.contact_id,
            heard.direction == Direction.IN,
            heard.id > Message.id,
        )
        .exists()
    )
    lately = _texts(
        Message.state.in_((MessageState.SENT, MessageState.DELIVERED)),
        Message.sending_at.between(now - ANSWERS_WITHIN, now),
        silent,
    )
    answers = list(_due(db.session.execute(lately.order_by(Message.id)).all(), now))
    for phone, number_id, words in answers:
        demo_phone.text_in(phone, db.session.get_one(Number, number_id), words, now=now)
    return len(answers)


def _texts(*conditions: ColumnElement[bool]) -> Any:
    """First texts of broadcasts that the simulator took."""
    texts: Any = (
        select(
            Message.contact_id,
            Message.number_id,
            Message.provider_id,
            Message.reference,
            Message.sending_at,
            Contact.phone,
        )
        .join(Contact, Contact.id == Message.contact_id)
        .join(Action, Action.id == Message.action_id)
        .where(
            Action.kind == ActionKind.BROADCAST,
            Message.kind == MessageKind.FIRST,
            Message.provider == demo_phone.PROVIDER,
            *conditions,
        )
    )
    return texts


def _due(rows: Iterable[Row[Any]], now: datetime) -> Iterator[tuple[str, int, str]]:
    """Who answers now, from where, and with which words."""
    for row in rows:
        words = words_of(row.contact_id)
        waits = timedelta(seconds=10 + row.contact_id * 29 % 80)
        if words and row.sending_at + waits <= now:
            yield row.phone, row.number_id, words


def words_of(contact_id: int) -> str:
    """What somebody answers to a broadcast; "" for those who keep silent."""
    lot = _lot(contact_id)
    if lot == 7:
        return demo_subscribers.STOPS[contact_id % len(demo_subscribers.STOPS)]
    if lot == 57:
        return demo_subscribers.REQUEST
    if lot % 12 != 3:
        return ""
    return demo_subscribers.ANSWERS[contact_id % len(demo_subscribers.ANSWERS)]


def _lot(contact_id: int) -> int:
    """A number below 100; those of a hundred people in a row differ."""
    return contact_id * 37 % 100
