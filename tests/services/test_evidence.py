"""What can be shown: how quickly a request was honored, and everything about one contact."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.services.scenes import MINUTE, NOW, send_all
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction
from webapp.models import (
    Answerer,
    Campaign,
    Event,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    Texting,
)
from webapp.services import evidence, optouts, possible, proof, trail


@pytest.fixture
def home() -> Campaign:
    return factories.the_campaign()


@pytest.fixture
def talk(home: Campaign) -> Talk:
    number = factories.number(home, confirmation_by=Answerer.HEED)
    return Talk(home, number=number)


def proven() -> proof.Proof:
    db.session.rollback()
    return proof.of(factories.the_campaign(), now=NOW)


def sheet_of(talk: Talk) -> evidence.Sheet:
    db.session.rollback()
    return evidence.of(talk.contact)


def test_no_text_after_an_opt_out_is_the_figure(talk: Talk) -> None:
    talk.hears("STOP")
    send_all(now=NOW + MINUTE)  # the confirmation
    found = proven()
    assert (found.at, found.texts_after, list(found.examples)) == (NOW, 0, [])


def test_a_text_after_an_opt_out_is_found(talk: Talk) -> None:
    talk.hears("STOP")
    with transaction():
        first = db.session.scalars(select(Message).where(Message.kind == MessageKind.FIRST)).one()
        first.sending_at = NOW + timedelta(hours=1)
    found = proven()
    assert (found.texts_after, list(found.examples)) == (1, [f"message {first.id}"])
    (episode,) = sheet_of(talk).episodes
    assert episode.texts_after == 1


def test_the_time_from_the_request_to_the_opt_out(home: Campaign) -> None:
    Talk().hears("STOP")
    admin = factories.admin()
    for days in (1, 2, 4):
        slow = Talk()
        slow.hears(HINT)
        with transaction():
            message = db.session.scalars(
                select(Message).where(Message.contact_id == slow.contact.id, Message.hint == "open")
            ).one()
            possible.mark(message, [Texting.P2P], by=admin, now=NOW + timedelta(days=days))
    stop, by_admin = proven().honored
    assert (stop.source, stop.requests, stop.longest) == (
        OptOutSource.STOP_WORD,
        1,
        timedelta(0),
    )
    assert (by_admin.source, by_admin.requests) == (OptOutSource.ADMIN, 3)
    assert (by_admin.usual, by_admin.longest) == (timedelta(days=2), timedelta(days=4))


def test_the_sheet_tells_an_opt_out_from_request_to_lift(talk: Talk) -> None:
    maya = factories.admin(name="Maya Okafor")
    talk.hears("Who is this?")
    talk.hears("STOP", now=NOW + MINUTE)
    send_all(now=NOW + 2 * MINUTE)
    talk.hears("Hello?", now=NOW + 3 * MINUTE)
    with transaction():
        optouts.lift(
            talk.contact,
            Texting.P2P,
            reason="They called and want texts",
            agreed="called",
            by=maya,
            now=NOW + 4 * MINUTE,
        )
        trail.seal(now=NOW + 5 * MINUTE)

    sheet = sheet_of(talk)

    (episode,) = sheet.episodes
    assert episode.request is not None and episode.request.body == "STOP"
    assert episode.recorded.at == NOW + MINUTE and episode.by == "Dana"
    assert episode.confirmation is not None
    assert episode.confirmation.state is MessageState.SENT
    assert episode.texts_after == 0
    assert episode.lifted is not None and episode.lifted_by == "Maya Okafor"
    assert sheet.sealed_up_to == episode.lifted.id
    said = [row.what for row in sheet.rows]
    assert said[0] == "First text" and said[-1] == "Opt Out (P2P) removed"
    assert (
        "Wrote back after opting out" in said and "Confirmation of the opt-out, or goodbye" in said
    )
    bodies = [row.text for row in sheet.rows]
    assert "Who is this?" in bodies and "They called and want texts" in bodies
    lines = list(evidence.lines(sheet))
    assert all(len(line) == len(evidence.HEADING) for line in lines)
    assert lines[0][4:6] == (talk.number.phone, talk.contact.phone)
    assert lines[-1][-1] == f"entry {episode.lifted.id}"


def test_a_second_opt_out_is_an_episode_of_its_own(talk: Talk) -> None:
    admin = factories.admin()
    for n in range(2):
        with transaction():
            optouts.record(
                talk.contact, Texting.P2P, source=OptOutSource.ADMIN, by=admin, now=NOW + n * MINUTE
            )
            if n == 0:
                optouts.lift(
                    talk.contact,
                    Texting.P2P,
                    reason="They called and want texts",
                    agreed="called",
                    by=admin,
                    now=NOW + timedelta(seconds=1),
                )
    first, second = sheet_of(talk).episodes
    assert first.lifted is not None and second.lifted is None
    assert first.request is None and first.recorded.event is Event.OPTED_OUT


def test_somebody_to_whom_nothing_happened_has_an_empty_sheet(home: Campaign) -> None:
    sheet = evidence.of(factories.contact())
    assert (sheet.rows, sheet.episodes, sheet.sealed_up_to) == ([], [], 0)
