"""Reports, Possible opt-outs and a contact's page keep themselves up to date."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import factories
from tests.client import Browser
from tests.polling import Polled
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction, utc_now
from webapp.models import Contact, Conversation, Message, MessageState, OptOutSource, Texting, User
from webapp.services import demo_phone, optouts, possible, reports
from webapp.services.reports import Filled

SignIn = Callable[[User], Browser]


def root() -> str:
    return f"/c/{factories.the_campaign().slug}/data"


@pytest.fixture
def maya() -> User:
    return factories.admin(name="Maya Okafor")


@pytest.fixture
def browser(maya: User, client_for: SignIn) -> Browser:
    return client_for(maya)


def report(talk: Talk, key: str = "key") -> int:
    with transaction():
        found = db.session.get_one(Conversation, talk.id)
        sent = reports.send(found, Filled(), key=key, by=talk.texter, now=utc_now())
        return sent.report.by_user_id


def hint_of(talk: Talk) -> Message:
    return possible.page(factories.the_campaign().id).lines[-1].message


def stop(contact: Contact) -> None:
    with transaction():
        found = db.session.get_one(Contact, contact.id)
        optouts.record(found, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())


# Reports


def test_new_reports_wait_behind_a_button(browser: Browser) -> None:
    page = Polled(browser, f"{root()}/reports")
    assert page.poll() == ""
    report(Talk())
    news = page.poll()
    assert "Show 1 new report" in news and 'data-announce="1 new report"' in news
    assert "<table" not in news
    assert page.poll() == ""
    report(Talk())
    news = page.poll()
    assert "Show 2 new reports" in news and "data-announce" not in news


def test_the_button_counts_what_its_list_shows(browser: Browser) -> None:
    mine, other = Talk(), Talk()
    page = Polled(browser, f"{root()}/reports?texter={mine.texter.id}")
    report(other)
    assert page.poll() == ""
    report(mine)
    news = page.poll()
    assert "Show 1 new report" in news
    assert f'href="{root()}/reports?texter={mine.texter.id}"' in news


def test_days_that_are_over_get_no_new_reports(browser: Browser) -> None:
    yesterday = (utc_now() - timedelta(days=2)).date()
    past = Polled(browser, f"{root()}/reports?end={yesterday}")
    since = Polled(browser, f"{root()}/reports?start={yesterday}")
    report(Talk())
    assert past.poll() == ""
    assert "Show 1 new report" in since.poll()
    assert since.cost() <= 4


def test_a_later_page_of_reports_does_not_poll(browser: Browser) -> None:
    assert "data-live" not in browser.get(f"{root()}/reports?before=5").text


# Possible opt-outs


def test_a_new_possible_opt_out_waits_behind_a_button_and_is_counted(browser: Browser) -> None:
    Talk().hears(HINT)
    page = Polled(browser, f"{root()}/opt-outs/possible")
    assert page.poll() == ""
    Talk().hears(HINT)

    news = page.poll()

    assert "Show 1 new one" in news and f'href="{root()}/opt-outs/possible?order=newest"' in news
    assert 'id="tab-possible" hx-swap-oob="true">2</span>' in news
    assert 'id="rail-opt-outs" hx-swap-oob="true">2' in news
    assert page.poll() == ""


def test_a_card_stays_and_says_how_somebody_decided(browser: Browser, maya: User) -> None:
    talk, other = Talk(), Talk()
    talk.hears(HINT)
    first = hint_of(talk)
    other.hears(HINT)
    second = hint_of(other)
    page = Polled(browser, f"{root()}/opt-outs/possible")
    with transaction():
        possible.mark(first, [Texting.P2P], by=maya, now=utc_now())

    news = page.poll()

    assert f'id="decide-{first.id}" hx-swap-oob="true" data-calm' in news
    assert "The opt-out is recorded, says Maya Okafor." in news
    assert f"decide-{second.id}" not in news
    assert page.poll() == ""
    with transaction():
        possible.close(second, "Talks about a stop sign", by=maya, now=utc_now())
    assert "Not a request, says Maya Okafor." in page.poll()
    assert page.poll() == ""


def test_a_text_that_a_stop_word_settled_says_so_too(browser: Browser) -> None:
    talk = Talk()
    talk.hears(HINT)
    page = Polled(browser, f"{root()}/opt-outs/possible")
    talk.hears("STOP")
    assert "The opt-out is recorded." in page.poll()


def test_texts_of_another_campaign_cannot_be_asked_for(browser: Browser) -> None:
    own = factories.the_campaign()
    away = factories.campaign()
    talk = Talk(away)
    talk.hears(HINT)
    message = possible.page(away.id).lines[0].message
    with transaction():
        possible.mark(message, [Texting.P2P], by=factories.owner(away), now=utc_now())
    asked = f"/c/{own.slug}/data/opt-outs/possible/live?shown={message.id}-x-{9**18}"
    assert browser.get(asked, htmx=True).status_code == 204


# A contact


def test_a_contacts_page_says_at_once_that_they_cannot_be_texted(browser: Browser) -> None:
    dana = factories.contact()
    page = Polled(browser, f"{root()}/contacts/{dana.id}?about=p2p")
    assert page.poll() == ""
    stop(dana)

    news = page.poll()

    assert 'id="standing" hx-swap-oob="true" data-calm' in news and "Opted out" in news
    assert "Show what is new" in news and "Opt Out (P2P) added" not in news
    assert f'href="{root()}/contacts/{dana.id}?about=p2p"' in news
    assert page.poll() == ""


def test_a_contacts_page_hears_of_each_text(browser: Browser) -> None:
    talk = Talk()
    page = Polled(browser, f"{root()}/contacts/{talk.contact.id}")
    talk.hears("Who is this?")
    assert "Show what is new" in page.poll()


# The opt-outs of an action


def test_the_number_of_opt_outs_leads_to_exactly_those_people(browser: Browser) -> None:
    talk, other = Talk(), Talk()
    page = f"{root().removesuffix('/data')}/actions/{talk.action.id}"
    assert f"{page}/opt-outs" not in browser.get(page).text
    assert "Nobody has opted out in answer" in browser.get(f"{page}/opt-outs").text
    talk.hears("STOP")
    other.hears("STOP")

    assert f'href="{page}/opt-outs"' in browser.get(page).text

    text = browser.get(f"{page}/opt-outs").text
    assert "1 person opted out in answer to" in text
    assert f"/contacts/{talk.contact.id}" in text
    assert f"/contacts/{other.contact.id}" not in text
    assert "Nothing further." in browser.get(f"{page}/opt-outs?before=1").text


def test_the_opt_outs_of_an_automated_action_have_their_list_too(browser: Browser) -> None:
    number, dana = factories.number(), factories.contact()
    action = factories.automation("VOLUNTEER")
    page = f"{root().removesuffix('/data')}/actions"
    with transaction():
        demo_phone.text_in(dana.phone, number, "VOLUNTEER", now=utc_now())
    with transaction():
        db.session.execute(update(Message).values(state=MessageState.SENT))
    with transaction():
        demo_phone.text_in(dana.phone, number, "STOP", now=utc_now())
    assert (
        f'href="{page}/{action.id}/opt-outs"' in browser.get(f"{page}/automated/{action.id}").text
    )
    text = browser.get(f"{page}/{action.id}/opt-outs").text
    assert "1 person opted out" in text and f"/contacts/{dana.id}" in text


def test_the_polls_cost_few_statements_however_much_there_is(browser: Browser) -> None:
    talk = Talk()
    talk.hears(HINT)
    pages = ("reports", "opt-outs/possible", f"contacts/{talk.contact.id}")
    few = [Polled(browser, f"{root()}/{page}").cost() for page in pages]
    for _ in range(3):
        another = Talk()
        another.hears(HINT)
        report(another)
        talk.hears("And another thing")
    assert [Polled(browser, f"{root()}/{page}").cost() for page in pages] == few
    assert max(few) <= 5
