"""Building, sending and scheduling a broadcast."""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    Contact,
    ContactList,
    Event,
    NumberKind,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import actions, audience, optouts, report_settings, schedules, scripts

SignIn = Callable[[User], Browser]
TEXT = "Hi {first_name}, the rally is on Saturday. Reply STOP to opt out."
DETAILS = {"name": "Rally", "who": "everyone", "watch": "pause", "percent": "3", "after": "200"}


@pytest.fixture
def browser(app: Flask, client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture
def root(browser: Browser) -> str:
    return f"/c/{factories.the_campaign().slug}/actions"


@pytest.fixture
def people() -> ContactList:
    contacts = [factories.contact() for _ in range(3)]
    unasked = factories.contact(subscribed_at=None, subscribed="")
    gone = factories.contact(opted_out_of=Texting.BROADCAST)
    return factories.contact_list(*contacts, unasked, gone, name="Subscribers")


@pytest.fixture
def draft(people: ContactList) -> Action:
    made = factories.action(kind=ActionKind.BROADCAST, launched=False, name="Rally")
    with transaction():
        audience.choose(made, [people])
    return made


@pytest.fixture
def many(monkeypatch: pytest.MonkeyPatch) -> None:
    """A limit that three people are above."""
    monkeypatch.setattr("webapp.services.broadcasts.TYPED_ABOVE", 2)


def state(action: Action) -> ActionState:
    db.session.rollback()
    return db.session.get_one(Action, action.id, populate_existing=True).state


def tomorrow(zone: str = "America/Chicago") -> str:
    local = utc_now().astimezone(ZoneInfo(zone)) + timedelta(days=1)
    return local.replace(hour=16, minute=0).strftime("%Y-%m-%dT%H:%M")


def opt_out(contact: Contact) -> None:
    with transaction():
        optouts.record(contact, Texting.BROADCAST, source=OptOutSource.ADMIN, now=utc_now())


def events() -> list[Event]:
    return list(db.session.scalars(select(TrailEntry.event).order_by(TrailEntry.id)))


def test_the_whole_builder_leads_to_a_broadcast_that_goes_out(
    browser: Browser, root: str, people: ContactList
) -> None:
    factories.number(phone="+13125550108", kind=NumberKind.BROADCAST)
    factories.number(phone="+13125550109", kind=NumberKind.P2P)
    jordan = factories.texter(name="Jordan Lee")
    assert "No broadcasts yet." in browser.get(f"{root}/broadcast").text
    form = browser.get(f"{root}/broadcast/new").text
    assert "(312) 555-0108" in form and "(312) 555-0109" not in form

    typed = DETAILS | {"who": "chosen", "texters": [jordan.id], "percent": "2.5", "after": "50"}
    step = browser.post(f"{root}/broadcast/new", typed).location
    assert step.endswith("/audience") and "have opted in" in browser.get(step).text
    step = browser.post(step, {"lists": [people.id]}).location
    assert step.endswith("/script")
    script = browser.get(step).text
    assert "{texter_name}" not in script and "You stand in for the texter" not in script
    step = browser.post(step, {"text-0": TEXT, "do": "save"}).location
    report = browser.get(step).text
    assert "Opt Out (Broadcast)" in report and "Continue to review" in report
    review = browser.get(step.replace("report-settings", "review")).text
    assert '<span class="num">3</span> of <span class="num">5</span> contacts' in review
    assert "Send to 3 people…" in review and "pauses itself at 2.5% opt-outs" in review

    confirm = browser.get(step.replace("report-settings", "confirm")).text
    assert "Send to 3 people?" in confirm and "the rally is on Saturday" in confirm
    answer = browser.post(step.replace("report-settings", "launch"), {"seen": "3"})

    assert "“Rally” is on its way." in browser.get(answer.location).text
    made = db.session.scalars(select(Action)).one()
    assert (made.kind, made.texting, state(made)) == (
        ActionKind.BROADCAST,
        Texting.BROADCAST,
        ActionState.LIVE,
    )
    assert (made.pause_per_mille, made.pause_after) == (25, 50)
    assert actions.texters_of(made) == [jordan]
    assert "Rally" in browser.get(f"{root}/broadcast").text
    assert "Rally" not in browser.get(f"{root}/p2p").text


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"name": ""}, "Give the broadcast a name."),
        ({"percent": "0"}, "Give a rate from 0.1 to 100 percent."),
        ({"percent": ""}, "Give a rate from 0.1 to 100 percent."),
        ({"percent": "nan"}, "Give a rate from 0.1 to 100 percent."),
        ({"percent": "three"}, "Enter a number."),
        ({"after": "0"}, "Give a number from 1 to 100,000."),
        ({"after": ""}, "Give a number of texts."),
        ({"who": "chosen"}, "Choose at least one person."),
    ],
)
def test_details_that_cannot_be_used_come_back(
    browser: Browser, root: str, changed: dict[str, str], said: str
) -> None:
    answer = browser.post(f"{root}/broadcast/new", DETAILS | changed)
    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalars(select(Action)).all() == []


