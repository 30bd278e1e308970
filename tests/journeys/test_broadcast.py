"""A broadcast from the file of subscribers to the last text, through the stand-in carrier."""

import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.installation import installed
from tests.journeys.scene import Scene
from tests.journeys.screens import Screen
from tests.mail_server import MailServer
from webapp import smtp
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    AlarmMail,
    Contact,
    Event,
    JobRun,
    MailState,
    Number,
    NumberKind,
    Texting,
    TrailEntry,
)
from webapp.services import alarm_mails, contacts_by_phone

TEXT = "Hi {first_name}, the rally is on Saturday at noon. Reply STOP to opt out."
SUBSCRIBED = "--subscribed=Sign-up sheet at the library, since May"
BROADCAST = "Opt Out (Broadcast)"


@pytest.fixture
def number(scene: Scene) -> Number:
    return factories.number(scene.campaign, kind=NumberKind.BROADCAST, phone="+12025550108")


def rows(*people: tuple[str, str]) -> str:
    return "First name,Phone\n" + "".join(f"{name},{phone}\n" for name, phone in people)


def found(scene: Scene, phone: str) -> Contact:
    contact = contacts_by_phone.find(scene.campaign.id, phone)
    assert contact is not None
    return contact


def built(scene: Scene, **details: object) -> Action:
    """A broadcast to Ward 25, as an admin builds it at the pages."""
    screen = scene.admin.open("/actions/broadcast/new").form("/new").send(name="Rally", **details)
    [ward] = screen.form("/audience").offered("lists")
    screen = screen.form("/audience").send(lists=ward)
    screen.form("/script").send(text_0=TEXT, do="save")
    db.session.rollback()
    action = db.session.scalars(select(Action).order_by(Action.id.desc())).first()
    assert action is not None
    return action


def sent(scene: Scene, action: Action, **typed: str) -> Screen:
    """The page that repeats the number, and its button."""
    confirm = scene.admin.open(f"/actions/{action.id}/confirm?when=now")
    screen = confirm.form("/launch").send(**typed)
    assert screen.status == 200, screen.words
    return screen


def page(scene: Scene, action: Action) -> Screen:
    return scene.admin.open(f"/actions/{action.id}")


def state(action: Action) -> ActionState:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True).state


def texts_per_person(scene: Scene) -> Counter[str]:
    return Counter(one.to for one in scene.carrier.arrivals() if one.accepted)


def broadcast(scene: Scene, people: list[Contact], **values: object) -> Action:
    return factories.action(*people, kind=ActionKind.BROADCAST, of=scene.campaign, **values)  # type: ignore[arg-type]


def crowd(scene: Scene, amount: int) -> list[Contact]:
    with transaction():
        return [factories.contact(of=scene.campaign) for _ in range(amount)]


def test_the_carrier_gets_exactly_those_who_opted_in_and_did_not_opt_out(
    scene: Scene, number: Number
) -> None:
    scene.imports(
        rows(("Ana", "+13125550171"), ("Ben", "+13125550172"), ("Cleo", "+13125550173")),
        SUBSCRIBED,
    )
    scene.imports(rows(("Dan", "+13125550174")))
    cleo, dan = found(scene, "+13125550173"), found(scene, "+13125550174")
    scene.hears(cleo, "STOP", to=number)
    assert scene.tags_of(cleo) == {BROADCAST}

    action = built(scene)
    review = scene.admin.open(f"/actions/{action.id}/review")
    assert review.says("2 of 4 contacts will be texted", "No broadcast consent on record")
    assert sent(scene, action).says('"Rally" is on its way.')
    scene.works()

    assert texts_per_person(scene) == Counter({"+13125550171": 1, "+13125550172": 1})
    assert scene.taken(found(scene, "+13125550171")) == [TEXT.replace("{first_name}", "Ana")]
    assert scene.messages(dan) == []
    live = page(scene, action)
    assert live.says("2 of 2 sent", "Everybody has been texted", "2 of 4 contacts let through")

    scene.works()
    assert sum(texts_per_person(scene).values()) == 2


