"""A test text to one's own phone, from a number of the campaign."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services.scenes import (
    NOW,
    WORKER,
    accepted,
    again,
    claim,
    send_all,
    settle,
    sweep,
    take,
    text_in,
)
from tests.services.together import at_once
from webapp.carriers.base import DeliveryReport, Outgoing, Refused, Result, Unknown
from webapp.db import db, put, transaction
from webapp.errors import ConflictError, InvalidError
from webapp.models import (
    ActionTally,
    Campaign,
    CarrierBlock,
    Contact,
    Event,
    Message,
    MessageKind,
    MessageState,
    Number,
    NumberKind,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    audit,
    delivery,
    erasure,
    figures,
    numbers,
    optouts,
    self_texts,
    settlement,
    timeline,
)
from webapp.services.self_texts import Sent

PHONE = "+18475550142"
MINUTE, SECOND = timedelta(minutes=1), timedelta(seconds=1)


@pytest.fixture
def number() -> Number:
    return factories.number(phone="+13125550107")


@pytest.fixture
def maya() -> User:
    return factories.admin(name="Maya Okafor")


def send(number: Number, maya: User, raw: str = PHONE, **values: Any) -> Message:
    given = {"is_mine": True, "key": "k", "by": maya, "now": NOW} | values
    with transaction():
        home = db.session.get_one(Campaign, number.campaign_id)
        row = db.session.get_one(Number, number.id)
        return self_texts.send(home, row, raw, **given)


def last(now: Any = NOW) -> list[Sent]:
    db.session.rollback()
    return self_texts.last(factories.the_campaign(), now=now)


def texts() -> int:
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def test_it_goes_down_the_one_road_with_fixed_words(number: Number, maya: User) -> None:
    message = send(number, maya, "(847) 555-0142")
    assert (message.kind, message.state) == (MessageKind.TEST, MessageState.QUEUED)
    assert (message.action_id, message.conversation_id) == (None, None)
    [left] = send_all()
    assert (left.sender, left.recipient, left.body) == (number.phone, PHONE, self_texts.WORDS)
    assert "STOP" in self_texts.WORDS and len(self_texts.WORDS) <= 160
    assert self_texts.WORDS.isascii()


def test_the_same_form_twice_is_one_text(number: Number, maya: User) -> None:
    first = send(number, maya).id
    assert send(number, maya).id == first and texts() == 1
    assert send(number, factories.admin()).id != first


def test_it_is_on_the_trail_and_on_the_timeline_and_the_audit_sees_it(
    number: Number, maya: User
) -> None:
    message = send(number, maya)
    entry = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.TEST_TEXT_SENT)
    ).one()
    assert (entry.by_user_id, entry.contact_id, entry.message_id) == (
        maya.id,
        message.contact_id,
        message.id,
    )
    assert (entry.about, entry.about_id) == ("number", number.id)
    contact = db.session.get_one(Contact, message.contact_id)
    assert [one.what for one in timeline.of(contact)] == ["Test text"]
    assert all(one.ok for one in audit.run())

    with transaction():
        db.session.add(
            Message(
                **{
                    name: getattr(message, name)
                    for name in ("campaign_id", "contact_id", "number_id", "texting", "direction")
                },
                kind=MessageKind.TEST,
                state=MessageState.SENT,
                body="Buy now",
            )
        )
    assert [one.check for one in audit.run() if not one.ok] == ["test_texts_told"]


def test_a_phone_nobody_knew_becomes_a_contact_whose_stop_counts(
    number: Number, maya: User
) -> None:
    contact_id = send(number, maya).contact_id
    send_all()
    text_in(PHONE, number, "STOP")
    contact = db.session.get_one(Contact, contact_id)
    assert contact.first_name == ""
    assert [one.may_be_texted for one in optouts.standing(contact).values()] == [False, False]
    with pytest.raises(InvalidError, match="nothing was sent"):
        send(number, maya, key="again")


@pytest.mark.parametrize("texting", Texting)
@pytest.mark.parametrize("kind", NumberKind)
def test_a_phone_that_opted_out_of_what_the_number_serves_gets_none(
    maya: User, texting: Texting, kind: NumberKind
) -> None:
    number = factories.number(kind=kind)
    factories.contact(phone=PHONE, opted_out_of=texting)
    if texting not in kind.serves:
        assert send(number, maya).texting in kind.serves
        return
    with pytest.raises(InvalidError, match="Opt Out") as refused:
        send(number, maya)
    assert refused.value.field == "phone" and texts() == 0


def test_an_opt_out_in_another_campaign_is_not_told_here(number: Number, maya: User) -> None:
    elsewhere = factories.campaign()
    factories.contact(phone=PHONE, of=elsewhere, opted_out_of=Texting.P2P)
    assert send(number, maya).state is MessageState.QUEUED


def test_who_opts_out_while_it_waits_gets_none(number: Number, maya: User) -> None:
    message = send(number, maya)
    with transaction():
        optouts.record(
            db.session.get_one(Contact, message.contact_id),
            message.texting,
            source=OptOutSource.ADMIN,
            by=maya,
            note="Called us",
            now=NOW,
        )
    assert send_all() == []
    [shown] = last()
    assert (shown.look, shown.said) == ("warn", "Not sent") and shown.why


def erased(maya: User, _number: Number) -> str:
    contact = factories.contact(phone=PHONE)
    with transaction():
        erasure.erase(contact, by=maya, now=NOW)
    return PHONE


def blocked(_maya: User, number: Number) -> str:
    contact = factories.contact(phone=PHONE)
    with transaction():
        keys = {"number_id": number.id, "contact_id": contact.id}
        put(CarrierBlock, keys, {"campaign_id": number.campaign_id, "since": NOW})
    return PHONE


@pytest.mark.parametrize(
    ("phone", "said"),
    [
        ("no phone", "555-0142"),
        ("+442071234567", "country"),
        ("+13125550107", "Heed texts from"),
        (erased, "erased on request"),
        (blocked, "START"),
    ],
)
def test_phones_that_get_none(
    number: Number, maya: User, phone: str | Callable[[User, Number], str], said: str
) -> None:
    raw = phone if isinstance(phone, str) else phone(maya, number)
    with pytest.raises(InvalidError, match=said) as refused:
        send(number, maya, raw)
    assert refused.value.field == "phone" and texts() == 0


def test_a_number_of_another_campaign_gets_none_either(number: Number, maya: User) -> None:
    theirs = factories.number(factories.campaign(), phone="+17735550111")
    with pytest.raises(InvalidError, match="Heed texts from"):
        send(number, maya, theirs.phone)


def test_it_has_to_be_said_that_the_phone_is_mine(number: Number, maya: User) -> None:
    with pytest.raises(InvalidError) as refused:
        send(number, maya, is_mine=False)
    assert refused.value.field == "is_mine" and texts() == 0


def test_a_retired_number_sends_none(number: Number, maya: User) -> None:
    with transaction():
        numbers.retire(db.session.get_one(Number, number.id), by=maya, now=NOW)
    with pytest.raises(InvalidError) as refused:
        send(number, maya)
    assert refused.value.field == "number"


def test_outside_hours_it_is_refused_at_once(number: Number, maya: User) -> None:
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 0, 1
    with pytest.raises(ConflictError, match="closed"):
        send(number, maya)
    assert texts() == 0


def test_five_in_an_hour_are_the_most(number: Number, maya: User) -> None:
    for place in range(5):
        send(number, maya, key=f"k{place}", now=NOW + place * MINUTE)
    with pytest.raises(ConflictError, match="Try again in 56 minutes"):
        send(number, factories.admin(), key="more", now=NOW + 5 * MINUTE)
    assert texts() == 5
    theirs = factories.number(factories.campaign())
    assert send(theirs, maya, key="k0").campaign_id != number.campaign_id
    assert send(number, maya, key="later", now=NOW + 61 * MINUTE)


def test_people_who_press_at_once_are_counted(app: Flask, number: Number, maya: User) -> None:
    for place in range(3):
        send(number, maya, key=f"k{place}")
    number_id, maya_id, home_id = number.id, maya.id, number.campaign_id

    def press(place: int) -> Callable[[], int]:
        def act() -> int:
            with transaction():
                return self_texts.send(
                    db.session.get_one(Campaign, home_id),
                    db.session.get_one(Number, number_id),
                    PHONE,
                    is_mine=True,
                    key=f"at once {place}",
                    by=db.session.get_one(User, maya_id),
                    now=NOW,
                ).id

        return act

    done, raised = at_once(app, [press(place) for place in range(6)])

    assert len(done) == 2 and len(raised) == 4
    assert {type(one) for one in raised} == {ConflictError} and texts() == 5


LATE = 10 * MINUTE
WORTHLESS = "It could not be sent within ten minutes. Send another one."


@pytest.mark.parametrize("sweeps", [True, False], ids=["swept", "not swept"])
def test_after_ten_minutes_it_is_worth_nothing_and_the_page_says_so(
    number: Number, maya: User, sweeps: bool
) -> None:
    message = send(number, maya)
    assert sweep(now=NOW + LATE - SECOND) == 0
    assert (last(NOW + LATE - SECOND)[0].said, last(NOW + LATE)[0].why) == (
        "Waits to be sent",
        WORTHLESS,  # Also while no worker runs that could cancel it.
    )
    if sweeps:
        assert sweep(now=NOW + LATE) == 1
    assert send_all(now=NOW + LATE) == []
    assert again(message).state is MessageState.CANCELLED
    assert message.settled_at and message.settled_at >= NOW + LATE
    [shown] = last(NOW + LATE)
    assert (shown.look, shown.said, shown.why) == ("warn", "Not sent", WORTHLESS)
    assert not shown.is_watched
    assert all(one.ok for one in audit.run())
    assert send(number, maya, key="another", now=NOW + LATE).state is MessageState.QUEUED


def test_before_ten_minutes_are_over_it_leaves(number: Number, maya: User) -> None:
    send(number, maya)
    assert len(send_all(now=NOW + LATE - 2 * SECOND)) == 1


def test_one_that_is_tried_again_and_again_ends_after_ten_minutes(
    number: Number, maya: User
) -> None:
    message = send(number, maya)
    send_all(
        ends(Refused("busy", "Twilio was busy.", permanent=False)), now=NOW + LATE - 2 * SECOND
    )
    assert message.state is MessageState.QUEUED
    assert send_all(now=NOW + LATE + MINUTE) == []
    assert last(NOW + LATE + MINUTE)[0].why == WORTHLESS


def test_one_that_is_late_between_take_and_call_is_withdrawn(number: Number, maya: User) -> None:
    message = send(number, maya)
    claim(now=NOW + LATE - SECOND)
    assert take(message.id, now=NOW + LATE - SECOND)
    assert delivery.still_wanted(message.id, owner=WORKER, now=NOW + LATE - SECOND)
    assert not delivery.still_wanted(message.id, owner=WORKER, now=NOW + LATE)
    with transaction():
        delivery.withdraw(message.id, owner=WORKER, now=NOW + LATE)
    assert last(NOW + LATE)[0].why == WORTHLESS


def test_it_counts_in_no_action(number: Number, maya: User) -> None:
    contact = factories.contact(phone=PHONE)
    action = factories.action(contact)
    before = db.session.get_one(ActionTally, action.id)
    counts = {column.name: getattr(before, column.name) for column in before.__table__.c}
    send(number, maya)
    send_all()
    figures.bring_up_to_date(transaction, now=NOW)
    after = db.session.get_one(ActionTally, action.id, populate_existing=True)
    assert {column.name: getattr(after, column.name) for column in after.__table__.c} == counts
    assert all(one.ok for one in audit.run())


def test_it_decides_neither_the_number_nor_the_kind_of_what_follows(maya: User) -> None:
    usual, other = factories.number(), factories.number()
    contact = factories.contact(phone=PHONE)
    action = factories.action(contact)
    with transaction():
        action.number_id = usual.id
    send(other, maya)
    send_all()
    assert numbers.for_contact(action, contact.id).id == usual.id


def ends(ending: Result) -> Callable[[Outgoing], Result]:
    return lambda _text: ending


@pytest.mark.parametrize(
    ("ending", "look", "said", "why"),
    [
        (Unknown("No answer"), "warn", "Nobody can say whether it arrived", ""),
        (
            Refused("21606", "The sending number cannot text.", permanent=True),
            "danger",
            "Not delivered",
            "The sending number cannot text.",
        ),
        (
            Refused("busy", "Twilio was busy.", permanent=False),
            "info",
            "Waits to be sent",
            "It is tried again: Twilio was busy.",
        ),
    ],
)
def test_what_the_carrier_said_is_told(
    number: Number, maya: User, ending: Result, look: str, said: str, why: str
) -> None:
    send(number, maya)
    send_all(ends(ending))
    [shown] = last()
    assert (shown.look, shown.said, shown.why) == (look, said, why)
    assert (shown.phone, shown.number, shown.by) == (PHONE, number.phone, "Maya Okafor")


@pytest.mark.parametrize(
    ("status", "code", "said", "why"),
    [
        ("delivered", None, "Delivered", ""),
        ("undelivered", "30003", "Not delivered", "The phone was off or out of reach"),
    ],
)
def test_what_the_carrier_reports_later_is_told(
    number: Number, maya: User, status: Any, code: str | None, said: str, why: str
) -> None:
    message_id = send(number, maya).id
    assert last()[0].said == "Waits to be sent"
    assert claim() == [message_id]
    assert last()[0].said == "On its way"
    outgoing = take(message_id)
    assert outgoing is not None
    settle(message_id, accepted(outgoing))
    assert last()[0].said == "Sent" and last()[0].is_watched
    assert not last(NOW + 11 * MINUTE)[0].is_watched
    row = db.session.get_one(Message, message_id)
    with transaction():
        report = DeliveryReport(
            "twilio", row.provider_id or "", row.reference, status, status, error_code=code
        )
        settlement.report(report, now=NOW)
    [shown] = last()
    assert (shown.said, shown.why, shown.is_watched) == (said, why, False)
