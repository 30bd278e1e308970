"""The list of those who opted out in answer to an action is as long as its number says."""

from datetime import timedelta

import pytest

from tests import factories
from tests.services.scenes import NOW, text_in
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction
from webapp.models import (
    Action,
    ActionTally,
    Campaign,
    Contact,
    Conversation,
    MessageState,
    OptOutSource,
    Texting,
    User,
)
from webapp.services import (
    action_opt_outs,
    optouts,
    possible,
    report_opt_outs,
    tags,
)
from webapp.services.action_opt_outs import Line

LATER = NOW + timedelta(hours=1)


@pytest.fixture
def maya() -> User:
    return factories.owner(name="Maya Okafor")


def counted(action: Action) -> int:
    db.session.rollback()
    return db.session.get_one(ActionTally, action.id).opt_outs


def listed(action: Action) -> list[Line]:
    lines, more = action_opt_outs.page(action)
    assert more is None and len(lines) == counted(action)
    return lines


def report(talk: Talk, *kinds: Texting) -> None:
    with transaction():
        found = db.session.get_one(Conversation, talk.id)
        marked = [tags.built_in(found.campaign_id, kind) for kind in kinds]
        report_opt_outs.record(found, marked, by=talk.texter, now=LATER)


def lift(contact: Contact, by: User) -> None:
    with transaction():
        found = db.session.get_one(Contact, contact.id)
        reason = "Dana called and agreed"
        optouts.lift(found, Texting.P2P, reason=reason, agreed="called", by=by, now=LATER)


def test_a_stop_word_a_report_and_an_admin_are_listed_with_their_proof(maya: User) -> None:
    home = factories.the_campaign()
    number = factories.number(home)
    people = [factories.contact(first_name=name) for name in ("Dana", "Luis", "Priya", "Tom")]
    action, jordan = factories.action(*people), factories.texter(name="Jordan Lee")
    spoken = [_texted(action, person, jordan) for person in people]
    text_in(people[0], number, "STOP", now=LATER)
    with transaction():
        own = tags.built_in(home.id, Texting.P2P)
        report_opt_outs.record(
            db.session.get_one(Conversation, spoken[1]), [own], by=jordan, now=LATER
        )
    text_in(people[2], number, HINT, now=LATER)
    message = possible.page(home.id).lines[0].message
    with transaction():
        possible.mark(message, [Texting.P2P], by=maya, now=LATER)

    lines = listed(action)

    told = [(one.contact.first_name, one.by, one.text, one.holds) for one in lines]
    assert told == [
        ("Priya", "Maya Okafor", HINT, True),
        ("Luis", "Jordan Lee", "", True),
        ("Dana", "The contact", "STOP", True),
    ]


def test_what_the_action_does_not_count_is_not_listed(maya: User) -> None:
    talk, other = Talk(), Talk()
    with transaction():  # Logged by an admin: it answers no action.
        found = db.session.get_one(Contact, talk.contact.id)
        optouts.record(found, Texting.P2P, source=OptOutSource.ADMIN, by=maya, now=LATER)
    talk.hears("STOP", now=LATER)  # Asked again: it was there.
    report(other, Texting.BROADCAST)  # The other kind of texting.
    assert listed(talk.action) == [] and listed(other.action) == []


def test_a_stop_that_stops_both_kinds_is_counted_and_listed_once() -> None:
    home = factories.the_campaign()
    with transaction():
        db.session.get_one(Campaign, home.id).one_opt_out_stops_both = True
    stopped, reported, other = Talk(), Talk(), Talk()
    stopped.hears("STOP", now=LATER)
    report(reported, Texting.BROADCAST, Texting.P2P)
    report(other, Texting.BROADCAST)
    assert len(listed(stopped.action)) == 1
    assert len(listed(reported.action)) == counted(reported.action)
    assert listed(other.action) == []


def test_whoever_opts_out_again_after_a_lift_is_counted_and_listed_twice(maya: User) -> None:
    talk = Talk()
    talk.hears("STOP", now=LATER)
    lift(talk.contact, maya)
    assert [one.holds for one in listed(talk.action)] == [False]
    text_in(talk.contact, talk.number, "STOP", now=LATER + timedelta(hours=1))
    assert len(listed(talk.action)) == counted(talk.action)


def test_the_list_has_pages() -> None:
    number = factories.number()
    people = [factories.contact() for _ in range(3)]
    action, jordan = factories.action(*people), factories.texter()
    for person in people:
        _texted(action, person, jordan)
        text_in(person, number, "STOP", now=LATER)
    first, before = action_opt_outs.page(action, size=2)
    rest, end = action_opt_outs.page(action, before=before, size=2)
    assert [one.contact.id for one in first + rest] == [one.id for one in reversed(people)]
    assert end is None


def _texted(action: Action, person: Contact, by: User) -> int:
    first = factories.first_text(action, person, by)
    with transaction():
        first.state = MessageState.SENT
    assert first.conversation_id is not None
    return first.conversation_id
