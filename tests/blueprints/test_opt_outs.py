"""Data > Opt-outs."""

import csv
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from tests.services.talks import Talk
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Contact,
    ContactTag,
    Event,
    Message,
    MessageKind,
    OptOutSource,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import ledger, optouts

SignIn = Callable[[User], Browser]
NOTE = "Called the office on May 5"


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/opt-outs"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


def opt_out(person: Contact, kind: Texting = Texting.P2P, *, note: str = "") -> None:
    with transaction():
        optouts.record(person, kind, source=OptOutSource.ADMIN, note=note, now=utc_now())


def test_nobody_has_opted_out_yet(browser: Browser, page: str) -> None:
    assert "Nobody has opted out yet." in browser.get(page).text
    assert "No changes yet." in browser.get(f"{page}/history").text


def test_a_tab_shows_no_count_of_nothing(browser: Browser, page: str) -> None:
    text = browser.get(page).text
    for tab in ("tab-possible", "tab-wrote-back"):
        assert f'id="{tab}" hidden>' in text


def test_who_is_opted_out_how_and_why(browser: Browser, page: str) -> None:
    person = factories.contact(first_name="Dana", phone="+13125550142")
    opt_out(person, note=NOTE)
    text = browser.get(page).text
    assert "(312) 555-0142" in text and "Dana" in text and NOTE in text
    assert "Opt Out (P2P)" in text and f"/data/contacts/{person.id}" in text


@pytest.mark.parametrize("written", ["312 555 0142", "%2B13125550142", "555-0142", "dana"])
def test_somebody_is_found(browser: Browser, page: str, written: str) -> None:
    opt_out(factories.contact(first_name="Dana", phone="+13125550142"))
    opt_out(factories.contact(first_name="Luis", phone="+13125550143"))
    text = browser.get(f"{page}?q={written}").text
    assert "(312) 555-0142" in text and "(312) 555-0143" not in text


def test_a_search_without_a_match_offers_to_clear_it(browser: Browser, page: str) -> None:
    opt_out(factories.contact())
    assert "No opt-outs match" in browser.get(f"{page}?q=zebra&kind=p2p").text
    assert "No opt-outs match" in browser.get(f"{page}?kind=broadcast").text
    assert "No opt-outs match" in browser.get(f"{page}?source=import").text


@pytest.mark.parametrize("query", ["kind=x&source=y&after=z", "after=%00", "before=x"])
def test_an_address_typed_by_hand_shows_the_first_page(
    browser: Browser, page: str, query: str
) -> None:
    opt_out(factories.contact(phone="+13125550142"))
    assert "(312) 555-0142" in browser.get(f"{page}?{query}").text
    assert "(312) 555-0142" in browser.get(f"{page}/history?{query}").text


def test_older_ones_are_a_link_away(
    browser: Browser, page: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(ledger.current.__kwdefaults__, "size", 2)
    people = [factories.contact() for _ in range(3)]
    for person in people:
        opt_out(person)
    first = browser.get(f"{page}?kind=p2p").text
    assert people[0].pretty_phone not in first
    older = next(part for part in first.split('"') if "after=" in part).replace("&amp;", "&")
    assert people[0].pretty_phone in browser.get(older).text and "kind=p2p" in older


def test_the_history_keeps_what_was_lifted(browser: Browser, page: str) -> None:
    person = factories.contact(first_name="Dana")
    opt_out(person)
    with transaction():
        optouts.lift(
            person,
            Texting.P2P,
            reason="Dana asked for texts again",
            agreed="replied",
            by=factories.admin(),
            now=utc_now(),
        )
    assert "Nobody has opted out yet." in browser.get(page).text
    text = browser.get(f"{page}/history").text
    assert "Dana asked for texts again" in text and "removed" in text and "added" in text


def test_a_request_from_elsewhere_is_recorded_for_an_unknown_number(
    browser: Browser, page: str
) -> None:
    typed = {"phone": "(312) 555-0142", "kinds": ["p2p", "broadcast"], "source": NOTE}
    answer = browser.post(f"{page}/new", typed)
    assert answer.status_code == 303
    text = browser.get(answer.location).text
    assert "(312) 555-0142 now has Opt Out (P2P) and Opt Out (Broadcast)." in text
    assert NOTE in text and "Maya Okafor" in text
    again = browser.get(browser.post(f"{page}/new", typed).location).text
    assert "was opted out already" in again


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"phone": "555"}, "too short"),
        ({"phone": ""}, "Give the number."),
        ({"kinds": []}, "Choose what this person asked to stop."),
        ({"kinds": ["everything"]}, "not a valid choice"),
        ({"source": " "}, "Say how this request reached you."),
    ],
)
def test_a_request_that_says_too_little_comes_back(
    browser: Browser, page: str, changed: dict[str, object], said: str
) -> None:
    typed = {"phone": "3125550142", "kinds": ["p2p"], "source": NOTE} | changed
    answer = browser.post(f"{page}/new", typed)
    assert answer.status_code == 422 and said in answer.text
    assert db.session.scalar(select(ContactTag)) is None