def test_who_stops_in_the_middle_gets_nothing_and_counts_as_an_opt_out(
    scene: Scene, number: Number
) -> None:
    people = crowd(scene, 50)
    action = broadcast(scene, people, name="Rally")
    scene.sends_some()
    reached = texts_per_person(scene)
    assert 0 < len(reached) < 50
    waits = next(one for one in reversed(people) if one.phone not in reached)
    got = next(one for one in people if one.phone in reached)

    scene.hears(waits, "Stop.", to=number)
    scene.hears(got, "STOP", to=number)
    scene.works()

    assert texts_per_person(scene) == Counter(
        {one.phone: 1 for one in people if one.phone != waits.phone}
    )
    assert scene.tags_of(waits) == scene.tags_of(got) == {BROADCAST}
    counts = db.session.get_one(ActionTally, action.id, populate_existing=True)
    assert (counts.opted_out, counts.opt_outs, counts.skipped) == (1, 1, 1)
    assert page(scene, action).says("Safeguard skipped 1 person since the launch.", "2.0%")


def test_a_pause_holds_the_rest_at_once_and_a_resume_lets_it_go(
    scene: Scene, number: Number
) -> None:
    people = crowd(scene, 45)
    action = broadcast(scene, people)
    scene.sends_some()
    before = sum(texts_per_person(scene).values())

    paused = page(scene, action).press("Pause")
    scene.works()

    assert paused.says("Paused") and sum(texts_per_person(scene).values()) == before < 45
    page(scene, action).press("Resume")
    scene.works()
    assert texts_per_person(scene) == Counter({one.phone: 1 for one in people})


def test_what_is_stopped_for_good_stays_stopped(scene: Scene, number: Number) -> None:
    action = broadcast(scene, crowd(scene, 45))
    scene.sends_some()
    before = sum(texts_per_person(scene).values())
    scene.admin.open(f"/actions/{action.id}/finish").press("Stop for good")
    scene.works()
    assert state(action) is ActionState.FINISHED
    assert sum(texts_per_person(scene).values()) == before


def test_at_three_percent_it_pauses_itself_and_goes_on_with_a_reason_alone(
    scene: Scene, number: Number
) -> None:
    people = crowd(scene, 260)
    action = broadcast(scene, people, name="Rally")
    while sum(texts_per_person(scene).values()) < 200:
        scene.sends_some()
    reached = [one for one in people if one.phone in texts_per_person(scene)]
    before = len(reached)
    for contact in reached[: -(-before * 3 // 100)]:
        scene.hears(contact, "STOP", to=number)

    scene.works()

    assert state(action) is ActionState.PAUSED and len(texts_per_person(scene)) == before < 260
    assert scene.admin.open("/").says("Paused by Heed: Rally", "Opt-outs reached 3.")
    assert scene.admin.open("/actions/broadcast").says("Paused itself")
    screen = page(scene, action)
    assert screen.says("Heed paused this broadcast", f"{260 - before} people haven't been texted")
    refused = screen.form("/resume").send(reason="go on")
    assert refused.status == 422 and refused.says("at least 10 characters")
    refused.form("/resume").send(reason="They were on the list by mistake")
    scene.works()
    assert state(action) is ActionState.LIVE
    assert texts_per_person(scene) == Counter({one.phone: 1 for one in people})
    events = db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)).all()
    assert [one for one in events if one in (Event.PAUSED, Event.RESUMED)] == [
        Event.PAUSED,
        Event.RESUMED,
    ]


