"""A texter's shift from end to end: by keyboard alone, on a phone, and without scripts."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, Route, expect

from tests import factories
from tests.browser.shift import GOODBYE, LIBRARY, Shift
from tests.browser.window import Window
from webapp.db import db, transaction, utc_now
from webapp.models import Contact, Conversation
from webapp.services import accounts, demo_phone, upkeep

Windows = Callable[..., Window]
FIRST_TEXT = "Hi Dana, vote on Tuesday. Reply STOP to opt out."
REFUSED = ("the server responded with a status of 4", "Response Status Error Code 4")
PHONE = {"width": 390, "height": 844, "has_touch": True, "is_mobile": True}
# Two taps at once are a double tap, whose second half sends nothing.
READING = 500.0
# Whatever a finger may aim at, save links within a sentence (WCAG 2.5.8) and what is read aloud.
TOO_SMALL = """() => [...document.querySelectorAll("a, button, summary, select, label:has(input)")]
  .filter((one) => one.checkVisibility() && !one.closest("p, .skip, .vh"))
  .filter((one) => one.getBoundingClientRect().height < 44)
  .map((one) => one.outerHTML.slice(0, 120))"""
SIZES = ({"width": 1440, "height": 900}, PHONE)


@pytest.fixture
def ten(shift: Shift) -> list[Contact]:
    """Ten more people, in an action of their own."""
    people = [
        factories.contact(of=shift.campaign, first_name=f"Voter{n}", last_name="Ward")
        for n in range(10)
    ]
    shift.action = shift.begins("Ten people", *people)
    return people


def box(page: Page) -> Locator:
    return page.get_by_label(re.compile("^Message to "))


def written(page: Page, body: str) -> Locator:
    """Our text in the thread, once the server has it."""
    return page.locator("#thread .msg.out[id]", has_text=body)


def pressed(page: Page, keys: str) -> None:
    for key in keys.split():
        page.keyboard.press(key)


def tabs_to(page: Page, target: Locator) -> None:
    """Press Tab until something has the focus, as a person would."""
    for _ in range(40):
        page.keyboard.press("Tab")
        if target.evaluate("one => one === document.activeElement"):
            return
    raise AssertionError("Forty times Tab did not lead there.")


def sends_by_keyboard(page: Page, people: list[Contact]) -> None:
    """Enter once for the batch, and once for each text; the focus stays on the button."""
    page.keyboard.press("Enter")
    expect(page.get_by_role("button", name="Send to Voter0")).to_be_visible()
    tabs_to(page, page.locator("#send-button"))
    for n, one in enumerate(people):
        button = page.get_by_role("button", name=f"Send to {one.first_name}")
        expect(button).to_be_focused()
        page.keyboard.press("Enter")
        if n + 1 < len(people):
            expect(page.get_by_text(f"{n + 1} of 10 sent")).to_be_visible()
    expect(page.get_by_text("10 sent.")).to_be_visible()


def test_a_shift_goes_by_keyboard_alone(shift: Shift, ten: list[Contact], window: Windows) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = tab.open(f"{shift.base}/text/{shift.action.id}")
    tabs_to(page, page.get_by_role("button", name=re.compile("^Get ")))
    sends_by_keyboard(page, ten)
    for one in ten[:5]:
        shift.answers(one, "please take me off" if one is ten[0] else "Where do I vote?")
    tabs_to(page, page.get_by_role("main").get_by_role("link", name="Go to inbox"))
    page.keyboard.press("Enter")
    expect(page.locator(".conv")).to_have_count(5)
    for n in range(5):
        page.keyboard.press("n")
        expect(page.locator(".conv[aria-current]")).to_have_count(1)
        name = page.locator(".conv[aria-current] .who").inner_text().split()[0]
        expect(page.get_by_label(f"Message to {name}")).to_be_visible()
        pressed(page, "/ 2")
        expect(box(page)).to_have_value(LIBRARY)
        expect(box(page)).to_be_focused()
        page.keyboard.press("Control+Enter")
        if name == "Voter0":
            expect(page.locator("#composer-says")).to_contain_text("may have asked to stop.")
            pressed(page, "Shift+Tab Enter")
        expect(written(page, LIBRARY)).to_have_count(1)
        page.keyboard.press("Escape")
        if n < 2:
            page.keyboard.press("p")
            expect(page.get_by_role("checkbox", name="Opt Out (P2P)")).to_be_focused()
            if name == "Voter0":
                page.keyboard.press("Space")
            page.keyboard.press("Control+Enter")
            expect(page.get_by_role("heading", name="Report sent")).to_be_focused()
            page.keyboard.press("Escape")
    expect(page.locator(".conv", has_text="Report sent")).to_have_count(2)
    expect(page.locator(".conv", has_text="Report due")).to_have_count(3)
    assert [shift.texts_to(one)[1:] for one in ten[:5]] == [[LIBRARY]] * 5
    assert [one for one in ten if shift.is_opted_out(one)] == [ten[0]]


@pytest.mark.parametrize("size", SIZES, ids=("wide", "phone"))
def test_first_texts_go_one_tap_each(
    shift: Shift, window: Windows, size: dict[str, object]
) -> None:
    page = window(shift.texter, **size).open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name=re.compile("^Get ")).click()
    button = page.locator("#send-button")
    expect(button).to_have_text("Send to Dana")
    expect(button).to_have_css("min-height", "60px")
    expect(page.get_by_role("navigation", name="Main")).to_have_count(
        0 if "is_mobile" in size else 1
    )
    place = button.bounding_box()
    button.click()
    expect(page.locator("#announcer")).to_have_text("Sent to Dana. Next: Luis Ortega.")
    expect(button).to_have_text("Send to Luis")
    assert button.bounding_box() == place
    page.get_by_role("button", name="Skip").click()
    expect(button).to_have_text("Send to Priya")
    page.get_by_text("Something looks wrong").click()
    page.get_by_label("The text looks wrong").check()
    page.get_by_role("button", name="Tell an admin and skip").click()
    expect(page.locator("#card").get_by_text("Told an admin.")).to_be_visible()
    expect(button).to_have_text("Send to Tom")
    with transaction():
        demo_phone.text_in(shift.people[3].phone, shift.number, "STOP", now=utc_now())
    page.wait_for_timeout(READING)
    button.click()
    expect(page.locator("#card").get_by_text("Skipped Tom. They've opted out.")).to_be_visible()
    assert shift.texts_to(shift.people[3]) == []


@pytest.mark.parametrize("size", SIZES, ids=("wide", "phone"))
def test_a_reply_and_a_report_that_opts_out(
    shift: Shift, window: Windows, size: dict[str, object]
) -> None:
    shift.talks(shift.luis, "Yes")
    shift.talks(shift.dana, "please stop texting me")
    tab = window(shift.texter, **size)
    tab.expects(*REFUSED)
    page = tab.open(f"{shift.base}/inbox")
    # The possible opt-out stands first.
    expect(page.locator(".conv").first).to_contain_text("Possible opt-out")
    page.get_by_role("link", name="Luis Ortega").click()
    box(page).fill("Thank you, Luis.")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(written(page, "Thank you, Luis.")).to_have_count(1)
    page.goto(f"{shift.base}/inbox")
    page.get_by_role("link", name="Dana Whitfield").click()
    expect(page.locator("#thread mark")).to_have_text("stop texting me")
    page.locator("#hint a.optout").click()
    mark = page.get_by_role("checkbox", name="Opt Out (P2P)")
    expect(mark).to_be_checked()
    assert not shift.is_opted_out(shift.dana)
    button = page.locator(".send-report")
    expect(button).to_have_text("Send report and opt out Dana", use_inner_text=True)
    button.click()
    expect(page.get_by_role("heading", name="Report sent")).to_be_visible()
    expect(page.get_by_text("Dana is opted out of peer-to-peer texts.")).to_be_visible()
    page.get_by_role("link", name=re.compile("^(Next conversation|Back to inbox)$")).click()
    expect(page.get_by_role("heading", name="Report sent")).to_have_count(0)
    assert shift.is_opted_out(shift.dana)
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]


def test_a_stop_word_while_somebody_composes_on_a_phone(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    tab = window(shift.texter, **PHONE)
    tab.expects(*REFUSED)
    page = tab.open(shift.path(shift.dana))
    with page.expect_response("**/draft"):
        box(page).fill("Half a sentence")
    shift.hears(shift.dana, "STOP")
    heading = page.get_by_role("heading", level=1, name="Dana asked to stop")
    expect(heading).to_be_focused()
    expect(page.get_by_role("alert").filter(has_text="replied with a stop word")).to_be_visible()
    expect(page.get_by_text("Your message was not sent.")).to_be_visible()
    expect(page.locator("#thread, #composer")).to_have_count(0)
    # The same page again says the same, and shows no thread; after signing out nothing of it.
    page.reload()
    expect(heading).to_be_visible()
    expect(page.locator(".msg, #composer, .conv")).to_have_count(0)
    there = page.url
    page.get_by_role("link", name="Back to inbox").click()
    expect(page.get_by_text("You’re all caught up")).to_be_visible()
    page.go_back()
    expect(heading).to_be_visible()
    stranger = window(shift.texter)
    stranger.expects(*REFUSED)
    stranger.open(there)
    expect(stranger.page.get_by_text("This conversation isn't in your inbox.")).to_be_visible()
    assert shift.texts_to(shift.dana)[1:] == []


def test_who_wrote_nothing_is_not_told_that_something_was_not_sent(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    expect(box(page)).to_be_visible()
    shift.hears(shift.dana, "STOP")
    expect(page.get_by_role("heading", name="Dana asked to stop")).to_be_visible()
    expect(page.get_by_text("Your message was not sent.")).to_have_count(0)
    expect(page.get_by_text("You don’t need to reply or send a report.")).to_be_visible()


def test_a_session_that_ends_leads_back_to_the_draft(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = tab.open(shift.path(shift.dana))
    with page.expect_response("**/draft"):
        box(page).fill("Half a sentence")
    signed_out(shift, page)
    page.wait_for_url(re.compile(r"/login\?next="))
    page.get_by_label("Email").fill(shift.texter.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.wait_for_url(f"**{shift.path(shift.dana)}")
    expect(box(page)).to_have_value("Half a sentence")


def test_a_session_that_ends_takes_no_words_with_it(shift: Shift, window: Windows) -> None:
    """What is not with the server yet would be lost on the way to the sign-in page."""
    shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = tab.open(shift.path(shift.dana))
    page.route("**/draft", lambda route: route.fulfill(status=401))
    signed_out(shift, page)
    box(page).fill("Not with the server yet")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_role("link", name="Sign in in a new tab")).to_be_visible()
    expect(box(page)).to_have_value("Not with the server yet")


def signed_out(shift: Shift, page: Page) -> None:
    """As when the campaign's owner, or the person on another device, signs somebody out."""
    expect(box(page)).to_be_visible()
    with transaction():
        accounts.sign_out_everywhere(shift.texter, except_token=None, now=utc_now())