@pytest.mark.parametrize(
    ("watch", "kept"),
    [("pause", (40, 90, False)), ("warn", (40, 90, True)), ("off", (0, 200, False))],
)
def test_it_pauses_warns_or_does_nothing(
    browser: Browser, root: str, draft: Action, watch: str, kept: tuple[int, int, bool]
) -> None:
    url = f"{root}/{draft.id}/details"
    browser.post(url, DETAILS | {"watch": watch, "percent": "4", "after": "90"})
    db.session.rollback()
    db.session.refresh(draft)
    assert (draft.pause_per_mille, draft.pause_after, draft.pause_only_warns) == kept
    assert re.search(f'<input checked [^>]*value="{watch}"', browser.get(url).text)


def test_a_text_with_the_texters_name_is_refused_where_it_is_written(
    browser: Browser, root: str, draft: Action
) -> None:
    url = f"{root}/{draft.id}/script"
    answer = browser.post(url, {"text-0": "It's {texter_name}. Reply STOP to opt out."})
    assert answer.status_code == 422
    assert "No texter sends this text" in answer.text and "It&#39;s {texter_name}." in answer.text
    part = browser.post(f"{root}/{draft.id}/preview", {"text-0": "{texter_name}"}, htmx=True).text
    assert "No texter sends this text" in part


def test_who_has_not_opted_in_is_left_out_and_the_review_says_how_to(
    browser: Browser, root: str, draft: Action
) -> None:
    review = browser.get(f"{root}/{draft.id}/review").text
    assert "1 person has no broadcast consent on record" in review
    assert "/data/contacts/import" in review and "JOIN" in review
    listed = browser.get(f"{root}/{draft.id}/suppressed?reason=no_consent").text
    assert listed.count('scope="row"') == 1 and "How consent is recorded" in listed
    file = browser.post(f"{root}/{draft.id}/suppressed/export").text
    assert file.count("no_consent") == 1 and file.count("opted_out") == 1


def test_above_the_limit_the_number_is_typed(
    browser: Browser, root: str, draft: Action, many: None
) -> None:
    url = f"{root}/{draft.id}/launch"
    assert 'name="confirm_count"' in browser.get(f"{root}/{draft.id}/confirm").text
    for typed, said in (
        ("", "Type the number of people"),
        ("4", "It is 3."),
        ("x", "whole number"),
    ):
        refused = browser.post(url, {"seen": "3", "confirm_count": typed})
        assert refused.status_code == 422 and said in refused.text
    assert browser.post(url).status_code == 422 and state(draft) is ActionState.DRAFT
    assert browser.post(url, {"confirm_count": "3"}).status_code == 303
    assert state(draft) is ActionState.LIVE


def test_up_to_the_limit_nothing_is_typed(browser: Browser, root: str, draft: Action) -> None:
    assert 'name="confirm_count"' not in browser.get(f"{root}/{draft.id}/confirm").text
    assert browser.post(f"{root}/{draft.id}/launch", {"confirm_count": "2"}).status_code == 422
    assert browser.post(f"{root}/{draft.id}/launch").status_code == 303


