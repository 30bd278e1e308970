"""The whole way in two browsers: from a file of contacts to texts, replies, and opt-outs."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.window import Window
from webapp.models import Campaign
from webapp.texting import drill

Windows = Callable[..., Window]
SCRIPT = "Hi {first_name}, it's {texter_name}. Can we count on your vote? Reply STOP to opt out."
ROWS = 1_000
# Somebody reads before they tap. Two taps at once are a double tap, whose second half sends
# nothing.
READING = 500.0


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of 1,000 rows, one of them without a number and one there twice."""
    rows = [f"Voter {n},Of Ward {n % 50},{factories.phone_of(n)},Chicago,IL" for n in range(ROWS)]
    rows[500] = "Nobody,At All,,Chicago,IL"
    rows[501] = rows[0]
    path = tmp_path / "ward-25.csv"
    path.write_text("\n".join(["First name,Last name,Phone,City,State", *rows]), encoding="utf-8")
    return path


def signs_in(page: Page, email: str) -> None:
    page.goto("/login")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def menu(page: Page, name: str) -> None:
    page.get_by_role("navigation", name="Admin").get_by_role("link", name=name).click()


def adds_a_number(page: Page) -> None:
    menu(page, "Settings")
    page.get_by_role("link", name="Numbers").click()
    page.get_by_role("textbox", name="Number").fill("(217) 555-0142")
    page.get_by_role("button", name="Save number").click()
    expect(page.get_by_role("rowheader", name="(217) 555-0142")).to_be_visible()


def imports(page: Page, file: Path) -> None:
    menu(page, "Contacts")
    page.get_by_role("link", name="Import contacts").click()
    page.get_by_label("File", exact=True).and_(page.locator("input")).set_input_files(file)
    page.get_by_label("List name").fill("Ward 25")
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_label("Phone")).to_have_value("phone")
    page.get_by_role("button", name="Check the rows").click()
    start = page.get_by_role("button", name="Import 998 contacts")
    expect(start).to_be_visible()
    expect(page.get_by_role("row", name="502")).to_contain_text("No phone number")
    start.click()
    expect(page.get_by_role("heading", name="998 contacts are in Ward 25.")).to_be_visible()
    expect(page.get_by_role("heading", name="1 row couldn’t be used")).to_be_visible()


def builds_an_action(page: Page, name: str) -> None:
    """Through the steps of the builder, to Safeguard's review."""
    menu(page, "Peer-to-peer")
    page.get_by_role("link", name="New action").first.click()
    page.get_by_label("Name", exact=True).fill(name)
    page.get_by_role("button", name="Continue to audience").click()
    page.get_by_label("Ward 25").check()
    expect(page.locator("#audience-size")).to_contain_text("998 contacts")
    page.get_by_role("button", name="Continue to script").click()
    text = page.locator("#text-0")
    text.fill("Hi ")
    page.get_by_role("button", name="{first_name}").first.click()
    expect(text).to_have_value("Hi {first_name}")
    text.fill(SCRIPT)
    expect(page.locator("#preview")).to_contain_text("Can we count on your vote?")
    page.get_by_role("button", name="Continue to Report Settings").click()
    expect(page.get_by_role("main")).to_contain_text("Opt Out (P2P)")
    page.get_by_role("link", name="Continue to review").click()


def launches(page: Page) -> None:
    expect(page.get_by_text("No text goes out until a texter taps Send.")).to_be_visible()
    page.get_by_role("button", name=re.compile("^Launch to ")).click()
    expect(page.get_by_text("is launched. No text goes out until")).to_be_visible()


def joins(page: Page, campaign: Campaign) -> None:
    page.goto(f"/join/{campaign.join_code}")
    page.get_by_label("Your name").fill("Jordan Lee")
    page.get_by_label("Email").fill(f"jordan@{campaign.slug}.example.org")
    page.get_by_label("Password", exact=True).fill(factories.PASSWORD)
    page.get_by_role("button", name="Join").tap()
    is_trained(page)


def is_trained(page: Page) -> None:
    for _ in range(3):
        page.get_by_role("link", name="Next").tap()
    page.get_by_role("link", name="Try five messages").tap()
    for n, question in enumerate(drill.QUESTIONS, start=1):
        expect(page.get_by_text(f"message {n} of 5")).to_be_visible()
        page.get_by_role("button", name=drill.WORDS[question.right]).tap()
        expect(page.get_by_role("heading", name="Right", exact=True)).to_be_visible()
        if n < len(drill.QUESTIONS):
            page.get_by_role("link", name="Next message").tap()
    page.get_by_role("button", name="Finish").tap()


def sends_first_texts(page: Page, amount: int) -> list[str]:
    """Get a batch and tap Send; the names of those texted."""
    page.get_by_role("link", name="Open", exact=True).tap()
    page.get_by_role("button", name="Get 50 contacts").tap()
    names = []
    for n in range(amount):
        expect(page.get_by_text(f"{n} of 50 sent")).to_be_visible()
        names.append(page.locator(".person").inner_text())
        expect(page.locator(".exact")).to_contain_text("it's Jordan. Can we count")
        page.wait_for_timeout(READING)
        page.get_by_role("button", name=re.compile("^Send to ")).tap()
    expect(page.get_by_text(f"{amount} of 50 sent")).to_be_visible()
    return names


