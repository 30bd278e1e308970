"""Texts taken in together do what they would have done one after the other."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import replace

import pytest
from flask import Flask
from sqlalchemy import event, func, select

from tests import factories
from tests.services.scenes import MINUTE, NOW, send_all
from webapp.carriers.base import Inbound
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionTally,
    Answerer,
    Campaign,
    Contact,
    ContactTag,
    Conversation,
    Event,
    Hinted,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    Texting,
    TrailEntry,
    WebhookReceipt,
)
from webapp.services import audit, inbound, optouts, tags

STRANGER = factories.STRANGER
HINT = "Please do not text me anymore"


@pytest.fixture(autouse=True)
def everything_holds(app: Flask) -> Iterator[None]:
    """Whatever comes in, the audit has nothing to say."""
    yield
    db.session.rollback()
    assert [found for found in audit.run() if not found.ok] == []


class Crowd:
    """Some people whom one texter has texted from one number."""

    def __init__(self, size: int = 6) -> None:
        self.number = factories.number(kind=NumberKind.P2P)
        self.texter = factories.texter()
        self.people = [factories.contact() for _ in range(size)]
        self.action: Action = factories.action(*self.people, number_id=self.number.id)
        for person in self.people:
            factories.first_text(self.action, person, self.texter)
        send_all()
        self.phones = [person.phone for person in self.people]
        self.serial = 0

    def text(self, sender: str, body: str, *, to: str = "", sid: str = "") -> Inbound:
        self.serial += 1
        return Inbound("twilio", sid or f"SM-{self.serial}", sender, to or self.number.phone, body)

    def thread(self, place: int) -> Conversation:
        db.session.rollback()
        query = select(Conversation).where(Conversation.contact_id == self.people[place].id)
        return db.session.scalars(query).one()

    def counts(self) -> ActionTally:
        return db.session.get_one(ActionTally, self.action.id, populate_existing=True)


@pytest.fixture
def crowd() -> Crowd:
    return Crowd()


def together(*texts: Inbound) -> list[bool | None]:
    with transaction():
        return inbound.receive_all(texts, now=NOW + MINUTE)


def carried(person: Contact) -> set[Texting]:
    db.session.rollback()
    return {kind for kind, one in optouts.standing(person).items() if not one.may_be_texted}


def number_of(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_stop_in_a_group_text_counts_for_the_number_of_ours_that_is_among_its_recipients(
    crowd: Crowd,
) -> None:
    a, b, *_ = crowd.phones
    ours, others = crowd.number.phone, ("+19075550199", "+19075550198")
    written = f"({ours[2:5]}) {ours[5:8]}-{ours[8:]}"
    assert together(
        replace(crowd.text(a, "STOP", to=others[0]), also_to=(others[1], written)),
        replace(crowd.text(b, "STOP", to=others[0]), also_to=others[1:]),
    ) == [True, True]
    assert [carried(person) for person in crowd.people[:2]] == [{Texting.P2P}, set()]


def test_each_text_does_what_it_says_and_nothing_else(crowd: Crowd) -> None:
    with transaction():
        crowd.number.help_by = Answerer.HEED
    a, b, c, d, e, f = crowd.phones
    answers = together(
        crowd.text(a, "STOP"),
        crowd.text(b, "Yes, I will vote"),
        crowd.text(c, HINT),
        crowd.text(d, "HELP"),
        crowd.text(e, "Liked “Hi”"),
        crowd.text(f, "unsubscribe"),
        crowd.text(STRANGER, "Who is this?"),
        crowd.text(a, "Hello?", to="+19075550199"),
    )
    assert answers == [True] * 8
    assert [carried(person) for person in crowd.people] == [
        {Texting.P2P}, set(), set(), set(), set(), {Texting.P2P}
    ]  # fmt: skip
    assert [crowd.thread(place).is_hidden for place in range(6)] == [True, *[False] * 4, True]
    assert [crowd.thread(place).needs_attention for place in range(6)] == [
        False, True, True, True, False, False
    ]  # fmt: skip
    assert crowd.thread(1).preview == "Yes, I will vote"
    hints = select(Message.body).where(Message.hint == Hinted.OPEN)
    assert db.session.scalars(hints).all() == [HINT]
    assert crowd.thread(2).hint_message_id is not None
    helped = select(Message.contact_id).where(Message.kind == MessageKind.HELP)
    assert db.session.scalars(helped).all() == [crowd.people[3].id]
    assert (crowd.counts().opt_outs, crowd.counts().replies) == (2, 3)
    assert tags.built_in(crowd.action.campaign_id, Texting.P2P).contacts == 2
    stranger = db.session.scalars(select(Contact).where(Contact.phone == STRANGER)).one()
    assert number_of(WebhookReceipt) == 8
    wrote = select(Message.contact_id).where(Message.kind == MessageKind.INBOUND)
    assert Counter(db.session.scalars(wrote)) == Counter(
        [*(person.id for person in crowd.people), stranger.id]
    )


def test_every_stop_among_them_cancels_what_waited_and_has_its_own_entry_on_the_trail(
    crowd: Crowd,
) -> None:
    for place in (0, 1, 2):
        _queue(crowd, place)
    together(*(crowd.text(phone, "STOP") for phone in crowd.phones[:2]))
    waiting = select(Message.contact_id).where(Message.state == MessageState.QUEUED)
    assert db.session.scalars(waiting).all() == [crowd.people[2].id]
    entries = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.OPTED_OUT).order_by(TrailEntry.id)
    ).all()
    assert [entry.contact_id for entry in entries] == [one.id for one in crowd.people[:2]]
    rows = db.session.scalars(select(ContactTag).order_by(ContactTag.contact_id)).all()
    assert [row.message_id for row in rows] == [entry.message_id for entry in entries]
    for row in rows:
        assert db.session.get_one(Message, row.message_id).contact_id == row.contact_id


def _queue(crowd: Crowd, place: int) -> None:
    """A reply that waits for its turn."""
    thread = crowd.thread(place)
    with transaction():
        db.session.add(
            Message(
                campaign_id=thread.campaign_id,
                contact_id=thread.contact_id,
                conversation_id=thread.id,
                action_id=thread.action_id,
                number_id=thread.number_id,
                texting=Texting.P2P,
                direction="out",
                kind=MessageKind.REPLY,
                state=MessageState.QUEUED,
                body="See you there.",
                reference=f"reference-{place}",
                not_before=NOW,
            )
        )


@pytest.mark.parametrize("bodies", [("STOP", "Hello?"), ("Hello?", "STOP")])
def test_the_second_text_of_one_person_sees_what_the_first_has_done(
    crowd: Crowd, bodies: tuple[str, str]
) -> None:
    first, second = (crowd.text(crowd.phones[0], body) for body in bodies)
    assert together(first, crowd.text(crowd.phones[1], "Hi"), second) == [True] * 3
    assert carried(crowd.people[0]) == {Texting.P2P}
    assert crowd.thread(0).is_hidden
    hello = db.session.scalars(select(Message).where(Message.body == "Hello?")).one()
    assert hello.wrote_back == (bodies[0] == "STOP")


def test_the_second_text_of_a_stranger_finds_the_contact_that_the_first_has_made(
    crowd: Crowd,
) -> None:
    texts = [crowd.text(STRANGER, "Hello?"), crowd.text("(907) 555-0177", "STOP")]
    assert together(*texts) == [True, True]
    stranger = db.session.scalars(select(Contact).where(Contact.phone == STRANGER)).one()
    assert carried(stranger) == {Texting.P2P}
    threads = select(Conversation.is_hidden).where(Conversation.contact_id == stranger.id)
    assert db.session.scalars(threads).all() == [True]


def test_a_text_delivered_twice_at_the_same_moment_counts_once(crowd: Crowd) -> None:
    once, again = (crowd.text(crowd.phones[0], "STOP", sid="SM-same") for _ in range(2))
    assert together(once, crowd.text(crowd.phones[1], "Hi"), again) == [True, True, False]
    assert together(again) == [False]
    entries = select(TrailEntry.event).where(TrailEntry.contact_id == crowd.people[0].id)
    assert db.session.scalars(entries).all() == [Event.OPTED_OUT]


def test_a_stop_to_a_number_that_two_campaigns_share_counts_in_both(crowd: Crowd) -> None:
    other = factories.campaign()
    factories.number(other, phone=crowd.number.phone, kind=NumberKind.BOTH)
    known = factories.contact(of=other)
    assert together(
        crowd.text(known.phone, "STOP"), crowd.text(crowd.phones[0], "STOP")
    ) == [True, True]  # fmt: skip
    everywhere = db.session.scalars(select(Contact).where(Contact.phone == known.phone)).all()
    assert {one.campaign_id: carried(one) for one in everywhere} == {
        other.id: set(Texting),
        crowd.action.campaign_id: {Texting.P2P},
    }
    assert carried(crowd.people[0]) == {Texting.P2P}


def test_where_one_opt_out_stops_both_each_tag_is_put_on_once(crowd: Crowd) -> None:
    with transaction():
        home = db.session.get_one(Campaign, crowd.action.campaign_id)
        home.one_opt_out_stops_both = True
        crowd.number.kind = NumberKind.BOTH
    # Nobody has texted this one, so that the stop is about both kinds to begin with.
    new = factories.contact()
    together(crowd.text(new.phone, "STOP"), crowd.text(crowd.phones[0], "STOP"))
    assert carried(new) == carried(crowd.people[0]) == set(Texting)
    events = db.session.scalars(
        select(TrailEntry.event).where(TrailEntry.contact_id.in_([new.id, crowd.people[0].id]))
    ).all()
    assert events == [Event.OPTED_OUT] * 4
    assert tags.built_in(home.id, Texting.BROADCAST).contacts == 2


@pytest.mark.parametrize("body", ["Yes", "STOP", HINT])
def test_many_texts_take_no_more_statements_than_one(app: Flask, body: str) -> None:
    """A carrier waits for each of them; see the notes on speed in the bench."""
    crowd = Crowd(13)
    one, *many = (crowd.text(phone, body) for phone in crowd.phones)
    alone = _statements(one)
    assert _statements(*many) == alone <= 18


def _statements(*texts: Inbound) -> int:
    executed: list[str] = []

    def note(_connection: object, _cursor: object, statement: str, *_: object) -> None:
        executed.append(statement)

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert together(*texts) == [True] * len(texts)
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    return len(executed)
