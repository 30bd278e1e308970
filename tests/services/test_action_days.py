"""The first and the last day of an action: before and after, no first text leaves."""

from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.scenes import MINUTE, NOW, again, claim, send_all, take
from tests.services.talks import Talk
from webapp.db import db, transaction
from webapp.errors import InvalidError, RefusedError
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Campaign,
    Contact,
    Message,
    MessageState,
    User,
)
from webapp.services import action_days, actions, batches, campaigns, health, launches, shifts
from webapp.texting.spans import Span

TODAY = date(2030, 1, 15)  # of NOW, in Chicago
DAY = timedelta(days=1)
BEFORE, AFTER = Span(first=TODAY + DAY), Span(last=TODAY - DAY)
CLOSED = pytest.mark.parametrize(
    ("span", "said"),
    [
        (BEFORE, "Texting opens on Wednesday, January 16."),
        (AFTER, "Texting ended on Monday, January 14."),
    ],
)


@pytest.fixture
def texter() -> User:
    return factories.texter()


@pytest.fixture
def action() -> Action:
    return factories.action(*[factories.contact() for _ in range(3)])


def set_days(action: Action, span: Span) -> None:
    with transaction():
        action_days.set_days(db.session.get_one(Action, action.id), span)


def take_batch(action: Action, texter: User) -> int:
    with transaction():
        return batches.take_batch(action, texter, now=NOW)


@CLOSED
def test_no_batch_is_handed_out(action: Action, texter: User, span: Span, said: str) -> None:
    set_days(action, span)
    with pytest.raises(RefusedError, match=said):
        take_batch(action, texter)
    assert batches.open_count(action, texter) == 0


@CLOSED
def test_no_first_text_of_an_open_batch_is_queued(
    action: Action, texter: User, span: Span, said: str
) -> None:
    take_batch(action, texter)
    upcoming = shifts.up_next(action, texter, now=NOW)
    assert upcoming is not None
    set_days(action, span)
    with pytest.raises(RefusedError, match=f"{said} Your place is saved."), transaction():
        batches.send_first(action, upcoming.contact.id, texter, key="key", now=NOW)
    assert batches.open_count(action, texter) == 3


@pytest.mark.parametrize("span", [Span(TODAY, TODAY), Span(TODAY), Span(last=TODAY), Span()])
def test_on_its_own_days_an_action_texts(action: Action, texter: User, span: Span) -> None:
    set_days(action, span)
    assert take_batch(action, texter) == 3


@pytest.fixture
def queued(action: Action, texter: User) -> Message:
    """A first text that a texter has just tapped."""
    contact = db.session.scalars(select(Contact).order_by(Contact.id)).first()
    assert contact is not None
    return factories.first_text(action, contact, texter)


@pytest.mark.parametrize("span", [BEFORE, AFTER])
def test_a_text_that_is_queued_already_is_not_claimed(
    action: Action, queued: Message, span: Span
) -> None:
    set_days(action, span)
    assert claim() == []
    assert health.check(now=NOW).oldest_text_seconds is None
    set_days(action, Span(TODAY, TODAY))
    assert len(send_all()) == 1


@pytest.mark.parametrize("span", [BEFORE, AFTER])
def test_the_take_itself_asks_for_the_days(action: Action, queued: Message, span: Span) -> None:
    """The law of it: the statement that takes a text to `sending`."""
    assert claim() == [queued.id]
    set_days(action, span)
    assert take(queued.id) is None
    assert again(queued).state is MessageState.QUEUED


def test_at_the_last_midnight_texts_stop_by_themselves(action: Action, queued: Message) -> None:
    set_days(action, Span(last=TODAY))
    midnight = datetime(2030, 1, 16, 6, tzinfo=UTC)
    assert claim(now=midnight) == []
    assert claim(now=midnight - MINUTE) == [queued.id]


@pytest.mark.parametrize("span", [BEFORE, AFTER])
def test_replies_in_a_conversation_that_is_going_on_are_sent(span: Span) -> None:
    talk = Talk()
    talk.hears("Who is this?")
    set_days(talk.action, span)
    talk.says("It's Jordan.")
    assert [text.body for text in send_all(now=NOW + 5 * MINUTE)] == ["It's Jordan."]


@CLOSED
def test_the_texter_reads_why(action: Action, texter: User, span: Span, said: str) -> None:
    set_days(action, span)
    (shift,) = shifts.of_texter(factories.the_campaign(), texter, now=NOW)
    assert (shift.shut, shift.wait) == (said, None)


@pytest.mark.parametrize(
    ("span", "field", "said"),
    [
        (Span(TODAY, TODAY - DAY), "last_day", "The last day is before the first day."),
        (Span(first=date(1999, 12, 31)), "first_day", "Choose a day of this century."),
        (Span(last=date(9999, 12, 31)), "last_day", "Choose a day of this century."),
    ],
)
def test_days_that_cannot_be(action: Action, span: Span, field: str, said: str) -> None:
    with pytest.raises(InvalidError, match=said) as refusal:
        set_days(action, span)
    assert refusal.value.field == field
    assert action_days.of(db.session.get_one(Action, action.id)) == Span()


@pytest.mark.parametrize("kind", [ActionKind.BROADCAST, ActionKind.AUTOMATED])
def test_only_a_peer_to_peer_action_has_days(kind: ActionKind) -> None:
    made = factories.action(factories.contact(), kind=kind, launched=False)
    with pytest.raises(RefusedError, match="Only a peer-to-peer action"):
        set_days(made, BEFORE)
    set_days(made, Span())


def test_an_action_whose_last_day_is_past_is_not_launched() -> None:
    draft = factories.action(factories.contact(), launched=False)
    set_days(draft, AFTER)
    with pytest.raises(InvalidError, match="The last day of this action is past"), transaction():
        launches.launch(draft, by=None, now=NOW)
    assert db.session.get_one(Action, draft.id).state is ActionState.DRAFT
    set_days(draft, BEFORE)
    with transaction():
        launches.launch(draft, by=None, now=NOW)


def test_the_details_change_the_days_of_a_live_action(action: Action, texter: User) -> None:
    with transaction():
        actions.set_details(action, name="Early vote", days=BEFORE)
    with pytest.raises(RefusedError):
        take_batch(action, texter)
    with transaction():
        actions.set_details(action, name="Early vote")
    assert take_batch(action, texter) == 3


def test_another_time_zone_keeps_the_days(action: Action) -> None:
    span = Span(TODAY, TODAY + DAY)
    set_days(action, span)
    with transaction():
        home = db.session.get_one(Campaign, action.campaign_id)
        campaigns.change(home, time_zone="America/Los_Angeles", now=NOW)
    kept = db.session.get_one(Action, action.id)
    assert action_days.of(kept) == span
    assert kept.texts_from == datetime(2030, 1, 15, 8, tzinfo=UTC)
