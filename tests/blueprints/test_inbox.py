"""The inbox's pages: threads, replies, reports, the poll, and the pane after a stop word."""

import re
from collections.abc import Callable
from html import unescape
from urllib.parse import parse_qs

import pytest
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from tests import factories
from tests.client import Browser
from tests.polling import statements
from tests.services.scenes import text_in
from tests.services.talks import HINT, Talk
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    ContactTag,
    Message,
    MessageKind,
    MessageState,
    OptOutSource,
    QuestionKind,
    Report,
    Tag,
    Texting,
    User,
)
from webapp.services import (
    inbox,
    optouts,
    report_settings,
    reports,
    scripts,
    tags,
    tally,
    threads,
)
from webapp.services.scripts import Reply

SignIn = Callable[[User], Browser]


class Desk:
    """A texter at the inbox, with one conversation open."""

    def __init__(self, client_for: SignIn, talk: Talk | None = None) -> None:
        self.talk = talk or Talk()
        self.sign_in = client_for
        self.browser = client_for(self.talk.texter)
        self.base = f"/c/{factories.the_campaign().slug}/inbox"
        self.url = f"{self.base}/{self.talk.id}"

    def hears(self, body: str) -> None:
        self.talk.hears(body, now=utc_now())

    def look(self, page: str = "", *, htmx: bool = False) -> TestResponse:
        return self.browser.get(self.url + page, htmx=htmx)

    def press(self, page: str, *, htmx: bool = False, **form: object) -> TestResponse:
        return self.browser.post(f"{self.url}/{page}", data=form, htmx=htmx)

    def reply(
        self, body: str, *, key: str = "key", htmx: bool = False, **form: object
    ) -> TestResponse:
        return self.press("reply", htmx=htmx, body=body, key=key, **form)

    def poll(self, since: int = 0, **query: object) -> TestResponse:
        told = "&".join(f"{name}={value}" for name, value in query.items())
        return self.browser.get(
            f"{self.base}/live?since={since}&conv={self.talk.id}&{told}", htmx=True
        )

    def opt_out_tag(self) -> Tag:
        return report_settings.opt_out_tag(db.session.get_one(Action, self.talk.action.id))


def statements_of(browser: Browser, url: str) -> list[str]:
    """What a page sends to the database."""
    with statements() as sent:
        assert browser.get(url).status_code == 200
    return [statement for statement in sent if statement != "BEGIN"]


