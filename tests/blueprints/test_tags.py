"""Data > Tags."""

from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    Campaign,
    Conversation,
    Event,
    NumberKind,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.models.tags import BUILT_IN_NAMES
from webapp.services import report_settings, reports, tags

SignIn = Callable[[User], Browser]
LOCKED = "This tag is built in and can&#39;t be changed."
UNLOCKED = LOCKED.replace("&#39;", "'")


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/tags"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin())


def own() -> list[str]:
    return list(db.session.scalars(select(Tag.name).where(Tag.opts_out_of.is_(None))))


def built_in(texting: Texting = Texting.P2P) -> Tag:
    return tags.built_in(factories.the_campaign().id, texting)


def test_the_two_built_in_tags_stand_first_explained_with_their_people(
    browser: Browser, page: str
) -> None:
    factories.contact(opted_out_of=Texting.P2P)
    text = browser.get(page).text
    assert text.index("Opt Out (P2P)") < text.index("Opt Out (Broadcast)") < text.index("Your tags")
    assert "Only these two tags stop texts." in text
    assert "STOP, END, UNSUBSCRIBE" in text and "An admin, with a written reason" in text
    assert '<strong class="num">1</strong> contact<' in text
    assert "/data/opt-outs?kind=p2p" in text and "/data/opt-outs?kind=broadcast" in text


def test_without_own_tags_the_list_says_so(browser: Browser, page: str) -> None:
    assert "You haven’t made any tags yet." in browser.get(page).text


def test_a_new_tag_is_listed(browser: Browser, page: str) -> None:
    answer = browser.post(page, {"name": "Will vote", "description": "They say so"})
    assert (answer.status_code, answer.location) == (303, page)
    text = browser.get(page).text
    assert "Will vote" in text and "They say so" in text and "is ready" in text


def test_a_new_tag_by_htmx_answers_with_the_fresh_part(browser: Browser, page: str) -> None:
    answer = browser.post(page, {"name": "Will vote"}, htmx=True)
    assert answer.status_code == 200
    assert answer.text.lstrip().startswith('<div id="tags">')
    assert "Will vote" in answer.text and 'value="Will vote"' not in answer.text


@pytest.mark.parametrize("htmx", [False, True])
def test_a_look_alike_is_refused_with_the_reason_and_keeps_what_was_typed(
    browser: Browser, page: str, htmx: bool
) -> None:
    typed = {"name": "Opt-0ut", "description": "When they say stop"}
    answer = browser.post(page, typed, htmx=htmx)
    assert answer.status_code == 422
    assert "“Opt-0ut” looks like a built-in opt-out tag. Choose a different name." in answer.text
    assert "Why we refuse this name" in answer.text
    assert 'value="Opt-0ut"' in answer.text and 'value="When they say stop"' in answer.text
    assert own() == []


def test_ticking_that_it_is_understood_does_not_let_a_look_alike_through(
    browser: Browser, page: str
) -> None:
    assert browser.post(page, {"name": "Do not text", "understood": "y"}).status_code == 422
    assert own() == []


def test_a_risky_name_asks_whether_it_is_understood(browser: Browser, page: str) -> None:
    answer = browser.post(page, {"name": "Stop sign petition"})
    assert answer.status_code == 422
    assert "This name includes “stop”." in answer.text
    assert 'name="understood"' in answer.text
    assert 'name="understood"' not in browser.get(page).text
    assert browser.post(page, {"name": "Stop sign petition", "understood": "y"}).status_code == 303
    assert own() == ["Stop sign petition"]


@pytest.mark.parametrize("name", ["", "x" * 81])
def test_a_name_that_cannot_be_used_is_said_at_its_field(
    browser: Browser, page: str, name: str
) -> None:
    answer = browser.post(page, {"name": name})
    assert answer.status_code == 422 and 'aria-invalid="true"' in answer.text
    assert "<title>Error: Tags" in answer.text


def test_the_list_is_searched_by_any_way_of_writing(browser: Browser, page: str) -> None:
    factories.tag("Will vote")
    factories.tag("Needs a ride")
    text = browser.get(f"{page}?q=WILL-vote").text
    assert "Will vote" in text and "Needs a ride" not in text
    assert "No tags match “zebra”" in browser.get(f"{page}?q=zebra").text


def test_a_tag_is_renamed(browser: Browser, page: str) -> None:
    tag = factories.tag("Will vote")
    assert 'value="Will vote"' in browser.get(f"{page}/{tag.id}").text
    answer = browser.post(f"{page}/{tag.id}", {"name": "Voted", "description": "They have"})
    assert answer.location == page
    assert own() == ["Voted"]


def test_renaming_into_a_look_alike_is_refused(browser: Browser, page: str) -> None:
    tag = factories.tag("Will vote")
    answer = browser.post(f"{page}/{tag.id}", {"name": "opt out (p2p)"})
    assert answer.status_code == 422 and "looks like a built-in opt-out tag" in answer.text
    assert own() == ["Will vote"]


