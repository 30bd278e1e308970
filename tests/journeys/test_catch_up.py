"""Texts that came while Heed was down are known before anything is sent (decision 17)."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

from flask import Flask
from sqlalchemy import func, select
from structlog.testing import capture_logs

from tests import factories
from tests.installation import installed
from tests.journeys.scene import Scene, states
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.jobs import carrier_of
from webapp.jobs.catch_up import CatchUp
from webapp.models import Answerer, Message, MessageKind, MessageState, NumberKind, Texting
from webapp.models import CatchUp as ReadSoFar
from webapp.services import catch_up, optouts

BROADCAST = "Opt Out (Broadcast)"


def soon(holds: Callable[[], object], *, seconds: float = 20.0) -> bool:
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        db.session.rollback()
        if holds():
            return True
        time.sleep(0.05)
    return False


@contextmanager
def catching_up(app: Flask, **patience: float) -> Iterator[CatchUp]:
    stopping = threading.Event()
    thread = CatchUp(app, carrier_of(app), stopping, **patience)
    thread.start()
    yield thread
    stopping.set()
    thread.join(10)


def caught_up(scene: Scene) -> None:
    with catching_up(scene.app) as thread:
        assert thread.may_send.wait(20)
    db.session.rollback()


def test_a_stop_from_while_heed_was_down_is_known_before_any_text_leaves(
    settings: Settings,
) -> None:
    number, texter = factories.number(), factories.texter()
    dana, ben = factories.contact(), factories.contact()
    action = factories.action(dana, ben)
    texts = [factories.first_text(action, contact, texter) for contact in (dana, ben)]
    with installed(settings, rate=50) as (heed, carrier):
        for n in range(3):
            carrier.received(ben.phone, number.phone, f"Hello {n}")
        carrier.received(dana.phone, number.phone, "Stop.")
        heed.worker()
        assert carrier.wait(1, ben.phone, seconds=30)
        assert soon(lambda: optouts.is_opted_out(dana.id, dana.campaign_id, Texting.P2P))
        assert carrier.arrivals(dana.phone) == []
    db.session.rollback()
    to_dana = db.session.get_one(Message, texts[0].id, populate_existing=True)
    assert to_dana.state is MessageState.CANCELLED


def test_texts_are_taken_in_once_and_in_the_order_in_which_they_were_sent(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    now = utc_now()
    carrier, phone = scene.carrier, scene.phone
    carrier.received(dana.phone, phone, "Second", sent=now.isoformat())
    carrier.received(dana.phone, phone, "First", sent=(now - timedelta(seconds=40)).isoformat())
    scene.hears(dana, "By webhook", sid="SM" + "7" * 32)
    carrier.received(dana.phone, phone, "By webhook", sid="SM" + "7" * 32)

    caught_up(scene)
    caught_up(scene)

    told = [text.body for text in scene.messages(dana, direction="in")]
    assert told == ["By webhook", "First", "Second"]
    assert scene.conversation(dana).needs_attention


def test_what_was_there_before_the_number_was_ours_is_left_alone(scene: Scene) -> None:
    dana = scene.contact()
    long_ago = (utc_now() - timedelta(days=2)).isoformat()
    scene.carrier.received(dana.phone, scene.phone, "STOP", sent=long_ago)

    caught_up(scene)

    assert scene.messages(dana) == []


def test_the_next_look_begins_a_little_before_the_last_one(scene: Scene) -> None:
    before = utc_now()
    caught_up(scene)
    [stretch] = catch_up.due("twilio")
    assert stretch.phone == scene.phone
    assert before - catch_up.OVERLAP <= stretch.since <= utc_now() - catch_up.OVERLAP
    assert db.session.scalar(select(func.count()).select_from(ReadSoFar)) == 1


def test_nothing_is_sent_while_the_list_cannot_be_read(scene: Scene) -> None:
    dana = scene.contact()
    scene.carrier.received(dana.phone, scene.phone, "STOP")
    scene.carrier.refuse()
    with catching_up(scene.app, again=0.05) as thread:
        assert not thread.may_send.wait(1)
        scene.carrier.listen()
        assert thread.may_send.wait(20)
    db.session.rollback()
    assert scene.tags_of(dana) == {"Opt Out (P2P)"}


def test_after_some_patience_sending_begins_with_a_warning(scene: Scene) -> None:
    scene.carrier.refuse()
    with capture_logs() as logs, catching_up(scene.app, again=0.05, patience=0.2) as thread:
        assert thread.may_send.wait(20)
    scene.carrier.listen()
    warned = [one["event"] for one in logs if one["log_level"] == "warning"]
    assert "sending begins although texts may have been missed" in warned


def test_a_confirmation_that_comes_too_late_is_not_sent(scene: Scene) -> None:
    """47 CFR 64.1200(a)(12): within five minutes of the request, or not at all."""
    dana = scene.contact()
    scene.texted(dana)
    with transaction():
        db.session.merge(scene.number).confirmation_by = Answerer.HEED
    asked = (utc_now() - timedelta(minutes=10)).isoformat()
    scene.carrier.received(dana.phone, scene.phone, "STOP", sent=asked)

    caught_up(scene)
    scene.works()
    scene.sweeps()

    assert scene.tags_of(dana) == {"Opt Out (P2P)"}
    assert len(scene.taken(dana)) == 1
    assert states(scene.messages(dana, kind="confirmation")) in ([], ["cancelled"])


def test_an_opt_in_keyword_that_is_older_than_the_opt_out_lifts_nothing(scene: Scene) -> None:
    """Decision 3: fetched late, a START comes after the STOP that it was sent before."""
    dana = scene.contact()
    with transaction():
        db.session.merge(scene.number).kind = NumberKind.BOTH
    before = (utc_now() - timedelta(minutes=2)).isoformat()
    scene.carrier.received(dana.phone, scene.phone, "JOIN", sent=before)
    scene.hears(dana, "STOP")
    assert BROADCAST in scene.tags_of(dana)

    caught_up(scene)

    assert BROADCAST in scene.tags_of(dana)
    [late] = scene.messages(dana, body="JOIN")
    assert late.wrote_back


def test_an_opt_in_keyword_that_came_after_the_opt_out_lifts_it_though_fetched_late(
    scene: Scene,
) -> None:
    dana = scene.contact()
    with transaction():
        db.session.merge(scene.number).kind = NumberKind.BOTH
    scene.hears(dana, "STOP")
    after = (utc_now() + timedelta(minutes=1)).isoformat()
    scene.carrier.received(dana.phone, scene.phone, "JOIN", sent=after)

    caught_up(scene)

    assert BROADCAST not in scene.tags_of(dana)


def test_after_a_restore_nothing_leaves_before_every_list_was_read_however_long_it_takes(
    scene: Scene,
) -> None:
    dana = scene.contact()
    with transaction():
        catch_up.read_back(since=utc_now() - timedelta(days=3))
    scene.carrier.received(dana.phone, scene.phone, "STOP")
    scene.carrier.refuse()
    with catching_up(scene.app, again=0.05, patience=0.1) as thread:
        assert not thread.may_send.wait(1)
        scene.carrier.listen()
        assert thread.may_send.wait(20)
    db.session.rollback()
    assert "Opt Out (P2P)" in scene.tags_of(dana)
    assert not catch_up.is_owed()


def test_after_a_restore_a_stop_word_that_was_confirmed_before_is_not_confirmed_again(
    scene: Scene,
) -> None:
    """People who opted out a minute before the restore are texted no second time about it."""
    dana = scene.contact()
    with transaction():
        db.session.merge(scene.number).confirmation_by = Answerer.HEED
        catch_up.read_back(since=utc_now() - timedelta(hours=3))
    just_now = utc_now() - timedelta(minutes=1)
    scene.carrier.received(dana.phone, scene.phone, "STOP", sent=just_now.isoformat())
    caught_up(scene)
    assert "Opt Out (P2P)" in scene.tags_of(dana)
    kept = [one for one in scene.messages(dana) if one.kind is MessageKind.CONFIRMATION]
    assert states(kept) == ["unknown"]
    scene.works()
    assert scene.taken(dana) == []


def test_after_a_restore_keywords_that_were_answered_before_are_not_answered_again(
    scene: Scene,
) -> None:
    """The answer may have left after the backup was made: once or not at all."""
    dana = scene.contact()
    with transaction():
        db.session.merge(scene.number).kind = NumberKind.BOTH
    factories.automation("VOLUNTEER")
    with transaction():
        catch_up.read_back(since=utc_now() - timedelta(hours=3))
    earlier = utc_now() - timedelta(minutes=10)
    scene.carrier.received(dana.phone, scene.phone, "VOLUNTEER", sent=earlier.isoformat())
    caught_up(scene)
    answers = [one for one in scene.messages(dana) if one.kind is MessageKind.AUTOMATED]
    assert states(answers) == ["unknown"]
    scene.works()
    assert scene.taken(dana) == []
