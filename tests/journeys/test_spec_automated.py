"""The page “Managing Texting Opt-Outs”: automated texting, and the opt-in keyword.

The halves of its sentences that speak of Automated Texting or of coming back, and the rows of
what may and may not lift an opt-out; broadcasts are tried elsewhere.
"""

import pytest

from tests import factories
from tests.journeys.scene import Scene
from tests.journeys.screens import visit
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    Actor,
    Answerer,
    Contact,
    Event,
    Number,
    NumberKind,
    OptOutSource,
    Texting,
)
from webapp.services import launches, optouts

P2P, BROADCAST = "Opt Out (P2P)", "Opt Out (Broadcast)"
ANSWER = "Thanks, {first_name}! Reply STOP to opt out."
ANSWERED = "Thanks, Dana! Reply STOP to opt out."


@pytest.fixture
def number(scene: Scene) -> Number:
    """The campaign's broadcast number."""
    kind = NumberKind.BROADCAST
    return factories.number(scene.campaign, kind=kind, phone="+12025550109")


def automate(scene: Scene, keywords: str, *, opts_in: bool = False) -> Action:
    """An admin writes an automated action down and turns it on, at the browser."""
    screen = scene.admin.open("/actions/automated/new")
    fields = {"name": f"Answers {keywords}", "keywords": keywords, "answer": ANSWER}
    saved = screen.form("/new").send(**fields, **({"opts_in": "y"} if opts_in else {}))
    assert saved.status == 200, saved.words
    turned_on = saved.form("/turn-on").send()
    assert turned_on.says("Live")
    db.session.rollback()
    return db.session.query(Action).order_by(Action.id.desc()).first() or pytest.fail("No action")


def test_a_stop_to_an_automated_text_adds_opt_out_broadcast(scene: Scene, number: Number) -> None:
    """“… or Opt Out (Broadcast) for a Broadcast or Automated Texting action.”"""
    automate(scene, "VOLUNTEER")
    dana = scene.contact()
    scene.hears(dana, "Volunteer", to=number)
    scene.works()
    assert scene.taken(dana) == [ANSWERED]

    scene.hears(dana, "STOP", to=number)

    assert scene.tags_of(dana) == {BROADCAST}


def test_its_thread_is_in_no_inbox_of_a_user(scene: Scene, number: Number) -> None:
    """“Note that users will not see conversation threads that result in automatically-tracked
    opt-out response in their inboxes”"""
    action = automate(scene, "VOLUNTEER")
    dana = scene.contact()
    scene.hears(dana, "VOLUNTEER", to=number)
    scene.works()
    scene.hears(dana, "What time on Saturday?", to=number)
    thread = scene.conversation(dana, action)
    assert scene.texter.inbox("needs").says("What time on Saturday?")

    scene.hears(dana, "STOP", to=number)

    for view in ("needs", "unread", "all", "archived"):
        assert not scene.texter.inbox(view).says("Dana")
    assert scene.texter.thread(thread).status == 404


def test_nobody_opted_out_is_answered_by_an_automated_action(scene: Scene, number: Number) -> None:
    """“… they can never be messaged again from that type of texting on Impactive”"""
    automate(scene, "VOLUNTEER")
    dana = scene.contact(opted_out_of=Texting.BROADCAST)

    for n in range(3):
        with scene.later(minutes=10 * n + 10):
            scene.hears(dana, "VOLUNTEER", to=number)
            scene.works()

    assert scene.taken(dana) == []
    assert scene.tags_of(dana) == {BROADCAST}


@pytest.mark.parametrize("word", ["START", "Unstop", "JOIN!", "subscribe", "RALLY"])
def test_an_opt_in_keyword_is_the_way_back_to_broadcasts(
    scene: Scene, number: Number, word: str
) -> None:
    """“(… or the contact explicitly re-opts-in to broadcast via an opt-in keyword)”"""
    automate(scene, "RALLY", opts_in=True)
    automate(scene, "VOLUNTEER")
    dana = scene.contact(opted_out_of=Texting.BROADCAST)
    with transaction():
        optouts.record(
            dana, Texting.P2P, source=OptOutSource.ADMIN, by=scene.admin.user, now=utc_now()
        )

    with scene.later(minutes=10):
        scene.hears(dana, word, to=number)
    assert scene.tags_of(dana) == {P2P}, "Opt Out (P2P) isn't affected."
    (entry,) = scene.trail(dana, Event.OPT_OUT_LIFTED)
    assert (entry.actor, entry.texting) == (Actor.CONTACT, Texting.BROADCAST)
    assert entry.message_id is not None

    with scene.later(minutes=20):
        scene.hears(dana, "VOLUNTEER", to=number)
        scene.works()
    assert scene.taken(dana)[-1] == ANSWERED


