"""HELP: answered once a day, by Heed only if the number says so, and never to somebody gone."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from webapp.carriers.base import Inbound
from webapp.db import db, transaction, utc_now
from webapp.models import Answerer, Contact, Message, MessageKind, MessageState
from webapp.services import inbound

NOW = utc_now()


def texted(answerer: Answerer) -> tuple[Contact, str]:
    """Somebody whom we have texted, and the number of ours."""
    number = factories.number(help_by=answerer)
    contact = factories.contact()
    action = factories.action(contact)
    message = factories.first_text(action, contact, factories.texter())
    with transaction():
        message.state = MessageState.SENT
    return contact, number.phone


def says(contact: Contact, to: str, body: str, *, after: timedelta = timedelta()) -> None:
    with transaction():
        name = f"IN{body}{after}"
        inbound.receive(Inbound("twilio", name, contact.phone, to, body), now=NOW + after)


def answers() -> list[Message]:
    return list(db.session.scalars(select(Message).where(Message.kind == MessageKind.HELP)))


@pytest.mark.parametrize("word", ["HELP", "info"])
def test_help_is_answered_with_the_campaigns_text_and_changes_no_tag(word: str) -> None:
    contact, number = texted(Answerer.HEED)
    says(contact, number, word)
    (answer,) = answers()
    assert answer.body == factories.the_campaign().help_text
    assert answer.state is MessageState.QUEUED


def test_help_is_answered_once_in_24_hours() -> None:
    contact, number = texted(Answerer.HEED)
    for after in (timedelta(), timedelta(hours=23), timedelta(hours=24, minutes=1)):
        says(contact, number, "HELP", after=after)
    assert len(answers()) == 2


@pytest.mark.parametrize("answerer", [Answerer.CARRIER, Answerer.NOBODY])
def test_heed_is_silent_where_the_carrier_or_nobody_answers(answerer: Answerer) -> None:
    contact, number = texted(answerer)
    says(contact, number, "HELP")
    assert answers() == []


def test_somebody_who_opted_out_gets_no_help_text() -> None:
    contact, number = texted(Answerer.HEED)
    says(contact, number, "STOP")
    says(contact, number, "HELP", after=timedelta(minutes=1))
    assert answers() == []