def test_the_list_costs_few_statements_however_long_it_is(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    few = len(statements_of(desk.browser, desk.base))
    for _ in range(5):
        Talk(number=desk.talk.number, texter=desk.talk.texter).hears("Hello", now=utc_now())
    assert len(statements_of(desk.browser, desk.base)) == few <= 6


def test_a_conversation_asks_nothing_twice_and_for_nobody_whom_it_knows(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    saved_goodbye(desk)
    asked = statements_of(desk.browser, desk.url)
    twice = [one for one in asked if asked.count(one) > 1]
    assert twice == [] and len(asked) <= 18
    # Who is signed in wrote the only text; and of all tags only those of the list are read.
    assert not [one for one in asked if "FROM person" in one]
    tags_of_all = [one for one in asked if re.match(r"SELECT tag\..*\sFROM tag\s+WHERE", one, re.S)]
    assert len(tags_of_all) == 1


@pytest.mark.parametrize("query", ["", "?view=all", "?view=all&q=a%26b%2F%3F%23+c&action=7"])
def test_a_line_of_the_list_leads_to_its_conversation_with_the_list_beside_it(
    client_for: SignIn, query: str
) -> None:
    desk = Desk(client_for, Talk(first_name="a&b/?# c"))
    desk.hears("Hello")
    query = query.replace("action=7", f"action={desk.talk.action.id}")
    page = desk.browser.get(desk.base + query).get_data(as_text=True)
    shown = re.search(rf'id="conv-{desk.talk.id}"><a[^>]*href="([^"]*)"', page)
    assert shown is not None
    path, _, kept = unescape(shown.group(1)).partition("?")
    assert path == desk.url
    assert parse_qs(kept) == parse_qs(query.removeprefix("?"))
    assert desk.browser.get(unescape(shown.group(1))).status_code == 200


def replies_sent() -> list[str]:
    query = select(Message.body).where(Message.kind == MessageKind.REPLY).order_by(Message.id)
    return list(db.session.scalars(query))


def is_out(talk: Talk) -> bool:
    return optouts.is_opted_out(talk.contact.id, talk.contact.campaign_id, Texting.P2P)


# The list


def test_the_list_shows_who_waits_and_why(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    page = desk.browser.get(desk.base).text
    assert "Possible opt-out" in page
    assert "Please do not text me anymore" in page
    assert "<title>(1) Inbox – Heed</title>" in page


def test_an_empty_inbox_says_so_without_a_celebration(client_for: SignIn) -> None:
    page = Desk(client_for).browser.get(Desk(client_for).base).text
    assert "You’re all caught up" in page
    assert "New replies show up here by themselves." in page


@pytest.mark.parametrize(
    ("query", "words"),
    [
        ("view=unread", "No unread replies."),
        ("view=archived", "Nothing archived."),
        ("q=ashland", "No conversations match “ashland”"),
        ("view=nonsense&action=x&tag=-1&after=%00&texter=1", "You’re all caught up"),
    ],
)
def test_each_empty_view_has_its_words(client_for: SignIn, query: str, words: str) -> None:
    desk = Desk(client_for)
    assert words in desk.browser.get(f"{desk.base}?{query}").text


def test_filters_live_in_the_address_and_links_carry_them_on(client_for: SignIn) -> None:
    desk = Desk(client_for)
    page = desk.browser.get(f"{desk.base}?view=all&q=dana&action={desk.talk.action.id}").text
    href = f"/inbox/{desk.talk.id}?view=all&amp;q=dana&amp;action={desk.talk.action.id}"
    assert href in page


def test_older_conversations_are_one_link_away(
    client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(inbox, "PAGE", 2)
    desk = Desk(client_for)
    for _ in range(2):
        Talk(number=desk.talk.number, texter=desk.talk.texter)
    page = desk.browser.get(f"{desk.base}?view=all").text
    assert f'id="conv-{desk.talk.id}"' not in page
    older = re.search(r'href="([^"]*after=[^"]+)"', page)
    assert older
    page = desk.browser.get(older[1].replace("&amp;", "&")).text
    assert f'id="conv-{desk.talk.id}"' in page
    assert "Older conversations" not in page


def test_admins_see_everybodys_conversations_and_whose_they_are(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    admin = client_for(factories.admin())
    page = admin.get(f"{desk.base}?texter={desk.talk.texter.id}").text
    assert f'id="conv-{desk.talk.id}"' in page
    assert "Questions" in page
    assert admin.get(desk.url).status_code == 200


# A thread


def test_a_thread_shows_what_was_said_and_how_far_it_came(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Who is this?")
    page = desk.look().text
    assert "Hi Dana, vote on Tuesday." in page
    assert "· Sent" in page
    assert "Who is this?" in page
    assert "(1) Dana Whitfield" in page


@pytest.mark.parametrize(
    ("state", "words"),
    [
        (MessageState.QUEUED, "Sending"),
        (MessageState.DELIVERED, "Delivered"),
        (MessageState.UNDELIVERED, "Not delivered. This number can’t get texts."),
        (MessageState.FAILED, "Not delivered."),
        (MessageState.UNKNOWN, "Nobody can say whether it arrived."),
        (MessageState.CANCELLED, "Not sent."),
    ],
)
def test_the_delivery_state_is_in_words(
    client_for: SignIn, state: MessageState, words: str
) -> None:
    desk = Desk(client_for)
    with transaction():
        db.session.scalars(select(Message)).one().state = state
    assert words in desk.look().text


def test_with_htmx_a_thread_comes_as_the_two_panes_beside_the_list(client_for: SignIn) -> None:
    desk = Desk(client_for)
    answer = desk.look(htmx=True)
    assert "<html" not in answer.text
    assert 'id="pane"' in answer.text
    assert 'id="panel"' in answer.text
    assert 'id="convs"' not in answer.text


def test_other_peoples_threads_are_not_found(client_for: SignIn) -> None:
    desk = Desk(client_for)
    other = client_for(factories.texter())
    for page in ("", "/contact", "/report", "/replies", "/ask-admin"):
        answer = other.get(desk.url + page)
        assert answer.status_code == 404
        assert "This conversation isn’t in your inbox." in answer.text.replace("&#39;", "’")


def test_names_and_texts_are_escaped_and_may_run_either_way(client_for: SignIn) -> None:
    desk = Desk(client_for, Talk(first_name="<i>ليلى</i>", last_name="حداد" * 15))
    desk.hears("<script>alert(1)</script> " + "x" * 1_500)
    page = desk.look().text
    assert "<i>ليلى" not in page
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert 'class="bubble" dir="auto"' in page


def test_earlier_texts_are_one_link_away(
    client_for: SignIn, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "PAGE", 2)
    desk = Desk(client_for)
    desk.hears("One")
    desk.hears("Two")
    page = desk.look().text
    assert "vote on Tuesday" not in page
    earlier = re.search(r'href="([^"]*before=\d+)"', page)
    assert earlier
    assert "vote on Tuesday" in desk.browser.get(earlier[1]).text


def test_a_thread_counts_as_read_when_its_page_says_so(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    assert 'hx-trigger="load"' in desk.look().text
    assert desk.talk.conversation.is_unread
    answer = desk.press("read", htmx=True)
    assert 'id="tab-unread" hx-swap-oob="true" hidden' in answer.text
    assert not desk.talk.conversation.is_unread
    assert 'hx-trigger="load"' not in desk.look().text
    assert desk.press("unread").status_code == 303
    assert desk.talk.conversation.is_unread


def test_an_admin_who_looks_leaves_it_unread_for_its_texter(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    assert 'hx-trigger="load"' not in client_for(factories.admin()).get(desk.url).text


def test_archived_conversations_can_be_brought_back(client_for: SignIn) -> None:
    desk = Desk(client_for)
    assert desk.press("archive").location == desk.base
    assert desk.talk.conversation.is_archived
    assert desk.press("unarchive").location == desk.url
    assert not desk.talk.conversation.is_archived


def test_the_contact_is_shown_with_tags_and_other_conversations(client_for: SignIn) -> None:
    desk = Desk(client_for)
    with transaction():
        tags.apply(factories.tag("Needs a ride"), desk.talk.contact.id, by=None, now=utc_now())
    second = factories.action(desk.talk.contact, name="Volunteer Saturday")
    factories.first_text(second, desk.talk.contact, desk.talk.texter)
    page = desk.look("/contact").text
    assert "Needs a ride" in page
    assert "Volunteer Saturday" in page
    assert desk.talk.contact.pretty_phone in page


# Writing


def test_a_reply_is_queued_and_shown(client_for: SignIn) -> None:
    desk = Desk(client_for)
    answer = desk.reply("Hello Dana")
    assert (answer.status_code, answer.location) == (303, desk.url)
    assert replies_sent() == ["Hello Dana"]
    assert "Hello Dana" in desk.look().text


def test_with_htmx_the_text_joins_the_thread_and_the_next_one_gets_its_own_key(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    answer = desk.reply("Hello Dana", htmx=True)
    assert answer.status_code == 200
    assert 'id="thread" hx-swap-oob="beforeend"' in answer.text
    assert "Hello Dana" in answer.text
    key = re.search(r'id="composer-key" value="([^"]+)"', answer.text)
    assert key
    assert key[1] != "key"


def test_the_same_form_twice_is_one_text(client_for: SignIn) -> None:
    desk = Desk(client_for)
    assert desk.reply("Hello Dana").status_code == 303
    assert desk.reply("Hello Dana").status_code == 303
    assert replies_sent() == ["Hello Dana"]


@pytest.mark.parametrize("htmx", [True, False])
def test_a_text_that_cannot_be_sent_comes_back_as_it_was_typed(
    client_for: SignIn, htmx: bool
) -> None:
    desk = Desk(client_for)
    answer = desk.reply("Hello {first_name}", htmx=htmx)
    assert answer.status_code == 422
    assert "Fill in or remove what is between { and }." in answer.text
    if not htmx:
        assert ">Hello {first_name}</textarea>" in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_a_possible_request_to_stop_asks_before_a_reply_is_sent(
    client_for: SignIn, htmx: bool
) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    answer = desk.reply("Understood", htmx=htmx)
    assert answer.status_code == 409
    assert "Dana may have asked to stop. Send anyway?" in answer.text
    if not htmx:
        assert ">Understood</textarea>" in answer.text
    assert replies_sent() == []
    answer = desk.reply("Understood", htmx=htmx, anyway="1")
    assert answer.status_code == (200 if htmx else 303)
    assert replies_sent() == ["Understood"]


@pytest.mark.parametrize("htmx", [True, False])
def test_a_reply_beside_somebody_elses_is_told_and_not_sent(client_for: SignIn, htmx: bool) -> None:
    desk = Desk(client_for)
    desk.talk.says("I took this one", by=factories.admin(name="Maya Okafor"), now=utc_now())
    answer = desk.reply("Me too", htmx=htmx, seen=1)
    assert answer.status_code == 409
    assert "Maya Okafor replied a moment ago" in answer.text
    assert "I took this one" in answer.text
    assert replies_sent() == ["I took this one"]


def test_saved_replies_are_inserted_as_this_contact_gets_them(client_for: SignIn) -> None:
    desk = Desk(client_for)
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        scripts.set_saved_replies(
            action,
            [Reply("Goodbye", "Take care, {first_name}!", report_settings.opt_out_tag(action))],
        )
    page = desk.look().text
    assert 'data-insert="Take care, Dana!"' in page
    assert 'data-mark="p2p"' in page
    saved = re.search(r"\?saved=\d+", page)
    assert saved
    page = desk.look(saved[0]).text
    assert ">Take care, Dana!</textarea>" in page
    box = re.search(r'<input type="checkbox"[^>]*data-opt-out="p2p"[^>]*>', page)
    assert box
    assert "checked" in box[0]
    assert not is_out(desk.talk)


def saved_goodbye(desk: Desk) -> int:
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        own = report_settings.opt_out_tag(action)
        scripts.set_saved_replies(action, [Reply("Goodbye", "Take care!", own)])
    return scripts.saved_replies(desk.talk.action)[0].id


def opt_out_box(page: str) -> str:
    box = re.search(r'<input type="checkbox"[^>]*data-opt-out="p2p"[^>]*>', page)
    assert box
    return box[0]


@pytest.mark.parametrize("htmx", [False, True])
def test_what_a_sent_saved_reply_marks_waits_in_the_report(client_for: SignIn, htmx: bool) -> None:
    desk = Desk(client_for)
    saved = saved_goodbye(desk)
    assert f'id="composer-saved" value="{saved}"' in desk.look(f"?saved={saved}").text
    assert 'id="composer-saved" value=""' in desk.look().text
    answer = desk.reply("Take care!", saved=saved, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    assert not htmx or 'id="composer-saved" value="" hx-swap-oob' in answer.text
    page = desk.look("/report").text
    assert "checked" in opt_out_box(page) and "has marked something below" in page
    assert not is_out(desk.talk)


def test_a_refused_reply_remembers_its_saved_reply(client_for: SignIn) -> None:
    desk = Desk(client_for)
    saved = saved_goodbye(desk)
    again = desk.reply("Bye {first_nam}", saved=saved)
    assert again.status_code == 422 and f'id="composer-saved" value="{saved}"' in again.text
    assert "checked" not in opt_out_box(desk.look("/report").text)


@pytest.mark.parametrize("saved", ["99999999999999999999", "-1", "x"])
def test_a_saved_reply_that_cannot_be_is_refused_in_words(client_for: SignIn, saved: str) -> None:
    answer = Desk(client_for).reply("Hello", saved=saved)
    assert answer.status_code == 422 and "The message couldn’t be read. Try again." in answer.text


def test_after_ones_own_opt_out_report_the_thread_can_be_read_with_report_and_contact(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    desk.press("report", tags=desk.opt_out_tag().id, key="r")
    for page, said in (("", "Report sent"), ("/report", "Report sent"), ("/contact", "Tags")):
        text = desk.look(page).text
        assert "Nobody can text this number from a peer-to-peer action." in text
        assert 'aria-label="Side panel"' in text and said in text
        assert f'href="{desk.url}/report"' in text and f'href="{desk.url}/contact"' in text
        assert 'name="body"' not in text
    assert desk.reply("But wait").status_code == 409


def test_the_pane_of_a_stop_has_the_panels_tab_and_shows_texters_no_contact(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    boss = client_for(factories.admin())
    desk.talk.hears("STOP")
    answer = desk.reply("Are you there?")
    assert answer.status_code == 409 and "Dana asked to stop" in answer.text
    assert 'aria-label="Side panel"' in answer.text and "No report needed" in answer.text
    assert f"{desk.url}/contact" not in answer.text
    assert f"/data/contacts/{desk.talk.contact.id}" not in answer.text
    for page in ("/contact", "/replies"):
        assert desk.look(page).status_code == 404
    again = desk.look("/report")
    assert again.status_code == 404 and "No report needed" in again.text

    told = boss.post(f"{desk.url}/reply", {"body": "Hi", "key": "k"}).text
    assert 'aria-label="Side panel"' in told
    assert f'href="/c/{factories.the_campaign().slug}/data/contacts/{desk.talk.contact.id}"' in told


def test_all_saved_replies_have_a_page(client_for: SignIn) -> None:
    desk = Desk(client_for)
    assert "No saved replies for this action." in desk.look("/replies").text
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        scripts.set_saved_replies(action, [Reply(f"No. {n}", f"Text {n}") for n in range(6)])
    assert "All replies" in desk.look().text
    assert "Text 5" in desk.look("/replies").text


def test_an_action_with_saved_replies_only_locks_the_box(client_for: SignIn) -> None:
    desk = Desk(client_for)
    with transaction():
        db.session.get_one(Action, desk.talk.action.id).own_replies = False
    assert 'placeholder="Choose a saved reply"' in desk.look().text
    assert desk.reply("Whatever I like").status_code == 422


def test_a_draft_says_that_it_is_saved(client_for: SignIn) -> None:
    desk = Desk(client_for)
    assert desk.press("draft", htmx=True, body=" ").text == ""
    assert ">Draft saved</span>" not in desk.look().text
    desk.press("draft", htmx=True, body="Half a thought")
    assert ">Draft saved</span>" in desk.look().text


def test_what_was_typed_is_still_there_after_a_lost_connection(client_for: SignIn) -> None:
    desk = Desk(client_for)
    kept = desk.press("draft", htmx=True, body="Half a thought")
    assert (kept.status_code, kept.text) == (200, "Draft saved")
    assert ">Half a thought</textarea>" in desk.look().text
    assert desk.press("draft", htmx=True, body="").text == ""
    assert ">Half a thought</textarea>" not in desk.look().text


def test_outside_texting_hours_the_composer_says_when_and_the_report_stays(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    with transaction():
        home = factories.the_campaign()
        minute = (utc_now().hour * 60 + 720) % 1439
        home.time_zone, home.opens_minute, home.closes_minute = "UTC", minute, minute + 1
    page = desk.look().text
    assert "Texting is closed until" in page
    assert "You can still send the report." in page
    assert "Send report" in page
    assert 'id="body"' not in page
    assert desk.reply("Good night").status_code == 409
    assert replies_sent() == []


# A stop word while a texter is at it


@pytest.mark.parametrize("htmx", [True, False])
def test_a_reply_after_a_stop_word_meets_the_pane_and_is_not_sent(
    client_for: SignIn, htmx: bool
) -> None:
    desk = Desk(client_for)
    desk.hears("Who gave you my number?")
    desk.hears("Stop.")
    answer = desk.reply("Fair question", htmx=htmx)
    assert answer.status_code == 409
    assert "Dana asked to stop" in answer.text
    assert "Your message was not sent." in answer.text
    assert "Who gave you my number?" not in answer.text
    assert "vote on Tuesday" not in answer.text
    assert ("<html" in answer.text) is not htmx
    assert replies_sent() == []


@pytest.mark.parametrize(
    "page", ["read", "unread", "archive", "dismiss-hint", "ask-admin", "draft"]
)
def test_whatever_is_pressed_after_a_stop_word_meets_the_pane(
    client_for: SignIn, page: str
) -> None:
    desk = Desk(client_for)
    desk.hears("STOP")
    answer = desk.press(page, body="x", note="x")
    assert answer.status_code == 409
    assert "Dana asked to stop" in answer.text


@pytest.mark.parametrize("page", ["", "/contact", "/report", "/replies"])
def test_a_thread_that_ended_with_a_stop_word_is_not_found(client_for: SignIn, page: str) -> None:
    desk = Desk(client_for)
    desk.hears("STOP")
    for browser in (desk.browser, client_for(factories.admin())):
        assert browser.get(desk.url + page).status_code == 404


@pytest.mark.parametrize("htmx", [True, False])
def test_a_report_in_that_moment_is_kept_and_says_so(client_for: SignIn, htmx: bool) -> None:
    desk = Desk(client_for)
    tag = factories.tag("Needs a ride")
    with transaction():
        report_settings.show_tag(desk.talk.action, tag, by=None, now=utc_now())
    desk.hears("STOP")
    answer = desk.press(
        "report", htmx=htmx, key="key", tags=[tag.id, desk.opt_out_tag().id], note="On the bus"
    )
    assert answer.status_code == 409
    assert "Your report was saved. The opt-out was already recorded." in answer.text
    assert "Your message was not sent." not in answer.text
    report = db.session.scalars(select(Report)).one()
    assert report.note == "On the bus"
    assert db.session.get(ContactTag, (tag.id, desk.talk.contact.id)) is not None
    row = db.session.get_one(ContactTag, (desk.opt_out_tag().id, desk.talk.contact.id))
    assert row.source is OptOutSource.STOP_WORD


def test_nobody_else_learns_of_a_conversation_by_writing_to_it(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("STOP")
    other = client_for(factories.texter())
    assert other.post(f"{desk.url}/reply", data={"body": "x", "key": "k"}).status_code == 404
    assert other.post(f"{desk.url}/report", data={"key": "k"}).status_code == 404


def test_the_pane_leads_to_the_next_conversation(client_for: SignIn) -> None:
    desk = Desk(client_for)
    other = Talk(number=desk.talk.number, texter=desk.talk.texter, first_name="Luis")
    other.hears("Hello", now=utc_now())
    desk.hears("STOP")
    answer = desk.reply("Hi")
    assert "Next conversation" in answer.text
    assert f'href="{desk.base}/{other.id}"' in answer.text


@pytest.mark.parametrize("htmx", [True, False])
def test_after_an_opt_out_by_report_the_thread_stays_to_be_read(
    client_for: SignIn, htmx: bool
) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    with transaction():
        optouts.record(desk.talk.contact, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    page = desk.look().text
    assert "Hello" in page
    assert "Nobody can text this number from a peer-to-peer action." in page
    assert 'id="body"' not in page
    answer = desk.reply("But", htmx=htmx)
    assert answer.status_code == 409
    assert "Dana has opted out. Your message was not sent." in answer.text
    assert replies_sent() == []


# Hints


def test_a_hint_marks_the_words_and_changes_nothing(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    page = desk.look().text
    assert re.search(r"<mark>[^<]*do not text me", page)
    assert "This looks like a request to stop" in page
    assert f'href="{desk.url}/report?mark=p2p"' in page
    page = desk.look("/report?mark=p2p").text
    box = re.search(r'<input type="checkbox"[^>]*data-opt-out="p2p"[^>]*>', page)
    assert box
    assert "checked" in box[0]
    assert not is_out(desk.talk)


def test_a_dismissed_hint_goes_and_can_be_taken_back(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    message = desk.talk.conversation.hint_message_id
    answer = desk.press("dismiss-hint", htmx=True, message=message)
    assert "This looks like a request to stop" not in answer.text
    assert "Undo" in answer.text
    assert "This looks like a request to stop" not in desk.look().text
    answer = desk.press("dismiss-hint", htmx=True, message=message, undo="1")
    assert "This looks like a request to stop" in answer.text


def test_without_the_tag_in_the_report_a_hint_leads_to_an_admin(client_for: SignIn) -> None:
    desk = Desk(client_for)
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        report_settings.hide_tag(
            action, report_settings.opt_out_tag(action), by=None, now=utc_now()
        )
    desk.hears(HINT)
    page = desk.look().text
    assert "This action’s report can’t record it. Tell an admin so it isn’t missed." in page
    assert 'data-mark="p2p"' not in page
    note = re.search(r'name="note" value="([^"]+)"', page)
    assert note
    assert desk.press("ask-admin", note=note[1]).status_code == 303
    assert "can’t record it" in desk.talk.conversation.asks_admin


# Reports


def test_the_report_offers_the_opt_out_first_then_tags_questions_and_a_note(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        report_settings.show_tag(action, factories.tag("Will vote"), by=None, now=utc_now())
        report_settings.add_question(
            action,
            "Support level",
            QuestionKind.CHOICE,
            choices=["Strong", "Leaning"],
            by=None,
            now=utc_now(),
        )
    page = desk.look("/report").text
    places = [
        page.index(words) for words in ("Opt Out (P2P)", "Will vote", "Support level", "Note")
    ]
    assert places == sorted(places)
    assert "Send report and opt out Dana" in page
    assert "Send a goodbye first" not in page


def test_a_report_with_the_opt_out_marked_opts_out(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears(HINT)
    answer = desk.press("report", key="key", tags=desk.opt_out_tag().id)
    assert (answer.status_code, answer.location) == (303, f"{desk.url}/report")
    assert is_out(desk.talk)
    page = desk.look("/report").text
    assert "Report sent" in page
    assert "Dana is opted out of peer-to-peer texts." in page
    assert "Recorded by mistake?" in page


def test_with_htmx_the_confirmation_takes_the_panel_and_the_composer_goes(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    answer = desk.press("report", htmx=True, key="key", tags=desk.opt_out_tag().id)
    assert answer.status_code == 200
    assert "Report sent" in answer.text
    assert 'class="closed-note" id="composer" hx-swap-oob="true"' in answer.text
    assert "<textarea" not in answer.text


def test_a_report_sent_twice_is_one_report(client_for: SignIn) -> None:
    desk = Desk(client_for)
    for _ in range(2):
        assert desk.press("report", key="key", note="Hello").status_code == 303
    assert db.session.scalar(select(func.count()).select_from(Report)) == 1


def test_nothing_to_record_is_a_valid_report(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("ok")
    desk.press("report", key="key")
    assert "Nothing to record." in desk.look("/report").text
    assert not desk.talk.conversation.needs_attention


def test_resending_changes_tags_but_never_lifts_an_opt_out(client_for: SignIn) -> None:
    desk = Desk(client_for)
    one, two = factories.tag("Will vote"), factories.tag("Undecided")
    with transaction():
        for tag in (one, two):
            report_settings.show_tag(desk.talk.action, tag, by=None, now=utc_now())
    desk.press("report", key="first", tags=[one.id, desk.opt_out_tag().id])
    page = desk.look("/report?edit=1").text
    assert "Recorded already. Only an admin can take it off." in page
    desk.press("report", key="second", tags=[two.id])
    assert is_out(desk.talk)
    names = {tag.name for tag in inbox.tags_of(desk.talk.contact)}
    assert names == {"Opt Out (P2P)", "Undecided"}


def test_the_goodbye_is_sent_when_the_action_offers_it_and_the_texter_leaves_it_ticked(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    offer_goodbye(desk, "Take care, and thanks.")
    page = desk.look("/report").text
    assert "Send a goodbye first" in page and "Take care, and thanks." in page
    desk.press("report", key="key", tags=desk.opt_out_tag().id, goodbye="1")
    texts = list(db.session.scalars(select(Message).order_by(Message.id)))
    assert [text.kind for text in texts] == [MessageKind.FIRST, MessageKind.CONFIRMATION]
    assert texts[-1].body == "Take care, and thanks."


CHANGED = "The goodbye was changed meanwhile, so none was sent."


def shown_goodbye(page: str) -> str:
    """What the open report carries about the goodbye it shows."""
    found = re.search(r'<input type="hidden" name="goodbye_seen" value="([^"]+)">', page)
    assert found
    return found[1]


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("now", ["Goodbye and good luck.", ""])
def test_a_goodbye_that_was_changed_while_the_report_was_open_is_not_sent_and_the_page_says_so(
    client_for: SignIn, now: str, htmx: bool
) -> None:
    desk = Desk(client_for)
    offer_goodbye(desk, "Take care, and thanks.")
    seen = shown_goodbye(desk.look("/report").text)
    offer_goodbye(desk, now)
    filled = {"key": "key", "tags": desk.opt_out_tag().id, "goodbye": "1", "goodbye_seen": seen}
    answer = desk.press("report", htmx=htmx, **filled)
    assert answer.status_code == (200 if htmx else 303) and is_out(desk.talk)
    kinds = db.session.scalars(select(Message.kind).order_by(Message.id))
    assert list(kinds) == [MessageKind.FIRST]
    assert CHANGED in (answer.text if htmx else desk.look("/report").text)
    assert CHANGED not in desk.look("/report").text
    # The second press of the same report changes nothing.
    assert desk.press("report", htmx=htmx, **filled).status_code == answer.status_code
    assert list(db.session.scalars(select(Message.kind))) == [MessageKind.FIRST]


@pytest.mark.parametrize("field", ["goodbye", "seen"])
def test_the_goodbye_that_the_texter_saw_is_sent_whatever_the_page_told_of_it(
    client_for: SignIn, field: str
) -> None:
    desk = Desk(client_for)
    offer_goodbye(desk, "Take care, and thanks.")
    told = {"goodbye_seen": shown_goodbye(desk.look("/report").text)} if field == "seen" else {}
    desk.press("report", key="key", tags=desk.opt_out_tag().id, goodbye="1", **told)
    newest = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert newest and newest.body == "Take care, and thanks."
    assert CHANGED not in desk.look("/report").text


def test_without_the_tick_a_changed_goodbye_is_no_news(client_for: SignIn) -> None:
    desk = Desk(client_for)
    offer_goodbye(desk, "Take care, and thanks.")
    seen = shown_goodbye(desk.look("/report").text)
    offer_goodbye(desk, "")
    desk.press("report", key="key", tags=desk.opt_out_tag().id, goodbye_seen=seen)
    assert CHANGED not in desk.look("/report").text


def test_a_report_that_comes_back_shows_the_goodbye_as_it_is_now(client_for: SignIn) -> None:
    desk = Desk(client_for)
    offer_goodbye(desk, "Take care, and thanks.")
    seen = shown_goodbye(desk.look("/report").text)
    offer_goodbye(desk, "Goodbye and good luck.")
    filled = {"key": "key", "goodbye": "1", "goodbye_seen": seen, "note": "x" * 2_001}
    back = desk.press("report", htmx=True, tags=desk.opt_out_tag().id, **filled)
    assert back.status_code == 422 and "Goodbye and good luck." in back.text
    filled |= {"note": "", "goodbye_seen": shown_goodbye(back.text)}
    assert CHANGED not in desk.press("report", tags=desk.opt_out_tag().id, **filled, htmx=True).text
    newest = db.session.scalars(select(Message).order_by(Message.id.desc())).first()
    assert newest and newest.body == "Goodbye and good luck."


def offer_goodbye(desk: Desk, words: str) -> None:
    with transaction():
        action = db.session.get_one(Action, desk.talk.action.id)
        action.goodbye, action.goodbye_text = bool(words), words


def test_whether_to_archive_is_remembered_for_the_texter(client_for: SignIn) -> None:
    desk = Desk(client_for)
    box = r'name="archive" value="1"( checked)?>'
    found = re.search(box, desk.look("/report").text)
    assert found
    assert found[1]
    desk.press("report", key="key")
    assert not desk.talk.conversation.is_archived
    other = Talk(number=desk.talk.number, texter=desk.talk.texter)
    found = re.search(box, desk.browser.get(f"{desk.base}/{other.id}/report").text)
    assert found
    assert not found[1]


@pytest.mark.parametrize("htmx", [True, False])
def test_a_report_that_cannot_be_taken_comes_back_as_it_was_filled_in(
    client_for: SignIn, htmx: bool
) -> None:
    desk = Desk(client_for)
    tag = factories.tag("Not offered here")
    answer = desk.press("report", htmx=htmx, key="key", tags=tag.id, note="Keep this")
    assert answer.status_code == 422
    assert "This tag isn&#39;t in the report any more." in answer.text
    assert ">Keep this</textarea>" in answer.text
    assert db.session.scalars(select(Report)).all() == []


@pytest.mark.parametrize("tag", ["x", "0", "-1", "9" * 30])
def test_a_report_with_a_tag_that_is_none_is_refused(client_for: SignIn, tag: str) -> None:
    assert Desk(client_for).press("report", key="key", tags=tag).status_code == 422


def test_a_tag_of_another_campaign_is_not_found(client_for: SignIn) -> None:
    desk = Desk(client_for)
    theirs = factories.tag("Theirs", of=factories.campaign())
    assert desk.press("report", key="key", tags=theirs.id).status_code == 404


def test_an_opt_out_tag_that_was_just_taken_out_is_accepted_all_the_same(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    tag = desk.opt_out_tag()
    with transaction():
        report_settings.hide_tag(desk.talk.action, tag, by=None, now=utc_now())
    assert desk.press("report", key="key", tags=tag.id).status_code == 303
    assert is_out(desk.talk)


def test_answers_are_kept_with_their_questions(client_for: SignIn) -> None:
    desk = Desk(client_for)
    with transaction():
        question = report_settings.add_question(
            desk.talk.action,
            "Support level",
            QuestionKind.CHOICE,
            choices=["Strong", "Leaning"],
            by=None,
            now=utc_now(),
        )
    desk.press("report", **{"key": "key", f"answers-{question.id}": "Strong"})
    report = db.session.scalars(select(Report)).one()
    assert reports.answers_of(report) == {question.id: "Strong"}
    bad = desk.press("report", **{"key": "other", f"answers-{question.id}": "Whatever"})
    assert bad.status_code == 422


def test_when_the_contact_writes_again_the_report_is_due_again(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    desk.press("report", key="key", note="Nice")
    assert "Report sent" in desk.look("/report").text
    desk.hears("One more thing")
    page = desk.look("/report").text
    assert "A report was sent" in page
    assert ">Nice</textarea>" in page


# Admins and questions


def test_a_question_reaches_the_admins_and_one_of_them_says_it_is_done(client_for: SignIn) -> None:
    desk = Desk(client_for)
    assert desk.press("ask-admin", note="").status_code == 422
    assert desk.press("ask-admin", note="Is this a threat?").status_code == 303
    admin = client_for(factories.admin())
    page = admin.get(f"{desk.base}?view=asked").text
    assert f'id="conv-{desk.talk.id}"' in page
    assert "Is this a threat?" in admin.get(desk.url).text
    admin.post(f"{desk.url}/ask-admin", data={"done": "1"})
    assert "No open questions." in admin.get(f"{desk.base}?view=asked").text


def test_a_texter_cannot_close_their_own_question(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.press("ask-admin", note="Is this a threat?")
    desk.press("ask-admin", done="1")
    assert desk.talk.conversation.asks_admin == "Is this a threat?"


def test_an_admin_moves_a_conversation_and_the_draft_goes_along(client_for: SignIn) -> None:
    desk = Desk(client_for)
    ana = factories.texter(name="Ana Ruiz")
    desk.press("draft", htmx=True, body="Half a thought")
    admin = client_for(factories.admin())
    assert admin.post(f"{desk.url}/reassign", data={"to": ana.id}).status_code == 303
    assert ">Half a thought</textarea>" in client_for(ana).get(desk.url).text
    assert desk.look().status_code == 404
    answer = desk.poll()
    assert "This conversation moved to Ana Ruiz" in answer.text
    assert "Your draft went with it." in answer.text


def test_a_conversation_that_moves_without_a_draft_says_so_or_nothing(client_for: SignIn) -> None:
    desk = Desk(client_for)
    ana = factories.texter(name="Ana Ruiz")
    client_for(factories.admin()).post(f"{desk.url}/reassign", data={"to": ana.id})
    assert "Your draft" not in desk.poll().text


def test_a_conversation_that_goes_to_nobody_is_taken_from_the_screen(client_for: SignIn) -> None:
    desk = Desk(client_for)
    client_for(factories.admin()).post(f"{desk.url}/reassign", data={"to": ""})
    assert "This conversation isn’t in your inbox any more." in desk.poll().text


def test_who_was_told_that_a_conversation_ended_may_look_again_until_they_sign_out(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    desk.hears("STOP")
    assert "asked to stop" not in desk.look().text
    assert desk.reply("Too late", htmx=True).status_code == 409
    again = desk.look()
    assert again.status_code == 404
    assert "asked to stop" in again.text
    assert 'class="bubble"' not in again.text
    assert desk.look(htmx=True).status_code == 404
    elsewhere = client_for(desk.talk.texter).get(desk.url)
    assert elsewhere.status_code == 404
    assert "asked to stop" not in elsewhere.text


def test_the_row_says_what_was_just_done_with_its_conversation(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Who is this?")
    assert "Report due" in desk.reply("Jordan", htmx=True).text
    assert "Report sent" in desk.press("report", htmx=True, key="report").text


def test_single_keys_are_switched_on_and_off_from_their_list(client_for: SignIn) -> None:
    desk = Desk(client_for)
    url = f"{desk.base}/shortcuts"
    assert "Single keys are off." in desk.browser.post(url, data={"on": ""}, htmx=True).text
    assert " data-on" not in desk.browser.get(desk.base).text
    assert desk.browser.post(url, data={"on": "1"}).status_code == 303
    assert " data-on" in desk.browser.get(desk.base).text


def test_the_order_of_the_list_is_kept_by_its_links(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    page = desk.browser.get(f"{desk.base}?sort=oldest").text
    assert f'href="{desk.url}?sort=oldest"' in page
    assert 'value="oldest" selected' in page


# The poll


def tick_of(desk: Desk) -> int:
    found = re.search(r"since=(\d+)", desk.look().text)
    assert found
    return int(found[1])


def test_the_poll_is_silent_while_nothing_changes(client_for: SignIn) -> None:
    desk = Desk(client_for)
    answer = desk.poll(tick_of(desk))
    assert (answer.status_code, answer.data) == (204, b"")


def test_the_poll_brings_new_texts_counts_and_the_pill(client_for: SignIn) -> None:
    desk = Desk(client_for)
    since, at = tick_of(desk), int(utc_now().timestamp() * 1000)
    other = Talk(number=desk.talk.number, texter=desk.talk.texter, first_name="Luis")
    desk.hears("Are you there?")
    other.hears("Hello", now=utc_now())
    answer = desk.poll(since, at=at, last=1)
    assert answer.status_code == 200
    assert "Are you there?" in answer.text
    assert "vote on Tuesday" not in answer.text
    assert "Show 1 new reply" in answer.text
    assert 'data-announce="1 new reply"' in answer.text
    assert 'id="nav-needs" hx-swap-oob="true">2' in answer.text
    assert 'data-title="(2) Dana' in answer.text


def test_the_poll_brings_the_hint_with_the_text(client_for: SignIn) -> None:
    desk = Desk(client_for)
    since = tick_of(desk)
    desk.hears(HINT)
    assert "This looks like a request to stop" in desk.poll(since, last=1).text


def test_the_poll_says_how_far_a_text_came(client_for: SignIn) -> None:
    desk = Desk(client_for)
    sent = desk.talk.says("Hello", now=utc_now())
    since = tick_of(desk)
    with transaction():
        sent.state, sent.settled_at = MessageState.DELIVERED, utc_now()
        tally.tick(sent.campaign_id, [desk.talk.texter.id])
    answer = desk.poll(since, last=sent.id).text
    assert f'id="msg-{sent.id}" hx-swap-oob="true"' in answer
    assert "Delivered" in answer


def test_the_poll_swaps_the_pane_after_a_stop_word(client_for: SignIn) -> None:
    desk = Desk(client_for)
    since = tick_of(desk)
    desk.hears("Who gave you my number?")
    desk.hears("STOP")
    answer = desk.poll(since, last=1).text
    assert "Dana asked to stop" in answer
    assert 'id="pane"' in answer
    assert "No report needed" in answer
    assert f'data-gone="conv-{desk.talk.id}"' in answer
    assert "Who gave you my number?" not in answer


def test_the_poll_of_somebody_else_says_nothing_of_my_conversation(client_for: SignIn) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    other = client_for(factories.texter())
    answer = other.get(f"{desk.base}/live?since=x&conv={desk.talk.id}", htmx=True)
    assert answer.status_code == 200
    assert "Hello" not in answer.text
    assert "Dana" not in answer.text


@pytest.mark.parametrize("query", ["", "at=" + "9" * 18, "conv=" + "9" * 18, "since=x&at=y&seen=z"])
def test_a_broken_poll_is_answered_all_the_same(client_for: SignIn, query: str) -> None:
    desk = Desk(client_for)
    assert desk.browser.get(f"{desk.base}/live?{query}", htmx=True).status_code in (200, 204)


def test_the_badge_counts_mine_and_for_admins_everybodys(client_for: SignIn) -> None:
    number = factories.number()
    desk, other = Desk(client_for, Talk(number=number)), Talk(number=number)
    desk.hears("Hello")
    other.hears("Hello", now=utc_now())
    badge = r'id="nav-needs">(\d+)'
    for user, count in ((desk.talk.texter, "1"), (factories.admin(), "2")):
        found = re.search(badge, client_for(user).get(desk.base).text)
        assert found
        assert found[1] == count


def test_a_conversation_without_an_action_can_be_answered_and_reported(client_for: SignIn) -> None:
    number = factories.number()
    text_in(factories.STRANGER, number, "Who are you?", now=utc_now())
    admin = client_for(factories.admin())
    base = f"/c/{factories.the_campaign().slug}/inbox/1"
    page = admin.get(base).text
    assert "(907) 555-0177" in page
    assert "Opt Out (P2P)" in page
    assert admin.post(f"{base}/reply", data={"body": "Hi", "key": "k"}).status_code == 303
    assert admin.post(f"{base}/report", data={"key": "k", "note": "A stranger"}).status_code == 303
    assert "A stranger" in admin.get(f"{base}/report").text


def test_opening_a_thread_that_has_just_ended_says_of_no_message_that_it_was_not_sent(
    client_for: SignIn,
) -> None:
    desk = Desk(client_for)
    desk.hears("Hello")
    desk.hears("STOP")
    answer = desk.press("read", htmx=True)
    assert answer.status_code == 200
    assert "not sent" not in answer.text and desk.talk.contact.called not in answer.text
    assert desk.press("unread", htmx=True).status_code == 409
