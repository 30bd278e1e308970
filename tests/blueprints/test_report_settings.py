"""Report Settings of an action, one page with many buttons."""

import re
from collections.abc import Callable

import pytest
from sqlalchemy import select

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import (
    Action,
    Event,
    Question,
    QuestionKind,
    Tag,
    Texting,
    TrailEntry,
    User,
)
from webapp.services import report_settings, tags

SignIn = Callable[[User], Browser]
WARNING = "Texters can’t record opt-outs in this action"


@pytest.fixture
def action() -> Action:
    return factories.action(factories.contact(), launched=False)


@pytest.fixture
def page(action: Action) -> str:
    return f"/c/{factories.the_campaign().slug}/actions/{action.id}/report-settings"


@pytest.fixture
def browser(client_for: SignIn) -> Browser:
    return client_for(factories.admin(name="Maya Okafor"))


def own_tag(action: Action) -> Tag:
    return report_settings.opt_out_tag(action)


def offered(action: Action) -> list[str]:
    return [tag.name for tag in report_settings.tags_of(action)]


def press(browser: Browser, page: str, do: str, tag: Tag, *, htmx: bool = False) -> str:
    answer = browser.post(page, {"do": do, "tag": tag.id}, htmx=htmx)
    assert answer.status_code == (200 if htmx else 303)
    return answer.text


def test_the_opt_out_tag_is_there_first_and_has_no_arrows(browser: Browser, page: str) -> None:
    text = browser.get(page).text
    assert "In this report" in text and WARNING not in text
    assert "always first in the report and can’t be reordered" in text
    assert "Move Opt Out" not in text


def test_tags_are_added_moved_and_removed(browser: Browser, page: str, action: Action) -> None:
    first, second = factories.tag("First"), factories.tag("Second")
    press(browser, page, "add", first)
    press(browser, page, "add", second)
    press(browser, page, "up", second)
    assert offered(action) == ["Opt Out (P2P)", "Second", "First"]
    press(browser, page, "down", second)
    press(browser, page, "remove", first)
    assert offered(action) == ["Opt Out (P2P)", "Second"]
    assert "Add a tag" in browser.get(page).text


def test_by_htmx_the_fresh_part_comes_back(browser: Browser, page: str) -> None:
    part = press(browser, page, "add", factories.tag("Will vote"), htmx=True)
    assert part.lstrip().startswith("<div") and 'id="report-settings"' in part
    assert "Will vote is in the report." in part


def test_taking_the_opt_out_tag_out_warns_wherever_the_action_is_shown(
    browser: Browser, page: str, action: Action
) -> None:
    press(browser, page, "remove", own_tag(action))

    text = browser.get(page).text
    assert WARNING in text and "oline off" in text and "Removed by Maya Okafor" in text
    root = page.removesuffix(f"/{action.id}/report-settings")
    assert "No opt-out in report" in browser.get(f"{root}/p2p").text
    assert WARNING in browser.get(f"{root}/{action.id}/review").text


def test_a_running_action_warns_on_its_page(browser: Browser) -> None:
    running = factories.action(factories.contact())
    page = f"/c/{factories.the_campaign().slug}/actions/{running.id}"
    assert WARNING not in browser.get(page).text
    press(browser, f"{page}/report-settings", "remove", own_tag(running))
    assert WARNING in browser.get(page).text


@pytest.mark.parametrize("back", ["", "show", "review"])
def test_one_click_puts_the_opt_out_tag_back(
    browser: Browser, page: str, action: Action, back: str
) -> None:
    own = own_tag(action)
    press(browser, page, "remove", own)
    answer = browser.post(page, {"do": "add", "tag": own.id, "back": back})
    places = {"": page, "show": page.rpartition("/")[0]}
    assert answer.location == places.get(back, page.replace("report-settings", "review"))
    assert offered(action) == ["Opt Out (P2P)"] and WARNING not in browser.get(page).text
    events = set(db.session.scalars(select(TrailEntry.event)))
    assert {Event.OPT_OUT_TAG_REMOVED, Event.OPT_OUT_TAG_RESTORED} <= events


def test_the_opt_out_tag_of_the_other_kind_can_be_offered_too(
    browser: Browser, page: str, action: Action
) -> None:
    other = tags.built_in(action.campaign_id, Texting.BROADCAST)
    press(browser, page, "add", other)
    assert offered(action) == ["Opt Out (P2P)", "Opt Out (Broadcast)"]
    press(browser, page, "remove", other)
    assert offered(action) == ["Opt Out (P2P)"]


def test_questions_are_added_and_removed(browser: Browser, page: str, action: Action) -> None:
    typed = {"do": "question", "label": "Support level", "kind": "choice", "choices": "Yes\nNo\n"}
    assert browser.post(page, typed).location == page
    browser.post(page, {"do": "question", "label": "Which street?", "kind": "text"})
    asked = report_settings.questions_of(action)
    assert [(q.label, q.choices) for q in asked] == [
        ("Support level", ["Yes", "No"]),
        ("Which street?", []),
    ]
    assert "Yes, No" in browser.get(page).text
    browser.post(page, {"do": "drop", "question": asked[0].id})
    assert [q.label for q in report_settings.questions_of(action)] == ["Which street?"]


