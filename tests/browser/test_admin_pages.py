"""What saves itself on admins' pages when scripts run, and has a button when they do not."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from sqlalchemy import select

from tests.browser.shift import Shift
from tests.browser.window import Window
from webapp.db import db, in_transaction, transaction
from webapp.models import Action, Campaign, Message, MessageKind, MessageState, Texting
from webapp.services import report_settings, tags

Windows = Callable[..., Window]
UNDER_WAY = re.compile("Waits to be sent|On its way|Sent")


def fresh(shift: Shift) -> tuple[Campaign, Action]:
    """The campaign and its action as they are now."""
    db.session.rollback()
    return (
        db.session.get_one(Campaign, shift.campaign.id, populate_existing=True),
        db.session.get_one(Action, shift.action.id, populate_existing=True),
    )


def newest_test_text() -> Message:
    """The text as the worker of the site has left it."""
    if not in_transaction():
        db.session.rollback()
    newest = select(Message).where(Message.kind == MessageKind.TEST).order_by(Message.id.desc())
    return db.session.scalars(newest.limit(1)).one()


def tick(page: Page, label: str, button: str, *, scripts: bool) -> None:
    """Tick or untick; without scripts press the button beside it, too."""
    box = page.locator("label.check", has_text=label).locator("input")
    with page.expect_response(lambda response: response.request.method == "POST"):
        box.click()
        if not scripts:
            page.locator(button).click()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_switch_of_the_team_page_saves_itself(
    shift: Shift, window: Windows, scripts: bool
) -> None:
    page = window(shift.owner, java_script_enabled=scripts).open(f"{shift.base}/team")
    tick(page, "Taking new texters", "#invite .hd button", scripts=scripts)
    expect(page.get_by_text("Nobody can join right now.")).to_be_visible()
    assert not fresh(shift)[0].join_open


@pytest.mark.parametrize("scripts", [True, False])
def test_the_ticks_of_report_settings_save_themselves(
    shift: Shift, window: Windows, scripts: bool
) -> None:
    page = window(shift.owner, java_script_enabled=scripts).open(
        f"{shift.base}/actions/{shift.action.id}/report-settings"
    )
    other = tags.built_in(shift.campaign.id, Texting.BROADCAST)
    cards = page.get_by_label("Preview").locator(".optout-card")
    expect(cards).to_have_count(1)
    tick(
        page,
        "Also offer Opt Out (Broadcast)",
        "#save-offer",
        scripts=scripts,
    )
    expect(cards).to_have_count(2)
    tick(page, "Note for the campaign", "#save-note", scripts=scripts)
    expect(page.locator("#preview-note")).to_have_count(0)
    tick(page, "Offer to send a goodbye first", "#save-goodbye", scripts=scripts)
    expect(page.get_by_label("Offer to send a goodbye first")).to_be_checked()
    page.reload()
    expect(page.get_by_label("Offer to send a goodbye first")).to_be_checked()

    _, action = fresh(shift)
    assert (action.note_asked, action.goodbye) == (False, True)
    assert other.id in [tag.id for tag in report_settings.tags_of(action)]


def test_the_goodbye_is_shown_to_the_texter_as_it_is_typed(shift: Shift, window: Windows) -> None:
    page = window(shift.owner).open(f"{shift.base}/actions/{shift.action.id}/report-settings")
    page.get_by_label("Offer to send a goodbye first").check()
    expect(page.locator("#preview-goodbye")).to_be_visible()
    page.get_by_label("Words of the goodbye").fill("Take care, and thanks.")
    expect(page.locator("#preview-goodbye")).to_have_text("Take care, and thanks.")
    page.get_by_label("Also offer Opt Out (Broadcast)").check()
    expect(page.get_by_label("Preview").locator(".optout-card")).to_have_count(2)
    expect(page.locator("#preview-goodbye")).to_have_text("Take care, and thanks.")
    expect(page.get_by_label("Words of the goodbye")).to_have_value("Take care, and thanks.")
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.get_by_role("button", name="Save the goodbye").click()
    expect(page.locator("#announcer")).to_have_text("Saved.")
    page.reload()
    expect(page.get_by_label("Words of the goodbye")).to_have_value("Take care, and thanks.")


@pytest.mark.parametrize("scripts", [True, False])
def test_a_question_that_is_half_typed_outlives_every_other_button(
    shift: Shift, window: Windows, scripts: bool
) -> None:
    page = window(shift.owner, java_script_enabled=scripts).open(
        f"{shift.base}/actions/{shift.action.id}/report-settings"
    )
    page.get_by_text("Add a question").click()
    page.get_by_label("Question", exact=True).fill("Support lev")
    page.get_by_label("A text", exact=True).check()
    page.get_by_label("Words of the goodbye").fill("Take care, and")
    for name in ("Remove Opt Out (P2P)", "Put Opt Out (P2P) back", f"Remove {shift.tag.name}"):
        with page.expect_response(lambda response: response.request.method == "POST"):
            page.get_by_role("button", name=name).click()
        expect(page.get_by_role("button", name=name)).to_have_count(0)
        expect(page.get_by_label("Question", exact=True)).to_have_value("Support lev")
        expect(page.get_by_label("A text", exact=True)).to_be_checked()
        expect(page.get_by_label("Words of the goodbye")).to_have_value("Take care, and")
    page.get_by_label("Question", exact=True).press("End")
    page.keyboard.type("el?")
    page.keyboard.press("Enter")
    expect(page.locator("[id^=preview-q]")).to_have_count(1)
    expect(page.get_by_label("Words of the goodbye")).to_have_value("Take care, and")
    page.get_by_text("Add a question").click()
    expect(page.get_by_label("Question", exact=True)).to_have_value("")
    asked = report_settings.questions_of(fresh(shift)[1])
    assert [one.label for one in asked] == ["Support level?"]


def test_a_tick_keeps_the_focus_where_it_was(shift: Shift, window: Windows) -> None:
    page = window(shift.owner).open(f"{shift.base}/actions/{shift.action.id}/report-settings")
    page.get_by_label("Offer to send a goodbye first").focus()
    page.keyboard.press("Space")
    expect(page.locator("#announcer")).to_have_text("Saved.")
    expect(page.get_by_label("Offer to send a goodbye first")).to_be_focused()


@pytest.mark.parametrize("scripts", [True, False])
def test_the_timeline_is_narrowed_and_downloaded(
    shift: Shift, window: Windows, scripts: bool
) -> None:
    shift.talks(shift.dana, "STOP")
    page = window(shift.owner, java_script_enabled=scripts).open(
        f"{shift.base}/data/contacts/{shift.dana.id}"
    )
    added = page.locator("#timeline").get_by_text("Opt Out (P2P) added")
    expect(added).to_be_visible()
    page.get_by_label("Show").select_option("broadcast")
    if not scripts:
        page.get_by_role("button", name="Apply").click()
    expect(added).to_have_count(0)
    with page.expect_download() as download:
        page.get_by_role("button", name="Download").click()
    assert "Opt Out (P2P) added" in download.value.path().read_text("utf-8")


@pytest.mark.parametrize("width", [920, 1040, 1199, 1240])
def test_names_stay_on_one_line_in_windows_of_middling_width(
    shift: Shift, window: Windows, width: int
) -> None:
    page = window(shift.owner, width=width).open(
        f"{shift.base}/actions/{shift.action.id}/report-settings"
    )
    name = page.locator(".oline .name").first.bounding_box()
    assert name is not None and name["height"] < 30

    wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    for path in ("/report-settings", "", "/conversations", "/suppressed"):
        page.goto(f"{shift.base}/actions/{shift.action.id}{path}")
        assert page.evaluate(wide) <= 0, path
    for path in ("/data/opt-outs", "/data/opt-outs/history", "/data/contacts", "/team"):
        page.goto(f"{shift.base}{path}")
        assert page.evaluate(wide) <= 0, path


def test_the_open_tab_is_seen_on_a_phone(shift: Shift, window: Windows) -> None:
    page = window(shift.owner, width=360, height=740).open(f"{shift.base}/settings/system")
    box = page.get_by_role("link", name="System", exact=True).bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 360


@pytest.mark.parametrize("scripts", [True, False])
def test_what_became_of_a_test_text_shows_by_itself_or_after_a_reload(
    shift: Shift, window: Windows, scripts: bool
) -> None:
    page = window(shift.owner, java_script_enabled=scripts).open(f"{shift.base}/settings/system")
    page.get_by_label("Your own phone").fill("(217) 555-0177")
    page.get_by_label("This phone is mine").check()
    page.get_by_role("button", name="Send the test text").click()
    expect(page.locator("#test-texts .chip").first).to_have_text(UNDER_WAY)
    for _ in range(150):
        if newest_test_text().state is MessageState.SENT:
            break
        page.wait_for_timeout(100)
    with transaction():
        newest_test_text().state = MessageState.DELIVERED
    if not scripts:
        page.get_by_role("link", name="Look again").click()
    expect(page.locator("#test-texts .chip").first).to_have_text("Delivered")
    expect(page.locator("#live")).to_have_count(0)
