"""The practice campaign and its demo phone."""

import dataclasses
import re
import secrets
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from urllib.parse import parse_qs, quote, urlsplit

import pytest
import time_machine
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.client import Browser
from tests.services.scenes import send_all
from tests.services.talks import Talk
from webapp.carriers.base import Accepted
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionState,
    ActionTally,
    Answerer,
    Campaign,
    Contact,
    ContactTag,
    Conversation,
    Direction,
    Hinted,
    Membership,
    Message,
    MessageKind,
    MessageState,
    Role,
    Texting,
    User,
    WebhookReceipt,
)
from webapp.services import (
    accounts,
    action_days,
    audit,
    automated,
    campaigns,
    claims,
    delivery,
    demo,
    demo_broadcast,
    demo_crowd,
    demo_fresh,
    demo_phone,
    demo_script,
    demo_subscribers,
    erasure,
    inbox,
    ledger,
    members,
    optouts,
    overview,
    settlement,
)
from webapp.services.overview import Summary
from webapp.services.walking import Walks
from webapp.texting import phones
from webapp.texting.spans import Span

SignIn = Callable[[User], Browser]
PASSWORD = "practice makes perfect"


def built(now: datetime | None = None, subscribers: int = 10) -> Campaign:
    return demo.build(
        owner_password=PASSWORD,
        texter_password=PASSWORD,
        now=now or utc_now(),
        unit=transaction,
        subscribers=subscribers,
    )


def the_broadcast() -> Summary:
    action = db.session.scalars(select(Action).where(Action.kind == ActionKind.BROADCAST)).one()
    return overview.of(action)


def go_on(now: datetime, minutes: float) -> datetime:
    """Let a worker send and the people at the other end live on for so long."""
    until, walks = now + timedelta(minutes=minutes), Walks()
    while now < until:
        with transaction():
            for text in claims.claim(owner="test", rate=20.0, walks=walks, now=now):
                if delivery.take(text.message_id, owner="test", status_url=None, now=now):
                    accepted = Accepted(secrets.token_hex(8))
                    settlement.settle(
                        text.message_id, accepted, owner="test", provider="simulator", now=now
                    )
            if now.second % 10 == 0:
                demo_crowd.live_on(now=now)
        now += timedelta(seconds=1)
    return now


def jordan() -> User:
    found = accounts.find("jordan@example.org")
    assert found is not None
    return found


def test_the_practice_campaign_has_people_texts_and_replies() -> None:
    home = built()
    assert (home.slug, home.name) == ("rivera", "Rivera for Council")
    roles = {person.user.name: person.membership.role for person in members.people(home)}
    assert roles["Maya Okafor"] is Role.OWNER
    assert roles["Jordan Lee"] is Role.TEXTER
    states = select(Action.state).where(Action.campaign_id == home.id).order_by(Action.id)
    assert list(db.session.scalars(states)) == [
        ActionState.LIVE,
        ActionState.DRAFT,
        ActionState.LIVE,
        ActionState.LIVE,
    ]
    assert inbox.counts(home.id, jordan())[inbox.View.NEEDS] == 6


def test_its_replies_hold_a_stop_an_opt_out_by_report_and_a_hint() -> None:
    home = built()

    def person(name: str) -> Contact:
        first, last = name.split()
        query = select(Contact).where(Contact.first_name == first, Contact.last_name == last)
        return db.session.scalars(query).one()

    for name in ("Grace Liu", "Hector Ramos"):
        assert optouts.is_opted_out(person(name).id, home.id, Texting.P2P)
    dana = person("Dana Whitfield")
    assert not optouts.is_opted_out(dana.id, home.id, Texting.P2P)
    hints = select(Message.hint).where(Message.contact_id == dana.id, Message.hint.is_not(None))
    assert list(db.session.scalars(hints)) == [Hinted.OPEN]