@pytest.mark.parametrize(
    ("typed", "said"),
    [
        ({"label": "", "choices": "Yes\nNo"}, "Write a question"),
        ({"label": "Support", "choices": "Yes"}, "Give at least two different choices"),
        ({"label": "Opt out", "choices": "Yes\nNo"}, "looks like a built-in opt-out tag"),
        ({"label": "Support", "choices": "Yes\nSt0p"}, "looks like a built-in opt-out tag"),
    ],
)
@pytest.mark.parametrize("htmx", [False, True])
def test_a_question_that_cannot_be_asked_comes_back_as_it_was_typed(
    browser: Browser, page: str, typed: dict[str, str], said: str, htmx: bool
) -> None:
    answer = browser.post(page, {"do": "question", "kind": "choice", **typed}, htmx=htmx)
    assert answer.status_code == 422 and said in answer.text
    assert typed["choices"] in answer.text
    assert db.session.scalar(select(Question)) is None


def test_note_and_goodbye_are_switched(browser: Browser, page: str, action: Action) -> None:
    browser.post(page, {"do": "options", "goodbye": "y"})
    kept = db.session.get_one(Action, action.id)
    assert (kept.note_asked, kept.goodbye) == (False, True)
    text = browser.get(page).text
    assert factories.the_campaign().goodbye_text.replace("'", "&#39;") in text
    assert "preview-note" not in text


@pytest.mark.parametrize("htmx", [False, True])
def test_the_goodbye_is_written_here_and_shown_as_texters_see_it(
    browser: Browser, page: str, action: Action, htmx: bool
) -> None:
    words = factories.the_campaign().goodbye_text.replace("'", "&#39;")
    before = browser.get(page).text
    assert words in before and 'preview-goodbye" dir' not in before
    typed = {"do": "options", "goodbye": "y", "goodbye_text": "Take care."}
    assert browser.post(page, typed, htmx=htmx).status_code == (200 if htmx else 303)
    assert 'id="preview-goodbye" dir="auto">Take care.</span>' in browser.get(page).text
    assert report_settings.goodbye_of(db.session.get_one(Action, action.id)) == "Take care."


TYPED = {
    "label": "Support lev",
    "kind": "text",
    "choices": "Yes\nNo",
    "goodbye_text": "Take care, and",
}
PRESSES = ["remove", "add", "up", "offer", "drop", "options", "question"]


@pytest.fixture
def presses(action: Action) -> dict[str, dict[str, str]]:
    """What the buttons of the page send, each with all that is typed on it."""
    own, other = own_tag(action), tags.built_in(action.campaign_id, Texting.BROADCAST)
    first, second, third = factories.tag("First"), factories.tag("Second"), factories.tag("Third")
    maker, now = factories.admin(), utc_now()
    with transaction():
        for tag in (first, second):
            report_settings.show_tag(action, tag, by=maker, now=now)
        asked = report_settings.add_question(
            action, "Which street?", QuestionKind.TEXT, by=maker, now=now
        )
    return {
        "remove": {"do": "remove", "tag": str(own.id)},
        "add": {"do": "add", "tag": str(third.id)},
        "up": {"do": "up", "tag": str(second.id)},
        "offer": {"do": "offer", "tag": str(other.id), "offered": "y"},
        "drop": {"do": "drop", "question": str(asked.id)},
        "options": {"do": "options", "note_asked": "y"},
        "question": {"do": "question"},
    }


@pytest.mark.parametrize("htmx", [False, True])
@pytest.mark.parametrize("do", PRESSES)
def test_what_is_half_typed_stays_whatever_else_is_pressed(
    browser: Browser, page: str, presses: dict[str, dict[str, str]], do: str, htmx: bool
) -> None:
    answer = browser.post(page, TYPED | presses[do], htmx=htmx)
    assert answer.status_code == 200
    question = 'value="Support lev"' in answer.text
    words = "Take care, and</textarea>" in answer.text
    # What a button saves is not typed any more; all else is, and the card it stands in is open.
    assert question is (do != "question") and words is True
    assert ("Yes\nNo</textarea>" in answer.text) is question
    assert ('<details class="mt2" open' in answer.text) is question
    assert (
        bool(re.search(r'<input checked[^>]* type="radio" value="text"', answer.text)) is question
    )

    fresh = browser.get(page).text
    assert "Support lev" not in fresh or do == "question"
    assert ("Take care, and" in fresh) is (do == "options")


def test_a_refused_question_keeps_the_goodbye_and_a_refused_goodbye_the_question(
    browser: Browser, page: str
) -> None:
    refused = browser.post(page, TYPED | {"do": "question", "kind": "choice", "choices": "Yes"})
    assert refused.status_code == 422 and "Take care, and</textarea>" in refused.text
    refused = browser.post(page, TYPED | {"do": "options", "goodbye_text": "Bye {first_name}"})
    assert refused.status_code == 422 and 'value="Support lev"' in refused.text


