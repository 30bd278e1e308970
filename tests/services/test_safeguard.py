"""Safeguard: who is left out, for which reason, at the launch and at every send."""

from collections.abc import Callable

import pytest
from sqlalchemy import insert, select

from tests import factories
from tests.services.scenes import NOW, send_all
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionKind,
    Campaign,
    CarrierBlock,
    Contact,
    Message,
    Number,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Texting,
    User,
)
from webapp.services import launches, optouts, safeguard, tags


@pytest.fixture
def home() -> Campaign:
    return factories.campaign()


@pytest.fixture
def number(home: Campaign) -> Number:
    return factories.number(home)


def opt_out(contact: Contact, texting: Texting) -> None:
    with transaction():
        optouts.record(contact, texting, source=OptOutSource.ADMIN, now=NOW)


def block(contact: Contact, number: Number) -> None:
    with transaction():
        db.session.execute(
            insert(CarrierBlock).values(
                number_id=number.id,
                contact_id=contact.id,
                campaign_id=contact.campaign_id,
                since=NOW,
            )
        )


def unsubscribe(contact: Contact) -> None:
    with transaction():
        contact.subscribed, contact.subscribed_at = "", None


def move_abroad(contact: Contact, country: str = "GB") -> None:
    with transaction():
        contact.country = country


def states(action: Action) -> dict[int, tuple[RecipientState, Reason | None]]:
    db.session.rollback()
    rows = db.session.scalars(select(Recipient).where(Recipient.action_id == action.id))
    return {row.contact_id: (row.state, row.reason) for row in rows}


@pytest.mark.parametrize("texting", Texting)
def test_whoever_opted_out_of_this_kind_of_texting_is_left_out(
    home: Campaign, number: Number, texting: Texting
) -> None:
    stays, gone, gone_elsewhere = (factories.contact(of=home) for _ in range(3))
    [other] = set(Texting) - {texting}
    opt_out(gone, texting)
    opt_out(gone_elsewhere, other)
    action = factories.action(stays, gone, gone_elsewhere, of=home, kind=ActionKind(texting))
    assert states(action) == {
        stays.id: (RecipientState.READY, None),
        gone.id: (RecipientState.SUPPRESSED, Reason.OPTED_OUT),
        gone_elsewhere.id: (RecipientState.READY, None),
    }


def test_only_broadcasts_ask_for_consent(home: Campaign, number: Number) -> None:
    stays, unsubscribed = factories.contact(of=home), factories.contact(of=home)
    unsubscribe(unsubscribed)
    broadcast = factories.action(stays, unsubscribed, of=home, kind=ActionKind.BROADCAST)
    p2p = factories.action(stays, unsubscribed, of=home, kind=ActionKind.P2P)
    assert states(broadcast)[unsubscribed.id] == (RecipientState.SUPPRESSED, Reason.NO_CONSENT)
    assert states(p2p)[unsubscribed.id] == (RecipientState.READY, None)


def test_a_block_of_the_carrier_counts_for_its_number_alone(home: Campaign, number: Number) -> None:
    blocked, other = factories.contact(of=home), factories.contact(of=home)
    block(blocked, number)
    here = factories.action(blocked, other, of=home, number_id=number.id)
    elsewhere = factories.action(blocked, other, of=home, number_id=factories.number(home).id)
    assert states(here)[blocked.id] == (RecipientState.SUPPRESSED, Reason.CARRIER_BLOCK)
    assert states(elsewhere)[blocked.id] == (RecipientState.READY, None)


@pytest.mark.parametrize("country", ["US", "CA", "PR", "GU", "VI", "AS", "MP"])
def test_the_us_canada_and_the_territories_are_at_home(
    home: Campaign, number: Number, country: str
) -> None:
    contact = factories.contact(of=home)
    move_abroad(contact, country)
    assert states(factories.action(contact, of=home))[contact.id][0] is RecipientState.READY