def test_news_between_the_page_and_the_press_stop_it_once(
    browser: Browser, root: str, draft: Action, many: None
) -> None:
    opt_out(audience.samples(draft, limit=1)[0])
    url = f"{root}/{draft.id}/launch"
    answer = browser.post(url, {"seen": "3", "confirm_count": "3"})
    assert answer.status_code == 409 and state(draft) is ActionState.DRAFT
    assert "1 more person opted out while you were reviewing. 2 will be texted" in answer.text
    assert 'value="3"' not in answer.text and 'name="seen" value="2"' in answer.text
    assert browser.post(url, {"seen": "2"}).status_code == 303


def test_a_second_press_is_told_so(browser: Browser, root: str, draft: Action, many: None) -> None:
    url = f"{root}/{draft.id}/launch"
    browser.post(url, {"seen": "3", "confirm_count": "3"})
    again = browser.post(url, {"seen": "3", "confirm_count": "3"})
    assert again.status_code == 409 and "already been launched" in again.text
    assert browser.get(f"{root}/{draft.id}/confirm").status_code == 303


def test_sending_without_the_opt_out_tag_needs_a_tick(
    browser: Browser, root: str, draft: Action
) -> None:
    with transaction():
        own = report_settings.opt_out_tag(draft)
        report_settings.hide_tag(draft, own, by=None, now=utc_now())
    refused = browser.get(f"{root}/{draft.id}/confirm?when=now")
    assert refused.status_code == 422 and "Put the tag back" in refused.text
    assert browser.post(f"{root}/{draft.id}/launch", {"seen": "3"}).status_code == 422
    page = browser.get(f"{root}/{draft.id}/confirm?when=now&acknowledge=y").text
    assert 'name="acknowledge" value="y"' in page
    answer = browser.post(f"{root}/{draft.id}/launch", {"seen": "3", "acknowledge": "y"})
    assert answer.status_code == 303 and Event.LAUNCHED_WITHOUT_OPT_OUT_TAG in events()


def test_it_is_scheduled_on_the_campaigns_clock(
    browser: Browser, root: str, draft: Action, many: None
) -> None:
    at = tomorrow()
    confirm = browser.get(f"{root}/{draft.id}/confirm?when=later&at={at}").text
    assert "Schedule for 3 people?" in confirm and "4:00 pm" in confirm
    url = f"{root}/{draft.id}/schedule"
    assert browser.post(url, {"at": at}).status_code == 422  # The number is typed here, too.

    answer = browser.post(url, {"at": at, "seen": "3", "confirm_count": "3"})

    assert state(draft) is ActionState.SCHEDULED
    moment = datetime.fromisoformat(at).replace(tzinfo=ZoneInfo("America/Chicago"))
    assert draft.starts_at == moment
    page = browser.get(answer.location).text
    assert "Goes out" in page and "Scheduled by" in page and "Maya Okafor" in page
    assert '<span class="num">3</span> of <span class="num">5</span> contacts' in page
    assert "Scheduled" in browser.get(f"{root}/broadcast").text


@pytest.mark.parametrize(
    ("at", "said"),
    [
        ("", "Choose a day and a time."),
        ("soon", "Choose a day and a time."),
        ("2020-01-01T10:00", "still to come"),
        ("2090-01-01T10:00", "90 days ahead at most"),
    ],
)
def test_a_time_that_cannot_be_comes_back(
    browser: Browser, root: str, draft: Action, at: str, said: str
) -> None:
    asked = browser.get(f"{root}/{draft.id}/confirm?when=later&at={at}")
    assert asked.status_code == 422 and said in asked.text
    posted = browser.post(f"{root}/{draft.id}/schedule", {"at": at, "when": "now"})
    assert posted.status_code == 422 and said in posted.text
    assert state(draft) is ActionState.DRAFT


def schedule(action: Action) -> None:
    with transaction():
        schedules.schedule(action, utc_now() + timedelta(hours=3), by=None, now=utc_now())


