"""The goodbye of a report and the confirmation of a stop word: one of them in five minutes."""

from datetime import timedelta

import pytest

from tests import factories
from tests.services.scenes import MINUTE, NOW, newest, send_all
from tests.services.talks import Talk
from webapp.carriers.base import Inbound
from webapp.db import db, transaction
from webapp.models import (
    Answerer,
    Conversation,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    Texting,
)
from webapp.services import inbound, optouts, reports, tags

GOODBYE = "Take care."


@pytest.fixture
def talk() -> Talk:
    """A contact whom a texter has texted; the report offers a goodbye, and Heed confirms STOPs."""
    made = Talk(number=factories.number(confirmation_by=Answerer.HEED))
    with transaction():
        made.action.goodbye, made.action.goodbye_text = True, GOODBYE
    return made


def report(talk: Talk, *kinds: Texting) -> None:
    with transaction():
        found = db.session.get_one(Conversation, talk.id)
        marked = [tags.built_in(found.campaign_id, kind).id for kind in kinds]
        filled = reports.Filled(tag_ids=marked, goodbye=True)
        reports.send(found, filled, key=f"report of {kinds}", by=talk.texter, now=NOW)


def left(*, minutes: int = 1) -> list[str]:
    return [out.body for out in send_all(now=NOW + minutes * MINUTE)]


def test_a_stop_right_after_the_goodbye_for_the_other_kind_brings_no_second_text(
    talk: Talk,
) -> None:
    report(talk, Texting.BROADCAST)
    talk.hears("STOP", now=NOW + timedelta(seconds=1))
    assert left() == [GOODBYE]
    assert all(optouts.is_opted_out(talk.contact.id, talk.contact.campaign_id, k) for k in Texting)


def test_two_reports_of_a_kind_each_say_goodbye_once(talk: Talk) -> None:
    report(talk, Texting.BROADCAST)
    report(talk, Texting.P2P)
    assert left() == [GOODBYE]


@pytest.mark.parametrize(("seconds", "expected"), [(30, []), (301, [GOODBYE])])
def test_a_report_right_after_a_confirmed_stop_of_the_other_kind_says_no_goodbye(
    talk: Talk, seconds: int, expected: list[str]
) -> None:
    """Who has just read that no more texts come gets none."""
    other = factories.number(
        factories.the_campaign(), kind=NumberKind.BROADCAST, confirmation_by=Answerer.HEED
    )
    stop = Inbound("simulator", "stop", talk.contact.phone, other.phone, "STOP")
    asked = NOW - timedelta(seconds=seconds)
    with transaction():
        inbound.receive(stop, now=asked)
    confirmation = factories.the_campaign().confirmation_text
    assert [out.body for out in send_all(now=asked + timedelta(seconds=1))] == [confirmation]
    report(talk, Texting.P2P)
    assert left() == expected
    assert all(optouts.is_opted_out(talk.contact.id, talk.contact.campaign_id, k) for k in Texting)


def test_a_stop_long_after_a_goodbye_is_confirmed(talk: Talk) -> None:
    report(talk, Texting.BROADCAST)
    assert left() == [GOODBYE]
    talk.hears("STOP", now=NOW + 6 * MINUTE)
    assert left(minutes=7) == [factories.the_campaign().confirmation_text]


@pytest.mark.parametrize("state", [MessageState.FAILED, MessageState.CANCELLED])
def test_a_goodbye_that_never_left_takes_no_confirmation_away(
    talk: Talk, state: MessageState
) -> None:
    report(talk, Texting.BROADCAST)
    with transaction():
        db.session.get_one(Message, newest(kind=MessageKind.CONFIRMATION).id).state = state
    talk.hears("STOP", now=NOW + MINUTE)
    assert left(minutes=2) == [factories.the_campaign().confirmation_text]
