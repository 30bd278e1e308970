"""What pages do under somebody's hands: nothing is sent twice, and nothing typed is lost."""

import random
import re
from collections.abc import Callable

from playwright.sync_api import Locator, Page, expect

from tests import factories
from tests.browser.shift import GOODBYE, LIBRARY, Shift
from tests.browser.site import Site
from tests.browser.window import Window
from webapp.db import transaction, utc_now
from webapp.services import replies
from webapp.texting import segments

Windows = Callable[..., Window]
FIRST_TEXT = "Hi Dana, vote on Tuesday. Reply STOP to opt out."
# What a browser says by itself of an answer of 4xx, of a lost connection, and of both in HTMX.
REFUSED = ("the server responded with a status of 4", "Response Status Error Code 4")
DISCONNECTED = ("ERR_INTERNET_DISCONNECTED", "htmx:sendError", "htmx:afterRequest")


def on_the_card(shift: Shift, window: Window) -> Page:
    """The texter's page for first texts, with Dana on the card."""
    page = window.open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name=re.compile(r"^Get \d+ contacts")).click()
    expect(page.get_by_role("button", name="Send to Dana")).to_be_visible()
    return page


def in_the_thread(shift: Shift, window: Window, *bodies: str) -> Page:
    """The conversation with Dana, who answered with these."""
    shift.talks(shift.dana, *bodies)
    return window.open(shift.path(shift.dana))


def box(page: Page) -> Locator:
    return page.get_by_label("Message to Dana")


def send(page: Page) -> Locator:
    return page.get_by_role("button", name="Send", exact=True)


def written(page: Page, body: str) -> Locator:
    """Our text in the thread, once the server has it."""
    return page.locator("#thread .msg.out[id]", has_text=body)


def said(page: Page) -> Locator:
    return page.locator("#composer-says")


# One press, one text


def test_a_double_click_sends_one_first_text(shift: Shift, window: Windows) -> None:
    page = on_the_card(shift, window(shift.texter))
    page.get_by_role("button", name="Send to Dana").dblclick()
    expect(page.get_by_text("1 of 5 sent")).to_be_visible()
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]
    assert shift.texts_to(shift.luis) == []


def test_the_second_half_of_a_double_click_does_not_text_the_next_person(
    shift: Shift, window: Windows
) -> None:
    page = on_the_card(shift, window(shift.texter))
    place = page.get_by_role("button", name="Send to Dana").bounding_box()
    assert place is not None
    page.mouse.click(place["x"] + 50, place["y"] + 20)
    expect(page.get_by_role("button", name="Send to Luis")).to_be_visible()
    page.mouse.down(click_count=2)
    page.mouse.up(click_count=2)
    page.reload()
    expect(page.get_by_role("button", name="Send to Luis")).to_be_visible()
    assert shift.texts_to(shift.luis) == []


def test_a_held_enter_sends_one_first_text(shift: Shift, window: Windows) -> None:
    page = on_the_card(shift, window(shift.texter))
    page.get_by_role("button", name="Send to Dana").focus()
    page.keyboard.down("Enter")
    expect(page.get_by_role("button", name="Send to Luis")).to_be_focused()
    for _ in range(5):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.reload()
    expect(page.get_by_text("1 of 5 sent")).to_be_visible()
    assert shift.texts_to(shift.luis) == []


