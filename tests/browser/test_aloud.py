"""What is read aloud: names, roles and order of a texter's screens, and what is announced."""

import re
from collections.abc import Callable
from typing import Any

from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.shift import Shift
from tests.browser.window import Window
from webapp.db import db, transaction, utc_now
from webapp.models import Action, OptOutSource, Texting
from webapp.services import actions, optouts

Windows = Callable[..., Window]
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
LANDMARKS = ("banner", "navigation", "main", "region", "search", "complementary")
CONTROLS = ("heading", "button", "checkbox", "textbox", "list", "group", *LANDMARKS)


def heard(page: Page) -> list[str]:
    """The accessibility tree of Chromium in its order: "role name", headings with their level."""
    session = page.context.new_cdp_session(page)
    nodes = session.send("Accessibility.getFullAXTree")["nodes"]
    known = {node["nodeId"]: node for node in nodes}
    said: list[str] = []

    def walk(node: dict[str, Any]) -> None:
        role = node.get("role", {}).get("value")
        name = node.get("name", {}).get("value", "")
        if not node.get("ignored") and role in CONTROLS and (name or role in ("main", "banner")):
            level = [
                f" {one['value']['value']}"
                for one in node.get("properties", [])
                if one["name"] == "level" and role == "heading"
            ]
            said.append(f"{role}{''.join(level)} {name}".strip())
        for child in node.get("childIds", []):
            walk(known[child]) if child in known else None

    walk(nodes[0])
    return said


def only(said: list[str], *roles: str) -> list[str]:
    return [one for one in said if one.split()[0] in roles]


def test_a_conversation_is_heard_in_its_order(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    page = window(shift.texter).open(shift.path(shift.dana))
    expect(page.get_by_label("Message to Dana")).to_be_visible()
    said = heard(page)
    assert only(said, *LANDMARKS) == [
        "banner",
        "navigation Main",
        "main",
        "region Conversations",
        "search Conversations",
        "navigation Inbox views",
        "search Narrow the list",
        "region Conversation",
        "region Suggestion",
        "complementary Report and contact details",
        "navigation Side panel",
    ]
    headings = [re.sub(r"\d+:\d\d [ap]m", "2:14 pm", one) for one in only(said, "heading")]
    assert headings == [
        "heading 2 Inbox",
        "heading 1 Dana Whitfield",
        "heading 2 You sent, 2:14 pm",
        "heading 2 Dana, 2:14 pm",
        "heading 2 This looks like a request to stop",
        "heading 2 Report",
        "heading 3 Did Dana ask us to stop?",
        "heading 3 What did Dana tell you?",
    ]
    assert only(said, "checkbox", "textbox", "group") == [
        "group Saved replies",
        "textbox Message to Dana",
        "group Did Dana ask us to stop?",
        "checkbox Opt Out (P2P)",
        "group What did Dana tell you?",
        "checkbox Will vote",
        "textbox Note for the campaign (optional)",
        "checkbox Archive this conversation too",
    ]


def test_a_report_and_a_first_text_are_heard_on_a_phone(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    page = window(shift.texter, **PHONE).open(f"{shift.path(shift.dana)}/report?mark=p2p")
    assert only(heard(page), "heading", "main", "button") == [
        "main",
        "heading 1 Report",
        "heading 2 Did Dana ask us to stop?",
        "heading 2 What did Dana tell you?",
        "button Send report and opt out Dana",
    ]
    expect(page).to_have_title(re.compile(r"^\(1\) Report – Dana Whitfield – Inbox"))
    renee = factories.contact(of=shift.campaign, first_name="Renee", last_name="Mackey")
    shift.action = shift.begins("Second", renee)
    page.goto(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").tap()
    expect(page.get_by_role("button", name="Send to Renee")).to_be_visible()
    assert only(heard(page), "heading", "main", "button") == [
        "main",
        "heading 1 Second",
        "button Skip",
        "heading 2 Renee Mackey",
        "button Send to Renee",
    ]


def test_only_two_places_speak_by_themselves(shift: Shift, window: Windows) -> None:
    """ux.md 6, rule 9: nothing is read twice."""
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    live = page.locator("[aria-live], [role=status], [role=alert], [role=log]")
    in_sight = live.filter(visible=True)
    assert live.locator("xpath=self::*[not(ancestor::dialog)]").evaluate_all(
        "all => all.map((one) => one.id)"
    ) == ["announcer", "alerts"]
    expect(in_sight).to_have_count(1)  # What interrupts is empty.


def test_a_conversation_that_opens_beside_the_list_is_announced(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(f"{shift.base}/inbox")
    page.get_by_role("link", name="Dana Whitfield").click()
    expect(page.locator("#announcer")).to_have_text("Dana Whitfield is open.")


def test_why_a_reply_was_not_sent_is_announced(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    tab = window(shift.texter)
    tab.expects("status of 4", "Error Code 4")
    page = tab.open(shift.path(shift.dana))
    page.get_by_label("Message to Dana").fill("Why?")
    page.keyboard.press("Control+Enter")
    spoken = page.locator("#announcer")
    expect(spoken).to_have_text("Dana may have asked to stop. Send anyway?")
    page.get_by_role("button", name="Send anyway").click()
    expect(spoken).to_have_text("Sent to Dana.")
    expect(page.get_by_label("Message to Dana")).to_be_focused()


def test_a_first_text_that_is_skipped_is_announced(shift: Shift, window: Windows) -> None:
    page = window(shift.texter).open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").click()
    expect(page.get_by_role("button", name="Send to Dana")).to_be_visible()
    with transaction():
        optouts.record(shift.dana, Texting.P2P, source=OptOutSource.ADMIN, now=utc_now())
    page.get_by_role("button", name="Send to Dana").click()
    told = "Skipped Dana. They've opted out. Next: Luis Ortega."
    expect(page.locator("#announcer")).to_have_text(told)
    expect(page).to_have_title(re.compile("^Text Luis – "))


def test_a_pause_takes_the_focus_and_gives_it_back_to_the_page(
    shift: Shift, window: Windows
) -> None:
    page = window(shift.texter).open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").click()
    page.locator("#send-button").focus()
    with transaction():
        action = db.session.get_one(Action, shift.action.id)
        actions.pause(action, by=shift.owner, now=utc_now())
    expect(page.get_by_role("heading", name="Paused by Maya")).to_be_focused()
    expect(page).to_have_title(re.compile("^First texts – "))
    with transaction():
        action = db.session.get_one(Action, shift.action.id)
        actions.resume(action, by=shift.owner, now=utc_now())
    expect(page.get_by_role("button", name="Send to Dana")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_be_focused()
    expect(page.locator("#announcer")).to_have_text("You can send again.")


def test_the_end_of_a_batch_is_heard(shift: Shift, window: Windows) -> None:
    page = window(shift.texter).open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").click()
    for one in shift.people:
        button = page.get_by_role("button", name=f"Send to {one.first_name}")
        expect(button).to_be_visible()
        page.wait_for_timeout(500)
        button.click()
    expect(page.get_by_role("heading", name="5 sent.")).to_be_focused()
