"""What changes on a page by itself: in place, under nobody's finger, with the focus kept."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.shift import Shift
from tests.browser.window import Window
from tests.services.talks import HINT
from webapp.db import db, transaction, utc_now
from webapp.models import Action, Membership, User
from webapp.services import actions, approvals, optouts
from webapp.services import reports as sending
from webapp.services.reports import Filled

Windows = Callable[..., Window]
# What moved on the page without anybody's doing, as Chromium measures it. A number that grows to
# the left within its column has not moved.
WATCHES = """
window.moved = [];
new PerformanceObserver((list) => {
  const sources = list.getEntries().flatMap((shift) => shift.sources);
  for (const { node, previousRect: a, currentRect: b } of sources) {
    const element = node?.nodeType === 1 ? node : node?.parentElement;
    if (Math.abs(a.y - b.y) < 2 && (Math.abs(a.x - b.x) < 8 || node?.nodeType === 3)) continue;
    window.moved.push(`${element?.outerHTML.slice(0, 90)} ${a.x},${a.y} to ${b.x},${b.y}`);
  }
}).observe({ type: "layout-shift" });
"""


def watched(window: Window, path: str) -> Page:
    """A page that notes what moves on it from now on."""
    page = window.open(path)
    page.evaluate("document.fonts.ready")
    page.evaluate(WATCHES)
    page.evaluate("window.moved = []")
    return page


def still(page: Page) -> None:
    """Nothing has moved."""
    page.wait_for_timeout(200)
    assert page.evaluate("window.moved") == []


def pause(action: Action) -> None:
    with transaction():
        actions.pause(db.session.get_one(Action, action.id), by=None, now=utc_now())


@pytest.mark.parametrize("width", [1440, 360])
def test_home_changes_in_place(shift: Shift, window: Windows, width: int) -> None:
    page = watched(window(shift.owner, width=width), f"{shift.base}/")
    link = page.get_by_role("link", name="Open the inbox")
    link.focus()
    page.evaluate("window.same = document.activeElement")

    shift.talks(shift.dana, HINT)

    expect(page.locator("#today-possible")).to_contain_text("1 possible opt-out to review")
    expect(page.locator("#today-needs .n")).to_have_text("1")
    expect(page.locator(f"#sent-{shift.action.id}")).to_contain_text("1 of 5")
    expect(link).to_be_focused()
    assert page.evaluate("document.activeElement === window.same")
    expect(page.locator("#announcer")).to_be_empty()
    still(page)


@pytest.mark.parametrize("width", [1440, 360])
def test_a_list_of_actions_changes_in_place(shift: Shift, window: Windows, width: int) -> None:
    page = watched(window(shift.owner, width=width), f"{shift.base}/actions/p2p")
    factories.first_text(shift.action, shift.dana, shift.texter)
    expect(page.locator(f"#sent-{shift.action.id}")).to_contain_text("1 of 5")
    pause(shift.action)
    expect(page.locator(f"#state-{shift.action.id}")).to_contain_text("Paused")
    shift.begins("Rally on Saturday", factories.contact(of=shift.campaign))
    button = page.get_by_role("link", name="Show 1 new action")
    expect(button).to_be_visible()
    still(page)
    button.click()
    expect(page.get_by_role("link", name="Rally on Saturday")).to_be_visible()


def test_no_button_of_a_running_action_becomes_another(shift: Shift, window: Windows) -> None:
    page = watched(window(shift.owner), f"{shift.base}/actions/{shift.action.id}")
    button = page.get_by_role("button", name="Pause")
    button.focus()
    pause(shift.action)
    expect(page.locator("#action-state")).to_contain_text("Paused")
    expect(page.get_by_role("link", name="Show what changed")).to_be_visible()
    expect(button).to_be_focused()
    page.get_by_role("link", name="Show what changed").click()
    expect(page.get_by_role("button", name="Resume")).to_be_visible()


@pytest.mark.parametrize("width", [1440, 360])
def test_a_texters_list_follows_counts_pause_and_new_actions(
    shift: Shift, window: Windows, width: int
) -> None:
    page = watched(window(shift.texter, width=width), f"{shift.base}/text")
    card = page.locator(f"#shift-{shift.action.id}")
    expect(card).to_contain_text("5 first texts left")
    shift.talks(shift.dana)
    expect(card).to_contain_text("1 reply is waiting")
    card.get_by_role("link", name="Go on sending").focus()
    pause(shift.action)
    expect(card).to_contain_text("Paused.")
    expect(card.get_by_role("link", name="Open")).to_be_focused()
    shift.begins("Rally on Saturday", factories.contact(of=shift.campaign))
    expect(page.get_by_role("link", name="Show 1 new action")).to_be_visible()
    expect(page.locator("#announcer")).to_have_text("1 new action")
    expect(page.locator(".shift")).to_have_count(1)
    still(page)


@pytest.mark.parametrize("width", [1440, 360])
def test_the_card_of_an_action_that_is_somebody_elses_keeps_its_name(
    shift: Shift, window: Windows, width: int
) -> None:
    with transaction():
        db.session.get_one(Action, shift.action.id).instruction = "Be brief."
    page = watched(window(shift.texter, width=width), f"{shift.base}/text")
    card = page.locator(f"#shift-{shift.action.id}")
    with transaction():
        db.session.get_one(Action, shift.action.id).all_texters = False
    expect(card).to_contain_text("You aren’t on this action any more.")
    expect(card).to_contain_text("Doorstep to ballot")
    expect(card).to_contain_text("Be brief.")
    still(page)


@pytest.mark.parametrize("is_trained", [False, True])
@pytest.mark.parametrize("width", [1440, 360])
def test_a_texter_who_waits_is_told_when_they_may_text(
    shift: Shift, window: Windows, width: int, is_trained: bool
) -> None:
    with transaction():
        place = db.session.get_one(Membership, (shift.campaign.id, shift.texter.id))
        place.awaits_approval = True
        db.session.get_one(User, shift.texter.id).trained_at = utc_now() if is_trained else None
    page = watched(window(shift.texter, width=width), f"{shift.base}/text")
    expect(page.locator("#approval")).to_contain_text("has to approve you")
    with transaction():
        approvals.approve(shift.campaign, shift.texter.id, by=shift.owner, now=utc_now())
    expect(page.locator("#approval")).to_contain_text("You can text now")
    expect(page.locator("#announcer")).to_contain_text("You can text now")
    still(page)


@pytest.mark.parametrize("width", [1440, 360])
def test_new_reports_are_shown_on_a_click(shift: Shift, window: Windows, width: int) -> None:
    talk = shift.talks(shift.dana)
    page = watched(window(shift.owner, width=width), f"{shift.base}/data/reports")
    with transaction():
        sending.send(db.session.merge(talk), Filled(), key="1", by=shift.texter, now=utc_now())
    button = page.get_by_role("link", name="Show 1 new report")
    expect(button).to_be_visible()
    expect(page.locator("table")).to_have_count(0)
    still(page)
    button.click()
    expect(page.get_by_role("link", name="Dana Whitfield")).to_be_visible()
    expect(page.get_by_role("link", name="Show 1 new report")).to_have_count(0)


@pytest.mark.parametrize("width", [1440, 360])
def test_a_possible_opt_out_that_is_settled_stays_where_it_is(
    shift: Shift, window: Windows, width: int
) -> None:
    shift.talks(shift.dana, HINT)
    shift.talks(shift.luis, HINT)
    page = watched(window(shift.owner, width=width), f"{shift.base}/data/opt-outs/possible")
    first = page.locator("li.card").first
    first.get_by_role("button", name="Mark Opt Out (P2P)").focus()
    shift.hears(shift.dana, "STOP")
    expect(first).to_contain_text("The opt-out is recorded.")
    expect(first.get_by_role("link", name="See the contact")).to_be_focused()
    shift.talks(shift.people[2], HINT)
    expect(page.get_by_role("link", name="Show 1 new one")).to_be_visible()
    expect(page.locator("li.card")).to_have_count(2)
    still(page)


@pytest.mark.parametrize("width", [1440, 360])
def test_a_contacts_page_tells_of_a_stop(shift: Shift, window: Windows, width: int) -> None:
    shift.talks(shift.dana)
    page = watched(window(shift.owner, width=width), f"{shift.base}/data/contacts/{shift.dana.id}")
    entries = page.locator("#timeline > li").count()
    shift.hears(shift.dana, "STOP")
    expect(page.locator("#standing")).to_contain_text("Opted out")
    assert page.locator("#timeline > li").count() == entries
    still(page)
    page.get_by_role("link", name="Show what is new").click()
    expect(page.locator("#timeline")).to_contain_text("Opt Out (P2P) added")
    assert optouts.is_opted_out(shift.dana.id, shift.campaign.id, shift.action.texting)


def test_the_first_text_waits_while_the_action_is_paused(shift: Shift, window: Windows) -> None:
    page = window(shift.texter).open(f"{shift.base}/text/{shift.action.id}")
    page.get_by_role("button", name="Get 50 contacts").click()
    expect(page.locator("#send-button")).to_be_visible()
    pause(shift.action)
    expect(page.get_by_role("heading", name="Paused")).to_be_focused()


# What is saved says so


def test_the_mark_of_a_step_grows_older_and_tells_of_a_failure(
    shift: Shift, window: Windows
) -> None:
    with transaction():
        draft = factories.action(*shift.people, of=shift.campaign, launched=False)
    tab = window(shift.owner)
    tab.expects("net::ERR_FAILED", "Failed to load resource", "htmx:")
    tab.page.clock.install()
    page = tab.open(f"{shift.base}/actions/{draft.id}/audience")
    mark = page.locator("#saved")
    expect(mark).to_have_text("Saved just now")
    page.clock.fast_forward(61_000)
    expect(mark).to_have_text("Saved 1 min ago")
    page.clock.resume()
    page.get_by_role("checkbox").first.click()
    expect(mark).to_have_text("Saved just now")
    page.route("**/audience", lambda route: route.abort())
    page.get_by_role("checkbox").first.click()
    expect(mark).to_have_text("Not saved")


def test_a_draft_says_quietly_that_it_is_saved(shift: Shift, window: Windows) -> None:
    shift.talks(shift.dana)
    tab = window(shift.texter)
    tab.expects("net::ERR_FAILED", "Failed to load resource", "htmx:")
    page = tab.open(shift.path(shift.dana))
    box, mark = page.locator("#body"), page.locator("#draft-says")
    expect(mark).to_be_empty()
    box.press_sequentially("Half a thought")
    expect(mark).to_have_text("Draft saved")
    page.route("**/draft", lambda route: route.abort())
    box.press_sequentially(", and the rest")
    expect(mark).to_have_text("Draft not saved")
    expect(box).to_be_focused()
