"""What must hold when something breaks: processes, carrier, database, disk (fault matrix)."""

import os
import re
import signal
import sqlite3
import subprocess
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import httpx2
import psutil
import pytest
from flask import Flask
from sqlalchemy import func, select, text

from tests import factories
from tests.carrier import ACCOUNT_SID, AUTH_TOKEN, StandIn, Twilio
from tests.installation import installed
from tests.journeys import breakage
from tests.journeys.scene import Scene, states
from webapp.carriers.twilio import Twilio as TwilioCarrier
from webapp.config import Settings
from webapp.db import db
from webapp.jobs.sender import Sender
from webapp.models import (
    Contact,
    ContactTag,
    Event,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    Texting,
    TrailEntry,
    WebhookReceipt,
)
from webapp.services import optouts, settlement

P2P = "Opt Out (P2P)"
LONG = os.environ.get("HEED_TEST_LONG") == "1"
KILLS = 50 if LONG else 10


# Processes that die


def test_an_acknowledged_stop_survives_the_death_of_the_web_process(settings: Settings) -> None:
    number = factories.number()
    contacts = [factories.contact() for _ in range(KILLS)]

    with installed(settings) as (heed, _):
        master = heed.serve()
        for contact in contacts:
            # A connection of its own: the one before died with the process.
            with Twilio(heed.url) as phones:
                assert phones.text(contact.phone, number.phone, "STOP").status == 200
            _kill_servers(master)

    assert [_is_opted_out(contact) for contact in contacts] == [True] * KILLS
    assert _trail_of(Event.OPTED_OUT) >= KILLS
    _assert_intact()


def test_a_worker_killed_with_a_text_on_the_wire_leaves_it_unknown_and_the_rest_unharmed(
    scene: Scene, settings: Settings
) -> None:
    people = [scene.contact(f"Person {n}") for n in range(8)]
    action = scene.action(*people)
    for person in people:
        factories.first_text(action, person, scene.texter.user)

    with installed(settings, rate=20) as (heed, carrier):
        carrier.hang(accepted=True)
        worker = heed.worker()
        held = carrier.wait(1, seconds=30)[0]
        worker.kill()
        worker.wait()
        before = [one.to for one in carrier.arrivals()]
    with scene.later(minutes=3):
        scene.sweeps()
        scene.works()

    after = [one.to for one in scene.carrier.arrivals()]
    assert max(Counter(before + after).values()) == 1
    on_the_wire = {one.phone: states(scene.messages(one))[0] for one in people}
    assert on_the_wire.pop(held.to) == "unknown"
    assert set(on_the_wire.values()) <= {"sent", "unknown"}
    assert len(after) + list(on_the_wire.values()).count("unknown") + 1 >= len(people) - len(before)
    assert after, "What was only leased is sent by the next worker."


def test_a_worker_that_is_told_to_stop_ends_its_call_and_loses_nothing(
    settings: Settings,
) -> None:
    contacts = [factories.contact() for _ in range(30)]
    factories.number()
    texter = factories.texter()
    action = factories.action(*contacts, batch_size=30)
    for contact in contacts:
        factories.first_text(action, contact, texter)

    with installed(settings, rate=20) as (heed, carrier):
        carrier.delay(0.3)
        worker = heed.worker()
        carrier.wait(3, seconds=30)
        asked = time.monotonic()
        worker.send_signal(signal.SIGTERM)
        assert worker.wait(30) == 0
        took = time.monotonic() - asked
        arrived = [one.to for one in carrier.arrivals()]

    left = Counter(one.state for one in _first_texts())
    assert left[MessageState.SENT] == len(arrived) == len(set(arrived))
    assert left[MessageState.SENDING] == left[MessageState.UNKNOWN] == 0
    assert left[MessageState.QUEUED] + left[MessageState.CLAIMED] == 30 - len(arrived) > 0
    assert took < 30


# The carrier


