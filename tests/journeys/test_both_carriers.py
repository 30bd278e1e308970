"""What broadcasts, automated texting and the way back promise, by each of the two carriers."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from click.testing import CliRunner

from tests import factories
from tests.journeys.scene import Scene
from webapp.cli.optout_importing import bring_in as bring_in_opt_outs
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    Answerer,
    Contact,
    Event,
    Number,
    NumberKind,
    Texting,
)
from webapp.services import contacts_by_phone

P2P, BROADCAST = "Opt Out (P2P)", "Opt Out (Broadcast)"
ANSWER = "Thanks, {first_name}! Reply STOP to opt out."
REQUEST = "Please do not text me anymore"


@pytest.fixture
def number(either_scene: Scene) -> Number:
    """The campaign's broadcast number; Heed confirms and helps there."""
    return factories.number(
        either_scene.campaign,
        kind=NumberKind.BROADCAST,
        phone="+12025550109",
        confirmation_by=Answerer.HEED,
        help_by=Answerer.HEED,
    )


def changed(row: Any, **values: object) -> None:
    """Set something as its settings page would."""
    with transaction():
        found = db.session.get_one(type(row), row.id)
        for name, value in values.items():
            setattr(found, name, value)


def broadcast(scene: Scene, *people: Contact, **values: Any) -> Action:
    return factories.action(*people, kind=ActionKind.BROADCAST, of=scene.campaign, **values)


def firsts(scene: Scene, contact: Contact) -> int:
    """How many first texts to somebody the carrier has; confirmations are counted apart."""
    sent = [one.body for one in scene.messages(contact, kind="first", state="sent")]
    return len([body for body in scene.taken(contact) if body in sent])


def automated(scene: Scene, keyword: str, *, opts_in: bool = False) -> None:
    screen = scene.admin.open("/actions/automated/new")
    fields = {"name": f"Answers {keyword}", "keywords": keyword, "answer": ANSWER}
    saved = screen.form("/new").send(**fields, **({"opts_in": "y"} if opts_in else {}))
    assert saved.form("/turn-on").send().says("Live")


