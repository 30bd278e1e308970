"""Data > Opt-outs > Possible and Wrote back."""

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from tests.services.scenes import text_in
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction, utc_now
from webapp.models import Hinted, Message, NumberKind, Texting, User
from webapp.services import optouts, possible, upkeep, wrote_back

SignIn = Callable[[User], Browser]


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/opt-outs"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture
def talk() -> Talk:
    """A contact who has just asked to stop in words of her own."""
    found = Talk()
    found.hears(HINT, now=utc_now())
    return found


def hinted() -> Message:
    db.session.rollback()
    query = select(Message).where(Message.hint.is_not(None))
    return db.session.scalars(query.execution_options(populate_existing=True)).one()


def came(ago: timedelta) -> None:
    with transaction():
        hinted().created_at = utc_now() - ago


def test_nothing_waits_yet(browser: Browser, page: str) -> None:
    assert "Nothing to review." in browser.get(f"{page}/possible").text
    assert "Nothing to read." in browser.get(f"{page}/wrote-back").text
    assert "Nothing has been read yet." in browser.get(f"{page}/wrote-back?show=read").text


def test_a_request_is_shown_with_its_words_its_texter_and_its_clock(
    browser: Browser, page: str, talk: Talk
) -> None:
    text = browser.get(f"{page}/possible").text
    assert "<mark>" in text and "not text me" in text
    assert "With Jordan Lee for just now." in text
    assert "10 business days left" in text and "Mark Opt Out (P2P)" in text
    assert f"/data/contacts/{talk.contact.id}" in text


@pytest.mark.parametrize(
    ("days", "said", "color"),
    [(13, "business day", "danger"), (40, "Overdue by", "danger"), (0, "10 business", "outline")],
)
def test_the_clock_is_red_when_little_is_left(
    browser: Browser, page: str, talk: Talk, days: int, said: str, color: str
) -> None:
    came(timedelta(days=days))
    text = browser.get(f"{page}/possible").text
    assert said in text and f'class="chip {color}"' in text


def test_the_badge_and_home_say_how_many_wait(browser: Browser, page: str, talk: Talk) -> None:
    home = browser.get(page.removesuffix("data/opt-outs")).text
    assert "1 possible opt-out to review" in home
    assert "possible opt-outs to review</span>" in browser.get(page).text
    browser.post(f"{page}/possible/{hinted().id}/mark", {"kinds": "p2p"})
    home = browser.get(page.removesuffix("data/opt-outs")).text
    assert "No possible opt-outs to review" in home
    assert re.search(r'id="rail-opt-outs" hidden>0<', home)


def test_one_tap_marks_the_kind_of_the_text(browser: Browser, page: str, talk: Talk) -> None:
    answer = browser.post(f"{page}/possible/{hinted().id}/mark?order=newest", {"kinds": "p2p"})
    assert answer.location == f"{page}/possible?order=newest"
    text = browser.get(answer.location).text
    assert "Dana now has Opt Out (P2P)." in text and "Nothing to review." in text
    assert not optouts.standing(talk.contact)[Texting.P2P].may_be_texted
    assert HINT in browser.get(page).text
    again = browser.post(f"{page}/possible/{hinted().id}/mark", {"kinds": "p2p"})
    assert "Dana was opted out already." in browser.get(again.location).text


def test_the_page_of_one_shows_what_was_said_around_it(
    browser: Browser, page: str, talk: Talk
) -> None:
    talk.hears("I mean it", now=utc_now())
    text = browser.get(f"{page}/possible/{hinted().id}").text
    assert "vote on Tuesday" in text and "I mean it" in text and "<mark>" in text
    assert 'name="kinds" type="checkbox" value="p2p"' in text.replace("checked ", "")
    assert text.count("checked") == 1


def test_both_kinds_are_marked(browser: Browser, page: str, talk: Talk) -> None:
    browser.post(f"{page}/possible/{hinted().id}/mark", {"kinds": ["p2p", "broadcast"]})
    assert not any(one.may_be_texted for one in optouts.standing(talk.contact).values())


def test_without_a_kind_the_form_comes_back(browser: Browser, page: str, talk: Talk) -> None:
    answer = browser.post(f"{page}/possible/{hinted().id}/mark", {})
    assert answer.status_code == 422 and "Choose what should stop." in answer.text
    assert hinted().hint is Hinted.OPEN


def test_not_a_request_takes_a_reason(browser: Browser, page: str, talk: Talk) -> None:
    one = f"{page}/possible/{hinted().id}"
    refused = browser.post(f"{one}/close", {"reason": " "})
    assert refused.status_code == 422 and "Say why it is no request to stop." in refused.text
    assert browser.post(f"{one}/close", {"reason": "x"}).status_code == 422
    answer = browser.post(f"{one}/close", {"reason": "Talks about the stop sign"})
    assert "Not a request." in browser.get(answer.location).text
    assert hinted().hint is Hinted.CLOSED
    person = browser.get(page.replace("opt-outs", f"contacts/{talk.contact.id}")).text
    assert "An admin said that it was no request to stop" in person
    assert "Talks about the stop sign" in person
    assert "This has been decided" in browser.get(one).text


