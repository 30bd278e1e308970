"""First texts: batches on demand, one human act per text."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.services.scenes import NOW, send_all, text_in
from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import ConflictError, ForbiddenError, RefusedError
from webapp.models import (
    Action,
    ActionTally,
    ActionTexter,
    Contact,
    Event,
    Message,
    MessageState,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Script,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import actions, aside, batches, numbers, optouts, shifts

NIGHT = datetime(2030, 1, 15, 8, 0, tzinfo=UTC)  # 2 am in Chicago


def take(action: Action, texter: User, *, now: datetime = NOW) -> int:
    with transaction():
        return batches.take_batch(action, texter, now=now)


def send(
    action: Action, contact: Contact, texter: User, *, key: str = "key", now: datetime = NOW
) -> batches.Outcome:
    with transaction():
        return batches.send_first(action, contact.id, texter, key=key, now=now)


def messages() -> int:
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def upcoming(action: Action, texter: User, *, now: datetime = NOW) -> Contact | None:
    found = shifts.up_next(action, texter, now=now)
    return found.contact if found else None


def test_a_batch_has_the_size_that_the_action_says() -> None:
    action = factories.action(*[factories.contact() for _ in range(5)], batch_size=3)
    assert take(action, factories.texter()) == 3


def test_a_second_click_hands_out_nobody_more() -> None:
    texter = factories.texter()
    action = factories.action(*[factories.contact() for _ in range(5)], batch_size=3)
    take(action, texter)
    assert take(action, texter) == 3
    handed_out = select(func.count()).where(Recipient.assignee_id == texter.id)
    assert db.session.scalar(handed_out) == 3


def test_an_empty_pool_hands_out_nobody() -> None:
    action = factories.action(factories.contact())
    take(action, factories.texter())
    assert take(action, factories.texter()) == 0


def test_texters_who_ask_at_the_same_moment_get_different_people(app: Flask) -> None:
    texters = [factories.texter().id for _ in range(6)]
    action = factories.action(*[factories.contact() for _ in range(15)], batch_size=3).id

    def ask(user_id: int) -> int:
        return take(db.session.get_one(Action, action), db.session.get_one(User, user_id))

    got, raised = at_once(app, [lambda user_id=user_id: ask(user_id) for user_id in texters * 3])

    assert raised == []
    assert set(got) <= {0, 3}
    per_texter = select(Recipient.assignee_id, func.count()).group_by(Recipient.assignee_id)
    assert sorted(count for _, count in db.session.execute(per_texter)) == [3] * 5


@pytest.mark.parametrize("same_key", [True, False], ids=["the same form", "two devices"])
def test_twenty_taps_at_the_same_moment_are_one_text(app: Flask, same_key: bool) -> None:
    texter, contact = factories.texter(), factories.contact()
    action = factories.action(contact)
    take(action, texter)
    ids = (action.id, contact.id, texter.id)

    def tap(place: int) -> int:
        with transaction():
            outcome = batches.send_first(
                db.session.get_one(Action, ids[0]),
                ids[1],
                db.session.get_one(User, ids[2]),
                key="key" if same_key else f"key {place}",
                now=utc_now(),
            )
            assert outcome.message is not None
            return outcome.message.id

    sent, refused = at_once(app, [lambda place=place: tap(place) for place in range(20)])

    assert messages() == 1
    assert len(set(sent)) == 1
    assert all(isinstance(refusal, ConflictError) for refusal in refused)
    assert len(refused) == (0 if same_key else 19)
    tally = db.session.get_one(ActionTally, ids[0])
    assert (tally.ready, tally.queued) == (0, 1)


def test_a_replayed_form_changes_nothing_even_when_the_action_is_over() -> None:
    texter, contact = factories.texter(), factories.contact()
    action = factories.action(contact)
    take(action, texter)
    first = send(action, contact, texter)
    with transaction():
        actions.finish(action, by=None, now=NOW)
    assert send(action, contact, texter).message is first.message
    assert messages() == 1


def test_who_opted_out_after_the_batch_was_taken_is_skipped_and_counted() -> None:
    texter, contact = factories.texter(), factories.contact(first_name="Renee")
    action = factories.action(contact)
    take(action, texter)
    with transaction():
        optouts.record(contact, Texting.P2P, source=OptOutSource.ADMIN, now=NOW)

    outcome = send(action, contact, texter)

    assert (outcome.message, outcome.skipped) == (None, "Skipped Renee. They've opted out.")
    assert messages() == 0
    row = db.session.get_one(Recipient, (action.id, contact.id))
    assert (row.state, row.reason) == (RecipientState.SUPPRESSED, Reason.OPTED_OUT)
    tally = db.session.get_one(ActionTally, action.id)
    assert (tally.ready, tally.opted_out, tally.skipped) == (0, 1, 1)


def test_a_tap_and_a_stop_at_the_same_moment_leave_nothing_to_be_sent(app: Flask) -> None:
    number, texter = factories.number(), factories.texter()
    people = [factories.contact() for _ in range(8)]
    # They all know the number from an earlier action, so that their STOP is about this kind.
    earlier = factories.action(*people)
    for person in people:
        factories.first_text(earlier, person, texter)
    with transaction():
        for text in db.session.scalars(select(Message)):
            text.state = MessageState.SENT
    action = factories.action(*people)
    take(action, texter)
    ids, phones, to = [one.id for one in people], [one.phone for one in people], number.phone

    def tap(contact_id: int) -> None:
        send(
            db.session.get_one(Action, action_id),
            db.session.get_one(Contact, contact_id),
            db.session.get_one(User, texter_id),
            key=f"tap {contact_id}",
        )

    action_id, texter_id = action.id, texter.id
    _, refused = at_once(
        app,
        [
            *(lambda contact_id=contact_id: tap(contact_id) for contact_id in ids),
            *(lambda phone=phone: text_in(phone, to, "STOP") for phone in phones),
        ],
    )

    assert [one for one in refused if not isinstance(one, RefusedError)] == []
    states = select(Message.state).where(Message.action_id == action_id)
    assert set(db.session.scalars(states)) <= {MessageState.CANCELLED}
    assert send_all() == []


def test_a_paused_action_sends_nothing_and_the_place_is_kept() -> None:
    texter, contact = factories.texter(), factories.contact()
    action = factories.action(contact)
    take(action, texter)
    with transaction():
        actions.pause(action, by=None, now=NOW)
    with pytest.raises(RefusedError, match="Your place is saved"):
        send(action, contact, texter)
    assert messages() == 0
    assert upcoming(action, texter) == contact


def test_at_night_nothing_is_sent_and_the_place_is_kept() -> None:
    home = factories.campaign(opens_minute=9 * 60, closes_minute=21 * 60)
    texter, contact = factories.texter(home), factories.contact(of=home)
    action = factories.action(contact, of=home)
    take(action, texter)
    with pytest.raises(RefusedError, match="Texting is closed"):
        send(action, contact, texter, now=NIGHT)
    found = shifts.up_next(action, texter, now=NIGHT)
    assert found is not None
    assert found.contact == contact
    assert found.opens_at == NIGHT.replace(hour=15)  # 9 am in Chicago


def test_who_can_be_texted_now_comes_before_those_who_are_asleep() -> None:
    home = factories.campaign(
        opens_minute=9 * 60, closes_minute=21 * 60, time_zone="America/New_York"
    )
    texter = factories.texter(home)
    asleep = factories.contact(of=home, zones="Pacific/Honolulu", state="HI")
    awake = factories.contact(of=home, zones="America/New_York", state="NY")
    action = factories.action(asleep, awake, of=home)
    morning = datetime(2030, 1, 15, 15, 0, tzinfo=UTC)  # 10 am in New York, 5 am in Honolulu
    take(action, texter, now=morning)

    found = shifts.up_next(action, texter, now=morning)

    assert found is not None
    assert (found.contact, found.opens_at) == (awake, None)


def test_skipped_people_come_back_at_the_end_in_the_order_they_were_skipped() -> None:
    texter = factories.texter()
    people = [factories.contact() for _ in range(3)]
    action = factories.action(*people)
    take(action, texter)
    seen = []
    for _ in range(4):
        person = upcoming(action, texter)
        assert person is not None
        seen.append(person)
        with transaction():
            aside.skip(action, person.id, texter)
    assert seen == [*people, people[0]]


def test_a_flag_tells_the_admins_and_puts_the_person_at_the_end() -> None:
    texter = factories.texter()
    first, second = factories.contact(), factories.contact()
    action = factories.action(first, second)
    take(action, texter)
    with transaction():
        assert aside.flag(action, first.id, texter, aside.Wrong.NAME, now=NOW)
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.FLAGGED)).one()
    assert (entry.by_user_id, entry.contact_id, entry.about_id) == (texter.id, first.id, action.id)
    assert entry.details == {"wrong": "name"}
    assert upcoming(action, texter) == second


def test_nobody_flags_people_of_somebody_else() -> None:
    contact = factories.contact()
    action = factories.action(contact)
    take(action, factories.texter())
    with transaction():
        assert not aside.flag(action, contact.id, factories.texter(), aside.Wrong.TEXT, now=NOW)
    flagged = select(TrailEntry).where(TrailEntry.event == Event.FLAGGED)
    assert db.session.scalars(flagged).all() == []


def test_nobody_texts_people_of_somebody_elses_batch() -> None:
    contact = factories.contact()
    action = factories.action(contact)
    take(action, factories.texter())
    with pytest.raises(ConflictError):
        send(action, contact, factories.texter())
    assert messages() == 0


def test_who_is_not_on_the_action_gets_no_batch() -> None:
    chosen, other = factories.texter(), factories.texter()
    action = factories.action(factories.contact(), all_texters=False)
    with transaction():
        db.session.add(ActionTexter(action_id=action.id, user_id=chosen.id))
    assert take(action, chosen) == 1
    with pytest.raises(ForbiddenError):
        take(action, other)


def test_a_text_with_an_empty_variable_is_not_sent() -> None:
    texter, contact = factories.texter(), factories.contact(first_name="", last_name="")
    action = factories.action(contact)
    take(action, texter)
    with pytest.raises(RefusedError, match="empty variable"):
        send(action, contact, texter)
    assert messages() == 0
    assert batches.open_count(action, texter) == 1


def test_the_text_is_exactly_what_the_texter_saw() -> None:
    texter, contact = factories.texter(name="Jordan Lee"), factories.contact(first_name="Renee")
    action = factories.action(contact)
    with transaction():
        db.session.scalars(
            select(Script).where(Script.action_id == action.id)
        ).one().body = "Hi {first_name}, it's {texter_name}. Reply STOP to opt out."
    take(action, texter)
    seen = shifts.up_next(action, texter, now=NOW)
    assert seen is not None
    sent = send(action, contact, texter).message
    assert sent is not None
    assert sent.body == seen.body == "Hi Renee, it's Jordan. Reply STOP to opt out."


def test_a_batch_that_lies_for_a_day_goes_back_to_the_pool() -> None:
    texter, other = factories.texter(), factories.texter()
    action = factories.action(factories.contact(), factories.contact(), batch_size=2)
    take(action, texter)
    with transaction():
        assert batches.give_back_old(now=NOW + batches.KEPT_FOR - timedelta(seconds=1)) == 0
    with transaction():
        assert batches.give_back_old(now=NOW + batches.KEPT_FOR) == 2
    assert take(action, other) == 2


def test_the_summary_of_a_batch_says_what_was_sent_and_whether_there_is_more() -> None:
    texter = factories.texter()
    action = factories.action(*[factories.contact() for _ in range(3)], batch_size=2)
    assert shifts.summary(action, texter) == shifts.Summary(sent=0, waiting=0, is_more=True)
    take(action, texter)
    for place in range(2):
        person = upcoming(action, texter)
        assert person is not None
        send(action, person, texter, key=f"key {place}")
    assert shifts.summary(action, texter) == shifts.Summary(sent=2, waiting=0, is_more=True)
    take(action, factories.texter())
    assert not shifts.summary(action, texter).is_more


def test_first_texts_that_did_not_arrive_are_told_to_whoever_sent_them() -> None:
    texter, contact = factories.texter(), factories.contact()
    action = factories.action(contact)
    take(action, texter)
    sent = send(action, contact, texter).message
    assert sent is not None
    assert shifts.failed(action, texter) == []
    with transaction():
        sent.state = MessageState.FAILED
    assert shifts.failed(action, texter) == [(sent, contact)]
    assert shifts.failed(action, factories.texter()) == []


def test_a_contact_keeps_talking_to_the_same_number() -> None:
    first, second = factories.number(), factories.number()
    dana, ben = factories.contact(), factories.contact()
    texter = factories.texter()
    known = factories.first_text(factories.action(dana, number_id=first.id), dana, texter)
    later = factories.action(dana, ben, number_id=second.id)

    assert known.number_id == first.id
    assert factories.first_text(later, dana, texter).number_id == first.id
    assert factories.first_text(later, ben, texter).number_id == second.id


def test_a_number_that_was_retired_is_not_kept() -> None:
    first, second = factories.number(), factories.number()
    dana = factories.contact()
    texter = factories.texter()
    factories.first_text(factories.action(dana, number_id=first.id), dana, texter)
    with transaction():
        numbers.retire(first, by=None, now=utc_now())

    assert factories.first_text(factories.action(dana), dana, texter).number_id == second.id


def test_the_recontact_lock_lets_a_first_text_wait_and_keeps_the_place() -> None:
    with transaction():
        factories.the_campaign().recontact_lock_hours = 6
    dana, texter = factories.contact(), factories.texter()
    factories.first_text(factories.action(dana), dana, texter)
    send_all()
    second = factories.action(dana)
    with transaction():
        batches.take_batch(second, texter, now=NOW)

    soon = NOW + timedelta(hours=1)
    coming = shifts.up_next(second, texter, now=soon)
    assert coming is not None
    assert coming.opens_at is not None
    with pytest.raises(RefusedError, match="a short while ago"), transaction():
        batches.send_first(second, dana.id, texter, key="early", now=soon)

    then = coming.opens_at
    assert NOW + timedelta(hours=6) <= then <= NOW + timedelta(hours=6, minutes=1)
    with transaction():
        outcome = batches.send_first(second, dana.id, texter, key="then", now=then)
    assert outcome.message is not None


def test_two_people_with_the_same_key_get_a_text_each() -> None:
    texter = factories.texter()
    people = [factories.contact(), factories.contact()]
    action = factories.action(*people)
    take(action, texter)
    for person in (*people, *people):
        send(action, person, texter, key="the same")
    assert messages() == 2