@pytest.mark.parametrize("accepted", [True, False])
@pytest.mark.parametrize("breaks", ["close", "reset", "hang", "garbage"])
def test_a_text_whose_fate_is_unknown_is_never_sent_again_by_itself(
    scene: Scene, live: Flask, carrier: StandIn, breaks: str, accepted: bool
) -> None:
    if breaks == "garbage":
        carrier.garbage()
    elif breaks == "hang":
        carrier.hang(accepted=accepted)
    else:
        carrier.drop(accepted=accepted, reset=breaks == "reset")
    dana = scene.contact()
    scene.texter.texts_everyone(scene.action(dana))
    impatient = TwilioCarrier(ACCOUNT_SID, AUTH_TOKEN, api_base=carrier.url, read_timeout=0.3)

    Sender(live, impatient, threading.Event()).send_some()
    impatient.close()
    for hours in (1, 24, 24 * 30):
        with scene.later(hours=hours):
            scene.sweeps()
            scene.works()

    assert len(carrier.arrivals()) == 1
    assert states(scene.messages(dana)) == ["unknown"]


def test_a_delivery_report_settles_what_was_unknown(scene: Scene, carrier: StandIn) -> None:
    carrier.drop(accepted=True)
    dana = scene.contact()
    scene.texted(dana)
    arrival = carrier.arrivals()[0]
    assert states(scene.messages(dana)) == ["unknown"]

    path = str(httpx2.URL(arrival.status_callback or "").raw_path, "ascii")
    answer = scene.call(path, {"MessageSid": arrival.sid or "", "MessageStatus": "delivered"})

    assert answer.status_code == 204
    assert states(scene.messages(dana)) == ["delivered"]


@pytest.mark.parametrize(("status", "code"), [(429, 20429), (503, 20503)])
def test_a_carrier_that_is_busy_is_asked_again_and_takes_it_once(
    scene: Scene, carrier: StandIn, status: int, code: int
) -> None:
    carrier.answer(status, code, times=3)
    dana = scene.contact()
    scene.texted(dana)
    waits = [1, 5, 10, 30, 120, 600, 3600]

    passed = 0.0
    for seconds in waits:
        passed += seconds
        with scene.later(seconds=passed):
            scene.works()

    assert [one.accepted for one in carrier.arrivals()] == [False, False, False, True]
    assert states(scene.messages(dana)) == ["sent"]


@pytest.mark.parametrize("status", [429, 503])
def test_a_carrier_that_stays_busy_is_not_asked_for_ever(
    scene: Scene, carrier: StandIn, status: int
) -> None:
    carrier.answer(status, times=None)
    dana = scene.contact()
    scene.texted(dana)

    for hours in range(1, 12):
        with scene.later(hours=hours):
            scene.works()

    assert len(carrier.arrivals()) == settlement.MOST_ATTEMPTS
    assert states(scene.messages(dana)) == ["failed"]


