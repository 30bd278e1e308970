"""The practice campaign and its demo phone."""

import dataclasses
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from tests import factories
from tests.client import Browser
from tests.services.scenes import send_all
from tests.services.talks import Talk
from webapp.config import Settings
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionState,
    Answerer,
    Campaign,
    Contact,
    Conversation,
    Hinted,
    Message,
    Role,
    Texting,
    User,
    WebhookReceipt,
)
from webapp.services import (
    accounts,
    audit,
    automated,
    campaigns,
    demo,
    demo_script,
    inbox,
    ledger,
    members,
    optouts,
)
from webapp.texting import phones

SignIn = Callable[[User], Browser]
PASSWORD = "practice makes perfect"


def built() -> Campaign:
    return demo.build(
        owner_password=PASSWORD, texter_password=PASSWORD, now=utc_now(), unit=transaction
    )


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
    )
    assert accounts.who("maya@example.org", "another good one").name == "Maya Okafor"
    assert accounts.who("jordan@example.org", PASSWORD).name == "Jordan Lee"


def test_every_number_in_it_is_fictional_and_can_be_read() -> None:
    for _first, _last, phone, _city, _state in demo_script.rows():
        assert re.fullmatch(r"\+1\d{3}55501\d\d", phone)
        assert phones.read(phone).e164 == phone


def test_times_of_day_never_close_it() -> None:
    home = built()
    assert campaigns.find("rivera") == home
    assert home.hours.always


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
    steps = ("Dana texted “S.T.O.P”", "Matched a stop word", "Added Opt Out (P2P)", "Closed the")
    places = [page.index(step) for step in steps]
    assert places == sorted(places)
    assert "Jordan’s inbox" in page


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
    assert "Try “JOIN”" in browser.get(f"/c/{home.slug}/demo").text


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
    page = handset.browser.get(f"{handset.url}?phone=(312) 555-0177").text
    assert "No texts yet." in page
    page = handset.text("Hello?", phone="+13125550177")
    assert "(312) 555-0177 texted “Hello?”" in page


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
