"""An admin approves texters before they text, if the campaign asks for it."""

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.services.scenes import NOW
from tests.services.talks import Talk
from tests.services.together import at_once
from webapp.db import db, transaction, utc_now
from webapp.errors import InvalidError, NotFoundError, RefusedError
from webapp.models import (
    Campaign,
    Conversation,
    Event,
    Membership,
    Message,
    MessageKind,
    Role,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import (
    actions,
    approvals,
    aside,
    batches,
    handing_over,
    joining,
    optouts,
    report_settings,
    reports,
    talks,
    team,
    upkeep,
)


@pytest.fixture
def home() -> Campaign:
    return factories.campaign(asks_approval=True)


@pytest.fixture
def maya(home: Campaign) -> User:
    return factories.admin(home, name="Maya")


@pytest.fixture
def newcomer(home: Campaign) -> User:
    return join(home, factories.user(name="Noa Quist"))


def join(home: Campaign, person: User) -> User:
    with transaction():
        joining.join(home.join_code, person, now=NOW)
    return person


def waits(home: Campaign, person: User) -> bool:
    return approvals.is_waiting(home.id, person.id)


def make_wait(home: Campaign, person: User, is_so: bool = True) -> None:
    """As it cannot come to be: somebody with conversations who waits."""
    with transaction():
        db.session.get_one(Membership, (home.id, person.id)).awaits_approval = is_so


def approve(home: Campaign, person: User, by: User) -> bool:
    with transaction():
        return approvals.approve(home, person.id, by=by, now=NOW)


def events() -> list[Event]:
    return list(db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)))


def test_off_at_first_whoever_joins_may_text_at_once() -> None:
    home = factories.campaign()
    assert not home.asks_approval
    assert not waits(home, join(home, factories.user()))


def test_whoever_joins_waits_and_those_who_are_in_do_not(home: Campaign, newcomer: User) -> None:
    before = factories.texter(home)
    assert waits(home, newcomer)
    assert not waits(home, join(home, before))
    assert [user.name for user, _place in approvals.waiting(home)] == ["Noa Quist"]
    assert approvals.count(home.id) == 1


def test_whom_an_admin_adds_is_approved_by_that(home: Campaign, maya: User) -> None:
    with transaction():
        added, _token = team.invite(home, "n@example.org", "N", Role.TEXTER, by=maya, now=NOW)
    assert not waits(home, added)


def test_nobody_who_waits_gets_a_batch(home: Campaign, maya: User, newcomer: User) -> None:
    action = factories.action(factories.contact(of=home))
    with pytest.raises(RefusedError, match="An admin has to approve you"), transaction():
        batches.take_batch(action, newcomer, now=NOW)
    assert batches.open_count(action, newcomer) == 0
    assert approve(home, newcomer, maya)
    with transaction():
        assert batches.take_batch(action, newcomer, now=NOW) == 1


def test_nobody_who_waits_sends_skips_or_flags(home: Campaign) -> None:
    texter, contact = factories.texter(home), factories.contact(of=home)
    action = factories.action(contact)
    with transaction():
        batches.take_batch(action, texter, now=NOW)
    make_wait(home, texter)
    with pytest.raises(RefusedError, match="approve you"), transaction():
        batches.send_first(action, contact.id, texter, key="key", now=NOW)
    with pytest.raises(RefusedError, match="approve you"), transaction():
        aside.skip(action, contact.id, texter)
    assert db.session.scalar(select(Message)) is None


def test_nobody_who_waits_replies() -> None:
    talk = Talk()
    talk.hears("Who is this?")
    home = factories.the_campaign()
    make_wait(home, talk.texter)
    with pytest.raises(RefusedError, match="approve you"):
        talk.says("It's Jordan.")
    make_wait(home, talk.texter, False)
    talk.says("It's Jordan.")


