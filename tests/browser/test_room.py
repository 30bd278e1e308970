"""Room for a texter: views in sight, nothing that moves under a finger, a phone's keyboard."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.shift import Shift
from tests.browser.window import Window

Windows = Callable[..., Window]
PHONE = {"width": 360, "height": 640, "has_touch": True, "is_mobile": True}
# As an iPhone's keyboard does: it lies over the page, whose own height stays.
COVERS = """height => {
  Object.defineProperty(visualViewport, "height", { get: () => height, configurable: true });
  visualViewport.dispatchEvent(new Event("resize"));
}"""
# A smaller field makes an iPhone zoom in when it is touched.
SMALL_TYPE = """fields => [...document.querySelectorAll(fields)]
  .filter((one) => parseFloat(getComputedStyle(one).fontSize) < 16)
  .map((one) => one.outerHTML.slice(0, 90))"""
TEXT_FIELDS = "textarea, input:not([type=hidden], [type=checkbox], [type=radio])"


def box(page: Page) -> Locator:
    return page.get_by_label("Message to Dana")


def bottom(one: Locator) -> float:
    place = one.bounding_box()
    assert place is not None
    return place["y"] + place["height"]


def top(one: Locator) -> float:
    place = one.bounding_box()
    assert place is not None
    return place["y"]


# The list


@pytest.mark.parametrize("width", [1440, 1100, 900, 360])
def test_new_replies_are_told_at_the_top_of_the_list_where_nothing_else_is(
    shift: Shift, window: Windows, width: int
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, width=width).open(f"{shift.base}/inbox")
    first = page.locator(".conv").first
    before = top(first)
    expect(page.get_by_text("New replies show up here")).to_be_visible()
    shift.talks(shift.luis, "Yes")
    pill = page.get_by_role("link", name="Show 1 new reply")
    expect(pill).to_be_visible()
    assert top(first) == before
    assert bottom(page.locator(".clist .tabs")) <= top(pill)
    assert bottom(pill) <= before


def test_the_pill_keeps_the_focus_when_more_replies_come(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter).open(f"{shift.base}/inbox")
    shift.talks(shift.luis, "Yes")
    page.get_by_role("link", name="Show 1 new reply").focus()
    shift.talks(shift.people[2], "Yes")
    expect(page.get_by_role("link", name="Show 2 new replies")).to_be_focused()


def test_without_scripts_there_is_a_link_to_look_for_new_replies(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, java_script_enabled=False).open(f"{shift.base}/inbox")
    shift.talks(shift.luis, "Yes")
    page.get_by_role("link", name="Look for new replies").click()
    expect(page.locator(".conv")).to_have_count(2)


@pytest.mark.parametrize("width", [1440, 1199, 1000, 900, 761, 390, 360, 320])
@pytest.mark.parametrize("page_of", ["", "/report"], ids=["thread", "report"])
def test_all_four_views_are_in_sight(
    shift: Shift, window: Windows, width: int, page_of: str
) -> None:
    shift.talks(shift.dana)
    path = f"{shift.base}/inbox" if width < 761 else f"{shift.path(shift.dana)}{page_of}"
    page = window(shift.texter, width=width).open(path)
    page.evaluate("document.fonts.ready")
    page.evaluate(
        """() => document.querySelectorAll(".clist .count").forEach((one) => {
          one.textContent = "99+"; one.hidden = false; })"""
    )
    views = page.get_by_role("navigation", name="Inbox views")
    assert views.evaluate("one => one.scrollWidth - one.clientWidth") == 0


# A phone's keyboard


@pytest.mark.parametrize("way", ["resizes", "covers"])
def test_the_box_and_the_last_text_stay_in_sight_over_a_keyboard(
    shift: Shift, window: Windows, way: str
) -> None:
    shift.talks(shift.dana, *(f"Line {n}" for n in range(20)), "please take me off your list")
    page = window(shift.texter, **PHONE).open(shift.path(shift.dana))
    box(page).tap()
    if way == "covers":
        page.evaluate(COVERS, 330)
    else:
        page.set_viewport_size({"width": 360, "height": 330})
    box(page).press_sequentially("We will take you off our list at once, and nobody texts you")
    last = page.locator("#thread .bubble").last
    expect(page.get_by_text("Possible request to stop")).to_be_visible()
    page.wait_for_function(
        "list => list.scrollTop + list.clientHeight >= list.scrollHeight - 1",
        arg=page.locator("#thread").element_handle(),
    )
    assert bottom(last) <= bottom(page.locator("#thread"))
    assert bottom(page.locator("#composer")) <= 330
    assert page.evaluate("[scrollY, document.querySelector('.texter').offsetHeight]") == [0, 330]


def test_the_thread_stays_where_it_was_scrolled_to_when_the_box_grows(
    shift: Shift, window: Windows
) -> None:
    shift.talks(shift.dana, *(f"Line {n}" for n in range(40)))
    page = window(shift.texter, **PHONE).open(shift.path(shift.dana))
    page.locator("#thread").evaluate("list => { list.scrollTop = 40; }")
    page.wait_for_timeout(100)
    box(page).fill("One\nTwo\nThree\nFour")
    page.wait_for_timeout(100)
    assert page.locator("#thread").evaluate("list => list.scrollTop") == 40


def test_a_keyboard_stays_open_while_texts_are_sent(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE).open(shift.path(shift.dana))
    box(page).tap()
    page.keyboard.type("Hello")
    page.get_by_role("button", name="Send", exact=True).tap()
    expect(page.locator("#thread .msg.out[id]", has_text="Hello")).to_have_count(1)
    expect(box(page)).to_be_focused()


@pytest.mark.parametrize("width", [360, 1024])
def test_no_field_is_so_small_that_a_touch_zooms_in(
    shift: Shift, window: Windows, width: int
) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, **PHONE | {"width": width}).open(f"{shift.base}/inbox?find=1")
    fields = TEXT_FIELDS + (", select" if width < 761 else "")
    for path in (page.url, shift.path(shift.dana), f"{shift.path(shift.dana)}/report", "/me"):
        page.goto(path)
        assert page.evaluate(SMALL_TYPE, fields) == []


# The button that sends


def test_send_does_not_move_when_replies_wait_or_the_connection_is_lost(
    shift: Shift, window: Windows
) -> None:
    tab = window(shift.texter, **PHONE)
    page = tab.open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").tap()
    button = page.locator("#send-button")
    place = top(button)
    button.tap()
    expect(button).to_have_text("Send to Luis")
    shift.answers(shift.dana, "Who is this?")
    page.wait_for_timeout(500)
    button.tap()
    expect(page.get_by_text("1 reply is waiting")).to_be_visible()
    assert top(button) == place
    page.evaluate("document.body.classList.add('lost-connection')")
    expect(page.get_by_text("You can send when we’re back.")).to_be_visible()
    assert top(button) == place


def test_a_failed_first_text_covers_neither_skip_nor_the_name(
    shift: Shift, window: Windows
) -> None:
    tab = window(shift.texter, **PHONE)
    tab.expects("ERR_FAILED", "htmx:sendError", "htmx:afterRequest")
    page = tab.open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").tap()
    page.route("**/send", lambda route: route.abort())
    page.locator("#send-button").tap()
    alert = page.locator("#alerts")
    expect(alert).to_have_text("Didn’t send to Dana. Check your connection, then try again.")
    assert bottom(page.get_by_role("button", name="Skip")) <= top(alert)
    assert bottom(alert) <= top(page.get_by_role("heading", name="Dana Whitfield"))