def test_the_file_is_safe_complete_and_kept_on_the_trail(browser: Browser, page: str) -> None:
    person = factories.contact(phone="+13125550142")
    opt_out(person, note="=HYPERLINK(1)")
    opt_out(factories.contact(of=factories.campaign()))

    answer = browser.post(f"{page}/export")

    assert answer.mimetype == "text/csv" and "attachment" in answer.headers["Content-Disposition"]
    (row,) = csv.DictReader(answer.text.splitlines())
    assert (row["phone"], row["kind"], row["text"]) == ("+13125550142", "p2p", "'=HYPERLINK(1)")
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert entry is not None and entry.event is Event.EXPORTED
    assert browser.get(f"{page}/export").status_code == 405


def test_words_of_contacts_are_shown_as_they_are(browser: Browser, page: str) -> None:
    opt_out(factories.contact(first_name="<i>Dana</i>"), note="<script>1</script>")
    text = browser.get(page).text
    assert "&lt;script&gt;" in text and "&lt;i&gt;Dana" in text


def test_another_campaigns_opt_outs_are_nowhere(browser: Browser, page: str) -> None:
    opt_out(factories.contact(of=factories.campaign(), phone="+13125550142"))
    for path in ("", "?q=3125550142", "/history"):
        assert "(312) 555-0142<" not in browser.get(page + path).text
    assert "5550142" not in browser.post(f"{page}/export").text


def test_the_history_is_searched_and_filtered(browser: Browser, page: str) -> None:
    opt_out(factories.contact(first_name="Dana", phone="+13125550142"))
    opt_out(factories.contact(first_name="Luis", phone="+13125550143"), Texting.BROADCAST)
    for query in ("q=312 555 0142", "q=dana", "kind=p2p", "q=555-0142&source=admin"):
        text = browser.get(f"{page}/history?{query}").text
        assert "(312) 555-0142" in text and "(312) 555-0143" not in text, query
    assert "Nothing here." in browser.get(f"{page}/history?source=import").text


@pytest.mark.parametrize("path", ["", "/history"])
def test_days_narrow_both_lists(browser: Browser, page: str, path: str) -> None:
    opt_out(factories.contact(phone="+13125550142"))
    with_it = browser.get(f"{page}{path}?start=2020-01-01&end=2099-01-01").text
    assert "(312) 555-0142" in with_it and 'value="2020-01-01"' in with_it
    assert "(312) 555-0142" not in browser.get(f"{page}{path}?end=2020-01-01").text
    for odd in ("start=x&end=0001-01-01", "start=9999-12-31"):
        assert "(312) 555-0142" in browser.get(f"{page}{path}?{odd}").text


def test_texts_after_an_opt_out_are_counted_when_somebody_asks(browser: Browser, page: str) -> None:
    assert f"{page}/proof" in browser.get(page).text
    text = browser.get(f"{page}/proof").text
    assert "0 texts were sent" in text and "No text has led to an opt-out yet." in text
    talk = Talk()
    talk.hears("STOP", now=utc_now())
    text = browser.get(f"{page}/proof").text
    assert "Stop word" in text and "At once" in text
    with transaction():
        first = db.session.scalars(select(Message).where(Message.kind == MessageKind.FIRST)).one()
        first.sending_at = utc_now() + timedelta(days=1)
    text = browser.get(f"{page}/proof").text
    assert "1 text left after an opt-out" in text and f"message {first.id}" in text


def test_the_evidence_sheet_is_a_page_and_a_file(browser: Browser, page: str) -> None:
    person = page.replace("opt-outs", "contacts")
    talk = Talk(first_name="<i>Dana", subscribed="Sign-up sheet")
    empty = factories.contact(subscribed_at=None)
    text = browser.get(f"{person}/{empty.id}/evidence").text
    assert "Nothing has happened yet." in text and "None on record" in text
    talk.hears("STOP", now=utc_now())
    opt_out(talk.contact, Texting.BROADCAST, note="=HYPERLINK(1)")
    assert f"{talk.contact.id}/evidence" in browser.get(f"{person}/{talk.contact.id}").text
    text = browser.get(f"{person}/{talk.contact.id}/evidence").text
    assert "Sign-up sheet" in text and "“STOP”" in text and "&lt;i&gt;Dana" in text
    assert "Not by a text: Logged by an admin" in text

    answer = browser.post(f"{person}/{talk.contact.id}/evidence/export")
    assert answer.mimetype == "text/csv"
    rows = list(csv.DictReader(answer.text.splitlines()))
    assert rows[0]["what"] == "First text" and rows[0]["to"] == talk.contact.phone
    assert "STOP" in [row["text"] for row in rows]
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert entry is not None and entry.event is Event.EXPORTED