@pytest.mark.parametrize("by", ["stop", "report", "admin"])
def test_an_opt_out_after_the_last_text_was_claimed_still_rings(
    scene: Scene, number: Number, by: str
) -> None:
    people = crowd(scene, 40)
    action = broadcast(scene, people, name="Rally", pause_after=40)
    scene.works()
    assert len(texts_per_person(scene)) == 40
    last = people[0]
    scene.hears(people[1], "STOP", to=number)
    scene.listens_for_alarms()
    assert state(action) is ActionState.LIVE

    if by == "stop":
        scene.hears(last, "STOP", to=number)
    else:
        scene.hears(last, "Please do not text me anymore", to=number)
        thread = scene.conversation(last, action)
        if by == "report":
            scene.texter.reports(thread, scene.built_in(Texting.BROADCAST))
        else:
            screen = scene.admin.open("/data/opt-outs/possible")
            assert screen.press("Mark Opt Out (Broadcast)").status == 200
    assert BROADCAST in scene.tags_of(last)
    scene.listens_for_alarms()
    scene.listens_for_alarms()

    assert state(action) is ActionState.PAUSED
    assert page(scene, action).says(
        "Heed paused this broadcast",
        "Opt-outs reached 5.0% of 40 texts. Everybody has been texted.",
    )
    events = db.session.scalars(select(TrailEntry.event)).all()
    assert events.count(Event.PAUSED) == 1


# The alarm by mail


