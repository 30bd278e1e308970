"""The page “Managing Texting Opt-Outs”, sentence by sentence, as far as it speaks of P2P.

Sentences, or halves of them, that speak of Broadcast or Automated Texting alone are tried where
broadcasts are: “… or Opt Out (Broadcast) for a Broadcast or Automated Texting action” and “… or
the contact explicitly re-opts-in to broadcast via an opt-in keyword”.
"""

import pytest

from tests import factories
from tests.journeys.scene import Scene, states
from tests.journeys.screens import visit
from webapp.db import db, transaction, utc_now
from webapp.models import (
    ActionKind,
    Event,
    NumberKind,
    Role,
    Tag,
    Texting,
)
from webapp.services import campaigns, launches, team
from webapp.texting import names

P2P, BROADCAST = "Opt Out (P2P)", "Opt Out (Broadcast)"
VIEWS = ("needs", "unread", "all", "archived")


def test_whoever_asked_to_stop_is_texted_on_no_road_of_p2p(scene: Scene) -> None:
    """“… to ensure that you never send texts to folks who don't want to receive them.”"""
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    first = scene.texted(dana, luis)
    second = scene.action(dana, luis)
    scene.texter.takes_a_batch(second)
    scene.hears(dana, "Who is this?")
    scene.texter.replies(scene.conversation(dana, first), "It's Jordan with Rivera.")

    scene.hears(dana, "STOP")
    scene.works()
    scene.texter.texts_everyone(second)
    third = scene.action(dana, luis)
    scene.texter.texts_everyone(third)
    scene.works()

    assert len(scene.taken(dana)) == 1, "The first text, from before she asked."
    assert len(scene.taken(luis)) == 3


def test_a_new_campaign_shows_both_tags_under_data_tags(scene: Scene) -> None:
    """“… pre-loaded with two important default opt-out tags … visible under Data > Tags”"""
    with transaction():
        fresh = campaigns.create("Okafor for School Board", now=utc_now())
        owner = factories.user()
        db.session.flush()
        team.add(fresh, owner, Role.OWNER, by=None, now=utc_now())

    screen = scene.person(owner, fresh).open("/data/tags")

    assert screen.status == 200
    assert screen.says(P2P, BROADCAST)
    assert screen.links()["Tags"] == f"/c/{fresh.slug}/data/tags"


def test_each_tag_stops_its_own_kind_of_texting(scene: Scene) -> None:
    """“These two tags correspond to Peer-to-Peer Texting and Broadcast/Automated Texting”"""
    peer = scene.contact("Dana Whitfield", opted_out_of=Texting.P2P)
    broad = scene.contact("Luis Ortega", opted_out_of=Texting.BROADCAST)
    factories.number(scene.campaign, kind=NumberKind.BROADCAST)
    p2p = scene.action(peer, broad, launched=False)
    broadcast = scene.action(peer, broad, launched=False, kind=ActionKind.BROADCAST)

    assert launches.preview(p2p).suppressed == {"opted_out": 1}
    assert launches.preview(broadcast).suppressed == {"opted_out": 1}
    with transaction():
        launches.launch(p2p, by=None, now=utc_now())
        while launches.sort_chunk(p2p, now=utc_now()):
            pass
    scene.texter.texts_everyone(p2p)
    scene.works()
    assert (scene.taken(peer), len(scene.taken(broad))) == ([], 1)


def test_the_built_in_tags_cannot_be_edited(scene: Scene) -> None:
    """“It's very important not to edit these two built-in tags”"""
    for texting, name in ((Texting.P2P, P2P), (Texting.BROADCAST, BROADCAST)):
        tag = scene.built_in(texting)
        page = scene.admin.open(f"/data/tags/{tag.id}")
        assert page.says(name, "This tag is built in and can't be changed.")
        assert not page.forms(f"/data/tags/{tag.id}")

        renamed = scene.admin.post(f"/data/tags/{tag.id}", name="Friendly", description="x")
        archived = scene.admin.post(f"/data/tags/{tag.id}/archive")

        assert (renamed.status_code, archived.status_code) == (409, 409)
        db.session.expire_all()
        assert (tag.name, tag.description, tag.archived_at) == (name, "", None)


@pytest.mark.parametrize("name", ["Opt Out", "opt-0ut (p2p)", "Do Not Text", "STOP list", "DNC"])
def test_an_opt_out_tag_of_ones_own_is_refused(scene: Scene, name: str) -> None:
    """“… do not create your own opt-out tags”"""
    screen = scene.admin.open("/data/tags").press("Create tag", name=name)

    assert screen.status == 422
    assert screen.says("looks like a built-in opt-out tag")
    assert db.session.query(Tag).filter_by(campaign_id=scene.campaign.id).count() == 2