def test_while_the_carrier_is_unreachable_texts_wait_and_a_stop_works(
    scene: Scene, carrier: StandIn
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    action = scene.action(dana, luis)
    carrier.refuse()
    scene.texter.texts_everyone(action)
    scene.works()
    assert states(scene.messages(dana) + scene.messages(luis)) == ["queued", "queued"]

    assert scene.hears(dana, "STOP").status_code == 200
    carrier.listen()
    with scene.later(minutes=1):
        scene.works()
        scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert [one.to for one in carrier.arrivals()] == [luis.phone]


def test_hours_without_the_carrier_cost_no_text_and_double_none(
    scene: Scene, carrier: StandIn
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    carrier.refuse()
    scene.texter.texts_everyone(scene.action(dana, luis))
    for minutes in range(0, 180, 10):
        with scene.later(minutes=minutes):
            scene.works()
    assert states(scene.messages(dana) + scene.messages(luis)) == ["queued", "queued"]

    carrier.listen()
    carrier.answer(503, times=2)
    for minutes in range(180, 200, 5):
        with scene.later(minutes=minutes):
            scene.works()

    assert Counter(one.to for one in carrier.arrivals() if one.accepted) == {
        dana.phone: 1,
        luis.phone: 1,
    }


def test_whoever_opted_out_at_the_carrier_is_not_asked_again(
    scene: Scene, carrier: StandIn
) -> None:
    dana = scene.contact()
    carrier.opted_out(dana.phone)
    scene.texted(dana)

    scene.texter.texts_everyone(scene.action(dana, scene.contact("Luis Ortega")))
    with scene.later(days=1):
        scene.works()

    assert len(carrier.arrivals(dana.phone)) == 1
    assert states(scene.messages(dana)) == ["failed"]
    assert scene.tags_of(dana) == {P2P}


# Everything at once


def test_one_webhook_delivered_twenty_times_at_once_counts_once(settings: Settings) -> None:
    ours, theirs = factories.number().phone, factories.contact().phone
    sid = "SM" + "7" * 32

    with installed(settings) as (heed, _), ThreadPoolExecutor(20) as threads:
        heed.serve()
        ready = threading.Barrier(20)

        def deliver(_: int) -> int:
            ready.wait(30)
            return heed.phones.text(theirs, ours, "STOP", sid).status

        answers = list(threads.map(deliver, range(20)))

    assert answers == [200] * 20
    db.session.rollback()
    dana = db.session.query(Contact).one()
    assert db.session.query(WebhookReceipt).count() == 1
    assert db.session.query(Message).filter_by(contact_id=dana.id).count() == 1
    both = db.session.query(ContactTag).filter_by(contact_id=dana.id).count()
    assert both == 2, "The number serves both kinds and nobody was texted (decision 4)."
    assert _trail_of(Event.OPTED_OUT, dana) == 2
    assert _trail_of(Event.OPT_OUT_REPEATED, dana) == 0


def test_twenty_stops_of_one_person_at_once_are_one_opt_out(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    phone, waiting = dana.phone, threading.Barrier(20)

    def say(_: int) -> int:
        waiting.wait(30)
        return scene.hears(phone, "STOP").status_code

    with ThreadPoolExecutor(20) as threads:
        assert list(threads.map(say, range(20))) == [200] * 20

    assert scene.tags_of(dana) == {P2P}
    assert scene.built_in().contacts == 1
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1
    assert len(scene.trail(dana, Event.OPT_OUT_REPEATED)) == 19
    assert len(scene.messages(dana, direction="in")) == 20


def test_launch_pressed_by_eight_at_once_launches_once(scene: Scene) -> None:
    dana = scene.contact()
    draft = scene.action(dana, launched=False)
    admins = [scene.person(factories.admin(scene.campaign)) for _ in range(8)]
    pages = [admin.open(f"/actions/{draft.id}/review") for admin in admins]
    waiting = threading.Barrier(8)

    def press(number: int) -> int:
        waiting.wait(30)
        return pages[number].form("/launch").send(follow=False).status

    with ThreadPoolExecutor(8) as threads:
        answers = Counter(threads.map(press, range(8)))

    assert answers[303] == 1, answers
    assert answers[409] == 7, answers
    entries = db.session.query(TrailEntry).filter_by(event=Event.LAUNCHED).count()
    assert entries == 1
    assert scene.texter.texts_everyone(draft) == 1
    scene.works()
    assert len(scene.taken(dana)) == 1


# The database


def test_while_another_process_holds_the_database_no_stop_is_acknowledged_and_nothing_sent(
    settings: Settings,
) -> None:
    number = factories.number(kind=NumberKind.P2P)
    dana, luis = factories.contact(), factories.contact()
    others = [factories.contact() for _ in range(5)]
    action = factories.action(*others)
    texter = factories.texter()

    with installed(settings) as (heed, carrier), ThreadPoolExecutor(1) as threads:
        heed.serve()
        for person in others:
            factories.first_text(action, person, texter)
        with breakage.held(settings) as let_go:
            heed.worker()
            first = threads.submit(heed.phones.text, dana.phone, number.phone, "STOP")
            # SQLite gives up after ten seconds of waiting; PostgreSQL waits for its turn.
            early = _answer_within(first, 20.0 if settings.sqlite else 2.0)
            assert early is None or early >= 500
            assert early is None or not _is_opted_out(dana)
            assert carrier.arrivals() == []
            second = threads.submit(heed.phones.text, luis.phone, number.phone, "STOP")
            assert _answer_within(second, 0.5) is None
            let_go()
            freed = time.monotonic()
            if early is None:
                assert first.result(30).status == 200
            assert second.result(30).status == 200
            assert time.monotonic() - freed < 30
        assert _is_opted_out(luis)
        assert _is_opted_out(dana) is (early is None)
        assert heed.phones.text(dana.phone, number.phone, "STOP").status == 200
        arrived = [one.to for one in carrier.wait(5, seconds=40)]

    assert _is_opted_out(dana)
    assert sorted(arrived) == sorted(person.phone for person in others)
    _assert_intact()


def test_while_the_opt_outs_cannot_be_read_nothing_is_sent_and_no_stop_is_acknowledged(
    scene: Scene, live: Flask, carrier: StandIn
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texter.texts_everyone(scene.action(luis))
    later = scene.action(dana)
    scene.texter.takes_a_batch(later)
    card = scene.texter.card(later)
    sender = Sender(live, live.extensions["carrier"], threading.Event())

    with breakage.renamed("contact_tag"):
        refused = scene.hears(dana, "STOP")
        pressed = card.form("/send").send(follow=False)
        with pytest.raises(Exception):  # noqa: B017 - whatever the driver says
            sender.send_some()

    assert refused.status_code >= 500
    assert pressed.status >= 500
    assert scene.messages(dana) == []
    assert db.session.query(WebhookReceipt).count() == 0
    assert carrier.arrivals() == []
    assert scene.hears(dana, "STOP").status_code == 200
    with scene.later(seconds=31):
        scene.sweeps()
        scene.works()
    assert scene.tags_of(dana) == {P2P}
    assert [one.to for one in carrier.arrivals()] == [luis.phone]


def test_a_database_that_is_away_answers_503_and_comes_back(
    scene: Scene, settings: Settings, carrier: StandIn
) -> None:
    if settings.sqlite:
        pytest.skip("SQLite has no server that could be away.")
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texter.texts_everyone(scene.action(luis))
    phone = dana.phone

    with breakage.server_away(settings):
        assert scene.hears(phone, "STOP").status_code == 503
        with pytest.raises(Exception):  # noqa: B017 - whatever the driver says
            scene.works()
        assert carrier.arrivals() == []

    assert scene.hears(dana, "STOP").status_code == 200
    scene.works()
    assert scene.tags_of(dana) == {P2P}
    assert [one.to for one in carrier.arrivals()] == [luis.phone]


def test_a_stop_that_the_database_breaks_off_for_another_is_taken_in_all_the_same(
    scene: Scene, settings: Settings
) -> None:
    if settings.sqlite:
        pytest.skip("On SQLite writers take turns, and nobody waits crosswise.")
    dana = scene.contact("Dana Whitfield")
    scene.texter.texts_everyone(scene.action(dana))
    scene.works()

    with breakage.crossed(settings, dana.id):
        answer = scene.hears(dana, "STOP")

    assert answer.status_code == 200
    assert scene.tags_of(dana) == {P2P}
    assert _trail_of(Event.OPTED_OUT, dana) == 1


def test_a_full_disk_acknowledges_no_stop_and_sends_nothing_that_is_not_written_down(
    settings: Settings, tmp_path: Path
) -> None:
    if not settings.sqlite:
        pytest.skip("The disk of PostgreSQL is the server's business.")
    number = factories.number(kind=NumberKind.P2P)
    dana, luis = factories.contact(), factories.contact()
    factories.first_text(factories.action(luis), luis, factories.texter())

    with breakage.small_disk(tmp_path / "disk") as disk:
        moved = replace(
            settings,
            instance=tmp_path / "instance",
            database_url=f"sqlite:///{disk / 'heed.db'}",
            queue_url=f"sqlite:///{tmp_path / 'queue.db'}",
        )
        _copy_database(settings, moved)
        with installed(moved) as (heed, carrier):
            heed.serve()
            assert heed.phones.text(dana.phone, number.phone, "Hello").status == 200
            filler = _fill(disk)
            refused = [heed.phones.text(dana.phone, number.phone, "STOP") for _ in range(3)]
            heed.worker()
            assert carrier.wait(1, seconds=3) == []
            assert {answer.status for answer in refused} <= {500, 503}
            assert _count(moved, "SELECT count(*) FROM contact_tag") == 0

            filler.unlink()
            assert heed.phones.text(dana.phone, number.phone, "STOP").status == 200
            assert [one.to for one in carrier.wait(1, seconds=40)] == [luis.phone]
        assert _count(moved, "SELECT count(*) FROM contact_tag") == 1
        assert _count(moved, "SELECT count(*) FROM message WHERE state = 'sending'") == 0
        assert _all(moved, "PRAGMA integrity_check") == [("ok",)]


def test_a_stop_is_on_the_disk_before_it_is_acknowledged(
    settings: Settings, tmp_path: Path
) -> None:
    if not settings.sqlite:
        synchronous = db.session.execute(text("SHOW synchronous_commit")).scalar()
        assert (synchronous, db.session.execute(text("SHOW fsync")).scalar()) == ("on", "on")
        return
    number, dana = factories.number(), factories.contact()

    with installed(settings) as (heed, _):
        master = heed.serve()
        with breakage.traced(master, tmp_path / "calls") as calls:
            assert heed.phones.text(dana.phone, number.phone, "STOP").status == 200

    lines = calls.read_text().splitlines()
    asked = _first(lines, r"recv(from)?\(.*POST /webhooks/twilio/inbound")
    answered = _first(lines[asked:], r"send(to|msg)?\(.*HTTP/1\.1 200") + asked
    between = "\n".join(lines[asked:answered])
    assert re.search(r"(fsync|fdatasync)\(\d+<[^>]*heed\.db-wal>", between), between


# Shared by the tests above


def _kill_servers(master: "subprocess.Popen[bytes]") -> None:
    """Kill what serves, at once; its master starts the next one."""
    for server in psutil.Process(master.pid).children():
        server.kill()


def _is_opted_out(contact: Contact) -> bool:
    db.session.rollback()
    return optouts.is_opted_out(contact.id, contact.campaign_id, Texting.P2P)


def _trail_of(event: Event, contact: Contact | None = None) -> int:
    query = select(func.count()).select_from(TrailEntry).where(TrailEntry.event == event)
    if contact is not None:
        query = query.where(TrailEntry.contact_id == contact.id)
    return db.session.scalar(query) or 0


def _first_texts() -> list[Message]:
    db.session.rollback()
    return db.session.query(Message).filter_by(kind=MessageKind.FIRST).all()


def _assert_intact() -> None:
    db.session.rollback()
    if db.engine.dialect.name == "sqlite":
        assert db.session.execute(text("PRAGMA integrity_check")).all() == [("ok",)]


def _answer_within(future: "object", seconds: float) -> int | None:
    """The status of an answer, if it comes in time."""
    try:
        return future.result(seconds).status  # type: ignore[attr-defined, no-any-return]
    except TimeoutError:
        return None


def _copy_database(settings: Settings, to: Settings) -> None:
    db.session.rollback()
    source, target = (
        sqlite3.connect(one.database_url.removeprefix("sqlite:///")) for one in (settings, to)
    )
    source.backup(target)
    source.close()
    target.close()


def _fill(disk: Path) -> Path:
    """Leave no byte free."""
    filler = disk / "filler"
    with filler.open("wb", buffering=0) as file:
        for size in (65_536, 4_096, 1):
            try:
                while file.write(b"\0" * size):
                    pass
            except OSError:
                continue
    return filler


def _all(settings: Settings, statement: str) -> list[tuple[object, ...]]:
    connection = sqlite3.connect(settings.database_url.removeprefix("sqlite:///"))
    found = connection.execute(statement).fetchall()
    connection.close()
    return found


def _count(settings: Settings, statement: str) -> object:
    return _all(settings, statement)[0][0]


def _first(lines: list[str], pattern: str) -> int:
    found = next((number for number, line in enumerate(lines) if re.search(pattern, line)), None)
    assert found is not None, "\n".join([pattern, *lines])
    return found
