"""Beside the name of an action stands when its steps were last saved, or that they were not."""

import html
import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import update

from tests import factories
from tests.client import Browser
from webapp.db import db, transaction, utc_now
from webapp.models import Action, ActionKind, User

SignIn = Callable[[User], Browser]
MARK = re.compile(r'<span class="saved sm" id="saved".*?</span></span>', re.DOTALL)


@pytest.fixture
def draft() -> Action:
    made = factories.action(factories.contact(), launched=False, name="Early vote reminder")
    with transaction():
        old = utc_now() - timedelta(minutes=5, seconds=3)
        db.session.execute(update(Action).values(saved_at=old))
    return made


@pytest.fixture
def page(draft: Action) -> str:
    return f"/c/{factories.the_campaign().slug}/actions/{draft.id}"


@pytest.fixture
def browser(draft: Action, client_for: SignIn) -> Browser:
    return client_for(factories.admin())


def mark(text: str) -> str:
    """What the mark says."""
    found = MARK.findall(text)
    assert len(found) == 1
    return " ".join(html.unescape(re.sub(r"<[^>]+>", "", found[0])).split())


@pytest.mark.parametrize("step", ["details", "audience", "script", "report-settings", "review"])
def test_each_step_says_when_the_action_was_saved(browser: Browser, page: str, step: str) -> None:
    assert mark(browser.get(f"{page}/{step}").text) == "Saved 5 min ago"


def test_saving_a_step_is_told_on_the_next(browser: Browser, page: str) -> None:
    filled = {"name": "Early vote", "who": "everyone", "batch_size": "50"}
    answer = browser.post(f"{page}/details", filled)
    assert answer.status_code == 303
    assert mark(browser.get(answer.location).text) == "Saved just now"


def test_a_step_that_was_refused_says_that_it_is_not_saved(browser: Browser, page: str) -> None:
    refused = browser.post(f"{page}/details", {"name": "", "who": "everyone", "batch_size": "50"})
    assert refused.status_code == 422
    assert mark(refused.text) == "Not saved"
    assert mark(browser.get(f"{page}/details").text) == "Saved 5 min ago"


def test_what_is_saved_by_itself_says_so(browser: Browser, page: str) -> None:
    chosen = factories.contact_list(factories.contact())
    assert "saved" not in mark(browser.get(f"{page}/audience").text)
    told = browser.post(f"{page}/audience", {"lists": chosen.id}, htmx=True).text
    assert (
        mark(told) == "Saved just now" and 'id="saved" data-failed="Not saved" hx-swap-oob' in told
    )
    told = browser.post(f"{page}/report-settings", {"do": "options"}, htmx=True).text
    assert mark(told) == "Saved just now"
    refused = browser.post(f"{page}/report-settings", {"do": "question", "label": ""}, htmx=True)
    assert mark(refused.text) == "Not saved"


def test_a_broadcast_has_the_mark_too(client_for: SignIn) -> None:
    made = factories.action(factories.contact(), kind=ActionKind.BROADCAST, launched=False)
    page = f"/c/{factories.the_campaign().slug}/actions/{made.id}/details"
    assert mark(client_for(factories.admin()).get(page).text) == "Saved just now"