def test_another_tag_stops_nothing_whatever_it_is_called(scene: Scene) -> None:
    """“Only these built-in tags will facilitate the opt-out systems described below.”"""
    name = "Stop sign petition"
    assert names.judge(name) is names.Verdict.RISKY
    warned = scene.admin.open("/data/tags").press("Create tag", name=name)
    warned.press("Create tag", understood="y")
    own = db.session.query(Tag).filter_by(name=name).one()
    dana = scene.contact()
    action = scene.action(dana)
    settings = scene.admin.open(f"/actions/{action.id}/report-settings")
    settings.press("Add a tag", tag=own.id)
    scene.texter.texts_everyone(action)
    scene.works()
    scene.hears(dana, "Where do I sign?")

    scene.texter.reports(scene.conversation(dana), own)
    scene.texter.texts_everyone(scene.action(dana))
    scene.works()

    assert scene.tags_of(dana) == {name}
    assert len(scene.taken(dana)) == 2


@pytest.mark.parametrize("word", ["STOP", "END", "UNSUBSCRIBE", "stop", " Unsubscribe. "])
def test_a_basic_opt_out_message_is_tracked_by_itself(scene: Scene, word: str) -> None:
    """“… automatically tracks basic opt-out messages …, like "STOP", "END", and "UNSUBSCRIBE."”"""
    dana = scene.contact()
    scene.texted(dana)

    assert scene.hears(dana, word).status_code == 200

    assert scene.tags_of(dana) == {P2P}
    entry = scene.trail(dana, Event.OPTED_OUT)[0]
    message = scene.messages(dana)[-1]
    assert (entry.actor, entry.message_id, entry.before, entry.after) == (
        "contact",
        message.id,
        False,
        True,
    )
    assert message.body == word


def test_a_reply_to_a_p2p_action_sets_the_p2p_tag_and_no_other(scene: Scene) -> None:
    """“… apply the opt out tag … - either Opt Out (P2P) from a Peer-to-Peer Texting action, or …”

    Also where the number serves both kinds: the last text decides.
    """
    with transaction():
        scene.number.kind = NumberKind.BOTH
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, "STOP")

    assert scene.tags_of(dana) == {P2P}
    page = scene.admin.open(f"/data/contacts/{dana.id}")
    assert page.says(P2P)


def test_the_thread_of_a_stop_word_is_in_no_inbox_of_a_user(scene: Scene) -> None:
    """“… users will not see conversation threads that result in automatically-tracked opt-out …”"""
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texted(dana, luis)
    scene.hears(dana, "Who is this?")
    scene.hears(luis, "Yes, count on me")
    assert scene.texter.inbox("needs").says("Dana Whitfield", "Luis Ortega")

    scene.hears(dana, "STOP")

    thread = scene.conversation(dana)
    for view in VIEWS:
        screen = scene.texter.inbox(view)
        assert screen.status == 200
        assert not screen.says("Dana Whitfield")
        assert not screen.link_to(f"/c/rivera/inbox/{thread.id}")
    assert scene.texter.inbox("needs").says("Luis Ortega")
    assert not scene.texter.inbox("all", q="Whitfield").says("Who is this?")
    assert scene.texter.thread(thread).status == 404
    assert scene.texter.report(thread).status == 404


def test_a_texter_can_neither_text_nor_report_where_a_stop_word_ended_it(scene: Scene) -> None:
    """“… can't send any more unwanted messages, and don't try to manually track an opt-out …”"""
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "Who is this?")
    thread = scene.conversation(dana)
    open_before = scene.texter.thread(thread)

    scene.hears(dana, "STOP")
    answer = open_before.form("/reply").send(body="It's Jordan with Rivera.")
    scene.works()

    assert answer.status == 409
    assert answer.says("Dana asked to stop", "Your message was not sent.")
    assert len(scene.taken(dana)) == 1


