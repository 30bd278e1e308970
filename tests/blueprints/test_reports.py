"""Data > Reports."""

from collections.abc import Callable
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import Action, Contact, Conversation, QuestionKind, Report, Tag, Texting, User
from webapp.services import optouts, report_settings, reports, tags
from webapp.services.reports import Filled

SignIn = Callable[[User], Browser]


@pytest.fixture
def page() -> str:
    return f"/c/{factories.the_campaign().slug}/data/reports"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


@pytest.fixture
def will_vote() -> Tag:
    return factories.tag("Will vote")


def report(*marked: Tag, of: str = "Dana", **filled: object) -> Report:
    texter = factories.texter(name=f"Texter of {of}")
    person = factories.contact(first_name=of)
    action = factories.action(person, name=f"Action about {of}")
    with transaction():
        for tag in marked:
            report_settings.show_tag(action, tag, by=None, now=utc_now())
    talk = db.session.get_one(
        Conversation, factories.first_text(action, person, texter).conversation_id
    )
    with transaction():
        given = Filled(tag_ids=[tag.id for tag in marked], **filled)  # type: ignore[arg-type]
        return reports.send(talk, given, key=of, by=texter, now=utc_now()).report


def opt_out() -> Tag:
    return tags.built_in(factories.the_campaign().id, Texting.P2P)


def test_no_reports_yet(browser: Browser, page: str) -> None:
    assert "No reports yet." in browser.get(page).text


def test_reports_are_listed_newest_first_with_their_tags(
    browser: Browser, page: str, will_vote: Tag
) -> None:
    report(will_vote, of="Dana")
    report(of="Luis")
    text = browser.get(page).text.partition("<table")[2]
    assert text.index("Luis") < text.index("Dana")
    assert "Will vote" in text and "Nothing to record" in text and "Texter of Dana" in text


@pytest.mark.parametrize("by", ["tag", "texter", "action"])
def test_the_list_is_narrowed(browser: Browser, page: str, will_vote: Tag, by: str) -> None:
    wanted = report(will_vote, of="Dana")
    report(of="Luis")
    number = {"tag": will_vote.id, "texter": wanted.by_user_id, "action": wanted.action_id}[by]
    table = browser.get(f"{page}?{by}={number}").text.partition("<table")[2]
    assert "Dana" in table and "Luis" not in table
    assert "No reports match." in browser.get(f"{page}?{by}=99999").text


def test_the_list_is_narrowed_to_days_of_the_campaign(browser: Browser, page: str) -> None:
    report(of="Dana")
    zone = ZoneInfo(factories.the_campaign().time_zone)
    today = utc_now().astimezone(zone).date()
    before, after = today - timedelta(days=1), today + timedelta(days=1)

    for shown in (f"start={today}", f"end={today}", f"start={today}&end={today}"):
        assert "Dana" in browser.get(f"{page}?{shown}").text
    for empty in (f"start={after}", f"end={before}"):
        assert "No reports match." in browser.get(f"{page}?{empty}").text
    assert "Dana" in browser.get(f"{page}?start=yesterday&end=0001-01-01").text


def test_an_archived_tag_is_named_so(browser: Browser, page: str, will_vote: Tag) -> None:
    report(will_vote)
    with transaction():
        tags.archive(will_vote, by=None, now=utc_now())
    assert "Will vote (archived)" in browser.get(page).text


def test_a_report_is_shown_with_what_was_said(browser: Browser, page: str, will_vote: Tag) -> None:
    made = report(will_vote, note="Very firm")
    text = browser.get(f"{page}/{made.id}").text
    assert "Very firm" in text and "Hi Dana, vote on Tuesday." in text
    assert "Action about Dana" in text and "Correct this report" in text


def test_an_opt_out_in_a_report_leads_to_its_removal_on_the_contact(
    browser: Browser, page: str
) -> None:
    made = report(opt_out())
    path = f"/data/contacts/{made.contact_id}/opt-outs/p2p/remove"
    assert path in browser.get(f"{page}/{made.id}").text