def test_after_a_stop_and_a_join_safeguard_lets_them_through_again_in_broadcasts_alone(
    scene: Scene, number: Number
) -> None:
    """“Opted-out contacts will be automatically suppressed … for any future texting actions”"""
    dana = scene.contact()
    scene.hears(dana, "STOP", to=number)
    broadcast = scene.action(dana, launched=False, kind=ActionKind.BROADCAST)
    assert launches.preview(broadcast).suppressed == {"opted_out": 1}

    with scene.later(minutes=1):
        scene.hears(dana, "JOIN", to=number)
    assert launches.preview(broadcast).ready == 1

    with scene.later(minutes=2):
        scene.hears(dana, "STOP", to=number)
    assert launches.preview(broadcast).suppressed == {"opted_out": 1}


def test_the_broadcast_tag_is_in_its_report_settings_and_a_report_applies_it(
    scene: Scene, number: Number
) -> None:
    """“Make sure that the opt-out tag (either P2P or broadcast) is added to the Report Settings”;
    “apply the … Opt Out (Broadcast) tag in the report … Their report will then apply the tag”"""
    action = automate(scene, "VOLUNTEER")
    assert scene.admin.open(f"/actions/{action.id}/report-settings").says(BROADCAST)
    dana = scene.contact()
    scene.hears(dana, "VOLUNTEER", to=number)
    scene.works()
    scene.hears(dana, "Please do not text me anymore", to=number)
    thread = scene.conversation(dana, action)
    assert scene.tags_of(dana) == set()

    report = scene.texter.report(thread)
    assert report.says(BROADCAST)
    scene.texter.reports(thread, scene.built_in(Texting.BROADCAST))

    assert scene.tags_of(dana) == {BROADCAST}
    with scene.later(minutes=5):
        scene.hears(dana, "VOLUNTEER", to=number)
        scene.works()
    assert len(scene.taken(dana)) == 1


# Paused and finished


def asked(scene: Scene, number: Number) -> tuple[Action, Contact]:
    """Somebody has texted the keyword, and no worker has sent the answer yet."""
    action, dana = automate(scene, "VOLUNTEER"), scene.contact()
    scene.hears(dana, "VOLUNTEER", to=number)
    return action, dana


def press(scene: Scene, action: Action, what: str) -> None:
    assert scene.admin.post(f"/actions/{action.id}/{what}").status_code == 303


def test_a_paused_automated_action_holds_its_answers_and_a_quick_resume_lets_them_leave(
    scene: Scene, number: Number
) -> None:
    action, dana = asked(scene, number)
    press(scene, action, "pause")
    scene.works()
    scene.sends_some()
    assert scene.taken(dana) == []

    with scene.later(minutes=50):
        scene.sweeps()
        press(scene, action, "resume")
        scene.works()

    assert scene.taken(dana) == [ANSWERED]


@pytest.mark.parametrize("swept", [True, False], ids=["swept", "no worker meanwhile"])
def test_an_answer_that_was_held_for_more_than_an_hour_is_given_to_people(
    scene: Scene, number: Number, swept: bool
) -> None:
    action, dana = asked(scene, number)
    thread = scene.conversation(dana, action)
    assert not scene.texter.inbox("needs").says("Dana")
    press(scene, action, "pause")

    with scene.later(hours=3):
        if swept:
            scene.sweeps()
            assert scene.texter.inbox("needs").says("Dana")
        press(scene, action, "resume")
        scene.works()
        assert scene.taken(dana) == []
        assert scene.texter.inbox("needs").says("Dana")
        scene.texter.replies(thread, "Hi Dana, we meet on Saturday at ten.")
        scene.works()

    assert scene.taken(dana) == ["Hi Dana, we meet on Saturday at ten."]


def test_what_an_automated_action_that_is_over_has_queued_never_leaves(
    scene: Scene, number: Number
) -> None:
    action, dana = asked(scene, number)
    press(scene, action, "finish")
    scene.works()
    assert scene.taken(dana) == []
    assert scene.texter.inbox("needs").says("Dana"), "People answer instead."