def test_once_tagged_nobody_can_text_them_again_in_any_thread(scene: Scene) -> None:
    """“Once the contact has that opt-out tag …, they can never be messaged again from that type”"""
    dana = scene.contact()
    other_number = factories.number(scene.campaign, kind=NumberKind.P2P)
    first = scene.texted(dana, number_id=other_number.id)
    scene.hears(dana, "Maybe", to=other_number)
    second = scene.texted(dana)
    thread = scene.conversation(dana, first)
    typing = scene.texter.thread(thread)
    assert scene.conversation(dana, second).id != thread.id

    scene.hears(dana, "UNSUBSCRIBE")

    assert typing.form("/reply").send(body="Great, thanks!").status == 409
    read_only = scene.texter.thread(thread)
    assert read_only.status == 200
    assert not read_only.forms("/reply")
    scene.works()
    assert len(scene.taken(dana)) == 2


def test_an_admin_can_remove_the_tag_and_a_texter_cannot(scene: Scene) -> None:
    """“… (unless the tag is manually removed by an admin …)”"""
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")
    address = f"/data/contacts/{dana.id}/opt-outs/p2p/remove"
    assert scene.texter.open(address).status == 403
    assert (
        scene.texter.post(address, reason="She told me so today", agreed="spoke").status_code == 403
    )
    assert scene.tags_of(dana) == {P2P}

    form = scene.admin.open(address).form("/remove")
    agreed = sorted(form.offered("agreed"))[0]
    short = form.send(reason="ok", agreed=agreed, confirm="y")
    assert (short.status, scene.tags_of(dana)) == (422, {P2P})
    done = form.send(
        reason="Dana called the office and asked to hear from us", agreed=agreed, confirm="y"
    )

    assert done.status == 200
    assert scene.tags_of(dana) == set()
    entry = scene.trail(dana, Event.OPT_OUT_LIFTED)[0]
    assert (entry.by_user_id, entry.before, entry.after) == (scene.admin.user.id, True, False)
    assert "called the office" in entry.details["reason"]
    scene.texter.texts_everyone(scene.action(dana))
    scene.works()
    assert len(scene.taken(dana)) == 2


@pytest.mark.parametrize("word", ["START", "UNSTOP", "JOIN", "YES", "SUBSCRIBE", "OPT IN"])
def test_no_keyword_opts_back_in_to_p2p(scene: Scene, word: str) -> None:
    """“… or the contact explicitly re-opts-in to broadcast via an opt-in keyword” - not to P2P."""
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "STOP")

    with scene.later(minutes=10):
        scene.hears(dana, word)
        scene.texter.texts_everyone(scene.action(dana, scene.contact("Luis Ortega")))
        scene.works()

    assert scene.tags_of(dana) == {P2P}
    assert len(scene.taken(dana)) == 1


def test_safeguard_suppresses_them_in_every_later_action_by_itself(scene: Scene) -> None:
    """“Opted-out contacts will be automatically suppressed via Impactive Safeguard for any future
    texting actions; you don't have to take any action …”
    """
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texted(dana, luis)
    scene.hears(dana, "STOP")
    later = scene.action(dana, luis, launched=False)

    review = scene.admin.open(f"/actions/{later.id}/review")
    assert review.says("1 of 2 contacts will be texted")
    assert not any(dana.phone in value for form in review.forms("") for _, value in form.filled())
    launched = review.form("/launch").send()

    assert launched.status == 200
    assert scene.texter.texts_everyone(later) == 1
    scene.works()
    assert (len(scene.taken(dana)), len(scene.taken(luis))) == (1, 2)


def test_other_wording_is_not_recognized_and_stays_with_the_texter(scene: Scene) -> None:
    """“… if a contact responds "Please do not text me anymore," Impactive would not automatically
    recognize that phrase.”
    """
    dana = scene.contact()
    scene.texted(dana)

    scene.hears(dana, "Please do not text me anymore,")

    assert scene.tags_of(dana) == set()
    assert scene.trail(dana, Event.OPTED_OUT) == []
    assert scene.texter.inbox("needs").says("Dana Whitfield")
    thread = scene.texter.thread(scene.conversation(dana))
    assert thread.says("Please do not text me anymore,", "This looks like a request to stop")
    assert thread.forms("/reply")


def test_users_are_told_to_track_other_wording_themselves(scene: Scene) -> None:
    """“… it's important to train your users to manually track opt-outs in addition …”"""
    dana = scene.contact()
    scene.texted(dana)
    scene.hears(dana, "Please do not text me anymore")

    page = visit(scene.texter.browser, "/help/opt-outs")
    thread = scene.texter.thread(scene.conversation(dana))

    assert page.says("Mark the opt-out tag in the report and send it")
    assert thread.says("If you agree, mark", P2P, "Nothing happens until you send the report.")
    assert scene.texter.inbox().link_to("/help") or scene.texter.inbox().link_to("/help/opt-outs")


