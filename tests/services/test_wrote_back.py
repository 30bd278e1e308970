"""What opted-out people write afterwards is read by admins and changes nothing."""

from datetime import datetime

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.scenes import MINUTE, NOW
from tests.services.talks import Talk
from webapp.db import db, transaction
from webapp.models import Event, Message, NumberKind, OptOutSource, Texting, TrailEntry, User
from webapp.services import optouts, wrote_back


@pytest.fixture
def maya() -> User:
    return factories.admin(name="Maya Okafor")


def gone(*texts: str) -> Talk:
    """Somebody who texted STOP and then wrote these."""
    talk = Talk()
    talk.hears("STOP")
    for n, text in enumerate(texts):
        talk.hears(text, now=NOW + MINUTE * (n + 1))
    return talk


def unread(**wanted: object) -> list[str]:
    db.session.rollback()
    page = wrote_back.unread(factories.the_campaign().id, **wanted)  # type: ignore[arg-type]
    return [line.message.body for line in page.lines]


def read() -> list[wrote_back.Line]:
    db.session.rollback()
    return wrote_back.read(factories.the_campaign().id).lines


def mark_read(body: str, by: User, *, now: datetime = NOW) -> bool:
    with transaction():
        message = db.session.scalars(select(Message).where(Message.body == body)).one()
        return wrote_back.mark_read(message, by=by, now=now)


def test_the_newest_text_comes_first(maya: User) -> None:
    gone("Who is this?", "You can text me again")
    assert unread() == ["You can text me again", "Who is this?"]
    assert wrote_back.count(factories.the_campaign().id) == 2


def test_it_says_what_they_are_opted_out_of_now(maya: User) -> None:
    talk = gone("Hello")
    (line,) = wrote_back.unread(factories.the_campaign().id).lines
    assert line.out_of == (Texting.P2P,)
    with transaction():
        optouts.lift(
            talk.contact,
            Texting.P2P,
            reason="They called and want texts",
            agreed="called",
            by=maya,
            now=NOW,
        )
        optouts.record(talk.contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=NOW)
    (line,) = wrote_back.unread(factories.the_campaign().id).lines
    assert line.out_of == (Texting.BROADCAST,)


def test_what_is_read_leaves_the_list_and_stays_what_it_is(maya: User) -> None:
    talk = gone("One", "Two")
    assert mark_read("One", maya) is True
    assert mark_read("One", maya) is False
    assert unread() == ["Two"]
    (line,) = read()
    assert (line.message.body, line.read_by) == ("One", "Maya Okafor")
    assert line.message.wrote_back
    entries = db.session.scalars(
        select(TrailEntry).where(TrailEntry.event == Event.WROTE_BACK_READ)
    ).all()
    assert [entry.contact_id for entry in entries] == [talk.contact.id]
    assert not optouts.standing(talk.contact)[Texting.P2P].may_be_texted


def test_texts_that_are_no_such_texts_cannot_be_read_away(maya: User) -> None:
    Talk().hears("Hello there")
    assert mark_read("Hello there", maya) is False


def test_both_lists_page_by_key(maya: User) -> None:
    gone(*"ABCDE")
    page = wrote_back.unread(factories.the_campaign().id, size=2)
    assert [line.message.body for line in page.lines] == ["E", "D"] and page.after
    assert unread(before=page.after[1]) == ["C", "B", "A"]
    for n, body in enumerate("ABCDE"):
        mark_read(body, maya, now=NOW + MINUTE * (n // 2))
    seen, after = [], None
    while True:
        shown = wrote_back.read(factories.the_campaign().id, after=after, size=2)
        seen += [line.message.body for line in shown.lines]
        if shown.after is None or shown.after[0] is None:
            break
        after = (shown.after[0], shown.after[1])
    assert seen == ["E", "D", "C", "B", "A"]


def test_the_way_back_leads_over_broadcast_numbers() -> None:
    home = factories.the_campaign()
    factories.number(home, kind=NumberKind.P2P)
    serving = factories.number(home, kind=NumberKind.BROADCAST)
    assert wrote_back.numbers_to_rejoin(home.id) == [serving]


def test_another_campaign_sees_nothing_of_it() -> None:
    gone("Hello")
    other = factories.campaign()
    assert wrote_back.count(other.id) == 0 and wrote_back.unread(other.id).lines == []
