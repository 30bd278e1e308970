"""Edge cases of opting out of P2P texts, as the research on the domain lists them (part e)."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests import factories
from tests.journeys.scene import STATUS, Scene, states
from tests.journeys.screens import Screen, visit
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionTally,
    Answerer,
    CarrierBlock,
    Contact,
    Conversation,
    Event,
    Message,
    MessageKind,
    MessageState,
    NumberKind,
    OptOutSource,
    Reason,
    Recipient,
    RecipientState,
    Report,
    Texting,
)
from webapp.services import (
    actions,
    inbox_live,
    launches,
    optouts,
    report_settings,
    scripts,
    upkeep,
)
from webapp.services.scripts import Reply

P2P, BROADCAST = "Opt Out (P2P)", "Opt Out (Broadcast)"
VIEWS = ("needs", "unread", "all", "archived")
ASKS = "Please do not text me anymore"


def lift(scene: Scene, contact: Contact) -> None:
    with transaction():
        optouts.lift(
            contact,
            Texting.P2P,
            reason="Dana called the office and asked to hear from us",
            agreed="spoke",
            by=scene.admin.user,
            now=utc_now(),
        )


# e-1: recognising the reply


def test_a_reaction_to_our_own_text_with_stop_in_it_is_neither_stop_nor_hint_nor_work(
    scene: Scene,
) -> None:
    dana = scene.contact()
    scene.texted(dana)
    ours = scene.taken(dana)[0]
    assert "STOP" in ours

    for reaction in (
        f"Liked “{ours}”",
        f'Emphasized "{ours}"',
        "Loved an image",
        f"👍 to “{ours}”",
    ):
        scene.hears(dana, reaction)

    assert scene.tags_of(dana) == set()
    heard = scene.messages(dana, direction="in")
    assert [(one.is_reaction, one.hint) for one in heard] == [(True, None)] * 4
    thread = scene.conversation(dana)
    assert (thread.needs_attention, thread.is_unread) == (False, False)
    assert scene.texter.thread(thread).forms("/reply")


@pytest.mark.parametrize("word", ["HELP", "INFO", "help!"])
def test_a_call_for_help_changes_nothing(scene: Scene, word: str) -> None:
    dana = scene.contact()
    scene.texted(dana)

    assert scene.hears(dana, word).status_code == 200
    scene.works()

    assert scene.tags_of(dana) == set()
    assert scene.trail(dana, Event.OPTED_OUT, Event.OPT_OUT_LIFTED) == []
    assert not scene.conversation(dana).is_hidden
    scene.texter.texts_everyone(scene.action(dana))
    scene.works()
    assert len(scene.taken(dana)) == 2, "The carrier answers HELP; both first texts went out."


def test_a_call_for_help_is_answered_once_a_day_where_heed_answers(scene: Scene) -> None:
    with transaction():
        scene.number.help_by = Answerer.HEED
    dana = scene.contact()
    scene.texted(dana)

    for _ in range(3):
        scene.hears(dana, "HELP")
        scene.works()
    assert scene.taken(dana)[1:] == [scene.campaign.help_text]
    with scene.later(hours=25):
        scene.hears(dana, "HELP")
        scene.works()

    assert scene.taken(dana)[1:] == [scene.campaign.help_text] * 2
    assert scene.tags_of(dana) == set()


def test_a_call_for_help_of_somebody_opted_out_lifts_nothing_and_gets_no_answer(
    scene: Scene,
) -> None:
    with transaction():
        scene.number.help_by = Answerer.HEED
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")

    scene.hears(dana, "HELP")
    scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert len(scene.taken(dana)) == 1


@pytest.mark.parametrize("said", ["basta de mensajes", "Détruire", "", "🚫"])
def test_the_carriers_word_for_it_is_obeyed_whatever_was_written(scene: Scene, said: str) -> None:
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, said, OptOutType="STOP")

    assert scene.tags_of(dana) == {P2P}
    assert scene.conversation(dana).is_hidden


def test_the_carriers_start_lifts_no_tag(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP", OptOutType="STOP")

    with scene.later(minutes=10):
        scene.hears(dana, "START", OptOutType="START")

    assert scene.tags_of(dana) == {P2P}


@pytest.mark.parametrize("said", ["NO", "Wrong number", "1", "", "stop by the office 😊 " * 200])
def test_answers_photos_and_long_texts_opt_nobody_out(scene: Scene, said: str) -> None:
    dana = scene.contact()
    scene.texted(dana)

    picture = {"NumMedia": "1", "MediaUrl0": "https://api.twilio.com/media/1"} if not said else {}
    assert scene.hears(dana, said, **picture).status_code == 200

    assert scene.tags_of(dana) == set()
    assert scene.texter.inbox("needs").says("Dana Whitfield")


# e-2: which tag, and to whom


def test_a_stop_counts_for_every_campaign_that_texted_from_a_shared_number(scene: Scene) -> None:
    silent = factories.campaign(name="Okafor for School Board")
    factories.number(silent, phone=scene.phone, kind=NumberKind.P2P)
    other = factories.campaign(name="Nguyen for Clerk", slug="nguyen")
    factories.number(other, phone=scene.phone, kind=NumberKind.P2P)
    here, quiet, there = (
        scene.contact(phone="+12025550142", of=home) for home in (scene.campaign, silent, other)
    )
    scene.texted(here)
    theirs = scene.person(factories.texter(other), other)
    theirs.texts_everyone(scene.action(there, of=other))
    scene.works()
    assert len(scene.taken(here)) == 2

    scene.hears("+12025550142", "STOP")

    assert scene.tags_of(here) == {P2P}
    assert scene.tags_of(there) == {P2P}
    assert scene.tags_of(quiet) == set(), "It never texted this phone."
    assert scene.conversation(here).is_hidden
    assert scene.conversation(there).is_hidden


def test_a_stop_before_any_text_counts_for_every_campaign_that_holds_the_number(
    scene: Scene,
) -> None:
    other = factories.campaign(name="Okafor for School Board")
    factories.number(other, phone=scene.phone, kind=NumberKind.P2P)

    scene.hears("+12025550142", "STOP")

    known = db.session.query(Contact).filter_by(phone="+12025550142").all()
    assert {one.campaign_id for one in known} == {scene.campaign.id, other.id}
    assert [scene.tags_of(one) for one in known] == [{P2P}, {P2P}]


def test_an_ordinary_reply_to_a_shared_number_reaches_the_campaign_that_texted_last(
    scene: Scene,
) -> None:
    other = factories.campaign(name="Nguyen for Clerk", slug="nguyen")
    factories.number(other, phone=scene.phone, kind=NumberKind.P2P)
    here = scene.contact(phone="+12025550142")
    there = scene.contact(phone="+12025550142", of=other)
    scene.texted(here)
    theirs = scene.person(factories.texter(other), other)
    theirs.texts_everyone(scene.action(there, of=other))
    scene.works()

    scene.hears("+12025550142", "Yes!")

    assert scene.messages(here, direction="in") == []
    assert [one.body for one in scene.messages(there, direction="in")] == ["Yes!"]


def test_a_stop_in_one_action_ends_all_of_them_running_and_to_come(scene: Scene) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    elsewhere = factories.number(scene.campaign, kind=NumberKind.P2P)
    talked = scene.texted(dana, luis, number_id=elsewhere.id)
    scene.hears(dana, "Maybe", to=elsewhere)
    running, paused = scene.action(dana, luis), scene.action(dana, luis)
    with transaction():
        actions.pause(paused, by=scene.admin.user, now=utc_now())
    scene.texted(dana)

    scene.hears(dana, "STOP")

    thread = scene.conversation(dana, talked)
    assert (thread.closed, thread.is_hidden, thread.needs_attention) == ("opted_out", False, False)
    for action in (running, paused):
        row = db.session.query(Recipient).filter_by(action_id=action.id, contact_id=dana.id).one()
        assert (row.state, row.reason) == ("suppressed", "opted_out")
        counts = launches.receipt(action)
        assert (counts.total, counts.ready, counts.suppressed) == (2, 1, {"opted_out": 1})
    assert launches.preview(scene.action(dana, luis, launched=False)).ready == 1


def test_a_finished_action_still_hears_a_stop(scene: Scene) -> None:
    dana = scene.contact()
    action = scene.texted(dana)
    with transaction():
        actions.finish(action, by=scene.admin.user, now=utc_now())

    scene.hears(dana, "STOP")

    assert scene.tags_of(dana) == {P2P}
    assert scene.conversation(dana).is_hidden


def test_a_thread_that_the_contact_began_is_hidden_by_a_stop_as_well(scene: Scene) -> None:
    scene.hears("+12025550142", "Hello, who is running this year?")
    dana = db.session.query(Contact).filter_by(phone="+12025550142").one()
    thread = scene.conversation(dana)
    with transaction():
        upkeep.reassign(thread, scene.texter.user, by=scene.admin.user, now=utc_now())
    assert scene.texter.thread(thread).status == 200

    scene.hears("+12025550142", "STOP")

    assert scene.tags_of(dana) == {P2P}
    assert scene.texter.thread(thread).status == 404
    for view in VIEWS:
        assert not scene.texter.inbox(view).link_to(f"/c/rivera/inbox/{thread.id}")


def test_what_they_write_there_later_goes_to_admins_also_after_a_lift(scene: Scene) -> None:
    scene.hears("+12025550142", "Hello, who is running this year?")
    scene.hears("+12025550142", "STOP")
    dana = db.session.query(Contact).filter_by(phone="+12025550142").one()
    lift(scene, dana)

    scene.hears("+12025550142", "Are you still there?")

    assert [one.wrote_back for one in scene.messages(dana)] == [False, False, True]
    thread = scene.conversation(dana)
    assert (thread.is_hidden, thread.needs_attention) == (True, False)


def test_whoever_took_over_a_thread_that_the_contact_began_hears_of_the_next_text(
    scene: Scene,
) -> None:
    scene.hears("+12025550142", "Hello, who is running this year?")
    dana = db.session.query(Contact).filter_by(phone="+12025550142").one()
    with transaction():
        upkeep.reassign(
            scene.conversation(dana), scene.texter.user, by=scene.admin.user, now=utc_now()
        )
    seen = inbox_live.glance(scene.campaign.id, scene.texter.user).tick

    scene.hears("+12025550142", "Anyone?")

    assert scene.texter.open(f"/inbox/live?since={seen}", htmx=True).status == 200


def test_an_opt_out_of_broadcasts_stands_beside_that_of_p2p(scene: Scene) -> None:
    dana = scene.contact(opted_out_of=Texting.BROADCAST)
    scene.texted(dana)

    scene.hears(dana, "STOP")

    assert scene.tags_of(dana) == {P2P, BROADCAST}
    entries = scene.trail(dana, Event.OPTED_OUT)
    assert [one.texting for one in entries] == [Texting.BROADCAST, Texting.P2P]


def test_one_opt_out_stops_both_kinds_where_the_campaign_says_so(scene: Scene) -> None:
    with transaction():
        scene.campaign.one_opt_out_stops_both = True
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, "STOP")

    assert scene.tags_of(dana) == {P2P, BROADCAST}


# e-3: import


def test_an_import_of_subscribers_never_clears_an_opt_out(scene: Scene) -> None:
    dana = scene.contact(phone="+12025550142")
    scene.texted(dana)
    scene.hears(dana, "STOP")

    facts = scene.imports(
        "phone,first_name,Opt Out (P2P)\n202-555-0142,Dana,no\n202-555-0143,Luis,\n",
        "--update",
        "--subscribed=Sign-up sheet at the library, 14 May",
    )

    assert scene.tags_of(dana) == {P2P}
    assert (facts["already_opted_out"], facts["rows"]) == (1, 2)
    luis = db.session.query(Contact).filter_by(phone="+12025550143").one()
    draft = scene.action(dana, luis, launched=False)
    assert launches.preview(draft).suppressed == {"opted_out": 1}


def test_a_column_of_opt_outs_only_ever_adds(scene: Scene) -> None:
    cells = ["true", "TRUE", "yes", "x", "1", "false", "no", "0", "", "maybe"]
    rows = [f"202-555-01{40 + n},Person {n},{cell}" for n, cell in enumerate(cells)]

    scene.imports("phone,first_name,Opt Out (P2P)\n" + "\n".join(rows) + "\n")

    opted_out = {
        one.first_name for one in db.session.query(Contact).all() if P2P in scene.tags_of(one)
    }
    assert opted_out == {f"Person {n}" for n in range(5)}
    assert scene.built_in().contacts == 5


# e-4: races


def test_a_reply_a_report_and_a_stop_at_once_are_one_opt_out_and_no_text(scene: Scene) -> None:
    people = [scene.contact(f"Person {n}") for n in range(6)]
    action = scene.texted(*people)
    for person in people:
        scene.hears(person, "Hm, please don't")
    threads = [scene.conversation(person, action) for person in people]
    replies = [scene.texter.thread(thread).form("/reply") for thread in threads]
    reports = [scene.texter.report(thread).form("/report") for thread in threads]
    phones, tag = [person.phone for person in people], scene.built_in().id
    ready = threading.Barrier(3)

    def stop(n: int) -> int:
        ready.wait(30)
        return scene.hears(phones[n], "STOP").status_code

    def reply(n: int) -> int:
        ready.wait(30)
        return replies[n].send(body="Sorry to hear that.", anyway="y", follow=False).status

    def report(n: int) -> int:
        ready.wait(30)
        return reports[n].send(tags=[tag], note=f"Report {n}", follow=False).status

    with ThreadPoolExecutor(3) as pool:
        for n in range(len(people)):
            stopped, replied, reported = [pool.submit(do, n) for do in (stop, reply, report)]
            assert stopped.result(60) == 200
            assert replied.result(60) in (303, 409)
            assert reported.result(60) in (303, 409)
    with scene.later(hours=1):
        scene.works()

    for n, person in enumerate(people):
        assert scene.tags_of(person) == {P2P}
        assert len(scene.trail(person, Event.OPTED_OUT)) == 1
        assert len(scene.trail(person, Event.OPT_OUT_REPEATED)) == 1
        assert len(scene.taken(person)) == 1, "The first text and nothing after it."
        assert states(scene.messages(person, kind="reply")) in ([], ["cancelled"])
        assert scene.conversation(person).is_hidden
        report_row = db.session.query(Report).filter_by(contact_id=person.id).one()
        assert report_row.note == f"Report {n}"
    assert scene.built_in().contacts == len(people)


def test_a_stop_while_composing_replaces_the_thread_and_sends_nothing(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "Who is this?")
    thread = scene.conversation(dana)
    form = scene.texter.thread(thread).form("/reply")

    scene.hears(dana, "Stop!")
    part = Screen(
        scene.texter.browser,
        scene.texter.browser.post(
            form.path, data={**dict(form.filled()), "body": "It's Jordan"}, htmx=True
        ),
    )

    assert part.status == 409
    assert "Dana asked to stop" in part.response.text.replace("’", "'")
    assert "Who is this?" not in part.response.text
    scene.works()
    assert len(scene.taken(dana)) == 1
    assert scene.texter.thread(thread).status == 404


def test_a_report_that_crosses_a_stop_keeps_its_other_tags(scene: Scene) -> None:
    will_vote = factories.tag("Will vote", of=scene.campaign)
    dana = scene.contact()
    action = scene.texted(dana)
    scene.admin.open(f"/actions/{action.id}/report-settings").press("Add a tag", tag=will_vote.id)
    scene.hears(dana, "Yes, but no more texts")
    form = scene.texter.report(scene.conversation(dana)).form("/report")

    scene.hears(dana, "STOP")
    answer = form.send(tags=[will_vote.id, scene.built_in().id])

    assert answer.status == 409
    assert answer.says("Your report was saved.")
    assert scene.tags_of(dana) == {P2P, "Will vote"}
    assert len(scene.trail(dana, Event.OPTED_OUT)) == 1
    assert scene.trail(dana, Event.OPTED_OUT)[0].details["source"] == "stop_word"


def test_a_first_text_on_the_screen_is_skipped_when_they_opted_out_meanwhile(
    scene: Scene,
) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    action = scene.action(dana, luis)
    card = scene.texter.takes_a_batch(action)
    shown = dana if card.says("Send to Dana") else luis
    scene.hears(shown, "STOP")

    after = card.form("/send").send()

    assert after.says(f"Skipped {shown.first_name}. They've opted out.")
    assert scene.messages(shown, direction="out") == []
    counts = launches.receipt(action)
    assert (counts.total, counts.suppressed) == (2, {"opted_out": 1})


def test_one_tap_is_one_text_however_often_it_is_sent(scene: Scene) -> None:
    dana = scene.contact()
    card = scene.texter.takes_a_batch(scene.action(dana))
    form = card.form("/send")

    for _ in range(5):
        form.send()
    scene.works()

    assert len(scene.taken(dana)) == 1


# The carrier knows of it


def test_an_opt_out_that_only_the_carrier_knows_is_learned_from_its_refusal(scene: Scene) -> None:
    dana = scene.contact()
    scene.carrier.opted_out(dana.phone)

    scene.texted(dana)

    assert states(scene.messages(dana)) == ["failed"]
    assert scene.tags_of(dana) == {P2P}
    entry = scene.trail(dana, Event.OPTED_OUT)[0]
    assert (entry.actor, entry.details["source"]) == ("carrier", "carrier")
    assert len(scene.trail(dana, Event.CARRIER_BLOCKED)) == 1
    assert db.session.get(CarrierBlock, (scene.number.id, dana.id)) is not None
    lift(scene, dana)
    draft = scene.action(dana, scene.contact("Luis Ortega"), launched=False)
    assert launches.preview(draft).suppressed == {"carrier_block": 1}


def test_the_carriers_start_lifts_its_block_and_leaves_the_tag_to_an_admin(scene: Scene) -> None:
    dana = scene.contact()
    scene.carrier.opted_out(dana.phone)
    scene.texted(dana)
    scene.carrier.reset()

    scene.hears(dana, "START", OptOutType="START")

    assert db.session.get(CarrierBlock, (scene.number.id, dana.id)) is None
    assert len(scene.trail(dana, Event.CARRIER_UNBLOCKED)) == 1
    assert scene.tags_of(dana) == {P2P}
    lift(scene, dana)
    scene.texted(dana)
    assert len(scene.taken(dana)) == 1


def test_an_opt_out_is_learned_from_a_delivery_report_too(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    sid = scene.carrier.arrivals()[0].sid or ""

    fields = {"MessageSid": sid, "MessageStatus": "undelivered", "ErrorCode": "21610"}
    assert scene.call(STATUS, fields).status_code == 204

    assert scene.tags_of(dana) == {P2P}
    scene.texter.texts_everyone(scene.action(dana, scene.contact("Luis Ortega")))
    scene.works()
    assert len(scene.taken(dana)) == 1


# e-6: inbox and reports


def test_a_hidden_thread_is_found_by_no_texter_on_no_road(scene: Scene) -> None:
    dana = scene.contact(phone="+12025550142")
    other_action = scene.texted(dana)
    scene.hears(dana, "A very unusual sentence")
    thread = scene.conversation(dana, other_action)
    colleague = scene.person(factories.texter(scene.campaign, name="Ana Ruiz"))
    assert scene.texter.inbox("needs").says("Dana Whitfield")

    scene.hears(dana, "STOP")

    address = f"/inbox/{thread.id}"
    for person in (scene.texter, colleague):
        for view in VIEWS:
            for more in ({}, {"q": "Whitfield"}, {"q": "unusual"}, {"q": "(202) 555-0142"}):
                screen = person.inbox(view, **more)
                assert not screen.link_to(f"/c/rivera{address}")
                assert not screen.says("A very unusual sentence")
        for ending in ("", "/report", "/contact", "/replies", "/ask-admin"):
            for htmx in (False, True):
                assert person.open(address + ending, htmx=htmx).status == 404
        live = person.open(f"/inbox/live?since=0&conv={thread.id}", htmx=True)
        assert "A very unusual sentence" not in live.response.text
    for verb in ("/read", "/unread", "/archive", "/unarchive", "/dismiss-hint", "/draft"):
        assert scene.texter.post(address + verb, body="Hi").status_code in (404, 409)
        assert colleague.post(address + verb, body="Hi").status_code == 404
    assert scene.conversation(dana).is_hidden


def test_the_counts_of_a_texter_drop_with_the_thread(scene: Scene) -> None:
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texted(dana, luis)
    scene.hears(dana, "Who is this?")
    scene.hears(luis, "Who is this?")
    assert "(2)" in scene.texter.inbox("needs").response.text

    scene.hears(dana, "STOP")

    after = scene.texter.inbox("needs").response.text
    assert "(1)" in after
    assert "(2)" not in after


def test_admins_read_a_hidden_thread_from_the_contact(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "A very unusual sentence")
    scene.hears(dana, "STOP")

    page = scene.admin.open(f"/data/contacts/{dana.id}")

    assert page.status == 200
    assert page.says(P2P, "STOP")
    (href,) = [href for href in page.links().values() if "/conversations/" in href]
    assert page.open(href).says("A very unusual sentence", "STOP")
    assert visit(scene.texter.browser, href).status == 403
    assert scene.texter.open(f"/data/contacts/{dana.id}").status == 403


def test_unticking_an_opt_out_in_the_report_lifts_nothing(scene: Scene) -> None:
    will_vote = factories.tag("Will vote", of=scene.campaign)
    dana = scene.contact()
    action = scene.texted(dana)
    scene.admin.open(f"/actions/{action.id}/report-settings").press("Add a tag", tag=will_vote.id)
    scene.hears(dana, ASKS)
    thread = scene.conversation(dana)
    scene.texter.reports(thread, scene.built_in(), will_vote)
    assert scene.tags_of(dana) == {P2P, "Will vote"}

    edited = scene.texter.open(f"/inbox/{thread.id}/report?edit=1").form("/report")
    edited.send(tags=None)

    assert scene.tags_of(dana) == {P2P}
    assert scene.trail(dana, Event.OPT_OUT_LIFTED) == []
    assert db.session.query(Report).filter_by(contact_id=dana.id).count() == 2


def test_a_marked_opt_out_is_taken_although_report_settings_no_longer_offers_it(
    scene: Scene,
) -> None:
    dana = scene.contact()
    action = scene.texted(dana)
    scene.hears(dana, ASKS)
    thread = scene.conversation(dana)
    marked = scene.texter.report(thread).form("/report")

    scene.admin.open(f"/actions/{action.id}/report-settings").press(f"Remove {P2P}")
    marked.send(tags=[scene.built_in().id])

    assert scene.tags_of(dana) == {P2P}
    assert not scene.texter.thread(thread).forms("/reply")


def test_two_texters_who_report_the_same_person_are_both_on_the_trail(scene: Scene) -> None:
    colleague = scene.person(factories.texter(scene.campaign, name="Ana Ruiz"))
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, ASKS)
    thread = scene.conversation(dana)
    scene.texter.reports(thread, scene.built_in())
    with transaction():
        upkeep.reassign(thread, colleague.user, by=scene.admin.user, now=utc_now())

    form = colleague.open(f"/inbox/{thread.id}/report?edit=1").form("/report")
    form.send(tags=[scene.built_in().id])

    first, second = scene.trail(dana, Event.OPTED_OUT, Event.OPT_OUT_REPEATED)
    assert (first.by_user_id, second.by_user_id) == (scene.texter.user.id, colleague.user.id)
    assert scene.built_in().contacts == 1


def test_what_somebody_opted_out_writes_later_reaches_admins_and_no_texter(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")

    scene.hears(dana, "Why did you text me at all?")

    for view in VIEWS:
        assert not scene.texter.inbox(view).says("Why did you text me")
    assert scene.messages(dana)[-1].wrote_back
    page = scene.admin.open(f"/data/contacts/{dana.id}")
    assert page.says("Why did you text me at all?")


# e-7: lifting


def test_after_a_lift_the_thread_stays_hidden_and_nothing_cancelled_comes_back(
    scene: Scene,
) -> None:
    dana = scene.contact()
    talked = scene.texted(dana)
    queued = scene.action(dana)
    scene.texter.texts_everyone(queued)
    scene.hears(dana, "STOP")
    scene.hears(dana, "Sorry, I did not mean that")

    lift(scene, dana)
    with scene.later(hours=1):
        scene.sweeps()
        scene.works()

    assert len(scene.taken(dana)) == 1
    assert states(scene.messages(dana, direction="out")) == ["sent", "cancelled"]
    thread = scene.conversation(dana, talked)
    assert thread.is_hidden
    assert scene.texter.thread(thread).status == 404
    for view in VIEWS:
        assert not scene.texter.inbox(view).link_to(f"/c/rivera/inbox/{thread.id}")
    scene.texted(dana)
    assert len(scene.taken(dana)) == 2, "A new action reaches her again."


def test_a_stop_after_a_lift_is_a_new_opt_out(scene: Scene) -> None:
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")
    lift(scene, dana)
    scene.texted(dana)

    scene.hears(dana, "STOP")

    assert scene.tags_of(dana) == {P2P}
    events = [one.event for one in scene.trail(dana, Event.OPTED_OUT, Event.OPT_OUT_LIFTED)]
    assert events == [Event.OPTED_OUT, Event.OPT_OUT_LIFTED, Event.OPTED_OUT]
    assert scene.built_in().contacts == 1


@pytest.mark.parametrize("word", ["JOIN", "START", "SUBSCRIBE", "UNSTOP"])
def test_an_opt_in_keyword_to_a_p2p_number_lifts_neither_tag(scene: Scene, word: str) -> None:
    dana = scene.contact(opted_out_of=Texting.BROADCAST)
    scene.texted(dana)
    scene.hears(dana, "STOP")

    with scene.later(minutes=10):
        scene.hears(dana, word)

    assert scene.tags_of(dana) == {P2P, BROADCAST}
    assert scene.trail(dana, Event.OPT_OUT_LIFTED) == []


def test_nobody_but_an_admin_lifts_and_only_one_kind_at_a_time(scene: Scene) -> None:
    dana = scene.contact()
    with transaction():
        for kind in Texting:
            optouts.record(
                dana, kind, source=OptOutSource.ADMIN, by=scene.admin.user, now=utc_now()
            )

    lift(scene, dana)

    assert scene.tags_of(dana) == {BROADCAST}


# e-9: the counts add up


def test_the_counts_of_an_action_always_add_up(scene: Scene) -> None:
    people = [scene.contact(f"Person {n}") for n in range(12)]
    gone = [scene.contact(f"Gone {n}", opted_out_of=Texting.P2P) for n in range(3)]
    abroad = scene.contact("Far Away", phone="+447700900142", country="GB")
    action = scene.action(*people, *gone, abroad, batch_size=6)
    scene.carrier.opted_out(people[0].phone)
    scene.carrier.drop(accepted=True, to=people[1].phone)

    for step in range(4):
        if step < 2:
            scene.texter.texts_everyone(action)
            scene.works()
        scene.hears(people[step * 3], "STOP")
        _assert_adds_up(action.id)


def _assert_adds_up(action_id: int) -> None:
    """What is kept of an action fits its rows, and its parts give the whole (decision 12)."""
    db.session.rollback()
    kept = db.session.get_one(ActionTally, action_id)
    texts = {state: getattr(kept, state.value, 0) for state in MessageState}
    suppressed = sum(getattr(kept, reason.value) for reason in Reason)
    assert kept.total == kept.ready + suppressed + sum(texts.values()) == 16
    for state, number in texts.items():
        of_state = {"action_id": action_id, "kind": MessageKind.FIRST, "state": state}
        assert db.session.query(Message).filter_by(**of_state).count() == number, state
    rows = db.session.query(Recipient).filter_by(action_id=action_id)
    assert rows.filter_by(state=RecipientState.READY).count() == kept.ready
    assert rows.filter_by(state=RecipientState.SUPPRESSED).count() == suppressed
    begun = db.session.query(Conversation).filter_by(action_id=action_id)
    assert begun.count() == sum(texts.values())


# A saved reply that marks the report, without scripts


def _offer_goodbye(action: Action, words: str) -> None:
    """A saved reply that marks the opt-out tag of its action."""
    with transaction():
        held = db.session.get_one(Action, action.id)
        own = report_settings.opt_out_tag(held)
        scripts.set_saved_replies(held, [Reply("Goodbye", words, own)])


def test_without_scripts_a_goodbye_marks_the_report_that_is_opened_after_it(scene: Scene) -> None:
    dana = scene.contact()
    _offer_goodbye(scene.texted(dana), "Take care, {first_name}.")
    scene.hears(dana, "Not interested")
    thread = scene.texter.thread(scene.conversation(dana))

    inserted = thread.open(thread.links()["Goodbye"])
    assert inserted.form("/reply").value("body") == "Take care, Dana."
    sent = inserted.form("/reply").send()
    assert sent.says("Take care, Dana.")
    assert scene.tags_of(dana) == set()

    # Another page in between, and the link that everybody uses.
    scene.texter.inbox()
    report = scene.texter.report(scene.conversation(dana))
    assert report.says("The saved reply that was sent has marked something below.")
    form = report.form("/report")
    assert ("tags", str(scene.built_in().id)) in form.filled()
    assert scene.tags_of(dana) == set()
    done = form.send()
    assert done.says("Report sent")
    assert scene.tags_of(dana) == {P2P}


def test_without_scripts_a_mark_that_is_taken_out_opts_nobody_out(scene: Scene) -> None:
    dana = scene.contact()
    _offer_goodbye(scene.texted(dana), "Take care.")
    scene.hears(dana, "Later maybe")
    thread = scene.texter.thread(scene.conversation(dana))
    thread.open(thread.links()["Goodbye"]).form("/reply").send()
    scene.texter.report(scene.conversation(dana)).form("/report").send(tags=[])
    assert scene.tags_of(dana) == set()
    again = scene.texter.report(scene.conversation(dana))
    assert again.says("Report sent")