def test_a_broadcast_reaches_those_who_opted_in_and_nobody_who_stops(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana, ben, out = (scene.contact(name) for name in ("Dana Ruiz", "Ben Ortiz", "Cleo Park"))
    stranger = scene.contact("Dan Wu", subscribed_at=None)
    scene.hears(out, "STOP", to=number)

    first = broadcast(scene, dana, ben, out, stranger, name="Rally")
    scene.works()
    assert [firsts(scene, one) for one in (dana, ben, out, stranger)] == [1, 1, 0, 0]

    scene.hears(dana, "stop!", to=number)
    broadcast(scene, dana, ben, name="The day before")
    scene.works()

    assert scene.tags_of(dana) == {BROADCAST}
    assert [firsts(scene, one) for one in (dana, ben)] == [1, 2]
    assert scene.admin.open(f"/actions/{first.id}").says("2 of 2 sent", "2 of 4 contacts let")


def test_an_action_of_one_kind_still_reaches_those_who_left_the_other(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana, ben = scene.contact(opted_out_of=Texting.P2P), scene.contact("Ben Ortiz")

    broadcast(scene, dana, ben, name="Rally")
    scene.works()
    scene.texted(dana, ben, name="Door to door")

    assert [len(scene.taken(one)) for one in (dana, ben)] == [1, 2]


def test_a_keyword_is_answered_and_opt_out_help_and_opt_in_go_before_it(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    automated(scene, "VOLUNTEER")
    dana, ben, cleo = scene.contact(), scene.contact("Ben Ortiz"), scene.contact("Cleo Park")

    scene.hears(dana, "volunteer!", to=number)
    scene.hears(ben, "HELP", to=number)
    scene.hears(cleo, "STOP", to=number)
    scene.hears(cleo, "VOLUNTEER", to=number)
    scene.works()

    assert scene.taken(dana) == ["Thanks, Dana! Reply STOP to opt out."]
    assert [one.kind.value for one in scene.messages(ben, direction="out")] == ["help"]
    assert [one.kind.value for one in scene.messages(cleo, direction="out")] == ["confirmation"]
    assert scene.tags_of(cleo) == {BROADCAST}


@pytest.mark.parametrize("word", ["START", "Unstop.", "JOIN", "subscribe", "RALLY"])
def test_an_opt_in_keyword_lifts_opt_out_broadcast_alone(
    either_scene: Scene, number: Number, word: str
) -> None:
    scene = either_scene
    automated(scene, "RALLY", opts_in=True)
    dana = scene.contact(opted_out_of=Texting.P2P)
    scene.hears(dana, "STOP", to=number)

    with scene.later(seconds=10):
        scene.hears(dana, word, to=number)

    assert scene.tags_of(dana) == {P2P}
    [lifted] = scene.trail(dana, Event.OPT_OUT_LIFTED)
    assert lifted.message_id == scene.messages(dana, direction="in")[-1].id


def test_start_to_a_p2p_number_and_right_after_a_stop_lifts_nothing(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")
    scene.hears(dana, "STOP", to=number)

    scene.hears(dana, "START", to=number)
    with scene.later(minutes=1):
        scene.hears(dana, "START")

    assert scene.tags_of(dana) == {P2P, BROADCAST}
    wrote_back = [one for one in scene.messages(dana, direction="in") if one.wrote_back]
    assert [one.body for one in wrote_back] == ["START", "START"]


def test_one_confirmation_goes_out_however_often_they_stop_and_whatever_the_hour(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    changed(scene.campaign, opens_minute=0, closes_minute=1)
    dana = scene.contact()

    for word in ("STOP", "stop", "Unsubscribe"):
        scene.hears(dana, word, to=number)
        scene.works()

    [confirmation] = scene.messages(dana, direction="out")
    assert (confirmation.kind.value, confirmation.state.value) == ("confirmation", "sent")
    assert len(scene.taken(dana)) == 1


def test_the_same_number_goes_on_talking_to_a_contact(either_scene: Scene) -> None:
    scene = either_scene
    second = factories.number(scene.campaign, kind=NumberKind.P2P, phone="+12025550110")
    dana, ben = scene.contact(), scene.contact("Ben Ortiz")
    scene.texted(dana)

    scene.texted(dana, ben, name="The day before", number_id=second.id)

    senders = {one.to: one.sender for one in scene.carrier.arrivals()}
    assert senders == {dana.phone: scene.phone, ben.phone: second.phone}


def test_outside_texting_hours_texts_wait_and_are_not_suppressed(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana = scene.contact()
    changed(scene.campaign, opens_minute=0, closes_minute=1)  # One minute after midnight.
    with time_machine.travel((utc_now() + timedelta(days=1)).replace(hour=19)):
        action = broadcast(scene, dana, name="Rally")
        scene.works()
        assert scene.taken(dana) == []
        assert scene.admin.open(f"/actions/{action.id}").says("0 of 1 sent")

        changed(scene.campaign, opens_minute=0, closes_minute=1440)
        with scene.later(minutes=1):
            scene.works()

    assert len(scene.taken(dana)) == 1


def test_under_the_recontact_lock_texts_wait_and_are_not_suppressed(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana, ben = scene.contact(), scene.contact("Ben Ortiz")
    changed(scene.campaign, recontact_lock_hours=6)
    broadcast(scene, dana, name="Rally")
    scene.works()

    second = broadcast(scene, dana, ben, name="The day before")
    scene.works()
    assert [len(scene.taken(one)) for one in (dana, ben)] == [1, 1]
    assert scene.admin.open(f"/actions/{second.id}").says("1 of 2 sent")

    with scene.later(hours=7):
        scene.works()
    assert [len(scene.taken(one)) for one in (dana, ben)] == [2, 1]


def test_a_request_in_free_words_waits_for_an_admin_and_is_then_an_opt_out(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana = scene.contact()
    broadcast(scene, dana, name="Rally")
    scene.works()

    scene.hears(dana, REQUEST, to=number)
    assert scene.tags_of(dana) == set()
    page = scene.admin.open("/data/opt-outs/possible")
    assert page.says(REQUEST, "Dana")
    [asked] = scene.messages(dana, direction="in")
    scene.admin.post(f"/data/opt-outs/possible/{asked.id}/mark", kinds="broadcast")

    assert scene.tags_of(dana) == {BROADCAST}
    broadcast(scene, dana, scene.contact("Ben Ortiz"), name="The day before")
    scene.works()
    assert len(scene.taken(dana)) == 1


def test_opt_outs_of_another_system_hold_also_for_phones_that_come_later(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana = scene.contact()
    file = scene.app.extensions["settings"].instance / "opt-outs.csv"
    file.write_text(f"phone\n{dana.phone}\n(312) 555-0198\n", encoding="utf-8")
    words = [scene.slug, str(file), "--kind=both", "--source=The system before", "--json"]
    for _ in range(2):
        with scene.app.app_context():
            done = CliRunner().invoke(bring_in_opt_outs, words, catch_exceptions=False)
        assert done.exit_code == 0, done.output

    scene.imports("First name,Phone\nBen,+13125550198\n", "--subscribed=A sign-up sheet")
    ben = contacts_by_phone.find(scene.campaign.id, "+13125550198")
    assert ben is not None
    cleo = scene.contact("Cleo Park")
    broadcast(scene, dana, ben, cleo, name="Rally")
    scene.works()

    assert scene.tags_of(dana) == scene.tags_of(ben) == {P2P, BROADCAST}
    assert scene.taken() == scene.taken(cleo) != []
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 2


def test_a_word_of_ones_own_stops_from_then_on_and_shows_first_who_wrote_it(
    either_scene: Scene, number: Number
) -> None:
    scene = either_scene
    dana, ben = scene.contact(), scene.contact("Ben Ortiz")
    broadcast(scene, dana, ben, name="Rally")
    scene.works()
    scene.hears(dana, "Basta ya", to=number)

    looked = scene.admin.post("/settings/stop-words", do="add", word="BASTA YA")
    assert "would have been opted out" in looked.text
    assert f"/data/contacts/{dana.id}" in looked.text
    assert scene.tags_of(dana) == set()
    scene.admin.post("/settings/stop-words", do="add", word="BASTA YA", anyway="1")
    scene.hears(ben, "¡Basta ya!", to=number)

    assert scene.tags_of(ben) == {BROADCAST}


@pytest.mark.parametrize("is_on", [True, False])
def test_one_opt_out_stops_both_kinds_if_the_campaign_wants_it(
    either_scene: Scene, number: Number, is_on: bool
) -> None:
    scene = either_scene
    changed(scene.campaign, one_opt_out_stops_both=is_on)
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, "STOP")
    broadcast(scene, dana, scene.contact("Ben Ortiz"), name="Rally")
    scene.works()

    assert scene.tags_of(dana) == ({P2P, BROADCAST} if is_on else {P2P})
    assert len(scene.taken(dana)) == (1 if is_on else 2)