def test_a_scheduled_one_can_be_read_and_not_changed(
    browser: Browser, root: str, draft: Action
) -> None:
    schedule(draft)
    here = f"{root}/{draft.id}"
    assert (
        "Take it back to draft, then change the audience." in browser.get(f"{here}/audience").text
    )
    assert "Take it back to draft, then change the text." in browser.get(f"{here}/script").text
    assert "3" in browser.get(f"{here}/suppressed?reason=ready").text
    assert browser.get(f"{here}/report-settings").status_code == 200
    lists = [one.id for one in audience.lists_of(draft)]
    assert browser.post(f"{here}/audience", {"lists": lists}).status_code == 409
    before = [one.body for one in scripts.of(draft)]
    browser.post(f"{here}/script", {"text-0": "Other", "do": "save"})
    assert [one.body for one in scripts.of(draft)] == before
    renamed = browser.post(f"{here}/details", DETAILS | {"name": "Rally, renamed"})
    assert renamed.status_code == 303 and "Rally, renamed" in browser.get(here).text
    assert browser.get(f"{here}/review").location.endswith(here)
    for page in ("texters", "conversations"):
        assert browser.get(f"{here}/{page}").status_code == 303


def test_it_is_taken_back_to_draft_or_sent_now(browser: Browser, root: str, draft: Action) -> None:
    schedule(draft)
    here = f"{root}/{draft.id}"
    back = browser.post(f"{here}/unschedule")
    assert state(draft) is ActionState.DRAFT
    assert "Back to draft." in browser.get(back.location).text
    assert "It is a draft already." in browser.get(browser.post(f"{here}/unschedule").location).text
    schedule(draft)
    assert "Send to 3 people?" in browser.get(f"{here}/confirm").text
    assert browser.post(f"{here}/launch", {"seen": "3"}).status_code == 303
    assert state(draft) is ActionState.LIVE
    assert browser.post(f"{here}/unschedule").status_code == 409


def test_the_page_of_a_scheduled_one_notices_that_it_began(
    browser: Browser, root: str, draft: Action
) -> None:
    schedule(draft)
    here = f"{root}/{draft.id}"
    since = browser.get(here).text.split("/live?since=")[1].split('"')[0]
    assert browser.get(f"{here}/live?since={since}", htmx=True).status_code == 204
    browser.post(f"{here}/launch")
    news = browser.get(f"{here}/live?since={since}", htmx=True)
    assert news.headers["HX-Redirect"].endswith(here)


def test_one_that_was_kept_back_is_told_everywhere_until_it_is_dismissed(
    browser: Browser, root: str, draft: Action
) -> None:
    schedule(draft)
    with transaction():
        schedules.start(draft.id, now=utc_now() + timedelta(hours=5))
    said = "It was not sent as scheduled. Heed wasn&#39;t running at that time."
    home = root.replace("/actions", "/")
    for page in (home, f"{root}/broadcast", f"{root}/{draft.id}/review"):
        assert said in browser.get(page).text, page
    answer = browser.post(f"{root}/{draft.id}/dismiss-alarm")
    assert answer.location.endswith("/review")
    for page in (home, f"{root}/broadcast", f"{root}/{draft.id}/review"):
        assert said not in browser.get(page).text


def test_a_broadcast_of_nobody_offers_no_sending(
    browser: Browser, root: str, draft: Action
) -> None:
    unasked = factories.contact_list(factories.contact(subscribed_at=None))
    with transaction():
        audience.choose(draft, [unasked])
    review = browser.get(f"{root}/{draft.id}/review").text
    assert "Nobody in this list can be texted." in review and "launch-form" not in review
    assert browser.get(f"{root}/{draft.id}/confirm").status_code == 422
    assert browser.post(f"{root}/{draft.id}/launch").status_code == 422


def test_a_peer_to_peer_action_has_no_schedule(browser: Browser, root: str) -> None:
    p2p = factories.action(factories.contact(), launched=False)
    assert browser.get(f"{root}/{p2p.id}/confirm").location.endswith("/review")
    answer = browser.post(f"{root}/{p2p.id}/schedule", {"at": tomorrow()})
    assert answer.status_code == 409 and state(p2p) is ActionState.DRAFT


def test_broadcasts_of_another_campaign_are_not_there(browser: Browser, root: str) -> None:
    elsewhere = factories.campaign()
    theirs = factories.action(of=elsewhere, kind=ActionKind.BROADCAST, launched=False).id
    for page in ("confirm", "not-delivered"):
        assert browser.get(f"{root}/{theirs}/{page}").status_code == 404
    for press in ("launch", "schedule", "unschedule", "dismiss-alarm"):
        assert browser.post(f"{root}/{theirs}/{press}").status_code == 404
