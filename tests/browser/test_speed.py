"""Speed as it is felt: small pages, nothing from elsewhere, nothing that moves by itself."""

import gzip
from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests import factories
from tests.browser.shift import Shift
from tests.browser.window import Window

Windows = Callable[..., Window]
KB = 1024
# Moves that follow a press are wanted; the others are summed up.
WATCHES = """() => {
  window.moved = [];
  new PerformanceObserver((list) => {
    for (const one of list.getEntries()) {
      if (!one.hadRecentInput) window.moved.push(...one.sources.map((source) =>
        `${one.value} ${source.node?.outerHTML?.slice(0, 80) ?? source.node?.textContent}`));
    }
  }).observe({ type: "layout-shift" });
}"""


def compressed(body: bytes) -> int:
    return len(gzip.compress(body, 6))


def test_the_inbox_is_small_and_asks_nobody_else(shift: Shift, window: Windows) -> None:
    """A full list, a thread, a report; decision: 50 KB of page and 40 KB of script."""
    crowd = [
        factories.contact(of=shift.campaign, first_name=f"Voter{n}", last_name="Of Ward")
        for n in range(50)
    ]
    shift.talks(shift.dana)
    shift.action = shift.begins("Crowd", *crowd)
    texts = [factories.first_text(shift.action, one, shift.texter) for one in crowd]
    for one, text in zip(crowd, texts, strict=True):
        shift.arrives(text)
        shift.hears(one, "Yes! Where do I vote? I just moved to Ashland Avenue")
    tab = window(shift.texter)
    answers: list[tuple[str, str, int]] = []
    tab.page.on(
        "response",
        lambda answer: answers.append(
            (answer.url, answer.request.resource_type, compressed(answer.body()))
        ),
    )
    page = tab.open(shift.path(shift.dana))
    expect(page.locator(".conv")).to_have_count(50)
    page.wait_for_load_state("networkidle")
    assert {urlsplit(url).netloc for url, _, _ in answers} == {urlsplit(page.url).netloc}
    assert sum(size for _, kind, size in answers if kind == "document") < 50 * KB
    assert sum(size for _, kind, size in answers if kind == "script") < 40 * KB


@pytest.mark.parametrize("width", [1440, 1100, 390])
def test_nothing_moves_when_replies_arrive(shift: Shift, window: Windows, width: int) -> None:
    shift.talks(shift.dana)
    page = window(shift.texter, width=width).open(f"{shift.base}/inbox")
    ready(page)
    page.evaluate(WATCHES)
    shift.talks(shift.luis, "Yes")
    expect(page.get_by_role("link", name="Show 1 new reply")).to_be_visible()
    shift.hears(shift.luis, "please take me off your list")
    expect(page.locator("#tab-unread")).to_have_text("2")
    assert page.evaluate("window.moved") == []


@pytest.mark.parametrize("width", [1440, 390])
def test_nothing_moves_when_a_text_arrives_below(shift: Shift, window: Windows, width: int) -> None:
    shift.talks(shift.dana, *(f"Line {n}" for n in range(20)))
    page = window(shift.texter, width=width).open(shift.path(shift.dana))
    ready(page)
    page.locator("#thread").evaluate("list => { list.scrollTop = 40; }")
    page.evaluate(WATCHES)
    shift.hears(shift.dana, "Are you there?")
    expect(page.get_by_role("button", name="1 new message")).to_be_visible()
    assert page.evaluate("window.moved") == []


def ready(page: Page) -> None:
    """The page has its font, so that nothing moves for want of it."""
    page.wait_for_load_state("networkidle")
    page.evaluate("document.fonts.ready")