def correction(browser: Browser, url: str, **typed: object) -> dict[str, object]:
    """What the form holds when it is opened, changed by what is typed."""
    text = browser.get(url).text
    key = text.partition('name="key" type="hidden" value="')[2].partition('"')[0]
    assert key
    return {"key": key, "reason": "Marked by mistake", **typed}


def test_a_report_is_corrected_once(browser: Browser, page: str, will_vote: Tag) -> None:
    made = report(will_vote)
    url = f"{page}/{made.id}/correct"
    assert f'value="{will_vote.id}"' in browser.get(url).text
    typed = correction(browser, url, note="They moved away")

    answer = browser.post(url, typed)
    again = browser.post(url, typed)

    assert answer.location == again.location != f"{page}/{made.id}"
    text = browser.get(answer.location).text
    assert "Marked by mistake" in text and "They moved away" in text and "Will vote" in text
    assert "A later report replaced this one." in browser.get(f"{page}/{made.id}").text
    assert len(db.session.scalars(select(Report)).all()) == 2


def test_a_correction_without_a_reason_comes_back(
    browser: Browser, page: str, will_vote: Tag
) -> None:
    url = f"{page}/{report(will_vote).id}/correct"
    answer = browser.post(url, correction(browser, url, reason="", note="Typed"))
    assert answer.status_code == 422
    assert "Say why you correct this report." in answer.text and "Typed" in answer.text


def test_a_report_corrected_meanwhile_is_said_so(browser: Browser, page: str) -> None:
    url = f"{page}/{report().id}/correct"
    browser.post(url, correction(browser, url))
    answer = browser.post(url, correction(browser, url))
    assert answer.status_code == 422 and "replaced by a newer one" in answer.text


def test_unmarking_an_opt_out_tag_lifts_nothing(browser: Browser, page: str) -> None:
    made = report(opt_out())
    url = f"{page}/{made.id}/correct"
    browser.post(url, correction(browser, url, tags=[]))
    person = db.session.get_one(Contact, made.contact_id)
    assert not optouts.standing(person)[Texting.P2P].may_be_texted


def test_an_opt_out_that_was_lifted_since_is_not_marked_again(browser: Browser, page: str) -> None:
    made = report(opt_out())
    with transaction():
        optouts.lift(
            db.session.get_one(Contact, made.contact_id),
            Texting.P2P,
            reason="Dana asked for texts again",
            agreed="replied",
            by=factories.admin(),
            now=utc_now(),
        )
    url = f"{page}/{made.id}/correct"
    form = browser.get(url).text
    assert f'value="{opt_out().id}"' in form and " checked" not in form.partition('id="tags"')[2]
    assert "was removed since" in browser.get(f"{page}/{made.id}").text


def test_answers_are_corrected_among_their_choices(browser: Browser, page: str) -> None:
    made = report()
    with transaction():
        question = report_settings.add_question(
            db.session.get_one(Action, made.action_id),
            "Support level",
            QuestionKind.CHOICE,
            choices=["Strong yes", "Strong no"],
            by=None,
            now=utc_now(),
        ).id
    url = f"{page}/{made.id}/correct"
    wrong = browser.post(url, correction(browser, url) | {f"answers-{question}": "Perhaps"})
    assert wrong.status_code == 422 and "isn&#39;t an answer to" in wrong.text.replace("'", "&#39;")
    right = browser.post(url, correction(browser, url) | {f"answers-{question}": "Strong no"})
    assert "Strong no" in browser.get(right.location).text


def test_a_report_of_another_campaign_is_not_there(browser: Browser, page: str) -> None:
    home, elsewhere = factories.the_campaign(), factories.campaign()
    person, texter = factories.contact(of=elsewhere), factories.texter(elsewhere)
    talk_id = factories.first_text(factories.action(person), person, texter).conversation_id
    with transaction():
        talk = db.session.get_one(Conversation, talk_id)
        theirs = reports.send(talk, Filled(), key="x", by=texter, now=utc_now()).report
    assert theirs.campaign_id != home.id
    assert browser.get(f"{page}/{theirs.id}").status_code == 404
    assert browser.get(f"{page}/{theirs.id}/correct").status_code == 404
    assert browser.post(f"{page}/{theirs.id}/correct", {"reason": "x"}).status_code == 404