def test_the_tag_in_report_settings_is_there_for_users_to_mark(scene: Scene) -> None:
    """“Make sure that the opt-out tag … is added to the Report Settings for your texting action”"""
    dana = scene.contact()
    action = scene.texted(dana)
    scene.hears(dana, "Please do not text me anymore")
    thread, tag = scene.conversation(dana), scene.built_in()
    settings = scene.admin.open(f"/actions/{action.id}/report-settings")
    assert settings.says(P2P, "In this report")
    assert str(tag.id) in scene.texter.report(thread).form("/report").offered("tags")

    without = settings.press(f"Remove {P2P}")
    assert without.says("Texters can't record opt-outs in this action")
    assert str(tag.id) not in scene.texter.report(thread).form("/report").offered("tags")

    without.press("Add back")
    assert str(tag.id) in scene.texter.report(thread).form("/report").offered("tags")


def test_a_launch_without_the_tag_has_to_be_acknowledged(scene: Scene) -> None:
    """“Make sure that the opt-out tag … is added” - whoever leaves it out has to say so."""
    action = scene.action(scene.contact(), launched=False)
    scene.admin.open(f"/actions/{action.id}/report-settings").press(f"Remove {P2P}")
    review = scene.admin.open(f"/actions/{action.id}/review")

    refused = review.form("/launch").send()
    db.session.expire_all()
    assert (refused.status, action.state.value) == (422, "draft")
    review.form("/launch").send(acknowledge="y")

    db.session.expire_all()
    assert action.state.value == "live"
    assert action.without_opt_out_tag_by == scene.admin.user.id


@pytest.mark.parametrize("kinds", [(Texting.P2P,), (Texting.BROADCAST,), tuple(Texting)])
def test_the_report_applies_the_tags_that_were_marked_when_it_is_sent(
    scene: Scene, kinds: tuple[Texting, ...]
) -> None:
    """“… apply the Opt Out (P2P) or Opt Out (Broadcast) tag in the report …, and send that report
    to the campaign. Their report will then apply the opt-out tag to the contact.”
    """
    dana = scene.contact()
    action = scene.texted(dana)
    scene.admin.open(f"/actions/{action.id}/report-settings").press("Save", offered="y")
    scene.hears(dana, "Please do not text me anymore")
    thread = scene.conversation(dana)
    marked = [scene.built_in(kind) for kind in kinds]

    scene.texter.report(thread)
    assert scene.tags_of(dana) == set(), "Opening the report changes nothing."
    sent = scene.texter.reports(thread, *marked)

    assert sent.status == 200
    assert scene.tags_of(dana) == {tag.name for tag in marked}
    for entry in scene.trail(dana, Event.OPTED_OUT):
        assert entry.by_user_id == scene.texter.user.id
        assert entry.details["source"] == "report"


def test_after_a_report_they_can_never_be_messaged_again_either(scene: Scene) -> None:
    """“As noted above: once the contact has that opt-out tag …, they can never be messaged …”"""
    dana = scene.contact()
    scene.texted(dana)
    queued = scene.action(dana)
    scene.texter.texts_everyone(queued)
    scene.hears(dana, "Please do not text me anymore")
    thread = scene.conversation(dana)
    typing = scene.texter.thread(thread)

    scene.texter.reports(thread, scene.built_in())
    refused = typing.form("/reply").send(body="Sorry to see you go", anyway="1")
    scene.works()

    assert refused.status == 409
    assert len(scene.taken(dana)) == 1
    assert states(scene.messages(dana, direction="out")) == ["sent", "cancelled"]
    assert not scene.texter.thread(thread).forms("/reply")
    assert not scene.texter.inbox("needs").says("Dana Whitfield")


def test_safeguard_suppresses_those_whom_a_report_opted_out(scene: Scene) -> None:
    """“Opted-out contacts will be automatically suppressed via Impactive Safeguard …” once more."""
    dana, luis = scene.contact("Dana Whitfield"), scene.contact("Luis Ortega")
    scene.texted(dana, luis)
    scene.hears(dana, "Please do not text me anymore")
    scene.texter.reports(scene.conversation(dana), scene.built_in())
    later = scene.action(dana, luis, launched=False)

    review = scene.admin.open(f"/actions/{later.id}/review")
    assert review.says("1 of 2 contacts will be texted")
    review.form("/launch").send()

    assert scene.texter.texts_everyone(later) == 1
    scene.works()
    assert len(scene.taken(dana)) == 1