def test_two_admins_decide_once(browser: Browser, page: str, talk: Talk) -> None:
    one = f"{page}/possible/{hinted().id}"
    browser.post(f"{one}/mark", {"kinds": "p2p"})
    answer = browser.post(f"{one}/close", {"reason": "Talks about the stop sign"})
    assert answer.status_code == 409 and "decided already" in answer.text


def test_what_a_texter_dismissed_says_who(browser: Browser, page: str, talk: Talk) -> None:
    with transaction():
        upkeep.dismiss_hint(talk.conversation, by=talk.texter, now=utc_now())
    assert "Jordan Lee said it is no request, just now." in browser.get(f"{page}/possible").text


def test_what_a_texter_told_says_who_and_what(browser: Browser, page: str, talk: Talk) -> None:
    with transaction():
        upkeep.ask_admin(talk.conversation, "The report can't", by=talk.texter, now=utc_now())
    text = browser.get(f"{page}/possible").text
    assert "Jordan Lee told you about it, just now." in text and "The report can&#39;t" in text


def test_more_are_a_link_away(
    browser: Browser, page: str, monkeypatch: pytest.MonkeyPatch, talk: Talk
) -> None:
    monkeypatch.setitem(possible.page.__kwdefaults__, "size", 1)
    Talk(first_name="Luis").hears(HINT, now=utc_now())
    first = browser.get(f"{page}/possible").text
    assert "Luis" not in first
    link = next(part for part in first.split('"') if "after=" in part and "/mark" not in part)
    assert "Luis" in browser.get(link.replace("&amp;", "&")).text
    assert "Luis" in browser.get(f"{page}/possible?order=newest").text
    assert "Nothing further." in browser.get(f"{page}/possible?after=999999").text


def test_a_text_that_is_no_such_text_has_no_page(browser: Browser, page: str) -> None:
    Talk().hears("Hello")
    one = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert one is not None
    assert browser.get(f"{page}/possible/{one.id}").status_code == 404
    for path in (
        f"possible/{one.id}/mark",
        f"possible/{one.id}/close",
        f"wrote-back/{one.id}/read",
    ):
        assert browser.post(f"{page}/{path.format(one.id)}", {"kinds": "p2p"}).status_code == 404


def test_words_of_contacts_are_shown_as_they_are(browser: Browser, page: str) -> None:
    Talk(first_name="<b>Dana").hears("<script>1</script> stop texting me", now=utc_now())
    text = browser.get(f"{page}/possible").text
    assert "&lt;script&gt;" in text and "&lt;b&gt;Dana" in text


# Wrote back


def test_what_opted_out_people_write_is_read_there(browser: Browser, page: str) -> None:
    serving = factories.number(kind=NumberKind.BROADCAST)
    talk = Talk()
    talk.hears("STOP", now=utc_now())
    talk.hears("ok you can text me again", now=utc_now())
    talk.hears("I said stop texting me!!", now=utc_now())

    text = browser.get(f"{page}/wrote-back").text
    assert "ok you can text me again" in text and "Opt Out (P2P)" in text
    assert text.count("Reads like a request to stop") == 1
    assert f"contacts/{talk.contact.id}/opt-outs/p2p/remove" in text
    assert f"texts START to {serving.phone[2:5]}" in text.replace("(", "").replace(")", "")

    one = db.session.scalars(select(Message).where(Message.body.startswith("ok you"))).one()
    answer = browser.post(f"{page}/wrote-back/{one.id}/read")
    text = browser.get(answer.location).text
    assert "ok you can" not in text and "I said" in text
    text = browser.get(f"{page}/wrote-back?show=read").text
    assert "ok you can" in text and "Read by Maya Okafor" in text and "Mark read" not in text


def test_older_texts_are_a_link_away(
    browser: Browser, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for part in (wrote_back.read, wrote_back.unread):
        monkeypatch.setitem(part.__kwdefaults__, "size", 1)
    talk = Talk()
    talk.hears("STOP", now=utc_now())
    for body in ("Older words", "Newer words"):
        talk.hears(body, now=utc_now())
    for path in ("wrote-back", "wrote-back?show=read"):
        first = browser.get(f"{page}/{path}").text
        assert "Newer words" in first and "Older words" not in first
        link = next(part for part in first.split('"') if "after=" in part)
        assert "Older words" in browser.get(link.replace("&amp;", "&")).text
        texts = select(Message).where(Message.wrote_back).order_by(Message.id)
        for one in db.session.scalars(texts).all():
            browser.post(f"{page}/wrote-back/{one.id}/read")
    assert "Nothing further." in browser.get(f"{page}/wrote-back?after=1").text


def test_other_campaigns_are_nowhere(browser: Browser, page: str) -> None:
    home = factories.campaign()
    Talk(home).hears(HINT, now=utc_now())
    text_in(factories.STRANGER, factories.number(home), HINT, now=utc_now())
    for path in ("possible", "wrote-back", "possible?order=newest"):
        assert "not text me" not in browser.get(f"{page}/{path}").text