def test_other_countries_are_left_out_unless_the_campaign_allows_them(
    home: Campaign, number: Number
) -> None:
    stays, british, mexican = (factories.contact(of=home) for _ in range(3))
    move_abroad(british, "GB")
    move_abroad(mexican, "MX")
    action = factories.action(stays, british, mexican, of=home)
    assert states(action)[british.id] == (RecipientState.SUPPRESSED, Reason.COUNTRY)
    with transaction():
        home.more_countries = " mx, fr"
    assert set(safeguard.countries(home)) >= {"US", "CA", "MX", "FR"}
    action = factories.action(stays, british, mexican, of=home)
    assert states(action)[british.id] == (RecipientState.SUPPRESSED, Reason.COUNTRY)
    assert states(action)[mexican.id] == (RecipientState.READY, None)


def test_of_several_reasons_the_first_one_counts(home: Campaign, number: Number) -> None:
    given: list[tuple[Callable[[Contact], None], Reason]] = [
        (lambda contact: opt_out(contact, Texting.BROADCAST), Reason.OPTED_OUT),
        (unsubscribe, Reason.NO_CONSENT),
        (lambda contact: block(contact, number), Reason.CARRIER_BLOCK),
        (move_abroad, Reason.COUNTRY),
    ]
    people = [factories.contact(of=home) for _ in given]
    for place, person in enumerate(people):
        for apply, _ in given[place:]:
            apply(person)
    stays = factories.contact(of=home)
    action = factories.action(stays, *people, of=home, kind=ActionKind.BROADCAST)
    found = states(action)
    assert [found[person.id][1] for person in people] == [reason for _, reason in given]
    assert found[stays.id] == (RecipientState.READY, None)


def test_the_preview_and_the_receipt_say_what_the_launch_does(
    home: Campaign, number: Number
) -> None:
    people = [factories.contact(of=home) for _ in range(6)]
    opt_out(people[0], Texting.P2P)
    opt_out(people[1], Texting.P2P)
    block(people[2], number)
    move_abroad(people[3])
    draft = factories.action(*people, of=home, number_id=number.id, launched=False)
    before = launches.preview(draft)
    assert (before.total, before.ready) == (6, 2)
    assert before.suppressed == {Reason.OPTED_OUT: 2, Reason.CARRIER_BLOCK: 1, Reason.COUNTRY: 1}
    with transaction():
        launches.launch(draft, by=None, now=NOW)
        while launches.sort_chunk(draft, now=NOW):
            pass
    assert launches.receipt(draft) == before


def test_somebody_elses_opt_out_stops_nobody_here(home: Campaign, number: Number) -> None:
    contact = factories.contact(of=home)
    neighbour = factories.contact(of=factories.campaign(), phone=contact.phone)
    opt_out(neighbour, Texting.P2P)
    assert states(factories.action(contact, of=home))[contact.id][0] is RecipientState.READY


# At every send


@pytest.fixture
def texter(home: Campaign) -> User:
    return factories.texter(home)


@pytest.fixture
def text(home: Campaign, number: Number, texter: User) -> Message:
    contact = factories.contact(of=home)
    action = factories.action(contact, of=home, number_id=number.id)
    return factories.first_text(action, contact, texter)


def stopped(message: Message) -> bool:
    query = select(Message.id).where(Message.id == message.id, safeguard.stops_message())
    return db.session.scalar(query) is not None


def test_nothing_stops_a_text_to_somebody_who_may_be_texted(text: Message) -> None:
    assert not stopped(text)
    assert len(send_all()) == 1


@pytest.mark.parametrize("texting", Texting)
def test_an_opt_out_of_its_kind_stops_a_text(text: Message, texting: Texting) -> None:
    opt_out(db.session.get_one(Contact, text.contact_id), texting)
    assert stopped(text) == (texting is Texting.P2P)
    assert len(send_all()) == (0 if texting is Texting.P2P else 1)


def test_a_block_of_its_number_stops_a_text(text: Message, number: Number) -> None:
    block(db.session.get_one(Contact, text.contact_id), number)
    assert stopped(text)
    assert send_all() == []


def test_a_block_of_another_number_stops_nothing(home: Campaign, text: Message) -> None:
    block(db.session.get_one(Contact, text.contact_id), factories.number(home))
    assert not stopped(text)


def test_an_ordinary_tag_stops_nothing_whatever_it_is_called(home: Campaign, text: Message) -> None:
    sign = factories.tag("Wants a yard sign", of=home)
    with transaction():
        tags.apply(sign, text.contact_id, by=None, now=NOW)
    assert not stopped(text)
    assert len(send_all()) == 1