def test_everything_in_it_holds_and_nothing_lies_in_the_future() -> None:
    built()
    assert [check.name for check in audit.run() if not check.ok] == []
    latest = db.session.scalar(select(func.max(Message.created_at)))
    assert latest is not None
    assert latest <= utc_now()
    assert latest > utc_now() - timedelta(minutes=10)


def test_building_it_again_makes_nothing_again() -> None:
    def counts() -> list[int]:
        tables = (Campaign, Contact, Message, Conversation, Action, User)
        return [db.session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    built()
    before = counts()
    built()
    assert counts() == before


def test_the_passwords_given_hold_also_the_second_time() -> None:
    built()
    demo.build(
        owner_password="another good one",
        texter_password=PASSWORD,
        now=utc_now(),
        unit=transaction,
        subscribers=10,
    )
    assert accounts.who("maya@example.org", "another good one").name == "Maya Okafor"
    assert accounts.who("jordan@example.org", PASSWORD).name == "Jordan Lee"


def test_every_number_in_it_is_fictional_and_can_be_read() -> None:
    phones_of = {row[2] for row in demo_script.rows()}
    subscribed = {row[2] for row in demo_subscribers.rows()}
    assert len(subscribed) == 936 and phones_of.isdisjoint(subscribed)
    for phone in (*phones_of, *subscribed, demo_script.NUMBER, demo_subscribers.NUMBER):
        assert re.fullmatch(r"\+1\d{3}55501\d\d", phone)
        assert phones.read(phone).e164 == phone


def test_times_of_day_never_close_it() -> None:
    home = built()
    assert campaigns.find("rivera") == home
    assert home.hours.always


# The broadcast


def test_a_broadcast_is_running_when_the_practice_campaign_opens() -> None:
    built(subscribers=300)
    one = the_broadcast()
    assert one.action.state is ActionState.LIVE
    assert (one.counts.total, one.counts.opted_out) == (300, demo_broadcast.SAID_NO_BEFORE)
    assert 94 <= one.sent <= 96 and one.counts.delivered > 80
    assert one.counts.replies > 3


def test_the_whole_broadcast_takes_a_good_quarter_of_an_hour() -> None:
    minutes = (len(demo_subscribers.rows()) / demo_subscribers.RATE) / 60
    assert 15 < minutes < 25


def test_it_goes_on_with_replies_and_opt_outs_and_ends_without_an_alarm() -> None:
    built(subscribers=204)
    go_on(utc_now().replace(microsecond=0), 5)
    one = the_broadcast()
    assert (one.action.state, one.action.alarm, one.left) == (ActionState.LIVE, "", 0)
    kept = one.counts
    assert kept.sent == 0 and kept.delivered + kept.undelivered == 200
    assert kept.undelivered > 0 and kept.replies > 10
    assert one.opt_out_rate is not None and 0.3 < one.opt_out_rate < 2
    hints = select(func.count()).where(Message.hint == Hinted.OPEN, Message.texting == "broadcast")
    assert db.session.scalar(hints)
    assert [check.name for check in audit.run() if not check.ok] == []


def test_the_people_at_the_other_end_do_nothing_twice() -> None:
    built(subscribers=60)
    now = go_on(utc_now().replace(microsecond=0), 4)
    with transaction():
        assert demo_crowd.live_on(now=now) == 0


def test_somebody_who_is_played_on_the_demo_phone_does_not_answer_as_well(
    client_for: SignIn,
) -> None:
    now = utc_now()
    home = built(now, subscribers=60)
    browser = client_for(factories.admin(home))
    due = {one.phone for one in demo_phone.listeners(home) if demo_crowd.words_of(one.id)}
    assert due
    for phone in due:
        browser.post(f"/c/{home.slug}/demo/text", data={"phone": phone, "body": "Who is this?"})
    go_on(now.replace(microsecond=0), 2)
    heard = (
        select(Message.body)
        .join(Contact)
        .where(Contact.phone.in_(due), Message.direction == Direction.IN)
    )
    assert list(db.session.scalars(heard)) == ["Who is this?"] * len(due)


def test_a_recipient_of_the_broadcast_can_be_played(client_for: SignIn) -> None:
    home = built()
    browser = client_for(factories.admin(home))
    page = browser.get(f"/c/{home.slug}/demo").text
    assert '<optgroup label="Texted by a broadcast">' in page
    chosen = demo_phone.listeners(home)[0]
    page = browser.get(f"/c/{home.slug}/demo", query_string={"phone": chosen.phone}).text
    assert "knock on doors for Ward 25" in page
    (number,) = re.findall(r'name="number" value="(\d+)"', page)[:1]

    def text(body: str) -> str:
        form = {"phone": chosen.phone, "number": number, "body": body}
        answer = browser.post(f"/c/{home.slug}/demo/text", data=form)
        assert answer.status_code == 303
        return browser.get(answer.location).text

    assert "Shown in Ana’s inbox" in text("Is there coffee?")
    assert "Added Opt Out (Broadcast)" in text("STOP")
    assert optouts.is_opted_out(chosen.id, home.id, Texting.BROADCAST)
    assert not optouts.is_opted_out(chosen.id, home.id, Texting.P2P)
    with time_machine.travel(utc_now() + timedelta(seconds=6)):
        assert "Removed Opt Out (Broadcast)" in text("JOIN")
        go_on(utc_now() + timedelta(minutes=1), 0.1)
        page = browser.get(f"/c/{home.slug}/demo", query_string={"phone": chosen.phone}).text
        assert "Sent an automated text" in page and "back on the text list" in page
    assert [check.name for check in audit.run() if not check.ok] == []


# The demo phone


class Handset:
    """An admin at the demo phone, holding the phone of one contact."""

    def __init__(self, client_for: SignIn) -> None:
        self.talk = Talk(number=factories.number(confirmation_by=Answerer.HEED))
        self.browser = client_for(factories.admin())
        self.url = f"/c/{factories.the_campaign().slug}/demo"

    def text(self, body: str, *, htmx: bool = False, phone: str = "") -> str:
        form = {
            "phone": phone or self.talk.contact.phone,
            "number": self.talk.number.id,
            "body": body,
        }
        answer = self.browser.post(f"{self.url}/text", data=form, htmx=htmx)
        assert answer.status_code == (200 if htmx else 303)
        return answer.text if htmx else self.browser.get(answer.location).text


def test_the_phone_shows_both_sides_as_its_owner_sees_them(client_for: SignIn) -> None:
    handset = Handset(client_for)
    page = handset.text("Who is this?")
    ours = page.index("Hi Dana, vote on Tuesday.")
    theirs = page.index('<div class="bubble" dir="auto">Who is this?')
    assert 'class="msg in"' in page[:ours]
    assert ours < theirs
    assert 'class="msg out"' in page[ours:theirs]


def test_a_text_that_has_not_left_yet_is_not_on_the_phone(client_for: SignIn) -> None:
    handset = Handset(client_for)
    handset.talk.says("On my way", now=utc_now())
    assert "On my way" not in handset.browser.get(handset.url).text
    send_all(now=utc_now())
    assert "On my way" in handset.browser.get(handset.url).text


def test_a_text_takes_the_road_of_a_webhook(client_for: SignIn) -> None:
    handset = Handset(client_for)
    page = handset.text("S.T.O.P", htmx=True)
    receipt = db.session.scalars(select(WebhookReceipt)).one()
    assert (receipt.provider, receipt.sender) == ("simulator", handset.talk.contact.phone)
    contact = handset.talk.contact
    assert optouts.is_opted_out(contact.id, contact.campaign_id, Texting.P2P)
    steps = ("Dana texted “S.T.O.P”", "Matched the stop word STOP", "Added Opt Out (P2P)", "Closed")
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert "Jordan’s inbox" in page
    assert f'/data/contacts/{contact.id}">See Dana’s page' in page


def test_the_same_words_twice_are_two_texts(client_for: SignIn) -> None:
    handset = Handset(client_for)
    handset.text("Yes")
    handset.text("Yes")
    assert db.session.scalar(select(func.count()).select_from(WebhookReceipt)) == 2


def test_join_lifts_opt_out_broadcast_and_the_phone_says_who_did_it(client_for: SignIn) -> None:
    handset = Handset(client_for)
    home, contact = factories.the_campaign(), handset.talk.contact
    factories.automation("JOIN", of=home, opts_in=True)
    page = handset.text("JOIN")
    steps = ("Matched an opt-in keyword", "Recorded consent to broadcasts", "Dana asked for them.")
    assert all(step in page for step in steps)
    with transaction():
        earlier = utc_now() - timedelta(minutes=1)
        ledger.log_request(home, contact.phone, list(Texting), "Call", by=None, now=earlier)

    page = handset.text("JOIN")

    assert "Removed Opt Out (Broadcast)" in page and "By Dana." in page and "By Heed" not in page
    assert "Opt Out (P2P) is as it was." in page
    send_all(now=utc_now() + timedelta(minutes=1))
    page = handset.browser.get(f"{handset.url}?phone={contact.phone.replace('+', '%2B')}").text
    assert "Sent an automated text" in page


def test_join_right_after_stop_lifts_nothing_and_the_phone_says_why(client_for: SignIn) -> None:
    handset = Handset(client_for)
    handset.text("STOP")
    assert "within 5 seconds of a stop word" in handset.text("JOIN")


def test_the_keyword_of_an_action_that_opts_nobody_in_is_told_as_such(client_for: SignIn) -> None:
    handset = Handset(client_for)
    factories.automation("VOLUNTEER")
    page = handset.text("Volunteer")
    assert "Matched the keyword of an automated action" in page
    assert "A person reads it." not in page


def test_the_practice_campaign_answers_join(client_for: SignIn) -> None:
    home = built()
    (shown,) = automated.all_of(home.id)
    assert (shown.words, shown.opts_in) == (["JOIN"], True)
    browser = client_for(factories.admin(home))
    assert "Then try “JOIN”" in browser.get(f"/c/{home.slug}/demo").text


def test_a_hint_and_an_ordinary_reply_are_told_apart(client_for: SignIn) -> None:
    handset = Handset(client_for)
    page = handset.text("Please do not text me anymore")
    assert "Looks like a request to stop" in page
    assert "Added Opt Out" not in page
    page = handset.text("Yes, I’ll vote")
    assert "Looks like a request to stop" not in page
    assert "Shown in Jordan’s inbox" in page


def test_safeguard_names_the_drafts_that_will_leave_this_person_out(client_for: SignIn) -> None:
    handset = Handset(client_for)
    factories.action(handset.talk.contact, launched=False, name="Election day")
    factories.action(factories.contact(), launched=False, name="Somebody else's")
    page = handset.text("STOP")
    assert "Safeguard will skip Dana in 1 draft action" in page
    assert "Election day" in page
    assert "Somebody else" not in page


def test_one_can_be_any_phone(client_for: SignIn) -> None:
    handset = Handset(client_for)
    page = handset.browser.get(f"{handset.url}?phone=(907) 555-0177").text
    assert "No texts yet." in page
    page = handset.text("Hello?", phone="+19075550177")
    assert "(907) 555-0177 texted “Hello?”" in page


@pytest.mark.parametrize("phone", ["12", "not a phone"])
def test_what_is_no_phone_is_refused(client_for: SignIn, phone: str) -> None:
    handset = Handset(client_for)
    assert handset.browser.get(f"{handset.url}?phone={phone}").status_code == 422


def test_an_empty_text_is_not_sent(client_for: SignIn) -> None:
    handset = Handset(client_for)
    form = {"phone": handset.talk.contact.phone, "number": handset.talk.number.id, "body": " "}
    answer = handset.browser.post(f"{handset.url}/text", data=form)
    assert answer.status_code == 422
    assert "Type a text first." in answer.text
    assert db.session.scalars(select(WebhookReceipt)).all() == []


def test_the_poll_is_silent_until_something_happens(client_for: SignIn) -> None:
    handset = Handset(client_for)
    page = handset.browser.get(handset.url).text
    found = re.search(r'data-live="([^"]+)"', page)
    assert found
    live = found[1].replace("&amp;", "&")
    assert handset.browser.get(live, htmx=True).status_code == 204
    handset.text("Hello?")
    answer = handset.browser.get(live, htmx=True)
    assert answer.status_code == 200
    assert 'id="phone-texts"' in answer.text
    assert "Hello?" in answer.text


def test_without_a_number_or_anybody_there_is_nothing_to_show(client_for: SignIn) -> None:
    browser = client_for(factories.admin())
    url = f"/c/{factories.the_campaign().slug}/demo"
    assert "No number yet" in browser.get(url).text
    factories.number()
    assert "Nobody to be yet" in browser.get(url).text


def test_the_demo_phone_sees_no_other_campaign(client_for: SignIn) -> None:
    handset = Handset(client_for)
    elsewhere = factories.campaign()
    theirs = factories.number(elsewhere)
    form = {"phone": handset.talk.contact.phone, "number": theirs.id, "body": "STOP"}
    handset.browser.post(f"{handset.url}/text", data=form)
    receipt = db.session.scalars(select(WebhookReceipt)).one()
    assert receipt.to == handset.talk.number.phone


def test_with_a_real_carrier_there_is_no_demo_phone(
    app: Flask, client_for: SignIn, settings: Settings
) -> None:
    handset = Handset(client_for)
    app.extensions["settings"] = dataclasses.replace(settings, sms_provider="twilio")
    try:
        for page in ("", "/live"):
            assert handset.browser.get(handset.url + page).status_code == 404
        form = {"phone": handset.talk.contact.phone, "body": "STOP"}
        assert handset.browser.post(f"{handset.url}/text", data=form).status_code == 404
    finally:
        app.extensions["settings"] = settings
    assert db.session.scalars(select(WebhookReceipt)).all() == []


# Starting over


def start_over(browser: Browser, slug: str, phone: str, number: int) -> Contact:
    page = f"/c/{slug}/demo"
    answer = browser.post(f"{page}/start-over", {"phone": phone, "number": number})
    assert answer.status_code == 303, answer.text
    newest = db.session.scalars(select(Contact).order_by(Contact.id.desc())).first()
    assert newest is not None and phones_of(answer.location) == newest.phone
    return newest


def phones_of(location: str) -> str:
    return parse_qs(urlsplit(location).query)["phone"][0]


def test_starting_over_makes_a_new_contact_and_leaves_the_opt_out(client_for: SignIn) -> None:
    talk = Talk()
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    talk.hears("STOP")
    old, number = talk.contact.phone, talk.number.id
    before = db.session.scalars(select(ContactTag)).all()
    assert "Start over" in browser.get(f"/c/{slug}/demo?phone={quote(old)}").text

    fresh = start_over(browser, slug, old, number)

    assert re.fullmatch(r"\+1\d{3}55501\d\d", fresh.phone) and fresh.phone != old
    assert db.session.scalars(select(ContactTag)).all() == before
    assert not optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    assert all(one.may_be_texted for one in optouts.standing(fresh).values())
    said = browser.get(f"/c/{slug}/demo?phone={quote(fresh.phone)}").text
    assert f"You are {fresh.called} now" in said and "opt-outs too" in said
    another = start_over(browser, slug, fresh.phone, number)
    assert another.phone not in (old, fresh.phone) and another.first_name != fresh.first_name


def test_the_new_contact_gets_the_first_text_on_the_usual_road(client_for: SignIn) -> None:
    talk = Talk()
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    before = db.session.get_one(ActionTally, talk.action.id).total
    found = audit.run()

    fresh = start_over(browser, slug, talk.contact.phone, talk.number.id)

    text = db.session.scalars(select(Message).where(Message.contact_id == fresh.id)).one()
    assert (text.kind, text.state, text.action_id) == (
        MessageKind.FIRST,
        MessageState.QUEUED,
        talk.action.id,
    )
    assert text.by_user_id == talk.texter.id and fresh.first_name in text.body
    db.session.expire_all()
    assert db.session.get_one(ActionTally, talk.action.id).total == before + 1
    assert audit.run() == found
    assert [one.recipient for one in send_all()] == [fresh.phone]
    talk_of_it = db.session.get_one(Conversation, text.conversation_id)
    assert talk_of_it.assignee_id == talk.texter.id


def test_without_a_talk_the_new_contact_is_just_there(client_for: SignIn) -> None:
    number = factories.number()
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    fresh = start_over(browser, slug, "", number.id)
    assert db.session.scalars(select(Message)).all() == []
    assert phones.read(fresh.phone).e164 == fresh.phone


def test_outside_hours_and_while_paused_no_first_text_leaves() -> None:
    talk, noon = Talk(), datetime(2026, 6, 1, 18, tzinfo=UTC)
    with transaction():
        db.session.get_one(Action, talk.action.id).state = ActionState.PAUSED
        paused = demo_fresh.start_over(talk.contact, talk.number, now=noon)
    with transaction():
        db.session.get_one(Action, talk.action.id).state = ActionState.LIVE
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 0, 1
        closed = demo_fresh.start_over(talk.contact, talk.number, now=noon)
    with transaction():
        home = factories.the_campaign()
        home.opens_minute, home.closes_minute = 0, 1440
        tomorrow = Span(date(2026, 6, 2), None)
        action_days.set_days(db.session.get_one(Action, talk.action.id), tomorrow)
        early = demo_fresh.start_over(talk.contact, talk.number, now=noon)
        action_days.set_days(db.session.get_one(Action, talk.action.id), Span(None, None))
        place = db.session.get_one(Membership, (home.id, talk.texter.id))
        place.awaits_approval = True
        waiting = demo_fresh.start_over(talk.contact, talk.number, now=noon)
    made = [paused.id, closed.id, early.id, waiting.id]
    texted = select(Message).where(Message.contact_id.in_(made))
    assert db.session.scalars(texted).all() == []


def test_no_phone_that_is_known_is_taken_again(client_for: SignIn) -> None:
    number = factories.number(phone="+12025550190")
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    known = factories.contact(phone="+13125550100")
    gone = factories.contact(phone="+13125550101", opted_out_of=Texting.P2P)
    with transaction():
        erasure.erase(gone, by=factories.admin(), now=utc_now())
    factories.number(phone="+13125550102")
    fresh = start_over(browser, slug, known.phone, number.id)
    assert fresh.phone == "+13125550103"


def test_when_all_fictional_phones_are_used_up_it_says_so(client_for: SignIn) -> None:
    number = factories.number(phone="+12025550100")
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    with transaction():
        for area in demo_fresh.AREAS:
            for rest in demo_fresh.FICTIONAL:
                factories.contact(phone=f"+1{area}{rest}")
    answer = browser.post(f"/c/{slug}/demo/start-over", {"phone": "", "number": number.id})
    assert answer.status_code == 409 and "used up" in answer.text


def test_with_a_real_carrier_nobody_starts_over(
    app: Flask, client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    number = factories.number()
    browser, slug = client_for(factories.admin()), factories.the_campaign().slug
    real = dataclasses.replace(app.extensions["settings"], sms_provider="twilio")
    monkeypatch.setitem(app.extensions, "settings", real)
    answer = browser.post(f"/c/{slug}/demo/start-over", {"phone": "", "number": number.id})
    assert answer.status_code == 404
    assert db.session.scalars(select(Contact)).all() == []