def test_a_double_click_sends_one_reply(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    box(page).fill("It's Jordan with the campaign.")
    send(page).dblclick()
    expect(written(page, "It's Jordan")).to_have_count(1)
    expect(box(page)).to_have_value("")
    assert shift.texts_to(shift.dana) == [FIRST_TEXT, "It's Jordan with the campaign."]


def test_two_presses_at_once_send_one_reply(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    box(page).fill("It's Jordan with the campaign.")
    send(page).evaluate("button => { button.click(); button.click(); }")
    expect(written(page, "It's Jordan")).to_have_count(1)
    assert shift.texts_to(shift.dana) == [FIRST_TEXT, "It's Jordan with the campaign."]


def test_ctrl_enter_sends_and_held_sends_no_more(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    box(page).fill("One.")
    page.keyboard.down("Control")
    page.keyboard.down("Enter")
    expect(written(page, "One.")).to_have_count(1)
    box(page).fill("Two.")
    for _ in range(3):
        page.keyboard.down("Enter")
    page.keyboard.up("Enter")
    page.keyboard.up("Control")
    expect(box(page)).to_have_value("Two.")
    assert shift.texts_to(shift.dana) == [FIRST_TEXT, "One."]


# Nothing typed is lost


def test_a_text_that_cannot_be_sent_as_it_is_stays_in_the_box(
    shift: Shift, window: Windows
) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = in_the_thread(shift, tab)
    box(page).fill("Hi {name}, thanks")
    send(page).click()
    expect(said(page)).to_contain_text("Fill in or remove what is between { and }.")
    expect(box(page)).to_have_value("Hi {name}, thanks")
    expect(page.locator(".msg.sending")).to_have_count(0)
    box(page).fill("Hi Dana, thanks")
    send(page).click()
    expect(said(page)).to_be_empty()
    assert shift.texts_to(shift.dana)[1:] == ["Hi Dana, thanks"]


def test_a_question_before_sending_keeps_the_text_and_is_asked_once(
    shift: Shift, window: Windows
) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = in_the_thread(shift, tab, "please take me off your list")
    box(page).fill("Why?")
    send(page).click()
    expect(said(page)).to_contain_text("Dana may have asked to stop. Send anyway?")
    expect(box(page)).to_have_value("Why?")
    page.get_by_role("button", name="Send anyway").click()
    expect(written(page, "Why?")).to_have_count(1)
    assert shift.texts_to(shift.dana)[1:] == ["Why?"]


def test_a_reply_that_comes_second_is_kept_and_shows_the_first(
    shift: Shift, window: Windows
) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = in_the_thread(shift, tab)
    box(page).fill("Second")
    with transaction():
        replies.reply(
            shift.conversation(shift.dana), "First", key="k" * 20, by=shift.owner, now=utc_now()
        )
    send(page).click()
    expect(said(page)).to_contain_text(
        "Maya Okafor replied a moment ago. Your message was not sent."
    )
    expect(box(page)).to_have_value("Second")
    expect(page.locator("#thread").get_by_text("First", exact=True)).to_have_count(1)


def test_a_form_whose_token_lapsed_is_sent_with_the_next_press(
    shift: Shift, window: Windows, site: Site
) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    page = in_the_thread(shift, tab)
    box(page).fill("Still here")
    tab.context.add_cookies([site.cookie_of(shift.texter)])  # type: ignore[list-item]
    token = page.locator("#composer [name=csrf_token]")
    lapsed = token.input_value()
    send(page).click()
    expect(page.locator("#alerts")).to_contain_text("This page was open too long.")
    expect(box(page)).to_have_value("Still here")
    expect(token).not_to_have_value(lapsed)
    send(page).click()
    expect(written(page, "Still here")).to_have_count(1)
    expect(page.locator("#alerts")).to_be_empty()
    assert shift.texts_to(shift.dana)[1:] == ["Still here"]


def test_a_lost_connection_is_said_and_loses_nothing(shift: Shift, window: Windows) -> None:
    tab = window(shift.texter)
    tab.expects(*DISCONNECTED)
    page = in_the_thread(shift, tab)
    box(page).fill("On the train")
    tab.context.set_offline(True)
    send(page).click()
    expect(page.locator("#alerts")).to_have_text("Not sent. Check your connection, then try again.")
    expect(box(page)).to_have_value("On the train")
    expect(page.locator(".msg.sending")).to_have_count(0)
    expect(page.locator(".topbar [data-live-text]")).to_have_text("Not connected. Trying again…")
    expect(send(page)).to_be_disabled()
    expect(page.get_by_text("Your text is kept; you can send it when we’re back.")).to_be_visible()
    tab.context.set_offline(False)
    # A tab that is looked at again asks at once, and saves what could not be saved.
    with page.expect_response("**/draft"):
        page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    expect(page.locator("body")).not_to_have_class(re.compile("lost-connection"))
    page.reload()
    expect(box(page)).to_have_value("On the train")
    send(page).click()
    expect(written(page, "On the train")).to_have_count(1)
    assert shift.texts_to(shift.dana)[1:] == ["On the train"]


def test_whoever_only_reads_hears_of_a_lost_connection(shift: Shift, window: Windows) -> None:
    tab = window(shift.texter)
    tab.expects(*DISCONNECTED)
    tab.page.clock.install()
    page = in_the_thread(shift, tab)
    tab.context.set_offline(True)
    for seconds in (4, 8):  # The next try waits twice as long.
        expect(page.locator("body")).not_to_have_class(re.compile("lost-connection"))
        with page.expect_event("requestfailed"):
            page.clock.fast_forward(seconds * 1_000)
    expect(page.locator("body")).to_have_class(re.compile("lost-connection"))
    expect(page.locator("#announcer")).to_have_text("Not connected. Trying again.")
    tab.context.set_offline(False)
    page.clock.fast_forward(16_000)
    expect(page.locator("body")).not_to_have_class(re.compile("lost-connection"))
    expect(send(page)).to_be_enabled()


def test_a_server_in_trouble_loses_nothing(shift: Shift, window: Windows) -> None:
    """As a proxy answers whose server is away."""
    tab = window(shift.texter)
    tab.expects("status of 502", "Error Code 502")
    page = in_the_thread(shift, tab)
    page.route("**/reply", lambda route: route.fulfill(status=502, body="<h1>Bad gateway</h1>"))
    box(page).fill("Hello")
    send(page).click()
    expect(page.locator("#alerts")).to_contain_text("Your text is still here.")
    expect(box(page)).to_have_value("Hello")
    expect(page.locator("h1")).not_to_have_text("Bad gateway")


def test_a_draft_is_there_again_on_another_device(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    with page.expect_response("**/draft"):
        box(page).fill("Half a sent")
    other = window(shift.texter, width=390).open(shift.path(shift.dana))
    expect(box(other)).to_have_value("Half a sent")


# Live


def test_a_text_that_arrives_moves_neither_caret_nor_words(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    box(page).fill("Half a sentence")
    box(page).evaluate("box => box.setSelectionRange(4, 6)")
    shift.hears(shift.dana, "Are you there?")
    expect(page.locator("#thread").get_by_text("Are you there?")).to_be_visible()
    assert page.evaluate(
        "[document.activeElement.id, document.activeElement.selectionStart,"
        " document.activeElement.selectionEnd, document.activeElement.value]"
    ) == ["body", 4, 6, "Half a sentence"]


def test_a_stop_word_closes_the_conversation_under_whoever_composes(
    shift: Shift, window: Windows
) -> None:
    page = in_the_thread(shift, window(shift.texter))
    with page.expect_response("**/draft"):
        box(page).fill("Half a sentence")
    shift.hears(shift.dana, "STOP")
    heading = page.get_by_role("heading", name="Dana asked to stop")
    expect(heading).to_be_focused()
    expect(page.get_by_text("Your message was not sent.")).to_be_visible()
    expect(page.locator("#thread, #composer, .conv")).to_have_count(0)
    expect(page.locator("#panel")).to_contain_text("No report needed")
    assert shift.texts_to(shift.dana)[1:] == []


def test_a_stop_word_wins_against_a_send_on_its_way(shift: Shift, window: Windows) -> None:
    tab = window(shift.texter)
    tab.expects(*REFUSED)
    # No poll brings the news: the answer to the reply does.
    tab.page.route("**/inbox/live*", lambda route: route.fulfill(status=204))
    page = in_the_thread(shift, tab)
    box(page).fill("Too late")
    shift.hears(shift.dana, "STOP")
    send(page).click()
    expect(page.get_by_role("heading", name="Dana asked to stop")).to_be_focused()
    expect(page.get_by_role("alert").filter(has_text="replied with a stop word")).to_be_visible()
    expect(page.locator(".msg")).to_have_count(0)
    assert "Too late" not in shift.texts_to(shift.dana)


def test_new_replies_wait_behind_a_button(shift: Shift, window: Windows) -> None:
    for contact in (shift.dana, shift.luis):
        shift.talks(contact)
    page = window(shift.texter).open(f"{shift.base}/inbox")
    expect(page.locator(".conv")).to_have_count(2)
    shift.talks(shift.people[2], "Who is this?")
    button = page.get_by_role("link", name="Show 1 new reply")
    expect(button).to_be_visible()
    expect(page.locator(".conv")).to_have_count(2)
    expect(page).to_have_title(re.compile(r"^\(3\) Inbox"))
    button.click()
    expect(page.locator(".conv")).to_have_count(3)


# The composer and the report


def test_the_counter_counts_as_the_server_does(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    draw = random.Random(4)
    letters = "ab €^{}|~[]\\\né’😀👩‍👩‍👧漢ñ "
    texts = ["a" * n for n in (0, 1, 159, 160, 161, 306, 307, 459, 460)]
    texts += ["€" * n for n in (79, 80, 81, 153, 154)]
    texts += ["a" * 152 + "€" * 5, "é" * 160, "😀" * 35, "😀" * 36, "a" * 66 + "😀" * 10, "ç" * 71]
    texts += ["".join(draw.choices(letters, k=draw.randint(0, 400))) for _ in range(40)]
    texts += ["".join(draw.choices("ab€^ ", k=draw.randint(100, 500))) for _ in range(40)]
    page.route("**/draft", lambda route: route.fulfill(status=204))
    counted = page.evaluate(
        """texts => texts.map((text) => {
          const box = document.querySelector("#body");
          box.value = text;
          box.dispatchEvent(new Event("input", { bubbles: true }));
          return document.querySelector("#body-seg").textContent;
        })""",
        texts,
    )
    for text, told in zip(texts, counted, strict=True):
        here = re.match(r"(\d+) of \d+ characters · (\d+) texts?$", told)
        shown = (int(here[1]), int(here[2])) if here else (0, 0)
        there = segments.count(text)
        assert shown == (there.units, there.parts), text


def test_the_report_says_what_its_button_will_do(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter), "please take me off your list")
    button = page.locator(".send-report")
    expect(button).to_have_text("Send report", use_inner_text=True)
    page.get_by_role("link", name="Mark Opt Out (P2P)").click()
    mark = page.get_by_role("checkbox", name="Opt Out (P2P)")
    expect(mark).to_be_focused()
    expect(button).to_have_text("Send report and opt out Dana", use_inner_text=True)
    expect(button).to_have_css("background-color", "rgb(160, 18, 61)")
    expect(page.locator("#announcer")).to_have_text("Marked. Not sent yet.")
    assert not shift.is_opted_out(shift.dana)
    page.keyboard.press("Space")
    expect(button).to_have_text("Send report", use_inner_text=True)
    page.keyboard.press("Space")
    button.click()
    expect(page.get_by_role("heading", name="Report sent")).to_be_focused()
    expect(page.get_by_text("Dana is opted out of peer-to-peer texts.")).to_be_visible()
    expect(box(page)).to_have_count(0)
    assert shift.is_opted_out(shift.dana)


def test_a_saved_reply_goes_into_the_box_and_marks_but_sends_nothing(
    shift: Shift, window: Windows
) -> None:
    page = in_the_thread(shift, window(shift.texter))
    box(page).fill("Hello.")
    page.get_by_role("button", name="Library").click()
    expect(box(page)).to_have_value(f"Hello. {LIBRARY}")
    expect(page.get_by_role("checkbox", name="Opt Out (P2P)")).not_to_be_checked()
    page.get_by_role("button", name="Goodbye").click()
    expect(box(page)).to_have_value(f"Hello. {LIBRARY} {GOODBYE}")
    expect(page.get_by_role("checkbox", name="Opt Out (P2P)")).to_be_checked()
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]


# Addresses


def test_back_after_a_conversation_shows_the_whole_inbox(shift: Shift, window: Windows) -> None:
    for contact in (shift.dana, shift.luis):
        shift.talks(contact)
    page = window(shift.texter).open(f"{shift.base}/inbox")
    page.get_by_role("link", name="Dana Whitfield").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Dana Whitfield")
    expect(page).to_have_url(re.compile(r"/inbox/\d+$"))
    page.get_by_role("link", name="Luis Ortega").click()
    expect(page.get_by_label("Message to Luis")).to_be_visible()
    page.go_back()
    expect(box(page)).to_be_visible()
    page.go_back()
    expect(page.get_by_text("Choose a conversation")).to_be_visible()
    expect(page.locator(".topbar, .clist, #pane, #panel")).to_have_count(4)
    expect(page.locator(".conv")).to_have_count(2)
    page.go_forward()
    expect(box(page)).to_be_visible()
    page.reload()
    expect(box(page)).to_be_visible()
    expect(page.locator(".conv")).to_have_count(2)


def test_a_phone_opens_each_pane_on_a_page_of_its_own(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana, "please take me off your list")
    page = window(shift.texter, width=390, has_touch=True).open(f"{shift.base}/inbox")
    page.get_by_role("link", name="Dana Whitfield").tap()
    page.wait_for_url(f"**{shift.path(shift.dana)}")
    page.get_by_role("link", name="Open report").tap()
    page.wait_for_url("**/report?mark=p2p")
    expect(page.get_by_role("checkbox", name="Opt Out (P2P)")).to_be_checked()
    expect(page.get_by_role("heading", level=1)).to_have_text("Report")


# Single keys


def test_single_keys_lead_through_the_inbox(shift: Shift, window: Windows) -> None:
    for contact in (shift.dana, shift.luis):
        shift.talks(contact)
    page = window(shift.texter).open(f"{shift.base}/inbox")
    luis, dana = page.get_by_role("link", name="Luis"), page.get_by_role("link", name="Dana")
    page.keyboard.press("j")
    expect(luis).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("j")
    expect(dana).to_be_focused()
    page.keyboard.press("k")
    expect(luis).to_be_focused()
    page.keyboard.press("j")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Dana Whitfield")
    page.keyboard.press("r")
    page.keyboard.type("jk / e?")
    expect(box(page)).to_have_value("jk / e?")
    page.keyboard.press("Escape")
    expect(dana).to_be_focused()
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("dialog")).to_have_count(0)
    page.keyboard.press("e")
    expect(page.get_by_text("Archived. It comes back when they reply.")).to_be_visible()


def test_no_single_key_opts_anybody_out_or_sends(shift: Shift, window: Windows) -> None:
    page = in_the_thread(shift, window(shift.texter))
    page.keyboard.press("/")
    page.keyboard.press("1")
    expect(box(page)).to_have_value(GOODBYE)
    page.keyboard.press("Escape")
    mark = page.get_by_role("checkbox", name="Opt Out (P2P)")
    mark.uncheck()
    page.keyboard.press("Escape")
    page.keyboard.press("p")
    expect(mark).to_be_focused()
    expect(mark).not_to_be_checked()
    for key in "jkrp/sn123456789?":
        page.keyboard.press("Escape")
        page.keyboard.press(key)
    page.goto(shift.path(shift.dana))
    page.keyboard.press("u")  # It marks the thread unread and leaves it.
    expect(page).to_have_url(re.compile("/inbox$"))
    page.goto(shift.path(shift.dana))
    expect(mark).not_to_be_checked()
    assert not shift.is_opted_out(shift.dana)
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]


def test_single_keys_can_be_switched_off(shift: Shift, window: Windows) -> None:
    page = window(shift.texter).open("/me")
    page.get_by_label("Keyboard shortcuts").uncheck()
    page.get_by_role("button", name="Save").click()
    shift.talks(shift.dana)
    page.goto(shift.path(shift.dana))
    for key in "r?e":
        page.keyboard.press(key)
    expect(box(page)).not_to_be_focused()
    expect(page.get_by_role("dialog")).to_have_count(0)
    expect(page).to_have_url(re.compile(f"{shift.path(shift.dana)}$"))


# Without scripts


def test_first_texts_can_be_sent_without_scripts(shift: Shift, window: Windows) -> None:
    page = on_the_card(shift, window(shift.texter, java_script_enabled=False))
    page.get_by_role("button", name="Send to Dana").click()
    expect(page.get_by_role("button", name="Send to Luis")).to_be_visible()
    page.get_by_role("button", name="Skip").click()
    expect(page.get_by_role("button", name="Send to Priya")).to_be_visible()
    assert shift.texts_to(shift.dana) == [FIRST_TEXT]
    assert shift.texts_to(shift.luis) == []


def test_replies_and_reports_can_be_sent_without_scripts(shift: Shift, window: Windows) -> None:
    tab = window(shift.texter, java_script_enabled=False)
    tab.expects(*REFUSED)
    page = in_the_thread(shift, tab, "please take me off your list")
    expect(page.get_by_text("Up to date").filter(visible=True)).to_have_count(0)
    page.get_by_role("button", name="Library").click()
    expect(box(page)).to_have_value(LIBRARY)
    send(page).click()
    expect(page.get_by_text("may have asked to stop. Send anyway?")).to_be_visible()
    expect(box(page)).to_have_value(LIBRARY)
    page.get_by_role("button", name="Send anyway").click()
    expect(page.locator("#thread").get_by_text(LIBRARY)).to_be_visible()
    page.get_by_role("checkbox", name="Opt Out (P2P)").check()
    button = page.locator(".send-report")
    expect(button).to_have_text("Send report and opt out Dana", use_inner_text=True)
    button.click()
    expect(page.get_by_text("Dana is opted out of peer-to-peer texts.")).to_be_visible()
    assert shift.texts_to(shift.dana)[1:] == [LIBRARY]
    assert shift.is_opted_out(shift.dana)


def test_a_tag_can_be_made_without_scripts(shift: Shift, window: Windows) -> None:
    tab = window(shift.owner, java_script_enabled=False)
    tab.expects(*REFUSED)
    page = tab.open(f"{shift.base}/data/tags")
    page.get_by_label("Name").fill("Opt-0ut")
    page.get_by_role("button", name="Create tag").click()
    expect(page.get_by_role("heading", name="Why we refuse this name")).to_be_visible()
    expect(page.get_by_label("Name")).to_have_value("Opt-0ut")
    page.get_by_label("Name").fill("Wants a yard sign")
    page.get_by_role("button", name="Create tag").click()
    expect(page.get_by_role("rowheader", name="Wants a yard sign")).to_be_visible()


# Small things


def test_a_menu_closes_on_escape_and_gives_the_focus_back(shift: Shift, window: Windows) -> None:
    page = window(shift.texter).open(f"{shift.base}/text")
    page.locator("#account-menu summary").click()
    expect(page.get_by_role("button", name="Sign out")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.get_by_role("button", name="Sign out")).to_be_hidden()
    expect(page.locator("#account-menu summary")).to_be_focused()


def test_a_password_can_be_shown(window: Windows) -> None:
    page = window().open("/login")
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name=re.compile("^Show")).click()
    expect(page.get_by_label("Password", exact=True)).to_have_attribute("type", "text")


def test_a_link_can_be_copied(shift: Shift, window: Windows) -> None:
    tab = window(shift.owner)
    tab.context.grant_permissions(["clipboard-read", "clipboard-write"])
    page = tab.open(f"{shift.base}/team")
    page.get_by_role("button", name="Copy").first.click()
    expect(page.locator("#announcer")).to_have_text("Copied.")
    assert shift.campaign.join_code in page.evaluate("navigator.clipboard.readText()")
