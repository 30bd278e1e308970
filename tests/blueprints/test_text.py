"""The pages for first texts: one card per person, one tap per text."""

import re
from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ActionKind,
    ActionTexter,
    Contact,
    Event,
    Membership,
    Message,
    MessageState,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import action_days, actions, optouts
from webapp.texting.spans import Span

SignIn = Callable[[User], Browser]


class Shift:
    """A texter at the pages of one action."""

    def __init__(self, client_for: SignIn, *names: str, **of_action: object) -> None:
        self.texter = factories.texter(name="Jordan Lee")
        self.people = [factories.contact(first_name=name, last_name="Mackey") for name in names]
        self.action = factories.action(*self.people, **of_action)
        self.browser = client_for(self.texter)
        home = f"/c/{factories.the_campaign().slug}"
        self.base, self.url = home, f"{home}/text/{self.action.id}"

    def get_batch(self) -> TestResponse:
        return self.browser.post(f"{self.url}/batch")

    def card(self) -> TestResponse:
        return self.browser.get(f"{self.url}/send")

    def press(self, form: dict[str, str], *, htmx: bool = False) -> TestResponse:
        return self.browser.post(f"{self.url}/send", data=form, htmx=htmx)


def form_of(page: TestResponse) -> dict[str, str]:
    """The hidden fields of the one form with the big button."""
    form = page.text[page.text.index('id="send"') :]
    fields = re.findall(r'name="(recipient|key)" value="([^"]+)"', form)
    assert len(fields) == 2
    return dict(fields)


def texts() -> int:
    return db.session.scalar(select(func.count()).select_from(Message)) or 0