def is_the_phone_of(page: Page, name: str) -> None:
    page.reload()
    page.locator("select[name=phone]").select_option(label=name)
    expect(page.get_by_label(f"Text back as {name.split(' Of')[0]}")).to_be_visible()
    expect(page.locator("#phone-texts")).to_contain_text("Can we count on your vote?")


def texts(page: Page, body: str) -> None:
    page.get_by_label(re.compile("^Text back as")).fill(body)
    page.get_by_role("button", name=re.compile("^Send as")).click()
    expect(page.locator("#phone-texts")).to_contain_text(body)


def opens(page: Page, inbox: str, name: str) -> None:
    """Find somebody in the inbox and open the conversation."""
    page.goto(inbox)
    page.get_by_role("link", name=name).tap()
    expect(page.get_by_label("Message to ")).to_be_visible()


def is_asked_and_answers(texter: Page, contact: Page, inbox: str, name: str) -> None:
    """The question comes by itself, and so does the answer on the other side."""
    texter.goto(inbox)
    is_the_phone_of(contact, name)
    texts(contact, "Who is this?")
    texter.get_by_role("link", name="Show 1 new reply").tap()
    texter.get_by_role("link", name=name).tap()
    texter.get_by_label("Message to ").fill("Jordan, with the Rivera campaign.")
    texter.get_by_role("button", name="Send", exact=True).tap()
    expect(contact.locator("#phone-texts")).to_contain_text("Jordan, with the Rivera campaign.")


def reports_a_refusal(texter: Page, contact: Page, inbox: str, name: str) -> None:
    """Words that a person has to read: the texter's report opts them out."""
    is_the_phone_of(contact, name)
    texts(contact, "please don't text me anymore")
    opens(texter, inbox, name)
    texter.get_by_role("link", name="Open report").tap()
    texter.get_by_role("button", name=re.compile("^Send report and opt out Voter")).tap()
    expect(texter.get_by_role("heading", name="Report sent")).to_be_visible()
    expect(texter.get_by_text("is opted out of peer-to-peer texts.")).to_be_visible()


def is_stopped_while_composing(texter: Page, contact: Page, inbox: str, name: str) -> None:
    """STOP arrives in the middle of a sentence: it is never sent, and the thread is gone."""
    is_the_phone_of(contact, name)
    texts(contact, "Maybe")
    opens(texter, inbox, name)
    with texter.expect_response("**/draft"):
        texter.get_by_label("Message to ").fill("Early voting starts on")
    contact.get_by_role("button", name="STOP", exact=True).click()
    expect(texter.get_by_role("heading", level=1)).to_have_text(re.compile("asked to stop$"))
    expect(texter.get_by_text("Your message was not sent.")).to_be_visible()
    texter.get_by_role("link", name=re.compile("^(Back to inbox|Next conversation)$")).tap()
    texter.wait_for_url("**/inbox*")
    expect(texter.get_by_text(name)).to_have_count(0)
    contact.reload()
    expect(contact.locator("#happened")).to_contain_text("Added Opt Out (P2P)")
    expect(contact.locator("#phone-texts")).not_to_contain_text("Early voting starts on")


def test_the_whole_way(window: Windows, file: Path) -> None:
    campaign = factories.campaign(name="Rivera for Council")
    owner = factories.owner(campaign, name="Maya Okafor")
    desk, phone = window(), window(width=390, height=844, has_touch=True, is_mobile=True)
    admin, texter, inbox = desk.page, phone.page, f"/c/{campaign.slug}/inbox"

    # The owner brings people in, writes an action and launches it.
    signs_in(admin, owner.email)
    adds_a_number(admin)
    imports(admin, file)
    builds_an_action(admin, "Will you vote?")
    safeguard = admin.locator("#safeguard")
    expect(safeguard).to_contain_text("998 of 998 contacts will be texted")
    launches(admin)

    # Somebody joins and texts three people, who all answer.
    joins(texter, campaign)
    refuses, stops, asks = sends_first_texts(texter, 3)
    contact = desk.new_page()
    contact.goto(f"/c/{campaign.slug}/demo")
    is_asked_and_answers(texter, contact, inbox, asks)
    reports_a_refusal(texter, contact, inbox, refuses)
    is_stopped_while_composing(texter, contact, inbox, stops)

    # The next action leaves out those two, and says so.
    builds_an_action(admin, "Early voting")
    expect(safeguard).to_contain_text("996 of 998 contacts will be texted")
    safeguard.get_by_role("link", name="Opt Out (P2P)").click()
    expect(admin.get_by_role("rowheader")).to_have_count(2)
    expect(admin.get_by_role("link", name=refuses)).to_be_visible()
    expect(admin.get_by_role("link", name=stops)).to_be_visible()
    admin.get_by_role("link", name="Back to review").click()
    launches(admin)
    expect(admin.locator("#progress")).to_contain_text("996 of 998 contacts let through")
    expect(admin.locator("#progress")).to_contain_text("2 suppressed")
