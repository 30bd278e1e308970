"""What went wrong when the open-source peer was run, each tried here (reliability, last part)."""

import csv
import io
import sqlite3
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest
from flask import Flask
from sqlalchemy import Engine, event, func, select

from tests import factories
from tests.client import Browser
from tests.journeys import breakage
from tests.journeys.scene import Scene, states
from webapp.app import create_app
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.errors import BusyError
from webapp.jobs import carrier_of
from webapp.jobs.sender import Sender
from webapp.models import (
    ActionState,
    Answerer,
    Contact,
    ContactTag,
    Event,
    NumberKind,
    OptOutSource,
    Texting,
    WebhookReceipt,
)
from webapp.services import launches, optouts, tags

P2P = "Opt Out (P2P)"


# 1. "The same carrier message id delivered twice gave two inbound messages and two opt-outs."


def test_the_same_message_twice_is_one_message_and_one_opt_out(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)

    answers = [scene.hears(dana, "STOP", sid="SM" + "1" * 32) for _ in range(3)]

    assert [answer.status_code for answer in answers] == [200, 200, 200]
    assert len(scene.messages(dana, direction="in")) == 1
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1
    assert scene.trail(dana, Event.OPT_OUT_REPEATED) == []
    assert scene.built_in().contacts == 1
    assert db.session.scalar(select(func.count()).select_from(WebhookReceipt)) == 1