def test_the_list_shows_my_actions_with_their_counts(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana", batch_size=1)
    page = shift.browser.get(f"{shift.base}/text")
    assert shift.action.name in page.text
    assert "2 first texts left" in page.text
    shift.get_batch()
    assert "1 contact left in your batch" in shift.browser.get(f"{shift.base}/text").text


def test_without_actions_the_list_says_so(client_for: SignIn) -> None:
    page = client_for(factories.texter()).get(f"/c/{factories.the_campaign().slug}/text")
    assert "Nothing to send right now" in page.text


def test_an_action_that_is_not_mine_is_not_on_my_list_and_refused(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", all_texters=False)
    with transaction():
        db.session.add(ActionTexter(action_id=shift.action.id, user_id=factories.texter().id))
    assert shift.action.name not in shift.browser.get(f"{shift.base}/text").text
    assert shift.browser.get(shift.url).status_code == 403
    assert shift.get_batch().status_code == 403


@pytest.mark.parametrize(
    "other", [{"launched": False}, {"kind": ActionKind.BROADCAST}], ids=["draft", "broadcast"]
)
def test_drafts_and_broadcasts_have_no_first_texts_to_tap(
    client_for: SignIn, other: dict[str, object]
) -> None:
    shift = Shift(client_for, "Renee", **other)
    assert shift.browser.get(shift.url).status_code == 404


def test_the_action_shows_a_sample_and_offers_a_batch(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", batch_size=50, instruction="Ask whether they vote early.")
    page = shift.browser.get(shift.url).text
    assert "Get 50 contacts" in page
    assert "Ask whether they vote early." in page
    assert "Hi Renee, vote on Tuesday." in page


def test_a_batch_leads_to_the_first_card(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    answer = shift.get_batch()
    assert (answer.status_code, answer.location) == (303, f"{shift.url}/send")
    page = shift.card().text
    assert "Send to Renee" in page
    assert "Hi Renee, vote on Tuesday. Reply STOP to opt out." in page
    assert "49 characters · 1 text" in page


def test_one_tap_sends_one_text_and_brings_the_next_person(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    answer = shift.press(form_of(shift.card()))
    assert (answer.status_code, answer.location) == (303, f"{shift.url}/send")
    sent = db.session.scalars(select(Message)).one()
    assert (sent.contact_id, sent.state) == (shift.people[0].id, MessageState.QUEUED)
    assert "Send to Ana" in shift.card().text


def test_with_htmx_the_next_card_comes_back_with_a_fresh_key(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    form = form_of(shift.card())
    answer = shift.press(form, htmx=True)
    assert answer.status_code == 200
    assert "<html" not in answer.text
    assert "Send to Ana" in answer.text
    assert "Sent to Renee. Next: Ana Mackey." in answer.text
    assert form_of(answer)["key"] != form["key"]


def test_a_double_tap_is_one_text(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    form = form_of(shift.card())
    assert shift.press(form).status_code == 303
    assert shift.press(form).status_code == 303
    assert texts() == 1


def test_a_second_device_is_told_that_somebody_was_texted_already(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    phone, laptop = form_of(shift.card()), form_of(shift.card())
    shift.press(phone)
    answer = shift.press(laptop)
    assert answer.status_code == 409
    assert "Renee was texted already" in answer.text
    assert "Send to Ana" in answer.text
    assert texts() == 1


def test_somebody_who_opted_out_meanwhile_is_skipped_with_a_line(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    form = form_of(shift.card())
    with transaction():
        optouts.record(shift.people[0], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    answer = shift.press(form, htmx=True)
    assert answer.status_code == 200
    assert "Skipped Renee. They&#39;ve opted out." in answer.text
    assert "Send to Ana" in answer.text
    assert texts() == 0


def test_without_htmx_the_line_is_on_the_next_page(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    form = form_of(shift.card())
    with transaction():
        optouts.record(shift.people[0], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    assert shift.press(form).status_code == 303
    assert "Skipped Renee. They&#39;ve opted out." in shift.card().text


def test_a_paused_action_says_who_paused_it_and_keeps_the_place(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee")
    shift.get_batch()
    form = form_of(shift.card())
    with transaction():
        actions.pause(shift.action, by=factories.admin(name="Maya Okafor"), now=utc_now())
    for page in (shift.card(), shift.press(form)):
        assert "Paused by Maya" in page.text
        assert "Your place is saved." in page.text
        assert 'id="send-button"' not in page.text
    assert shift.press(form).status_code == 409
    assert texts() == 0


def test_a_finished_action_can_be_looked_at_and_no_more(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee")
    shift.get_batch()
    with transaction():
        actions.finish(shift.action, by=None, now=utc_now())
    assert "This action is finished" in shift.card().text
    assert "This action is finished" in shift.browser.get(shift.url).text
    assert shift.get_batch().status_code == 409


def test_outside_texting_hours_the_card_says_when_it_opens(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee")
    shift.get_batch()
    form = form_of(shift.card())
    with transaction():
        _close_all_day(shift.people[0])
    for page in (shift.card(), shift.press(form)):
        assert "Texting is closed" in page.text
        assert "time zone" in page.text
        assert 'id="send-button"' not in page.text
    assert texts() == 0


def test_the_list_and_the_action_say_until_when_texting_is_closed(client_for: SignIn) -> None:
    """Decision 14: a first text is deferred, and the texter sees until when."""
    shift = Shift(client_for, "Renee")
    shift.get_batch()
    with transaction():
        _close_all_day(shift.people[0])
    for page in (shift.browser.get(f"{shift.base}/text"), shift.browser.get(shift.url)):
        assert re.search(r"Texting is closed until \d+.* in Renee’s time zone", page.text)
        assert "Your place is saved." in page.text
        assert "Go on sending" not in page.text


def test_without_a_batch_the_hours_of_the_campaign_are_told(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee")
    with transaction():
        _close_all_day(shift.people[0])
    listed, opened = shift.browser.get(f"{shift.base}/text"), shift.browser.get(shift.url)
    for page in (listed, opened):
        assert re.search(r"Texting is closed until \d+(:\d\d)? [ap]m( tomorrow)?\.", page.text)
        assert "time zone" not in page.text
    assert "First texts wait until then." in listed.text
    assert "You can get contacts now and text them then." in opened.text


@pytest.mark.parametrize(
    ("opens", "closes", "told"),
    [(0, 1439, "Texting hours: 12 am to 11:59 pm."), (0, 1440, "")],
    ids=["hours", "any time"],
)
def test_while_texting_is_open_the_list_and_the_action_tell_the_hours(
    client_for: SignIn, opens: int, closes: int, told: str
) -> None:
    shift = Shift(client_for, "Renee")
    with transaction():
        home = factories.the_campaign()
        home.time_zone = "Asia/Kolkata" if utc_now().hour == 23 else "UTC"  # never its last minute
        home.opens_minute, home.closes_minute = opens, closes
    for page in (shift.browser.get(f"{shift.base}/text"), shift.browser.get(shift.url)):
        assert "Texting is closed" not in page.text
        assert ("Texting hours" in page.text) is bool(told)
        assert told in page.text


def test_people_whom_another_action_just_texted_wait_and_the_card_says_why(
    client_for: SignIn,
) -> None:
    shift = Shift(client_for, "Renee")
    with transaction():
        factories.the_campaign().recontact_lock_hours = 6
    shift.get_batch()
    form = form_of(shift.card())
    factories.first_text(factories.action(shift.people[0]), shift.people[0], shift.texter)

    for page in (shift.card(), shift.press(form)):
        assert "Too soon after another action" in page.text
        assert "Your place is saved." in page.text
        assert "Texting is closed" not in page.text
        assert 'id="send-button"' not in page.text
    for page in (shift.browser.get(f"{shift.base}/text"), shift.browser.get(shift.url)):
        assert "Another action just texted the people in your batch." in page.text
        assert "Texting is closed" not in page.text
        assert "Go on sending" not in page.text
    assert texts() == 1


def _close_all_day(contact: Contact) -> None:
    """Hours of one minute, half a day away from now."""
    home = factories.the_campaign()
    home.time_zone, contact.zones = "UTC", "America/Chicago"
    minute = (utc_now().hour * 60 + 720) % 1439
    home.opens_minute, home.closes_minute = minute, minute + 1


def test_skipped_people_come_back_at_the_end(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    recipient = form_of(shift.card())["recipient"]
    answer = shift.browser.post(f"{shift.url}/skip", data={"recipient": recipient}, htmx=True)
    assert "Send to Ana" in answer.text
    shift.press(form_of(answer))
    assert "Send to Renee" in shift.card().text


def test_something_looks_wrong_is_told_to_the_admins(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    recipient = form_of(shift.card())["recipient"]
    answer = shift.browser.post(
        f"{shift.url}/flag", data={"recipient": recipient, "wrong": "text"}, htmx=True
    )
    assert "Told an admin." in answer.text
    assert "Send to Ana" in answer.text
    entry = db.session.scalars(select(TrailEntry).where(TrailEntry.event == Event.FLAGGED)).one()
    assert (entry.contact_id, entry.details) == (shift.people[0].id, {"wrong": "text"})


def test_the_end_of_a_batch_says_how_it_went_and_offers_more(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana", batch_size=1)
    shift.get_batch()
    shift.press(form_of(shift.card()))
    page = shift.card().text
    assert '<span class="num">1</span> sent.' in page
    assert "Get 1 more" in page
    shift.get_batch()
    shift.press(form_of(shift.card()))
    assert "Every first text has been sent." in shift.card().text


def test_texts_that_did_not_arrive_stand_above_the_next_card(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    shift.press(form_of(shift.card()))
    with transaction():
        db.session.scalars(select(Message)).one().state = MessageState.FAILED
    assert "Didn’t reach Renee." in shift.card().text


@pytest.mark.parametrize(
    "form",
    [{}, {"recipient": "one", "key": "k"}, {"recipient": "9" * 40, "key": "k"}],
    ids=["nothing", "no number", "no database holds it"],
)
def test_a_broken_form_sends_nothing(client_for: SignIn, form: dict[str, str]) -> None:
    shift = Shift(client_for, "Renee")
    shift.get_batch()
    answer = shift.press(form)
    assert answer.status_code == 422
    assert texts() == 0


def test_the_poll_is_silent_until_the_action_changes(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    assert shift.browser.get(f"{shift.url}/live?since=send", htmx=True).status_code == 204
    with transaction():
        actions.pause(shift.action, by=None, now=utc_now())
    answer = shift.browser.get(f"{shift.url}/live?since=send", htmx=True)
    assert answer.status_code == 200
    assert 'id="card" class="fill" hx-swap-oob="true"' in answer.text


def test_the_poll_never_puts_one_person_in_place_of_another(client_for: SignIn) -> None:
    shift = Shift(client_for, "Renee", "Ana")
    shift.get_batch()
    with transaction():
        optouts.record(shift.people[0], Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    assert shift.browser.get(f"{shift.url}/live?since=send", htmx=True).status_code == 204


def test_names_and_texts_are_shown_as_they_are(client_for: SignIn) -> None:
    shift = Shift(client_for, "<b>Renee</b>")
    shift.get_batch()
    page = shift.card().text
    assert "<b>Renee" not in page
    assert "Send to &lt;b&gt;Renee&lt;/b&gt;" in page


def test_admins_can_text_as_themselves(client_for: SignIn) -> None:
    factories.contact()
    action = factories.action(factories.contact(first_name="Renee"))
    browser = client_for(factories.admin())
    url = f"/c/{factories.the_campaign().slug}/text/{action.id}"
    assert browser.post(f"{url}/batch").status_code == 303
    assert "Send to Renee" in browser.get(f"{url}/send").text


# Days of the action, and texters whom nobody has approved yet


def set_days(shift: Shift, first: int | None, last: int | None) -> None:
    """The first and the last day of the action, counted from today."""
    today = utc_now().astimezone(ZoneInfo("America/Chicago")).date()
    days = [today + timedelta(days=n) if n is not None else None for n in (first, last)]
    with transaction():
        action_days.set_days(db.session.get_one(Action, shift.action.id), Span(*days))


@pytest.mark.parametrize(
    ("days", "said"), [((2, None), "Texting opens on "), ((None, -2), "Texting ended on ")]
)
def test_before_the_first_and_after_the_last_day_the_pages_say_so(
    client_for: SignIn, days: tuple[int | None, int | None], said: str
) -> None:
    shift = Shift(client_for, "Dana", "Renee")
    set_days(shift, *days)
    assert said in shift.browser.get(f"{shift.base}/text").text
    page = shift.browser.get(shift.url).text
    assert said in page and "Get 50 contacts" not in page
    answer = shift.get_batch()
    assert answer.status_code == 409 and said in answer.text
    assert said in shift.card().text


def test_a_press_on_send_after_the_last_day_sends_nothing(client_for: SignIn) -> None:
    shift = Shift(client_for, "Dana")
    shift.get_batch()
    form = form_of(shift.card())
    set_days(shift, None, -2)
    answer = shift.press(form, htmx=True)
    assert answer.status_code == 409 and "Your place is saved." in answer.text
    assert texts() == 0
    assert "shut" in shift.browser.get(f"{shift.url}/live?since=send").text
    assert shift.browser.get(f"{shift.url}/live?since=shut").status_code == 204


def test_whoever_waits_for_approval_sees_the_pages_and_sends_nothing(client_for: SignIn) -> None:
    shift = Shift(client_for, "Dana")
    place = (factories.the_campaign().id, shift.texter.id)
    with transaction():
        db.session.get_one(Membership, place).awaits_approval = True
    waits = "An admin has to approve you"
    assert waits in shift.browser.get(f"{shift.base}/text").text
    page = shift.browser.get(shift.url).text
    assert waits in page and "Get 50 contacts" not in page
    assert waits in shift.card().text
    answer = shift.get_batch()
    assert answer.status_code == 409 and waits in answer.text
    assert shift.browser.get(f"{shift.base}/inbox").status_code == 200
    with transaction():
        db.session.get_one(Membership, place).awaits_approval = False
    assert shift.browser.get(f"{shift.url}/live?since=approval").status_code == 200
    assert shift.get_batch().status_code == 303