def test_ticks_that_are_not_saved_yet_stay_without_scripts(
    browser: Browser, page: str, presses: dict[str, dict[str, str]]
) -> None:
    ticked = {"goodbye": "y", "offered": "y", "goodbye_text": "Take care."}
    text = browser.post(page, ticked | presses["up"]).text
    assert [one for one in ("goodbye", "offered", "note_asked") if is_ticked(text, one)] == [
        "goodbye",
        "offered",
    ]
    text = browser.get(page).text
    assert is_ticked(text, "note_asked") and not is_ticked(text, "goodbye")


def is_ticked(text: str, name: str) -> bool:
    """Whether the box with this name is ticked."""
    found = re.search(rf'<input type="checkbox"[^>]* name="{name}"[^>]*>', text)
    assert found is not None
    return " checked" in found[0]


def test_with_nothing_half_typed_a_press_without_scripts_ends_in_a_redirect(
    browser: Browser, page: str, action: Action, presses: dict[str, dict[str, str]]
) -> None:
    as_it_stands = {
        "label": "",
        "kind": "choice",
        "choices": "",
        "note_asked": "y",
        "goodbye_text": report_settings.suggested_goodbye(action),
    }
    for do in ("up", "remove", "add", "drop"):
        assert browser.post(page, as_it_stands | presses[do]).location == page


def test_enter_adds_the_question_that_is_typed_and_saves_the_switches_without_one(
    browser: Browser, page: str, action: Action
) -> None:
    browser.post(page, {"do": "enter", "label": "Which street?", "kind": "text"})
    assert [one.label for one in report_settings.questions_of(action)] == ["Which street?"]
    browser.post(page, {"do": "enter", "label": "", "note_asked": "", "goodbye_text": "Bye."})
    assert db.session.get_one(Action, action.id).note_asked is False
    assert len(report_settings.questions_of(action)) == 1


def test_the_same_question_is_not_asked_twice(browser: Browser, page: str, action: Action) -> None:
    typed = {"do": "question", "label": "Which street?", "kind": "text"}
    browser.post(page, typed)
    again = browser.post(page, typed | {"label": "which  street?"})
    assert again.status_code == 422 and "The report asks this already." in again.text
    assert len(report_settings.questions_of(action)) == 1


def test_a_goodbye_without_words_is_told_to_be_off(browser: Browser, page: str) -> None:
    typed = {"do": "options", "goodbye": "y", "goodbye_text": " "}
    answer = browser.post(page, typed, htmx=True)
    assert "Without words no goodbye is offered." in answer.text
    assert not is_ticked(answer.text, "goodbye")


@pytest.mark.parametrize("htmx", [False, True])
def test_a_goodbye_that_cannot_be_sent_comes_back_as_it_was_typed(
    browser: Browser, page: str, htmx: bool
) -> None:
    typed = {"do": "options", "goodbye": "y", "goodbye_text": "Bye {first_name}"}
    answer = browser.post(page, typed, htmx=htmx)
    assert answer.status_code == 422 and "Bye {first_name}" in answer.text
    assert "Leave out what is between { and }." in answer.text


def test_many_tags_are_warned_about_from_the_ninth(browser: Browser, page: str) -> None:
    made = [factories.tag() for _ in range(9)]
    for tag in made[:8]:
        press(browser, page, "add", tag)
    assert "texters tend to mark none" not in browser.get(page).text
    press(browser, page, "add", made[8])
    assert "With 9 tags texters tend to mark none" in browser.get(page).text


@pytest.mark.parametrize("form", [{}, {"do": "remove"}, {"do": "add", "tag": "x"}, {"do": "drop"}])
def test_a_press_that_names_nothing_changes_nothing(
    browser: Browser, page: str, action: Action, form: dict[str, str]
) -> None:
    assert browser.post(page, form).status_code in (400, 404)
    assert offered(action) == ["Opt Out (P2P)"]


def test_things_of_another_campaign_are_not_there(
    browser: Browser, page: str, action: Action
) -> None:
    elsewhere = factories.campaign()
    stranger = factories.tag(of=elsewhere)
    assert browser.post(page, {"do": "add", "tag": stranger.id}).status_code == 404
    other = factories.action(of=elsewhere, launched=False)
    theirs = page.replace(f"/{action.id}/", f"/{other.id}/")
    assert browser.get(theirs).status_code == 404
    assert browser.post(theirs, {"do": "remove", "tag": own_tag(other).id}).status_code == 404
    assert offered(other) == ["Opt Out (P2P)"]


def test_the_other_opt_out_tag_is_offered_by_a_checkbox(
    browser: Browser, page: str, action: Action
) -> None:
    other = tags.built_in(action.campaign_id, Texting.BROADCAST)
    offer = {"do": "offer", "tag": other.id}
    for ticked, shown in (({"offered": "y"}, True), ({}, False), ({}, False)):
        assert browser.post(page, offer | ticked).status_code == 303
        kept = db.session.get_one(Action, action.id)
        assert (other.id in [tag.id for tag in report_settings.tags_of(kept)]) is shown