def test_an_old_delivery_that_comes_again_does_not_undo_a_lift(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP", sid="SM" + "1" * 32)
    with transaction():
        optouts.lift(
            dana,
            Texting.P2P,
            reason="Dana asked us to go on",
            agreed="spoke",
            by=scene.admin.user,
            now=utc_now(),
        )

    assert scene.hears(dana, "STOP", sid="SM" + "1" * 32).status_code == 200

    assert scene.tags_of(dana) == set()


# 2. "STOP from someone uploaded but not yet texted was not recorded and the first text then went
#    out; likewise STOP to another number of the same organisation."


def test_a_stop_before_the_first_text_is_recorded_and_the_text_does_not_go_out(
    scene: Scene,
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    action = scene.action(dana, luis)

    scene.hears(dana, "STOP")
    taps = scene.texter.texts_everyone(action)
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert (taps, scene.taken(dana), len(scene.taken(luis))) == (1, [], 1)


def test_a_stop_to_another_number_of_the_campaign_counts_as_well(scene: Scene) -> None:
    dana = scene.contact()
    elsewhere = factories.number(scene.campaign, kind=NumberKind.P2P)
    action = scene.action(dana, scene.contact("Luis Ortega"))
    scene.texter.takes_a_batch(action)

    scene.hears(dana, "STOP", to=elsewhere)
    scene.texter.texts_everyone(action)
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert scene.taken(dana) == []


def test_a_stop_from_a_phone_that_nobody_knows_holds_when_it_is_imported_later(
    scene: Scene,
) -> None:
    scene.hears("+12025550142", "STOP")

    facts = scene.imports("phone,first_name\n(202) 555-0142,Dana\n2025550143,Luis\n")
    dana = db.session.query(Contact).filter_by(phone="+12025550142").one()

    assert dana.first_name in ("", "Dana")
    assert scene.tags_of(dana) == {P2P}
    assert facts["already_opted_out"] == 1
    action = scene.action(dana, launched=False)
    assert launches.preview(action).suppressed == {"opted_out": 1}


# 3. "A text already queued when STOP arrived was still sent."


def test_a_queued_text_is_cancelled_by_a_stop(scene: Scene) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    action = scene.action(dana, luis)
    assert scene.texter.texts_everyone(action) == 2
    assert states(scene.messages(dana)) == ["queued"]

    scene.hears(dana, "STOP")
    scene.works()

    assert scene.taken(dana) == []
    assert states(scene.messages(dana, direction="out")) == ["cancelled"]
    assert len(scene.taken(luis)) == 1


def test_a_text_that_a_worker_holds_already_is_not_sent_after_a_stop(
    scene: Scene, live: Flask
) -> None:
    people = [scene.contact(f"Person {n}") for n in range(10)]
    scene.texter.texts_everyone(scene.action(*people))
    scene.carrier.delay(0.05)
    stopping = threading.Event()
    sender = Sender(live, carrier_of(live), stopping)

    with ThreadPoolExecutor(1) as threads:
        working = threads.submit(sender.send_some)
        scene.carrier.wait(2)
        last = people[-1]
        assert states(scene.messages(last)) == ["claimed"], "It is leased, not yet on the wire."
        scene.hears(last, "STOP")
        working.result(timeout=30)

    assert scene.taken(last) == []
    assert states(scene.messages(last, direction="out")) == ["cancelled"]
    assert len(scene.taken()) == 9


def test_a_text_that_waits_for_a_retry_is_not_sent_after_a_stop(scene: Scene) -> None:
    dana = scene.contact()
    scene.carrier.answer(503, 20503)
    scene.texted(dana)
    assert states(scene.messages(dana)) == ["queued"]

    scene.hears(dana, "STOP")
    with scene.later(hours=1):
        scene.works()

    assert scene.taken(dana) == []
    assert len(scene.carrier.arrivals()) == 1


# 4. "The scrub failed during an upload (lock time-out) and the upload still reported success with
#    the opted-out people in."


def test_a_launch_that_cannot_read_the_opt_outs_does_not_go_live(
    scene: Scene, fresh_app: Flask, settings: Settings
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.hears(dana, "STOP")
    action = scene.action(dana, luis, launched=False)
    with transaction():
        launches.launch(action, by=None, now=utc_now())

    with breakage.held(settings), _impatient(fresh_app), pytest.raises(BusyError), transaction():
        launches.sort_chunk(action, now=utc_now())
    db.session.expire_all()
    assert action.state is ActionState.LAUNCHING
    assert launches.receipt(action).total == 0

    with transaction():
        assert launches.sort_chunk(action, now=utc_now())
    with transaction():
        assert not launches.sort_chunk(action, now=utc_now())
    assert launches.receipt(action).suppressed == {"opted_out": 1}
    assert action.state is ActionState.LIVE
    scene.texter.texts_everyone(action)
    scene.works()
    assert (scene.taken(dana), len(scene.taken(luis))) == ([], 1)


def test_an_import_that_meets_a_lock_is_not_done_until_it_is_done(
    scene: Scene, live: Flask, settings: Settings
) -> None:
    scene.hears("+12025550142", "STOP")
    rows = "phone,first_name\n2025550142,Dana\n2025550143,Luis\n"

    with breakage.held(settings), _impatient(live), pytest.raises(BusyError):
        scene.imports(rows)
    scene.imports(rows)

    dana = db.session.query(Contact).filter_by(phone="+12025550142").one()
    luis = db.session.query(Contact).filter_by(phone="+12025550143").one()
    assert scene.tags_of(dana) == {P2P}
    draft = scene.action(dana, luis, launched=False)
    assert launches.preview(draft).suppressed == {"opted_out": 1}


# 5. "With its cache filling, opted-out numbers read as not opted out for 0.5 to 3 s."


def test_a_process_that_has_just_started_knows_every_opt_out_from_its_first_text(
    scene: Scene, twilio_settings: Settings
) -> None:
    people = [scene.contact(f"Person {n}") for n in range(40)]
    scene.texter.texts_everyone(scene.action(*people))
    gone = people[::2]
    scene.wrong_in_the_end = ["opted_out_threads_closed", "opt_outs_proven", "tag_counts"]
    with transaction():
        # The tag alone, as another process may just have written it; nothing is cancelled.
        db.session.add_all(
            ContactTag(
                tag_id=scene.built_in().id,
                contact_id=one.id,
                campaign_id=one.campaign_id,
                source=OptOutSource.STOP_WORD,
            )
            for one in gone
        )

    cold = create_app(twilio_settings)
    while Sender(cold, carrier_of(cold), threading.Event()).send_some():
        pass
    with cold.app_context():
        db.engine.dispose()
    carrier_of(cold).close()  # type: ignore[attr-defined]

    arrived = {one.to for one in scene.carrier.arrivals()}
    assert arrived == {one.phone for one in people} - {one.phone for one in gone}


def test_a_page_of_another_process_knows_of_a_stop_at_once(
    scene: Scene, twilio_settings: Settings
) -> None:
    dana = scene.contact()
    action = scene.action(dana, scene.contact("Luis Ortega"))
    other = create_app(twilio_settings)
    other.test_client_class = Browser
    elsewhere = other.test_client()
    assert isinstance(elsewhere, Browser)
    elsewhere.sign_in_as(factories.session_token(scene.texter.user))
    scene.texter.takes_a_batch(action)
    card = elsewhere.get(f"/c/rivera/text/{action.id}/send")
    assert "Dana" in card.text

    scene.hears(dana, "STOP")
    data = {"recipient": dana.id, "key": "from-the-other-process"}
    elsewhere.post(f"/c/rivera/text/{action.id}/send", data=data)

    assert scene.messages(dana, direction="out") == []
    with other.app_context():
        db.engine.dispose()


# 6. "An opt-out stored without "+1" did not match."


@pytest.mark.parametrize(
    "written", ["+12025550142", "12025550142", "2025550142", "(202) 555-0142", "202.555.0142"]
)
def test_an_opt_out_meets_its_contact_however_the_number_was_written(
    scene: Scene, written: str
) -> None:
    dana = scene.contact(phone="+12025550142")
    scene.texter.texts_everyone(scene.action(dana))

    scene.hears(written, "STOP")
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert scene.taken(dana) == []
    assert db.session.query(Contact).filter_by(campaign_id=scene.campaign.id).count() == 1


@pytest.mark.parametrize("written", ["2025550142", "1 (202) 555-0142", "202-555-0142"])
def test_a_request_that_an_admin_logs_meets_its_contact(scene: Scene, written: str) -> None:
    dana = scene.contact(phone="+12025550142")
    form = scene.admin.open("/data/opt-outs/new").form("/new")

    form.send(phone=written, kinds=["p2p"], source="She called the office")

    assert scene.tags_of(dana) == {P2P}
    scene.imports(f"phone,first_name\n{written},Dana\n", "--update")
    assert scene.tags_of(dana) == {P2P}


# 7. "A second STOP made a second row and doubled export lines."


def test_five_stops_are_one_tag_and_one_line_in_the_export(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)

    for word in ("STOP", "Stop!!", "UNSUBSCRIBE", "END", "STOP"):
        scene.hears(dana, word)

    lines = list(csv.DictReader(io.StringIO(_export(scene))))
    assert [(line["phone"], line["kind"], line["source"]) for line in lines] == [
        (dana.phone, "p2p", "stop_word")
    ]
    assert lines[0]["text"] == "STOP"
    assert db.session.query(ContactTag).filter_by(contact_id=dana.id).count() == 1
    assert scene.built_in().contacts == 1
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1
    assert len(scene.trail(dana, Event.OPT_OUT_REPEATED)) == 4
    assert len(scene.messages(dana, direction="in")) == 5


# 8. "The farewell was sent before the opt-out was saved; a refused farewell lost the opt-out."


@pytest.mark.parametrize("refused", [False, True])
def test_the_goodbye_of_a_report_follows_the_opt_out_and_cannot_lose_it(
    scene: Scene, refused: bool
) -> None:
    dana = scene.contact()
    action = scene.texted(dana, goodbye=True)
    scene.hears(dana, "Please do not text me anymore")
    if refused:
        scene.carrier.answer(400, 21614, times=None)

    scene.texter.reports(scene.conversation(dana, action), scene.built_in(), goodbye="y")
    assert scene.tags_of(dana) == {P2P}, "Saved, and nothing was sent yet."
    assert len(scene.carrier.arrivals(dana.phone)) == 1
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert len(scene.carrier.arrivals(dana.phone)) == 2
    last = scene.messages(dana)[-1]
    assert last.kind.value == "confirmation"
    assert last.state.value == ("failed" if refused else "sent")


@pytest.mark.parametrize("refused", [False, True])
def test_the_confirmation_of_a_stop_follows_the_opt_out_and_cannot_lose_it(
    scene: Scene, refused: bool
) -> None:
    with transaction():
        scene.number.confirmation_by = Answerer.HEED
    dana = scene.contact()
    scene.texted(dana)
    if refused:
        scene.carrier.answer(400, 21610, times=None)

    scene.hears(dana, "STOP")
    assert scene.tags_of(dana) == {P2P}, "Saved, and nothing was sent yet."
    assert len(scene.carrier.arrivals(dana.phone)) == 1
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert [one.body for one in scene.carrier.arrivals(dana.phone)][1:] == [
        scene.campaign.confirmation_text
    ]
    scene.hears(dana, "STOP")
    scene.works()
    assert len(scene.carrier.arrivals(dana.phone)) == 2, "One confirmation for each opt-out."


# 9. "START left the contact opted out yet "needs response"."


@pytest.mark.parametrize("word", ["START", "Start", "ok you can text me again"])
def test_a_start_is_for_admins_to_read_and_no_work_for_a_texter(scene: Scene, word: str) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")

    with scene.later(minutes=1):
        scene.hears(dana, word)

    assert scene.tags_of(dana) == {P2P}
    for view in ("needs", "unread", "all", "archived"):
        assert not scene.texter.inbox(view).says("Dana Whitfield")
    last = scene.messages(dana)[-1]
    assert (last.body, last.wrote_back) == (word, True)
    thread = scene.conversation(dana)
    assert (thread.needs_attention, thread.is_unread, thread.is_hidden) == (False, False, True)


# 10. "Opting one number in opted it in for every organisation, and a re-import wiped reason and
#     source."


def test_a_lift_in_one_campaign_leaves_the_others_alone(scene: Scene) -> None:
    other = factories.campaign(name="Okafor for School Board")
    here = scene.contact(phone="+12025550142")
    there = scene.contact(phone="+12025550142", of=other)
    for one in (here, there):
        with transaction():
            optouts.record(one, Texting.P2P, source=OptOutSource.STOP_WORD, now=utc_now())
            optouts.record(one, Texting.BROADCAST, source=OptOutSource.ADMIN, now=utc_now())

    form = scene.admin.open(f"/data/contacts/{here.id}/opt-outs/p2p/remove").form("/remove")
    agreed = sorted(form.offered("agreed"))[0]
    form.send(reason="Dana called and asked to hear from us", agreed=agreed, confirm="y")

    assert scene.tags_of(here) == {"Opt Out (Broadcast)"}
    assert scene.tags_of(there) == {P2P, "Opt Out (Broadcast)"}
    assert tags.built_in(other.id, Texting.P2P).contacts == 1


def test_a_re_import_keeps_the_opt_out_with_its_source_its_proof_and_its_date(
    scene: Scene,
) -> None:
    dana = scene.contact(phone="+12025550142")
    scene.texted(dana)
    scene.hears(dana, "STOP")
    before = _row(dana)

    heading = "phone,first_name,Opt Out (P2P)\n"
    for cell in ("", "false", "no", "0", "true"):
        facts = scene.imports(
            f"{heading}(202) 555-0142,Daniela,{cell}\n", "--update", "--subscribed=Library, May"
        )
        assert facts["imported"] == facts["already_opted_out"] == 1

    assert _row(dana) == before
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1
    assert scene.trail(dana, Event.OPT_OUT_LIFTED) == []
    assert scene.built_in().contacts == 1
    lines = list(csv.DictReader(io.StringIO(_export(scene))))
    assert [line["source"] for line in lines] == ["stop_word"]


# 11. "“stop by anytime” and “stop sign petition: YES” opted people out; “Unsubscribe.” with a full
#     stop, “OPT OUT”, “REVOKE”, “STOP” in quotes were missed by both forks."


@pytest.mark.parametrize("said", ["stop by anytime", "Stop sign petition: YES"])
def test_talk_that_begins_with_a_stop_word_opts_nobody_out(scene: Scene, said: str) -> None:
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, said)

    assert scene.tags_of(dana) == set()
    assert scene.texter.inbox("needs").says("Dana Whitfield", said)


@pytest.mark.parametrize("said", ["Unsubscribe.", "OPT OUT", "REVOKE", "“STOP”", '"stop"'])
def test_a_stop_word_is_caught_with_its_full_stop_its_space_and_its_quotes(
    scene: Scene, said: str
) -> None:
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, said)

    assert scene.tags_of(dana) == {P2P}
    assert not scene.texter.inbox("all").says("Dana Whitfield")


# Shared by the tests above


def _row(contact: Contact) -> tuple[object, ...]:
    """The opt-out as it is stored."""
    columns = ContactTag.__table__.c
    query = select(*columns).where(ContactTag.contact_id == contact.id)
    return tuple(db.session.execute(query).one())


def _export(scene: Scene) -> str:
    return scene.admin.post("/data/opt-outs/export").text


@contextmanager
def _impatient(app: Flask) -> Iterator[None]:
    """Connections of an application give up at once when somebody holds a lock."""
    db.session.rollback()
    with app.app_context():
        engine: Engine = db.engine

    def hurry(connection: sqlite3.Connection, _record: object, _proxy: object) -> None:
        if engine.dialect.name == "sqlite":
            connection.execute("PRAGMA busy_timeout=50")
        else:
            connection.execute("SET lock_timeout = '50ms'")

    event.listen(engine, "checkout", hurry)
    yield
    event.remove(engine, "checkout", hurry)
    db.session.rollback()
    engine.dispose()