@pytest.fixture
def post(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> Iterator[MailServer]:
    """A mail server that Heed has been told of."""
    with MailServer() as server:
        known = replace(
            scene.app.extensions["settings"],
            mail_server=smtp.server_from(server.url),
            mail_from="heed@example.org",
        )
        monkeypatch.setitem(scene.app.extensions, "settings", known)
        yield server


def alarmed(scene: Scene, number: Number) -> tuple[Action, list[Contact]]:
    """Half of those who got a broadcast have opted out."""
    people = crowd(scene, 4)
    action = broadcast(scene, people, name="Rally", pause_after=2)
    scene.works()
    for contact in people[:2]:
        scene.hears(contact, "STOP", to=number)
    scene.listens_for_alarms()
    assert state(action) is ActionState.PAUSED
    return action, people


def test_an_alarm_is_mailed_once_to_those_who_run_the_campaign(
    scene: Scene, number: Number, post: MailServer
) -> None:
    owner = factories.owner(scene.campaign)
    action, people = alarmed(scene, number)
    scene.mails()
    with scene.later(hours=3):
        scene.listens_for_alarms()
        scene.mails()

    assert sorted(one.to for one in post.taken) == sorted([[owner.email], [scene.admin.user.email]])
    came = post.taken[0]
    assert (came.sender, came.mail["From"]) == ("heed@example.org", "Heed <heed@example.org>")
    assert came.mail["Subject"] == "Heed paused “Rally”"
    assert came.mail["Auto-Submitted"] == "auto-generated"
    words = came.mail.get_content()
    assert "Opt-outs reached 50.0% of 4 texts. Everybody has been texted." in words
    assert f"http://127.0.0.1:8000/c/{scene.slug}/actions/{action.id}" in words.splitlines()
    for secret in (*(one.phone for one in people), number.phone, "vote on Tuesday"):
        assert secret not in came.mail.as_string()
    assert len({one.mail["Message-ID"] for one in post.taken}) == 2


def test_while_the_mail_server_is_away_texts_leave_and_the_mail_comes_later(
    scene: Scene, number: Number, post: MailServer
) -> None:
    post.refuse()
    alarmed(scene, number)
    scene.mails()
    scene.mails()
    dana = scene.contact()
    broadcast(scene, [dana])
    scene.works()
    assert len(scene.taken(dana)) == 1

    post.listen()
    scene.mails()
    assert post.taken == [], "It is tried again after a minute."
    with scene.later(minutes=2):
        scene.mails()
        scene.mails()
    assert len(post.taken) == 1


def test_an_alarm_that_somebody_has_answered_is_not_mailed(
    scene: Scene, number: Number, post: MailServer
) -> None:
    action, _people = alarmed(scene, number)
    page(scene, action).form("/resume").send(reason="They were on the list by mistake")
    scene.mails()
    assert post.taken == []


def test_an_address_that_the_server_does_not_know_holds_up_nobody_else(
    scene: Scene, number: Number, post: MailServer
) -> None:
    factories.owner(scene.campaign)
    alarmed(scene, number)
    post.answers = {"RCPT": "550 no such user"}
    scene.mails()
    post.answers = {}
    with scene.later(hours=1):
        scene.mails()
    assert post.taken == []
    assert [one.state for one in db.session.scalars(select(AlarmMail))] == [MailState.FAILED] * 2


def test_a_name_from_outside_changes_nothing_but_the_words(
    scene: Scene, number: Number, post: MailServer
) -> None:
    action, _people = alarmed(scene, number)
    with transaction():
        action.name = "Rally 🎪 <b>, Bcc: eve@example.org {0.__class__} %s"
    scene.mails()
    (came,) = post.taken
    assert came.to == [scene.admin.user.email] and came.mail["Bcc"] is None
    assert action.name in came.mail["Subject"] and action.name in came.mail.get_content()


def test_a_worker_mails_by_itself_and_a_mail_server_that_hangs_holds_up_no_text(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    maya, dana = factories.owner(), factories.contact()
    factories.number(kind=NumberKind.BROADCAST)
    rung = factories.action(factories.contact(), kind=ActionKind.BROADCAST, launched=False)
    with transaction():
        rung.alarm = "It was not sent as scheduled."
        alarm_mails.announce(rung, rung.alarm, now=utc_now())
    factories.action(dana, kind=ActionKind.BROADCAST)
    with MailServer() as server:
        monkeypatch.setenv("HEED_SMTP_URL", server.url)
        server.speaks.clear()
        with installed(settings) as (heed, carrier):
            heed.worker()
            assert len(carrier.wait(1, dana.phone, seconds=30)) == 1
            assert server.taken == []
            server.speaks.set()
            deadline = time.monotonic() + 90
            while not server.taken and time.monotonic() < deadline:
                time.sleep(0.1)
    assert [one.to for one in server.taken] == [[maya.email]]


def test_a_scheduled_broadcast_goes_out_by_itself_with_safeguard_asked_then(
    scene: Scene, number: Number
) -> None:
    scene.imports(rows(("Ana", "+13125550171"), ("Ben", "+13125550172")), SUBSCRIBED)
    action = built(scene)
    at = (utc_now() + timedelta(hours=2)).isoformat()
    scene.admin.post(f"/actions/{action.id}/schedule", at=at, seen="2")
    assert state(action) is ActionState.SCHEDULED
    scene.minute_passes()
    scene.works()
    assert texts_per_person(scene) == Counter()
    scene.hears("+13125550172", "STOP", to=number)

    with scene.later(hours=2, minutes=1):
        scene.minute_passes()
        scene.works()

    assert texts_per_person(scene) == Counter({"+13125550171": 1})
    assert state(action) is ActionState.LIVE
    assert db.session.scalars(select(JobRun.job).distinct()).all() == ["each_minute"]


def test_replies_land_with_the_texters_it_names(scene: Scene, number: Number) -> None:
    scene.imports(rows(("Ana", "+13125550171")), SUBSCRIBED)
    other = scene.person(factories.texter(scene.campaign, name="Luis Ortega"))
    action = built(scene, who="chosen", texters=[scene.texter.user.id])
    sent(scene, action)
    scene.works()

    scene.hears("+13125550171", "Where is it?", to=number)

    assert scene.texter.inbox().says("Where is it?")
    assert not other.inbox().says("Where is it?")
    ana = found(scene, "+13125550171")
    scene.texter.replies(scene.conversation(ana), "At the library.")
    scene.works()
    assert scene.taken(ana)[1:] == ["At the library."]


def test_somebody_out_of_peer_to_peer_texts_still_gets_broadcasts(
    scene: Scene, number: Number
) -> None:
    dana = scene.contact(opted_out_of=Texting.P2P)
    broadcast(scene, [dana])
    scene.works()
    assert len(scene.taken(dana)) == 1