def test_an_opt_out_is_recorded_whoever_reports_it_but_no_goodbye_is_sent() -> None:
    talk = Talk()
    talk.hears("Please leave me alone")
    with transaction():
        report_settings.set_options(
            talk.action, note_asked=True, goodbye=True, by=None, now=utc_now()
        )
    make_wait(factories.the_campaign(), talk.texter)
    with transaction():
        tag = report_settings.opt_out_tag(talk.action)
        filled = reports.Filled(tag_ids=[tag.id], goodbye=True)
        reports.send(talk.conversation, filled, key="key", by=talk.texter, now=NOW)
    assert optouts.is_opted_out(talk.contact.id, talk.contact.campaign_id, Texting.P2P)
    kinds = set(db.session.scalars(select(Message.kind)))
    assert MessageKind.CONFIRMATION not in kinds


def test_no_conversation_is_given_to_whoever_waits(
    home: Campaign, maya: User, newcomer: User
) -> None:
    jordan, contact = factories.texter(home), factories.contact(of=home)
    action = factories.action(contact)
    some = [factories.contact(of=home) for _ in range(4)]
    assert {talks.texter_for(action, one) for one in some} == {jordan.id}
    with transaction():
        actions.set_details(action, name="Early vote", texters=[newcomer])
    assert talks.texter_for(action, contact) is None
    with transaction():
        actions.set_details(action, name="Early vote")
    message = factories.first_text(action, contact, jordan)
    chosen = handing_over.open_of(home, jordan.id)
    with pytest.raises(InvalidError, match="Approve Noa Quist"), transaction():
        handing_over.reassign(home, chosen, newcomer, by=maya, now=NOW)
    talk = db.session.get_one(Conversation, message.conversation_id)
    with pytest.raises(InvalidError, match="Approve Noa Quist"), transaction():
        upkeep.reassign(talk, newcomer, by=maya, now=NOW)


def test_approving_twice_does_no_harm(home: Campaign, maya: User, newcomer: User) -> None:
    assert [approve(home, newcomer, maya) for _ in range(2)] == [True, False]
    assert not waits(home, newcomer)
    assert events().count(Event.APPROVED) == 1


def test_of_two_admins_at_once_one_approves(
    app: Flask, home: Campaign, maya: User, newcomer: User
) -> None:
    ids = home.id, newcomer.id, maya.id

    def press() -> bool:
        with transaction():
            campaign, user = db.session.get_one(Campaign, ids[0]), db.session.get_one(User, ids[2])
            return approvals.approve(campaign, ids[1], by=user, now=NOW)

    done, raised = at_once(app, [press] * 4)
    assert sorted(done) == [False, False, False, True] and not raised
    db.session.rollback()
    assert events().count(Event.APPROVED) == 1


def test_whoever_was_removed_cannot_be_approved_and_waits_anew(
    home: Campaign, maya: User, newcomer: User
) -> None:
    with transaction():
        team.remove(home, newcomer.id, by=maya, now=NOW)
    assert approvals.count(home.id) == 0
    with pytest.raises(NotFoundError):
        approve(home, newcomer, maya)
    assert waits(home, join(home, newcomer))


def test_nobody_of_another_campaign_is_approved(maya: User, home: Campaign) -> None:
    elsewhere = factories.campaign(asks_approval=True)
    stranger = join(elsewhere, factories.user())
    with pytest.raises(NotFoundError):
        approve(home, stranger, maya)
    assert waits(elsewhere, stranger)


def test_an_approval_is_good_in_one_campaign(home: Campaign, maya: User, newcomer: User) -> None:
    elsewhere = factories.campaign(asks_approval=True)
    join(elsewhere, newcomer)
    assert approve(home, newcomer, maya)
    assert waits(elsewhere, newcomer) and not waits(home, newcomer)


def test_turning_it_off_approves_nobody(home: Campaign, maya: User, newcomer: User) -> None:
    with transaction():
        assert approvals.ask(home, False, by=maya, now=NOW)
        assert not approvals.ask(home, False, by=maya, now=NOW)
    assert waits(home, newcomer)
    assert not waits(home, join(home, factories.user()))
    assert events().count(Event.APPROVAL_ASKED) == 1


def test_making_somebody_an_admin_approves_them(home: Campaign, maya: User, newcomer: User) -> None:
    with transaction():
        team.change_role(home, newcomer.id, Role.ADMIN, by=maya, now=NOW)
    assert not waits(home, newcomer)