def test_a_conversation_that_moves_says_to_whom(shift: Shift, window: Windows) -> None:
    ana = factories.texter(shift.campaign, name="Ana Ruiz")
    talk = shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = tab.open(shift.path(shift.dana))
    with page.expect_response("**/draft"):
        box(page).fill("Half a sentence")
    with transaction():
        upkeep.reassign(
            db.session.get_one(Conversation, talk.id), ana, by=shift.owner, now=utc_now()
        )
    heading = page.get_by_role("heading", name="This conversation moved to Ana Ruiz.")
    expect(heading).to_be_focused()
    expect(page.get_by_text("Your draft went with it.")).to_be_visible()
    other = window(ana).open(shift.path(shift.dana))
    expect(box(other)).to_have_value("Half a sentence")


# A text on its way


def test_a_text_stands_in_the_thread_before_the_server_has_it(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    page = tab.open(shift.path(shift.dana))
    held: list[Route] = []
    page.route("**/reply", lambda route: held.append(route))
    box(page).fill("On its way")
    page.get_by_role("button", name="Send", exact=True).click()
    bubble = page.locator("#thread .msg", has_text="On its way")
    expect(bubble).to_contain_text("Sending…")
    expect(box(page)).to_have_value("")
    held[0].abort()
    expect(bubble).to_contain_text("Not sent.")
    expect(box(page)).to_have_value("On its way")
    page.unroute("**/reply")
    page.get_by_role("button", name="Try again").click()
    expect(written(page, "On its way")).to_have_count(1)
    expect(bubble).to_have_count(1)
    expect(box(page)).to_have_value("")
    assert shift.texts_to(shift.dana)[1:] == ["On its way"]


def test_words_typed_while_a_text_is_on_its_way_stay(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    held: list[Route] = []
    page.route("**/reply", lambda route: held.append(route))
    box(page).fill("One")
    page.get_by_role("button", name="Send", exact=True).click()
    expect(page.get_by_text("Sending…")).to_be_visible()
    box(page).fill("Two")
    with page.expect_response("**/draft"):
        held[0].continue_()
        expect(written(page, "One")).to_have_count(1)
    expect(box(page)).to_have_value("Two")
    page.reload()
    expect(box(page)).to_have_value("Two")


def test_a_message_below_is_told_and_does_not_move_the_thread(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana, *(f"Line {n}" for n in range(30)))
    page = window(shift.texter).open(shift.path(shift.dana))
    thread = page.locator("#thread")
    thread.evaluate("list => { list.scrollTop = 0; }")
    shift.hears(shift.dana, "Are you there?")
    below = page.get_by_role("button", name="1 new message")
    expect(below).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("New message from Dana.")
    assert thread.evaluate("list => list.scrollTop") == 0
    shift.hears(shift.dana, "Hello?")
    page.get_by_role("button", name="2 new messages").click()
    expect(below).to_be_hidden()
    expect(thread.get_by_text("Hello?")).to_be_in_viewport()


# Saved replies and single keys


def test_all_saved_replies_open_above_the_box(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    page.keyboard.press("/")
    picker = page.get_by_role("dialog", name="Saved replies")
    field = picker.get_by_role("searchbox")
    expect(field).to_be_focused()
    page.keyboard.type("librar")
    expect(picker.get_by_role("listitem")).to_have_count(1)
    page.keyboard.type("xyz")
    expect(picker.get_by_text("No saved replies match.")).to_be_visible()
    field.fill("libr")
    page.keyboard.press("Enter")
    expect(picker).to_have_count(0)
    expect(box(page)).to_have_value(LIBRARY)
    expect(box(page)).to_be_focused()
    pressed(page, "Escape / ArrowDown ArrowDown Enter")
    expect(box(page)).to_have_value(f"{LIBRARY} {LIBRARY}")
    pressed(page, "Escape / Escape")
    expect(picker).to_have_count(0)
    expect(box(page)).to_be_focused()
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]


def test_all_saved_replies_are_a_sheet_on_a_phone(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE).open(shift.path(shift.dana))
    page.get_by_role("link", name="All replies").tap()
    picker = page.get_by_role("dialog", name="Saved replies")
    place = picker.bounding_box()
    assert place is not None
    assert (place["x"], place["width"], place["y"] + place["height"]) == (0, 390, 844)
    # No keyboard comes up over the replies.
    expect(picker.get_by_role("searchbox")).not_to_be_focused()
    picker.get_by_role("button", name="Goodbye").tap()
    expect(picker).to_have_count(0)
    expect(box(page)).to_have_value(GOODBYE)


def test_single_keys_are_switched_off_in_their_list(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch single keys off").click()
    expect(page.get_by_text("Single keys are off.")).to_be_visible()
    page.keyboard.press("Escape")
    pressed(page, "r / ?")
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(box(page)).not_to_be_focused()
    page.reload()
    page.get_by_role("button", name="Shortcuts").click()
    page.get_by_role("button", name="Switch single keys on").click()
    expect(page.get_by_text("Single keys are on.")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("r")
    expect(box(page)).to_be_focused()


def test_a_tablet_with_a_keyboard_switches_single_keys_on_for_itself(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE | {"width": 1024, "height": 768}).open(
        shift.path(shift.dana)
    )
    archive = page.get_by_role("button", name="Archive")
    expect(archive).to_have_text("Archive", use_inner_text=True)
    page.get_by_role("button", name="Shortcuts").tap()
    expect(page.get_by_text("It has only a touch screen, so single keys are off")).to_be_visible()
    page.get_by_label("On this device too").check()
    page.keyboard.press("Escape")
    page.reload()
    expect(archive).to_have_text("Archive e", use_inner_text=True)
    page.keyboard.press("r")
    expect(box(page)).to_be_focused()
    page.get_by_role("button", name="Shortcuts").tap()
    page.get_by_label("On this device too").uncheck()
    pressed(page, "Escape r")
    expect(box(page)).not_to_be_focused()


def test_the_account_page_says_where_single_keys_work(shift: Shift, window: Windows) -> None:
    page = window(shift.texter, **PHONE).open("/me")
    expect(page.get_by_label("Keyboard shortcuts")).to_be_checked()
    expect(page.get_by_text("Phones and tablets leave them off")).to_be_visible()


def test_keys_are_shown_only_while_they_work(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(shift.path(shift.dana))
    hints = page.locator(".for-keys").filter(visible=True)
    expect(hints).to_have_count(3)
    page.keyboard.press("?")
    page.get_by_role("button", name="Switch single keys off").click()
    expect(hints).to_have_count(0)


def test_a_touch_screen_alone_has_no_single_keys(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE).open(shift.path(shift.dana))
    pressed(page, "r / ? e")
    expect(box(page)).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"{shift.path(shift.dana)}$"))


# The goodbye, and its other half


@pytest.mark.parametrize("width", [390, 900])
def test_a_goodbye_marks_the_report_on_its_own_page(
    shift: Shift, window: Windows, width: int
) -> None:
    """Whoever sends the goodbye must not forget the opt-out."""
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE | {"width": width}).open(shift.path(shift.dana))
    page.get_by_role("button", name="Goodbye").tap()
    expect(page.locator("#announcer")).to_have_text(
        "Opt Out is marked in the report. Not sent yet."
    )
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(written(page, GOODBYE)).to_have_count(1)
    page.get_by_role("link", name="Report", exact=True).tap()
    expect(page.get_by_role("checkbox", name="Opt Out (P2P)")).to_be_checked()
    assert not shift.is_opted_out(shift.dana)


@pytest.mark.parametrize(("width", "scripts"), [(360, True), (1440, True), (1440, False)])
def test_a_goodbye_that_an_admin_changed_meanwhile_is_not_sent(
    shift: Shift, window: Windows, width: int, scripts: bool
) -> None:
    shift.talks(shift.dana)
    shift.offers_goodbye("Take care.")
    page = window(shift.texter, width=width, java_script_enabled=scripts).open(
        f"{shift.path(shift.dana)}/report"
    )
    page.get_by_label("Opt Out (P2P)").check()
    expect(page.get_by_text("“Take care.”")).to_be_visible()
    shift.offers_goodbye("Good luck to you.")
    page.get_by_role("button", name="Send report and opt out Dana").click()
    says = page.locator(".notice", has_text="The goodbye was changed meanwhile")
    expect(says).to_be_visible()
    expect(page.get_by_text("Dana is opted out of peer-to-peer texts.")).to_be_visible()
    assert shift.is_opted_out(shift.dana)
    assert not {"Take care.", "Good luck to you."}.intersection(shift.texts_to(shift.dana))


def test_a_second_window_of_the_same_person_shows_what_the_first_sent(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    one, two = tab.open(shift.path(shift.dana)), tab.new_page()
    two.route("**/inbox/live*", lambda route: route.fulfill(status=204))
    two.goto(shift.path(shift.dana))
    box(one).fill("At the library")
    one.get_by_role("button", name="Send", exact=True).click()
    expect(written(one, "At the library")).to_have_count(1)
    box(two).fill("At the school")
    two.get_by_role("button", name="Send", exact=True).click()
    expect(two.locator("#composer-says")).to_contain_text("You replied in another window")
    expect(box(two)).to_have_value("At the school")
    expect(written(two, "At the library")).to_have_count(1)
    assert shift.texts_to(shift.dana)[1:] == ["At the library"]
    two.get_by_role("button", name="Send", exact=True).click()
    expect(written(two, "At the school")).to_have_count(1)


# Room


def test_what_is_tapped_on_a_phone_is_large_enough(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    tab = window(shift.texter, **PHONE)
    tab.expects(*REFUSED)
    page = tab.open(f"{shift.base}/inbox")
    assert page.evaluate(TOO_SMALL) == []
    for path in (f"{shift.path(shift.dana)}/report?mark=p2p", shift.path(shift.dana)):
        page.goto(path)
        assert page.evaluate(TOO_SMALL) == []
    box(page).fill("Why?")
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(page.get_by_role("button", name="Send anyway")).to_be_visible()
    assert page.evaluate(TOO_SMALL) == []


def test_the_hint_is_one_line_while_the_keyboard_is_up(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    page = window(shift.texter, **PHONE | {"height": 430}).open(shift.path(shift.dana))
    expect(page.get_by_text("Possible request to stop")).to_be_visible()
    expect(page.get_by_role("link", name="Open report")).to_be_visible()
    expect(page.locator(".canned")).to_be_hidden()
    place = page.locator("#hint").bounding_box()
    assert place is not None
    assert place["height"] <= 60


@pytest.mark.parametrize(("width", "panes"), [(1440, 3), (1100, 3), (900, 2), (390, 1)])
def test_a_report_has_its_place_at_each_width(
    shift: Shift, window: Windows, width: int, panes: int
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, width=width).open(f"{shift.path(shift.dana)}/report")
    expect(page.locator("#list, #pane, #panel").filter(visible=True)).to_have_count(panes)
    expect(page.locator("#panel")).to_be_visible()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report")


# Without scripts


def test_a_shift_goes_without_scripts(shift: Shift, window: Windows) -> None:
    tab = window(java_script_enabled=False)
    page = tab.open(f"{shift.base}/text")
    page.get_by_label("Email").fill(shift.texter.email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("link", name="Open", exact=True).click()
    page.get_by_role("button", name=re.compile("^Get ")).click()
    page.get_by_role("button", name="Send to Dana").click()
    expect(page.get_by_role("button", name="Send to Luis")).to_be_visible()
    shift.answers(shift.dana, "Who is this? Leave me alone")
    page.goto(f"{shift.base}/inbox")
    page.get_by_role("link", name="Dana Whitfield").click()
    page.get_by_role("link", name="All replies").click()
    page.get_by_role("link", name="Insert Library").click()
    expect(box(page)).to_have_value(LIBRARY)
    tab.expects(*REFUSED)
    page.get_by_role("button", name="Send", exact=True).click()
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#thread").get_by_text(LIBRARY)).to_be_visible()
    page.get_by_role("checkbox", name="Opt Out (P2P)").check()
    page.locator(".send-report").click()
    expect(page.get_by_text("Dana is opted out of peer-to-peer texts.")).to_be_visible()
    assert shift.texts_to(shift.dana)[1:] == [LIBRARY]
    assert shift.is_opted_out(shift.dana)