def test_an_archived_tag_is_gone_from_the_list_and_cannot_be_changed(
    browser: Browser, page: str
) -> None:
    tag = factories.tag("Will vote")
    assert browser.post(f"{page}/{tag.id}/archive").location == page
    assert "You haven’t made any tags yet." in browser.get(page).text
    assert "is archived" in browser.get(f"{page}/{tag.id}").text
    assert "is archived" in browser.post(f"{page}/{tag.id}", {"name": "Voted"}).text
    assert own() == ["Will vote"]


@pytest.mark.parametrize("texting", Texting)
def test_a_built_in_tag_has_a_page_without_a_form(
    browser: Browser, page: str, texting: Texting
) -> None:
    answer = browser.get(f"{page}/{built_in(texting).id}")
    assert answer.status_code == 200
    assert UNLOCKED in answer.text and 'name="name"' not in answer.text


ROADS = {
    "its page": ("POST", "", {"name": "Will vote", "description": "", "understood": "y"}),
    "archiving": ("POST", "/archive", {}),
    "a delete by override": ("POST", "", {"_method": "DELETE", "name": "Will vote"}),
    "putting": ("PUT", "", {"name": "Will vote"}),
    "patching": ("PATCH", "", {"name": "Will vote"}),
    "deleting": ("DELETE", "", {}),
    "deleting by archive": ("DELETE", "/archive", {}),
}


@pytest.mark.parametrize("texting", Texting)
@pytest.mark.parametrize("road", ROADS)
def test_a_built_in_tag_is_refused_by_every_road_of_the_web(
    client_for: SignIn, page: str, texting: Texting, road: str
) -> None:
    verb, path, form = ROADS[road]
    tag = built_in(texting)
    before = (tag.name, tag.folded_name, tag.description, tag.opts_out_of, tag.archived_at)
    for person in (factories.admin(), factories.owner()):
        answer = client_for(person).open(
            f"{page}/{tag.id}{path}",
            method=verb,
            data=form,
            headers={"X-HTTP-Method-Override": "DELETE"},
        )
        assert answer.status_code == (409 if verb == "POST" else 405)
        assert verb != "POST" or UNLOCKED in answer.text
    tag = built_in(texting)
    after = (tag.name, tag.folded_name, tag.description, tag.opts_out_of, tag.archived_at)
    assert before == after and tag.name == BUILT_IN_NAMES[texting]


def test_a_try_to_change_a_built_in_tag_stays_on_the_trail(browser: Browser, page: str) -> None:
    tag = built_in()
    browser.post(f"{page}/{tag.id}", {"name": "Will vote"})
    entry = db.session.scalars(select(TrailEntry).order_by(TrailEntry.id.desc())).first()
    assert entry is not None
    assert (entry.event, entry.about, entry.about_id) == (Event.TAG_CHANGE_REFUSED, "tag", tag.id)


def test_a_tag_of_another_campaign_is_not_there(browser: Browser, page: str) -> None:
    stranger = factories.tag("Will vote", of=factories.campaign())
    assert browser.get(f"{page}/{stranger.id}").status_code == 404
    assert browser.post(f"{page}/{stranger.id}", {"name": "Mine"}).status_code == 404
    assert browser.post(f"{page}/{stranger.id}/archive").status_code == 404
    assert own() == ["Will vote"]


def test_names_are_shown_as_they_were_typed(browser: Browser, page: str) -> None:
    browser.post(page, {"name": "<b>{{ 7*7 }}</b>"})
    text = browser.get(page).text
    assert "&lt;b&gt;{{ 7*7 }}&lt;/b&gt;" in text and "<b>{{" not in text


def test_a_tag_says_when_it_was_last_marked_in_a_report(browser: Browser, page: str) -> None:
    marked, other = factories.tag("Will vote"), factories.tag("Undecided")
    dana = factories.contact()
    texter = factories.texter()
    first = factories.first_text(factories.action(dana), dana, texter)
    with transaction():
        talk = db.session.get_one(Conversation, first.conversation_id)
        report_settings.show_tag(
            db.session.get_one(Action, talk.action_id), marked, by=None, now=utc_now()
        )
        reports.send(talk, reports.Filled(tag_ids=[marked.id]), key="k", by=texter, now=utc_now())
    rows = browser.get(page).text.partition("Your tags")[2].split("<tr>")
    assert next(row for row in rows if "Will vote" in row).count("<time") == 1
    assert "Not yet" in next(row for row in rows if other.name in row)


def test_the_broadcast_tag_says_how_a_contact_takes_it_off(browser: Browser, page: str) -> None:
    assert "by texting" not in browser.get(page).text
    factories.number(phone="+13125550199", kind=NumberKind.BROADCAST)
    assert "by texting JOIN to (312) 555-0199" in browser.get(page).text
    with transaction():
        db.session.get_one(Campaign, factories.the_campaign().id).own_opt_in_words = "VAMOS"
    assert "by texting JOIN or VAMOS to (312) 555-0199" in browser.get(page).text