def test_the_answer_outside_its_own_conversation_is_held_as_well(
    scene: Scene, number: Number
) -> None:
    """After a STOP the talk goes on in a conversation that belongs to no action."""
    action, dana = automate(scene, "JOIN", opts_in=True), scene.contact()
    for minutes, word in enumerate(("JOIN", "STOP"), start=1):
        with scene.later(minutes=minutes):
            scene.hears(dana, word, to=number)
            scene.works()
    before = scene.taken(dana)
    with scene.later(minutes=10):
        scene.hears(dana, "JOIN", to=number)
        press(scene, action, "pause")
        scene.works()
        assert scene.taken(dana) == before
        press(scene, action, "finish")
    with scene.later(minutes=11):
        scene.works()
    assert scene.taken(dana) == before


# What lifts an opt-out, and what does not


@pytest.mark.parametrize(
    "said",
    [
        "start sending me signs",
        "Yes",
        "I want to join again",
        "ok you can text me again",
        "VOLUNTEER",
        "HELP",
        "👍",
    ],
)
def test_any_other_incoming_text_never_lifts(scene: Scene, number: Number, said: str) -> None:
    automate(scene, "VOLUNTEER")
    dana = scene.contact(opted_out_of=Texting.BROADCAST)
    with scene.later(minutes=10):
        scene.hears(dana, said, to=number)
        scene.works()
    assert scene.tags_of(dana) == {BROADCAST}
    assert scene.taken(dana) == []


def test_start_to_the_p2p_number_goes_to_wrote_back(scene: Scene, number: Number) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")
    with scene.later(minutes=10):
        scene.hears(dana, "START")
    assert scene.tags_of(dana) == {P2P}
    assert scene.admin.open(f"/data/contacts/{dana.id}").says("Wrote back after opting out")


def test_a_stop_and_a_start_within_five_seconds_leave_the_opt_out(
    scene: Scene, number: Number
) -> None:
    dana = scene.contact()
    scene.hears(dana, "STOP", to=number)
    scene.hears(dana, "START", to=number)
    assert scene.tags_of(dana) == {BROADCAST}


def test_a_start_that_is_delivered_again_after_a_stop_leaves_the_opt_out(
    scene: Scene, number: Number
) -> None:
    dana = scene.contact()
    scene.hears(dana, "START", to=number, sid="SM" + "a" * 32)
    scene.hears(dana, "STOP", to=number)
    with scene.later(minutes=10):
        again = scene.hears(dana, "START", to=number, sid="SM" + "a" * 32)
    assert again.status_code == 200
    assert scene.tags_of(dana) == {BROADCAST}


def test_a_new_stop_after_an_opt_in_is_a_new_opt_out_with_a_new_confirmation(
    scene: Scene, number: Number
) -> None:
    with transaction():
        db.session.get_one(Number, number.id).confirmation_by = Answerer.HEED
    dana = scene.contact()
    for n, word in enumerate(("STOP", "JOIN", "STOP")):
        with scene.later(minutes=2 * n):
            scene.hears(dana, word, to=number)
            scene.works()
    assert scene.tags_of(dana) == {BROADCAST}
    assert scene.taken(dana) == [scene.campaign.confirmation_text] * 2


# The sign-up form


def test_a_sign_up_form_texts_nobody_until_the_keyword_arrives(
    scene: Scene, number: Number
) -> None:
    automate(scene, "RALLY", opts_in=True)
    made = scene.admin.open("/actions/automated/sign-up-forms/new")
    fields = {"title": "Rally list", "keyword": "RALLY", "number": str(number.id)}
    made.form("/new").send(**fields)
    dana = scene.contact(opted_out_of=Texting.BROADCAST)
    visitor = scene.browser()

    page = visit(visitor, "/f/rivera-rally-list")
    step = page.form("/f/rivera-rally-list").send(phone=dana.phone, first_name="Dana")
    scene.works()

    assert step.says("Text RALLY to (202) 555-0109")
    assert f"sms:{number.phone}?&body=RALLY" in step.links().values()
    assert scene.tags_of(dana) == {BROADCAST} and scene.taken(dana) == []

    with scene.later(minutes=10):
        scene.hears(dana, "Rally", to=number)
        scene.works()
    assert scene.tags_of(dana) == set() and scene.taken(dana) == [ANSWERED]
